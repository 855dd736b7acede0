"""The server's own key: 32 bytes in a file outside the database, so that a copy of the database alone shows
no photo and opens no courier file.

`HOLDALL_SERVER_KEY_FILE` names the file. Without it, a key is made beside a SQLite database when it is
first needed; a PostgreSQL database has no such place, so there the variable has to be set.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from nacl.exceptions import CryptoError
from nacl.secret import Aead
from sqlalchemy import select

from models.errors import HoldallError
from models.keying import expand
from sync.server.store import ServerStore
from sync.server.tables import blob_chunk, courier_key

VARIABLE = "HOLDALL_SERVER_KEY_FILE"
SIZE = 32


class KeyMissing(HoldallError):
    """The server has no key of its own, or not the one that its database was sealed with."""


def server_key(store: ServerStore) -> bytes:
    """The key of this server, read or made once and kept with the open store; raises KeyMissing."""
    if store.key is None:
        path = key_file(store)
        if not path.exists():
            _make(store, path)
        store.key = _read(path)
    return store.key


def key_file(store: ServerStore) -> Path:
    """Where the key is, or would be made; raises KeyMissing where no place is known."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    if store.postgres:
        raise KeyMissing(
            "This server has no key of its own, so it cannot keep files.",
            f"Put 64 random hex digits into a file that only the server may read, and name it in {VARIABLE}.",
        )
    return Path(f"{store.engine.url.database}.key")


def seal(key: bytes, info: str, data: bytes, bound: bytes = b"") -> bytes:
    """Data encrypted for one purpose (`info`) and bound to what it belongs to: nonce and ciphertext of
    XChaCha20-Poly1305, 40 bytes longer than the data."""
    return bytes(Aead(expand(key, info)).encrypt(data, bound))


def open_sealed(key: bytes, info: str, sealed: bytes, bound: bytes = b"") -> bytes:
    """What `seal` was given; raises KeyMissing when key, purpose or binding differ, or a byte was altered."""
    try:
        return bytes(Aead(expand(key, info)).decrypt(bytes(sealed), bound))
    except (CryptoError, ValueError):
        raise KeyMissing(
            "The server's key does not open what this database holds.",
            "Bring back the key file that belongs to it.",
        ) from None


def _make(store: ServerStore, path: Path) -> None:
    """Writes a new key; never where it would hide that the one in use was lost."""
    if os.environ.get(VARIABLE) or _in_use(store):
        raise KeyMissing(
            f"The server's key file {path.name} is not where it should be.",
            "Bring it back from where you keep it: without it, files in the database cannot be read.",
        )
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        out.write(f"{secrets.token_hex(SIZE)}\n")
        out.flush()
        os.fsync(out.fileno())
    try:  # whoever is first wins, and nobody ever reads half a key
        if os.name == "nt":
            part.rename(path)
        else:
            os.link(part, path)
    except FileExistsError:
        pass
    finally:
        part.unlink(missing_ok=True)


def _in_use(store: ServerStore) -> bool:
    for council in store.councils():
        with store.read(council) as connection:
            for table in (blob_chunk, courier_key):
                where = table.c.tenant == council
                if connection.execute(select(table.c.tenant).where(where).limit(1)).first() is not None:
                    return True
    return False


def _read(path: Path) -> bytes:
    try:
        if os.name == "posix" and path.stat().st_mode & 0o007:
            raise KeyMissing(
                f"Everybody on this computer may read the server's key file {path.name}.",
                f"Close it: chmod 600 {path.name}",
            )
        data = path.read_bytes()
    except OSError:
        raise KeyMissing(
            f"The server's key file {path.name} cannot be read.", "Check where it is and whose it is."
        ) from None
    if len(data) == SIZE:
        return data
    try:
        key = bytes.fromhex(data.decode("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != SIZE:
        raise KeyMissing(
            f"The server's key file {path.name} does not hold a key.",
            "It holds 64 hex digits: openssl rand -hex 32",
        )
    return key
