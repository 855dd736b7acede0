"""Signing in with a council account: OpenID Connect through the system's browser, or by a code on any device.

It knows no provider by name. The browser comes back to a port of this computer alone (RFC 8252) with a code
that only this program can use (PKCE, RFC 7636). What comes out is a token for the sync server to look at;
it is kept nowhere and written to no log.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec
import requests
from msgspec import Struct

from sync import wire
from sync.errors import Offline, SignInFailed, SignInStopped
from sync.loopback import Landing
from sync.plain_session import plain_session

SECONDS = 300.0  # that a person has to sign in
LEEWAY = 120
ANSWER_LIMIT = 1_048_576
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
Message = TypeVar("Message")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class DeviceCode:
    """What a person types where: the code, the address, and the same with the code in it (may be empty)."""

    code: str
    address: str
    whole_address: str
    seconds: float


class _Discovery(Struct):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    device_authorization_endpoint: str = ""
    authorization_response_iss_parameter_supported: bool = False


class _Granted(Struct):
    id_token: str
    access_token: str = ""


class _DeviceAnswer(Struct):
    device_code: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str = ""
    expires_in: float = 600.0
    interval: float = 5.0


def by_browser(
    offer: wire.SignInOffer,
    open_browser: Callable[[str], object],
    cancelled: Callable[[], bool] = lambda: False,
    seconds: float = SECONDS,
) -> str:
    """The token for the server after the person has signed in in their browser, which `open_browser` opens
    at an address. Raises SignInFailed, SignInStopped or Offline."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    with _Line(offer) as line, Landing(state) as landing:
        challenge = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": offer.client_id,
            "redirect_uri": landing.address,
            "scope": " ".join(offer.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        endpoint = line.discovery.authorization_endpoint
        mark = "&" if "?" in endpoint else "?"
        open_browser(f"{endpoint}{mark}{urlencode(line.with_resource(asked))}")
        code = line.code_in(landing.wait(seconds, cancelled))
        granted = line.grant(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": landing.address,
                "code_verifier": verifier,
            }
        )
        return line.token_in(granted, nonce)


def by_code(
    offer: wire.SignInOffer,
    show: Callable[[DeviceCode], object],
    cancelled: Callable[[], bool] = lambda: False,
    pause: Callable[[float], object] = time.sleep,
) -> str:
    """The same without a browser on this computer: `show` tells the person a code and where to type it, on
    any device. Raises SignInFailed, SignInStopped or Offline."""
    with _Line(offer) as line:
        begun = line.begin()
        end = time.monotonic() + min(begun.expires_in, 1800.0)
        interval = min(max(begun.interval, 1.0), 60.0)
        show(
            DeviceCode(
                begun.user_code, begun.verification_uri, begun.verification_uri_complete, begun.expires_in
            )
        )
        asked = {"grant_type": DEVICE_GRANT, "device_code": begun.device_code}
        while time.monotonic() < end:
            _pause(interval, cancelled, pause)
            try:
                return line.token_in(line.grant(asked), None)
            except _Waiting as answer:
                interval += 5.0 if answer.slower else 0.0
            except Offline:
                interval = min(interval * 2, 60.0)  # as RFC 8628 asks
    raise SignInStopped("The code has run out before it was used.", "Begin again.")


class _Waiting(Exception):
    """The person has not finished yet; `slower`: the provider is asked too often."""

    def __init__(self, slower: bool) -> None:
        super().__init__()
        self.slower = slower


