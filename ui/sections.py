"""The sections of a tab: their names, the quiet row of links in each head, their base, and the tab that shows
them. A slice names its sections once; each is built when it is first asked for."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QPen, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from models.changes import Changed
from models.errors import HoldallError
from ui.deck import Deck, ListCard
from ui.shell import Page, Shell
from ui.theme import theme
from ui.widgets import Banner, Button, Card, Label, PageHead
from ui.widgets.paint import tone_colour
from ui.widgets.text import plain_tip

GAP = 24  # between the two cards of a section


@dataclass(frozen=True)
class SectionName:
    """One section: its key, what its link says, its icon, and the module whose SectionPage it is."""

    key: str
    title: str
    icon: str
    module: str = ""


class SectionLink(Button):
    """A word that leads to a section, with how many things wait there; the current one has a hue rule."""

    def __init__(self, tab: str, name: SectionName, number: int, current: bool) -> None:
        self.section, self.number, self.current = name, number, current
        self.waiting = 0
        super().__init__(name.title, "word", role="hint_strong" if current else "hint")
        self.setObjectName(f"{tab}-section-{name.key}")
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

    def __init__(
        self, tab: str, names: Sequence[SectionName], current: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        self.links = {
            name.key: SectionLink(tab, name, number, name.key == current)
            for number, name in enumerate(names, 1)
        }
        for key, link in self.links.items():
            link.clicked.connect(partial(self._asked, key))
            row.addWidget(link)
        self.all = Button("Sections", icon="list", on_click=partial(self.asked.emit, "sections"))
        self.all.setObjectName(f"{tab}-sections-{current}")
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
        self,
        tab: str,
        names: Sequence[SectionName],
        current: str,
        title: str = "",
        facts: str = "",
        actions: Sequence[QWidget] = (),
    ) -> None:
        self.bar = SectionBar(tab, names, current)
        super().__init__(title, facts, (), actions, beside=self.bar)

    def set_compact(self, compact: bool) -> None:
        """The links stand behind one button in one column."""
        self.bar.set_compact(compact)


class SectionsPage(Card):
    """The sections one below the other, for a page of one column."""

    asked = Signal(str)

    def __init__(self, tab: str, names: Sequence[SectionName], parent: QWidget | None = None) -> None:
        super().__init__(decision=True, margins=(24, 16, 24, 18), parent=parent)
        self.body.addWidget(Label("Sections", "section"))
        self.buttons: list[Button] = []
        for number, name in enumerate(names, 1):
            act = partial(self.asked.emit, name.key)
            button = Button(name.title, icon=name.icon, key=f"Alt {number}", on_click=act, shortcut=False)
            button.setObjectName(f"{tab}-to-{name.key}")
            self.buttons.append(button)
            self.body.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addStretch(1)

    def focus_first(self) -> None:
        """Goes to the first of them."""
        self.buttons[0].setFocus(Qt.FocusReason.OtherFocusReason)


class Section(Page):
    """One section of a tab: a list, and what is chosen in it (`panes`). It reads again only when a change
    touches its `tables`. A slice's own base names its `key` and all its sections (`names`)."""

    names: tuple[SectionName, ...] = ()
    name = ""
    tables: tuple[str, ...] = ()
    panes: TwoCards
    section_asked = Signal(str)

    def __init__(self, shell: Shell, title: str, actions: Sequence[QWidget] = ()) -> None:
        super().__init__(shell)
        self.head = SectionHead(self.key, self.names, self.name, title, actions=actions)
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

    def join_list(self, cards: ListCard, deck: Deck) -> None:
        """Arrows in the list choose, Enter opens, a click picks; the deck's button leads back to the list."""
        deck.list_asked.connect(self._to_list)
        cards.list.chosen.connect(self.choose)
        cards.list.opened.connect(self.open)
        cards.picked.connect(self.pick)

    def choose(self, record_id: str) -> None:
        """Shows one of the list beside it."""

    def _to_list(self) -> None:
        """Goes back to the list."""

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
        if (panes := getattr(self, "panes", None)) is not None:
            panes.set_compact(compact)
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


