"""The section "Triage and tables": editions of the questions and dated tables, and one of them to work in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from sqlalchemy.orm import Session

from app.errors import BadFile
from app.repairs import dated_tables
from app.repairs.mapping import cold_spells, service, views
from app.repairs.mapping.comparing import compare_editions, compare_file
from app.repairs.mapping.config import MOST_BYTES
from app.repairs.mapping.diff import Diff, diff
from app.repairs.mapping.dry_run import DryRun, dry_run
from app.repairs.mapping.hints import hints_of
from app.repairs.mapping.service import BUILT_IN, READERS_WORDS, Imported, Made
from app.repairs.mapping.table_views import TITLES, table_view
from app.repairs.mapping.views import STATE_WORDS, EditionRow, EditionView
from app.repairs.tables import Tables
from app.wording import plural
from models.errors import HoldallError
from models.repairs import MappingState, TableKind
from ui.deck import Deck, ListCard
from ui.jobs import Job
from ui.repairs.mapping.compare import CompareView
from ui.repairs.mapping.edition_card import EditionCard
from ui.repairs.mapping.priorities import PrioritiesView
from ui.repairs.mapping.tables_view import ColdView, TablesView
from ui.repairs.mapping.trying import ActivateView, TryView
from ui.repairs.sections import Section, TwoCards
from ui.shell import Shell
from ui.widgets import Button, EmptyPage, Item

COLD = "cold"
JSON_FILES = "JSON files (*.json);;All files (*)"


class SectionPage(Section):
    """Editions and tables. Everybody reads; a lead reads files in, writes drafts and makes them active."""

    name = "mapping"
    tables = ("repairs_mapping", "repairs_data_table", "repairs_cold_spell")

    def __init__(self, shell: Shell) -> None:
        self.may = service.may_keep(shell.context.author)
        self.bring = Button("Read a mapping…", icon="file-input", on_click=self.ask_mapping)
        self.bring.setObjectName("mapping-bring")
        super().__init__(shell, "Triage and tables", [self.bring])
        self.bring.setVisible(self.may)
        self.editions: dict[str, EditionRow] = {}
        self.known: Tables | None = None
        self._read: EditionView | None = None  # the edition on show, until something changes
        self.labels: dict[str, str] = {}
        self.chosen_id = ""
        self._side: QWidget | None = None  # what is on show in place of the edition itself
        self._job: Job | None = None
        self.cards = ListCard("Editions and tables", "Editions and tables")
        self.cards.list.setObjectName("mapping-list")
        self.deck = Deck(
            EmptyPage(
                "git-branch",
                "What is asked, and what it leads to",
                "Editions of the questions, each with its codes, trades and times. Bank holidays, the "
                "council’s own times and the rules of law stand under them.",
            )
        )
        self.card, self.compare = EditionCard(), CompareView()
        self.trying, self.activating = TryView(), ActivateView()
        self.priorities, self.table_view, self.cold = PrioritiesView(), TablesView(), ColdView()
        for view in self._views():
            self.deck.add(view)
        self.panes = TwoCards(self.cards, self.deck, (3, 8))
        self.column.addWidget(self.panes, 1)
        self._wire()

    def _views(self) -> tuple[QWidget, ...]:
        return (
            self.card,
            self.compare,
            self.trying,
            self.activating,
            self.priorities,
            self.table_view,
            self.cold,
        )

    def _wire(self) -> None:
        self.join_list(self.cards, self.deck)
        self.card.asked.connect(self.act)
        self.card.kept.connect(self._keep)
        for view in (self.compare, self.trying, self.activating, self.priorities):
            view.left.connect(self._back)
        self.compare.with_asked.connect(self.compare_with)
        self.compare.file_asked.connect(self.ask_other_council)
        self.trying.repair_asked.connect(lambda i: self.shell.open("repairs_repair", i))
        self.activating.agreed.connect(self.make_active)
        self.priorities.chosen.connect(self._set_priority)
        self.table_view.file_asked.connect(self.ask_table)
        self.cold.declared.connect(self._declare)
        self.cold.end_asked.connect(
            lambda i: self._write("End a cold spell", lambda s: cold_spells.end(s, i), "Ended.")
        )
        self.cold.remove_asked.connect(
            lambda i: self._write(
                "Take a cold spell back", lambda s: cold_spells.take_back(s, i), "Taken back."
            )
        )

    # Reading

    def read_again(self) -> None:
        """Reads the editions and shows again what is chosen."""
        today, self._read = self.shell.context.today(), None
        found, self.known = self.shell.read(lambda s: (views.editions(s), dated_tables.tables_at(s)))
        self.labels = dict(self.known.bands_on(today).labels)
        self.editions = {row.id: row for row in found}
        self.cards.list.set_groups(_groups(found))
        active = next(row for row in found if row.state is MappingState.ACTIVE)
        self.cards.foot.set_total(plural(len(found), "edition"))
        readers = "" if self.may else f" {READERS_WORDS}"
        self.head.set_facts(f"Asked by now: {active.name} ({active.edition}).{readers}")
        self._show()

    def _arrange(self) -> None:
        self.card.set_compact(self.compact)
        self._show()

    def _show(self) -> None:
        row = self.editions.get(self.chosen_id)
        if self.known is None:
            return
        if row is not None:
            self._show_edition(row)
        elif self.chosen_id == COLD:
            self.cold.show_spells(self.shell.read(cold_spells.spells), self.may)
            self.deck.show_view(self.cold)
        elif self.chosen_id in set(TableKind):
            kind, today = TableKind(self.chosen_id), self.shell.context.today()
            self.table_view.show_table(self.shell.read(lambda s: table_view(s, kind, today)), self.may)
            self.deck.show_view(self.table_view)
        else:
            self.deck.show_view(self.deck.empty)
        self.head.setVisible(not (self.compact and self.panes.detail))

    def _show_edition(self, row: EditionRow) -> None:
        assert self.known is not None  # noqa: S101  read_again sets it before anything is shown
        if self._read is None or self._read.row != row:
            try:
                self._read = self.shell.read(lambda s: views.edition_view(s, row.id))
            except HoldallError as error:
                self.refuse(error)
                return
        view = self._read
        self.card.show_view(view, self.known, self.labels, self.may)
        if self._side is self.priorities and view.priorities:
            self.priorities.show_view(view, self.labels)
        self.deck.show_view(self._side or self.card)

    def choose(self, key: str) -> None:
        """Shows an edition or a table."""
        if key != self.chosen_id:
            self.card.keeper.flush()
            self._side = None
            self._stop()
        self.chosen_id = key
        self._show()

    def open(self, key: str) -> None:
        """Shows one and goes to work in it."""
        self.panes.show_detail(True)
        self.cards.list.choose(key)
        self.choose(key)
        current: Any = self.deck.current
        if hasattr(current, "focus_first"):
            current.focus_first()

    def _to_list(self) -> None:
        self.card.keeper.flush()
        self.panes.show_detail(False)
        self._show()
        self.cards.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _aside(self, view: QWidget) -> None:
        """Shows a view about the edition in place of it."""
        self._side = view
        self.panes.show_detail(True)
        self.deck.show_view(view, focus=True)

    def _back(self) -> None:
        self._stop()
        self._side = None
        self._show()
        self.card.focus_first()

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None

    # Acts on an edition

    def act(self, name: str) -> None:
        """Does what a button asks of the edition on show."""
        row, view = self.editions.get(self.chosen_id), self.card.view
        if row is None or view is None:
            return
        if name == "draft":
            self._write("New draft", lambda s: service.new_draft(s, row.id), "", self._open_made)
        elif name == "discard":
            self._write(
                "Throw a draft away", lambda s: service.discard(s, row.id), "The draft is thrown away."
            )
        elif name == "priorities":
            self.priorities.show_view(view, self.labels)
            self._aside(self.priorities)
        elif name == "compare":
            others = [r for r in self.editions.values() if r.id != row.id]
            first = next(
                (r for r in others if r.edition == self._based_on(view)), others[0] if others else None
            )
            self.compare.offer(row.name, others, first.id if first else "")
            self._aside(self.compare)
            self.compare_with(first.id if first else "")
        elif name == "try":
            self.trying.show_run(None, row.name)
            self._aside(self.trying)
            self._run(view, lambda run: self._tried(run, row))
        else:
            self._plan(row, view)

    def _based_on(self, view: EditionView) -> str:
        active = next(r for r in self.editions.values() if r.state is MappingState.ACTIVE)
        return active.edition if active.id != view.row.id else ""

    def _run(self, view: EditionView, done: Callable[[DryRun], None]) -> None:
        def work(job: Job) -> DryRun:
            job.check()
            return self.shell.context.read(lambda session: dry_run(session, view.tree))

        self._stop()
        self._job = self.shell.fetch(work, done, self.refuse, "Asking past repairs again")

    def _tried(self, run: DryRun, row: EditionRow) -> None:
        if self._side is self.trying and row.id == self.chosen_id:
            self.trying.show_run(run, row.name)
            self.deck.show_view(self.trying)

    def _plan(self, row: EditionRow, view: EditionView) -> None:
        """Shows what asking by an edition would mean, and works out past repairs meanwhile."""
        active = next(r for r in self.editions.values() if r.state is MappingState.ACTIVE)
        now = self.shell.read(lambda s: views.edition_view(s, active.id))
        changes: Diff = diff(now.tree, view.tree)
        wrong = ""
        if view.faults:
            first, count = view.faults[0].message, plural(len(view.faults), "thing")
            wrong = f"{count} to put right first. The first: {first}."
        known = {hint.where for hint in hints_of(now.tree)}
        hints = [hint for hint in hints_of(view.tree) if hint.where not in known]
        self.activating.title = f"Ask by {row.name}"
        self.activating.show_plan(row.name, changes, None, hints, wrong)
        self._aside(self.activating)

        def tried(run: DryRun) -> None:
            if self._side is self.activating:
                self.activating.show_plan(row.name, changes, run, hints, wrong)

        self._run(view, tried)

    def make_active(self) -> None:
        """Asks by the edition on show from now on."""
        row = self.editions.get(self.chosen_id)
        if row is None:
            return
        self._side = None
        words = f"New repairs are asked by “{row.name}” from now on."
        self._write("Ask by an edition", lambda s: service.make_active(s, row.id), words)

    def compare_with(self, other_id: str) -> None:
        """Compares the edition on show with another one."""
        view = self.card.view
        if view is None or not other_id:
            return
        other = self.shell.read(lambda s: views.edition_view(s, other_id))
        self.compare.show_compared(compare_editions(view, other))

    def ask_other_council(self) -> None:
        """Compares the edition on show with another council's file; nothing of the file is kept."""
        path = self.shell.ask_open_file("Another council’s mapping", JSON_FILES)
        view = self.card.view
        if path is None or view is None:
            return
        try:
            found = compare_file(view, *_bytes_of(path))
        except HoldallError as error:
            self.refuse(error)
            return
        self.compare.offer(view.row.name, [r for r in self.editions.values() if r.id != view.row.id], "")
        self.compare.show_compared(found)

    def _open_made(self, made: Made) -> None:
        self.open(made.mapping_id)
        if isinstance(made, Imported):
            self.shell.toast(made.sentence)
            if made.unknown_priorities:
                self.act("priorities")

    def _keep(self, mapping_id: str, body: dict[str, Any]) -> None:
        self._read = self.card.view  # until the write is done and everything is read again
        self.shell.write(
            "Change a draft of the questions",
            lambda s: service.save_body(s, mapping_id, body),
            None,
            self.refuse,
        )

    def _set_priority(self, priority: str, band: str) -> None:
        mapping_id = self.chosen_id
        self._write("Band of a priority", lambda s: service.set_priority(s, mapping_id, priority, band))

    # Files and tables

    def ask_mapping(self) -> None:
        """Asks for a council's mapping and makes a draft of it."""
        path = self.shell.ask_open_file("Read a mapping of answers to codes", JSON_FILES)
        if path is not None:
            self.bring_mapping(path)

    def bring_mapping(self, path: Path) -> None:
        """Makes a draft of a council's mapping."""
        try:
            data, name = _bytes_of(path)
        except HoldallError as error:
            self.refuse(error)
            return
        self._write("Read a mapping", lambda s: service.import_config(s, data, name), "", self._open_made)

    def ask_table(self) -> None:
        """Asks for the file of the table on show and reads it in."""
        kind = TableKind(self.chosen_id)
        path = self.shell.ask_open_file(f"Read {TITLES[kind].lower()}", JSON_FILES)
        if path is None:
            return
        try:
            data, name = _bytes_of(path)
        except HoldallError as error:
            self.refuse(error)
            return
        words = f"{TITLES[kind]} from “{name}” hold from their day on."
        self._write("Read a table", lambda s: dated_tables.import_table(s, kind, data, name), words)

    def _declare(self, first: Any, last: Any, degrees: int | None, source: str) -> None:
        self.shell.write(
            "Declare a cold spell",
            lambda s: cold_spells.declare(s, first, last, degrees, source),
            lambda _changed: self.cold.clear(),
            self.cold.refuse,
            "The cold spell is declared.",
        )

    def _write(
        self,
        label: str,
        work: Callable[[Session], Any],
        toast: str = "",
        done: Callable[[Any], None] | None = None,
    ) -> None:
        self.notice.hide()
        self.shell.write(label, work, done, self.refuse, toast or None)

    # What the tab asks

    def leave(self) -> None:
        """Keeps what is still being typed."""
        self.card.keeper.flush()

    def open_record(self, type_name: str, record_id: str) -> bool:
        """Shows an edition, or the table or cold spells a record belongs to; False when it is not here."""
        if type_name == "repairs_cold_spell":
            record_id = COLD
        if record_id not in self.editions and record_id != COLD:
            return False
        self.open(record_id)
        return True

    def record(self) -> tuple[str, str] | None:
        """The edition that is open."""
        kept = self.chosen_id in self.editions and self.chosen_id != BUILT_IN
        return ("repairs_mapping", self.chosen_id) if kept else None

    def focus_first(self) -> None:
        """Goes to the list."""
        self.cards.list.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.cards.list.value() is None and self.editions:
            active = next(r for r in self.editions.values() if r.state is MappingState.ACTIVE)
            self.cards.list.choose(active.id)


