"""The five sections of the Income tab: their names, the quiet row of links in each head, and their base."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from models.changes import Changed
from models.errors import HoldallError
from ui.income.deck import Deck
from ui.shell import Page, Shell
from ui.theme import theme
from ui.widgets import Banner, Button, Card, Label, PageHead
from ui.widgets.paint import tone_colour
from ui.widgets.text import plain_tip

GAP = 24  # between the two cards of a section


@dataclass(frozen=True)
class SectionName:
    """One section: its key, what its link says, and the icon of its empty page."""

    key: str
    title: str
    icon: str


SECTIONS = (
    SectionName("reconcile", "Reconcile", "scale"),
    SectionName("suspense", "Suspense", "inbox"),
    SectionName("ereturns", "eReturns", "banknote"),
    SectionName("journals", "Journals", "repeat-2"),
    SectionName("codes", "Rules and codes", "list-ordered"),
)


class SectionLink(Button):
    """A word that leads to a section, with how many things wait there; the current one has a hue rule."""

    def __init__(self, name: SectionName, number: int, current: bool) -> None:
        self.section, self.number, self.current = name, number, current
        self.waiting = 0
        super().__init__(name.title, "word", role="hint_strong" if current else "hint")
        self.setObjectName(f"income-section-{name.key}")
        self.set_waiting(0)

    def set_waiting(self, count: int) -> None:
        """Changes how many things wait for this person there."""
        self.waiting = count
        said = f"{self.section.title}, section {self.number}"
        said += ", on show" if self.current else ""
        self.setAccessibleName(f"{said}, {count} for you" if count else said)
        self.setToolTip(plain_tip(f"Alt+{self.number}"))
        self.updateGeometry()
        self.update()

    def _count_width(self) -> int:
        words = f"{self.waiting:,}" if self.waiting else ""
        return round(theme().metrics("hint_strong").horizontalAdvance(words)) + 7 if words else 0

    def sizeHint(self) -> QSize:
        """The words and the figure behind them; 24 high at 100 %."""
        words = round(theme().metrics("hint_strong").horizontalAdvance(self.section.title)) + 1
        return QSize(words + self._count_width(), theme().tall(24, "hint"))

    def minimumSizeHint(self) -> QSize:
        """The same: never cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The words, the figure, and the rule under the current one."""
        t, painter = theme(), QPainter(self)
        hovered = self.underMouse() and not self.current
        font = t.font(self.role)
        font.setUnderline(not self.current and (hovered or t.contrast))
        painter.setFont(font)
        painter.setPen(QPen(t.colour("text" if self.current else "primary")))
        place = QRect(0, 0, self.width(), self.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, self.section.title)
        words = round(t.metrics(self.role).horizontalAdvance(self.section.title))
        if self.waiting:
            painter.setFont(t.font("hint_strong"))
            painter.setPen(QPen(t.colour("warn")))
            side = place.adjusted(words + 6, 0, 0, 0)
            painter.drawText(side, Qt.AlignmentFlag.AlignVCenter, f"{self.waiting:,}")
        if self.current:
            painter.fillRect(0, self.height() - 2, words, 2, tone_colour("hue", self))


class SectionBar(QWidget):
    """The links to the sections in a row; in one column a single button that leads to their page."""

    asked = Signal(str)

    def __init__(self, current: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        self.links = {
            name.key: SectionLink(name, number, name.key == current)
            for number, name in enumerate(SECTIONS, 1)
        }
        for key, link in self.links.items():
            link.clicked.connect(partial(self._asked, key))
            row.addWidget(link)
        self.all = Button("Sections", icon="list", on_click=partial(self.asked.emit, "sections"))
        self.all.setObjectName(f"income-sections-{current}")
        row.addWidget(self.all)
        row.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_compact(False)

    def _asked(self, key: str) -> None:
        self.asked.emit(key)

    def set_compact(self, compact: bool) -> None:
        """One button, or all the links."""
        for link in self.links.values():
            link.setVisible(not compact)
        self.all.setVisible(compact)

    def set_waiting(self, counts: dict[str, int]) -> None:
        """Changes the figures behind the links."""
        for key, link in self.links.items():
            link.set_waiting(counts.get(key, 0))


class SectionHead(PageHead):
    """The head of a section: title and chips, the links, facts, and the section's acts at the right."""

    def __init__(
        self, current: str, title: str = "", facts: str = "", actions: Sequence[QWidget] = ()
    ) -> None:
        self.bar = SectionBar(current)
        super().__init__(title, facts, (), actions, beside=self.bar)

    def set_compact(self, compact: bool) -> None:
        """The links stand behind one button in one column."""
        self.bar.set_compact(compact)


