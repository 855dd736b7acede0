"""One group of a push: the operations of one act on a laptop, which land whole or not at all.

Works on copies; `Batch` takes them over when the last operation has passed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Any

from models import clock
from models.ids import new_id
from models.policy import Allocation, FrozenBy, Merge
from sync import merge, wire
from sync.merge import Outcome
from sync.server.accounts import Actor
from sync.server.batch import Answer, Batch, Clash, Draft, Key, Rec
from sync.server.rules import (
    Refused,
    TypeRules,
    check_access,
    check_head,
    check_moves,
    check_new,
    rules_of,
    takings_from,
)
from sync.wire import Code, Kind, Status

WHOLE = "*"  # the field name of a conflict over a whole sealed record
TRASH = "deleted"  # the field name of a conflict between a change and a deletion


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

    def apply(self, op: wire.Op, actor: Actor) -> None:
        """Applies one operation, or raises Refused."""
        check_head(op)
        rules = rules_of(op.t)
        check_access(rules.policy, op, actor)
        draft = Draft(op, _NOWHERE, 0, op.kind, actor.name, actor.user_id, self._reading(op))
        rec = self._record((op.t, op.id))
        if rec is None:
            if op.kind not in (Kind.CREATE, Kind.SEALED):
                raise Refused(Code.DEPENDENCY_REJECTED, Status.BLOCKED, missing=op.t)
            rec = self._create(op, rules, draft)
            merged = False
        else:
            if rec.scope != op.scope:
                raise Refused(Code.SCOPE_LEFT)
            merged = _Edit(self, op, rules, actor, rec, draft).run()
        self._finish(op, rec, draft, merged)

    def check_allocations(self) -> None:
        """Raises Refused (with the operation in `detail`) when the group takes more than there is."""
        for key, delta in self.deltas.items():
            if delta <= 0:
                continue
            taker, resource_id = key
            allocation = rules_of(taker).policy.allocation
            assert allocation is not None  # noqa: S101  only takers get here
            resource = self._record((allocation.resource, resource_id))
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
        for key, delta in self.deltas.items():
            batch.totals[key] = batch.total(key) + delta

    # -- pieces ------------------------------------------------------------------------------------

    def _record(self, key: Key) -> Rec | None:
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

    def _reading(self, op: wire.Op) -> str:
        """The clock reading of an operation, held back when the laptop's clock runs far ahead."""
        try:
            clock.parse(op.hlc)
        except ValueError:
            raise Refused(Code.VALIDATION, field="hlc", why="not a clock reading") from None
        return min(f"{op.hlc[:16]}-{self.device}", f"{self.skew_limit}-{self.device}")

    def _create(self, op: wire.Op, rules: TypeRules, draft: Draft) -> Rec:
        body = check_new(rules, op)
        if rules.policy.frozen_by is not None:
            self.check_frozen(rules.policy.frozen_by, body)
        rec = Rec(op.t, op.id, op.scope, 0, 0, {"*": [1, self.device]}, body, False, False)
        self.records[op.t, op.id] = rec
        draft.f = body
        if rules.policy.allocation is not None:
            self.take(op, rules.policy.allocation, None, body)
        return rec

    def check_frozen(self, frozen: FrozenBy, *bodies: Mapping[str, Any]) -> None:
        """Raises Refused when a parent named by any of the bodies was closed before this act."""
        for body in bodies:
            parent_id = body.get(frozen.parent_id)
            parent = self.batch.record((frozen.parent, str(parent_id))) if parent_id else None
            if parent is not None and str(parent.body.get(frozen.field)) in frozen.values:
                raise Refused(Code.FROZEN, parent=frozen.parent, state=str(parent.body[frozen.field]))

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

    def _finish(self, op: wire.Op, rec: Rec, draft: Draft, merged: bool) -> None:
        open_ids = [row.id for row in draft.c if row.other_op == op.op or row.kept_op == op.op]
        open_ids = [i for i in open_ids if i not in _settled(draft)]
        altered = bool(draft.f) or draft.d is not None or rec.ver == 0
        if altered:
            rec.ver += 1
        elif draft.c:
            draft.kind = Kind.CONFLICT
        status = Status.CONFLICT if open_ids else Status.MERGED if merged else Status.APPLIED
        answer = Answer(wire.Result(op.op, status, conflicts=open_ids), op.dseq, rec)
        if altered or draft.c:
            draft.rec, draft.ver = rec, rec.ver
            rec.last = answer.draft = draft
            self.drafts.append(draft)
        self.answers.append(answer)


