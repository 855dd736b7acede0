"""The work order: all that whoever mends needs, and nothing of who lives there or what they are ill with."""

import io
import re

import pypdfium2
import pytest
from PIL import Image

from app.errors import HoldallError, NotFound
from app.repairs import report, visits
from app.repairs.files import take_photo
from app.repairs.photos import keeping
from app.report import Facts, Pictures, render
from models import blobs
from models.repairs import Alert, AlertKind, Photo, Repair


def text_of(document):
    pdf = pypdfium2.PdfDocument(render(document))
    try:
        return " ".join(" ".join(p.get_textpage().get_text_range() for p in pdf).split())
    finally:
        pdf.close()


def noisy(seed):
    out = io.BytesIO()
    Image.effect_noise((400, 300), 20 + seed).save(out, "JPEG")
    return take_photo(out.getvalue(), f"{seed}.jpg")


@pytest.fixture
def order(context):
    return lambda repair_id: report.work_order(context, {"repair": repair_id})


def alert(context, repair_id, kind, words):
    def work(session):
        key = session.get(Repair, repair_id).place_key
        session.add(
            Alert(place_key=key, kind=kind, words=words, set_by_name="Priya Senn", set_at=context.now())
        )

    context.write("Alert", work)


def test_whoever_mends_reads_what_where_and_by_when(context, ask, order):
    text = text_of(order(ask(save=True)))
    for words in (
        "AV3102",
        "Damp and mould, survey",
        "Surveyor",
        "Tuesday 5 January 2027",
        "Routine",
        "Kitchen",
        "14 Tannery Row, Averwick AV3 2QT",
        "07700 900 417",
        "Give people time to come to the door",
        "None asked for",
    ):
        assert words in text, words


def test_no_illness_no_age_and_no_words_of_an_alert_about_a_person(context, ask, order):
    repair_id = ask(save=True, risks=("oxygen", "under5", "breathing"))
    alert(context, repair_id, AlertKind.PERSON, "Shouts when frightened; takes insulin")
    alert(context, repair_id, AlertKind.LOCATION, "Asbestos in the hall ceiling")
    text = text_of(order(repair_id))
    assert not re.search("oxygen|dialysis|under 5|asthma|lung|Two adults|insulin|Shouts", text, re.I)
    assert "Ring the repairs team on 01632 960 100 before you go" in text
    assert "Asbestos in the hall ceiling" in text


def test_a_visit_is_requested_until_it_is_booked(context, ask, order, slots, store, second_officer):
    repair_id = ask(save=True)
    context.write("Ask", lambda s: visits.ask_visits(s, repair_id, slots[:2]))
    facts = dict(next(b for b in order(repair_id).blocks if isinstance(b, Facts)).pairs)
    assert facts["Visit"].startswith("Requested, not booked: Monday 21 December")
    with store.write(second_officer, "Confirm", context.now()) as session:
        visits.confirm_visit(session, repair_id)
    facts = dict(next(b for b in order(repair_id).blocks if isinstance(b, Facts)).pairs)
    assert facts["Visit"] == "Booked: Monday 21 December, morning, 8 to 12"


def test_photos_are_printed_and_those_that_are_not_here_are_said(context, ask, order, monkeypatch):
    repair_id = ask(save=True)
    for seed in range(4):
        photo = noisy(seed)
        context.write("Add", lambda s, p=photo, n=seed: keeping.add_photo(s, repair_id, p, f"Wall {n}"))
    (pictures,) = [b for b in order(repair_id).blocks if isinstance(b, Pictures)]
    assert [p.caption for p in pictures.items] == [f"Photo {n + 1}: Wall {n}" for n in range(4)]
    whole = blobs.get
    names = context.read(lambda s: {p.sha256 for p in s.query(Photo)})
    monkeypatch.setattr(blobs, "get", lambda s, n: None if n in names else whole(s, n))
    (small,) = [b for b in order(repair_id).blocks if isinstance(b, Pictures)]
    assert len(small.items) == 4
    monkeypatch.setattr(blobs, "get", lambda _s, _n: None)
    paper = order(repair_id)
    assert not [b for b in paper.blocks if isinstance(b, Pictures)]
    assert "4 photos are not on this laptop yet" in text_of(paper)


def test_what_is_not_promised_has_no_work_order(context, ask, order):
    with pytest.raises(HoldallError, match="is not promised"):
        order(ask())
    with pytest.raises(NotFound, match="AV-1"):
        order("AV-1")


def test_any_words_become_a_paper(context, ask, order):
    repair_id = ask(save=True)
    odd = 'He said "5\\" gap",\nماء من السقف 🙂 <b>&amp;</b> =1+1 \x1b[31m' + "w" * 300

    def work(session):
        repair = session.get(Repair, repair_id)
        repair.description, repair.tenant_name, repair.address = (
            odd,
            "Ffion\n“O’Neill” علي 🙂",
            "1 Mill\nLane",
        )

    context.write("Odd", work)
    text = text_of(order(repair_id))
    assert 'He said "5\\" gap",' in text
    assert "<b>&amp;</b> =1+1" in text
    assert text_of(report.slip(context, {"repair": repair_id}))
