"""Push: a laptop hands over its operations; each gets an answer, and one bad operation stops no other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby

import msgspec
from sqlalchemy import Connection, select, update
from sqlalchemy.exc import DBAPIError

from models import clock, failpoints
from sync import wire
from sync.columns import in_nfc
from sync.server import accounts, audit
from sync.server.accounts import Actor
from sync.server.batch import Answer, Batch
from sync.server.creation import Creation
from sync.server.denied import Denied
from sync.server.group import Group, needed
from sync.server.rules import Refused
from sync.server.store import ATTEMPTS, ServerStore, stamp, transient
from sync.server.tables import device
from sync.wire import Code, Status

NAMED = 100  # operations that one line of the audit names
_STATEFUL = (Code.STALE_STATE, Code.SECOND_PERSON)  # refusals that rest on what came before
_LARGE = wire.MAX_OP_BYTES // 2  # as it travels; below this no operation is too large once it is written
SKEW = timedelta(seconds=300)  # a laptop's clock is believed this far ahead of the server's


class _Slip(msgspec.Struct):
    """What can be read of an operation that cannot be read."""

    op: str
    dseq: int


class Malformed(Exception):
    """A push that is no push; `status` is the HTTP status, `error` a word for the laptop."""

    def __init__(self, error: str, message: str, status: int = 400, expected: int | None = None) -> None:
        super().__init__(message)
        self.error = error
        self.message = message
        self.status = status
        self.expected = expected


def push(store: ServerStore, actor: Actor, body: bytes, now: datetime) -> wire.PushAnswer:
    """Applies a push in one transaction; run again as a whole when the database asks for it.

    Raises Malformed for a body that is no push, for a gap in the numbers and for a device that was cloned.
    """
    device_id, ops, slips = _read(body)
    if device_id != actor.device_id:
        raise Malformed("wrong_device", "These operations are not of the laptop that sends them.")
    plain = in_nfc(body)
    for attempt in range(ATTEMPTS):
        try:
            with store.write(actor.tenant) as connection:
                work = _Push(connection, actor, now, store.postgres)
                work.batch.plain = plain
                answer = work.run(ops, slips)
                failpoints.hit("server_before_commit")
            failpoints.hit("server_after_commit")
        except DBAPIError as error:
            if not transient(error) or attempt == ATTEMPTS - 1:
                raise
        else:
            return answer
    raise AssertionError("unreachable")


def push_in(
    connection: Connection, actor: Actor, ops: list[wire.Op], now: datetime, lock: bool
) -> wire.PushAnswer:
    """Applies operations that the server itself writes, inside the caller's transaction, by the same rules as
    everybody's. Raises Malformed for a gap in their numbers."""
    return _Push(connection, actor, now, lock).run(ops, {})


