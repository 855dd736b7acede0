"""The server's commands for people: a joining code for one, the council's own sign-in for all, and work that
comes on a stick."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update

from models.errors import HoldallError
from models.roles import checked_roles
from sync.server import sticks

TENANT = "averwick"
Said = tuple[dict[str, Any], list[str]]  # a document, and the same in words


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Adds these commands to the server's commands."""
    sticks.add_command(commands, common)
    said = argparse.ArgumentParser(add_help=False)
    said.add_argument("--json", action="store_true", help="print one JSON document")
    enrol = commands.add_parser("enrol", parents=[common, said], help="make a joining code")
    enrol.add_argument("--user", help="the person's id; made from the name when not given")
    enrol.add_argument("--name", help="the person's name; else their id, or the name they have")
    enrol.add_argument("--role", action="append", required=True, dest="roles")
    enrol.add_argument("--team", action="append", dest="teams")
    enrol.add_argument("--site", action="append", dest="sites", help="a venue whose records they share")
    enrol.add_argument("--shared", action="store_true", help="several people write on this laptop")
    council = commands.add_parser("council", parents=[common, said], help="what holds for a whole council")
    council.add_argument(
        "--grace-days", type=int, help="a laptop may be written on without meeting the server"
    )
    provider = commands.add_parser("provider", parents=[common, said], help="sign in with council accounts")
    provider.add_argument("--issuer", required=True, help="exactly as the provider calls itself")
    provider.add_argument("--client-id", required=True, help="of the laptops' program at the provider")
    provider.add_argument("--audience", help="what its tokens must be for; the client id when not given")
    provider.add_argument("--resource", default="", help="to name when a token is asked for (RFC 8707)")
    provider.add_argument("--scope", action="append", dest="scopes", help="to ask for; openid always is")
    provider.add_argument("--needs-scope", default="", help="a scope that a token must have")
    provider.add_argument("--label", default="", help="what people call their account")
    provider.add_argument("--jwks", help="address of its public keys; else as the issuer's discovery says")
    provider.add_argument("--algorithm", default="RS256")
    provider.add_argument("--subject-claim", help="who it is; “oid” for Microsoft, else “sub”")
    provider.add_argument("--role-claim", default="roles")
    provider.add_argument("--role", action="append", default=[], metavar="VALUE=ROLE", dest="roles")
    provider.add_argument("--default-role", action="append", default=[], dest="default_roles")
    provider.add_argument("--team-claim", default="")
    provider.add_argument("--team", action="append", default=[], metavar="VALUE=TEAM", dest="teams")
    provider.add_argument("--default-team", action="append", default=[], dest="default_teams")