class SectionsPage(Card):
    """The sections one below the other, for a page of one column."""

    asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(decision=True, margins=(24, 16, 24, 18), parent=parent)
        self.body.addWidget(Label("Sections", "section"))
        self.buttons: list[Button] = []
        for number, name in enumerate(SECTIONS, 1):
            act = partial(self.asked.emit, name.key)
            button = Button(name.title, icon=name.icon, key=f"Alt {number}", on_click=act, shortcut=False)
            button.setObjectName(f"income-to-{name.key}")
            self.buttons.append(button)
            self.body.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addStretch(1)

    def focus_first(self) -> None:
        """Goes to the first of them."""
        self.buttons[0].setFocus(Qt.FocusReason.OtherFocusReason)


class Section(Page):
    """One section of the Income tab: a list, and what is chosen in it (`panes`). It reads again only when a
    change touches its `tables`."""

    key = "income"
    name = ""
    tables: tuple[str, ...] = ()
    panes: TwoCards
    section_asked = Signal(str)

    def __init__(self, shell: Shell, title: str, actions: Sequence[QWidget] = ()) -> None:
        super().__init__(shell)
        self.head = SectionHead(self.name, title, actions=actions)
        self.head.bar.asked.connect(self.section_asked)
        self.notice = Banner("", "warn", "triangle-alert")
        self._shut = Button("Close", "word", on_click=self.notice.hide)
        self._shut.setAccessibleName("Close the message")
        self.notice.acts.add(self._shut)
        self.notice.acts.show()
        self.notice.hide()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(10)
        self.column.addWidget(self.head)
        self.column.addWidget(self.notice)

    def refresh(self, changed: Changed | None) -> None:
        """Reads again when its tables were touched."""
        if changed is None or changed.touches(*self.tables):
            self.read_again()

    def read_again(self) -> None:
        """Reads what the section shows."""

    def set_compact(self, compact: bool) -> None:
        """One column: the list or what is chosen in it, and the links behind one button."""
        super().set_compact(compact)
        self.head.set_compact(compact)
        self.panes.set_compact(compact)
        self._arrange()

    def _arrange(self) -> None:
        """Shows and hides what the width and the work in hand ask for."""

    def refuse(self, error: HoldallError) -> None:
        """Says over the section what is wrong and what to do."""
        self.notice.set_text(str(error))
        self.notice.show()
        self.notice.announce()

    def focus_first(self) -> None:
        """Puts the keyboard where work begins."""

    def open(self, record_id: str) -> None:
        """Shows one of the list and goes to its acts."""

    def pick(self, record_id: str) -> None:
        """A click on the list leads to what was clicked where only one of both is on show."""
        if self.compact:
            self.open(record_id)


class TwoCards(QWidget):
    """A list at the left and what is chosen in it at the right; in one column only one of them."""

    def __init__(
        self, left: QWidget, right: QWidget, shares: tuple[int, int] = (5, 6), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.left, self.right = left, right
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addWidget(left, shares[0])
        row.addWidget(right, shares[1])
        self.compact, self.detail = False, False

    def set_compact(self, compact: bool) -> None:
        """One column or two."""
        self.compact = compact
        if isinstance(self.right, Deck):
            self.right.set_compact(compact)
        self.show_detail(self.detail)

    def show_detail(self, detail: bool) -> None:
        """In one column: shows what is chosen, or the list."""
        self.detail = detail
        self.left.setVisible(not self.compact or not detail)
        self.right.setVisible(not self.compact or detail)
