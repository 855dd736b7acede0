"""Copies of the server's database: proven before they count, put back with a new epoch."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from models.outbox import OpState, OutboxOp, ScopeState
from sync.server import copying
from sync.server.__main__ import main
from sync.server.store import ServerStore
from sync.server.tables import epoch, scope_counter
from tests.sync.kit import Fleet, RealServer
from tests.things import Booking, Place, Thing

TEAM = "team:team-1"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any], str]:
    """A command of the server: exit code, its document, what it said to people."""
    code = main([*arguments, "--with", "tests.things"])
    told = capsys.readouterr()
    return code, json.loads(told.out) if told.out else {}, told.err


def council(folder: Path, template: Path) -> tuple[str, Fleet]:
    """A database with some work in it."""
    db = str(folder / "server.db")
    fleet = Fleet(folder, ServerStore.open(db), template, None)
    laptop = fleet.join()
    place = Place(places=2)
    laptop.write("Add", lambda s: s.add_all([Thing(title="Gutter"), place]))
    laptop.write("Book", lambda s: s.add(Booking(place_id=place.id)))
    laptop.sync()
    return db, fleet


def test_a_copy_is_taken_while_the_server_runs_proven_and_then_called_safe(
    tmp_path: Path, template: Path, own_server: RealServer, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet = Fleet(tmp_path, ServerStore.open(own_server.db), template, own_server)
    laptop = fleet.join()
    laptop.write("Add", lambda s: s.add(Thing(title="Gutter")))
    laptop.sync()
    out = tmp_path / "copies" / "night.db"
    code, told, _ = run(capsys, "backup", "--db", own_server.db, "--out", str(out))
    assert (code, told["file"], told["bytes"]) == (0, str(out), out.stat().st_size)
    assert told["scopes"][fleet.tenant] == {TEAM: 1}
    with fleet.books.read() as connection:
        assert connection.execute(select(scope_counter.c.safe)).scalars().all() == [1]
    laptop.write("Add", lambda s: s.add(Thing(title="Another")))
    laptop.sync()
    with fleet.books.read() as connection:
        assert connection.execute(select(scope_counter.c.safe)).scalars().all() == [1]
    assert [path.name for path in out.parent.iterdir()] == ["night.db"]
    fleet.close()
    fleet.books.close()


def test_a_copy_that_does_not_fit_is_never_called_safe(
    tmp_path: Path, template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    db, fleet = council(tmp_path, template)
    with fleet.books.write() as connection:
        connection.execute(text("UPDATE change SET data = replace(data, 'Gutter', 'Butter')"))
    out = tmp_path / "night.db"
    code, told, said = run(capsys, "backup", "--db", db, "--out", str(out))
    assert (code, told) == (2, {})
    assert "was altered" in said
    assert not out.exists()
    with fleet.books.read() as connection:
        assert set(connection.execute(select(scope_counter.c.safe)).scalars()) == {0}
    fleet.close()
    fleet.books.close()


SPOILS = {
    "was altered": "UPDATE change SET data = replace(data, '\"seq\":2', '\"seq\":9') WHERE seq = 2",
    "is missing from the log": "DELETE FROM change WHERE seq = 2",
    "its counter says": "UPDATE scope_counter SET n = n + 1",
    "not the one that the counter keeps": "UPDATE scope_counter SET chain = '00'",
    "there are changes and no counter": "DELETE FROM scope_counter",
    "what test_booking": "DELETE FROM holding",
    "the log lacks": "UPDATE record SET seq = 99",
    "come to the digest": "UPDATE record SET body = replace(body, 'Gutter', 'Butter')",
    "audit does not fit": "UPDATE tenant SET audit_n = audit_n + 1",
}


@pytest.mark.parametrize("words", SPOILS)
def test_verify_names_what_does_not_fit(
    words: str, tmp_path: Path, template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    db, fleet = council(tmp_path, template)
    code, told, _ = run(capsys, "verify", "--db", db)
    assert (code, told["ok"], told["problems"]) == (0, True, [])
    assert told["scopes"][fleet.tenant] == {TEAM: 3}
    with fleet.books.write() as connection:
        connection.exec_driver_sql(SPOILS[words])
    code, told, _ = run(capsys, "verify", "--db", db)
    assert (code, told["ok"]) == (1, False)
    assert any(words in line for line in told["problems"])
    fleet.close()
    fleet.books.close()


def test_a_copy_is_put_back_with_a_new_epoch_and_the_laptops_send_the_rest(
    tmp_path: Path, template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    db, fleet = council(tmp_path, template)
    laptop = fleet.laptops[0]
    night = tmp_path / "night.db"
    assert run(capsys, "backup", "--db", db, "--out", str(night))[0] == 0
    laptop.write("Add", lambda s: s.add(Thing(title="After the copy")))
    laptop.sync()
    code, _, said = run(capsys, "restore", "--db", db, "--from", str(night))
    assert code == 2
    assert "running" in said
    fleet.books.close()
    code, _, said = run(capsys, "restore", "--db", db, "--from", str(night))
    assert code == 2
    assert "holds more" in said
    code, told, _ = run(capsys, "restore", "--db", db, "--from", str(night), "--force")
    assert code == 0
    assert Path(told["kept"]).exists()
    assert told["scopes"][fleet.tenant] == {TEAM: 3}
    fleet.move(ServerStore.open(db))
    report = laptop.sync()
    assert report.healed is not None
    assert report.healed.resent == 1
    assert laptop.read(lambda s: set(s.scalars(select(ScopeState.epoch)))) == {told["epochs"][fleet.tenant]}
    assert laptop.read(lambda s: set(s.scalars(select(OutboxOp.state)))) == {OpState.SETTLED.value}
    with fleet.books.read() as connection:
        rows = connection.execute(select(epoch).order_by(epoch.c.started_at)).all()
    assert [row.reason for row in rows] == ["init", "restore"]
    assert rows[1].parent == rows[0].epoch
    assert json.loads(rows[1].heads) == {TEAM: 3}
    fleet.close()
    fleet.books.close()


def test_a_damaged_database_gives_way_to_a_copy_and_a_damaged_copy_does_not(
    tmp_path: Path, template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    db, fleet = council(tmp_path, template)
    fleet.close()
    night = tmp_path / "night.db"
    assert run(capsys, "backup", "--db", db, "--out", str(night))[0] == 0
    fleet.books.close()
    spoilt = tmp_path / "spoilt.db"
    shutil.copy(night, spoilt)
    with spoilt.open("r+b") as file:
        file.seek(5_000)
        file.write(b"\x00" * 20_000)
    before = Path(db).read_bytes()
    code, _, said = run(capsys, "restore", "--db", db, "--from", str(spoilt))
    assert code == 2
    assert "spoilt" in said or "damaged" in said or "copy" in said
    assert Path(db).read_bytes() == before
    Path(db).write_bytes(b"nothing of use" * 1_000)
    code, told, _ = run(capsys, "restore", "--db", db, "--from", str(night))
    assert code == 0
    assert Path(told["kept"]).read_bytes().startswith(b"nothing of use")
    assert run(capsys, "verify", "--db", db)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("verify", "--db", "nowhere.db"), "There is no database"),
        (("backup", "--db", "nowhere.db", "--out", "x.db"), "There is no database"),
        (("restore", "--db", "some.db", "--from", "nowhere.db"), "There is no copy"),
        (("restore", "--db", "some.db"), "There is no copy to put back"),
    ],
)
def test_a_wrong_name_is_said_in_a_sentence(
    arguments: tuple[str, ...],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, said = run(capsys, *arguments)
    assert code == 2
    assert words in said
    assert list(tmp_path.iterdir()) == []


def test_a_restore_that_dies_half_way_leaves_the_database_as_it_was(
    tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db, fleet = council(tmp_path, template)
    now = datetime.now(UTC)
    copying.backup(db, tmp_path / "night.db", now)
    fleet.laptops[0].write("More", lambda s: s.add(Thing(title="More")))
    fleet.laptops[0].sync()
    fleet.close()
    fleet.books.close()

    def die(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(copying, "_proven", die)
    with pytest.raises(KeyboardInterrupt):
        copying.restore(db, tmp_path / "night.db", now, force=True)
    monkeypatch.undo()
    assert copying.verify(db)["scopes"][fleet.tenant] == {TEAM: 4}
    assert not list(tmp_path.glob("*.coming"))
