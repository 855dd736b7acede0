"""The Rules and codes section: rules in their order, learned ones that wait, and the council's codes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt
from sqlalchemy.orm import Session

from app.income import accounts, learning
from app.income.office import kept_rules, vocabulary
from app.income.office.kept_rules import RuleView
from app.income.office.trying import Tried, try_rule
from app.wording import plural
from models.changes import Changed
from models.income import RuleState, RuleUse
from ui.deck import Deck, ListCard
from ui.income.code_tables import LISTS, CodesView, sizes
from ui.income.rule_card import STATES, RuleCard, back_test_words
from ui.income.sections import Section, TwoCards
from ui.jobs import Job
from ui.shell import Shell
from ui.widgets import Button, EmptyPage, Item


class SectionPage(Section):
    """Rules and kinds of codes at the left; what is chosen at the right."""

    name = "codes"
    tables = (
        "income_rule",
        "income_fund",
        "income_method",
        "income_vat_code",
        "income_office",
        "income_validator",
        "income_account_holder",
        "income_stop_message",
    )

    def __init__(self, shell: Shell) -> None:
        self.learn = Button("Look for new rules", icon="lightbulb", on_click=self.look_for_rules)
        self.learn.setObjectName("rules-learn")
        super().__init__(shell, "Rules and codes", [self.learn])
        self.rules: dict[str, RuleView] = {}
        self.chosen_id = ""
        self._trying: Job | None = None
        self.cards = ListCard("Rules, then codes", "Rules and codes")
        self.deck = Deck(
            EmptyPage(
                "list-ordered",
                "Rules, and the council’s codes",
                "Rules set the fund or the reference of rows as they come in, in this order. Those learned "
                "from matches made by hand wait here for your word before they ever run.",
            )
        )
        self.card = RuleCard()
        self.deck.add(self.card)
        self.views: dict[str, CodesView] = {}
        self.panes = TwoCards(self.cards, self.deck, (4, 7))
        self.column.addWidget(self.panes, 1)
        self.join_list(self.cards, self.deck)
        self.card.asked.connect(self.act)

    # Reading

    def read_again(self) -> None:
        """Reads rules and the sizes of the lists, and shows again what is chosen."""
        found = self.shell.read(kept_rules.rules)
        self.rules = {rule.id: rule for rule in found}
        counts = self.shell.read(sizes)
        self.cards.list.set_groups(_groups(found, counts))
        running = sum(rule.state == RuleState.RUNNING for rule in found)
        self.cards.foot.set_total(f"{plural(len(found), 'rule')}, {running:,} running")
        waiting = sum(rule.state == RuleState.PROPOSED for rule in found)
        self.head.set_facts(
            f"{plural(waiting, 'learned rule waits', 'learned rules wait')} for your word." if waiting else ""
        )
        self._show()

    def _arrange(self) -> None:
        self._show()

    def _show(self) -> None:
        rule = self.rules.get(self.chosen_id)
        if rule is not None:
            self.card.show_rule(rule)
            self.deck.show_view(self.card)
        elif view := self._codes_view():
            view.show_codes()
            if view.box is not None:
                view.box.set_checks(self.shell.read(vocabulary.validators))
            self.deck.show_view(view)
        else:
            self.deck.show_view(self.deck.empty)
        self.head.setVisible(not (self.compact and self.panes.detail))

    def _codes_view(self) -> CodesView | None:
        """The table that is chosen, built the first time."""
        kind = next((kind for kind in LISTS if kind.key == self.chosen_id), None)
        if kind is None:
            return None
        if kind.key not in self.views:
            made = CodesView(kind, self.shell)
            made.read.connect(partial(self._came_in, made))
            self.views[kind.key] = made
            self.deck.add(made)
        return self.views[kind.key]

    def _came_in(self, view: CodesView) -> None:
        if self.deck.current is view:
            self.deck.show_view(view)  # its count is known now

    def choose(self, key: str) -> None:
        """Shows a rule or a kind of code."""
        self.chosen_id = key
        self._show()

    def open(self, key: str) -> None:
        """Shows one and goes to work in it."""
        self.cards.list.choose(key)
        self.chosen_id = key
        self.panes.show_detail(True)
        self._show()
        current = self.deck.current
        if isinstance(current, (RuleCard, CodesView)):
            current.focus_first()

    def _to_list(self) -> None:
        self.panes.show_detail(False)
        self._show()
        self.cards.list.setFocus(Qt.FocusReason.OtherFocusReason)

    # Acts

    def act(self, name: str) -> None:
        """Does what a button or its key asks of the rule on show: start, no, switch, up, down or try."""
        rule = self.rules.get(self.chosen_id)
        if rule is None:
            return
        rule_id = rule.id
        if name == "try":
            self.try_out(rule_id)
        elif name == "start":
            self._write("Start a rule", lambda s: learning.start(s, rule_id), "The rule runs from now on.")
        elif name == "no":
            self._write("Refuse a rule", lambda s: learning.stop(s, rule_id), "It is not proposed again.")
        elif name == "switch":
            on = rule.state != RuleState.RUNNING
            done = "The rule runs from now on." if on else "The rule is off."
            self._write("Switch a rule", lambda s: learning.switch_rule(s, rule_id, on), done)
        else:
            steps = -1 if name == "up" else 1
            self._write("Move a rule", lambda s: kept_rules.move_rule(s, rule_id, steps), "Moved.")

    def try_out(self, rule_id: str) -> None:
        """Tries a rule on the newest rows, off the window's thread; nothing is changed."""

        def work(job: Job) -> Tried:
            job.check()
            return self.shell.context.read(lambda session: try_rule(session, rule_id))

        def seen(tried: Tried) -> None:
            if self.chosen_id == rule_id:
                self.card.show_tried(tried)

        self._trying = self.shell.fetch(work, seen, self.refuse, "Trying the rule")

    def look_for_rules(self) -> None:
        """Looks through what was matched by hand for rules that always held, account by account."""

        def work(session: Session) -> Changed:
            changed = Changed()
            for account_id, _name in accounts.accounts(session):
                changed |= learning.learn(session, account_id)
            return changed

        def done(changed: Changed) -> None:
            count = len(changed.ids)
            told = "No new rule held in every past case."
            if count:
                told = f"{plural(count, 'rule')} learned; they wait for your word."
            self.shell.toast(told, undo=bool(count))

        self.shell.write("Look for new rules", work, done, self.refuse)

    def _write(self, label: str, work: Callable[[Session], Changed], toast: str) -> None:
        self.notice.hide()
        self.shell.write(label, work, None, self.refuse, toast)

    # What the tab asks

    def open_record(self, type_name: str, record_id: str) -> bool:
        """Shows a rule; False when it is not here."""
        if record_id not in self.rules:
            return False
        self.open(record_id)
        return True

    def record(self) -> tuple[str, str] | None:
        """The rule that is open."""
        return ("income_rule", self.chosen_id) if self.chosen_id in self.rules else None

    def focus_first(self) -> None:
        """Goes to the list."""
        self.cards.list.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.cards.list.value() is None:
            groups = _groups(list(self.rules.values()), {})
            self.cards.list.choose(groups[0][1][0].id)


