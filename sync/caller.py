"""One line to a server: requests with limits on everything, and a wary eye on what answers.

Venue Wi-Fi answers 200 with a sign-in page: only JSON with a Holdall-Epoch header counts as the server.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeAlias, TypeVar
from urllib.parse import urlsplit

import msgspec
import requests

from sync import wire
from sync.account import Account
from sync.backoff import retry_after
from sync.errors import (
    CaptivePortal,
    ClockOff,
    Offline,
    Refused,
    Revoked,
    ServerBusy,
    SignedOut,
    SignInFailed,
    SyncError,
    TokenExpired,
)
from sync.plain_session import plain_session

CONNECT_SECONDS, READ_SECONDS = 5.0, 60.0
PACK_FROM = 300  # bytes from which packing a request is worth it
ANSWER_LIMIT = 64 * 1_048_576
APP = "2026.11.0"
Message = TypeVar("Message")
Answer: TypeAlias = tuple[requests.Response, bytes]


class Caller:
    """One keep-alive session with one server address."""

    def __init__(self, server: str, read_seconds: float = READ_SECONDS) -> None:
        self.server = check_address(server)
        self.epoch = ""
        self.skew_ms = 0
        self._ready = b"", b""  # a body that is sent next, and how it travels
        self._timeout = (CONNECT_SECONDS, read_seconds)
        self._session = plain_session(self.server)
        self._session.headers.update({"User-Agent": "holdall", "Accept-Encoding": "gzip"})
        del self._session.headers["Connection"]  # HTTP/1.1 keeps it open anyhow

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
                body = self._packed(body)
                headers["Content-Encoding"] = "gzip"
        return self.message(self.send(method, path, headers, body, account), kind)

    def prepare(self, body: bytes) -> None:
        """Packs a body that is going to be sent next, so that it goes at once when its turn has come."""
        if len(body) > PACK_FROM:
            self._ready = body, wire.pack(body)

    def _packed(self, body: bytes) -> bytes:
        ready, packed = self._ready
        return packed if ready is body else wire.pack(body)

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


def patiently(work: Callable[[], Message], attempts: int) -> Message:
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
    if problem.error in ("proof_wrong", "proof_seen", "late"):
        return Offline("The request did not arrive as it was sent.", "It is sent again by itself.")
    if problem.error == "revoked":
        return Revoked(
            "Your council's administrator has closed this laptop out.",
            "What was not sent yet is handed over first; ask your administrator for a new code.",
        )
    if problem.error in ("signed_out", "no_account", "bad_proof"):
        return SignedOut(
            "The server does not know this laptop any more.",
            "Your work is safe here. Ask your administrator for a new code and join again.",
        )
    if problem.error in ("bad_code", "device_known"):
        return SyncError(
            "That code does not work: it may be used up or older than 15 minutes.",
            "Ask your administrator for a new one.",
        )
    if problem.error in _SIGN_IN:
        return SignInFailed(*_SIGN_IN[problem.error])
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


_SIGN_IN = {
    "bad_token": ("The server did not accept that sign-in.", "Begin again; else ask your administrator."),
    "token_old": ("That sign-in has run out.", "Begin again."),
    "no_role": (
        "Your council account has no role in Holdall yet.",
        "Ask your administrator to give you one, then sign in again.",
    ),
}
