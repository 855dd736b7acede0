"""The days a laptop may be written on without having met its server; after them it only shows, until it does.

Nothing is wiped or hidden by it, what waits goes out at the next contact, and the moment counted from is the
server's, so a wrong clock here costs nobody a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from models.changes import get_meta, set_meta
from models.errors import HoldallError
from models.store import Store
from models.types import UtcDateTime

DAYS, FEWEST, MOST = 14, 1, 60  # of grace: where a council says nothing, and what it may say
WARNING = timedelta(days=3)
ON_THE_WAY = timedelta(seconds=5)  # what was typed before the end is on its way into the store
FRESH = timedelta(minutes=10)  # a contact this young is not written down again
KEY = "sync.contact"
_MOMENT = UtcDateTime()


class OutOfGrace(HoldallError):
    """A change on a laptop that has not met its server for too long."""


@dataclass(frozen=True)
class Grace:
    """When the server was last met, and until when this laptop may be written on."""

    met: datetime
    until: datetime

    def near(self, now: datetime) -> bool:
        """Whether a person should hear of the end: it comes within three days, or has come."""
        return now >= self.until - WARNING

    def over(self, now: datetime) -> bool:
        """Whether this laptop only shows now."""
        return now >= self.until


def note_contact(store: Store, met: datetime, days: int) -> None:
    """Keeps that the server was met, at a moment by its clock, and the days it gives. A few minutes more
    than what is kept already are not worth a write."""
    with store.connect() as connection:
        before = grace_of(connection)
    met = met if before is None else max(met, before.met)  # an older contact takes nothing back
    until = met + timedelta(days=min(max(days, FEWEST), MOST))
    if before is not None and timedelta(0) <= until - before.until < FRESH:
        return
    with store.connect(write=True) as connection:
        set_meta(connection, KEY, {"met": _MOMENT.to_wire(met), "until": _MOMENT.to_wire(until)})


def grace_of(connection: Connection) -> Grace | None:
    """How this laptop stands; None for one that has no server."""
    kept = get_meta(connection, KEY)
    if kept is None:
        return None
    return Grace(_MOMENT.from_wire(kept["met"]), _MOMENT.from_wire(kept["until"]))


def check_grace(connection: Connection, now: datetime) -> None:
    """Raises OutOfGrace when this laptop has not met its server for longer than it may."""
    grace = grace_of(connection)
    if grace is not None and now >= grace.until + ON_THE_WAY:
        days = (grace.until - grace.met).days
        raise OutOfGrace(
            f"Holdall has not met your council's server for {days} days, so it is read-only.",
            "All that you saved is safe. Go online and press Sync now; then you can write again.",
        )
