"""Proved files with one thing wrong in each: how many of them are noticed, by format and by kind of fault.

A fault is noticed when the file is refused, is not proved any more, or has a row that is named. Only formats
that carry balances or totals are here; a GoCardless export, say, has none across its rows.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from app.errors import HoldallError
from app.income.commands.read import shapes
from app.income.files import read_any
from tests.app.income import samples, samples_book

_MONEY = r"[0-9]+\.[0-9]{2}"


@dataclass(frozen=True)
class Shape:
    """How to find, in the text of a format, what can go wrong; patterns are read line by line.

    `block` is a whole transaction; in it `amount` is its money and `day` its date with groups d and m, which
    `anywhere` looks for outside blocks instead. `turn` flips its sign. `tail` is where a cut begins.
    """

    make: Callable[[random.Random], bytes]
    block: str
    amount: str
    day: str
    turn: Callable[[str], str]
    tail: str
    account: str = ""
    number: str = ""  # the digits of the account in the text
    anywhere: bool = False
    further: dict[str, str] = field(default_factory=dict)


def _swap_words(first: str, second: str) -> Callable[[str], str]:
    pattern = re.compile(f"{re.escape(first)}|{re.escape(second)}")
    return lambda block: pattern.sub(lambda m: second if m[0] == first else first, block, count=1)


def _swap_cells(first: int, second: int) -> Callable[[str], str]:
    """Return what exchanges two cells of a row in columns; no quoted comma stands before them."""

    def turn(block: str) -> str:
        cells = block.split(",")
        cells[first], cells[second] = cells[second], cells[first]
        return ",".join(cells)

    return turn


def _minus(*places: int) -> Callable[[str], str]:
    """Return what turns round the minus of some cells of a row."""

    def turn(block: str) -> str:
        cells = block.split(",")
        for place in places:
            cells[place] = (
                cells[place].removeprefix("-") if cells[place].startswith("-") else f"-{cells[place]}"
            )
        return ",".join(cells)

    return turn


_ISO_DAY = r"20[0-9]{2}-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})"
SHAPES: dict[str, Shape] = {
    "MT940": Shape(
        samples.mt940, r"^:61:.*\n:86:.*\n", r"(?<=[CD])[0-9]+,[0-9]{2}",
        r"(?<=:61:[0-9]{2})(?P<m>[0-9]{2})(?P<d>[0-9]{2})", _swap_words("C", "D"), r"^:62F:",
        "601111-12345678", r"(?<=:25:)601111/12345678",
    ),
    "CAMT.053": Shape(
        samples.camt, r"^<Ntry>.*\n", rf"(?<=>){_MONEY}(?=<)", rf"(?<=<BookgDt><Dt>){_ISO_DAY}",
        _swap_words("CRDT", "DBIT"), r"^<Ntry>(?!(?:.*\n){12})", samples.IBAN, r"(?<=<IBAN>)[A-Z0-9]+(?=<)",
    ),
    "BAI2": Shape(
        samples.bai2, r"^16,.*\n88,.*\n", r"(?<=^16,[36]99,)[0-9]+",
        r"(?<=^02,9876543,NWBKGB2L,1,[0-9]{2})(?P<m>[0-9]{2})(?P<d>[0-9]{2})",
        _swap_words("16,399", "16,699"), r"^(?:49|98|99),.*\n(?:(?:98|99),.*\n)*\Z", "601111-12345678",
        r"(?<=^03,)12345678 601111", anywhere=True,
    ),
    "bank CSV": Shape(
        samples.bank_csv, r"^[0-9/]{10},300000.*,(?:DD|BGC),.*\n", _MONEY,
        r"(?<=^)(?P<d>[0-9]{2})/(?P<m>[0-9]{2})(?=/)", _minus(4), r"^.*Closing Ledger Balance",
        "300000-12345678", r"300000-12345678",
    ),
    "bank CSV without ends": Shape(
        samples.running_csv, r"^[0-9]{2} [A-Z].*\n", _MONEY, r"(?!)", _swap_cells(6, 7), r"(?!)",
        "601111-12345678", r"60-11-11,12345678",
    ),
    "allpay": Shape(
        samples_book.allpay, r"^AVW.*\n", r"[0-9]+\.[0-9]{2}(?=[PTZNB][0-9]{2}/)",
        r"(?<=[PTZNB])(?P<d>[0-9]{2})/(?P<m>[0-9]{2})(?=/)",
        lambda block: re.sub(r" (?=[0-9]+\.[0-9]{2}[PTZNB])", "-", block), r"^Total Transactions",
    ),
    "Adyen": Shape(
        samples_book.adyen, r"^Averwick.*,(?:Settled|Refunded),.*\n", rf"(?<=GBP,){_MONEY}|{_MONEY}(?=,0)",
        rf"(?<=,){_ISO_DAY}", _swap_cells(14, 15), r"^.*MerchantPayout.*\n\Z",
    ),
    "Stripe": Shape(
        samples_book.stripe, r"^txn_.*,(?:charge|refund|dispute|fee),.*\n", _MONEY, rf"(?<=,){_ISO_DAY}(?= )",
        _minus(5), r"^.*,payout,.*\n\Z",
    ),
}  # fmt: skip

Fault = Callable[[Shape, str, random.Random], str | None]


def _blocks(shape: Shape, text: str) -> list[re.Match[str]]:
    return list(re.finditer(shape.block, text, re.MULTILINE))


def _penny(shape: Shape, text: str, source: random.Random) -> str | None:
    block = source.choice(_blocks(shape, text))
    found = source.choice(list(re.finditer(shape.amount, block[0], re.MULTILINE)))
    digits = found[0].replace(".", "").replace(",", "")
    other = str(int(digits) + source.choice((-1, 1))).rjust(len(digits), "0")
    if len(digits) != len(found[0]):
        other = f"{other[:-2]}{found[0][-3]}{other[-2:]}"
    at = block.start() + found.start()
    return text[:at] + other + text[at + len(found[0]) :]


def _dropped(shape: Shape, text: str, source: random.Random) -> str | None:
    block = source.choice(_blocks(shape, text))
    return text[: block.start()] + text[block.end() :]


def _doubled(shape: Shape, text: str, source: random.Random) -> str | None:
    block = source.choice(_blocks(shape, text))
    return text[: block.end()] + block[0] + text[block.end() :]


def _flipped(shape: Shape, text: str, source: random.Random) -> str | None:
    block = source.choice(_blocks(shape, text))
    return text[: block.start()] + shape.turn(block[0]) + text[block.end() :]


def _swapped(shape: Shape, text: str, source: random.Random) -> str | None:
    """Exchange day and month of one date; dates that are the same either way are not touched."""
    start, inside = 0, text
    if not shape.anywhere:
        block = source.choice(_blocks(shape, text))
        start, inside = block.start(), block[0]
    found = [m for m in re.finditer(shape.day, inside, re.MULTILINE) if m["d"] != m["m"]]
    if not found:
        return None
    match = source.choice(found)
    (a, b), (c, d) = sorted((match.span("d"), match.span("m")))
    turned = inside[:a] + inside[c:d] + inside[b:c] + inside[a:b] + inside[d:]
    return text[:start] + turned + text[start + len(inside) :]


def _cut(shape: Shape, text: str, source: random.Random) -> str | None:
    found = re.search(shape.tail, text, re.MULTILINE)
    return text[: found.start()] if found is not None else None


def _wrong_account(shape: Shape, text: str, source: random.Random) -> str | None:
    found = list(re.finditer(shape.number, text, re.MULTILINE)) if shape.number else []
    if not found:
        return None
    match = source.choice(found)
    at = source.choice([i for i in range(match.start(), match.end()) if text[i].isdigit()])
    return text[:at] + str((int(text[at]) + source.randrange(1, 10)) % 10) + text[at + 1 :]


FAULTS: dict[str, Fault] = {
    "a penny": _penny,
    "dropped line": _dropped,
    "doubled line": _doubled,
    "swapped day and month": _swapped,
    "cut trailer": _cut,
    "flipped sign": _flipped,
    "wrong account": _wrong_account,
}


def noticed(name: str, data: bytes, account: str) -> bool:
    """Say whether a file is refused, not proved, or has a row named."""
    try:
        statements, rows = shapes(read_any(name, data), account or None)
    except HoldallError:
        return True
    return bool(rows) or not statements or not all(one["proof"]["ok"] for one in statements)


def mutants(name: str, times: int, source: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield (kind of fault, bytes) of files with one fault each, every kind in turn, from new samples."""
    shape = SHAPES[name]
    kinds = list(FAULTS)
    made = turn = 0
    while made < times:
        text = shape.make(source).decode().replace("\r\n", "\n")
        kind = kinds[turn % len(kinds)]
        turn += 1
        changed = FAULTS[kind](shape, text, source)
        if changed is None or changed == text:
            continue  # the format has no such thing, or this sample has it the same either way
        made += 1
        yield kind, changed.encode()


def run(times: int = 200, seed: int = 4) -> dict[str, float | str]:
    """Return the share noticed, in per cent, for each format, each kind of fault, and all together."""
    all_of: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for name, shape in SHAPES.items():
        source = random.Random(f"{seed} {name}")
        whole = shape.make(source)
        if noticed(name, whole, shape.account):
            raise AssertionError(f"the sample of {name} is not proved before anything is changed")
        for kind, data in mutants(name, times, source):
            told = noticed(name, data, shape.account)
            for key in (f"{name}", f"of every format: {kind}", f"{name}: {kind}", "noticed, all together"):
                all_of[key] += 1
                seen[key] += told
    figures: dict[str, float | str] = {}
    for key, count in all_of.items():
        share = 100 * seen[key] / count
        if ": " not in key or key.startswith("of every") or share < 100:
            figures[f"{key} (%, of {count:,})"] = share
    return figures
