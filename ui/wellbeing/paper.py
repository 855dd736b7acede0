"""Paper of private things: made in memory, shown, and saved only where the person says.

The preview offers no printing, because that would leave the pages behind in a temporary file.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from app.report import Document, render
from ui.jobs import Job
from ui.shell import Shell
from ui.widgets import PdfPreview


def show_paper(
    shell: Shell, parent: QWidget, document: Document, name: str, shown: Callable[[PdfPreview], object]
) -> Job:
    """Makes a paper off the window's thread and shows its pages; `shown` is given the preview."""

    def show(data: bytes) -> None:
        preview = PdfPreview(data, document.title, name, shell.ask_save_file, parent)
        preview.print.hide()
        preview.open()
        shown(preview)

    return shell.fetch(lambda job: render(document), show, title="Making the PDF")
