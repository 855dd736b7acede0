"""Dates of a repair as they become of it: cold spells, the second contractor, what falls away, delays."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.context import Context
from app.errors import HoldallError, NotFound
from app.repairs import promises, rights, service, views
from app.repairs.right_to_repair import Stage
from app.repairs.rules import ClockState
from app.repairs.tables import tables
from models.repairs import ColdSpell

HEATING = {"danger": "none", "kind": "tenant", "room": "whole", "whole": "heating", "heating": "none"}
LEAK = {"danger": "none", "kind": "tenant", "room": "kitchen", "kitchen": "leak", "leak": "bowl"}


@pytest.fixture
def late(context):
    """The same officer, so many days later."""

    def later(days):
        moment = context.now() + timedelta(days=days)
        return Context(context.store, context.author, context.home, context.council, lambda: moment)

    return later


@pytest.fixture
def leak(ask):
    """A saved leak: Right to Repair by Friday 18 December 2026."""
    return ask(LEAK, risks=(), save=True)


def right(context, repair_id):
    return context.read(lambda s: views.repair_view(s, repair_id, context.today())).right(context.now())


def by_rule(context, repair_id):
    return {c.deadline.rule.id: c for c in context.read(lambda s: promises.clock_views(s, repair_id))}


def test_another_contractor_has_a_second_period_once_the_first_has_failed(context, late, leak):
    assert right(context, leak).stage is Stage.FIRST
    with pytest.raises(HoldallError, match="first period ends with 18 December 2026"):
        context.write("Ask", lambda s: rights.ask_second(s, leak))
    then = late(4)
    assert right(then, leak).stage is Stage.MAY_ASK
    then.write("Ask", lambda s: rights.ask_second(s, leak))
    assert by_rule(then, leak)["RTR-14-SECOND"].deadline.due_on == date(2026, 12, 22)
    assert right(then, leak).stage is Stage.SECOND
    with pytest.raises(HoldallError, match="asked for already"):
        then.write("Ask", lambda s: rights.ask_second(s, leak))
    assert (right(late(12), leak).stage, right(late(12), leak).owed) == (Stage.OWED, 2_400)


def test_what_is_owed_stands_still_when_it_is_mended(late, leak):
    late(4).write("Ask", lambda s: rights.ask_second(s, leak))
    late(8).write("Done", lambda s: service.complete(s, leak))
    assert (right(late(90), leak).stage, right(late(90), leak).owed) == (Stage.MENDED, 1_600)


def test_nothing_is_owed_once_nobody_was_let_in(context, late, leak):
    late(4).write("Ask", lambda s: rights.ask_second(s, leak))
    late(5).write("Refused", lambda s: rights.refuse_access(s, leak))
    assert (right(late(30), leak).stage, right(late(30), leak).owed) == (Stage.REFUSED, 0)
    context.undo()
    assert right(late(30), leak).owed == 5_000


def test_a_dear_repair_does_not_qualify_and_the_council_s_own_date_holds(context, late, leak):
    context.write("Dear", lambda s: rights.does_not_qualify(s, leak))
    assert by_rule(context, leak)["RTR-14"].not_required == "It costs more than £250."
    seen = context.read(lambda s: views.repair_view(s, leak, context.today()))
    assert [d.rule.id for d in seen.deadlines] == ["AV-BANDS-2026-URGENT"]
    assert seen.target_at == seen.first.due_at
    assert right(context, leak).stage is Stage.NOT_QUALIFYING
    with pytest.raises(HoldallError, match="ended for this repair"):
        late(9).write("Ask", lambda s: rights.ask_second(s, leak))
    late(1).write("Done", lambda s: service.complete(s, leak))
    assert by_rule(context, leak)["RTR-14"].met_at is None, "a duty that fell away is not met"


def test_a_leaseholder_and_a_defect_that_is_not_listed_have_no_such_right(context, ask):
    mould = ask(save=True)
    assert right(context, mould) is None
    with pytest.raises(HoldallError, match="no date under the Right to Repair"):
        context.write("Ask", lambda s: rights.ask_second(s, mould))


def test_a_repair_that_is_promised_anew_keeps_its_second_period(late, leak):
    then = late(4)
    then.write("Ask", lambda s: rights.ask_second(s, leak))
    then.write("Open", lambda s: service.reopen(s, leak))
    then.write("Save", lambda s: service.save_repair(s, leak))
    assert by_rule(then, leak)["RTR-14-SECOND"].deadline.due_on == date(2026, 12, 22)


def test_severe_weather_that_a_lead_declared_brings_heating_forward_on_its_days(
    context, store, second_officer, ask, view
):
    def declare(session):
        session.add(
            ColdSpell(begins_on=date(2027, 5, 3), ends_on=date(2027, 5, 5), degrees=-4, source="Forecast")
        )

    with store.write(second_officer, "Cold", context.now()) as session:
        declare(session)
    for day, band in ((2, "urgent"), (3, "emergency"), (5, "emergency"), (6, "urgent")):
        context.clock = lambda d=day: datetime(2027, 5, d, 9, 0, tzinfo=UTC)
        seen = view(ask(HEATING, risks=()))
        assert (day, seen.band) == (day, band)
    assert seen.reasons == ()


def test_a_delay_records_its_reason_and_moves_no_date(context, leak):
    clock = by_rule(context, leak)["RTR-14"]
    context.write("Delay", lambda s: promises.record_delay(s, clock.id, "  The part\ncomes on Monday "))
    after = by_rule(context, leak)["RTR-14"]
    assert after.delay_reason == "The part comes on Monday"
    assert after.deadline == clock.deadline
    with pytest.raises(HoldallError, match="reason is missing"):
        context.write("Delay", lambda s: promises.record_delay(s, clock.id, " "))
    with pytest.raises(NotFound):
        context.write("Delay", lambda s: promises.record_delay(s, "no-such", "Late"))


def test_a_duty_that_is_not_required_says_why_and_counts_no_more(context, late, leak):
    clock = by_rule(context, leak)["AV-BANDS-2026-URGENT"]
    context.write("Drop", lambda s: promises.drop_duty(s, clock.id, "Mended with another repair"))
    after = by_rule(context, leak)["AV-BANDS-2026-URGENT"]
    assert after.not_required == "Mended with another repair"
    assert after.state(late(30).now(), tables().calendar) is ClockState.NOT_REQUIRED
    assert after.deadline == clock.deadline, "its date stays in the record"


def test_both_readings_of_an_emergency_are_seen_and_only_the_target_is_written_down(context, view):
    repair_id = context.write("Begin", service.begin).repair_id
    context.write("Danger", lambda s: service.answer(s, repair_id, "danger", "gas"))
    seen = view(repair_id)
    assert seen.outer.due_at == context.now() + timedelta(hours=48)
    assert "later of two readings" in seen.outer.rule.reading
    assert set(by_rule(context, repair_id)) == {"AW-EMG-INV", "AW-EMG-SAFE"}