class _Edit:
    """One operation on a record that exists."""

    def __init__(
        self, group: Group, op: wire.Op, rules: TypeRules, actor: Actor, rec: Rec, draft: Draft
    ) -> None:
        self.group, self.op, self.rules, self.actor = group, op, rules, actor
        self.rec, self.draft = rec, draft
        self.before = {**rec.body, "deleted": rec.deleted}
        self.merged = False

    def run(self) -> bool:
        """Applies it; returns whether it came together with somebody else's change. Raises Refused."""
        op, rec, policy = self.op, self.rec, self.rules.policy
        for name, value in op.f.items():
            self.rules.check_field(name, value)
        if policy.frozen_by is not None:
            self.group.check_frozen(policy.frozen_by, rec.body, {**rec.body, **op.f})
        self.merged = rec.parallel(op.base, self.group.device)
        if rec.deleted and op.kind not in (Kind.RESTORE, Kind.DELETE):
            self._revive()
        if op.kind == Kind.SEALED:
            self._whole()
        else:
            for name, value in op.f.items():
                self._field(name, value)
        if op.kind == Kind.DELETE and not rec.deleted:
            self._delete()
        elif op.kind == Kind.RESTORE and rec.deleted:
            self._set_deleted(False)
        if op.resolves is not None:
            self._resolve(op.resolves)
        after = {**rec.body, "deleted": rec.deleted}
        if policy.allocation is not None:
            self.group.take(op, policy.allocation, self.before, after)
        self._check_limits()
        return self.merged

    # -- fields ------------------------------------------------------------------------------------

    def _field(self, name: str, new: Any) -> None:
        op, rec, policy = self.op, self.rec, self.rules.policy
        current = rec.body.get(name)
        version, device = rec.written(name)
        concurrent = version > op.base and device != self.group.device
        if self._follows_own_clash(name, new):
            return
        if policy.moves is not None and name == policy.moves.field:
            if new == current:
                return
            if concurrent:
                raise Refused(Code.STALE_STATE, field=name, state=current, wanted=new)
            check_moves(policy.moves, self.before, str(new), self.actor)
            self._set(name, new)
            return
        kind = policy.merge_of(name)
        theirs = self._writer(name) if concurrent and new != current else None
        verdict = merge.merge_field(
            kind,
            current=current,
            base=op.b.get(name),
            new=new,
            concurrent=concurrent,
            later=theirs is not None and self.draft.hlc > theirs.hlc,
        )
        if verdict.outcome is Outcome.REFUSE:
            detail = (
                {"field": name, "state": current, "wanted": new} if kind is Merge.GUARD else {"field": name}
            )
            raise Refused(Code(str(verdict.code)), **detail)
        self.merged = self.merged or verdict.merged
        if verdict.conflict is not None:
            kept, other = (new, current) if verdict.outcome is Outcome.APPLY else (current, new)
            self._clash(name, verdict.conflict, kept, other, theirs, won=verdict.outcome is Outcome.APPLY)
        if verdict.outcome is Outcome.APPLY:
            self._set(name, verdict.value)

    def _set(self, name: str, value: Any) -> None:
        rec = self.rec
        if value is None:
            rec.body.pop(name, None)
        else:
            rec.body[name] = value
        rec.fver[name] = [rec.ver + 1, self.group.device]
        self.draft.f[name] = value
        resolving = self.op.resolves.conflict if self.op.resolves is not None else ""
        for clash in self.group.clashes_of(rec):
            row = clash.row
            if (
                row.field == name
                and row.status == "open"
                and row.id != resolving
                and row.other_op != self.op.op
            ):
                row.kept, row.kept_op = value, self.op.op  # the card shows what stands now
                row.kept_by, row.kept_at = self.actor.name, self.op.at
                self._note(clash)

    def _writer(self, name: str) -> wire.Change | None:
        return self.group.batch.writer(self.rec, name)

    def _follows_own_clash(self, name: str, new: Any) -> bool:
        """Whether the author, still looking at their own value of an open conflict, went on from there:
        then the conflict carries the new value, and what stands is not touched."""
        for clash in self.group.clashes_of(self.rec):
            row = clash.row
            if (
                row.field == name
                and row.status == "open"
                and clash.other_device == self.group.device
                and self.op.b.get(name) == row.other
                and (self.op.resolves is None or self.op.resolves.conflict != row.id)
            ):
                row.other, row.other_op, row.other_at = new, self.op.op, self.op.at
                self._note(clash)
                return True
        return False

    # -- whole records -----------------------------------------------------------------------------

    def _whole(self) -> None:
        """A sealed record is replaced as a whole or stands: nobody here can look inside."""
        op, rec = self.op, self.rec
        if rec.body == op.f:
            return
        version, device = rec.written(WHOLE)
        if version > op.base and device != self.group.device and op.resolves is None:
            self._clash(WHOLE, "open", dict(rec.body), op.f, self._writer(WHOLE), won=False)
            return
        rec.body = {name: value for name, value in op.f.items() if value is not None}
        rec.fver = {WHOLE: [rec.ver + 1, self.group.device]}
        self.draft.f = dict(op.f)

    def _revive(self) -> None:
        """A change wins over a deletion that its author had not seen; after one they saw it is refused."""
        version, device = self.rec.written(TRASH)
        if version <= self.op.base or device == self.group.device:
            raise Refused(Code.RECORD_DELETED)
        self._clash(TRASH, "auto", False, True, self._writer(TRASH), won=True)
        self._set_deleted(False)

    def _delete(self) -> None:
        """A deletion gives way to a change that its author had not seen."""
        rec = self.rec
        if rec.parallel(self.op.base, self.group.device) and self.op.resolves is None:
            newest = max(rec.fver, key=lambda name: rec.fver[name][0])
            self._clash(TRASH, "auto", False, True, self._writer(newest), won=False)
            return
        self._set_deleted(True)

    def _set_deleted(self, deleted: bool) -> None:
        self.rec.deleted = deleted
        self.rec.fver[TRASH] = [self.rec.ver + 1, self.group.device]
        self.draft.d = deleted

    # -- conflicts ---------------------------------------------------------------------------------

    def _clash(
        self, name: str, status: str, kept: Any, other: Any, theirs: wire.Change | None, won: bool
    ) -> None:
        op = self.op
        mine = (op.op, self.actor.name, op.at)
        them = (theirs.op, theirs.name, theirs.at) if theirs is not None else (None, "", None)
        first, second = (mine, them) if won else (them, mine)
        row = wire.ConflictRow(
            id=new_id(),
            field=name,
            base=op.b if name == WHOLE else op.b.get(name),
            kept=kept,
            other=other,
            kept_op=first[0],
            kept_by=first[1],
            kept_at=first[2],
            other_op=second[0],
            other_by=second[1],
            other_at=second[2],
            status=status,
        )
        device = (theirs.device if theirs is not None else "") if won else self.group.device
        clash = Clash(row, self.rec.type, self.rec.id, self.rec.scope, device, False)
        self.group.clashes_of(self.rec).append(clash)
        self._note(clash)

    def _resolve(self, resolves: wire.Resolves) -> None:
        if any(row.other_op == self.op.op or row.kept_op == self.op.op for row in self.draft.c):
            return  # somebody else has written since: the choice itself is in conflict
        for clash in self.group.clashes_of(self.rec):
            row = clash.row
            if row.id == resolves.conflict and row.status in ("open", "auto"):
                row.status, row.resolution = "resolved", resolves.choice
                row.resolved_by, row.resolved_op = self.actor.name, self.op.op
                self._note(clash)

    def _note(self, clash: Clash) -> None:
        self.group.clashes[clash.row.id] = clash
        if all(row.id != clash.row.id for row in self.draft.c):
            self.draft.c.append(clash.row)

    # -- limits ------------------------------------------------------------------------------------

    def _check_limits(self) -> None:
        """A limit may not fall below what is taken from it."""
        for taking in takings_from(self.op.t):
            name = taking.allocation.limit
            if name not in self.draft.f:
                continue
            limit, taken = (
                abs(int(self.draft.f[name] or 0)),
                self.group.batch.total((taking.taker, self.op.id)),
            )
            if taken > limit and limit < abs(int(self.before.get(name) or 0)):
                raise Refused(Code.TAKEN, resource=self.op.t, field=name, left=0, wanted=taken - limit)


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
            resource_id = op.f.get(policy.allocation.resource_id)
            if isinstance(resource_id, str):
                records.add((policy.allocation.resource, resource_id))
                totals.add((op.t, resource_id))
        if policy.frozen_by is not None:
            parent_id = op.f.get(policy.frozen_by.parent_id)
            if isinstance(parent_id, str):
                records.add((policy.frozen_by.parent, parent_id))
    return records, totals, patched


_NOWHERE = Rec("", "", "", 0, 0, {}, {}, False, False)
