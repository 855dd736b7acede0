"""One edition in the deck: its outline with a search above it, the form of what is chosen, and its acts.

A draft is changed in memory and kept a moment after the last key, and at once when the page is left: an
edition is one record, and writing it at every field would only fill the outbox.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.repairs.mapping import editing, views
from app.repairs.mapping.outline import Outline, OutlineRow
from app.repairs.mapping.views import EditionView
from app.repairs.tables import Tables
from app.repairs.tree import Fault
from app.wording import plural
from models.errors import HoldallError
from models.repairs import MappingState
from ui.deck import acts
from ui.repairs.mapping.outline import OutlineTable
from ui.repairs.mapping.row_form import LEAF, QUESTION, RowForm
from ui.shell import Autosave
from ui.widgets import Banner, Button, Label, Line, SearchField

KEPT_AFTER, KEPT_AT_LATEST = 2_000, 8_000  # milliseconds
WORKED_OUT_AFTER = 250
_ROW_ACTS = ("add", "remove", "up", "down")


class _Keeper(Autosave):
    """Keeps a draft a while after the last key; moving between its fields is no reason to write it."""

    def _focus_moved(self, old: QWidget | None, new: QWidget | None) -> None:
        pass


class EditionCard(QWidget):
    """An edition to read, and a draft to change."""

    asked = Signal(str)  # active, draft, compare, try, priorities, discard
    kept = Signal(str, dict)  # id and body of the draft that was changed

    def __init__(self) -> None:
        super().__init__()
        self.title, self.side = "", ""
        self.view: EditionView | None = None
        self.known: Tables | None = None
        self.labels: dict[str, str] = {}
        self._may, self._compact, self._detail = False, False, False
        self._fault = -1
        self.keeper = _Keeper(self._keep, self, KEPT_AFTER, KEPT_AT_LATEST)
        self._later = QTimer(self, singleShot=True, interval=WORKED_OUT_AFTER)
        self._later.timeout.connect(self._work_out)
        self.wrong = Banner("", "warn", "triangle-alert")
        self.next_fault = Button("Next one", "word", key="F8", on_click=self.show_next_fault)
        self.next_fault.setObjectName("mapping-next-fault")
        self.wrong.acts.add(self.next_fault)
        self.wrong.acts.show()
        self.sought = SearchField("Find words or a code", key="/", name="Find an answer or a code")
        self.sought.setObjectName("mapping-find")
        self.found = Label("", "hint", "muted")
        self.table = OutlineTable()
        self.table.setObjectName("mapping-outline")
        self.form = RowForm()
        self._build()
        self._wire()

    def _build(self) -> None:
        self.left = QWidget()
        left = QVBoxLayout(self.left)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(6)
        top = QHBoxLayout()
        top.setSpacing(10)
        top.addWidget(self.sought, 1)
        top.addWidget(self.found)
        left.addLayout(top)
        left.addWidget(self.table, 1)
        self.add = Button("Add", key="Ins", on_click=self._add, shortcut=False)
        self.remove = Button("Take out", key="Del", on_click=self._remove, shortcut=False)
        self.up = Button("Up", key="Alt ↑", on_click=lambda: self._move_by(-1), shortcut=False)
        self.down = Button("Down", key="Alt ↓", on_click=lambda: self._move_by(1), shortcut=False)
        for name, button in (
            ("add", self.add),
            ("remove", self.remove),
            ("up", self.up),
            ("down", self.down),
        ):
            button.setObjectName(f"mapping-{name}")
        self.add.setAccessibleName("Add an answer")
        self.remove.setAccessibleName("Take the answer out")
        self.up.setAccessibleName("Move the answer up")
        self.down.setAccessibleName("Move the answer down")
        self.row_acts = acts(self.add, self.remove, self.up, self.down)
        left.addWidget(self.row_acts)
        panes = QHBoxLayout()
        panes.setSpacing(18)
        panes.addWidget(self.left, 5)
        panes.addWidget(self.form, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.wrong)
        column.addLayout(panes, 1)
        column.addWidget(Line())
        self.activate = self._act("Ask by this edition…", "active", "primary")
        self.copy = self._act("New draft from it", "draft", icon="file-pen")
        self.compare = self._act("Compare", "compare", icon="columns-2")
        self.try_out = self._act("Try on past repairs", "try", icon="history")
        self.priorities = self._act("Priorities", "priorities", icon="list-ordered")
        self.discard = self._act("Throw the draft away", "discard", "danger")
        buttons = (self.activate, self.copy, self.compare, self.try_out, self.priorities, self.discard)
        self.edition_acts = acts(*buttons)
        column.addWidget(self.edition_acts)

    def _act(self, text: str, act: str, kind: str = "outline", icon: str | None = None) -> Button:
        button = Button(text, kind, icon, on_click=lambda: self._ask(act))
        button.setObjectName(f"mapping-act-{act}")
        return button

    def _wire(self) -> None:
        self.sought.textChanged.connect(self._seek)
        self.sought.returnPressed.connect(self._to_table)
        self.table.at.connect(self._chosen)
        self.table.edit_asked.connect(self._edit)
        self.table.add_asked.connect(lambda _row: self._add())
        self.table.remove_asked.connect(lambda _row: self._remove())
        self.table.move_asked.connect(lambda _row, by: self._move_by(by))
        self.form.changed.connect(self._typed)
        self.form.leads_asked.connect(self._lead)
        self.form.left.connect(self.show_outline)

    # Showing

    def show_view(self, view: EditionView, known: Tables, labels: dict[str, str], may: bool) -> None:
        """Shows an edition; what is being typed in the same draft stays."""
        same = self.view is not None and self.view.row.id == view.row.id
        if same and self.keeper.waiting and self.view is not None:
            view = EditionView(view.row, self.view.body, self.view.tree, self.view.faults)
        if not same:
            self.keeper.flush()
            self.table.opened = {"\x1fnone"}
            self.sought.clear()
            self._fault = -1
        self.view, self.known, self.labels = view, known, labels
        self._may = may and view.draft
        bands = {code: labels.get(code, code) for code in known.bands_on(_newest(known)).bands}
        self.form.set_tables(known, bands, _groups(known, view))
        self._show(may)
        if not same and self.rowCount():
            self.table.choose_row(0)

    def rowCount(self) -> int:
        """How many rows of the outline are on show."""
        return self.table.items.rowCount()

    def _show(self, may: bool) -> None:
        view = self.view
        if view is None:
            return
        self.title = view.row.name
        self.side = views.STATE_WORDS[view.row.state]
        self._show_faults(view)
        self.table.show_outline(Outline(view.tree, view.faults), self.labels)
        draft, active = view.draft, view.row.state is MappingState.ACTIVE
        self.activate.setVisible(may and not active)
        self.copy.setVisible(may and not draft)
        self.discard.setVisible(may and draft)
        self.priorities.setVisible(may and draft and bool(view.priorities))
        self._arrange()
        self._show_row()

    def _show_faults(self, view: EditionView) -> None:
        count = plural(len(view.faults), "thing")
        verb = "keeps" if len(view.faults) == 1 else "keep"
        self.wrong.set_text(f"{count} {verb} this edition from being asked by.")

    def _show_row(self) -> None:
        view, row = self.view, self.table.current()
        if view is not None and row is not None and not _there(view, row):
            row = None
        wrong = [f.message for f in _faults_at(view, row)] if view is not None and row is not None else []
        self.form.show_row(view, row, wrong, self._may)
        changeable = self._may and row is not None and row.question not in editing.FIXED
        self.add.setEnabled(changeable)
        for button in (self.remove, self.up, self.down):
            button.setEnabled(changeable and row is not None and bool(row.answer))

    def set_compact(self, compact: bool) -> None:
        """One column: the outline, or the form of what is chosen."""
        self._compact = compact
        self.form.back.setVisible(compact)
        self._arrange()

    def _arrange(self) -> None:
        in_form = self._compact and self._detail
        self.left.setVisible(not in_form)
        self.form.setVisible(not self._compact or self._detail)
        self.row_acts.setVisible(self._may)
        self.edition_acts.setVisible(not in_form)
        self.wrong.setVisible(self.view is not None and bool(self.view.faults) and not in_form)

    def show_outline(self) -> None:
        """Goes back from the form to the outline."""
        self._detail = False
        self._arrange()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def focus_first(self) -> None:
        """Goes to the outline."""
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    # Finding one's way

    def _seek(self, text: str) -> None:
        self.table.seek(text)
        count = self.rowCount()
        self.found.setText(f"{count:,} found" if text.strip() else "")
        if text.strip() and count and self.table.current() is None:
            self.table.choose_row(0)
        self._show_row()

    def _to_table(self) -> None:
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.table.current() is None:
            self.table.choose_row(0)

    def _chosen(self, _row: OutlineRow) -> None:
        self._show_row()

    def _edit(self, _row: OutlineRow) -> None:
        self._detail = True
        self._arrange()
        self.form.focus_first()

    def show_next_fault(self) -> None:
        """Goes to the next thing that is to put right."""
        view = self.view
        if view is None or not view.faults:
            return
        self._fault = (self._fault + 1) % len(view.faults)
        place = _place_of(view, view.faults[self._fault])
        outline = self.table.outline
        if place is None or outline is None:
            return
        found = outline.opened_to(*place)
        if found is not None:
            self.sought.clear()
            self.table.open_all(found[1])
            self.table.choose(found[0])
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    # Changing

    def _typed(self, what: str, fields: Mapping[str, Any]) -> None:
        row = self.table.current()
        if row is None or self.view is None:
            return
        body = self.view.body
        if what == "question":
            changed = editing.change_question(body, row.question, fields)
        elif what == "answer":
            changed = editing.change_answer(body, row.question, row.answer, fields)
        else:
            changed = editing.change_outcome(body, row.question, row.answer, fields)
        self._take(changed, at_once=False)

    def _take(self, body: dict[str, Any], at_once: bool = True) -> None:
        view = self.view
        if view is None:
            return
        self.view = EditionView(view.row, body, view.tree, view.faults)
        self.keeper.touch("body", body)
        if at_once:
            self._work_out()
        else:
            self._later.start()

    def _work_out(self) -> None:
        """Reads the changed body as a tree again, with its faults."""
        self._later.stop()
        if self.view is None or self.known is None:
            return
        self.view = views.view_of(self.view.row, self.view.body, self.known)
        self._show(True)

    def _change(self, act: Callable[[OutlineRow, dict[str, Any]], tuple[dict[str, Any], str]]) -> None:
        """Changes the body by what is chosen; the row whose id comes back is chosen then."""
        row, view = self.table.current(), self.view
        if row is None or view is None or not self._may:
            return
        try:
            body, wanted = act(row, view.body)
        except HoldallError as error:
            self.form.wrong.set_text(str(error))
            self.form.wrong.show()
            self.form.wrong.announce()
            return
        self.sought.clear()
        self._take(body)
        if wanted:
            self.table.reveal(wanted)

    def _add(self) -> None:
        def act(row: OutlineRow, body: dict[str, Any]) -> tuple[dict[str, Any], str]:
            changed, value = editing.add_answer(body, row.question, row.answer, "New answer")
            return changed, f"{_above(row)}\x1f{value}"

        before = self.view
        self._change(act)
        if self.view is not before and (row := self.table.current()) is not None:
            self._edit(row)

    def _remove(self) -> None:
        number = self.table.currentIndex().row()

        def act(row: OutlineRow, body: dict[str, Any]) -> tuple[dict[str, Any], str]:
            if not row.answer:
                raise HoldallError(
                    "A question goes with the answer that leads to it.", "Take that answer out."
                )
            return editing.remove_answer(body, row.question, row.answer), ""

        self._change(act)
        if self.table.current() is None:
            self.table.choose_row(min(number, self.rowCount() - 1))

    def _move_by(self, by: int) -> None:
        self._change(
            lambda row, body: (
                (editing.move_answer(body, row.question, row.answer, by), row.id)
                if row.answer
                else (body, row.id)
            )
        )

    def _lead(self, where: str) -> None:
        def act(row: OutlineRow, body: dict[str, Any]) -> tuple[dict[str, Any], str]:
            if where == LEAF:
                return editing.lead_to_leaf(body, row.question, row.answer), row.id
            if where == QUESTION:
                asked = f"{row.words}: which is it?"
                changed, _new = editing.lead_to_question(body, row.question, row.answer, asked)
                self.table.opened.add(row.id)
                return changed, f"{row.id}?"
            return editing.lead_to_exit(body, row.question, row.answer, where), row.id

        self._change(act)
        self._show_row()

    def _keep(self, values: dict[str, Any]) -> None:
        if self.view is not None:
            self.kept.emit(self.view.row.id, values["body"])

    def _ask(self, act: str) -> None:
        if self._later.isActive():
            self._work_out()
        self.keeper.flush()
        self.asked.emit(act)


def _above(row: OutlineRow) -> str:
    """The way to the question a row belongs to."""
    return row.id.removesuffix("?") if not row.answer else row.id.rpartition("\x1f")[0]


def _there(view: EditionView, row: OutlineRow) -> bool:
    question = view.body["questions"].get(row.question)
    return question is not None and (
        not row.answer or any(a["value"] == row.answer for a in question["answers"])
    )


def _place_of(view: EditionView, fault: Fault) -> tuple[str, str] | None:
    """The question and answer a fault stands at."""
    if fault.question:
        return fault.question, fault.answer
    for question in view.tree.questions.values():
        for answer in question.answers:
            if fault.outcome and answer.outcome == fault.outcome:
                return question.id, answer.value
    return None


def _faults_at(view: EditionView, row: OutlineRow) -> list[Fault]:
    question = view.tree.questions.get(row.question)
    answer = question.answer(row.answer) if question is not None and row.answer else None
    outcome = answer.outcome if answer is not None else ""
    return [
        f
        for f in view.faults
        if (f.question == row.question and f.answer == row.answer) or (outcome and f.outcome == outcome)
    ]


def _newest(known: Tables) -> Any:
    return max(t.effective_from for t in known.band_tables)


def _groups(known: Tables, view: EditionView) -> Sequence[str]:
    named = {g for t in known.band_tables for u in t.uplifts for g in u.groups}
    return sorted(named | {o.group for o in view.tree.outcomes.values() if o.group})
