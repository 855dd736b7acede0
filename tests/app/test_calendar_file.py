"""Appointments as a calendar file, read back by a library that knows the standard."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from app.calendar_file import Event, Status, write
from app.wording import LONDON

MADE = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
START = datetime(2026, 12, 21, 8, 0, tzinfo=LONDON)


def event(**values: object) -> Event:
    fields = {"uid": "v-1@averwick", "starts_at": START, "ends_at": START + timedelta(hours=4)}
    return Event(**{**fields, "summary": "Damp survey", **values})  # type: ignore[arg-type]


def test_an_appointment_is_read_back_with_its_zone_state_and_number() -> None:
    data = write([event(status=Status.TENTATIVE, sequence=3, location="14 Tannery Row")], "Repairs", MADE)
    read = Calendar.from_ical(data)
    assert read["METHOD"] == "PUBLISH"
    (one,) = read.walk("VEVENT")
    assert one["UID"] == "v-1@averwick"
    assert one.decoded("DTSTART") == START
    assert one["DTSTART"].params["TZID"] == "Europe/London"
    assert one["STATUS"] == "TENTATIVE"
    assert one["SEQUENCE"] == 3
    assert one.decoded("DTSTAMP") == MADE


def test_the_zone_in_the_file_knows_summer_and_winter() -> None:
    summer = datetime(2026, 7, 1, 9, 0, tzinfo=LONDON)
    data = write([event(starts_at=summer, ends_at=summer + timedelta(hours=1))], "Repairs", MADE)
    zone = Calendar.from_ical(data).walk("VTIMEZONE")[0].to_tz()
    assert datetime(2026, 7, 1, 9, 0, tzinfo=zone).utcoffset() == timedelta(hours=1)
    assert datetime(2026, 12, 21, 9, 0, tzinfo=zone).utcoffset() == timedelta(0)
    assert datetime(2026, 10, 25, 9, 0, tzinfo=zone).utcoffset() == timedelta(0)
    assert datetime(2027, 3, 28, 9, 0, tzinfo=zone).utcoffset() == timedelta(hours=1)


@given(st.text(min_size=1, max_size=200))
def test_whatever_stands_in_a_summary_comes_back_in_short_lines(text: str) -> None:
    data = write([event(summary=text, description=f"{text}\n{text}")], "Repairs", MADE)
    assert data.endswith(b"END:VCALENDAR\r\n")
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    data.decode("utf-8")
    (one,) = Calendar.from_ical(data).walk("VEVENT")
    kept = " ".join("".join(c for c in line if c.isprintable() or c == " ") for line in text.splitlines())
    assert "".join(str(one["SUMMARY"]).split()) == "".join(kept.split())
    assert one["UID"] == "v-1@averwick"
