"""The sample week, made once and copied for every test that needs it."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.context import Context, Council
from app.income import sample
from models.changes import Author
from models.store import Store
from tests.conftest import KEY, NOW


@pytest.fixture(scope="session")
def sample_week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store file with statement 241 in it."""
    path = tmp_path_factory.mktemp("income") / "holdall.db"
    made = Store.create(path, KEY)
    author = Author(
        "u-1", "Tomos Aldgate", "team-1", frozenset({"officer"}), "0197d000-0000-7000-8000-000000000001"
    )
    sample.fill(Context(made, author, path.parent, Council(), lambda: NOW), random.Random(1))
    made.close()
    return path


@pytest.fixture
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A copy of the sample week, or a fresh store for a test of the bare page."""
    path = tmp_path / "holdall.db"
    if "bare" in request.fixturenames:
        made = Store.create(path, KEY)
    else:
        shutil.copy(request.getfixturevalue("sample_week"), path)
        made = Store.open(path, KEY)
    yield made
    made.close()
