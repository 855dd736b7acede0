"""A conflict settled where it stands: the page around it, the card with both versions, three ways out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.content.blocks import SUMMARY, TITLE, Block, Page
from app.content.settle import ToSettle
from app.wording import when
from models.content import BlockKind
from ui.content import drawing, mapping
from ui.content.marked import VersionRow
from ui.theme import theme
from ui.widgets import Button, Card, IconLabel, Label, ScrollColumn, TextArea, WrapRow, clear_layout
from ui.widgets.paint import CARD_RADIUS, panel, rule_in

BEFORE, AFTER = 2, 4  # blocks of the page shown before and after a conflict


class ConflictCard(Card):
    """One conflict: what was, yours, theirs. 1 and 2 choose, Enter keeps, E writes a third version."""

    settled = Signal(str, str, str)  # conflict id, "mine", "theirs" or "custom", the text of a custom one

    def __init__(
        self, conflict: ToSettle, number: int, count: int, today: object, parent: QWidget | None = None
    ) -> None:
        super().__init__(decision=True, tone="warn", margins=(18, 12, 18, 12), parent=parent)
        self.conflict = conflict
        self.setObjectName("content-conflict")
        first = _possessive(conflict.theirs.who)
        self._names = ("yours" if conflict.am_one else _possessive(conflict.mine.who), first)
        head = QHBoxLayout()
        head.addWidget(IconLabel("git-branch", "warn", 20))
        what = {"title": "title", "alt": "picture’s words"}.get(conflict.field, "sentence")
        one = "You" if conflict.am_one else conflict.mine.who or "Somebody"
        title = f"{one} and {conflict.theirs.who or 'somebody'} both changed this {what}"
        head.addWidget(Label(title, "section", wrap=True), 1)
        head.addWidget(Label(f"{number} of {count}", "body", "muted"))
        self.body.addLayout(head)
        self.body.addWidget(Label(f"Before:  {conflict.before or '(nothing)'}", "body", "muted", wrap=True))
        mine_at = "on this laptop" if conflict.am_one else "synced"
        self.mine = self._row(
            "Yours" if conflict.am_one else self._names[0], conflict.mine, mine_at, "1", today
        )
        self.theirs = self._row(first, conflict.theirs, "synced", "2", today)
        self.mine.setChecked(True)
        for row in (self.mine, self.theirs):
            self.body.addWidget(row)
            row.toggled.connect(lambda _on: self._name_act())
        self.keep = Button(
            f"Keep {self._names[0]}", "primary", key="Enter" if number == 1 else None, on_click=self._keep
        )
        self.keep.setObjectName("content-conflict-keep")
        self.third = Button(
            "Write a third version", key="E" if number == 1 else None, on_click=self.write_third
        )
        self.both = Button("Keep both sentences", on_click=self._both)
        self.body.addWidget(WrapRow([self.keep, self.third, self.both], 8))
        self.editor = TextArea(lines=2, name="Third version")
        self.editor.setObjectName("content-conflict-third")
        self.use = Button("Use this version", "primary", key="Ctrl Enter", on_click=self._third)
        self._writing = QWidget()
        column = QVBoxLayout(self._writing)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.editor)
        column.addWidget(self.use, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(self._writing)
        self._writing.hide()
        note = "Nothing is lost: the other version stays in the page’s history."
        self.body.addWidget(Label(note, "hint", "muted", wrap=True))

    def _row(self, who: str, version: object, where: str, number: str, today: object) -> VersionRow:
        from app.content.settle import Version

        assert isinstance(version, Version)  # noqa: S101  both sides of a ToSettle are versions
        moment = when(version.at, today) if version.at is not None else ""  # type: ignore[arg-type]
        row = VersionRow(who, f"{where} {moment}".strip(), version.text, version.marks, number)
        shortcut = QShortcut(QKeySequence(number), row)
        shortcut.activated.connect(lambda: self._choose(row))
        return row

    def _choose(self, row: VersionRow) -> None:
        row.setChecked(True)
        row.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _name_act(self) -> None:
        self.keep.setText(f"Keep {self._names[0 if self.mine.isChecked() else 1]}")

    def _keep(self) -> None:
        self.settled.emit(self.conflict.conflict_id, "mine" if self.mine.isChecked() else "theirs", "")

    def _both(self) -> None:
        self.settled.emit(self.conflict.conflict_id, "custom", self.conflict.both)

    def write_third(self) -> None:
        """Opens a field with the chosen version to change."""
        chosen = self.conflict.mine if self.mine.isChecked() else self.conflict.theirs
        self.editor.set_text(chosen.text)
        self._writing.show()
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _third(self) -> None:
        words = self.conflict.with_words(self.editor.text())
        self.settled.emit(self.conflict.conflict_id, "custom", words)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The card with an edge in the tone of what needs care."""
        t, painter = theme(), QPainter(self)
        panel(painter, self.rect(), t.colour("surface"), t.colour("warn"), t.stroke, CARD_RADIUS)
        rule_in(painter, self.rect(), "left", 4, t.colour("warn"), CARD_RADIUS)


