"""Type-to-filter on the Income tab: each keystroke on a pane of 100,000 bank lines, up to the repaint."""

from __future__ import annotations

import time
from datetime import date, timedelta
from functools import partial
from typing import Any

TYPED = ("market 00412", "845.30", "8 dec counter", "nothing like it")
_WORDS = (
    "BACS 77 {n:07d} COUNCIL TAX",
    "COUNTER CREDIT {n:06d}",
    "FPI RENT 6 {n:010d}",
    "BACS MARKET STALLS {n:05d}",
    "STRIPE PAYOUT PO-{n}",
)


def run(count: int) -> dict[str, float]:
    """Milliseconds a keystroke takes: the worst and the middle one of some searches typed and taken back."""
    from PySide6.QtWidgets import QApplication

    from ui.income.items import BANK_COLUMNS, bank_row, haystacks
    from ui.income.panes import Pane
    from ui.theme import theme

    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme().install()
    lines = _lines(count)
    started = time.perf_counter()
    made = haystacks(lines)
    building = time.perf_counter() - started
    pane = Pane("Bank", "line", BANK_COLUMNS)
    pane.resize(420, 620)
    pane.show()
    pane.set_items(lines, partial(bank_row, proposed=(), notes=()), "GBP", made)
    app.processEvents()
    spent, found = [], []
    for words in TYPED:
        keys = [words[:n] for n in range(1, len(words) + 1)]
        for text in (*keys, *reversed(keys[:-1]), ""):
            spent.append(_keystroke(app, pane, text))
            if text == words:
                found.append(pane.items.rowCount())
    pane.close()
    _check(lines, found)
    spent.sort()
    return {
        "what is searched, made beforehand off the window's thread (ms)": building * 1000,
        "keystrokes measured": float(len(spent)),
        "the middle keystroke (ms)": spent[len(spent) // 2] * 1000,
        "the worst keystroke (ms, asked: at most 100)": spent[-1] * 1000,
    }


def _lines(count: int) -> list[Any]:
    from app.income.matching import OpenLine

    start = date(2026, 1, 1)
    return [
        OpenLine(
            f"b{n}",
            n,
            start + timedelta(days=n % 360),
            (n * 7_919) % 250_000 + 1,
            _WORDS[n % len(_WORDS)].format(n=n),
        )
        for n in range(1, count + 1)
    ]


def _keystroke(app: Any, pane: Any, text: str) -> float:
    started = time.perf_counter()
    pane.filter.setText(text)
    pane.table.viewport().repaint()
    pane.total.repaint()
    app.processEvents()
    return time.perf_counter() - started


def _check(lines: list[Any], found: list[int]) -> None:
    """The same searches by looking at every line; raises RuntimeError where the pane showed other rows."""
    from ui.income.items import haystack

    texts = [haystack(line) for line in lines]
    wanted = [sum(all(word in text for word in words.split()) for text in texts) for words in TYPED]
    if wanted != found:
        raise RuntimeError(f"the filter showed {found} rows where {wanted} hold the words")
