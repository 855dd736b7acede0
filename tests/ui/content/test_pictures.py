"""A picture of a page whose bytes are not here: said in its place, asked for, and drawn once it has come."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from sqlalchemy import select, update

from models.changes import Changed
from models.outbox import Blob
from tests.ui.content.conftest import settle
from ui.content.tab import Tab


def test_a_picture_that_has_not_come_says_so_in_its_place_and_then_is_drawn(
    qtbot: QtBot, tab: Tab, tmp_path: Path
) -> None:
    out = io.BytesIO()
    Image.new("RGB", (80, 50), "green").save(out, "PNG")
    (tmp_path / "bin.png").write_bytes(out.getvalue())
    tab.shell.choose_open = lambda title, filters: str(tmp_path / "bin.png")
    tab.ask_picture()
    qtbot.waitUntil(lambda: tab.middle.form is tab.middle.picture_form)
    QTest.keyClicks(tab.middle.picture_form.editor, "A green bin")
    tab.middle.picture_form.act.click()
    settle(qtbot, tab)
    store = tab.shell.context.store
    with store.connect(write=True) as connection:
        name, data = connection.execute(select(Blob.sha256, Blob.data)).one()
        connection.execute(update(Blob).values(state="wanted", data=None, size=0, from_name="Priya Senn"))
    tab.editor._images.clear()
    with qtbot.waitSignal(tab.shell.files_asked):
        tab.editor.grab()
    words = tab.editor._image(name)
    assert words == "Picture not yet here: Priya Senn’s laptop has not sent it"
    block = next(key for key, kept in tab.editor.objects.items() if kept.picture)
    tab.editor.setFocus()
    tab.editor.go_to("title")
    tab.editor.go_to(block)
    assert tab.editor.accessibleDescription().endswith(words)
    with store.connect(write=True) as connection:
        connection.execute(update(Blob).values(state="sent", data=data, size=len(data)))
    tab.window().shell.changed.emit(Changed(frozenset({"blob"}), frozenset({name})))  # type: ignore[attr-defined]
    assert isinstance(tab.editor._image(name), QImage)
