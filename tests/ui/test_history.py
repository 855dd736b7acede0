"""The history of what is open, by Ctrl+H."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.context import Context
from app.repairs import service
from tests.ui import audit
from ui.history import HistoryDialog
from ui.main_window import MainWindow


def test_ctrl_h_tells_every_change_of_the_open_repair(
    qtbot: QtBot, window: MainWindow, context: Context
) -> None:
    begun = context.write("New repair", service.begin)
    context.write("Answer: danger", lambda s: service.answer(s, begun.repair_id, "danger", "none"))
    tab = window.open_tab("repairs")
    assert tab.open_record("repairs_repair", begun.repair_id)
    QTest.keyClick(window, Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.findChild(HistoryDialog) is not None)
    dialog = window.findChild(HistoryDialog)
    assert dialog is not None
    model = dialog.table.model()
    rows = [[model.index(r, c).data() for c in range(3)] for r in range(model.rowCount())]
    assert [row[1] for row in rows] == ["Tomos Aldgate"] * len(rows)
    assert rows[0][2].startswith("Answer: danger.")
    assert rows[-1][2] == "New repair"
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    assert audit.problems(dialog) == []
    dialog.reject()


def test_a_page_with_nothing_open_says_so(qtbot: QtBot, window: MainWindow) -> None:
    window.open_tab("repairs")
    window.open_history()
    assert window.findChild(HistoryDialog) is None
    assert "Nothing is open" in window.toast.text.text()
