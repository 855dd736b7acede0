"""A page from its first word to review, through the real screen: what the tour does on the Content tab."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtWidgets import QPushButton, QWidget

from models.content import State
from ui.content.tab import Tab

if TYPE_CHECKING:
    from pathlib import Path

TITLE = "Report a street light"
LEAD = "Tell us about a street light that is out, flickers or is on all day."
HARD = (
    "In the event that a street light is not repaired within the period of 5 working days, it will be "
    "necessary for you to notify us again on an additional occasion."
)
CONTROL = Qt.KeyboardModifier.ControlModifier


def walk(stage: Any, laptop: Any, inputs: Path | None) -> Iterator[str]:
    """Writes a new service page key by key, puts right what the checks find, and sends it for review."""
    tab = laptop.window.page("content")
    assert isinstance(tab, Tab)  # noqa: S101  the tab registered under this key
    _begin(stage, laptop, tab)
    _write(stage, tab)
    stage.settle(laptop)
    before = tab.check_now()
    yield f"Wrote “{TITLE}”, {before.words} words, reading age {before.age}"
    _put_right(stage, laptop, tab)
    after = tab.check_now()
    yield f"Used the plainer words, named link and team: reading age {after.age}, nothing to put right"
    tab.copy_html()
    html = QGuiApplication.clipboard().text()
    stage.press(tab.editor, Qt.Key.Key_Return, CONTROL)
    stage.wait(lambda: tab.page is not None and tab.page.state is State.REVIEW, "the page to be sent")
    yield f"Copied {len(html):,} characters of clean HTML and sent the page for review"


def pose(stage: Any, laptop: Any) -> None:
    """Opens the page about missed bins with the caret in the sentence that costs most."""
    tab = laptop.window.page("content")
    line = next(
        (line for _, lines in tab.groups for line in lines if line.title == "Report a missed bin"), None
    )
    if line is None:
        return
    tab.open_page(line.id)
    stage.settle(laptop)
    costly = tab.check_now().costly
    if costly is not None:
        tab.editor.go_to(costly.place.block_id, costly.place.end, costly.place.end)


def _begin(stage: Any, laptop: Any, tab: Tab) -> None:
    stage.click(tab.bench.pages.new)
    stage.press(tab.middle.new_form.answers.rows[0], Qt.Key.Key_1)
    before = tab.page.id if tab.page is not None else ""
    stage.click(tab.middle.new_form.act)
    stage.wait(lambda: tab.page is not None and tab.page.id != before, "the new page")
    stage.settle(laptop)


def _write(stage: Any, tab: Tab) -> None:
    """Title, Enter, lead, Enter, and on through the blocks of the template."""
    editor = tab.editor
    stage.type(editor, TITLE)
    stage.press(editor, Qt.Key.Key_Return)
    stage.type(editor, LEAD)
    stage.press(editor, Qt.Key.Key_Return)
    stage.type(editor, f"Every light has a number on its post. {HARD}")
    for _ in range(2):
        _down(stage, tab)
    stage.type(editor, "look for the number on the post")
    stage.press(editor, Qt.Key.Key_Return)
    stage.type(editor, "find the post on our map here")
    for _ in range(2):
        _down(stage, tab)
    stage.type(editor, "We mend it within 5 working days. You get a text message when it is done.")


def _down(stage: Any, tab: Tab) -> None:
    """To the end of the next block."""
    tab.editor.moveCursor(QTextCursor.MoveOperation.EndOfBlock)
    stage.press(tab.editor, Qt.Key.Key_Down)
    tab.editor.moveCursor(QTextCursor.MoveOperation.EndOfBlock)


def _put_right(stage: Any, laptop: Any, tab: Tab) -> None:
    _click(stage, tab, "content-use-plainer")
    page = tab.current_page()
    item = next(block for block in page.blocks if block.plain.endswith("here")) if page else None
    if item is not None:
        tab.editor.go_to(item.id, len(item.plain) - len("our map here"), len(item.plain))
        stage.type(tab.editor, "our map of street lights")
        start = len(item.plain) - len("our map here")
        tab.editor.go_to(item.id, start, start + len("our map of street lights"))
        stage.press(tab.editor, Qt.Key.Key_K, CONTROL)
        stage.type(tab.sheet.link.editor, "averwick.example.org/street-lights/map")
        stage.press(tab.sheet.link.editor, Qt.Key.Key_Return)
    tab.ask_about()
    form = tab.middle.page_form
    stage.type(form.name, "Street lighting")
    stage.type(form.path, "street-lights/report")
    stage.click(form.act)
    stage.settle(laptop)
    page_id = tab.page.id if tab.page is not None else ""
    stage.wait(lambda: tab.page is not None and tab.page.contact_name != "", f"the contact of {page_id}")
    tab.editor.setFocus(Qt.FocusReason.OtherFocusReason)


def _click(stage: Any, tab: QWidget, name: str) -> None:
    """Presses a button by its name, where it is on show."""
    button = tab.findChild(QPushButton, name)
    if button is not None:
        button.click()
        stage.app.processEvents()
