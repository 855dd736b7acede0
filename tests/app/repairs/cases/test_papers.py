"""The papers of a case: the letter says what the law asks, the pack shows everything and notices a change."""

from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pypdfium2
import pytest

from app.context import Council
from app.errors import HoldallError, NotFound
from app.repairs import report
from app.repairs.cases import acts, letters, opening, telling
from app.repairs.cases.acts import Asked, Conclusion
from app.repairs.papers import evidence_reading
from app.repairs.photos import keeping
from app.report import Facts, Picture, Table, render
from models.base import wire_body
from models.repairs import EscalationKind, HazardWork, Method, NotificationKind, Photo, WorkKind
from models.types import canonical_json
from tests.app.repairs.cases.conftest import LASTING, SAFETY, moment
from tests.app.repairs.conftest import small_photo


def words_of(document):
    pdf = pypdfium2.PdfDocument(render(document))
    try:
        pages = [page.get_textpage().get_text_range() for page in pdf]
        return " ".join(" ".join(pages).replace("\ufffe", "").split())
    finally:
        pdf.close()


def pack(office):
    return report.evidence(office.context, {"case": office.case_id})


def letter(office):
    return report.summary_letter(office.context, {"case": office.case_id})


def full(office):
    """A case in which everything happened; gives the id of its look."""
    office.open()
    office.do(acts.plan_look, office.case_id, moment("2026-12-18 10:00"), "Huw Bassett")
    office.do(acts.record_attempt, office.case_id, office.now, "no_access", "Left a card on the mat")
    look_id = office.conclude("2026-12-18 11:00", SAFETY, LASTING, look_id=office.view().planned[0].id)
    office.at("2026-12-21 09:00")
    office.do(telling.summary_sent, look_id, Method.LETTER, "We found damp and mould.")
    duty = office.view().duty("AW-SIG-SAFE", look_id)
    office.do(telling.delay, duty.clock_id, "The plasterer is ill.", Method.EMAIL)
    office.at("2027-01-06 09:00")
    office.do(telling.offer_elsewhere, office.case_id, "Flat 2, Castle Court", "Temporary homes")
    office.do(telling.escalate, office.case_id, EscalationKind.COMPENSATION, "Complaints", "", 150_00)
    office.do(acts.finish_work, office.work())
    return look_id


# -- the letter ------------------------------------------------------------------------------------


def test_the_letter_says_what_was_found_what_is_done_by_when_and_how_to_reach_us(office):
    office.open()
    office.conclude("2026-12-18 11:00", SAFETY, LASTING)
    text = words_of(letter(office))
    for words in (
        "Ffion Wŷn-Harte",
        "14 Tannery Row, Averwick AV3 2QT",
        "Friday 18 December 2026",
        "We found a hazard:",
        "Damp and mould: Along the outside wall",
        "Wash the wall and treat it",
        "Tuesday 29 December 2026",
        "Fit an extractor fan",
        "Wednesday 20 January 2027",
        "01632 960 100",
        "SI 2025/1042",
        "somewhere to stay at our cost",
    ):
        assert words in text
    assert "regulation" not in text.lower()


def test_the_letter_of_a_look_that_found_nothing_says_why(office):
    office.open()
    office.conclude("2026-12-18 11:00", confirmed=False)
    text = words_of(letter(office))
    assert "We found no hazard." in text
    assert "Why no work follows" in text
    assert "Marks of an old leak, dry now." in text


def test_the_letter_is_refused_while_a_required_part_is_missing_and_names_it(office):
    office.open()
    office.conclude("2026-12-18 11:00", SAFETY, Asked(WorkKind.SUPPLEMENTARY, "Fit a fan"))
    with pytest.raises(HoldallError, match="lacks the date for “Fit a fan”"):
        letter(office)
    view = office.view()
    nobody = Council(repairs_telephone="")
    assert "telephone" in letters.missing(view, view.ended[0], nobody)[0]


def test_a_letter_needs_a_name_a_hazard_and_an_ended_look(office):
    office.open(hazard="damp_mould")
    with pytest.raises(HoldallError, match="No look of case"):
        letter(office)
    office.do(acts.plan_look, office.case_id, moment("2026-12-18 10:00"))
    view = office.view()
    assert letters.missing(view, view.planned[0], Council()) == ["the end of the look"]


def test_an_emergency_has_its_hour_in_the_letter(office):
    office.open()
    office.conclude("2026-12-18 11:00", SAFETY, emergency=True)
    text = words_of(letter(office))
    assert "it is an emergency" in text
    assert "11:00 on Saturday 19 December 2026" in text


def test_the_letter_as_text_holds_the_same_as_the_paper(office):
    office.open()
    office.conclude("2026-12-18 11:00", SAFETY, LASTING)
    view = office.view()
    made = letters.letter_of(view, view.ended[0], Council(), office.context.today())
    for words in (made.finding, *made.findings, *(one.what for one in made.steps), made.contact, made.law):
        assert words in made.text
    assert len(made.text) <= letters.LONGEST


def test_a_look_from_afar_offers_one_in_person(office):
    office.open()
    what = Conclusion(
        concluded_at=office.at("2026-12-18 11:00"),
        confirmed=False,
        notes="Photos show dust.",
        in_person=False,
    )
    office.do(acts.conclude, office.case_id, None, what)
    text = words_of(letter(office))
    assert "without a visit" in text
    assert "within 10 working days" in text


# -- the evidence pack -----------------------------------------------------------------------------


