"""Words on a page: labels by role and tone, chips that state a fact, keycaps that name a key."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from ui.theme import theme
from ui.widgets.paint import keycap, keycap_size, panel, tone_colour, tone_tint


def plain_tip(words: str) -> str:
    """People's words for a tool tip: Qt would read what looks like HTML as such, and fetch its pictures."""
    return f"<p>{escape(words)}</p>"


class Label(QLabel):
    """Text in one of the roles and tones of the theme. Plain text always: nothing typed is read as markup."""

    def __init__(
        self,
        text: str = "",
        role: str = "body",
        tone: str = "text",
        wrap: bool = False,
        selectable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._role, self._tone = role, tone
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        if wrap:
            policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
            policy.setHeightForWidth(True)
            self.setSizePolicy(policy)
        if selectable:
            self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setText(text)
        self.restyle()

    def set_role(self, role: str) -> None:
        """Changes the role."""
        self._role = role
        self.restyle()

    def set_tone(self, tone: str) -> None:
        """Changes the tone."""
        self._tone = tone
        self.restyle()

    def restyle(self) -> None:
        """Takes font and colour from the theme."""
        self.setFont(theme().font(self._role))
        palette = QPalette(theme().palette())
        palette.setColor(QPalette.ColorRole.WindowText, tone_colour(self._tone, self))
        self.setPalette(palette)


class IconLabel(QLabel):
    """An icon that only decorates the words beside it; a screen reader passes over it."""

    def __init__(
        self, icon: str, tone: str = "edge", size: float = 18, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icon, self._tone, self._size = icon, tone, size
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.restyle()

    def set_icon(self, icon: str, tone: str | None = None) -> None:
        """Changes the picture, and the tone where one is given."""
        self._icon, self._tone = icon, tone or self._tone
        self.restyle()

    def restyle(self) -> None:
        """Draws the icon anew."""
        ink = tone_colour(self._tone, self)
        self.setPixmap(theme().pixmap(self._icon, size=self._size, colour=ink))


class Chip(QLabel):
    """A fact beside a title: plain on soft, or tone words on the tone's tint with an icon. Never a button."""

    def __init__(
        self, text: str, tone: str = "plain", icon: str | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.tone, self._icon = tone, icon
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.restyle()

    @property
    def _role(self) -> str:
        return "hint" if self.tone == "plain" else "hint_strong"

    def restyle(self) -> None:
        """Takes font and size from the theme."""
        self.setFont(theme().font(self._role))
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """As wide as its words; 24 high at 100 %."""
        width = theme().metrics(self._role).horizontalAdvance(self.text()) + 18
        if self._icon:
            width += theme().icon_size(14) + 6
        return QSize(round(width) + 1, theme().tall(24, "hint"))

    def minimumSizeHint(self) -> QSize:
        """The same: a chip is never cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground, icon, words."""
        t, painter = theme(), QPainter(self)
        plain = self.tone == "plain"
        ink = t.colour("muted") if plain else tone_colour(self.tone, self)
        if t.contrast:
            panel(painter, self.rect(), None, t.colour("edge"), 1.5)
        else:
            ground = t.colour("soft") if plain else tone_tint(self.tone, "surface", self)
            panel(painter, self.rect(), ground, None)
        x = 9
        if self._icon:
            side = t.icon_size(14)
            picture = t.pixmap(self._icon, size=14, colour=ink)
            painter.drawPixmap(x, (self.height() - side) // 2, picture)
            x += side + 6
        painter.setPen(ink)
        painter.setFont(self.font())
        painter.drawText(
            QRect(x, 0, self.width() - x, self.height()), Qt.AlignmentFlag.AlignVCenter, self.text()
        )


class KeyHint(QLabel):
    """Keycaps with a word: "↑ ↓ next line". It tells a key; it is not one."""

    def __init__(self, keys: list[str], text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.keys = keys
        self.setText(text)
        self.setAccessibleName(f"{' or '.join(keys)}: {text}" if text else " or ".join(keys))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def restyle(self) -> None:
        """Sizes anew."""
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """As wide as its keys and words."""
        width = sum(keycap_size(key)[0] + 6 for key in self.keys)
        width += round(theme().metrics("hint").horizontalAdvance(self.text()))
        return QSize(width + 2, theme().tall(22, "hint"))

    def minimumSizeHint(self) -> QSize:
        """The same: never cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Keycaps, then the word."""
        t, painter = theme(), QPainter(self)
        x = 0
        for key in self.keys:
            x += keycap(painter, x, self.height() // 2, key, t.colour("muted"), t.colour("edge")) + 6
        painter.setFont(t.font("hint"))
        painter.setPen(t.colour("muted"))
        painter.drawText(
            QRect(x, 0, self.width() - x, self.height()), Qt.AlignmentFlag.AlignVCenter, self.text()
        )
