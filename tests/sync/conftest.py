"""Fixtures of the sync tests: one server process for all that do not harm it, each with its own council."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sync.kit import Fleet, RealServer


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """The server process that the tests share."""
    made = RealServer(str(tmp_path_factory.mktemp("server") / "server.db")).start()
    yield made
    made.stop()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RealServer]:
    """A server process that the test may stop and start."""
    made = RealServer(str(tmp_path / "server.db")).start()
    yield made
    made.stop()


@pytest.fixture
def fleet(tmp_path: Path, server: RealServer) -> Iterator[Fleet]:
    """Laptops of a council of this test's own."""
    made = Fleet(tmp_path, server)
    yield made
    made.close()


@pytest.fixture
def own_fleet(tmp_path: Path, own_server: RealServer) -> Iterator[Fleet]:
    """Laptops for the test's own server."""
    made = Fleet(tmp_path, own_server)
    yield made
    made.close()