def _groups(rules: Sequence[RuleView], counts: dict[str, int]) -> list[tuple[str, list[Item]]]:
    """Learned rules that wait, rules in the order they run, then the kinds of codes."""
    groups = [
        ("Learned, waiting for your word", [r for r in rules if r.state == RuleState.PROPOSED]),
        ("For rows that come in", [r for r in rules if _kept(r, RuleUse.IMPORT)]),
        ("For bank lines", [r for r in rules if _kept(r, RuleUse.BANK)]),
    ]
    told = [(heading, [_entry(rule) for rule in some]) for heading, some in groups if some]
    codes = []
    for kind in LISTS:
        words = plural(counts[kind.key], kind.noun) if kind.key in counts else "whose account a reference is"
        codes.append(Item(kind.key, kind.title, words))
    return [*told, ("Codes", codes)]


def _kept(rule: RuleView, use: RuleUse) -> bool:
    return rule.use == use and rule.state != RuleState.PROPOSED


def _entry(rule: RuleView) -> Item:
    state = RuleState(rule.state)
    if state is RuleState.PROPOSED:
        return Item(rule.id, rule.name, back_test_words(rule), "warn", "lightbulb")
    tone, icon = ("good", "play") if state is RuleState.RUNNING else ("muted", "pause")
    return Item(rule.id, rule.name, rule.words, "muted", icon if tone == "muted" else None, STATES[state])
