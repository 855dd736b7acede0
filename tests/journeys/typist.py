"""A person who types into a content page of the real window until the process is killed."""

from __future__ import annotations

import os
import time
from itertools import product
from multiprocessing.connection import Connection
from pathlib import Path

LETTERS = "abcdefghijklmnopqrstuvwxyz"
TEXT = " ".join("".join(word) for word in product(LETTERS, repeat=3))  # "aaa aab aac …": no two places alike
PACE = 12  # milliseconds from key to key: no pause for the autosave to use


def type_until_killed(folder: Path, key: bytes, told: Connection) -> None:
    """Opens the window on the store in a folder, begins a page and types TEXT into its first paragraph.

    Sends (page id, block id), then (number of the character, monotonic moment it was pressed) for each.
    """
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtCore import QTimer
    from PySide6.QtTest import QTest

    from app.context import Context, Council, utc_now
    from models.changes import Author
    from models.content import BlockKind
    from models.store import Store
    from ui.application import make_application
    from ui.content.tab import Tab
    from ui.main_window import MainWindow
    from ui.tabs import TABS

    app = make_application(folder)
    author = Author("u-1", "Tomos Aldgate", "team-1", frozenset({"officer"}), "device")
    context = Context(Store.open(folder / "holdall.db", key), author, folder, Council(), utc_now)
    window = MainWindow(context, TABS[:1])
    window.show()
    tab = window.page("content")
    assert isinstance(tab, Tab)
    before = tab.page.id if tab.page is not None else ""
    tab.new_page("service_page")
    typed = 0

    def press() -> None:
        nonlocal typed
        if tab.page is None or tab.page.id == before:
            return
        if not typed:
            block = next(block for block in tab.page.blocks if block.kind is BlockKind.PARAGRAPH)
            tab.editor.go_to(block.id)
            told.send((tab.page.id, block.id))
        typed += 1
        told.send((typed, time.monotonic()))
        QTest.keyClick(tab.editor, TEXT[typed - 1])

    clock = QTimer(interval=PACE)
    clock.timeout.connect(press)
    clock.start()
    app.exec()
