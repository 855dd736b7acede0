"""The simulator itself: a number always gives the same world, and worlds are eventful."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.sim.seeds import first_failure
from tests.sim.story import run
from tests.sim.world import Templates

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


def test_the_worlds_are_eventful(disks: Path, templates: Templates) -> None:
    totals: Counter[str] = Counter()
    assert first_failure(range(1000, 1012), disks, templates, totals) is None
    for kind in ("applied", "merged", "conflict", "rejected", "blocked"):
        assert totals[kind] > 0, kind
