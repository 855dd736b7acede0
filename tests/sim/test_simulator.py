"""The simulator itself: a number always gives the same world, and worlds are eventful."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from sqlalchemy import select

from sync.server import tables
from tests.sim import invariants
from tests.sim.seeds import first_failure
from tests.sim.story import run
from tests.sim.world import TENANT, Templates, World

ROOT = Path(__file__).resolve().parents[2]
SAY = """
import sys, tempfile
from pathlib import Path
from tests.sim.story import run
from tests.sim.world import Templates
folder = Path(tempfile.mkdtemp())
print("\\n".join(run(int(sys.argv[1]), folder / "run", Templates.make(folder / "templates")).trace))
"""


def test_a_number_gives_the_same_world_in_any_process(disks: Path, templates: Templates) -> None:
    here = run(7, disks / "again", templates)
    assert here.problem is None
    for hashing in ("1", "2"):
        told = subprocess.run(
            [sys.executable, "-c", SAY, "7"],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hashing},
            capture_output=True,
            text=True,
            check=True,
        )
        assert told.stdout.strip().splitlines() == list(here.trace)


def test_wishes_are_granted_in_order_or_lost_for_everybody_whatever_happens(
    disks: Path, templates: Templates
) -> None:
    """Worlds of wishes for few places under every fault: no place is given twice, every copy agrees, and what
    the server wrote in an author's place reaches them too."""
    fates: Counter[str] = Counter()

    def checks(world: World) -> None:
        invariants.check(world)
        invariants.no_wish_was_refused(world)
        with world.server.store.read(TENANT) as connection:
            rows = connection.execute(select(tables.record.c.body).where(tables.record.c.type == "test_wish"))
            fates.update(json.loads(row.body)["state"] for row in rows)

    for seed in range(3000, 3012):
        outcome = run(seed, disks / f"wish-{seed}", templates, checks=checks, wishes=True)
        assert outcome.problem is None, (seed, outcome.problem, outcome.trace[-30:])
    assert min(fates[state] for state in ("wanted", "booked", "lost", "cancelled")) > 0, fates


def test_the_worlds_are_eventful(disks: Path, templates: Templates) -> None:
    totals: Counter[str] = Counter()
    assert first_failure(range(1000, 1012), disks, templates, totals) is None
    for kind in ("applied", "merged", "conflict", "rejected", "blocked"):
        assert totals[kind] > 0, kind
