"""Leaves whose words speak of a hazard that the leaf does not name: a hint for a lead, never a fault.

A hazard that is not named starts no clock of the law, so an edition read from a file has to be looked
through for them. The words are ours; a lead decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.repairs.mapping.ends import ends_of
from app.repairs.tree import Tree

_WORDS = (
    ("damp_mould", r"damp|mould|condensation"),
    ("excess_cold", r"no heating|heating|boiler|radiator|draught"),
    ("electrical", r"socket|electric\w*|wiring|fuse ?box|consumer unit"),
    ("falls", r"handrail|banister|stair\w*|trip\w*|uneven|steps?"),
    ("fire", r"smoke alarm|fire door|fire alarm"),
    ("hygiene", r"rats?|mice|cockroach\w*|sewage|drains?|infestation|only toilet|no water"),
    ("structural_collapse", r"sagging|collaps\w*|bulging|falling"),
)
_HAZARDS = tuple((code, re.compile(rf"\b(?:{words})\b", re.IGNORECASE)) for code, words in _WORDS)


@dataclass(frozen=True)
class Hint:
    """A leaf that may touch a hazard."""

    outcome: str
    where: str
    hazard: str
    words: str  # those that gave it away


def hints_of(tree: Tree) -> list[Hint]:
    """The leaves without a hazard whose way speaks of one, each once, in the order of the answers."""
    found: dict[str, Hint] = {}
    for end in ends_of(tree):
        if end.exit or end.hazard or end.outcome in found:
            continue
        label = tree.outcomes[end.outcome].label
        for code, pattern in _HAZARDS:
            match = pattern.search(f"{end.words}, {label}")
            if match is not None:
                found[end.outcome] = Hint(end.outcome, end.words, code, match.group(0).lower())
                break
    return list(found.values())
