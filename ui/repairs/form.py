"""The list that opens on what needs me, with a look at the repair that is chosen."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.repairs import words
from app.repairs.homes.past import past_words
from app.repairs.views import RepairView
from app.repairs.worklist import Worklist
from app.wording import date_year, local_date, plural, when
from models.repairs import VisitState
from ui.repairs.items import STATE_WORDS, groups
from ui.repairs.papers import LIST_CHOICES, PapersButton
from ui.repairs.photo_viewer import show_photos
from ui.repairs.photos import PhotoStrip
from ui.repairs.sections import SectionHead
from ui.shell import Shell
from ui.theme import theme
from ui.widgets import (
    Button,
    Card,
    Chip,
    EmptyPage,
    FactList,
    Label,
    QuietNote,
    ScrollColumn,
    TwoLineList,
)

LIST_WIDTH = 640


class ListPage(QWidget):
    """Repairs by what they need. Enter opens, N begins a new one."""

    new_asked = Signal()
    open_asked = Signal(str)
    chosen = Signal(str)
    week_asked = Signal()
    paper_asked = Signal(str)

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shell = shell
        self._compact = False
        self.new = Button("New repair", "primary", "plus", key="N", on_click=self.new_asked.emit)
        self.new.setObjectName("repairs-new")
        self.week = Button("The week on paper", icon="printer", on_click=self.week_asked.emit)
        self.week.setObjectName("repairs-week")
        self.papers = PapersButton(LIST_CHOICES, self.paper_asked.emit)
        self.papers.setObjectName("repairs-papers")
        self.head = SectionHead("triage", "Repairs", actions=[self.papers, self.week, self.new])
        self.list = TwoLineList(name="Repairs")
        self.list.setObjectName("repairs-list")
        self.card = Card(flush=True)
        self.card.body.addWidget(self.list)
        self.look = self._build_look()
        self.first_new = Button("New repair", "primary", "plus", key="N", on_click=self.new_asked.emit)
        self.first_new.setObjectName("repairs-new-first")
        self.empty = EmptyPage(
            "wrench",
            "No repair yet",
            "Ask what is wrong, one question at a time. Holdall works out the date that is promised, "
            "and says why.",
            self.first_new,
        )
        self.full = QWidget()
        row = QHBoxLayout(self.full)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addWidget(self.card, 13)
        row.addWidget(self.look, 10)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.full)
        self.pages.addWidget(self.empty)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(12)
        outer.addWidget(self.head)
        outer.addWidget(self.pages, 1)
        self.list.chosen.connect(self.chosen)
        self.list.opened.connect(self.open_asked)

    def _build_look(self) -> ScrollColumn:
        pane = ScrollColumn()
        self.look_card = Card(hue=True)
        self.look_title = Label("", "section", wrap=True)
        self.look_date_words = Label("", tone="muted", wrap=True)
        self.look_date = Label("", "subfigure", wrap=True)
        self.look_why = Label("", "hint", "muted", wrap=True)
        self.facts = FactList()
        self.photos = PhotoStrip()
        self.photos.open_asked.connect(self._look_at_photo)
        self.open_button = Button("Open the repair", key="Enter", shortcut=False, on_click=self._open)
        self.open_button.setObjectName("repairs-open")
        for widget in (
            self.look_title,
            self.look_date_words,
            self.look_date,
            self.look_why,
            self.facts,
            self.photos,
        ):
            self.look_card.body.addWidget(widget)
        self.look_card.body.addSpacing(4)
        self.look_card.body.addWidget(self.open_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.past = QuietNote("Here before", "")
        pane.body.addWidget(self.look_card)
        pane.body.addWidget(self.past)
        pane.body.addStretch(1)
        return pane

    def set_compact(self, compact: bool) -> None:
        """The list alone."""
        self._compact = compact
        self.look.setVisible(not compact)

    def restyle(self) -> None:
        """Nothing of its own to size."""
        self.look.setMinimumWidth(theme().wide(280))

    def show_list(self, seen: Worklist) -> None:
        """Shows the groups; the chosen repair stays chosen, else the first is."""
        now = self.shell.context.now()
        self.pages.setCurrentWidget(self.empty if seen.empty else self.full)
        self.new.setVisible(not seen.empty)
        self.week.setVisible(not seen.empty)
        self.list.set_groups(groups(seen, now))
        open_ = len(seen.overdue) + len(seen.due_soon) + len(seen.later)
        self.head.set_facts(f"{plural(open_, 'repair')} open" if not seen.empty else "")
        chips = []
        if seen.emergencies:
            chips.append(
                Chip(
                    f"{plural(len(seen.emergencies), 'emergency', 'emergencies')} to record",
                    "danger",
                    "siren",
                )
            )
        if seen.overdue:
            chips.append(Chip(f"{len(seen.overdue)} overdue", "danger", "clock"))
        if seen.due_soon:
            chips.append(Chip(f"{len(seen.due_soon)} due soon", "warn", "clock"))
        if seen.to_finish:
            chips.append(Chip(f"{len(seen.to_finish)} to finish", "info", "pencil"))
        self.head.set_chips(chips[:3])
        if self.list.value() is None:
            self._choose_first()

    def _choose_first(self) -> None:
        for number in range(3):
            entry = self.list.entry(number)
            found = getattr(entry, "id", None)
            if found is not None:
                self.list.choose(found)
                return

    def show_look(self, view: RepairView) -> None:
        """Shows the chosen repair beside the list."""
        today = self.shell.context.today()
        self.look_title.setText(view.title)
        first = view.first
        self.look_date_words.setText(first.rule.promise if first else "There is no date yet")
        self.look_date.setText(words.due_words(first) if first else "Some questions are open")
        self.look_why.setText(
            words.reason_heading(first, view.outcome, view.who_at_risk, view.reasons) if first else ""
        )
        self.look_why.setVisible(first is not None)
        visit = view.visit
        booked = "Not asked for"
        if visit is not None and visit.choices:
            wish = next((c for c in visit.choices if c.id == visit.asking), visit.choices[0])
            state = {VisitState.CONFIRMED: "booked", VisitState.LOST: "gone"}.get(
                visit.state, "not booked yet"
            )
            booked = f"{wish.day:%A} {wish.day.day} {wish.day:%B}, {wish.label.lower()}: {state}"
        rows = [
            ("Reference", f"{view.reference}, {STATE_WORDS[view.state].lower()}"),
            ("Where", f"{view.tenant}, {view.where}" if view.tenant else view.where or "Not given"),
            ("Told us", f"{when(view.reported_at, today)}, to {view.officer}"),
            ("Visit", booked),
        ]
        if view.completed_at is not None:
            rows[-1] = ("Mended", date_year(local_date(view.completed_at)))
        self.facts.set_facts([(heading, value, None) for heading, value in rows])
        self.photos.show_photos(view.photos[:3])
        earlier = past_words(view.past)
        self.past.setVisible(bool(earlier))
        self.past.set_text(earlier)
        self.open_button.setText(
            "Go on asking" if first is None and not view.path.way.exit else "Open the repair"
        )

    def _look_at_photo(self, photo_id: str) -> None:
        show_photos(self.shell, self.photos.photos, photo_id, self)

    def _open(self) -> None:
        found = self.list.value()
        if found is not None:
            self.open_asked.emit(found)

    def focus_first(self) -> None:
        """The list."""
        target = self.list if self.pages.currentWidget() is self.full else self.first_new
        target.setFocus(Qt.FocusReason.OtherFocusReason)
