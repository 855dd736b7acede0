"""Rules learned from what officers match by hand: readable, tried on the past, started by a person alone.

A rule is proposed when the bank's words of three or more matches by hand (or journals out of suspense) share
a phrase and all went to one fund. One that would have been wrong even once is neither proposed nor started.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import HoldallError
from app.income.office.kept_rules import STEP, as_rule, kept_rule, running, set_running
from app.income.row_rules import Action, Condition, Operator, Rule, RuleSet, compile_rules
from app.income.rule_files import as_document
from app.income.rule_names import MARK
from app.income.rules import stable_id
from app.wording import plural
from models.changes import Author, Changed
from models.income import (
    ACTIVE,
    BankLine,
    Journal,
    JournalKind,
    JournalLine,
    JournalState,
    Match,
    MatchKind,
    MatchReceipt,
    Receipt,
    RuleState,
    RuleUse,
    Suspense,
    SuspenseAllocation,
)
from models.income import Rule as KeptRule
from models.types import UtcDateTime, to_wire

LEAST = 3  # equal matches before a rule is proposed, and cases that must speak for one before it starts
LONGEST_PHRASE = 6  # words
MOST_PROPOSED = 20  # at a time: a person reads each one
MOST_TRIED = 1_000  # phrases, those with the most cases, that are tried on all of the past
BY_HAND = "hand"  # the stage of a match that an officer chose
BY_RULE = "rule"  # one that a rule proposed says nothing about whether rules are right
_FIRST_DAY = date(2000, 1, 1)  # a learned rule's id has no day of its own

_TOKEN = re.compile(r"\S+")
_LETTERS = re.compile(r"[^\W\d_]")
_FILLER = re.compile(
    r"""account|acct|averwick|bacs|bank|bgc|bill|borough|cash|chaps|cheque|chq|council|counter|credit|date|dd
    |deb|debit|direct|faster|fpi|fpo|from|giro|inv|invoice|limited|ltd|miss|mobile|mr|mrs|ms|nonref|online
    |paid|payments?|pay|plc|receipts?|ref|reference|remittance|so|sto|standing|order|the|tfr|to|trf|transfer
    |via|january|february|march|april|may|june|july|august|september|october|november|december
    |jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun""",
    re.IGNORECASE | re.VERBOSE,
)


class Past(NamedTuple):
    """One settled case: the bank's words and pence, and the fund and account it went to ("" for several)."""

    bank_words: str
    pence: int
    fund: str
    account_reference: str
    matched_on: date
    by_hand: bool = True


@dataclass(frozen=True)
class BackTest:
    """How a rule would have done on past cases: those it fires on, right and wrong."""

    right: int
    wrong: int

    @property
    def of(self) -> int:
        """How many past cases it fires on."""
        return self.right + self.wrong

    @property
    def words(self) -> str:
        """The same in a sentence."""
        return f"It would have been right in {self.right} of {plural(self.of, 'past case')}."


@dataclass(frozen=True)
class LearnedRule:
    """A rule that past matches speak for; `account_reference` is "" where they went to several accounts."""

    phrase: str
    fund: str
    account_reference: str
    back_test: BackTest

    @property
    def name(self) -> str:
        """A short name, which lines it touches carry."""
        tail = f" is fund {self.fund}"
        room = 50 - len(tail)
        return (self.phrase if len(self.phrase) <= room else self.phrase[: room - 1] + "…") + tail

    @property
    def words(self) -> str:
        """What it does, in a sentence."""
        account = f", account {self.account_reference}" if self.account_reference else ""
        return f"When the bank’s words contain {self.phrase}, it is fund {self.fund}{account}."

    @property
    def rule(self) -> Rule:
        """The same as a rule that can run."""
        actions = [Action("FundCode", self.fund)]
        if self.account_reference:
            actions.append(Action("AccountReference", self.account_reference))
        conditions = (Condition("BankWords", Operator.CONTAIN, self.phrase),)
        return Rule(self.name, conditions, tuple(actions), self.words)


