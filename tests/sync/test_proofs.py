"""A request is its laptop's own: signed with the device's key, for one moment, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import requests

from models.ids import new_id
from models.skew import skew_of
from sync import wire
from sync.account import Account, public_key
from sync.client import HttpTransport
from sync.errors import Offline, SyncError
from sync.server.denied import Denied
from sync.server.proofs import Proofs
from tests.sync.kit import Fleet
from tests.things import Thing

NOW = datetime(2026, 12, 17, 14, 21, tzinfo=UTC)
AT = int(NOW.timestamp() * 1000)
SEED = bytes(range(32))
KEY = public_key(SEED)


@pytest.fixture
def account() -> Account:
    import base64

    return Account(
        server="http://127.0.0.1:1",
        tenant="averwick",
        device=new_id(),
        user="u-1",
        name="Tomos Aldgate",
        roles=[],
        teams=[],
        scopes=[],
        council="",
        telephone="",
        seed=base64.b64encode(SEED).decode(),
        access="averwick.token",
        refresh="",
        access_until=0,
    )


def proof(account: Account, body: bytes = b"{}", at: int = AT, path: str = "/v1/push") -> str:
    return account.signed_headers("POST", path, body, at)["Holdall-Proof"]


def check(proofs: Proofs, header: str, **other: object) -> None:
    given: dict[str, object] = {"method": "POST", "target": "/v1/push", "body": b"{}", "key": KEY}
    given |= {"bearer": "averwick.token", "arrived": NOW, **other}
    proofs.check(header, **given)  # type: ignore[arg-type]


def test_a_signature_covers_method_path_body_token_and_key(account: Account) -> None:
    check(Proofs(), proof(account))
    for other in (
        {"method": "GET"},
        {"target": "/v1/push?x=1"},
        {"body": b"{ }"},
        {"bearer": "averwick.other"},
        {"key": public_key(bytes(32))},
    ):
        with pytest.raises(Denied, match="does not fit") as caught:
            check(Proofs(), proof(account), **other)
        assert (caught.value.code, caught.value.status) == ("proof_wrong", 401)


def test_a_signature_is_good_for_a_minute_of_the_servers_clock(account: Account) -> None:
    for seconds in (-60, 60):
        check(Proofs(), proof(account, at=AT + seconds * 1000))
    for seconds in (-61, 61):
        with pytest.raises(Denied) as caught:
            check(Proofs(), proof(account, at=AT + seconds * 1000))
        assert caught.value.code == "proof_time"


@pytest.mark.parametrize("ahead", [-60, 0, 60])
def test_a_request_that_was_seen_does_not_come_in_again_as_long_as_its_signature_is_good(
    account: Account, ahead: int
) -> None:
    proofs, header = Proofs(), proof(account, at=AT + ahead * 1000)
    check(proofs, header)
    for later in range(0, 61 + ahead, 7):
        with pytest.raises(Denied) as caught:
            check(proofs, header, arrived=NOW + timedelta(seconds=later))
        assert caught.value.code == "proof_seen"
    check(proofs, proof(account))


@pytest.mark.parametrize(
    "header",
    ["x", "1 2", "٣ aaaaaaaaaaaaaaaaaaaa b", f"{AT} short abc", f"{AT} {'n' * 20} {'s' * 101}", "a b c d"],
)
def test_a_header_of_another_shape_is_refused(header: str) -> None:
    with pytest.raises(Denied) as caught:
        check(Proofs(), header)
    assert caught.value.code == "proof_wrong"


def test_what_is_remembered_is_bounded(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.server.proofs.MOST_REMEMBERED", 2)
    proofs = Proofs()
    for _ in range(2):
        check(proofs, proof(account))
    with pytest.raises(Denied) as caught:
        check(proofs, proof(account))
    assert caught.value.status == 429


def test_a_stolen_access_token_alone_opens_nothing_and_an_old_laptop_hears_why(net_fleet: Fleet) -> None:
    laptop = net_fleet.join()
    laptop.sync()
    address, body = f"{laptop.account.server}/v1/pull", wire.encode(wire.PullRequest({}))
    bearer = {"Authorization": f"Bearer {laptop.account.access}"}
    with requests.Session() as line:
        bare = line.post(address, data=body, headers=bearer, timeout=10)
        assert (bare.status_code, bare.json()["error"]) == (426, "protocol")
        thief = Account(**{f: getattr(laptop.account, f) for f in laptop.account.__struct_fields__})
        thief.seed = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
        now = int(datetime.now(UTC).timestamp() * 1000)
        forged = line.post(
            address, data=body, headers=thief.signed_headers("POST", "/v1/pull", body, now), timeout=10
        )
        assert (forged.status_code, forged.json()["error"]) == (401, "proof_wrong")
        good = laptop.account.signed_headers("POST", "/v1/pull", body, now)
        assert line.post(address, data=body, headers=good, timeout=10).status_code == 200
        again = line.post(address, data=body, headers=good, timeout=10)
        assert (again.status_code, again.json()["error"]) == (401, "proof_seen")


def test_a_laptop_whose_clock_is_an_hour_off_learns_the_servers_time_and_syncs(
    net_fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    laptop = net_fleet.join()
    laptop.write("Add", lambda s: s.add(Thing(title="One")))
    real = __import__("time").time
    monkeypatch.setattr("sync.caller.time.time", lambda: real() - 3600)
    laptop.account.access_until = int(real() + 900)
    report = laptop.sync()
    assert report.pushed == 1
    assert -3601 <= report.skew_seconds <= -3599
    with laptop.store.connect() as connection:
        kept = skew_of(connection)
    assert kept is not None
    assert -3601 <= kept.seconds <= -3599


def test_a_request_that_was_changed_on_the_way_is_sent_again_and_nobody_is_signed_out(
    net_fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    laptop = net_fleet.join()
    transport = HttpTransport(laptop.account)
    with monkeypatch.context() as patch:
        patch.setattr(Account, "signed_headers", lambda self, m, p, b, at: _spoilt(self, m, p, at))
        with pytest.raises(Offline, match="did not arrive as it was sent") as caught:
            transport.pull(wire.PullRequest({}))
        assert isinstance(caught.value, SyncError)
    assert transport.pull(wire.PullRequest({})).standing.user == "u-1"
    transport.close()


_signed = Account.signed_headers


def _spoilt(account: Account, method: str, path: str, at: int) -> dict[str, str]:
    return _signed(account, method, path, b"something else", at)
