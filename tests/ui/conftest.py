"""What the tests of the screens stand on: one application, a shell with real lanes, the window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.context import Context
from ui.main_window import MainWindow
from ui.shell import Shell
from ui.theme import theme


@pytest.fixture(autouse=True)
def _dressed(qapp: QApplication) -> Iterator[None]:
    """Every test begins in the light look at 100 %, and leaves no setting behind."""
    QStandardPaths.setTestModeEnabled(True)
    if theme().wish != "light" or theme().factor != 1.0 or not theme().installed:
        theme().install("light", 1.0)
    yield
    if theme().wish != "light" or theme().factor != 1.0:
        theme().install("light", 1.0)


@pytest.fixture
def shell(qtbot: QtBot, context: Context) -> Iterator[Shell]:
    """A shell with real lanes over a fresh store; what it was told and asked is heard by its signals."""
    made = Shell(context)
    yield made
    made.close()


@pytest.fixture
def window(qtbot: QtBot, context: Context) -> Iterator[MainWindow]:
    """The whole window, shown and active."""
    made = MainWindow(context)
    qtbot.addWidget(made)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    yield made
    made.close()
