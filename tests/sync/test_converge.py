"""Laptops and a real server process: they agree in the end, whatever was done apart."""

from __future__ import annotations

from tests.sync.kit import Fleet
from tests.things import Thing


def test_what_one_laptop_wrote_the_other_shows(fleet: Fleet) -> None:
    first, second = fleet.join(), fleet.join("u-2", "Priya Senn")
    thing = Thing(title="Blocked gutter", tags=["roof"], stock=3)
    first.write("Add a thing", lambda s: s.add(thing))
    report = first.sync()
    assert (report.pushed, report.accepted, report.rejected, report.waiting) == (1, 1, 0, 0)
    assert second.sync().pulled == 1
    seen = second.get(Thing, thing.id)
    assert (seen.title, seen.tags, seen.stock, seen.version) == ("Blocked gutter", ["roof"], 3, 1)
    assert first.get(Thing, thing.id).version == 1
