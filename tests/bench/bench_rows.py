"""A list of a million rows in the encrypted store: a page by key, scrolling, and memory that stays flat."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models.store import Store
from tests.bench.bench_start import _memory
from tests.conftest import KEY


class _Lines:
    """A PageQuery over a plain table of bank lines."""

    def __init__(self, store: Store) -> None:
        self._raw: Any = store._engine.raw_connection()
        self._run = self._raw.driver_connection.execute

    def count(self) -> int:
        return int(self._run("SELECT count(*) FROM line").fetchone()[0])

    def page(self, after: Any | None, limit: int) -> Sequence[tuple[Any, Any]]:
        from ui.widgets import Row

        query = "SELECT id, day, words, reference, pence FROM line WHERE id > ? ORDER BY id LIMIT ?"
        rows = self._run(query, (after or 0, limit)).fetchall()
        return [(r[0], Row(str(r[0]), (r[1], r[2], r[3], f"{r[4] / 100:,.2f}"))) for r in rows]

    def keys(self, step: int) -> Sequence[Any]:
        return [r[0] for r in self._run("SELECT id FROM line WHERE id % ? = 0 ORDER BY id", (step,))]

    def close(self) -> None:
        self._raw.close()


def run(count: int) -> dict[str, float]:
    """Milliseconds for a page by key against the same page by OFFSET; frames per second; megabytes."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        store = Store.create(Path(folder) / "rows.db", KEY)
        with store.connect(write=True) as connection:
            connection.exec_driver_sql(
                "CREATE TABLE line (id INTEGER PRIMARY KEY, day TEXT, words TEXT, "
                "reference TEXT, pence INTEGER)"
            )
            connection.exec_driver_sql(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
                "INSERT INTO line SELECT i, '8 Dec', 'COUNTER CREDIT ' || i, printf('%06d', i), i * 7 FROM n",
                (count,),
            )
        lines = _Lines(store)
        figures = {**_pages(lines, count), **_scrolling(lines, count)}
        lines.close()
        store.close()
    return figures


def _pages(lines: _Lines, count: int) -> dict[str, float]:
    by_key, by_offset = [], []
    for n in range(200):
        after = (n * 7_919 * 200) % max(1, count - 200)
        started = time.perf_counter()
        lines._run("SELECT * FROM line WHERE id > ? ORDER BY id LIMIT 100", (after,)).fetchall()
        by_key.append((time.perf_counter() - started) * 1000)
    for n in range(5):
        started = time.perf_counter()
        lines._run("SELECT * FROM line ORDER BY id LIMIT 100 OFFSET ?", (count * 9 // 10 + n,)).fetchall()
        by_offset.append((time.perf_counter() - started) * 1000)
    key, offset = statistics.median(by_key), statistics.median(by_offset)
    return {
        "page of 100 by key, median (ms, asked: at most 1)": key,
        "the same by OFFSET, median (ms)": offset,
        "ratio": offset / key,
    }


def _scrolling(lines: _Lines, count: int) -> dict[str, float]:
    from PySide6.QtWidgets import QApplication

    from ui.theme import theme
    from ui.widgets import Column, PagedItems, Table

    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme().install()
    columns = [
        Column("Date"),
        Column("Bank's words", stretch=True),
        Column("Ref"),
        Column("Amount", figures=True),
    ]
    table = Table(columns, "income")
    items = PagedItems(lines, columns)
    table.set_items(items)
    table.resize(900, 620)
    table.show()
    app.processEvents()
    before = _memory()
    frames = {"line": _frames(app, table, range(0, 900, 3)), "jump": _frames(app, table, _jumps(count))}
    after = _memory()
    table.close()
    return {
        "scrolling three rows a frame (frames/s, asked: at least 30)": frames["line"],
        "jumping to random places (frames/s)": frames["jump"],
        "memory before scrolling (MB)": before,
        "memory after 450 places in the list (MB)": after,
    }


def _jumps(count: int) -> list[int]:
    return [(n * 104_729) % count for n in range(150)]


def _frames(app: Any, table: Any, places: Any) -> float:
    bar = table.verticalScrollBar()
    started = time.perf_counter()
    for place in places:
        bar.setValue(place)
        table.viewport().repaint()
        app.processEvents()
    return len(list(places)) / (time.perf_counter() - started)
