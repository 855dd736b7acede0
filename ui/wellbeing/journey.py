"""The tour's way through the Wellbeing page: unlock, answer, stop and come back, note, share, lock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.wellbeing.instrument import bundled
from app.wording import plural
from app.workspace import SAMPLE_PASSPHRASE
from ui.wellbeing.tab import Inside, Tab

if TYPE_CHECKING:
    from ui.tour import Laptop, Stage

ANSWERS = (4, 2, 3)
LINES = ("finding", "control", "talk")


def walk(stage: Stage, laptop: Laptop, inputs: Path | None) -> Iterator[str]:
    """The journey through the real widgets; each line says what was done. Needs the sample vault."""
    tab = _tab(laptop)
    stage.type(tab.locked.secret, "not the passphrase")
    stage.press(tab.locked.secret, Qt.Key.Key_Return)
    stage.wait(lambda: bool(tab.locked.field.problem), "the wrong passphrase to be refused")
    yield "a wrong passphrase got one sentence and another try"
    inside = _unlock(stage, laptop)
    result = inside.result.shown
    assert result is not None  # noqa: S101  the sample has a finished check
    yield f"unlocked; the result reads “{result.finding}”"
    yield _answer_some(stage, laptop, inside)
    before = len(tab.life.notes)
    stage.click(inside.result.topic.keep)
    stage.wait(lambda: len(tab.life.notes) > before, "the note to be kept")
    yield "kept the words about control as a sealed note"
    yield _share(stage, laptop, inside)
    stage.press(tab, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    stage.wait(lambda: tab.ring is None, "the vault to lock")
    laptop.window.toast.hide()
    stage.picture(laptop, "wellbeing-locked")
    yield "locked with Ctrl L; nothing private is left on the page"


def pose(stage: Stage, laptop: Laptop) -> None:
    """The open vault on the result of the newest check, as the documentation shows it."""
    tab = _tab(laptop)
    if tab.ring is None and tab.views.currentWidget() is tab.locked:
        _unlock(stage, laptop)
    tab.home()
    stage.settle(laptop)
    laptop.window.toast.hide()
    focused = QApplication.focusWidget()
    if focused is not None:
        focused.clearFocus()


def _tab(laptop: Laptop) -> Tab:
    tab = laptop.window.open_tab("wellbeing")
    assert isinstance(tab, Tab)  # noqa: S101  the registry says so
    return tab


def _unlock(stage: Stage, laptop: Laptop) -> Inside:
    tab = _tab(laptop)
    tab.locked.secret.clear()
    stage.type(tab.locked.secret, SAMPLE_PASSPHRASE)
    stage.press(tab.locked.secret, Qt.Key.Key_Return)
    stage.wait(lambda: tab.inside is not None, "the vault to open")
    assert tab.inside is not None  # noqa: S101  it was waited for
    return tab.inside


def _answer_some(stage: Stage, laptop: Laptop, inside: Inside) -> str:
    """Begins a check, answers some questions by number key, stops, comes back, and takes it away again."""
    tab = _tab(laptop)
    stage.click(inside.result.again)
    stage.wait(lambda: tab.views.currentWidget() is inside.questions, "the first question")
    for code in ANSWERS:
        stage.press(inside.questions.answers.rows[0], Qt.Key(Qt.Key.Key_0 + code))
        stage.press(inside.questions.answers.rows[0], Qt.Key.Key_Return)
    stage.click(inside.questions.later)
    stage.settle(laptop)
    stage.click(inside.result.again)
    stage.press(inside.questions.answers.rows[0], Qt.Key.Key_2)
    stage.settle(laptop)
    stage.picture(laptop, "wellbeing-question")
    number = inside.questions.number
    stage.click(inside.questions.later)
    tab.show_list()
    open_check = tab.life.open_check()
    inside.list.list.choose(open_check.id if open_check else None)
    stage.click(inside.list.remove_check)
    stage.wait(lambda: tab.life.open_check() is None, "the check to be taken away")
    stage.press(tab, Qt.Key.Key_Escape)
    kept = plural(len(ANSWERS), "question")
    return (
        f"answered {kept} of {len(bundled().items)} by number key, stopped, and came back to number {number}"
    )


def _share(stage: Stage, laptop: Laptop, inside: Inside) -> str:
    """Ticks some lines, looks at the paper and saves it."""
    tab, shell = _tab(laptop), laptop.window.shell
    target = stage.out / "papers" / "my-wellbeing.pdf"
    asked = shell.choose_save
    shell.choose_save = lambda title, name, filters: str(target)
    try:
        stage.click(inside.result.share)
        for name in LINES:
            stage.press(inside.share.boxes[name], Qt.Key.Key_Space)
        laptop.window.toast.hide()
        stage.picture(laptop, "wellbeing-sharing")
        stage.click(inside.share.paper)
        stage.wait(lambda: tab.preview is not None, "the paper to be shown")
        preview = tab.preview
        assert preview is not None  # noqa: S101  it was waited for
        stage.click(preview.save)
        preview.reject()
        stage.wait(lambda: tab.preview is None, "the preview to close")
    finally:
        shell.choose_save = asked
    stage.turn_to(laptop)
    stage.press(tab, Qt.Key.Key_Escape)
    return f"put {plural(len(LINES), 'chosen line')} on paper: {target.name}"
