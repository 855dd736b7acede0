"""The paper and the files: true where they may be, silent where they must be, the same every time."""

from __future__ import annotations

import csv
import io
import random
from dataclasses import replace
from datetime import UTC, datetime

import pypdfium2
import pytest

from app.context import Context
from app.errors import HoldallError
from app.inclusion import files, month, reading, register, report, sample, service
from app.report import render
from models.inclusion import AgeBand
from models.store import Store
from tests.app.inclusion.world import World, new_session


@pytest.fixture
def filled(context: Context) -> Context:
    """The sample council's half year."""
    sample.fill(context, random.Random("1/inclusion"))
    return context


def words_of(data: bytes) -> str:
    """The text of every page."""
    document = pypdfium2.PdfDocument(data)
    try:
        parts = []
        for page in document:
            text = page.get_textpage()
            parts.append(text.get_text_range())
            text.close()
            page.close()
        return " ".join(" ".join(parts).split())
    finally:
        document.close()


def test_the_sample_month_adds_up_to_what_is_known_beforehand(filled: Context) -> None:
    found = filled.read(lambda s: month.figures(s, "2026-11"))
    rows = [(p.name, p.sessions, p.people, p.first_time, p.visits, p.minutes // 60) for p in found.places]
    assert sorted(rows) == sorted(
        (p.name, p.sessions, p.people, p.new, p.visits, p.hours) for p in sample.PLACES
    )
    assert found.trend == tuple(
        zip(
            ("2026-06", "2026-07", "2026-08", "2026-09", "2026-10", "2026-11"),
            (*sample.EARLIER, 19),
            strict=True,
        )
    )


def test_the_same_sample_is_made_twice(filled: Context, tmp_path) -> None:
    other = Store.create(tmp_path / "other.db", bytes(32))
    again = replace(filled, store=other)
    sample.fill(again, random.Random("1/inclusion"))
    now = filled.now()
    assert filled.read(lambda s: reading.landing(s, now)) == again.read(lambda s: reading.landing(s, now))
    assert render(report.month_document(filled, {})) == render(report.month_document(again, {}))
    other.close()


@pytest.mark.parametrize(
    "now", [datetime(2027, 3, 1, 0, 10, tzinfo=UTC), datetime(2028, 2, 29, 9, tzinfo=UTC)]
)
def test_the_sample_works_on_any_day(context: Context, now: datetime) -> None:
    there = replace(context, clock=lambda: now)
    sample.fill(there, random.Random(3))
    page = there.read(lambda s: reading.landing(s, now))
    assert [line.people for line in page.today if line.state == "open"] == [12]


def test_the_month_paper_shows_totals_and_hides_small_numbers(filled: Context) -> None:
    text = words_of(render(report.month_document(filled, {})))
    for shown in (
        "Digital inclusion: November 2026",
        "Released by Tomos Aldgate on 3 December 2026",
        "Sessions grew from 12 in June to 19 in November",
        "August is low because Hadley Street Library was closed for two weeks.",
        "Hadley Street Library 6 31 8 14 78",
        "Averwick Town Hall, ground floor 3 14 [c] 19 31",
        "Canolfan Llŷn Isaf 2 8 [c] [c] 19",
        "All places 19 88 23 41 214",
        "DI-2026-11, version 1",
        "Of 88 named people",
    ):
        assert shown in text
    assert "Gwen" not in text


def test_a_draft_says_that_it_is_one(filled: Context) -> None:
    document = report.month_document(filled, {"month": "2026-12"})
    assert document.reference == "DI-2026-12, draft"
    assert "not released yet" in document.subtitle
    assert "still open" in document.subtitle


def test_a_month_without_sessions_and_a_month_that_is_none(context: Context) -> None:
    assert "No session was held" in words_of(render(report.month_document(context, {"month": "2026-02"})))
    with pytest.raises(HoldallError, match="no month"):
        report.month_document(context, {"month": "February"})


def test_a_released_paper_keeps_its_bytes_whatever_is_changed_later(filled: Context) -> None:
    before = render(report.month_document(filled, {}))
    line = next(
        line
        for line in filled.read(lambda s: reading.recent_sessions(s, filled.now(), limit=60))
        if line.starts_at.month == 11
    )
    filled.write("Reopen", lambda s: service.reopen_session(s, line.id, "One more"))
    filled.write("Add", lambda s: register.add_and_mark(s, line.id, "Late Person"))
    assert render(report.month_document(filled, {})) == before


def test_a_sign_in_sheet_names_nobody(filled: Context) -> None:
    text = words_of(render(report.sheet_document(filled, {})))
    assert "Hadley Street Library, Thursday 17 December 2026, 13:00 to 16:00" in text
    assert "Marjorie" not in text
    assert "12" in text


def test_a_sheet_needs_a_session(context: Context) -> None:
    with pytest.raises(HoldallError, match="no session"):
        report.sheet_document(context, {})


def test_the_spreadsheet_hides_what_the_paper_hides(filled: Context) -> None:
    figures = filled.read(lambda s: month.figures(s, "2026-11"))
    data = files.month_csv(figures, month.printed(figures))
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert rows[1] == ["Hadley Street Library", "6", "31", "8", "14", "78"]
    assert rows[4][:5] == ["St Cynog’s Church Hall", "2", "9", "[c]", "[c]"]
    assert rows[-1] == ["All places", "19", "88", "23", "41", "214"]


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+44", "-1", "@cmd"])
def test_a_place_named_like_a_formula_stays_words_in_a_spreadsheet(world: World, name: str) -> None:
    world.context.write("Name", lambda s: service.change_venue(s, world.venue, name=name))
    held = new_session(world.context, world.venue, datetime(2026, 11, 3, 10, tzinfo=UTC))
    world.context.write("Count", lambda s: register.press(s, held, AgeBand.FROM_16))
    figures = world.context.read(lambda s: month.figures(s, "2026-11"))
    rows = files.month_csv(figures, month.printed(figures)).decode("utf-8-sig").splitlines()
    assert rows[1].startswith(f"'{name}")
    assert rows[1].endswith(",[c],0")


def test_planned_sessions_go_into_a_calendar_with_lines_of_75_bytes(filled: Context) -> None:
    lines = filled.read(lambda s: reading.upcoming(s, filled.now()))
    data = files.calendar(lines, filled.now())
    assert data.count(b"BEGIN:VEVENT") == len(lines) == 4
    assert b"DTSTART;TZID=Europe/London:20261218T100000" in data
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    joined = data.decode().replace("\r\n ", "")
    assert "SUMMARY:Drop-in\\, Averwick Town Hall\\, ground floor" in joined
