"""The boxes a page is made of: cards, the page head, banners, quiet notes, the empty page."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.theme import compact, theme
from ui.widgets.button import Button
from ui.widgets.figures import Steps
from ui.widgets.flow import Row, hide_unless
from ui.widgets.paint import CARD_RADIUS, panel, rule_in, tone_colour, tone_tint
from ui.widgets.text import Chip, IconLabel, Label

LARGE = 1.5  # from this text factor on, room goes to the words


class Card(QFrame):
    """A surface with a hairline border; `body` takes what stands in it.

    `decision` gives it the firm edge of the card that asks for a decision; `hue` (a slice, or True for the
    page's own) a 3 px rule on top, for the page's main card; `tone` a 4 px rule at the left. `flush` lets a
    table or list reach the border.
    """

    def __init__(
        self,
        hue: str | bool | None = None,
        decision: bool = False,
        tone: str | None = None,
        margins: tuple[int, int, int, int] = (18, 12, 18, 12),
        flush: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._hue, self.decision, self._tone = hue, decision, tone
        self._margins, self._flush = margins, flush
        self.body = QVBoxLayout(self)
        self.body.setSpacing(0 if flush else 8)
        self.restyle()

    def restyle(self) -> None:
        """Keeps what stands in it off the border, which is thicker in high contrast."""
        left, top, right, bottom = (theme().stroke,) * 4 if self._flush else self._margins
        over, beside = 3 if self._hue else 0, 4 if self._tone else 0
        self.body.setContentsMargins(
            left + beside, max(top, over if self._flush else top + over), right, bottom
        )

    def set_tone(self, tone: str | None) -> None:
        """Changes the rule at the left."""
        self._tone = tone
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground, border, rules."""
        t, painter = theme(), QPainter(self)
        border = t.colour("edge" if self.decision else "line")
        panel(painter, self.rect(), t.colour("surface"), border, t.stroke, CARD_RADIUS)
        if self._hue:
            tone = self._hue if isinstance(self._hue, str) else "hue"
            rule_in(painter, self.rect(), "top", 3, tone_colour(tone, self), CARD_RADIUS)
        if self._tone:
            rule_in(painter, self.rect(), "left", 4, tone_colour(self._tone, self), CARD_RADIUS)


class Line(QFrame):
    """A hairline between parts of a card; `tone` is "line", or "edge" above a total."""

    def __init__(self, tone: str = "line", vertical: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tone, self._vertical = tone, vertical
        if vertical:
            self.setFixedWidth(1)
        else:
            self.setFixedHeight(1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """One pixel."""
        QPainter(self).fillRect(self.rect(), theme().colour(self._tone))


class Banner(QFrame):
    """A sentence over the page on a tone's tint with a 4 px rule: emergency line, lock, known error."""

    def __init__(
        self,
        text: str = "",
        tone: str = "info",
        icon: str | None = None,
        actions: Sequence[QWidget] = (),
        title: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._tone = tone
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 8, 14, 8)
        row.setSpacing(10)
        self._words = QHBoxLayout()
        self._words.setSpacing(10)
        self.icon = IconLabel(icon or "info", tone, 20)
        hide_unless(self.icon, icon is not None)
        row.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        self.title = Label(title, "strong", tone)
        hide_unless(self.title, bool(title))
        self.text = Label(text, wrap=True)
        self._words.addWidget(self.title)
        self._words.addWidget(self.text, 1)
        self.acts = Row(list(actions), 14)
        hide_unless(self.acts, bool(actions))
        self._words.addWidget(self.acts)
        row.addLayout(self._words, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Sets title, sentence and acts under each other where they do not fit side by side."""
        t = theme()
        beside = t.metrics("strong").horizontalAdvance(self.title.text()) + self.acts.sizeHint().width()
        room = self.width() - 80 - t.icon_size(20)
        lines = t.metrics("body").horizontalAdvance(self.text.text()) / max(1.0, room - beside)
        narrow = lines > 2 or room < beside
        way = QHBoxLayout.Direction.TopToBottom if narrow else QHBoxLayout.Direction.LeftToRight
        if self._words.direction() != way:
            self._words.setDirection(way)
            self._words.setSpacing(4 if narrow else 10)
        super().resizeEvent(event)

    def announce(self) -> None:
        """Has a screen reader say it at once."""
        self.setAccessibleName(f"{self.title.text()} {self.text.text()}".strip())
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def set_text(self, text: str, title: str | None = None) -> None:
        """Changes the sentence, and the words before it where given."""
        self.text.setText(text)
        if title is not None:
            self.title.setText(title)
            self.title.setVisible(bool(title))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tint and rule."""
        t, painter = theme(), QPainter(self)
        border = t.colour("edge") if t.contrast else None
        panel(painter, self.rect(), tone_tint(self._tone, "page", self), border, t.stroke, CARD_RADIUS)
        rule_in(painter, self.rect(), "left", 4, tone_colour(self._tone, self), CARD_RADIUS)


class QuietNote(QFrame):
    """A note on soft ground: why we ask, where to get help. `body` takes further widgets."""

    def __init__(
        self, title: str, text: str = "", actions: Sequence[QWidget] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(18, 12, 18, 14)
        self.body.setSpacing(3)
        self.title = Label(title, "strong", wrap=True)
        hide_unless(self.title, bool(title))
        self.text = Label(text, "body", "muted", wrap=True)
        hide_unless(self.text, bool(text))
        self.body.addWidget(self.title)
        self.body.addWidget(self.text)
        if actions:
            self.body.addWidget(Row(list(actions), 16))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def set_text(self, text: str, title: str | None = None) -> None:
        """Changes the note."""
        self.text.setText(text)
        self.text.setVisible(bool(text))
        if title is not None:
            self.title.setText(title)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Soft ground."""
        t = theme()
        border = t.colour("edge") if t.contrast else None
        panel(QPainter(self), self.rect(), t.colour("soft"), border, t.stroke, CARD_RADIUS)


class EmptyPage(QFrame):
    """What a page is for while nothing is on it: one sentence, one first step, one way to try."""

    def __init__(
        self,
        icon: str,
        title: str,
        text: str,
        primary: Button | None = None,
        other: Button | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._column = column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addStretch(1)
        self.icon = IconLabel(icon, "hue", 36)
        column.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignHCenter)
        self.title = Label(title, "subfigure", wrap=True)
        self.text = Label(text, "body", "muted", wrap=True)
        for label in (self.title, self.text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.title)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self.text, 8)
        middle.addStretch(1)
        column.addLayout(middle)
        acts = QHBoxLayout()
        acts.setSpacing(8)
        acts.addStretch(1)
        for button in (primary, other):
            if button is not None:
                acts.addWidget(button)
        acts.addStretch(1)
        column.addSpacing(6)
        column.addLayout(acts)
        column.addStretch(1)
        self.restyle()

    def restyle(self) -> None:
        """Keeps the sentence at a readable measure; the hue is known once it stands on a page."""
        edge = 26 if theme().factor < LARGE else 12
        self._column.setContentsMargins(24, edge, 24, edge)
        self.text.setMaximumWidth(theme().wide(400))
        self.icon.restyle()

    def showEvent(self, event: object) -> None:
        """Takes the hue of the page it stands on."""
        self.icon.restyle()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A card; nothing of its own where it stands on one."""
        node = self.parentWidget()
        while node is not None and not isinstance(node, Card):
            node = node.parentWidget()
        if node is None:
            t = theme()
            panel(QPainter(self), self.rect(), t.colour("surface"), t.colour("line"), t.stroke, CARD_RADIUS)


class PageHead(QWidget):
    """The head of a page: title, chips that say what needs me, a muted line of facts; acts at the right.

    `beside` stands at the left of the facts: links to the sections of a page.
    """

    def __init__(
        self,
        title: str = "",
        facts: str = "",
        chips: Sequence[Chip] = (),
        actions: Sequence[QWidget] = (),
        parent: QWidget | None = None,
        beside: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(6)
        self._top = QHBoxLayout()
        self._top.setSpacing(12)
        words = QVBoxLayout()
        words.setSpacing(0)
        self.title = Label(title, "title")
        self._chips: list[Chip] = []
        self._line = Row([self.title], 12)
        self.facts = Label(facts, "body", "muted", wrap=True)
        hide_unless(self.facts, bool(facts))
        words.addWidget(self._line)
        second = QHBoxLayout()
        second.setSpacing(18)
        if beside is not None:
            second.addWidget(beside)
        second.addWidget(self.facts, 1)
        second.addStretch(0)  # keeps the acts at the right while there are no facts
        words.addLayout(second)
        self._top.addLayout(words, 1)
        self.acts = Row(list(actions), 10)
        hide_unless(self.acts, bool(actions))
        self._top.addWidget(self.acts, 0, Qt.AlignmentFlag.AlignVCenter)
        outer.addLayout(self._top)
        self._outer = outer
        self.steps: Steps | None = None
        self.set_chips(chips)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._stacked = False

    def set_title(self, title: str) -> None:
        """Changes the title."""
        self.title.setText(title)

    def set_facts(self, facts: str) -> None:
        """Changes the muted line."""
        self.facts.setText(facts)
        self.facts.setVisible(bool(facts))

    def set_chips(self, chips: Sequence[Chip]) -> None:
        """Replaces the chips, at most three."""
        for old in self._chips:
            self._line.flow.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._chips = list(chips)
        for chip in self._chips:
            self._line.add(chip)
        self._line.updateGeometry()

    def set_actions(self, actions: Sequence[QWidget]) -> None:
        """Replaces the buttons at the right."""
        self.acts.clear()
        for action in actions:
            self.acts.add(action)
        self.acts.setVisible(bool(actions))

    def set_steps(self, steps: Sequence[str], current: int, note: str = "") -> None:
        """Shows the line of steps under the title: their names, the number of the current one, a note."""
        if self.steps is None:
            self.steps = Steps()
            self._outer.addWidget(self.steps)
        self.steps.set_steps(steps, current, note)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Puts the buttons under the title where the page is narrow."""
        narrow = compact(self)
        if narrow != self._stacked:
            self._stacked = narrow
            self._top.removeWidget(self.acts)
            if narrow:
                self._outer.insertWidget(1, self.acts)
            else:
                self._top.addWidget(self.acts, 0, Qt.AlignmentFlag.AlignVCenter)
        super().resizeEvent(event)


class FactList(QWidget):
    """What we know so far: a small heading and its value in rows, each with a word to change it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(3)

    def set_facts(self, facts: Sequence[tuple[str, str, Button | None]]) -> None:
        """Replaces the rows: heading, value, and the button at its right (or None)."""
        from ui.widgets.flow import clear_layout

        clear_layout(self._column)
        for number, (heading, value, button) in enumerate(facts):
            if number:
                self._column.addWidget(Line())
            self._column.addWidget(Label(heading, "hint", "muted"))
            row = QHBoxLayout()
            row.addWidget(Label(value, wrap=True), 1)
            if button is not None:
                button.setAccessibleName(f"{button.label()} {heading.lower()}")
                row.addWidget(button, 0, Qt.AlignmentFlag.AlignBottom)
            self._column.addLayout(row)


def centred(rect: QRect, width: int) -> QRect:
    """The middle part of a rectangle, `width` pixels wide."""
    return QRect(rect.x() + (rect.width() - width) // 2, rect.y(), width, rect.height())
