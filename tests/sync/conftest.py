"""Fixtures of the sync tests: laptops over the server's own functions, or over a real server process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.store import Store
from sync.server.store import ServerStore
from tests.sync.cluster import Cluster, NoCluster, running
from tests.sync.kit import KEY, Fleet, RealServer


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store to copy, as making one takes longer than most tests."""
    path = tmp_path_factory.mktemp("template") / "holdall.db"
    Store.create(path, KEY).close()
    return path


@pytest.fixture(scope="session")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerStore]:
    """The database that tests without a network share, each with a council of its own."""
    made = ServerStore.open(str(tmp_path_factory.mktemp("server") / "server.db"))
    yield made
    made.close()


@pytest.fixture
def fleet(tmp_path: Path, books: ServerStore, template: Path) -> Iterator[Fleet]:
    """Laptops of one council, without a network between."""
    made = Fleet(tmp_path, books, template, None)
    yield made
    made.close()


@pytest.fixture
def own_fleet(tmp_path: Path, template: Path) -> Iterator[Fleet]:
    """Laptops of one council whose database is theirs alone, for programs that go through all councils."""
    beside = ServerStore.open(str(tmp_path / "own.db"))
    made = Fleet(tmp_path, beside, template, None)
    yield made
    made.close()
    beside.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """The server process that tests over loopback share, each with a council of its own."""
    db = str(tmp_path_factory.mktemp("process") / "server.db")
    made = RealServer(
        db, extra=["--tries", "1000", "--no-scheduler"]
    ).start()  # one test's failed tries are not another's
    yield made
    made.stop()


@pytest.fixture
def net_fleet(tmp_path: Path, server: RealServer, template: Path) -> Iterator[Fleet]:
    """Laptops that reach a real server process over loopback."""
    beside = ServerStore.open(server.db)
    made = Fleet(tmp_path, beside, template, server)
    yield made
    made.close()
    beside.close()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RealServer]:
    """A server process that the test may stop and start."""
    made = RealServer(str(tmp_path / "server.db")).start()
    yield made
    made.stop()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL cluster that lives as long as the tests."""
    try:
        with running() as made:
            yield made
    except NoCluster as why:
        pytest.skip(str(why))


@pytest.fixture(scope="session")
def postgres(cluster: Cluster) -> Iterator[ServerStore]:
    """The server's store on PostgreSQL, as the role that serves."""
    made = cluster.prepare()
    yield made
    made.close()


@pytest.fixture
def pg_fleet(tmp_path: Path, postgres: ServerStore, template: Path) -> Iterator[Fleet]:
    """Laptops of one council over PostgreSQL, without a network between."""
    made = Fleet(tmp_path, postgres, template, None)
    yield made
    made.close()
