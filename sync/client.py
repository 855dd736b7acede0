"""The laptop's side of the wire: requests with limits on everything, and a wary eye on what answers.

Venue Wi-Fi answers 200 with a sign-in page: only JSON with a Holdall-Epoch header counts as the server.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Callable
from typing import Any, Protocol, TypeAlias, TypeVar, runtime_checkable
from urllib.parse import urlsplit

import msgspec
import requests

from models.ids import new_id
from sync import codes, wire
from sync.account import Account, public_key, sign
from sync.backoff import retry_after
from sync.errors import (
    CaptivePortal,
    ClockOff,
    Offline,
    Refused,
    ServerBusy,
    SignedOut,
    SyncError,
    TokenExpired,
)
from sync.wire_snapshot import SnapshotPage, SnapshotRequest

CONNECT_SECONDS, READ_SECONDS = 5.0, 60.0
PACK_FROM = 300  # bytes from which packing a request is worth it
ANSWER_LIMIT = 64 * 1_048_576
APP = "2026.11.0"
Message = TypeVar("Message")
Answer: TypeAlias = tuple[requests.Response, bytes]


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


class Caller:
    """One keep-alive session with one server address."""

    def __init__(self, server: str, read_seconds: float = READ_SECONDS) -> None:
        self.server = check_address(server)
        self.epoch = ""
        self.skew_ms = 0
        self._timeout = (CONNECT_SECONDS, read_seconds)
        self._session = requests.Session()
        self._session.auth = _NoSurprises()
        self._session.trust_env = False  # no .netrc signs our requests, no variable names other certificates
        self._session.proxies.update(requests.utils.get_environ_proxies(self.server, no_proxy=None))
        self._session.headers.update({"User-Agent": "holdall", "Accept-Encoding": "gzip"})
        del self._session.headers["Connection"]  # HTTP/1.1 keeps it open anyhow
        if self.server.startswith("https:"):
            import truststore

            truststore.inject_into_ssl()  # the council's own roots, as the system knows them

    def call(
        self,
        method: str,
        path: str,
        kind: type[Message],
        body: bytes | None = None,
        account: Account | None = None,
    ) -> Message:
        """One request, signed by the laptop of an account where one is given; the answer as a message.
        Raises a SyncError for everything else."""
        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
            if len(body) > PACK_FROM:
                body = wire.pack(body)
                headers["Content-Encoding"] = "gzip"
        return self.message(self.send(method, path, headers, body, account), kind)

    def send(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None, account: Account | None
    ) -> Answer:
        """One request with a body as it travels; raises Offline when no whole answer comes back, and
        CaptivePortal when it is not the server's."""
        headers = {
            "Holdall-Protocol": str(wire.PROTOCOL),
            "Holdall-App": APP,
            "Holdall-Schema": str(wire.SCHEMA),
            **headers,
        }
        if account is not None:
            headers |= account.signed_headers(method, path, body or b"", self.server_ms())
        sent_at = time.time()
        try:
            with self._session.request(
                method,
                self.server + path,
                data=body,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                self._note_clock(response.headers.get("Holdall-Server-Time"), sent_at)
                data = _read(response)
        except requests.exceptions.SSLError as error:
            raise SyncError(
                "The server's certificate is not one this laptop trusts, so nothing was sent.",
                "Ask IT to check the server's certificate and this laptop's date.",
            ) from error
        except (requests.RequestException, OSError) as error:
            raise Offline(
                "The server cannot be reached from here.",
                "Go on working: everything is kept and goes out by itself later.",
            ) from error
        if "Holdall-Epoch" not in response.headers:
            raise _not_the_server()
        return response, data

    def message(self, answer: Answer, kind: type[Message]) -> Message:
        """The message in an answer; raises the SyncError that it stands for."""
        response, data = answer
        if response.headers.get("Content-Type", "").split(";")[0].strip() != "application/json":
            raise _not_the_server()
        if response.status_code != 200:
            raise _problem(response, data)
        try:
            message = msgspec.json.decode(data, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Offline(
                "The server's answer was cut short on the way.", "It is asked again by itself."
            ) from error
        self._note_epoch(response)
        return message

    def contents(self, answer: Answer) -> bytes:
        """The bytes in an answer; raises the SyncError that it stands for."""
        response, data = answer
        if response.status_code not in (200, 206):
            raise _problem(response, data)
        self._note_epoch(response)
        return data

    def server_ms(self) -> int:
        """The moment by the server's clock, as far as its answers told (ms since 1970)."""
        return int(time.time() * 1000) - self.skew_ms

    def close(self) -> None:
        """Closes the connections."""
        self._session.close()

    def _note_epoch(self, response: requests.Response) -> None:
        epoch = response.headers["Holdall-Epoch"]
        if epoch != "-":
            self.epoch = epoch

    def _note_clock(self, header: str | None, sent_at: float) -> None:
        try:
            server = int(header or "")
        except ValueError:
            return
        now = time.time()  # the answer's head has just come; its body may take far longer
        self.skew_ms = int((now - min((now - sent_at) / 2, 0.5)) * 1000) - server


class HttpTransport:
    """A server reached by HTTP, for a laptop that has joined. Renews its tokens as needed."""

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

    def admin_code(self, asked: wire.CodeRequest) -> wire.CodeAnswer:
        """An enrolment code for a colleague; needs the role admin."""
        return self._signed_in("POST", "/v1/admin/codes", wire.CodeAnswer, wire.encode(asked))

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
        account.take_tokens(tokens, time.time())
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
    seed = base64.b64decode(again.seed) if again is not None else secrets.token_bytes(32)
    device_id = again.device if again is not None else device or new_id()
    key = public_key(seed)
    proof = sign(seed, wire.enrol_text(code, device_id, key))
    asked = wire.encode(wire.EnrolRequest(code, device_id, device_name, key, proof))
    caller = Caller(server)
    try:
        answer = _patiently(lambda: caller.call("POST", "/v1/enrol", wire.EnrolAnswer, asked), attempts)
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
    )
    account.take_tokens(answer.tokens, time.time())
    return account


def hello(server: str) -> wire.Hello:
    """What a server says of itself; raises SyncError when there is none at this address."""
    caller = Caller(server)
    try:
        return caller.call("GET", "/v1/hello", wire.Hello)
    finally:
        caller.close()


def check_address(server: str) -> str:
    """The address of a server without a slash at its end; plain http only to this very computer."""
    text = server.strip().rstrip("/")
    if "://" not in text:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    loopback = host in ("127.0.0.1", "::1", "localhost")
    if not host or parts.scheme not in ("http", "https") or parts.username or parts.query or parts.fragment:
        raise SyncError(
            f"“{server}” is not the address of a server.", "It looks like https://sync.example.org."
        )
    if parts.scheme == "http" and not loopback:
        raise SyncError(
            "This address is not encrypted, so Holdall does not send anything there.",
            "Ask IT for the address that begins with https.",
        )
    return text


def _patiently(work: Callable[[], Message], attempts: int) -> Message:
    """Runs a request that may be repeated; only a broken line is tried again."""
    for attempt in range(attempts):
        try:
            return work()
        except CaptivePortal:
            raise
        except Offline:
            if attempt == attempts - 1:
                raise
    raise AssertionError("unreachable")


def _not_the_server() -> CaptivePortal:
    return CaptivePortal(
        "Something other than the server answered: a Wi-Fi sign-in page, most often.",
        "Open a browser and sign in to this network; your work waits here.",
    )


def _read(response: requests.Response) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in response.iter_content(1_048_576):
        size += len(part)
        if size > ANSWER_LIMIT:
            raise Offline("The server's answer is far too large to be one.", "It is asked again later.")
        parts.append(part)
    return b"".join(parts)


def _problem(response: requests.Response, data: bytes) -> SyncError:
    """The error for an answer that is none."""
    try:
        problem = msgspec.json.decode(data, type=wire.Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        problem = wire.Problem("unknown", "")
    status, wait = response.status_code, retry_after(response.headers.get("Retry-After"))
    if problem.error == "token_expired":
        return TokenExpired("The access token ran out.")
    if problem.error == "proof_time":
        return ClockOff("This laptop's clock and the server's disagree.", "Set the clock, then sync again.")
    if problem.error in ("proof_wrong", "proof_seen"):
        return Offline("The request did not arrive as it was sent.", "It is sent again by itself.")
    if problem.error in ("signed_out", "revoked", "no_account", "bad_proof"):
        return SignedOut(
            "The server does not know this laptop any more.",
            "Your work is safe here. Ask your administrator for a new code and join again.",
        )
    if problem.error in ("bad_code", "device_known"):
        return SyncError(
            "That code does not work: it may be used up or older than 15 minutes.",
            "Ask your administrator for a new one.",
        )
    if status == 426:
        return SyncError(
            "This Holdall and the server do not speak the same protocol.",
            "Your work is safe here. Update Holdall, then sync again.",
        )
    if status in (429, 502, 503, 504):
        return ServerBusy("The server asks for a pause.", "It goes on by itself in a moment.", wait)
    return Refused(
        f"The server did not take the request ({problem.error}).",
        "Your work is safe here. If it happens again, show this to IT.",
        problem.error,
        problem.expected,
    )


class _NoSurprises(requests.auth.AuthBase):
    """Signs nothing: what we send is in the headers we set."""

    def __call__(self, request: Any) -> Any:
        return request
