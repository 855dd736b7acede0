"""Making an edition of a council's mapping: its tiers become questions after ours, its priorities our bands.

Danger and whose home it is are asked first as before, and every way out in an emergency stays. A page holds
nine answers, one for each number key; longer lists go on to a further page. Whatever is known of a code from
the edition before (trade, hazard, rights) is taken over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.repairs.mapping.config import Config, Node
from app.repairs.tree import Tree

ON_A_PAGE = 9
KIND_LABELS = {"tenant": "the home", "leasehold": "the leasehold home", "communal": "the shared part"}
EXIT_IDS = {
    "Emergency": "emergency",
    "UnableToBook": "unable_to_book",
    "NotEligibleNonEmergency": "not_ours",
    "ContactUs": "contact",
}
_KNOWN_OF_A_CODE = ("trade", "group", "facts", "hazard", "significant", "right_to_repair")
_UNKNOWN = {
    "value": "unknown",
    "text": "Something else, or they do not know",
    "hint": "A person looks at it first",
    "short": "Something else",
    "exit": "contact",
    "last": True,
}
_OWN_EXITS: dict[str, dict[str, Any]] = {
    "emergency": {
        "kind": "emergency",
        "title": "This is an emergency",
        "number": "{council}",
        "who": "our emergency line, day and night",
        "do": ["Keep everybody away from it", "Ring 999 when somebody is hurt"],
        "do_not": [],
        "hazard": "emergency_hazard",
        "say": "",
    },
    "unable_to_book": {
        "kind": "contact_us",
        "title": "This cannot be booked here",
        "number": "{council}",
        "who": "the council's contact centre",
        "do": ["Give them the number", "Write down what they told you"],
        "do_not": [],
        "hazard": "",
        "say": "I have written down what you told me. Ring {number}: they book this one by hand.",
    },
}


@dataclass
class _Making:
    """What is being made: questions and outcomes by id, and what is known of codes and priorities."""

    known: Mapping[str, Mapping[str, Any]]  # code -> outcome of the edition before
    bands: Mapping[str, str]  # priority -> band
    questions: dict[str, Any] = field(default_factory=dict)
    outcomes: dict[str, Any] = field(default_factory=dict)
    exits: set[str] = field(default_factory=set)
    priorities: set[str] = field(default_factory=set)

    def free(self, wanted: str, taken: Mapping[str, Any]) -> str:
        slug = re.sub(r"[^a-z0-9]+", "-", wanted.lower()).strip("-")[:54] or "entry"
        name, number = slug, 2
        while name in taken:
            name, number = f"{slug}-{number}", number + 1
        return name


def body_of(config: Config, base: Mapping[str, Any], edition: str, kind: str = "tenant") -> dict[str, Any]:
    """The body of an edition made from a mapping that was read; `kind` is meant where the file names none.

    `base` is the body of the edition it takes the place of: its opening questions, exits, the kinds of home
    that the file does not speak of, and its table of priorities. Faults of the file do not stop it.
    """
    known: dict[str, Any] = {}
    for outcome in base["outcomes"].values():
        known.setdefault(outcome["code"], outcome)
    making = _Making(known, dict(base.get("priorities", {})))
    starts: dict[str, str] = {}
    for named, places in config.places.items():
        home = named or kind
        if places:
            starts[home] = _ask(
                making, places, f"{home}-place", "Place", f"Where in {KIND_LABELS[home]} is it?"
            )
    rest = _without_kinds(base, starts)  # ids of what goes are free again: past answers still fit
    questions, outcomes = dict(rest["questions"]), dict(rest["outcomes"])
    questions, renamed = _without_clash(making, questions, outcomes)
    kept = [
        _led(a, renamed[starts[a["value"]]]) if a["value"] in starts else a
        for a in questions["kind"]["answers"]
    ]
    questions["kind"] = {**questions["kind"], "answers": kept}
    exits = {**{k: v for k, v in _OWN_EXITS.items() if k in making.exits}, **base["exits"]}
    made = {
        **base,
        "version": edition,
        "questions": questions,
        "outcomes": outcomes,
        "exits": exits,
        "priorities": {**making.bands, **{p: making.bands.get(p, "") for p in sorted(making.priorities)}},
    }
    return pruned(made)


def _without_kinds(base: Mapping[str, Any], kinds: Mapping[str, str]) -> dict[str, Any]:
    """The base without what is asked about these kinds of home alone."""
    question = base["questions"]["kind"]
    answers = [{**a, "next": ""} if a["value"] in kinds else a for a in question["answers"]]
    cut = pruned({**base, "questions": {**base["questions"], "kind": {**question, "answers": answers}}})
    return {**cut, "questions": {**cut["questions"], "kind": question}}


def _led(answer: dict[str, Any], question_id: str) -> dict[str, Any]:
    """The answer, leading to a question and nowhere else."""
    return {**{k: v for k, v in answer.items() if k not in ("exit", "outcome")}, "next": question_id}


def _without_clash(
    making: _Making, questions: dict[str, Any], outcomes: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Base and new questions together; a new one whose id is taken gets another, and so do its references."""
    renamed: dict[str, str] = {}
    for old in making.questions:
        renamed[old] = making.free(old, {**questions, **dict.fromkeys(renamed.values())})
    kept: dict[str, str] = {}
    for old in making.outcomes:
        kept[old] = making.free(old, {**outcomes, **dict.fromkeys(kept.values())})
    for old, question in making.questions.items():
        answers = []
        for answer in question["answers"]:
            moved = dict(answer)
            if "next" in answer:
                moved["next"] = renamed[answer["next"]]
            if "outcome" in answer:
                moved["outcome"] = kept[answer["outcome"]]
            answers.append(moved)
        questions[renamed[old]] = {**question, "answers": answers}
    outcomes |= {kept[old]: outcome for old, outcome in making.outcomes.items()}
    return questions, renamed


