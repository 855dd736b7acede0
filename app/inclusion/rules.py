"""The rules of a session: age bands, time spent, who is meant by two letters, who may be there twice.

All of them are functions of their arguments; moments are UTC, ages are whole years.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from app.wording import LONDON
from models.errors import HoldallError
from models.inclusion import AgeBand, SessionKind, folded_name

BANDS: tuple[tuple[AgeBand, str], ...] = (
    (AgeBand.UNDER_16, "Under 16"),
    (AgeBand.FROM_16, "16 to 25"),
    (AgeBand.FROM_26, "26 to 34"),
    (AgeBand.FROM_35, "35 to 44"),
    (AgeBand.FROM_45, "45 to 54"),
    (AgeBand.FROM_55, "55 to 59"),
    (AgeBand.FROM_60, "60 to 64"),
    (AgeBand.FROM_65, "65 to 74"),
    (AgeBand.FROM_75, "75 and over"),
    (AgeBand.NOT_SAID, "Rather not say"),
)
BAND_WORDS = dict(BANDS)
# The digit of each band on the keypad: 1 is the youngest, 9 the oldest, 0 for no answer.
BAND_KEYS = {band: str((n + 1) % 10) for n, (band, _) in enumerate(BANDS)}
KEY_BANDS = {key: band for band, key in BAND_KEYS.items()}
# Wider bands for paper: few counts are small enough to be hidden, and the two age groups that the fund
# asks for ("25 and younger", "60 and over") can be read off.
WIDE_BANDS: tuple[tuple[str, tuple[AgeBand, ...]], ...] = (
    ("25 and younger", (AgeBand.UNDER_16, AgeBand.FROM_16)),
    ("26 to 44", (AgeBand.FROM_26, AgeBand.FROM_35)),
    ("45 to 59", (AgeBand.FROM_45, AgeBand.FROM_55)),
    ("60 to 74", (AgeBand.FROM_60, AgeBand.FROM_65)),
    ("75 and over", (AgeBand.FROM_75,)),
    ("Not said or not asked", (AgeBand.NOT_SAID,)),
)
_FROM = (
    (75, AgeBand.FROM_75),
    (65, AgeBand.FROM_65),
    (60, AgeBand.FROM_60),
    (55, AgeBand.FROM_55),
    (45, AgeBand.FROM_45),
    (35, AgeBand.FROM_35),
    (26, AgeBand.FROM_26),
    (16, AgeBand.FROM_16),
)
KIND_WORDS = {
    SessionKind.DROP_IN: "Drop-in",
    SessionKind.ONE_TO_ONE: "One to one",
    SessionKind.COURSE: "Course",
    SessionKind.WORKSHOP: "Workshop",
    SessionKind.DEVICE_GIFTING: "Device gifting",
    SessionKind.DEVICE_LENDING: "Device lending",
    SessionKind.OUTREACH_STALL: "Outreach stall",
    SessionKind.HOME_VISIT: "Home visits",
    SessionKind.OTHER: "Other session",
}
OLDEST = 120
LONGEST_SESSION = timedelta(hours=14)
_INWARD = re.compile(r"[0-9][ABD-HJLNP-UW-Z]{2}")  # Royal Mail uses no C I K M O V there
_OUTWARD = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?")
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h ]?(\d{2}))?\s*(am|pm)?", re.IGNORECASE)


def session_title(kind: SessionKind, venue: str) -> str:
    """What a session is called: its kind and its place, once where they are the same."""
    return venue if KIND_WORDS[kind] == venue else f"{KIND_WORDS[kind]}, {venue}"


def band_of(year_of_birth: int | None, on: date) -> AgeBand:
    """The band of somebody's age in the year of a session. Only the year of birth is kept, so the age is
    the one they reach in that year; no answer is a band of its own."""
    if year_of_birth is None:
        return AgeBand.NOT_SAID
    age = on.year - year_of_birth
    return next((band for least, band in _FROM if age >= least), AgeBand.UNDER_16)


def read_year_of_birth(typed: str, today: date) -> int | None:
    """The year in what was typed: a year (1948), an age (78), or nothing. Raises HoldallError otherwise."""
    words = typed.strip()
    if not words:
        return None
    if words.isascii() and words.isdigit():
        number = int(words)
        if len(words) == 4 and today.year - OLDEST <= number <= today.year:
            return number
        if len(words) <= 3 and 0 < number <= OLDEST:
            return today.year - number
    raise HoldallError(
        f"“{words[:20]}” is no year of birth.", f"Write four figures, like {today.year - 58}, or an age."
    )


def read_postcode(typed: str) -> str:
    """A postcode in normal form ("AV3 2QT"), or its first part alone ("AV3"); "" for nothing.

    An O typed for the 0 of the second part is put right. Raises HoldallError for anything else.
    """
    words = "".join(typed.upper().split())
    if not words:
        return ""
    if len(words) >= 5:
        outward, inward = words[:-3], words[-3:]
        inward = "0" + inward[1:] if inward[0] == "O" else inward
        if _OUTWARD.fullmatch(outward) and _INWARD.fullmatch(inward):
            return f"{outward} {inward}"
    if _OUTWARD.fullmatch(words):
        return words
    raise HoldallError(f"“{typed.strip()[:20]}” is no postcode.", "Write it like AV3 2QT, or AV3 alone.")


def read_clock(typed: str, on: date) -> datetime:
    """A time of day in London as typed ("13:05", "1305", "1.05 pm", "9") on a day, as a UTC moment.

    Raises HoldallError for anything else.
    """
    found = _CLOCK.fullmatch(typed.strip())
    if found:
        hour, minute = int(found[1]), int(found[2] or 0)
        half = (found[3] or "").lower()
        if half and 1 <= hour <= 12:
            hour = hour % 12 + (12 if half == "pm" else 0)
        if hour < 24 and minute < 60 and not (half and int(found[1]) > 12):
            return datetime.combine(on, time(hour, minute), LONDON).astimezone(UTC)
    raise HoldallError(f"“{typed.strip()[:20]}” is no time of day.", "Write it like 13:30.")


def check_times(starts_at: datetime, ends_at: datetime) -> None:
    """Raises HoldallError when a session would end before it begins or last over 14 hours."""
    if ends_at <= starts_at:
        raise HoldallError("The session ends before it begins.", "Put the two times right.")
    if ends_at - starts_at > LONGEST_SESSION:
        raise HoldallError("The session lasts over 14 hours.", "Put the two times right.")


@dataclass(frozen=True)
class Marking:
    """One attendance row as it was written on some laptop."""

    id: str
    person_id: str
    came_at: datetime
    left_at: datetime | None = None
    working_on: str = ""


@dataclass(frozen=True)
class Visit:
    """One person at one session, whatever number of rows says so."""

    person_id: str
    ids: tuple[str, ...]
    came_at: datetime
    left_at: datetime | None
    working_on: str


def folded_visits(markings: Iterable[Marking]) -> list[Visit]:
    """The people in a session's rows, each once, in order of coming.

    Two rows of one person (two laptops marked them) become one visit: from the first coming to the last
    leaving, and without a leaving time while either row has none. The order of rows makes no difference.
    """
    rows: dict[str, list[Marking]] = {}
    for marking in markings:
        rows.setdefault(marking.person_id, []).append(marking)
    visits = []
    for person_id, found in rows.items():
        found.sort(key=lambda m: (m.came_at, m.id))
        left = [m.left_at for m in found if m.left_at is not None]
        visits.append(
            Visit(
                person_id,
                tuple(m.id for m in found),
                found[0].came_at,
                max(left) if len(left) == len(found) else None,
                next((m.working_on for m in found if m.working_on), ""),
            )
        )
    return sorted(visits, key=lambda v: (v.came_at, v.ids))


def minutes_spent(visit: Visit, starts_at: datetime, ends_at: datetime) -> int:
    """Whole minutes that one visit counts for: coming to leaving, within the session.

    Where no leaving time was written down it is the length of the session; never more than that.
    Moments are UTC, so a night when the clocks change neither gives nor takes an hour.
    """
    length = int((ends_at - starts_at).total_seconds() // 60)
    if visit.left_at is None:
        return max(0, length)
    came, left = max(visit.came_at, starts_at), min(visit.left_at, ends_at)
    return max(0, min(length, int((left - came).total_seconds() // 60)))


def whole_hours(minutes: int) -> int:
    """Minutes as hours, to the nearest whole one, half up."""
    return (minutes + 30) // 60


def duration_words(minutes: int) -> str:
    """A length of time: 1 h 38 min, 45 min, 3 h."""
    hours, rest = divmod(max(0, minutes), 60)
    return f"{hours} h {rest} min" if hours and rest else f"{hours} h" if hours else f"{rest} min"


@dataclass(frozen=True)
class Known:
    """Somebody who could be meant by what is typed in the register."""

    person_id: str
    name: str
    folded: str
    code: str
    visits_here: int = 0
    last_here: datetime | None = None
    here_now: bool = False


def typed_words(typed: str) -> list[str]:
    """What was typed, as folded words."""
    return folded_name(typed[:200]).split()


def capitalised(typed: str) -> str:
    """A name typed all in small letters with its capitals; any other is left as it was typed."""
    words = " ".join(typed.split())
    if words != words.lower():
        return words
    return re.sub(r"(^|[\s\-])(\w)", lambda found: found[1] + found[2].upper(), words)


def matches(words: Sequence[str], folded: str) -> bool:
    """Whether every typed word begins a word of the folded name, each a different one."""
    left = folded.split()
    for word in sorted(words, key=len, reverse=True):
        found = next((name for name in left if name.startswith(word)), None)
        if found is None:
            return False
        left.remove(found)
    return True


def ranked(known: Iterable[Known], now: datetime, words: Sequence[str] = ()) -> list[Known]:
    """Who is most likely meant, first: those who come to this place, by how often and how lately; those
    marked here already come after them, strangers to the place by name at the end."""

    def key(one: Known) -> tuple[int, float, int, str, str]:
        first = one.folded.split()[:1]
        starts = 0 if words and first and first[0].startswith(words[0]) else 1
        return (one.here_now, -_habit(one, now), starts, one.folded, one.person_id)

    return sorted(known, key=key)


def _habit(one: Known, now: datetime) -> float:
    """How much somebody belongs to the place: visits, halved for every eight weeks of absence."""
    if one.last_here is None or not one.visits_here:
        return 0.0
    weeks = max(0.0, (now - one.last_here).total_seconds() / 604_800)
    return min(one.visits_here, 12) * math.pow(0.5, weeks / 8)


@dataclass(frozen=True)
class Likeness:
    """Somebody on record who may be the person that is being added, and why, in words."""

    person_id: str
    name: str
    code: str
    reason: str


def alike(name: str, year_of_birth: int | None, other_name: str, other_year: int | None) -> str | None:
    """Why two entries may be one person, in words; None when nothing says so.

    The same name, or the same last name with the same first letter, unless two years of birth speak against
    it. A reason to ask, never to join: families share names.
    """
    one, other = folded_name(name).split(), folded_name(other_name).split()
    if not one or not other:
        return None
    apart = year_of_birth is not None and other_year is not None and year_of_birth != other_year
    same_year = year_of_birth is not None and year_of_birth == other_year
    if one == other:
        return None if apart else "the same name and year of birth" if same_year else "the same name"
    if one[-1] == other[-1] and one[0][0] == other[0][0] and len(one) > 1 and len(other) > 1:
        if same_year:
            return "the same last name, first letter and year of birth"
        if not apart and (one[0].startswith(other[0]) or other[0].startswith(one[0])):
            return "the same last name, and one first name begins like the other"
    return None


def month_of(day: date) -> str:
    """The month of a day, as reports name it: "2026-11"."""
    return f"{day:%Y-%m}"


def month_start(month: str) -> date:
    """The first day of "2026-11". Raises HoldallError for what is no month."""
    try:
        return date.fromisoformat(f"{month}-01")
    except ValueError:
        raise HoldallError(f"“{month[:20]}” is no month.", "Write it like 2026-11.") from None


def month_before(month: str, count: int = 1) -> str:
    """The month `count` months before."""
    start = month_start(month)
    number = start.year * 12 + start.month - 1 - count
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def month_span(month: str) -> tuple[datetime, datetime]:
    """The first moment of a month in London, and the first of the next, in UTC."""
    start, after = month_start(month), month_start(month_before(month, -1))
    return (
        datetime.combine(start, time(), LONDON).astimezone(UTC),
        datetime.combine(after, time(), LONDON).astimezone(UTC),
    )
