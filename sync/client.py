"""The laptop's side of the wire: what it asks of its server as somebody who joined, and joining."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Callable
from typing import Protocol, TypeVar, runtime_checkable
from urllib.parse import quote

from models.ids import new_id
from sync import codes, courier, wire
from sync.account import Account, public_key, sign
from sync.caller import READ_SECONDS, Caller, check_address, patiently
from sync.errors import ClockOff, Offline, SyncError, TokenExpired
from sync.wire_snapshot import SnapshotPage, SnapshotRequest

__all__ = [
    "Caller",
    "FileTransport",
    "HttpTransport",
    "Preparing",
    "Transport",
    "check_address",
    "enrol",
    "enrol_signed_in",
    "hello",
    "sign_in_offers",
]
Message = TypeVar("Message")


class Transport(Protocol):
    """What the engine needs of a server; a courier or a simulator may stand in its place."""

    account: Account

    @property
    def epoch(self) -> str:
        """The epoch that the last answer came from."""

    @property
    def skew_ms(self) -> int:
        """How far this laptop's clock is ahead of the server's, in milliseconds."""

    def push(self, body: bytes) -> wire.PushAnswer:
        """Hands over operations (JSON of wire.RawPush); raises SyncError."""

    def pull(self, asked: wire.PullRequest) -> wire.PullAnswer:
        """Reads on in the log; raises SyncError."""

    def snapshot(self, asked: SnapshotRequest) -> SnapshotPage:
        """Reads a page of a scope's records as they are now; raises SyncError."""

    def chain(self, asked: wire.ChainRequest) -> wire.ChainAnswer:
        """The server's hash chain at some numbers; raises SyncError."""

    def new_device(self, asked: wire.DeviceRequest) -> wire.Tokens:
        """Lets a copy of this laptop go on under another id; raises SyncError."""


@runtime_checkable
class Preparing(Protocol):
    """A transport that can make a push ready while another is under way."""

    def prepare(self, body: bytes) -> None:
        """Makes ready what push() will be given next."""


@runtime_checkable
class FileTransport(Protocol):
    """What sending and fetching files needs of a server; each raises SyncError."""

    @property
    def epoch(self) -> str:
        """The epoch that the last answer came from."""

    def offer_file(self, offer: wire.FileOffer) -> wire.FileState:
        """Says that a file is here; the answer says how much of it the server has."""

    def send_file(self, sha256: str, offset: int, data: bytes) -> wire.FileState:
        """Sends a file on from `offset`."""

    def find_files(self, names: list[str]) -> list[wire.FileState]:
        """What the server has of these files (at most wire.MAX_FIND)."""

    def fetch_file(self, sha256: str, offset: int, length: int) -> bytes:
        """Bytes of a file from `offset`: at least one, at most `length`."""


