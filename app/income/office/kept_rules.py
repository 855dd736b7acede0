"""The rules the council keeps: adding, changing, ordering and switching them, and trying them out first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import HoldallError, NotFound
from app.income.row_rules import Rule, RuleSet, compile_rules, rule_words, trace
from app.income.rule_files import as_document, rule_from
from app.income.rule_names import MARK
from models.changes import Author, Changed
from models.income import BankLine, Receipt, RuleState, RuleUse
from models.income import Rule as KeptRule

STEP = 10  # between two places, so that the order of one rule changes without touching the others
MOST_TRIED = 500  # receipts of a dry run where none are named
LONGEST_NAME = 50


@dataclass(frozen=True)
class RuleView:
    """A rule as a list shows it: what it does in words, whether it runs, and how it would have done."""

    id: str
    name: str
    words: str
    note: str
    use: RuleUse
    state: RuleState
    learned: bool
    place: int
    right: int
    wrong: int
    of: int
    decided_by: str


@dataclass(frozen=True)
class Tried:
    """What rules would do to one posting: (field, before, after), who did it and why, in sentences."""

    receipt_id: str
    changes: tuple[tuple[str, str, str], ...]
    rules: tuple[str, ...]
    reasons: tuple[str, ...]


def as_rule(record: KeptRule) -> Rule:
    """Return a stored rule as one that can run. Raises HoldallError for one this Holdall cannot read."""
    document = {
        "name": record.name,
        "description": record.description,
        "order": record.place,
        "disabled": record.state != RuleState.RUNNING,
        "conditions": record.conditions,
        "actions": record.actions,
    }
    return rule_from(document, "of the council")


def running(session: Session, use: RuleUse, account_id: str | None = None) -> RuleSet:
    """Return the rules that run on imports or on bank lines, by place.

    With `account_id`, rules learned from another account's matches are left out.
    """
    records = session.scalars(_kept(use).where(KeptRule.state == RuleState.RUNNING)).all()
    return compile_rules(
        [as_rule(one) for one in records if account_id is None or _account_of(one) in ("", account_id)]
    )


def _account_of(record: KeptRule) -> str:
    """Return the account a rule was learned from, "" for one that holds for all."""
    tested: Any = record.back_test
    return str(tested.get("account_id", "")) if record.learned and isinstance(tested, dict) else ""


def _kept(use: RuleUse | None = None) -> Any:
    wanted = select(KeptRule).where(KeptRule.deleted.is_(False)).order_by(KeptRule.place, KeptRule.id)
    return wanted if use is None else wanted.where(KeptRule.use == use)


def rules(session: Session, use: RuleUse | None = None) -> list[RuleView]:
    """Return the rules in the order they run in, running or not."""
    return [_view(record) for record in session.scalars(_kept(use)).all()]


def _view(record: KeptRule) -> RuleView:
    tested = record.back_test if isinstance(record.back_test, dict) else {}
    try:
        words = rule_words(as_rule(record))
    except HoldallError as error:
        words = error.title
    return RuleView(
        record.id,
        record.name,
        words,
        record.note,
        record.use,
        record.state,
        record.learned,
        record.place,
        int(tested.get("right", 0)),
        int(tested.get("wrong", 0)),
        int(tested.get("of", 0)),
        record.decided_by_name or "",
    )


def add_rule(
    session: Session, rule: Rule, use: RuleUse = RuleUse.IMPORT, *, running_now: bool = True
) -> Changed:
    """Add a rule behind the others of its use. Raises BadRule in words when it cannot run."""
    compile_rules([rule])
    _check_name(session, rule.name, use, None)
    conditions, actions = as_document(rule)
    last = session.scalar(
        select(func.max(KeptRule.place)).where(KeptRule.use == use, KeptRule.deleted.is_(False))
    )
    record = KeptRule(
        name=rule.name.strip(),
        description=rule.description,
        use=use,
        place=(last or 0) + STEP,
        state=RuleState.RUNNING if running_now else RuleState.OFF,
        conditions=conditions,
        actions=actions,
        learned=False,
    )
    _decided(session, record)
    session.add(record)
    return Changed.of(record)


def change_rule(session: Session, rule_id: str, rule: Rule) -> Changed:
    """Change what a rule looks at and sets; one that was learned is the council's own from then on."""
    record = kept_rule(session, rule_id)
    compile_rules([rule])
    _check_name(session, rule.name, record.use, rule_id)
    record.name, record.description = rule.name.strip(), rule.description
    record.conditions, record.actions = as_document(rule)
    record.learned, record.back_test = False, None
    _decided(session, record)
    return Changed.of(record)


def set_running(session: Session, rule_id: str, on: bool) -> Changed:
    """Let a rule run or stop it, whatever its back-test says; see app.income.learning.switch_rule."""
    record = kept_rule(session, rule_id)
    record.state = RuleState.RUNNING if on else RuleState.OFF
    _decided(session, record)
    return Changed.of(record)


