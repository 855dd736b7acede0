"""Runs of many seeds: what the tests and the bench share."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tests.sim.story import Outcome, run
from tests.sim.world import Templates


def first_failure(
    seeds: Iterable[int], folder: Path, templates: Templates, totals: Counter[str] | None = None
) -> Outcome | None:
    """The first of these runs that breaks something, or None; adds up what happened in all of them."""
    for seed in seeds:
        disk = folder / f"seed-{seed}"
        outcome = run(seed, disk, templates)
        shutil.rmtree(disk, ignore_errors=True)
        if totals is not None:
            totals.update(outcome.counts)
        if outcome.problem is not None:
            return outcome
    return None
