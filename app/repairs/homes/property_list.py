"""The council's property list as it comes: CSV or XLSX, one file or three, read row by row.

What a row says is brought into one shape; a row that cannot be trusted is kept aside with its reason and
never guessed at. Nothing here knows the store.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

from app.errors import BadFile, HoldallError
from app.repairs.homes import cells
from app.repairs.homes.cells import Odd, words_of
from app.repairs.homes.columns import ADDRESS_LINES, LABELS, Columns, find_columns, tenure_of, tenure_of_file
from app.repairs.places import fold, meant_postcode, place_key, tidy_postcode, tidy_uprn
from app.sheet_reading import is_sheet
from app.sheet_reading import rows_of as sheet_rows
from models.repairs import Kind

LARGEST_FILE = 64_000_000  # bytes
MOST_ROWS = 200_000
LONGEST_ROW = 8_000  # characters; one that is longer has a quotation mark that was never closed
TICK_EACH = 1_000  # rows
_DELIMITERS = ",;\t|"
Tick = Callable[[int, int], None]
_plain = lru_cache(maxsize=50_000)(fold)  # streets and towns stand in many rows


@dataclass(frozen=True)
class Fault:
    """Something about a row: the file, the row as its program counts it, the column, what is wrong.

    `kept` says that the row came in all the same, without that cell; else it stays aside. `meant` is what
    would put it right, where that can be proposed.
    """

    file: str
    row: int
    column: str
    words: str
    kept: bool = False
    meant: str = ""

    def __str__(self) -> str:
        return f"Row {self.row:,}: {self.words}"


@dataclass(frozen=True)
class HomeRow:
    """A home as one row of a list says it; `values` holds the columns of a Property that the list gave."""

    file: str
    row: int
    uprn: str
    property_ref: str
    place_key: str
    values: dict[str, Any]


@dataclass
class PropertyList:
    """What was read: rows that can be trusted, faults, the columns given, whose homes the list is about."""

    names: list[str] = field(default_factory=list)
    rows: list[HomeRow] = field(default_factory=list)
    aside: list[HomeRow] = field(default_factory=list)  # named in a fault, and not gone
    faults: list[Fault] = field(default_factory=list)
    given: frozenset[str] = frozenset()
    tenures: frozenset[Kind] = frozenset()
    passed_over: tuple[str, ...] = ()  # headings that mean nothing here
    proposals: int = 0  # rows that a proposed postcode would bring in

    @property
    def count(self) -> int:
        """How many rows were read, those aside included."""
        return len(self.rows) + sum(1 for fault in self.faults if not fault.kept)


class NeedsTenure(BadFile):
    """A list of one tenure that does not say which: neither a column nor the file's name does."""


def read_list(
    name: str,
    data: bytes,
    tenure: Kind | None = None,
    take_meant: bool = False,
    tick: Tick | None = None,
) -> PropertyList:
    """One property list. `tenure` is that of all its homes where it has no such column.

    `take_meant` takes the proposed postcode where O and 0 or I and 1 were mixed up. Raises BadFile in one
    sentence, and NeedsTenure where somebody has to say whose homes they are.
    """
    rows = table_of(name, data, tick)
    columns = find_columns(name, rows)
    kind = tenure or tenure_of_file(name)
    if "tenure" not in columns.places and kind is None:
        raise NeedsTenure(
            f"“{name}” does not say whose homes they are: it has no column for the tenure.",
            "Say whether they are tenants, leaseholders or shared parts of blocks.",
        )
    reader = _Reader(name, columns, kind, take_meant)
    body = rows[columns.row + 1 :]
    for number, row in enumerate(body, columns.row + 2):
        if any(map(str.strip, row)):
            reader.take(number, row)
        if tick is not None and number % TICK_EACH == 0:
            tick(number, len(rows))
    found = reader.found
    if not found.rows and not found.faults:
        raise BadFile(f"“{name}” has headings and no home below them.", "Check that it is the right file.")
    found.given = columns.given | {"address", "tenure"}
    found.passed_over = columns.passed_over
    return found


def joined(lists: Sequence[PropertyList]) -> PropertyList:
    """Several files as one list: the three of tenants, leaseholders and shared parts, say."""
    whole = PropertyList()
    for each in lists:
        whole.names += each.names
        whole.rows += each.rows
        whole.aside += each.aside
        whole.faults += each.faults
        whole.given = whole.given | each.given
        whole.tenures |= each.tenures
        whole.passed_over += each.passed_over
        whole.proposals += each.proposals
    return without_doubles(whole)


def without_doubles(found: PropertyList) -> PropertyList:
    """The list with rows aside that contradict each other: one UPRN or reference for two homes, one home
    with two references. Rows that say the same twice are taken once."""
    for words, key in (
        ("the UPRN {0}", lambda row: row.uprn),
        ("the reference {0}", lambda row: row.property_ref),
        ("the same address", lambda row: row.place_key),
    ):
        _set_aside(found, words, key)
    return found


