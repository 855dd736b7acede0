"""A record goes from one scope to another: `leave` in the log of the old one, `enter`, whole, in the new."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.policy import Policy
from sync import wire
from sync.server.accounts import Actor, anybody_reads
from sync.server.batch import Draft, Rec
from sync.server.rules import Refused, check_scope
from sync.wire import Code, Kind

if TYPE_CHECKING:
    from sync.server.group import Group

SCOPE = "scope"  # what a move changes, in `f` and `b` and among the versions of the fields


def move(group: Group, op: wire.Op, policy: Policy, actor: Actor, rec: Rec, draft: Draft) -> None:
    """Moves a record; raises Refused. `draft` becomes the half that leaves, its `enters` the other."""
    target = _target(group, op.f, policy, actor)
    if rec.deleted:
        raise Refused(Code.RECORD_DELETED)
    if policy.frozen_by is not None:
        group.batch.check_frozen(policy.frozen_by, rec.body)
    if target == rec.scope:
        return
    clashes = group.clashes_of(rec)
    for clash in clashes:
        clash.scope = target
    draft.kind, draft.s = Kind.LEAVE, target
    draft.enters = Draft(
        op,
        rec,
        0,
        Kind.ENTER,
        draft.name,
        draft.by,
        draft.hlc,
        target,
        f=dict(rec.body),
        d=rec.deleted,
        c=[clash.row for clash in clashes],
        s=rec.scope,
    )
    rec.scope = target
    rec.fver[SCOPE] = [rec.ver + 1, group.device]
    group.moved[rec.type, rec.id] = target


def _target(group: Group, fields: dict[str, Any], policy: Policy, actor: Actor) -> str:
    target = fields.get(SCOPE)
    if set(fields) != {SCOPE} or not isinstance(target, str):
        raise Refused(Code.VALIDATION, field=SCOPE, why="a move names a scope and nothing else")
    check_scope(target)
    if policy.scope == "user" or policy.sealed or target.startswith("user:"):
        raise Refused(Code.FORBIDDEN, needs="user")
    if not policy.move_roles & actor.roles:
        raise Refused(Code.FORBIDDEN, needs=sorted(policy.move_roles))
    if not anybody_reads(group.batch.connection, actor.tenant, target):
        raise Refused(Code.VALIDATION, field=SCOPE, why="nobody reads that scope")
    return target