def _ask(making: _Making, nodes: Sequence[Node], wanted: str, label: str, ask: str) -> str:
    """A question with these entries as answers, on as many pages as they need; the id of its first page."""
    last = [] if any(n.value == "unknown" for n in nodes) else [dict(_UNKNOWN)]
    room = ON_A_PAGE - len(last)
    chunks = [nodes[:room]]
    if len(nodes) > room:
        chunks = [nodes[at : at + room - 1] for at in range(0, len(nodes), room - 1)]
    ids: list[str] = []
    for _ in chunks:
        ids.append(making.free(wanted, making.questions))
        making.questions[ids[-1]] = {}  # its place in the order
    for chunk, question_id, following in zip(chunks, ids, [*ids[1:], ""], strict=True):
        answers = [_answer(making, node, wanted) for node in chunk]
        if following:
            answers.append(
                {"value": "more", "text": "Another one: show more", "short": "More", "next": following}
            )
        question = {"label": label, "ask": ask, "help": "", "why": "", "answers": [*answers, *last]}
        making.questions[question_id] = question
    return ids[0]


def _answer(making: _Making, node: Node, question_id: str) -> dict[str, Any]:
    answer: dict[str, Any] = {"value": node.value, "text": node.display[:200]}
    if node.options:
        label = "Problem" if node.tier == 1 else "What exactly"
        ask = f"{node.display}: what is wrong?" if node.tier == 1 else f"{node.display}: which is it?"
        return {**answer, "next": _ask(making, node.options, f"{question_id}-{node.value}", label, ask)}
    if node.exit and not node.code:
        making.exits.add(EXIT_IDS[node.exit])
        return {**answer, "exit": EXIT_IDS[node.exit]}
    return {**answer, "outcome": _outcome(making, node, question_id)}


def _outcome(making: _Making, node: Node, question_id: str) -> str:
    priority = node.priority or ""
    making.priorities.add(priority)
    known = making.known.get(node.code or "", {})
    outcome_id = making.free(f"{question_id.replace('-place', '', 1)}-{node.value}", making.outcomes)
    taken = {key: known[key] for key in _KNOWN_OF_A_CODE if key in known}
    making.outcomes[outcome_id] = {
        "trade": "",
        **taken,
        "code": node.code or "",
        "label": node.display[:200],
        "band": making.bands.get(priority, "") or (known.get("band", "") if not priority else ""),
        "priority": priority,
    }
    return outcome_id


def pruned(body: Mapping[str, Any]) -> dict[str, Any]:
    """A body without the questions and outcomes that no answer leads to any more; every exit stays."""
    questions = body["questions"]
    reached: dict[str, None] = {}
    todo = [body["start"]]
    while todo:
        at = todo.pop()
        if at in reached or at not in questions:
            continue
        reached[at] = None
        todo += [a["next"] for a in questions[at]["answers"] if a.get("next")]
    kept = {key: q for key, q in questions.items() if key in reached}
    used = {a.get("outcome") for q in kept.values() for a in q["answers"]}
    outcomes = {key: o for key, o in body["outcomes"].items() if key in used}
    return {**body, "questions": kept, "outcomes": outcomes}


def with_priority(body: Mapping[str, Any], priority: str, band: str) -> dict[str, Any]:
    """The body with a priority of the council's file leading to a band, in every leaf that has it."""
    outcomes = {
        key: {**o, "band": band} if "priority" in o and o["priority"] == priority else o
        for key, o in body["outcomes"].items()
    }
    return {**body, "outcomes": outcomes, "priorities": {**body.get("priorities", {}), priority: band}}


def edition_name(council: str, year: int, month: int, taken: Sequence[str]) -> str:
    """A name for a new edition: "averwick-2026-12", "averwick-2026-12-2" when that is taken."""
    stem = re.sub(r"[^a-z0-9]+", "-", council.lower()).strip("-")[:30] or "council"
    first = f"{stem}-{year:04d}-{month:02d}"
    if first not in taken:
        return first
    number = 2
    while f"{first}-{number}" in taken:
        number += 1
    return f"{first}-{number}"


def tree_codes(tree: Tree) -> set[str]:
    """Every schedule-of-rates code an edition uses."""
    return {o.code for o in tree.outcomes.values() if o.code}
