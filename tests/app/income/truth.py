"""Seeded bank lines and ledger rows of which it is known what belongs together.

Of the postings 90 in 100 are clean, 5 have one slip in the bank's reference, 3 are with others in one
credit or in a card payout net of fees; 1 in 100 has no partner and 1 was posted twice. References are of
the council's real shapes with right check digits; amounts recur, because rents and instalments do; people
pay every week or month. Four styles of words, so that no matcher learns one.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from app.income.matching import Payout
from app.income.validators import SAMPLE, with_check_digit

LEDGER_HEAD = ("id", "date", "amount", "reference", "fund", "mop", "narrative")
BANK_HEAD = ("Date", "Type", "Description", "Amount", "Balance")
OPENING = 214_180_62
STYLES = 4
_BATCHES = 0.36  # in a hundred lines; a batch holds about eight postings, so 3 in 100 postings are in one
_FIRST = ("A", "B", "C", "D", "E", "G", "H", "J", "K", "L", "M", "N", "P", "R", "S", "T", "W")
_START = ("Mar", "Har", "Wil", "Bar", "Ash", "Cot", "Den", "Elm", "Fen", "Gor", "Hol", "Kem", "Lan", "Nor")
_START += ("Old", "Pen", "Row", "Sel", "Thor", "Und", "Ver", "Wex", "Yar", "Bel", "Cran", "Dun", "Far", "Hed")
_END = (
    "low",
    "ris",
    "ton",
    "field",
    "by",
    "worth",
    "ley",
    "man",
    "den",
    "combe",
    "wick",
    "ford",
    "gate",
    "er",
)
_END += ("stone", "bury", "croft", "well", "shaw", "thorpe")
_UNRELATED = (
    ("BANK CHARGES", -38_20),
    ("INTEREST PAID", 12_34),
    ("UNPAID CHEQUE 100233", -96_00),
    ("TRANSFER FROM DEPOSIT ACCOUNT", 25_000_00),
    ("HMRC VTR", 4_310_77),
)


@dataclass(frozen=True)
class Account:
    """Somebody who pays: reference, fund, name, what they pay each time, and every how many days."""

    reference: str
    fund: str
    first: str
    last: str
    pence: int
    every: int


@dataclass
class Truth:
    """Two files and what belongs together in them: by number of the bank line, the ids of its postings."""

    bank_csv: bytes
    ledger_csv: bytes
    reports: tuple[Payout, ...]
    pairs: dict[int, frozenset[str]]
    kinds: dict[int, str]  # clean, typo, slip, allpay, payout, twice, alone, unrelated
    fees: dict[int, int] = field(default_factory=dict)  # pence of a payout's fees that are in no ledger row
    twins: dict[str, str] = field(default_factory=dict)  # a second posting: the first

    @property
    def line_count(self) -> int:
        """How many lines the bank file has."""
        return len(self.kinds)


@dataclass
class _Line:
    day: date
    pence: int
    words: str
    kind: str
    ids: list[str]
    fees: int = 0


class _Maker:
    def __init__(self, seed: int, count: int, style: int) -> None:
        self.source = random.Random(seed)
        self.style = style
        self.count = count
        self.start = date(2026, 1, 5)
        self.days = max(20, count // 1_200)  # working days that the files cover
        self.lines: list[_Line] = []
        self.rows: list[tuple[date, list[str]]] = []
        self.reports: list[Payout] = []
        self.twins: dict[str, str] = {}
        self.next_id = 0
        self.accounts = self._accounts(max(40, count // 3))

    def _accounts(self, count: int) -> list[Account]:
        source, seen, made = self.source, set(), []
        rents = [source.randrange(70_00, 140_00) for _ in range(60)]
        bands = [source.randrange(90_00, 320_00) for _ in range(40)]
        while len(made) < count:
            kind = source.choices(range(7), (45, 25, 8, 6, 4, 4, 8))[0]
            if kind == 0:
                reference, fund, pence, every = (
                    self._checked("council-tax", "77"),
                    "23",
                    source.choice(bands),
                    30,
                )
            elif kind == 1:
                reference, fund = self._checked("housing-rents", "6"), "5"
                pence, every = source.choice(rents), source.choice((7, 7, 14, 30))
            elif kind == 2:
                reference, fund = self._checked("council-tax", "56"), "24"
                pence, every = source.randrange(200_00, 4_000_00), 30
            elif kind == 3:
                reference, fund, pence, every = (
                    self._checked("parking", "BJ"),
                    "11",
                    source.choice((35_00, 70_00)),
                    999,
                )
            elif kind == 4:
                reference, fund, pence, every = self._checked("fixed-penalty", "FP"), "2R", 80_00, 999
            elif kind == 5:
                reference, fund = self._checked("library", "2"), "5M"
                pence, every = source.randrange(1_00, 20_00, 25), 999
            else:
                reference, fund = f"9{source.randrange(10**8, 10**9):09d}", "19"
                pence, every = source.randrange(10_00, 2_400_00), 999
            if reference in seen:
                continue
            seen.add(reference)
            last = source.choice(_START) + source.choice(_END)
            made.append(Account(reference, fund, source.choice(_FIRST), last, pence, every))
        return made

    def _checked(self, name: str, start: str) -> str:
        check = SAMPLE[name]
        while True:
            body = start + "".join(self.source.choices("0123456789", k=len(check.mask) - len(start)))
            made = with_check_digit(check, body)
            if made is not None:
                return made

    def working_day(self, place: int) -> date:
        return self.start + timedelta(days=place // 5 * 7 + place % 5)

    def row(self, day: date, pence: int, reference: str, fund: str, mop: str, words: str) -> str:
        self.next_id += 1
        name = f"L{self.next_id:07d}"
        amount = f"{'-' if pence < 0 else ''}{abs(pence) // 100}.{abs(pence) % 100:02d}"
        self.rows.append((day, [name, f"{day:%d/%m/%Y}", amount, reference, fund, mop, words]))
        return name

    def posting(self, account: Account, day: date, pence: int, mop: str = "28", words: str = "") -> str:
        told = words or f"{_FUNDS[account.fund]} {account.first} {account.last}"
        if self.style == 2 and not words:  # this ledger keeps the reference in its words
            return self.row(day, pence, "", account.fund, mop, f"{told} {spaced(account.reference)}")
        return self.row(day, pence, account.reference, account.fund, mop, told)

    def words(self, account: Account, reference: str, day: date) -> str:
        first, last, source = account.first, account.last.upper(), self.source
        if self.style == 0:
            kind = source.choice(("FPI", "BACS", "BGC"))
            return source.choice(
                (f"{kind} {reference} {first} {last} {_SHORT[account.fund]}", f"{kind} {reference}")
            )
        if self.style == 1:
            return f"{last} {first}/{reference}/RECEIPT GN{source.randrange(10**7, 10**8)}"
        if self.style == 2:
            written = spaced(reference) if source.random() < 0.5 else reference
            return f"Faster payment from {account.first} {account.last} ref {written}"
        moment = f"{source.randrange(24):02d}:{source.randrange(60):02d} {day:%d%b}".upper()
        return f"CR {moment} MR {first} {last} *{reference}*"

    def lagged(self, day: int, lags: Sequence[int], weights: Sequence[int]) -> date:
        return self.working_day(max(0, day - self.source.choices(lags, weights)[0]))


_FUNDS = {
    "23": "Council tax",
    "5": "Housing rent",
    "24": "Business rates",
    "11": "Parking fine",
    "2R": "Fixed penalty",
    "5M": "Library",
    "19": "Invoice",
}
_SHORT = {"23": "CTAX", "5": "RENT", "24": "NNDR", "11": "PCN", "2R": "FPN", "5M": "LIB", "19": "INV"}


def spaced(reference: str) -> str:
    """Return a reference as people write it, in two groups."""
    return f"{reference[:2]} {reference[2:]}" if reference.isdigit() else reference


def slip(source: random.Random, reference: str) -> str:
    """Return a reference with one digit wrong or two neighbouring digits swapped; never itself."""
    while True:
        place = source.randrange(2 if reference[0].isalpha() else 1, len(reference) - 1)
        if not reference[place].isdigit() or not reference[place + 1].isdigit():
            continue
        if source.random() < 0.5:
            made = f"{reference[:place]}{reference[place + 1]}{reference[place]}{reference[place + 2 :]}"
        else:
            made = f"{reference[:place]}{source.randrange(10)}{reference[place + 1 :]}"
        if made != reference:
            return made


def make(seed: int, lines: int, style: int = 0) -> Truth:
    """Return two files of about `lines` lines and rows; the same for the same seed and style (0 to 3)."""
    maker = _Maker(seed, lines, style)
    source = maker.source
    batches = [_slip, _allpay, _payout]
    paying = list(maker.accounts)
    source.shuffle(paying)
    due = {account.reference: source.randrange(min(account.every, 30)) for account in paying}
    turn = 0
    while len(maker.lines) < lines:
        account = paying[turn % len(paying)]
        day = due[account.reference]
        turn += 1
        span = maker.days * 7 // 5
        if day >= span:
            day = source.randrange(span)  # somebody who pays out of turn, another amount
            account = Account(
                account.reference,
                account.fund,
                account.first,
                account.last,
                source.randrange(5_00, 900_00),
                account.every,
            )
        else:
            due[account.reference] = day + account.every
        _one(maker, account, day * 5 // 7, batches)
    return _truth(maker)


def _one(maker: _Maker, account: Account, day: int, batches: Sequence[object]) -> None:
    """Add one line, of a kind drawn by lot, with its postings."""
    source = maker.source
    lot = source.random() * 100
    booked = maker.working_day(day)
    if lot < _BATCHES:
        made = batches[source.choices(range(3), (5, 3, 2))[0]]
        made(maker, day)  # type: ignore[operator]
        return
    posted = maker.lagged(day, (0, 1, 2, -1), (70, 20, 5, 5))
    mop = source.choice(("28", "28", "28", "2", "14"))
    if lot < 3.5:
        maker.lines.append(
            _Line(booked, account.pence, maker.words(account, account.reference, booked), "alone", [])
        )
        return
    if lot < 4.0:
        maker.posting(account, posted, account.pence, mop)  # its line is not in this file
        return
    if lot < 4.3:
        words, pence = source.choice(_UNRELATED)
        maker.lines.append(_Line(booked, pence + source.randrange(900), words, "unrelated", []))
        return
    name = maker.posting(account, posted, account.pence, mop)
    reference, kind = account.reference, "clean"
    if lot < 5.3:
        kind = "twice"
        again = maker.posting(account, posted + timedelta(days=source.choice((0, 0, 1))), account.pence, mop)
        maker.twins[again] = name
    elif lot < 10.3:
        kind, reference = "typo", slip(source, reference)
    maker.lines.append(_Line(booked, account.pence, maker.words(account, reference, booked), kind, [name]))


def _slip(maker: _Maker, day: int) -> None:
    """Cheques on one paying-in slip."""
    source, number = maker.source, f"{maker.source.randrange(10**5, 10**6):06d}"
    posted = maker.lagged(day, (1, 2, 3, 5), (50, 30, 15, 5))
    total, ids = 0, []
    for account in source.sample(maker.accounts, source.randrange(2, 9)):
        total += account.pence
        if maker.style == 1:
            ids.append(maker.row(posted, account.pence, number, account.fund, "2", f"Cheque {account.last}"))
        else:
            told = f"Cheque {account.last}, slip {number}"
            ids.append(maker.posting(account, posted, account.pence, "2", told))
    words = f"COUNTER CREDIT {number}" if maker.style != 2 else f"Paying-in slip {number}"
    maker.lines.append(_Line(maker.working_day(day), total, words, "slip", ids))


def _allpay(maker: _Maker, day: int) -> None:
    """What shops took for the council, in one file and one credit."""
    source = maker.source
    posted = maker.lagged(day, (2, 3, 4, 5), (40, 30, 20, 10))
    number = f"{source.randrange(10**6, 10**7)}"
    total, ids = 0, []
    for account in source.sample(maker.accounts, source.randrange(4, 25)):
        total += account.pence
        told = f"allpay {number}" if maker.style != 3 else f"allpay file {number} row {len(ids) + 1}"
        ids.append(maker.posting(account, posted, account.pence, source.choice(("15", "18", "19")), told))
    maker.lines.append(_Line(maker.working_day(day), total, f"ALLPAY LTD {number}", "allpay", ids))


def _payout(maker: _Maker, day: int) -> None:
    """Card payments paid out net of fees, which are in the ledger, in a report, or in neither."""
    source = maker.source
    posted = maker.lagged(day, (1, 2, 3), (40, 40, 20))
    number = f"PO-{source.randrange(10**5, 10**6)}"
    gross, fees, ids = 0, 0, []
    for account in source.sample(maker.accounts, source.randrange(2, 15)):
        gross += account.pence
        fees += account.pence * 14 // 1000 + 20
        ids.append(maker.posting(account, posted, account.pence, "90", f"Card payment {number}"))
    where = source.randrange(3)
    missing = 0
    if where == 0:
        ids.append(maker.row(posted, -fees, number, "13", "PF", "Card fees"))
    else:
        missing = fees
    if where == 1:
        paid = maker.working_day(day)
        maker.reports.append(Payout(number, "Stripe", number, paid, gross, fees, 0, 0, 0, gross - fees))
    words = {0: "STRIPE PAYOUT", 1: "STRIPE/PAYOUT", 2: "Stripe payments UK", 3: "CR STRIPE"}[maker.style]
    kind = "payout" if where != 2 else "payout short"
    maker.lines.append(_Line(maker.working_day(day), gross - fees, f"{words} {number}", kind, ids, missing))


def _truth(maker: _Maker) -> Truth:
    source = maker.source
    source.shuffle(maker.lines)
    maker.lines.sort(key=lambda line: line.day)
    source.shuffle(maker.rows)
    maker.rows.sort(key=lambda row: row[0])
    bank, book = io.StringIO(newline=""), io.StringIO(newline="")
    out = csv.writer(bank)
    out.writerow(BANK_HEAD)
    balance = OPENING
    for line in maker.lines:
        balance += line.pence
        out.writerow(
            [
                f"{line.day:%d/%m/%Y}",
                "CR" if line.pence > 0 else "DR",
                line.words,
                pounds(line.pence),
                pounds(balance),
            ]
        )
    out = csv.writer(book)
    out.writerow(LEDGER_HEAD)
    out.writerows(cells for _, cells in maker.rows)
    numbered = list(enumerate(maker.lines, 1))
    return Truth(
        bank.getvalue().encode(),
        book.getvalue().encode(),
        tuple(maker.reports),
        {number: frozenset(line.ids) for number, line in numbered if line.ids},
        {number: line.kind for number, line in numbered},
        {number: line.fees for number, line in numbered if line.fees},
        dict(maker.twins),
    )


def pounds(pence: int) -> str:
    """Return pence as a bank's CSV writes pounds."""
    return f"{'-' if pence < 0 else ''}{abs(pence) // 100}.{abs(pence) % 100:02d}"
