"""Which column of a bank's CSV is which: by its headings, by a known bank's habits, or as remembered.

A layout is a plain dict, kept in Account.columns: "delimiter"; "header_row" (from 1, None for a file without
headings); "date"; "amount", or "debit" and "credit", or "amount" and "sign"; and, where there are any,
"balance", "type", "reference", "bank_reference", "account", "sort_code", "currency", "value_date" and
"narrative" (a list). A column is its heading, or its place from 0. "day_first" is True, False or absent;
"short_dates" says that six digits are YYMMDD; "dated" is a day that stands for a whole file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from app.income.formats.csv_rows import Rows

Layout = dict[str, Any]

_SEARCHED = 40  # rows among which the headings are looked for
_ACCOUNT = re.compile(r"[0-9]{2}-?[0-9]{2}-?[0-9]{2}[- /]?[0-9]{8}(?: [A-Z]{3})?")
_SLASHED = re.compile(r"[0-9]{2}/[0-9]{2}/[0-9]{2,4}")
_MONEY = re.compile(r"[-+]?[0-9][0-9,]*\.[0-9]{2}")

# Headings by what they mean, the plainest first; compared in small letters without marks.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "date": (
        *("date", "post date", "posting date", "posted date", "date posted", "transaction date"),
        *("trans date", "tran date", "txn date", "booking date", "book date", "entry date", "processed date"),
        *("completed date", "statement date", "datum", "posted on", "value date"),
    ),
    "amount": (
        *("amount", "transaction amount", "amount gbp", "gbp amount", "value", "transaction value"),
        *("amount in account currency", "sterling amount", "net amount", "trans amount", "amt", "sum"),
        *("credit debit amount", "debit credit amount", "amount of transaction"),
    ),
    "debit": (
        *("debit", "debits", "debit amount", "debit value", "debit gbp", "paid out", "money out"),
        *("payments", "payments out", "withdrawals", "withdrawal", "amount debit", "out", "dr", "dr amount"),
        *("payment", "payment amount", "paid out gbp", "debit amount gbp"),
    ),
    "credit": (
        *("credit", "credits", "credit amount", "credit value", "credit gbp", "paid in", "money in"),
        *("receipts", "deposits", "deposit", "amount credit", "in", "cr", "cr amount", "paid in gbp"),
        *("receipt", "receipt amount", "credit amount gbp", "payments in"),
    ),
    "sign": (
        *("cr dr", "dr cr", "d c", "c d", "credit debit", "debit credit", "debit or credit", "cr dr flag"),
        *("credit or debit", "credit debit indicator", "dc flag", "cd flag", "cr dr indicator", "indicator"),
        *("dr cr indicator", "cr or dr", "dr or cr", "sign", "debit credit indicator", "dc"),
    ),
    "balance": (
        *("balance", "running balance", "ledger balance", "account balance", "statement balance"),
        *(
            "balance gbp",
            "cleared balance",
            "book balance",
            "balance after",
            "closing balance",
            "new balance",
        ),
    ),
    "type": (
        *("type", "transaction type", "trans type", "tran type", "code", "transaction code", "txn type"),
        *("type code", "bai code", "trn type", "subcategory", "transaction type code", "tla"),
    ),
    "reference": (
        *("customer reference", "customer ref", "reference", "your reference", "payment reference", "ref"),
        *("transaction reference", "cheque no", "cheque number", "chq no", "cheque", "serial number"),
        *("reference number", "end to end reference", "transaction ref", "operation number"),
    ),
    "bank_reference": ("bank reference", "bank ref", "our reference", "transaction id", "fitid"),
    "account": (
        *("account number", "account", "account no", "acct no", "acct", "account identifier", "iban"),
        *("account id", "account iban", "sort code account number", "sort code and account number"),
    ),
    "sort_code": ("sort code", "sortcode", "bank code", "branch code"),
    "currency": ("currency", "ccy", "account currency", "curr", "currency code", "transaction currency"),
    "value_date": ("value date", "value dt", "effective date", "interest date"),
}
NARRATIVES = (
    *("narrative", "transaction detail", "transaction details", "description", "transaction description"),
    *("details", "detail", "narration", "particulars", "memo", "payee", "counterparty", "counter party"),
    *("additional information", "additional details", "text", "remittance information", "partner name"),
    *("label", "name", "transaction narrative", "transaction information", "counterparty name", "notes"),
)
# Headings of banks that are known to write the day first
_BRITISH = (
    frozenset({"post date", "account number", "account name", "type", "amount", "transaction detail"}),
    frozenset({"date", "account number", "account alias"}),  # Bankline
    frozenset({"number", "date", "account", "amount", "subcategory", "memo"}),  # Barclays
    frozenset({"date", "type", "description", "value", "balance", "account name", "account number"}),
)
_PATTERN = re.compile(  # "date dd mm yyyy": how a heading says the order of its dates
    r"\b(?:(?P<day>d{1,2} ?m{1,4} ?y{1,4})|(?P<month>m{1,4} ?d{1,2} ?y{1,4})|y{2,4} ?m{1,4} ?d{1,2})\b"
    r"(?: hh?(?: mm?(?: ss?)?)?)?"
)
_NUMBERED = re.compile(r"(?:narrative|description|details?|line|text|narr) ?[0-9]{1,2}")
# Headings that only a council's book has: such a file is no bank's
BOOK_WORDS = frozenset(
    {"fund", "fund code", "mop", "mop code", "method of payment", "vat code", "office code", "payout", "fee"}
    | {"account reference", "ledger id", "receipt number", "psp reference", "gl code", "cost centre"}
)


def plain_heading(text: str) -> str:
    """Return a heading in small letters, its marks made spaces: "Credit (GBP)" is "credit gbp"."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", text.casefold()).split())


