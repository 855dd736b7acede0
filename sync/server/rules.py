"""What the server checks of one operation before it looks at any record: all read from the declared policy.

No slice is named here or anywhere in the server; a sixth tab needs no change on this side.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType
from sqlalchemy import Boolean, Column, Integer

from models.base import fields_of, policy_of, record_types
from models.errors import BadText
from models.ids import is_id
from models.policy import Allocation, Moves, Policy
from models.types import Choice, DateOnly, Json, LongText, Pence, ShortText, UtcDateTime, clean_text
from sync import wire
from sync.server.accounts import Actor
from sync.wire import Code, Status

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_SCOPE = re.compile(r"tenant|(team|user|site):[^\s:]{1,64}")
Check = Callable[[Any], None]


class Refused(Exception):
    """An operation that the rules turn down: the code and what the person needs to know."""

    def __init__(self, code: Code, status: Status = Status.REJECTED, **detail: Any) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.detail = detail


@dataclass(frozen=True)
class TypeRules:
    """A type's policy, a check for each of its fields, and what must be there."""

    policy: Policy
    checks: Mapping[str, Check]
    nullable: frozenset[str]
    required: tuple[str, ...]  # at creation
    shape: type[msgspec.Struct]  # the fields as a struct: what it takes, the checks would take
    by_hand: tuple[tuple[str, Check], ...]  # the checks of fields that the struct does not know enough of

    def check_field(self, name: str, value: Any) -> None:
        """Raises Refused for a field this server does not know and for a value that does not fit it."""
        check = self.checks.get(name)
        if check is None:
            raise Refused(Code.SCHEMA_TOO_NEW, field=name)
        if value is None:
            if name not in self.nullable:
                raise Refused(Code.VALIDATION, field=name, why="it may not be empty")
            return
        try:
            check(value)
        except _TooLong as error:
            raise Refused(Code.PAYLOAD_TOO_LARGE, field=name, why=str(error)) from None
        except (TypeError, ValueError, BadText) as error:
            raise Refused(Code.VALIDATION, field=name, why=str(error)[:200]) from None


@dataclass(frozen=True)
class Taking:
    """One type that takes from another by allocation."""

    taker: str
    allocation: Allocation


def rules_of(type_name: str) -> TypeRules:
    """The rules of a type; raises Refused when no slice declares it."""
    try:
        return _rules_of(type_name)
    except KeyError:
        raise Refused(Code.UNKNOWN_TYPE) from None


@cache
def _rules_of(type_name: str) -> TypeRules:
    columns = fields_of(type_name)
    return TypeRules(
        policy=policy_of(type_name),
        shape=_shape(type_name),
        by_hand=tuple(
            (name, _check(column)) for name, column in columns.items() if not _told_by_shape(column)
        ),
        checks={name: _check(column) for name, column in columns.items()},
        nullable=frozenset(name for name, column in columns.items() if column.nullable),
        required=tuple(
            name for name, column in columns.items() if not column.nullable and column.default is None
        ),
    )


def takings_from(resource: str) -> tuple[Taking, ...]:
    """Every type that takes from this one."""
    return _takings(len(record_types())).get(resource, ())


@cache
def _takings(count: int) -> dict[str, tuple[Taking, ...]]:
    """The same for all types, worked out again only when a type was added (`count` is their number)."""
    found: dict[str, list[Taking]] = {}
    for name, model in record_types().items():
        allocation = model.__policy__.allocation
        if allocation is not None:
            found.setdefault(allocation.resource, []).append(Taking(name, allocation))
    return {resource: tuple(takings) for resource, takings in found.items()}


def check_head(op: wire.Op) -> None:
    """Raises Refused for an operation whose frame is not well formed."""
    if not is_id(op.op) or not is_id(op.id) or len(op.group) > 64:
        raise Refused(Code.VALIDATION, field="id", why="not an identifier")
    if op.kind not in ("create", "patch", "delete", "restore", "sealed", "move"):
        raise Refused(Code.SCHEMA_TOO_NEW, field="kind")
    if not 0 <= op.base <= wire.INT_LIMIT:
        raise Refused(Code.VALIDATION, field="base", why="not a version")
    if not _is_moment(op.at):
        raise Refused(Code.VALIDATION, field="at", why="not a moment in UTC")
    check_scope(op.scope)
    if len(op.name) > 200 or len(op.label) > 500:
        raise Refused(Code.VALIDATION, field="label", why="too long")