class SectionsTab(Page):
    """A tab of sections: it hands everything on to the one on show. Alt+1, Alt+2 … lead to them.

    A slice gives `key`, `names`, the tables it reads again for (`prefixes`), and which section owns a type of
    record (`owners`; the first section where none does).
    """

    names: tuple[SectionName, ...] = ()
    prefixes: tuple[str, ...] = ()
    owners: Mapping[str, str] = {}

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(shell, parent)
        self.built: dict[str, Any] = {}  # Section, or a page with the same acts
        self._stale: set[str] = set()
        self._waiting: dict[str, int] = {}
        self.stack = QStackedWidget()
        self.sections_page = SectionsPage(self.key, self.names)
        self.sections_page.asked.connect(self.open_section)
        self.stack.addWidget(self.sections_page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.stack)
        self.section = self.names[0].key
        self._add(self.section, self.make_first())
        self.stack.setCurrentWidget(self.built[self.section])
        for number, name in enumerate(self.names, 1):
            shortcut = QShortcut(QKeySequence(f"Alt+{number}"), self)
            shortcut.activated.connect(partial(self.open_section, name.key))

    def make_first(self) -> QWidget:
        """Builds the section that the tab opens on."""
        raise NotImplementedError

    def counts(self) -> dict[str, int]:
        """How many things wait for this person, by section."""
        return {}

    def _add(self, key: str, section: Any) -> None:
        self.built[key] = section
        section.section_asked.connect(self.open_section)
        self.stack.addWidget(section)

    @property
    def current(self) -> Any:
        """The section on show, or the one the page of sections was opened from."""
        return self.built[self.section]

    def open_section(self, key: str) -> Any:
        """Turns to a section, building it the first time; "sections" is the page of all of them."""
        if self.stack.currentWidget() is not self.sections_page:
            self.current.leave()
        if key == "sections":
            self.stack.setCurrentWidget(self.sections_page)
            self.sections_page.focus_first()
            return self.current
        if key not in self.built:
            module = next(name.module for name in self.names if name.key == key)
            made: Section = importlib.import_module(module).SectionPage(self.shell)
            self._add(key, made)
            made.set_compact(self.compact)
            made.head.bar.set_waiting(self._waiting)
            self._stale.add(key)
        self.section = key
        section = self.built[key]
        self.stack.setCurrentWidget(section)
        if key in self._stale:
            self._stale.discard(key)
            section.refresh(None)
        section.focus_first()
        return section

    def refresh(self, changed: Changed | None) -> None:
        """Tells the section on show; the others read again when they are turned to."""
        if changed is not None and not changed.touches(*self.prefixes):
            return
        for key, section in self.built.items():
            if key == self.section:
                section.refresh(changed)
            elif changed is None or not isinstance(section, Section) or changed.touches(*section.tables):
                self._stale.add(key)
        self._waiting = self.counts()
        for section in self.built.values():
            section.head.bar.set_waiting(self._waiting)

    def open_record(self, type_name: str, record_id: str) -> bool:
        """Shows a record in the section that owns it; False when it is not here."""
        section = self.open_section(self.owners.get(type_name, self.names[0].key))
        return bool(section.open_record(type_name, record_id))

    def record(self) -> tuple[str, str] | None:
        """What is open in the section on show."""
        found: tuple[str, str] | None = self.current.record()
        return found

    def leave(self) -> None:
        """Leaves the section on show."""
        self.current.leave()

    def set_compact(self, compact: bool) -> None:
        """Passes it on to every section."""
        super().set_compact(compact)
        for section in self.built.values():
            section.set_compact(compact)
        if not compact and self.stack.currentWidget() is self.sections_page:
            self.stack.setCurrentWidget(self.current)