def phrases_in(words: str) -> frozenset[str]:
    """Return the phrases that may stay the same from one payment to the next.

    They are runs of up to six words without a digit, as the bank writes them; each begins and ends with a
    word that says something and holds one of four letters or more, or two words with five letters.
    """
    found: set[str] = set()
    run: list[tuple[int, int]] = []
    for token in _TOKEN.finditer(words):
        text = token.group()
        stable = not any(ch.isdigit() for ch in text) and _LETTERS.search(text) is not None
        if not stable or (run and token.start() - run[-1][1] != 1):
            _add_runs(words, run, found)
            run = []
        if stable:
            run.append(token.span())
    _add_runs(words, run, found)
    return frozenset(found)


def _add_runs(words: str, run: Sequence[tuple[int, int]], found: set[str]) -> None:
    says = [not _FILLER.fullmatch(words[start:end].strip(".,;:/-()")) for start, end in run]
    letters = [sum(ch.isalpha() for ch in words[start:end]) for start, end in run]
    for first in range(len(run)):
        for last in range(first, min(len(run), first + LONGEST_PHRASE)):
            part = range(first, last + 1)
            telling = any(says[at] and letters[at] >= 4 for at in part)
            telling = telling or (last > first and sum(letters[at] for at in part if says[at]) >= 5)
            if says[first] and says[last] and telling:
                found.add(words[run[first][0] : run[last][1]])


def back_test(rule: Rule | LearnedRule, history: Iterable[Past]) -> BackTest:
    """Return how a rule would have done on past cases; one that went to several funds counts against it."""
    ready = compile_rules([rule.rule if isinstance(rule, LearnedRule) else rule])
    right = wrong = 0
    for past in history:
        after, fired = ready.run({"BankWords": past.bank_words, "Amount": past.pence})
        if not fired:
            continue
        if _answers(after, past):
            right += 1
        else:
            wrong += 1
    return BackTest(right, wrong)


def _answers(after: Mapping[str, Any], past: Past) -> bool:
    """Say whether what rules set is where a case really went; what they leave open is not wrong."""
    fund, account = after.get("FundCode", past.fund), after.get("AccountReference")
    return past.fund != "" and fund == past.fund and account in (None, past.account_reference)


def propose_rules(
    history: Sequence[Past], known: RuleSet | None = None, refused: Iterable[tuple[str, str]] = ()
) -> tuple[LearnedRule, ...]:
    """Return the rules that past cases speak for, those with the most cases first.

    Cases that `known` rules answer already need no new one. `refused` are (phrase, fund) that an officer
    said no to: the cases that spoke for them speak for no other rule either.
    """
    refused = tuple(refused)
    spoken: dict[str, list[Past]] = {}
    for past in history:
        settled = _answered(known, past) or _is_refused(past, refused)
        if past.by_hand and past.fund and not settled:
            for phrase in phrases_in(past.bank_words):
                spoken.setdefault(phrase, []).append(past)
    funds = {phrase: {past.fund for past in cases} for phrase, cases in spoken.items()}
    likely = [phrase for phrase, cases in spoken.items() if len(cases) >= LEAST and len(funds[phrase]) == 1]
    likely.sort(key=lambda phrase: (-len(spoken[phrase]), phrase))
    made = []
    for phrase in likely[:MOST_TRIED]:
        learned = _tested(phrase, spoken[phrase], history)
        if learned is not None:
            made.append((learned, spoken[phrase]))
    return _fewest(made)


def _answered(known: RuleSet | None, past: Past) -> bool:
    if known is None:
        return False
    after, fired = known.run({"BankWords": past.bank_words, "Amount": past.pence})
    return bool(fired) and _answers(after, past)


def _tested(phrase: str, cases: Sequence[Past], history: Sequence[Past]) -> LearnedRule | None:
    """Return a rule with its back-test, None where even one past case speaks against it."""
    every = [past for past in history if phrase in past.bank_words]
    fund = cases[0].fund
    if any(past.fund != fund for past in every):
        return None
    accounts = {past.account_reference for past in every}
    account = accounts.pop() if len(accounts) == 1 else ""
    return LearnedRule(phrase, fund, account, BackTest(len(every), 0))


