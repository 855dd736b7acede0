"""The items of the panes, as Qt asks for them and at the size of a busy year."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from app.income.matching import OpenLine
from ui.income.items import BANK_COLUMNS, PaneItems, bank_row, haystack
from ui.income.proposal import ordinal


def lines(count: int) -> list[OpenLine]:
    start = date(2026, 1, 1)
    return [
        OpenLine(f"b{n}", n, start + timedelta(days=n % 300), n * 7, f"BACS 77 {n:07d} COUNCIL TAX")
        for n in range(1, count + 1)
    ]


def test_the_items_keep_every_promise_qt_asks_of_a_model(qtmodeltester: ModelTester, qtbot: QtBot) -> None:
    items = PaneItems(BANK_COLUMNS)
    items.set_items(lines(5), partial(bank_row, proposed={"b1"}, notes={"b2"}))
    qtmodeltester.check(items)
    items.set_filter("0000003")
    qtmodeltester.check(items)
    assert [item.id for item in items.shown] == ["b3"]
    assert items.row_of("b3") == 0
    assert items.row_of("b1") == -1


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text("0123456789 BACSTX.", max_size=4), max_size=8))
def test_whatever_is_typed_and_taken_back_the_rows_are_those_that_hold_every_word(texts: list[str]) -> None:
    items, all_lines = PaneItems(BANK_COLUMNS), lines(60)
    items.set_items(all_lines, partial(bank_row, proposed=(), notes=()))
    typed = ""
    for text in texts:
        typed = typed + text if len(text) % 2 else text
        items.set_filter(typed)
        words = typed.casefold().split()
        wanted = [line for line in all_lines if all(word in haystack(line) for word in words)]
        assert list(items.shown) == wanted
        assert items.pence == sum(line.pence for line in wanted)
        assert [items.row_of(line.id) for line in wanted] == list(range(len(wanted)))


def test_one_of_100_000_lines_is_found_by_its_reference(qtbot: QtBot) -> None:
    items = PaneItems(BANK_COLUMNS)
    items.set_items(lines(100_000), partial(bank_row, proposed=(), notes=()))
    items.set_filter("77 0099999")
    assert items.rowCount() == 1


def test_places_are_told_as_people_count() -> None:
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 21, 112)] == [
        "1st",
        "2nd",
        "3rd",
        "4th",
        "11th",
        "21st",
        "112th",
    ]
