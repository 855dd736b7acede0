"""Finding a home by what somebody says: the beginnings of the words of an address or a name, with or without
accents, a postcode in any spacing, a UPRN with or without its leading zeros, a reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    false,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    type_coerce,
)
from sqlalchemy.orm import Session

from app.repairs.places import fold
from models.repairs import HOUSE_NUMBER, Kind, Property

MOST_WORDS = 6
MOST_ACCENTED = 2_000  # homes with letters beyond ASCII that match in all
_NUMBER: ColumnElement[int] = literal_column(HOUSE_NUMBER)
_ORDER = (Property.postcode, _NUMBER, Property.address, Property.id)
_PLACE, _POSTCODE, _ADDRESS, _REFERENCE, _UPRN, _NAME = (  # as text of any length, for what is compared
    type_coerce(column, Text)
    for column in (
        Property.place_key,
        Property.postcode,
        Property.address,
        Property.property_ref,
        Property.uprn,
        Property.tenant_name,
    )
)
_plain = lru_cache(maxsize=20_000)(fold)  # the same homes are looked at with every letter typed
Key = tuple[str, int, str, str]


@dataclass(frozen=True)
class Home:
    """A home of the council's list, as a list or the address page offers it."""

    id: str
    address: str
    postcode: str
    tenant: str
    uprn: str = ""
    reference: str = ""
    tenure: Kind = Kind.TENANT
    stopped: str = ""  # why no repairs are done there

    @property
    def where(self) -> str:
        """Address and postcode in one line."""
        return f"{self.address} {self.postcode}"


def homes(session: Session, typed: str, limit: int = 6) -> tuple[Home, ...]:
    """Homes that hold words beginning with every word typed, in the order of the street; none for no word."""
    if not _terms(typed):
        return ()
    found = page(session, typed, None, limit, accents=False)
    if len(found) < limit:
        found = page(session, typed, None, limit)
    return tuple(home for _key, home in found)


def count(session: Session, typed: str) -> int:
    """How many homes hold every word typed; all of them for no word."""
    return session.scalar(select(func.count()).select_from(Property).where(*_where(session, typed))) or 0


def page(
    session: Session, typed: str, after: Key | None, limit: int, accents: bool = True
) -> list[tuple[Key, Home]]:
    """The homes behind a key in the order of postcode and house number, each with its key. Without `accents`
    those that match only by letters beyond ASCII are left out."""
    statement = _keyed(session, typed, Property, accents=accents)
    if after is not None:
        statement = statement.where(tuple_(*_ORDER) > tuple_(*after))
    found = session.execute(statement.limit(limit))
    return [((h.postcode, number, h.address, h.id), _home(h)) for number, h in found]


def keys(session: Session, typed: str, step: int) -> list[Key]:
    """The keys of the homes number step, 2 x step, ...: the last of each full page."""
    columns = (Property.postcode, Property.address, Property.id)
    rows = session.execute(_keyed(session, typed, *columns))
    return [(row[1], row[0], row[2], row[3]) for n, row in enumerate(rows, 1) if n % step == 0]


def _keyed(session: Session, typed: str, *columns: Any, accents: bool = True) -> Select[Any]:
    return select(_NUMBER, *columns).where(*_where(session, typed, accents)).order_by(*_ORDER)


def _home(h: Property) -> Home:
    return Home(
        h.id, h.address, h.postcode, h.tenant_name, h.uprn or "", h.property_ref, h.tenure, h.no_repair_reason
    )


def _where(session: Session, typed: str, accents: bool = True) -> list[ColumnElement[bool]]:
    """The conditions of a search; homes with letters beyond ASCII are compared here, letter by letter."""
    terms = _terms(typed)
    here = Property.deleted.is_(False)
    if not terms:
        return [here]
    plain = and_(*(_begins(term) for term in sorted(terms, key=len, reverse=True)))
    accented = _accented(session, terms) if accents else []
    return [here, or_(plain, Property.id.in_(accented) if accented else false())]


def _begins(term: str) -> ColumnElement[bool]:
    """Whether a word of a home begins with a term: column by column, which costs a third of joining them."""
    found = [
        _PLACE.contains(f" {term}", autoescape=True),
        _PLACE.startswith(term, autoescape=True),  # the postcode without its space
        _POSTCODE.startswith(term, autoescape=True),
        _POSTCODE.contains(f" {term}", autoescape=True),
        _ADDRESS.contains(f" {term}", autoescape=True),
        _ADDRESS.startswith(term, autoescape=True),
        _REFERENCE.contains(term, autoescape=True),
    ]
    if term.isdigit():
        found += [_UPRN.startswith(term), func.ltrim(_UPRN, "0").startswith(term)]
    else:
        found.append(_NAME.startswith(term, autoescape=True))
        found += [_NAME.contains(f"{mark}{term}", autoescape=True) for mark in " -'"]
    return or_(*found)


def _terms(typed: str) -> list[str]:
    return fold(typed).split()[:MOST_WORDS]


def _accented(session: Session, terms: Sequence[str]) -> list[str]:
    names = (Property.place_key, Property.postcode, Property.address, Property.tenant_name)
    text = func.concat_ws(" ", Property.address, Property.tenant_name)
    statement = select(Property.id, *names).where(
        Property.deleted.is_(False),
        func.octet_length(text) != func.length(text),
        *(_begins(term) for term in terms if term.isdigit()),
    )
    found: list[str] = []
    for row in session.execute(statement):
        words = f" {row[1].casefold()} {row[2].casefold()} {_plain(row[3])} {_plain(row[4])}"
        if all(f" {term}" in words for term in terms):
            found.append(row[0])
            if len(found) == MOST_ACCENTED:
                break
    return found
