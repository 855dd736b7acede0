"""What was acknowledged is on the disk (L13): both ends wait for it at every commit."""

from __future__ import annotations

from pathlib import Path

import pytest

from models import store as local
from models.store import Store
from sync.server.store import ServerStore

KEY = bytes(range(32))
FULL = 2


def laptop_commits(path: Path) -> set[int]:
    """How a laptop's connections sync, as SQLite says it in the middle of their transactions."""
    store = Store.create(path, KEY)
    found = set()
    for write in (False, True):
        with store.connect(write=write) as connection:
            found.add(int(connection.exec_driver_sql("PRAGMA synchronous").scalar_one()))
    store.close()
    return found


def server_commits(store: ServerStore) -> set[str]:
    """The same of a server's connections."""
    ask = "SHOW synchronous_commit" if store.postgres else "PRAGMA synchronous"
    with store.read("averwick") as reading, store.write("averwick") as writing:
        return {str(one.exec_driver_sql(ask).scalar_one()) for one in (reading, writing)}


def test_a_laptop_waits_for_its_disk_at_every_commit(tmp_path: Path) -> None:
    assert laptop_commits(tmp_path / "holdall.db") == {FULL}


def test_a_laptop_that_did_not_wait_would_be_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hasty = tuple(line.replace("FULL", "OFF") for line in local.PRAGMAS)
    monkeypatch.setattr(local, "PRAGMAS", hasty)
    assert laptop_commits(tmp_path / "holdall.db") != {FULL}


def test_a_server_waits_for_its_disk_at_every_commit(tmp_path: Path) -> None:
    store = ServerStore.open(str(tmp_path / "server.db"))
    assert server_commits(store) == {str(FULL)}
    store.close()


def test_a_server_on_postgresql_waits_for_its_disk_at_every_commit(postgres: ServerStore) -> None:
    assert server_commits(postgres) == {"on"}
