"""The courier file: operations of one laptop on a USB stick, sealed to the council, signed by the laptop.

    magic (16) | version (2) | length of the header (4) | header, JSON | sealed content key (80) | nonce (24)
    | body: gzip of JSON, padded, XChaCha20-Poly1305 | signature (64)

The header is authenticated with the body, the Ed25519 signature covers every byte before it. A finder reads
which laptop wrote the file, when, and how many operations it holds; nothing of what they say. Pure functions;
`sync.carry` joins them to a store.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha512

import msgspec
from msgspec import Struct

from models.errors import HoldallError
from sync import wire

MAGIC = b"HOLDALL COURIER\n"
VERSION = 1
SUFFIX = ".holdall"
MAX_FILE = 64 * 1_048_576
MAX_UNPACKED = 128 * 1_048_576  # the JSON within
MAX_HEADER = 4_096
STEP = 4_096  # the body grows in steps of this, so that its length says little
_FRONT = struct.Struct(">16sHI")
_SEALED, _NONCE, _TAG, _SIGNATURE = 80, 24, 16, 64


class BadCourier(HoldallError):
    """A file that cannot be taken; `reason` is a word for programs."""

    def __init__(self, reason: str, title: str, advice: str) -> None:
        super().__init__(title, advice)
        self.reason = reason


class CourierKey(Struct):
    """A key pair that courier files are sealed to (base64, X25519): one key opens and seals for the whole
    council, so that a colleague can read a stick where there is no network."""

    key_id: str
    public: str
    private: str


class CourierDevice(Struct):
    """A laptop whose courier files a colleague may come to hold: its Ed25519 key in base64, its status."""

    device: str
    key: str
    status: str


class CourierKeys(Struct):
    """The keys of courier files, the newest first, and the laptops of the council."""

    keys: list[CourierKey]
    devices: list[CourierDevice]


def mark(key_id: str) -> str:
    """What a laptop hears of the key in use at a pull: enough to notice another one."""
    return key_id[-12:]


class Header(Struct, kw_only=True):
    """What stands in the clear: nothing of what the operations say."""

    bundle_id: str
    device: str
    key_id: str
    created: str
    count: int


class Content(Struct, kw_only=True):
    """What is sealed: the council, who speaks, the operations in the order of their numbers."""

    council: str
    name: str
    ops: list[wire.RawOp]


@dataclass(frozen=True)
class _Parts:
    """A courier file taken apart, nothing of it believed yet."""

    header: Header
    front: bytes  # everything that the body is authenticated with
    sealed: bytes
    nonce: bytes
    body: bytes
    signed: bytes
    signature: bytes


def make(header: Header, content: Content, council_key: bytes, seed: bytes) -> bytes:
    """The bytes of a courier file. `council_key` is the X25519 public key of `header.key_id`, `seed` the
    laptop's Ed25519 seed. Raises BadCourier when there is more than a file holds."""
    from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt as encrypt
    from nacl.public import PublicKey, SealedBox
    from nacl.signing import SigningKey
    from nacl.utils import random

    plain = wire.encode(content)
    if len(plain) > MAX_UNPACKED:
        raise _too_large()
    packed = wire.pack(plain)
    packed += bytes(-(len(packed) + _TAG) % STEP)
    head = wire.encode(header)
    front = _FRONT.pack(MAGIC, VERSION, len(head)) + head
    key, nonce = random(32), random(_NONCE)
    sealed = SealedBox(PublicKey(council_key)).encrypt(key)
    signed = front + sealed + nonce + encrypt(packed, front, nonce, key)
    if len(signed) + _SIGNATURE > MAX_FILE:
        raise _too_large()
    return signed + SigningKey(seed).sign(_digest(signed)).signature


def read_header(data: bytes) -> Header:
    """The header of a file of the right shape, not yet to be believed; raises BadCourier."""
    return _parts(data).header


