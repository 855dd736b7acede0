"""Joining, tokens, administrators, and the HTTP face of a real server process."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import requests
from sqlalchemy import Connection

from models.ids import new_id
from sync import account as accounts_here
from sync import codes, wire
from sync.account import public_key, sign
from sync.client import HttpTransport, enrol, hello
from sync.errors import SignedOut, SyncError
from sync.server import accounts
from sync.server.api import create_app
from sync.server.denied import Denied
from sync.server.store import ServerStore, ensure_tenant
from sync.server.throttle import Throttle
from tests.sync.kit import ROOT, Fleet, RealServer
from tests.things import Thing

NOW = datetime(2026, 12, 17, 14, 21, tzinfo=UTC)
SEED = bytes(range(32))


@pytest.fixture
def council(books: ServerStore) -> Iterator[tuple[Connection, str]]:
    """A council with one person, in a transaction that is thrown away."""
    tenant = f"c-{new_id()[-12:]}"
    connection = books.engine.connect()
    with connection.begin() as transaction:
        ensure_tenant(connection, tenant, "Averwick Borough Council", "01632 960 100", NOW)
        accounts.put_account(connection, tenant, "u-1", "Tomos Aldgate", ["officer"], ["team-1"])
        yield connection, tenant
        transaction.rollback()
    connection.close()


def asking(code: str, device: str, seed: bytes = SEED) -> wire.EnrolRequest:
    key = public_key(seed)
    return wire.EnrolRequest(code, device, "Laptop", key, sign(seed, wire.enrol_text(code, device, key)))


def renewing(refresh: str, device: str, seed: bytes = SEED, at: datetime = NOW) -> wire.TokenRequest:
    ms = int(at.timestamp() * 1000)
    return wire.TokenRequest(device, refresh, ms, sign(seed, wire.refresh_text(device, refresh, ms)))


def test_a_code_lets_one_laptop_in_and_says_who_it_is_for(council: tuple[Connection, str]) -> None:
    connection, tenant = council
    code, expires = accounts.make_code(connection, tenant, "u-1", NOW)
    device = new_id()
    answer = accounts.redeem(connection, asking(code, device), NOW)
    assert expires == NOW + timedelta(minutes=15)
    assert (answer.tenant, answer.standing.user, answer.standing.name) == (tenant, "u-1", "Tomos Aldgate")
    assert answer.standing.scopes == ["team:team-1", "tenant", "user:u-1"]
    assert answer.council == wire.CouncilCard("Averwick Borough Council", "01632 960 100")
    actor = accounts.authenticate(connection, answer.tokens.access, NOW)
    assert (actor.device_id, actor.roles) == (device, frozenset({"officer"}))
    accounts.redeem(connection, asking(code, device), NOW)  # the answer was lost: it may ask again
    with pytest.raises(Denied, match="does not work"):
        accounts.redeem(connection, asking(code, new_id()), NOW)


def test_a_code_dies_after_fifteen_minutes_or_five_wrong_tries(council: tuple[Connection, str]) -> None:
    connection, tenant = council
    code, _ = accounts.make_code(connection, tenant, "u-1", NOW)
    with pytest.raises(Denied):
        accounts.redeem(connection, asking(code, new_id()), NOW + timedelta(minutes=15, seconds=1))
    code, _ = accounts.make_code(connection, tenant, "u-1", NOW)
    plain = codes.read(code) or ""
    wrong_body = plain[:2] + "".join("Z" if c != "Z" else "Y" for c in plain[2:7])
    wrong = wrong_body + codes.check_character(wrong_body)
    for _ in range(5):
        with pytest.raises(Denied):
            accounts.redeem(connection, asking(wrong, new_id()), NOW)
    with pytest.raises(Denied):
        accounts.redeem(connection, asking(code, new_id()), NOW)


def test_a_laptop_proves_its_key_when_it_joins_and_when_it_renews(council: tuple[Connection, str]) -> None:
    connection, tenant = council
    code, _ = accounts.make_code(connection, tenant, "u-1", NOW)
    device = new_id()
    forged = asking(code, device)
    forged.proof = sign(bytes(32), wire.enrol_text(code, device, forged.key))
    with pytest.raises(Denied, match="key is its own"):
        accounts.redeem(connection, forged, NOW)
    answer = accounts.redeem(connection, asking(code, device), NOW)
    with pytest.raises(Denied, match="key is its own"):
        accounts.renew(connection, renewing(answer.tokens.refresh, device, bytes(32)), NOW)
    again, _ = accounts.make_code(connection, tenant, "u-1", NOW)
    with pytest.raises(Denied, match="another key"):
        accounts.redeem(connection, asking(again, device, bytes(32)), NOW)
    assert accounts.redeem(connection, asking(again, device), NOW).device == device


def test_tokens_end_and_renew_and_a_lost_answer_can_be_asked_for_days_later(
    council: tuple[Connection, str],
) -> None:
    connection, tenant = council
    code, _ = accounts.make_code(connection, tenant, "u-1", NOW)
    device = new_id()
    first = accounts.redeem(connection, asking(code, device), NOW).tokens
    with pytest.raises(Denied, match="not valid"):
        accounts.authenticate(connection, first.access, NOW + timedelta(minutes=16))
    with pytest.raises(Denied, match="not valid"):
        accounts.authenticate(connection, first.refresh, NOW)
    soon, later = NOW + timedelta(hours=1), NOW + timedelta(days=9)
    accounts.renew(connection, renewing(first.refresh, device, at=soon), soon)  # lost on the way
    second = accounts.renew(connection, renewing(first.refresh, device, at=later), later)
    assert accounts.authenticate(connection, second.access, later).user_id == "u-1"


def test_a_stolen_refresh_token_that_comes_back_ends_the_whole_family(
    council: tuple[Connection, str],
) -> None:
    connection, tenant = council
    code, _ = accounts.make_code(connection, tenant, "u-1", NOW)
    device = new_id()
    first = accounts.redeem(connection, asking(code, device), NOW).tokens
    second = accounts.renew(connection, renewing(first.refresh, device), NOW)
    third = accounts.renew(connection, renewing(second.refresh, device), NOW)
    later = NOW + timedelta(seconds=1)
    with pytest.raises(Denied, match="join again"):
        accounts.renew(connection, renewing(first.refresh, device, at=later), later)
    for tokens in (second, third):
        with pytest.raises(Denied, match="join again"):
            accounts.renew(connection, renewing(tokens.refresh, device, at=later), later)
    with pytest.raises(Denied):
        accounts.authenticate(connection, third.access, later)
    again, _ = accounts.make_code(connection, tenant, "u-1", later)
    fresh = accounts.redeem(connection, asking(again, device), later).tokens
    assert accounts.authenticate(connection, fresh.access, later).device_id == device


def test_a_renewal_that_was_late_on_its_way_signs_nobody_out(council: tuple[Connection, str]) -> None:
    connection, tenant = council
    code, _ = accounts.make_code(connection, tenant, "u-1", NOW)
    device = new_id()
    first = accounts.redeem(connection, asking(code, device), NOW).tokens
    late = renewing(first.refresh, device, at=NOW + timedelta(seconds=1))
    second = accounts.renew(connection, renewing(first.refresh, device, at=NOW), NOW)
    soon = NOW + timedelta(seconds=2)
    third = accounts.renew(connection, renewing(second.refresh, device, at=soon), soon)
    with pytest.raises(Denied, match="answered already"):
        accounts.renew(connection, late, NOW + timedelta(seconds=30))
    hours = NOW + timedelta(hours=5)
    with pytest.raises(Denied, match="another time"):
        accounts.renew(connection, late, hours)
    assert accounts.authenticate(connection, third.access, soon).device_id == device


def test_a_server_that_forgot_a_token_renews_it_for_the_laptop_that_has_the_key(
    council: tuple[Connection, str],
) -> None:
    connection, tenant = council
    code, _ = accounts.make_code(connection, tenant, "u-1", NOW)
    device = new_id()
    accounts.redeem(connection, asking(code, device), NOW)
    unknown = f"{tenant}.made-after-the-copy"
    with pytest.raises(Denied, match="key is its own"):
        accounts.renew(connection, renewing(unknown, device, bytes(32)), NOW)
    tokens = accounts.renew(connection, renewing(unknown, device), NOW)
    assert accounts.authenticate(connection, tokens.access, NOW).device_id == device


def test_what_opens_a_door_is_not_kept_in_the_clear(council: tuple[Connection, str]) -> None:
    connection, tenant = council
    code, _ = accounts.make_code(connection, tenant, "u-1", NOW)
    tokens = accounts.redeem(connection, asking(code, new_id()), NOW).tokens
    kept = ""
    for table in ("enrol_code", "token", "device"):
        rows = connection.exec_driver_sql(f"SELECT * FROM {table} WHERE tenant = ?", (tenant,)).all()
        kept += repr(rows)
    for secret in (codes.read(code) or "", tokens.access, tokens.refresh, tokens.access.split(".")[1]):
        assert secret not in kept


def test_failed_tries_from_one_address_are_slowed_down() -> None:
    tries = Throttle("3/minute")
    for _ in range(3):
        assert tries.wait("10.0.0.1") == 0
        tries.spend("10.0.0.1")
    assert 0 < tries.wait("10.0.0.1") <= 61
    assert tries.wait("10.0.0.2") == 0


def test_a_laptop_joins_by_http_renews_by_itself_and_is_closed_out(net_fleet: Fleet) -> None:
    laptop = net_fleet.join(roles=("officer", "admin"))
    kept: list[accounts_here.Account] = []
    laptop.account.access_until = 0
    transport = HttpTransport(laptop.account, kept.append)
    before = laptop.account.refresh
    transport.pull(wire.PullRequest({}))
    assert (len(kept), laptop.account.refresh != before) == (1, True)
    laptop.account.access = "x.y"  # refused by the server: renewed without a word
    transport.pull(wire.PullRequest({}))
    assert len(kept) == 2
    made = transport.admin_code(wire.CodeRequest("u-9", "New Person", ["outreach"], ["team-1"]))
    other = enrol(laptop.account.server, made.code)
    assert (other.user, other.roles) == ("u-9", ["outreach"])
    with net_fleet.books.write() as connection:
        assert accounts.revoke(connection, net_fleet.tenant, laptop.account.device)
    with pytest.raises(SignedOut, match="has closed this laptop out"):
        transport.pull(wire.PullRequest({}))
    transport.close()


def test_roles_are_those_of_today_and_reach_the_laptop_with_the_next_pull(net_fleet: Fleet) -> None:
    laptop = net_fleet.join()
    net_fleet.hire("u-1", "Tomos Aldgate-Hale", ("officer", "lead"), ("team-1", "team-2"))
    report = laptop.sync()
    assert report.standing_changed
    kept = accounts_here.load(laptop.store)
    assert kept is not None
    assert (kept.name, kept.roles) == ("Tomos Aldgate-Hale", ["lead", "officer"])
    assert "team:team-2" in report.scopes
    assert not laptop.sync().standing_changed


def test_an_account_is_kept_in_the_store_and_a_new_device_counts_anew(fleet: Fleet) -> None:
    laptop = fleet.join()
    laptop.write("Add", lambda s: s.add(Thing(title="One")))
    laptop.sync()
    account = accounts_here.load(laptop.store)
    assert account is not None
    account.device = new_id()
    accounts_here.save(laptop.store, account)
    with laptop.store.connect() as connection:
        rows = connection.exec_driver_sql("SELECT dseq, state FROM outbox").all()
    assert [tuple(row) for row in rows] == [(None, "settled")]


def test_a_typing_slip_in_a_code_is_noticed_before_any_server_is_asked() -> None:
    with pytest.raises(SyncError, match="not a code"):
        enrol("http://127.0.0.1:1", "AVW7-K2M8X")


def test_the_server_says_what_it_speaks_and_is_wary(server: RealServer) -> None:
    said = hello(server.address)
    assert (said.service, said.protocol, said.max_ops) == ("holdall", [1, 1], wire.MAX_OPS)
    base = server.address
    with requests.Session() as line:

        def post(path: str, data: bytes, header: str, value: str) -> requests.Response:
            return line.post(base + path, data=data, headers={header: value}, timeout=10)

        for path, status in {"/healthz": 200, "/readyz": 200, "/v1/admin/devices": 401, "/no": 404}.items():
            assert line.get(base + path, timeout=10).status_code == status
        old = line.get(f"{base}/v1/hello", headers={"Holdall-Protocol": "99"}, timeout=10)
        assert (old.status_code, old.json()["error"], old.headers["Holdall-Epoch"]) == (426, "protocol", "-")
        bomb = gzip.compress(bytes(40_000_000))
        assert post("/v1/push", bomb, "Content-Encoding", "gzip").status_code == 401  # not unpacked
        assert post("/v1/enrol", bomb, "Content-Encoding", "gzip").status_code == 413
        assert post("/v1/enrol", b"\x1f\x8bxx", "Content-Encoding", "gzip").status_code == 400
        assert post("/v1/enrol", b"{}", "Content-Encoding", "br").status_code == 415
        assert post("/v1/push", b"{}", "Authorization", "Bearer \u00e9").status_code == 401
        sent = post("/v1/enrol", b'{"code": 5}', "Accept", "*/*")
        assert (sent.status_code, sent.json()["error"]) == (400, "malformed")
        assert int(sent.headers["Holdall-Server-Time"]) > 1_700_000_000_000


def test_the_openapi_document_names_every_route_and_message(books: ServerStore) -> None:
    document: dict[str, Any] = create_app(books).openapi()
    assert {"/v1/hello", "/v1/enrol", "/v1/push", "/v1/pull", "/healthz"} <= set(document["paths"])
    schemas = document["components"]["schemas"]
    assert {"Op", "Result", "PushAnswer", "PullAnswer", "Problem"} <= set(schemas)
    text = json.dumps(document)
    for reference in {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}:
        assert reference in schemas


def test_the_steps_lead_to_the_tables_that_the_code_expects(books: ServerStore) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from sync.server.tables import metadata

    with books.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sync.server", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_makes_a_code_as_one_json_document_or_in_words(tmp_path: Path) -> None:
    enrol_ann = ("enrol", "--db", str(tmp_path / "s.db"), "--tenant", "averwick", "--role", "officer")
    told = json.loads(command(*enrol_ann, "--name", "Ann Field", "--site", "library", "--json").stdout)
    assert codes.read(told["code"])
    assert (told["user"], set(told) >= {"code", "expires"}) == ("ann-field", True)
    said = command(*enrol_ann, "--user", "ann-field").stdout
    assert said.startswith("Joining code for Ann Field: ")
    assert command(*enrol_ann, "--user", "u-7").stdout.startswith("Joining code for u-7: ")
    store = ServerStore.open(str(tmp_path / "s.db"))
    with store.read() as connection:
        sites = connection.exec_driver_sql("SELECT sites FROM account WHERE user_id = 'ann-field'").scalar()
    store.close()
    assert sites == '["library"]'


def test_a_command_with_a_slip_says_so_and_makes_nothing(tmp_path: Path) -> None:
    db = str(tmp_path / "s.db")
    for arguments, words in (
        (("enrol", "--role", "boss", "--user", "u-1"), "“boss” is not a role"),
        (("enrol", "--role", "lead"), "Nobody is named"),
        (
            ("provider", "--issuer", "http://idp.example.org", "--client-id", "x", "--default-role", "lead"),
            "https",
        ),
        (
            ("provider", "--issuer", "https://x.example.org", "--client-id", "x", "--jwks", "https://x"),
            "nobody could",
        ),
        (
            ("provider", "--issuer", "https://x", "--client-id", "x", "--jwks", "https://x", "--role", "a"),
            "a pair",
        ),
    ):
        done = command(*arguments, "--db", db)
        assert (done.returncode, done.stdout, words in done.stderr) == (2, "", True), done.stderr
    assert not Path(db).exists()


def test_a_server_nobody_calls_stops_by_itself(tmp_path: Path) -> None:
    made = RealServer(str(tmp_path / "s.db"), extra=["--idle-exit", "0.3"]).start()
    assert made.process is not None
    try:
        assert made.process.wait(20) == 0
    finally:
        made.stop()


def test_messages_of_a_newer_end_are_still_read() -> None:
    raw = b'{"op":"o","status":"applied","seq":1,"colour":"red"}'
    assert msgspec.json.decode(raw, type=wire.Result).seq == 1
