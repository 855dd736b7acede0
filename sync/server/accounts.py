"""People, laptops and the doors: enrolment codes, device keys, access and refresh tokens.

Nothing that opens a door is kept in the clear: codes by Argon2id, tokens by SHA-256 of 256 random bits.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypedDict

from sqlalchemy import Connection, delete, func, select, update

from models.grace import DAYS
from models.ids import is_id, new_id
from models.roles import checked_roles
from sync import codes, courier, wire
from sync.server import walls
from sync.server.denied import Denied
from sync.server.proofs import WINDOW_MS, signed
from sync.server.store import stamp
from sync.server.tables import account, courier_key, device, enrol_code, tenant, token

if TYPE_CHECKING:
    from argon2 import PasswordHasher

CODE_LIFE = timedelta(minutes=15)
CODE_TRIES = 5
ACCESS_LIFE = timedelta(minutes=15)
SIGNED_OUT = "signed_out"  # status of a laptop whose refresh token was used twice; a code lets it in again
REFRESH_LIFE = timedelta(days=60)  # a laptop that was away for longer joins again with a code


class _Who(TypedDict):
    tenant: str
    device: str
    actor: str


@dataclass(frozen=True)
class Actor:
    """Who speaks: a laptop, its person, and what the person may read and do now."""

    tenant: str
    device_id: str
    user_id: str
    name: str
    roles: frozenset[str]
    teams: tuple[str, ...]
    shared: bool = False
    sites: tuple[str, ...] = ()
    key: str = ""  # of the laptop, public
    grace_days: int = DAYS

    @cached_property
    def scopes(self) -> frozenset[str]:
        """Every scope this person may read and write."""
        own = {"tenant", f"user:{self.user_id}"}
        return frozenset(own | {f"team:{t}" for t in self.teams} | {f"site:{s}" for s in self.sites})

    def standing(self, courier_key_id: str = "") -> wire.Standing:
        """The same for the laptop, with the key that courier files are sealed to."""
        return wire.Standing(
            self.user_id,
            self.name,
            sorted(self.roles),
            list(self.teams),
            sorted(self.scopes),
            list(self.sites),
            self.grace_days,
            courier.mark(courier_key_id),
        )


def _hasher() -> PasswordHasher:
    """Argon2id at the least that OWASP asks for: a code lives 15 minutes and bears five tries."""
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def put_account(
    connection: Connection,
    tenant_id: str,
    user_id: str,
    name: str,
    roles: Collection[str],
    teams: list[str],
    sites: Collection[str] | None = None,
) -> None:
    """Makes a person, or gives one another name, roles and teams (and sites, where they are named).

    Raises HoldallError for a role that is none.
    """
    held = json.dumps(checked_roles(roles))
    values: dict[str, Any] = {"name": name, "roles": held, "teams": json.dumps(teams), "active": True}
    if sites is not None:
        values["sites"] = json.dumps(sorted(sites))
    where = (account.c.tenant == tenant_id, account.c.user_id == user_id)
    if connection.execute(update(account).where(*where).values(**values)).rowcount == 0:
        connection.execute(account.insert().values(tenant=tenant_id, user_id=user_id, **values))


def name_of(connection: Connection, tenant_id: str, user_id: str) -> str | None:
    """The name that a person has; None for nobody."""
    statement = select(account.c.name).where(account.c.tenant == tenant_id, account.c.user_id == user_id)
    return connection.execute(statement).scalar()


def make_code(
    connection: Connection, tenant_id: str, user_id: str, now: datetime, shared: bool = False
) -> tuple[str, datetime]:
    """A new enrolment code for a person (as people read it) and the moment it stops working."""
    code = codes.make_code()
    expires = now + CODE_LIFE
    connection.execute(delete(enrol_code).where(enrol_code.c.expires_at < stamp(now)))
    connection.execute(
        enrol_code.insert().values(
            tenant=tenant_id,
            code_id=new_id(),
            handle=code[: codes.HANDLE],
            hash=_hasher().hash(code),
            user_id=user_id,
            shared=shared,
            expires_at=stamp(expires),
            tries=0,
        )
    )
    return codes.show(code), expires


def redeem(connection: Connection, asked: wire.EnrolRequest, now: datetime) -> wire.EnrolAnswer:
    """Lets a laptop in for a code; raises Denied. The caller commits in both cases, as tries count.

    A laptop that lost the answer may ask again with the same code and the same key.
    """
    code = codes.read(asked.code)
    if code is None or not is_id(asked.device):
        raise Denied("bad_code", "That code does not work.", 403)
    if not signed(asked.key, asked.proof, wire.enrol_text(asked.code, asked.device, asked.key)):
        raise Denied("bad_proof", "The laptop could not show that its key is its own.", 403)
    row = _matching_code(connection, code, now)
    known = _laptop(connection, row.tenant, asked.device)
    if row.used_by is not None and (row.used_by != asked.device or known is None):
        who = _Who(tenant=row.tenant, device=asked.device, actor=row.user_id)
        raise Denied("bad_code", "That code does not work.", 403, **who)
    answer = admit(connection, row.tenant, row.user_id, row.shared, asked, now)
    connection.execute(
        update(enrol_code)
        .where(enrol_code.c.tenant == row.tenant, enrol_code.c.code_id == row.code_id)
        .values(used_by=asked.device)
    )
    return answer


def admit(
    connection: Connection,
    tenant_id: str,
    user_id: str,
    shared: bool,
    asked: wire.EnrolRequest | wire.SignInRequest,
    now: datetime,
) -> wire.EnrolAnswer:
    """Lets a laptop in for a person who was made sure of, with tokens of our own; raises Denied."""
    known = _laptop(connection, tenant_id, asked.device)
    if known is not None and (
        known.public_key != asked.key
        or known.status not in ("active", SIGNED_OUT)
        or known.user_id != user_id
    ):
        who = _Who(tenant=tenant_id, device=asked.device, actor=user_id)
        raise Denied("device_known", "A laptop of that name has joined before, with another key.", 403, **who)
    if known is not None:
        _set_status(connection, tenant_id, asked.device, "active")
    if known is None:
        connection.execute(
            device.insert().values(
                tenant=tenant_id,
                device_id=asked.device,
                user_id=user_id,
                name=asked.device_name[:100],
                public_key=asked.key,
                shared=shared,
                status="active",
                last_dseq=0,
                created_at=stamp(now),
            )
        )
    actor = _actor(connection, tenant_id, asked.device, user_id, shared)
    council = connection.execute(select(tenant).where(tenant.c.tenant == tenant_id)).one()
    return wire.EnrolAnswer(
        tenant=tenant_id,
        device=asked.device,
        council=wire.CouncilCard(council.name, council.telephone),
        standing=actor.standing(),
        tokens=_issue(connection, tenant_id, asked.device, new_id(), now),
        shared=shared,
    )


def _laptop(connection: Connection, tenant_id: str, device_id: str) -> Any:
    return connection.execute(
        select(device).where(device.c.tenant == tenant_id, device.c.device_id == device_id)
    ).first()


def _matching_code(connection: Connection, code: str, now: datetime) -> Any:
    from argon2.exceptions import VerifyMismatchError

    hasher = _hasher()
    walls.stand_at_door(connection, code[: codes.HANDLE])
    candidates = connection.execute(
        select(enrol_code).where(
            enrol_code.c.handle == code[: codes.HANDLE],
            enrol_code.c.expires_at >= stamp(now),
            enrol_code.c.tries < CODE_TRIES,
        )
    ).all()
    for row in candidates:
        walls.enter(connection, row.tenant)
        try:
            hasher.verify(row.hash, code)
        except VerifyMismatchError:
            connection.execute(
                update(enrol_code)
                .where(enrol_code.c.tenant == row.tenant, enrol_code.c.code_id == row.code_id)
                .values(tries=enrol_code.c.tries + 1)
            )
        else:
            return row
    tried = candidates[0].tenant if candidates else ""  # a code of that council lost a try
    raise Denied("bad_code", "That code does not work.", 403, tenant=tried)


def renew(connection: Connection, asked: wire.TokenRequest, now: datetime) -> wire.Tokens:
    """New tokens for a refresh token; raises Denied. The caller commits in both cases.

    A refresh token works until one that was issued after it has been used: so an answer that was lost on
    the way can be asked for again after any number of days. One that is used later gives a thief away:
    every token of the laptop dies, and it joins again with a code. A request that was only late on its way
    was made before the newer token was used, and does no harm. A token that this server has never heard of
    is one it forgot when it was brought back from a copy: the laptop's key opens the door then.
    """
    walls.enter(connection, asked.refresh.partition(".")[0])
    tenant_id, row = _token_row(connection, asked.refresh, "refresh")
    laptop = _laptop(connection, tenant_id, asked.device)
    if laptop is None or (row is not None and row.device_id != asked.device):
        raise Denied("signed_out", "This laptop has to join again.")
    who = _Who(tenant=tenant_id, device=asked.device, actor=laptop.user_id)
    if laptop.status == SIGNED_OUT:
        raise Denied("signed_out", "This laptop has to join again.", **who)
    if laptop.status != "active":
        raise Denied("revoked", "This laptop was closed out by an administrator.", 403, **who)
    if not signed(laptop.public_key, asked.proof, wire.refresh_text(asked.device, asked.refresh, asked.at)):
        raise Denied("bad_proof", "The laptop could not show that its key is its own.", **who)
    if abs(now.timestamp() * 1000 - asked.at) > WINDOW_MS:
        raise Denied("proof_time", "The request was signed at another time than the server's.")
    if row is None:
        return _issue(connection, tenant_id, asked.device, new_id(), now)
    if row.expires_at < stamp(now):
        raise Denied("signed_out", "This laptop has to join again.", **who)
    overtaken = _overtaken_at(connection, tenant_id, row)
    if overtaken is not None:
        if asked.at <= overtaken.timestamp() * 1000:
            raise Denied("late", "A newer request of this laptop was answered already.")
        _set_status(connection, tenant_id, asked.device, SIGNED_OUT)
        connection.execute(
            delete(token).where(token.c.tenant == tenant_id, token.c.device_id == asked.device)
        )
        raise Denied("signed_out", "This laptop has to join again.", act="token_reused", **who)
    connection.execute(
        update(token)
        .where(token.c.tenant == tenant_id, token.c.hash == row.hash)
        .values(used_at=row.used_at or stamp(now))
    )
    connection.execute(
        delete(token).where(
            token.c.tenant == tenant_id, token.c.device_id == asked.device, token.c.expires_at < stamp(now)
        )
    )
    return _issue(connection, tenant_id, asked.device, row.family, now)


def _overtaken_at(connection: Connection, tenant_id: str, row: Any) -> datetime | None:
    """When a token that was issued after this one was first used; None while none was."""
    later = select(func.min(token.c.used_at)).where(
        token.c.tenant == tenant_id,
        token.c.family == row.family,
        token.c.kind == "refresh",
        token.c.issued > row.issued,
    )
    used_at = connection.execute(later).scalar()
    return datetime.fromisoformat(used_at) if used_at is not None else None


def _set_status(connection: Connection, tenant_id: str, device_id: str, status: str) -> None:
    where = (device.c.tenant == tenant_id, device.c.device_id == device_id)
    connection.execute(update(device).where(*where).values(status=status))


def authenticate(connection: Connection, bearer: str, now: datetime) -> Actor:
    """Who an access token stands for, with present rights; raises Denied."""
    tenant_id, row = _token_row(connection, bearer, "access")
    if row is None or row.expires_at < stamp(now):
        raise Denied("token_expired", "The access token is not valid any more.")
    laptop = _laptop(connection, tenant_id, row.device_id)
    if laptop is None or laptop.status != "active":
        raise Denied("revoked", "This laptop was closed out by an administrator.", 403)
    actor = _actor(connection, tenant_id, row.device_id, laptop.user_id, laptop.shared)
    return replace(actor, key=laptop.public_key)


def actor_of(connection: Connection, tenant_id: str, device_id: str) -> Actor:
    """Who a laptop speaks for, with present rights, where it does not speak itself; raises Denied."""
    laptop = connection.execute(
        select(device).where(device.c.tenant == tenant_id, device.c.device_id == device_id)
    ).first()
    if laptop is None or laptop.status != "active":
        raise Denied("revoked", "This laptop was closed out by an administrator.", 403)
    return _actor(connection, tenant_id, device_id, laptop.user_id, laptop.shared)


def go_apart(connection: Connection, actor: Actor, asked: wire.DeviceRequest, now: datetime) -> wire.Tokens:
    """Lets a copy of a laptop go on under an id and a key of its own; raises Denied. A copy that lost the
    answer may ask again with the same id and key."""
    old = connection.execute(
        select(device).where(device.c.tenant == actor.tenant, device.c.device_id == actor.device_id)
    ).one()
    text = wire.device_text(actor.device_id, asked.device, asked.key)
    proven = signed(old.public_key, asked.old_proof, text) and signed(asked.key, asked.proof, text)
    if not proven or not is_id(asked.device):
        raise Denied("bad_proof", "The laptop could not show that its key is its own.", 403)
    known = connection.execute(
        select(device).where(device.c.tenant == actor.tenant, device.c.device_id == asked.device)
    ).first()
    if known is None:
        connection.execute(
            device.insert().values(
                tenant=actor.tenant,
                device_id=asked.device,
                user_id=old.user_id,
                name=f"{old.name} (copy)"[:100],
                public_key=asked.key,
                shared=old.shared,
                status="active",
                last_dseq=0,
                created_at=stamp(now),
                copied_from=actor.device_id,
            )
        )
    elif (known.public_key, known.copied_from, known.status) != (asked.key, actor.device_id, "active"):
        raise Denied("device_known", "A laptop of that name has joined before.", 403)
    return _issue(connection, actor.tenant, asked.device, new_id(), now)


def person(connection: Connection, actor: Actor, user_id: str) -> Actor | None:
    """The person who wrote on a shared laptop, or None when this laptop may not speak for them."""
    if user_id == actor.user_id:
        return actor
    if not actor.shared:
        return None
    try:
        return _actor(connection, actor.tenant, actor.device_id, user_id, True)
    except Denied:
        return None


def anybody_reads(connection: Connection, tenant_id: str, scope: str) -> bool:
    """Whether some person of the council reads a scope: what goes elsewhere would be lost."""
    kind, _, name = scope.partition(":")
    if kind == "tenant":
        return True
    where = (account.c.tenant == tenant_id, account.c.active.is_(True))
    rows = connection.execute(select(account.c.teams, account.c.sites).where(*where))
    return any(name in json.loads(row.teams if kind == "team" else row.sites) for row in rows)


def revoke(connection: Connection, tenant_id: str, device_id: str) -> bool:
    """Closes a laptop out at once, and every copy of its disk; False when there is none of that id."""
    found, todo = 0, [device_id]
    while todo:
        where = (device.c.tenant == tenant_id, device.c.device_id.in_(todo))
        found += connection.execute(update(device).where(*where).values(status="revoked")).rowcount
        connection.execute(delete(token).where(token.c.tenant == tenant_id, token.c.device_id.in_(todo)))
        copies = (
            device.c.tenant == tenant_id,
            device.c.copied_from.in_(todo),
            device.c.status != "revoked",
        )
        todo = list(connection.execute(select(device.c.device_id).where(*copies)).scalars())
    connection.execute(  # they hold the keys of courier files: later ones are sealed to others
        update(courier_key)
        .where(courier_key.c.tenant == tenant_id, courier_key.c.retired_at.is_(None))
        .values(retired_at=stamp(datetime.now(UTC)))
    )
    return found > 0


def devices(connection: Connection, tenant_id: str) -> list[wire.DeviceRow]:
    """Every laptop of a council, by name."""
    rows = connection.execute(select(device).where(device.c.tenant == tenant_id).order_by(device.c.name))
    return [wire.DeviceRow(r.device_id, r.name, r.user_id, r.status, r.seen_at, r.copied_from) for r in rows]


def device_keys(connection: Connection, tenant_id: str) -> list[wire.DeviceKey]:
    """The keys of every laptop that ever joined, closed out or not: what they sealed stays sealed."""
    rows = connection.execute(select(device).where(device.c.tenant == tenant_id).order_by(device.c.device_id))
    return [wire.DeviceKey(r.device_id, r.name, r.user_id, r.public_key, r.status) for r in rows]


def _actor(connection: Connection, tenant_id: str, device_id: str, user_id: str, shared: bool) -> Actor:
    row = connection.execute(
        select(account, tenant.c.settings)
        .join(tenant, tenant.c.tenant == account.c.tenant)
        .where(account.c.tenant == tenant_id, account.c.user_id == user_id)
    ).first()
    if row is None or not row.active:
        raise Denied("no_account", "This person has no account any more.", 403)
    roles, teams, sites = (json.loads(text) for text in (row.roles, row.teams, row.sites))
    return Actor(
        tenant_id,
        device_id,
        user_id,
        row.name,
        frozenset(roles),
        tuple(teams),
        shared,
        tuple(sites),
        grace_days=int(json.loads(row.settings).get("grace_days", DAYS)),
    )


def _issue(connection: Connection, tenant_id: str, device_id: str, family: str, now: datetime) -> wire.Tokens:
    made = {}
    for kind, life in (("access", ACCESS_LIFE), ("refresh", REFRESH_LIFE)):
        text = f"{tenant_id}.{secrets.token_urlsafe(32)}"
        made[kind] = text
        connection.execute(
            token.insert().values(
                tenant=tenant_id,
                hash=sha256(text.encode()).hexdigest(),
                device_id=device_id,
                family=family,
                issued=new_id(),
                kind=kind,
                expires_at=stamp(now + life),
            )
        )
    return wire.Tokens(made["access"], made["refresh"], int(ACCESS_LIFE.total_seconds()))


def _token_row(connection: Connection, text: str, kind: str) -> tuple[str, Any]:
    tenant_id = text.partition(".")[0]
    digest = sha256(text.encode("utf-8", "replace")).hexdigest()
    statement = select(token).where(token.c.tenant == tenant_id, token.c.hash == digest, token.c.kind == kind)
    return tenant_id, connection.execute(statement).first()
