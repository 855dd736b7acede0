"""A laptop that dies anywhere in an interview, or a server between writing a push down and answering it.

Afterwards there is one repair with one set of clocks, its visit asked for once, its photo whole or not there;
of what was typed at most the last second is gone.
"""

from __future__ import annotations

import multiprocessing
import random
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.context import Context, Council
from app.repairs import sample
from models import blobs
from models.changes import Author
from models.repairs import Clock, Emergency, Household, Photo, Repair, State, Visit, VisitState
from models.store import Store
from tests.conftest import KEY
from tests.journeys import interviewer

PATIENCE = 90  # seconds for a window to come up, or a page to be done, on a busy machine
MOST_DEATHS = 60
PAGES = ("danger", "household", "kind", "address", "description", "room", "kitchen", "damp-where")
PAGES += ("damp-since", "damp-spread", "photos", "visits")


@pytest.fixture(scope="module")
def processes() -> Any:
    """Where it can be had, a server that forks: each officer is a process of its own, imported once."""
    if not sys.platform.startswith("linux"):
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    screens = ["ui.application", "ui.main_window", "ui.repairs.tab"]
    context.set_forkserver_preload([*screens, interviewer.__name__])
    return context


@pytest.fixture(scope="module")
def council(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sample council's repairs, homes and visit slots."""
    folder = tmp_path_factory.mktemp("council")
    store = Store.create(folder / "holdall.db", KEY)
    author = Author("u-1", "Tomos Aldgate", "team-1", frozenset({"officer"}), "device")
    context = Context(store, author, folder, Council(), lambda: interviewer.NOW)
    sample.fill(context, random.Random("1/repairs"))
    store.close()
    return folder


@pytest.fixture
def laptop(council: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(council, tmp_path / "laptop"))


@dataclass
class Officer:
    """A process that takes a repair, and what it said."""

    process: BaseProcess
    told: Connection

    def hear(self) -> tuple[str, Any] | None:
        """The next thing it says; None once it has gone."""
        try:
            assert self.told.poll(PATIENCE), "nothing was heard of the window"
            said: tuple[str, Any] = self.told.recv()
            return said
        except EOFError:
            return None

    def kill(self) -> None:
        """Ends it as a flat battery does."""
        self.process.kill()
        self.process.join()


def sit_down(processes: Any, folder: Path, work: Any, repair_id: str = "", *rest: str | None) -> Officer:
    """An officer in front of the laptop, who begins a repair or goes on with a draft."""
    listens, tells = processes.Pipe(duplex=False)
    process = processes.Process(target=work, args=(folder, KEY, tells, repair_id, *rest), daemon=True)
    process.start()
    tells.close()
    return Officer(process, listens)


@dataclass(frozen=True)
class Left:
    """What a laptop holds of the one repair that the sample did not bring."""

    repair: Repair
    clocks: tuple[tuple[str, Any], ...]
    visits: int
    photos: int
    households: int
    emergencies: int


def left_on(folder: Path, known: frozenset[str]) -> Left | None:
    """Opens the store that a dead process left: it is sound, and holds one new repair at most."""
    store = Store.open(folder / "holdall.db", KEY)
    assert store.check() == []
    with store.read() as session:
        every = session.scalars(select(Repair).where(Repair.deleted.is_(False)))
        new = [repair for repair in every if repair.id not in known]
        assert len(new) <= 1, "one interview made two repairs"
        if not new:
            store.close()
            return None
        repair = new[0]

        def count(model: Any) -> int:
            mine = select(func.count()).select_from(model).where(model.repair_id == repair.id)
            return int(session.scalar(mine.where(model.deleted.is_(False))) or 0)

        for photo in session.scalars(select(Photo).where(Photo.repair_id == repair.id)):
            assert blobs.get(session, photo.sha256), "a photo is there by name only"
        assert blobs.missing(session) == []
        mine = (Clock.repair_id == repair.id, Clock.deleted.is_(False))
        clocks = select(Clock.rule_id, Clock.due_at).where(*mine).order_by(Clock.rule_id)
        rows = tuple(tuple(row) for row in session.execute(clocks))
        kept = select(func.count()).select_from(Household).where(Household.place_key == repair.place_key)
        lived = int(session.scalar(kept.where(Household.deleted.is_(False))) or 0) if repair.place_key else 0
        found = Left(repair, rows, count(Visit), count(Photo), lived, count(Emergency))
        session.expunge_all()
    store.close()
    return found


def known_in(folder: Path) -> frozenset[str]:
    store = Store.open(folder / "holdall.db", KEY)
    with store.read() as session:
        found = frozenset(session.scalars(select(Repair.id)))
    store.close()
    return found


def as_promised(found: Left | None) -> None:
    """The repair as one undisturbed interview makes it."""
    assert found is not None
    repair = found.repair
    assert repair.state is State.READY
    assert repair.description == interviewer.WORDS
    assert repair.answers == interviewer.ANSWERS
    assert set(repair.done_steps) >= {"household", "address", "description", "photos", "visits"}
    assert repair.target_rule == "AW-SIG-INV"
    rules = [rule for rule, _ in found.clocks]
    assert "AW-SIG-INV" in rules
    assert len(rules) == len(set(rules)), rules
    assert (found.visits, found.photos, found.emergencies) == (1, 1, 0)
    assert found.households == 1


def test_an_interview_that_dies_after_every_page_ends_as_one_repair(processes: Any, laptop: Path) -> None:
    known = known_in(laptop)
    repair_id, answered, deaths = "", [], 0
    while True:
        officer = sit_down(processes, laptop, interviewer.interview, repair_id, None)
        done = ""
        while (said := officer.hear()) is not None:
            if said[0] == "began":
                repair_id = said[1]
            elif said[0] == "answered":
                answered.append(said[1])
                officer.kill()
                break
            elif said[0] == "saved":
                done = "saved"
        officer.process.join()
        found = left_on(laptop, known)
        assert found is not None
        assert found.repair.id == repair_id
        for page in answered:
            wanted = interviewer.ANSWERS.get(page)
            assert page in found.repair.done_steps or found.repair.answers.get(page) == wanted
        if "description" in answered:
            assert found.repair.description == interviewer.WORDS
        assert found.photos == 1 or "photos" not in answered
        if done or found.repair.state is not State.DRAFT:
            break
        deaths += 1
        assert deaths <= MOST_DEATHS, answered
    assert set(answered) <= set(PAGES)
    assert deaths >= len(PAGES) - 2, "a page may be passed in the moment of a kill"
    as_promised(found)


def test_an_interview_that_dies_at_every_commit_ends_as_one_repair(processes: Any, laptop: Path) -> None:
    known = known_in(laptop)
    repair_id, deaths, saved = "", 0, False
    while not saved:
        officer = sit_down(processes, laptop, interviewer.interview, repair_id, "after_local_commit:1")
        while (said := officer.hear()) is not None:
            saved = saved or said[0] == "saved"
        officer.process.join()
        found = left_on(laptop, known)
        assert found is not None, "the first commit is the new repair"
        assert not repair_id or found.repair.id == repair_id
        repair_id = found.repair.id
        if found.repair.state is not State.DRAFT:
            break
        assert not found.clocks, "clocks are written when the promise is made"
        assert found.visits <= 1
        assert found.photos <= 1
        deaths += 1
        assert deaths <= MOST_DEATHS
    assert deaths >= len(PAGES)
    as_promised(found)


def test_a_photo_whose_file_was_written_and_not_its_row_is_not_there_and_can_be_taken_again(
    processes: Any, laptop: Path
) -> None:
    known = known_in(laptop)
    officer = sit_down(processes, laptop, interviewer.interview, "", "blob_on_disk:1")
    while officer.hear() is not None:
        pass
    officer.process.join()
    found = left_on(laptop, known)
    assert found is not None
    assert (found.repair.state, found.photos) == (State.DRAFT, 0)
    assert found.repair.answers == interviewer.ANSWERS
    officer = sit_down(processes, laptop, interviewer.interview, found.repair.id, None)
    while officer.hear() is not None:
        pass
    officer.process.join()
    as_promised(left_on(laptop, known))


def test_of_words_that_are_being_typed_at_most_the_last_second_is_gone(processes: Any, laptop: Path) -> None:
    known, moments = known_in(laptop), random.Random(5)
    officer = sit_down(processes, laptop, interviewer.interview, "", None)
    while (said := officer.hear()) is not None and said != ("answered", "address"):
        pass
    officer.kill()
    found = left_on(laptop, known)
    assert found is not None
    for _ in range(4):
        officer = sit_down(processes, laptop, interviewer.type_words, found.repair.id)
        pressed: list[tuple[int, float]] = []
        wanted = moments.uniform(1.05, 1.9)
        while not pressed or pressed[-1][1] - pressed[0][1] < wanted:
            said = officer.hear()
            assert said is not None, "the window closed by itself"
            if said[0] != "began":
                pressed.append((int(said[0]), float(said[1])))
        killed = time.monotonic()
        officer.kill()
        while (said := officer.hear()) is not None:
            pressed.append((int(said[0]), float(said[1])))
        due = max((count for count, at in pressed if at <= killed - 1.0), default=0)
        found = left_on(laptop, known)
        assert found is not None
        kept = found.repair.description
        assert interviewer.LONG.startswith(kept) or kept.startswith(interviewer.WORDS[:4])
        assert len(kept) >= len(interviewer.LONG[:due].rstrip())
        store = Store.open(laptop / "holdall.db", KEY)
        author = Author("u-1", "Tomos Aldgate", "team-1", frozenset({"officer"}), "device")
        with store.write(author, "Clear", interviewer.NOW) as session:
            session.get_one(Repair, found.repair.id).description = ""
        store.close()


def test_a_visit_is_asked_for_once_however_often_its_page_dies(processes: Any, laptop: Path) -> None:
    known = known_in(laptop)
    officer = sit_down(processes, laptop, interviewer.interview, "", None)
    while (said := officer.hear()) is not None and said != ("answered", "photos"):
        pass
    officer.kill()
    found = left_on(laptop, known)
    assert found is not None
    repair_id = found.repair.id
    for _ in range(2):
        officer = sit_down(processes, laptop, interviewer.interview, repair_id, "after_local_commit:1")
        while officer.hear() is not None:
            pass
        officer.process.join()
        found = left_on(laptop, known)
        assert found is not None
        assert found.visits == 1
    store = Store.open(laptop / "holdall.db", KEY)
    with store.read() as session:
        visit = session.scalars(select(Visit).where(Visit.repair_id == repair_id)).one()
        assert visit.state is VisitState.REQUESTED
        assert 1 <= len(visit.choices) <= 2
        assert visit.slot_id == visit.choices[0]
    store.close()


@pytest.fixture(autouse=True)
def _nobody_left(processes: Any) -> Iterator[None]:
    yield
    for child in multiprocessing.active_children():
        child.kill()
