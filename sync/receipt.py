"""The receipt of a sync: how far each scope was read, and whether this copy equals the server's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from models.changes import get_meta, set_meta
from sync.digest import digest_of

CHEAP = 5_000  # changes in a scope's log up to which every sync that brought something compares
DOUBTED = "sync.doubted"  # {scope: [digest here, the server's]}: unequal even after it was read anew
CHECKED = "sync.checked"  # when everything was compared last
CHECK_AFTER = timedelta(days=1)


class Receipt(NamedTuple):
    """What is known of one scope: the last change read, the digest of its records here, and whether the
    server's is the same (None when that was not looked at or cannot be told)."""

    seq: int
    digest: str | None = None
    equal_to_server: bool | None = None


def compare(connection: Connection, scope: str, seq: int, theirs: str) -> Receipt:
    """The receipt of a scope that was read to its head, where the server said this digest."""
    mine = digest_of(connection, scope)
    return Receipt(seq, mine, None if mine is None else mine == theirs)


def may_repair(connection: Connection, scope: str, mine: str, theirs: str) -> bool:
    """Whether reading the scope anew is worth it: it was not tried in vain for this very difference."""
    known: dict[str, list[str]] = get_meta(connection, DOUBTED, {})
    return known.get(scope) != [mine, theirs]


def note_in_vain(connection: Connection, scope: str, mine: str, theirs: str) -> None:
    """Keeps that a scope differs even after it was read anew, so that it is not done at every sync."""
    set_meta(connection, DOUBTED, {**get_meta(connection, DOUBTED, {}), scope: [mine, theirs]})


def check_due(connection: Connection, now: datetime) -> bool:
    """Whether it is a day since everything was compared."""
    last = get_meta(connection, CHECKED)
    return last is None or now - datetime.fromisoformat(last) >= CHECK_AFTER


def note_checked(connection: Connection, now: datetime) -> None:
    """Keeps that everything was compared at this moment."""
    set_meta(connection, CHECKED, now.isoformat())


def all_equal(receipts: Iterable[Receipt]) -> bool | None:
    """Whether every scope equals the server's; None where some was not looked at and none differs."""
    told = [receipt.equal_to_server for receipt in receipts]
    if False in told:
        return False
    return None if None in told or not told else True
