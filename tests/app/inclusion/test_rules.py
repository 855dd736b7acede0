"""The rules of a session, each with its edge cases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import HoldallError
from app.inclusion import rules
from models.inclusion import AgeBand, folded_name

START = datetime(2026, 12, 17, 13, tzinfo=UTC)
END = START + timedelta(hours=3)
DAY = date(2026, 12, 17)


@pytest.mark.parametrize(
    ("age", "band"),
    [
        (0, AgeBand.UNDER_16),
        (15, AgeBand.UNDER_16),
        (16, AgeBand.FROM_16),
        (25, AgeBand.FROM_16),
        (26, AgeBand.FROM_26),
        (34, AgeBand.FROM_26),
        (35, AgeBand.FROM_35),
        (54, AgeBand.FROM_45),
        (55, AgeBand.FROM_55),
        (59, AgeBand.FROM_55),
        (60, AgeBand.FROM_60),
        (64, AgeBand.FROM_60),
        (65, AgeBand.FROM_65),
        (75, AgeBand.FROM_75),
        (104, AgeBand.FROM_75),
    ],
)
def test_bands_are_cut_where_the_fund_cuts_them(age: int, band: AgeBand) -> None:
    assert rules.band_of(DAY.year - age, DAY) is band


def test_no_year_of_birth_is_a_band_of_its_own() -> None:
    assert rules.band_of(None, DAY) is AgeBand.NOT_SAID


def test_the_pad_is_laid_out_like_the_keypad() -> None:
    assert rules.KEY_BANDS["1"] is AgeBand.UNDER_16
    assert rules.KEY_BANDS["9"] is AgeBand.FROM_75
    assert rules.KEY_BANDS["0"] is AgeBand.NOT_SAID
    assert sorted(rules.KEY_BANDS) == list("0123456789")


@pytest.mark.parametrize(("typed", "year"), [("1948", 1948), (" 78 ", 1948), ("", None), ("2026", 2026)])
def test_a_year_of_birth_or_an_age_is_read(typed: str, year: int | None) -> None:
    assert rules.read_year_of_birth(typed, DAY) == year


@pytest.mark.parametrize("typed", ["1848", "2027", "0", "121", "abc", "19 48", "-5", "١٩٤٨", "\ud800"])
def test_what_is_no_year_of_birth_gets_a_sentence(typed: str) -> None:
    with pytest.raises(HoldallError, match="no year of birth"):
        rules.read_year_of_birth(typed, DAY)


@pytest.mark.parametrize(
    ("typed", "read"),
    [("av32qt", "AV3 2QT"), (" AV3  2QT ", "AV3 2QT"), ("AV3 OQT", "AV3 0QT"), ("av3", "AV3"), ("", "")],
)
def test_a_postcode_is_brought_into_its_normal_form(typed: str, read: str) -> None:
    assert rules.read_postcode(typed) == read


@pytest.mark.parametrize("typed", ["AV3 QT", "3AV 2QT", "AV3 2CT", "hello", "AV3 2QTX", "AV"])
def test_what_is_no_postcode_gets_a_sentence(typed: str) -> None:
    with pytest.raises(HoldallError, match="no postcode"):
        rules.read_postcode(typed)


@pytest.mark.parametrize(
    ("typed", "hour", "minute"),
    [("13:05", 13, 5), ("1305", 13, 5), ("1.05 pm", 13, 5), ("9", 9, 0), ("12am", 0, 0), ("12 pm", 12, 0)],
)
def test_a_time_of_day_is_read(typed: str, hour: int, minute: int) -> None:
    assert rules.read_clock(typed, DAY) == datetime(2026, 12, 17, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize("typed", ["", "25:00", "13:61", "13 pm", "noon", "13:5", "\x00"])
def test_what_is_no_time_of_day_gets_a_sentence(typed: str) -> None:
    with pytest.raises(HoldallError, match="no time of day"):
        rules.read_clock(typed, DAY)


def marking(
    number: int, came: int, left: int | None = None, person: str = "p", words: str = ""
) -> rules.Marking:
    return rules.Marking(
        f"a-{number}",
        person,
        START + timedelta(minutes=came),
        None if left is None else START + timedelta(minutes=left),
        words,
    )


def test_one_person_marked_on_two_laptops_is_one_visit() -> None:
    [visit] = rules.folded_visits([marking(2, 20, 70), marking(1, 15, 60, words="Email")])
    assert visit.ids == ("a-1", "a-2")
    assert visit.came_at == START + timedelta(minutes=15)
    assert visit.left_at == START + timedelta(minutes=70)
    assert visit.working_on == "Email"


def test_somebody_without_a_leaving_time_on_one_laptop_has_not_left() -> None:
    [visit] = rules.folded_visits([marking(1, 15, 60), marking(2, 20)])
    assert visit.left_at is None


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(0, 180), st.none() | st.integers(0, 180)), max_size=8
    ),
    st.randoms(),
)
@settings(max_examples=50, deadline=None)
def test_the_order_in_which_laptops_send_makes_no_difference(rows: list, source) -> None:
    markings = [marking(n, came, left, who) for n, (who, came, left) in enumerate(rows)]
    shuffled = markings[:]
    source.shuffle(shuffled)
    assert rules.folded_visits(markings) == rules.folded_visits(shuffled)
    assert len(rules.folded_visits(markings)) == len({m.person_id for m in markings})


@pytest.mark.parametrize(
    ("came", "left", "minutes"),
    [
        (10, 70, 60),
        (10, None, 180),  # no leaving time: the session's length
        (-30, 60, 60),  # here before it began: counted from its beginning
        (10, 400, 170),  # left after its end: counted to its end
        (-30, 400, 180),
        (100, 100, 0),
    ],
)
def test_time_spent_is_coming_to_leaving_within_the_session(
    came: int, left: int | None, minutes: int
) -> None:
    [visit] = rules.folded_visits([marking(1, came, left)])
    assert rules.minutes_spent(visit, START, END) == minutes


def test_the_night_the_clocks_go_back_gains_no_hour() -> None:
    start = rules.read_clock("23:00", date(2026, 10, 24))
    end = rules.read_clock("3:00", date(2026, 10, 25))
    visit = rules.Visit("p", (), start, None, "")
    assert rules.minutes_spent(visit, start, end) == 5 * 60


def test_hours_and_lengths_are_said_as_people_say_them() -> None:
    assert [rules.whole_hours(m) for m in (0, 29, 30, 89, 90)] == [0, 0, 1, 1, 2]
    assert [rules.duration_words(m) for m in (98, 45, 180, 0)] == ["1 h 38 min", "45 min", "3 h", "0 min"]


def test_a_session_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(HoldallError, match="ends before it begins"):
        rules.check_times(END, START)
    with pytest.raises(HoldallError, match="14 hours"):
        rules.check_times(START, START + timedelta(hours=15))


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Gwilym Wŷnne", " gwilym wynne "),
        ("Siân Ŵyr-Barton", " sian wyr barton "),
        ("O’Neill, Åsa", " oneill asa "),
        ("Łukasz Øst", " lukasz ost "),
        ("  ", " "),
    ],
)
def test_names_are_searched_without_marks_and_case(name: str, folded: str) -> None:
    assert folded_name(name) == folded


@pytest.mark.parametrize(
    ("typed", "found"),
    [("gw", True), ("WŶ", True), ("wynne gwi", True), ("gw gw", False), ("ynne", False), ("ŵyn", True)],
)
def test_every_typed_word_begins_a_word_of_the_name(typed: str, found: bool) -> None:
    assert rules.matches(rules.typed_words(typed), folded_name("Gwilym Wŷnne")) is found


def known(name: str, visits: int = 0, weeks: float | None = None, here: bool = False) -> rules.Known:
    last = None if weeks is None else START - timedelta(weeks=weeks)
    return rules.Known(name, name, folded_name(name), "7KQ4-7", visits, last, here)


def test_those_who_come_here_stand_first_and_those_here_already_last() -> None:
    people = [
        known("Gwyn Stranger"),
        known("Gwen Ashdown", 6, 1),
        known("Gwilym Wynne", 2, 5),
        known("Gwenda Here", 9, 1, here=True),
    ]
    order = [one.name for one in rules.ranked(people, START, ["gw"])]
    assert order == ["Gwen Ashdown", "Gwilym Wynne", "Gwyn Stranger", "Gwenda Here"]


def test_a_first_name_is_meant_before_a_last_name_when_neither_comes_here() -> None:
    order = [one.name for one in rules.ranked([known("Ann Gwyther"), known("Gwyn Young")], START, ["gw"])]
    assert order == ["Gwyn Young", "Ann Gwyther"]


@pytest.mark.parametrize(
    ("one", "year", "other", "other_year", "reason"),
    [
        ("Siân Wyn", 1970, "Sian Wyn", 1970, "the same name and year of birth"),
        ("Siân Wyn", None, "Sian Wyn", 1970, "the same name"),
        ("Siân Wyn", 1971, "Sian Wyn", 1970, None),
        ("S Wyn", None, "Siân Wyn", 1970, "the same last name, and one first name begins like the other"),
        ("Sara Wyn", 1970, "Siân Wyn", 1970, "the same last name, first letter and year of birth"),
        ("Sara Wyn", None, "Siân Wyn", 1970, None),
        ("Wyn", None, "Siân Wyn", None, None),
        ("", None, "Siân Wyn", None, None),
    ],
)
def test_a_likeness_is_a_reason_to_ask(
    one: str, year: int | None, other: str, other_year: int | None, reason: str | None
) -> None:
    assert rules.alike(one, year, other, other_year) == reason


def test_months_are_counted_over_the_turn_of_the_year_and_in_london_time() -> None:
    assert rules.month_before("2026-01") == "2025-12"
    assert rules.month_before("2026-11", -2) == "2027-01"
    assert rules.month_span("2026-07") == (
        datetime(2026, 6, 30, 23, tzinfo=UTC),
        datetime(2026, 7, 31, 23, tzinfo=UTC),
    )
    with pytest.raises(HoldallError, match="no month"):
        rules.month_start("2026-13")


@pytest.mark.parametrize(
    ("typed", "name"),
    [("siân ŵyr-barton", "Siân Ŵyr-Barton"), ("Ann de Vries", "Ann de Vries"), ("  gwyn ", "Gwyn"), ("", "")],
)
def test_a_name_typed_in_small_letters_gets_its_capitals(typed: str, name: str) -> None:
    assert rules.capitalised(typed) == name
