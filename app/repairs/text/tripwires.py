"""Tripwires: word patterns that mean danger, looked for before anything else is made of a text.

A rule says `yes` (an emergency), or `ask` (a question to ask first). A loss of heating, power or water is
an emergency when somebody at risk lives there, and a question while that is not known. Negation, what is long
past or mended, and mere questions lower a yes to ask; no guard ever silences a rule that fired.

Never silence: where no rule fires, the subject of a rule that stands in the text (a wall, a lock, water)
asks its question unless words of the rule's closed list of routine stand by it ("hairline", "sticks",
"drips"). Words of harm or alarm take the excuse of routine away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from app.repairs.tables import EMERGENCY_HAZARD
from app.repairs.text.normalise import Said, fold, stems_of
from app.repairs.text.patterns import Finder, Match, Pattern, compile_pattern
from app.repairs.text.word_tables import word_tables

_LOOK_BACK = 7  # words before a match in which a negation may stand
_UNRESOLVED_BACK = 3
_SHORT = 4  # letters of a word that is easily taken for another


class Level(StrEnum):
    """Whether words mean an emergency."""

    YES = "yes"
    ASK = "ask"
    NO = "no"


@dataclass(frozen=True)
class Tripwire:
    """One rule: where it leads, what it says, what to ask, and its patterns."""

    id: str
    exit: str
    title: str
    ask: str
    yes: tuple[Pattern, ...]
    likely: tuple[Pattern, ...]  # an emergency unless calm words stand by
    calm: tuple[Pattern, ...]
    risk: tuple[Pattern, ...]
    asks: tuple[Pattern, ...]
    masks: tuple[Pattern, ...]
    subject: tuple[Pattern, ...]  # what the rule is about, whatever is said of it
    routine: tuple[Pattern, ...]  # what marks the subject as nothing that cannot wait

    @property
    def needs_risk(self) -> bool:
        """Whether it takes somebody at risk to make an emergency of it."""
        return bool(self.risk)

    @property
    def hazard(self) -> str:
        """The hazard code of an emergency; a tripwire never scores it."""
        return EMERGENCY_HAZARD


@dataclass(frozen=True)
class Reason:
    """A rule that fired, on which of their own words, and what lowered it to a question, if anything."""

    rule: str
    exit: str
    hazard: str
    title: str
    ask: str
    level: Level
    words: str
    lowered: str = ""  # "negated", "past", "mended", "asking", "calm", "risk not known", "not told"


@dataclass(frozen=True)
class _Guards:
    negators: frozenset[str]
    between: frozenset[str]
    breaks: frozenset[str]
    unresolved: frozenset[str]
    doubles: Pattern
    resolved: Pattern
    contrast: Pattern
    past: Pattern
    present: Pattern
    asking: Pattern


@cache
def tripwires() -> tuple[Tripwire, ...]:
    """The rules as they lie in resources/repairs/tripwires.json."""
    raw, classes = word_tables().tripwires, _classes()

    def patterns(rule: Mapping[str, object], key: str) -> tuple[Pattern, ...]:
        listed = rule.get(key, [])
        return tuple(compile_pattern(str(p), classes) for p in listed) if isinstance(listed, list) else ()

    return tuple(
        Tripwire(
            r["id"],
            r["exit"],
            r["title"],
            r["question"],
            *(patterns(r, k) for k in ("yes", "likely", "calm", "risk", "ask", "not", "subject", "routine")),
        )
        for r in raw["rules"]
    )


@cache
def _classes() -> dict[str, Sequence[str]]:
    tables = word_tables()
    return {**tables.words["classes"], **tables.tripwires["classes"]}


@cache
def _guards() -> _Guards:
    raw = word_tables().tripwires["guards"]

    def words(key: str) -> frozenset[str]:
        return frozenset(s for phrase in raw[key] for s in stems_of(phrase))

    def phrases(key: str) -> Pattern:
        return compile_pattern("|".join(raw[key]), {})

    return _Guards(
        negators=words("negators"),
        between=words("between"),
        breaks=words("breaks"),
        unresolved=words("unresolved"),
        doubles=phrases("doubles"),
        resolved=phrases("resolved"),
        contrast=phrases("contrast"),
        past=phrases("past"),
        present=phrases("present"),
        asking=phrases("asking"),
    )


@cache
def _risk_patterns() -> dict[str, tuple[Pattern, ...]]:
    classes = _classes()
    return {
        code: tuple(compile_pattern(p, classes) for p in patterns)
        for code, patterns in word_tables().words["risks"].items()
    }


def risks_heard(said: Said) -> dict[str, str]:
    """People at risk whom a text speaks of: code of the risk -> the words."""
    finder = Finder(said)
    found: dict[str, str] = {}
    for code, patterns in _risk_patterns().items():
        match = next((m for p in patterns for m in finder.matches(p)), None)
        if match is not None:
            found[code] = said.quote(match.used)
    return found


def trip(said: Said, risks: Collection[str] | None = None) -> tuple[Reason, ...]:
    """Every rule that fires on a text, emergencies first, each once at its highest level.

    `risks` are the people at risk as they were asked about: empty for nobody, None while nobody was asked.
    """
    at_risk = set(risks or ()) | set(risks_heard(said))
    plain = Finder(said)
    guard = _Guard(said, plain)
    found: list[Reason] = []
    for rule in tripwires():
        reason = _fires(rule, said, plain, guard, at_risk, risks is None)
        if reason is not None:
            found.append(reason)
    if not found:
        found = _never_silent(said, plain, guard, at_risk, risks is None)
    return tuple(sorted(found, key=lambda r: r.level is not Level.YES))


@cache
def _alarm() -> tuple[tuple[Pattern, ...], tuple[Pattern, ...]]:
    """Words of alarm, and words that ask for something ordinary to be done, fitted or booked."""
    raw, classes = word_tables().tripwires["silence"], _classes()
    alarm, wish = ([compile_pattern(p, classes) for p in raw[key]] for key in ("alarm", "wish"))
    return tuple(alarm), tuple(wish)


def _never_silent(
    said: Said, plain: Finder, guard: _Guard, at_risk: Collection[str], unknown: bool
) -> list[Reason]:
    """The questions of rules whose subject stands in a text that no rule fired on, unless it is routine."""
    alarm, wish = _alarm()
    alarmed = any(not guard.lowers(m) for p in alarm for m in plain.matches(p))
    wished = {said.tokens[m.start].sentence for p in wish for m in plain.matches(p)}
    found: list[Reason] = []
    for rule in tripwires():
        if rule.needs_risk and not at_risk and not unknown:
            continue
        masked = frozenset(i for p in rule.masks for m in plain.matches(p) for i in m.used)
        finder = Finder(said, masked) if masked else plain
        routine = [m.used for p in rule.routine for m in plain.matches(p) if not _guessed(said, m)]
        for match in (m for p in rule.subject for m in finder.matches(p)):
            plainly = any(not match.used.isdisjoint(used) for used in routine)
            plainly = plainly or said.tokens[match.start].sentence in wished
            if not plainly or alarmed:
                words = said.quote(match.used)
                level = Level.ASK
                found.append(
                    Reason(rule.id, rule.exit, rule.hazard, rule.title, rule.ask, level, words, "not told")
                )
                break
    return found


def _guessed(said: Said, match: Match) -> bool:
    """Whether a short word of a match was put right from something else: no evidence of routine."""
    tokens = (said.tokens[i] for i in match.used)
    return any(len(t.word) <= _SHORT and fold(said.text[t.start : t.end]) != t.word for t in tokens)


def _fires(
    rule: Tripwire, said: Said, plain: Finder, guard: _Guard, at_risk: Collection[str], unknown: bool
) -> Reason | None:
    masked = frozenset(i for p in rule.masks for m in plain.matches(p) for i in m.used)
    finder = Finder(said, masked) if masked else plain
    best: Reason | None = None

    def reason(level: Level, match: Match, lowered: str = "") -> Reason:
        words = said.quote(match.used)
        return Reason(rule.id, rule.exit, rule.hazard, rule.title, rule.ask, level, words, lowered)

    calm = any(True for p in rule.calm for _ in plain.matches(p))
    for pattern in (*rule.yes, *rule.likely, *rule.risk):
        depends = pattern in rule.risk
        for match in finder.matches(pattern):
            lowered = guard.lowers(match) or ("calm" if calm and pattern in rule.likely else "")
            if depends and not at_risk:
                if not unknown:
                    continue
                lowered = lowered or "risk not known"
            if not lowered:
                return reason(Level.YES, match)
            best = best or reason(Level.ASK, match, lowered)
    if best is None:
        first = next((m for p in rule.asks for m in finder.matches(p)), None)
        best = reason(Level.ASK, first) if first is not None else None
    return best


class _Guard:
    """What may lower a match in one text."""

    def __init__(self, said: Said, finder: Finder) -> None:
        self.said, self.guards = said, _guards()
        self.places = {
            name: [(m.start, m.end) for m in finder.matches(getattr(self.guards, name))]
            for name in ("doubles", "resolved", "contrast", "past", "present", "asking")
        }
        self.doubled = {start for start, _end in self.places["doubles"]}

    def lowers(self, match: Match) -> str:
        """Why a match is a question and no emergency; "" when nothing lowers it."""
        if self._negated(match):
            return "negated"
        if self._mended(match):
            return "mended"
        if self._past(match):
            return "past"
        return "asking" if self._asking(match) else ""

    def _negated(self, match: Match) -> bool:
        tokens, guards = self.said.tokens, self.guards
        if any(self._denies(i, match) for i in range(match.start, match.end) if i not in match.used):
            return True
        for index in range(match.start - 1, max(-1, match.start - 1 - _LOOK_BACK), -1):
            after, token = tokens[index + 1], tokens[index]
            if after.pause or after.sentence != token.sentence or token.stem in guards.breaks:
                return False
            if token.stem in guards.negators:
                return self._negator(index)
            if token.stem not in guards.between:
                return False
        return False

    def _denies(self, index: int, match: Match) -> bool:
        """Whether the word at an index inside a match is a negation of the match's next word."""
        tokens, guards = self.said.tokens, self.guards
        if tokens[index].stem not in guards.negators or not self._negator(index):
            return False
        for after in range(index + 1, match.end):
            if tokens[after].pause:
                return False
            if after in match.used:
                return True
            if tokens[after].stem not in guards.between:
                return False
        return False

    def _negator(self, index: int) -> bool:
        return index not in self.doubled

    def _mended(self, match: Match) -> bool:
        tokens, sentence = self.said.tokens, self.said.tokens[match.start].sentence
        for start, end in self.places["resolved"]:
            if not match.used.isdisjoint(range(start, end)):
                continue
            if tokens[start].sentence < sentence - 1:
                continue
            before = {t.stem for t in tokens[max(0, start - _UNRESOLVED_BACK) : start]}
            if before & self.guards.unresolved:
                continue
            if not any(at >= end - 1 for at, _end in self.places["contrast"]):
                return True
        return False

    def _past(self, match: Match) -> bool:
        sentence = self.said.tokens[match.start].sentence
        return self._in(sentence, "past") and not self._in(sentence, "present")

    def _asking(self, match: Match) -> bool:
        sentence = self.said.tokens[match.start].sentence
        return any(
            self.said.tokens[start].sentence == sentence and start <= match.start
            for start, _end in self.places["asking"]
        )

    def _in(self, sentence: int, name: str) -> bool:
        return any(self.said.tokens[start].sentence == sentence for start, _end in self.places[name])


def highest(reasons: Iterable[Reason]) -> Level:
    """The highest level among reasons."""
    levels = {r.level for r in reasons}
    return Level.YES if Level.YES in levels else Level.ASK if levels else Level.NO
