"""Helpers for repairs: an interview that is answered in one go, slots to ask for, a small photo."""

import io
import random
import shutil
from datetime import UTC, date, datetime, timedelta

import pytest
from PIL import Image

from app.context import Context, Council
from app.repairs import flow, sample, service, views
from app.repairs.files import take_photo
from models.changes import Author
from models.repairs import Disclosure, Slot
from models.store import Store

KEY = bytes(range(32))
NOW = datetime(2026, 12, 17, 14, 21, tzinfo=UTC)
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
        def work(session):
            repair_id = service.begin(session).repair_id
            service.answer(session, repair_id, "danger", answers["danger"])
            service.set_household(session, repair_id, disclosure, risks, "Two adults", consent)
            if "kind" in answers:
                service.answer(session, repair_id, "kind", answers["kind"])
            service.note(session, repair_id, home)
            if views.repair_view(session, repair_id, context.today()).path.way.exit is None:
                service.finish_address(session, repair_id)
            for question, value in answers.items():
                if question not in ("danger", "kind"):
                    service.answer(session, repair_id, question, value)
            for step in (flow.DESCRIPTION, *flow.LATER_STEPS) if save else ():
                service.finish_step(session, repair_id, step)
            return repair_id

        repair_id = context.write("Ask", work)
        if save:  # on its own: a repair begins as a draft and is made ready by a later act
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


@pytest.fixture(scope="session")
def sample_file(tmp_path_factory):
    """A store with the sample council's repairs, filled once for all tests."""
    folder = tmp_path_factory.mktemp("sample")
    store = Store.create(folder / "holdall.db", KEY)
    author = Author("u-1", "Tomos Aldgate", "team-1", frozenset({"officer"}), "0197d000-0000-7000-8000-0001")
    sample.fill(Context(store, author, folder, Council(), lambda: NOW), random.Random("1/repairs"))
    store.close()
    return folder / "holdall.db"


@pytest.fixture
def sampled(sample_file, first_officer, tmp_path):
    """The first officer's context over a copy of the sample."""
    path = tmp_path / "sample.db"
    shutil.copyfile(sample_file, path)
    store = Store.open(path, KEY)
    yield Context(store, first_officer, tmp_path, Council(), lambda: NOW)
    store.close()
