"""A chart on screen: drawn from the spec of the paper, in every look, said in words, turned into a table."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.report.blocks import BarChart, LineChart, Range, RangeBars, Spec
from tests.ui import audit
from ui.theme import theme
from ui.widgets.chart_view import SpecChart

BARS = BarChart(["June", "July"], [12, 19], current=1)
RANGES = RangeBars([Range("Control", "a say", 27, 35, "Lower than in June")], last_name="in June")


def shown(qtbot: QtBot, spec: Spec, hue: str = "inclusion") -> SpecChart:
    page = QWidget()
    page.resize(640, 480)
    chart = SpecChart(spec, hue, "Sessions grew", "Month", "Sessions")
    column = QVBoxLayout(page)
    column.addWidget(chart)
    column.addStretch(1)
    qtbot.addWidget(page)
    with qtbot.waitExposed(page):
        page.show()
    chart.keeper = page
    return chart


def inks(chart: SpecChart) -> set[str]:
    picture = chart.picture.grab().toImage()
    return {
        picture.pixelColor(x, y).name()
        for x in range(0, picture.width(), 2)
        for y in range(0, picture.height(), 2)
    }


@pytest.mark.parametrize("spec", [BARS, LineChart(["June", "July"], [12, 19]), RANGES])
def test_a_chart_is_drawn_in_the_hue_of_its_tab(qtbot: QtBot, spec: Spec) -> None:
    chart = shown(qtbot, spec)
    assert chart.picture.height() > 40
    assert len(inks(chart)) > 8


@pytest.mark.parametrize("mode", ["light", "dark", "contrast"])
def test_it_follows_the_look(qtbot: QtBot, mode: str) -> None:
    chart = shown(qtbot, BARS)
    theme().install(mode, 1.0)
    assert theme().hue("inclusion").name() in inks(chart), "the current bar is in full hue"


def test_larger_text_makes_a_taller_range_chart(qtbot: QtBot) -> None:
    chart = shown(qtbot, RANGES)
    before = chart.picture.heightForWidth(600)
    theme().install("light", 2.0)
    assert chart.picture.heightForWidth(600) > before * 1.8


def test_its_numbers_are_said_and_shown_as_a_table(qtbot: QtBot) -> None:
    chart = shown(qtbot, BARS)
    assert chart.picture.accessibleName() == "Sessions grew. Bars: June 12, July 19."
    assert audit.problems(chart) == []
    qtbot.mouseClick(chart.switch, Qt.MouseButton.LeftButton)
    assert chart.table.isVisible()
    assert not chart.picture.isVisible()
    model = chart.numbers.model()
    cells = [[model.index(r, c).data() for c in range(2)] for r in range(model.rowCount())]
    assert cells == [["June", "12"], ["July", "19"]]
    qtbot.mouseClick(chart.switch, Qt.MouseButton.LeftButton)
    assert chart.picture.isVisible()


def test_new_numbers_are_drawn_and_said(qtbot: QtBot) -> None:
    chart = shown(qtbot, BARS)
    before = chart.picture.grab().toImage()
    chart.set_spec(BarChart(["June", "July"], [19, -2], current=1), "Sessions fell")
    assert chart.picture.accessibleName() == "Sessions fell. Bars: June 19, July −2."
    assert chart.picture.grab().toImage() != before
