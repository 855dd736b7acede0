"""The Journals section: journals and refunds, those that wait for a second person first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from PySide6.QtCore import Qt
from sqlalchemy.orm import Session

from app.income import accounts
from app.income.office import journals, refunds
from app.income.office.journal_views import JournalRow, JournalView
from app.income.office.postings import Posting, find_postings
from app.income.office.refunds import RefundView
from app.wording import day, listed, money, plural
from models.changes import Changed
from models.errors import HoldallError
from models.income import JournalKind, JournalState, RefundState
from ui.deck import Deck, ListCard, refuse_in
from ui.income.journal_card import KINDS, JournalCard
from ui.income.posting_view import AmountForm, FindPosting
from ui.income.refund_card import PaidForm, RefundCard
from ui.income.sections import Section, TwoCards
from ui.income.suspense_forms import AllocateForm
from ui.income.verdicts import Verdicts, fetch_verdicts
from ui.jobs import Job
from ui.shell import Shell
from ui.widgets import Button, EmptyPage, Item

Kept = JournalView | RefundView
_HEADINGS = (
    "Waits for you",
    "Waits for a colleague",
    "Refunds to be paid",
    "Done",
    "Refused or turned round",
)


class SectionPage(Section):
    """Journals and refunds by what they need at the left; at the right the one that is chosen."""

    name = "journals"
    tables = ("income_journal", "income_refund", "income_suspense", "income_note")

    def __init__(self, shell: Shell) -> None:
        self.new = Button("Refund or move a posting", icon="search", key="Ctrl N", on_click=self.find_posting)
        self.new.setObjectName("journals-new")
        super().__init__(shell, "Journals and refunds", [self.new])
        self.kept: dict[str, Kept] = {}
        self.chosen_id, self._fee = "", False
        self.cards = ListCard("Two pairs of eyes", "Journals and refunds")
        self.none = EmptyPage(
            "repeat-2",
            "No journal and no refund yet",
            "Money that leaves suspense, moves to another fund or goes back to a payer is proposed by one "
            "person and approved by another. What waits for you stands here first.",
        )
        choose = EmptyPage("repeat-2", "Choose one", "Arrows move through the list, Enter goes to its acts.")
        self.deck = Deck(choose)
        self.journal, self.refund, self.paid = JournalCard(), RefundCard(), PaidForm()
        self.finder, self.amount, self.move_form = FindPosting(), AmountForm(), AllocateForm()
        self._posting_id = ""
        for view in (self.journal, self.refund, self.paid, self.finder, self.amount, self.move_form):
            self.deck.add(view)
        self.panes = TwoCards(self.cards, self.deck, (4, 7))
        self.column.addWidget(self.none, 1)
        self.column.addWidget(self.panes, 1)
        self.join_list(self.cards, self.deck)
        self.journal.asked.connect(self.act)
        self.refund.asked.connect(self.act)
        self.paid.saved.connect(self._paid)
        for form in (self.paid, self.finder, self.amount, self.move_form):
            form.left.connect(self.back)
        self.finder.sought.connect(self._look)
        self.finder.asked.connect(self._act_on_posting)
        self.amount.saved.connect(self._amount_said)
        self.move_form.proposed.connect(self._move)
        self.deck.words.cancelled.connect(self.back)

    # Reading

    def read_again(self) -> None:
        """Reads both lists, and shows again what is chosen; a form that is being written stays."""
        found: list[Kept] = [*self.shell.read(journals.journals), *self.shell.read(refunds.refunds)]
        self.kept = {one.id: one for one in found}
        me = self.shell.context.author.user_id
        groups = _groups(found, me)
        self.cards.list.set_groups(groups)
        mine = sum(one.waits and _maker(one) != me for one in found)
        waiting = sum(_pence(one) for one in found if one.waits)
        self.cards.foot.set_total("Waits for a second person", money(waiting))
        told = f"{plural(mine, 'waits', 'wait')} for you to decide." if mine else "Nothing waits for you."
        self.head.set_facts(told if found else "")
        if self.chosen_id not in self.kept:
            self.chosen_id = ""
        if self.deck.current in (self.journal, self.refund, self.deck.empty):
            self._show()
        self._arrange()

    def _arrange(self) -> None:
        busy = self.deck.current in (self.finder, self.amount, self.move_form)
        empty = not self.kept and not busy
        self.none.setVisible(empty)
        self.panes.setVisible(not empty)
        self.head.setVisible(empty or not (self.compact and self.panes.detail))

    def _show(self) -> None:
        one = self.kept.get(self.chosen_id)
        me, today = self.shell.context.author.user_id, self.shell.context.today()
        if one is None:
            self.deck.show_view(self.deck.empty)
        elif isinstance(one, JournalView):
            self.journal.show_journal(one, me, today)
            self.deck.show_view(self.journal)
        else:
            self.refund.show_refund(one, me, today)
            self.deck.show_view(self.refund)

    def choose(self, record_id: str) -> None:
        """Shows one."""
        self.chosen_id = record_id
        self._show()

    def open(self, record_id: str) -> None:
        """Shows one and goes to its acts."""
        self.cards.list.choose(record_id)
        self.choose(record_id)
        self.panes.show_detail(True)
        self._arrange()
        current = self.deck.current
        if isinstance(current, (JournalCard, RefundCard)):
            current.focus_first()

    def back(self) -> None:
        """Shows what is chosen again, with the keyboard in the list."""
        self._show()
        self._arrange()
        if not self.compact:
            self.cards.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _to_list(self) -> None:
        self._show()
        self.panes.show_detail(False)
        self._arrange()
        self.cards.list.setFocus(Qt.FocusReason.OtherFocusReason)

    # Acts

    def act(self, name: str) -> None:
        """Does what a button or its key asks of the journal or refund on show."""
        one = self.kept.get(self.chosen_id)
        if isinstance(one, JournalView):
            self._act_on_journal(name, one)
        elif one is not None:
            self._act_on_refund(name, one)

    def _act_on_journal(self, name: str, one: JournalView) -> None:
        if name == "approve":
            self._write("Approve a journal", lambda s: journals.approve(s, one.id), "Approved.")
        elif name == "refuse":
            self._ask(
                "Refuse the journal" if one.made_by != self.shell.context.author.user_id else "Withdraw it",
                f"{KINDS[JournalKind(one.kind)]}, {money(one.total_pence)}. What it held is free again.",
                lambda words: self._write(
                    "Refuse a journal", lambda s: journals.refuse(s, one.id, words), "Refused."
                ),
            )
        else:
            self._ask(
                "Turn the journal round",
                "A journal with the same lines turned round is proposed; a colleague approves it.",
                lambda words: self._write(
                    "Turn a journal round",
                    lambda s: journals.undo(s, one.id, words),
                    "Proposed. A colleague approves it.",
                ),
            )

    def _act_on_refund(self, name: str, one: RefundView) -> None:
        if name == "authorise":
            self._write("Authorise a refund", lambda s: refunds.authorise(s, one.id), "Authorised.")
        elif name == "paid":
            self.paid.ask(self.shell.context.today())
            self.deck.show_view(self.paid, focus=True)
        elif name == "refuse":
            self._ask(
                "Refuse the refund",
                f"{money(one.pence)} of “{one.narrative}”. Nothing goes back.",
                lambda words: self._write(
                    "Refuse a refund", lambda s: refunds.refuse(s, one.id, words), "Refused."
                ),
            )
        else:
            self._ask(
                "The refund failed",
                f"{money(one.pence)} of “{one.narrative}”. The posting is free again.",
                lambda words: self._write(
                    "Note that a refund failed", lambda s: refunds.failed(s, one.id, words), "Noted."
                ),
            )

    def find_posting(self) -> None:
        """Looks for a posting that money goes back of, or that belongs elsewhere."""
        self.deck.show_view(self.finder)
        self.panes.show_detail(True)
        self._arrange()
        self.finder.focus_first()
        self._look(self.finder.search.text())

    def _look(self, words: str) -> None:
        """Looks through the book off the window's thread."""

        def work(job: Job) -> list[Posting]:
            job.check()
            return self.shell.context.read(lambda session: find_postings(session, words))

        def seen(found: list[Posting]) -> None:
            if self.finder.search.text() == words:
                self.finder.show_postings(found)

        self.shell.fetch(work, seen)

    def _act_on_posting(self, act: str, one: Posting) -> None:
        self._posting_id = one.id
        if act == "move":
            names = self.shell.read(accounts.funds)
            self.move_form.ask_move(one, names, Verdicts(names))
            fetch_verdicts(self.shell, self.move_form.set_verdicts)
            self.deck.show_view(self.move_form, focus=True)
            return
        self._fee = act == "fee"
        self.amount.ask(one, self._fee)
        self.deck.show_view(self.amount, focus=True)

    def _amount_said(self, pence: int, reason: str) -> None:
        posting_id = self._posting_id
        if self._fee:
            self._write("Post a card fee", lambda s: refunds.card_fee(s, posting_id, pence), "Posted.")
            return
        self._write(
            "Ask for a refund",
            lambda s: refunds.request(s, posting_id, pence, reason),
            "Asked for. A colleague authorises it.",
        )

    def _move(self, rows: Sequence[JournalRow], reason: str) -> None:
        posting_id = self._posting_id
        self._write(
            "Move a posting",
            lambda s: journals.transfer(s, posting_id, rows, reason),
            "Proposed. A colleague approves it.",
        )

    def _ask(self, title: str, intro: str, act: Callable[[str], object]) -> None:
        self.deck.words.ask(title, intro, "Reason", "One sentence is enough", title, act)
        self.deck.show_view(self.deck.words, focus=True)

    def _paid(self, reference: str, on: date) -> None:
        refund_id = self.chosen_id
        self._write(
            "Post a refund", lambda session: refunds.paid(session, refund_id, reference, on), "Posted."
        )

    def _write(self, label: str, work: Callable[[Session], Changed], toast: str) -> None:
        self.notice.hide()
        self.shell.write(label, work, lambda _changed: self._written(), self._refused, toast)

    def _written(self) -> None:
        """After an act: the next one that waits for this person, else the same one again."""
        me = self.shell.context.author.user_id
        self.deck.show_view(self.deck.empty)
        one = self.kept.get(self.chosen_id)
        if one is not None and not one.waits:
            order = [item.id for _, items in _groups(list(self.kept.values()), me) for item in items]
            waiting = [r for r in order if self.kept[r].waits and _maker(self.kept[r]) != me]
            if waiting:
                self.cards.list.choose(waiting[0])
        self.back()

    def _refused(self, error: HoldallError) -> None:
        current = self.deck.current
        if isinstance(current, (PaidForm, AmountForm, AllocateForm)):
            current.refuse(error)
        elif not refuse_in(self.deck, error):
            self.refuse(error)

    # What the tab asks

    def open_record(self, type_name: str, record_id: str) -> bool:
        """Shows a journal or a refund; False when it is not here."""
        if record_id not in self.kept:
            return False
        self.open(record_id)
        return True

    def record(self) -> tuple[str, str] | None:
        """The journal or refund that is open."""
        one = self.kept.get(self.chosen_id)
        if one is None:
            return None
        return ("income_journal" if isinstance(one, JournalView) else "income_refund", one.id)

    def focus_first(self) -> None:
        """Goes to the list, on the first that waits."""
        self.cards.list.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.cards.list.value() is None and self.kept:
            groups = _groups(list(self.kept.values()), self.shell.context.author.user_id)
            self.cards.list.choose(groups[0][1][0].id)


