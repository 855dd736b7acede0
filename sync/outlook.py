"""What may become of an act that waits, said while there is no network: read from the policies alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any

from models.base import policy_of, record_types
from models.outbox import OpKind
from models.policy import Merge, Policy

_MEETS = frozenset({Merge.ASK, Merge.TEXT, Merge.GUARD, Merge.ONCE, Merge.APPEND, Merge.SEALED})


class Outlook(IntEnum):
    """How sure it is, from sure to open. No rule that is declared refuses an act that `LANDS`."""

    LANDS = 0
    MEETS = 1  # a colleague may have changed the same thing: then a person settles it, or theirs stands
    SERVER = 2  # the server decides: a place, money, a step of work, a closed period, a role

    @property
    def words(self) -> str:
        """What the panel says."""
        return _WORDS[self]


_WORDS = {
    Outlook.LANDS: "Will land",
    Outlook.MEETS: "May meet a colleague’s change",
    Outlook.SERVER: "The server decides",
}


def outlook_of(type_name: str, kind: str, fields: Mapping[str, Any]) -> Outlook:
    """The outlook of one operation: type, kind, the fields it writes."""
    if type_name not in record_types():
        return Outlook.SERVER
    policy = policy_of(type_name)
    if policy.frozen_by is not None or policy.write_roles or kind == OpKind.MOVE:
        return Outlook.SERVER
    if _takes(policy, kind, fields):
        return Outlook.SERVER
    if kind == OpKind.CREATE:
        return Outlook.LANDS
    if _limits(type_name, fields):
        return Outlook.SERVER
    if policy.moves is not None and policy.moves.field in fields:
        return Outlook.SERVER
    if kind in (OpKind.DELETE, OpKind.RESTORE, OpKind.SEALED):
        return Outlook.MEETS
    return Outlook.MEETS if any(policy.merge_of(name) in _MEETS for name in fields) else Outlook.LANDS


def outlooks(ops: Sequence[Any]) -> dict[str, Outlook]:
    """The outlook of each act, by its group, of operations in the order they wait (rows of the outbox). An
    act shares the fate of all its operations and of the acts before it on the same records."""
    acts: dict[str, Outlook] = {}
    records: dict[tuple[str, str], str] = {}  # the last act that waits for each record
    for op in ops:
        before = records.get((op.type, op.record_id))
        known = [acts[group] for group in (before, op.group_id) if group in acts]
        acts[op.group_id] = max([outlook_of(op.type, op.kind, op.fields), *known])
        records[op.type, op.record_id] = op.group_id
    return acts


def _takes(policy: Policy, kind: str, fields: Mapping[str, Any]) -> bool:
    """Whether an operation takes from a limited resource, or may."""
    allocation = policy.allocation
    if allocation is None:
        return False
    names = {allocation.resource_id, *allocation.active}
    if allocation.amount is not None:
        names.add(allocation.amount)
    return kind != OpKind.PATCH or not names.isdisjoint(fields)


def _limits(type_name: str, fields: Mapping[str, Any]) -> bool:
    """Whether an operation writes the limit that others take from."""
    return any(
        policy.allocation is not None
        and policy.allocation.resource == type_name
        and policy.allocation.limit in fields
        for policy in (policy_of(name) for name in record_types())
    )
