"""The merge table, row by row."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.policy import Merge
from sync.merge import Outcome, merge_field

# class, current, base, new, concurrent, later -> outcome, value, conflict, code
TABLE: list[tuple[Merge, Any, Any, Any, bool, bool, Outcome, Any, str | None, str | None]] = [
    (Merge.LWW, "a", "a", "b", False, False, Outcome.APPLY, "b", None, None),
    (Merge.LWW, "b", "a", "b", True, False, Outcome.SAME, None, None, None),
    (Merge.LWW, "c", "a", "b", True, True, Outcome.APPLY, "b", "auto", None),
    (Merge.LWW, "c", "a", "b", True, False, Outcome.KEEP, "b", "auto", None),
    (Merge.LWW, "c", "a", None, True, True, Outcome.APPLY, None, "auto", None),
    (Merge.ASK, "a", "a", "b", False, False, Outcome.APPLY, "b", None, None),
    (Merge.ASK, "c", "a", "b", True, True, Outcome.KEEP, "b", "open", None),
    (Merge.ASK, "b", "a", "b", True, True, Outcome.SAME, None, None, None),
    (Merge.TEXT, "c", "a", "b", True, True, Outcome.KEEP, "c", "open", None),
    (Merge.TEXT, "c", "a", "b", False, True, Outcome.KEEP, "c", "open", None),
    (Merge.TEXT, "b", "a", "b", True, False, Outcome.SAME, None, None, None),
    (
        Merge.TEXT,
        "A a. B b. C.",
        "A a. B b.",
        "D a. B b.",
        True,
        False,
        Outcome.APPLY,
        "D a. B b. C.",
        None,
        None,
    ),
    (
        Merge.TEXT,
        "A a. C b.",
        "A a. B b.",
        "D a. E b.",
        True,
        False,
        Outcome.APPLY,
        "D a. C b.",
        "open",
        None,
    ),
    (Merge.TEXT, None, None, "a", False, False, Outcome.APPLY, "a", None, None),
    (Merge.TEXT, "a", "a", "b", False, True, Outcome.APPLY, "b", None, None),
    (Merge.GUARD, "c", "a", "b", True, True, Outcome.REFUSE, None, None, "stale_state"),
    (Merge.GUARD, "a", "a", "b", False, True, Outcome.APPLY, "b", None, None),
    (Merge.GUARD, "b", "a", "b", True, True, Outcome.SAME, None, None, None),
    (Merge.SET, ["x", "y"], ["x"], ["x", "z"], True, False, Outcome.APPLY, ["x", "y", "z"], None, None),
    (Merge.SET, ["x", "y"], ["x", "y"], ["y"], False, False, Outcome.APPLY, ["y"], None, None),
    (Merge.SET, ["y"], ["x", "y"], ["y"], True, False, Outcome.SAME, None, None, None),
    (Merge.SET, None, None, ["x"], False, False, Outcome.APPLY, ["x"], None, None),
    (Merge.DELTA, 15, 10, 15, True, False, Outcome.APPLY, 20, None, None),
    (Merge.DELTA, 10, 10, 7, False, False, Outcome.APPLY, 7, None, None),
    (Merge.DELTA, 9, 10, 10, True, False, Outcome.SAME, None, None, None),
    (Merge.DELTA, None, None, 3, False, False, Outcome.APPLY, 3, None, None),
    (Merge.MAX, "2026-05-01", "2026-01-01", "2026-03-01", True, True, Outcome.SAME, None, None, None),
    (
        Merge.MAX,
        "2026-05-01",
        "2026-01-01",
        "2026-07-01",
        True,
        False,
        Outcome.APPLY,
        "2026-07-01",
        None,
        None,
    ),
    (Merge.MAX, None, None, 4, True, False, Outcome.APPLY, 4, None, None),
    (Merge.MIN, 5, 9, 3, True, False, Outcome.APPLY, 3, None, None),
    (Merge.MIN, 2, 9, 3, True, True, Outcome.SAME, None, None, None),
    (Merge.ONCE, None, None, "r", True, False, Outcome.APPLY, "r", None, None),
    (Merge.ONCE, "r", None, "r", True, False, Outcome.SAME, None, None, None),
    (Merge.ONCE, "r", None, "s", False, False, Outcome.REFUSE, None, None, "written_once"),
    (Merge.APPEND, "words", "words", "other", False, True, Outcome.REFUSE, None, None, "written_once"),
    (Merge.SEALED, "c1", "c0", "c2", True, True, Outcome.KEEP, "c2", "open", None),
]


@pytest.mark.parametrize(
    ("merge", "current", "base", "new", "concurrent", "later", "outcome", "value", "conflict", "code"), TABLE
)
def test_a_row_of_the_table(
    merge: Merge,
    current: Any,
    base: Any,
    new: Any,
    concurrent: bool,
    later: bool,
    outcome: Outcome,
    value: Any,
    conflict: str | None,
    code: str | None,
) -> None:
    verdict = merge_field(merge, current=current, base=base, new=new, concurrent=concurrent, later=later)
    assert (verdict.outcome, verdict.value, verdict.conflict, verdict.code) == (
        outcome,
        value,
        conflict,
        code,
    )


def test_every_class_stands_in_the_table() -> None:
    assert {row[0] for row in TABLE} == set(Merge)


@settings(max_examples=60, deadline=None)
@given(st.integers(-99, 99), st.integers(-99, 99), st.integers(-99, 99))
def test_two_sums_come_to_the_same_in_either_order(base: int, mine: int, theirs: int) -> None:
    def after(first: int, second: int) -> int:
        one = merge_field(Merge.DELTA, current=base, base=base, new=first, concurrent=False)
        middle = base if one.outcome is Outcome.SAME else one.value
        two = merge_field(Merge.DELTA, current=middle, base=base, new=second, concurrent=True)
        return int(middle if two.outcome is Outcome.SAME else two.value)

    assert after(mine, theirs) == after(theirs, mine) == mine + theirs - base


@settings(max_examples=60, deadline=None)
@given(*(st.lists(st.sampled_from("abcdef"), unique=True) for _ in range(3)))
def test_a_set_keeps_every_addition_and_drops_what_both_saw_go(
    base: list[str], mine: list[str], theirs: list[str]
) -> None:
    verdict = merge_field(Merge.SET, current=theirs, base=base, new=mine, concurrent=True)
    merged = set(theirs if verdict.outcome is Outcome.SAME else verdict.value)
    added = (set(mine) | set(theirs)) - set(base)
    kept = set(base) & set(mine) & set(theirs)
    assert merged == added | kept
