"""Paper of private things: made in memory, shown, and saved only where the person says.

The preview offers no printing, because that would leave the pages behind in a temporary file.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from app.context import Context
from app.report import Document, Heading, Note, Text, render
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


def recovery_document(context: Context, code: str) -> Document:
    """The sheet with the recovery code, to be kept at home."""
    groups = code.split("-")
    return Document(
        title="Recovery code of a private vault",
        subtitle=f"{context.author.name}, Holdall",
        council=context.council.name,
        made_on=context.today(),
        hue="#7A3E8E",
        author=context.author.name,
        blocks=(
            Heading("The code"),
            Text("   ".join(groups[:4])),
            Text("   ".join(groups[4:])),
            Note(
                "What it is for.",
                "With this code you can open your vault on any laptop if you forget its passphrase. "
                "Keep it at home, not with the laptop. Nobody at the council has a copy, and nobody can "
                "make a new one for you.",
            ),
        ),
    )
