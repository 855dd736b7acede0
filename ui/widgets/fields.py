"""Fields of a form: label above, hint and error between, one box; tied together for screen readers."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QMargins, QMimeData, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPalette,
    QShortcut,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ui.theme import theme
from ui.widgets.flow import hide_unless
from ui.widgets.paint import keycap, keycap_size, panel
from ui.widgets.text import IconLabel, Label


def _leaves_undo(event: QEvent, can_undo: bool, can_redo: bool) -> bool:
    """Whether a key is an undo or redo that the field itself has nothing for, so that the app may take it."""
    if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    undo, redo = QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo
    return (event.matches(undo) and not can_undo) or (event.matches(redo) and not can_redo)


def _clear_base(widget: QWidget) -> None:
    palette = QPalette(theme().palette())
    palette.setColor(QPalette.ColorRole.Base, Qt.GlobalColor.transparent)
    palette.setColor(QPalette.ColorRole.Button, Qt.GlobalColor.transparent)
    widget.setPalette(palette)


class LineEdit(QLineEdit):
    """One line of text in a bordered box, 34 high at 100 %."""

    def __init__(
        self, text: str = "", placeholder: str = "", name: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self.setFrame(False)
        self.setStyleSheet("background:transparent;border:none")  # the style sheet style fills it otherwise
        self.setPlaceholderText(placeholder)
        self.setMaxLength(1_000_000)
        if name:
            self.setAccessibleName(name)
        self.slim = False
        self.setTextMargins(QMargins(11, 0, 11, 0))
        self.restyle()

    def restyle(self) -> None:
        """Takes font, colours and height from the theme."""
        self.setFont(theme().font("body"))
        _clear_base(self)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Wide enough for some words."""
        return QSize(theme().wide(200), theme().tall(30 if self.slim else 34))

    def minimumSizeHint(self) -> QSize:
        """Never lower than its line."""
        return QSize(theme().wide(60), theme().tall(30 if self.slim else 34))

    def event(self, event: QEvent) -> bool:
        """Leaves undo to the app where this field has nothing to undo."""
        if _leaves_undo(event, self.isUndoAvailable(), self.isRedoAvailable()):
            event.ignore()
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The box, then the text."""
        t = theme()
        painter = QPainter(self)
        panel(painter, self.rect(), t.colour("surface"), t.colour("edge"), t.stroke)
        painter.end()
        super().paintEvent(event)


class SearchField(LineEdit):
    """A box to filter or find in, with a glass and the key that leads to it. Escape empties it."""

    def __init__(
        self,
        placeholder: str = "Filter",
        key: str | None = "/",
        name: str = "",
        slim: bool = True,
        big: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        self._key, self._big, self._keycap = key, big, True
        super().__init__("", placeholder, name or placeholder, parent)
        self.slim = slim and not big
        self.shortcut: QShortcut | None = None
        if key:
            self.shortcut = QShortcut(QKeySequence(key.replace(" ", "+")), self)
            self.shortcut.activated.connect(self.take_focus)
        self.textChanged.connect(lambda _text: self.update())

    def set_keycap(self, shown: bool) -> None:
        """Draws the key or leaves its room to the words; it works either way."""
        self._keycap = shown
        self.restyle()

    def take_focus(self) -> None:
        """Goes to the box and selects what is in it."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def restyle(self) -> None:
        """Leaves room for the glass and the key."""
        super().restyle()
        right = keycap_size(self._key)[0] + 12 if self._key and self._keycap else 10
        left = theme().icon_size(16) + 20
        self.setTextMargins(QMargins(left, 0, right, 0))
        if self._big:
            self.setFont(theme().font("lead"))

    def sizeHint(self) -> QSize:
        """30 high as a filter, 52 where the whole page starts here."""
        return QSize(theme().wide(200), theme().tall(52)) if self._big else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Room for the glass, the key and some letters."""
        size = super().minimumSizeHint()
        return QSize(theme().wide(110), self.sizeHint().height() if self._big else size.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape empties the box; when it is empty already the key goes on to the page."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Box, glass, text, keycap."""
        super().paintEvent(event)
        t, painter = theme(), QPainter(self)
        side = t.icon_size(16)
        painter.drawPixmap(11, (self.height() - side) // 2, t.pixmap("search", size=16))
        if self._key and self._keycap and not self.text() and not self.hasFocus():
            width = keycap_size(self._key)[0]
            keycap(
                painter,
                self.width() - width - 6,
                self.height() // 2,
                self._key,
                t.colour("muted"),
                t.colour("edge"),
            )

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Drops the keycap while one is typing."""
        super().focusInEvent(event)
        self.update()


class TextArea(QPlainTextEdit):
    """Several lines of text; it grows with them from `lines` to `most` lines. Tab leaves it.

    A paste that would make it longer than `longest` characters, or that no record can hold, is refused
    before it is laid out, which would hold the window up for minutes; `refused` says why in a sentence.
    """

    refused = Signal(str)

    def __init__(
        self,
        text: str = "",
        name: str = "",
        lines: int = 3,
        most: int = 12,
        parent: QWidget | None = None,
        longest: int = 20_000,
    ) -> None:
        super().__init__(text, parent)
        self._lines, self._most, self._longest = lines, most, longest
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.document().setDocumentMargin(9)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        if name:
            self.setAccessibleName(name)
        self.document().documentLayout().documentSizeChanged.connect(lambda _size: self.updateGeometry())
        self.restyle()

    def text(self) -> str:
        """What is written in it."""
        return self.toPlainText()

    def set_text(self, text: str) -> None:
        """Replaces the text, only where it differs, so that the caret stays."""
        if text != self.toPlainText():
            self.setPlainText(text)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Takes a paste that fits; what was written stays as it is either way."""
        from models.errors import HoldallError
        from models.types import clean_text

        pasted = source.text()
        try:
            clean_text(pasted, max(0, self._longest - self.document().characterCount()))
        except HoldallError as error:
            self.refused.emit(f"The paste was left out. {error}")
            return
        super().insertFromMimeData(source)

    def restyle(self) -> None:
        """Takes font and colours from the theme."""
        self.setFont(theme().font("body"))
        _clear_base(self)
        self.viewport().setAutoFillBackground(False)
        self.updateGeometry()

    def event(self, event: QEvent) -> bool:
        """Leaves undo to the app where this field has nothing to undo."""
        if _leaves_undo(event, self.document().isUndoAvailable(), self.document().isRedoAvailable()):
            event.ignore()
            return True
        return super().event(event)

    def sizeHint(self) -> QSize:
        """As high as its lines, within its bounds."""
        shown = max(self._lines, min(self._most, round(self.document().size().height())))
        return QSize(theme().wide(320), round(shown * theme().metrics("body").lineSpacing()) + 20)

    def minimumSizeHint(self) -> QSize:
        """Its fewest lines."""
        return QSize(theme().wide(120), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The box, then the text."""
        t = theme()
        painter = QPainter(self.viewport())
        panel(painter, self.viewport().rect(), t.colour("surface"), t.colour("edge"), t.stroke)
        painter.end()
        super().paintEvent(event)


class ComboBox(QComboBox):
    """One of a list; for up to seven answers use AnswerList."""

    def __init__(
        self, items: Sequence[str | tuple[str, object]] = (), name: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        for item in items:
            if isinstance(item, str):
                self.addItem(item)
            else:
                self.addItem(item[0], item[1])
        if name:
            self.setAccessibleName(name)
        self.setMinimumContentsLength(6)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.restyle()

    def restyle(self) -> None:
        """Takes font and height from the theme."""
        self.setFont(theme().font("body"))
        self.view().setFont(theme().font("body"))
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Wide enough for its longest item."""
        metrics = theme().metrics("body")
        widest = max((metrics.horizontalAdvance(self.itemText(n)) for n in range(self.count())), default=80)
        return QSize(round(widest) + 12 + theme().icon_size(16) + 24, theme().tall(34))

    def minimumSizeHint(self) -> QSize:
        """Room for a short item."""
        return QSize(min(self.sizeHint().width(), theme().wide(140)), theme().tall(34))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leaves the wheel to the page: a choice must not change in passing."""
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Box, words, chevron."""
        t, painter = theme(), QPainter(self)
        panel(painter, self.rect(), t.colour("surface"), t.colour("edge"), t.stroke)
        side = t.icon_size(16)
        painter.drawPixmap(
            self.width() - side - 12, (self.height() - side) // 2, t.pixmap("chevron-down", size=16)
        )
        painter.setFont(t.font("body"))
        painter.setPen(t.colour("text" if self.currentIndex() >= 0 else "muted"))
        room = QRect(12, 0, self.width() - side - 32, self.height())
        words = self.currentText() or self.placeholderText()
        words = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)


class CheckBox(QCheckBox):
    """A box to tick; the whole line is its target."""

    def __init__(self, text: str, checked: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(text.replace("&", "&&"))
        self.setAccessibleName(text)
        self.setChecked(checked)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.restyle()

    def restyle(self) -> None:
        """Takes font and size from the theme."""
        self.setFont(theme().font("body"))
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Box and words."""
        words = theme().metrics("body").horizontalAdvance(self.text().replace("&&", "&"))
        return QSize(theme().icon_size(20) + 10 + round(words) + 2, theme().tall(28))

    def minimumSizeHint(self) -> QSize:
        """The same: never cut."""
        return self.sizeHint()

    def hitButton(self, pos: object) -> bool:
        """Anywhere on the line."""
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        """Box, tick, words."""
        t, painter = theme(), QPainter(self)
        side = t.icon_size(20)
        box = QRect(0, (self.height() - side) // 2, side, side)
        on = self.isChecked()
        panel(
            painter,
            box,
            t.colour("primary" if on else "surface"),
            t.colour("primary" if on else "edge"),
            max(1.5, t.stroke),
        )
        if on:
            tick = t.icon_size(14)
            place = box.center()
            painter.drawPixmap(
                place.x() - tick // 2 + 1, place.y() - tick // 2 + 1, t.pixmap("check", "on_primary", 14)
            )
        painter.setFont(t.font("body"))
        painter.setPen(t.colour("text"))
        room = QRect(side + 9, 0, self.width() - side - 9, self.height())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self.text().replace("&&", "&"))


class Field(QWidget):
    """A labelled field: label, hint, error, box, told to screen readers as one.

    `editor` is any widget of this module. `set_error` shows a sentence with a rule along all of it.
    """

    def __init__(
        self,
        label: str,
        editor: QWidget,
        hint: str = "",
        optional: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.editor, self._hint_text, self._error = editor, hint, ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.label = Label(f"{label} (optional)" if optional else label, "strong", wrap=True)
        self.hint = Label(hint, "hint", "muted", wrap=True)
        hide_unless(self.hint, bool(hint))
        self._error_row = QWidget()
        error = QHBoxLayout(self._error_row)
        error.setContentsMargins(0, 0, 0, 0)
        error.setSpacing(6)
        error.addWidget(IconLabel("circle-alert", "danger", 16), 0, Qt.AlignmentFlag.AlignTop)
        self.error = Label("", "hint_strong", "danger", wrap=True)
        error.addWidget(self.error, 1)
        self._error_row.hide()
        for widget in (self.label, self.hint, self._error_row, editor):
            column.addWidget(widget)
        self.label.setBuddy(editor)
        target = editor.focusProxy() or editor
        if not editor.accessibleName():
            editor.setAccessibleName(label)
        self._target = target
        if isinstance(editor, TextArea):
            editor.refused.connect(self.set_error)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._describe()
        self.restyle()

    def restyle(self) -> None:
        """A form is at most 560 wide at 100 %."""
        self.setMaximumWidth(theme().wide(560))

    def set_hint(self, hint: str) -> None:
        """Changes the hint."""
        self._hint_text = hint
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        self._describe()

    def focus_editor(self) -> None:
        """Puts the keyboard into the box."""
        self._target.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_error(self, text: str | None) -> None:
        """Shows what to put right, or takes it away."""
        self._error = text or ""
        self.error.setText(self._error)
        self._error_row.setVisible(bool(text))
        layout = self.layout()
        if layout is not None:
            layout.setContentsMargins(14 if text else 0, 4 if text else 0, 0, 2 if text else 0)
        self._describe()
        self.update()

    @property
    def problem(self) -> str:
        """The error on show; empty when there is none."""
        return self._error

    def _describe(self) -> None:
        said = f"To put right: {self._error}. " if self._error else ""
        self._target.setAccessibleDescription(f"{said}{self._hint_text}".strip())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The danger rule along all of it."""
        if self._error:
            QPainter(self).fillRect(0, 0, 4, self.height(), theme().colour("danger"))
