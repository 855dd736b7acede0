"""How often somebody may do a thing: counted in this process's memory, by laptop, council or address."""

from __future__ import annotations

import math
import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

PUSHES = "60/minute"  # requests of one laptop; each may carry thousands of operations
COUNCIL = "600/minute"  # pushes of one council
TRIES = "5/minute"  # failed tries at a door from one address
NOTED = "30/hour"  # audit lines about failed doors of one council


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
