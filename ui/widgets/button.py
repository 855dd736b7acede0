"""Buttons: one primary on a page, the rest outlined or words, each with its key drawn inside."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QPen, QShortcut
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from ui.theme import theme
from ui.widgets.paint import keycap, keycap_size, panel

KINDS = ("primary", "outline", "word", "danger")
_SEQUENCES = {"Enter": ("Return", "Enter"), "Esc": ("Escape",), "−": ("-",), "↑": ("Up",), "↓": ("Down",)}
_CONFIRM = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


def sequences(key: str) -> list[QKeySequence]:
    """The key sequences meant by a keycap: "Enter" is both Enter keys, "Ctrl Enter" is Ctrl+Return."""
    *modifiers, last = key.replace("+", " ").split() if key.strip("+ ") else [key]
    names = _SEQUENCES.get(last, (last,))
    return [QKeySequence("+".join([*modifiers, name])) for name in names]


class Button(QPushButton):
    """A push button. `kind` is primary, outline, word or danger; `key` is drawn and, with `shortcut`, works
    wherever the focus is in the window while the button is on screen."""

    def __init__(
        self,
        text: str,
        kind: str = "outline",
        icon: str | None = None,
        key: str | None = None,
        on_click: Callable[[], object] | None = None,
        shortcut: bool = True,
        big: bool = False,
        role: str | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        if kind not in KINDS:
            raise ValueError(f"a button is one of {', '.join(KINDS)}, not {kind}")
        self.kind, self.icon_name, self.key_name, self.big = kind, icon, key, big
        self._own_role = role
        self._hover = False
        self.setAutoDefault(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.setText(text)
        self._shortcuts: list[QShortcut] = []
        if key and shortcut:
            for sequence in sequences(key):
                bound = QShortcut(sequence, self)
                bound.setAutoRepeat(False)
                bound.activated.connect(self.click)
                self._shortcuts.append(bound)
        if on_click is not None:
            self.clicked.connect(lambda _checked=False: on_click())
        self.restyle()

    def setText(self, text: str) -> None:
        """Sets the label; an ampersand is an ampersand."""
        super().setText(text.replace("&", "&&"))
        self.setAccessibleName(text)
        self.updateGeometry()

    def label(self) -> str:
        """The label as a person reads it."""
        return self.text().replace("&&", "&")

    def set_kind(self, kind: str) -> None:
        """Changes the kind: the primary act of a page may move."""
        self.kind = kind
        self.restyle()

    def set_icon(self, icon: str | None) -> None:
        """Changes the picture before the words."""
        self.icon_name = icon
        self.restyle()

    def restyle(self) -> None:
        """Takes font and size from the theme."""
        self.setFont(theme().font(self.role))
        self.updateGeometry()
        self.update()

    @property
    def role(self) -> str:
        """The font role of the label."""
        if self._own_role:
            return self._own_role
        return {"primary": "strong", "word": "hint_strong"}.get(self.kind, "body")

    @property
    def _padding(self) -> int:
        return 0 if self.kind == "word" else 13

    def _content_width(self) -> int:
        width = round(theme().metrics(self.role).horizontalAdvance(self.label())) + 1
        if self.icon_name:
            width += theme().icon_size(self._icon_side) + (8 if self.label() else 0)
        if self.key_name:
            width += keycap_size(self.key_name)[0] + 10
        return width

    @property
    def _icon_side(self) -> int:
        return 16 if self.kind == "word" else 18

    def sizeHint(self) -> QSize:
        """As wide as its words need; 34 high at 100 %, 40 where a decision is made, 24 for a word."""
        height = theme().tall(24, self.role) if self.kind == "word" else theme().tall(40 if self.big else 34)
        return QSize(self._content_width() + 2 * self._padding, height)

    def minimumSizeHint(self) -> QSize:
        """The same: a label is never cut."""
        return self.sizeHint()

    def enterEvent(self, event: object) -> None:
        """Notes the mouse."""
        self._hover = True
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Notes that the mouse left."""
        self._hover = False
        self.update()

    def event(self, event: QEvent) -> bool:
        """Keeps Enter for the button that has the focus, whatever else on the page Enter would do."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in _CONFIRM
            and event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button as Space does."""
        if event.key() in _CONFIRM and not event.isAutoRepeat():
            self.click()
            return
        super().keyPressEvent(event)

    def inks(self) -> tuple[QColor, QColor | None, QColor | None]:
        """Ink of the words, ground, border."""
        t = theme()
        if not self.isEnabled():
            return t.colour("muted"), None, t.colour("line") if self.kind != "word" else None
        if self.kind == "primary":
            return t.colour("on_primary"), t.colour("primary"), None
        if self.kind == "word":
            return t.colour("primary"), None, None
        if self.kind == "danger":
            return t.colour("danger"), t.colour("surface"), t.colour("danger")
        return t.colour("text"), t.colour("surface"), t.colour("edge")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground and border, then icon, words and keycap, together in the middle."""
        t, painter = theme(), QPainter(self)
        ink, fill, border = self.inks()
        if self.kind != "word":
            if fill is not None and (self._hover or self.isDown()) and not t.contrast:
                fill = self._pressed(fill)
            panel(painter, self.rect(), fill, border, t.stroke)
        x = self._padding if self.kind == "word" else (self.width() - self._content_width()) // 2
        middle = self.height() // 2
        if self.icon_name:
            side = t.icon_size(self._icon_side)
            painter.drawPixmap(
                x, middle - side // 2, t.pixmap(self.icon_name, size=self._icon_side, colour=ink)
            )
            x += side + 8
        self._paint_words(painter, x, ink)
        if self.key_name:
            width = keycap_size(self.key_name)[0]
            edge = ink if self.kind == "primary" else t.colour("edge")
            right = (
                self._padding + width
                if self.kind == "word"
                else ((self.width() - self._content_width()) // 2 + width)
            )
            keycap(painter, self.width() - right, middle, self.key_name, ink, edge)

    def _paint_words(self, painter: QPainter, x: int, ink: QColor) -> None:
        font = theme().font(self.role)
        font.setUnderline(self.kind == "word" and (theme().contrast or self._hover))
        painter.setFont(font)
        painter.setPen(QPen(ink))
        room = QRect(QPoint(x, 0), QSize(self.width() - x, self.height()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.label())

    def _pressed(self, fill: QColor) -> QColor:
        if self.kind == "primary":
            return fill.darker(118 if self.isDown() else 108)
        return theme().colour("selection" if self.isDown() else "soft")
