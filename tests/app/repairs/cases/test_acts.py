"""What officers do in a case, and what follows from it: clocks, target, state, closing."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.errors import HoldallError, NotFound
from app.repairs import service
from app.repairs.cases import acts, clocks, opening, telling, views
from app.repairs.cases.acts import Asked, Conclusion
from app.repairs.places import reference_fits
from models.repairs import (
    Clock,
    EscalationKind,
    EscalationStage,
    InvestigationKind,
    Kind,
    Method,
    NotificationKind,
    Property,
    Repair,
    ReportState,
    Trigger,
    WorkKind,
)
from tests.app.repairs.cases.conftest import LASTING, SAFETY, moment


def fail(office, work, *args, **more):
    """What an act that is refused says."""
    with pytest.raises(HoldallError) as caught:
        office.do(work, *args, **more)
    return f"{caught.value.title} {caught.value.advice}"


def send(office, look_id, when="2026-12-22 10:00", method=Method.LETTER):
    office.at(when)
    return office.do(telling.summary_sent, look_id, method, "We found damp.")


# -- opening ---------------------------------------------------------------------------------------


def test_a_case_of_a_repair_keeps_the_moment_we_knew(ask, context):
    repair_id = ask(save=True)
    opened = context.write("Open", lambda s: opening.open_from_repair(s, repair_id))
    view = context.read(lambda s: views.case_view(s, opened.case_id, context.now()))
    repair = context.read(lambda s: s.get(Repair, repair_id))
    assert view.report.aware_at == repair.aware_at
    assert view.report.reference == f"{repair.reference}-H"
    assert view.repair_reference == repair.reference
    assert view.report.hazard == "damp_mould"
    assert [one.duty.rule_id for one in view.duties] == ["AW-SIG-INV"]
    assert view.report.target_at == view.duties[0].duty.due_at
    assert view.state is ReportState.OPEN


def test_a_repair_has_one_case_however_often_it_is_asked_for(ask, context):
    repair_id = ask(save=True)
    ids = {context.write("Open", lambda s: opening.open_from_repair(s, repair_id)).case_id for _ in range(3)}
    assert len(ids) == 1
    assert context.read(lambda s: opening.case_of_repair(s, repair_id)) in ids


def test_a_repair_that_names_no_hazard_or_is_not_saved_opens_no_case(ask, context):
    draft = ask()
    with pytest.raises(HoldallError, match="not saved yet"):
        context.write("Open", lambda s: opening.open_from_repair(s, draft))
    tap = {"danger": "none", "kind": "tenant", "room": "kitchen", "kitchen": "tap", "tap": "drip"}
    plain = ask(answers=tap, risks=(), save=True)
    with pytest.raises(HoldallError, match="names no hazard"):
        context.write("Open", lambda s: opening.open_from_repair(s, plain))


def test_an_emergency_that_was_sent_on_opens_a_case_on_24_hours(ask, context):
    repair_id = ask(answers={"danger": "electric"})
    opened = context.write("Open", lambda s: opening.open_from_repair(s, repair_id))
    view = context.read(lambda s: views.case_view(s, opened.case_id, context.now()))
    assert view.report.emergency
    assert {one.duty.rule_id for one in view.duties} == {"AW-EMG-INV", "AW-EMG-SAFE", "AW-ALT"}
    assert view.report.target_at == view.report.aware_at + timedelta(hours=24)


def test_a_case_opens_by_itself_from_a_sensor(office):
    office.open(trigger=Trigger.SENSOR)
    view = office.view()
    assert view.report.repair_id is None
    assert view.report.postcode == "AV3 2QT"
    assert reference_fits(view.report.reference.removesuffix("-H"))
    assert view.next.act == "plan"
    assert view.next.words == "Look at it"


def test_a_case_by_itself_says_what_is_missing(office):
    office.at("2026-12-17 09:00")
    good = {
        "hazard": "damp_mould",
        "trigger": Trigger.STAFF_REPORT,
        "aware_at": office.now,
        "description": "Mould",
        "address": "1 Weir Street",
        "postcode": "AV4 8LP",
    }
    for wrong, words in (
        ({"hazard": "ghosts"}, "Choose which hazard"),
        ({"aware_at": office.now + timedelta(minutes=1)}, "future"),
        ({"description": "  "}, "says nothing"),
        ({"address": ""}, "no address"),
        ({"postcode": "AV"}, "not a postcode"),
    ):
        assert words in fail(office, opening.open_by_itself, opening.NewCase(**{**good, **wrong}))


def test_the_clocks_can_start_earlier_and_never_later(office):
    office.open("2026-12-17 09:00")
    before = office.view().duty("AW-SIG-INV").duty.due_at
    office.do(opening.knew_earlier, office.case_id, moment("2026-12-14 09:00"))
    after = office.view()
    assert after.duty("AW-SIG-INV").duty.due_at < before
    assert after.report.reported_at == moment("2026-12-14 09:00")
    assert "never later" in fail(office, opening.knew_earlier, office.case_id, moment("2026-12-15 09:00"))


# -- looks -----------------------------------------------------------------------------------------


def test_a_planned_look_moves_the_case_on_and_its_end_starts_the_later_clocks(office):
    office.open()
    office.do(acts.plan_look, office.case_id, moment("2026-12-18 10:00"), "Huw Bassett")
    view = office.view()
    assert view.state is ReportState.UNDER_REVIEW
    assert view.next.act == "conclude"
    look_id = office.conclude("2026-12-18 11:00", SAFETY, LASTING, look_id=view.planned[0].id)
    view = office.view()
    assert not view.planned
    assert {o.duty.rule_id for o in view.duties if o.duty.look_id == look_id} == {
        "AW-SUM",
        "AW-SIG-SAFE",
        "AW-ALT",
        "AW-SUP-BEGIN",
        "AW-SUP-LONGSTOP",
    }
    assert view.next.act == "findings"
    assert view.report.target_rule == "AW-SUM"
    assert view.report.further_work_required
    assert view.report.further_work_due_on == LASTING.planned_on


def test_severity_is_the_surveyors_word_and_never_worked_out(office):
    office.open()
    office.conclude("2026-12-18 11:00", SAFETY)
    found = office.view().hazards_of(office.view().ended[0])
    assert [(one.hazard, one.severity.value) for one in found] == [("damp_mould", "high")]


def test_a_look_that_confirms_a_hazard_names_it_and_one_that_does_not_says_why(office):
    office.open()
    bare = {"concluded_at": office.now, "notes": "x"}
    said = fail(office, acts.conclude, office.case_id, None, Conclusion(confirmed=True, **bare))
    assert "which hazard" in said
    nothing = Conclusion(concluded_at=office.now, confirmed=False, notes=" ")
    assert "why it is no hazard" in fail(office, acts.conclude, office.case_id, None, nothing)


def test_a_look_cannot_end_before_the_report_or_in_the_future(office):
    office.open("2026-12-17 09:00")
    for when, words in (("2026-12-17 08:59", "before the report"), ("2026-12-17 09:01", "in the future")):
        what = Conclusion(concluded_at=moment(when), confirmed=False, notes="dry")
        assert words in fail(office, acts.conclude, office.case_id, None, what)


def test_an_emergency_that_a_look_finds_asks_for_work_within_24_hours(office):
    office.open()
    what = Conclusion(
        concluded_at=office.now, confirmed=True, emergency=True, found=(acts.Found("electrical"),)
    )
    assert "within 24 hours" in fail(office, acts.conclude, office.case_id, None, what)
    look_id = office.conclude("2026-12-17 12:00", SAFETY, emergency=True)
    assert office.state("AW-UPGRADE", look_id) == "due_soon"
    assert office.view().next.duty.duty.rule_id == "AW-UPGRADE"
    assert office.view().next.act == "work"


def test_a_look_that_has_ended_is_not_written_over(office):
    office.open()
    look_id = office.conclude("2026-12-18 11:00", SAFETY)
    what = Conclusion(concluded_at=office.now, confirmed=False, notes="dry")
    assert "This look has ended" in fail(office, acts.conclude, office.case_id, look_id, what)


def test_a_planned_look_can_be_moved_or_called_off(office):
    office.open()
    office.do(acts.plan_look, office.case_id, moment("2026-12-18 10:00"))
    look_id = office.view().planned[0].id
    office.do(acts.move_look, look_id, moment("2026-12-19 10:00"), "Priya Senn")
    assert office.view().planned[0].investigator_name == "Priya Senn"
    office.do(acts.call_off_look, look_id)
    assert office.view().state is ReportState.OPEN


def test_the_tenant_may_ask_for_a_look_in_person(office):
    office.open("2026-12-10 09:00")
    office.at("2026-12-11 10:00")
    office.do(acts.ask_again, office.case_id, office.now)
    view = office.view()
    assert view.planned[0].kind is InvestigationKind.RENEWED
    assert office.state("AW-SIG-RENEW", view.planned[0].id) == "open"


def test_a_look_of_an_emergency_is_an_emergency_look(office):
    office.open(hazard="emergency_hazard")
    office.do(acts.plan_look, office.case_id, office.now + timedelta(hours=2))
    assert office.view().planned[0].kind is InvestigationKind.EMERGENCY


# -- work ------------------------------------------------------------------------------------------


def test_done_safety_work_makes_the_case_safe_and_meets_its_clock(office):
    office.open()
    look_id = office.conclude("2026-12-18 11:00", SAFETY)
    office.at("2026-12-21 15:00")
    office.do(acts.begin_work, office.work())
    assert office.state("AW-SIG-SAFE", look_id) == "open"
    office.do(acts.finish_work, office.work())
    view = office.view()
    assert view.state is ReportState.MADE_SAFE
    assert view.report.made_safe_at == moment("2026-12-21 15:00")
    assert office.state("AW-SIG-SAFE", look_id) == "met"


def test_it_is_never_made_safe_before_it_was_reported(office):
    office.open("2026-12-17 09:00")
    said = fail(office, acts.emergency_action, office.case_id, moment("2026-12-17 08:00"), "Propped up")
    assert "before the report" in said
    office.at("2026-12-17 10:00")
    office.do(acts.emergency_action, office.case_id, office.now, "Socket covered")
    view = office.view()
    assert view.report.emergency_action_taken
    assert view.report.made_safe_at >= view.report.reported_at


def test_a_later_look_that_finds_more_takes_made_safe_back(office):
    office.open()
    office.conclude("2026-12-18 11:00", SAFETY)
    office.at("2026-12-18 16:00")
    office.do(acts.finish_work, office.work())
    assert office.view().state is ReportState.MADE_SAFE
    office.conclude("2026-12-21 11:00", SAFETY)
    assert office.view().state is ReportState.UNDER_REVIEW
    assert office.view().report.made_safe_at is None


def test_ordered_lasting_work_has_begun_in_the_eyes_of_the_law(office):
    office.open()
    look_id = office.conclude("2026-12-18 11:00", SAFETY, LASTING)
    office.do(acts.steps_taken, office.work(WorkKind.SUPPLEMENTARY))
    assert office.state("AW-SUP-BEGIN", look_id) == "met"
    assert office.state("AW-SUP-LONGSTOP", look_id) == "open"


def test_work_that_has_begun_stays_on_record(office):
    office.open()
    office.conclude("2026-12-18 11:00", SAFETY)
    office.do(acts.add_work, office.case_id, Asked(WorkKind.SUPPLEMENTARY, "Move the wardrobe"))
    office.do(acts.drop_work, office.work(WorkKind.SUPPLEMENTARY))
    assert not office.view().works(WorkKind.SUPPLEMENTARY)
    office.do(acts.begin_work, office.work())
    assert "has begun" in fail(office, acts.drop_work, office.work())


def test_attempts_to_get_in_are_evidence_and_move_no_clock(office):
    office.open()
    before = [(o.duty.key, o.duty.due_at) for o in office.view().duties]
    office.do(acts.record_attempt, office.case_id, office.now, "no_access", "Knocked twice, left a card")
    view = office.view()
    assert view.records.attempts[0].by_name == "Tomos Aldgate"
    assert [(o.duty.key, o.duty.due_at) for o in view.duties] == before
    assert "what came of it" in fail(
        office, acts.record_attempt, office.case_id, office.now, "lifestyle", "x"
    )


# -- telling ---------------------------------------------------------------------------------------


def test_sent_findings_meet_the_summary_once(office):
    office.open()
    look_id = office.conclude("2026-12-18 11:00", SAFETY)
    send(office, look_id)
    assert office.state("AW-SUM", look_id) == "met"
    assert office.view().findings_notice(office.view().ended[0]).kind is NotificationKind.RESULT
    assert "sent already" in fail(office, telling.summary_sent, look_id, Method.EMAIL, "Again")


def test_findings_are_writing_and_come_after_the_look(office):
    office.open()
    office.do(acts.plan_look, office.case_id, moment("2026-12-18 10:00"))
    planned = office.view().planned[0].id
    assert "has no findings" in fail(office, telling.summary_sent, planned, Method.LETTER, "x")
    look_id = office.conclude("2026-12-18 11:00", SAFETY, look_id=planned)
    assert "no written summary" in fail(office, telling.summary_sent, look_id, Method.SMS, "x")
    early = moment("2026-12-18 10:59")
    assert "before the look ended" in fail(office, telling.summary_sent, look_id, Method.LETTER, "x", early)


def test_a_delay_keeps_its_reason_and_moves_no_date(office):
    office.open()
    look_id = office.conclude("2026-12-18 11:00", SAFETY)
    duty = office.view().duty("AW-SIG-SAFE", look_id)
    office.do(telling.delay, duty.clock_id, "The specialist is ill until Monday.", Method.LETTER)
    after = office.view().duty("AW-SIG-SAFE", look_id)
    assert after.delay_reason == "The specialist is ill until Monday."
    row = office.context.read(lambda s: s.get_one(Clock, duty.clock_id))
    assert after.duty.due_at == row.due_at == duty.duty.due_at
    assert office.view().records.notices[-1].kind is NotificationKind.DELAY
    office.at("2027-01-05 09:00")
    assert office.state("AW-SIG-SAFE", look_id) == "overdue"
    assert "needs its reason" in fail(office, telling.delay, duty.clock_id, " ", Method.LETTER)


def test_an_offer_of_somewhere_else_meets_its_duty_and_its_answer_is_kept(office):
    office.open()
    look_id = office.conclude("2026-12-18 11:00", SAFETY)
    office.at("2026-12-23 10:00")
    office.do(telling.offer_elsewhere, office.case_id, "A flat at 3 Mill Lane from the 24th, at our cost")
    offer = office.view().offers[0]
    assert office.state("AW-ALT", look_id) == "met"
    office.do(telling.answer_offer, offer.id, False, "Stays with her sister")
    offer = office.view().offers[0]
    assert (offer.accepted, offer.stage) == (False, EscalationStage.REJECTED)


def test_compensation_is_a_sum_and_never_negative(office):
    office.open()
    for pence, words in ((-1, "less than nothing"), (0, "how much")):
        said = fail(
            office,
            telling.escalate,
            office.case_id,
            EscalationKind.COMPENSATION,
            "",
            compensation_pence=pence,
        )
        assert words in said
    office.do(telling.escalate, office.case_id, EscalationKind.COMPENSATION, "Complaints", "Offered", 150_00)
    assert office.view().records.escalations[0].compensation_pence == 150_00


# -- the end ---------------------------------------------------------------------------------------


def test_a_case_closes_only_when_every_duty_is_met_or_its_reason_is_written(office):
    office.open()
    look_id = office.conclude("2026-12-18 11:00", SAFETY, LASTING)
    said = fail(office, telling.close, office.case_id, "Done")
    assert "cannot be closed yet" in said
    office.do(acts.finish_work, office.work())
    office.do(acts.begin_work, office.work(WorkKind.SUPPLEMENTARY))
    assert "AW-SUM" in fail(office, telling.close, office.case_id, "Done")
    office.at("2027-02-01 09:00")
    left = office.view().to_close
    assert [one.key for one in left] == [clocks.key_of("AW-SUM", look_id)]
    reasons = {left[0].key: "The tenant moved out on 19 December and left no address."}
    assert "how the case ended" in fail(office, telling.close, office.case_id, " ", reasons)
    office.do(telling.close, office.case_id, "Dry since January.", reasons)
    view = office.view()
    assert view.state is ReportState.CLOSED
    assert view.report.unmet == reasons
    assert view.report.closed_by_name == "Tomos Aldgate"


def test_a_closed_case_takes_no_act_until_it_is_opened_again(office):
    office.open()
    office.conclude("2026-12-18 11:00", confirmed=False)
    send(office, office.view().ended[0].id)
    office.do(telling.close, office.case_id, "No hazard.")
    assert "is closed" in fail(office, acts.plan_look, office.case_id, moment("2027-01-04 09:00"))
    assert "why it is opened" in fail(office, telling.reopen, office.case_id, "")
    office.do(telling.reopen, office.case_id, "The mould came back")
    assert office.view().state is ReportState.UNDER_REVIEW
    office.do(acts.plan_look, office.case_id, moment("2027-01-04 09:00"))


def test_a_waived_summary_still_asks_that_the_tenant_is_told(office):
    office.open()
    look_id = office.conclude("2026-12-18 11:00", SAFETY)
    office.at("2026-12-21 15:00")
    office.do(acts.finish_work, office.work())
    assert office.state("AW-SUM", look_id) == "not_required"
    assert office.view().next.act == "tell"
    assert "was not told" in fail(office, telling.close, office.case_id, "Done")
    office.do(telling.tell, office.case_id, NotificationKind.ADVICE, Method.SMS, "The wall is treated.")
    assert office.view().next.act == "close"
    office.do(telling.close, office.case_id, "Treated inside three days.")


def test_an_open_escalation_keeps_a_case_open(office):
    office.open()
    office.conclude("2026-12-18 11:00", confirmed=False)
    send(office, office.view().ended[0].id)
    office.do(telling.escalate, office.case_id, EscalationKind.SENIOR_REVIEW, "Head of repairs")
    assert "still open" in fail(office, telling.close, office.case_id, "No hazard.")
    one = office.view().records.escalations[0]
    office.do(telling.settle_escalation, one.id, EscalationStage.RESOLVED, "Agreed with the surveyor")
    office.do(telling.close, office.case_id, "No hazard.")


def test_a_case_the_law_does_not_cover_has_no_clock_and_still_wants_a_look(office):
    office.open("2026-11-20 09:00", hazard="falls")
    view = office.view()
    assert not view.covered
    assert not view.duties
    assert view.next.words == "Look at it"
    assert "Nobody has looked" in fail(office, telling.close, office.case_id, "x")


# -- beside the case -------------------------------------------------------------------------------


def test_the_end_of_a_look_meets_the_clock_of_its_repair_and_moves_its_target(ask, office):
    repair_id = ask(save=True)
    office.case_id = office.do(opening.open_from_repair, repair_id).case_id
    before = office.context.read(lambda s: s.get(Repair, repair_id))
    assert before.target_rule == "AW-SIG-INV"
    office.conclude("2026-12-18 11:00", SAFETY)

    def look(session):
        rows = session.scalars(select(Clock).where(Clock.repair_id == repair_id, Clock.deleted.is_(False)))
        return session.get(Repair, repair_id), {row.rule_id: row.met_at for row in rows}

    repair, met = office.context.read(look)
    assert met["AW-SIG-INV"] == moment("2026-12-18 11:00")
    assert repair.target_rule != "AW-SIG-INV"


def test_changing_a_repair_leaves_the_clocks_of_its_case_alone(ask, office):
    repair_id = ask(save=True)
    office.case_id = office.do(opening.open_from_repair, repair_id).case_id
    office.conclude("2026-12-18 11:00", SAFETY, LASTING)
    before = [(o.duty.key, o.clock_id) for o in office.view().duties]
    office.do(service.reopen, repair_id)
    office.do(service.save_repair, repair_id)
    office.do(service.complete, repair_id)
    view = office.view()
    assert [(o.duty.key, o.clock_id) for o in view.duties] == before
    assert view.duty("AW-SUM", view.ended[0].id).duty.open


def test_undo_takes_a_look_back_with_its_clocks(office):
    office.open()
    office.conclude("2026-12-18 11:00", SAFETY)
    office.context.undo()
    view = office.view()
    assert [one.duty.rule_id for one in view.duties] == ["AW-SIG-INV"]
    assert view.duties[0].duty.met_at is None
    office.conclude("2026-12-18 12:00", SAFETY)
    assert office.view().duty("AW-SUM", office.view().ended[0].id)


def test_the_list_is_ordered_by_the_date_that_comes_first(office):
    later = office.open("2026-12-17 09:00")
    sooner = office.open("2026-12-17 10:00", hazard="emergency_hazard")
    closed = office.open("2026-12-17 10:30", hazard="falls")
    office.conclude("2026-12-17 11:00", confirmed=False)
    send(office, office.view().ended[0].id, "2026-12-17 11:30")
    office.do(telling.close, closed, "No hazard.")
    cards = office.context.read(lambda s: views.case_cards(s, office.now))
    assert [one.id for one in cards] == [sooner, later, closed]
    assert cards[0].next.act == "plan"
    end = datetime(2026, 12, 18, 12, tzinfo=UTC)
    assert office.context.read(lambda s: views.waiting_cases(s, end)) == 1


def test_a_case_that_is_not_here_says_so(context):
    with pytest.raises(NotFound, match="not on this laptop"):
        context.read(lambda s: views.case_view(s, "0197d000-0000-7000-8000-00000000dead", context.now()))


def test_a_leaseholders_case_keeps_whose_home_it_is_and_has_no_clock(office):
    def home(session):
        made = Property(
            address="Flat 4, Castle Court, Averwick",
            postcode="AV2 1HN",
            place_key="AV21HN flat 4",
            tenure=Kind.LEASEHOLD,
            tenant_name="Ade Cole",
        )
        session.add(made)
        return made.id

    office.open(property_id=office.do(home))
    report = office.view().report
    assert report.kind is Kind.LEASEHOLD
    assert report.address.startswith("Flat 4")
    assert report.target_at is None