class _Line:
    """A session with one provider, begun with its discovery document."""

    def __init__(self, offer: wire.SignInOffer) -> None:
        self._offer = offer
        self._session = plain_session(offer.issuer)

    def __enter__(self) -> _Line:
        try:
            self.discovery = self._discover()
        except BaseException:
            self._session.close()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self._session.close()

    def with_resource(self, asked: dict[str, str]) -> dict[str, str]:
        """The same, with the service the token is for where the provider wants it named (RFC 8707)."""
        return {**asked, "resource": self._offer.resource} if self._offer.resource else asked

    def code_in(self, answer: dict[str, str]) -> str:
        """The code in what the browser brought back, if it is this provider's (RFC 9207)."""
        said = answer.get("iss")
        needed = self.discovery.authorization_response_iss_parameter_supported
        if (said is None and needed) or (said is not None and said != self._offer.issuer):
            raise _strange("came from another sign-in service")
        if "error" in answer:
            raise _told(answer["error"])
        if not answer.get("code"):
            raise _strange("held no code")
        return answer["code"]

    def begin(self) -> _DeviceAnswer:
        """A fresh device code."""
        if not self.discovery.device_authorization_endpoint:
            raise SignInFailed("This sign-in service has no codes for another device.", "Use the browser.")
        asked = {"client_id": self._offer.client_id, "scope": " ".join(self._offer.scopes)}
        status, data = self._ask(self.discovery.device_authorization_endpoint, self.with_resource(asked))
        begun = _decode(data, _DeviceAnswer) if status == 200 else None
        if begun is None or not _safe(begun.verification_uri):
            raise _strange("gave no code")
        return begun

    def grant(self, asked: dict[str, str]) -> _Granted:
        """The tokens for a code."""
        asked = {**asked, "client_id": self._offer.client_id}
        status, data = self._ask(self.discovery.token_endpoint, self.with_resource(asked))
        if status == 200:
            return _decode(data, _Granted)
        error = _word(data)
        if error in ("authorization_pending", "slow_down"):
            raise _Waiting(error == "slow_down")
        if status >= 500 or status == 429:
            raise Offline("The council's sign-in service does not answer.", "Try again in a while.")
        raise _told(error)

    def token_in(self, granted: _Granted, nonce: str | None) -> str:
        """The token the server wants, once the ID token says that it is for this very sign-in. It came
        straight from the provider over TLS, so its signature is left to the server (OpenID Connect 3.1.3.7).
        """
        claims = _claims(granted.id_token)
        audience = claims.get("aud")
        ours = self._offer.client_id in (audience if isinstance(audience, list) else [audience])
        until = claims.get("exp")
        fresh = isinstance(until, int | float) and until > time.time() - LEEWAY
        said = str(claims.get("nonce"))
        if claims.get("iss") != self._offer.issuer or not ours or not fresh:
            raise _strange("was made for somebody else or at another time")
        if nonce is not None and not hmac.compare_digest(said.encode(), nonce.encode()):
            raise _strange("belongs to another sign-in")
        token = granted.id_token if self._offer.token == "id" else granted.access_token  # noqa: S105
        if not token:
            raise _strange("held no token")
        return token

    def _discover(self) -> _Discovery:
        if not _safe(self._offer.issuer):
            raise _strange("has an address that is not encrypted")
        address = self._offer.issuer.rstrip("/") + "/.well-known/openid-configuration"
        status, data = self._ask(address)
        found = _decode(data, _Discovery) if status == 200 else None
        if found is None or found.issuer != self._offer.issuer:
            raise _strange("is not the one the council named")
        for endpoint in (found.authorization_endpoint, found.token_endpoint):
            if not _safe(endpoint):
                raise _strange("has an address that is not encrypted")
        if found.device_authorization_endpoint and not _safe(found.device_authorization_endpoint):
            raise _strange("has an address that is not encrypted")
        return found

    def _ask(self, address: str, form: dict[str, str] | None = None) -> tuple[int, bytes]:
        """The status and body at an address, with a limit on everything and no redirects."""
        try:
            with self._session.request(
                "GET" if form is None else "POST",
                address,
                data=form,
                headers={"Accept": "application/json"},
                timeout=(5.0, 30.0),
                allow_redirects=False,
                stream=True,
            ) as answer:
                data = b""
                for part in answer.iter_content(65_536):
                    data += part
                    if len(data) > ANSWER_LIMIT:
                        raise _strange("sent far too much")
                return answer.status_code, data
        except (requests.RequestException, OSError) as error:
            raise Offline(
                "The council's sign-in service cannot be reached from here.", "Try again on another network."
            ) from error


def _pause(seconds: float, cancelled: Callable[[], bool], pause: Callable[[float], object]) -> None:
    """Waits, in short steps so that a person who stops it is heard."""
    for _ in range(round(seconds * 4)):
        if cancelled():
            raise SignInStopped("You stopped signing in.", "Nothing was changed.")
        pause(0.25)


def _safe(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


def _decode(data: bytes, kind: type[Message]) -> Message:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _strange("is not what such a service says") from error


def _word(data: bytes) -> str:
    try:
        return str(json.loads(data)["error"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return "unknown"


def _claims(token: str) -> dict[str, Any]:
    try:
        part = token.split(".")[1]
        found = msgspec.json.decode(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError, msgspec.DecodeError) as error:
        raise _strange("held no token") from error
    return found if isinstance(found, dict) else {}


def _strange(what: str) -> SignInFailed:
    return SignInFailed(
        f"The answer of the sign-in service {what}, so Holdall did not take it.",
        "Begin again; if it happens again, show this to IT.",
    )


def _told(error: str) -> SignInFailed:
    if error in ("access_denied", "consent_required", "login_required"):
        return SignInStopped("The sign-in was refused or stopped.", "Nothing was changed. Begin again.")
    if error == "expired_token":
        return SignInStopped("The code has run out before it was used.", "Begin again.")
    word = "".join(c for c in error[:40] if c.isascii() and (c.isalnum() or c == "_"))
    return SignInFailed(f"The sign-in service refused ({word}).", "Begin again, or ask IT.")
