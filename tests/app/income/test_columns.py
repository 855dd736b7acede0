"""Columns of lines, receipts and what files hold give what the things themselves would."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from app.income.formats.bank_csv import read
from app.income.matching import Lines, OpenLine, OpenReceipt, Receipts, match
from app.income.proof import oldest_first, prove
from app.income.read_columns import Reads, column_of
from app.income.reading import LineRead
from app.income.reconciling import reconcile
from tests.app.income.truth import STYLES, make

DAY = date(2026, 1, 5)


def _line(number: int, pence: int = 100) -> OpenLine:
    return OpenLine(f"b{number}", number, DAY, pence, f"FPI 77041226{number}", ("", "LA-118"))


def _receipt(number: int, pence: int = 100) -> OpenReceipt:
    return OpenReceipt(f"r{number}", DAY, pence, f"77041226{number}", "Council tax", "23", "28", number)


@pytest.mark.parametrize("style", range(STYLES))
def test_columns_are_matched_as_what_they_hold_would_be(style: int) -> None:
    truth = make(3, 400, style)
    found = reconcile([("bank.csv", truth.bank_csv)], ("ledger.csv", truth.ledger_csv))
    lines = [replace(line) for line in found.lines]
    receipts = [replace(receipt) for receipt in found.receipts]
    one_by_one = match(reversed(lines), reversed(receipts))
    assert one_by_one.proposals == found.outcome.proposals
    assert one_by_one.unplaced == found.outcome.unplaced
    assert one_by_one.log == found.outcome.log
    assert [line.key_list for line in lines] == [line.key_list for line in found.lines]
    assert [one.key_list for one in receipts] == [one.key_list for one in found.receipts]


def test_what_columns_hold_is_made_once_and_knows_its_keys() -> None:
    lines = Lines(
        [["b1", "b2"], range(1, 3), [DAY] * 2, [100, 200], ["FPI 770412261", ""], [()] * 2, [()] * 2]
    )
    assert len(lines) == 2
    assert lines[0] is lines[0] is next(iter(lines))
    assert lines[-1] == lines[1:][0] == OpenLine("b2", 2, DAY, 200, "")
    lines.keep_keys([("770412261",), ("KEPT",)])
    assert lines[0].found_keys == ("770412261",)
    assert lines.at([1, 0])[1] is lines[0]
    with pytest.raises(IndexError):
        lines[2]


def test_things_that_are_given_stay_themselves() -> None:
    given = [_receipt(1), _receipt(2, 200)]
    receipts = Receipts.of(given)
    assert Receipts.of(receipts) is receipts
    assert all(one is other for one, other in zip(receipts, given, strict=True))
    assert (receipts.ids, receipts.pence, receipts.narratives[0]) == (("r1", "r2"), (100, 200), "Council tax")
    assert not Lines.of([])
    assert match([], []).proposals == match([_line(1)], []).proposals == ()
    (made,) = match([_line(1)], iter(given[:1])).proposals
    assert (made.line_id, made.receipt_ids, given[0].found_keys) == ("b1", ("r1",), ("770412261",))


def test_reads_grow_by_one_and_by_columns_and_keep_their_order() -> None:
    one = LineRead(2, DAY, None, 100, "C", "", "", "", "first", 100)
    others = [one._replace(file_line=line, words=f"row {line}", balance=line * 100) for line in (3, 4, 5)]
    reads = Reads(LineRead)
    assert not reads
    reads.append(one)
    reads.extend(zip(*others[:2], strict=True))
    reads.append(others[2])
    whole = (one, *others)
    assert (len(reads), reads, hash(reads)) == (4, whole, hash(whole))
    assert reads != whole[:3]
    assert reads != "none"
    assert (reads[0], reads[-1], reads[1:3], reads[::-1]) == (one, others[2], (*others[:2],), whole[::-1])
    assert column_of(reads, "words") == column_of(whole, "words") == [line.words for line in whole]


def test_a_statement_in_columns_is_proved_as_its_lines_are() -> None:
    truth = make(3, 200)
    (statement,) = read("bank.csv", truth.bank_csv.decode().replace("\r\n", "\n"))
    lines = tuple(statement.lines)
    assert isinstance(statement.lines, Reads)
    for some in (lines, lines[::-1], (*lines[:50], lines[50]._replace(balance=1), *lines[51:])):
        columns = Reads(LineRead)
        columns.extend(zip(*some, strict=True))
        assert oldest_first(columns) == oldest_first(some)
        assert prove(replace(statement, lines=columns)) == prove(replace(statement, lines=some))
