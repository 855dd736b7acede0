"""Homes: a property list of 20,000 rows in, in again, and with bad rows; a home found among 20,000."""

from __future__ import annotations

import csv
import io
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from app.context import Context, Council
from app.repairs import service
from app.repairs.homes import find
from app.repairs.homes.importing import bring_in, plan
from app.repairs.homes.past import memory_of
from app.repairs.homes.property_list import PropertyList, read_list, without_doubles
from app.sheets import xlsx_bytes
from models.changes import Author
from models.repairs import Repair
from models.store import Store

HOMES = 20_000
NOW = datetime(2026, 12, 17, 14, 21, tzinfo=UTC)
HEADS = [
    "UPRN",
    "Property Ref",
    "Address 1",
    "Address 2",
    "Address 3",
    "Post Code",
    "Tenure",
    "Block Ref",
    "Stack",
    "Ward",
    "Gas Supply",
    "Build Year",
    "Contractor",
    "Warranty Until",
    "Tenant Name",
    "Telephone",
]
FIRST = [
    "Tannery",
    "Mill",
    "Weir",
    "Orchard",
    "Castle",
    "Bishop",
    "Forge",
    "Quarry",
    "Chapel",
    "Meadow",
    "Station",
    "Harbour",
]
LAST = ["Row", "Lane", "Street", "Close", "Terrace"]
NAMES = ("Ffion", "Ade", "Marta", "Gwilym", "Peter", "Nia"), ("Cole", "Penrose", "Wŷn-Harte", "Lovell")
LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
SEARCHES = (
    "14 tannery", "av3 2", "mill la", "harte", "wyn harte 3", "zzz", "1009900", "a", "ffion cole 33", "av12",
)  # fmt: skip


def rows_of_list(count: int = HOMES) -> list[list[str]]:
    """Rows of a list with the same homes every time."""
    source = random.Random("homes")
    streets = [f"{first} {last}" for first in FIRST for last in LAST]
    made = []
    for n in range(count):
        street, house = streets[(n // 40) % len(streets)], 1 + n % 40 + 40 * (n // 2_000)
        code = (
            f"AV{1 + (n // 2_000) % 9} {(n // 200) % 10}{LETTERS[(n // 40) % 20]}{LETTERS[(n // 4_000) % 20]}"
        )
        name = f"{source.choice(NAMES[0])} {source.choice(NAMES[1])}"
        made.append(
            [
                str(100_990_000_000 + n * 7), f"P{n:06d}", f"{house} {street}", "Averwick", "", code,
                "Tenant" if n % 5 else "Leasehold", "", "", f"Ward {n % 12}", "Y" if n % 3 else "N",
                str(1950 + n % 70), "", "31/03/2027" if n % 9 == 0 else "", name, f"07700 900{n % 1000:03d}",
            ]
        )  # fmt: skip
    return made


def _read(data: bytes, name: str = "homes.csv") -> PropertyList:
    return without_doubles(read_list(name, data))


def csv_of(rows: list[list[str]]) -> bytes:
    """The rows as a CSV file."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([HEADS, *rows])
    return out.getvalue().encode()


def rows() -> Iterator[tuple[str, str, str]]:
    """What was asked and what was measured."""
    homes = rows_of_list()
    with tempfile.TemporaryDirectory(prefix="holdall-homes-") as folder:
        store = Store.create(Path(folder) / "homes.db", bytes(range(32)))
        author = Author(
            "u-1", "Tomos Aldgate", "team-1", frozenset({"officer"}), "0197d000-0000-7000-8000-000000000001"
        )
        context = Context(store, author, Path(folder), Council(), lambda: NOW)
        try:
            yield from _imports(context, homes)
            yield from _searches(context)
        finally:
            store.close()


def _imports(context: Context, homes: list[list[str]]) -> Iterator[tuple[str, str, str]]:
    data = csv_of(homes)
    began = time.perf_counter()
    found = without_doubles(read_list("homes.csv", data))
    read = time.perf_counter() - began
    done = context.write("Import", lambda session: bring_in(session, found))
    took = time.perf_counter() - began
    told = f"{took:.2f} s ({read:.2f} s to read, the rest to compare and write); {len(done.plan.new):,} in"
    yield "a property list of 20,000 rows (CSV)", "5 s", told
    began = time.perf_counter()
    again = context.write(
        "Again", lambda session: bring_in(session, without_doubles(read_list("h.csv", data)))
    )
    changes = len(again.plan.new) + len(again.plan.changed)
    yield "the same list in again", "0 changes", f"{changes} changes, {time.perf_counter() - began:.2f} s"
    edited = [[*row[:14], "New Name", row[15]] if n % 20 == 0 else row for n, row in enumerate(homes)]
    began = time.perf_counter()
    third = context.write(
        "Edit", lambda session: bring_in(session, without_doubles(read_list("h.csv", csv_of(edited))))
    )
    took = time.perf_counter() - began
    yield "the list with 1,000 new names", "", f"{len(third.plan.changed):,} changes, {took:.2f} s"
    sheet = xlsx_bytes(homes, HEADS)
    began = time.perf_counter()
    from_sheet = without_doubles(read_list("homes.xlsx", sheet))
    yield (
        "the same list read from XLSX",
        "",
        f"{len(from_sheet.rows):,} rows, {time.perf_counter() - began:.2f} s",
    )
    bad = [list(row) for row in homes]
    for n, row in enumerate(bad):
        if n % 100 == 0:
            row[0] = "1.0099E+11"
        elif n % 100 == 1:
            row[5] = ""
    tried = context.read(lambda session: plan(session, without_doubles(read_list("bad.csv", csv_of(bad)))))
    told = f"{len(tried.aside)} of 400 kept aside by row, {len(tried.gone)} called gone"
    yield "400 bad rows in a list of 20,000", "each named", told


def _searches(context: Context) -> Iterator[tuple[str, str, str]]:
    times = []
    for words in SEARCHES * 3:
        began = time.perf_counter()
        context.read(lambda session, typed=words: find.homes(session, typed))
        times.append(time.perf_counter() - began)
    told = f"median {_ms(statistics.median(times))}, slowest {_ms(max(times))}"
    yield "a home found among 20,000", "30 ms", told
    began = time.perf_counter()
    context.read(lambda session: find.page(session, "", None, 200))
    yield "a page of 200 homes of the list", "", _ms(time.perf_counter() - began)
    home = context.read(lambda session: find.homes(session, "14 tannery"))[0]
    repair_id = context.write("Begin", lambda session: service.begin(session, home.id)).repair_id
    began = time.perf_counter()
    context.read(lambda session: memory_of(session, session.get_one(Repair, repair_id), context.today()))
    yield "what a home calls to mind", "", _ms(time.perf_counter() - began)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