def enrol(options: argparse.Namespace) -> Said:
    """Makes a person, or gives one other roles, and a joining code for a laptop of theirs."""
    from sync.server import accounts, audit
    from sync.server.store import ServerStore, ensure_tenant, stamp

    user = options.user or "-".join((options.name or "").lower().split())
    if not user or len(user) > 64:
        raise HoldallError("Nobody is named.", "Add --user or --name.")
    checked_roles(options.roles)
    now = datetime.now(UTC)
    store = ServerStore.open(options.db)
    try:
        with store.write(options.tenant) as connection:
            ensure_tenant(connection, options.tenant, options.council, options.telephone, now)
            name = options.name or accounts.name_of(connection, options.tenant, user) or user
            teams = options.teams or ["team-1"]
            accounts.put_account(connection, options.tenant, user, name, options.roles, teams, options.sites)
            code, expires = accounts.make_code(connection, options.tenant, user, now, options.shared)
            detail = {"user": user, "roles": sorted(options.roles), "teams": teams, "shared": options.shared}
            audit.note(connection, options.tenant, "code_made", audit.SYSTEM, "", detail, now)
    finally:
        store.close()
    document = {"code": code, "expires": stamp(expires), "user": user}
    minutes = int(accounts.CODE_LIFE.total_seconds() // 60)
    return document, [f"Joining code for {name}: {code}", f"It works once, for {minutes} minutes."]


def provider(options: argparse.Namespace) -> Said:
    """Lets a council's people sign in with its identity provider."""
    from sync.server import audit, identity
    from sync.server.store import ServerStore, ensure_tenant

    now = datetime.now(UTC)
    microsoft = options.issuer.startswith(identity.MICROSOFT)
    row = identity.Provider(
        tenant=options.tenant,
        issuer=options.issuer,
        client_id=options.client_id,
        audience=options.audience or options.client_id,
        jwks=options.jwks or identity.discover(options.issuer),
        label=options.label or ("Microsoft" if microsoft else ""),
        scopes=list(dict.fromkeys(["openid", "profile", *(options.scopes or ())])),
        resource=options.resource,
        algorithm=options.algorithm,
        needs_scope=options.needs_scope,
        subject=options.subject_claim or ("oid" if microsoft else "sub"),
        role_claim=options.role_claim,
        roles=_pairs(options.roles, "--role"),
        default_roles=options.default_roles,
        team_claim=options.team_claim,
        teams=_pairs(options.teams, "--team"),
        default_teams=options.default_teams,
    )
    ours = [role for group in row.roles.values() for role in group] + row.default_roles
    checked_roles(ours)
    if not ours:
        raise HoldallError(
            "Nobody would have a role, so nobody could sign in.",
            "Add --role VALUE=officer or --default-role officer.",
        )
    store = ServerStore.open(options.db)
    try:
        with store.write(options.tenant) as connection:
            ensure_tenant(connection, options.tenant, options.council, options.telephone, now)
            identity.put_provider(connection, row)
            detail = {"issuer": row.issuer}
            audit.note(connection, options.tenant, "provider_set", audit.SYSTEM, "", detail, now)
    finally:
        store.close()
    document = {"tenant": row.tenant, "issuer": row.issuer, "audience": row.audience, "jwks": row.jwks}
    words = [
        f"People of {options.tenant} can sign in with {row.issuer}.",
        f"Its public keys are read from {row.jwks}.",
    ]
    return document, words


def council(options: argparse.Namespace) -> Said:
    """Looks at what holds for a council, and sets what is given."""
    from models.grace import DAYS, FEWEST, MOST
    from sync.server import audit
    from sync.server.store import ServerStore, ensure_tenant
    from sync.server.tables import tenant

    days, now = options.grace_days, datetime.now(UTC)
    if days is not None and not FEWEST <= days <= MOST:
        raise HoldallError(f"{days} days of grace are out of bounds.", f"Choose {FEWEST} to {MOST}.")
    store = ServerStore.open(options.db)
    try:
        with store.write(options.tenant) as connection:
            ensure_tenant(connection, options.tenant, options.council, options.telephone, now)
            where = tenant.c.tenant == options.tenant
            kept = json.loads(connection.execute(select(tenant.c.settings).where(where)).scalar_one())
            if days is not None:
                kept["grace_days"] = days
                connection.execute(update(tenant).where(where).values(settings=json.dumps(kept)))
                detail = {"grace_days": days}
                audit.note(connection, options.tenant, "settings", audit.SYSTEM, "", detail, now)
    finally:
        store.close()
    days = kept.get("grace_days", DAYS)
    words = [f"Laptops of {options.tenant} may be written on for {days} days without meeting the server."]
    return {"tenant": options.tenant, "grace_days": days}, words


COMMANDS: dict[str, Callable[[argparse.Namespace], Said]] = {
    "council": council,
    "courier": sticks.take_in,
    "enrol": enrol,
    "provider": provider,
}


def _pairs(given: Sequence[str], option: str) -> dict[str, list[str]]:
    """The values of VALUE=OURS options, gathered by value."""
    found: dict[str, list[str]] = {}
    for pair in given:
        theirs, mark, ours = pair.partition("=")
        if not (theirs and mark and ours):
            raise HoldallError(f"{option} “{pair}” is not a pair.", f"Write {option} VALUE=NAME.")
        found.setdefault(theirs, []).append(ours)
    return found
