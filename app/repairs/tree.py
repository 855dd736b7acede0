"""The tree of questions: what is asked, in which order, and what an answer leads to. Data, never code.

A way through it is worked out from the answers each time, so changing an early answer keeps the later ones
that still fit. An answer goes on to a question, ends at an outcome, or leaves by an exit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

MOST_ANSWERS = 9  # one for each number key


HEARD = "heard:"  # before an exit's id: an answer to the first question that their own words gave


def heard_exit(value: str) -> str:
    """The exit that was heard in their words, from an answer to the first question; "" for a plain one."""
    return value.removeprefix(HEARD) if value.startswith(HEARD) else ""


@dataclass(frozen=True)
class TreeAnswer:
    """One answer to a question; exactly one of next, outcome and exit says where it leads."""

    value: str
    text: str
    hint: str = ""
    short: str = ""  # as the trail and the title name it
    next: str = ""
    outcome: str = ""
    exit: str = ""
    last: bool = False  # stands apart, after "or"

    @property
    def name(self) -> str:
        """The answer in few words."""
        return self.short or self.text


@dataclass(frozen=True)
class TreeQuestion:
    """One page: what is asked, help for asking it, and why we ask."""

    id: str
    label: str
    ask: str
    help: str
    why: str
    answers: tuple[TreeAnswer, ...]

    def answer(self, value: str | None) -> TreeAnswer | None:
        """The answer with this value, or None."""
        return next((a for a in self.answers if a.value == value), None)


@dataclass(frozen=True)
class TreeOutcome:
    """What has to be done: schedule-of-rates code (opaque), trade, band, hazard and rights it may touch."""

    id: str
    code: str
    label: str
    trade: str
    band: str
    group: str = ""
    hazard: str = ""
    significant: str = "no"  # "anyone", "at_risk" or "no": for whom it may be a significant hazard
    right_to_repair: tuple[str, ...] = ()
    priority: str = ""  # as the council's own file calls it, where the edition was read from one
    facts: tuple[str, ...] = ()  # what a council's rules may ask of it: "sole_facility"


@dataclass(frozen=True)
class TreeExit:
    """A way out of triage: an emergency with its number, or a repair that is not ours to take."""

    id: str
    kind: str  # "emergency", "not_eligible" or "contact_us"
    title: str
    number: str  # a telephone number, or "{council}" for the council's own line
    who: str
    do: tuple[str, ...] = ()
    do_not: tuple[str, ...] = ()
    hazard: str = ""
    say: str = ""

    @property
    def emergency(self) -> bool:
        """Whether people are in danger."""
        return self.kind == "emergency"


@dataclass(frozen=True)
class Given:
    """A question with the answer that was given to it."""

    question: TreeQuestion
    answer: TreeAnswer


@dataclass(frozen=True)
class Way:
    """How far the answers lead: those on the way, then a question, an outcome or an exit."""

    given: tuple[Given, ...]
    question: TreeQuestion | None = None
    outcome: TreeOutcome | None = None
    exit: TreeExit | None = None


@dataclass(frozen=True)
class Tree:
    """A whole tree in one version."""

    version: str
    council: str
    start: str
    questions: Mapping[str, TreeQuestion]
    outcomes: Mapping[str, TreeOutcome]
    exits: Mapping[str, TreeExit]

    def way(self, answers: Mapping[str, str]) -> Way:
        """The way these answers lead. An answer this version does not know stops at its question."""
        given: list[Given] = []
        question = self.questions[self.start]
        while True:
            answer = question.answer(answers.get(question.id)) or self._heard(question, answers)
            if answer is None:
                return Way(tuple(given), question=question)
            given.append(Given(question, answer))
            if answer.exit:
                return Way(tuple(given), exit=self.exits[answer.exit])
            if answer.outcome:
                return Way(tuple(given), outcome=self.outcomes[answer.outcome])
            question = self.questions[answer.next]

    def _heard(self, question: TreeQuestion, answers: Mapping[str, str]) -> TreeAnswer | None:
        """The way out that was heard in their words: no answer of the first question's page."""
        exit_id = heard_exit(answers.get(question.id, ""))
        if question.id != self.start or exit_id not in self.exits:
            return None
        return TreeAnswer(f"{HEARD}{exit_id}", "Heard in their words", exit=exit_id)

    def questions_left(self, question_id: str) -> int:
        """The most questions that can still come, this one included."""
        return self._depths[question_id]

    @cached_property
    def _depths(self) -> dict[str, int]:
        depths: dict[str, int] = {}

        def depth(question_id: str) -> int:
            if question_id not in depths:
                following = [a.next for a in self.questions[question_id].answers if a.next]
                depths[question_id] = 1 + max((depth(n) for n in following), default=0)
            return depths[question_id]

        for each in self.questions:
            depth(each)
        return depths

    def narrowed(self, question_id: str, value: str) -> Tree:
        """The same tree with one answer left at a question, and only what can then still be reached."""
        question = self.questions.get(question_id)
        if question is None or question.answer(value) is None:
            return self
        one = replace(question, answers=tuple(a for a in question.answers if a.value == value))
        questions = {**self.questions, question_id: one}
        reached: set[str] = set()
        todo = [self.start]
        while todo:
            at = todo.pop()
            if at not in reached:
                reached.add(at)
                todo += [a.next for a in questions[at].answers if a.next]
        kept = {key: q for key, q in questions.items() if key in reached}
        outcomes = {a.outcome for q in kept.values() for a in q.answers}
        return replace(
            self, questions=kept, outcomes={k: o for k, o in self.outcomes.items() if k in outcomes}
        )

    def ways(self) -> Iterator[dict[str, str]]:
        """Every way through the tree, as answers."""
        yield from self._ways(self.start, {})

    def _ways(self, question_id: str, answers: dict[str, str]) -> Iterator[dict[str, str]]:
        for answer in self.questions[question_id].answers:
            more = {**answers, question_id: answer.value}
            if answer.next:
                yield from self._ways(answer.next, more)
            else:
                yield more


