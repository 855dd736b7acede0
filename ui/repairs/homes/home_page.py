"""The page of one home: what to know first, facts, alerts, who lives there, what was reported before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.repairs.homes.alerts import AlertView
from app.repairs.homes.flags import FlagKind
from app.repairs.homes.home_view import HomeView
from app.repairs.homes.past import PastRepair, pattern_words
from app.wording import date_year, listed, local_date
from models.repairs import AlertKind
from ui.deck import DeckView
from ui.repairs.homes.items import contact_words, past_groups, until_words
from ui.theme import theme
from ui.widgets import (
    Banner,
    Button,
    IconLabel,
    Label,
    Line,
    TwoLineList,
    WrapRow,
    clear_layout,
)

FLAG_TONES = {FlagKind.STOPPED: "danger", FlagKind.LEGAL: "danger", FlagKind.WARRANTY: "warn"}
FLAG_ICONS = {FlagKind.STOPPED: "circle-x", FlagKind.LEGAL: "scale", FlagKind.WARRANTY: "shield-check"}
MOST_ROWS = 9  # of the list of past repairs before it scrolls


class HomePage(DeckView):
    """One home. It asks upward: begin or open a repair, record a chase, alerts, consent, a legal claim."""

    begin_asked = Signal()
    open_asked = Signal(str)
    chase_asked = Signal(str)
    alert_asked = Signal()
    alert_ended = Signal(str)
    consent_ended = Signal()
    claim_asked = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.view: HomeView | None = None
        self.warnings = QVBoxLayout()
        self.facts = QGridLayout()
        self.facts.setHorizontalSpacing(18)
        self.facts.setVerticalSpacing(8)
        self.alerts, self.people, self.calls = QVBoxLayout(), QVBoxLayout(), QVBoxLayout()
        for box in (self.warnings, self.alerts, self.people, self.calls):
            box.setSpacing(6)
        self.add_alert = Button("Add an alert", "word", key="A", on_click=self.alert_asked.emit)
        self.add_alert.setObjectName("repairs-alert-add")
        self.claim = Button("", "word", on_click=self._claim)
        self.claim.setObjectName("repairs-legal-claim")
        self.past = TwoLineList(name="Repairs of the last twelve months")
        self.past.setObjectName("repairs-home-past")
        self.past.opened.connect(self.open_asked)
        self.past.chosen.connect(lambda _id: self._show_acts())
        self.none = Label("Nothing was reported here in the last twelve months.", tone="muted", wrap=True)
        self.calls_title = Label("Who rang about it", "section")
        self._build()

    def _build(self) -> None:
        self.rows.addLayout(self.warnings)
        self.rows.addLayout(self.facts)
        self.rows.addWidget(Line())
        head = QHBoxLayout()
        head.addWidget(Label("Before anybody goes there", "section"), 1)
        head.addWidget(self.add_alert)
        self.rows.addLayout(head)
        self.rows.addLayout(self.alerts)
        self.rows.addWidget(self.claim, 0, Qt.AlignmentFlag.AlignLeft)
        self.rows.addWidget(Line())
        self.rows.addWidget(Label("Who lives there", "section"))
        self.rows.addLayout(self.people)
        self.rows.addWidget(Line())
        self.rows.addWidget(Label("Repairs of the last twelve months", "section"))
        self.rows.addWidget(self.none)
        self.rows.addWidget(self.past)
        self.rows.addWidget(self.calls_title)
        self.rows.addLayout(self.calls)
        self.rows.addStretch(1)
        self.begin = Button("Begin a repair here", "primary", "plus", key="N", on_click=self.begin_asked.emit)
        self.begin.setObjectName("repairs-begin-here")
        self.chase = Button("They rang about it", icon="phone", key="R", on_click=self._chase)
        self.chase.setObjectName("repairs-chase-here")
        self.open_button = Button("Open the repair", key="Enter", shortcut=False, on_click=self._open)
        self.open_button.setObjectName("repairs-open-past")
        self.foot.addWidget(WrapRow([self.begin, self.chase, self.open_button], 8))

    # What it shows

    def show_home(self, view: HomeView, today: date) -> None:
        """Shows a home; the past repair that was chosen stays chosen."""
        self.view, self.title, self.side = view, view.address, view.postcode
        self._show_warnings(view)
        self._show_facts(view.facts)
        self._show_alerts(view.alerts)
        self._show_people(view)
        self.claim.setText("End the legal claim" if view.legal_disrepair else "Note a legal claim")
        self._show_past(view, today)

    def _show_warnings(self, view: HomeView) -> None:
        clear_layout(self.warnings)
        for flag in view.flags:
            if flag.pressing:
                self.warnings.addWidget(Banner(flag.words, FLAG_TONES[flag.kind], FLAG_ICONS[flag.kind]))
        if view.past.pattern is not None:
            self.warnings.addWidget(
                Banner(pattern_words(view.past.pattern), "warn", "droplets", title="One cause?")
            )

    def _show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        clear_layout(self.facts)
        columns = 3 if self.width() > theme().wide(520) else 2
        for place, (heading, value) in enumerate(facts):
            box = QVBoxLayout()
            box.setSpacing(0)
            box.addWidget(Label(heading, "hint", "muted"))
            box.addWidget(Label(value, wrap=True, selectable=True))
            self.facts.addLayout(box, place // columns, place % columns, Qt.AlignmentFlag.AlignTop)
        for column in range(3):
            self.facts.setColumnStretch(column, 1 if column < columns else 0)

    def _show_alerts(self, alerts: Sequence[AlertView]) -> None:
        clear_layout(self.alerts)
        if not alerts:
            self.alerts.addWidget(Label("Nothing to know.", tone="muted"))
        for alert in alerts:
            self.alerts.addLayout(self._alert_row(alert))

    def _alert_row(self, alert: AlertView) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(9)
        icon = "user-round" if alert.kind is AlertKind.PERSON else "map-pin"
        row.addWidget(IconLabel(icon, "warn", 18), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Label(alert.words, "strong", wrap=True))
        block = "of the block, " if alert.of_block else ""
        told = f"{block}{until_words(alert.expires_on)}, set by {alert.set_by}"
        words.addWidget(Label(f"{told[:1].upper()}{told[1:]}", "hint", "muted", wrap=True))
        row.addLayout(words, 1)
        if not alert.of_block:
            end = Button("End", "word", on_click=partial(self.alert_ended.emit, alert.id))
            end.setAccessibleName(f"End the alert: {alert.words}")
            end.setMinimumWidth(24)
            row.addWidget(end, 0, Qt.AlignmentFlag.AlignTop)
        return row

    def _show_people(self, view: HomeView) -> None:
        clear_layout(self.people)
        kept = view.household
        if kept is None:
            self.people.addWidget(
                Label("Nothing is kept. It is asked with each repair, with consent.", tone="muted", wrap=True)
            )
            return
        said = [kept.words] if kept.words else []
        said += [f"{listed(list(kept.risks))}"] if kept.risks else []
        self.people.addWidget(Label(". ".join(said), wrap=True))
        asked = f"Agreed on {date_year(local_date(kept.asked_at))}, asked by {kept.asked_by}"
        row = QHBoxLayout()
        row.addWidget(Label(f"{asked}. Kept {until_words(kept.expires_on)}.", "hint", "muted", wrap=True), 1)
        end = Button("They no longer agree", "word", on_click=self.consent_ended.emit)
        end.setObjectName("repairs-consent-end")
        row.addWidget(end, 0, Qt.AlignmentFlag.AlignBottom)
        self.people.addLayout(row)

    def _show_past(self, view: HomeView, today: date) -> None:
        groups = past_groups(view.past, view.chases, today)
        chosen = self.past.value()
        self.past.set_groups(groups)
        self.past.setVisible(bool(groups))
        self.none.setVisible(not groups)
        entries = sum(1 + len(items) for _name, items in groups)
        if groups:
            if chosen is None or not self.past.choose(chosen):
                self.past.choose(groups[0][1][0].id)
            heights = [self.past.sizeHintForRow(place) for place in range(min(entries, MOST_ROWS))]
            self.past.setFixedHeight(sum(heights) + 4)
        clear_layout(self.calls)
        for contact in view.contacts:
            heading, words = contact_words(contact, today)
            self.calls.addWidget(Label(heading, "hint", "muted", wrap=True))
            if words:
                self.calls.addWidget(Label(words, wrap=True))
        self.calls_title.setVisible(bool(view.contacts))
        self._show_acts()

    def _show_acts(self) -> None:
        chosen = self.chosen
        self.chase.setVisible(chosen is not None)
        self.open_button.setVisible(chosen is not None)

    @property
    def chosen(self) -> PastRepair | None:
        """The past repair that is chosen."""
        if self.view is None:
            return None
        past, wanted = self.view.past, self.past.value()
        return next((p for p in (*past.here, *past.stack, *past.block) if p.id == wanted), None)

    def focus_first(self) -> None:
        """The first act."""
        self.begin.setFocus(Qt.FocusReason.OtherFocusReason)

    # What it asks for

    def _claim(self) -> None:
        if self.view is not None:
            self.claim_asked.emit(not self.view.legal_disrepair)

    def _chase(self) -> None:
        if (chosen := self.chosen) is not None:
            self.chase_asked.emit(chosen.id)

    def _open(self) -> None:
        if (chosen := self.chosen) is not None:
            self.open_asked.emit(chosen.id)
