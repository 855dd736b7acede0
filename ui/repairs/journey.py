"""A repair from the first question to its promise, and an emergency on record: the tour on Repairs."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt

from app.repairs import flow
from app.repairs.sample_photos import draw_photo
from app.repairs.worklist import worklist
from ui.repairs.address_step import AddressStep
from ui.repairs.household_step import HouseholdStep
from ui.repairs.sections import SECTIONS
from ui.repairs.steps import Step
from ui.repairs.tab import Tab
from ui.repairs.triage import Triage
from ui.repairs.visits_step import VisitsStep
from ui.repairs.words_step import WordsStep

CONTROL = Qt.KeyboardModifier.ControlModifier
ANSWERS = {
    "danger": "none",
    "kind": "tenant",
    "room": "kitchen",
    "kitchen": "damp",
    "damp-where": "ceiling",
    "damp-since": "weeks",
    "damp-spread": "patch",
}
SHOWN = "damp-spread"  # the question that is pictured


def walk(stage: Any, laptop: Any, inputs: Path | None) -> Iterator[str]:
    """Takes mould to its promise by keyboard, with a photo, then diverts and records a smell of gas."""
    tab = _tab(laptop)
    tab.show_list()
    _begin(stage, laptop, tab)
    while tab.pages.currentWidget() is not tab.promise:
        _answer(stage, laptop, tab)
    _add_photo(stage, laptop, tab)
    yield f"Took mould in a kitchen to its promise: {tab.promise.figure.text()}"
    kept = tab.promise.view
    assert kept is not None  # noqa: S101  the promise is on show
    yield f"{kept.photos[0].width} by {kept.photos[0].height} px of photo kept, its place left behind"
    stage.press(tab.promise, Qt.Key.Key_Return, CONTROL)
    stage.wait(lambda: tab.pages.currentWidget() is tab.list_page, "the repair to be saved")
    stage.settle(laptop)
    yield "Saved the repair with Ctrl+Enter; its dates run"
    _begin(stage, laptop, tab)
    _choose(stage, laptop, tab, "gas")
    stage.wait(lambda: tab.interview.page_id == flow.EXIT, "the emergency page")
    number = tab.interview.exit_page.number.text()
    laptop.window.toast.hide()
    stage.picture(laptop, "repairs-emergency")
    yield f"Diverted a smell of gas at once: {number}, recorded with time and name"
    stage.click(tab.interview.exit_page.given)
    stage.settle(laptop)
    tab.show_list()
    yield _sections(stage, laptop)


def pose(stage: Any, laptop: Any) -> None:
    """Shows the promise made to Ffion Wŷn-Harte."""
    tab = _tab(laptop)
    context = laptop.context
    seen = context.read(lambda s: worklist(s, context.author.user_id, context.now()))
    lines = [*seen.to_finish, *seen.due_soon, *seen.overdue]
    wanted = next((line.id for line in lines if "Tannery" in str(line) and "Wŷn" in str(line)), None)
    if wanted is not None:
        tab.open_repair(wanted)
        stage.settle(laptop)
        tab.show_promise(wanted)
    stage.settle(laptop)


def _sections(stage: Any, laptop: Any) -> str:
    """Looks at what waits in every section, one picture each."""
    tab = laptop.window.page("repairs")
    for name in SECTIONS[1:]:
        section = tab.open_section(name.key)
        stage.settle(laptop)
        section.focus_first()
        if name.key == "homes":
            stage.type(section.list.filter, "Tannery")
            stage.press(section.list.filter, Qt.Key.Key_Return)
        laptop.window.toast.hide()
        stage.settle(laptop)
        stage.picture(laptop, f"repairs-{name.key}-light")
    tab.open_section(SECTIONS[0].key)
    return f"Looked into {', '.join(name.title for name in SECTIONS[1:])}"


def _begin(stage: Any, laptop: Any, tab: Triage) -> None:
    before = tab.repair_id
    tab.list_page.new.click()
    stage.wait(lambda: tab.repair_id not in ("", before), "a new repair")
    stage.settle(laptop)


def _answer(stage: Any, laptop: Any, tab: Triage) -> None:
    """Does the page on show: a question by its number key, a step by its own fields, and goes on."""
    interview = tab.interview
    page = interview.page_id
    if page in ANSWERS:
        _choose(stage, laptop, tab, ANSWERS[page])
    else:
        _fill(stage, laptop, interview.steps[page])
        interview.go_forward()
    stage.settle(laptop)
    stage.wait(
        lambda: interview.page_id != page or tab.pages.currentWidget() is not interview,
        f"what follows {page}",
    )


def _add_photo(stage: Any, laptop: Any, tab: Triage) -> None:
    """A photo with a place in it, taken in through the page as if it had been chosen."""
    path = stage.folder / "kitchen ceiling.jpg"
    path.write_bytes(_photo_with_a_place())
    tab.promise.taker.take(tab.promise.view.id if tab.promise.view else "", [path])
    stage.wait(lambda: tab.promise.view is not None and tab.promise.view.photos, "the photo to be kept")


def _photo_with_a_place() -> bytes:
    from PIL import Image

    exif, out = Image.Exif(), io.BytesIO()
    place = exif.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (53.0, 14.0, 2.5), "W", (0.0, 32.0, 18.0)
    with Image.open(io.BytesIO(draw_photo("skirting", random.Random(3)))) as picture:  # noqa: S311  a picture
        picture.save(out, "JPEG", exif=exif)
    return out.getvalue()


def _fill(stage: Any, laptop: Any, step: Step) -> None:
    if isinstance(step, AddressStep):
        stage.type(step.search, "tannery")
        stage.press(step.search, Qt.Key.Key_Return)
        stage.settle(laptop)
    elif isinstance(step, HouseholdStep):
        step.risks["over65"].setChecked(True)
        step.consent.setChecked(True)
    elif isinstance(step, WordsStep):
        stage.type(step.words, "Black mould on the kitchen ceiling, it came back after we washed it off.")
        stage.wait(lambda: step.answers.rows, "the likeliest repairs")
        laptop.window.toast.hide()
        stage.picture(laptop, "repairs-words")
    elif isinstance(step, VisitsStep):
        for button in step.promised[:2]:
            stage.click(button)


def _choose(stage: Any, laptop: Any, tab: Triage, value: str) -> None:
    """An answer by the number on its keycap, then Enter."""
    interview = tab.interview
    question = interview.question
    assert question is not None  # noqa: S101  a question is on show
    number = [answer.value for answer in question.answers].index(value)
    stage.press(interview.focusWidget() or interview.answers, Qt.Key(Qt.Key.Key_1.value + number))
    stage.settle(laptop)
    if question.id == SHOWN:
        laptop.window.toast.hide()
        stage.picture(laptop, "repairs-question")
    stage.press(interview.focusWidget() or interview.answers, Qt.Key.Key_Return)
    stage.settle(laptop)


def _tab(laptop: Any) -> Triage:
    tab = laptop.window.page("repairs")
    assert isinstance(tab, Tab)  # noqa: S101  the tab registered under this key
    return tab.triage
