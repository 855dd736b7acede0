"""The eReturns section: what sites pay in, those that wait for this person first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget
from sqlalchemy.orm import Session

from app.income import accounts
from app.income.office import ereturns
from app.income.office.chain import chain
from app.income.office.ereturn_views import EReturnView
from app.wording import day, money, plural
from models.changes import Changed
from models.errors import HoldallError
from models.income import EReturnKind, EReturnState
from ui.deck import Deck, DeckView, ListCard, acts, refuse_in
from ui.income.ereturn_card import EReturnCard
from ui.income.ereturn_form import EReturnForm
from ui.income.sections import Section, TwoCards
from ui.income.verdicts import fetch_verdicts
from ui.shell import Shell
from ui.widgets import Button, ComboBox, DateBoxes, EmptyPage, Field, Item, LineEdit

_KINDS = (("Cash", EReturnKind.CASH.value), ("Cheques", EReturnKind.CHEQUE.value))


class BeginForm(DeckView):
    """The first three things of a new eReturn: what kind, where and when, and the account it is for."""

    asked = Signal(str, str, str, object)  # account id, kind, site, day

    def __init__(self) -> None:
        super().__init__("Begin an eReturn")
        self.kind, self.account = ComboBox(_KINDS), ComboBox()
        self.kind.setObjectName("ereturn-kind")
        self.site, self.taken_on = LineEdit(), DateBoxes(name="Taken on")
        self.site.setObjectName("ereturn-site")
        self.kind_field = Field("What was taken", self.kind)
        self.site_field = Field("Site", self.site, "Where the money was taken, like Hadley Street Library")
        self.day_field = Field("Taken on", self.taken_on)
        self.account_field = Field("Paid into", self.account)
        for field in (self.kind_field, self.site_field, self.day_field, self.account_field):
            self.rows.addWidget(field)
        self.rows.addStretch(1)
        self.begin = Button("Begin", "primary", key="Ctrl Enter", on_click=self.submit)
        self.begin.setObjectName("ereturn-begin")
        self.cancel = Button("Cancel", key="Esc", on_click=self.left.emit)
        self.foot.addWidget(acts(self.begin, self.cancel))

    def ask(self, choices: Sequence[tuple[str, str]], today: date) -> None:
        """Sets the form up anew for these accounts."""
        self.account.clear()
        for account_id, name in choices:
            self.account.addItem(name, account_id)
        self.account_field.setVisible(len(choices) != 1)
        self.site.setText("")
        self.taken_on.set_value(today)
        for field in (self.site_field, self.day_field):
            field.set_error(None)

    def submit(self) -> None:
        """Checks each field and hands them over."""
        site, when = self.site.text().strip(), self.taken_on.value()
        self.site_field.set_error(None if site else "Write where the money was taken")
        self.day_field.set_error(None if when else "Write a real date, like 17 12 2026")
        if not site:
            self.site.setFocus()
        elif when is None:
            self.day_field.focus_editor()
        else:
            self.asked.emit(str(self.account.currentData()), str(self.kind.currentData()), site, when)

    def focus_first(self) -> None:
        """Goes to the kind."""
        self.kind.setFocus(Qt.FocusReason.OtherFocusReason)


class SectionPage(Section):
    """eReturns by state at the left; at the right the form of one in progress, or the card of one sent."""

    name = "ereturns"
    tables = ("income_ereturn", "income_match", "income_receipt", "income_fund", "income_account")

    def __init__(self, shell: Shell) -> None:
        self.new = Button("Begin an eReturn", icon="plus", key="Ctrl N", on_click=self.ask_begin)
        self.new.setObjectName("ereturn-new")
        super().__init__(shell, "eReturns", [self.new])
        self.views: dict[str, EReturnView] = {}
        self.chosen_id = ""
        self.cards = ListCard("Paid in by sites", "eReturns")
        first = Button("Begin an eReturn", "primary", "plus", on_click=self.ask_begin)
        first.setObjectName("ereturn-first")
        self.none = EmptyPage(
            "banknote",
            "Nothing paid in yet",
            "A site counts its cash or lists its cheques here, says what the money was taken for and submits "
            "it. Once a colleague authorises it, the bank’s credit finds it by the bag or slip number.",
            first,
        )
        choose = EmptyPage("banknote", "Choose an eReturn", "Arrows move through the list, Enter opens one.")
        self.deck = Deck(choose)
        self.form, self.card, self.begin = EReturnForm(), EReturnCard(), BeginForm()
        for view in (self.form, self.card, self.begin):
            self.deck.add(view)
        self.panes = TwoCards(self.cards, self.deck, (4, 7))
        self.column.addWidget(self.none, 1)
        self.column.addWidget(self.panes, 1)
        self._wire()

    def _wire(self) -> None:
        self.join_list(self.cards, self.deck)
        self.begin.asked.connect(self._begin)
        self.begin.left.connect(self._left)
        self.form.save_asked.connect(self._save)
        self.form.submit_asked.connect(self._submit)
        self.form.void_asked.connect(self._ask_void)
        self.card.authorise_asked.connect(self._authorise)
        self.card.back_asked.connect(self._ask_back)
        self.card.delete_asked.connect(self._ask_delete)
        self.deck.words.cancelled.connect(self._left)

    # Reading

    def read_again(self) -> None:
        """Reads the list, and what is chosen in it."""
        found = self.shell.read(ereturns.ereturns)
        self.views = {view.id: view for view in found}
        me = self.shell.context.author.user_id
        self.cards.list.set_groups(_groups(found, me))
        on_the_way = sum(v.counted_pence for v in found if v.state == EReturnState.SUBMITTED)
        self.cards.foot.set_total("Submitted, not yet authorised", money(on_the_way))
        mine = sum(v.state == EReturnState.SUBMITTED and v.submitted_by != me for v in found)
        told = "Nothing waits for you."
        if mine:
            told = f"{plural(mine, 'eReturn waits', 'eReturns wait')} for you to authorise."
        self.head.set_facts(told if found else "")
        if self.chosen_id not in self.views:
            self.chosen_id = ""
        self._arrange()
        if self.deck.current not in (self.begin, self.deck.words):
            self._show(fresh=False)

    def _arrange(self) -> None:
        busy = self.deck.current is self.begin
        empty = not self.views and not busy
        self.none.setVisible(empty)
        self.panes.setVisible(not empty)
        self.new.setVisible(not empty)
        self.head.setVisible(empty or not (self.compact and self.panes.detail))

    def _show(self, fresh: bool, focus: bool = False) -> None:
        """Shows what is chosen: its form while it is in progress, else its card."""
        view = self.views.get(self.chosen_id)
        if view is None:
            self.deck.show_view(self.deck.empty)
            return
        if view.state == EReturnState.IN_PROGRESS:
            self.form.show_view(view, self.shell.read(accounts.funds), fresh)
            self.deck.show_view(self.form, focus)
            if fresh:
                fetch_verdicts(self.shell, self.form.set_verdicts)
            return
        ereturn_id = view.id
        made = self.shell.read(lambda session: chain(session, ereturn_id))
        self.card.show_chain(made, self.shell.context.author.user_id)
        self.deck.show_view(self.card, focus)

    def choose(self, ereturn_id: str) -> None:
        """Shows one eReturn; what was being typed in another is saved first."""
        if ereturn_id == self.chosen_id and self.deck.current in (self.form, self.card):
            return
        self.form.autosave.flush()
        self.chosen_id = ereturn_id
        self._show(fresh=True)

    def open(self, ereturn_id: str) -> None:
        """Shows one and goes to work in it."""
        self.cards.list.choose(ereturn_id)
        self.choose(ereturn_id)
        self._detail(True)
        self._show(fresh=False, focus=True)

    def _detail(self, shown: bool) -> None:
        self.panes.show_detail(shown)
        self._arrange()

    def _to_list(self) -> None:
        self.leave()
        self._detail(False)
        self.cards.list.setFocus()

    def _left(self) -> None:
        self._show(fresh=False)
        if self.deck.current is self.deck.empty:
            self._detail(False)
        self._arrange()
        self.cards.list.setFocus()

    # Acts

    def ask_begin(self) -> None:
        """Asks for the first things of a new eReturn; says so where no account is here yet."""
        choices = self.shell.read(accounts.accounts)
        if not choices:
            self.refuse(HoldallError("There is no bank account here yet.", "Import a bank statement first."))
            return
        self.leave()
        self.begin.ask(choices, self.shell.context.today())
        self.deck.show_view(self.begin)
        self._detail(True)
        self.begin.focus_first()

    def _begin(self, account_id: str, kind: str, site: str, taken_on: date) -> None:
        def done(made: tuple[str, Changed]) -> None:
            self.deck.show_view(self.deck.empty)
            self.cards.list.choose(made[0])
            self.open(made[0])

        self.shell.write(
            "Begin an eReturn",
            lambda s: ereturns.begin(s, account_id, kind, site, taken_on),
            done,
            self._refused,
        )

    def _save(self, seen: EReturnView) -> None:
        def work(session: Session) -> Changed:
            if seen.kind == EReturnKind.CASH:
                changed = ereturns.set_cash(session, seen.id, seen.denominations, seen.slip)
            else:
                changed = ereturns.set_cheques(session, seen.id, seen.cheques, seen.slip)
            return changed | ereturns.set_lines(session, seen.id, seen.lines)

        def failed(error: HoldallError) -> None:
            self.form.saved()
            self.form.refuse(error)

        self.shell.write("Write an eReturn", work, lambda _changed: self.form.saved(), failed)

    def _submit(self, ereturn_id: str) -> None:
        self._write(
            "Submit an eReturn",
            lambda s: ereturns.submit(s, ereturn_id),
            "Submitted. A colleague authorises it.",
        )

    def _authorise(self, ereturn_id: str) -> None:
        self._write(
            "Authorise an eReturn", lambda s: ereturns.authorise(s, ereturn_id), "Authorised and posted."
        )

    def _ask_back(self, ereturn_id: str) -> None:
        self._ask(
            "Give it back to be changed",
            "It is in progress again; the site sees what you write here.",
            "What has to be put right",
            "Give it back",
            lambda words: self._write(
                "Send an eReturn back", lambda s: ereturns.send_back(s, ereturn_id, words), "Sent back."
            ),
        )

    def _ask_delete(self, ereturn_id: str) -> None:
        self._ask(
            "Refuse it for good",
            "It stays on record as refused, with your reason. Nothing of it is posted.",
            "Reason",
            "Refuse it",
            lambda words: self._write(
                "Refuse an eReturn", lambda s: ereturns.delete(s, ereturn_id, words), "Refused."
            ),
        )

    def _ask_void(self, ereturn_id: str) -> None:
        self._ask(
            "Give it up",
            "It stays on record as given up. Nothing of it is posted.",
            "Reason",
            "Give it up",
            lambda words: self._write(
                "Give up an eReturn", lambda s: ereturns.void(s, ereturn_id, words), "Given up."
            ),
        )

    def _ask(self, title: str, intro: str, label: str, verb: str, act: Callable[[str], object]) -> None:
        self.deck.words.ask(title, intro, label, "One sentence is enough", verb, act)
        self.deck.show_view(self.deck.words, focus=True)

    def _write(self, label: str, work: Callable[[Session], Changed], toast: str) -> None:
        self.notice.hide()

        def done(_changed: Changed) -> None:
            self._show(fresh=True)
            self._arrange()

        self.shell.write(label, work, done, self._refused, toast)

    def _refused(self, error: HoldallError) -> None:
        if refuse_in(self.deck, error):
            return
        if self.deck.current is self.form:
            self.form.refuse(error)
        else:
            self.refuse(error)

    # What the tab asks

    def leave(self) -> None:
        """Saves what is being typed."""
        self.form.autosave.flush()

    def open_record(self, type_name: str, record_id: str) -> bool:
        """Shows an eReturn; False when it is not here."""
        if record_id not in self.views:
            return False
        self.cards.list.choose(record_id)
        self.open(record_id)
        return True

    def record(self) -> tuple[str, str] | None:
        """The eReturn that is open."""
        return ("income_ereturn", self.chosen_id) if self.chosen_id else None

    def focus_first(self) -> None:
        """Goes to the list, on what waits for this person; to the first step where there is nothing."""
        if not self.views:
            self.none.findChildren(QWidget, "ereturn-first")[0].setFocus()
            return
        self.cards.list.setFocus()
        if self.cards.list.value() is None:
            self.cards.list.choose(next(iter(self._order())))

    def _order(self) -> list[str]:
        groups = _groups(list(self.views.values()), self.shell.context.author.user_id)
        return [item.id for _, items in groups for item in items]


def _groups(views: Sequence[EReturnView], me: str) -> list[tuple[str, list[Item]]]:
    """eReturns under their headings: those that wait for this person first, what was given up last."""
    headings = ("Waits for you", "In progress", "Waits for a colleague", "Authorised", "Given up or refused")
    groups: dict[str, list[Item]] = {heading: [] for heading in headings}
    for view in views:
        state = EReturnState(view.state)
        place = {
            EReturnState.SUBMITTED: 2 if view.submitted_by == me else 0,
            EReturnState.IN_PROGRESS: 1,
            EReturnState.AUTHORISED: 3,
        }.get(state, 4)
        kind = "Cash" if view.kind == EReturnKind.CASH else "Cheques"
        who = f", by {view.submitted_by_name}" if place == 0 and view.submitted_by_name else ""
        bag = f", {view.slip}" if view.slip else ""
        tone, icon = ("warn", "clock") if place == 0 else ("muted", None)
        detail = f"{kind}, {day(view.taken_on)}{bag}{who}"
        item = Item(view.id, view.site, detail, tone, icon, money(view.counted_pence))
        groups[headings[place]].append(item)
    return [(heading, items) for heading, items in groups.items() if items]
