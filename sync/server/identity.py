"""Identity providers a council trusts, and the person whom one of their tokens stands for.

A person is (issuer, subject) and never an e-mail address. What a token says is believed only after its
signature, issuer, audience and times were checked with the algorithm that the provider's row names.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, select, update

from models.errors import HoldallError
from models.ids import is_id, new_id
from sync import wire
from sync.server import accounts, audit
from sync.server.denied import Denied
from sync.server.jwks import KeyStore, check_provider_address, fetch_json
from sync.server.proofs import signed
from sync.server.store import ServerStore
from sync.server.tables import account, identity, provider, tenant

LEEWAY = 120  # seconds that the provider's clock and ours may differ
MOST_BYTES = 16_384  # of a token
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
MICROSOFT = "https://login.microsoftonline.com/"


class Provider(Struct, kw_only=True, omit_defaults=True):
    """An identity provider as a council's operator configured it. `audience` is what its tokens must be
    for: this service, or the client itself where the provider has no services, and then the laptop hands
    in its ID token. `roles` and `teams` map values of claims to ours."""

    tenant: str
    issuer: str
    client_id: str
    audience: str
    jwks: str
    label: str = ""
    scopes: list[str] = []
    resource: str = ""
    algorithm: str = "RS256"
    needs_scope: str = ""
    subject: str = "sub"
    role_claim: str = "roles"
    roles: dict[str, list[str]] = {}
    default_roles: list[str] = []
    team_claim: str = ""
    teams: dict[str, list[str]] = {}
    default_teams: list[str] = []


def put_provider(connection: Connection, row: Provider) -> None:
    """Keeps a provider of a council, in place of one with the same issuer; raises HoldallError."""
    check_provider_address(row.issuer)
    check_provider_address(row.jwks)
    if row.algorithm not in ALGORITHMS:
        raise HoldallError(
            f"“{row.algorithm}” is not an algorithm with a public key.",
            f"Choose one of {', '.join(ALGORITHMS)}.",
        )
    where = (provider.c.tenant == row.tenant, provider.c.issuer == row.issuer)
    data = msgspec.json.encode(row).decode()
    if connection.execute(update(provider).where(*where).values(data=data)).rowcount == 0:
        connection.execute(provider.insert().values(tenant=row.tenant, issuer=row.issuer, data=data))


def discover(issuer: str) -> str:
    """Where a provider keeps its public keys, as its own discovery document says; raises HoldallError."""
    document = fetch_json(check_provider_address(issuer.rstrip("/")) + "/.well-known/openid-configuration")
    if document.get("issuer") != issuer:
        raise HoldallError(
            f"The sign-in service at {issuer} calls itself “{document.get('issuer')}”.",
            "Give the issuer exactly as it calls itself.",
        )
    return check_provider_address(str(document.get("jwks_uri")))


def offers(connection: Connection) -> wire.SignInOffers:
    """What every council of this server offers to sign in with."""
    rows = connection.execute(
        select(provider.c.data, tenant.c.name)
        .join(tenant, tenant.c.tenant == provider.c.tenant)
        .order_by(tenant.c.name, provider.c.issuer)
        .limit(500)
    )
    found = []
    for data, council in rows:
        row = msgspec.json.decode(data, type=Provider)
        kind = "id" if row.audience == row.client_id else "access"
        found.append(
            wire.SignInOffer(
                row.tenant, council, row.label, row.issuer, row.client_id, row.scopes, row.resource, kind
            )
        )
    return wire.SignInOffers(found)


def sign_in(store: ServerStore, keys: KeyStore, asked: wire.SignInRequest, now: datetime) -> wire.EnrolAnswer:
    """Lets a laptop in for a provider's token, and makes or updates its person's account; raises Denied."""
    if not is_id(asked.device):
        raise Denied("malformed", "The device id is not one.", 400)
    text = wire.sign_in_text(asked.token, asked.device, asked.key)
    if not signed(asked.key, asked.proof, text):
        raise Denied("bad_proof", "The laptop could not show that its key is its own.", 403)
    with store.read() as connection:
        row = _provider(connection, asked.issuer, asked.tenant)
    try:
        claims = claims_of(row, asked.token, keys)  # asks the network: outside any transaction
        with store.write(row.tenant) as connection:
            user = _person(connection, row, claims)
            answer = accounts.admit(connection, row.tenant, user, False, asked, now)
            detail = {"issuer": row.issuer, "roles": answer.standing.roles}
            audit.note(connection, row.tenant, "signed_in", user, answer.device, detail, now)
    except Denied as error:
        error.tenant, error.device = row.tenant, asked.device
        raise
    return answer


def claims_of(row: Provider, token: str, keys: KeyStore) -> dict[str, Any]:
    """What a token says once everything about it was checked; raises Denied."""
    import jwt

    if len(token) > MOST_BYTES:
        raise Denied("bad_token", "That sign-in does not count here.", 403)
    try:
        header = jwt.get_unverified_header(token)
        kid = header.get("kid")
        if header.get("alg") != row.algorithm or not isinstance(kid, str):
            raise Denied("bad_token", "That sign-in does not count here.", 403)
        key = keys.find(row.jwks, kid)
        if key is None:
            raise Denied("bad_token", "That sign-in does not count here.", 403)
        claims: dict[str, Any] = jwt.decode(
            token,
            jwt.PyJWK.from_dict(key, algorithm=row.algorithm),
            algorithms=[row.algorithm],
            audience=row.audience,
            issuer=row.issuer,
            leeway=LEEWAY,
            options={"require": ["exp", "iss", "aud", row.subject]},
        )
    except jwt.ExpiredSignatureError as error:
        raise Denied("token_old", "That sign-in has run out.", 403) from error
    except jwt.PyJWTError as error:
        raise Denied("bad_token", "That sign-in does not count here.", 403) from error
    if row.needs_scope and row.needs_scope not in _words(claims.get("scp", claims.get("scope"))):
        raise Denied("bad_token", "That sign-in was not made for Holdall.", 403)
    if (
        row.issuer.startswith(MICROSOFT)
        and claims.get("tid") != row.issuer.removeprefix(MICROSOFT).split("/")[0]
    ):
        raise Denied("bad_token", "That sign-in does not count here.", 403)
    return claims


def _provider(connection: Connection, issuer: str, tenant_id: str) -> Provider:
    statement = select(provider.c.data).where(provider.c.issuer == issuer)
    if tenant_id:
        statement = statement.where(provider.c.tenant == tenant_id)
    rows = connection.execute(statement.limit(2)).all()
    if len(rows) != 1:
        raise Denied("bad_token", "That sign-in service is not one this council uses.", 403)
    return msgspec.json.decode(rows[0].data, type=Provider)


def _person(connection: Connection, row: Provider, claims: dict[str, Any]) -> str:
    """The user id of the person a token stands for, whose account is made, or brought up to date."""
    subject = str(claims[row.subject])
    roles = _mapped(row.roles, _words(claims.get(row.role_claim)), row.default_roles)
    if not subject or len(subject) > 200:
        raise Denied("bad_token", "That sign-in does not count here.", 403)
    if not roles:
        raise Denied("no_role", "This council account has no role in Holdall.", 403)
    teams = _mapped(row.teams, _words(claims.get(row.team_claim)), row.default_teams)
    where = (
        identity.c.tenant == row.tenant,
        identity.c.issuer == row.issuer,
        identity.c.subject == subject,
    )
    user = connection.execute(select(identity.c.user_id).where(*where)).scalar()
    if user is None:
        user = new_id()
        connection.execute(
            identity.insert().values(tenant=row.tenant, issuer=row.issuer, subject=subject, user_id=user)
        )
    known = connection.execute(
        select(account).where(account.c.tenant == row.tenant, account.c.user_id == user)
    ).first()
    if known is not None and not known.active:
        raise Denied("no_account", "This person has no account any more.", 403)
    if known is not None and not row.team_claim:
        teams = json.loads(known.teams)  # an administrator's, as the provider says nothing of teams
    name = str(
        claims.get("name") or claims.get("preferred_username") or (known.name if known else "Colleague")
    )
    accounts.put_account(connection, row.tenant, user, name[:100], roles, teams)
    return str(user)


def _words(claim: Any) -> list[str]:
    """The values of a claim: a list of texts, or one text with spaces between."""
    if isinstance(claim, str):
        return claim.split()
    return [str(value) for value in claim] if isinstance(claim, list) else []


def _mapped(known: dict[str, list[str]], said: Iterable[str], default: list[str]) -> list[str]:
    found = {ours for value in said for ours in known.get(value, ())}
    return sorted(found or default)