@lru_cache(4096)
def _is_moment(text: str) -> bool:
    return _MOMENT.fullmatch(text) is not None


@lru_cache(4096)
def _is_scope(text: str) -> bool:
    return _SCOPE.fullmatch(text) is not None


def check_scope(scope: str) -> None:
    """Raises Refused for a name that no scope has."""
    if not _is_scope(scope):
        raise Refused(Code.VALIDATION, field="scope", why="not a scope")


def check_access(policy: Policy, op: wire.Op, scope: str, actor: Actor) -> None:
    """Raises Refused when this person may not write this kind of record in that scope now."""
    if scope not in actor.scopes:
        raise Refused(Code.FORBIDDEN, needs=scope)
    if policy.scope == "user" and scope != f"user:{actor.user_id}":
        raise Refused(Code.FORBIDDEN, needs="user")
    if not policy.writers & actor.roles:
        raise Refused(Code.FORBIDDEN, needs=sorted(policy.writers))
    if op.resolves is not None and policy.settle_roles and not policy.settle_roles & actor.roles:
        raise Refused(Code.FORBIDDEN, needs=sorted(policy.settle_roles))
    if policy.sealed and op.kind in ("create", "patch"):
        raise Refused(Code.VALIDATION, field="kind", why="records of this type are sealed")
    if not policy.sealed and op.kind == "sealed":
        raise Refused(Code.VALIDATION, field="kind", why="records of this type are not sealed")


def check_new(rules: TypeRules, op: wire.Op, plain: bool = False) -> dict[str, Any]:
    """The body of a new record; raises Refused when it is not whole or begins in the wrong state. `plain`
    says that its text is known to be in NFC without a NUL."""
    if not (plain and _fits(rules, op.f)):  # then find out why, field by field
        for name, value in op.f.items():
            rules.check_field(name, value)
        for name in rules.required:
            if op.f.get(name) is None:
                raise Refused(Code.VALIDATION, field=name, why="it may not be empty")
    moves = rules.policy.moves
    if moves is not None and str(op.f.get(moves.field)) not in moves.start:
        raise Refused(Code.STALE_STATE, field=moves.field, state=None, wanted=str(op.f.get(moves.field)))
    return {name: value for name, value in op.f.items() if value is not None}


def _fits(rules: TypeRules, fields: dict[str, Any]) -> bool:
    """Whether every field is known and fits and none is missing; the struct looks at all of them at once."""
    try:
        msgspec.convert(fields, rules.shape)
        for name, check in rules.by_hand:
            if fields.get(name) is not None:
                check(fields[name])
    except (TypeError, ValueError, BadText):
        return False
    return True


@cache
def _shape(type_name: str) -> type[msgspec.Struct]:
    members: list[Any] = []
    for name, column in fields_of(type_name).items():
        kind = _kind(column) | None if column.nullable else _kind(column)
        needed = not column.nullable and column.default is None
        members.append((name, kind) if needed else (name, kind | UnsetType, UNSET))
    return msgspec.defstruct(type_name, members, kw_only=True, forbid_unknown_fields=True, gc=False)


def _kind(column: Column[Any]) -> Any:
    """What a struct can say of a column's values."""
    kind = column.type
    if isinstance(kind, Json):
        return list[Any] | dict[str, Any]
    if isinstance(kind, Boolean):
        return bool
    if isinstance(kind, Integer | Pence):
        return Annotated[int, Meta(ge=-wire.INT_LIMIT, le=wire.INT_LIMIT)]
    limit = (
        kind.limit if isinstance(kind, ShortText | LongText) else 200 if isinstance(kind, Choice) else 500_000
    )
    return Annotated[str, Meta(max_length=limit)]


