"""Days of grace: a laptop may be written on for so long without its server, and loses nothing by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.context import Context
from models.grace import OutOfGrace, note_contact
from models.inclusion import Venue
from models.outbox import OutboxOp

MET = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)


def at(context: Context, moment: datetime) -> Context:
    """The same laptop at another moment, away from its server."""
    return replace(context, clock=lambda: moment)


def add(context: Context, name: str) -> None:
    context.write("Add", lambda s: s.add(Venue(name=name)))


def names(context: Context) -> list[str]:
    return sorted(context.read(lambda s: [v.name for v in s.query(Venue)]))


def test_after_the_days_of_grace_nothing_new_is_written_and_all_that_was_stays(context: Context) -> None:
    note_contact(context.store, MET, 14)
    until = MET + timedelta(days=14)
    add(at(context, until), "Typed before the end")  # on its way into the store as the days end
    late = at(context, until + timedelta(seconds=6))
    with pytest.raises(OutOfGrace, match="for 14 days, so it is read-only") as caught:
        add(late, "Too late")
    assert "All that you saved is safe" in caught.value.advice
    assert names(late) == ["Typed before the end"]
    assert late.read(lambda s: s.query(OutboxOp).count()) == 1  # still waits to be sent
    with pytest.raises(OutOfGrace):
        late.undo()
    note_contact(context.store, late.now(), 14)
    add(late, "Back online")
    assert names(late) == ["Back online", "Typed before the end"]


def test_a_laptop_without_a_server_and_the_sample_are_never_out_of_grace(context: Context) -> None:
    years = MET + timedelta(days=5_000)
    add(at(context, years), "No server")
    note_contact(context.store, MET, 14)
    sample = replace(context, clock=lambda: years, sample=True)
    add(sample, "Sample")
    assert sample.grace() is None


@pytest.mark.parametrize(("asked", "given"), [(-5, 1), (0, 1), (14, 14), (60, 60), (10_000, 60)])
def test_a_council_gives_one_to_sixty_days(context: Context, asked: int, given: int) -> None:
    note_contact(context.store, MET, asked)
    grace = context.grace()
    assert grace is not None
    assert (grace.until - grace.met).days == given


def test_an_older_contact_takes_no_day_away_and_a_change_of_days_counts_at_once(context: Context) -> None:
    note_contact(context.store, MET, 14)
    note_contact(context.store, MET - timedelta(days=3), 14)
    note_contact(context.store, MET + timedelta(minutes=9), 14)  # not worth a write
    grace = context.grace()
    assert grace is not None
    assert grace.until == MET + timedelta(days=14)
    note_contact(context.store, MET, 5)
    grace = context.grace()
    assert grace is not None
    assert grace.until == MET + timedelta(days=5)


def test_the_end_is_near_three_days_before(context: Context) -> None:
    note_contact(context.store, MET, 14)
    grace = context.grace()
    assert grace is not None
    assert not grace.near(MET + timedelta(days=10, hours=23))
    assert grace.near(MET + timedelta(days=11))
    assert not grace.over(MET + timedelta(days=13, hours=23))
    assert grace.over(MET + timedelta(days=14))
