"""How often somebody may do a thing: counted in this process's memory, by laptop, council or address."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

FILES = "3000/minute"  # requests of one laptop for files; each carries at most 1 MiB
TRIES = "5/minute"  # failed tries at a door from one address
NOTED = "30/hour"  # audit lines about failed doors of one council
WINDOW = 10  # minutes over which pushes are counted


def pushes(per_minute: int) -> str:
    """The rate for so many pushes a minute, counted over ten: a first upload of a hundred thousand records
    is some fifty requests within seconds, and then nothing."""
    return f"{per_minute * WINDOW}/{WINDOW} minute"


class Throttle:
    """Counts against one rate, such as `5/minute`, by a name."""

    def __init__(self, rate: str, storage: MemoryStorage | None = None) -> None:
        self._rate: RateLimitItem = parse(rate)
        self._window = MovingWindowRateLimiter(storage or MemoryStorage())

    def wait(self, who: str) -> int:
        """Whole seconds until another is let through; 0 when one is now."""
        if self._window.test(self._rate, who):
            return 0
        reset = self._window.get_window_stats(self._rate, who).reset_time
        return max(1, math.ceil(reset - time.time()))

    def spend(self, who: str) -> bool:
        """Counts one; False when that was one too many."""
        return self._window.hit(self._rate, who)


@dataclass
class Pace:
    """How often laptops may push: each of them, and all of one council together; 0 turns a limit off."""

    laptop: int = 60
    council: int = 600

    def __post_init__(self) -> None:
        self._laptops = Throttle(pushes(self.laptop)) if self.laptop else None
        self._councils = Throttle(pushes(self.council)) if self.council else None

    def wait(self, tenant: str, device: str) -> int:
        """Counts a request; seconds to wait when it is one too many, else 0."""
        counted = ((self._laptops, f"{tenant} {device}"), (self._councils, tenant))
        for throttle, who in counted:
            if throttle is not None and (wait := throttle.wait(who)):
                return wait
        for throttle, who in counted:
            if throttle is not None:
                throttle.spend(who)
        return 0


class Quiet:
    """Keeps something that anybody can cause from being written down without end: says how many were passed
    over since the last one that was let through, or None when this one is passed over too."""

    def __init__(self, rate: str = NOTED) -> None:
        self._throttle = Throttle(rate)
        self._missed: dict[str, int] = {}

    def let(self, who: str) -> int | None:
        """Whether to write this one down: the number passed over before it, or None."""
        if self._throttle.spend(who):
            return self._missed.pop(who, 0)
        self._missed[who] = self._missed.get(who, 0) + 1
        return None
