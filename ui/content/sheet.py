"""The middle pane while a page is written: tool bar, the words, the way to another block."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from app.content.blocks import Block, Table
from app.content.templates import BLOCK_NAMES
from app.wording import plural
from models.content import BlockKind
from models.ids import new_id
from ui.content import mapping
from ui.content.editor import PageEdit
from ui.theme import theme
from ui.widgets import Banner, Button, Card, Field, KeyHint, Label, Line, LineEdit, WrapRow
from ui.widgets.paint import panel


class ToolButton(Button):
    """A square button of the tool bar: an icon, its name told by tool tip and screen reader."""

    def __init__(self, name: str, icon: str, keys: str, act: Callable[[], object]) -> None:
        super().__init__("", "word", icon=icon, on_click=act)
        self.setAccessibleName(name)
        self.setToolTip(f"{name} ({keys})" if keys else name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def sizeHint(self) -> QSize:
        """34 square at 100 %."""
        side = theme().tall(32)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The icon, on soft ground under the mouse."""
        t, painter = theme(), QPainter(self)
        if self.underMouse() or self.isDown():
            panel(painter, self.rect(), t.colour("soft"), None)
        side = t.icon_size(18)
        place = QPoint((self.width() - side) // 2, (self.height() - side) // 2)
        painter.drawPixmap(place, t.pixmap(self.icon_name or "x", "edge", 18))


class LinkBar(QWidget):
    """Where a link leads: one field under the tool bar, filled with what the caret stands in."""

    chosen = Signal(str)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor = LineEdit(placeholder="https://", name="Where the link leads")
        self.editor.setObjectName("content-link")
        self.field = Field("Where the link leads", self.editor)
        self.put = Button("Link these words", "primary", on_click=self._put)
        self.put.setObjectName("content-link-put")
        self.away = Button("Take the link away", on_click=lambda: self.chosen.emit(""))
        self.shut = Button("Cancel", key="Esc", on_click=self.closed.emit)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 6)
        column.addWidget(self.field)
        column.addWidget(WrapRow([self.put, self.away, self.shut], 8))
        self.editor.returnPressed.connect(self._put)

    def ask(self, words: str, href: str) -> None:
        """Opens for these words."""
        self.field.set_hint(
            f"“{words[:60]}”" if words else "Select words first, or the address itself is shown."
        )
        self.field.set_error(None)
        self.editor.setText(href)
        self.away.setVisible(bool(href))
        self.show()
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        self.editor.selectAll()

    def _put(self) -> None:
        href = self.editor.text().strip()
        if not href:
            self.field.set_error("Write or paste where the link leads")
            return
        if ":" not in href.split("/")[0] and "." in href.split("/")[0]:
            href = f"https://{href}"
        if not href.startswith(("https://", "http://", "mailto:", "tel:", "/")):
            self.field.set_error("A link begins with https:, mailto: or tel:")
            return
        self.chosen.emit(href)