def _is_refused(past: Past, refused: Iterable[tuple[str, str]]) -> bool:
    return any(fund == past.fund and phrase in past.bank_words for phrase, fund in refused)


def _fewest(made: Iterable[tuple[LearnedRule, Sequence[Past]]]) -> tuple[LearnedRule, ...]:
    """Return the fewest rules that say the same: the wider first, the longer phrase where two are as wide.

    A rule that names the account says more than one that does not, so it stays beside a wider one.
    """
    chosen: list[LearnedRule] = []
    explained: dict[bool, set[Past]] = {True: set(), False: set()}

    def rank(one: tuple[LearnedRule, Sequence[Past]]) -> tuple[bool, int, int, str]:
        learned, cases = one
        return (not learned.account_reference, -len(cases), -len(learned.phrase), learned.phrase)

    for learned, cases in sorted(made, key=rank):
        names_account = bool(learned.account_reference)
        said = explained[True] if names_account else explained[True] | explained[False]
        if set(cases) <= said:
            continue
        explained[names_account] |= set(cases)
        chosen.append(learned)
    return tuple(sorted(chosen, key=lambda one: (-one.back_test.of, one.phrase)))


def past_of(session: Session, account_id: str) -> tuple[Past, ...]:
    """Return what became of an account's bank lines: its matches, and approved journals out of suspense."""
    return (*_matches(session, account_id), *_journals(session, account_id))


def _matches(session: Session, account_id: str) -> list[Past]:
    wanted = (
        select(
            Match.id,
            Match.stage,
            Match.created_at,
            BankLine.words,
            BankLine.amount_pence,
            Receipt.fund,
            Receipt.reference,
        )
        .join(BankLine, BankLine.id == Match.bank_line_id)
        .join(MatchReceipt, MatchReceipt.match_id == Match.id)
        .join(Receipt, Receipt.id == MatchReceipt.receipt_id)
        .where(
            Match.account_id == account_id,
            Match.kind == MatchKind.RECEIPTS,
            Match.state.in_(ACTIVE),
            Match.deleted.is_(False),
            MatchReceipt.deleted.is_(False),
            Match.stage != BY_RULE,
        )
        .order_by(Match.id)
    )
    return _grouped((row[0], row[1] == BY_HAND, row[2].date(), *row[3:]) for row in session.execute(wanted))


def _journals(session: Session, account_id: str) -> list[Past]:
    """Return what left suspense by approved journals; a leg goes the way of the money it moves."""
    wanted = (
        select(
            SuspenseAllocation.id,
            Journal.made_on,
            BankLine.words,
            BankLine.amount_pence,
            JournalLine.fund,
            JournalLine.account_reference,
        )
        .join(Suspense, Suspense.id == SuspenseAllocation.suspense_id)
        .join(Match, Match.id == Suspense.match_id)
        .join(BankLine, BankLine.id == Match.bank_line_id)
        .join(Journal, Journal.id == SuspenseAllocation.journal_id)
        .join(JournalLine, JournalLine.journal_id == Journal.id)
        .where(
            Suspense.account_id == account_id,
            Journal.kind == JournalKind.SUSPENSE,
            Journal.state == JournalState.APPROVED,
            SuspenseAllocation.deleted.is_(False),
            JournalLine.deleted.is_(False),
            (JournalLine.amount_pence > 0) == (BankLine.amount_pence > 0),
        )
        .order_by(SuspenseAllocation.id)
    )
    return _grouped((row[0], True, *row[1:]) for row in session.execute(wanted))


def _grouped(rows: Iterable[Sequence[Any]]) -> list[Past]:
    """Return one case for each id of rows (id, by hand, day, words, pence, fund, account)."""
    cases: dict[str, Past] = {}
    for one, by_hand, day, words, pence, fund, account in rows:
        seen = cases.get(one)
        if seen is not None:
            fund = fund if fund == seen.fund else ""
            account = account if account == seen.account_reference else ""
        cases[one] = Past(words, pence, fund, account, day, by_hand)
    return list(cases.values())


