"""Chain marks: values of a scope's hash chain that this copy has read, at numbers dense near the head and
sparse further back. A server that was restored is compared by them, to find the last change in common."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from models.outbox import ChainMark

MOST = 64
STRETCH = 1.25
DENSE = 16  # the newest ones, which are all kept


def keep(connection: Connection, scope: str, seq: int, chain: str) -> None:
    """Marks where a scope has been read to; thins the older marks out when there are too many."""
    statement = upsert(ChainMark).values(scope=scope, seq=seq, chain=chain)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["scope", "seq"], set_={"chain": chain})
    )
    known = sorted(of_scope(connection, scope))
    if len(known) > MOST:
        gone = set(known) - set(thinned(known))
        connection.execute(delete(ChainMark).where(ChainMark.scope == scope, ChainMark.seq.in_(gone)))


def of_scope(connection: Connection, scope: str) -> dict[int, str]:
    """The marks of a scope, by number."""
    statement = select(ChainMark.seq, ChainMark.chain).where(ChainMark.scope == scope)
    return {row.seq: row.chain for row in connection.execute(statement)}


def forget(connection: Connection, scope: str, after: int = 0) -> None:
    """Drops the marks past a number."""
    connection.execute(delete(ChainMark).where(ChainMark.scope == scope, ChainMark.seq > after))


def thinned(seqs: Sequence[int]) -> list[int]:
    """Which of these numbers (ascending) stay: the newest ones all, and of the older ones some, each so
    much further from the head than the one before that any log is spanned by few."""
    head = seqs[-1]
    kept = list(seqs[-DENSE:])
    for seq in reversed(seqs[:-DENSE]):
        if head - seq >= (head - kept[0]) * STRETCH:
            kept.insert(0, seq)
    return kept
