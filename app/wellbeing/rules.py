"""How answers become figures, and figures become words. Pure: answers in, figures and sentences out.

- a statement that counts the other way round scores 6 − answer; a scale is the mean of its scores,
  1.00 to 5.00, and more is better. There is no total: the areas are not added up
- a scale with a statement left out has no figure, unless the questionnaire says otherwise
- for one person a change of under half a point is too small to tell, so it reads "about the same"
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction

from app.wellbeing.instrument import HIGHEST, LOWEST, Instrument, Item, Missing, Scale
from app.wording import day_month, listed

TELLING = Fraction(1, 2)  # the smallest change that is worth a word, in points
ROOM = Fraction(7, 2)  # an area below this has room to talk about when nothing has slipped
SKIPPED = "skip"
Answer = int | str  # a code 1 to 5, or SKIPPED
Answers = Mapping[int, Answer]  # by the number of the statement


class Way(StrEnum):
    """Which way an area went since last time."""

    BETTER = "better"
    LOWER = "lower"
    ABOUT = "about"  # it moved, by too little to tell
    SAME = "same"
    NEW = "new"  # there is no figure to hold it against


@dataclass(frozen=True)
class Score:
    """The figure of one area: its mean, None when it has none, and how many statements were answered."""

    key: str
    mean: Fraction | None
    answered: int
    of: int

    @property
    def prorated(self) -> bool:
        """Whether the figure stands on only some of the statements."""
        return self.mean is not None and self.answered < self.of


@dataclass(frozen=True)
class Standing:
    """One area now and last time, and which way it went."""

    scale: Scale
    now: Score
    before: Score | None
    way: Way


@dataclass(frozen=True)
class Moved:
    """One answer behind an area: the statement, the answer last time (None: none) and the answer now."""

    item: Item
    before: int | None
    now: int


@dataclass(frozen=True)
class Topic:
    """The one thing to talk about: the area, the answers behind it, words a person could use."""

    standing: Standing
    moved: tuple[Moved, ...]
    words: str


def score_of(item: Item, code: int) -> int:
    """What an answer counts, 1 to 5; ValueError for a code that is no answer."""
    if not LOWEST <= code <= HIGHEST:
        raise ValueError(f"an answer is {LOWEST} to {HIGHEST}")
    return LOWEST + HIGHEST - code if item.reversed else code


def scale_score(
    instrument: Instrument, scale: Scale, answers: Answers, missing: Missing | None = None
) -> Score:
    """The figure of one area under a rule for missing answers (the questionnaire's own, unless given).

    An answer left out is never made up: the middle of the scale is not an answer.
    """
    given = [(instrument.item(n), code) for n in scale.items if isinstance(code := answers.get(n), int)]
    count = len(given)
    enough = len(scale.items)
    if (missing or instrument.missing) is Missing.HALF:
        enough = -(-enough // 2)
    mean = Fraction(sum(score_of(item, code) for item, code in given), count) if count >= enough else None
    return Score(scale.key, mean, count, len(scale.items))


def scores(instrument: Instrument, answers: Answers) -> dict[str, Score]:
    """The figures of all areas, by their keys, in the questionnaire's order."""
    return {scale.key: scale_score(instrument, scale, answers) for scale in instrument.scales}


def way(now: Score, before: Score | None) -> Way:
    """Which way an area went; exactly half a point is a change."""
    if before is None or before.mean is None or now.mean is None:
        return Way.NEW
    change = now.mean - before.mean
    if change == 0:
        return Way.SAME
    if abs(change) < TELLING:
        return Way.ABOUT
    return Way.BETTER if change > 0 else Way.LOWER


def standings(instrument: Instrument, now: Answers, before: Answers | None) -> tuple[Standing, ...]:
    """Every area now and last time, in the questionnaire's order: never ranked."""
    new = scores(instrument, now)
    old = scores(instrument, before) if before is not None else {}
    return tuple(
        Standing(s, new[s.key], old.get(s.key), way(new[s.key], old.get(s.key))) for s in instrument.scales
    )


def figure(score: Score | None) -> str:
    """A figure as it is shown, one place, halves up: 2.7; an en dash where there is none."""
    if score is None or score.mean is None:
        return "–"
    exact = Decimal(score.mean.numerator) / Decimal(score.mean.denominator)
    return str(exact.quantize(Decimal("0.1"), ROUND_HALF_UP))


@dataclass(frozen=True)
class LastTime:
    """How the check before is named: "June" on a chart, "in June" in a sentence."""

    name: str
    phrase: str


def last_time(before: date, now: date) -> LastTime:
    """The name of an earlier day as seen from a later one: its month, unless that could be mistaken."""
    months = (now.year - before.year) * 12 + now.month - before.month
    if months == 0:
        return LastTime(day_month(before), f"on {day_month(before)}")
    name = f"{before:%B}" if months < 12 else f"{before:%B %Y}"
    return LastTime(name, f"in {name}")


def change_words(standing: Standing, last: LastTime | None) -> str:
    """The change of an area in words, for example "Lower than in June"."""
    if standing.way is Way.NEW or last is None:
        if standing.now.mean is None:
            left = standing.now.of - standing.now.answered
            return f"{left} of {standing.now.of} left out"
        return "The first figure"
    return {
        Way.BETTER: f"Better than {last.phrase}",
        Way.LOWER: f"Lower than {last.phrase}",
        Way.ABOUT: "About the same",
        Way.SAME: "The same",
    }[standing.way]


def finding(stood: Sequence[Standing], last: LastTime | None, mine: bool = False) -> str:
    """What the check found, as one or two sentences; `last` is None for a first check. `mine` puts it as
    the person would say it to somebody else."""
    if last is None:
        return "This is where you start. The next check will show what has moved."
    better = [s.scale for s in stood if s.way is Way.BETTER]
    lower = [s.scale for s in stood if s.way is Way.LOWER]
    if not better and not lower:
        return f"Much the same as {last.phrase}."
    return " ".join(filter(None, (_found(better, "better", mine), _found(lower, "lower", mine))))


def _found(scales: Sequence[Scale], direction: str, mine: bool) -> str:
    if not scales:
        return ""
    if len(scales) == 1:
        return str(getattr(scales[0], f"{direction}_of_mine" if mine else direction))
    names = [scale.label if number == 0 else _inner(scale.label) for number, scale in enumerate(scales)]
    return f"{listed(names)} are {direction}."


def _inner(label: str) -> str:
    return label[:1].lower() + label[1:]


def moved_answers(
    instrument: Instrument, standing: Standing, now: Answers, before: Answers | None, limit: int = 3
) -> tuple[Moved, ...]:
    """The answers behind an area: those that changed most in its direction, or, with nothing to hold them
    against, the ones that count least. At most `limit`, the questionnaire's order deciding ties."""
    found: list[tuple[int, Moved]] = []
    for number in standing.scale.items:
        item, code = instrument.item(number), now.get(number)
        if not isinstance(code, int):
            continue
        earlier = before.get(number) if before is not None else None
        old = earlier if isinstance(earlier, int) else None
        here = score_of(item, code)
        weight = HIGHEST - here if old is None else score_of(item, old) - here
        if standing.way is Way.BETTER and old is not None:
            weight = -weight
        if weight > 0 and (old is not None or here <= 3):
            found.append((weight, Moved(item, old, code)))
    found.sort(key=lambda pair: -pair[0])
    return tuple(moved for _, moved in found[:limit])


def topic(
    instrument: Instrument, stood: Sequence[Standing], now: Answers, before: Answers | None
) -> Topic | None:
    """The one thing worth a talk: the area that slipped furthest; when none did, the lowest one that has
    room to get better; None when all is well. The questionnaire's order decides ties."""
    slipped = [s for s in stood if s.way is Way.LOWER]
    if slipped:
        return topic_of(instrument, max(slipped, key=_fall), now, before)
    low = [s for s in stood if s.now.mean is not None and s.now.mean < ROOM]
    if not low:
        return None
    return topic_of(instrument, min(low, key=lambda s: s.now.mean or HIGHEST), now, before)


def topic_of(instrument: Instrument, standing: Standing, now: Answers, before: Answers | None) -> Topic:
    """An area as something to talk about: what is behind it, and words for the answer that weighs most."""
    moved = moved_answers(instrument, standing, now, before)
    weighs: Sequence[Moved] = moved
    if standing.way is not Way.LOWER or not moved:
        weighs = _lowest(instrument, standing, now) or moved
    return Topic(standing, moved, weighs[0].item.words if weighs else "")


def _lowest(instrument: Instrument, standing: Standing, now: Answers) -> tuple[Moved, ...]:
    """The answers of an area that count least now, 3 or under."""
    plain = Standing(standing.scale, standing.now, None, Way.NEW)
    return moved_answers(instrument, plain, now, None)


def _fall(standing: Standing) -> Fraction:
    before = standing.before.mean if standing.before is not None else None
    return (before or Fraction(0)) - (standing.now.mean or Fraction(0))


def shown_position(score: Score | None) -> float | None:
    """How far along its bar a figure stands, 0 for 1.0 and 1 for 5.0; None where there is none."""
    if score is None or score.mean is None:
        return None
    return float((score.mean - LOWEST) / (HIGHEST - LOWEST))
