"""Wishes in order, granted: where a resource is used up the next choice that has room is written in its
place, and where none has, that the wish is lost. So nobody's wish is refused into one laptop's queue.

Everything is read from the declared `Allocation`: no slice is named here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from models.policy import Allocation, Moves, Policy, Ranked
from sync import wire, words
from sync.server.batch import Key, Rec
from sync.server.rules import Refused, check_moves, rules_of
from sync.wire import Code, Status

if TYPE_CHECKING:
    from sync.server.edit import Edit
    from sync.server.group import Group

CHOSEN = "server"  # stands as the device of a field that the server wrote in the author's place


def settle(group: Group) -> None:
    """Gives every record of the group that takes anew a resource with room: the one it names, else the next
    choice, else none. Raises Refused (with the operation in `detail`) where the rules leave no other way."""
    wishes: list[tuple[Key, wire.Op, Allocation]] = []
    for key, op in group.wishes.items():
        allocation = rules_of(key[0]).policy.allocation
        held = group.holdings.get(key)
        if allocation is None or held is None:
            continue
        if allocation.ranked is not None:
            group.deltas[key[0], held[0]] -= held[1]
        wishes.append((key, op, allocation))
    for key, op, allocation in wishes:
        if allocation.ranked is not None:
            _grant(group, key, op, allocation)
        else:
            _check_within(group, key, op, allocation)


def stands_over(policy: Policy, before: Mapping[str, Any], state: str) -> bool:
    """Whether a move to `state` stands although somebody has moved the record since: it lets go of what is
    held, or wishes anew where nothing is held any more."""
    allocation = policy.allocation
    if allocation is None or allocation.ranked is None:
        return False
    if state in allocation.ranked.gives_back:
        return True
    return state in allocation.ranked.wishing and not allocation.holds(before)


def wish_anew(edit: Edit, allocation: Allocation) -> None:
    """A wish whose author did not know what had become of the one before is a wish again, and nothing more;
    and nobody agrees to a resource that was exchanged without their seeing it. Raises Refused."""
    ranked, moves = allocation.ranked, edit.rules.policy.moves
    if ranked is None or moves is None:
        return
    rec, op = edit.rec, edit.op
    state = str(rec.body.get(moves.field))
    if moves.field not in op.f:
        named = allocation.resource_id in edit.draft.f
        again = named or (ranked.choices in edit.draft.f and state == ranked.lost)
        if again and state not in ranked.wishing and not _may_keep(edit, moves, ranked, state):
            edit.set_field(moves.field, ranked.wishing[0])
            if not named and edit.draft.f[ranked.choices]:
                edit.set_field(allocation.resource_id, allocation.wishes(rec.body)[0])
    elif state not in ranked.wishing and allocation.holds(rec.body) and moves.field in edit.draft.f:
        if allocation.resource_id not in op.f and _unseen(edit, allocation.resource_id):
            before = str(edit.before.get(moves.field))
            raise Refused(Code.STALE_STATE, field=moves.field, state=before, wanted=state)


def _may_keep(edit: Edit, moves: Moves, ranked: Ranked, state: str) -> bool:
    """Whether the author may give a record in this state another resource without its being a wish again: who
    could bring a wish to that state, and has seen that it is in it."""
    if _unseen(edit, moves.field):
        return False
    wish = {**edit.before, moves.field: ranked.wishing[0]}
    try:
        check_moves(moves, wish, state, edit.actor, edit.op.f)
    except Refused:
        return False
    return True


def _unseen(edit: Edit, name: str) -> bool:
    """Whether somebody else wrote a field after what the author had seen."""
    version, device = edit.rec.written(name)
    return version > edit.op.base and device != edit.group.device


def _grant(group: Group, key: Key, op: wire.Op, allocation: Allocation) -> None:
    rec, held, policy = group.records[key], group.holdings[key], rules_of(key[0]).policy
    ranked = allocation.ranked
    assert held is not None  # noqa: S101  `settle` looked
    assert ranked is not None  # noqa: S101
    named, amount = held
    if group.record((allocation.resource, named)) is None:
        missing = allocation.resource
        raise Refused(Code.DEPENDENCY_REJECTED, Status.BLOCKED, missing=missing, blame=op.op)
    if not allocation.is_wish(policy.moves, rec.body):
        _book(group, key, named, amount)  # somebody agreed to this one: the sums of the group decide
        return
    wishes = allocation.wishes(op.f) or allocation.wishes(rec.body)
    late = False
    for resource_id in dict.fromkeys((named, *wishes)):
        resource = group.record((allocation.resource, resource_id))
        if resource is None or resource.deleted:
            continue
        if allocation.too_late(resource.body, rec.body):
            late = True
        elif _room(group, key[0], resource, allocation) >= amount:
            if resource_id != named:
                _write(group, rec, {allocation.resource_id: resource_id})
            _book(group, key, resource_id, amount)
            return
    assert policy.moves is not None  # noqa: S101  a wish is a state
    why = words.lost(
        allocation.resource, late, rec.body.get(allocation.within[1]) if allocation.within else None
    )
    _write(group, rec, {policy.moves.field: ranked.lost, ranked.why: why})
    group.holdings[key] = None


def _room(group: Group, taker: str, resource: Rec, allocation: Allocation) -> int:
    key = (taker, resource.id)
    limit = abs(int(resource.body.get(allocation.limit) or 0))
    return limit - group.batch.total(key) - group.deltas.get(key, 0)


def _book(group: Group, key: Key, resource_id: str, amount: int) -> None:
    total = (key[0], resource_id)
    group.deltas[total] = group.deltas.get(total, 0) + amount
    group.takers[total] = group.wishes[key]
    group.holdings[key] = (resource_id, amount)


def _write(group: Group, rec: Rec, values: Mapping[str, Any]) -> None:
    """Writes values in the author's place: they stand in the change, and come to the author's laptop as what
    a colleague wrote does."""
    assert rec.last is not None  # noqa: S101  it was written in this group
    for name, value in values.items():
        rec.body[name] = rec.last.f[name] = value
        rec.fver[name] = [rec.ver, CHOSEN]
    for answer in group.answers:
        if answer.rec is rec and answer.result.status == Status.APPLIED:
            answer.result.status = Status.MERGED


def _check_within(group: Group, key: Key, op: wire.Op, allocation: Allocation) -> None:
    rec, held = group.records[key], group.holdings[key]
    assert held is not None  # noqa: S101  `settle` looked
    resource = group.record((allocation.resource, held[0]))
    if resource is not None and allocation.too_late(resource.body, rec.body):
        latest = rec.body.get(allocation.within[1]) if allocation.within else None
        raise Refused(Code.TOO_LATE, resource=allocation.resource, latest=latest, blame=op.op)
