"""Files on their way in: read off the window's thread with progress and Stop, then written in one act.

Both can be stopped; until the moment it is kept an import leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from sqlalchemy.orm import Session

from app.errors import BadFile
from app.income import importing, sample
from app.income.accounts import remembered_layout
from app.income.files import AnyFile, LedgerFile, SettlementFile, StatementFile, read_any
from app.income.importing import AlreadyImported, Imported, WrongAccount
from app.income.importing_book import import_ledger
from app.income.importing_payouts import import_settlements
from app.income.preview import Preview, preview
from app.income.reading import NeedsColumns, NeedsDateOrder, NotAStatement
from app.wording import plural
from models.errors import HoldallError
from ui.jobs import Job
from ui.shell import Shell

FILTER = (
    "Statements, ledgers and payment reports "
    "(*.csv *.txt *.sta *.mt940 *.940 *.mt9 *.xml *.bai *.bai2 *.ofx *.qfx *.qif *.xlsx *.dat);;All files (*)"
)


def read_file(path: Path) -> tuple[str, bytes]:
    """A file's name and its bytes. Raises BadFile in one sentence where it cannot be opened."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadFile(
            f"“{path.name}” cannot be opened.", "Check that it is still there, then try again."
        ) from error
    return path.name.encode("utf-8", "replace").decode("utf-8"), data


class Unreadable(BadFile):
    """A file that no format fits, though it has rows and columns: a person may say which column is what."""

    def __init__(self, error: HoldallError, seen: Preview) -> None:
        super().__init__(error.title, error.advice)
        self.seen = seen