@dataclass(frozen=True)
class Fault:
    """What is wrong with a tree, and where: "questions.tap.answers.drip", in parts too for an editor."""

    path: str
    message: str
    question: str = ""
    answer: str = ""
    outcome: str = ""


def read_tree(raw: Mapping[str, Any]) -> Tree:
    """A tree from its JSON form; raises KeyError or TypeError when it has another shape."""
    questions = {
        key: TreeQuestion(
            key,
            q["label"],
            q["ask"],
            q.get("help", ""),
            q.get("why", ""),
            tuple(TreeAnswer(**a) for a in q["answers"]),
        )
        for key, q in raw["questions"].items()
    }
    outcomes = {
        key: TreeOutcome(
            id=key,
            **{
                **o,
                "right_to_repair": tuple(o.get("right_to_repair", ())),
                "facts": tuple(o.get("facts", ())),
            },
        )
        for key, o in raw["outcomes"].items()
    }
    exits = {
        key: TreeExit(id=key, **{**e, "do": tuple(e["do"]), "do_not": tuple(e["do_not"])})
        for key, e in raw["exits"].items()
    }
    return Tree(raw["version"], raw["council"], raw["start"], questions, outcomes, exits)


def faults(tree: Tree, bands: frozenset[str] = frozenset()) -> list[Fault]:
    """Everything that would leave an officer stuck: lost ends, loops, blanks, pages too long for the keys.

    An exit that no answer leads to is no fault: what is heard in their own words may lead there.
    """
    found = [] if tree.start in tree.questions else [Fault("start", "the first question does not exist")]
    for question in tree.questions.values():
        found += _question_faults(tree, question)
    for outcome in tree.outcomes.values():
        found += [Fault(f"outcomes.{outcome.id}", m, outcome=outcome.id) for m in _lacks(outcome, bands)]
    for exit_ in tree.exits.values():
        if not exit_.title.strip() or not exit_.number.strip():
            found.append(Fault(f"exits.{exit_.id}", "a way out needs a title and a number to give"))
    lost = any(a.next and a.next not in tree.questions for q in tree.questions.values() for a in q.answers)
    if tree.start in tree.questions and not lost:
        found += _loops(tree)
    return found


def _question_faults(tree: Tree, question: TreeQuestion) -> list[Fault]:
    path, found = f"questions.{question.id}", []
    values = [a.value for a in question.answers]
    if not 1 <= len(values) <= MOST_ANSWERS:
        found.append(Fault(path, "a page has one to nine answers, one for each number key", question.id))
    if len(set(values)) != len(values):
        found.append(Fault(path, "two answers have the same value", question.id))
    if not question.ask.strip():
        found.append(Fault(path, "there is nothing to ask", question.id))
    for answer in question.answers:
        message = _answer_fault(tree, answer)
        if message:
            found.append(Fault(f"{path}.answers.{answer.value}", message, question.id, answer.value))
    return found


def _answer_fault(tree: Tree, answer: TreeAnswer) -> str:
    ends = [end for end in (answer.next, answer.outcome, answer.exit) if end]
    if not answer.value.strip() or not answer.text.strip():
        return "an answer needs words"
    if len(ends) != 1:
        return "an answer leads to exactly one of a question, an outcome and an exit"
    known = answer.next in tree.questions or answer.outcome in tree.outcomes or answer.exit in tree.exits
    return "" if known else f"“{ends[0]}” does not exist"


def _lacks(outcome: TreeOutcome, bands: frozenset[str]) -> list[str]:
    found = [] if outcome.code.strip() else ["there is no schedule of rates code"]
    if not outcome.band:
        named = f"the priority “{outcome.priority}” has" if outcome.priority else "it has"
        found.append(f"{named} no band yet")
    elif bands and outcome.band not in bands:
        found.append(f"there is no band “{outcome.band}”")
    return found


def _loops(tree: Tree) -> list[Fault]:
    finished: set[str] = set()
    found: list[Fault] = []

    def visit(question_id: str, above: tuple[str, ...]) -> None:
        if question_id in above:
            message = "this question leads back to itself"
            found.append(Fault(f"questions.{question_id}", message, question_id))
        elif question_id not in finished:
            for answer in tree.questions[question_id].answers:
                if answer.next:
                    visit(answer.next, (*above, question_id))
            finished.add(question_id)

    visit(tree.start, ())
    used = {a.outcome for q in tree.questions.values() for a in q.answers}
    lost = sorted(set(tree.questions) - finished)
    found += [Fault(f"questions.{q}", "no answer leads here", q) for q in lost]
    return found + [
        Fault(f"outcomes.{o}", "no answer ends here", outcome=o) for o in tree.outcomes if o not in used
    ]
