"""Moments that somebody typed: ISO text, London time unless it says otherwise, a day alone as that day.

The night on which the clocks go back has an hour that comes twice: the first is meant, and it is said. An
hour that the clocks pass over is taken as the hour after it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from app.errors import HoldallError
from app.wording import LONDON, local_date

FIRST_YEAR, LAST_YEAR = 1994, 2099  # before the Right to Repair began, or past any list of holidays
_SHAPE = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.]\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?)?")


@dataclass(frozen=True)
class Moment:
    """A moment in UTC; `timed` is False for a day alone, which begins at midnight in London."""

    at: datetime
    timed: bool
    note: str = ""  # what was assumed about the hour

    @property
    def day(self) -> date:
        """The day in London."""
        return local_date(self.at)

    def before(self, other: Moment) -> bool:
        """Whether this is earlier than another one, as far as both say."""
        return self.at < other.at if self.timed and other.timed else self.day < other.day


def moment_of(text: str, what: str) -> Moment:
    """The moment that ISO text names: "2026-12-17T14:21", "2026-12-17T14:21+00:00", "2026-12-17".

    Raises HoldallError, naming `what` it was given for, for anything else.
    """
    trimmed = text.strip().upper()
    try:
        if not _SHAPE.fullmatch(trimmed):
            raise ValueError
        if len(trimmed) == 10:
            found, timed = datetime.combine(date.fromisoformat(trimmed), time(0)), False
        else:
            found, timed = datetime.fromisoformat(trimmed), True
    except ValueError:
        raise HoldallError(
            f"{what} “{text[:40]}” is not a moment.",
            "Write it as 2026-12-17T14:21, London time, or as 2026-12-17 for a day.",
        ) from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise HoldallError(
            f"{what} “{text[:40]}” is too far from today.", f"Give a year from {FIRST_YEAR} to {LAST_YEAR}."
        )
    if found.tzinfo is not None:
        return Moment(found.astimezone(UTC), timed)
    local = found.replace(tzinfo=LONDON)
    return Moment(local.astimezone(UTC), timed, _note(local))


def _note(local: datetime) -> str:
    """What was assumed about a London hour that came twice or not at all."""
    clock = f"{local:%H:%M} on {local.day} {local:%B %Y}"
    if local.astimezone(UTC).astimezone(LONDON).replace(tzinfo=None) != local.replace(tzinfo=None):
        return f"The clocks went forward past {clock}: it is taken as an hour later."
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        return f"The clocks went back, so {clock} came twice: the first is taken. Add +00:00 for the second."
    return ""
