"""Known faults of other systems, brought into this one on purpose: each must be noticed.

L1 to L14 are data-loss and divergence bugs that were found in the open in offline-first systems. Each is put
in here by a patch that lasts for one test, as close to how it stood there as this design allows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any
from unittest import mock

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from models import search
from models.base import record_types, table_of
from models.outbox import OpState, OutboxOp, ScopeState
from sync import engine, incoming, outgoing, recovery, wire
from sync.server import push
from sync.server.store import ServerStore

Mutation = Callable[[], AbstractContextManager[Any]]


@contextmanager
def cursor_before_data() -> Iterator[None]:
    """L1: the place in the log is on the disk before the records are; a crash between skips them for ever."""
    original = engine.Run._pages

    def pages(self: Any, pages: dict[str, wire.Page], origin: str) -> None:
        try:
            original(self, pages, origin)
        except BaseException:
            with self.store.connect(write=True) as connection:
                for scope, page in pages.items():
                    place = {"epoch": self.transport.epoch, "cursor": page.to, "chain_hash": page.chain}
                    statement = upsert(ScopeState).values(scope=scope, bootstrapped=True, safe=0, **place)
                    connection.execute(statement.on_conflict_do_update(index_elements=["scope"], set_=place))
            raise

    with mock.patch.object(engine.Run, "_pages", pages):
        yield


@contextmanager
def pages_by_time() -> Iterator[None]:
    """L5: pages are cut by the moment of a change, and of two changes in one moment the second is skipped."""
    from sync.server import pull

    original = pull._Reader.page

    def page(*arguments: Any, **names: Any) -> wire.Page:
        made = original(*arguments, **names)
        if made.changes and made.to < made.head and made.error is None:
            made.changes.pop()  # it has the moment of the one before, and the next page begins after that
        return made

    def checked(page: wire.Page, start: str) -> tuple[list[wire.RawChange], str]:
        return [incoming._read(raw) for raw in page.changes], page.chain

    with mock.patch.object(pull._Reader, "page", page), mock.patch.object(incoming, "_checked", checked):
        yield


def _hiding_what_was_sent() -> Callable[..., Any]:
    original = outgoing.next_batch

    def next_batch(connection: Connection, *arguments: Any, **names: Any) -> Any:
        hidden = connection.execute(
            select(OutboxOp.n).where(OutboxOp.state == OpState.SENDING.value)
        ).scalars()
        numbers = list(hidden)
        connection.execute(update(OutboxOp).where(OutboxOp.n.in_(numbers)).values(state="limbo"))
        try:
            return original(connection, *arguments, **names)
        finally:
            connection.execute(update(OutboxOp).where(OutboxOp.n.in_(numbers)).values(state="sending"))

    return next_batch


@contextmanager
def stuck_after_a_kill() -> Iterator[None]:
    """L7: what was on its way when the laptop was killed is never taken up again."""
    with mock.patch.object(outgoing, "next_batch", _hiding_what_was_sent()):
        yield


@contextmanager
def answered_before_committed() -> Iterator[None]:
    """L8: the server answers, and now and then the commit it spoke of never comes."""
    count = 0

    @contextmanager
    def write(self: ServerStore, tenant_id: str | None = None) -> Iterator[Connection]:
        nonlocal count
        with self._writer.connect() as connection:
            transaction = connection.begin()
            self._enter(connection, tenant_id)
            try:
                yield connection
            except BaseException:
                transaction.rollback()
                raise
            count += 1
            if count % 12 == 0:
                transaction.rollback()
            else:
                transaction.commit()

    with mock.patch.object(ServerStore, "write", write), _no_second_sending():
        yield


@contextmanager
def _no_second_sending() -> Iterator[None]:
    """Without what heals a server that has forgotten something."""
    with mock.patch.object(recovery, "heal", return_value=recovery.Healing()):
        yield


@contextmanager
def later_before_earlier() -> Iterator[None]:
    """L9: what a laptop wrote second is sent and taken before what it wrote first."""

    def anything(ops: list[wire.Op], known: dict[str, wire.Result], last: int) -> tuple[list[wire.Op], int]:
        return [op for op in ops if op.op not in known], max([last, *(op.dseq for op in ops)])

    original = outgoing.next_batch
    hiding = _hiding_what_was_sent()
    turns = 0

    def next_batch(connection: Connection, *arguments: Any, **names: Any) -> Any:
        nonlocal turns
        turns += 1
        return (hiding if turns % 3 else original)(connection, *arguments, **names)

    with (
        mock.patch.object(push, "_check_numbers", anything),
        mock.patch.object(outgoing, "next_batch", next_batch),
    ):
        yield


@contextmanager
def clean_while_it_was_edited() -> Iterator[None]:
    """L10: an answer marks the whole record as sent, with what was written while it was on its way."""
    original = outgoing.take_answer

    def take_answer(connection: Connection, batch: Any, answer: wire.PushAnswer, *rest: Any) -> Any:
        tally = original(connection, batch, answer, *rest)
        sent = {row.record_id for row in batch.rows}
        connection.execute(
            update(OutboxOp)
            .where(OutboxOp.record_id.in_(sent), OutboxOp.state == OpState.QUEUED.value)
            .values(state=OpState.ACKED.value, server_seq=0)
        )
        return tally

    with mock.patch.object(outgoing, "take_answer", take_answer):
        yield


@contextmanager
def compacted_beneath_a_laptop() -> Iterator[None]:
    """L11: what was compacted away is passed over without a word for whoever had not read it."""
    from sync.server import pull

    original = pull._Reader.page

    def page(self: Any, scope: str, cursor: wire.Cursor, counter: Any) -> wire.Page:
        if counter is not None and cursor.after < counter.floor:
            made = original(self, scope, wire.Cursor(counter.floor), counter)
            made.after = cursor.after
            return made
        return original(self, scope, cursor, counter)

    def checked(page: wire.Page, start: str) -> tuple[list[wire.RawChange], str]:
        return [incoming._read(raw) for raw in page.changes], page.chain

    with mock.patch.object(pull._Reader, "page", page), mock.patch.object(incoming, "_checked", checked):
        yield


@contextmanager
def one_bad_record_blocks_all() -> Iterator[None]:
    """L12: an operation that the server cannot take stops everything behind it."""

    def refuse(self: Any, ops: list[wire.Op], blamed: str, refused: Any) -> None:
        raise push.Malformed("stuck", "An operation of this push is not acceptable.", 422)

    with mock.patch.object(push._Push, "_refuse", refuse):
        yield


@contextmanager
def restarts_from_nothing() -> Iterator[None]:
    """L14: two notes of one place disagree, so each sync reads the log from its beginning."""

    def cursors(self: Any, scopes: list[str]) -> dict[str, wire.Cursor]:
        return {scope: wire.Cursor(0) for scope in scopes}

    with mock.patch.object(engine.Run, "cursors", cursors):
        yield


@contextmanager
def restored_and_forgotten() -> Iterator[None]:
    """L2: what was answered once is never sent again, though the server was brought back from a copy."""
    with (
        mock.patch.object(recovery, "_number_anew", return_value=[]),
        mock.patch.object(recovery, "last_answered", return_value=0),
        mock.patch.object(outgoing, "requeue_unanswered", return_value=1, create=True),
    ):
        yield


@contextmanager
def absence_means_delete() -> Iterator[None]:
    """L3: what an empty or older server does not have is deleted here as well."""
    original = recovery._unread

    def unread(connection: Connection, scope: str, now: datetime) -> None:
        original(connection, scope, now)
        for name in record_types():
            table = table_of(name)
            gone = connection.execute(select(table.c.id).where(table.c.scope == scope, table.c.version == 0))
            for record_id in list(gone.scalars()):
                connection.execute(delete(table).where(table.c.id == record_id))
                search.remove(connection, name, record_id)

    with mock.patch.object(recovery, "_unread", unread):
        yield


# L3 needs a laptop that never comes back and is noticed by name in tests/sync/test_restore.py; L4 and L6 need
# two servers at once, tests/sync/test_two_servers.py; L13 is what tests/sync/test_durable.py asks the disks.
IN_THE_SIMULATOR: dict[str, Mutation] = {
    "L1": cursor_before_data,
    "L2": restored_and_forgotten,
    "L5": pages_by_time,
    "L7": stuck_after_a_kill,
    "L8": answered_before_committed,
    "L9": later_before_earlier,
    "L10": clean_while_it_was_edited,
    "L11": compacted_beneath_a_laptop,
    "L12": one_bad_record_blocks_all,
    "L14": restarts_from_nothing,
}