class Bringing(QObject):
    """The import of files for one page. What came of it is told by signals, on the window's thread."""

    statement_in = Signal(object)  # Imported
    ledger_in = Signal(object)  # Imported
    payouts_in = Signal(object)  # Imported
    wrong_account = Signal(object, object)  # WrongAccount, StatementFile
    no_account = Signal(object)  # StatementFile that names none
    which_dates = Signal(object, object)  # Path, NeedsDateOrder
    which_columns = Signal(object, object)  # Path, Unreadable
    unproved = Signal(object, object)  # HoldallError, the file
    known = Signal(object)  # AlreadyImported
    refused = Signal(object)  # HoldallError

    def __init__(
        self, shell: Shell, account_id: Callable[[], str | None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._shell, self._account_id = shell, account_id

    def ask(self) -> None:
        """Asks for a file and brings it in."""
        path = self._shell.ask_open_file("Import a bank statement, a ledger or a payment report", FILTER)
        if path is not None:
            self.bring(path)

    def bring(self, path: Path, layout: Mapping[str, Any] | None = None) -> Job:
        """Reads a file in the wide lane and writes what it holds in the store lane.

        `layout` says which column is what where the file does not, and how its dates are written.
        """
        account_id = self._account_id()
        title = f"Reading {path.name.encode('utf-8', 'replace').decode('utf-8')}"

        def failed(error: HoldallError) -> None:
            if isinstance(error, NeedsDateOrder):
                self.which_dates.emit(path, error)
            elif isinstance(error, Unreadable):
                self.which_columns.emit(path, error)
            else:
                self._failed(error)

        return self._shell.fetch(
            lambda job: self._reading(path, job, layout, account_id), self.write, failed, title
        )

    def _reading(
        self, path: Path, job: Job, layout: Mapping[str, Any] | None, account_id: str | None
    ) -> AnyFile:
        """Reads a file, by what was said of the account's files before where the file does not say itself."""

        def tick(done: int, total: int) -> None:
            job.progress(done, total, "lines")

        name, data = read_file(path)
        try:
            return read_any(name, data, tick, layout=layout)
        except (NeedsDateOrder, NeedsColumns) as needs:
            said = self._said_before(needs.account, account_id) if layout is None else None
            if said is not None:
                return read_any(name, data, tick, layout=said)
            raise self._unreadable(needs, name, data) from needs
        except NotAStatement as error:
            said = self._said_before("", account_id) if layout is None else None
            if said is not None and "date" in said:
                try:
                    return read_any(name, data, tick, layout=said)
                except NotAStatement:
                    pass
            raise self._unreadable(error, name, data) from error

    def _said_before(self, identifier: str, account_id: str | None) -> dict[str, Any] | None:
        return self._shell.context.read(lambda session: remembered_layout(session, identifier, account_id))

    def _unreadable(self, error: HoldallError, name: str, data: bytes) -> HoldallError:
        if isinstance(error, NeedsDateOrder):
            return error
        seen = preview(name, data)
        return Unreadable(error, seen) if seen is not None else error

    def bring_sample(self) -> None:
        """Brings in the sample week of the General account, as files like any other."""
        import random

        today = self._shell.context.today()
        source = random.Random("statement 241")  # noqa: S311 - a sample, not a secret
        seed = source.getrandbits(64)
        files = (
            sample.statement_241(today, random.Random(seed)),  # noqa: S311 - a sample
            sample.ledger_241(today, random.Random(seed)),  # noqa: S311 - a sample
        )

        def work(session: Session) -> Imported:
            return sample.bring_in_session(session, files)

        self._shell.write("Import the sample statement", work, self.statement_in.emit, self._failed)

    def write(self, read: AnyFile) -> None:
        """Writes what was read, once it is known for which account it is."""
        if isinstance(read, StatementFile):
            if all(statement.account for statement in read.statements):
                self.write_statement(read)
            else:
                self.no_account.emit(read)
            return
        self.write_book(read)

    def write_book(self, read: LedgerFile | SettlementFile, unproved_reason: str = "") -> None:
        """Writes a ledger or a payment provider's report into the book of the account on show."""
        account_id = self._account_id()
        if account_id is None:
            what = "a ledger" if isinstance(read, LedgerFile) else "a payment provider’s report"
            error = HoldallError(
                f"“{read.name}” is {what}, but there is no bank statement yet.",
                "Import the statement first, then this file.",
            )
            self._failed(error)
            return

        def failed(error: HoldallError) -> None:
            if isinstance(error, BadFile) and "does not prove" in error.title and not unproved_reason:
                self.unproved.emit(error, read)
            else:
                self._failed(error)

        if isinstance(read, LedgerFile):
            ledger: LedgerFile = read
            self._write_long(
                "Import ledger",
                lambda s: import_ledger(s, ledger, account_id, unproved_reason=unproved_reason),
                self.ledger_in.emit,
                failed,
                read.name,
            )
            return
        report: SettlementFile = read
        self._write_long(
            "Import payment report",
            lambda s: import_settlements(s, report, account_id, unproved_reason=unproved_reason),
            self.payouts_in.emit,
            failed,
            read.name,
        )

    def write_statement(self, read: StatementFile, account_id: str | None = None) -> None:
        """Writes a statement that was read; `account_id` where its file does not name its account."""

        def failed(error: HoldallError) -> None:
            if isinstance(error, WrongAccount):
                self.wrong_account.emit(error, read)
            else:
                self._failed(error)

        self._write_long(
            "Import statement",
            lambda session: importing.import_statements(session, read, account_id),
            self.statement_in.emit,
            failed,
            read.name,
        )

    def add_account(self, read: StatementFile, identifier: str, name: str, book_opening: int) -> None:
        """Adds the account of a statement on purpose, then imports it, in one act."""
        statement = next((one for one in read.statements if one.account == identifier), read.statements[0])

        def work(session: Session) -> Imported:
            account_id, changed = importing.add_account(
                session,
                name,
                identifier,
                currency=statement.currency or "GBP",
                book_opening_pence=book_opening,
                book_opening_on=statement.opening.day if statement.opening else None,
            )
            named = all(one.account for one in read.statements)
            brought = importing.import_statements(session, read, None if named else account_id)
            return Imported(
                brought.changed | changed,
                brought.ids,
                brought.new,
                brought.known,
                brought.apart,
                brought.remarks,
            )

        self._write_long("Add an account and import", work, self.statement_in.emit, self._failed, read.name)

    def _write_long(
        self,
        label: str,
        work: Callable[[Session], Imported],
        done: Callable[[Imported], None],
        failed: Callable[[HoldallError], None],
        name: str,
    ) -> None:
        def stopped() -> None:
            self._shell.toast("Stopped. Nothing was imported.", undo=False)

        self._shell.write_long(label, work, done, failed, stopped, f"Importing {name}")

    def _failed(self, error: HoldallError) -> None:
        if isinstance(error, AlreadyImported):
            self.known.emit(error)
        else:
            self.refused.emit(error)


def brought_words(brought: Imported, noun: str) -> str:
    """What a toast says after an import."""
    told = f"{plural(brought.new, noun)} came in."
    if brought.known:
        told += f" {brought.known:,} were here already."
    if brought.apart:
        told += f" {plural(brought.apart, 'statement')} kept apart."
    return told
