"""Rules as JSON: read with the names that IMS gives its fields, or in snake_case.

The members of a rule are Name, Description, IsGlobal, Disabled, Order, Conditions (Group, Field, Operator,
Value, LogicalOperator) and Actions (Field, Value).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from app.errors import BadFile
from app.income.row_rules import FIELDS, Action, Condition, Operator, Rule

LARGEST = 5_000_000  # characters
MOST_RULES = 2_000
_OPERATORS = {
    **{str(operator).casefold(): operator for operator in Operator},
    "contains": Operator.CONTAIN,
    "notcontains": Operator.NOT_CONTAIN,
    "doesnotcontain": Operator.NOT_CONTAIN,
    "startswith": Operator.START_WITH,
    "endswith": Operator.END_WITH,
    "greaterthan": Operator.GREATER,
    ">": Operator.GREATER,
    "lessthan": Operator.LESS,
    "<": Operator.LESS,
    "equals": Operator.EQUAL,
    "=": Operator.EQUAL,
}
_FIELDS = {
    **{name.casefold(): name for name in FIELDS},
    "fund": "FundCode",
    "mop": "MopCode",
    "office": "OfficeCode",
    "vat": "VatCode",
    "words": "BankWords",
}


def folded(name: str) -> str:
    """Return a name without capitals, spaces, dashes and underscores, so that spellings agree."""
    return "".join(ch for ch in name.casefold() if ch not in " _-")


def field_named(name: str) -> str | None:
    """Return the field of a row that a heading or a rule's member means, or None."""
    return _FIELDS.get(folded(name))


def read_rules(name: str, text: str) -> tuple[Rule, ...]:
    """Return the rules of a JSON file: a list of them, or an object whose member Rules is one.

    Raises BadFile with one sentence that names the file, the rule and the member that is wrong.
    """
    document = parse_json(name, text)
    if isinstance(document, Mapping):
        inner = _members(document).get("rules")
        document = [document] if inner is None else inner
    if not isinstance(document, list):
        raise BadFile(f"“{name}” holds no list of rules.", "Write the rules as a JSON list.")
    if len(document) > MOST_RULES:
        raise BadFile(
            f"“{name}” holds {len(document):,} rules; at most {MOST_RULES:,} are read.", "Split the file."
        )
    return tuple(rule_from(one, f"of “{name}”", place) for place, one in enumerate(document, 1))


def parse_json(name: str, text: str) -> Any:
    """Return a JSON document, its numbers with a decimal point as text. Raises BadFile in words."""
    if len(text) > LARGEST:
        raise BadFile(f"“{name}” is too large to be read.", f"At most {LARGEST:,} characters are.")
    try:
        return json.loads(text.lstrip("\ufeff"), parse_float=str, parse_constant=str)
    except json.JSONDecodeError as error:
        raise BadFile(
            f"“{name}” is not JSON: line {error.lineno}, column {error.colno} cannot be read.",
            "Mend that line, then try again.",
        ) from error
    except (RecursionError, ValueError) as error:
        raise BadFile(f"“{name}” is not JSON that can be read.", "Write it without deep nesting.") from error


def rule_from(document: Any, where: str, place: int = 1) -> Rule:
    """Return one rule; `where` follows its name in a message. Raises BadFile naming rule and member."""
    if not isinstance(document, Mapping):
        raise BadFile(f"Rule {place} {where} is not an object.", "Write it as { … } with Name and Actions.")
    members = _members(document)
    name = _text(members.get("name"))
    called = f"Rule “{name}” {where}" if name else f"Rule {place} {where}"
    if not name:
        raise BadFile(f"{called} has no Name.", "Give each rule a name: the rows it touches carry it.")
    conditions = _list(members, "conditions", called)
    actions = _list(members, "actions", called)
    if not actions:
        raise BadFile(f"{called} has no Actions.", "Say which field it sets, and to what.")
    seen: set[int] = set()
    return Rule(
        name,
        tuple(_condition(one, called, at, seen) for at, one in enumerate(conditions, 1)),
        tuple(_action(one, called, at) for at, one in enumerate(actions, 1)),
        _text(members.get("description")),
        _flag(members, "isglobal", called),
        _flag(members, "disabled", called),
        _number(members.get("order", members.get("place", 0)), f"{called} has an Order"),
    )


