"""Large boards read off the window's thread: one reading at a time, and none between two quick acts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from app.income.board import Board, board
from app.income.matching import Proposal
from ui.income.items import haystacks
from ui.jobs import Job
from ui.shell import Shell

Read = tuple[Board, list[str], list[str]]
REST = 1_500  # milliseconds without an act before a large board is matched anew


class BoardReader(QObject):
    """Reads one statement's board with the texts that its filters search; `ready` carries all three.

    After an act the board on show goes on without what was settled (`go_on`), and is read anew once the
    officer rests, so that a statement of 100,000 lines is worked as quickly as one of ten.
    """

    ready = Signal(object, object, object)  # Board, texts of its lines, texts of its receipts

    def __init__(self, shell: Shell, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shell = shell
        self._statement_id = ""
        self._job: Job | None = None
        self._again = False
        self.last: Read | None = None
        self._rest = QTimer(self, singleShot=True, interval=REST)
        self._rest.timeout.connect(self._start)

    @property
    def waits(self) -> bool:
        """Whether the board on show is older than the store."""
        return self._rest.isActive() or self._again or (self._job is not None and not self._job.finished)

    def read(self, statement_id: str) -> None:
        """Reads a board: at once where another one is on show, else when the officer rests."""
        same = self.last is not None and self.last[0].head.id == statement_id
        self._statement_id = statement_id
        if same:
            self._rest.start()
        else:
            self._start()

    def stop(self) -> None:
        """Forgets what is under way: a small board is shown."""
        self._rest.stop()
        self._again, self.last, self._statement_id = False, None, ""
        if self._job is not None:
            self._job.cancel()

    def _start(self) -> None:
        if self._job is not None and not self._job.finished:
            self._again = True  # it is old before it is read
            return
        statement_id = self._statement_id

        def work(job: Job) -> Read:
            seen = self._shell.context.read(lambda session: board(session, statement_id))
            job.check()
            _warm(seen)
            return seen, haystacks(seen.lines), haystacks(seen.receipts)

        title = "" if self.last is not None else "Matching the statement with the book"
        self._job = self._shell.fetch(work, self._done, title=title)

    def _done(self, made: Read) -> None:
        if self._again:
            self._again = False
            self._start()
            return
        if made[0].head.id == self._statement_id and not self._rest.isActive():
            self.last = made
            self.ready.emit(*made)

    def go_on(self, settled: Sequence[Proposal]) -> bool:
        """Shows the last board without the lines and receipts of some proposals, by `ready`; False where none
        was read, or a small one is on show."""
        last = self.last
        if last is None or not self.waits:
            return False

        def work(job: Job) -> Read:
            job.check()
            made = without(last, settled)
            _warm(made[0])
            return made

        def done(made: Read) -> None:
            if self.last is last:  # nothing newer was read in the meantime
                self.last = made
            if made[0].head.id == self._statement_id:
                self.ready.emit(*(self.last or made))

        self._shell.fetch(work, done)
        return True


def _warm(seen: Board) -> None:
    """Makes what a board looks things up in, so that the window's thread never has to."""
    for made in (seen.line_by_id, seen.receipt_by_id, seen.proposal_by_line):
        len(made)
    for proposal in {one.stage: one for one in seen.proposals}.values():
        seen.evidence(proposal)


def without(last: Read, settled: Sequence[Proposal]) -> Read:
    """A board and its texts without the lines and receipts of some proposals; its sums stay as they are."""
    seen, bank, book = last
    lines = {proposal.line_id for proposal in settled}
    receipts = {record_id for proposal in settled for record_id in proposal.receipt_ids}
    gone = lines | receipts
    above = seen.head.second_officer_above
    second = sum(abs(seen.line_by_id[one].pence) > above for one in lines if one in seen.line_by_id)
    kept = [n for n, line in enumerate(seen.lines) if line.id not in lines]
    held = [n for n, receipt in enumerate(seen.receipts) if receipt.id not in receipts]
    made = replace(
        seen,
        lines=tuple(seen.lines[n] for n in kept),
        receipts=tuple(seen.receipts[n] for n in held),
        proposals=tuple(one for one in seen.proposals if one.line_id not in lines),
        parts=tuple(part for part in seen.parts if part.subject_id not in gone),
        waiting_for_second=seen.waiting_for_second + second,
    )
    return made, [bank[n] for n in kept], [book[n] for n in held]
