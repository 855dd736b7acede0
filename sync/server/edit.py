"""One operation on a record that the server has: field by field by its merge class, then as a whole.

Works on the copies of its group; what two people wrote apart and no rule decides becomes a conflict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.ids import new_id
from models.policy import Merge
from models.text_merge import merge_text
from sync import merge, wire
from sync.merge import Outcome
from sync.server import granting
from sync.server.accounts import Actor
from sync.server.batch import Clash, Draft, Rec
from sync.server.rules import Refused, TypeRules, check_moves, check_signed, takings_from
from sync.wire import Code, Kind

if TYPE_CHECKING:
    from sync.server.group import Group

WHOLE = "*"  # the field name of a conflict over a whole sealed record
TRASH = "deleted"  # the field name of a conflict between a change and a deletion


class Edit:
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
        if rec.deleted and not rec.body:  # two years in the trash: what it held is gone
            raise Refused(Code.RECORD_DELETED)
        if policy.frozen_by is not None:
            self.group.batch.check_frozen(policy.frozen_by, rec.body, {**rec.body, **op.f})
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
        if policy.allocation is not None:
            granting.wish_anew(self, policy.allocation)
        check_signed(policy, rec.body, op.f, self.actor)
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
        concurrent = version > op.base or self._unseen(name)
        concurrent = concurrent and device != self.group.device and not self._saw(name, current)
        if device == granting.CHOSEN and (policy.moves is None or name != policy.moves.field):
            concurrent = False  # it was written in the author's place, who now wishes for another
        kind = policy.merge_of(name)
        if self._follows_own_clash(name, new, kind):
            return
        if policy.moves is not None and name == policy.moves.field:
            if new == current:
                return
            if concurrent and not granting.stands_over(policy, self.before, str(new)):
                raise Refused(Code.STALE_STATE, field=name, state=current, wanted=new)
            check_moves(policy.moves, self.before, str(new), self.actor, op.f)
            self.set_field(name, new)
            return
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
        if verdict.conflict is not None and kind is Merge.TEXT:
            author = self.group.batch.writer_apart(rec, name, self.group.device)
            kept, other = verdict.value, verdict.other
            self._clash(name, verdict.conflict, kept, other, author, won=False, base=verdict.base)
        elif verdict.conflict is not None:
            kept, other = (new, current) if verdict.outcome is Outcome.APPLY else (current, new)
            self._clash(name, verdict.conflict, kept, other, theirs, won=verdict.outcome is Outcome.APPLY)
        if verdict.outcome is Outcome.APPLY:
            self.set_field(name, verdict.value)

    def _saw(self, name: str, current: Any) -> bool:
        """Whether the author changed the very value that stands: they had it from a colleague's courier
        file, before the server did."""
        return name in self.op.b and self.op.b[name] == current

    def _unseen(self, name: str) -> bool:
        """Whether a field holds another value than its author saw, whatever the versions say: they count
        anew when a server was restored, and somebody may have written here before the author came back."""
        current = self.rec.body.get(name)
        return current is not None and name in self.op.b and current != self.op.b[name]

    def set_field(self, name: str, value: Any) -> None:
        """Gives a field its value in this version of the record."""
        rec = self.rec
        if value is None:
            rec.body.pop(name, None)
        else:
            rec.body[name] = value
        rec.fver[name] = [rec.ver + 1, self.group.device]
        self.draft.f[name] = value
        for clash in self._open_clashes(name):
            if clash.row.other_op != self.op.op:
                self._stands(clash, value, self.rules.policy.merge_of(name))

    def _open_clashes(self, name: str) -> list[Clash]:
        """The open conflicts of a field, without the one that this operation settles."""
        resolving = self.op.resolves.conflict if self.op.resolves is not None else ""
        found = self.group.clashes_of(self.rec)
        return [c for c in found if c.row.field == name and c.row.status == "open" and c.row.id != resolving]

    def _stands(self, clash: Clash, value: Any, kind: Merge) -> None:
        """An open conflict shows what stands now; of a text, both its other versions keep what is new
        elsewhere, and who stands against whom changes only with the words in question."""
        row, touched = clash.row, True
        if kind is Merge.TEXT:
            touched = bool(merge_text(row.kept, row.other, value).clashes) or row.other == value
            row.base = merge.carried_on(row.kept, value, row.base)
            row.other = merge.carried_on(row.kept, value, row.other)
            if row.other == value:
                self._settle_clash(clash, "custom")
        row.kept = value
        if touched:
            row.kept_op, row.kept_by, row.kept_at = self.op.op, self.actor.name, self.op.at
        self._note(clash)

    def _writer(self, name: str) -> wire.Change | None:
        return self.group.batch.writer(self.rec, name)

    def _follows_own_clash(self, name: str, new: Any, kind: Merge) -> bool:
        """Whether the author, still looking at their own value of an open conflict, went on from there:
        then the conflict carries the new value, and what stands is not touched in its place."""
        seen, current = self.op.b.get(name), self.rec.body.get(name)
        for clash in self._open_clashes(name):
            if clash.other_device != self.group.device:
                continue
            if kind is Merge.TEXT:
                other = merge.typed_on(clash.row.other, seen, new) if seen != current else None
                if other is not None:
                    self._type_on(clash, name, other)
                    return True
            elif seen == clash.row.other:
                clash.row.other, clash.row.other_op, clash.row.other_at = new, self.op.op, self.op.at
                self._note(clash)
                return True
        return False

    def _type_on(self, clash: Clash, name: str, other: str) -> None:
        """The author of a text in conflict went on: what is theirs alone is taken, the rest stays open."""
        row, current = clash.row, self.rec.body.get(name) or ""
        asked = [part.mine for part in merge_text(row.base, row.other, row.kept).clashes]
        merged = merge_text(row.base, other, current)
        value = row.kept = merged.text()
        row.base, row.other = merged.text("base"), merged.text("mine")
        if asked != [part.mine for part in merged.clashes]:
            row.other_op, row.other_at = self.op.op, self.op.at
        self._note(clash)
        if not merged.clashes:
            self._settle_clash(clash, "custom")
        if value != current:
            self.merged = True
            self.set_field(name, value)

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
        self.group.removed[rec.type, rec.id] = self.op

    def _set_deleted(self, deleted: bool) -> None:
        self.rec.deleted = deleted
        self.rec.fver[TRASH] = [self.rec.ver + 1, self.group.device]
        self.draft.d = deleted

    # -- conflicts ---------------------------------------------------------------------------------

    def _clash(
        self,
        name: str,
        status: str,
        kept: Any,
        other: Any,
        theirs: wire.Change | None,
        won: bool,
        base: Any = None,
    ) -> None:
        op = self.op
        seen = op.b if name == WHOLE else op.b.get(name)
        mine = (op.op, self.actor.name, op.at)
        them = (theirs.op, theirs.name, theirs.at) if theirs is not None else (None, "", None)
        first, second = (mine, them) if won else (them, mine)
        row = wire.ConflictRow(
            id=new_id(),
            field=name,
            base=seen if base is None else base,
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
            if clash.row.id == resolves.conflict and clash.row.status in ("open", "auto"):
                self._settle_clash(clash, resolves.choice)
                self._note(clash)

    def _settle_clash(self, clash: Clash, choice: str) -> None:
        row = clash.row
        row.status, row.resolution = "resolved", choice
        row.resolved_by, row.resolved_op = self.actor.name, self.op.op

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
