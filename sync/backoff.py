"""How long to wait after a failure: full jitter, so that laptops coming back online do not march in step."""

from __future__ import annotations

import random

BASE = 2.0
CAP = 300.0
IDLE = 60.0  # seconds between two syncs when all is well


def delay(failures: int, retry_after: float = 0.0, chance: random.Random | None = None) -> float:
    """Seconds to wait after so many failures in a row; never less than the server asked for."""
    span = min(CAP, BASE * 2.0 ** min(failures, 20))
    return max(retry_after, (chance or random.Random()).uniform(0.0, span))  # noqa: S311  not a secret


def idle_delay(chance: random.Random | None = None) -> float:
    """Seconds until the next look when nothing waits: a minute, a fifth more or less."""
    return (chance or random.Random()).uniform(IDLE * 0.8, IDLE * 1.2)  # noqa: S311  not a secret


def retry_after(header: str | None) -> float:
    """Seconds in a Retry-After header; 0 when there is none that can be read. At most an hour."""
    try:
        return min(3_600.0, max(0.0, float(header or 0)))
    except ValueError:
        return 0.0
