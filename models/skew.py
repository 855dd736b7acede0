"""How far this laptop's clock is from the server's, as the last sync found it; for times counted in hours.

Nothing that has to be right depends on a wall clock. But a promise of 24 hours is counted from one, so the
page that makes it says when this one was found wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from models.changes import get_meta, set_meta
from models.store import Store
from models.types import UtcDateTime

KEY = "sync.skew"
WORTH_SAYING = 120  # seconds
NEWS = 30  # a change smaller than this is not written down again
_MOMENT = UtcDateTime()


@dataclass(frozen=True)
class Skew:
    """The laptop's clock minus the server's in seconds, and when a sync found it, by the server's clock."""

    seconds: int
    found_at: datetime


def note_skew(store: Store, seconds: int, found_at: datetime) -> None:
    """Keeps what a sync found; a clock that was right and still is, or that is off by as much as before, is
    not worth a write."""
    with store.connect() as connection:
        kept = get_meta(connection, KEY)
    before = kept["seconds"] if kept else 0
    was, now = abs(before) > WORTH_SAYING, abs(seconds) > WORTH_SAYING
    if was == now and (not now or abs(seconds - before) <= NEWS):
        return
    with store.connect(write=True) as connection:
        set_meta(connection, KEY, {"seconds": seconds, "at": _MOMENT.to_wire(found_at)})


def skew_of(connection: Connection) -> Skew | None:
    """How far the clock was off at the last sync, when that is worth saying; else None."""
    kept = get_meta(connection, KEY)
    if kept is None or abs(kept["seconds"]) <= WORTH_SAYING:
        return None
    return Skew(kept["seconds"], _MOMENT.from_wire(kept["at"]))