def _maker(one: Kept) -> str:
    return one.made_by if isinstance(one, JournalView) else one.requested_by


def _pence(one: Kept) -> int:
    return one.total_pence if isinstance(one, JournalView) else one.pence


def _groups(found: Sequence[Kept], me: str) -> list[tuple[str, list[Item]]]:
    """Journals and refunds under their headings."""
    groups: dict[str, list[Item]] = {heading: [] for heading in _HEADINGS}
    for one in found:
        if one.waits:
            place = 1 if _maker(one) == me else 0
        elif one.state == RefundState.AUTHORISED and isinstance(one, RefundView):
            place = 2
        else:
            place = 3 if one.state in (JournalState.APPROVED, RefundState.PAID) else 4
        groups[_HEADINGS[place]].append(_entry(one, place == 0))
    return [(heading, items) for heading, items in groups.items() if items]


def _entry(one: Kept, mine: bool) -> Item:
    tone, icon = ("warn", "clock") if mine else ("muted", None)
    if isinstance(one, JournalView):
        to = sorted({line.fund for line in one.lines if line.pence > 0})
        noun = "fund" if len(to) == 1 else "funds"
        title = KINDS[JournalKind(one.kind)] + (f" to {noun} {listed(to)}" if to else "")
        detail = f"{day(one.made_on)}, by {one.made_by_name}"
        return Item(one.id, title, detail, tone, icon, money(one.total_pence))
    detail = f"{day(one.requested_on)}, by {one.requested_by_name}"
    return Item(one.id, f"Refund: {one.narrative}", detail, tone, icon, money(one.pence))
