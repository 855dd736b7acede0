"""Files from banks, ledgers and payment providers: which format, in which letters, and what they hold."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

from app.errors import BadFile, HoldallError
from app.income.formats import bank_csv
from app.income.formats.bank_layouts import find_headings
from app.income.formats.ledger_csv import read_ledger
from app.income.reading import (
    BadRow,
    Control,
    LedgerRead,
    NotALedger,
    NotAStatement,
    ReceiptRead,
    SettlementRead,
    StatementRead,
)
from app.sheet_reading import is_sheet
from models import garbage

LARGEST_FILE = 200_000_000  # bytes; a year of a large council's lines is a tenth of it
HEAD = 4_096  # characters that a format is told by
Tick = Callable[[int, int], None]
Layout = Mapping[str, Any]  # which column of a bank's CSV is what; see app.income.formats.bank_csv

# Modules of app.income.formats by what they give (statement, book or settlement), the surest to be told
# first: a file belongs to the first whose `looks_like` says so. They are imported when the first file is
# looked at, not when the window opens.
_FORMATS: tuple[tuple[str, str], ...] = (
    ("camt", "statement"),
    ("mt940", "statement"),
    ("adyen", "settlement"),
    ("govuk_pay", "settlement"),
    ("stripe", "settlement"),
    ("gocardless", "settlement"),
    ("ofx", "statement"),
    ("bai2_file", "statement"),
    ("qif", "statement"),
    ("allpay", "book"),
    ("ims_rows", "book"),
    ("ledger_sheet", "book"),
    ("bank_csv", "statement"),
)

# What is in the head of every file of a format, in capitals; where it is not, the module is not imported.
_SIGNS = {"camt": "<", "mt940": ":", "ofx": "OFX", "bai2_file": "01,", "qif": "!"}

_ADVICE = "Ask for MT940, CAMT.053, BAI2, OFX or a CSV file with headings. Nothing was imported."
_OTHER_KINDS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a spreadsheet or a zip file"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)


@dataclass(frozen=True)
class StatementFile:
    """A bank file that was read: its name, its bytes' SHA-256, and the statements in it."""

    name: str
    data: bytes
    sha256: str
    format: str
    encoding: str
    statements: tuple[StatementRead, ...]
    layout: Layout | None = None  # which column is what, to be remembered for the account; a CSV's only


@dataclass(frozen=True)
class LedgerFile:
    """A ledger extract that was read: its name, its bytes' SHA-256, and the postings in it."""

    name: str
    data: bytes
    sha256: str
    format: str
    encoding: str
    receipts: Sequence[ReceiptRead]
    controls: tuple[Control, ...] = ()
    problems: tuple[BadRow, ...] = ()
    tells_fund: bool = True


@dataclass(frozen=True)
class SettlementFile:
    """A payment provider's report that was read: its name, its bytes' SHA-256, and the payouts in it."""

    name: str
    data: bytes
    sha256: str
    format: str
    encoding: str
    settlements: tuple[SettlementRead, ...]


AnyFile = StatementFile | LedgerFile | SettlementFile


def read_any(name: str, data: bytes, tick: Tick | None = None, *, layout: Layout | None = None) -> AnyFile:
    """Read a file of any format that Holdall knows, told by what is in it and never by its name.

    `layout` says which column is what where a bank's CSV does not. Raises NotAStatement, or another BadFile,
    in one sentence when the file cannot be read.
    """
    if is_sheet(data) or name.startswith("~$"):
        return _read_sheet(name, data, tick, layout)
    text, encoding = decode(data, name, NotAStatement)
    kind, module = _format_of(text, layout)
    with garbage.held_back():
        return _read(name, data, text, encoding, kind, module, tick, layout)


