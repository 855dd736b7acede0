"""The dated tables and the days of cold: to read, and for a lead to read in or to declare."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.repairs.mapping.cold_spells import SpellView
from app.repairs.mapping.table_views import TableView
from app.wording import plural
from models.errors import HoldallError
from models.repairs import TableKind
from ui.deck import DeckView, acts
from ui.theme import theme
from ui.widgets import (
    Banner,
    Button,
    Column,
    DateBoxes,
    Field,
    Item,
    Label,
    LineEdit,
    Row,
    Table,
    TwoLineList,
)

_COLUMNS = (
    Column("What", 220, stretch=True),
    Column("How long or when", 150),
    Column("From", 116, muted=True),
    Column("Source", 200, muted=True, optional=True),
)
_HINTS = {
    TableKind.HOLIDAYS: "The JSON file that GOV.UK publishes, or one of Holdall’s own shape.",
    TableKind.BANDS: "A JSON file of Holdall’s own shape: see the help. It holds from its own day on.",
    TableKind.RULES: "A JSON file of Holdall’s own shape: see the help. Each rule holds from its day.",
}


class TablesView(QWidget):
    """One dated table."""

    file_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.title, self.side = "", ""
        self.facts = Label("", "body", "muted", wrap=True)
        self.warning = Banner("", "warn", "triangle-alert")
        self.warning.hide()
        self.table = Table(_COLUMNS, name="Table")
        self.table.setObjectName("mapping-table-rows")
        self.whole = Label("", "body", wrap=True)
        self._rows: dict[str, str] = {}
        self.table.row_chosen.connect(self._chosen)
        self.read_in = Label("", "hint", "muted", wrap=True)
        self.file = Button("Read a file…", icon="file-input", on_click=self.file_asked.emit)
        self.file.setObjectName("mapping-table-file")
        self.hint = Label("", "hint", "muted", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.facts)
        column.addWidget(self.warning)
        column.addWidget(self.table, 1)
        column.addWidget(self.whole)
        column.addWidget(self.read_in)
        column.addWidget(acts(self.file))
        column.addWidget(self.hint)

    def show_table(self, view: TableView, may: bool) -> None:
        """Shows a table; `may` is whether a file can be read in."""
        self.title, self.side = view.title, plural(len(view.rows), "row")
        self.table.setAccessibleName(view.title)
        self.facts.setText(view.facts)
        self.warning.setVisible(bool(view.warnings))
        self.warning.set_text(" ".join(view.warnings))
        self._rows = {
            r.id: ", ".join(p for p in (r.what, r.value, r.since, r.source) if p) for r in view.rows
        }
        self.whole.hide()
        self.table.set_rows([Row(r.id, (r.what, r.value, r.since, r.source)) for r in view.rows])
        self.read_in.setText(
            f"Read in: {'; '.join(view.read_in[:3])}." if view.read_in else "As Holdall came."
        )
        self.file.setVisible(may)
        self.hint.setVisible(may)
        self.hint.setText(_HINTS[view.kind])

    def _chosen(self, row_id: str) -> None:
        """Says the chosen row whole, which the table may cut."""
        self.whole.setText(f"{self._rows.get(row_id, '')}.")
        self.whole.show()

    def focus_first(self) -> None:
        """Goes to the rows."""
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)


class ColdView(DeckView):
    """Days of cold that were declared, and a form to declare more."""

    declared = Signal(object, object, object, str)  # first day, last day or None, degrees or None, source
    end_asked = Signal(str)
    remove_asked = Signal(str)

    def __init__(self) -> None:
        super().__init__("Cold spells")
        self._count = 0
        intro = "On these days the council’s rules for severe weather hold, and some dates come forward."
        self.intro = Label(intro, wrap=True)
        self.list = TwoLineList(name="Cold spells")
        self.list.setObjectName("mapping-spells")
        self.none = Label("No cold spell was declared.", "body", "muted")
        self.end = Button("It is over today", on_click=lambda: self._of_chosen(self.end_asked.emit))
        self.end.setObjectName("mapping-spell-end")
        self.remove = Button(
            "Take it back", "danger", "trash-2", on_click=lambda: self._of_chosen(self.remove_asked.emit)
        )
        self.remove.setObjectName("mapping-spell-remove")
        self.spell_acts = acts(self.end, self.remove)
        self.form = QWidget()
        self._build()
        for widget in (self.intro, self.list, self.none, self.spell_acts, self.form):
            self.rows.addWidget(widget)
        self.rows.addStretch(1)
        self.rule.hide()
        self.list.chosen.connect(lambda _id: self._enable())

    def _build(self) -> None:
        column = QVBoxLayout(self.form)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(10)
        column.addWidget(Label("Declare a cold spell", "section"))
        self.first, self.last = DateBoxes(name="First day"), DateBoxes(name="Last day")
        days = QHBoxLayout()
        days.setSpacing(24)
        self.first_field = Field("First day", self.first)
        self.last_field = Field("Last day", self.last, "Empty while it is not known", optional=True)
        for field in (self.first_field, self.last_field):
            days.addWidget(field, 0, Qt.AlignmentFlag.AlignBottom)
        days.addStretch(1)
        column.addLayout(days)
        self.degrees = LineEdit()
        self.degrees.setObjectName("mapping-spell-degrees")
        self.degrees.setMaxLength(4)
        self.degrees_field = Field("Lowest forecast in °C", self.degrees, "Like −5", optional=True)
        self.source = LineEdit()
        self.source.setObjectName("mapping-spell-source")
        self.source.setMaxLength(120)
        self.source_field = Field("Who said so", self.source, "A warning, a forecast", optional=True)
        column.addWidget(self.degrees_field)
        column.addWidget(self.source_field)
        self.declare = Button("Declare it", "primary", on_click=self.submit)
        self.declare.setObjectName("mapping-spell-declare")
        column.addWidget(acts(self.declare))

    def show_spells(self, spells: Sequence[SpellView], may: bool) -> None:
        """Shows what was declared."""
        items = [Item(s.id, s.words, s.facts or "no forecast noted") for s in spells]
        self.list.set_groups([("Declared", items)] if items else [])
        self._count = len(items)
        self.restyle()
        self.list.setVisible(bool(items))
        self.none.setVisible(not items)
        self.form.setVisible(may)
        self.spell_acts.setVisible(may and bool(items))
        self._enable()

    def restyle(self) -> None:
        """Keeps the list as high as what stands in it, up to four spells."""
        second = theme().tall(28, "hint")
        self.list.setFixedHeight(second + min(4, max(1, self._count)) * (theme().tall(56) + second // 2))

    def _enable(self) -> None:
        for button in (self.end, self.remove):
            button.setEnabled(self.list.value() is not None)

    def _of_chosen(self, tell: Callable[[str], None]) -> None:
        if (found := self.list.value()) is not None:
            tell(found)

    def submit(self) -> None:
        """Reads the form and declares; what cannot be read is said at its field."""
        begins, problem = self.first.value(), self.first.problem()
        self.first_field.set_error(problem or (None if begins else "Write the first day"))
        self.last_field.set_error(self.last.problem())
        words = self.degrees.text().strip().replace("\u2212", "-")
        number = int(words) if words.lstrip("-").isascii() and words.lstrip("-").isdigit() else None
        self.degrees_field.set_error("Write whole degrees, like −5" if words and number is None else None)
        fields = (self.first_field, self.last_field, self.degrees_field)
        if wrong := next((f for f in fields if f.problem), None):
            wrong.focus_editor()
            return
        self.declared.emit(begins, self.last.value(), number, self.source.text())

    def clear(self) -> None:
        """Empties the form after it was declared."""
        self.first.set_value(None)
        self.last.set_value(None)
        self.degrees.clear()
        self.source.clear()

    def refuse(self, error: HoldallError) -> None:
        """Says at the first day what is to put right."""
        self.first_field.set_error(str(error))
        self.first_field.focus_editor()

    def focus_first(self) -> None:
        """Goes to the list, or to the form where there is none."""
        target = self.first if self.list.isHidden() and not self.form.isHidden() else self.list
        target.setFocus(Qt.FocusReason.OtherFocusReason)
