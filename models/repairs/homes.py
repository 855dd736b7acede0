"""Homes of the council's list, who lives there as far as they agreed, and what to know before a visit."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record
from models.policy import Merge, Policy, SearchFields
from models.repairs.triage import Kind
from models.types import Choice, DateOnly, Json, ShortText, UtcDateTime

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ .-&()’"
HOUSE_NUMBER = f"CAST(ltrim(address, '{_LETTERS}') AS INTEGER)"  # "Flat 12, Castle Court": 12; for sorting


class AlertKind(StrEnum):
    """What an alert is about: somebody who lives there, or the place."""

    PERSON = "person"
    LOCATION = "location"


class Property(Record):
    """A home or block of the council's, as its own list names it."""

    __tablename__ = "repairs_property"
    __policy__ = Policy(
        title="home", scope="tenant", search=SearchFields(title="address", body=("postcode", "uprn"))
    )
    __table_args__ = (
        Index("ix_repairs_property_place", "place_key"),
        Index("ix_repairs_property_ref", "property_ref"),
        Index("ix_repairs_property_uprn", "uprn"),
        Index("ix_repairs_property_block", "block", "stack"),
        Index("ix_repairs_property_order", "postcode", text(HOUSE_NUMBER), "address", "id"),
    )

    uprn: Mapped[str | None] = mapped_column(ShortText(12))  # 12 digits with leading zeros
    address: Mapped[str] = mapped_column(ShortText(200))  # "14 Tannery Row, Averwick"
    postcode: Mapped[str] = mapped_column(ShortText(10))  # "AV3 2QT"
    place_key: Mapped[str] = mapped_column(ShortText(220))  # app.repairs.places.place_key
    tenure: Mapped[Kind] = mapped_column(Choice(Kind), default=Kind.TENANT)
    tenant_name: Mapped[str] = mapped_column(ShortText(120), default="")
    telephone: Mapped[str] = mapped_column(ShortText(20), default="")
    block: Mapped[str | None] = mapped_column(ShortText(80))
    property_ref: Mapped[str] = mapped_column(ShortText(40), default="")  # the council's own; not a UPRN
    stack: Mapped[str] = mapped_column(ShortText(40), default="")  # homes above each other share pipes
    ward: Mapped[str] = mapped_column(ShortText(60), default="")
    no_repair_reason: Mapped[str] = mapped_column(ShortText(200), default="")  # "sold", "to be demolished"
    contractor: Mapped[str] = mapped_column(ShortText(80), default="")
    warranty_until: Mapped[date | None] = mapped_column(DateOnly)
    legal_disrepair: Mapped[bool] = mapped_column(default=False)  # a claim is open: the legal team first
    gas_supply: Mapped[bool | None]  # None: not known
    build_year: Mapped[int | None]


class Household(Record):
    """Who lives at an address, as far as they said so and agreed that it is kept, until `expires_on`."""

    __tablename__ = "repairs_household"
    __policy__ = Policy(title="household", merge={"risks": Merge.SET})
    __table_args__ = (Index("ix_repairs_household_place", "place_key", "expires_on"),)

    place_key: Mapped[str] = mapped_column(ShortText(220))
    words: Mapped[str] = mapped_column(ShortText(200), default="")  # "Two adults, one child aged 3"
    risks: Mapped[list[str]] = mapped_column(Json, default=list)  # codes of resources/repairs/bands.json
    consent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    consent_by: Mapped[str] = mapped_column(ShortText(100))  # the officer who asked
    expires_on: Mapped[date] = mapped_column(DateOnly)


class Alert(Record):
    """Something to know before anybody goes there: about a person or the place, until a day."""

    __tablename__ = "repairs_alert"
    __policy__ = Policy(title="alert")
    __table_args__ = (Index("ix_repairs_alert_place", "place_key"),)

    place_key: Mapped[str] = mapped_column(ShortText(220))
    kind: Mapped[AlertKind] = mapped_column(Choice(AlertKind))
    code: Mapped[str] = mapped_column(ShortText(20), default="")  # of the council's own list of alerts
    words: Mapped[str] = mapped_column(ShortText(200))
    set_by_name: Mapped[str] = mapped_column(ShortText(100))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_on: Mapped[date | None] = mapped_column(DateOnly)
