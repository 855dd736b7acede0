"""The ends of an edition, each with the way that leads there: the flat form that diffs and reports read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.repairs.tree import Tree

MOST_ENDS = 20_000
DANGER = "danger"


@dataclass(frozen=True)
class End:
    """Where one way through an edition ends, and what has to be done there."""

    path: tuple[str, ...]  # values of the answers, from the kind of home on; dangers are not in it
    words: str  # the same, as a person reads it
    outcome: str  # id in the edition, "" for an exit
    code: str
    band: str
    trade: str
    hazard: str
    significant: str
    right_to_repair: tuple[str, ...]
    rules: str  # group and facts that the council's rules ask about
    exit: str


def ends_of(tree: Tree) -> list[End]:
    """Every end of an edition in the order of its answers; at most MOST_ENDS (see `is_cut`)."""
    found: list[End] = []
    for end in _ends(tree):
        found.append(end)
        if len(found) == MOST_ENDS:
            break
    return found


def is_cut(ends: list[End]) -> bool:
    """Whether there were more ends than are looked at."""
    return len(ends) >= MOST_ENDS


def _ends(tree: Tree) -> Iterator[End]:
    stack: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = [(tree.start, (), ())]
    while stack:
        question_id, path, words = stack.pop()
        question = tree.questions.get(question_id)
        if question is None or len(path) > len(tree.questions):
            continue
        later = []
        for answer in question.answers:
            danger = question_id == DANGER
            if danger and not answer.next:
                continue
            more = path if danger else (*path, answer.value)
            said = words if danger else (*words, answer.name)
            if answer.next:
                later.append((answer.next, more, said))
            elif answer.exit:
                yield End(more, ", ".join(said), "", "", "", "", "", "", (), "", answer.exit)
            elif (outcome := tree.outcomes.get(answer.outcome)) is not None:
                yield End(
                    more,
                    ", ".join(said),
                    outcome.id,
                    outcome.code,
                    outcome.band,
                    outcome.trade,
                    outcome.hazard,
                    outcome.significant,
                    outcome.right_to_repair,
                    ", ".join(part for part in (outcome.group, *outcome.facts) if part),
                    "",
                )
        stack += reversed(later)
