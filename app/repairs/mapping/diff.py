"""What is different between two editions, as a list that can be read aloud."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.repairs.mapping.ends import End, ends_of
from app.repairs.tree import Tree
from app.wording import plural


class Change(StrEnum):
    """What happened to one way through the questions, or to the words of one."""

    ADDED = "added"
    REMOVED = "removed"
    CODE = "code"  # another schedule of rates code
    LEADS = "leads"  # another band, trade, hazard, right or exit
    WORDS = "words"  # asked in other words


CHANGE_WORDS = {
    Change.ADDED: "Added",
    Change.REMOVED: "Taken out",
    Change.CODE: "Another code",
    Change.LEADS: "Leads elsewhere",
    Change.WORDS: "Other words",
}


@dataclass(frozen=True)
class Line:
    """One difference: where, what it was, what it is."""

    change: Change
    path: str  # for a machine: "tenant/kitchen/sink"
    where: str  # for a person: "Council tenant, Kitchen, Blocked sink"
    before: str
    after: str

    @property
    def sentence(self) -> str:
        """The difference in one sentence."""
        if self.change is Change.ADDED:
            return f"{self.where}: new, {self.after}."
        if self.change is Change.REMOVED:
            return f"{self.where}: taken out, it was {self.before}."
        return f"{self.where}: {self.before} becomes {self.after}."


@dataclass(frozen=True)
class Diff:
    """Every difference between two editions, in the order of the newer one; what was taken out comes last."""

    before: str
    after: str
    lines: tuple[Line, ...]
    same: int  # ways that end as they did

    def count(self, change: Change) -> int:
        """How many differences are of this kind."""
        return sum(line.change is change for line in self.lines)

    @property
    def summary(self) -> str:
        """The whole in one sentence."""
        if not self.lines:
            return f"Edition “{self.after}” asks and leads as “{self.before}” does."
        counts = ((c, self.count(c)) for c in Change)
        parts = [f"{CHANGE_WORDS[c].lower()} {n:,}" for c, n in counts if n]
        return f"{plural(self.same, 'way')} as before; {', '.join(parts)}."


def diff(before: Tree, after: Tree) -> Diff:
    """The differences between two editions. Ways are compared by the values of their answers."""
    old = {e.path: e for e in ends_of(before)}
    new = {e.path: e for e in ends_of(after)}
    lines: list[Line] = []
    same = 0
    for path, end in new.items():
        was = old.get(path)
        if was is None:
            lines.append(Line(Change.ADDED, "/".join(path), end.words, "", _whole(end)))
            continue
        found = list(_changes(was, end))
        lines += found
        same += not found
    lines += [
        Line(Change.REMOVED, "/".join(path), end.words, _whole(end), "")
        for path, end in old.items()
        if path not in new
    ]
    return Diff(before.version, after.version, (*lines, *_wording(before, after)), same)


def _whole(end: End) -> str:
    if end.exit:
        return f"the way out “{end.exit}”"
    return ", ".join(part for part in (end.code or "no code", end.band, end.trade) if part)


def _changes(was: End, now: End) -> Iterator[Line]:
    path = "/".join(now.path)
    if was.exit != now.exit:
        yield Line(Change.LEADS, path, now.words, _whole(was), _whole(now))
        return
    if was.code != now.code:
        yield Line(Change.CODE, path, now.words, was.code or "no code", now.code or "no code")
    for name in FIELD_WORDS:
        before, after = getattr(was, name), getattr(now, name)
        if before != after and not (name == "significant" and not (was.hazard or now.hazard)):
            words = FIELD_WORDS[name]
            yield Line(
                Change.LEADS, path, now.words, f"{words} {before or 'none'}", f"{words} {after or 'none'}"
            )
    if was.right_to_repair != now.right_to_repair:
        rights = [", ".join(e.right_to_repair) or "none" for e in (was, now)]
        yield Line(Change.LEADS, path, now.words, f"rights {rights[0]}", f"rights {rights[1]}")


FIELD_WORDS: Mapping[str, str] = {
    "band": "band",
    "trade": "trade",
    "hazard": "hazard",
    "significant": "significant for",
    "rules": "group",
}


def _wording(before: Tree, after: Tree) -> Iterator[Line]:
    for question_id, question in after.questions.items():
        was = before.questions.get(question_id)
        if was is None:
            continue
        if was.ask != question.ask:
            yield Line(Change.WORDS, question_id, question.label, f"“{was.ask}”", f"“{question.ask}”")
        for answer in question.answers:
            old = was.answer(answer.value)
            if old is not None and old.text != answer.text:
                where = f"{question.label}, {answer.name}"
                path = f"{question_id}/{answer.value}"
                yield Line(Change.WORDS, path, where, f"“{old.text}”", f"“{answer.text}”")
