"""Python's search for cycles, held back while thousands of plain values are made and dropped again.

None of them is part of a cycle. Looking through all of the program for one, again and again, would take a
fifth of the time, and the thread of the window would stand still meanwhile.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def held_back() -> Iterator[None]:
    """No search for cycles in this block, which lasts seconds at most.

    What was made meanwhile counts as old afterwards: by freezing and thawing it, the first search after the
    block does not walk all of it at once.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.freeze()
            gc.unfreeze()
            gc.enable()
