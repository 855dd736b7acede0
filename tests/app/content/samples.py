"""The sample pages in a store that is filled once for all tests and copied for each."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.content import sample
from app.context import Context, Council
from models.changes import Author
from models.store import Store
from tests.conftest import KEY, NOW


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store with the sample pages."""
    folder = tmp_path_factory.mktemp("content")
    store = Store.create(folder / "sample.db", KEY)
    author = Author("u-1", "Tomos Aldgate", "team-1", frozenset({"officer"}), "d-1")
    sample.fill(Context(store, author, folder, Council(), lambda: NOW), random.Random("1/content"))
    store.close()
    return folder / "sample.db"


@contextmanager
def opened(context: Context, file: Path, folder: Path) -> Iterator[None]:
    """The context over a copy of the file, while the block runs."""
    shutil.copy(file, folder / "sample.db")
    before, context.store = context.store, Store.open(folder / "sample.db", KEY)
    yield
    context.store.close()
    context.store = before