def learn(session: Session, account_id: str) -> Changed:
    """Propose rules from an account's past, at most 20 at a time; none runs before somebody starts it.

    What was proposed before is not proposed again, least of all what was refused. Rules of other accounts
    play no part.
    """
    refused = [
        (as_rule(one).conditions[0].value, as_rule(one).actions[0].value)
        for one in _learned(session, account_id)
        if one.state == RuleState.OFF
    ]
    known = running(session, RuleUse.BANK, account_id)
    history = past_of(session, account_id)
    changed = Changed()
    for place, learned in enumerate(propose_rules(history, known, refused), 1):
        if len(changed.ids) == MOST_PROPOSED:
            break
        parts = (learned.phrase, learned.fund, learned.account_reference)
        rule_id = stable_id(_FIRST_DAY, "learned rule", account_id, *parts)
        before = session.get(KeptRule, rule_id)
        if before is not None:
            if before.deleted and before.state == RuleState.PROPOSED:  # proposing it was undone
                before.deleted, before.back_test = False, _told(session, account_id, learned.back_test)
                changed |= Changed.of(before)
            continue
        conditions, actions = as_document(learned.rule)
        record = KeptRule(
            id=rule_id,
            name=learned.name.replace(MARK, ","),
            description=learned.words,
            use=RuleUse.BANK,
            place=1000 + place * STEP,
            state=RuleState.PROPOSED,
            conditions=conditions,
            actions=actions,
            learned=True,
            back_test=_told(session, account_id, learned.back_test),
        )
        session.add(record)
        changed |= Changed.of(record)
    return changed


def _learned(session: Session, account_id: str) -> list[KeptRule]:
    wanted = select(KeptRule).where(KeptRule.learned.is_(True), KeptRule.deleted.is_(False))
    return [one for one in session.scalars(wanted) if one.back_test.get("account_id") == account_id]


def _told(session: Session, account_id: str, tested: BackTest) -> dict[str, Any]:
    return {
        "right": tested.right,
        "wrong": tested.wrong,
        "of": tested.of,
        "tested_at": to_wire(UtcDateTime(), session.info["now"]),
        "account_id": account_id,
    }


def switch_rule(session: Session, rule_id: str, on: bool) -> Changed:
    """Let a rule run or stop it. One that was learned starts only when its back-test holds today."""
    return start(session, rule_id) if on else set_running(session, rule_id, False)


def start(session: Session, rule_id: str) -> Changed:
    """Let a learned rule run, once it holds on all that is settled today.

    Raises HoldallError when it would have been wrong even once, or when fewer than three cases speak for it.
    """
    record = kept_rule(session, rule_id)
    if not record.learned:
        return set_running(session, rule_id, True)
    account_id = str(record.back_test.get("account_id", ""))
    tested = back_test(as_rule(record).enabled, past_of(session, account_id))
    if tested.wrong:
        raise HoldallError(
            f"“{record.name}” would have been wrong in {tested.wrong} of {plural(tested.of, 'past case')}, "
            "so it does not start.",
            "Leave it off, or write a rule of your own with narrower words.",
        )
    if tested.of < LEAST:
        raise HoldallError(
            f"Only {plural(tested.of, 'past case')} can speak for “{record.name}”; {LEAST} are needed.",
            "Match a few more by hand first.",
        )
    record.back_test = _told(session, account_id, tested)
    return _decide(session, record, RuleState.RUNNING)


def stop(session: Session, rule_id: str) -> Changed:
    """Stop a rule, or say no to one that was proposed, which is then not proposed again."""
    return _decide(session, kept_rule(session, rule_id), RuleState.OFF)


def _decide(session: Session, record: KeptRule, state: RuleState) -> Changed:
    author: Author = session.info["author"]
    record.state = state
    record.decided_by_name = author.name
    record.decided_at = session.info["now"]
    return Changed.of(record)