class HttpTransport:
    """A server reached by HTTP, for a laptop that has joined. Renews its tokens as needed."""

    parallel = True  # a request may run on another thread than the one that asked (sync.ahead)

    def __init__(
        self,
        account: Account,
        keep: Callable[[Account], None] | None = None,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        self.account = account
        self._keep = keep or (lambda account: None)
        self._caller = Caller(account.server, read_seconds)

    @property
    def epoch(self) -> str:
        """The epoch that the last answer came from."""
        return self._caller.epoch

    @property
    def skew_ms(self) -> int:
        """How far this laptop's clock is ahead of the server's, half a round trip taken off."""
        return self._caller.skew_ms

    def prepare(self, body: bytes) -> None:
        """Makes ready what push() will be given next."""
        self._caller.prepare(body)

    def push(self, body: bytes) -> wire.PushAnswer:
        """Hands over operations."""
        return self._signed_in("POST", "/v1/push", wire.PushAnswer, body)

    def pull(self, asked: wire.PullRequest) -> wire.PullAnswer:
        """Reads on in the log."""
        return self._signed_in("POST", "/v1/pull", wire.PullAnswer, wire.encode(asked))

    def offer_file(self, offer: wire.FileOffer) -> wire.FileState:
        """Says that a file is here; the answer says how much of it the server has."""
        return self._signed_in("POST", "/v1/blobs", wire.FileState, wire.encode(offer))

    def send_file(self, sha256: str, offset: int, data: bytes) -> wire.FileState:
        """Sends a file on from `offset`."""
        digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
        headers = {
            "Upload-Offset": str(offset),
            "Content-Digest": f"sha-256=:{digest}:",
            "Content-Type": "application/octet-stream",
        }
        path = f"/v1/blobs/{sha256}"
        return self._as_laptop(
            lambda: self._caller.message(
                self._caller.send("PATCH", path, headers, data, self.account), wire.FileState
            )
        )

    def find_files(self, names: list[str]) -> list[wire.FileState]:
        """What the server has of these files."""
        asked = wire.encode(wire.FindFiles(names))
        return self._signed_in("POST", "/v1/blobs/find", wire.FoundFiles, asked).files

    def fetch_file(self, sha256: str, offset: int, length: int) -> bytes:
        """Bytes of a file from `offset`."""
        headers = {"Range": f"bytes={offset}-{offset + length - 1}", "If-Range": f'"{sha256}"'}
        path = f"/v1/blobs/{sha256}"
        data = self._as_laptop(
            lambda: self._caller.contents(self._caller.send("GET", path, headers, None, self.account))
        )
        if not 0 < len(data) <= length:
            raise Offline("The server's answer was cut short on the way.", "It is asked again by itself.")
        return data

    def snapshot(self, asked: SnapshotRequest) -> SnapshotPage:
        """Reads a page of a scope's records as they are now."""
        return self._signed_in("POST", "/v1/snapshot", SnapshotPage, wire.encode(asked))

    def hand_on(self, data: bytes) -> wire.PushAnswer:
        """Hands on a courier file that a colleague wrote."""
        headers = {"Content-Type": "application/octet-stream"}
        return self._as_laptop(
            lambda: self._caller.message(
                self._caller.send("POST", "/v1/courier", headers, data, self.account), wire.PushAnswer
            )
        )

    def courier_keys(self) -> courier.CourierKeys:
        """The keys of courier files."""
        return self._signed_in("GET", "/v1/courier/keys", courier.CourierKeys)

    def chain(self, asked: wire.ChainRequest) -> wire.ChainAnswer:
        """The server's hash chain at some numbers."""
        return self._signed_in("POST", "/v1/chain", wire.ChainAnswer, wire.encode(asked))

    def new_device(self, asked: wire.DeviceRequest) -> wire.Tokens:
        """Lets a copy of this laptop go on under another id."""
        return self._signed_in("POST", "/v1/device", wire.Tokens, wire.encode(asked))

    def admin_code(self, asked: wire.CodeRequest) -> wire.CodeAnswer:
        """An enrolment code for a colleague; needs the role admin."""
        return self._signed_in("POST", "/v1/admin/codes", wire.CodeAnswer, wire.encode(asked))

    def quarantine(self) -> list[wire.QuarantineRow]:
        """What laptops that were closed out have left; needs the role lead or admin."""
        return self._signed_in("GET", "/v1/admin/quarantine", list[wire.QuarantineRow])

    def quarantined(self, part: str) -> wire.QuarantineItems:
        """What one part of it holds."""
        return self._signed_in("GET", f"/v1/admin/quarantine/{quote(part)}", wire.QuarantineItems)

    def close(self) -> None:
        """Closes the connections."""
        self._caller.close()

    def _signed_in(self, method: str, path: str, kind: type[Message], body: bytes | None = None) -> Message:
        return self._as_laptop(lambda: self._caller.call(method, path, kind, body, self.account))

    def _as_laptop(self, request: Callable[[], Message]) -> Message:
        """Makes a request as this laptop; once more when its token or its clock was at fault."""
        if time.time() >= self.account.access_until:
            self._renew()
        try:
            return request()
        except TokenExpired:
            self._renew()
            return request()
        except ClockOff:  # the answer has told the server's time
            return request()

    def _renew(self) -> None:
        account = self.account
        try:
            tokens = self._caller.call("POST", "/v1/token", wire.Tokens, self._renewal())
        except ClockOff:  # the answer has told the server's time
            tokens = self._caller.call("POST", "/v1/token", wire.Tokens, self._renewal())
        account.take_tokens(tokens, time.time(), self._caller.server_ms())
        self._keep(account)

    def _renewal(self) -> bytes:
        account, at = self.account, self._caller.server_ms()
        proof = account.sign(wire.refresh_text(account.device, account.refresh, at))
        return wire.encode(wire.TokenRequest(account.device, account.refresh, at, proof))


def enrol(
    server: str,
    typed_code: str,
    device: str | None = None,
    device_name: str = "Laptop",
    again: Account | None = None,
    attempts: int = 3,
) -> Account:
    """Joins a server with a code and returns the account, which the caller keeps with `account.save`.

    Raises HoldallError: a code with a typing slip is noticed before any server is asked. `device` is the
    id this laptop writes under; a new one is made when none is given. `again` is the account of a laptop
    that was signed out: it comes back under its old id and key, and nothing is counted anew.
    """
    code = codes.read(typed_code)
    if code is None:
        raise SyncError(
            "That is not a code: it has eight letters and digits, such as AVW7-K2M9.",
            "Check each character with the person who gave it to you.",
        )
    seed, device_id = _laptop(device, again)
    key = public_key(seed)
    proof = sign(seed, wire.enrol_text(code, device_id, key))
    asked = wire.encode(wire.EnrolRequest(code, device_id, device_name, key, proof))
    return _join(server, "/v1/enrol", asked, seed, attempts)


def enrol_signed_in(
    server: str,
    offer: wire.SignInOffer,
    token: str,
    device: str | None = None,
    device_name: str = "Laptop",
    again: Account | None = None,
    attempts: int = 3,
) -> Account:
    """The same with the token that a sign-in (`sync.oidc`) has brought."""
    seed, device_id = _laptop(device, again)
    key = public_key(seed)
    proof = sign(seed, wire.sign_in_text(token, device_id, key))
    asked = wire.SignInRequest(offer.issuer, token, device_id, device_name, key, proof, offer.tenant)
    return _join(server, "/v1/enrol/oidc", wire.encode(asked), seed, attempts)


def _laptop(device: str | None, again: Account | None) -> tuple[bytes, str]:
    """The key and id that a laptop joins with."""
    if again is not None:
        return base64.b64decode(again.seed), again.device
    return secrets.token_bytes(32), device or new_id()


def _join(server: str, path: str, asked: bytes, seed: bytes, attempts: int) -> Account:
    caller = Caller(server)
    try:
        answer = patiently(lambda: caller.call("POST", path, wire.EnrolAnswer, asked), attempts)
    finally:
        caller.close()
    who = answer.standing
    account = Account(
        server=caller.server,
        tenant=answer.tenant,
        device=answer.device,
        user=who.user,
        name=who.name,
        roles=who.roles,
        teams=who.teams,
        scopes=who.scopes,
        council=answer.council.name,
        telephone=answer.council.telephone,
        seed=base64.b64encode(seed).decode(),
        access="",
        refresh="",
        access_until=0,
        shared=answer.shared,
        grace_days=who.grace_days,
    )
    account.take_tokens(answer.tokens, time.time(), caller.server_ms())
    return account


def sign_in_offers(server: str) -> list[wire.SignInOffer]:
    """The ways to sign in with a council account that a server offers; raises SyncError."""
    caller = Caller(server)
    try:
        return caller.call("GET", "/v1/sign-in", wire.SignInOffers).offers
    finally:
        caller.close()


def hello(server: str) -> wire.Hello:
    """What a server says of itself; raises SyncError when there is none at this address."""
    caller = Caller(server)
    try:
        return caller.call("GET", "/v1/hello", wire.Hello)
    finally:
        caller.close()
