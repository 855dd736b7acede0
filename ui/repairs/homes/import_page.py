"""The dry run of a property list: what would come in, what changes, what is kept aside and why."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.repairs.homes.columns import LABELS
from app.repairs.homes.importing import Plan, change_words
from app.repairs.homes.property_list import Fault
from app.wording import listed, plural
from models.repairs import Kind
from ui.deck import DeckView
from ui.widgets import (
    Banner,
    Button,
    CheckBox,
    Column,
    Label,
    Line,
    Row,
    Table,
    WrapRow,
)

MOST_SHOWN = 500  # rows of each table; the CSV has them all
TENURES = (
    (Kind.TENANT, "Council tenants"),
    (Kind.LEASEHOLD, "Leaseholders"),
    (Kind.COMMUNAL, "Shared parts of blocks"),
)
_FAULT_COLUMNS = (
    Column("Row", 56, figures=True),
    Column("Column", 96, muted=True, optional=True),
    Column("What is wrong", 260, stretch=True),
)
_CHANGE_COLUMNS = (Column("Home", 190), Column("What changes", 240, stretch=True))
_GONE_COLUMNS = (Column("Reference", 84, muted=True), Column("Home", 240, stretch=True))


class Figure(QWidget):
    """A count with its words below it."""

    def __init__(self, words: str) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.count, self.words = Label("0", "subfigure"), Label(words, "hint", "muted", wrap=True)
        column.addWidget(self.count)
        column.addWidget(self.words)

    def set_count(self, count: int, tone: str = "text") -> None:
        """Changes the count; what somebody has to look at has a tone."""
        self.count.setText(f"{count:,}")
        self.count.set_tone(tone if count else "muted")


class ImportPage(DeckView):
    """Shows what a list would do. It asks upward: bring it in, take proposals, save the faults."""

    apply_asked = Signal(bool)  # whether homes that are gone are marked
    proposals_asked = Signal(bool)
    faults_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("What this list would do", parent)
        self.plan: Plan | None = None
        self.intro = Label("", wrap=True)
        self.much = Banner("", "warn", "triangle-alert", title="Not the whole list?")
        self.passed = Label("", "hint", "muted", wrap=True)
        self.figures = {
            "new": Figure("new homes"),
            "changed": Figure("changed"),
            "same": Figure("as they are"),
            "aside": Figure("kept aside"),
            "gone": Figure("here, not in the list"),
        }
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        for place, figure in enumerate(self.figures.values()):
            grid.addWidget(figure, 0, place)
        self.take = CheckBox("Take the postcodes as proposed")
        self.take.setObjectName("repairs-import-take")
        self.take.toggled.connect(self.proposals_asked)
        self.mark = CheckBox("Mark homes that are not in the list: no repairs there")
        self.mark.setObjectName("repairs-import-mark")
        self.faults_title = Label("Kept aside, or without a cell", "section")
        self.faults = Table(_FAULT_COLUMNS, name="What is wrong, row by row")
        self.faults.setObjectName("repairs-import-faults")
        self.changes_title = Label("What changes", "section")
        self.changes = Table(_CHANGE_COLUMNS, name="What changes, home by home")
        self.changes.setObjectName("repairs-import-changes")
        self.gone_title = Label("Here, and not in the list", "section")
        self.gone = Table(_GONE_COLUMNS, name="Homes that are not in the list")
        self.gone.setObjectName("repairs-import-gone")
        self.rows.addWidget(self.intro)
        self.rows.addWidget(self.much)
        self.rows.addLayout(grid)
        self.rows.addWidget(self.take)
        self.rows.addWidget(self.mark)
        self.rows.addWidget(self.passed)
        self.more: dict[str, Label] = {}
        for title, table in self._tables():
            self.rows.addWidget(title)
            self.rows.addWidget(table)
            self.more[table.objectName()] = Label("", "hint", "muted")
            self.rows.addWidget(self.more[table.objectName()])
        self.rows.addStretch(1)
        self._build_acts()

    def _tables(self) -> tuple[tuple[Label, Table], ...]:
        return (
            (self.faults_title, self.faults),
            (self.changes_title, self.changes),
            (self.gone_title, self.gone),
        )

    def _build_acts(self) -> None:
        self.go = Button("Bring in", "primary", key="Ctrl Enter", on_click=self._go)
        self.go.setObjectName("repairs-import-go")
        self.save_faults = Button(
            "Save what is wrong", icon="file-down", key="Ctrl S", on_click=self.faults_asked.emit
        )
        self.save_faults.setObjectName("repairs-import-save-faults")
        self.leave = Button("Leave it", icon="arrow-left", key="Esc", on_click=self.left.emit)
        self.leave.setObjectName("repairs-import-leave")
        self.foot.addWidget(WrapRow([self.go, self.leave, self.save_faults], 8))

    def show_plan(self, plan: Plan, take: bool) -> None:
        """Shows a plan; `take` says that proposed postcodes are taken in it."""
        self.plan = plan
        names = listed([f"“{name}”" for name in plan.names])
        self.intro.setText(f"{plural(plan.read, 'row')} of {names} were read. Nothing is written yet.")
        for key, count in (
            ("new", len(plan.new)),
            ("changed", len(plan.changed)),
            ("same", plan.same),
            ("aside", len(plan.aside)),
            ("gone", len(plan.gone)),
        ):
            tone = {"aside": "danger", "gone": "warn"}.get(key, "text")
            self.figures[key].set_count(count, tone)
        self.much.setVisible(plan.much_gone)
        self.much.set_text(f"{plural(len(plan.gone), 'home')} that stand here are not in it.")
        self.passed.setVisible(bool(plan.passed_over))
        passed = listed(list(dict.fromkeys(plan.passed_over))[:12])
        self.passed.setText(f"These columns mean nothing here and are passed over: {passed}.")
        self.take.blockSignals(True)
        self.take.setChecked(take)
        self.take.blockSignals(False)
        self.take.setVisible(bool(plan.proposals))
        self.take.setText(f"Take {plural(plan.proposals, 'postcode')} as proposed (O for 0, I for 1)")
        self.mark.setVisible(bool(plan.gone))
        self.mark.setChecked(False)
        self._fill(self.faults_title, self.faults, [_fault_row(n, f) for n, f in enumerate(plan.faults)])
        changes = [Row(c.home_id, (c.address, change_words(c))) for c in plan.changed[:MOST_SHOWN]]
        self._fill(self.changes_title, self.changes, changes, len(plan.changed))
        gone = [Row(g.home_id, (g.reference, g.address)) for g in plan.gone[:MOST_SHOWN]]
        self._fill(self.gone_title, self.gone, gone, len(plan.gone))
        self.save_faults.setVisible(bool(plan.faults))
        self.go.setText(_go_words(plan))

    def _fill(self, title: Label, table: Table, rows: Sequence[Row], total: int | None = None) -> None:
        count = len(rows) if total is None else total
        shown = rows[:MOST_SHOWN]
        table.set_rows(shown)
        for widget in (title, table):
            widget.setVisible(bool(shown))
        more = self.more[table.objectName()]
        more.setVisible(count > len(shown))
        more.setText(f"The first {len(shown):,} of {count:,}.")
        table.setFixedHeight(table.row_height() * (min(len(shown), 8) + 1) + 12)

    def focus_first(self) -> None:
        """The act."""
        self.go.setFocus(Qt.FocusReason.OtherFocusReason)

    def _go(self) -> None:
        self.apply_asked.emit(self.mark.isChecked() and bool(self.plan and self.plan.gone))


def _fault_row(number: int, fault: Fault) -> Row:
    words = f"{fault.words[:1].upper()}{fault.words[1:]}"
    chip = "came in" if fault.kept else ""
    return Row(str(number), (f"{fault.row:,}", LABELS.get(fault.column, ""), words), chip=chip)


def _go_words(plan: Plan) -> str:
    if plan.nothing:
        return "Done: nothing changes"
    parts = [plural(len(plan.new), "new home")] if plan.new else []
    parts += [plural(len(plan.changed), "change")] if plan.changed else []
    return f"Bring in {' and '.join(parts)}"


class TenureQuestion(DeckView):
    """Asks whose homes a list is about that does not say."""

    answered = Signal(object)  # Kind

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Whose homes are in this list?", parent)
        self.intro = Label("", wrap=True)
        self.rows.addWidget(self.intro)
        self.buttons: list[Button] = []
        for number, (kind, words) in enumerate(TENURES, 1):
            button = Button(words, key=str(number), on_click=partial(self.answered.emit, kind))
            button.setObjectName(f"repairs-import-{kind.value}")
            self.buttons.append(button)
            self.rows.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.rows.addStretch(1)
        self.leave = Button("Leave it", icon="arrow-left", key="Esc", on_click=self.left.emit)
        self.leave.setObjectName("repairs-import-tenure-leave")
        self.foot.addWidget(Line())
        self.foot.addWidget(self.leave, 0, Qt.AlignmentFlag.AlignLeft)

    def ask(self, names: Sequence[str]) -> None:
        """Names the file."""
        shown = listed([f"“{name}”" for name in names])
        self.intro.setText(f"{shown} has no column for the tenure, and its name does not tell.")

    def focus_first(self) -> None:
        """The first answer."""
        self.buttons[0].setFocus(Qt.FocusReason.OtherFocusReason)
