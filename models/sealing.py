"""Sealing: what one person writes for their own eyes, turned into bytes that nobody else can read.

X25519 and XChaCha20-Poly1305 (libsodium). A body is sealed to the person's public key with a fresh key of
its own; what it belongs to (council, person, type, record, version of the form) is bound to it, so that a
body moved to another record or person does not open. Bodies are padded, so their length tells nothing.
The private key is kept only wrapped: by a passphrase (Argon2id) and by a recovery code of 160 random bits.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from models.errors import HoldallError

ALGORITHM = "x25519-xchacha20poly1305"
FORM = 1  # version of the envelope; bound to every body
PAD = 1024  # bodies are filled up to a multiple of this many bytes: a whole check fits into the first
KEY_BYTES, NONCE_BYTES, SALT_BYTES, CODE_BYTES = 32, 24, 16, 20
GROUPS, GROUP = 8, 4
Kdf = Mapping[str, int]
KDF: Kdf = {"ops": 3, "memory_kib": 65_536}  # about half a second; OWASP asks for at least 2 and 19,456
_LEAST_MEMORY, _MOST_MEMORY, _MOST_OPS = 8, 1_048_576, 20

_SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base32: no I, L, O or U
_CHECK_SYMBOLS = _SYMBOLS + "*~$=U"
_LOOK_ALIKES = str.maketrans({"I": "1", "L": "1", "O": "0"})

Randomness = Callable[[int], bytes]


class SealBroken(HoldallError):
    """A sealed body that does not open: changed on its way, moved, or sealed with another key."""


class WrongSecret(HoldallError):
    """A passphrase or recovery code that does not open the vault."""


@dataclass(frozen=True)
class Binding:
    """What a sealed body belongs to; a body opens only with the very binding it was sealed with."""

    tenant: str
    user: str
    type: str
    id: str

    def bytes(self) -> bytes:
        """The additional data of the cipher: tenant|user|type|id|version. ValueError for a bar in a part."""
        parts = (self.tenant, self.user, self.type, self.id, str(FORM))
        if any("|" in part for part in parts):
            raise ValueError("no part of a binding holds a bar")
        return "|".join(parts).encode()


@dataclass(frozen=True)
class KeyPair:
    """A person's key pair, 32 bytes each. It never shows itself in a log or a traceback."""

    public: bytes
    private: bytes = field(repr=False)

    @classmethod
    def of(cls, private: bytes) -> KeyPair:
        """The pair of a private key."""
        from nacl.bindings import crypto_scalarmult_base

        return cls(crypto_scalarmult_base(private), private)

    @property
    def name(self) -> str:
        """The short name of the pair, as envelopes carry it: 16 hex digits of the public key's hash."""
        return key_name(self.public)


def key_name(public: bytes) -> str:
    """The short name of a public key: 16 hex digits."""
    return hashlib.sha256(public).hexdigest()[:16]


def new_pair(randomness: Randomness = os.urandom) -> KeyPair:
    """A fresh key pair."""
    return KeyPair.of(randomness(KEY_BYTES))


# -- bodies ------------------------------------------------------------------------------------------


def seal(public: bytes, body: Any, binding: Binding, randomness: Randomness = os.urandom) -> dict[str, Any]:
    """The envelope of a body (JSON without floats): {v, alg, to, eph, ct}, all text but `v`."""
    fresh = new_pair(randomness)
    secret = _shared(fresh.private, public, fresh.public, public)
    plain = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return {
        "v": FORM,
        "alg": ALGORITHM,
        "to": key_name(public),
        "eph": _text(fresh.public),
        "ct": _text(_encrypt(secret, _padded(plain), binding.bytes(), randomness)),
    }


def unseal(pair: KeyPair, envelope: Any, binding: Binding) -> Any:
    """The body of an envelope; raises SealBroken when it was changed, moved or sealed for another key."""
    broken = SealBroken(
        "One private entry does not open: it was changed on its way, or sealed with another key.",
        "The rest of your vault is not touched by it.",
    )
    try:
        if envelope["v"] != FORM or envelope["alg"] != ALGORITHM:
            raise broken
        ephemeral = _bytes(envelope["eph"])
        secret = _shared(pair.private, ephemeral, ephemeral, pair.public)
        plain = _decrypt(secret, _bytes(envelope["ct"]), binding.bytes())
        if plain is None:
            raise broken
        return json.loads(_unpadded(plain))
    except (KeyError, TypeError, ValueError, RuntimeError):
        raise broken from None


def _shared(private: bytes, other: bytes, ephemeral: bytes, recipient: bytes) -> bytes:
    """The key of one body: the shared secret, hashed together with both public keys."""
    from nacl.bindings import crypto_scalarmult

    if len(other) != KEY_BYTES:
        raise ValueError("a public key is 32 bytes")
    secret = crypto_scalarmult(private, other)
    return hashlib.blake2b(
        secret + ephemeral + recipient, digest_size=KEY_BYTES, person=b"holdall/seal/1"
    ).digest()


def _padded(plain: bytes) -> bytes:
    return plain + b"\x80" + bytes(-(len(plain) + 1) % PAD)


def _unpadded(padded: bytes) -> bytes:
    plain, mark, rest = padded.rpartition(b"\x80")
    if not mark or rest.strip(b"\x00"):
        raise ValueError("the filling is not a filling")
    return plain


# -- wrapping the private key --------------------------------------------------------------------------


