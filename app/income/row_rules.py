"""Import rules: conditions that a row answers to, and the values they then set.

Groups, operators and the way they fold are those of LocalGov IMS: within a group conditions fold from left to
right by AND and OR, groups are joined by OR, a rule without conditions always fires, and later rules see
what earlier ones set. Text is compared with its capitals; nothing counts as empty text. Here the operators on
amounts compare pence, rules have an order, and every row is told the names of the rules that touched it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any

from app.errors import HoldallError
from app.income.amounts import BadAmount, figure, pence_from_text

Row = Mapping[str, Any]  # text by field name; Amount as text in pounds or as whole pence
_Test = Callable[[Row], bool]

AMOUNT = "Amount"
FIELDS: Mapping[str, str] = {
    "AccountReference": "the account reference",
    AMOUNT: "the amount",
    "FundCode": "the fund",
    "Narrative": "the narrative",
    "MopCode": "the method of payment",
    "OfficeCode": "the office",
    "VatCode": "the VAT code",
    "Reference": "the reference",
    "BankWords": "what the bank wrote",
}
SETTABLE = tuple(name for name in FIELDS if name not in (AMOUNT, "BankWords"))


class Operator(StrEnum):
    """How a condition compares a field with its value."""

    CONTAIN = "Contain"
    NOT_CONTAIN = "NotContain"
    START_WITH = "StartWith"
    END_WITH = "EndWith"
    GREATER = "BeGreaterThan"
    LESS = "BeLessThan"
    EQUAL = "Equal"


NUMERIC = (Operator.GREATER, Operator.LESS)
WORDS: Mapping[Operator, str] = {
    Operator.CONTAIN: "contains",
    Operator.NOT_CONTAIN: "does not contain",
    Operator.START_WITH: "starts with",
    Operator.END_WITH: "ends with",
    Operator.GREATER: "is more than",
    Operator.LESS: "is less than",
    Operator.EQUAL: "is",
}


class BadRule(HoldallError):
    """A rule that cannot be run, told by its name."""


@dataclass(frozen=True)
class Condition:
    """One comparison; `logical` ("AND", "OR") joins it to what stands before it in its group."""

    field: str
    operator: Operator
    value: str
    group: int = 1
    logical: str | None = None


@dataclass(frozen=True)
class Action:
    """A value that a rule sets."""

    field: str
    value: str


@dataclass(frozen=True)
class Rule:
    """A rule as it is written down; those of one import type (not `is_global`) run before the global ones."""

    name: str
    conditions: tuple[Condition, ...] = ()
    actions: tuple[Action, ...] = ()
    description: str = ""
    is_global: bool = False
    disabled: bool = False
    order: int = 0

    @property
    def enabled(self) -> Rule:
        """The same rule switched on, to try what it would do."""
        return replace(self, disabled=False)


@dataclass(frozen=True)
class Trace:
    """Why a rule fires on a row or does not: one sentence for each condition."""

    fires: bool
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class RuleSet:
    """Rules made ready to run over many rows, in the order they run in."""

    rules: tuple[Rule, ...]
    _ready: tuple[tuple[str, _Test | None, dict[str, str]], ...] = field(repr=False, compare=False)

    def run(self, row: Row) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Return the row as the rules leave it, and the names of those that fired, in order.

        The row that is given stays as it is; fields it does not have count as empty.
        """
        values = dict(row)
        fired: list[str] = []
        for name, test, sets in self._ready:
            if test is None or test(values):
                values.update(sets)
                fired.append(name)
        return values, tuple(fired)

    def __len__(self) -> int:
        return len(self.rules)


def compile_rules(rules: Iterable[Rule]) -> RuleSet:
    """Make rules ready: those of an import type before the global ones, each by order; disabled ones not.

    Raises BadRule for a field, an operator or a value that cannot be run.
    """
    kept = [rule for rule in rules if not rule.disabled]
    kept.sort(key=lambda rule: (rule.is_global, rule.order))
    ready = []
    for rule in kept:
        check_rule(rule)
        sets = {action.field: action.value for action in rule.actions}
        ready.append((rule.name, _test_of(rule), sets))
    return RuleSet(tuple(kept), tuple(ready))


def check_rule(rule: Rule) -> None:
    """Raise BadRule, naming the rule, for what cannot be run."""
    if not rule.name.strip():
        raise BadRule("A rule has no name.", "Give it one: the lines it touches will carry it.")
    if not rule.actions:
        raise BadRule(f"Rule “{rule.name}” sets nothing.", "Give it at least one action.")
    for condition in rule.conditions:
        if condition.field not in FIELDS:
            raise BadRule(
                f"Rule “{rule.name}” looks at a field “{condition.field}” that rows do not have.",
                f"The fields are {', '.join(FIELDS)}.",
            )
        if condition.operator in NUMERIC:
            _check_number(rule.name, condition)
    for action in rule.actions:
        if action.field not in SETTABLE:
            raise BadRule(
                f"Rule “{rule.name}” would set “{action.field}”, which no rule may change.",
                f"The fields it can set are {', '.join(SETTABLE)}.",
            )


