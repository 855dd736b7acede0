"""The two promises that are kept by the one mechanism of allocations, over a real server process: a bank
line's pence and a repair slot's places are granted to one laptop and refused to the other."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from models import changes
from models.errors import HoldallError
from models.ids import new_id
from models.income import BankLine, Match, MatchKind
from models.repairs import HOLDING, Slot, Visit, VisitState
from sync import desk, ways_out
from sync.server.tables import holding
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


def slot(day: date, places: int = 1) -> Slot:
    """A morning with room for one visit."""
    seen = datetime(2026, 12, 17, 9, tzinfo=UTC)
    return Slot(day=day, starts=480, ends=720, label="Morning, 8 to 12", places=places, seen_at=seen)


def visit(*wishes: Slot, latest_on: date | None = None) -> Visit:
    """A visit that asks for a place of a slot, else of the next ones."""
    asked = datetime(2026, 12, 17, 14, 21, tzinfo=UTC)
    ids = [wish.id for wish in wishes]
    return Visit(repair_id=new_id(), slot_id=ids[0], choices=ids, asked_at=asked, latest_on=latest_on)


def changing(visit_id: str, values: dict[str, Any]) -> Callable[[Session], None]:
    """Work that gives fields of a visit other values."""

    def work(session: Session) -> None:
        made = session.get_one(Visit, visit_id)
        for name, value in values.items():
            setattr(made, name, value)

    return work


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


def test_the_place_of_a_slot_is_granted_to_one_and_the_other_gets_its_next_wish(net_fleet: Fleet) -> None:
    first, second = both(net_fleet)
    wanted, later = slot(DAY), slot(date(2026, 12, 21))
    first.write("Offer", adding(wanted, later))
    net_fleet.settle()
    granted, second_best = visit(wanted), visit(wanted, later)
    first.write("Ask", adding(granted))
    second.write("Ask", adding(second_best))
    first.sync()
    report = second.sync()
    assert (report.rejected, report.merged) == (0, 1)
    first.sync()
    for laptop in (first, second):
        held = laptop.read(lambda s: {v.id: v.slot_id for v in s.scalars(select(Visit))})
        assert held == {granted.id: wanted.id, second_best.id: later.id}


def test_a_visit_without_a_place_left_is_lost_for_everybody_and_refused_to_nobody(net_fleet: Fleet) -> None:
    first, second = both(net_fleet)
    wanted, late = slot(DAY), slot(date(2026, 12, 21))
    first.write("Offer", adding(wanted, late))
    net_fleet.settle()
    gone, too_late = visit(wanted), visit(wanted, late, latest_on=DAY)
    first.write("Ask", adding(visit(wanted)))
    second.write("Ask", adding(gone))
    first.sync()
    assert second.sync().rejected == 0
    with mock.patch.object(changes, "check_allocation"):  # as if this laptop had not heard of the other
        second.write("Ask", adding(too_late))
    assert second.sync().rejected == 0
    net_fleet.settle()
    for laptop in (first, second):
        assert laptop.read(desk.refusals) == []
        assert (told := laptop.get(Visit, gone.id)).state is VisitState.LOST
        assert told.lost_why == "Every visit slot that was asked for was taken by somebody else first."
        assert (told := laptop.get(Visit, too_late.id)).state is VisitState.LOST
        assert told.lost_why == "No visit slot that was asked for has a place left by 18 December 2026."


def test_what_was_done_to_a_wish_before_its_fate_was_known_is_taken_or_asked_about(fleet: Fleet) -> None:
    """On a laptop without a network a visit is asked for and then withdrawn, asked for elsewhere, confirmed;
    meanwhile another laptop took the place."""
    first, second = both(fleet)
    a, b, c = slot(DAY, places=2), slot(date(2026, 12, 21)), slot(date(2026, 12, 22))
    first.write("Offer", adding(a, b, c))
    fleet.settle()
    first.write("Ask", adding(visit(a), visit(a)))
    first.sync()
    withdrawn, elsewhere, moved, lost = visit(a), visit(a), visit(a, b), visit(a)
    for made, act in (
        (withdrawn, {"state": VisitState.WITHDRAWN}),
        (elsewhere, {"slot_id": c.id, "choices": [c.id]}),
        (moved, {"state": VisitState.CONFIRMED}),
        (lost, {"state": VisitState.CONFIRMED}),
    ):
        second.write("Ask", adding(made))
        second.write("Then", changing(made.id, act))
    assert second.sync().rejected == 2  # nobody confirms a place that was exchanged without their seeing it
    for refused in second.read(desk.refusals):
        assert (refused.code, refused.record_id in (moved.id, lost.id)) == ("stale_state", True)
        second.write("Give up", lambda s, op=refused.op_id: ways_out.take(s, op, Way.LET_GO))
    fleet.settle()
    for laptop in (first, second):
        now = {v.id: (v.state, v.slot_id) for v in laptop.read(lambda s: list(s.scalars(select(Visit))))}
        assert now[withdrawn.id][0] is VisitState.WITHDRAWN
        assert now[elsewhere.id] == (VisitState.REQUESTED, c.id)
        assert now[moved.id] == (VisitState.REQUESTED, b.id)
        assert now[lost.id][0] is VisitState.LOST


def test_a_new_wish_stands_over_what_became_of_the_old_one(fleet: Fleet) -> None:
    lead, officer = both(fleet)
    a, b = slot(DAY), slot(date(2026, 12, 21))
    booked = visit(a)
    lead.write("Offer", adding(a, b, booked))
    fleet.settle()
    lead.write("Confirm", changing(booked.id, {"state": VisitState.CONFIRMED}))
    officer.write("Elsewhere", changing(booked.id, {"slot_id": b.id, "choices": [b.id]}))
    lead.sync()
    assert officer.sync().rejected == 0
    fleet.settle()
    for laptop in (lead, officer):
        now = laptop.get(Visit, booked.id)
        assert (now.state, now.slot_id) == (VisitState.REQUESTED, b.id)  # never booked where nobody confirmed
    lead.write("Confirm", changing(booked.id, {"state": VisitState.CONFIRMED}))
    officer.write("Withdraw", changing(booked.id, {"state": VisitState.WITHDRAWN}))
    lead.sync()
    assert officer.sync().rejected == 0
    assert officer.get(Visit, booked.id).state is VisitState.WITHDRAWN


def test_who_may_not_confirm_a_visit_makes_it_a_wish_again_by_moving_it(fleet: Fleet) -> None:
    lead, _ = both(fleet)
    officer = fleet.join("u-3", "Huw Aldgate")
    a, b, booked = slot(DAY), slot(date(2026, 12, 21)), visit(slot(DAY))
    booked.slot_id, booked.choices = a.id, [a.id]
    lead.write("Offer", adding(a, b, booked))
    lead.write("Confirm", changing(booked.id, {"state": VisitState.CONFIRMED}))
    fleet.settle()
    lead.write("Move", changing(booked.id, {"slot_id": b.id}))
    fleet.settle()
    assert officer.get(Visit, booked.id).state is VisitState.CONFIRMED
    officer.write("Move", changing(booked.id, {"slot_id": a.id, "choices": [a.id]}))
    fleet.settle()
    for laptop in (lead, officer):
        now = laptop.get(Visit, booked.id)
        assert (now.state, now.slot_id) == (VisitState.REQUESTED, a.id)


def test_what_somebody_agreed_to_is_never_exchanged_for_another_choice(fleet: Fleet) -> None:
    lead, other = both(fleet)
    a, b, c = slot(DAY), slot(date(2026, 12, 21)), slot(date(2026, 12, 22))
    booked = visit(a, b, c)
    lead.write("Offer", adding(a, b, c, booked))
    lead.write("Confirm", changing(booked.id, {"state": VisitState.CONFIRMED}))
    fleet.settle()
    other.write("Ask", adding(visit(b)))
    other.sync()
    lead.write("Move", changing(booked.id, {"slot_id": b.id}))
    assert lead.sync().rejected == 1
    (refused, _) = only_refusal(lead)
    assert refused.code == "taken"
    now = lead.get(Visit, booked.id)
    assert (now.state, now.slot_id) == (VisitState.CONFIRMED, a.id)


def test_a_laptop_says_at_once_that_a_slot_lies_after_the_last_day(fleet: Fleet) -> None:
    laptop, _ = both(fleet)
    late = slot(date(2026, 12, 21))
    laptop.write("Offer", adding(late))
    with pytest.raises(HoldallError, match="after the last day for this visit: 18 December 2026"):
        laptop.write("Ask", adding(visit(late, latest_on=DAY)))
    laptop.write("Ask", adding(visit(late, latest_on=late.day)))


@pytest.mark.parametrize("seed", range(6))
def test_wishes_in_any_order_never_pass_the_places_and_lose_no_visit(fleet: Fleet, seed: int) -> None:
    """Laptops apart ask, ask elsewhere and withdraw at random; at rest no slot has more visits than places,
    every visit is somewhere, one that is lost had no room left, and the books say what the records say."""
    chance = random.Random(seed)
    laptops = [fleet.join(f"u-{n}", f"Officer {n}", ("officer", "lead")) for n in range(3)]
    slots = [slot(DAY + timedelta(days=n), places=chance.randint(1, 2)) for n in range(5)]
    laptops[0].write("Offer", adding(*slots))
    fleet.settle()
    made: list[Visit] = []
    for _ in range(30):
        laptop = chance.choice(laptops)
        wished = chance.sample(slots, chance.randint(1, 3))
        latest = chance.choice((None, DAY + timedelta(days=chance.randint(0, 4))))
        try:
            if not made or chance.random() < 0.5:
                made.append(visit(*wished, latest_on=latest))
                laptop.write("Ask", lambda s: s.add(made[-1]))
            else:
                old = chance.choice(made).id
                act = chance.choice(
                    (
                        {"state": VisitState.WITHDRAWN},
                        {"slot_id": wished[0].id, "choices": [x.id for x in wished]},
                    )
                )
                laptop.write("Change", changing(old, act))
        except (HoldallError, NoResultFound):
            pass  # not here, or no room as far as this laptop knows: nothing was written
        if chance.random() < 0.3:
            laptop.sync()
    fleet.settle()
    seen = [
        {v.id: (v.state, v.slot_id) for v in laptop.read(lambda s: list(s.scalars(select(Visit))))}
        for laptop in laptops
    ]
    assert seen[0] == seen[1] == seen[2]
    taken = Counter(where for state, where in seen[0].values() if state in HOLDING)
    assert all(taken[x.id] <= x.places for x in slots)
    with fleet.books.read(fleet.tenant) as connection:
        rows = connection.execute(select(holding).where(holding.c.tenant == fleet.tenant)).all()
    assert Counter(row.resource_id for row in rows) == taken
    for laptop in laptops:
        assert [x.code for x in laptop.read(desk.refusals) if x.code == "taken"] == []
