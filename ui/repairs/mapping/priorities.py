"""The priorities of a council's file, each with the band of ours that it means."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Signal

from app.repairs.mapping.views import EditionView
from ui.deck import DeckView, acts
from ui.widgets import Button, ComboBox, Field, Label, clear_layout


class PrioritiesView(DeckView):
    """One box for each priority; choosing a band sets it in every leaf that has the priority."""

    chosen = Signal(str, str)

    def __init__(self) -> None:
        super().__init__("Priorities")
        self.boxes: dict[str, ComboBox] = {}
        self.back = Button("Back to the questions", "primary", key="Esc", on_click=self.left.emit)
        self.back.setObjectName("mapping-priorities-back")
        self.foot.addWidget(acts(self.back))

    def show_view(self, view: EditionView, bands: Mapping[str, str]) -> None:
        """Shows the priorities of an edition; boxes stay where they are the same ones."""
        self.title = f"Priorities in {view.row.name}"
        found = view.priorities
        if list(self.boxes) != list(found):
            self._build(view, found, bands)
        for priority, box in self.boxes.items():
            box.setCurrentIndex(max(0, box.findData(found[priority])))

    def _build(self, view: EditionView, found: Mapping[str, str], bands: Mapping[str, str]) -> None:
        clear_layout(self.rows)
        self.boxes = {}
        intro = "The file names these priorities. Choose which of the council’s times each one means."
        self.rows.addWidget(Label(intro, wrap=True))
        for number, priority in enumerate(found):
            count = sum(o.get("priority") == priority for o in view.body["outcomes"].values())
            words = f"“{priority}”" if priority else "No priority named"
            box = ComboBox([("Not chosen yet", ""), *((label, code) for code, label in bands.items())])
            box.setObjectName(f"mapping-priority-{number}")
            box.activated.connect(partial(self._chosen, priority))
            self.boxes[priority] = box
            self.rows.addWidget(
                Field(words, box, f"{count:,} leaves have it" if count != 1 else "1 leaf has it")
            )
        self.rows.addStretch(1)

    def _chosen(self, priority: str, _number: int) -> None:
        self.chosen.emit(priority, str(self.boxes[priority].currentData() or ""))

    def focus_first(self) -> None:
        """Goes to the first priority that has no band yet."""
        waiting = [box for box in self.boxes.values() if not box.currentData()]
        for box in (waiting or list(self.boxes.values()))[:1]:
            box.setFocus()