def _check_number(name: str, condition: Condition) -> None:
    if condition.field != AMOUNT:
        raise BadRule(
            f"Rule “{name}” compares {FIELDS[condition.field]} by size.",
            f"{Operator.GREATER} and {Operator.LESS} are for {AMOUNT} alone.",
        )
    if pence_of(condition.value) is None:
        raise BadRule(
            f"Rule “{name}” compares the amount with “{condition.value}”, which is not an amount.",
            "Write pounds and pence, such as 20.00.",
        )


def pence_of(value: Any) -> int | None:
    """Return the pence of an amount in a row (whole pence, or text in pounds), or None when it is neither."""
    if isinstance(value, int):
        return value
    return _pence_of_text(value) if isinstance(value, str) else None


@lru_cache(maxsize=20_000)
def _pence_of_text(text: str) -> int | None:
    try:
        return pence_from_text(text)
    except BadAmount:
        return None


def _test_of(rule: Rule) -> _Test | None:
    """Return one function for all the conditions of a rule, None for a rule that always fires."""
    groups: dict[int, list[Condition]] = {}
    for condition in rule.conditions:
        groups.setdefault(condition.group, []).append(condition)
    tests = [_fold(groups[number]) for number in sorted(groups)]
    if not tests:
        return None
    return tests[0] if len(tests) == 1 else _any_of(tests)


def _fold(conditions: Sequence[Condition]) -> _Test:
    """Return conditions folded from left to right; neither of AND and OR binds closer."""
    folded = _test(conditions[0])
    for condition in conditions[1:]:
        folded = (_either if condition.logical == "OR" else _both)(folded, _test(condition))
    return folded


def _both(first: _Test, second: _Test) -> _Test:
    return lambda row: first(row) and second(row)


def _either(first: _Test, second: _Test) -> _Test:
    return lambda row: first(row) or second(row)


def _any_of(tests: Sequence[_Test]) -> _Test:
    return lambda row: any(test(row) for test in tests)


def _test(condition: Condition) -> _Test:
    """Return one condition as a function of a row."""
    if condition.field == AMOUNT:
        return _amount_test(condition)
    name, value = condition.field, condition.value
    match condition.operator:
        case Operator.CONTAIN:
            return lambda row: value in (row.get(name) or "")
        case Operator.NOT_CONTAIN:
            return lambda row: value not in (row.get(name) or "")
        case Operator.START_WITH:
            return lambda row: (row.get(name) or "").startswith(value)
        case Operator.END_WITH:
            return lambda row: (row.get(name) or "").endswith(value)
        case _:
            return lambda row: (row.get(name) or "") == value


def _amount_test(condition: Condition) -> _Test:
    """Return a condition on the amount: by pence where its value is an amount, by its text otherwise."""
    limit, operator = pence_of(condition.value), condition.operator
    if limit is not None and operator is Operator.GREATER:
        return lambda row: (pence := pence_of(row.get(AMOUNT))) is not None and pence > limit
    if limit is not None and operator is Operator.LESS:
        return lambda row: (pence := pence_of(row.get(AMOUNT))) is not None and pence < limit
    if limit is not None and operator is Operator.EQUAL:
        return lambda row: pence_of(row.get(AMOUNT)) == limit
    text_test = _test(Condition("Narrative", operator, condition.value))
    return lambda row: text_test({"Narrative": shown(AMOUNT, row.get(AMOUNT))})


def shown(name: str, value: Any) -> str:
    """Return a value of a row as text: pence as pounds, nothing as ""."""
    if name == AMOUNT and isinstance(value, int):
        sign, size = ("-" if value < 0 else ""), abs(value)
        return f"{sign}{size // 100}.{size % 100:02d}"
    return "" if value is None else str(value)


def condition_words(condition: Condition) -> str:
    """Return a condition as people say it: the narrative contains “STALLS”."""
    if condition.operator is Operator.EQUAL and not condition.value:
        return f"{FIELDS[condition.field]} is empty"
    value = f"“{condition.value}”"
    if condition.field == AMOUNT and (pence := pence_of(condition.value)) is not None:
        value = figure(pence) if condition.operator in (*NUMERIC, Operator.EQUAL) else value
    return f"{FIELDS[condition.field]} {WORDS[condition.operator]} {value}"


def rule_words(rule: Rule) -> str:
    """Return what a rule does in one sentence."""
    groups: dict[int, str] = {}
    for condition in rule.conditions:
        words = condition_words(condition)
        before = groups.get(condition.group)
        joint = "or" if condition.logical == "OR" else "and"
        groups[condition.group] = words if before is None else f"{before} {joint} {words}"
    told = "; or when ".join(groups[number] for number in sorted(groups))
    sets = " and ".join(f"{FIELDS[a.field]} becomes {a.value or 'empty'}" for a in rule.actions)
    return f"When {told}, {sets}." if told else f"Always: {sets}."


def trace(rule: Rule, row: Row) -> Trace:
    """Return why a rule fires on a row or does not; a dry run explains itself with it."""
    test = _test_of(rule)
    sentences = []
    for condition in rule.conditions:
        words = condition_words(condition)
        found = shown(condition.field, row.get(condition.field))
        told = f"“{found}”" if found else "empty"
        answer = "yes" if _test(condition)(row) else "no"
        sentences.append(f"{words[0].upper()}{words[1:]}: {answer}, it is {told}.")
    return Trace(test is None or test(row), tuple(sentences) or ("It has no condition, so it always fires.",))
