"""Property lists on their way in: read off the window's thread with progress and Stop, written in one act."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.errors import BadFile
from app.repairs.homes.importing import BroughtIn, Plan, bring_in, faults_csv, plan
from app.repairs.homes.property_list import NeedsTenure, PropertyList, joined, read_list
from app.wording import file_name, plural
from models.errors import HoldallError
from models.repairs import Kind
from ui.jobs import Job
from ui.shell import Shell

FILTER = "Property lists (*.csv *.txt *.tsv *.xlsx *.xlsm);;All files (*)"
ENDINGS = frozenset({".csv", ".txt", ".tsv", ".xlsx", ".xlsm"})
MOST_FILES = 12


class Bringing(QObject):
    """Leads property lists in. What came of it is told by signals, on the window's thread."""

    planned = Signal(object, bool)  # Plan, whether proposed postcodes are taken
    which_tenure = Signal(object)  # the names of the files
    done = Signal(object)  # BroughtIn
    refused = Signal(object)  # HoldallError

    def __init__(self, shell: Shell, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shell = shell
        self._paths: list[Path] = []
        self._tenure: Kind | None = None
        self._found: PropertyList | None = None
        self._plan: Plan | None = None

    def ask(self) -> None:
        """Asks for a file and reads it."""
        path = self._shell.ask_open_file("Choose the property list", FILTER)
        if path is not None:
            self.bring([path])

    def bring(self, paths: Sequence[Path], tenure: Kind | None = None) -> None:
        """Reads one list or several as one, and says what they would do."""
        self._paths, self._tenure = list(paths)[:MOST_FILES], tenure
        self._read(False)

    def answer_tenure(self, kind: Kind) -> None:
        """Reads the files again as homes of one tenure."""
        self._tenure = kind
        self._read(False)

    def take_proposals(self, take: bool) -> None:
        """Reads the files again with proposed postcodes taken, or not."""
        self._read(take)

    def _read(self, take: bool) -> None:
        paths, tenure = self._paths, self._tenure

        def work(job: Job) -> tuple[PropertyList, Plan]:
            def tick(done: int, total: int) -> None:
                job.progress(done, total, "rows")

            found = joined([read_list(p.name, _bytes(p), tenure, take, tick) for p in paths])
            job.check()
            return found, self._shell.context.read(lambda session: plan(session, found))

        def seen(result: tuple[PropertyList, Plan]) -> None:
            self._found, self._plan = result
            self.planned.emit(self._plan, take)

        def failed(error: HoldallError) -> None:
            if isinstance(error, NeedsTenure):
                self.which_tenure.emit([path.name for path in paths])
            else:
                self.refused.emit(error)

        self._shell.fetch(work, seen, failed, "Reading the property list")

    def write(self, mark_gone: bool) -> None:
        """Brings in what was shown, in one act that can be stopped and undone."""
        found = self._found
        if found is None:
            return
        self._shell.write_long(
            "Bring in the property list",
            lambda session: bring_in(session, found, mark_gone),
            self.done.emit,
            self.refused.emit,
            lambda: self._shell.toast("Stopped. Nothing was brought in.", undo=False),
            "Bringing in the property list",
        )

    def save_faults(self) -> None:
        """Writes what is wrong with the list into a file for whoever keeps it."""
        made = self._plan
        if made is None:
            return
        name = file_name(f"{Path(made.names[0]).stem} faults", ".csv")
        path = self._shell.ask_save_file("Save what is wrong with the list", name, "CSV (*.csv)")
        if path is None:
            return
        try:
            path.write_bytes(faults_csv(made))
        except OSError as error:
            self._shell.tell(
                HoldallError(f"“{path.name}” cannot be written ({error.strerror}).", "Choose another place.")
            )
            return
        self._shell.toast(f"Saved {path.name}.", undo=False)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadFile(
            f"“{path.name}” cannot be opened.", "Check that it is still there, then try again."
        ) from error


def done_words(done: BroughtIn) -> str:
    """What a toast says after an import."""
    told = f"{plural(len(done.plan.new), 'home')} came in, {len(done.plan.changed):,} changed."
    if done.marked:
        told += f" {plural(done.marked, 'home')} marked: no repairs."
    if done.plan.aside:
        told += f" {plural(len(done.plan.aside), 'row')} kept aside."
    return told
