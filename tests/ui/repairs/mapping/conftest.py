"""The section "Triage and tables" in a window of its own, for a lead or for an officer."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.repairs.mapping import service, views
from tests.app.repairs.mapping.conftest import FILES, as_bytes, big_list
from ui.repairs.mapping.section import SectionPage
from ui.repairs.tab import Tab
from ui.shell import Shell


class Driver:
    """A person at the keyboard in front of the section."""

    def __init__(self, tab, section, shell, qtbot):
        self.tab, self.section, self.shell, self.qtbot = tab, section, shell, qtbot
        self.told = []
        shell.toast_asked.connect(lambda text, _undo: self.told.append(text))

    def settle(self):
        self.qtbot.waitUntil(lambda: not self.shell.jobs.busy, timeout=10_000)
        QApplication.processEvents()
        QApplication.processEvents()

    def press(self, *keys, modifier=Qt.KeyboardModifier.NoModifier):
        for key in keys:
            QTest.keyClick(QApplication.focusWidget() or self.tab, key, modifier)
            self.settle()

    def type(self, text):
        QTest.keyClicks(QApplication.focusWidget(), text)
        self.settle()

    def click(self, name):
        button = self.tab.findChild(object, name)
        assert button.isVisible(), f"{name} is not on show"
        button.click()
        self.settle()

    def choose(self, name, value):
        """Chooses in a box as a person does: by its list."""
        box = self.tab.findChild(object, name)
        assert box.isVisible(), f"{name} is not on show"
        assert box.isEnabled(), f"{name} cannot be changed"
        number = box.findData(value)
        assert number >= 0, [box.itemData(n) for n in range(box.count())]
        box.setCurrentIndex(number)
        box.activated.emit(number)
        self.settle()

    def open(self, key):
        self.section.open(key)
        self.settle()

    def keep(self):
        """Leaves the section, which keeps what was typed."""
        self.section.leave()
        self.settle()

    def read(self, work):
        return self.shell.context.read(work)

    def editions(self):
        return self.read(views.editions)

    def body(self, mapping_id=None):
        return self.read(lambda s: service.body(s, mapping_id or self.section.chosen_id))

    @property
    def table(self):
        return self.section.card.table

    def words(self):
        return [row.words for row in self.table.items.entries]


def _page(qtbot, context):
    shell = Shell(context)
    tab = Tab(shell)
    qtbot.addWidget(tab)
    tab.resize(1232, 616)
    shell.changed.connect(tab.refresh)
    tab.refresh(None)
    with qtbot.waitActive(tab):
        tab.show()
        tab.activateWindow()
    section = tab.open_section("mapping")
    assert isinstance(section, SectionPage)
    driver = Driver(tab, section, shell, qtbot)
    driver.settle()
    return driver, shell


@pytest.fixture
def lead(qtbot, context):
    """The section for a lead, over a fresh store."""
    driver, shell = _page(qtbot, replace(context, author=replace(context.author, roles=frozenset({"lead"}))))
    yield driver
    shell.close()


@pytest.fixture
def officer(qtbot, context):
    """The section for an officer, who reads."""
    driver, shell = _page(qtbot, context)
    yield driver
    shell.close()


@pytest.fixture
def draft(lead):
    """The section open at a new draft of the built-in questions."""
    lead.open("built-in")
    lead.click("mapping-act-draft")
    return lead


@pytest.fixture
def lists():
    return FILES / "lists.json"


@pytest.fixture
def large(tmp_path):
    """A mapping with 2,500 leaves, as a file."""
    path = tmp_path / "large.json"
    path.write_bytes(as_bytes(big_list(2500)))
    return path
