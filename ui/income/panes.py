"""A pane: the open lines of the bank or the open receipts of the book, with filter and total."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.income.amounts import figure
from app.wording import plural
from ui.income.items import Open, PaneItems
from ui.theme import theme
from ui.widgets import Card, Column, Label, SearchField, Table, TotalRow
from ui.widgets.items import Row


class Pane(Card):
    """One side of the board. `chosen` carries a record's id, `toggled` that of one opened by Enter."""

    chosen = Signal(str)
    toggled = Signal(str)

    def __init__(
        self,
        title: str,
        noun: str,
        columns: Sequence[Column],
        key: str | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(flush=True, parent=parent)
        self.noun = noun
        self.items = PaneItems(columns, self)
        self.title = Label(title, "section")
        self.count = Label("", "body", "muted")
        self.filter = SearchField("Filter", key=key, name=f"Filter the {title.lower()}")
        self.filter.setObjectName(f"{title.lower()}-filter")
        self.table = Table(columns, hue="hue", name=f"{title}: open {noun}s")
        self.table.setObjectName(f"{title.lower()}-table")
        self.table.set_items(self.items)
        self.total = TotalRow(self.table)
        self._head = QHBoxLayout()
        self._head.setContentsMargins(12, 8, 8, 8)
        self._head.setSpacing(9)
        self._head.addWidget(self.title)
        self._head.addWidget(self.count)
        self._head.addStretch(1)
        self._head.addWidget(self.filter)
        self.body.addLayout(self._head)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.total)
        self.filter.textChanged.connect(self._filtered)
        self.filter.returnPressed.connect(self._to_table)
        self.table.installEventFilter(self)
        self.table.row_chosen.connect(self.chosen)
        self.table.row_opened.connect(self.toggled)
        self._first = QTimer(self, singleShot=True, interval=150)
        self._first.timeout.connect(self._choose_first)
        self._currency = "GBP"
        self.restyle()

    def restyle(self) -> None:
        """Keeps the filter as narrow as its words."""
        super().restyle()
        if hasattr(self, "filter"):
            self.filter.setFixedWidth(theme().wide(132))

    def set_items(
        self,
        items: Sequence[Open],
        make: Callable[[Any], Row],
        currency: str,
        made: Sequence[str] | None = None,
    ) -> None:
        """Shows items; the chosen row stays chosen where it is still there, without a signal.

        `made` are their haystacks (see PaneItems.set_items).
        """
        self._currency = currency
        kept = self.table.chosen()
        self._quietly(lambda: self.items.set_items(items, make, made))
        if kept is not None:
            self.choose(kept)
        self._count()

    def remake(self, make: Callable[[Any], Row]) -> None:
        """Makes the rows of the same items in another way."""
        self.items.remake(make)

    def choose(self, record_id: str | None) -> bool:
        """Moves to a row without a signal; False when it is not on show."""
        found: list[bool] = []
        self._quietly(lambda: found.append(self.table.choose(record_id)))
        self.table.viewport().update()
        return found[0]

    def mark(self, record_ids: Collection[str]) -> None:
        """Shows rows as belonging to what is chosen in the other pane, and goes quietly to the first."""
        self.table.set_marked(record_ids)
        shown = [row for record_id in record_ids if (row := self.items.row_of(record_id)) >= 0]
        if shown:
            first = self.items.index(min(shown), 0)
            if self.table.chosen() not in record_ids:
                self._quietly(lambda: self.table.setCurrentIndex(first))
            self.table.scrollTo(first)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Coming to the list is not yet a choice, though Qt would make its first row the chosen one."""
        if event.type() == QEvent.Type.FocusIn and self.table.chosen() is None and self.items.rowCount():
            self._quietly(lambda: self.table.setCurrentIndex(self.items.index(0, 0)))
        return super().eventFilter(watched, event)

    def _quietly(self, act: Callable[[], object]) -> None:
        selection = self.table.selectionModel()
        selection.blockSignals(True)
        act()
        selection.blockSignals(False)

    def _filtered(self, text: str) -> None:
        kept = self.table.chosen()
        self._quietly(lambda: self.items.set_filter(text))
        if (kept is None or not self.choose(kept)) and self.items.rowCount():
            if self.items.large:
                self._first.start()
            else:
                self.table.choose_row(0)
        self._count()

    def _choose_first(self) -> None:
        """Moves to the first row once the typing rests; weighing its evidence must not hold up a letter."""
        if self.table.chosen() is None:
            self.table.choose_row(0)

    def _to_table(self) -> None:
        self.table.setFocus()
        if self.table.chosen() is None:
            self.table.choose_row(0)

    def _count(self) -> None:
        shown = self.items.shown
        everything = not self.filter.text().strip()
        self.count.setText(f"{len(shown):,} open" if everything else f"{len(shown):,} found")
        words = f"{plural(len(shown), 'open ' + self.noun)}" if everything else f"{len(shown):,} found"
        self.total.set_total(words, figure(self.items.pence, self._currency))