def _set_aside(found: PropertyList, words: str, key: Callable[[HomeRow], str]) -> None:
    first: dict[str, HomeRow] = {}
    bad: dict[str, list[HomeRow]] = {}
    twice: set[int] = set()
    for row in found.rows:
        value = key(row)
        if not value:
            continue
        earlier = first.setdefault(value, row)
        if earlier is row:
            continue
        if earlier.values == row.values:
            twice.add(id(row))
            found.faults.append(
                Fault(row.file, row.row, "", f"says the same as row {earlier.row:,}; taken once.", kept=True)
            )
        else:
            bad.setdefault(value, [earlier]).append(row)
    away = {id(row) for rows in bad.values() for row in rows}
    for value, rows in bad.items():
        for row in rows:
            others = [f"{other.row:,}" for other in rows if other is not row][:4]
            which = f"{'row' if len(others) == 1 else 'rows'} {', '.join(others)}"
            said = f"has {words.format(value)}, as {which} has with other words."
            if len(others) > 1:
                said = f"has {words.format(value)}, as {which} have with other words."
            found.faults.append(Fault(row.file, row.row, "", said))
            found.aside.append(row)
    if away or twice:
        found.rows = [row for row in found.rows if id(row) not in away and id(row) not in twice]


class _Reader:
    """Reads the rows of one file into a PropertyList."""

    def __init__(self, name: str, columns: Columns, tenure: Kind | None, take_meant: bool) -> None:
        self.name, self.columns, self.tenure, self.take_meant = name, columns, tenure, take_meant
        self.found = PropertyList(names=[name])
        self.width = max(columns.places.values()) + 1
        self._plain: tuple[tuple[str, Callable[[str], Any]], ...] = tuple(
            (column, check) for column, check in _CHECKS.items() if column in columns.places
        )
        if "tenure" not in columns.places and tenure is not None:
            self.found.tenures = frozenset({tenure})

    def take(self, number: int, row: Sequence[str]) -> None:
        """Takes one row, or leaves it aside with its fault."""
        if len(row) < self.width:
            row = [*row, *([""] * (self.width - len(row)))]
        places = self.columns.places
        given = {column: words_of(row[place]) for column, place in places.items()}
        try:
            values = self._place(number, given, any(map(str.strip, row[self.columns.width :])))
        except _Aside as aside:
            fault = aside.fault
            self.found.faults.append(fault)
            self._remember(number, given)
            return
        for column, check in self._plain:
            try:
                values[column] = check(given[column])
            except Odd as odd:
                said = f"{LABELS[column]} {odd}; that cell is left out."
                self.found.faults.append(Fault(self.name, number, column, said, kept=True))
        self.found.tenures |= {values["tenure"]}
        self.found.rows.append(
            HomeRow(
                self.name,
                number,
                values.get("uprn") or "",
                values.get("property_ref", ""),
                values["place_key"],
                values,
            )
        )

    def _place(self, number: int, given: dict[str, str], over: bool) -> dict[str, Any]:
        """UPRN, reference, address, postcode and tenure of a row; raises _Aside."""

        def aside(column: str, words: str, meant: str = "") -> _Aside:
            return _Aside(Fault(self.name, number, column, words, meant=meant))

        if over:
            raise aside("", "has more cells than there are headings: a mark inside one of them, perhaps.")
        values: dict[str, Any] = {}
        if "uprn" in given:
            try:
                values["uprn"] = tidy_uprn(given["uprn"]) or None
            except HoldallError as error:
                raise aside("uprn", f"{error.title} {error.advice}") from error
        if "property_ref" in given:
            values["property_ref"] = given["property_ref"]
            if len(given["property_ref"]) > 40:
                raise aside("property_ref", "the reference has more than 40 characters.")
        postcode = self._postcode(given["postcode"], aside)
        address = address_of(given, postcode)
        if not address:
            raise aside("address", "there is no address.")
        if len(address) > 200:
            raise aside("address", "the address has more than 200 characters.")
        key = place_key(address, postcode)
        if not key:
            raise aside("address", f"“{address[:40]}” is not an address.")
        kind = tenure_of(given["tenure"]) if given.get("tenure") else self.tenure
        if kind is None:
            said = f"the tenure “{given['tenure'][:30]}” is not known" if given.get("tenure") else "no tenure"
            raise aside("tenure", f"{said}: it is tenant, leasehold or communal.")
        return values | {"address": address, "postcode": postcode, "place_key": key, "tenure": kind}

    def _postcode(self, text: str, aside: Callable[..., _Aside]) -> str:
        if not text:
            raise aside("postcode", "there is no postcode.")
        try:
            return tidy_postcode(text)
        except HoldallError as error:
            meant = meant_postcode(text)
            self.found.proposals += bool(meant)
            if meant and self.take_meant:
                return meant
            raise aside("postcode", f"{error.title} {error.advice}", meant) from error

    def _remember(self, number: int, given: dict[str, str]) -> None:
        """Keeps what a row aside may be known by, so that its home does not count as gone."""
        try:
            uprn = tidy_uprn(given.get("uprn", ""))
        except HoldallError:
            uprn = ""
        meant = meant_postcode(given.get("postcode", "")) or given.get("postcode", "")
        key = place_key(address_of(given, meant), meant)
        self.found.aside.append(HomeRow(self.name, number, uprn, given.get("property_ref", ""), key, {}))


