"""Files beside the store: photos and pictures, encrypted in pieces of 64 KiB.

- a file is named by the SHA-256 of what it holds; its key comes from the store's own
- each piece is bound to its file, its place and the file's length, so that none can be swapped, cut or moved
- a file is there whole or not at all: it is written as `.part`, flushed to the disk, then renamed
- what was altered or cut short raises FileDamaged; wrong bytes are never handed out
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

from models import failpoints
from models.errors import DiskFull, FileDamaged, StoreError
from models.keying import expand

PIECE = 64 * 1024  # bytes of plaintext
MARK = b"HOLDBLB1"
_NONCE, _TAG = 24, 16
_STEP = _NONCE + PIECE + _TAG
_NAME = re.compile(r"[0-9a-f]{64}")


class Folder:
    """The files beside one store."""

    def __init__(self, path: Path, store_key: bytes) -> None:
        self.path = path
        self._key = expand(store_key, "holdall/blob/1")

    def write(self, sha256: str, data: bytes) -> None:
        """Keeps a whole file; when this returns it is on the disk under its name."""
        part = self._new_part(sha256)
        try:
            with self._in_words(), part.open("wb") as out:
                out.write(MARK)
                for index in range(pieces(len(data))):
                    out.write(self._seal(sha256, len(data), index, data[index * PIECE : (index + 1) * PIECE]))
                out.flush()
                os.fsync(out.fileno())
            self._name(part, sha256)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        failpoints.hit("blob_on_disk")

    def read(self, sha256: str, size: int, start: int = 0, length: int | None = None) -> bytes:
        """The bytes of a file, or `length` of them from `start`; raises FileDamaged."""
        end = size if length is None else min(size, start + length)
        return b"".join(self.stream(sha256, size, start, end))

    def stream(self, sha256: str, size: int, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The same piece by piece, so that a large file is never in memory whole."""
        return self._stream(self.file(sha256), sha256, size, start, size if end is None else end)

    def _stream(self, path: Path, sha256: str, size: int, start: int, end: int) -> Iterator[bytes]:
        with self._in_words(), path.open("rb") as source:
            for index in range(start // PIECE, pieces(end)):
                source.seek(len(MARK) + index * _STEP)
                plain = self._open(sha256, size, index, source.read(_STEP))
                first = index * PIECE
                yield plain[max(0, start - first) : max(0, end - first)]

    def has(self, sha256: str, size: int) -> bool:
        """Whether a file of the right length is there; its bytes are not looked at."""
        try:
            return self.file(sha256).stat().st_size == _length(size)
        except OSError:
            return False

    # -- a file that comes in by and by --------------------------------------------------------------

    def append(self, sha256: str, size: int, done: int, data: bytes) -> None:
        """Adds to a file that is coming in: `done` bytes are there, a whole number of pieces."""
        path = self._part(sha256)
        with self._in_words():
            self._make_room(path)
            with path.open("r+b" if path.exists() else "w+b") as out:
                out.truncate(len(MARK) + done // PIECE * _STEP)
                out.seek(0)
                out.write(MARK)
                for offset in range(0, len(data), PIECE):
                    index = (done + offset) // PIECE
                    out.seek(len(MARK) + index * _STEP)
                    out.write(self._seal(sha256, size, index, data[offset : offset + PIECE]))
                out.flush()
                os.fsync(out.fileno())

    def coming(self, sha256: str) -> int:
        """Bytes of a file that is coming in which are safe on the disk: a whole number of pieces."""
        try:
            return max(0, self._part(sha256).stat().st_size - len(MARK)) // _STEP * PIECE
        except OSError:
            return 0

    def finish(self, sha256: str, size: int) -> None:
        """Names a file that has come in whole; raises FileDamaged when it is not the one that was named,
        and then lets its bytes go."""
        path, digest = self._part(sha256), hashlib.sha256()
        try:
            for piece in self._stream(path, sha256, size, 0, size):
                digest.update(piece)
        except FileDamaged:
            path.unlink(missing_ok=True)
            raise
        if digest.hexdigest() != sha256:
            path.unlink(missing_ok=True)
            raise FileDamaged("A file came in with other bytes than its own.", "It is fetched again.")
        self._name(path, sha256)
        failpoints.hit("blob_on_disk")

    def drop(self, sha256: str) -> None:
        """Lets the bytes of a file go, whole or coming in."""
        self._part(sha256).unlink(missing_ok=True)
        with contextlib.suppress(FileNotFoundError):
            self.file(sha256).unlink()

    def sweep(self, named: set[str]) -> int:
        """Removes what no row names (a crash came between file and row); returns how many files went."""
        gone = 0
        for path in list(self.path.glob("*/*")):
            if path.name.split(".")[0] not in named:
                path.unlink(missing_ok=True)
                gone += 1
        return gone

    # -- pieces ----------------------------------------------------------------------------------------

    def file(self, sha256: str) -> Path:
        """Where a file is, or would be."""
        if not _NAME.fullmatch(sha256):
            raise ValueError("a file is named by 64 hex digits")
        return self.path / sha256[:2] / sha256

    def _part(self, sha256: str) -> Path:
        return self.file(sha256).with_name(f"{sha256}.coming.part")

    def _new_part(self, sha256: str) -> Path:
        path = self.file(sha256).with_name(f"{sha256}.{secrets.token_hex(4)}.part")
        with self._in_words():
            self._make_room(path)
        return path

    def _make_room(self, path: Path) -> None:
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
            _flush_folder(path.parent.parent)

    def _name(self, part: Path, sha256: str) -> None:
        target = self.file(sha256)
        with self._in_words():
            try:
                part.replace(target)
            except PermissionError:  # Windows, while somebody reads the same file: it holds the same bytes
                if not target.exists():
                    raise
                part.unlink(missing_ok=True)
            _flush_folder(target.parent)

    def _seal(self, sha256: str, size: int, index: int, plain: bytes) -> bytes:
        from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt as encrypt

        nonce = secrets.token_bytes(_NONCE)
        return nonce + encrypt(plain, _bound(sha256, size, index), nonce, self._key)

    def _open(self, sha256: str, size: int, index: int, sealed: bytes) -> bytes:
        from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as decrypt
        from nacl.exceptions import CryptoError

        try:
            plain = decrypt(sealed[_NONCE:], _bound(sha256, size, index), sealed[:_NONCE], self._key)
        except (CryptoError, ValueError, TypeError):
            raise _damaged() from None
        if len(plain) != min(PIECE, size - index * PIECE):
            raise _damaged()
        return bytes(plain)

    @contextlib.contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise _damaged() from None
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFull(
                    "The disk is full, so this file was not saved.",
                    "What was saved before is safe. Free some space, then try again.",
                ) from error
            raise StoreError(
                f"The folder {self.path.name} beside the store cannot be used here.",
                "Check the rights on it, then try again.",
            ) from error


def pieces(size: int) -> int:
    """How many pieces a file of so many bytes has."""
    return -(-size // PIECE)


def _length(size: int) -> int:
    """How long a file of so many bytes is on the disk."""
    return len(MARK) + size + pieces(size) * (_NONCE + _TAG)


def _bound(sha256: str, size: int, index: int) -> bytes:
    return bytes.fromhex(sha256) + size.to_bytes(8, "big") + index.to_bytes(4, "big")


def _damaged() -> FileDamaged:
    return FileDamaged(
        "A file beside the store is missing or damaged.",
        "It is fetched again from the server when there is one; else bring back last night's copy.",
    )


def _flush_folder(path: Path) -> None:
    """Makes a rename last through a power cut; Windows does so by itself and has no call for it."""
    if os.name == "posix":
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
