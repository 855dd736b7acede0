"""One group of a push: the operations of one act on a laptop, which land whole or not at all.

Works on copies; `Batch` takes them over when the last operation has passed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Any

from models import clock
from models.policy import Allocation
from sync import wire
from sync.server import granting, moving
from sync.server.accounts import Actor
from sync.server.batch import Answer, Batch, Clash, Draft, Key, Rec
from sync.server.edit import Edit
from sync.server.rules import (
    Refused,
    TypeRules,
    check_access,
    check_head,
    check_new,
    check_signed,
    rules_of,
    takings_from,
)
from sync.wire import Code, Kind, Status


class Group:
    """The operations of one act, being applied."""

    def __init__(self, batch: Batch, skew_limit: str) -> None:
        self.batch = batch
        self.device = batch.actor.device_id
        self.skew_limit = skew_limit  # the latest clock reading that is believed
        self.records: dict[Key, Rec] = {}
        self.drafts: list[Draft] = []
        self.answers: list[Answer] = []
        self.clashes: dict[str, Clash] = {}
        self.seen_clashes: dict[Key, list[Clash]] = {}  # copies, so that a refused group leaves no trace
        self.holdings: dict[Key, tuple[str, int] | None] = {}
        self.deltas: dict[Key, int] = {}  # (taker type, resource id) -> taken more or less
        self.takers: dict[Key, wire.Op] = {}  # the last operation that takes
        self.wishes: dict[Key, wire.Op] = {}  # records that take anew, and by which operation
        self.moved: dict[Key, str] = {}  # records that stand in another scope now
        self.removed: dict[Key, wire.Op] = {}  # what was deleted, and by which operation

    def apply(self, op: wire.Op, actor: Actor) -> None:
        """Applies one operation, or raises Refused."""
        check_head(op)
        rules = rules_of(op.t)
        rec = self.record((op.t, op.id))
        scope = op.scope if rec is None else rec.scope
        if scope != op.scope and (scope not in actor.scopes or op.kind == Kind.MOVE):
            raise Refused(Code.SCOPE_LEFT)
        check_access(rules.policy, op, scope, actor)
        hlc = reading(op, self.device, self.skew_limit)
        draft = Draft(op, _NOWHERE, 0, op.kind, actor.name, actor.user_id, hlc, scope)
        if rec is None:
            if op.kind not in (Kind.CREATE, Kind.SEALED):
                raise Refused(Code.DEPENDENCY_REJECTED, Status.BLOCKED, missing=op.t)
            rec = self._create(op, rules, draft, actor)
            merged = False
        elif op.kind == Kind.MOVE:
            moving.move(self, op, rules.policy, actor, rec, draft)
            merged = False
        else:
            merged = Edit(self, op, rules, actor, rec, draft).run()
        self._finish(op, rec, draft, merged)

    def check_allocations(self) -> None:
        """Raises Refused (with the operation in `detail`) when the group takes more than there is, or
        removes what others have taken from."""
        for (removed_type, removed_id), op in self.removed.items():
            for taking in takings_from(removed_type):
                key = (taking.taker, removed_id)
                taken = self.batch.total(key) + self.deltas.get(key, 0)
                if taken > 0:
                    raise Refused(
                        Code.TAKEN, resource=removed_type, field="deleted", left=0, wanted=taken, blame=op.op
                    )
        granting.settle(self)
        for key, delta in self.deltas.items():
            if delta <= 0:
                continue
            taker, resource_id = key
            allocation = rules_of(taker).policy.allocation
            assert allocation is not None  # noqa: S101  only takers get here
            resource = self.record((allocation.resource, resource_id))
            blame = self.takers[key].op
            if resource is None:
                raise Refused(
                    Code.DEPENDENCY_REJECTED, Status.BLOCKED, missing=allocation.resource, blame=blame
                )
            if resource.deleted:
                raise Refused(Code.RECORD_DELETED, resource=allocation.resource, blame=blame)
            limit, taken = abs(int(resource.body.get(allocation.limit) or 0)), self.batch.total(key)
            if taken + delta > limit:
                left = max(0, limit - taken)
                raise Refused(
                    Code.TAKEN,
                    resource=allocation.resource,
                    field=allocation.limit,
                    left=left,
                    wanted=delta,
                    blame=blame,
                )

    def land(self) -> None:
        """Hands everything over to the batch."""
        batch = self.batch
        for key, rec in self.records.items():
            batch.records[key] = rec
            if rec.last is not None:
                batch.dirty[key] = rec
        batch.drafts += self.drafts
        batch.answers += self.answers
        batch.holdings.update(self.holdings)
        batch.dirty_clashes.update(self.clashes)
        batch.clashes.update(self.seen_clashes)
        batch.moved.update(self.moved)
        for key, delta in self.deltas.items():
            batch.totals[key] = batch.total(key) + delta

    # -- pieces ------------------------------------------------------------------------------------

    def record(self, key: Key) -> Rec | None:
        """A copy of a record as the operations before left it."""
        rec = self.records.get(key)
        if rec is None:
            found = self.batch.record(key)
            if found is None:
                return None
            rec = self.records[key] = found.copy()
        return rec

    def clashes_of(self, rec: Rec) -> list[Clash]:
        """The conflicts of a record that may still change."""
        key = (rec.type, rec.id)
        if key not in self.seen_clashes:
            found = self.batch.clashes.get(key, [])
            self.seen_clashes[key] = [replace(clash, row=copy(clash.row)) for clash in found]
        return self.seen_clashes[key]

    def _create(self, op: wire.Op, rules: TypeRules, draft: Draft, actor: Actor) -> Rec:
        body = check_new(rules, op, self.batch.plain)
        check_signed(rules.policy, body, body, actor)
        if rules.policy.frozen_by is not None:
            self.batch.check_frozen(rules.policy.frozen_by, body)
        rec = Rec(op.t, op.id, op.scope, 0, 0, {"*": [1, self.device]}, body, False, False)
        self.records[op.t, op.id] = rec
        draft.f = body
        if rules.policy.allocation is not None:
            self.take(op, rules.policy.allocation, None, body)
        return rec

    def take(
        self,
        op: wire.Op,
        allocation: Allocation,
        before: Mapping[str, Any] | None,
        after: Mapping[str, Any],
    ) -> None:
        """Books what a record takes after a change and gives back what it took before."""
        old = _held(allocation, before) if before is not None else None
        new = _held(allocation, after)
        if old == new:
            return
        self.holdings[op.t, op.id] = new
        if old is not None:
            key = (op.t, old[0])
            self.deltas[key] = self.deltas.get(key, 0) - old[1]
        if new is not None:
            key = (op.t, new[0])
            self.deltas[key] = self.deltas.get(key, 0) + new[1]
            self.takers[key] = op
            self.wishes[op.t, op.id] = op

    def _finish(self, op: wire.Op, rec: Rec, draft: Draft, merged: bool) -> None:
        open_ids = [row.id for row in draft.c if row.other_op == op.op or row.kept_op == op.op]
        open_ids = [i for i in open_ids if i not in _settled(draft)]
        altered = bool(draft.f) or draft.d is not None or rec.ver == 0 or draft.enters is not None
        if altered:
            rec.ver += 1
        elif draft.c:
            draft.kind = Kind.CONFLICT
        status = Status.CONFLICT if open_ids else Status.MERGED if merged else Status.APPLIED
        answer = Answer(wire.Result(op.op, status, conflicts=open_ids), op.dseq, rec, scope=op.scope)
        if altered or draft.c:
            draft.rec, draft.ver = rec, rec.ver
            rec.last = answer.draft = draft
            self.drafts.append(draft)
            if draft.enters is not None:
                rec.last = draft.enters
                rec.last.rec, rec.last.ver = rec, rec.ver
                self.drafts.append(rec.last)
        self.answers.append(answer)


def reading(op: wire.Op, device: str, skew_limit: str) -> str:
    """The clock reading of an operation, held back when the laptop's clock runs far ahead."""
    try:
        clock.parse(op.hlc)
    except ValueError:
        raise Refused(Code.VALIDATION, field="hlc", why="not a clock reading") from None
    return f"{min(op.hlc[:16], skew_limit)}-{device}"


