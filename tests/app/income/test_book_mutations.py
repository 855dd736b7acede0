"""Proved files that are changed by one penny, row, sign or day, or cut off: whether that is noticed."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import pytest

from app.errors import HoldallError
from app.income.files import LedgerFile, SettlementFile, read_any
from app.income.payouts import prove_payout
from tests.app.income.samples_book import SAMPLES, pounds

AMOUNT = re.compile(rb"-?\d+\.\d\d(?!\d)")
DAY = re.compile(rb"(\d\d)/(\d\d)/(\d{4})|(\d{4})-(\d\d)-(\d\d)")
TIMES = 40


def noticed(data: bytes) -> bool:
    try:
        read = read_any("changed.csv", data)
    except HoldallError:
        return True
    if isinstance(read, LedgerFile):
        return not all(control.holds for control in read.controls) or bool(read.problems)
    assert isinstance(read, SettlementFile)
    return not all(prove_payout(payout).ok for payout in read.settlements)


def rows_with_money(lines: list[bytes]) -> list[int]:
    return [place for place, line in enumerate(lines) if AMOUNT.search(line) and b"Total" not in line]


def changed_amount(data: bytes, source: random.Random, change: Callable[[bytes], bytes]) -> bytes:
    lines = data.split(b"\r\n")
    place = source.choice(rows_with_money(lines))
    spots = [spot for spot in AMOUNT.finditer(lines[place]) if spot[0] != b"0.00"]
    spot = source.choice(spots)
    lines[place] = lines[place][: spot.start()] + change(spot[0]) + lines[place][spot.end() :]
    return b"\r\n".join(lines)


def penny(data: bytes, source: random.Random) -> bytes:
    step = source.choice((-1, 1))
    return changed_amount(
        data, source, lambda cell: pounds(int(cell.replace(b".", b"")) + step).encode().rjust(len(cell))
    )


def sign(data: bytes, source: random.Random) -> bytes:
    return changed_amount(data, source, lambda cell: cell[1:] if cell[:1] == b"-" else b"-" + cell)


def dropped(data: bytes, source: random.Random) -> bytes:
    lines = data.split(b"\r\n")
    del lines[source.choice(rows_with_money(lines))]
    return b"\r\n".join(lines)


def doubled(data: bytes, source: random.Random) -> bytes:
    lines = data.split(b"\r\n")
    place = source.choice(rows_with_money(lines))
    return b"\r\n".join([*lines[:place], lines[place], *lines[place:]])


def cut(data: bytes, source: random.Random) -> bytes:
    return data[: -source.randrange(3, len(data) // 3)]


def turned(data: bytes, source: random.Random) -> bytes:
    lines = data.split(b"\r\n")
    places = [place for place in rows_with_money(lines) if DAY.search(lines[place])]
    place = source.choice(places)
    spot = DAY.search(lines[place])
    assert spot is not None
    day = b"/".join((spot[2], spot[1], spot[3])) if spot[1] else b"-".join((spot[4], spot[6], spot[5]))
    lines[place] = lines[place][: spot.start()] + day + lines[place][spot.end() :]
    return b"\r\n".join(lines)


@pytest.mark.parametrize("name", SAMPLES)
def test_at_least_99_of_100_changes_to_a_proved_file_are_noticed(name: str) -> None:
    total, missed = 0, []
    for change in (penny, sign, dropped, doubled, cut, turned):
        source = random.Random(f"{name} {change.__name__}")
        for _ in range(TIMES):
            whole = SAMPLES[name](random.Random(source.random()))
            assert not noticed(whole)
            other = change(whole, source)
            if other == whole:
                continue
            total += 1
            if not noticed(other):
                missed.append(change.__name__)
    assert total > 200
    assert len(missed) <= total // 100, missed
