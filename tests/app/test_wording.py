"""Figures and days as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from app import wording


@pytest.mark.parametrize(
    ("pence", "text"), [(0, "£0.00"), (5, "£0.05"), (-7720, "−£77.20"), (21418062, "£214,180.62")]
)
def test_money_has_two_places_and_a_true_minus(pence: int, text: str) -> None:
    assert wording.money(pence) == text
    assert wording.pounds(pence) == text.replace("£", "")


def test_days_are_short_in_columns_and_long_in_promises() -> None:
    day = date(2027, 1, 5)
    assert wording.day(day) == "5 Jan"
    assert wording.long_day(day) == "Tuesday 5 January 2027"


def test_times_are_london_times_in_summer_and_winter() -> None:
    assert wording.clock_time(datetime(2026, 7, 1, 8, 30, tzinfo=UTC)) == "09:30"
    assert wording.clock_time(datetime(2026, 12, 1, 8, 30, tzinfo=UTC)) == "08:30"
    assert wording.local_date(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)) == date(2026, 7, 1)


def test_moments_are_said_as_people_say_them() -> None:
    today = date(2026, 12, 17)
    assert wording.when(datetime(2026, 12, 17, 9, 38, tzinfo=UTC), today) == "today at 09:38"
    assert wording.when(datetime(2026, 12, 16, 16, 40, tzinfo=UTC), today) == "yesterday at 16:40"
    assert wording.when(datetime(2026, 12, 9, 16, 40, tzinfo=UTC), today) == "9 December"
    assert wording.when(datetime(2025, 12, 9, 16, 40, tzinfo=UTC), today) == "9 December 2025"


def test_counts_and_lists_read_as_sentences() -> None:
    assert wording.plural(1, "line") == "1 line"
    assert wording.plural(2, "match", "matches") == "2 matches"
    assert wording.listed(["a"]) == "a"
    assert wording.listed(["a", "b", "c"]) == "a, b and c"
    assert wording.size(1_900_000) == "1.9 MB"


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Repairs this week", "repairs-this-week.pdf"),
        ("Sbwriel a Gŵyl", "sbwriel-a-gŵyl.pdf"),
        ("../../etc/passwd", "etc-passwd.pdf"),
        ("C:\\Users\\x\0y", "c-users-x-y.pdf"),
        ("con", "con-.pdf"),
        ("LPT1", "lpt1-.pdf"),
        ("report.\u202efdp.exe. ", "report-fdp-exe.pdf"),
        ("...", "paper.pdf"),
        ("", "paper.pdf"),
        ("a" * 300, "a" * 116 + ".pdf"),
    ],
)
def test_words_become_a_file_name_that_every_system_takes(words: str, name: str) -> None:
    assert wording.file_name(words, ".pdf") == name


@pytest.mark.parametrize("text", ["=1+1", "+44", "-1", "@x", "\tx", "\rx", "\0x"])
def test_a_cell_never_begins_a_formula(text: str) -> None:
    assert wording.cell(text) == f"'{text}"
    assert wording.cell(f"a{text}") == f"a{text}"
