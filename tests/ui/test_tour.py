"""The tour’s own sync: a try that the window makes by itself takes nothing of what was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.context import Context
from sync.engine import Engine, SyncReport
from ui import tour
from ui.main_window import MainWindow
from ui.tabs import TABS


class Line:
    """An engine whose first sync meets a conflict and whose later ones find nothing left to do."""

    def __init__(self) -> None:
        self.syncs = 0

    def sync_once(self, *_: object) -> SyncReport:
        self.syncs += 1
        return SyncReport(conflicts=1 if self.syncs == 1 else 0)


class Restless(tour.Stage):
    """A stage on which the window begins a sync of its own whenever the tour waits, as under load."""

    laptop: tour.Laptop

    def wait(self, until: Callable[[], object], what: str) -> None:
        self.laptop.window.syncing.start()
        super().wait(until, what)


@pytest.fixture
def restless(qtbot: QtBot, qapp: QApplication, context: Context, tmp_path: Path) -> Iterator[Restless]:
    window = MainWindow(context, TABS[:1])
    qtbot.addWidget(window)
    window.show()
    stage = Restless(cast("Any", qapp), tmp_path / "out", tmp_path)
    stage.laptop = tour.Laptop(
        "Tomos", context, window, cast("Engine", Line()), cast("Any", SimpleNamespace())
    )
    window.syncing.connect_to(stage.laptop.run)
    qtbot.waitUntil(lambda: window.syncing.trouble is not None)  # the first try, without a network, has ended
    yield stage
    window.close()


def test_the_report_is_of_the_sync_that_was_asked_for_and_of_no_try_in_between(restless: Restless) -> None:
    report = tour.sync(restless, restless.laptop)
    assert (report.conflicts, cast("Any", restless.laptop.engine).syncs) == (1, 1)
    assert not restless.laptop.online
