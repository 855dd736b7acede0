"""How one field comes together when two laptops changed it apart: pure, used by both ends.

The table of docs/protocol.md, section "Merging", row by row.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from models.policy import Merge
from models.replay import merged_set
from models.text_merge import merge_text


class Outcome(StrEnum):
    """What happens to the server's value."""

    SAME = "same"  # nothing to do: it holds what the author wants
    APPLY = "apply"  # it becomes `value`
    KEEP = "keep"  # it stays, the author's value is kept in a conflict
    REFUSE = "refuse"  # it stays, the operation is refused


@dataclass(frozen=True)
class Verdict:
    """What becomes of one field of an operation."""

    outcome: Outcome
    value: Any = None
    conflict: Literal["auto", "open"] | None = None
    merged: bool = False  # the value is neither side's alone
    code: Literal["stale_state", "written_once"] | None = None
    other: Any = None  # text: the whole value with the author's words where the two clash
    base: Any = None  # text: the same with the words from before


SAME = Verdict(Outcome.SAME)


def merge_field(
    merge: Merge, *, current: Any, base: Any, new: Any, concurrent: bool, later: bool = False
) -> Verdict:
    """The verdict for a change base -> new on a server value `current` (wire forms).

    `concurrent`: another device wrote the field after the version the author saw. `later`: the author's
    clock reading is after that of the last writer; only the class lww asks for it.
    """
    if merge is Merge.DELTA:
        return _delta(current, base, new, concurrent)
    if merge is Merge.SET:
        value = merged_set(_items(base), _items(new), _items(current))
        return SAME if value == current else Verdict(Outcome.APPLY, value, merged=value != new)
    if new == current:
        return SAME
    if merge in (Merge.ONCE, Merge.APPEND):
        if current is None:
            return Verdict(Outcome.APPLY, new)
        return Verdict(Outcome.REFUSE, code="written_once")
    if merge is Merge.TEXT and current != base and (concurrent or base is not None):
        return _text(current, base, new)
    if merge is Merge.TEXT or not concurrent:
        return Verdict(Outcome.APPLY, new)
    if merge in (Merge.MAX, Merge.MIN):
        return _monotone(merge, current, new)
    if merge is Merge.GUARD:
        return Verdict(Outcome.REFUSE, code="stale_state")
    if merge is Merge.LWW:
        return Verdict(Outcome.APPLY if later else Outcome.KEEP, new, conflict="auto")
    # ask and sealed: a person chooses
    return Verdict(Outcome.KEEP, new, conflict="open")


def _text(current: Any, base: Any, new: Any) -> Verdict:
    """Sentence by sentence; where both changed the same one, the server's stands and a person chooses."""
    merged = merge_text(base, new, current)
    value = merged.text()
    outcome = Outcome.KEEP if value == (current or "") else Outcome.APPLY
    if merged.clashes:
        return Verdict(
            outcome,
            value,
            conflict="open",
            merged=True,
            other=merged.text("mine"),
            base=merged.text("base"),
        )
    return SAME if outcome is Outcome.KEEP else Verdict(outcome, value, merged=value != new)


def carried_on(before: Any, after: Any, version: Any) -> Any:
    """A version of a text in a conflict, brought along when what stands went from `before` to `after`: its
    own words where it differs, the new ones everywhere else."""
    return merge_text(before, version, after).text("mine")


def typed_on(other: Any, base: Any, new: Any) -> Any:
    """The text of an open conflict's other side after its author went on from `base` to `new`; None when the
    change is not one of that side's words."""
    merged = merge_text(base, new, other)
    return None if merged.clashes else merged.text()


def _delta(current: Any, base: Any, new: Any, concurrent: bool) -> Verdict:
    change = int(new or 0) - int(base or 0)
    value = int(current or 0) + change
    if value == current:
        return SAME
    return Verdict(Outcome.APPLY, value, merged=concurrent and value != new)


def _monotone(merge: Merge, current: Any, new: Any) -> Verdict:
    if current is None or new is None:
        value = new if current is None else current
    else:
        value = max(current, new) if merge is Merge.MAX else min(current, new)
    return SAME if value == current else Verdict(Outcome.APPLY, value, merged=True)


def _items(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else []
