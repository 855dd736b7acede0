"""Every odd one of 300 simulated worlds keeps every promise; a failure names the number that replays it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sim.seeds import first_failure
from tests.sim.story import describe
from tests.sim.world import Templates


@pytest.mark.parametrize("start", range(1, 300, 20))
def test_nothing_is_lost_and_all_copies_agree(start: int, disks: Path, templates: Templates) -> None:
    failed = first_failure(range(start, min(start + 20, 300), 2), disks, templates)
    assert failed is None, describe(failed)
