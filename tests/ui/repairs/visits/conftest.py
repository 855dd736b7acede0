"""The section of visits over the sample council, as an officer and as a lead."""

import dataclasses

import pytest

from tests.ui.repairs.conftest import Driver
from ui.repairs.tab import Tab


class Visits(Driver):
    """A person in front of the section."""

    def __init__(self, tab, shell, qtbot):
        super().__init__(tab, shell, qtbot)
        self.section = tab.open_section("visits")
        self.settle()

    def first(self, group):
        """The first visit of a group, open."""
        found = next(i for i, one in self.section.found.items() if one.group == group)
        self.section.open(found)
        self.settle()
        return self.section.found[found]

    def group(self, visit_id):
        """The group in which a visit stands now; None where it is not in the list."""
        one = self.section.found.get(visit_id)
        return one.group if one is not None else None


def shown(qtbot, shell):
    tab = Tab(shell)
    qtbot.addWidget(tab)
    tab.resize(1232, 616)
    shell.changed.connect(tab.refresh)
    shell.open_asked.connect(lambda name, record, field: _open(tab, name, record, field))
    tab.refresh(None)
    with qtbot.waitActive(tab):
        tab.show()
        tab.activateWindow()
    return Visits(tab, shell, qtbot)


def _open(tab, name, record, field):
    assert tab.open_record(name, record)
    if field:
        assert tab.show_field(field)


@pytest.fixture
def officer(qtbot, shell, filled):
    """The section as an officer sees it. `filled` names the copy of the sample."""
    return shown(qtbot, shell)


@pytest.fixture
def lead(qtbot, shell, filled):
    """The section as a lead sees it."""
    author = shell.context.author
    shell.context.author = dataclasses.replace(author, roles=author.roles | {"lead"})
    return shown(qtbot, shell)


@pytest.fixture
def bare(qtbot, shell):
    """The section over an empty store."""
    return shown(qtbot, shell)
