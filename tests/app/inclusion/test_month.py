"""A month in figures: each person once, visits beside them, nothing that gives somebody away."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.errors import HoldallError
from app.inclusion import month, register, rules, service
from app.inclusion.suppression import gives_away, suppress
from models.inclusion import AgeBand, SessionKind
from tests.app.inclusion.world import World, new_session, person

NOVEMBER = datetime(2026, 11, 10, 13, tzinfo=UTC)
BANDS = len(rules.BANDS)


def november(world: World) -> month.Month:
    return world.context.read(lambda s: month.figures(s, "2026-11"))


def close(world: World, session: str) -> None:
    world.context.write("Close", lambda s: service.close_session(s, session, nobody_came=True))


def test_a_person_who_went_to_two_places_counts_once_where_they_went_first(world: World) -> None:
    hall = world.context.write("Place", lambda s: service.add_venue(s, "St Cynog’s Church Hall")).id
    library = new_session(world.context, world.venue, NOVEMBER)
    later = new_session(world.context, hall, NOVEMBER + timedelta(days=3), hours=2)
    world.mark("Gwen Ashdown", later, NOVEMBER + timedelta(days=3))
    world.mark("Gwen Ashdown", library, NOVEMBER)
    world.mark("Gwilym Wŷnne", later, NOVEMBER + timedelta(days=3))
    found = november(world)
    assert [(p.name, p.people, p.first_time, p.minutes) for p in found.places] == [
        ("Hadley Street Library", 1, 1, 180),
        ("St Cynog’s Church Hall", 1, 1, 240),
    ]
    assert found.ages_people[8] == 1  # born 1950: 76 in 2026
    assert sum(found.ages_people) == 2


def test_somebody_who_came_in_october_is_not_new_in_november(world: World) -> None:
    october = new_session(world.context, world.venue, NOVEMBER - timedelta(days=20))
    world.mark("Gwen Ashdown", october, NOVEMBER - timedelta(days=20))
    world.mark("Gwen Ashdown", new_session(world.context, world.venue, NOVEMBER), NOVEMBER)
    [place] = november(world).places
    assert (place.people, place.first_time) == (1, 0)
    assert november(world).trend[-2:] == (("2026-10", 1), ("2026-11", 1))


def test_visits_without_a_name_are_never_added_to_people(world: World) -> None:
    held = new_session(world.context, world.venue, NOVEMBER)
    for _ in range(6):
        world.context.write("Count", lambda s: register.press(s, held, AgeBand.FROM_65))
    [place] = november(world).places
    assert (place.people, place.visits, place.minutes) == (0, 6, 0)
    assert november(world).ages_visits[7] == 6


def test_joined_records_are_one_person_in_the_month(world: World) -> None:
    held = new_session(world.context, world.venue, NOVEMBER)
    other = person(world.context, "Gwen Ashdown")
    world.mark("Gwen Ashdown", held, NOVEMBER)
    world.context.write("Mark", lambda s: register.mark_present(s, held, other, NOVEMBER))
    assert november(world).places[0].people == 2
    world.context.write("Join", lambda s: register.join_people(s, world.people["Gwen Ashdown"], other))
    assert november(world).places[0].people == 1
    assert november(world).places[0].minutes == 180


def test_planned_and_cancelled_sessions_are_not_held(world: World) -> None:
    world.context.write(
        "Plan",
        lambda s: service.plan_session(
            s, world.venue, SessionKind.COURSE, NOVEMBER, NOVEMBER + timedelta(hours=1)
        ),
    )
    gone = new_session(world.context, world.venue, NOVEMBER)
    world.context.write("Cancel", lambda s: service.cancel_session(s, gone, "Snow"))
    assert november(world).sessions == 0


# What is printed

SMALL = st.sampled_from([0, 1, 1, 2, 3, 4, 4, 5, 6, 7])
PLACES = st.lists(
    st.tuples(SMALL, SMALL, st.integers(0, 30)).map(
        lambda t: month.Place("", 1, t[0], min(t[0], t[1]), t[2], t[0] * 60)
    ),
    min_size=1,
    max_size=3,
)


def months(places: list[month.Place], cut: int) -> month.Month:
    """A month whose ages spread its people and visits over two bands."""
    people, visits = sum(p.people for p in places), sum(p.visits for p in places)
    ages = [[0] * BANDS, [0] * BANDS]
    for band, total in zip(ages, (people, visits), strict=True):
        band[0] = min(cut, total)
        band[5] = total - band[0]
    named = tuple(replace(p, name=f"Place {n}") for n, p in enumerate(places))
    return month.Month("2026-11", named, tuple(ages[0]), tuple(ages[1]), (), (), 0)


@given(PLACES, st.integers(0, 8))
@example([month.Place("", 1, people, newcomers, 0, 0) for people, newcomers in ((1, 0), (1, 1), (4, 4))], 0)
@settings(max_examples=120, deadline=None)
def test_no_count_of_people_or_newcomers_can_be_worked_out_from_the_paper(
    places: list[month.Place], cut: int
) -> None:
    """A reader who knows the rules of the paper tries every table: newcomers are among the people of their
    row, hidden counts are not 0, columns add up to their totals, both people columns to the same one."""
    made = month.printed(months(places, cut))
    people, newcomers = made.people, made.first_time
    if people.total is None:
        assert newcomers.total is None
        assert made.ages_people.total is None
        assert all(cell in (0, None) for cell in (*people.cells, *newcomers.cells, *made.hours.cells))
        return
    assert people.total == made.ages_people.total
    options = [_row_options(p, n, people.total) for p, n in zip(people.cells, newcomers.cells, strict=True)]
    possible: list[set[tuple[int, int]]] = [set() for _ in options]
    for table in _tables(options, people.total, newcomers.total):
        for row, pair in zip(possible, table, strict=True):
            row.add(pair)
    for place, cell, newcomer, pairs in zip(places, people.cells, newcomers.cells, possible, strict=True):
        assert (place.people, place.first_time) in pairs
        assert cell is not None or len({pair[0] for pair in pairs}) >= 2
        assert newcomer is not None or len({pair[1] for pair in pairs}) >= 2


def _row_options(people: int | None, newcomers: int | None, most: int) -> list[tuple[int, int]]:
    some = range(1, most + 1) if people is None else [people]
    return [(p, n) for p in some for n in (range(1, p + 1) if newcomers is None else [newcomers]) if n <= p]


def _tables(
    options: list[list[tuple[int, int]]], people: int, newcomers: int | None
) -> Iterator[tuple[tuple[int, int], ...]]:
    """Every table that adds up to the totals."""
    ends: dict[int, list[tuple[int, int]]] = {}
    for pair in options[-1]:
        ends.setdefault(pair[0], []).append(pair)
    for table in itertools.product(*options[:-1]):
        rest = people - sum(pair[0] for pair in table)
        need = None if newcomers is None else newcomers - sum(pair[1] for pair in table)
        for last in ends.get(rest, ()):
            if need is None or last[1] == need:
                yield (*table, last)


@pytest.mark.parametrize(
    ("people", "newcomers", "together"),
    [
        ([1, 1, 4], [0, 1, 4], True),  # the second and third have five newcomers, so the first has one person
        ([3, 12, 20], [3, 1, 5], False),
        ([31, 19, 14], [8, 4, 1], False),
    ],
)
def test_two_columns_read_together_are_noticed_when_they_settle_a_count(
    people: list[int], newcomers: list[int], together: bool
) -> None:
    whole = suppress(people)
    assert gives_away(whole, suppress(newcomers, also=whole.hidden)) is together


def test_linked_columns_hide_together() -> None:
    place = month.Place("Library", 1, 5, 5, 5, 300)
    five_ones = (1, 0, 1, 0, 1, 0, 1, 0, 1, 0)
    figures = month.Month("2026-11", (place,), five_ones, (5, *[0] * 9), (), (), 0)
    made = month.printed(figures)
    assert (made.people.cells, made.people.total) == ((None,), None)
    assert (made.hours.cells, made.hours.total) == ((None,), None)
    assert (made.visits.cells, made.visits.total) == ((5,), 5)
    assert made.hides


def test_a_month_of_big_numbers_hides_nothing() -> None:
    made = month.printed(
        months([month.Place("", 6, 31, 8, 14, 4680), month.Place("", 4, 19, 5, 0, 2820)], 20)
    )
    assert not made.hides
    assert made.hours.cells == (78, 47)


# Releases


def held_month(world: World, people: int = 6) -> list[str]:
    held = new_session(world.context, world.venue, NOVEMBER)
    ids = [person(world.context, f"Person Number{n}", 1950 + n) for n in range(people)]
    for one in ids:
        world.context.write("Mark", lambda s, o=one: register.mark_present(s, held, o, NOVEMBER))
    close(world, held)
    return [held, *ids]


def test_a_released_month_stays_what_it_was(world: World) -> None:
    held, *_ = held_month(world)
    world.context.write("Release", lambda s: month.release(s, "2026-11", "A wet month."))
    world.context.write("Reopen", lambda s: service.reopen_session(s, held, "Forgot somebody"))
    world.mark("Gwen Ashdown", held, NOVEMBER)
    released = world.context.read(lambda s: month.latest_release(s, "2026-11"))
    assert released is not None
    assert (released.number, released.released_by, released.comment) == (1, "Tomos Aldgate", "A wet month.")
    assert released.month.places[0].people == 6
    assert november(world).places[0].people == 7


def test_a_second_version_that_differs_by_one_person_is_blocked(world: World) -> None:
    held, *_ = held_month(world)
    world.context.write("Release", lambda s: month.release(s, "2026-11"))
    world.context.write("Reopen", lambda s: service.reopen_session(s, held, "Forgot somebody"))
    world.mark("Gwen Ashdown", held, NOVEMBER)
    close(world, held)
    with pytest.raises(HoldallError, match="fewer than 5"):
        world.context.write("Release", lambda s: month.release(s, "2026-11"))


def test_a_second_version_without_a_difference_in_people_gets_the_next_number(world: World) -> None:
    held_month(world)
    world.context.write("Release", lambda s: month.release(s, "2026-11"))
    world.context.write("Release", lambda s: month.release(s, "2026-11", "Library closed for two weeks."))
    released = world.context.read(lambda s: month.latest_release(s, "2026-11"))
    assert released is not None
    assert released.number == 2


def test_an_unfinished_month_is_not_released(world: World) -> None:
    with pytest.raises(HoldallError, match="not over"):
        world.context.write("Release", lambda s: month.release(s, "2026-12"))
    with pytest.raises(HoldallError, match="No session"):
        world.context.write("Release", lambda s: month.release(s, "2026-11"))
    new_session(world.context, world.venue, NOVEMBER)
    with pytest.raises(HoldallError, match="still open"):
        world.context.write("Release", lambda s: month.release(s, "2026-11"))
