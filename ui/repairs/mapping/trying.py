"""An edition tried on past repairs, and the page on which a lead decides to ask by it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.repairs.mapping.diff import Diff
from app.repairs.mapping.dry_run import DryRun
from app.repairs.mapping.hints import Hint
from app.wording import day, local_date, plural
from ui.deck import DeckView, acts
from ui.widgets import Banner, Button, Column, Label, QuietNote, Row, Table

_COLUMNS = (
    Column("Repair", 96),
    Column("Reported", 74, muted=True, optional=True),
    Column("What it was", 170, stretch=True),
    Column("What would be otherwise", 260, muted=True),
)


class TryView(QWidget):
    """The last repairs under an edition: which would get another code, band or date."""

    left = Signal()
    repair_asked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.title, self.side = "Try on past repairs", ""
        self.summary = Label("", "lead", wrap=True)
        self.summary.setObjectName("mapping-tried")
        self.note = Label(
            "Their answers were asked again, or their code was looked up. Nothing has been changed.",
            "body",
            "muted",
            wrap=True,
        )
        self.table = Table(_COLUMNS, name="Repairs that would be treated otherwise")
        self.table.setObjectName("mapping-moved")
        self.whole = Label("", "body", wrap=True)
        self._sentences: dict[str, str] = {}
        self.back = Button("Back", key="Esc", on_click=self.left.emit)
        self.back.setObjectName("mapping-try-back")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self.summary, self.note):
            column.addWidget(widget)
        column.addWidget(self.table, 1)
        column.addWidget(self.whole)
        column.addWidget(acts(self.back))
        self.table.row_opened.connect(self.repair_asked)
        self.table.row_chosen.connect(self._chosen)

    def show_run(self, run: DryRun | None, name: str) -> None:
        """Shows what was found; None while it is being worked out."""
        self.title = f"Try {name}"
        self.side = "" if run is None else f"{run.replayed:,} of {run.looked_at:,} asked again as they were"
        self.summary.setText("Asking past repairs again…" if run is None else run.summary)
        rows = []
        self.whole.hide()
        for moved in run.moved if run is not None else ():
            cells = (moved.reference, day(local_date(moved.reported_at)), moved.title, moved.sentence)
            rows.append(Row(moved.repair_id, cells))
            self._sentences[moved.repair_id] = f"{moved.reference}, {moved.title}: {moved.sentence}"
        self.table.set_rows(rows)

    def _chosen(self, repair_id: str) -> None:
        """Says the chosen repair whole, which its row may cut."""
        self.whole.setText(self._sentences.get(repair_id, ""))
        self.whole.show()

    def focus_first(self) -> None:
        """Goes to the list, or back where it is empty."""
        target = self.table if self.table.model().rowCount() else self.back
        target.setFocus(Qt.FocusReason.OtherFocusReason)


class ActivateView(DeckView):
    """What asking by an edition would mean, said before it is done."""

    agreed = Signal()

    def __init__(self) -> None:
        super().__init__("Ask by this edition")
        self.lead = Label("", "lead", wrap=True)
        self.wrong = Banner("", "danger", "circle-alert")
        self.changes = Label("", "body", wrap=True)
        self.tried = Label("", "body", wrap=True)
        self.hints = QuietNote("Hazards to look at")
        self.rest = Label(
            "Repairs that were begun keep the edition they were begun by. The edition asked by until now is "
            "kept, and you can go back to it.",
            "body",
            "muted",
            wrap=True,
        )
        for widget in (self.lead, self.wrong, self.changes, self.tried, self.hints, self.rest):
            self.rows.addWidget(widget)
        self.rows.addStretch(1)
        self.go = Button("Ask by it from now on", "primary", key="Ctrl Enter", on_click=self.agreed.emit)
        self.go.setObjectName("mapping-activate")
        self.back = Button("Back", key="Esc", on_click=self.left.emit)
        self.back.setObjectName("mapping-activate-back")
        self.foot.addWidget(acts(self.go, self.back))

    def show_plan(
        self, name: str, changes: Diff | None, run: DryRun | None, hints: list[Hint], wrong: str
    ) -> None:
        """Shows the edition's name, what changes from the one asked by now, past repairs, and hints."""
        self.lead.setText(f"New repairs on every laptop will be asked by “{name}” once it has synced.")
        self.wrong.setVisible(bool(wrong))
        self.wrong.set_text(wrong)
        self.go.setVisible(not wrong)
        self.changes.setText(f"Against the edition asked by now: {changes.summary}" if changes else "")
        self.tried.setText(run.summary if run is not None else "Past repairs are being asked again…")
        self.hints.setVisible(bool(hints))
        if hints:
            shown = "; ".join(f"{h.where} (“{h.words}”)" for h in hints[:4])
            more = f"; and {len(hints) - 4:,} more" if len(hints) > 4 else ""
            leaves = plural(len(hints), "leaf that speaks", "leaves that speak")
            self.hints.set_text(
                f"{leaves} of a hazard, without naming one: no clock of the law would start. {shown}{more}."
            )

    def focus_first(self) -> None:
        """Goes to the decision, or back where there is none to make."""
        target = self.back if self.go.isHidden() else self.go
        target.setFocus(Qt.FocusReason.OtherFocusReason)