def reorder(session: Session, rule_ids: Sequence[str]) -> Changed:
    """Put the rules of one use in this order. Raises HoldallError when one is missing or not there."""
    records = [kept_rule(session, rule_id) for rule_id in rule_ids]
    uses = {record.use for record in records}
    every = set(session.scalars(_kept(next(iter(uses))).with_only_columns(KeptRule.id))) if uses else set()
    if len(uses) != 1 or set(rule_ids) != every or len(rule_ids) != len(every):
        raise HoldallError(
            "The rules have changed since you looked, so their order was left as it was.",
            "Look at the fresh list and order it again.",
        )
    changed = Changed()
    for place, record in enumerate(records, 1):
        if record.place != place * STEP:
            record.place = place * STEP
            changed |= Changed.of(record)
    return changed


def move_rule(session: Session, rule_id: str, steps: int) -> Changed:
    """Move a rule up (negative) or down among those of its use; at an end it stays."""
    record = kept_rule(session, rule_id)
    order = list(session.scalars(_kept(record.use).with_only_columns(KeptRule.id)))
    at = order.index(rule_id)
    order.insert(max(0, min(len(order) - 1, at + steps)), order.pop(at))
    return reorder(session, order)


def kept_rule(session: Session, rule_id: str) -> KeptRule:
    """Return a stored rule. Raises NotFound for one that is not here."""
    record = session.get(KeptRule, rule_id)
    if record is None or record.deleted:
        raise NotFound("This rule is not here any more.", "Look at the fresh list.")
    return record


def _check_name(session: Session, name: str, use: RuleUse, but: str | None) -> None:
    """Raise HoldallError for a name that is too long, taken, or holds the mark that stands between names.

    The lines a rule touched carry its name.
    """
    if len(name.strip()) > LONGEST_NAME:
        raise HoldallError(f"The name is longer than {LONGEST_NAME} characters.", "Shorten it.")
    if MARK in name:
        raise HoldallError(
            f"The name “{name.strip()}” has a semicolon, which stands between the names of rules.",
            "Write a comma or a dash instead.",
        )
    taken = session.scalars(_kept(use).where(KeptRule.name == name.strip())).first()
    if taken is not None and taken.id != but:
        raise HoldallError(f"There is a rule “{name.strip()}” already.", "Give this one another name.")


def _decided(session: Session, record: KeptRule) -> None:
    author: Author = session.info["author"]
    record.decided_by_name = author.name
    record.decided_at = session.info["now"]


def row_of_receipt(receipt: Receipt) -> dict[str, Any]:
    """Return a stored posting as rules look at it."""
    return {
        "AccountReference": receipt.reference,
        "Reference": receipt.reference,
        "Amount": receipt.amount_pence,
        "FundCode": receipt.fund,
        "Narrative": receipt.narrative,
        "MopCode": receipt.mop,
        "OfficeCode": receipt.office,
        "VatCode": receipt.vat_code,
    }


def row_of_line(line: BankLine) -> dict[str, Any]:
    """Return a stored bank line as rules look at it."""
    return {"BankWords": line.words, "Amount": line.amount_pence, "Reference": line.customer_reference}


def latest_receipts(session: Session, limit: int = MOST_TRIED) -> list[Receipt]:
    """Return the newest postings, to try rules on."""
    wanted = select(Receipt).where(Receipt.deleted.is_(False))
    return list(session.scalars(wanted.order_by(Receipt.posted_on.desc(), Receipt.id.desc()).limit(limit)))


def dry_run(
    session: Session, rules: Iterable[Rule] | RuleSet, receipts: Sequence[Receipt] | None = None
) -> list[Tried]:
    """Return what rules would do to postings (the newest where none are named), without doing it.

    Only the postings that a rule fires on are told. Rules that are switched off are tried too.
    """
    ready = rules if isinstance(rules, RuleSet) else compile_rules(rule.enabled for rule in rules)
    told = []
    for receipt in latest_receipts(session) if receipts is None else receipts:
        row = row_of_receipt(receipt)
        after, fired = ready.run(row)
        if not fired:
            continue
        changes = [(name, str(row.get(name) or ""), str(value)) for name, value in after.items()]
        told.append(
            Tried(
                receipt.id,
                tuple(one for one in changes if one[1] != one[2] and one[0] != "Amount"),
                fired,
                _reasons(ready, row),
            )
        )
    return told


def _reasons(ready: RuleSet, row: dict[str, Any]) -> tuple[str, ...]:
    """Return why each rule fired, each looking at the row as the ones before it left it."""
    told: list[str] = []
    for rule in ready.rules:
        seen = trace(rule, row)
        if seen.fires:
            told += [f"{rule.name}: {sentence}" for sentence in seen.sentences]
            row = row | {action.field: action.value for action in rule.actions}
    return tuple(told)
