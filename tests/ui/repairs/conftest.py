"""The Repairs page in a window of its own, with the sample council or with an empty store."""

import random
import shutil
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from sqlalchemy import select

from app.context import Context, Council
from app.repairs import sample, views
from models.changes import Author
from models.repairs import Repair
from models.store import Store
from ui.repairs.tab import Tab

KEY = bytes(range(32))
NOW = datetime(2026, 12, 17, 14, 21, tzinfo=UTC)
DEVICE = "0197d000-0000-7000-8000-000000000001"


class Driver:
    """A person at the keyboard in front of the page."""

    def __init__(self, tab, shell, qtbot):
        self.tab, self.shell, self.qtbot = tab, shell, qtbot

    def settle(self):
        self.qtbot.waitUntil(lambda: not self.shell.jobs.busy, timeout=5_000)
        QApplication.processEvents()
        QApplication.processEvents()

    def press(self, *keys, modifier=Qt.KeyboardModifier.NoModifier):
        for key in keys:
            QTest.keyClick(QApplication.focusWidget() or self.tab, key, modifier)
            self.settle()

    def type(self, text):
        target = QApplication.focusWidget()
        assert target is not None, "the keyboard is nowhere"
        QTest.keyClicks(target, text)
        self.settle()

    def answer(self, *numbers):
        """Chooses an answer by its number and goes on, again and again."""
        for number in numbers:
            self.press(Qt.Key.Key_0 + number, Qt.Key.Key_Return)

    def view(self, repair_id=None):
        context = self.shell.context
        wanted = repair_id or self.tab.interview.view.id
        return context.read(lambda s: views.repair_view(s, wanted, context.today()))

    def by_reference(self, reference):
        return self.shell.context.read(
            lambda s: s.scalar(select(Repair.id).where(Repair.reference == reference))
        )


@pytest.fixture(scope="session")
def sample_file(tmp_path_factory):
    """A store with the sample council, filled once for all tests."""
    folder = tmp_path_factory.mktemp("sample")
    store = Store.create(folder / "holdall.db", KEY)
    author = Author("u-1", "Tomos Aldgate", "team-1", frozenset({"officer"}), DEVICE)
    sample.fill(Context(store, author, folder, Council(), lambda: NOW), random.Random("1/repairs"))
    store.close()
    return folder / "holdall.db"


@pytest.fixture
def store(request, tmp_path):
    """A fresh store; a copy of the filled one for tests that ask for the sample."""
    path = tmp_path / "holdall.db"
    if "filled" in request.fixturenames:
        shutil.copyfile(request.getfixturevalue("sample_file"), path)
        made = Store.open(path, KEY)
    else:
        made = Store.create(path, KEY)
    yield made
    made.close()


@pytest.fixture
def page(qtbot, shell):
    """The page over an empty store, shown and with the keyboard."""
    tab = Tab(shell)
    qtbot.addWidget(tab)
    tab.resize(1232, 616)
    shell.changed.connect(tab.refresh)
    tab.refresh(None)
    with qtbot.waitActive(tab):
        tab.show()
        tab.activateWindow()
    driver = Driver(tab.triage, shell, qtbot)
    driver.settle()
    return driver


@pytest.fixture
def filled(page):
    """The page over the sample council."""
    page.tab.show_list()
    page.settle()
    return page
