"""Helpers for repairs: an interview that is answered in one go, slots to ask for, a small photo."""

import io
from datetime import date, timedelta

import pytest
from PIL import Image

from app.repairs import flow, service, views
from app.repairs.files import take_photo
from models.repairs import Disclosure, Slot

MOULD = {
    "danger": "none",
    "kind": "tenant",
    "room": "kitchen",
    "kitchen": "damp",
    "damp-where": "outside-wall",
    "damp-since": "weeks",
    "damp-spread": "patch",
}
HOME = {
    "tenant_name": "Ffion Wŷn-Harte",
    "address": "14 Tannery Row, Averwick",
    "postcode": "av32qt",
    "telephone": "07700900417",
}


def small_photo(colour="tan"):
    out = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(out, "JPEG")
    return take_photo(out.getvalue(), "wall.jpg")


@pytest.fixture
def ask(context):
    """Asks a whole interview and returns the repair's id: ask(answers, risks=["under5"], save=True)."""

    def asked(
        answers=MOULD, home=HOME, risks=("under5",), consent=True, save=False, disclosure=Disclosure.TOLD
    ):
        repair_id = context.write("Begin", service.begin).repair_id

        def first(s):
            for question in ("danger", "kind"):
                if question in answers:
                    service.answer(s, repair_id, question, answers[question])
            service.note(s, repair_id, home)

        context.write("Ask", first)
        if context.read(lambda s: views.repair_view(s, repair_id, context.today())).path.way.exit is None:
            context.write("Address", lambda s: service.finish_address(s, repair_id))
            context.write(
                "Who", lambda s: service.set_household(s, repair_id, disclosure, risks, "Two adults", consent)
            )
        for question, value in answers.items():
            if question not in ("danger", "kind"):
                context.write("Answer", lambda s, q=question, v=value: service.answer(s, repair_id, q, v))
        if save:
            for step in flow.LATER_STEPS:
                context.write("Step", lambda s, st=step: service.finish_step(s, repair_id, st))
            context.write("Save", lambda s: service.save_repair(s, repair_id))
        return repair_id

    return asked


@pytest.fixture
def view(context):
    """The view of a repair by its id."""
    return lambda repair_id: context.read(lambda s: views.repair_view(s, repair_id, context.today()))


@pytest.fixture
def slots(context):
    """Three slots on the next days with one place each; their ids in order."""

    def made(session):
        ids = []
        for number in range(3):
            slot = Slot(
                day=date(2026, 12, 21) + timedelta(days=number),
                starts=480,
                ends=720,
                label="Morning, 8 to 12",
                places=1,
                seen_at=context.now(),
            )
            session.add(slot)
            ids.append(slot.id)
        return ids

    return context.write("Slots", made)
