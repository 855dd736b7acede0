"""The rules of trust: proof of a statement, identity of a line, and what one officer may settle alone.

Every function is pure: no session, no clock, no file.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from app.income.proof import Proof, control_words, likeliest_reason, prove
from app.income.reading import LineRead, ReceiptRead, StatementRead
from models.ids import stable_id

__all__ = [
    "SECOND_OFFICER_ABOVE",
    "Proof",
    "account_key",
    "control_words",
    "fingerprint",
    "follows_on",
    "likeliest_reason",
    "line_fingerprint",
    "line_fingerprints",
    "needs_second_officer",
    "occurrences",
    "plain",
    "plain_iban",
    "prove",
    "receipt_fingerprint",
    "receipt_fingerprints",
    "same_account",
    "stable_id",
]

SECOND_OFFICER_ABOVE = 500_00  # pence; the default of a new account, each council sets its own

_TRAILING_CURRENCY = re.compile(r"(?<=\d)[A-Z]{3}$")
_SORT_CODE_LAST = re.compile(r"([0-9]{8}) ([0-9]{6})")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_GB_IBAN = re.compile(r"GB\d\d[A-Z]{4}(\d{14})")


def account_key(text: str) -> str:
    """Return what identifies an account however a bank writes it: capitals and digits only.

    A currency at the end is left off, a GB IBAN gives its sort code and account number, and an account before
    its sort code, parted by a space as NatWest writes them in BAI2, is turned round.
    """
    turned = _SORT_CODE_LAST.fullmatch(text.strip())
    if turned is not None:
        return turned[2] + turned[1]
    key = "".join(ch for ch in text.upper() if ch.isascii() and ch.isalnum())
    iban = _GB_IBAN.fullmatch(key)
    return iban[1] if iban else _TRAILING_CURRENCY.sub("", key)


def plain_iban(text: str) -> str:
    """Return an IBAN without its spaces, "" for what has not the form of one."""
    told = "".join(text.upper().split())
    return told if _IBAN.fullmatch(told) else ""


def same_account(first: str, second: str) -> bool:
    """Say whether two account keys are one account: alike, or one without its sort code.

    OFX and some CSV files give the eight digits of the account and not the six of the sort code.
    """
    short, long = sorted((first, second), key=len)
    return first == second or (len(short) == 8 and len(long) == 14 and long.endswith(short))


def plain(text: str) -> str:
    """Return text for comparing: NFC, case folded, runs of space made one."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def line_fingerprint(account: str, line: LineRead) -> str:
    """Return 32 hex digits that two readings of the same bank line share, whatever file carried it."""
    return line_fingerprints(account, (line,))[0]


def line_fingerprints(account: str, lines: Sequence[LineRead]) -> list[str]:
    """Return the fingerprint of each line of an account.

    The same digits as `fingerprint` gives over its parts. A line in ASCII, which nearly all are, needs no
    normal form, so its parts are joined and made small letters in one step.
    """
    first = plain(account)
    days: dict[date, str] = {}
    digest = hashlib.sha256
    made: list[str] = []
    for _, booked_on, _, pence, _, kind, customer, bank, words, _, _ in lines:
        day = days.get(booked_on)
        if day is None:
            day = days[booked_on] = booked_on.isoformat()
        told = f"{_spaced(kind)}\x1f{_spaced(customer)}\x1f{_spaced(bank)}\x1f{' '.join(words.split())}"
        told = told.lower() if told.isascii() else "\x1f".join(map(plain, (kind, customer, bank, words)))
        joined = f"{first}\x1f{day}\x1f{pence}\x1f{told}"
        made.append(digest(joined.encode("utf-8", "replace")).hexdigest()[:32])
    return made


def _spaced(text: str) -> str:
    """Return text with runs of space made one; a single word, as a reference is, stays as it is."""
    return text if text.isalnum() or not text else " ".join(text.split())


def receipt_fingerprint(account: str, receipt: ReceiptRead) -> str:
    """Return 32 hex digits that change when anything about a posting changes."""
    return receipt_fingerprints(account, (receipt,))[0]


def receipt_fingerprints(account: str, receipts: Sequence[ReceiptRead]) -> list[str]:
    """Return the fingerprint of each posting of an account, the same digits as `fingerprint` gives.

    What only some files tell counts only where a file tells it, so that older postings keep their digits.
    Postings in ASCII, which nearly all are, are joined and made small letters in one step.
    """
    first = plain(account)
    days: dict[date, str] = {}
    digest = hashlib.sha256
    made: list[str] = []
    for _, ledger_id, day, pence, ref, fund, mop, words, psp, internal, office, vat, vat_pence, _ in receipts:
        told = days.get(day)
        if told is None:
            told = days[day] = day.isoformat()
        rest = f"{_spaced(ref)}\x1f{_spaced(fund)}\x1f{_spaced(mop)}\x1f{' '.join(words.split())}"
        joined = f"{_spaced(ledger_id)}\x1f{told}\x1f{pence}\x1f{rest}"
        further = (psp, internal, office, vat, str(vat_pence) if vat_pence else "")
        if any(further):
            joined = "\x1f".join((joined, *map(_spaced, further)))
        if joined.isascii():
            joined = joined.lower()
        else:
            joined = "\x1f".join(map(plain, joined.split("\x1f")))
        made.append(digest(f"{first}\x1f{joined}".encode("utf-8", "replace")).hexdigest()[:32])
    return made


def fingerprint(*parts: str) -> str:
    """Return 32 hex digits of SHA-256 over parts, compared without case or spacing."""
    joined = "\x1f".join(plain(part) for part in parts)
    return hashlib.sha256(joined.encode("utf-8", "replace")).hexdigest()[:32]


def occurrences(fingerprints: Iterable[str], already: Mapping[str, int] | None = None) -> list[int]:
    """Return which one of its kind each line is, counting on from `already`; identical lines stay apart."""
    seen = dict(already or {})
    counted = []
    for mark in fingerprints:
        seen[mark] = seen.get(mark, 0) + 1
        counted.append(seen[mark])
    return counted


def follows_on(
    last_closing: int | None, last_day: date | None, last_number: str, statement: StatementRead
) -> bool:
    """Say whether a statement begins where another ended, so that equal lines in it are new lines.

    An overlapping or repeated export does not follow on: its equal lines are the same lines again.
    """
    if last_closing is None or last_day is None or statement.opening is None:
        return False
    first_booked = min((line.booked_on for line in statement.lines), default=statement.opening.day)
    if statement.number:
        another = f"{statement.number}/{statement.page}" != last_number
    else:  # with no number, a level that moved tells it from the same export once more
        another = statement.closing is not None and statement.closing.pence != last_closing
    return another and statement.opening.pence == last_closing and first_booked >= last_day


def needs_second_officer(pence: int, limit: int) -> bool:
    """Say whether an amount is more than one officer may settle alone; `limit` in pence."""
    return abs(pence) > limit
