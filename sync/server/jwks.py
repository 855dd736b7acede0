"""Public keys of identity providers, fetched from the addresses that the operator wrote down and kept a day.

The server asks no other address for them: nothing that a laptop or a token says chooses where it looks.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests

from models.errors import HoldallError
from sync.plain_session import plain_session
from sync.server.denied import Denied

KEPT = 24 * 3600.0
AGAIN = 300.0  # seconds between two fetches because of a key that is not known
LIMIT = 262_144  # bytes of an answer
SECONDS = (5.0, 10.0)  # to connect, to hear something
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class CannotFetch(HoldallError):
    """An identity provider's address that is none, or gave nothing that can be used."""


@dataclass
class _Kept:
    keys: dict[str, dict[str, Any]] = field(default_factory=dict)
    fetched: float | None = None
    tried: float | None = None


class KeyStore:
    """The signing keys of providers by address and key id."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}

    def find(self, address: str, kid: str) -> dict[str, Any] | None:
        """The key (a JWK) of an id; None when the provider has none of that id. Raises Denied when the
        provider cannot be asked."""
        with self._lock:
            kept = self._kept.setdefault(address, _Kept())
            now = self._clock()
            stale = kept.fetched is None or now - kept.fetched >= KEPT
            if stale or kid not in kept.keys:
                self._fetch(address, kept, now, stale)
            return kept.keys.get(kid)

    def _fetch(self, address: str, kept: _Kept, now: float, stale: bool) -> None:
        wait = 10.0 if stale else AGAIN
        if kept.tried is not None and now - kept.tried < wait:
            if stale:
                raise Denied("provider_away 10", "The council's sign-in service does not answer.", 503)
            return
        kept.tried = now
        try:
            document = fetch_json(address)
        except CannotFetch as error:
            if stale:
                raise Denied(
                    "provider_away 10", "The council's sign-in service does not answer.", 503
                ) from error
            return
        entries = document.get("keys")
        kept.keys = {
            str(key["kid"]): key
            for key in (entries if isinstance(entries, list) else [])
            if isinstance(key, dict)
            and isinstance(key.get("kid"), str)
            and key.get("use", "sig") == "sig"
            and key.get("kty") in ("RSA", "EC", "OKP")  # never a shared secret
        }
        kept.fetched = now


def check_provider_address(address: str) -> str:
    """The address as it is when it is https, or http to this very machine; raises CannotFetch otherwise."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    if not host or not safe or parts.username or parts.fragment:
        raise CannotFetch(
            f"“{address}” is not an address a sign-in service can have.",
            "It begins with https, such as https://login.microsoftonline.com/…/v2.0.",
        )
    return address


def fetch_json(address: str) -> dict[str, Any]:
    """The JSON object at an address: no redirects, a limit on time and size. Raises CannotFetch."""
    check_provider_address(address)
    try:
        with (
            plain_session(address) as line,
            line.get(
                address,
                headers={"Accept": "application/json"},
                timeout=SECONDS,
                allow_redirects=False,
                stream=True,
            ) as answer,
        ):
            data = b""
            for part in answer.iter_content(16_384):
                data += part
                if len(data) > LIMIT:
                    break
            document = json.loads(data) if answer.status_code == 200 and len(data) <= LIMIT else None
    except (requests.RequestException, OSError, ValueError, RecursionError) as error:
        raise CannotFetch(
            f"{address} did not answer as a sign-in service does.", "Check the address and this network."
        ) from error
    if not isinstance(document, dict):
        raise CannotFetch(
            f"{address} did not answer as a sign-in service does.", "Check the address and this network."
        )
    return document
