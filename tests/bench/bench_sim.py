"""Any number of worlds of the simulator, one after the other: how many held, and the first that did not."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.sim.seeds import first_failure
from tests.sim.story import describe
from tests.sim.world import Templates


class SeedFailed(Exception):
    """A world in which something was broken; its words begin with the number that gives it again."""


def run(seeds: int, first: int = 0) -> dict[str, float | str]:
    """Worlds `first` to `first + seeds - 1`; raises SeedFailed at the first in which something breaks."""
    memory = Path("/dev/shm")  # noqa: S108  a private folder is made in it
    disks = Path(tempfile.mkdtemp(prefix="holdall-sim-", dir=memory if memory.is_dir() else None))
    began, totals = time.perf_counter(), Counter[str]()
    try:
        templates = Templates.make(disks / "templates")
        failed = first_failure(range(first, first + seeds), disks, templates, totals)
    finally:
        shutil.rmtree(disks, ignore_errors=True)
    if failed is not None:
        raise SeedFailed(describe(failed))
    return {
        f"worlds from {first} on in which everything held": float(seeds),
        **{name: float(count) for name, count in sorted(totals.items())},
        "seconds": time.perf_counter() - began,
    }
