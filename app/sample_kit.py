"""Small tools for the sample council's generators: the same ids and moments for the same seed and day."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta

from app.wording import LONDON

_VERSION_7 = 0x7 << 76
_VARIANT = 0x2 << 62
_START = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000)


def sample_id(source: random.Random) -> str:
    """A UUIDv7 made from the seeded source, so that a sample has the same ids every time."""
    number = (_START + source.getrandbits(34)) << 80 | _VERSION_7
    number |= source.getrandbits(12) << 64 | _VARIANT | source.getrandbits(62)
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A time of day in London on a day, as a UTC moment."""
    return datetime.combine(day, time(hour, minute), LONDON).astimezone(UTC)


def working_days_before(day: date, count: int) -> list[date]:
    """The last `count` weekdays before a day, oldest first."""
    days: list[date] = []
    step = day
    while len(days) < count:
        step -= timedelta(days=1)
        if step.weekday() < 5:
            days.append(step)
    return days[::-1]