def _members(document: Mapping[Any, Any]) -> dict[str, Any]:
    return {folded(str(key)): value for key, value in document.items()}


def _text(value: Any) -> str:
    return "" if value is None or isinstance(value, list | dict) else str(value)


def _value(members: Mapping[str, Any], called: str, place: str) -> str:
    """Return what a row is held against or set to; null is no text."""
    value = members.get("value")
    if isinstance(value, list | dict | bool):
        raise BadFile(f"{called} has a Value in {place} that is no text.", "Write it in quotation marks.")
    return _text(value)


def _list(members: Mapping[str, Any], key: str, called: str) -> list[Any]:
    value = members.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadFile(f"{called} has {key.capitalize()} that are no list.", "Write them in [ … ].")
    return value


def _flag(members: Mapping[str, Any], key: str, called: str) -> bool:
    value = members.get(key)
    if value is None or isinstance(value, bool):
        return bool(value)
    if value in (0, 1):
        return bool(value)
    spelt = {"isglobal": "IsGlobal"}.get(key, key.capitalize())
    raise BadFile(f"{called} says {spelt} is “{value}”.", "Write true or false.")


def _number(value: Any, called: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lstrip("-").isdecimal() and value.isascii():
        return int(value)
    raise BadFile(f"{called} “{value}” that is no whole number.", "Write 1, 2, 3 and so on.")


def _condition(document: Any, called: str, place: int, seen: set[int]) -> Condition:
    if not isinstance(document, Mapping):
        raise BadFile(f"{called} has a condition {place} that is not an object.", "Write it as { … }.")
    members = _members(document)
    name = _field(members, f"{called} has a Field", f"in condition {place}")
    asked = _text(members.get("operator"))
    operator = _OPERATORS.get(folded(asked))
    if operator is None:
        raise BadFile(
            f"{called} has an Operator “{asked}” in condition {place}.",
            f"The operators are {', '.join(Operator)}.",
        )
    group = _number(members.get("group", 1), f"{called} has a Group")
    logical = _logical(members, called, place) if group in seen else None
    seen.add(group)
    return Condition(name, operator, _value(members, called, f"condition {place}"), group, logical)


def _logical(members: Mapping[str, Any], called: str, place: int) -> str:
    """Return how a condition joins what stands before it in its group."""
    value = members.get("logicaloperator", members.get("logical"))
    if isinstance(value, str) and value.upper() in ("AND", "OR"):
        return value.upper()
    raise BadFile(
        f"{called} does not say how condition {place} joins the one before it in its group.",
        "Its LogicalOperator is AND or OR.",
    )


def _action(document: Any, called: str, place: int) -> Action:
    if not isinstance(document, Mapping):
        raise BadFile(f"{called} has an action {place} that is not an object.", "Write it as { … }.")
    members = _members(document)
    name = _field(members, f"{called} has a Field", f"in action {place}")
    return Action(name, _value(members, called, f"action {place}"))


def _field(members: Mapping[str, Any], called: str, place: str) -> str:
    asked = _text(members.get("field"))
    name = field_named(asked)
    if name is None:
        raise BadFile(f"{called} “{asked}” {place}.", f"The fields are {', '.join(FIELDS)}.")
    return name


def as_document(rule: Rule) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the conditions and actions of a rule as they are stored, in snake_case."""
    conditions = [
        {
            "group": one.group,
            "field": one.field,
            "operator": str(one.operator),
            "value": one.value,
            "logical": one.logical,
        }
        for one in rule.conditions
    ]
    return conditions, [{"field": one.field, "value": one.value} for one in rule.actions]
