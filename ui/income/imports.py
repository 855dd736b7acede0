"""What comes of an import on the Reconcile page: questions a file leaves open, accounts, what was refused."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.income.accounts import accounts
from app.income.files import LedgerFile, SettlementFile, StatementFile
from app.income.importing import AlreadyImported, Imported, WrongAccount
from app.income.reading import NeedsDateOrder
from models.errors import HoldallError
from ui.income.bringing import Unreadable, brought_words
from ui.income.columns_form import date_question
from ui.income.page import BoardPage


class Imports(QObject):
    """Leads a file through the page: what it does not say is asked, what it says wrongly is told."""

    def __init__(self, page: BoardPage) -> None:
        super().__init__(page)
        self._page = page
        self._waiting: StatementFile | None = None  # for an account that is not here yet
        self._path = Path()  # of the file whose columns are being named
        bringing = page.bringing
        bringing.statement_in.connect(self._statement_in)
        bringing.ledger_in.connect(partial(self._book_in, "receipt"))
        bringing.payouts_in.connect(partial(self._book_in, "payment"))
        bringing.wrong_account.connect(self._wrong_account)
        bringing.no_account.connect(self._ask_which_account)
        bringing.which_dates.connect(self._ask_dates)
        bringing.which_columns.connect(self._offer_columns)
        bringing.unproved.connect(self._offer_unproved)
        bringing.known.connect(self._known)
        bringing.refused.connect(page.refuse)
        page.account.cancelled.connect(self.leave)
        page.account.saved.connect(self._add_account)
        page.question.left.connect(self.leave)
        page.columns.left.connect(self.leave)
        page.columns.said.connect(self._columns_said)

    # What came in

    def _statement_in(self, brought: Imported) -> None:
        self._page.open_statement(brought.ids[-1])
        self._page.shell.toast(brought_words(brought, "bank line"))
        if brought.remarks and not brought.apart:
            self._page.notify(brought.remarks[0])

    def _book_in(self, noun: str, brought: Imported) -> None:
        self._page.refresh(None)
        self._page.shell.toast(brought_words(brought, noun))
        if brought.remarks:
            self._page.notify(brought.remarks[0])

    def _known(self, error: AlreadyImported) -> None:
        act = partial(self._page.open_statement, error.record_id) if error.record_id else None
        self._page.notify(str(error), "Open it" if act is not None else "", act)

    # What has to be said

    def _show(self, card: QWidget) -> None:
        self._page.clear_notice()
        self._page.show_page(card)

    def leave(self) -> None:
        """Goes back to the board; nothing was imported."""
        self._waiting = None
        self._page.show_work()

    def _ask_dates(self, path: Path, needs: NeedsDateOrder) -> None:
        page = self._page
        question, day_first, month_first = date_question(needs.examples[0])
        others = ", ".join(needs.examples[1:3])
        intro = f"Every date in “{path.name}” can be read both ways" + (
            f", also {others}." if others else "."
        )
        page.question.ask(
            question,
            f"{intro} Your answer is remembered for the account.",
            [
                (day_first, partial(self._bring_again, path, {"day_first": True})),
                (month_first, partial(self._bring_again, path, {"day_first": False})),
            ],
        )
        self._show(page.question_card)
        page.question.focus_first()

    def _bring_again(self, path: Path, layout: dict[str, object]) -> None:
        self._page.show_work()
        self._page.bringing.bring(path, layout)

    def _offer_columns(self, path: Path, error: Unreadable) -> None:
        """Says that no format fits, and offers to name the columns."""
        act = partial(self._ask_columns, path, error)
        self._page.notify(str(error), "Say which column is what…", act)

    def _ask_columns(self, path: Path, error: Unreadable) -> None:
        page, self._path = self._page, path
        page.columns.ask(error.seen)
        self._show(page.columns_card)
        page.columns.focus_first()

    def _columns_said(self, layout: dict[str, object]) -> None:
        self._bring_again(self._path, layout)

    def _ask_which_account(self, read: StatementFile) -> None:
        page = self._page
        choices = page.shell.read(accounts)
        if not choices:
            self._ask_account(read)
            return
        answers = [(name, partial(self._for_account, read, record_id)) for record_id, name in choices]
        answers.append(("Another account…", partial(self._ask_account, read)))
        question = f"Which account is “{read.name}” for?"
        page.question.ask(question, "The file does not say. A wrong answer can be undone.", answers)
        self._show(page.question_card)
        page.question.focus_first()

    def _for_account(self, read: StatementFile, account_id: str) -> None:
        self._page.show_work()
        self._page.bringing.write_statement(read, account_id)

    # Accounts

    def _wrong_account(self, error: WrongAccount, read: StatementFile) -> None:
        page = self._page
        page.show_work()
        page.notify(str(error), "Add this account…", partial(self._ask_account, read, error))

    def _ask_account(self, read: StatementFile, error: WrongAccount | None = None) -> None:
        """Asks for the name and the opening of an account that is not here yet."""
        page = self._page
        self._waiting = read
        page.account.ask(error.statement if error is not None else read.statements[0])
        self._show(page.account_card)
        page.account.focus_first()

    def ask_account(self) -> None:
        """Does what the sentence over the page offers."""
        self._page.notice_act.click()

    def _add_account(self, identifier: str, name: str, book_opening: int) -> None:
        read, self._waiting = self._waiting, None
        if read is not None:
            self._page.show_work()
            self._page.bringing.add_account(read, identifier, name, book_opening)

    # Unproved

    def _offer_unproved(self, error: HoldallError, read: LedgerFile | SettlementFile) -> None:
        self._page.notify(str(error), "Take it unproved…", partial(self._ask_unproved, read))

    def _ask_unproved(self, read: LedgerFile | SettlementFile) -> None:
        page = self._page
        page.clear_notice()
        middle = page.bench.middle
        middle.words.ask(
            "Take it unproved",
            f"“{read.name}” stays marked as unproved, with your name and your reason.",
            "Reason",
            "Who decided it, and why it cannot wait",
            "Take it unproved",
            partial(self._take_unproved, read),
        )
        page.take_over(middle.words)

    def _take_unproved(self, read: LedgerFile | SettlementFile, reason: str) -> None:
        if not reason.strip():
            error = HoldallError("Taking it unproved needs a reason.", "Write who decided it and why.")
            self._page.refuse(error)
            return
        self._page.back()
        self._page.bringing.write_book(read, reason)
