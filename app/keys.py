"""The key of the store: 32 random bytes in the computer's password store, or wrapped by a passphrase.

Where there is no password store the key is wrapped with Argon2id and XChaCha20-Poly1305; there is no
plaintext form of it anywhere. The folder holds `key.json`, which names the kind and lets a wrong key be
told from a damaged store.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path
from typing import Any, Literal

from app.errors import BadFile, CannotRunHere, KeyLost
from models.errors import WrongKey
from models.ids import new_id
from models.keying import expand

SERVICE = "holdall"
KEY_FILE = "key.json"
KDF = {"time": 3, "memory_kib": 65_536, "lanes": 4}  # OWASP asks for at least 2, 19,456 and 1
_KEPT = ("The password store does not let go of Holdall's key.", "Unlock it, then sync again.")
_REFUSED = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")


def database_key(master: bytes) -> bytes:
    """The raw key of the SQLCipher file."""
    return expand(master, "holdall/db/1")


def kind(home: Path) -> Literal["keyring", "passphrase"] | None:
    """How the store in this folder is locked; None when the folder holds no key file."""
    if not (home / KEY_FILE).exists():
        return None
    return "keyring" if _read(home)["kind"] == "keyring" else "passphrase"


def make(home: Path, passphrase: str | None = None, kdf: dict[str, int] | None = None) -> bytes:
    """Makes and keeps a new master key for a folder; with a passphrase where one is given, else in the
    computer's password store. Raises CannotRunHere when there is none."""
    master = secrets.token_bytes(32)
    entry: dict[str, Any] = {"v": 1, "install": new_id(), "check": _check(master)}
    if passphrase is None:
        _backend().set_password(SERVICE, entry["install"], base64.b64encode(master).decode())
        entry["kind"] = "keyring"
    else:
        entry.update(_wrap(master, passphrase, kdf or KDF), kind="passphrase")
    home.mkdir(parents=True, exist_ok=True)
    if os.name == "posix":
        home.chmod(0o700)
    partial = home / f"{KEY_FILE}.part"
    partial.write_text(json.dumps(entry, indent=1), encoding="utf-8")
    partial.replace(home / KEY_FILE)
    return master


def unlock(home: Path, passphrase: str | None = None) -> bytes:
    """The master key of a folder.

    Raises WrongKey for a passphrase that does not fit, CannotRunHere when a passphrase or the password
    store is needed and missing, BadFile when the key file is not readable.
    """
    entry = _read(home)
    if entry["kind"] == "keyring":
        found = _backend().get_password(SERVICE, entry["install"])
        if found is None:
            raise KeyLost(
                "The password store of this computer no longer holds Holdall's key.",
                "Sign in as the person who set Holdall up: without the key its work cannot be read. Or join "
                "again with a new code; the old store is kept.",
            )
        master = base64.b64decode(found)
    else:
        if not passphrase:
            raise CannotRunHere(
                "This store needs its passphrase.", "Type it, or set HOLDALL_PASSPHRASE for a command."
            )
        master = _unwrap(entry, passphrase)
    if not hmac.compare_digest(_check(master), entry["check"]):
        raise WrongKey("The key does not belong to this store.", "Open the folder it was made for.")
    return master


def is_lost(home: Path) -> bool:
    """Whether the password store was to keep the key of a folder and has none; no when it cannot be asked."""
    from keyring.errors import KeyringError

    entry = _read(home)
    try:
        return entry["kind"] == "keyring" and _backend().get_password(SERVICE, entry["install"]) is None
    except (CannotRunHere, KeyringError):
        return False


def destroy(home: Path) -> None:
    """Gives up the key of a folder for good: its store can never be read again. Raises CannotRunHere when
    the password store does not let go of it; then nothing is changed."""
    from keyring.errors import KeyringError, PasswordDeleteError

    path = home / KEY_FILE
    entry = _read(home)
    if entry["kind"] == "keyring":
        try:
            _backend().delete_password(SERVICE, entry["install"])
        except PasswordDeleteError:
            if _backend().get_password(SERVICE, entry["install"]) is not None:
                raise CannotRunHere(*_KEPT) from None
        except KeyringError as error:
            raise CannotRunHere(*_KEPT) from error
    with path.open("r+b") as file:  # over the old bytes first, as the name alone does not remove them
        file.write(bytes(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()


def password_store() -> str | None:
    """The name of the password store that would be used; None when this computer has none."""
    try:
        return str(_backend().name)
    except CannotRunHere:
        return None


def _backend() -> Any:
    import keyring
    import keyring.backend

    current = keyring.get_keyring()
    candidates = [current, *getattr(current, "backends", ())]
    for backend in candidates:
        module = type(backend).__module__
        if not module.startswith((*_REFUSED, "keyring.backends.chainer")):
            return backend
    raise CannotRunHere(
        "This computer has no password store that Holdall can use.", "Choose a passphrase instead."
    )


def _check(master: bytes) -> str:
    return hashlib.sha256(expand(master, "holdall/check/1")).hexdigest()[:32]


def _read(home: Path) -> dict[str, Any]:
    path = home / KEY_FILE
    try:
        entry = json.loads(path.read_text(encoding="utf-8"))
        if entry["kind"] not in ("keyring", "passphrase") or not isinstance(entry["check"], str):
            raise KeyError("kind")
    except FileNotFoundError:
        raise BadFile(
            "This folder holds no key for a store.", "Choose another folder, or start anew."
        ) from None
    except (ValueError, KeyError, TypeError, OSError):
        raise BadFile(
            f"The file {KEY_FILE} in Holdall's folder is damaged.", "Bring back last night's copy of it."
        ) from None
    else:
        return dict(entry)


def _derive(passphrase: str, salt: bytes, kdf: dict[str, int]) -> bytes:
    from argon2.low_level import Type, hash_secret_raw

    return hash_secret_raw(
        passphrase.encode("utf-8", "surrogatepass"),
        salt,
        time_cost=kdf["time"],
        memory_cost=kdf["memory_kib"],
        parallelism=kdf["lanes"],
        hash_len=32,
        type=Type.ID,
    )


def _wrap(master: bytes, passphrase: str, kdf: dict[str, int]) -> dict[str, Any]:
    from nacl.secret import Aead

    salt = secrets.token_bytes(16)
    box = Aead(_derive(passphrase, salt, kdf))
    sealed = box.encrypt(master, b"holdall/key/1")
    return {
        "kdf": kdf,
        "salt": base64.b64encode(salt).decode(),
        "wrapped": base64.b64encode(bytes(sealed)).decode(),
    }


def _unwrap(entry: dict[str, Any], passphrase: str) -> bytes:
    from nacl.exceptions import CryptoError
    from nacl.secret import Aead

    kdf = {name: int(entry["kdf"][name]) for name in KDF}
    if kdf["memory_kib"] > 1_048_576 or kdf["time"] > 20:
        raise BadFile(
            f"The file {KEY_FILE} asks for far too much work.", "Bring back last night's copy of it."
        )
    box = Aead(_derive(passphrase, base64.b64decode(entry["salt"]), kdf))
    try:
        return bytes(box.decrypt(base64.b64decode(entry["wrapped"]), b"holdall/key/1"))
    except CryptoError:
        raise WrongKey(
            "This passphrase does not open the store.",
            "Check capital letters and try again; nothing is lost.",
        ) from None
