"""The preview of a paper: real pages from a real PDF, saved where the person says."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.report import Document, Report, Text, render
from models.errors import HoldallError
from tests.ui import audit
from ui.main_window import MainWindow
from ui.widgets import PdfPreview

PAPER = Document("Sessions in December", made_on=date(2026, 12, 17), blocks=[Text("Twelve people came.")])


def test_the_pages_are_shown_said_and_saved(qtbot: QtBot, tmp_path: Path) -> None:
    data, target = render(PAPER), tmp_path / "december.pdf"
    preview = PdfPreview(data, "Sessions in December", "december.pdf", lambda *asked: target)
    qtbot.addWidget(preview)
    with qtbot.waitActive(preview):
        preview.open()
        preview.activateWindow()
    assert audit.problems(preview) == []
    sheet = next(w for w in preview.findChildren(audit.QLabel) if w.accessibleName() == "Page 1")
    assert "Twelve people came." in sheet.accessibleDescription()
    picture = preview.grab().toImage()
    inks = {picture.pixelColor(x, y).name() for x in range(0, picture.width(), 7) for y in range(80, 500, 3)}
    assert len(inks) > 4
    qtbot.mouseClick(preview.save, Qt.MouseButton.LeftButton)
    assert target.read_bytes() == data
    assert preview.status.text() == "Saved as december.pdf"


def test_a_folder_that_cannot_be_written_gets_a_sentence(qtbot: QtBot, tmp_path: Path) -> None:
    nowhere = tmp_path / "none" / "december.pdf"
    preview = PdfPreview(render(PAPER), "Sessions", "december.pdf", lambda *asked: nowhere)
    qtbot.addWidget(preview)
    preview.save.click()
    assert preview.status.text() == "december.pdf could not be written there. Choose another folder."
    assert preview.saved_to is None


@pytest.mark.parametrize("data", [b"", b"not a pdf", b"%PDF-1.7\n"])
def test_what_is_no_pdf_is_refused_with_a_sentence(qtbot: QtBot, data: bytes) -> None:
    with pytest.raises(HoldallError, match="cannot be shown"):
        PdfPreview(data, "x", "x.pdf", lambda *asked: None)


def test_a_page_asks_for_a_report_and_the_window_shows_it(qtbot: QtBot, context: object) -> None:
    from tests.ui.test_main_window import _build
    from ui.tabs import TABS

    window = MainWindow(context, [_build(spec.key) for spec in TABS])
    qtbot.addWidget(window)
    window.show()
    report = Report("inclusion-month", "Digital inclusion month", lambda _context, options: PAPER)
    window.shell.preview(report, {"month": "2026-12"})
    qtbot.waitUntil(lambda: window.findChild(PdfPreview) is not None, timeout=10_000)
    preview = window.findChild(PdfPreview)
    assert preview.windowTitle() == "Sessions in December"
    preview.reject()
    window.close()
