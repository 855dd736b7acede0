"""The history of the record that is open: when, who, what, as a table that can be read by keyboard."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.wording import plural, when
from models.base import policy_of
from models.history import HistoryEntry, history_of
from ui.reading_order import Dialog
from ui.shell import Shell
from ui.sync_items import field_words, spoken
from ui.theme import theme
from ui.widgets.button import Button
from ui.widgets.items import Column, Row
from ui.widgets.table import Table
from ui.widgets.text import Label

KINDS = {"create": "Made", "delete": "Removed", "restore": "Brought back", "sealed": "Sealed"}
LONGEST = 120


class HistoryDialog(Dialog):
    """Every change of one record that this laptop knows of, newest first."""

    def __init__(self, shell: Shell, type_name: str, record_id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        entries = shell.read(lambda session: history_of(session, type_name, record_id))
        title = f"History of this {policy_of(type_name).title}"
        self.setWindowTitle(title)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 18, 24, 18)
        column.setSpacing(12)
        column.addWidget(Label(title, "title", wrap=True))
        known = f"{plural(len(entries), 'change')} known on this laptop, newest first."
        column.addWidget(Label(known, "body", "muted", wrap=True))
        columns = [Column("When", muted=True), Column("Who"), Column("What", stretch=True)]
        self.table = Table(columns, type_name.partition("_")[0])
        self.table.setAccessibleName(title)
        today = shell.context.today()
        self.table.set_rows(
            [
                Row(str(number), (when(entry.at, today), entry.author_name, told(entry, type_name)))
                for number, entry in enumerate(reversed(entries))
            ]
        )
        column.addWidget(self.table, 1)
        foot = QHBoxLayout()
        foot.addStretch(1)
        self.shut = Button("Close", key="Esc", shortcut=False, on_click=self.reject)
        foot.addWidget(self.shut)
        column.addLayout(foot)
        room = self.screen().availableSize()
        self.resize(min(theme().wide(820), room.width() - 40), min(theme().tall(460), room.height() - 60))
        self.table.setFocus()


def told(entry: HistoryEntry, type_name: str) -> str:
    """One change in words: what the person did, and each field with its new value."""
    start = entry.label or KINDS.get(entry.kind, "Changed")
    if entry.kind in KINDS:
        return start
    fields = "; ".join(
        f"{field_words(name)}: {_short(spoken(value, type_name, name))}"
        for name, value in entry.fields.items()
    )
    return f"{start}. {fields[:1].upper()}{fields[1:]}" if fields else start


def _short(text: Any) -> str:
    words = " ".join(str(text).split())
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"
