"""A private check from the locked vault to its result, through the real screen: the tour on Wellbeing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt

from app.workspace import SAMPLE_PASSPHRASE
from ui.wellbeing.tab import Inside, Tab


def walk(stage: Any, laptop: Any, inputs: Path | None) -> Iterator[str]:
    """Opens the vault, answers all questions by number keys, and locks the vault again."""
    tab = _tab(laptop)
    _unlock(stage, laptop, tab)
    yield f"Opened the vault: “{_inside(tab).result.finding.text()}”"
    before = len(tab.life.finished())
    tab.begin()
    stage.settle(laptop)
    questions = _inside(tab).questions
    total = len(questions.instrument.items)
    for number in range(1, total + 1):
        stage.wait(lambda n=number: questions.number == n, f"question {number}")
        focus = questions.focusWidget() or questions.answers
        stage.press(focus, Qt.Key(Qt.Key.Key_1.value + number % 5))
        stage.press(questions.focusWidget() or questions.answers, Qt.Key.Key_Return)
    stage.wait(lambda: len(tab.life.finished()) > before, "the check to be finished")
    stage.settle(laptop)
    yield f"Answered {total} questions by number keys; every answer was sealed as it was given"
    tab.lock()
    stage.settle(laptop)
    yield "Locked the vault"


def pose(stage: Any, laptop: Any) -> None:
    """Shows the sample's own result, with its change since June."""
    tab = _tab(laptop)
    _unlock(stage, laptop, tab)
    finished = tab.life.finished()
    if len(finished) > 1:
        tab.show_result(finished[-2].id)
    stage.settle(laptop)


def _unlock(stage: Any, laptop: Any, tab: Tab) -> None:
    if tab.inside is None:
        stage.type(tab.locked.secret, SAMPLE_PASSPHRASE)
        stage.click(tab.locked.open)
        stage.wait(lambda: tab.inside is not None, "the vault to open")
    stage.settle(laptop)


def _inside(tab: Tab) -> Inside:
    assert tab.inside is not None  # noqa: S101  the vault is open here
    return tab.inside


def _tab(laptop: Any) -> Tab:
    tab = laptop.window.page("wellbeing")
    assert isinstance(tab, Tab)  # noqa: S101  the tab registered under this key
    return tab
