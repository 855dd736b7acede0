"""The whole Repairs tab with its sections, over an empty store or the sample council."""

import pytest

from tests.ui.repairs.conftest import Driver
from ui.repairs.tab import Tab


@pytest.fixture
def page(qtbot, shell):
    """The tab over an empty store, shown and with the keyboard."""
    tab = Tab(shell)
    qtbot.addWidget(tab)
    tab.resize(1232, 616)
    shell.changed.connect(tab.refresh)
    tab.refresh(None)
    with qtbot.waitActive(tab):
        tab.show()
        tab.activateWindow()
    driver = Driver(tab, shell, qtbot)
    driver.settle()
    return driver


@pytest.fixture
def filled(page):
    """The tab over the sample council."""
    page.tab.triage.show_list()
    page.settle()
    return page


@pytest.fixture
def cases(filled):
    """The section over the sample council."""
    filled.section = filled.tab.open_section("cases")
    filled.settle()
    return filled


@pytest.fixture
def bare(page):
    """The section over an empty store."""
    page.section = page.tab.open_section("cases")
    page.settle()
    return page