def _possessive(name: str) -> str:
    """What belongs to somebody, by the first name: Priya’s."""
    return f"{name.split(' ', maxsplit=1)[0]}’s" if name else "the other’s"


class _Gutter(Label):
    """The kind of a block beside it."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, "hint", "muted", parent=parent)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self.setContentsMargins(0, 3, 0, 0)

    def restyle(self) -> None:
        """As wide as the sheet's own gutter."""
        super().restyle()
        self.setFixedWidth(theme().wide(mapping.GUTTER - 2))


class _ListItem(Label):
    """A list item with its dot."""

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(words, wrap=True, parent=parent)
        self.setContentsMargins(mapping.INDENT, 0, 0, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The dot, then the words."""
        painter = QPainter(self)
        drawing.draw_bullet(painter, 6, theme().metrics("body").height() / 2 + 1)
        painter.end()
        super().paintEvent(event)


class SettleView(ScrollColumn):
    """The page around its conflicts, read only, each conflict's card in its place."""

    settled = Signal(str, str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__((4, 8, 14, 12), parent)
        self.setObjectName("content-settle")
        self.cards: list[ConflictCard] = []
        self.body.setSpacing(10)
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self.show_first)

    def show_conflicts(self, page: Page, conflicts: Sequence[ToSettle], today: object) -> None:
        """Shows the conflicts in the order of the page."""
        clear_layout(self.body)
        self.cards = []
        by_block = {conflict.block_id: conflict for conflict in conflicts}
        shown = self._near(page, set(by_block))
        fields = [
            Block(TITLE, BlockKind.PARAGRAPH, page.title),
            Block(SUMMARY, BlockKind.PARAGRAPH, page.summary),
        ]
        above = ""
        for place, block in enumerate([*fields, *page.blocks]):
            if block.id in by_block:
                card = ConflictCard(by_block[block.id], len(self.cards) + 1, len(conflicts), today)
                card.settled.connect(self.settled)
                self.cards.append(card)
                self.body.addLayout(self._beside("", card))
                above = ""
            elif place in shown:
                self.body.addLayout(self._read_only(block, above))
                above = block.kind.value
        self.body.addStretch(1)

    def focus_first(self) -> None:
        """Puts the focus on the first card's chosen version."""
        if self.cards:
            self.cards[0].mine.setFocus(Qt.FocusReason.OtherFocusReason)
            self.show_first()

    def show_first(self) -> None:
        """Brings the first card into view where the page above it is longer than the window."""
        if not self.cards:
            return
        card, room = self.cards[0], self.viewport().height()
        if card.height() + 50 < room:
            self.ensureWidgetVisible(card.keep, 0, 40)
        else:
            self.verticalScrollBar().setValue(card.y() - 8)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keeps the card in view in a smaller window and at a larger text size."""
        super().resizeEvent(event)
        self._later.start()

    @staticmethod
    def _near(page: Page, ids: set[str]) -> set[int]:
        places = [TITLE, SUMMARY, *(block.id for block in page.blocks)]
        marked = [n for n, block_id in enumerate(places) if block_id in ids]
        return {n for m in marked for n in range(m - BEFORE, m + AFTER + 1)}

    def _read_only(self, block: Block, above: str) -> QHBoxLayout:
        kind = block.id if block.id in (TITLE, SUMMARY) else block.kind.value
        words = block.plain if block.text else block.alt or "Table"
        label: QWidget = Label(
            words, mapping.font_role(kind), "muted" if kind == SUMMARY else "text", wrap=True
        )
        if kind in ("bullet", "number"):
            label = _ListItem(words)
        name = "" if kind == above and kind in ("bullet", "number") else drawing.NAMES.get(kind, "")
        return self._beside(name, label)

    @staticmethod
    def _beside(name: str, widget: QWidget) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addWidget(_Gutter(name), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(widget, 1)
        return row
