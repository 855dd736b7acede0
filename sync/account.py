"""This laptop's account on a server: address, names, device key and tokens, kept in the encrypted store."""

from __future__ import annotations

import base64
import secrets
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import update

from models.changes import get_meta, set_meta
from models.grace import note_contact
from models.outbox import OpState, OutboxOp
from models.store import Store
from sync import wire

KEY = "sync.account"
DSEQ = "sync.dseq"  # the last number given to an operation of this device


class Account(Struct, kw_only=True):
    """Who this laptop is to its server. Times are seconds since 1970."""

    server: str
    tenant: str
    device: str
    user: str
    name: str
    roles: list[str]
    teams: list[str]
    scopes: list[str]
    council: str
    telephone: str
    seed: str  # base64 of the Ed25519 seed
    access: str
    refresh: str
    access_until: int
    shared: bool = False
    grace_days: int = 14
    met: int = 0  # when the server last gave tokens, by its clock, in milliseconds
    standing: str = ""  # the tag of the rights above, as the server last told them
    courier: str | None = None  # the mark of the key of courier files that is in use

    @property
    def key(self) -> str:
        """The public half of the device's key, base64."""
        return public_key(base64.b64decode(self.seed))

    def sign(self, text: bytes) -> str:
        """The device's signature, base64."""
        return sign(base64.b64decode(self.seed), text)

    def signed_headers(self, method: str, path: str, body: bytes, at: int) -> dict[str, str]:
        """The headers that let a request in: the access token, and the device's signature that makes it
        useless to a thief. `body` as it travels, `at` by the server's clock (ms)."""
        nonce = secrets.token_urlsafe(16)
        proof = self.sign(wire.request_text(method, path, body, at, nonce, self.access))
        return {
            "Authorization": f"Bearer {self.access}",
            "Holdall-Device": self.device,
            "Holdall-Proof": f"{at} {nonce} {proof}",
        }

    def take_tokens(self, tokens: wire.Tokens, now: float, server_ms: int | None = None) -> None:
        """Keeps fresh tokens, and when the server gave them by its own clock; the access token is renewed a
        little before it ends."""
        self.met = int(now * 1000) if server_ms is None else server_ms
        self.access, self.refresh = tokens.access, tokens.refresh
        self.access_until = int(now) + max(0, tokens.expires_in - 30)

    def take_standing(self, standing: wire.Standing) -> bool:
        """Keeps the person's present rights; returns whether anything is different."""
        before = (self.name, self.roles, self.teams, self.scopes)
        self.name, self.roles = standing.name, standing.roles
        self.teams, self.scopes = standing.teams, standing.scopes
        self.grace_days = standing.grace_days
        self.standing, self.courier = wire.standing_tag(standing), standing.courier
        return before != (self.name, self.roles, self.teams, self.scopes)


def sign(seed: bytes, text: bytes) -> str:
    """The Ed25519 signature of a text, base64."""
    from nacl.signing import SigningKey

    return base64.b64encode(SigningKey(seed).sign(text).signature).decode()


def public_key(seed: bytes) -> str:
    """The public half of a device key, base64."""
    from nacl.signing import SigningKey

    return base64.b64encode(bytes(SigningKey(seed).verify_key)).decode()


def save(store: Store, account: Account) -> None:
    """Keeps the account in the store. A laptop that joins under another device id counts its operations
    anew; those that wait keep their ids, so that none is taken twice."""
    with store.connect(write=True) as connection:
        before = get_meta(connection, KEY)
        if before is not None and before["device"] != account.device:
            connection.execute(update(OutboxOp).where(OutboxOp.dseq.is_not(None)).values(dseq=None))
            connection.execute(
                update(OutboxOp)
                .where(OutboxOp.state == OpState.SENDING.value)
                .values(state=OpState.QUEUED.value)
            )
            set_meta(connection, DSEQ, 0)
        set_meta(connection, KEY, msgspec.to_builtins(account))
    if account.met:
        note_contact(store, datetime.fromtimestamp(account.met / 1000, UTC), account.grace_days)


def load(store: Store) -> Account | None:
    """The account in the store; None for a laptop that never joined a server."""
    with store.connect() as connection:
        plain: Any = get_meta(connection, KEY)
    return None if plain is None else msgspec.convert(plain, Account)