def test_the_pack_shows_every_clock_with_its_reasons_and_what_became_of_it(office):
    full(office)
    text = words_of(pack(office))
    for view in office.view().duties:
        assert view.title in text
        assert view.duty.rule_id in text
    for words in (
        "Met late",
        "10 working days from the moment we knew, 17 December 2026 at 09:00",
        "are skipped",
        "SI 2025/1042",
        "The plasterer is ill.",
        "the date did not move",
        "Left a card on the mat",
        "We found damp and mould.",
        "Flat 2, Castle Court",
        "£150.00",
        "damp and mould (surveyor: high) found",
        "Tomos Aldgate",
    ):
        assert words in text


def test_the_pack_keeps_the_photos_with_their_digests(ask, office):
    repair_id = ask(save=True)
    photo = small_photo("olive")
    office.do(keeping.add_photo, repair_id, photo, "By the window")
    office.case_id = office.do(opening.open_from_repair, repair_id).case_id
    document = pack(office)
    pictures = [one for one in document.blocks if isinstance(one, Picture)]
    assert len(pictures) == 1
    assert photo.sha256 in pictures[0].caption
    assert photo.sha256 in words_of(document).replace(" ", "")


def test_a_photo_that_is_not_here_is_named_with_its_digest(ask, office, store):
    repair_id = ask(save=True)
    photo = small_photo("olive")
    office.do(keeping.add_photo, repair_id, photo, "By the window")
    office.case_id = office.do(opening.open_from_repair, repair_id).case_id
    with store.connect(write=True) as connection:
        connection.exec_driver_sql("DELETE FROM blob")
    document = pack(office)
    assert not [one for one in document.blocks if isinstance(one, Picture)]
    assert photo.sha256 in words_of(document).replace(" ", "")


def test_the_digests_can_be_worked_out_again_and_notice_a_change(office):
    full(office)

    def read(session):
        parts, whole = evidence_reading.digests(session, office.view())
        works = [one for one in office.view().records.works if one.kind is WorkKind.SAFETY]
        body = wire_body(session.get_one(HazardWork, works[0].id))
        return parts, whole, sha256(canonical_json(body).encode()).hexdigest()

    parts, whole, work = office.context.read(read)
    assert work in {one.sha256 for one in parts}
    assert whole == sha256("\n".join(one.sha256 for one in parts).encode()).hexdigest()

    def forge(session):
        session.get_one(HazardWork, office.work()).done_at = moment("2026-12-22 09:00")

    office.context.write("Forge", forge)
    assert office.context.read(read)[1] != whole
    assert "done: 6 January 2027 at 09:00 → 22 December 2026 at 09:00" in words_of(pack(office))


def test_the_history_keeps_what_was_taken_out(office):
    office.open()
    office.do(acts.plan_look, office.case_id, moment("2026-12-18 10:00"), "Huw Bassett")
    office.do(acts.call_off_look, office.view().planned[0].id)
    assert "Taken out" in words_of(pack(office))


def test_the_pack_is_the_same_bytes_for_the_same_case(office):
    full(office)
    assert render(pack(office)) == render(pack(office))


def test_the_pack_has_a_structure_for_those_who_do_not_see_it(office):
    full(office)
    data = render(pack(office))
    assert b"/StructTreeRoot" in data
    assert b"/MarkInfo" in data


def test_a_case_is_found_by_its_reference_or_the_one_due_first(office):
    office.open("2026-12-17 09:00")
    office.open("2026-12-17 10:00", hazard="emergency_hazard")
    urgent = office.view().report.reference
    assert urgent in report.evidence(office.context, {}).reference
    assert report.evidence(office.context, {"case": urgent.lower()}).reference == urgent
    with pytest.raises(NotFound, match="no hazard case “AV-1-H”"):
        report.evidence(office.context, {"case": "AV-1-H"})


def test_a_case_without_clocks_says_so(office):
    office.open("2026-11-20 09:00", hazard="falls")
    text = words_of(pack(office))
    assert "No clock of the law runs for this hazard and home on 20 November 2026." in text


def test_no_paper_weighs_how_people_live(office):
    folder = Path(letters.__file__).parents[1]
    told = " ".join(path.read_text("utf-8") for path in folder.rglob("*.py"))
    assert "life" + "style" not in told.lower()


def test_the_pack_names_the_reason_of_a_duty_that_was_not_met(office):
    office.open()
    look_id = office.conclude("2026-12-18 11:00", SAFETY)
    office.do(acts.finish_work, office.work())
    office.do(telling.tell, office.case_id, NotificationKind.ADVICE, Method.LETTER, "All done.")
    office.at("2026-12-18 15:00")
    assert not office.view().to_close
    office.conclude("2026-12-28 15:00", confirmed=False)
    later = office.view().ended[-1].id
    office.at("2027-02-01 09:00")
    key = f"AW-SUM|{later}"
    office.do(telling.close, office.case_id, "Dry.", {key: "The home is empty since Christmas."})
    text = words_of(pack(office))
    assert "The home is empty since Christmas." in text
    assert "Dry." in text
    facts = next(one for one in pack(office).blocks if isinstance(one, Facts))
    assert ("How it ended", "Dry.") in facts.pairs
    table = next(one for one in pack(office).blocks if isinstance(one, Table))
    assert any(row[1] == "AW-SUM" and row[4] == "Overdue" for row in table.rows)
    assert look_id != later


def test_a_pack_of_a_long_case_stays_small(office):
    full(office)
    for number in range(60):
        office.now += timedelta(minutes=1)
        office.do(acts.record_attempt, office.case_id, office.now, "no_access", f"Visit {number}")
    data = render(pack(office))
    assert len(data) < 400_000
    assert not office.context.read(lambda s: s.query(Photo).count())