class Sheet(Card):
    """The page being written."""

    picture_asked = Signal()
    reviewed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(margins=(9, 5, 4, 8), parent=parent)
        self.body.setSpacing(4)
        self._compact, self._writable = False, True
        self.editor = PageEdit()
        self.count = Label("", "hint", "muted")
        self.tools = QWidget()
        self._tool_bar()
        self.banner = Banner("", "warn", "undo-2")
        self.banner.hide()
        words = "It is still right: look again in 12 months"
        self.still_right = Button(words, "word", on_click=self.reviewed.emit)
        self.still_right.setObjectName("content-still-right")
        title, text = "The review date has passed", "Read it once more."
        self.due = Banner(text, "warn", "clock", [self.still_right], title)
        self.due.hide()
        self.link = LinkBar()
        self.link.hide()
        self.add = Button("Add a block", "word", icon="plus", on_click=self.show_menu)
        self.add.setObjectName("content-add-block")
        self.foot = QWidget()
        foot = QHBoxLayout(self.foot)
        foot.setContentsMargins(theme().wide(44), 3, 8, 2)
        foot.addWidget(self.add)
        self.add_key = KeyHint(["Ctrl /"])
        foot.addWidget(self.add_key)
        foot.addStretch(1)
        self.body.addWidget(self.tools)
        self.rule = Line()
        self.body.addWidget(self.rule)
        self.body.addWidget(self.link)
        self.body.addWidget(self.banner)
        self.body.addWidget(self.due)
        self.body.addWidget(self.editor, 1)
        self.body.addWidget(self.foot)
        self.menu = self._block_menu()
        self.editor.menu_asked.connect(self.show_menu)
        self.editor.link_asked.connect(self.ask_link)
        self.link.chosen.connect(self._linked)
        self.link.closed.connect(self.close_link)

    def _tool_bar(self) -> None:
        row = QHBoxLayout(self.tools)
        row.setContentsMargins(theme().wide(44), 0, 10, 0)
        row.setSpacing(2)
        edit = self.editor
        for name, icon, keys, act in (
            ("Bold", "bold", "Ctrl B", lambda: edit.toggle("bold")),
            ("Italic", "italic", "Ctrl I", lambda: edit.toggle("italic")),
            ("Link", "link", "Ctrl K", self.ask_link),
            ("Bulleted list", "list", "- and a space", lambda: edit.set_kind(BlockKind.BULLET)),
            ("Heading 2", "heading-2", "Ctrl Alt 2", lambda: edit.set_kind(BlockKind.HEADING2)),
            ("Quote", "quote", "> and a space", lambda: edit.set_kind(BlockKind.QUOTE)),
            ("Table", "table-2", "", lambda: self.add_kind(BlockKind.TABLE)),
            ("Picture", "image-plus", "", self.picture_asked.emit),
        ):
            button = ToolButton(name, icon, keys, act)
            button.setObjectName(f"content-tool-{icon}")
            button.clicked.connect(lambda _on=False, n=name: self._back(n))
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.count)

    def _back(self, name: str) -> None:
        """Gives the focus back to the words, but for the tools that ask something first."""
        if name not in ("Link", "Picture"):
            self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _block_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setObjectName("content-block-menu")
        keys = {"heading2": "Ctrl+Alt+2", "heading3": "Ctrl+Alt+3", "heading4": "Ctrl+Alt+4"}
        for number, (kind, name) in enumerate(BLOCK_NAMES.items(), 1):
            action = menu.addAction(f"&{number % 10}  {name}")
            action.setData(kind.value)
            if kind.value in keys:
                action.setShortcut(QKeySequence(keys[kind.value]))
                action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(lambda _on=False, k=kind: self.add_kind(k))
        return menu

    def show_menu(self) -> None:
        """Shows the kinds of block, each with a number key."""
        if self.editor.isReadOnly():
            return
        height = self.menu.sizeHint().height()
        under = self.add if self.foot.isVisible() else self.editor
        place = QPoint(theme().wide(mapping.GUTTER), under.height() if under is self.editor else 0)
        self.menu.popup(under.mapToGlobal(place - QPoint(0, height + 4)))

    def add_kind(self, kind: BlockKind) -> None:
        """Adds a block of a kind below the caret's; a table is opened at once, a picture asked for."""
        if self.editor.isReadOnly():
            return
        if kind is BlockKind.IMAGE:
            self.picture_asked.emit()
            return
        table = Table.of([["", ""], ["", ""]]) if kind is BlockKind.TABLE else None
        block = Block(new_id(), kind, table=table)
        self.editor.add_block(block)
        if table is not None:
            self.editor.object_opened.emit(block.id)

    def ask_link(self) -> None:
        """Asks where the words at the caret lead."""
        if not self.editor.isReadOnly():
            self.link.ask(*self.editor.link_words())

    def _linked(self, href: str) -> None:
        self.editor.set_link(href)
        self.close_link()

    def close_link(self) -> None:
        """Takes the link's field away; the words have the focus again."""
        if self.link.isVisible():
            self.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        self.link.hide()

    def set_words(self, count: int) -> None:
        """Shows how long the page is."""
        self.count.setText(plural(count, "word"))

    def set_writable(self, on: bool) -> None:
        """Shows the tools while the page is in draft; otherwise it is only read."""
        self.editor.setReadOnly(not on)
        flags = Qt.TextInteractionFlag
        if not on:
            self.editor.setTextInteractionFlags(flags.TextSelectableByKeyboard | flags.TextSelectableByMouse)
        for widget in (self.tools, self.rule):
            widget.setVisible(on)
        self._writable = on
        self.set_compact(self._compact)
        if not on:
            self.link.hide()

    def set_compact(self, compact: bool) -> None:
        """Leaves the way to another block to the page's own row of buttons where room is short."""
        self._compact = compact
        self.foot.setVisible(self._writable and not compact)

    def set_note(self, title: str, text: str) -> None:
        """Shows what review wrote, over the words; empty takes it away."""
        self.banner.set_text(text, title)
        self.banner.setVisible(bool(text))

    def set_due(self, due: bool) -> None:
        """Asks whether a published page is still right, once its review date has passed."""
        self.due.setVisible(due)