def _held(allocation: Allocation, body: Mapping[str, Any]) -> tuple[str, int] | None:
    if not allocation.holds(body):
        return None
    return str(body[allocation.resource_id]), allocation.takes(body)


def _settled(draft: Draft) -> set[str]:
    return {row.id for row in draft.c if row.status == "resolved"}


def needed(ops: Sequence[wire.Op]) -> tuple[set[Key], set[Key], set[Key]]:
    """What a push will look at: records, (taker type, resource id) totals, records with conflicts."""
    records: set[Key] = set()
    totals: set[Key] = set()
    patched: set[Key] = set()
    for op in ops:
        records.add((op.t, op.id))
        if op.kind != Kind.CREATE:
            patched.add((op.t, op.id))
        try:
            policy = rules_of(op.t).policy
        except Refused:
            continue
        if policy.allocation is not None:
            named = (op.f.get(policy.allocation.resource_id), *policy.allocation.wishes(op.f))
            for resource_id in named:
                if isinstance(resource_id, str):
                    records.add((policy.allocation.resource, resource_id))
                    totals.add((op.t, resource_id))
        if policy.frozen_by is not None:
            parent_id = op.f.get(policy.frozen_by.parent_id)
            if isinstance(parent_id, str):
                records.add((policy.frozen_by.parent, parent_id))
    return records, totals, patched


_NOWHERE = Rec("", "", "", 0, 0, {}, {}, False, False)
