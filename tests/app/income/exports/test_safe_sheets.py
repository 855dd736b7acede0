"""Tables that no spreadsheet runs and that are read back as they were."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.income.formats.cells import csv_rows, pence_of, unguarded
from app.sheet_reading import Figure, rows_of
from app.sheets import Pounds, csv_bytes, guarded, xlsx_bytes

DANGERS = ["=1+1", "+44", "-2", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", "'=1", "''=1", "'+"]
WORDS = st.text(st.characters(exclude_categories=["C"]), max_size=12).map(str.strip)


@pytest.mark.parametrize("text", DANGERS)
def test_a_text_that_would_begin_a_formula_gets_one_apostrophe_and_loses_it_again(text: str) -> None:
    assert guarded(text) == f"'{text}"
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("text", ["", "Smith", "'t Hooft", "7-8", "a=b", "1.5"])
def test_any_other_text_stays_as_it_is(text: str) -> None:
    assert guarded(text) == text == unguarded(text)


@given(st.text(max_size=8))
@example("'=")
@example("'''@")
@settings(max_examples=200)
def test_reading_takes_off_exactly_what_writing_put_on(text: str) -> None:
    if not (text.startswith('="') and text.endswith('"')):
        assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.lists(st.tuples(WORDS, st.integers(-(10**12), 10**12), WORDS), min_size=1, max_size=6))
@settings(max_examples=25, deadline=None)
def test_csv_and_xlsx_hold_the_same_texts_and_money(rows: list[tuple[str, int, str]]) -> None:
    table = [[first, Pounds(pence), second, "."] for first, pence, second in rows]
    headings = ["A", "B", "=C", "end"]
    text = csv_bytes(table, headings).decode("utf-8-sig")
    told = [[unguarded(cell) for cell in cells] for _, cells in csv_rows(text, ",")]
    sheet = [[unguarded(cell) for cell in row] for row in rows_of("a.xlsx", xlsx_bytes(table, headings))]
    assert told[0] == sheet[0] == headings
    for (first, pence, second), line, cells in zip(rows, told[1:], sheet[1:], strict=True):
        assert (line[0], line[2]) == (cells[0], cells[2]) == (first, second)
        assert pence_of(line[1]) == pence_of(cells[1]) == pence
        assert isinstance(cells[1], Figure)


def test_money_and_numbers_stay_numbers_and_texts_are_never_formulas() -> None:
    row = ["=1+1", -5, Pounds(-1230), date(2026, 12, 1), None]
    data = xlsx_bytes([[*row, "a\x07b"]], ["H"], [["Title"]], "a/b")
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        body = packed.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in body
    assert "<v>-5</v>" in body
    assert "<v>-12.3</v>" in body
    told = ["'=1+1", "-5", "-12.30", "2026-12-01", ""]
    assert rows_of("a.xlsx", data)[2] == [*told, "a\N{REPLACEMENT CHARACTER}b"]
    assert csv_bytes([row], ["H"]).decode("utf-8-sig").splitlines()[1] == ",".join(told)