class _Aside(Exception):
    """A row that stays aside, with its fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.words)
        self.fault = fault


_CHECKS: dict[str, Callable[[str], Any]] = {
    "block": lambda text: cells.short(80, text) or None,
    "stack": partial(cells.short, 40),
    "ward": partial(cells.short, 60),
    "no_repair_reason": partial(cells.short, 200),
    "contractor": partial(cells.short, 80),
    "warranty_until": cells.day,
    "legal_disrepair": lambda text: bool(cells.yes_or_no(text)),
    "gas_supply": cells.yes_or_no,
    "build_year": cells.year,
    "tenant_name": partial(cells.short, 120),
    "telephone": cells.telephone,
}


def address_of(given: dict[str, str], postcode: str) -> str:
    """The address of a row in one line: its parts, none twice, without the postcode at its end."""
    street = f"{given.get('number', '')} {given.get('street', '')}".strip()
    lines = [given[name] for name in ADDRESS_LINES if given.get(name)]
    if given.get("flat") and lines[0][0].isdigit():
        lines[0] = f"Flat {lines[0]}"
    if street and not given.get("address"):
        lines.insert(1 if given.get("flat") else 0, street)
    parts: dict[str, str] = {}
    squeezed = postcode.replace(" ", "").casefold()
    for line in lines:
        for part in line.split(",") if "," in line else (line,):
            part = part.strip(" .")
            plain = _plain(part)
            if plain and plain not in parts and plain.replace(" ", "") != squeezed:
                parts[plain] = part
    return ", ".join(parts.values())


# -- files -----------------------------------------------------------------------------------------


def table_of(name: str, data: bytes, tick: Tick | None = None) -> list[list[str]]:
    """The rows of a CSV or XLSX file as text. Raises BadFile in one sentence."""
    if not data.strip():
        raise BadFile(f"“{name}” is empty.", "Ask for the file again. Nothing was imported.")
    if len(data) > LARGEST_FILE:
        raise BadFile(
            f"“{name}” is larger than {LARGEST_FILE // 1_000_000} MB.",
            "Leave out columns that are not needed. Nothing was imported.",
        )
    if is_sheet(data) or name.casefold().endswith((".xlsx", ".xlsm", ".xls")):
        return [list(row) for row in sheet_rows(name, data, tick)]
    rows = list(_csv_rows(name, _text_of(name, data)))
    if len(rows) > MOST_ROWS:
        raise BadFile(f"“{name}” has more than {MOST_ROWS:,} rows.", "Bring it in as several files.")
    return rows


def _text_of(name: str, data: bytes) -> str:
    if data.startswith(b"\xef\xbb\xbf"):
        text = data.decode("utf-8-sig", "replace")
    elif data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", "replace")
    elif data[1:2] == data[3:4] == b"\0":
        text = data.decode("utf-16-le", "replace")
    elif data[0:1] == data[2:3] == b"\0":
        text = data.decode("utf-16-be", "replace")
    else:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise BadFile(
            f"“{name}” has a character in line {line:,} that no text file may hold.",
            "Ask for the list as CSV or XLSX. Nothing was imported.",
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _csv_rows(name: str, text: str) -> Iterator[list[str]]:
    """Rows of a CSV text; what parts the cells is the mark that stands most in its first lines."""
    head = [line for line in text[:16_000].split("\n")[:20] if line.strip()]
    delimiter = max(_DELIMITERS, key=lambda mark: max((line.count(mark) for line in head), default=0))
    try:
        for cells_ in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if sum(map(len, cells_)) > LONGEST_ROW:
                break
            yield cells_
        else:
            return
    except csv.Error as error:
        raise BadFile(
            f"“{name}” breaks off in the middle of a row ({error}).", "Ask for the file again."
        ) from error
    raise BadFile(
        f"A quotation mark in “{name}” is never closed, so its rows run together.",
        "Ask for the file again. Nothing was imported.",
    )
