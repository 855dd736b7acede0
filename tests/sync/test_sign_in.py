"""The server believes a provider's token only when everything about it is right."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from models.errors import HoldallError
from models.ids import new_id
from sync import wire
from sync.account import public_key, sign
from sync.server import accounts, audit, identity
from sync.server.denied import Denied
from sync.server.identity import Provider
from sync.server.jwks import KeyStore
from sync.server.store import ServerStore, ensure_tenant
from tests.sync.idp import Idp

NOW = datetime(2026, 12, 17, 14, 21, tzinfo=UTC)
SEED = bytes(range(32))
KEY = public_key(SEED)


@dataclass
class Desk:
    """A council with one provider, and the keys the server has fetched."""

    books: ServerStore
    idp: Idp
    tenant: str
    now: float = 0.0
    keys: KeyStore = field(default_factory=KeyStore)

    def configure(self, **other: object) -> Provider:
        """Sets the provider up, with some of it changed."""
        given: dict[str, object] = {
            "tenant": self.tenant,
            "issuer": self.idp.issuer,
            "client_id": "laptops",
            "audience": "api://holdall",
            "jwks": self.idp.jwks,
            "roles": {"Holdall.Officer": ["officer"], "Holdall.Lead": ["lead", "officer"]},
            "default_teams": ["team-1"],
        }
        row = Provider(**{**given, **other})  # type: ignore[arg-type]
        with self.books.write(self.tenant) as connection:
            identity.put_provider(connection, row)
        return row

    def enter(self, token: str, device: str = "", **other: str) -> wire.EnrolAnswer:
        """Signs in."""
        device = device or new_id()
        proof = sign(SEED, wire.sign_in_text(token, device, KEY))
        asked = wire.SignInRequest(self.idp.issuer, token, device, "Laptop", KEY, proof, self.tenant)
        for name, value in other.items():
            setattr(asked, name, value)
        return identity.sign_in(self.books, self.keys, asked, NOW)

    def refused(self, token: str, code: str = "bad_token", **other: str) -> None:
        """Makes sure that it is refused, with this word, and that nobody got an account."""
        with pytest.raises(Denied) as caught:
            self.enter(token, **other)
        assert caught.value.code == code
        assert caught.value.status in (403, 503)
        assert self.people() == []

    def people(self) -> list[tuple[str, str, str, str]]:
        """Everybody who has an account: id, name, roles, teams."""
        with self.books.read(self.tenant) as connection:
            rows = connection.exec_driver_sql(
                "SELECT user_id, name, roles, teams FROM account WHERE tenant = ?", (self.tenant,)
            )
            return [(r[0], r[1], r[2], r[3]) for r in rows]


@pytest.fixture(scope="module")
def idp() -> Iterator[Idp]:
    made = Idp()
    yield made
    made.close()


@pytest.fixture
def desk(books: ServerStore, idp: Idp) -> Desk:
    made = Desk(books, idp, f"c-{new_id()[-12:]}")
    made.keys = KeyStore(lambda: made.now)
    idp.asked, idp.answer = 0, None
    with books.write() as connection:
        ensure_tenant(connection, made.tenant, "Averwick Borough Council", "", NOW)
    made.configure()
    return made


def test_a_token_lets_a_laptop_in_and_makes_the_account_with_mapped_roles(desk: Desk) -> None:
    device = new_id()
    answer = desk.enter(desk.idp.token(), device)
    assert (answer.device, answer.standing.name, answer.standing.roles) == (device, "Nia Prys", ["officer"])
    with desk.books.read(desk.tenant) as connection:
        actor = accounts.authenticate(connection, answer.tokens.access, NOW)
        acts = [line.act for line in audit.page(connection, desk.tenant, 0).lines]
    assert (actor.user_id, actor.teams, acts) == (answer.standing.user, ("team-1",), ["signed_in"])
    assert "s-1" not in answer.standing.user


def test_who_comes_again_is_the_same_person_with_todays_name_and_roles(desk: Desk) -> None:
    first = desk.enter(desk.idp.token(email="nia@example.org"))
    again = desk.enter(
        desk.idp.token(name="Nia Prys-Hale", roles="Holdall.Lead other", email="else@example.org")
    )
    assert again.standing.user == first.standing.user
    assert (again.standing.name, again.standing.roles) == ("Nia Prys-Hale", ["lead", "officer"])
    stranger = desk.enter(desk.idp.token(sub="s-2", email="nia@example.org"))
    assert stranger.standing.user != first.standing.user


def test_teams_are_the_administrators_unless_the_provider_has_a_claim_for_them(desk: Desk) -> None:
    user = desk.enter(desk.idp.token()).standing.user
    with desk.books.write(desk.tenant) as connection:
        accounts.put_account(connection, desk.tenant, user, "Nia Prys", ["officer"], ["team-9"])
    assert desk.enter(desk.idp.token()).standing.teams == ["team-9"]
    desk.configure(team_claim="groups", teams={"g-1": ["team-3"]})
    assert desk.enter(desk.idp.token(groups=["g-1", "g-2"])).standing.teams == ["team-3"]


def test_an_account_that_was_closed_is_not_opened_by_signing_in(desk: Desk) -> None:
    user = desk.enter(desk.idp.token()).standing.user
    with desk.books.write(desk.tenant) as connection:
        connection.exec_driver_sql("UPDATE account SET active = ? WHERE user_id = ?", (False, user))
    with pytest.raises(Denied) as caught:
        desk.enter(desk.idp.token())
    assert caught.value.code == "no_account"


def test_a_person_whose_account_has_no_role_here_is_told_so(desk: Desk) -> None:
    desk.refused(desk.idp.token(roles=["Payroll"]), "no_role")
    desk.refused(desk.idp.token(roles=None), "no_role")
    desk.configure(default_roles=["outreach"])
    assert desk.enter(desk.idp.token(roles=None)).standing.roles == ["outreach"]


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "api://other"},
        {"aud": None},
        {"iss": "https://login.example.org"},
        {"iss": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "s" * 201},
        {"exp": None},
        {"nbf": int(time()) + 4000},
        {"iat": "yesterday"},
    ],
)
def test_a_token_with_a_wrong_claim_is_refused(desk: Desk, claims: dict[str, object]) -> None:
    desk.refused(desk.idp.token(**claims))


def test_two_minutes_of_difference_between_clocks_are_forgiven_and_no_more(desk: Desk) -> None:
    desk.refused(desk.idp.token(exp=int(time()) - 130), "token_old")
    desk.enter(desk.idp.token(exp=int(time()) - 100, nbf=int(time()) + 100))


def _none(idp: Idp) -> str:
    return jwt.encode(idp.claims(), None, algorithm="none", headers={"kid": "one"})


def _public_key_as_secret(idp: Idp) -> str:
    """The confusion of algorithms: an HMAC whose secret is the public key that everybody has."""
    pem = idp.keys["one"].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head = _part({"alg": "HS256", "typ": "JWT", "kid": "one"}) + "." + _part(idp.claims())
    import hashlib
    import hmac

    return f"{head}.{_text(hmac.digest(pem, head.encode(), hashlib.sha256))}"


def _other_key(idp: Idp) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(idp.claims(), key, algorithm="RS256", headers={"kid": "one"})


def _other_algorithm(idp: Idp) -> str:
    return jwt.encode(idp.claims(), idp.keys["one"], algorithm="RS512", headers={"kid": "one"})


def _key_in_the_header(idp: Idp) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    jwk = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    headers = {"kid": "mine", "jwk": jwk, "jku": f"{idp.issuer}/mine"}
    return jwt.encode(idp.claims(), key, algorithm="RS256", headers=headers)


def _changed(idp: Idp) -> str:
    head, _, signature = idp.token().split(".")
    return f"{head}.{_part(idp.claims(roles=['Holdall.Lead']))}.{signature}"


def _without_kid(idp: Idp) -> str:
    return jwt.encode(idp.claims(), idp.keys["one"], algorithm="RS256")


def _part(value: object) -> str:
    return _text(json.dumps(value).encode())


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "forge",
    [
        _none,
        _public_key_as_secret,
        _other_key,
        _other_algorithm,
        _key_in_the_header,
        _changed,
        _without_kid,
        lambda idp: "x",
        lambda idp: "",
        lambda idp: idp.token()[:-20],
        lambda idp: idp.token(padding="x" * 20_000),
    ],
    ids=lambda forge: getattr(forge, "__name__", ""),
)
def test_a_token_the_provider_has_not_signed_as_agreed_is_refused(
    desk: Desk, forge: Callable[[Idp], str]
) -> None:
    desk.refused(forge(desk.idp))


def test_a_scope_that_the_council_asks_for_must_be_in_the_token(desk: Desk) -> None:
    desk.configure(needs_scope="sync.readwrite")
    desk.refused(desk.idp.token())
    desk.refused(desk.idp.token(scp="sync.readwrite.all"))
    desk.enter(desk.idp.token(scp="openid sync.readwrite"))
    desk.enter(desk.idp.token(scope="sync.readwrite"))


def test_microsoft_tokens_must_be_of_the_directory_in_their_issuer(desk: Desk) -> None:
    issuer = f"{identity.MICROSOFT}7d5f/v2.0"
    row = Provider(
        tenant="c", issuer=issuer, client_id="x", audience="api://holdall", jwks=desk.idp.jwks, subject="oid"
    )
    with pytest.raises(Denied):
        identity.claims_of(row, desk.idp.token(iss=issuer, oid="o-1", tid="another"), desk.keys)
    with pytest.raises(Denied):
        identity.claims_of(row, desk.idp.token(iss=issuer, tid="7d5f"), desk.keys)
    assert (
        identity.claims_of(row, desk.idp.token(iss=issuer, oid="o-1", tid="7d5f"), desk.keys)["oid"] == "o-1"
    )


def test_an_issuer_that_nobody_configured_is_refused_without_asking_it(desk: Desk) -> None:
    desk.refused(desk.idp.token(), issuer="http://127.0.0.1:9/other")
    desk.refused(desk.idp.token(), tenant="another-council")
    assert desk.idp.asked == 0


def test_an_issuer_that_two_councils_share_needs_the_council_named(desk: Desk) -> None:
    row = desk.configure()
    with desk.books.write() as connection:
        ensure_tenant(connection, f"{desk.tenant}x", "Other", "", NOW)
        row.tenant = f"{desk.tenant}x"
        identity.put_provider(connection, row)
    desk.refused(desk.idp.token(), tenant="")
    assert desk.enter(desk.idp.token()).tenant == desk.tenant


def test_a_laptop_that_cannot_show_its_key_is_refused(desk: Desk) -> None:
    desk.refused(desk.idp.token(), "bad_proof", proof=sign(bytes(32), b"x"))
    desk.refused(desk.idp.token(), "bad_proof", key=public_key(bytes(32)))


def test_keys_are_asked_for_once_a_day_and_for_an_unknown_one_every_five_minutes(desk: Desk) -> None:
    for _ in range(3):
        desk.enter(desk.idp.token())
    assert desk.idp.asked == 1
    desk.idp.keys["two"] = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    new = desk.idp.token("two")
    desk.now = 299
    with pytest.raises(Denied):
        desk.enter(new)
    assert desk.idp.asked == 1
    desk.now = 301
    desk.enter(new)
    assert desk.idp.asked == 2
    del desk.idp.keys["two"]
    desk.now = 302 + 24 * 3600
    with pytest.raises(Denied):
        desk.enter(new)
    assert desk.idp.asked == 3


@pytest.mark.parametrize(
    "answer",
    [
        (302, {"Location": "http://127.0.0.1:9/"}, b""),
        (200, {}, b"<html>sign in</html>"),
        (200, {}, b"[" * 100_000),
        (200, {}, b'{"keys": [' + b'{"kid": "x"},' * 30_000 + b"1]}"),
        (200, {}, b"[]"),
        (500, {}, b"{}"),
    ],
    ids=["redirect", "page", "deep", "large", "list", "fault"],
)
def test_a_provider_that_answers_oddly_is_away_for_now(
    desk: Desk, answer: tuple[int, dict[str, str], bytes]
) -> None:
    desk.idp.answer = answer
    desk.refused(desk.idp.token(), "provider_away 10")
    assert desk.idp.asked == 1
    desk.idp.answer, desk.now = None, 11.0
    desk.enter(desk.idp.token())


def test_a_shared_secret_among_the_keys_is_not_a_key(desk: Desk) -> None:
    secret = base64.urlsafe_b64encode(b"s" * 32).decode().rstrip("=")
    body = json.dumps({"keys": [{"kty": "oct", "kid": "one", "k": secret}, "x", {"kty": "RSA"}]}).encode()
    desk.idp.answer = (200, {}, body)
    desk.refused(desk.idp.token())
    assert desk.keys.find(desk.idp.jwks, "one") is None


def test_keys_are_not_looked_for_where_the_provider_points_to(desk: Desk) -> None:
    elsewhere = Idp()
    try:
        elsewhere.keys = desk.idp.keys
        desk.idp.answer = (302, {"Location": elsewhere.jwks}, b"")
        desk.refused(desk.idp.token(), "provider_away 10")
        assert elsewhere.asked == 0
    finally:
        elsewhere.close()


@pytest.mark.parametrize(
    "changed",
    [
        {"jwks": "http://10.0.0.1/keys"},
        {"jwks": "file:///etc/passwd"},
        {"issuer": "x"},
        {"algorithm": "HS256"},
    ],
)
def test_a_provider_at_an_address_none_can_have_is_not_kept(desk: Desk, changed: dict[str, str]) -> None:
    with pytest.raises(HoldallError):
        desk.configure(**changed)


def test_a_providers_own_document_says_where_its_keys_are_and_must_bear_its_name(desk: Desk) -> None:
    assert identity.discover(desk.idp.issuer) == desk.idp.jwks
    with pytest.raises(HoldallError, match="calls itself"):
        identity.discover(f"{desk.idp.issuer}/")
