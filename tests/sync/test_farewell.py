"""A laptop that was closed out hands its unsent work over before its key goes; nothing of it is applied."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from msgspec import Raw

from models import blobs, grace
from models.inclusion import Venue
from models.outbox import OutboxOp
from sync import farewell, wire
from sync.client import Caller, HttpTransport
from sync.errors import Refused, Revoked, SyncError
from sync.server import accounts, audit
from sync.server.store import ServerStore
from sync.server.tables import device
from tests.sync.kit import ROOT, Fleet, Laptop, RealServer
from tests.things import Thing


def revoke(fleet: Fleet, laptop: Laptop) -> None:
    with fleet.books.write(fleet.tenant) as connection:
        assert accounts.revoke(connection, fleet.tenant, laptop.account.device)


def add(laptop: Laptop, title: str) -> None:
    laptop.write(f"Add {title}", lambda s: s.add(Thing(title=title)))


@pytest.fixture
def lead(net_fleet: Fleet) -> HttpTransport:
    """A lead of the same team."""
    laptop = net_fleet.join("u-2", "Priya Senn", ("lead", "officer"))
    assert isinstance(laptop.transport, HttpTransport)
    return laptop.transport


def parts(line: HttpTransport) -> list[wire.QuarantineRow]:
    return line.quarantine()


def test_unsent_work_lies_in_quarantine_for_a_lead_and_is_not_applied(
    net_fleet: Fleet, lead: HttpTransport
) -> None:
    laptop = net_fleet.join()
    add(laptop, "Sent")
    laptop.sync()
    add(laptop, "Unsent one")
    laptop.write("Add a photo", lambda s: blobs.put(s, b"\x89PNG" * 30, "image/png", "door.png"))
    add(laptop, "Unsent two")
    revoke(net_fleet, laptop)
    with pytest.raises(Revoked, match="closed this laptop out"):
        laptop.sync()
    handed = farewell.hand_over(laptop.store, laptop.account)
    assert handed == farewell.HandedOver(2, 1)
    assert farewell.hand_over(laptop.store, laptop.account) == handed  # asked again: nothing doubled
    rows = parts(lead)
    assert sorted(row.items for row in rows) == [1, 2]
    assert {(row.device, row.name, row.user) for row in rows} == {
        (laptop.account.device, "Tomos Aldgate", "u-1")
    }
    ops = next(row for row in rows if row.items == 2)
    held = lead.quarantined(ops.id)
    assert [item["f"]["title"] for item in held.items] == ["Unsent one", "Unsent two"]
    with net_fleet.books.read(net_fleet.tenant) as connection:
        titles = connection.exec_driver_sql(
            "SELECT body FROM record WHERE tenant = ?", (net_fleet.tenant,)
        ).all()
        acts = [line.act for line in audit.page(connection, net_fleet.tenant, 0).lines]
    assert (len(titles), "Sent" in str(titles)) == (1, True)
    assert acts.count("quarantined") == 2
    assert acts.count("quarantine_read") == 1


def test_what_was_refused_and_never_settled_is_handed_over_too(net_fleet: Fleet) -> None:
    laptop = net_fleet.join()
    add(laptop, "One")
    with laptop.store.connect(write=True) as connection:
        connection.exec_driver_sql("UPDATE outbox SET state = 'rejected'")
    revoke(net_fleet, laptop)
    assert farewell.hand_over(laptop.store, laptop.account).changes == 1


def test_a_reader_sees_only_scopes_that_are_theirs_and_an_officer_nothing(
    net_fleet: Fleet, lead: HttpTransport
) -> None:
    laptop = net_fleet.join(teams=("team-1", "team-7"))
    add(laptop, "Of the team")
    with laptop.store.write(laptop.author, "Own", laptop.clock.tick()) as session:
        session.add(Thing(title="My own", scope="user:u-1"))
        session.add(Thing(title="Another team", scope="team:team-7"))
    revoke(net_fleet, laptop)
    farewell.hand_over(laptop.store, laptop.account)
    (row,) = parts(lead)

    def seen(line: HttpTransport) -> tuple[list[str], int]:
        found = line.quarantined(row.id)
        return sorted(item["f"]["title"] for item in found.items), found.withheld

    assert seen(lead) == (["Of the team"], 2)
    admin = net_fleet.join("u-3", "Ann Field", ("admin",), ("team-9",)).transport
    assert seen(admin) == (["Another team", "Of the team"], 1)
    officer = net_fleet.join("u-4", "Huw Bassett").transport
    for ask in (officer.quarantine, lambda: officer.quarantined(row.id)):
        with pytest.raises(Refused, match="forbidden"):
            ask()
    with pytest.raises(Refused, match="not_found"):
        lead.quarantined("0" * 36)


def give(laptop: Laptop, body: bytes, part: str = "0" * 36, **other: str) -> wire.QuarantineAnswer:
    account = laptop.account
    text = wire.quarantine_text(account.device, part, body)
    asked = wire.QuarantineRequest(account.tenant, account.device, part, Raw(body), account.sign(text))
    for name, value in other.items():
        setattr(asked, name, value)
    caller = Caller(account.server)
    try:
        return caller.call("POST", "/v1/quarantine", wire.QuarantineAnswer, msgspec.json.encode(asked))
    finally:
        caller.close()


def test_only_a_laptop_that_was_closed_out_and_shows_its_key_may_hand_over(
    own_server: RealServer, tmp_path: Path, template: Path
) -> None:
    books = ServerStore.open(own_server.db)
    fleet = Fleet(tmp_path / "laptops", books, template, own_server)
    (tmp_path / "laptops").mkdir()
    laptop, other = fleet.join(), fleet.join("u-2", "Priya Senn")
    with pytest.raises(Refused, match="not_revoked"):
        give(laptop, b'[{"op":"1"}]')
    revoke(fleet, laptop)
    for wrong in ({"device": other.account.device}, {"tenant": "other"}, {"id": "1" * 36}):
        with pytest.raises(SyncError):
            give(laptop, b'[{"op":"1"}]', **wrong)
    for body in (b"[]", b"{}", b'["x"]', b"[" + b'{"a":1},' * 5_000 + b'{"a":1}]'):
        with pytest.raises(Refused, match="malformed"):
            give(laptop, body)
    assert give(laptop, b'[{"op":"1"}]') == wire.QuarantineAnswer("0" * 36, 1)
    fleet.close()
    books.close()


def test_more_than_is_kept_of_one_laptop_is_refused_and_nothing_here_changes(
    net_fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sync.server import quarantine

    laptop = net_fleet.join()
    revoke(net_fleet, laptop)
    monkeypatch.setattr(quarantine, "MOST_BYTES", 20)
    body = b'[{"op":"12345678"}]'
    asked = wire.QuarantineRequest(net_fleet.tenant, laptop.account.device, "1" * 36, Raw(body), "")
    asked.proof = laptop.account.sign(wire.quarantine_text(asked.device, asked.id, body))
    quarantine.take(net_fleet.books, asked, datetime.now(UTC))
    quarantine.take(net_fleet.books, asked, datetime.now(UTC))  # the same again takes the place of itself
    asked.id = "2" * 36
    asked.proof = laptop.account.sign(wire.quarantine_text(asked.device, asked.id, body))
    with pytest.raises(Exception, match="more than is kept") as caught:
        quarantine.take(net_fleet.books, asked, datetime.now(UTC))
    assert getattr(caught.value, "status", 0) == 413


def test_a_server_that_does_not_answer_for_every_part_keeps_the_laptop_as_it_is(
    net_fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    laptop = net_fleet.join()
    add(laptop, "One")
    revoke(net_fleet, laptop)
    monkeypatch.setattr(Caller, "call", lambda *_a, **_k: wire.QuarantineAnswer("another", 1))
    with pytest.raises(SyncError, match="did not keep"):
        farewell.hand_over(laptop.store, laptop.account)
    assert laptop.read(lambda s: s.query(OutboxOp).count()) == 1


def test_copies_of_a_laptop_that_is_closed_out_are_closed_out_with_it(net_fleet: Fleet) -> None:
    first, second, third = (net_fleet.join() for _ in range(3))
    with net_fleet.books.write(net_fleet.tenant) as connection:
        for copy, of in ((second, first), (third, second), (first, third)):
            where = device.c.device_id == copy.account.device
            connection.execute(device.update().where(where).values(copied_from=of.account.device))
    revoke(net_fleet, first)
    for laptop in (first, second, third):
        with pytest.raises(Revoked):
            laptop.sync()


# -- the program itself -----------------------------------------------------------------------------


def cli(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "HOLDALL_HOME": str(home), "HOLDALL_PASSPHRASE": "a good long passphrase"}
    env |= {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring", **environment}
    command = [sys.executable, "-m", "app", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def test_a_real_laptop_hands_over_loses_its_key_and_joins_again_beside_the_old_store(
    own_server: RealServer, tmp_path: Path
) -> None:
    from app import left_behind, workspace

    home = tmp_path / "laptop"
    books = ServerStore.open(own_server.db)
    code = _code(own_server, "u-9")
    assert cli(home, "enrol", "--server", own_server.address, HOLDALL_CODE=code).returncode == 0
    context = workspace.open_workspace(home, "a good long passphrase")
    with context.store.write(context.author, "Add", context.now()) as session:
        session.add(Venue(name="Owen Hall"))
    device_id = context.author.device_id
    context.store.close()
    with books.write("averwick") as connection:
        accounts.revoke(connection, "averwick", device_id)
    killed = cli(home, "sync", HOLDALL_FAIL="after_quarantine")
    assert killed.returncode != 0
    assert (home / "key.json").exists()  # handed over, not yet gone: it is done again
    done = cli(home, "sync")
    assert (done.returncode, "closed this laptop out" in done.stderr) == (3, True)
    assert "1 change not yet sent went to your team lead" in done.stderr
    assert not (home / "key.json").exists()
    with books.read("averwick") as connection:
        held = connection.exec_driver_sql("SELECT data FROM quarantine").all()
    assert ["Owen Hall" in row[0] for row in held] == [True]
    lead = tmp_path / "lead"
    assert (
        cli(
            lead, "enrol", "--server", own_server.address, "--code", _code(own_server, "u-2", "lead")
        ).returncode
        == 0
    )
    (part,) = json.loads(cli(lead, "quarantine", "--json").stdout)["parts"]
    assert (part["device"], part["items"]) == (device_id, 1)
    said = cli(lead, "quarantine", "--part", part["id"], "--out", str(tmp_path / "part.json"))
    assert "Add" in said.stdout
    (item,) = json.loads((tmp_path / "part.json").read_text(encoding="utf-8"))["items"]
    assert item["f"]["name"] == "Owen Hall"
    notice = left_behind.notice(home)
    assert notice is not None
    assert "closed this laptop out" in notice.title
    joined = cli(home, "enrol", "--server", own_server.address, "--code", _code(own_server, "u-9"), "--json")
    assert json.loads(joined.stdout)["user"] == "u-9"
    (kept,) = home.glob("kept-*")
    assert (kept / "holdall.db").exists()
    assert cli(home, "sync").returncode == 0
    books.close()


def _code(server: RealServer, user: str, role: str = "officer") -> str:
    command = [sys.executable, "-m", "app", "server", "enrol", "--db", server.db, "--tenant", "averwick"]
    command += ["--user", user, "--role", role, "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return str(json.loads(done.stdout)["code"])


# -- days of grace ----------------------------------------------------------------------------------


def test_each_sync_begins_the_days_of_grace_anew_as_many_as_the_council_gives(net_fleet: Fleet) -> None:
    laptop = net_fleet.join()

    def kept() -> grace.Grace:
        with laptop.store.connect() as connection:
            found = grace.grace_of(connection)
        assert found is not None
        return found

    first = kept()
    assert first.until - first.met == timedelta(days=14)
    with net_fleet.books.write(net_fleet.tenant) as connection:
        connection.exec_driver_sql(
            "UPDATE tenant SET settings = ? WHERE tenant = ?", ('{"grace_days": 30}', net_fleet.tenant)
        )
    laptop.sync()
    assert kept().until - kept().met == timedelta(days=30)
    later = datetime.now(UTC) + timedelta(days=3)
    laptop.engine._clock = lambda: later
    laptop.sync()
    assert abs(kept().met - later) < timedelta(minutes=1)


def test_a_clock_that_is_off_here_moves_no_day_of_grace(
    net_fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    laptop = net_fleet.join()
    ahead = timedelta(days=2)
    real = __import__("time").time
    monkeypatch.setattr("sync.caller.time.time", lambda: real() + ahead.total_seconds())
    laptop.engine._clock = lambda: datetime.now(UTC) + ahead
    laptop.sync()
    with laptop.store.connect() as connection:
        found = grace.grace_of(connection)
    assert found is not None
    assert abs(found.met - datetime.now(UTC)) < timedelta(minutes=1)
