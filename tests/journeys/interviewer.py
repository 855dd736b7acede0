"""An officer who takes a repair in the real window, page by page, until the process is killed or it is saved.

Whoever comes back to a draft goes on where it stands, as a person does: what is there is not given again.
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.context import Context
    from ui.main_window import MainWindow
    from ui.repairs.steps import Step
    from ui.repairs.triage import Triage

NOW = datetime(2026, 12, 17, 14, 21, tzinfo=UTC)
WORDS = "Black mould beside the window, it came back."
LETTERS = "abcdefghijklmnopqrstuvwxyz"
LONG = " ".join("".join((a, b, c)) for a in LETTERS[:6] for b in LETTERS for c in LETTERS)[:3_900]
PACE = 12  # milliseconds from key to key: no pause for the autosave to use
PATIENCE = 60.0  # seconds that a page may take on a busy machine
ANSWERS = {
    "danger": "none",
    "kind": "tenant",
    "room": "kitchen",
    "kitchen": "damp",
    "damp-where": "outside-wall",
    "damp-since": "weeks",
    "damp-spread": "patch",
}


def open_context(folder: Path, key: bytes) -> Context:
    """The officer’s context over the store in a folder; its clock stands at NOW."""
    from app.context import Context, Council
    from models.changes import Author
    from models.store import Store

    author = Author("u-1", "Tomos Aldgate", "team-1", frozenset({"officer"}), "device")
    return Context(Store.open(folder / "holdall.db", key), author, folder, Council(), lambda: NOW)


def interview(folder: Path, key: bytes, told: Connection, repair_id: str, fail: str | None) -> None:
    """Takes a repair from where it stands to its promise and saves it; sends ("began", id) and the name of
    each page that is answered, at the end ("saved", id). Dies at the failpoint `fail`, if it passes there."""
    officer = Officer(folder, key, told)
    if fail is not None:
        os.environ["HOLDALL_FAIL"] = fail
    officer.open(repair_id)
    officer.walk()
    officer.close()


def type_words(folder: Path, key: bytes, told: Connection, repair_id: str) -> None:
    """Types LONG into the page of their words until it is killed; sends (count, monotonic moment) per key."""
    from PySide6.QtCore import QTimer
    from PySide6.QtTest import QTest

    officer = Officer(folder, key, told)
    officer.open(repair_id)
    officer.tab.interview.go_to("description")
    officer.settle()
    step: Any = officer.tab.interview.steps["description"]
    step.words.setFocus()
    typed = 0

    def press() -> None:
        nonlocal typed
        typed += 1
        told.send((typed, time.monotonic()))
        QTest.keyClick(step.words, LONG[typed - 1])

    clock = QTimer(interval=PACE)
    clock.timeout.connect(press)
    clock.start()
    officer.app.exec()


class Officer:
    """Somebody at the keyboard of a window on one store."""

    def __init__(self, folder: Path, key: bytes, told: Connection) -> None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        from ui.application import make_application
        from ui.main_window import MainWindow
        from ui.tabs import TABS

        self.told, self.folder = told, folder
        self.app = make_application(folder)
        self.context = open_context(folder, key)
        self.window: MainWindow = MainWindow(self.context, [t for t in TABS if t.key == "repairs"])
        self.window.show()
        page: Any = self.window.page("repairs")
        self.tab: Triage = page.triage
        self.window.activateWindow()
        self.wait(self.window.isActiveWindow)
        self.settle()

    def wait(self, until: Callable[[], object]) -> None:
        """Lets the window work until something holds."""
        from PySide6.QtCore import QEventLoop, QTimer

        ends = time.monotonic() + PATIENCE
        while not until():
            if time.monotonic() > ends:
                raise RuntimeError(f"stuck on {self.tab.interview.page_id}")
            loop = QEventLoop()
            QTimer.singleShot(5, loop.quit)
            loop.exec()

    def settle(self) -> None:
        """Waits until nothing is being written or read."""
        self.wait(lambda: not self.window.shell.jobs.busy)

    def open(self, repair_id: str) -> None:
        """A new repair, or the draft that was left."""
        if repair_id:
            self.tab.open_repair(repair_id)
        else:
            self.tab.list_page.new.click()
            self.wait(lambda: self.tab.repair_id)
        self.settle()
        self.told.send(("began", self.tab.repair_id))

    def walk(self) -> None:
        """Every page from here on, then the promise."""
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest

        tab = self.tab
        while tab.pages.currentWidget() is not tab.promise:
            page = tab.interview.page_id
            if page in ANSWERS:
                self.choose(ANSWERS[page])
            else:
                self.fill(tab.interview.steps[page])
            self.settle()
            tab.interview.go_forward()
            self.settle()
            self.wait(
                lambda left=page: (
                    tab.interview.page_id != left or tab.pages.currentWidget() is not tab.interview
                )
            )
            self.told.send(("answered", page))
        QTest.keyClick(tab.promise, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        self.wait(lambda: tab.pages.currentWidget() is tab.list_page)
        self.settle()
        self.told.send(("saved", ""))

    def choose(self, value: str) -> None:
        """An answer by the number on its keycap, pressed once its page can take it."""
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest

        interview = self.tab.interview
        assert interview.question is not None
        place = [answer.value for answer in interview.question.answers].index(value)

        def chosen() -> bool:
            if interview.answers.value() != value:
                QTest.keyClick(interview.answers, Qt.Key(Qt.Key.Key_1.value + place))
            return interview.answers.value() == value

        self.wait(chosen)

    def fill(self, step: Step) -> None:
        """What a page beside the tree asks for, unless it is there."""
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest

        from ui.repairs.address_step import AddressStep
        from ui.repairs.household_step import HouseholdStep
        from ui.repairs.photos_step import PhotosStep
        from ui.repairs.visits_step import VisitsStep
        from ui.repairs.words_step import WordsStep

        view = step.view
        assert view is not None
        if isinstance(step, AddressStep) and not view.address:
            step.search.setFocus()
            QTest.keyClicks(step.search, "14 tan")
            QTest.keyClick(step.search, Qt.Key.Key_Return)
        elif isinstance(step, HouseholdStep) and not view.risks:
            step.risks["under5"].setChecked(True)
            step.consent.setChecked(True)
        elif isinstance(step, WordsStep) and view.description != WORDS:
            step.words.selectAll()
            QTest.keyClicks(step.words, WORDS)
            step.flush()
        elif isinstance(step, PhotosStep) and not view.photos:
            step.taker.take(view.id, [self.photo()])
            self.wait(lambda: self.tab.interview.view is not None and self.tab.interview.view.photos)
        elif isinstance(step, VisitsStep) and view.visit is None:
            for button in list(step.buttons.values())[:2]:
                button.click()

    def photo(self) -> Path:
        """A photo as a telephone makes one, large enough to lie beside the store."""
        from PIL import Image

        path = self.folder / "kitchen wall.jpg"
        noise = Image.effect_noise((900, 700), 80).convert("RGB")
        out = io.BytesIO()
        noise.save(out, "JPEG", quality=92)
        path.write_bytes(out.getvalue())
        return path

    def close(self) -> None:
        """Goes home."""
        self.window.close()
        self.context.store.close()
