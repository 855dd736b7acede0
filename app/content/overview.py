"""The pages of a team, grouped by what they need from one person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.content import rules
from app.content.service import NO_TITLE, page_of, still_open
from app.content.settle import ToSettle, Version, new_words, shown
from app.wording import LONDON, day_month, local_date, plural
from models.arrivals import Told
from models.changes import Author
from models.content import Block as BlockRow
from models.content import Draft, Kind, State
from models.outbox import PENDING, Conflict, OutboxOp
from models.text_merge import shared_ends

LIMIT = 200  # pages of one state that the list shows; Find reaches the others
CHECKED = 40  # own drafts whose checks are counted, newest first


class Status(StrEnum):
    """The one fact the list tells of a page."""

    TO_SETTLE = "to_settle"
    SENT_BACK = "sent_back"
    TO_PUT_RIGHT = "to_put_right"
    TO_READ = "to_read"
    REVIEW_PASSED = "review_passed"
    WAITING = "waiting"
    SYNCED = "synced"


@dataclass(frozen=True)
class PageLine:
    """One page in the list; `words` says its status, `when` is a day as people say it."""

    id: str
    title: str
    status: Status
    words: str
    when: str
    state: State
    kind: Kind

    @property
    def needs_me(self) -> bool:
        """Whether somebody has to do something about it, and it is me."""
        return self.status not in (Status.WAITING, Status.SYNCED)


Groups = list[tuple[str, list[PageLine]]]
Cache = dict[tuple[str, str], int]  # (page, its last change) -> things to put right


def groups(session: Session, me: Author, today: date, cache: Cache | None = None, words: str = "") -> Groups:
    """The pages under headings: needs me, in draft, with review, published, archived; empty ones left out.

    `words` filters by title: each must be in it. Sorted by the last change, newest first.
    """
    drafts = [d for state in State for d in _of_state(session, state)]
    wanted = words.casefold().split()
    drafts = [d for d in drafts if all(word in (d.title or NO_TITLE).casefold() for word in wanted)]
    look = _Look(session, me, today, drafts, {} if cache is None else cache)
    lines = [look.line(draft) for draft in drafts]
    needs = [line for line in lines if line.needs_me]
    needs.sort(key=lambda line: list(Status).index(line.status) > 2)
    rest = [line for line in lines if not line.needs_me]
    out: Groups = [("Needs me", needs)]
    for state, name in (
        (State.DRAFT, "In draft"),
        (State.REVIEW, "With review"),
        (State.PUBLISHED, "Published"),
        (State.ARCHIVED, "Archived"),
    ):
        out.append((name, [line for line in rest if line.state is state]))
    return [group for group in out if group[1]]


def _of_state(session: Session, state: State) -> Sequence[Draft]:
    statement = select(Draft).where(Draft.deleted.is_(False), Draft.state == state)
    return session.scalars(statement.order_by(Draft.edited_at.desc(), Draft.id.desc()).limit(LIMIT)).all()


class _Look:
    """What the lines of a list are worked out from, read once for all of them."""

    def __init__(
        self, session: Session, me: Author, today: date, drafts: Sequence[Draft], cache: Cache
    ) -> None:
        self.me, self.today = me, today
        self.settle = _open_conflicts(session)
        self.waiting = _waiting(session)
        mine = [d for d in drafts if d.state is State.DRAFT and d.author_id == me.user_id][:CHECKED]
        self.errors = _errors(session, mine, cache)

    def line(self, draft: Draft) -> PageLine:
        status, words = self._status(draft)
        return PageLine(
            draft.id,
            draft.title or NO_TITLE,
            status,
            words,
            self._when(draft, status),
            draft.state,
            draft.kind,
        )

    def _status(self, draft: Draft) -> tuple[Status, str]:
        mine = draft.author_id == self.me.user_id
        if count := self.settle.get(draft.id, 0):
            return Status.TO_SETTLE, f"{plural(count, 'sentence')} to settle"
        if draft.state is State.DRAFT and mine:
            if draft.sent_back_note:
                return Status.SENT_BACK, "Sent back by review"
            if errors := self.errors.get(draft.id, 0):
                return Status.TO_PUT_RIGHT, f"{plural(errors, 'thing')} to put right"
        if draft.state is State.REVIEW and not mine and "lead" in self.me.roles:
            return Status.TO_READ, f"From {draft.author_name}, to read"
        if draft.state is State.PUBLISHED and draft.review_on and draft.review_on <= self.today and mine:
            return Status.REVIEW_PASSED, "Review date passed"
        if draft.id in self.waiting:
            return Status.WAITING, "Waiting to sync"
        return Status.SYNCED, "Synced"

    def _when(self, draft: Draft, status: Status) -> str:
        if status is Status.REVIEW_PASSED and draft.review_on:
            return day_month(draft.review_on)
        moment = max(filter(None, (draft.edited_at, draft.moved_at)), default=draft.created_at)
        return day_of(moment, self.today)


def day_of(moment: datetime, today: date) -> str:
    """Today, Yesterday, or the day."""
    the_day = local_date(moment)
    return {0: "Today", 1: "Yesterday"}.get((today - the_day).days, day_month(the_day))


def _open_conflicts(session: Session) -> Mapping[str, int]:
    """Open conflicts by page."""
    rows = session.execute(
        select(func.coalesce(BlockRow.draft_id, Conflict.record_id), func.count())
        .select_from(Conflict)
        .outerjoin(BlockRow, BlockRow.id == Conflict.record_id)
        .where(still_open(), Conflict.type.in_(("content_draft", "content_block")))
        .group_by(func.coalesce(BlockRow.draft_id, Conflict.record_id))
    )
    return {str(page): int(count) for page, count in rows}


def _waiting(session: Session) -> frozenset[str]:
    """Pages with changes that the server has not brought back yet."""
    rows = session.scalars(
        select(func.coalesce(BlockRow.draft_id, OutboxOp.record_id))
        .select_from(OutboxOp)
        .outerjoin(BlockRow, BlockRow.id == OutboxOp.record_id)
        .where(
            OutboxOp.state.in_([state.value for state in PENDING]),
            OutboxOp.type.in_(("content_draft", "content_block")),
        )
        .distinct()
    )
    return frozenset(str(page) for page in rows)


def _errors(session: Session, drafts: Sequence[Draft], cache: Cache) -> dict[str, int]:
    """Things to put right on each of these pages; only pages changed since the last time are checked."""
    ids = [draft.id for draft in drafts]
    newest = session.execute(
        select(BlockRow.draft_id, func.max(BlockRow.updated_at), func.count())
        .where(BlockRow.draft_id.in_(ids))
        .group_by(BlockRow.draft_id)
    )
    stamps = {str(page): f"{last}/{count}" for page, last, count in newest}
    out: dict[str, int] = {}
    for draft in drafts:
        key = (draft.id, f"{draft.updated_at}/{stamps.get(draft.id)}")
        if key not in cache:
            rows = session.scalars(
                select(BlockRow)
                .where(BlockRow.draft_id == draft.id, BlockRow.deleted.is_(False))
                .order_by(BlockRow.position, BlockRow.id)
            ).all()
            cache[key] = rules.check(page_of(draft, rows)).to_put_right
        out[draft.id] = cache[key]
    return out


# What came in, and what has to be settled


@dataclass(frozen=True)
class CameIn:
    """What the sync brought to one page: whose changes joined by themselves, and where."""

    joined: int
    moved: int
    who: str
    block_id: str
    moved_id: str


def came_in(session: Session, page_id: str, blocks: Sequence[str]) -> CameIn:
    """The changes by others that came in on the last day one of them did, settled without a person."""
    statement = select(Told).where(
        Told.type.in_(("content_block", "content_draft")),
        Told.record_id.in_([page_id, *blocks]),
        Told.state == "received",
    )
    found = session.scalars(statement.order_by(Told.at.desc(), Told.op_id.desc()).limit(200)).all()
    if not found:
        return CameIn(0, 0, "", "", "")
    last = found[0].at.astimezone(LONDON).date()
    recent = [h for h in found if h.at.astimezone(LONDON).date() == last and h.kind == "patch"]
    open_ids = {c.record_id for c in session.scalars(select(Conflict).where(still_open()))}
    words = [h for h in recent if {"text", "title", "summary", "alt", "data"} & h.fields.keys()]
    words = [h for h in words if h.record_id not in open_ids]
    moved = [h for h in recent if "position" in h.fields]
    return CameIn(
        len(words),
        len(moved),
        recent[0].author_name if recent else "",
        words[0].record_id if words else "",
        moved[0].record_id if moved else "",
    )


def to_settle(session: Session, page_id: str, me: Author, blocks: Sequence[str]) -> list[ToSettle]:
    """The open conflicts of a page as its writer settles them, in the order of the page."""
    statement = select(Conflict).where(still_open(), Conflict.record_id.in_([page_id, *blocks]))
    places = {block_id: n for n, block_id in enumerate(blocks)}
    found = sorted(session.scalars(statement), key=lambda c: (places.get(c.record_id, -1), c.conflict_id))
    return [_to_settle(session, conflict, page_id, me) for conflict in found]


def _to_settle(session: Session, conflict: Conflict, page_id: str, me: Author) -> ToSettle:
    base, kept, other = (
        value if isinstance(value, str) else ""
        for value in (conflict.base_value, conflict.kept_value, conflict.other_value)
    )
    kept_mine = conflict.kept_by == me.name and conflict.other_by != me.name
    old, one, two = shown(base, kept, other)
    versions = (
        Version(conflict.kept_by, conflict.kept_at, one, new_words(old, one), kept),
        Version(conflict.other_by, conflict.other_at, two, new_words(old, two), other),
    )
    mine, theirs = versions if kept_mine else versions[::-1]
    block = conflict.field if conflict.record_id == page_id else conflict.record_id
    first, tail = shared_ends(base, kept, other)
    am_one = me.name in (conflict.kept_by, conflict.other_by)
    return ToSettle(
        conflict.conflict_id, block, conflict.field, old, mine, theirs, kept_mine, first, tail, am_one
    )
