"""Signatures of laptops: that a key is its own, and that a request is its own and was not seen before.

A stolen access token opens nothing by itself: every request is signed with the device's key over what it
asks, the moment by the server's clock and a number used once.
"""

from __future__ import annotations

import base64
import threading
from datetime import datetime

from sync import wire
from sync.server.denied import Denied

WINDOW_MS = 60_000
MOST_REMEMBERED = 500_000  # requests in two windows; more than that is a flood


def signed(key: str, proof: str, text: bytes) -> bool:
    """Whether a signature (base64) over a text was made with the private half of a key (base64)."""
    from nacl.exceptions import BadSignatureError
    from nacl.signing import VerifyKey

    try:
        public, signature = base64.b64decode(key, validate=True), base64.b64decode(proof, validate=True)
        VerifyKey(public).verify(text, signature)
    except (BadSignatureError, ValueError, TypeError):
        return False
    return True


class Proofs:
    """Checks the Holdall-Proof header of requests and remembers the numbers of the last two windows.

    It remembers within one server process. Where several serve one database, the same request could be
    played to another of them within its minute, by somebody who can read TLS traffic: reading again what
    they read, or pushing again what is known by its id.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._slot = 0
        self._now: set[str] = set()
        self._before: set[str] = set()

    def check(
        self, header: str, key: str, method: str, target: str, body: bytes, bearer: str, arrived: datetime
    ) -> None:
        """Raises Denied unless the header is this key's signature of this very request, made within a
        minute of its arrival and not seen before. `body` is what travelled, packed or not."""
        if not header:
            raise Denied("protocol", "This server wants each request signed by its laptop.", 426)
        at, nonce, proof = _parts(header)
        now = int(arrived.timestamp() * 1000)
        if not signed(key, proof, wire.request_text(method, target, body, at, nonce, bearer)):
            raise Denied("proof_wrong", "The signature does not fit this request.")
        if abs(now - at) > WINDOW_MS:
            raise Denied("proof_time", "The request was signed at another time than the server's.")
        if not self._first(f"{key}{nonce}", now):
            raise Denied("proof_seen", "This request came before.")

    def _first(self, number: str, now: int) -> bool:
        slot = now // (2 * WINDOW_MS)  # a proof may be a window ahead of the server, and then lasts for two
        with self._lock:
            if slot != self._slot:
                self._before = self._now if slot == self._slot + 1 else set()
                self._now, self._slot = set(), slot
            if number in self._now or number in self._before:
                return False
            if len(self._now) >= MOST_REMEMBERED:
                raise Denied("busy 60", "Too many requests; wait a little.", 429)
            self._now.add(number)
            return True


def _parts(header: str) -> tuple[int, str, str]:
    parts = header.split(" ")
    if len(parts) != 3 or not parts[0].isascii() or not parts[0].isdigit() or len(parts[0]) > 15:
        raise Denied("proof_wrong", "The signature does not fit this request.")
    if not 16 <= len(parts[1]) <= 64 or len(parts[2]) > 100:
        raise Denied("proof_wrong", "The signature does not fit this request.")
    return int(parts[0]), parts[1], parts[2]
