"""Two editions, or an edition and another council's file, side by side: what changed, and whose codes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.repairs.mapping.comparing import Compared
from app.repairs.mapping.diff import CHANGE_WORDS, Change
from app.repairs.mapping.views import EditionRow
from app.wording import plural
from ui.deck import acts
from ui.widgets import Button, Column, ComboBox, Field, Label, Row, Table

_COLUMNS = (
    Column("What", 96, muted=True),
    Column("Where", 140, stretch=True),
    Column("Here", 112),
    Column("There", 112),
)


class CompareView(QWidget):
    """A list of differences, filtered by what kind they are."""

    left = Signal()
    with_asked = Signal(str)  # the id of another edition
    file_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.title, self.side = "Compare", ""
        self.found: Compared | None = None
        self._shown: list[Row] = []
        self.other = ComboBox(name="Compare with")
        self.other.setObjectName("mapping-compare-with")
        self.what = ComboBox(name="Show")
        self.what.setObjectName("mapping-compare-what")
        self.file = Button("With another council’s file…", icon="file-up", on_click=self.file_asked.emit)
        self.file.setObjectName("mapping-compare-file")
        self.summary = Label("", "lead", wrap=True)
        self.summary.setObjectName("mapping-compare-summary")
        self.codes = Label("", "body", "muted", wrap=True)
        self.table = Table(_COLUMNS, name="Differences")
        self.table.setObjectName("mapping-differences")
        self.whole = Label("", "body", wrap=True)
        self.table.row_chosen.connect(self._chosen)
        self.back = Button("Back", key="Esc", on_click=self.left.emit)
        self.back.setObjectName("mapping-compare-back")
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(Field("Compare with", self.other), 1)
        top.addWidget(Field("Show", self.what), 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.summary)
        column.addWidget(self.codes)
        column.addWidget(self.table, 1)
        column.addWidget(self.whole)
        column.addWidget(acts(self.file, self.back))
        self.other.activated.connect(lambda _n: self.with_asked.emit(str(self.other.currentData() or "")))
        self.what.activated.connect(lambda _n: self._fill())

    def offer(self, name: str, rows: Sequence[EditionRow], chosen: str) -> None:
        """Offers the other editions; `chosen` is compared with first, "" for a file."""
        self.title = f"Compare {name}"
        self.other.clear()
        if not chosen:
            self.other.addItem("A file", "")
        for row in rows:
            self.other.addItem(f"{row.name} ({row.edition})", row.id)
        self.other.setCurrentIndex(max(0, self.other.findData(chosen)))

    def show_compared(self, found: Compared) -> None:
        """Shows what came of it."""
        self.found = found
        codes = found.codes
        self.summary.setText(
            found.changes.summary if found.changes is not None else f"Against {found.there}."
        )
        self.codes.setText(
            f"{plural(len(codes.shared), 'code')} in both ({codes.per_cent} % of all), "
            f"{len(codes.only_a):,} only here, {len(codes.only_b):,} only there, "
            f"{plural(len(codes.conflicts), 'place')} with another code, "
            f"{len(codes.blank_a):,} without a code here and {len(codes.blank_b):,} there."
        )
        self.what.clear()
        if found.changes is not None:
            self.what.addItem(f"All changes ({len(found.changes.lines):,})", "changes")
            for change in Change:
                count = found.changes.count(change)
                if count:
                    self.what.addItem(f"{CHANGE_WORDS[change]} ({count:,})", change.value)
        for key, words, count in (
            ("conflicts", "Same place, another code", len(codes.conflicts)),
            ("shared", "Codes in both", len(codes.shared)),
            ("only_a", "Codes only here", len(codes.only_a)),
            ("only_b", "Codes only there", len(codes.only_b)),
            ("blank", "Without a code", len(codes.blank_a) + len(codes.blank_b)),
        ):
            self.what.addItem(f"{words} ({count:,})", key)
        self.what.setCurrentIndex(0)
        self.what.updateGeometry()
        self._fill()

    def _fill(self) -> None:
        if self.found is None:
            return
        self._shown = _rows(self.found, str(self.what.currentData()))
        self.table.set_rows(self._shown)
        self.whole.setVisible(False)
        if (kept := self.table.chosen()) is not None:
            self._chosen(kept)

    def _chosen(self, row_id: str) -> None:
        """Says the chosen difference whole, which its row may cut."""
        what, where, here, there = self._shown[int(row_id)].cells
        sides = [f"here {here}" if here else "", f"there {there}" if there else ""]
        self.whole.setText(f"{what}: {where}: " + ", ".join(s for s in sides if s) + ".")
        self.whole.setVisible(True)

    def focus_first(self) -> None:
        """Goes to the list of differences."""
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)


def _rows(found: Compared, what: str) -> list[Row]:
    codes, changes = found.codes, found.changes
    if what == "conflicts":
        cells = [("Another code", c.path, c.a, c.b) for c in codes.conflicts]
    elif what == "shared":
        cells = [("In both", "", code, code) for code in codes.shared]
    elif what == "only_a":
        cells = [("Only here", "", code, "") for code in codes.only_a]
    elif what == "only_b":
        cells = [("Only there", "", "", code) for code in codes.only_b]
    elif what == "blank":
        cells = [("No code", path, "none", "") for path in codes.blank_a]
        cells += [("No code", path, "", "none") for path in codes.blank_b]
    else:
        lines = changes.lines if changes is not None else ()
        wanted = [line for line in lines if what in ("changes", line.change.value)]
        cells = [(CHANGE_WORDS[line.change], line.where, line.after, line.before) for line in wanted]
    return [Row(str(number), cell) for number, cell in enumerate(cells)]
