"""Two laptops and a stick, by commands alone: out of one, into the other, on to the server, and a refusal
that is settled without a window."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app import workspace
from models.income import Account
from models.outbox import OpState, OutboxOp
from models.replay import rebase
from sync.local_server import LocalServer, Person
from tests.journeys.test_command_line import cli

LOCKED = {
    "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    "HOLDALL_PASSPHRASE": "a good long passphrase",
}


@pytest.fixture
def homes(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """Two laptops of one council that have synced once."""
    server = LocalServer([sys.executable, "-m", "app", "server"], tmp_path / "server.db")
    address = server.start()
    homes = (tmp_path / "first", tmp_path / "second")
    people = (Person("u-1", "Tomos Aldgate", ("finance",)), Person("u-2", "Priya Senn", ("finance",)))
    for home, person in zip(homes, people, strict=True):
        code = server.invite([person])
        assert cli(home, "join", "--server", address, "--code", code, **LOCKED).returncode == 0
        assert cli(home, "sync", **LOCKED).returncode == 0
    yield homes
    server.close()


def add_account(home: Path) -> None:
    context = workspace.open_workspace(home, LOCKED["HOLDALL_PASSPHRASE"])
    context.write("Add an account", lambda s: s.add(Account(name="General", key="00-00-00 1")))
    context.store.close()


def test_a_stick_carries_a_days_work_to_the_server(homes: tuple[Path, Path], tmp_path: Path) -> None:
    first, second = homes
    add_account(first)
    stick = tmp_path / "stick" / "work.holdall"
    out = json.loads(cli(first, "courier", "export", str(stick), "--json", **LOCKED).stdout)
    assert (out["file"], out["operations"], out["left"]) == (str(stick), 1, 0)
    assert b"General" not in stick.read_bytes()
    brought = json.loads(cli(second, "courier", "import", str(stick), "--json", **LOCKED).stdout)
    assert (brought["bundle"], brought["operations"], brought["shown"]) == (out["bundle"], 1, 1)
    assert cli(second, "sync", **LOCKED).returncode == 0
    assert json.loads(cli(first, "sync", "--json", **LOCKED).stdout)["waiting"] == 0
    again = cli(second, "courier", "import", str(stick), **LOCKED)
    assert "1 change known here already." in again.stdout
    stick.write_bytes(stick.read_bytes()[:-1])
    spoilt = cli(second, "courier", "import", str(stick), **LOCKED)
    assert (spoilt.returncode, len(spoilt.stderr.splitlines())) == (2, 1)
    assert "damaged" in spoilt.stderr
    database = str(tmp_path / "server.db")
    refused = cli(tmp_path, "server", "courier", "--db", database, str(stick))
    assert (refused.returncode, "damaged" in refused.stderr) == (2, True)


def test_a_refusal_is_settled_without_a_window(homes: tuple[Path, Path], tmp_path: Path) -> None:
    home = homes[0]
    add_account(home)
    context = workspace.open_workspace(home, LOCKED["HOLDALL_PASSPHRASE"])
    answer = {"op": "o", "status": "rejected", "code": "quota"}
    with context.store.connect(write=True) as connection:
        values = {"state": OpState.REJECTED.value, "result": answer}
        connection.execute(OutboxOp.__table__.update().values(values))
        account = connection.execute(select(OutboxOp.record_id)).scalar_one()
        rebase(connection, "income_account", account, context.now())
    context.store.close()
    (item,) = json.loads(cli(home, "refused", "--json", **LOCKED).stdout)["refused"]
    assert item["code"] == "quota"
    assert [way["way"] for way in item["ways"]] == ["retry", "export", "let_go"]
    path = tmp_path / "for the lead.txt"
    assert cli(home, "refused", "--export", str(path), **LOCKED).returncode == 0
    assert item["sentence"] in path.read_text(encoding="utf-8")
    assert cli(home, "refused", "--take", item["op"], "open", **LOCKED).returncode == 2
    assert cli(home, "refused", "--retry", item["op"], **LOCKED).returncode == 0
    assert json.loads(cli(home, "refused", "--json", **LOCKED).stdout)["refused"] == []
    gone = cli(home, "refused", "--let-go", item["op"], **LOCKED)
    assert (gone.returncode, "settled already" in gone.stderr) == (2, True)
    assert json.loads(cli(home, "sync", "--json", **LOCKED).stdout)["pushed"] == 1
