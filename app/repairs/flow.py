"""The order of the pages of one interview: danger, who lives there, whose home, where, their words, the rest.

The order is worked out anew from the answers each time, so Back and Change never lose one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.repairs.tree import Tree, Way
from app.wording import plural

ADDRESS, HOUSEHOLD, DESCRIPTION, PHOTOS, VISITS = "address", "household", "description", "photos", "visits"
EXIT, PROMISE = "exit", "promise"
DANGER = "danger"
FIRST_QUESTIONS = (DANGER, "kind")
LATER_STEPS = (PHOTOS, VISITS)
LABELS = {
    ADDRESS: "Address",
    HOUSEHOLD: "Who lives there",
    DESCRIPTION: "In their words",
    PHOTOS: "Photos",
    VISITS: "Visits",
    EXIT: "What to do now",
    PROMISE: "The promise",
}


@dataclass(frozen=True)
class PageRef:
    """One page of the interview: a question of the tree, or a step beside it."""

    id: str
    label: str
    question: bool
    done: bool
    answer: str = ""  # the answer given, in few words


@dataclass(frozen=True)
class Path:
    """All pages up to the one that comes next, and how far the answers lead."""

    pages: tuple[PageRef, ...]
    way: Way

    @property
    def next_page(self) -> PageRef:
        """The first page that is not done; the last page when all are."""
        return next((p for p in self.pages if not p.done), self.pages[-1])

    def before(self, page_id: str) -> PageRef | None:
        """The page before one, or None at the start."""
        ids = [p.id for p in self.pages]
        at = ids.index(page_id) if page_id in ids else len(ids)
        return self.pages[at - 1] if at else None

    def after(self, page_id: str) -> PageRef | None:
        """The page after one; None when it is the last that is known."""
        ids = [p.id for p in self.pages]
        at = ids.index(page_id) + 1 if page_id in ids else len(ids)
        return self.pages[at] if at < len(ids) else None


def path(tree: Tree, answers: Mapping[str, str], done: Sequence[str], communal: bool) -> Path:
    """The pages of an interview with these answers and finished steps."""
    way = tree.way(answers)
    given = {g.question.id: g for g in way.given}
    rest = [_asked(i, tree, g.answer.name) for i, g in given.items() if i not in FIRST_QUESTIONS]
    asks = way.exit is None and not communal  # nobody in danger is asked who lives there
    pages: list[PageRef] = []
    for question_id in FIRST_QUESTIONS:
        if question_id in given:
            pages.append(_asked(question_id, tree, given[question_id].answer.name))
        if question_id == DANGER and question_id in given and (asks or HOUSEHOLD in done):
            pages.append(PageRef(HOUSEHOLD, LABELS[HOUSEHOLD], False, HOUSEHOLD in done))
    if way.exit is not None:
        return Path((*pages, *rest, PageRef(EXIT, LABELS[EXIT], False, False)), way)
    if way.question is not None and way.question.id in (*FIRST_QUESTIONS, tree.start):
        return Path((*pages, _open(way.question.id, tree)), way)
    pages += [PageRef(step, LABELS[step], False, step in done) for step in (ADDRESS, DESCRIPTION)]
    pages += rest
    if way.question is not None:
        return Path((*pages, _open(way.question.id, tree)), way)
    pages += [PageRef(step, LABELS[step], False, step in done) for step in LATER_STEPS]
    return Path((*pages, PageRef(PROMISE, LABELS[PROMISE], False, False)), way)


def _asked(question_id: str, tree: Tree, answer: str) -> PageRef:
    return PageRef(question_id, tree.questions[question_id].label, True, True, answer)


def _open(question_id: str, tree: Tree) -> PageRef:
    return PageRef(question_id, tree.questions[question_id].label, True, False)


def pages_left(tree: Tree, interview: Path, page_id: str, communal: bool) -> tuple[int, bool]:
    """How many pages come after this one before the promise, and whether the number is exact."""
    ids = [p.id for p in interview.pages]
    at = ids.index(page_id) if page_id in ids else len(ids) - 1
    known = [p for p in interview.pages[at + 1 :] if p.id not in (EXIT, PROMISE)]
    if interview.way.outcome is not None or interview.way.exit is not None:
        return len(known), True
    question = interview.way.question
    if question is None:
        return len(known), True
    more = tree.questions_left(question.id) - (1 if question.id == page_id else 0)
    known = [p for p in known if p.id != question.id]
    steps = len(LATER_STEPS)
    if question.id in FIRST_QUESTIONS:
        steps += 2 if communal or question.id != DANGER else 3
    return len(known) + more + steps, False


def left_words(left: int, exact: bool) -> str:
    """How much is still to come, as the page says it: "About 2 more questions, then the promise"."""
    if not left:
        return "Then the promise"
    words = plural(left, "more question")
    return f"{words if exact else 'About ' + words}, then the promise"
