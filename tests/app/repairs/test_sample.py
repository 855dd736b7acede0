"""The sample council's two weeks: believable, the same every time, promises as the rules give them."""

import random

from sqlalchemy import select

from app.repairs import sample, views, worklist
from app.repairs.files import metadata_in
from models import blobs
from models.repairs import Clock, Emergency, Outcome, Photo, Property, Repair, Slot, State, Visit


def test_the_repair_of_the_pictures_is_at_its_promise_page(sampled):
    context = sampled
    repair_id = context.read(lambda s: s.scalar(select(Repair.id).where(Repair.reference == "AV-20417")))
    seen = context.read(lambda s: views.repair_view(s, repair_id, context.today()))
    assert (seen.tenant, seen.where) == ("Ffion Wŷn-Harte", "14 Tannery Row, Averwick AV3 2QT")
    assert seen.path.next_page.id == "promise"
    assert str(seen.first.due_on) == "2027-01-05"
    assert [(str(c.day), c.label) for c in seen.visit.choices] == [
        ("2026-12-21", "Morning, 8 to 12"),
        ("2026-12-22", "Afternoon, 12 to 5"),
        ("2026-12-29", "Any time"),
    ]
    assert [p.caption for p in seen.photos] == ["By the window", "Above the skirting", "Wall by the sink"]
    for photo in context.read(lambda s: s.scalars(select(Photo)).all()):
        assert metadata_in(context.read(lambda s, p=photo: blobs.get(s, p.sha256))) == []


def test_every_group_of_the_list_has_something_in_it(sampled):
    context = sampled
    seen = context.read(lambda s: worklist.worklist(s, "u-1", context.now()))
    assert seen.to_finish[0].reference == "AV-20417"
    assert len(seen.to_finish) == 2
    assert seen.overdue
    assert seen.due_soon
    assert seen.later
    assert seen.sent_on
    assert seen.done
    assert {c.state for c in seen.done} == {State.COMPLETED}


def test_everything_refers_to_what_exists_and_no_reference_is_given_twice(sampled):
    context = sampled
    with context.store.read() as session:
        repairs = {r.id: r for r in session.scalars(select(Repair))}
        homes = {h.id: h for h in session.scalars(select(Property))}
        slots = {s.id for s in session.scalars(select(Slot))}
        assert len({r.reference for r in repairs.values()}) == len(repairs) == 28
        assert all(r.property_id in homes for r in repairs.values())
        assert len({h.place_key for h in homes.values()}) == len(homes)
        for child in (*session.scalars(select(Clock)), *session.scalars(select(Emergency))):
            assert child.repair_id in repairs or (not child.repair_id and child.case_id)
        for visit in session.scalars(select(Visit)):
            assert {visit.slot_id, *visit.choices} <= slots
        assert {e.outcome for e in session.scalars(select(Emergency))} == {Outcome.GIVEN}
        names = {r.officer_name for r in repairs.values()}
    assert names == {"Tomos Aldgate", "Priya Senn", "Huw Bassett"}


def test_the_same_seed_and_day_give_the_same_sample():
    def ids(seed):
        from app.repairs.sample_photos import draw_photo

        return draw_photo("window", random.Random(seed))

    assert ids(3) == ids(3)
    assert ids(3) != ids(4)


def test_two_stores_filled_alike_hold_the_same_ids(sampled, context):
    sample.fill(context, random.Random("1/repairs"))
    for model in (Repair, Property, Slot, Clock, Visit, Photo, Emergency):
        first = sampled.read(lambda s, m=model: list(s.scalars(select(m.id).order_by(m.id))))
        assert first == context.read(lambda s, m=model: list(s.scalars(select(m.id).order_by(m.id))))
    hashes = sampled.read(lambda s: list(s.scalars(select(Photo.sha256).order_by(Photo.id))))
    assert hashes == context.read(lambda s: list(s.scalars(select(Photo.sha256).order_by(Photo.id))))