def guess(headings: Sequence[str]) -> Layout | None:
    """Return the layout that a row of headings tells, None when it names no date or no amount."""
    plain = [_PATTERN.sub("", plain_heading(cell)).strip() for cell in headings]
    if BOOK_WORDS & set(plain):
        return None
    layout: Layout = {}
    taken: set[int] = set()
    for meaning, words in SYNONYMS.items():
        place = next((plain.index(word) for word in words if word in plain), None)
        if place is not None and place not in taken:
            layout[meaning] = headings[place].strip()
            taken.add(place)
    layout["narrative"] = [
        headings[place].strip()
        for place, word in enumerate(plain)
        if place not in taken and (word in NARRATIVES or _NUMBERED.fullmatch(word))
    ]
    if "debit" in layout and "credit" in layout:
        layout.pop("sign", None)
        if "amount" in layout:
            del layout["amount"]
    elif "amount" in layout:
        layout.pop("debit", None)
        layout.pop("credit", None)
    else:
        return None
    return layout if "date" in layout else None


def day_first_by(headings: Sequence[str]) -> bool | None:
    """Return the order that headings tell: "Date (DD/MM/YYYY)", a known bank's, or a sort code; else None.

    A sort code is a British bank's, and those write the day first.
    """
    plain = [plain_heading(cell) for cell in headings]
    for word in plain:
        found = _PATTERN.search(word)
        if found is not None and (found["day"] or found["month"]):
            return found["day"] is not None
    told = set(plain)
    return True if told & set(SYNONYMS["sort_code"]) or any(one <= told for one in _BRITISH) else None


def find_headings(rows: Rows) -> tuple[int, Layout] | None:
    """Return the place of the row of headings among the first rows, and what it tells."""
    for place, (_, cells) in enumerate(rows[:_SEARCHED]):
        if len(cells) >= 3 and (layout := guess(cells)) is not None:
            return place, layout
    return None


def known_bank(rows: Rows) -> tuple[int, Layout] | None:
    """Return the first row of lines and the layout of a bank known by its habits, with no headings."""
    if not rows:
        return None
    first = [cell.strip() for cell in rows[0][1]]
    if len(first) >= 4 and re.fullmatch(r"20[0-9]{6}", first[3]) and len(rows) > 2:
        later = [cell.strip() for cell in rows[2][1]]
        if len(later) >= 7 and later[5].upper() in {"CR", "DR"} and _MONEY.fullmatch(later[4]):
            return 2, _barclays(first[3])
    for place in (0, 1):
        if place < len(rows):
            cells = [cell.strip() for cell in rows[place][1]]
            layout = _by_cells(cells)
            if layout is not None:
                return place, layout
    return None


def _barclays(dated: str) -> Layout:
    """Barclays' daily statement: one day for all its lines, in the fourth field of its first line."""
    columns = {"sort_code": 1, "account": 2, "amount": 4, "sign": 5, "reference": 7, "narrative": [6, 8]}
    return {**columns, "dated": dated, "header_row": None, "bank": "Barclays"}


def _by_cells(cells: Sequence[str]) -> Layout | None:
    """Return the layout that the cells of one line are typical of."""
    if len(cells) >= 7 and _SLASHED.fullmatch(cells[0]) and _ACCOUNT.fullmatch(cells[1]) and not cells[2]:
        columns: Layout = {"date": 0, "account": 1, "type": 3, "amount": 4, "reference": 5, "narrative": [6]}
        return {**columns, "day_first": True, "header_row": None, "bank": "Lloyds"}
    if len(cells) >= 6 and _ACCOUNT.fullmatch(cells[0]) and _SLASHED.fullmatch(cells[1]):
        columns = {"account": 0, "date": 1, "currency": 2, "amount": 3, "narrative": [4], "type": 5}
        return {**columns, "day_first": True, "header_row": None, "bank": "HSBC"}
    if len(cells) >= 8 and re.fullmatch(r"[0-9]{4}/[0-9]{2}/[0-9]{2}", cells[0]):
        if re.fullmatch(r"[0-9]{14}", cells[2]):
            columns = {"date": 0, "account": 2, "amount": 7, "narrative": [6, 8]}
            return {**columns, "header_row": None, "bank": "Clydesdale"}
    if len(cells) >= 6 and re.fullmatch(r"[0-9]{6}", cells[0]) and _MONEY.fullmatch(cells[3]):
        columns = {"date": 0, "amount": 3, "narrative": [4], "type": 5, "reference": 7}
        return {**columns, "short_dates": True, "header_row": None, "bank": "NatWest"}
    return None
