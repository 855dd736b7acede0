"""What the tests of the sections share: a page on show, keys to whatever has the focus, two officers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.context import Context
from models.changes import Author
from ui.income.sections import Section
from ui.shell import Shell
from ui.widgets import Button

CONTROL = Qt.KeyboardModifier.ControlModifier
LEAD = frozenset({"officer", "lead", "finance"})
S = TypeVar("S", bound=Section)


def shown(qtbot: QtBot, shell: Shell, made: S) -> S:
    """A section as large as the smallest window gives it."""
    qtbot.addWidget(made)
    shell.changed.connect(made.refresh)
    made.resize(1232, 628)
    made.refresh(None)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    return made


def until(qtbot: QtBot, true: Callable[[], object]) -> None:
    """Waits for something that a write or a read in another thread brings about."""
    qtbot.waitUntil(lambda: bool(true()), timeout=5_000)


def button(page: QWidget, name: str) -> Button:
    """A button by its object name."""
    found = page.findChild(Button, name)
    assert found is not None, name
    return found


def keys(qtbot: QtBot, words: str) -> None:
    """Types into whatever has the focus; a new line is Enter."""
    for letter in words:
        focus = QApplication.focusWidget()
        if letter == "\n":
            qtbot.keyClick(focus, Qt.Key.Key_Return)
        elif letter == "\t":
            qtbot.keyClick(focus, Qt.Key.Key_Tab)
        elif letter == "\b":
            qtbot.keyClick(focus, Qt.Key.Key_Backspace)
        else:
            qtbot.keyClicks(focus, letter)


def key(qtbot: QtBot, one: Qt.Key, shift: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """One key to whatever has the focus."""
    qtbot.keyClick(QApplication.focusWidget(), one, shift)


def colleague(context: Context, name: str = "Priya Senn", user_id: str = "u-2") -> Author:
    """Another officer who may approve."""
    return replace(context.author, user_id=user_id, name=name, roles=LEAD)
