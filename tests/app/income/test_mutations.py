"""Proved files with one fault each are noticed, whatever the format and the fault."""

from __future__ import annotations

import random

import pytest

from tests.bench.income_mutations import FAULTS, SHAPES, mutants, noticed

# Nothing in such a file stands against its oldest line, so one fault in forty there is seen by no arithmetic.
OPEN_ENDED = "bank CSV without ends"


@pytest.mark.parametrize("name", [name for name in SHAPES if name != OPEN_ENDED])
def test_every_fault_in_a_file_with_balances_or_totals_is_noticed(name: str) -> None:
    source = random.Random(f"20 {name}")
    told = [(kind, noticed(name, data, SHAPES[name].account)) for kind, data in mutants(name, 20, source)]
    assert [kind for kind, seen in told if not seen] == []


def test_a_file_whose_ends_nothing_closes_hides_a_fault_only_in_its_oldest_or_newest_line() -> None:
    source = random.Random("open")
    told = [
        noticed(OPEN_ENDED, data, SHAPES[OPEN_ENDED].account) for _, data in mutants(OPEN_ENDED, 60, source)
    ]
    assert 57 <= sum(told) <= 60


@pytest.mark.parametrize("name", SHAPES)
def test_the_sample_is_proved_before_anything_is_changed(name: str) -> None:
    for seed in range(5):
        data = SHAPES[name].make(random.Random(seed))
        assert not noticed(name, data, SHAPES[name].account)


def test_each_kind_of_fault_changes_the_file() -> None:
    kinds = {kind for kind, _ in mutants("bank CSV", 14, random.Random(1))}
    assert kinds == set(FAULTS)
