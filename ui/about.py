"""About Holdall: the keys that work everywhere, what is installed, whose work it stands on."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

import resources
from app.context import Context
from app.doctor import version, versions
from ui.reading_order import Dialog
from ui.theme import theme
from ui.widgets.boxes import Line
from ui.widgets.button import Button
from ui.widgets.fields import TextArea
from ui.widgets.flow import ScrollColumn
from ui.widgets.mark import Mark
from ui.widgets.text import KeyHint, Label

KEYS = (
    (["Ctrl 1", "…", "Ctrl 5"], "go to a tab"),
    (["Alt 1", "…", "Alt 5"], "go to a section of the Income tab"),
    (["Ctrl F"], "find anything"),
    (["/"], "filter the list on show"),
    (["Tab", "Shift Tab"], "move on, move back"),
    (["↑", "↓", "Enter"], "move in a list, open"),
    (["Ctrl Z", "Ctrl Y"], "undo, do again, on every tab"),
    (["Ctrl H"], "the history of what is open"),
    (["F9"], "sync now"),
    (["Ctrl Shift S"], "what waits and what needs you"),
    (["Ctrl +", "Ctrl −", "Ctrl 0"], "larger, smaller, usual text"),
    (["Esc"], "close what lies on top"),
    (["F1"], "this page"),
)
LICENCES = (
    ("Source Sans 3", "SIL Open Font License 1.1", ("fonts", "LICENSE-SourceSans3.md")),
    ("Lucide icons", "ISC and MIT", ("icons", "LICENSE-Lucide.txt")),
)


def _turn(area: TextArea) -> None:
    area.setVisible(not area.isVisible())


class About(Dialog):
    """What F1 shows."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Holdall")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 18, 24, 18)
        column.setSpacing(12)
        column.addLayout(self._head(context))
        scroll = ScrollColumn()
        scroll.body.setSpacing(8)
        self._keys(scroll.body)
        scroll.body.addWidget(Line())
        self._versions(scroll.body)
        scroll.body.addWidget(Line())
        self._licences(scroll.body)
        scroll.body.addStretch(1)
        column.addWidget(scroll, 1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        self.copy = Button("Copy versions", icon="copy", on_click=self._copy)
        self.shut = Button("Close", key="Esc", shortcut=False, on_click=self.reject)
        foot.addWidget(self.copy)
        foot.addStretch(1)
        foot.addWidget(self.shut)
        column.addLayout(foot)
        room = self.screen().availableSize()
        self.resize(min(theme().wide(620), room.width() - 40), min(theme().tall(620), room.height() - 60))
        self.shut.setFocus()

    def _head(self, context: Context) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(16)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Label(f"Holdall {version()}", "title"))
        words.addWidget(Label(f"{context.council.name}, {context.author.name}", "body", "muted", wrap=True))
        row.addWidget(Mark(48))
        row.addLayout(words, 1)
        return row

    @staticmethod
    def _keys(column: QVBoxLayout) -> None:
        column.addWidget(Label("Keys that work everywhere", "section"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(4)
        for number, (keys, words) in enumerate(KEYS):
            grid.addWidget(KeyHint(list(keys)), number, 0, Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(Label(words, wrap=True), number, 1)
        grid.setColumnStretch(1, 1)
        column.addLayout(grid)

    @staticmethod
    def _versions(column: QVBoxLayout) -> None:
        column.addWidget(Label("What is installed", "section"))
        for name, number in versions().items():
            column.addWidget(Label(f"{name} {number}", "body", selectable=True))

    @staticmethod
    def _licences(column: QVBoxLayout) -> None:
        column.addWidget(Label("Licences", "section"))
        column.addWidget(Label("Holdall itself: MIT.", wrap=True))
        for name, licence, place in LICENCES:
            area = TextArea(resources.path(*place).read_text(encoding="utf-8"), f"Licence of {name}", 3, 3)
            area.setReadOnly(True)
            area.hide()
            turn = Button(f"{name}: {licence}", "word", on_click=partial(_turn, area))
            column.addWidget(turn, 0, Qt.AlignmentFlag.AlignLeft)
            column.addWidget(area)

    def _copy(self) -> None:
        lines = "\n".join(f"{name} {number}" for name, number in versions().items())
        QGuiApplication.clipboard().setText(f"Holdall {version()}\n{lines}")
        self.copy.setText("Copied")
