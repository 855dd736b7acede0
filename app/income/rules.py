"""The rules of trust: proof of a statement, identity of a line, and what one officer may settle alone.

Every function is pure: no session, no clock, no file.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from app.income.reading import LineRead, ReceiptRead, StatementRead

SECOND_OFFICER_ABOVE = 500_00  # pence; the default of a new account, each council sets its own

_TRAILING_CURRENCY = re.compile(r"(?<=\d)[A-Z]{3}$")
_GB_IBAN = re.compile(r"GB\d\d[A-Z]{4}(\d{14})")


@dataclass(frozen=True)
class Proof:
    """The arithmetic of one statement: `difference` is closing - (opening + movements) in pence.

    `difference` is None when a balance is missing; `hint` names the likeliest reason, or is empty.
    """

    ok: bool
    difference: int | None
    movements: int
    hint: str


def prove(statement: StatementRead) -> Proof:
    """Prove opening + movements = closing, and say what most likely breaks it when it does not hold."""
    movements = sum(line.pence for line in statement.lines)
    if statement.interim:
        return Proof(False, None, movements, "It is an interim report, which has no final balance.")
    if statement.opening is None or statement.closing is None:
        missing = "opening" if statement.opening is None else "closing"
        return Proof(False, None, movements, f"It has no {missing} balance that can be read.")
    difference = statement.closing.pence - statement.opening.pence - movements
    if difference:
        return Proof(False, difference, movements, likeliest_reason(difference, statement.lines))
    lost = [problem for problem in statement.problems if "value date" not in problem.message]
    if lost:
        return Proof(False, 0, movements, str(lost[0]))
    if statement.opening.currency and statement.closing.currency not in {"", statement.opening.currency}:
        return Proof(False, 0, movements, "It opens in one currency and closes in another.")
    return Proof(True, 0, movements, "")


def likeliest_reason(difference: int, lines: Sequence[LineRead]) -> str:
    """Return a sentence on what makes a statement miss its closing balance by `difference` pence, or ""."""
    for line in lines:
        if line.pence and difference == -2 * line.pence:
            return f"Line {line.file_line} may have the wrong sign: turning it round settles the difference."
    for line in lines:
        if line.pence and difference == -line.pence:
            return f"Line {line.file_line} may be there twice: it is exactly the difference."
    for line in lines:
        if line.pence and difference == line.pence:
            return f"A line like line {line.file_line} may be missing: it is exactly the difference."
    if difference % 9 == 0:
        return "The difference divides by nine, so two digits may have changed places."
    return ""


def account_key(text: str) -> str:
    """Return what identifies an account however a bank writes it: capitals and digits only.

    A currency at the end is left off, and a GB IBAN gives its sort code and account number.
    """
    key = "".join(ch for ch in text.upper() if ch.isascii() and ch.isalnum())
    iban = _GB_IBAN.fullmatch(key)
    return iban[1] if iban else _TRAILING_CURRENCY.sub("", key)


def plain(text: str) -> str:
    """Return text for comparing: NFC, case folded, runs of space made one."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def line_fingerprint(account: str, line: LineRead) -> str:
    """Return 32 hex digits that two readings of the same bank line share, whatever file carried it."""
    return fingerprint(
        account,
        line.booked_on.isoformat(),
        str(line.pence),
        line.type_code,
        line.customer_reference,
        line.bank_reference,
        line.words,
    )


def receipt_fingerprint(account: str, receipt: ReceiptRead) -> str:
    """Return 32 hex digits that change when anything about a posting changes.

    What only some files tell counts only where a file tells it, so that older postings keep their digits.
    """
    further = (receipt.psp_reference, receipt.internal_reference, receipt.office, receipt.vat_code)
    vat = str(receipt.vat_pence) if receipt.vat_pence else ""
    return fingerprint(
        account,
        receipt.ledger_id,
        receipt.posted_on.isoformat(),
        str(receipt.pence),
        receipt.reference,
        receipt.fund,
        receipt.mop,
        receipt.narrative,
        *((*further, vat) if vat or any(further) else ()),
    )


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
    return (
        statement.opening.pence == last_closing
        and first_booked >= last_day
        and f"{statement.number}/{statement.page}" != last_number
    )


def stable_id(day: date, *parts: str) -> str:
    """Return an id in the form of a UUIDv7 that two laptops make alike from the same facts.

    Two officers who import the same file with no network thus make the same records, not twins of them.
    Its time part is noon of `day`; the rest is SHA-256 of the parts.
    """
    noon = datetime.combine(day, time(12), UTC)
    digest = hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).digest()
    number = int.from_bytes(digest[:10], "big") & ((1 << 74) - 1)
    whole = (int(noon.timestamp() * 1000) & ((1 << 48) - 1)) << 80 | 0x7 << 76
    whole |= (number >> 62) << 64 | 0x2 << 62 | number & ((1 << 62) - 1)
    text = f"{whole:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def needs_second_officer(pence: int, limit: int) -> bool:
    """Say whether an amount is more than one officer may settle alone; `limit` in pence."""
    return abs(pence) > limit
