"""The preview at work: pages drawn when they are seen, moved by keyboard, enlarged and printed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrinter
from pytestqt.qtbot import QtBot

from app.report import Column, Document, Table, Text, render
from tests.ui import audit
from ui.shell import Shell
from ui.theme import theme
from ui.widgets import PdfPreview

ROWS = [[f"Receipt {n}", f"{n}.00"] for n in range(180)]
LONG = Document(
    "Every receipt",
    made_on=date(2026, 12, 17),
    blocks=[Table([Column("Receipt"), Column("Amount", figures=True)], ROWS)],
)


@pytest.fixture
def preview(qtbot: QtBot, shell: Shell) -> PdfPreview:
    made = PdfPreview(render(LONG), LONG.title, "receipts.pdf", lambda *asked: None, jobs=shell.jobs)
    qtbot.addWidget(made)
    with qtbot.waitActive(made):
        made.open()
        made.activateWindow()
    return made


def drawn(preview: PdfPreview) -> list[bool]:
    return [bool(sheet.accessibleDescription()) for sheet in preview.sheets]


def test_only_pages_in_view_are_drawn(qtbot: QtBot, preview: PdfPreview) -> None:
    qtbot.waitUntil(lambda: drawn(preview)[0])
    assert len(preview.sheets) >= 5
    assert not drawn(preview)[-1]
    preview.pages.setFocus()
    qtbot.keyClick(preview.pages, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: drawn(preview)[-1])
    assert "Receipt 179" in preview.sheets[-1].accessibleDescription()
    assert not drawn(preview)[2]


def test_the_keyboard_moves_through_the_pages_and_the_place_is_said(
    qtbot: QtBot, preview: PdfPreview
) -> None:
    count = len(preview.sheets)
    preview.pages.setFocus()
    assert preview.place.text() == f"Page 1 of {count}"
    qtbot.keyClick(preview.pages, Qt.Key.Key_End)
    assert preview.place.text() == f"Page {count} of {count}"
    assert preview.pages.accessibleName() == f"Pages. Page {count} of {count}"
    qtbot.keyClick(preview.pages, Qt.Key.Key_Home)
    qtbot.keyClick(preview.pages, Qt.Key.Key_PageDown)
    qtbot.keyClick(preview.pages, Qt.Key.Key_PageDown)
    assert preview.place.text() in (f"Page 2 of {count}", f"Page 3 of {count}")
    qtbot.keyClick(preview.pages, Qt.Key.Key_PageUp)
    qtbot.keyClick(preview.pages, Qt.Key.Key_PageUp)
    assert preview.place.text() == f"Page 1 of {count}"
    qtbot.waitUntil(lambda: "Receipt 0" in preview.pages.accessibleDescription())


def test_a_page_can_be_made_larger_and_smaller(qtbot: QtBot, preview: PdfPreview) -> None:
    before = preview.sheets[0].width()
    assert not preview.smaller.isEnabled()
    qtbot.mouseClick(preview.larger, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: preview.sheets[0].width() > before * 1.15)
    qtbot.keyClick(preview, "-")
    qtbot.waitUntil(lambda: preview.sheets[0].width() <= before)
    assert not preview.smaller.isEnabled()


def test_printing_sends_every_page(qtbot: QtBot, preview: PdfPreview, tmp_path: Path) -> None:
    target = tmp_path / "printed.pdf"

    def to_file(printer: QPrinter) -> bool:
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(target))
        printer.setResolution(72)
        return True

    preview.choose_printer = to_file
    preview.print.click()
    qtbot.waitUntil(lambda: preview.status.text() == "Sent to the printer", timeout=20_000)
    printed = pypdfium2.PdfDocument(target)
    assert len(printed) == len(preview.sheets)
    assert printed[0].get_width() == pytest.approx(595, abs=2)
    darkest = min(bytes(printed[0].render(scale=0.5, grayscale=True).buffer))
    printed.close()
    assert darkest < 128, "the page is not white paper only"


def test_a_person_who_thinks_again_prints_nothing(preview: PdfPreview) -> None:
    preview.choose_printer = lambda printer: False
    preview.print.click()
    assert preview.print.isEnabled()
    assert preview.status.text() == ""


@pytest.mark.parametrize(("mode", "factor"), [("dark", 1.0), ("contrast", 1.0), ("light", 2.0)])
def test_every_part_can_be_used_in_every_look(
    qtbot: QtBot, preview: PdfPreview, mode: str, factor: float
) -> None:
    theme().install(mode, factor)
    assert audit.problems(preview) == []


def test_a_closed_preview_lets_go_while_pages_are_still_drawn(qtbot: QtBot, shell: Shell) -> None:
    made = PdfPreview(
        render(Document("x", made_on=date(2026, 12, 17), blocks=[Text("y")])),
        "x",
        "x.pdf",
        lambda *asked: None,
        jobs=shell.jobs,
    )
    made.open()
    with qtbot.waitSignal(made.destroyed):
        made.reject()
