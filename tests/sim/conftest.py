"""Where the simulated disks lie: in memory where the system offers that, as nothing here survives anyway."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sim.world import Templates


@pytest.fixture(scope="session")
def disks() -> Iterator[Path]:
    """A folder for a session of simulated worlds."""
    memory = Path("/dev/shm")  # noqa: S108  a private folder is made in it
    folder = Path(tempfile.mkdtemp(prefix="holdall-sim-", dir=memory if memory.is_dir() else None))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def templates(disks: Path) -> Templates:
    """Empty databases to copy."""
    return Templates.make(disks / "templates")