def wrap_by_passphrase(
    private: bytes, passphrase: str, binding: Binding, kdf: Kdf = KDF, randomness: Randomness = os.urandom
) -> dict[str, Any]:
    """The private key wrapped by a passphrase: {v, kdf, salt, ct}. Slow on purpose."""
    salt = randomness(SALT_BYTES)
    key = _derive(passphrase, salt, kdf)
    sealed = _encrypt(key, private, binding.bytes() + b"|passphrase", randomness)
    return {"v": FORM, "kdf": dict(kdf), "salt": _text(salt), "ct": _text(sealed)}


def unwrap_by_passphrase(wrapped: Any, passphrase: str, binding: Binding) -> KeyPair:
    """The pair behind a passphrase; raises WrongSecret, and nothing is changed by trying."""
    try:
        kdf = {"ops": int(wrapped["kdf"]["ops"]), "memory_kib": int(wrapped["kdf"]["memory_kib"])}
        key = _derive(passphrase, _bytes(wrapped["salt"]), kdf)
        private = _decrypt(key, _bytes(wrapped["ct"]), binding.bytes() + b"|passphrase")
    except (KeyError, TypeError, ValueError):
        private = None
    if private is None:
        raise WrongSecret(
            "This passphrase does not open your vault.",
            "Check capital letters and try again; nothing is lost.",
        )
    return KeyPair.of(private)


def wrap_by_code(
    private: bytes, code: bytes, binding: Binding, randomness: Randomness = os.urandom
) -> dict[str, Any]:
    """The private key wrapped by the 20 bytes of a recovery code: {v, ct}."""
    sealed = _encrypt(_code_key(code), private, binding.bytes() + b"|code", randomness)
    return {"v": FORM, "ct": _text(sealed)}


def unwrap_by_code(wrapped: Any, code: bytes, binding: Binding) -> KeyPair:
    """The pair behind a recovery code; raises WrongSecret."""
    try:
        private = _decrypt(_code_key(code), _bytes(wrapped["ct"]), binding.bytes() + b"|code")
    except (KeyError, TypeError, ValueError):
        private = None
    if private is None:
        raise WrongSecret(
            "This recovery code belongs to another vault, or an older code was replaced by a newer one.",
            "Look for the paper with the latest date.",
        )
    return KeyPair.of(private)


def _code_key(code: bytes) -> bytes:
    """160 random bits need no slow hash."""
    return hashlib.blake2b(code, digest_size=KEY_BYTES, person=b"holdall/code/1").digest()


def _derive(passphrase: str, salt: bytes, kdf: Kdf) -> bytes:
    from nacl.pwhash import argon2id

    ops, memory = kdf["ops"], kdf["memory_kib"]
    if not (1 <= ops <= _MOST_OPS and _LEAST_MEMORY <= memory <= _MOST_MEMORY and len(salt) == SALT_BYTES):
        raise ValueError("this vault asks for an impossible amount of work")
    # A passphrase typed on a Mac arrives in another normal form than the same one typed on Windows.
    words = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
    return bytes(argon2id.kdf(KEY_BYTES, words, salt, opslimit=ops, memlimit=memory * 1024))


# -- the recovery code -----------------------------------------------------------------------------------


def new_code(randomness: Randomness = os.urandom) -> bytes:
    """The 20 random bytes of a recovery code."""
    return randomness(CODE_BYTES)


def code_words(code: bytes) -> str:
    """A code as people write it down: eight groups of four, then a check symbol (Crockford base32).

    The check symbol is the number modulo 37, so every single slip and every swap of neighbours is noticed.
    """
    number = int.from_bytes(code, "big")
    text = "".join(_SYMBOLS[number >> shift & 31] for shift in range(5 * (GROUPS * GROUP - 1), -1, -5))
    groups = [text[start : start + GROUP] for start in range(0, GROUPS * GROUP, GROUP)]
    return "-".join([*groups, _CHECK_SYMBOLS[number % 37]])


def read_code(words: str) -> bytes:
    """The 20 bytes of a typed code; spaces, hyphens and case do not matter, O is 0, I and L are 1.

    Raises WrongSecret when it is too short, too long or has a slip in it.
    """
    typed = "".join(c for c in words.upper() if c.isalnum() or c in "*~$=")
    if len(typed) != GROUPS * GROUP + 1:
        raise WrongSecret(
            f"A recovery code has {GROUPS * GROUP + 1} signs; this has {len(typed)}.",
            "It is eight groups of four and one last sign.",
        )
    text, check = typed[:-1].translate(_LOOK_ALIKES), typed[-1].translate(_LOOK_ALIKES)
    slip = WrongSecret(
        "There is a slip in this recovery code.", "Compare it with your paper, group by group."
    )
    if any(sign not in _SYMBOLS for sign in text):
        raise slip
    number = 0
    for sign in text:
        number = number << 5 | _SYMBOLS.index(sign)
    if _CHECK_SYMBOLS[number % 37] != check:
        raise slip
    return number.to_bytes(CODE_BYTES, "big")


# -- the cipher ----------------------------------------------------------------------------------------


def _encrypt(key: bytes, plain: bytes, bound: bytes, randomness: Randomness) -> bytes:
    from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt as encrypt

    nonce = randomness(NONCE_BYTES)
    return nonce + encrypt(plain, bound, nonce, key)


def _decrypt(key: bytes, sealed: bytes, bound: bytes) -> bytes | None:
    """The plain bytes; None when the key, the bytes or what they are bound to do not fit."""
    from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as decrypt
    from nacl.exceptions import CryptoError

    try:
        return bytes(decrypt(sealed[NONCE_BYTES:], bound, sealed[:NONCE_BYTES], key))
    except (CryptoError, ValueError):
        return None


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None
