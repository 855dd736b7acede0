"""A list of a million rows: pages by key, jumps by a sparse index, flat memory, quick to scroll."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from ui.widgets import Column, PagedItems, Row, Table
from ui.widgets.paged import KEPT, PAGE

MILLION = 1_000_000
COLUMNS = [Column("Date", 60, muted=True), Column("Receipt", 220, stretch=True), Column("Amount", 90, True)]


class Numbers:
    """A list whose rows are made of their own keys, with a note of what was asked for."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.asked: list[int | None] = []
        self.indexed = 0

    def count(self) -> int:
        return self.total

    def page(self, after: int | None, limit: int) -> Sequence[tuple[int, Row]]:
        self.asked.append(after)
        first = (after or 0) + 1
        last = min(first + limit, self.total + 1)
        return [(n, Row(f"r-{n}", ("7 Dec", f"Receipt {n}", f"{n:,}.00"))) for n in range(first, last)]

    def keys(self, step: int) -> Sequence[int]:
        self.indexed += 1
        return range(step, self.total + 1, step)


def test_the_first_screen_needs_one_page_and_no_index(qtbot: QtBot) -> None:
    query = Numbers(MILLION)
    items = PagedItems(query, COLUMNS)
    assert items.rowCount() == MILLION
    assert items.index(0, 1).data() == "Receipt 1"
    assert items.index(30, 1).data() == "Receipt 31"
    assert (query.asked, query.indexed) == ([None], 0)


def test_a_jump_reads_the_index_once_and_then_one_page(qtbot: QtBot) -> None:
    query = Numbers(MILLION)
    items = PagedItems(query, COLUMNS)
    assert items.index(999_999, 1).data() == "Receipt 1000000"
    assert items.index(500_123, 1).data() == "Receipt 500124"
    assert query.indexed == 1
    assert query.asked == [999_800, 500_000]


def test_scrolling_on_needs_no_index_at_all(qtbot: QtBot) -> None:
    query = Numbers(2_000)
    items = PagedItems(query, COLUMNS)
    assert [items.index(n, 1).data() for n in range(0, 2_000, 100)] == [
        f"Receipt {n + 1}" for n in range(0, 2_000, 100)
    ]
    assert query.indexed == 0


def test_only_so_many_pages_stay_in_memory(qtbot: QtBot) -> None:
    items = PagedItems(Numbers(MILLION), COLUMNS)
    for number in range(0, PAGE * KEPT * 3, PAGE):
        assert items.row_at(number) is not None
    assert items.pages_in_memory == KEPT


def test_the_last_page_ends_where_the_list_ends(qtbot: QtBot, qtmodeltester: ModelTester) -> None:
    for total in (0, 1, PAGE - 1, PAGE, PAGE + 1):
        items = PagedItems(Numbers(total), COLUMNS)
        assert items.rowCount() == total
        assert items.row_at(total) is None
        if total:
            assert items.row_at(total - 1) == Row(
                f"r-{total}", ("7 Dec", f"Receipt {total}", f"{total:,}.00")
            )
    qtmodeltester.check(PagedItems(Numbers(PAGE + 1), COLUMNS))


def test_another_query_starts_afresh(qtbot: QtBot) -> None:
    items = PagedItems(Numbers(MILLION), COLUMNS)
    assert items.row_at(999_999) is not None
    with qtbot.waitSignal(items.modelReset):
        items.reload(Numbers(3))
    assert items.rowCount() == 3
    assert items.row_at(2) is not None


def test_a_table_of_a_million_rows_scrolls_at_thirty_frames_a_second(qtbot: QtBot) -> None:
    table = Table(COLUMNS, name="Receipts")
    table.set_items(PagedItems(Numbers(MILLION), COLUMNS))
    qtbot.addWidget(table)
    table.resize(700, 760)
    with qtbot.waitExposed(table):
        table.show()
    bar = table.verticalScrollBar()
    bar.setValue(400_000 * table.row_height())
    table.repaint()
    start, frames = time.process_time(), 90
    for _ in range(frames):
        bar.setValue(bar.value() + table.row_height())
        table.repaint()
    spent = time.process_time() - start
    assert frames / spent >= 30, f"{frames / spent:.0f} frames a second"
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_End)
    assert table.chosen() == "r-1000000"
