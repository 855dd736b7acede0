"""What the sample council remembers: stacks, wards and warranties of its homes, alerts, people who chase.

It draws from a source of its own, so that the rest of the sample stays as it is, byte for byte.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.context import Context
from app.repairs.places import place_key
from app.sample_kit import at, sample_id
from models.repairs import (
    Alert,
    AlertKind,
    ChaseReason,
    Contact,
    ContactKind,
    Kind,
    Property,
    Repair,
    State,
)

SEED = "homes/1"
WARDS = {
    "AV1": "Quayside",
    "AV2": "Castle",
    "AV3": "Tannery",
    "AV4": "Weir",
    "AV5": "Orchard",
    "AV7": "Brannoc",
}
BLOCK, BLOCK_POSTCODE = "Castle Court", "AV2 1HN"
STACKS = ("West", "Middle", "East")
BUILT = {"AV1": 1928, "AV2": 1968, "AV3": 1904, "AV4": 1953, "AV5": 2019, "AV7": 1887}
NEW_HOMES, BUILDER, UNDER_WARRANTY = "AV5", "Forge Homes", date(2027, 3, 31)
CLAIM, SOLD = "25 Weir Street", "12 St Brannoc’s Terrace"


@dataclass(frozen=True)
class _Call:
    """A contact of the sample: about which repair by its place in the list, how many days ago, what about."""

    repair: int
    ago: int
    hour: int
    kind: ContactKind
    reason: ChaseReason | None
    words: str
    officer: int = 0


OFFICERS = (("u-1", "Tomos Aldgate"), ("u-2", "Priya Senn"), ("u-5", "Huw Bassett"))
CALLS = (
    _Call(0, 8, 9, ContactKind.CHASE, ChaseReason.NO_DATE, "Nobody has said when they come."),
    _Call(0, 3, 10, ContactKind.CHASE, ChaseReason.NO_DATE, "Rings for the second time.", 1),
    _Call(0, 1, 11, ContactKind.CHASE, ChaseReason.MISSED_VISIT, "Waited in all Wednesday morning.", 2),
    _Call(1, 6, 14, ContactKind.CHASE, ChaseReason.NO_DATE, "Asks for the day of the fence."),
    _Call(1, 2, 15, ContactKind.UPDATE, None, "The fence now leans over the path.", 1),
    _Call(2, 5, 9, ContactKind.CHASE, ChaseReason.NOT_MENDED, "The man came, the window still whistles.", 2),
    _Call(3, 4, 16, ContactKind.NO_ACCESS, None, "Knocked twice, no answer, card left.", 1),
    _Call(3, 3, 9, ContactKind.CALLED, None, "Agreed another day.", 1),
    _Call(4, 2, 12, ContactKind.CHASE, ChaseReason.OTHER, "Wants to know who comes."),
)


def fill(context: Context) -> None:
    """Writes what is remembered, after the homes and repairs of the sample."""
    source = random.Random(SEED)  # noqa: S311 - a sample, not a secret
    context.write("Sample: what is known of the homes", lambda s: _homes(s, context, source))
    context.write("Sample: people who rang again", lambda s: _contacts(s, context, source))


def _homes(session: Session, context: Context, source: random.Random) -> None:
    homes = list(session.scalars(select(Property).order_by(Property.uprn)))
    for number, home in enumerate(homes):
        area = home.postcode.split()[0]
        home.property_ref = f"H{number + 1:04d}"
        home.ward, home.build_year = WARDS.get(area, ""), BUILT.get(area)
        home.gas_supply = area != NEW_HOMES
        if home.block:
            flat = int("".join(c for c in home.address.split(",")[0] if c.isdigit()))
            home.stack = STACKS[(flat - 1) % len(STACKS)]
        if area == NEW_HOMES:
            home.contractor, home.warranty_until = BUILDER, UNDER_WARRANTY
        if home.address.startswith(CLAIM):
            home.legal_disrepair = True
        if home.address.startswith(SOLD):
            home.no_repair_reason = "Sold in October"
    shared = Property(
        id=sample_id(source),
        address=f"{BLOCK}, Averwick",
        postcode=BLOCK_POSTCODE,
        place_key=place_key(f"{BLOCK}, Averwick", BLOCK_POSTCODE),
        tenure=Kind.COMMUNAL,
        block=BLOCK,
        property_ref=f"H{len(homes) + 1:04d}",
        ward=WARDS["AV2"],
        build_year=BUILT["AV2"],
    )
    session.add(shared)
    _alerts(session, context, source, homes, shared)


def _alerts(
    session: Session,
    context: Context,
    source: random.Random,
    homes: Sequence[Property],
    shared: Property,
) -> None:
    today, by = context.today(), OFFICERS[1][1]
    told = (
        (homes[7], AlertKind.PERSON, "Hard of hearing: ring twice and wait.", today + timedelta(days=240)),
        (homes[16], AlertKind.PERSON, "Two to visit, and not after dark.", today + timedelta(days=120)),
        (
            homes[22],
            AlertKind.LOCATION,
            "Large dog: have it shut away first.",
            today + timedelta(days=300),
        ),
        (shared, AlertKind.LOCATION, "Asbestos board in the riser cupboards: do not drill.", None),
    )
    for home, kind, words, until in told:
        session.add(
            Alert(
                id=sample_id(source),
                place_key=home.place_key,
                kind=kind,
                words=words,
                set_by_name=by,
                set_at=at(today - timedelta(days=30), 11),
                expires_on=until,
            )
        )


def _contacts(session: Session, context: Context, source: random.Random) -> None:
    order = (Repair.reported_at, Repair.id)
    open_ = list(session.scalars(select(Repair).where(Repair.state == State.READY).order_by(*order)))
    for call in CALLS:
        if call.repair >= len(open_):
            continue
        repair, moment = open_[call.repair], at(context.today() - timedelta(days=call.ago), call.hour)
        officer_id, officer = OFFICERS[call.officer]
        session.add(
            Contact(
                id=sample_id(source),
                repair_id=repair.id,
                place_key=repair.place_key,
                kind=call.kind,
                reason=call.reason,
                at=_after(moment, repair.reported_at),
                by=officer_id,
                by_name=officer,
                words=call.words,
            )
        )


def _after(moment: datetime, reported: datetime) -> datetime:
    """A moment that is not before the report."""
    return max(moment, reported + timedelta(hours=2))
