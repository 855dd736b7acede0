"""The two promises that are kept by the one mechanism of allocations, over a real server process: a bank
line's pence and a repair slot's places are granted to one laptop and refused to the other."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from models.errors import HoldallError
from models.ids import new_id
from models.income import BankLine, Match, MatchKind
from models.repairs import Slot, Visit
from sync import desk, ways_out
from sync.ways_out import Way
from tests.sync.kit import Fleet, Laptop
from tests.sync.test_rules import adding

DAY = date(2026, 12, 18)


def bank_line(pence: int) -> BankLine:
    """A movement of a bank statement."""
    words = {"mark": "C", "type_code": "NTRF", "customer_reference": "", "bank_reference": "", "words": "FPI"}
    return BankLine(
        account_id="acc",
        statement_id=new_id(),
        line_no=1,
        booked_on=DAY,
        amount_pence=pence,
        fingerprint="f",
        occurrence=1,
        **words,
    )


def match(line: BankLine, pence: int, who: str) -> Match:
    """Pence of a bank line given to receipts."""
    return Match(
        account_id="acc",
        statement_id=line.statement_id,
        bank_line_id=line.id,
        kind=next(iter(MatchKind)),
        amount_pence=pence,
        stage="hand",
        evidence=[],
        matched_by=who,
        matched_by_name=who,
    )


def slot(day: date, label: str = "Morning, 8 to 12") -> Slot:
    """A morning with room for one visit."""
    return Slot(
        day=day, starts=480, ends=720, label=label, places=1, seen_at=datetime(2026, 12, 17, 9, tzinfo=UTC)
    )


def visit(where: Slot) -> Visit:
    """A visit that asks for a place of a slot."""
    asked = datetime(2026, 12, 17, 14, 21, tzinfo=UTC)
    return Visit(repair_id=new_id(), slot_id=where.id, choices=[where.id], asked_at=asked)


def both(fleet: Fleet) -> tuple[Laptop, Laptop]:
    """Two laptops whose people may do all of it."""
    roles = ("officer", "lead", "finance")
    return fleet.join("u-1", "Tomos Aldgate", roles), fleet.join("u-2", "Priya Senn", roles)


def only_refusal(laptop: Laptop) -> tuple[desk.Refusal, list[ways_out.Offer]]:
    """The one thing that was refused, and its ways out."""
    (refused,) = laptop.read(desk.refusals)
    return refused, laptop.read(lambda s: ways_out.offers(s, refused))


def test_the_pence_of_a_bank_line_are_granted_to_one_of_two_laptops(net_fleet: Fleet) -> None:
    first, second = both(net_fleet)
    line = bank_line(1_000_00)
    first.write("Import", adding(line))
    net_fleet.settle()
    granted = match(line, 700_00, "u-1")
    first.write("Match", adding(granted))
    second.write("Match", adding(match(line, 400_00, "u-2")))
    first.sync()
    assert second.sync().rejected == 1
    refused, offers = only_refusal(second)
    assert (refused.code, refused.type) == ("taken", "income_match")
    assert refused.sentence.title == (
        "A colleague was there first: £300.00 is left of this bank line, and this match asks for more."
    )
    assert refused.sentence.advice.startswith("Ask for £300.00 or less")
    assert [offer.way for offer in offers] == [Way.OPEN_RESOURCE, Way.RETRY, Way.LET_GO]
    assert (offers[0].words, offers[0].id) == ("Open the bank line", line.id)
    with pytest.raises(HoldallError, match="would be taken"):
        second.write("Again", lambda s: ways_out.take(s, refused.op_id, Way.RETRY))
    second.write("Give up", lambda s: ways_out.take(s, refused.op_id, Way.LET_GO))
    second.write("Match", adding(match(line, 300_00, "u-2")))
    assert second.sync().rejected == 0
    first.sync()
    for laptop in (first, second):
        assert sorted(laptop.read(lambda s: list(s.scalars(select(Match.amount_pence))))) == [300_00, 700_00]


def test_the_place_of_a_slot_is_granted_to_one_and_the_next_free_one_is_a_click_away(
    net_fleet: Fleet,
) -> None:
    first, second = both(net_fleet)
    wanted, later = slot(DAY), slot(date(2026, 12, 21))
    first.write("Offer", adding(wanted, later))
    net_fleet.settle()
    granted, lost = visit(wanted), visit(wanted)
    first.write("Ask", adding(granted))
    second.write("Ask", adding(lost))
    first.sync()
    assert second.sync().rejected == 1
    refused, offers = only_refusal(second)
    assert (refused.code, refused.type) == ("taken", "repairs_visit")
    assert refused.sentence.title == "A colleague was there first: nothing is left of this visit slot."
    assert (offers[0].way, offers[0].words, offers[0].id) == (
        Way.INSTEAD,
        "Ask for Mon 21 Dec, Morning, 8 to 12",
        later.id,
    )
    second.write("Next", lambda s: ways_out.take(s, refused.op_id, Way.INSTEAD, later.id))
    assert second.sync().rejected == 0
    first.sync()
    for laptop in (first, second):
        held = laptop.read(lambda s: {v.id: v.slot_id for v in s.scalars(select(Visit))})
        assert held[granted.id] == wanted.id
        assert sorted(held.values()) == sorted([wanted.id, later.id])
