"""The messages that bring a laptop a scope's records as they are now, instead of every change since the
beginning, and the one that tells it when there is something new."""

from __future__ import annotations

from msgspec import Raw, Struct

from sync.wire import ConflictRow

PAGE = 5_000  # records in one page
WATCH_SECONDS = 25  # the longest that a laptop may wait for news


class SnapshotRequest(Struct, omit_defaults=True):
    """The next page of a scope's records. `after` is the `next` of the page before, `as_of` what the first
    page said."""

    scope: str
    after: str = ""
    as_of: int | None = None
    limit: int = PAGE


class SnapshotRecord(Struct, omit_defaults=True, kw_only=True, gc=False):
    """A record as the server has it: version, values by field, when its last change was written; `d` when
    it lies in the trash, `c` its open conflicts."""

    t: str
    id: str
    ver: int
    at: str
    f: Raw
    d: bool = False
    c: list[ConflictRow] = []


class SnapshotHead(Struct, omit_defaults=True, kw_only=True):
    """What every page says beside its records: the number of the log from which the laptop reads on, the
    chain value there, and where the next page begins (nothing after the last one)."""

    scope: str
    as_of: int
    chain: str
    next: str | None = None


class SnapshotPage(SnapshotHead, kw_only=True):
    """A page as the laptop reads it: records by id and type, the newest ids first."""

    records: list[SnapshotRecord]


class RawSnapshotPage(SnapshotHead, kw_only=True):
    """A page as the server writes it."""

    records: list[Raw]


class WatchRequest(Struct, omit_defaults=True):
    """A laptop says how far it has read, and waits until one of these scopes has more."""

    scopes: dict[str, int]
    seconds: int = WATCH_SECONDS


class WatchAnswer(Struct):
    """The scopes that have changes which the laptop has not read; never the changes themselves."""

    scopes: list[str]