def _read(body: bytes) -> tuple[str, list[wire.Op], dict[str, Refused]]:
    """The device, its operations in order, and those that could not be read or are too large."""
    slips: dict[str, Refused] = {}
    try:
        pushed = msgspec.json.decode(body, type=wire.PushRequest)
    except msgspec.ValidationError:
        return _read_loosely(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed("malformed", f"The body is not JSON: {error}") from None
    if len(body) > wire.MAX_OP_BYTES:
        for op, raw in zip(pushed.ops, msgspec.json.decode(body, type=wire.LoosePush).ops, strict=True):
            if len(raw) > _LARGE and len(wire.encode(op)) > wire.MAX_OP_BYTES:
                slips[op.op] = Refused(Code.PAYLOAD_TOO_LARGE)
    return pushed.device, pushed.ops, slips


def _read_loosely(body: bytes) -> tuple[str, list[wire.Op], dict[str, Refused]]:
    slips: dict[str, Refused] = {}
    ops: list[wire.Op] = []
    try:
        loose = msgspec.json.decode(body, type=wire.LoosePush)
        for raw in loose.ops:
            try:
                ops.append(msgspec.json.decode(raw, type=wire.Op))
            except msgspec.ValidationError as error:
                slip = msgspec.json.decode(raw, type=_Slip)
                slips[slip.op] = Refused(Code.VALIDATION, why=str(error)[:200])
                ops.append(_empty(slip))
    except msgspec.ValidationError as error:
        raise Malformed("malformed", f"Not a push: {error}") from None
    return loose.device, ops, slips


def _empty(slip: _Slip) -> wire.Op:
    return wire.Op(
        op=slip.op,
        dseq=slip.dseq,
        group=slip.op,
        t="",
        id="",
        scope="",
        kind=wire.Kind.VOID,
        base=0,
        hlc="",
        at="",
        author="",
        name="",
    )


class _Push:
    """One attempt at one push, inside its transaction."""

    def __init__(self, connection: Connection, actor: Actor, now: datetime, lock: bool) -> None:
        self.connection = connection
        self.actor = actor
        self.now = now
        self.batch = Batch(connection, actor, lock)
        self.people: dict[str, Actor | None] = {actor.user_id: actor}
        self.skew_limit = clock.tick(None, now + SKEW, "")[:16]

    def run(self, ops: list[wire.Op], slips: dict[str, Refused]) -> wire.PushAnswer:
        where = (device.c.tenant == self.actor.tenant, device.c.device_id == self.actor.device_id)
        statement = select(device.c.last_dseq, device.c.status).where(*where)
        laptop = self.connection.execute(statement.with_for_update() if self.batch.lock else statement).one()
        if laptop.status != "active":
            raise Denied("revoked", "This laptop was closed out by an administrator.", 403)
        ops, rest = ops[: wire.MAX_OPS], ops[wire.MAX_OPS :]
        known = self.batch.known_answers([op.op for op in ops])
        fresh, last = _check_numbers(ops, known, int(laptop.last_dseq))
        made = self._take(fresh, slips)
        self.connection.execute(update(device).where(*where).values(last_dseq=last, seen_at=stamp(self.now)))
        results = [made[op.op] if op.op in made else _again(known[op.op]) for op in ops]
        results += [wire.Result(op.op, Status.RETRY) for op in rest]
        self._audit(fresh, made)
        return wire.PushAnswer(results, last)

    def _take(self, fresh: list[wire.Op], slips: dict[str, Refused]) -> dict[str, wire.Result]:
        """Applies operations that were not seen before and writes all there is; the answers by operation."""
        creation = Creation(self.batch, self.skew_limit)
        if not slips and creation.takes(fresh, self._person):
            return {result.op: result for result in creation.write()}
        self._load(fresh)
        for _, members in groupby(fresh, key=lambda op: op.group):
            self._group(list(members), slips)
        self.batch.write()
        return {answer.result.op: answer.result for answer in self.batch.answers}

    def _load(self, ops: list[wire.Op]) -> None:
        records, totals, patched = needed(ops)
        self.batch.load(records)
        self.batch.load(_parents(self.batch, records))
        self.batch.load_totals(totals)
        self.batch.load_clashes(patched)

    def _group(self, ops: list[wire.Op], slips: dict[str, Refused]) -> None:
        group = Group(self.batch, self.skew_limit)
        failed: wire.Op | None = None
        try:
            for op in ops:
                failed = op
                if op.op in slips:
                    raise slips[op.op]
                if op.kind == wire.Kind.VOID:
                    raise Refused(Code.VALIDATION, why="the operation could not be read")
                group.apply(op, self._person(op))
            group.check_allocations()
        except Refused as error:
            refused = self._early(failed, error)
            blamed = refused.detail.pop("blame", failed.op if failed is not None else "")
            self._refuse(ops, str(blamed), refused)
        else:
            group.land()

    def _early(self, op: wire.Op | None, refused: Refused) -> Refused:
        """The refusal of an act whose author had seen more of the record than there is: this server was
        restored, and another laptop has still to bring what the act rests on."""
        rec = self.batch.record((op.t, op.id)) if op is not None else None
        if op is None or rec is None or op.base <= rec.ver or refused.code not in _STATEFUL:
            return refused
        return Refused(Code.DEPENDENCY_REJECTED, Status.BLOCKED, missing=op.t)

    def _refuse(self, ops: list[wire.Op], blamed: str, refused: Refused) -> None:
        for op in ops:
            if op.op == blamed:
                result = wire.Result(op.op, refused.status, code=refused.code, detail=refused.detail or None)
            else:
                result = wire.Result(
                    op.op, Status.BLOCKED, code=Code.DEPENDENCY_REJECTED, detail={"op": blamed}
                )
            self.batch.answers.append(Answer(result, op.dseq))

    def _audit(self, fresh: list[wire.Op], made: dict[str, wire.Result]) -> None:
        """Notes conflicts that people settled and what somebody had no right to, one line each a push."""
        done = (Status.APPLIED, Status.MERGED)
        settled = [op.op for op in fresh if op.resolves is not None and made[op.op].status in done]
        refused = [op_id for op_id, result in made.items() if result.code == Code.FORBIDDEN]
        actor = self.actor
        for act, ops in (("conflicts_settled", settled), ("forbidden_refused", refused)):
            if ops:
                detail = {"count": len(ops), "ops": ops[:NAMED]}
                audit.note(
                    self.connection, actor.tenant, act, actor.user_id, actor.device_id, detail, self.now
                )

    def _person(self, op: wire.Op) -> Actor:
        if op.author not in self.people:
            self.people[op.author] = accounts.person(self.connection, self.actor, op.author)
        found = self.people[op.author]
        if found is None:
            raise Refused(Code.FORBIDDEN, needs="author")
        return found


def _check_numbers(ops: list[wire.Op], known: dict[str, wire.Result], last: int) -> tuple[list[wire.Op], int]:
    """The operations not seen before, and the last number once they are in. Raises Malformed."""
    fresh: list[wire.Op] = []
    expected = last + 1
    seen: set[str] = set()
    for op in ops:
        if op.op in known:
            expected += op.dseq == expected  # known under another number, from before a restore or a copy
            continue
        if op.op in seen:
            raise Malformed("malformed", "The same operation stands in this push twice.")
        if op.dseq < expected:
            raise Malformed(
                "device_forked", "Another copy of this laptop has sent that number.", 409, expected
            )
        if op.dseq > expected:
            raise Malformed("gap", "Operations before these are missing.", 409, expected)
        seen.add(op.op)
        fresh.append(op)
        expected += 1
    return fresh, expected - 1


def _parents(batch: Batch, keys: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Resources and parents that loaded records name."""
    from sync.server.rules import rules_of

    for key in keys:
        rec = batch.records.get(key)
        if rec is None:
            continue
        try:
            policy = rules_of(rec.type).policy
        except Refused:
            continue
        if policy.allocation is not None:
            named = (rec.body.get(policy.allocation.resource_id), *policy.allocation.wishes(rec.body))
            yield from ((policy.allocation.resource, str(name)) for name in named if name)
        if policy.frozen_by is not None and rec.body.get(policy.frozen_by.parent_id):
            yield policy.frozen_by.parent, str(rec.body[policy.frozen_by.parent_id])


def _again(result: wire.Result) -> wire.Result:
    """The answer to an operation that was answered before."""
    return wire.Result(
        result.op,
        Status.DUPLICATE,
        result.seq,
        result.ver,
        result.code,
        result.detail,
        result.conflicts,
        was=result.status,
        scope=result.scope,
    )
