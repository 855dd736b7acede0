"""An edition as an outline: questions and answers under each other, as far as somebody has opened them.

A question that several answers lead to stands under each of them; a change to it shows in all places.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from app.repairs.tree import Fault, Tree, TreeAnswer

MOST_FOUND = 500
EXIT_WORDS = {"emergency": "emergency", "not_eligible": "not ours", "contact_us": "a person"}
_STEP = "\x1f"  # between the values of a path; no value holds it


@dataclass(frozen=True)
class OutlineRow:
    """One line of the outline: a question, or an answer to it."""

    id: str  # the way that leads here, and "?" at its end for a question
    question: str
    answer: str  # value, "" for the question itself
    depth: int
    words: str
    leads: str = ""  # code, "question" or the exit's title
    band: str = ""
    opens: bool | None = None  # None: nothing stands under it
    faults: int = 0

    @property
    def spoken(self) -> str:
        """What a screen reader says."""
        parts = [self.words, f"level {self.depth + 1}", self.leads, self.band]
        if self.opens is not None:
            parts.append("open" if self.opens else "closed")
        if self.faults:
            parts.append(f"{self.faults} to put right")
        return ", ".join(part for part in parts if part)


class Outline:
    """A tree with what is wrong in it, ready to be shown opened at any places."""

    def __init__(self, tree: Tree, faults: Iterable[Fault] = ()) -> None:
        self.tree = tree
        self._at: Counter[tuple[str, str]] = Counter()
        by_outcome: Counter[str] = Counter()
        for fault in faults:
            if fault.outcome:
                by_outcome[fault.outcome] += 1
            elif fault.question:
                self._at[fault.question, fault.answer] += 1
        for question in tree.questions.values():
            for answer in question.answers:
                if by_outcome[answer.outcome]:
                    self._at[question.id, answer.value] += by_outcome[answer.outcome]
        self._under: dict[str, int] = {}

    @property
    def top(self) -> str:
        """The id of the first row."""
        return "?"

    def rows(self, opened: Collection[str]) -> list[OutlineRow]:
        """The lines on show when these answers are opened."""
        found: list[OutlineRow] = []
        self._add(found, self.tree.start, "", 0, frozenset(opened), ())
        return found

    def _add(
        self,
        found: list[OutlineRow],
        question_id: str,
        path: str,
        depth: int,
        opened: frozenset[str],
        above: tuple[str, ...],
    ) -> None:
        question = self.tree.questions.get(question_id)
        if question is None or question_id in above:
            return
        faults = self._at[question_id, ""]
        found.append(OutlineRow(f"{path}?", question_id, "", depth, question.ask, faults=faults))
        for answer in question.answers:
            row = self._answer(question_id, answer, path, depth, opened)
            found.append(row)
            if row.opens:
                self._add(found, answer.next, row.id, depth + 1, opened, (*above, question_id))

    def _answer(
        self, question_id: str, answer: TreeAnswer, path: str, depth: int, opened: frozenset[str]
    ) -> OutlineRow:
        here = f"{path}{_STEP}{answer.value}"
        leads, band = self.leads(answer)
        opens = (here in opened) if answer.next in self.tree.questions else None
        faults = self._at[question_id, answer.value]
        if answer.next:
            faults += self.faults_under(answer.next)
        return OutlineRow(here, question_id, answer.value, depth, answer.text, leads, band, opens, faults)

    def leads(self, answer: TreeAnswer) -> tuple[str, str]:
        """What an answer leads to, in few words, and the band of a leaf."""
        if answer.exit:
            exit_ = self.tree.exits.get(answer.exit)
            return (EXIT_WORDS.get(exit_.kind, exit_.title) if exit_ else answer.exit), ""
        outcome = self.tree.outcomes.get(answer.outcome)
        if outcome is not None:
            return outcome.code or "no code yet", outcome.band
        return "", ""

    def faults_under(self, question_id: str) -> int:
        """How many faults stand at a question and under it."""
        known = self._under.get(question_id)
        if known is not None:
            return known
        self._under[question_id] = 0  # a loop ends here
        question = self.tree.questions.get(question_id)
        count = 0
        if question is not None:
            count = self._at[question_id, ""]
            for answer in question.answers:
                count += self._at[question_id, answer.value]
                count += self.faults_under(answer.next) if answer.next else 0
        self._under[question_id] = count
        return count

    def opened_to(self, question_id: str, value: str = "") -> tuple[str, set[str]] | None:
        """The id of the first row of a question or answer, and what is to be open to see it; None if lost."""
        for path, at in self._ways:
            if at == question_id:
                parts = path.split(_STEP)
                opened = {_STEP.join(parts[: n + 1]) for n in range(1, len(parts))}
                return (f"{path}{_STEP}{value}" if value else f"{path}?"), opened
        return None

    @cached_property
    def _ways(self) -> list[tuple[str, str]]:
        """Each question once with the first way that leads to it, as the path of its answers."""
        seen: set[str] = set()
        found: list[tuple[str, str]] = []
        todo = [("", self.tree.start)]
        while todo:
            path, question_id = todo.pop(0)
            question = self.tree.questions.get(question_id)
            if question is None or question_id in seen:
                continue
            seen.add(question_id)
            found.append((path, question_id))
            todo += [(f"{path}{_STEP}{a.value}", a.next) for a in question.answers if a.next]
        return found

    def search(self, words: str) -> list[OutlineRow]:
        """The questions and answers in which all of these words stand: text, code, trade, band; at most
        MOST_FOUND, each once, with the way that leads there."""
        wanted = words.casefold().split()
        if not wanted:
            return []
        found: list[OutlineRow] = []
        for row, haystack in self._haystacks:
            if all(word in haystack for word in wanted):
                found.append(row)
                if len(found) == MOST_FOUND:
                    break
        return found

    @cached_property
    def _haystacks(self) -> list[tuple[OutlineRow, str]]:
        return list(self._searched())

    def _searched(self) -> Iterator[tuple[OutlineRow, str]]:
        names: dict[str, str] = {"": ""}
        for path, question_id in self._ways:
            question = self.tree.questions[question_id]
            above = names.get(path, "")
            yield OutlineRow(f"{path}?", question_id, "", 0, question.ask), question.ask.casefold()
            for answer in question.answers:
                row = self._answer(question_id, answer, path, 0, frozenset())
                words = f"{answer.text}, in {above.removesuffix(', ')}" if above else answer.text
                names[row.id] = f"{above}{answer.name}, " if question_id != "danger" else ""
                outcome = self.tree.outcomes.get(answer.outcome)
                more = (
                    f"{outcome.code} {outcome.label} {outcome.trade} {outcome.band}" if outcome else row.leads
                )
                shown = OutlineRow(
                    row.id, question_id, answer.value, 0, words, row.leads, row.band, None, row.faults
                )
                yield shown, f"{words} {answer.hint} {more}".casefold()


def parents(row_id: str) -> list[str]:
    """The ids of the answers a row stands under, from the top."""
    parts = row_id.removesuffix("?").split(_STEP)
    last = len(parts) if row_id.endswith("?") else len(parts) - 1
    return [_STEP.join(parts[: n + 1]) for n in range(1, last)]
