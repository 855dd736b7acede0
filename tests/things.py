"""Record types that only tests use: they show that store, sync and server know no slice by name."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record
from models.policy import Allocation, FrozenBy, Instead, Merge, Moves, Policy, Ranked, SearchFields, Step
from models.roles import FIELD, Role
from models.types import Choice, DateOnly, Json, LongText, Pence, ShortText

LEADS = frozenset({Role.LEAD})


class State(StrEnum):
    """The states of a Thing."""

    DRAFT = "draft"
    REVIEW = "review"
    DONE = "done"


class Binder(Record):
    """A parent that freezes its things once it is closed."""

    __tablename__ = "test_binder"
    __policy__ = Policy(
        title="binder",
        moves=Moves("state", ("open",), (Step("open", "closed"), Step("closed", "open"))),
    )

    state: Mapped[str] = mapped_column(ShortText(20), default="open")


class Thing(Record):
    """A record with a field of every merge class."""

    __tablename__ = "test_thing"
    __policy__ = Policy(
        title="thing",
        merge={
            "address": Merge.ASK,
            "tags": Merge.SET,
            "stock": Merge.DELTA,
            "seen": Merge.MAX,
            "receipt": Merge.ONCE,
        },
        moves=Moves(
            "state",
            ("draft",),
            (
                Step("draft", "review"),
                Step("review", "draft"),
                Step("review", "done", roles=("lead",), distinct_from="author_id"),
            ),
        ),
        frozen_by=FrozenBy("test_binder", "binder_id", "state", ("closed",)),
        search=SearchFields("title", ("note",), ("address",)),
    )

    title: Mapped[str] = mapped_column(ShortText(), default="")
    note: Mapped[str] = mapped_column(LongText(), default="")
    address: Mapped[str | None] = mapped_column(ShortText(), default=None)
    tags: Mapped[list[Any]] = mapped_column(Json, default=list)
    stock: Mapped[int] = mapped_column(default=0)
    seen: Mapped[date | None] = mapped_column(DateOnly, default=None)
    receipt: Mapped[str | None] = mapped_column(ShortText(), default=None)
    price: Mapped[int] = mapped_column(Pence, default=0)
    state: Mapped[State] = mapped_column(Choice(State), default=State.DRAFT)
    author_id: Mapped[str | None] = mapped_column(ShortText(40), default=None)
    binder_id: Mapped[str | None] = mapped_column(ShortText(36), default=None)


class Place(Record):
    """A resource with a limit: an appointment slot with places."""

    __tablename__ = "test_place"
    __policy__ = Policy(title="slot")

    places: Mapped[int] = mapped_column(default=1)
    day: Mapped[date | None] = mapped_column(DateOnly, default=None)


class Booking(Record):
    """A record that takes one place while it is wanted."""

    __tablename__ = "test_booking"
    __policy__ = Policy(
        title="booking",
        allocation=Allocation(
            "test_place",
            "place_id",
            limit="places",
            active={"state": ("wanted",)},
            instead=Instead(("created_at",), ("places",)),
            within=("day", "latest_on"),
        ),
    )

    place_id: Mapped[str] = mapped_column(ShortText(36))
    state: Mapped[str] = mapped_column(ShortText(20), default="wanted")
    latest_on: Mapped[date | None] = mapped_column(DateOnly, default=None)


class Wish(Record):
    """A record that names places in order of wish, and is lost for everybody when none has room."""

    __tablename__ = "test_wish"
    __policy__ = Policy(
        title="wish",
        merge={"place_id": Merge.GUARD},
        moves=Moves(
            "state",
            ("wanted",),
            (
                Step("wanted", "booked"),
                Step("wanted", "lost"),
                *(Step(before, "wanted") for before in ("lost", "cancelled", "booked")),
                *(Step(before, "cancelled") for before in ("wanted", "booked", "lost")),
            ),
        ),
        allocation=Allocation(
            "test_place",
            "place_id",
            limit="places",
            active={"state": ("wanted", "booked")},
            within=("day", "latest_on"),
            ranked=Ranked("choices", ("wanted",), "lost", "why", ("cancelled",)),
        ),
    )

    place_id: Mapped[str] = mapped_column(ShortText(36))
    choices: Mapped[list[Any]] = mapped_column(Json, default=list)
    state: Mapped[str] = mapped_column(ShortText(20), default="wanted")
    latest_on: Mapped[date | None] = mapped_column(DateOnly, default=None)
    why: Mapped[str] = mapped_column(ShortText(200), default="")


class Card(Record):
    """A record that names files: one by its SHA-256, others inside JSON."""

    __tablename__ = "test_card"
    __policy__ = Policy(title="card", files=("photo", "data"))

    photo: Mapped[str] = mapped_column(ShortText(64), default="")
    data: Mapped[dict[str, Any] | None] = mapped_column(Json, default=None)


class Secret(Record):
    """A sealed record: ciphertext only, of one person."""

    __tablename__ = "test_secret"
    __policy__ = Policy(title="secret", scope="user", sealed=True, search=SearchFields("sealed"))

    sealed: Mapped[str] = mapped_column(LongText(), default="")


class Leaf(Record):
    """A record with running text, merged by sentence."""

    __tablename__ = "test_leaf"
    __policy__ = Policy(title="leaf", merge={"words": Merge.TEXT}, search=SearchFields("words"))

    words: Mapped[str] = mapped_column(LongText(), default="")


class Report(Record):
    """A record of a site, whose conflicts only a lead settles."""

    __tablename__ = "test_report"
    __policy__ = Policy(
        title="report", scope="site", merge={"words": Merge.ASK}, write_roles=FIELD, settle_roles=LEADS
    )

    words: Mapped[str] = mapped_column(LongText(), default="")