def _groups(rows: list[EditionRow]) -> list[tuple[str, list[Item]]]:
    """Drafts, the edition asked by, those asked by before, then the tables."""
    tones = {MappingState.DRAFT: ("info", "file-pen"), MappingState.ACTIVE: ("good", "circle-check")}
    groups = []
    for state in (MappingState.DRAFT, MappingState.ACTIVE, MappingState.RETIRED):
        items = []
        for row in rows:
            if row.state is state:
                tone, icon = tones.get(state, ("muted", None))
                items.append(Item(row.id, row.name, row.facts, tone, icon))
        if items:
            title = "Drafts" if state is MappingState.DRAFT else STATE_WORDS[state]
            groups.append((title, items))
    tables = [Item(kind.value, TITLES[kind], _ABOUT[kind]) for kind in TableKind]
    groups.append(("Tables", [*tables, Item(COLD, "Cold spells", "days of severe weather")]))
    return groups


_ABOUT = {
    TableKind.HOLIDAYS: "the days that do not count",
    TableKind.BANDS: "how soon, and for whom sooner",
    TableKind.RULES: "hazards, rights and their clocks",
}


def _bytes_of(path: Path) -> tuple[bytes, str]:
    """The bytes of a file and its name; raises BadFile in a sentence when it cannot be opened."""
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1), path.name
    except OSError:
        raise BadFile(
            f"“{path.name}” cannot be opened.", "Check that it is still there, then try again."
        ) from None
