"""The Content tab in a window of its own, over a fresh store or over the sample pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.context import Context
from tests.app.content.samples import opened, sample_store
from ui.content.tab import Tab
from ui.main_window import MainWindow
from ui.tabs import TABS

__all__ = ["sample_store"]


def shown(qtbot: QtBot, context: Context) -> tuple[MainWindow, Tab]:
    """The window with the Content tab alone, as people see it."""
    window = MainWindow(context, TABS[:1])
    qtbot.addWidget(window)
    window.resize(1280, 720)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    tab = window.page("content")
    assert isinstance(tab, Tab)
    return window, tab


@pytest.fixture
def empty_tab(qtbot: QtBot, context: Context) -> Iterator[Tab]:
    """The tab of somebody who has written nothing."""
    window, tab = shown(qtbot, context)
    yield tab
    window.close()


@pytest.fixture
def tab(qtbot: QtBot, context: Context, sample_store: Path, tmp_path: Path) -> Iterator[Tab]:
    """The tab over the sample pages, on the page about missed bins."""
    with opened(context, sample_store, tmp_path):
        window, made = shown(qtbot, context)
        yield made
        window.close()


def settle(qtbot: QtBot, tab: Tab) -> None:
    """Waits until what was typed is in the store and on screen."""
    tab.autosave.flush()
    qtbot.waitUntil(lambda: not tab.shell.jobs.busy)
    QApplication.processEvents()
