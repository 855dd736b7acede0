"""Columns of a property list: which heading means what, in the words that councils use.

Headings are compared without capitals and marks. Required are the postcode and an address, in one column, in
up to four lines, or as number and street.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.errors import BadFile
from models.repairs import Kind

_WORDS: dict[str, tuple[str, ...]] = {
    "uprn": (
        "uprn",
        "unique property reference number",
        "uprn number",
        "uprn no",
        "llpg uprn",
        "gazetteer uprn",
        "uprn code",
    ),
    "property_ref": (
        "property ref",
        "property reference",
        "propertyref",
        "prop ref",
        "propref",
        "property id",
        "property code",
        "property number",
        "place ref",
        "asset ref",
        "asset reference",
        "asset id",
        "unit ref",
        "unit reference",
        "location id",
        "hms ref",
        "ref",
        "reference",
    ),
    "address": ("address", "full address", "property address", "address full", "postal address"),
    "address_1": (
        "address 1",
        "address line 1",
        "address1",
        "addressline1",
        "addr 1",
        "addr1",
        "line 1",
        "add 1",
    ),
    "address_2": (
        "address 2",
        "address line 2",
        "address2",
        "addressline2",
        "addr 2",
        "addr2",
        "line 2",
        "add 2",
    ),
    "address_3": (
        "address 3",
        "address line 3",
        "address3",
        "addressline3",
        "addr 3",
        "addr3",
        "line 3",
        "add 3",
    ),
    "address_4": (
        "address 4",
        "address line 4",
        "address4",
        "addressline4",
        "addr 4",
        "addr4",
        "line 4",
        "add 4",
    ),
    "flat": ("flat", "flat number", "flat no", "sub building", "sub building name", "unit"),
    "number": ("house number", "house no", "number", "building number", "house", "street number"),
    "street": ("street", "street name", "road", "thoroughfare"),
    "town": ("town", "city", "post town", "locality"),
    "postcode": ("postcode", "post code", "postal code", "pcode", "pc", "post cd"),
    "tenure": ("tenure", "tenure type", "tenancy type", "tenure description", "occupancy", "kind"),
    "block": (
        "block",
        "block ref",
        "block reference",
        "block name",
        "block code",
        "building ref",
        "estate block",
    ),
    "stack": ("stack", "stack ref", "stack reference", "riser", "riser ref", "column of flats"),
    "ward": ("ward", "ward name", "electoral ward"),
    "no_repair_reason": (
        "no repair reason",
        "no repairs reason",
        "no repair",
        "no repairs",
        "repairs stopped",
        "reason for no repairs",
        "norepairreason",
    ),
    "contractor": ("contractor", "repairs contractor", "responsible contractor", "contractor name"),
    "warranty_until": (
        "warranty until",
        "warranty",
        "warranty end",
        "warranty end date",
        "warranty expiry",
        "warranty to",
        "end of defects",
        "defects period end",
        "defects liability end",
    ),
    "legal_disrepair": ("legal disrepair", "disrepair claim", "disrepair", "legal claim", "legal case"),
    "gas_supply": ("gas supply", "gas", "has gas", "mains gas", "gas y n"),
    "build_year": (
        "build year",
        "year built",
        "built",
        "built in",
        "construction year",
        "year of build",
        "age",
    ),
    "tenant_name": (
        "tenant name",
        "tenant",
        "name",
        "main tenant",
        "tenant full name",
        "occupier",
        "occupier name",
        "leaseholder",
        "leaseholder name",
        "customer name",
    ),
    "telephone": (
        "telephone",
        "phone",
        "tenant phone",
        "tenant telephone",
        "telephone number",
        "phone number",
        "mobile",
        "mobile number",
        "contact number",
        "tel",
        "tel no",
    ),
}
FIELD_OF = {words: name for name, several in _WORDS.items() for words in several}
LABELS = {
    "uprn": "UPRN",
    "property_ref": "Reference",
    "address": "Address",
    "postcode": "Postcode",
    "tenure": "Tenure",
    "block": "Block",
    "stack": "Stack",
    "ward": "Ward",
    "no_repair_reason": "No repairs because",
    "contractor": "Contractor",
    "warranty_until": "Warranty until",
    "legal_disrepair": "Legal claim",
    "gas_supply": "Gas",
    "build_year": "Built",
    "tenant_name": "Name",
    "telephone": "Telephone",
}
ADDRESS_LINES = ("flat", "address", "address_1", "address_2", "address_3", "address_4", "town")
HEAD_ROWS = 20  # titles and blank rows that may stand above the headings
_TENURES: dict[Kind, tuple[str, ...]] = {
    Kind.TENANT: (
        "tenant", "tenants", "tenancy", "rent", "rented", "social rent", "affordable rent", "secure",
        "secure tenancy", "introductory", "introductory tenancy", "assured", "flexible", "general needs",
        "sheltered", "council tenant", "council", "t", "ten",
    ),
    Kind.LEASEHOLD: (
        "leasehold", "leaseholder", "leaseholders", "lease", "right to buy lease", "rtb leasehold",
        "shared ownership", "l", "lh",
    ),
    Kind.COMMUNAL: (
        "communal", "communal area", "communal areas", "shared", "shared part", "shared parts",
        "common parts", "block", "c", "com",
    ),
}  # fmt: skip
TENURE_OF = {words: kind for kind, several in _TENURES.items() for words in several}
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z0-9])")
_NOT_WORD = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Columns:
    """Where the headings stand (row from 0) and the place of each field that the list has."""

    row: int
    width: int  # how many headings there are
    places: dict[str, int]
    passed_over: tuple[str, ...]  # headings nobody knows, or that stand twice

    @property
    def given(self) -> frozenset[str]:
        """The columns of a home that the list speaks of; the others stay as they are here."""
        return frozenset(self.places).intersection(LABELS)


def folded(heading: str) -> str:
    """A heading for comparing: words in small letters, whatever stands between them."""
    return _NOT_WORD.sub(" ", _HUMP.sub(" ", heading.strip()).casefold()).strip()


def field_of(heading: str) -> str | None:
    """The field that a heading means, or None."""
    plain = folded(heading)
    return FIELD_OF.get(plain) or FIELD_OF.get(plain.replace(" ", ""))


def find_columns(name: str, rows: Sequence[Sequence[str]]) -> Columns:
    """The headings of a list, among its first rows. Raises BadFile when it has no address or no postcode."""
    best: Columns | None = None
    for number, cells in enumerate(rows[:HEAD_ROWS]):
        found = _columns(number, cells)
        if best is None or len(found.places) > len(best.places):
            best = found
    if best is None or len(best.places) < 2:
        shown = next((row for row in rows if any(cell.strip() for cell in row)), ())
        raise BadFile(
            f"“{name}” has no row of headings that a property list would have.{_shown(shown)}",
            "Give it headings such as uprn, address_1, postcode and tenure. Nothing was imported.",
        )
    missing = _missing(best.places)
    if missing:
        raise BadFile(
            f"“{name}” has no column for the {missing}.{_shown(rows[best.row])}",
            "Add the column, or correct its heading. Nothing was imported.",
        )
    return best


def _missing(places: dict[str, int]) -> str:
    if not {"address", "address_1", "street"}.intersection(places):
        return "address"
    return "" if "postcode" in places else "postcode"


def _columns(number: int, cells: Sequence[str]) -> Columns:
    places: dict[str, int] = {}
    passed: list[str] = []
    for place, cell in enumerate(cells):
        name = field_of(cell)
        if name is not None and name not in places:
            places[name] = place
        elif cell.strip():
            passed.append(cell.strip()[:40])
    return Columns(number, len(cells), places, tuple(passed))


def _shown(cells: Sequence[str]) -> str:
    named = [cell.strip()[:24] for cell in cells if cell.strip()][:12]
    return f" Its first row says: {', '.join(named)}." if named else ""


def tenure_of(words: str) -> Kind | None:
    """The tenure that a word of a list means, or None."""
    plain = folded(words)
    return TENURE_OF.get(plain) or TENURE_OF.get(plain.removesuffix("s"))


def tenure_of_file(name: str) -> Kind | None:
    """The tenure that the name of one of three files says: tenants.csv, Communal 2026.xlsx; else None."""
    words = folded(name.rpartition(".")[0] or name).split()
    found = {kind for word in words if len(word) > 4 and (kind := TENURE_OF.get(word)) is not None}
    return found.pop() if len(found) == 1 else None