def _told_by_shape(column: Column[Any]) -> bool:
    """Whether a struct says all there is to say of a column's values, once text is known to be plain."""
    return not isinstance(column.type, Json | UtcDateTime | DateOnly)


def check_signed(policy: Policy, body: Mapping[str, Any], written: Mapping[str, Any], actor: Actor) -> None:
    """Raises Refused when somebody writes another person's id where it says whom the next mover of the
    record must differ from. `body` is the record with what was written."""
    if policy.moves is None:
        return
    for name in policy.moves.signed(str(body.get(policy.moves.field))) & written.keys():
        if written[name] not in (None, actor.user_id):
            raise Refused(Code.VALIDATION, field=name, why="it can only name who writes it")


def check_moves(
    moves: Moves, body: Mapping[str, Any], after: str, actor: Actor, written: Mapping[str, Any]
) -> None:
    """Raises Refused unless this person may bring the record from its state to `after`; `written` is what
    the change writes beside the state.

    Several acts of one transaction reach the server as one change, so a way of several steps counts too
    when each of them is open to the person. A step for a second person is only ever the first of a way:
    who made the steps before it would be the same person.
    """
    before = str(body.get(moves.field))
    refused: Refused | None = None
    seen, reached = {before}, [before]
    while reached:
        state = reached.pop()
        for step in moves.steps:
            if step.before != state or step.after in seen:
                continue
            problem = None
            if step.roles and not step.roles & actor.roles:
                problem = Refused(Code.FORBIDDEN, needs=sorted(step.roles))
            elif step.distinct_from is not None and (
                state != before or body.get(step.distinct_from) in (None, "", actor.user_id)
            ):
                problem = Refused(Code.SECOND_PERSON, wanted=step.after)
            elif step.names is not None and {**body, **written}.get(step.names) != actor.user_id:
                problem = Refused(Code.VALIDATION, field=step.names, why="it has to name who does this")
            if problem is not None:
                if step.after == after and (refused is None or state == before):
                    refused = problem
                continue
            if step.after == after:
                return
            seen.add(step.after)
            reached.append(step.after)
    raise refused or Refused(Code.STALE_STATE, field=moves.field, state=before, wanted=after)


class _TooLong(ValueError):
    """A value over the limit of its column."""


def _check(column: Column[Any]) -> Check:
    kind = column.type
    if isinstance(kind, ShortText | LongText):
        return _text(kind.limit)
    if isinstance(kind, UtcDateTime):
        return _moment
    if isinstance(kind, DateOnly):
        return _day
    if isinstance(kind, Choice):
        return _text(200)
    if isinstance(kind, Json):
        return _json(kind)
    if isinstance(kind, Boolean):
        return _flag
    if isinstance(kind, Integer | Pence):
        return _number
    return _text(500_000)


def _text(limit: int) -> Check:
    def check(value: Any) -> None:
        if not isinstance(value, str):
            raise TypeError("text expected")
        if len(value) > limit:
            raise _TooLong(f"{len(value)} characters, at most {limit} fit")
        if value.isascii() and "\x00" not in value:
            return
        if clean_text(value, limit) != value:
            raise ValueError("text that is not in NFC")

    return check


def _json(kind: Json) -> Check:
    def check(value: Any) -> None:
        try:
            cleaned = kind.clean(value)
        except BadText as error:
            raise (_TooLong(error.title) if "characters;" in error.title else error) from None
        if cleaned != value:
            raise ValueError("text that is not in NFC")

    return check


def _number(value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("a whole number expected")
    if not -wire.INT_LIMIT <= value <= wire.INT_LIMIT:
        raise ValueError("a number beyond 2^53")


def _flag(value: Any) -> None:
    if not isinstance(value, bool):
        raise TypeError("yes or no expected")


def _moment(value: Any) -> None:
    if not isinstance(value, str) or len(value) != 27 or value[-1] != "Z" or value[10] != "T":
        raise ValueError("a moment in UTC expected")
    datetime.fromisoformat(value)


def _day(value: Any) -> None:
    if not isinstance(value, str) or date.fromisoformat(value).isoformat() != value:
        raise ValueError("a day as 2026-12-17 expected")
