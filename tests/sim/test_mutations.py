"""Faults that other systems had are put in on purpose; a simulator that misses one proves nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sim.mutations import IN_THE_SIMULATOR
from tests.sim.seeds import first_failure
from tests.sim.world import Templates

MOST = 60  # worlds in which a fault has to show


@pytest.mark.parametrize("name", IN_THE_SIMULATOR)
def test_the_simulator_notices(name: str, disks: Path, templates: Templates) -> None:
    with IN_THE_SIMULATOR[name]():
        failed = first_failure(range(2000, 2000 + MOST), disks / name, templates)
    assert failed is not None, f"{name} went unnoticed in {MOST} worlds"
    assert failed.problem is not None
    assert not failed.problem.startswith(
        ("AttributeError", "ImportError", "NameError")
    )  # of the patch itself
