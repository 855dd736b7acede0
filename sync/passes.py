"""The messages at the doors of the server: joining, tokens, laptops, signing in, being closed out; and the
texts that a laptop signs there. `sync.wire` names them all.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from msgspec import Raw, Struct

__all__ = [
    "CodeAnswer",
    "CodeRequest",
    "CouncilCard",
    "DeviceKey",
    "DeviceRow",
    "EnrolAnswer",
    "EnrolRequest",
    "QuarantineAnswer",
    "QuarantineItems",
    "QuarantineRequest",
    "QuarantineRow",
    "RevokeRequest",
    "SignInOffer",
    "SignInOffers",
    "SignInRequest",
    "Standing",
    "TokenRequest",
    "Tokens",
    "enrol_text",
    "quarantine_text",
    "refresh_text",
    "request_text",
    "sign_in_text",
]


class Standing(Struct):
    """What the person may read and do now."""

    user: str
    name: str
    roles: list[str]
    teams: list[str]
    scopes: list[str]
    sites: list[str] = []
    grace_days: int = 14  # that this laptop may be written on without meeting the server
    courier: str | None = None  # the mark of the key of courier files; None: this server has none


class SignInOffer(Struct):
    """A way to sign in with a council account: the identity provider, what this program is called there,
    what to ask it for, and which of its tokens (access or id) the server wants to see."""

    tenant: str
    council: str
    label: str
    issuer: str
    client_id: str
    scopes: list[str]
    resource: str = ""
    token: str = "access"  # noqa: S105  a word


class SignInOffers(Struct):
    """Every way to sign in that a server offers."""

    offers: list[SignInOffer]


class SignInRequest(Struct):
    """A laptop asks to join for a person who has signed in with an identity provider."""

    issuer: str
    token: str
    device: str
    device_name: str
    key: str
    proof: str  # base64 of the signature over sign_in_text()
    tenant: str = ""


class CouncilCard(Struct):
    """The council as screens and paper name it."""

    name: str
    telephone: str = ""


class EnrolRequest(Struct):
    """A laptop asks to join: the code, its key, and its signature of both."""

    code: str
    device: str
    device_name: str
    key: str  # base64 of an Ed25519 public key
    proof: str  # base64 of the signature over enrol_text()


class Tokens(Struct):
    """What opens the door: a short-lived access token and the one that renews it."""

    access: str
    refresh: str
    expires_in: int  # seconds


class EnrolAnswer(Struct):
    """Who the laptop is for, and its tokens."""

    tenant: str
    device: str
    council: CouncilCard
    standing: Standing
    tokens: Tokens
    shared: bool = False


class TokenRequest(Struct):
    """A refresh token with the device's signature over refresh_text(), made at the moment `at` by the
    server's clock (ms since 1970)."""

    device: str
    refresh: str
    at: int
    proof: str


class CodeRequest(Struct):
    """An administrator asks for an enrolment code for a person."""

    user: str
    name: str
    roles: list[str]
    teams: list[str]
    shared: bool = False


class CodeAnswer(Struct):
    """The code to read out, and until when it works (UTC, ISO)."""

    code: str
    expires: str


class DeviceRow(Struct):
    """A laptop as an administrator sees it."""

    device: str
    name: str
    user: str
    status: str
    last_seen: str | None
    copied_from: str | None = None  # the laptop whose disk this one was copied from


class DeviceKey(Struct):
    """A laptop's key as colleagues may know it, to tell whose seal a paper bears."""

    device: str
    name: str
    user: str
    key: str  # base64 of the Ed25519 public key
    status: str


class RevokeRequest(Struct):
    """An administrator closes the door to a laptop."""

    device: str


class QuarantineRequest(Struct):
    """A part of what a laptop that was closed out had not sent: a JSON list of objects, operations as it
    sends them and pieces of files. A part that is sent again has the same id."""

    tenant: str
    device: str
    id: str
    items: Raw
    proof: str  # base64 of the signature over quarantine_text()


class QuarantineAnswer(Struct):
    """The part is kept, with so many items."""

    id: str
    items: int


class QuarantineRow(Struct):
    """A part in quarantine, as a lead or an administrator sees it."""

    id: str
    device: str
    device_name: str
    user: str
    name: str
    received: str
    items: int


class QuarantineItems(Struct):
    """What a part holds, but for `withheld` items of scopes that the reader may not see."""

    id: str
    items: list[dict[str, Any]]
    withheld: int = 0


def enrol_text(code: str, device: str, key: str) -> bytes:
    """What a laptop signs to show that the key it brings is its own."""
    return f"holdall/enrol/1\n{code}\n{device}\n{key}".encode()


def sign_in_text(token: str, device: str, key: str) -> bytes:
    """The same for a laptop that joins with a provider's token."""
    return f"holdall/sign-in/1\n{sha256(token.encode()).hexdigest()}\n{device}\n{key}".encode()


def refresh_text(device: str, refresh: str, at: int) -> bytes:
    """What a laptop signs to renew its access."""
    return f"holdall/refresh/1\n{device}\n{refresh}\n{at}".encode()


def quarantine_text(device: str, part: str, items: bytes) -> bytes:
    """What a laptop that was closed out signs with each part of its unsent work."""
    return f"holdall/quarantine/1\n{device}\n{part}\n{sha256(items).hexdigest()}".encode()


def request_text(method: str, target: str, body: bytes, at: int, nonce: str, bearer: str) -> bytes:
    """What a laptop signs for each request: what it asks, with the bytes that travel, the moment by the
    server's clock (ms), a number used once, and the access token it goes with."""
    digests = f"{sha256(body).hexdigest()}\n{at}\n{nonce}\n{sha256(bearer.encode()).hexdigest()}"
    return f"holdall/request/1\n{method}\n{target}\n{digests}".encode()
