"""Papers and files are asked for by keys: previews open, tables and messages are saved where one says."""

import csv
import io
import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from ui.repairs.papers import LIST_CHOICES, REPAIR_CHOICES

# a menu takes the keyboard, which offscreen there is none to take
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support grabbing the keyboard")


def choose(page, button, number):
    """Opens the choices with Enter and takes one of them with the arrows."""
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Return)
    menu = button.menu_of_papers
    for _ in range(number):
        QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    page.settle()


@pytest.mark.parametrize(("number", "name"), [(0, "interview-sheet"), (1, "failure-demand")])
def test_papers_of_the_list_are_shown(filled, number, name):
    with filled.qtbot.waitSignal(filled.shell.preview_asked) as asked:
        choose(filled, filled.tab.list_page.papers, number)
    assert asked.args[0].name == name
    assert LIST_CHOICES[number][1] == name


def test_the_questions_can_be_printed_before_there_is_a_repair(page):
    assert page.tab.list_page.papers.isVisible()


def test_the_table_is_saved_where_one_says(filled, tmp_path):
    path = tmp_path / "repairs.csv"
    filled.shell.choose_save = lambda title, name, filters: str(path)
    with filled.qtbot.waitSignal(filled.shell.toast_asked) as said:
        choose(filled, filled.tab.list_page.papers, 2)
    assert said.args[0] == "Saved as repairs.csv."
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))
    assert len(rows) > 15


def test_a_work_order_and_messages_of_one_repair(filled, tmp_path):
    repair_id = filled.by_reference("AV-20414")
    filled.tab.open_record("repairs_repair", repair_id)
    filled.settle()
    button = filled.tab.promise.more
    with filled.qtbot.waitSignal(filled.shell.preview_asked) as asked:
        choose(filled, button, 0)
    assert (asked.args[0].name, asked.args[1]) == ("work-order", {"repair": repair_id})
    proposed = []
    filled.shell.choose_save = lambda title, name, filters: proposed.append(name) or str(tmp_path / name)
    for number in (1, 2):
        with filled.qtbot.waitSignal(filled.shell.toast_asked):
            choose(filled, button, number)
    assert proposed == [f"AV-20414-{name}.json" for _, name in REPAIR_CHOICES[1:]]
    raised = json.loads((tmp_path / proposed[0]).read_text("utf-8"))
    assert raised["WorkElement"][0]["RateScheduleItem"][0]["CustomCode"] == "AV7105"


def test_a_place_that_cannot_be_written_is_said(filled, tmp_path):
    (tmp_path / "file").write_text("x")
    filled.shell.choose_save = lambda title, name, filters: str(tmp_path / "file" / "x.csv")
    with filled.qtbot.waitSignal(filled.shell.told) as told:
        choose(filled, filled.tab.list_page.papers, 2)
    assert "cannot be written" in told.args[0].title


def test_changing_ones_mind_saves_nothing(filled):
    filled.shell.choose_save = lambda title, name, filters: ""
    choose(filled, filled.tab.list_page.papers, 2)
    assert not filled.shell.jobs.busy
