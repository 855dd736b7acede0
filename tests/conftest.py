"""What every test stands on: a fresh encrypted store, two officers, a frozen clock, loopback only."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_SCALE_FACTOR"] = "1"

from app.context import Context, Council
from models.changes import Author
from models.store import Store

NOW = datetime(2026, 12, 17, 14, 21, tzinfo=UTC)
KEY = bytes(range(32))


def pytest_configure(config: pytest.Config) -> None:
    """Makes PySide6 impossible to import for the tests of models, app and sync (tests/domain.ini)."""
    if config.inipath is not None and config.inipath.name == "domain.ini":
        sys.modules["PySide6"] = None  # type: ignore[assignment]


@pytest.fixture(autouse=True)
def _only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches past this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else "127.0.0.1"
        if host not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to reach {host}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def first_officer() -> Author:
    """The person at the laptop."""
    return Author(
        "u-1", "Tomos Aldgate", "team-1", frozenset({"officer"}), "0197d000-0000-7000-8000-000000000001"
    )


@pytest.fixture
def second_officer() -> Author:
    """A colleague who leads the team and may approve."""
    roles = frozenset({"officer", "lead", "finance"})
    return Author("u-2", "Priya Senn", "team-1", roles, "0197d000-0000-7000-8000-000000000002")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A fresh encrypted store."""
    made = Store.create(tmp_path / "holdall.db", KEY)
    yield made
    made.close()


@pytest.fixture
def context(store: Store, first_officer: Author, tmp_path: Path) -> Context:
    """The context of the first officer on a frozen Thursday 17 December 2026, 14:21."""
    return Context(store, first_officer, tmp_path, Council(), lambda: NOW)


@pytest.fixture
def inputs() -> Path:
    """The folder of real files that lies beside the checkout; tests that need it skip without it."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "inputs"
    if not folder.is_dir():
        pytest.skip("the folder of real input files is not beside this checkout")
    return folder
