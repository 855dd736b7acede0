"""The Reconcile section at work: every act by keyboard, every import with its way out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget
from sqlalchemy.orm import Session

from app.income import service
from app.income.matching import OpenReceipt, Proposal
from app.income.report import REPORTS
from app.wording import plural
from models.changes import Changed
from models.errors import HoldallError
from ui.income.imports import Imports
from ui.income.items import book_row
from ui.income.page import BoardPage
from ui.jobs import Job
from ui.shell import Shell


class Reconcile(BoardPage):
    """Reconciliation of one bank statement, by keyboard: A accept, R reject, S split, U suspense, N note."""

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(shell, parent)
        self._busy = False
        self.imports = Imports(self)
        self.reader.ready.connect(self._shown)
        self._wire()

    def _wire(self) -> None:
        bench, middle = self.bench, self.bench.middle
        bench.bank.chosen.connect(self.show_line)
        bench.bank.toggled.connect(self._bank_opened)
        bench.book.table.clicked.connect(lambda _index: self._book_clicked())
        bench.book.chosen.connect(self.show_receipt)
        bench.book.table.installEventFilter(self)
        self.summary.parts_asked.connect(self.show_parts)
        self.summary.matched_asked.connect(self.show_matched)
        middle.proposal.asked.connect(self.act)
        bench.certain.clicked.connect(partial(self.act, "certain"))
        middle.choose.match_asked.connect(self._match_chosen)
        middle.parts.opened.connect(self._go_to)
        middle.parts.noted.connect(self.ask_note)
        middle.receipt.noted.connect(self.ask_note)
        middle.matched.confirm_asked.connect(self._confirm)
        middle.matched.reverse_asked.connect(self._ask_reverse)
        middle.period.step_asked.connect(self._period_step)
        middle.period.paper_asked.connect(self._paper)
        middle.statements.chosen.connect(self.open_statement)
        for view in (middle.choose, middle.receipt, middle.parts):
            view.left.connect(self.back)
        for other in (middle.matched, middle.period, middle.statements):
            other.left.connect(self.back)
        middle.words.cancelled.connect(self.back)
        self.unproved_asked.connect(self.ask_unproved)

    # Acts

    def act(self, name: str, _checked: bool = False) -> None:
        """Does what a button or its key asks: accept, certain, reject, split, suspense, note or lists."""
        if name == "lists":
            self.bench.show_lists("bank")
            self._arrange()
            return
        if name == "sections":
            self.section_asked.emit("sections")
            return
        line, seen = self._line(), self.board
        if line is None or seen is None or self._busy:
            return
        if name == "certain":
            self._accept_certain()
        elif name == "split":
            self.choose_receipts()
        elif name == "suspense":
            self.ask_suspense()
        elif name == "note":
            self.ask_note(line.id)
        else:
            self._settle(name)

    def _settle(self, name: str) -> None:
        seen, line = self.board, self._line()
        assert seen is not None and line is not None  # noqa: S101, PT018 - act() looked
        proposal = seen.proposal_by_line.get(line.id)
        if proposal is None:
            return
        statement_id = seen.head.id
        if name == "reject":
            self._write(
                "Reject match", lambda s: service.reject(s, statement_id, proposal), "Proposal rejected."
            )
            return
        evidence = seen.evidence(proposal)
        self._write(
            "Accept match",
            lambda s: service.accept(s, statement_id, proposal, evidence),
            "Match accepted.",
            partial(self._settled, (proposal,)),
        )

    def _shown(self) -> None:
        """The board that was waited for is on show, so the next key is for the next line."""
        self._busy = False

    def _settled(self, proposals: Sequence[Proposal]) -> None:
        """Goes on without what was settled, where the board is so large that it is read anew later."""
        self._busy = self.reader.go_on(proposals)

    def _accept_certain(self) -> None:
        """Accepts every proposal that is certain in one act, which one Undo takes back."""
        seen = self.board
        ready = [one for one in seen.proposals if one.auto] if seen is not None else []
        if seen is None or not ready:
            return
        statement_id = seen.head.id
        self._write(
            "Accept certain matches",
            lambda session: service.accept_ready(session, statement_id, ready),
            f"{plural(len(ready), 'match', 'matches')} accepted.",
            partial(self._settled, ready),
        )

    def _write(
        self,
        label: str,
        work: Callable[[Session], Changed],
        toast: str,
        after: Callable[[], object] | None = None,
    ) -> None:
        """Writes one act; a second key press while it is on its way to the store is not a second act."""
        self._busy = True
        self.clear_notice()

        def done(_changed: Changed) -> None:
            self._busy = False
            if after is not None:
                after()

        def failed(error: HoldallError) -> None:
            self._busy = False
            self.refuse(error)

        self.shell.write(label, work, done, failed, toast)

    def refuse(self, error: HoldallError) -> None:
        """Shows what is wrong where the person is: in the form on show, else over the page."""
        middle = self.bench.middle
        if middle.current is middle.words:
            middle.words.refuse(error)
        else:
            self.notify(str(error))

    def choose_receipts(self) -> None:
        """Lets the person choose by hand which receipts belong to the line."""
        line, seen = self._line(), self.board
        if line is None or seen is None:
            return
        if not seen.receipts:
            self.notify("The book has no open receipt to choose.")
            return
        self._receipt_ids = []
        self._show_choice()
        if self.compact:
            self.bench.show_lists("book")
            self._arrange()
        self.bench.book.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _chosen_receipts(self) -> list[OpenReceipt]:
        seen = self.board
        return [seen.receipt_by_id[one] for one in self._receipt_ids] if seen is not None else []

    def _show_choice(self) -> None:
        line, seen, middle = self._line(), self.board, self.bench.middle
        if line is None or seen is None:
            return
        chosen = self._chosen_receipts()
        middle.choose.show_choice(line, chosen, seen.head.currency)
        middle.show_view(middle.choose)
        self.bench.join(line, (), self.bench.book.table.chosen() or seen.receipts[0].id)
        self.bench.book.remake(partial(book_row, notes=seen.notes, chosen=frozenset(self._receipt_ids)))

    def _toggle(self, receipt_id: str) -> None:
        if receipt_id in self._receipt_ids:
            self._receipt_ids.remove(receipt_id)
        else:
            self._receipt_ids.append(receipt_id)
        self._show_choice()

    def _match_chosen(self) -> None:
        line, seen = self._line(), self.board
        if line is None or seen is None or self._busy:
            return
        statement_id, ids = seen.head.id, tuple(self._receipt_ids)
        self._write(
            "Match by hand",
            lambda s: service.match_by_hand(s, statement_id, line.id, ids),
            "Matched by hand.",
            self.back,
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Space, Enter and a click choose a receipt while receipts are being chosen by hand."""
        middle = self.bench.middle
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            keys = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if event.key() in keys and middle.current is middle.choose:
                chosen = self.bench.book.table.chosen()
                if chosen is not None:
                    self._toggle(chosen)
                return True
        return super().eventFilter(watched, event)

    def _bank_opened(self, line_id: str) -> None:
        """Enter on a bank line leads to what can be done with it."""
        self.show_line(line_id)
        if self.compact:
            self.bench.show_lists("")
            self._arrange()
        acts = self.bench.middle.proposal.acts
        first = acts.accept if acts.accept.isVisible() else acts.suspense
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _book_clicked(self) -> None:
        chosen, middle = self.bench.book.table.chosen(), self.bench.middle
        if chosen is not None and middle.current is middle.choose:
            self._toggle(chosen)

    def _go_to(self, subject_id: str) -> None:
        if not self.open_record("income_bank_line", subject_id):
            self.back()

    # Words

    def ask_suspense(self) -> None:
        """Asks for the note that goes with a line to suspense."""
        line, seen = self._line(), self.board
        if line is None or seen is None:
            return
        statement_id = seen.head.id
        self._ask(
            "Put to suspense",
            f"{line.words}, {self.amount(line.pence)}. It stays in suspense until it is moved to its fund.",
            "Note",
            "Who may have paid, and what was tried",
            "Put to suspense",
            lambda words: self._write(
                "Put to suspense",
                lambda s: service.to_suspense(s, statement_id, line.id, words),
                "Put to suspense.",
                self.back,
            ),
        )

    def ask_note(self, subject_id: str) -> None:
        """Asks for a note on a line or a receipt."""
        account_id = self._account_id()
        if account_id is None:
            return
        self._ask(
            "Write a note",
            self.subject_words(subject_id),
            "Note",
            "What is known until it is settled",
            "Save the note",
            lambda words: self._write(
                "Write a note",
                lambda s: service.add_note(s, account_id, subject_id, words),
                "Note saved.",
                self.back,
            ),
        )

    def _ask_reverse(self, match_id: str) -> None:
        self._ask(
            "Take the match apart",
            "Its line and its receipts are open again. The match stays on record with your reason.",
            "Reason",
            "One sentence is enough",
            "Take apart",
            lambda words: self._write(
                "Take a match apart",
                lambda s: service.reverse(s, match_id, words),
                "Match taken apart.",
                self.back,
            ),
        )

    def ask_unproved(self) -> None:
        """Asks for the reason a statement is taken although its sum does not prove."""
        statement_id = self.statement_id
        if statement_id is None:
            return
        self._ask(
            "Take it unproved",
            "The statement stays marked as unproved for ever, with your name and your reason.",
            "Reason",
            "Who decided it, and why it cannot wait",
            "Take it unproved",
            lambda words: self._write(
                "Take a statement unproved",
                lambda s: service.take_unproved(s, statement_id, words),
                "Taken unproved.",
                self.back,
            ),
        )

    def _ask(
        self, title: str, intro: str, label: str, hint: str, verb: str, act: Callable[[str], object]
    ) -> None:
        middle = self.bench.middle
        middle.words.ask(title, intro, label, hint, verb, act)
        self.take_over(middle.words)

    # Two pairs of eyes

    def _confirm(self, match_id: str) -> None:
        self._write("Confirm match", lambda s: service.confirm(s, match_id), "Match confirmed.")

    def _period_step(self, step: str) -> None:
        statement_id = self.statement_id
        if statement_id is None:
            return
        if step == "reopen":
            self._ask(
                "Reopen the period",
                "What was prepared and reviewed has to be looked at again.",
                "Reason",
                "What has to change, and who asked",
                "Reopen",
                lambda words: self._write(
                    "Reopen the period",
                    lambda s: service.reopen(s, statement_id, words),
                    "Period reopened.",
                    self.show_period,
                ),
            )
            return
        work = {"prepare": service.prepare, "review": service.review, "close": service.close}[step]
        words = {"prepare": "Marked as prepared.", "review": "Marked as reviewed.", "close": "Period closed."}
        done = words[step]
        self._write(done.rstrip("."), lambda s: work(s, statement_id), done)

    def _paper(self, name: str) -> None:
        report = next(one for one in REPORTS if one.name == name)
        options = {"statement": self.statement_id or ""}
        if name == "paying-in-summary" and self.board is not None:
            head = self.board.head
            options = {"from": head.starts_on.isoformat(), "to": head.ends_on.isoformat()}
            options["account"] = head.account_id
        self.shell.preview(report, options)

    def import_file(self, path: Path) -> Job:
        """Brings in a statement, a ledger or a payment report, as if it had been chosen in the dialog."""
        self.clear_notice()
        return self.bringing.bring(path)
