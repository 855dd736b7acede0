"""Words with some of them marked: the sentence a check speaks of, what two people wrote differently."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QAbstractTextDocumentLayout, QPainter, QPaintEvent, QPalette, QPen, QTextDocument
from PySide6.QtWidgets import QLabel, QRadioButton, QSizePolicy, QWidget

from ui.theme import theme
from ui.widgets.paint import keycap, keycap_size, panel

Stretch = tuple[int, int]


def marked_html(text: str, marks: Sequence[Stretch], strong: bool = False) -> str:
    """The text as HTML with its marked stretches on the mark's ground (underlined in high contrast)."""
    t, out, place = theme(), [], 0
    style = "text-decoration:underline" if t.contrast else f"background:{t.colour('mark').name()}"
    if strong:
        style += ";font-weight:600"
    for start, end in marks:
        out += [escape(text[place:start]), f'<span style="{style}">{escape(text[start:end])}</span>']
        place = end
    return "".join([*out, escape(text[place:])]).replace("\n", "<br>")


class MarkedText(QLabel):
    """A wrapped text of which some stretches are marked."""

    def __init__(
        self, text: str = "", marks: Sequence[Stretch] = (), role: str = "body", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._plain, self._marks, self._role = text, tuple(marks), role
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.restyle()

    def restyle(self) -> None:
        """Takes font and colours from the theme."""
        self.setFont(theme().font(self._role))
        self.setText(marked_html(self._plain, self._marks))
        self.setAccessibleName(self._plain)

    def words(self) -> str:
        """The text without its marks."""
        return self._plain


class VersionRow(QRadioButton):
    """One of two versions to choose from: whose, when, the words with what is new in them marked."""

    def __init__(
        self,
        who: str,
        when: str,
        text: str,
        marks: Sequence[Stretch],
        number: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._who, self._when, self._plain, self._marks, self.number = who, when, text, tuple(marks), number
        self.setText(who)
        self.setAccessibleName(f"{who}, {when}: {text}")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def restyle(self) -> None:
        """Sizes anew."""
        self.updateGeometry()

    def _left(self) -> int:
        return 13 + theme().icon_size(20) + 13

    def _document(self, width: int) -> QTextDocument:
        document = QTextDocument()
        document.setDocumentMargin(0)
        document.setDefaultFont(theme().font("body"))
        document.setHtml(marked_html(self._plain, self._marks, strong=True))
        document.setTextWidth(max(60, width - self._left() - 20))
        return document

    def hasHeightForWidth(self) -> bool:
        """Long sentences wrap."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Name, words, room around."""
        document = self._document(width)
        return round(document.size().height()) + theme().line_height("strong") + 22

    def sizeHint(self) -> QSize:
        """As wide as the sheet."""
        width = max(theme().wide(360), self.width())
        return QSize(theme().wide(360), self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Narrower, and then taller."""
        return QSize(theme().wide(180), self.heightForWidth(max(theme().wide(180), self.width())))

    def hitButton(self, pos: object) -> bool:
        """Anywhere on the row."""
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        """Row, ring, name, words, keycap."""
        t, painter = theme(), QPainter(self)
        on = self.isChecked()
        fill = t.colour("selection") if on and not t.contrast else t.colour("surface")
        border, width = (t.colour("primary"), 2) if on else (t.colour("edge"), t.stroke)
        panel(painter, self.rect(), fill, border, width + (1 if on and t.contrast else 0))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side, first = t.icon_size(20), t.line_height("strong")
        centre = QPointF(14 + side / 2, 9 + first / 2)
        painter.setPen(QPen(t.colour("primary" if on else "edge"), 2))
        painter.setBrush(t.colour("surface"))
        painter.drawEllipse(centre, side / 2 - 1, side / 2 - 1)
        if on:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(t.colour("primary"))
            painter.drawEllipse(centre, side / 4, side / 4)
        painter.setFont(t.font("strong"))
        painter.setPen(t.colour("text"))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRect(self._left(), 9, self.width(), first), middle, self._who)
        beside = self._left() + round(t.metrics("strong").horizontalAdvance(self._who)) + 10
        painter.setFont(t.font("hint"))
        painter.setPen(t.colour("muted"))
        painter.drawText(QRect(beside, 9, self.width() - beside - 40, first), middle, self._when)
        if self.number:
            x = self.width() - keycap_size(self.number)[0] - 15
            keycap(painter, x, 9 + first // 2, self.number, t.colour("muted"), t.colour("edge"))
        painter.translate(self._left(), 9 + first + 2)
        paint = QAbstractTextDocumentLayout.PaintContext()
        palette = QPalette(t.palette())
        palette.setColor(QPalette.ColorRole.Text, t.colour("text"))
        paint.palette = palette
        document = self._document(self.width())  # kept by name: its layout dies with it
        document.documentLayout().draw(painter, paint)
