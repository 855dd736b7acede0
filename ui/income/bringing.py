"""Files on their way in: read off the window's thread with progress and Stop, then written in one act."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from sqlalchemy.orm import Session

from app.errors import BadFile
from app.income import importing, sample
from app.income.files import LedgerFile, StatementFile, is_ledger, read_ledger_file, read_statement_file
from app.income.importing import AlreadyImported, Imported, WrongAccount
from app.income.importing_book import import_ledger
from app.wording import plural
from models.errors import HoldallError
from ui.jobs import Job
from ui.shell import Shell

FILTER = "Statements and ledgers (*.sta *.mt940 *.940 *.mt9 *.txt *.csv);;All files (*)"
ReadFile = StatementFile | LedgerFile


def read_any(path: Path, job: Job) -> ReadFile:
    """Reads a statement or a ledger from a file; raises a HoldallError in one sentence. For the wide lane."""

    def tick(done: int, total: int) -> None:
        job.progress(done, total, f"{done:,} of {total:,} lines")

    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadFile(
            f"“{path.name}” cannot be opened.", "Check that it is still there, then try again."
        ) from error
    name = path.name.encode("utf-8", "replace").decode("utf-8")
    return read_ledger_file(name, data, tick) if is_ledger(data) else read_statement_file(name, data, tick)


class Bringing(QObject):
    """The import of files for one page. What came of it is told by signals, on the window's thread."""

    statement_in = Signal(object)  # Imported
    ledger_in = Signal(object)  # Imported
    wrong_account = Signal(object, object)  # WrongAccount, StatementFile
    known = Signal(object)  # AlreadyImported
    refused = Signal(object)  # HoldallError

    def __init__(
        self, shell: Shell, account_id: Callable[[], str | None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._shell, self._account_id = shell, account_id

    def ask(self) -> None:
        """Asks for a file and brings it in."""
        path = self._shell.ask_open_file("Import a bank statement or a ledger", FILTER)
        if path is not None:
            self.bring(path)

    def bring(self, path: Path) -> Job:
        """Reads a file in the wide lane and writes what it holds in the store lane."""
        title = f"Reading {path.name.encode('utf-8', 'replace').decode('utf-8')}"
        return self._shell.fetch(lambda job: read_any(path, job), self._read, self._failed, title)

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

    def write_statement(self, read: StatementFile) -> None:
        """Writes a statement that was read."""

        def failed(error: HoldallError) -> None:
            if isinstance(error, WrongAccount):
                self.wrong_account.emit(error, read)
            else:
                self._failed(error)

        self._shell.write(
            "Import statement",
            lambda session: importing.import_statements(session, read),
            self.statement_in.emit,
            failed,
        )

    def add_account(self, error: WrongAccount, read: StatementFile, name: str, book_opening: int) -> None:
        """Adds the account of a statement on purpose, then imports it, in one act."""
        statement = error.statement

        def work(session: Session) -> Imported:
            _, changed = importing.add_account(
                session,
                name,
                statement.account,
                currency=statement.currency or "GBP",
                book_opening_pence=book_opening,
                book_opening_on=statement.opening.day if statement.opening else None,
            )
            brought = importing.import_statements(session, read)
            return Imported(
                brought.changed | changed,
                brought.ids,
                brought.new,
                brought.known,
                brought.apart,
                brought.remarks,
            )

        self._shell.write("Add an account and import", work, self.statement_in.emit, self._failed)

    def _read(self, read: ReadFile) -> None:
        if isinstance(read, StatementFile):
            self.write_statement(read)
            return
        account_id = self._account_id()
        if account_id is None:
            error = HoldallError(
                f"“{read.name}” is a ledger, but there is no bank statement yet.",
                "Import the statement first, then its ledger.",
            )
            self._failed(error)
            return
        self._shell.write(
            "Import ledger",
            lambda session: import_ledger(session, read, account_id),
            self.ledger_in.emit,
            self._failed,
        )

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
