"""Files from banks and ledgers: what kind they are, in which letters, and what they hold."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from app.errors import BadFile, HoldallError
from app.income.formats.ledger_csv import read_ledger
from app.income.mt940 import join_pages, looks_like_mt940, read_pages
from app.income.reading import NotALedger, NotAStatement, ReceiptRead, StatementRead

LARGEST_FILE = 200_000_000  # bytes; a year of a large council's lines is a tenth of it
Tick = Callable[[int, int], None]

_ADVICE = "Ask the bank’s site for a statement in MT940 format. Nothing was imported."
_OTHER_KINDS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a spreadsheet or a zip file"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"<?xml", "an XML file"),
    (b"OFXHEADER", "an OFX file"),
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


@dataclass(frozen=True)
class LedgerFile:
    """A ledger extract that was read: its name, its bytes' SHA-256, and the postings in it."""

    name: str
    data: bytes
    sha256: str
    format: str
    encoding: str
    receipts: tuple[ReceiptRead, ...]


def is_ledger(data: bytes) -> bool:
    """Say whether a file's first line has the headings of a ledger extract."""
    try:
        head = decode(data[:4096], "file", NotALedger)[0].lstrip("\n").split("\n", 1)[0].casefold()
    except HoldallError:
        return False
    return {"id", "date", "amount"} <= {cell.strip(' "\r') for cell in _cells(head)}


def read_statement_file(name: str, data: bytes, tick: Tick | None = None) -> StatementFile:
    """Read a bank statement file. Raises NotAStatement with one sentence when it is none."""
    text, encoding = decode(data, name, NotAStatement)
    if not looks_like_mt940(text):
        if is_ledger(data):
            raise NotAStatement(
                f"“{name}” is a ledger extract, not a bank statement.", "Import it as the book instead."
            )
        raise NotAStatement(f"“{name}” is not a bank statement that Holdall can read.", _ADVICE)
    statements = join_pages(read_pages(text, tick))
    if not any(s.lines or s.opening or s.closing for s in statements):
        raise NotAStatement(f"“{name}” has no balance and no line in it.", _ADVICE)
    return StatementFile(name, data, hashlib.sha256(data).hexdigest(), "MT940", encoding, statements)


def read_ledger_file(
    name: str, data: bytes, tick: Tick | None = None, *, leave_bad_rows: bool = False
) -> LedgerFile:
    """Read a ledger extract (CSV). Raises NotALedger, or BadRows unless `leave_bad_rows`."""
    text, encoding = decode(data, name, NotALedger)
    receipts = read_ledger(name, text, tick, leave_bad_rows=leave_bad_rows)
    return LedgerFile(name, data, hashlib.sha256(data).hexdigest(), "CSV", encoding, receipts)


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
