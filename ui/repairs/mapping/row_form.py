"""The form beside the outline: the words of a question, or an answer with the leaf it ends at.

What is typed is told at every letter by `changed`; faults of the row are named above its fields.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.repairs.mapping import editing
from app.repairs.mapping.outline import OutlineRow
from app.repairs.mapping.views import EditionView
from app.repairs.tables import Tables
from ui.deck import acts
from ui.widgets import Banner, Button, CheckBox, ComboBox, Field, Label, LineEdit, ScrollColumn, TextArea

LEAF, QUESTION = "leaf", "question"
SOLE = "sole_facility"  # a fact of the problem that rules of the council ask about
SIGNIFICANT = (
    ("For nobody", "no"),
    ("For people at risk", "at_risk"),
    ("For anybody", "anyone"),
)


class RowForm(QWidget):
    """One row of the outline, to read or to change."""

    changed = Signal(str, dict)  # "question", "answer" or "outcome", and the fields
    leads_asked = Signal(str)  # LEAF, QUESTION or the id of an exit
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row: OutlineRow | None = None
        self._filling = False
        scroll = ScrollColumn((0, 0, 8, 0))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scroll)
        body = scroll.body
        body.setSpacing(10)
        self.back = Button("Outline", icon="panel-left", key="Esc", on_click=self.left.emit, shortcut=False)
        self.back.setObjectName("mapping-to-outline")
        self.back.hide()
        self.title = Label("", "section", wrap=True)
        self.about = Label("", "hint", "muted", wrap=True)
        self.wrong = Banner("", "danger", "circle-alert")
        self.wrong.hide()
        for widget in (acts(self.back), self.title, self.about, self.wrong):
            body.addWidget(widget)
        self.question_part = _Part()
        self.answer_part = _Part()
        self.leaf_part = _Part()
        for part in (self.question_part, self.answer_part, self.leaf_part):
            body.addWidget(part)
        body.addStretch(1)
        self._build_question()
        self._build_answer()
        self._build_leaf()
        self.show_row(None, None, None, False)

    def _build_question(self) -> None:
        part = self.question_part
        self.ask = part.text("question", "ask", "What is asked", "Read aloud as it stands", self._tell)
        self.help = part.area("question", "help", "Help for asking it", "Under the question", self._tell)
        self.why = part.area("question", "why", "Why we ask", "Beside the question", self._tell)
        self.label = part.text("question", "label", "In one word", "As the trail names it", self._tell)

    def _build_answer(self) -> None:
        part = self.answer_part
        self.text = part.text("answer", "text", "Answer", "As it is read out", self._tell)
        self.hint = part.text("answer", "hint", "Hint", "Small print beneath it", self._tell)
        self.short = part.text("answer", "short", "In few words", "For the trail and the title", self._tell)
        self.leads = ComboBox(name="It leads to")
        self.leads.setObjectName("mapping-leads")
        part.column.addWidget(Field("It leads to", self.leads))
        self.leads.activated.connect(self._leads)

    def _build_leaf(self) -> None:
        part = self.leaf_part
        self.code = part.text(
            "outcome", "code", "Schedule of rates code", "Kept letter by letter, zeros too", self._tell
        )
        self.work = part.text("outcome", "label", "Work", "As the work order names it", self._tell)
        self.trade = part.text("outcome", "trade", "Trade", "Who mends it", self._tell)
        self.band = part.choice("outcome", "band", "Band", "The council’s own time", self._tell)
        self.hazard = part.choice("outcome", "hazard", "Hazard", "Its clocks of the law may run", self._tell)
        self.significant = part.choice("outcome", "significant", "May be significant", "", self._tell)
        self.group = part.choice(
            "outcome", "group", "Group", "Rules of the council may bring its date forward", self._tell
        )
        self.sole = CheckBox("It is the only one in the home")
        self.sole.setObjectName("mapping-sole")
        self.sole.toggled.connect(self._sole_changed)
        part.column.addWidget(self.sole)
        self.rights = part.text(
            "outcome", "rights", "Right to Repair", "RTR-14, or several", self._rights_typed
        )
        self.rights_words = Label("", "hint", "muted", wrap=True)
        part.column.addWidget(self.rights_words)
        self._defects: dict[str, str] = {}

    def set_tables(self, known: Tables, bands: Mapping[str, str], groups: Sequence[str]) -> None:
        """Offers the bands, hazards, groups and prescribed defects of the tables in force."""
        _offer(self.band, [("Not chosen yet", ""), *((label, code) for code, label in bands.items())])
        hazards = [(hazard.title, code) for code, hazard in known.hazards.items()]
        _offer(self.hazard, [("None", ""), *hazards])
        _offer(self.significant, SIGNIFICANT)
        _offer(self.group, [("None", ""), *((group.replace("_", " "), group) for group in groups)])
        self._defects = {code: defect.title for code, defect in known.right_to_repair.defects.items()}

    # Showing

    def show_row(
        self, view: EditionView | None, row: OutlineRow | None, wrong: Sequence[str] | None, may: bool
    ) -> None:
        """Shows a row of an edition; nothing at all without one. `may` is whether it can be changed."""
        self.row = row
        self._filling = True
        for part in (self.question_part, self.answer_part, self.leaf_part):
            part.setVisible(False)
        self.wrong.setVisible(bool(wrong))
        if wrong:
            self.wrong.set_text(" ".join(f"{w[:1].upper()}{w[1:]}." for w in wrong))
        if view is None or row is None:
            self.title.setText("Choose a question or an answer")
            self._say("Arrows move, Right opens, Enter edits.")
        elif not row.answer:
            self._show_question(view, row, may)
        else:
            self._show_answer(view, row, may)
        self._filling = False

    def _show_question(self, view: EditionView, row: OutlineRow, may: bool) -> None:
        question = view.body["questions"][row.question]
        self.title.setText("Question")
        told = (
            "Every edition asks this first; only its words may change."
            if row.question in editing.FIXED
            else ""
        )
        self.about.setText(told)
        self.question_part.show_values(question, may)
        self.question_part.setVisible(True)

    def _show_answer(self, view: EditionView, row: OutlineRow, may: bool) -> None:
        answers = view.body["questions"][row.question]["answers"]
        answer = next(a for a in answers if a["value"] == row.answer)
        self.title.setText("Answer")
        self.answer_part.show_values(answer, may)
        self.answer_part.setVisible(True)
        exits = [(f"Way out: {e['title']}", key) for key, e in view.body["exits"].items()]
        offered = [("A leaf with a code", LEAF), ("A further question", QUESTION), *exits]
        now = QUESTION if answer.get("next") else answer.get("exit") or LEAF
        _offer(self.leads, offered)
        self.leads.setCurrentIndex(max(0, self.leads.findData(now)))
        free = may and row.question not in editing.FIXED
        self.leads.setEnabled(free and not answer.get("next"))
        self._say("")
        outcome = view.body["outcomes"].get(answer.get("outcome", ""))
        if outcome is None:
            if answer.get("next"):
                self._say("It leads to the question under it. Right opens it.")
            return
        ways = editing.ways_to(view.body, answer["outcome"])
        if ways > 1:
            self._say(f"{ways} answers end at this leaf; a change holds for all of them.")
        rights = outcome.get("right_to_repair", ())
        same = _codes(self.rights.text()) == list(rights)
        shown = {"significant": "no", **outcome, "rights": self.rights.text() if same else ", ".join(rights)}
        self.leaf_part.show_values(shown, may)
        self.sole.setChecked(SOLE in outcome.get("facts", ()))
        self.sole.setEnabled(may)
        self._say_rights(rights)
        self.leaf_part.setVisible(True)

    def _say(self, words: str) -> None:
        self.about.setText(words)
        self.about.setVisible(bool(words))

    def _say_rights(self, codes: Sequence[str]) -> None:
        words = "; ".join(self._defects.get(code, f"{code} is not known") for code in codes)
        self.rights_words.setText(words)
        self.rights_words.setVisible(bool(words))

    # What is typed

    def _tell(self, what: str, field: str, value: str) -> None:
        if not self._filling:
            self.changed.emit(what, {field: value})

    def _sole_changed(self, on: bool) -> None:
        if not self._filling:
            self.changed.emit("outcome", {"facts": [SOLE] if on else []})

    def _rights_typed(self, what: str, _field: str, text: str) -> None:
        if not self._filling:
            self._say_rights(_codes(text))
            self.changed.emit(what, {"right_to_repair": _codes(text)})

    def _leads(self, _number: int) -> None:
        if not self._filling:
            self.leads_asked.emit(str(self.leads.currentData()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back to the outline."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return
        super().keyPressEvent(event)

    def focus_first(self) -> None:
        """Goes to the first field on show."""
        first: QWidget = self.ask
        if self.answer_part.isVisible():
            first = self.text
        first.setFocus(Qt.FocusReason.OtherFocusReason)
        if isinstance(first, LineEdit):
            first.selectAll()


class _Part(QWidget):
    """Some fields of the form, filled from a dictionary by their names."""

    def __init__(self) -> None:
        super().__init__()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(10)
        self.fields: dict[str, QWidget] = {}

    def text(self, what: str, name: str, label: str, hint: str, tell: Any) -> LineEdit:
        """A field of one line."""
        editor = LineEdit()
        editor.setMaxLength(200)
        editor.textEdited.connect(lambda text: tell(what, name, text))
        self._add(name, label, hint, editor)
        return editor

    def area(self, what: str, name: str, label: str, hint: str, tell: Any) -> TextArea:
        """A field of some lines."""
        editor = TextArea(lines=2, most=6, longest=600)
        editor.textChanged.connect(lambda: tell(what, name, editor.text()))
        self._add(name, label, hint, editor)
        return editor

    def choice(self, what: str, name: str, label: str, hint: str, tell: Any) -> ComboBox:
        """A field to choose in."""
        editor = ComboBox()
        editor.activated.connect(lambda _n: tell(what, name, str(editor.currentData())))
        self._add(name, label, hint, editor)
        return editor

    def _add(self, name: str, label: str, hint: str, editor: QWidget) -> None:
        editor.setObjectName(f"mapping-{name}")
        self.fields[name] = editor
        self.column.addWidget(Field(label, editor, hint))

    def show_values(self, values: Mapping[str, Any], may: bool) -> None:
        """Fills the fields, only where they differ, so that the caret stays."""
        for name, editor in self.fields.items():
            value = str(values.get(name, "") or "")
            if isinstance(editor, LineEdit):
                if editor.text() != value:
                    editor.setText(value)
                    editor.setCursorPosition(0)
                editor.setReadOnly(not may)
            elif isinstance(editor, TextArea):
                editor.set_text(value)
                editor.setReadOnly(not may)
            elif isinstance(editor, ComboBox):
                number = editor.findData(value)
                if number < 0:
                    editor.addItem(value, value)
                    number = editor.count() - 1
                editor.setCurrentIndex(number)
                editor.setEnabled(may)


def _codes(text: str) -> list[str]:
    """The codes in a line, by commas or spaces."""
    return text.replace(",", " ").upper().split()


def _offer(box: ComboBox, items: Sequence[tuple[str, str]]) -> None:
    """Replaces what a box offers, keeping its choice, where it differs."""
    if [(box.itemText(n), box.itemData(n)) for n in range(box.count())] == list(items):
        return
    kept = box.currentData()
    box.clear()
    for words, value in items:
        box.addItem(words, value)
    box.setCurrentIndex(max(0, box.findData(kept)))
    box.updateGeometry()
