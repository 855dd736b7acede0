"""Choosing what to share: every line as it would be printed, none ticked beforehand."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.wellbeing.sharing import Line
from app.wording import plural
from ui.theme import theme
from ui.wellbeing.parts import Sheet, named
from ui.widgets import Button, CheckBox, ErrorSummary, Label, QuietNote, clear_layout
from ui.widgets import Line as Hairline


class ShareView(Sheet):
    """The lines with a box each. `paper_asked` carries the names of the ticked ones."""

    paper_asked = Signal(list)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "Choose what to share",
            "Only what you tick is put on paper. Single answers never are.",
            pinned=True,
            parent=parent,
        )
        self.boxes: dict[str, CheckBox] = {}
        self._texts: list[Label] = []
        self.errors = ErrorSummary()
        self._lines = QVBoxLayout()
        self._lines.setSpacing(2)
        self.count = Label("", "body", "muted")
        self.count.setObjectName("wellbeing-chosen")
        self.note = QuietNote(
            "Before you hand it over",
            "Once somebody has the paper, you cannot take back what they read. Holdall keeps no copy of it "
            "and sends it to nobody: it is a file that you save where you like.",
        )
        self.paper = named(
            Button("Look at the paper", icon="file-text", big=True, on_click=self._ask), "paper"
        )
        self.cancel = named(
            Button("Back", icon="arrow-left", key="Esc", big=True, on_click=self.left.emit), "share-back"
        )
        self.body.addWidget(self.errors)
        self.body.addLayout(self._lines)
        for part in (self.paper, self.cancel, self.count):
            self.acts.add(part)
        self.beside(self.note)

    def restyle(self) -> None:
        """The words of a line stand under the words of its box."""
        super().restyle()
        for text in getattr(self, "_texts", ()):
            text.setContentsMargins(theme().icon_size(20) + 9, 0, 0, 4)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Shows the lines, none of them ticked."""
        clear_layout(self._lines)
        self.boxes, self._texts = {}, []
        self.errors.show_errors([])
        for number, line in enumerate(lines):
            if number:
                self._lines.addWidget(Hairline())
            box = CheckBox(line.label)
            box.setObjectName(f"wellbeing-share-{line.id}")
            box.setAccessibleDescription(line.text)
            box.toggled.connect(lambda _on: self._tell())
            text = Label(line.text, "body", "muted", wrap=True)
            self._texts.append(text)
            self._lines.addWidget(box)
            self._lines.addWidget(text)
            self.boxes[line.id] = box
        self.restyle()
        self._tell()

    def chosen(self) -> list[str]:
        """The names of the ticked lines, in the order of the paper."""
        return [name for name, box in self.boxes.items() if box.isChecked()]

    def _tell(self) -> None:
        count = len(self.chosen())
        self.count.setText(f"{plural(count, 'line')} chosen" if count else "Nothing is chosen")
        if count:
            self.errors.show_errors([])

    def _ask(self) -> None:
        chosen = self.chosen()
        if not chosen and self.boxes:
            first = next(iter(self.boxes.values()))
            self.errors.show_errors([("Tick at least one line", first)])
            return
        self.paper_asked.emit(chosen)