def _read(
    name: str,
    data: bytes,
    text: str,
    encoding: str,
    kind: str,
    module: Any,
    tick: Tick | None,
    layout: Layout | None,
) -> AnyFile:
    """Read a text by the module that knows it; see read_any."""
    rest = (name, data, hashlib.sha256(data).hexdigest())
    if kind == "statement":
        if module.FORMAT == bank_csv.FORMAT:
            kept, statements = bank_csv.read_with_layout(name, text, tick, layout)
            return StatementFile(*rest, module.FORMAT, encoding, statements, kept)
        given = {"layout": layout} if layout and getattr(module, "TAKES_LAYOUT", False) else {}
        variant = module.variant(text) if hasattr(module, "variant") else module.FORMAT
        return StatementFile(*rest, variant, encoding, module.read(name, text, tick, **given))
    if kind == "settlement":
        return SettlementFile(*rest, module.FORMAT, encoding, module.read_settlements(name, text, tick))
    if kind == "book":
        book: LedgerRead = module.read_book(name, text, tick)
        told = LedgerFile(*rest, module.FORMAT, encoding, book.receipts, book.controls)
        return replace(told, problems=book.problems, tells_fund=book.tells_fund)
    if is_ledger(data):
        return read_ledger_file(name, data, tick)
    raise NotAStatement(
        f"“{name}” is not a bank statement, ledger extract or payment report that Holdall can read.", _ADVICE
    )


def _read_sheet(name: str, data: bytes, tick: Tick | None, layout: Layout | None) -> AnyFile:
    """Read a spreadsheet as what its rows look like. Raises BadFile in one sentence."""
    from app import sheet_reading as sheets
    from app.income.formats import dwp, ledger_sheet

    rows = sheets.rows_of(name, data, tick)
    provider = _provider_of(sheets.as_text(name, rows[:1]))
    if provider is not None:
        text = sheets.as_text(name, rows)
        return _read(name, data, text, sheets.FORMAT, "settlement", provider, tick, None)
    if dwp.looks_like_rows(rows):
        kind, book = dwp.FORMAT, dwp.read_rows(name, rows, tick)
    elif ledger_sheet.looks_like_rows(rows):
        kind, book = sheets.FORMAT, ledger_sheet.read_mapped(name, sheets.numbered(rows), None, tick)
    elif layout or find_headings(list(enumerate(rows, 1))) is not None:
        with garbage.held_back():
            kept, statements = bank_csv.read_rows(name, list(enumerate(rows, 1)), tick, layout)
        sha256 = hashlib.sha256(data).hexdigest()
        return StatementFile(name, data, sha256, "Bank XLSX", sheets.FORMAT, statements, kept)
    else:
        raise NotAStatement(f"“{name}” is a spreadsheet whose headings Holdall does not know.", _ADVICE)
    sha256 = hashlib.sha256(data).hexdigest()
    told = LedgerFile(name, data, sha256, kind, sheets.FORMAT, book.receipts, book.controls)
    return replace(told, problems=book.problems, tells_fund=book.tells_fund)


def _provider_of(head: str) -> Any:
    """Return the module of the payment provider whose headings these are, or None."""
    modules = (import_module(f"app.income.formats.{name}") for name, kind in _FORMATS if kind == "settlement")
    return next((module for module in modules if module.looks_like(head)), None)


def _format_of(text: str, layout: Layout | None) -> tuple[str, Any]:
    """Return what a text is for and the module that reads it; an empty kind when none does."""
    head = text[:HEAD]
    capitals = head.upper()
    for name, kind in _FORMATS:
        if _SIGNS.get(name, "") not in capitals:
            continue
        module = import_module(f"app.income.formats.{name}")
        if module.looks_like(head):
            return kind, module
    if (layout and "date" in layout) or bank_csv.looks_tabular(head):
        return "statement", bank_csv  # whose columns are told, or have to be
    return "", None


def is_ledger(data: bytes) -> bool:
    """Say whether a file's first line has the headings of a ledger extract."""
    try:
        head = decode(data[:4096], "file", NotALedger)[0].lstrip("\n").split("\n", 1)[0].casefold()
    except HoldallError:
        return False
    return {"id", "date", "amount"} <= {cell.strip(' "\r') for cell in _cells(head)}


