"""The papers: the slip never calls a visit booked that is not, the week adds up, both become PDFs."""

import pypdfium2
import pytest

from app.errors import HoldallError, NotFound
from app.repairs import report, service, visits
from app.report import Bullets, Chart, Facts, KeyFigures, Table, render
from models.repairs import Outcome
from tests.app.repairs.conftest import MOULD


def words_of(document):
    pdf = pypdfium2.PdfDocument(render(document))
    try:
        return " ".join(" ".join(p.get_textpage().get_text_range() for p in pdf).split())
    finally:
        pdf.close()


def blocks(document, kind):
    return [b for b in document.blocks if isinstance(b, kind)]


def test_the_slip_says_what_happens_by_when_and_why(context, ask, slots):
    repair_id = ask(save=True)
    context.write("Ask", lambda s: visits.ask_visits(s, repair_id, slots[:2]))
    text = words_of(report.slip(context, {"repair": repair_id}))
    for words in (
        "Tuesday 5 January 2027",
        "A surveyor looks first",
        "This is not booked yet",
        "Monday 21 December",
        "three bank holidays are skipped",
        "SI 2025/1042",
        "01632 960 100",
        "14 Tannery Row",
    ):
        assert words in text
    assert "is booked:" not in text


def test_the_slip_says_nothing_about_who_lives_there(context, ask):
    text = words_of(report.slip(context, {"repair": ask(save=True)}))
    assert "under 5" not in text
    assert "Two adults" not in text


def test_a_confirmed_visit_is_called_booked(context, ask, slots, store, second_officer):
    repair_id = ask(save=True)
    context.write("Ask", lambda s: visits.ask_visits(s, repair_id, slots[:1]))
    with store.write(second_officer, "Confirm", context.now()) as session:
        visits.confirm_visit(session, repair_id)
    steps = blocks(report.slip(context, {"repair": repair_id}), Bullets)[0].items
    assert "A visit is booked: Monday 21 December, morning, 8 to 12." in steps


def test_the_slip_of_an_emergency_gives_the_number(context):
    repair_id = context.write("Begin", service.begin).repair_id
    context.write("Danger", lambda s: service.answer(s, repair_id, "danger", "gas"))
    context.write("Given", lambda s: service.settle_emergency(s, repair_id, Outcome.GIVEN))
    text = words_of(report.slip(context, {"repair": repair_id}))
    assert "0800 111 999" in text
    assert "No flame" in text
    assert "14:21 on Friday 18 December 2026" in text


def test_a_slip_needs_a_repair_with_a_date(context, ask):
    with pytest.raises(NotFound, match="no repair to print"):
        report.slip(context, {})
    with pytest.raises(NotFound, match="AV-1"):
        report.slip(context, {"repair": "AV-1"})
    started = {k: MOULD[k] for k in ("danger", "kind", "room")}
    with pytest.raises(HoldallError, match="no date yet"):
        report.slip(context, {"repair": ask(started)})


def test_a_slip_is_found_by_its_reference_in_any_case(sampled):
    context = sampled
    paper = report.slip(context, {"repair": "av-20417"})
    assert paper.reference == "AV-20417"
    assert ("Photos", "3 photos, with the place data taken out") in blocks(paper, Facts)[0].pairs
    assert report.slip(context, {}).reference


def test_the_week_counts_by_band_and_adds_up(sampled):
    context = sampled
    paper = report.week_report(context, {})
    assert paper.subtitle == "Monday 14 December to Sunday 20 December 2026"
    by_band = blocks(paper, Table)[0]
    for column in range(1, 6):
        assert int(by_band.total[column]) == sum(int(row[column]) for row in by_band.rows)
    chart = blocks(paper, Chart)[0]
    assert list(chart.spec.values) == [int(row[1]) for row in by_band.rows]
    assert sum(chart.spec.values) == int(blocks(paper, KeyFigures)[0].figures[0].value)
    text = words_of(paper)
    assert "Overdue" in text
    assert "Flood" in text or "Water that cannot be stopped" in text


def test_another_week_is_asked_for_by_any_of_its_days(sampled):
    context = sampled
    paper = report.week_report(context, {"week": "2026-12-09"})
    assert paper.subtitle.startswith("Monday 7 December")
    with pytest.raises(HoldallError, match="is not a day"):
        report.week_report(context, {"week": "last week"})


def test_a_week_without_repairs_says_so(context):
    assert "No repair was reported" in words_of(report.week_report(context, {}))