def check_signature(data: bytes, device_key: bytes) -> Header:
    """The header, once the laptop's signature over the whole file holds; raises BadCourier."""
    from nacl.exceptions import BadSignatureError
    from nacl.signing import VerifyKey

    parts = _parts(data)
    try:
        VerifyKey(device_key).verify(_digest(parts.signed), parts.signature)
    except (BadSignatureError, ValueError, TypeError):
        raise _damaged() from None
    return parts.header


def open_file(data: bytes, keys: Mapping[str, bytes]) -> Content:
    """What a file holds; `keys` are X25519 private keys by key id. Raises BadCourier.

    The signature is the caller's to check: only the council knows whose key is whose.
    """
    from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as decrypt
    from nacl.exceptions import CryptoError
    from nacl.public import PrivateKey, SealedBox

    parts = _parts(data)
    private = keys.get(parts.header.key_id)
    if private is None:
        raise unknown_key()
    try:
        key = SealedBox(PrivateKey(private)).decrypt(parts.sealed)
        packed = decrypt(parts.body, parts.front, parts.nonce, key)
    except (CryptoError, ValueError, TypeError):
        raise _damaged() from None
    try:
        content = msgspec.json.decode(wire.unpack(packed, MAX_UNPACKED), type=Content)
    except OverflowError:
        raise _too_large() from None
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError):
        raise _damaged() from None
    if len(content.ops) != parts.header.count:
        raise _damaged()
    return content


def unknown_key() -> BadCourier:
    """The word for a file that this council's keys do not open."""
    return BadCourier(
        "unknown_key",
        "This courier file is from another council, or sealed with a key that is not here yet.",
        "Sync once, then bring it in again.",
    )


def other_council() -> BadCourier:
    """The word for a file that opens and speaks for somebody else's council."""
    return BadCourier(
        "other_council",
        "This courier file is from another council.",
        "Give it back to the person who carries it: only their own council can read it.",
    )


def revoked() -> BadCourier:
    """The word for a file of a laptop that was closed out."""
    return BadCourier(
        "courier_revoked",
        "The laptop that wrote this courier file was closed out by an administrator, so it is not taken.",
        "Keep the stick and tell your administrator.",
    )


def _parts(data: bytes) -> _Parts:
    if len(data) > MAX_FILE:
        raise _too_large()
    if not data.startswith(MAGIC):
        if data and MAGIC.startswith(data[: len(MAGIC)]):
            raise _damaged()
        raise BadCourier(
            "not_courier", "This is not a courier file.", f"Choose the file whose name ends in {SUFFIX}."
        )
    if len(data) < _FRONT.size:
        raise _damaged()
    _, version, length = _FRONT.unpack_from(data)
    if version > VERSION:
        raise BadCourier(
            "newer",
            "This courier file was written by a newer Holdall.",
            "Update Holdall on this laptop, then bring it in again.",
        )
    start = _FRONT.size + length
    end = len(data) - _SIGNATURE
    body = start + _SEALED + _NONCE
    if version < 1 or length > MAX_HEADER or end - body < STEP or (end - body) % STEP:
        raise _damaged()
    try:
        header = msgspec.json.decode(data[_FRONT.size : start], type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _damaged() from None
    return _Parts(
        header,
        data[:start],
        data[start : start + _SEALED],
        data[start + _SEALED : body],
        data[body:end],
        data[:end],
        data[end:],
    )


def _digest(signed: bytes) -> bytes:
    """What is signed: bound to this purpose, so that no other signature of the laptop can stand for it."""
    return b"holdall/courier/1\n" + sha512(signed).digest()


def _damaged() -> BadCourier:
    return BadCourier(
        "damaged",
        "This courier file is damaged or was altered, so nothing of it was taken.",
        "Copy it anew from the laptop that wrote it: the work is still there.",
    )


def _too_large() -> BadCourier:
    return BadCourier(
        "too_large",
        f"A courier file holds at most {MAX_FILE // 1_048_576} MB.",
        "Send the rest over a network, or as a second file.",
    )