def read_statement_file(
    name: str, data: bytes, tick: Tick | None = None, *, layout: Layout | None = None
) -> StatementFile:
    """Read a bank statement file. Raises NotAStatement with one sentence when it is none."""
    if is_ledger(data):
        raise NotAStatement(
            f"“{name}” is a ledger extract, not a bank statement.", "Import it as the book instead."
        )
    read = read_any(name, data, tick, layout=layout)
    if not isinstance(read, StatementFile):
        what = "a payment provider’s report" if isinstance(read, SettlementFile) else "a ledger extract"
        raise NotAStatement(f"“{name}” is {what}, not a bank statement.", "Import it as what it is instead.")
    return read


def read_ledger_file(
    name: str,
    data: bytes,
    tick: Tick | None = None,
    *,
    leave_bad_rows: bool = False,
    mapping: Mapping[str, str] | None = None,
) -> LedgerFile:
    """Read a ledger extract (CSV). Raises NotALedger, or BadRows unless `leave_bad_rows`.

    With `mapping`, {our column: its heading}, any headed CSV or sheet is read; see formats.ledger_sheet.
    """
    if mapping is not None:
        return _read_mapped(name, data, mapping, tick)
    text, encoding = decode(data, name, NotALedger)
    receipts = read_ledger(name, text, tick, leave_bad_rows=leave_bad_rows)
    return LedgerFile(name, data, hashlib.sha256(data).hexdigest(), "CSV", encoding, receipts)


def _read_mapped(name: str, data: bytes, mapping: Mapping[str, str], tick: Tick | None) -> LedgerFile:
    from app import sheet_reading as sheets
    from app.income.formats import ledger_sheet

    if is_sheet(data):
        kind = encoding = sheets.FORMAT
        rows = sheets.numbered(sheets.rows_of(name, data, tick))
        book = ledger_sheet.read_mapped(name, rows, mapping, tick)
    else:
        text, encoding = decode(data, name, NotALedger)
        kind, book = ledger_sheet.FORMAT, ledger_sheet.read_book(name, text, tick, mapping=mapping)
    told = LedgerFile(name, data, hashlib.sha256(data).hexdigest(), kind, encoding, book.receipts)
    return replace(told, controls=book.controls, problems=book.problems, tells_fund=book.tells_fund)


def decode(data: bytes, name: str, error: type[BadFile]) -> tuple[str, str]:
    """Return a file's text and its encoding: by its mark, else UTF-8, else Windows-1252, else DOS 850.

    Raises `error` in one sentence for an empty file, a file that is plainly something else, and NULs.
    """
    if not data.strip():
        raise error(f"“{name}” is empty.", "Ask for the file again. Nothing was imported.")
    if len(data) > LARGEST_FILE:
        raise error(f"“{name}” is larger than 200 MB.", "Ask for a shorter period. Nothing was imported.")
    for start, kind in _OTHER_KINDS:
        if data.lstrip(b"\xef\xbb\xbf \r\n").startswith(start):
            raise error(f"“{name}” is {kind} inside, whatever its name says.", _advice(error))
    text, encoding = _decoded(data)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise error(f"“{name}” has a character in line {line} that no text file may hold.", _advice(error))
    return text, encoding


def _decoded(data: bytes) -> tuple[str, str]:
    if data.startswith(b"\xef\xbb\xbf"):
        return data.decode("utf-8-sig", "replace"), "UTF-8 with a mark"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace"), "UTF-16"
    if data[1:2] == data[3:4] == b"\0" and b"\0" not in data[:4:2]:
        return data.decode("utf-16-le", "replace"), "UTF-16 without a mark"
    for encoding, title in (("utf-8", "UTF-8"), ("cp1252", "Windows-1252")):
        try:
            return data.decode(encoding), title
        except UnicodeDecodeError:
            continue
    return data.decode("cp850"), "DOS (850)"


def _advice(error: type[BadFile]) -> str:
    if error is NotAStatement:
        return _ADVICE
    return "Ask the ledger for a CSV file. Nothing was imported."


def _cells(line: str) -> list[str]:
    return line.split(max(",;\t|", key=line.count))
