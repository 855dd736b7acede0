"""A push that only makes new records: the same checks and the same rows as any other, in one straight run.

A ledger, a survey, a first upload: thousands of records that nobody else can have touched. As soon as one
operation is anything else, or is refused, nothing was done here and the careful way decides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Raw
from sqlalchemy import select

from sync import chain, digest, wire
from sync.server.accounts import Actor
from sync.server.batch import CHANGE, RECORD, RESULT, Batch, Key
from sync.server.group import reading
from sync.server.rules import Refused, TypeRules, check_access, check_head, check_new, check_signed, rules_of
from sync.server.store import among, bulk_insert
from sync.server.tables import change, op_result, record
from sync.wire import Kind, Status

FEWEST = 20  # fewer operations than this are not worth a way of their own
_MAKING = (Kind.CREATE.value, Kind.SEALED.value)


class Creation:
    """A run of operations that each make one record, looked at and ready to be written."""

    def __init__(self, batch: Batch, skew_limit: str) -> None:
        self.batch = batch
        self.skew_limit = skew_limit
        self.scopes: dict[str, list[tuple[wire.Op, Actor, str, bytes]]] = {}
        self.weights: dict[str, int] = {}  # what the digest of each scope gains

    def takes(self, ops: Sequence[wire.Op], person: Callable[[wire.Op], Actor]) -> bool:
        """Whether every operation makes a record that is new, and may."""
        if len(ops) < FEWEST:
            return False
        try:
            kinds = {name: rules_of(name) for name in {op.t for op in ops}}
            return self._are_new(ops, kinds) and self._check(ops, kinds, person)
        except Refused:
            return False

    def _are_new(self, ops: Sequence[wire.Op], kinds: dict[str, TypeRules]) -> bool:
        policies = [rules.policy for rules in kinds.values()]
        if any(policy.allocation is not None for policy in policies):
            return False
        if any(policy.frozen_by is not None and policy.frozen_by.parent in kinds for policy in policies):
            return False
        if any(op.kind not in _MAKING or op.resolves is not None for op in ops):
            return False
        ids = [op.id for op in ops]
        if len(set(ids)) != len(ids):
            return False
        where = (record.c.tenant == self.batch.actor.tenant, record.c.type.in_(kinds))
        known = select(record.c.id).where(*where, among(self.batch.connection, record.c.id, ids)).limit(1)
        return self.batch.connection.execute(known).first() is None

    def _check(
        self, ops: Sequence[wire.Op], kinds: dict[str, TypeRules], person: Callable[[wire.Op], Actor]
    ) -> bool:
        device, plain = self.batch.actor.device_id, self.batch.plain
        self.batch.load(self._parents(ops, kinds))
        for op in ops:
            rules, author = kinds[op.t], person(op)
            check_head(op)
            check_access(rules.policy, op, op.scope, author)
            hlc = reading(op, device, self.skew_limit)
            body = check_new(rules, op, plain)
            check_signed(rules.policy, body, body, author)
            if rules.policy.frozen_by is not None:
                self.batch.check_frozen(rules.policy.frozen_by, body)
            fields = wire.canonical(body)
            weight = digest.first_hash(op.t, op.id, body, fields)
            self.weights[op.scope] = self.weights.get(op.scope, 0) + weight
            self.scopes.setdefault(op.scope, []).append((op, author, hlc, fields))
        return True

    def _parents(self, ops: Sequence[wire.Op], kinds: dict[str, TypeRules]) -> set[Key]:
        """The records that may have frozen these."""
        frozen = {name: rules.policy.frozen_by for name, rules in kinds.items()}
        named = ((by, op.f.get(by.parent_id)) for op in ops if (by := frozen[op.t]) is not None)
        return {(by.parent, parent_id) for by, parent_id in named if isinstance(parent_id, str)}

    def write(self) -> list[wire.Result]:
        """Writes the records, their changes and the answers; gives the answers."""
        batch, tenant, device = self.batch, self.batch.actor.tenant, self.batch.actor.device_id
        first = wire.encode({"*": [1, device]}).decode()
        records, results, answers = [], [], []
        applied = Status.APPLIED.value
        for scope in sorted(self.scopes):
            made = self.scopes[scope]
            n, value, total = batch.take_numbers(scope, len(made))
            texts = []
            for seq, (op, author, hlc, fields) in enumerate(made, n - len(made) + 1):
                log = wire.RawChange(
                    seq=seq,
                    op=op.op,
                    t=op.t,
                    id=op.id,
                    ver=1,
                    kind=op.kind,
                    by=author.user_id,
                    name=author.name,
                    device=device,
                    hlc=hlc,
                    at=op.at,
                    f=Raw(fields),
                )
                texts.append(wire.canonical(log))
                records.append((tenant, op.t, op.id, scope, 1, seq, first, fields.decode(), False, op.at))
                results.append(wire.Result(op.op, applied, seq, 1))
                answer = f'{{"op":"{op.op}","status":"{applied}","seq":{seq},"ver":1}}'  # as the encoder does
                answers.append((tenant, op.op, device, op.dseq, answer))
            values = chain.values(value, texts)
            changes = [
                (tenant, scope, seq, op.t, op.id, 1, text.decode(), after)
                for seq, ((op, _, _, _), text, after) in enumerate(
                    zip(made, texts, values, strict=True), n - len(made) + 1
                )
            ]
            bulk_insert(batch.connection, change, CHANGE, changes)
            batch.keep_head(scope, changes[-1][-1], digest.moved(total, self.weights[scope]))
        bulk_insert(batch.connection, record, RECORD, records)
        bulk_insert(batch.connection, op_result, RESULT, answers)
        return results
