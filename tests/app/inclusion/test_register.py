"""The register: who is meant, marked once, taken out, brought together from two laptops."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.context import Context
from app.errors import HoldallError
from app.inclusion import codes, people, reading, register, service
from models.changes import pending_count
from models.errors import BadText
from models.inclusion import AgeBand, Answer, Attendance, Person, Press, SessionKind, SessionState
from tests.app.inclusion.world import World, new_session, other_laptop, person


def offered(world: World, typed: str) -> list[str]:
    found = world.context.read(lambda s: people.candidates(s, world.session, typed, world.context.now()))
    return [one.name for one in found]


def shown(world: World) -> reading.Register:
    return world.context.read(lambda s: reading.register(s, world.session))


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("gw", ["Gwen Ashdown", "Gwilym Wŷnne"]),
        ("GWI", ["Gwilym Wŷnne"]),
        ("wyn", ["Gwilym Wŷnne"]),
        ("ŵyr si", ["Siân Ŵyr-Barton"]),
        ("barton", ["Siân Ŵyr-Barton"]),
        ("g", []),
        ("%_", []),
        ("", []),
        ("gw\x00", ["Gwen Ashdown", "Gwilym Wŷnne"]),
        ("\ud800\ud800", []),
    ],
)
def test_two_letters_find_people_with_or_without_accents(world: World, typed: str, names: list[str]) -> None:
    assert offered(world, typed) == names


def test_those_who_come_to_this_place_are_offered_first(world: World) -> None:
    now = world.context.now()
    for weeks in (1, 2):
        earlier = new_session(world.context, world.venue, now - timedelta(weeks=weeks))
        world.mark("Gwilym Wŷnne", earlier, now - timedelta(weeks=weeks))
    assert offered(world, "gw") == ["Gwilym Wŷnne", "Gwen Ashdown"]
    [first, _] = world.context.read(lambda s: people.candidates(s, world.session, "gw", now))
    assert (first.visits_here, first.last_here) == (2, now - timedelta(weeks=1))


def test_a_code_finds_its_person_from_its_first_signs(world: World) -> None:
    gwen = world.context.read(lambda s: service.get(s, Person, world.people["Gwen Ashdown"]))
    assert codes.parse(gwen.code) == gwen.code
    for typed in (gwen.code, gwen.code.replace("-", "").lower()):
        assert offered(world, typed) == ["Gwen Ashdown"]
    assert offered(world, "7K") == [] or gwen.code.startswith("7K")


def test_marking_twice_changes_nothing(world: World) -> None:
    world.mark("Gwen Ashdown")
    before = world.context.read(pending_count)
    world.mark("Gwen Ashdown")
    assert world.context.read(pending_count) == before
    assert [one.name for one in shown(world).here] == ["Gwen Ashdown"]


def test_somebody_already_here_is_offered_last_and_known_to_be_here(world: World) -> None:
    world.mark("Gwen Ashdown")
    assert offered(world, "gw") == ["Gwilym Wŷnne", "Gwen Ashdown"]
    found = world.context.read(lambda s: people.candidates(s, world.session, "gw", world.context.now()))
    assert [one.here_now for one in found] == [False, True]


def test_the_latest_arrival_stands_first_and_newcomers_are_known(world: World) -> None:
    now = world.context.now()
    earlier = new_session(world.context, world.venue, now - timedelta(days=7))
    world.mark("Gwen Ashdown", earlier, now - timedelta(days=7))
    world.mark("Gwen Ashdown", at=now - timedelta(minutes=20))
    world.mark("Gwilym Wŷnne", at=now - timedelta(minutes=10))
    found = shown(world)
    assert [(one.name, one.first_time) for one in found.here] == [
        ("Gwilym Wŷnne", True),
        ("Gwen Ashdown", False),
    ]
    assert found.first_times == 1


def test_taking_somebody_out_and_undo_both_leave_an_empty_register(world: World) -> None:
    world.mark("Gwen Ashdown")
    world.context.write("Out", lambda s: register.unmark(s, world.session, world.people["Gwen Ashdown"]))
    assert shown(world).here == ()
    world.mark("Gwilym Wŷnne")
    world.context.undo()
    assert shown(world).here == ()


def test_leaving_is_written_down_and_coming_back_takes_it_away(world: World) -> None:
    now = world.context.now()
    gwen = world.people["Gwen Ashdown"]
    world.mark("Gwen Ashdown", at=now - timedelta(minutes=50))
    world.context.write("Leave", lambda s: register.leave(s, world.session, gwen))
    assert shown(world).here[0].left_at == now
    assert shown(world).minutes == 50
    world.mark("Gwen Ashdown")
    assert shown(world).here[0].left_at is None


@pytest.mark.parametrize(("minutes", "words"), [(-60, "before they came"), (10, "not come yet")])
def test_a_leaving_time_that_cannot_be_is_refused(world: World, minutes: int, words: str) -> None:
    now = world.context.now()
    world.mark("Gwen Ashdown", at=now - timedelta(minutes=30))
    gwen, left = world.people["Gwen Ashdown"], now + timedelta(minutes=minutes)
    with pytest.raises(HoldallError, match=words):
        world.context.write("Leave", lambda s: register.leave(s, world.session, gwen, left))


def test_what_somebody_works_on_is_kept_in_a_few_words(world: World) -> None:
    world.mark("Gwen Ashdown")
    gwen = world.people["Gwen Ashdown"]
    world.context.write("Note", lambda s: register.work_on(s, world.session, gwen, "  NHS  App "))
    assert shown(world).here[0].working_on == "NHS App"
    with pytest.raises(BadText):
        world.context.write("Note", lambda s: register.work_on(s, world.session, gwen, "x" * 1_000_000))
    assert shown(world).here[0].working_on == "NHS App"


def test_a_new_person_is_added_and_marked_in_one_act(world: World) -> None:
    done = world.context.write(
        "Add", lambda s: register.add_and_mark(s, world.session, " Rhiannon  Peel ", 1990, "av3")
    )
    [here] = shown(world).here
    assert (here.person_id, here.name, here.first_time) == (done.id, "Rhiannon Peel", True)
    kept = world.context.read(lambda s: service.get(s, Person, done.id))
    assert (kept.postcode, kept.postcode_answer, kept.year_answer) == ("AV3", Answer.GIVEN, Answer.GIVEN)
    world.context.undo()
    assert shown(world).here == ()
    assert offered(world, "rhi") == []


def test_the_kinds_of_non_answer_are_kept_apart(world: World) -> None:
    done = world.context.write(
        "Add",
        lambda s: register.add_person(s, "A B", year_answer=Answer.PREFER_NOT_TO_SAY),
    )
    kept = world.context.read(lambda s: service.get(s, Person, done.id))
    assert (kept.year_answer, kept.postcode_answer) == (Answer.PREFER_NOT_TO_SAY, Answer.NOT_ASKED)


def test_somebody_alike_is_noticed_before_a_second_record_is_made(world: World) -> None:
    found = world.context.read(lambda s: people.alike_to(s, "Gwilym Wynne", 1961))
    assert [(one.name, one.reason) for one in found] == [("Gwilym Wŷnne", "the same name and year of birth")]
    assert world.context.read(lambda s: people.alike_to(s, "Gwilym Wynne", 1999)) == []
    assert world.context.read(lambda s: people.alike_to(s, "", None)) == []


def pairs(context: Context) -> list[tuple[str, str]]:
    found = context.read(people.look_alikes)
    return [(pair.keep.person_id, pair.other.person_id) for pair in found]


def test_two_records_of_one_person_are_joined_and_counted_once(world: World) -> None:
    other = person(world.context, "Gwen Ashdown")
    gwen = world.people["Gwen Ashdown"]
    world.mark("Gwen Ashdown")
    world.context.write("Mark", lambda s: register.mark_present(s, world.session, other))
    assert len(shown(world).here) == 2
    assert pairs(world.context) == [(gwen, other)]
    world.context.write("Join", lambda s: register.join_people(s, gwen, other))
    assert [one.name for one in shown(world).here] == ["Gwen Ashdown"]
    assert pairs(world.context) == []
    assert offered(world, "gwen") == ["Gwen Ashdown"]
    world.context.write("Out", lambda s: register.unmark(s, world.session, other))
    assert shown(world).here == ()
    with pytest.raises(HoldallError, match="joined already"):
        world.context.write("Join", lambda s: register.join_people(s, gwen, other))


def test_joining_keeps_the_answers_that_only_one_record_has_and_can_be_undone(world: World) -> None:
    sian = world.people["Siân Ŵyr-Barton"]
    other = world.context.write(
        "Add", lambda s: register.add_person(s, "Sian Wyr Barton", 1988, "AV2 1AA")
    ).id
    world.context.write("Join", lambda s: register.join_people(s, sian, other))
    kept = world.context.read(lambda s: service.get(s, Person, sian))
    assert (kept.year_of_birth, kept.postcode) == (1988, "AV2 1AA")
    world.context.undo()
    kept = world.context.read(lambda s: service.get(s, Person, sian))
    assert (kept.year_of_birth, kept.postcode) == (None, "")


def test_two_people_of_one_name_are_asked_about_once(world: World) -> None:
    other = person(world.context, "Gwen Ashdown")
    gwen = world.people["Gwen Ashdown"]
    assert pairs(world.context) == [(gwen, other)]
    world.context.write("Apart", lambda s: register.keep_apart(s, other, gwen))
    assert pairs(world.context) == []


def test_two_years_of_birth_make_two_people(world: World) -> None:
    person(world.context, "Gwen Ashdown", 1999)
    assert pairs(world.context) == []


def test_presses_are_counted_by_band_and_the_last_of_this_laptop_is_taken_back(world: World) -> None:
    for band in (AgeBand.FROM_16, AgeBand.FROM_75, AgeBand.FROM_16):
        world.context.write("Count", lambda s, b=band: register.press(s, world.session, b))
    second = other_laptop(world.context)
    second.write("Count", lambda s: register.press(s, world.session, AgeBand.NOT_SAID))
    assert shown(world).counted == 4
    taken = world.context.write("Back", lambda s: register.take_back(s, world.session))
    assert taken.band is AgeBand.FROM_16
    found = shown(world)
    assert (found.tally[AgeBand.FROM_16], found.tally[AgeBand.NOT_SAID], found.counted) == (1, 1, 3)
    second.write("Back", lambda s: register.take_back(s, world.session))
    with pytest.raises(HoldallError, match="no press of this laptop"):
        second.write("Back", lambda s: register.take_back(s, world.session))


def test_people_and_counted_visits_stay_two_numbers(world: World) -> None:
    world.mark("Gwen Ashdown")
    world.context.write("Count", lambda s: register.press(s, world.session, AgeBand.FROM_16))
    found = shown(world)
    assert (found.session.people, found.session.counted) == (1, 1)
    assert (len(found.here), found.counted) == (1, 1)


def test_the_same_person_marked_on_two_laptops_is_here_once(world: World) -> None:
    """What a sync brings is a second row: here it is written as the other laptop wrote it."""
    world.mark("Gwen Ashdown")
    gwen, held = world.people["Gwen Ashdown"], world.session
    came = world.context.now() - timedelta(minutes=9)

    def arrive(session: object) -> None:
        session.add(  # type: ignore[attr-defined]  # a session
            Attendance(session_id=held, venue_id=world.venue, person_id=gwen, came_at=came)
        )

    other_laptop(world.context).write("Arrive", arrive)
    [here] = shown(world).here
    assert here.came_at == came
    assert shown(world).session.people == 1
    world.context.write("Leave", lambda s: register.leave(s, held, gwen))
    assert shown(world).here[0].left_at is not None


def test_an_attendance_cannot_be_turned_into_somebody_elses(world: World) -> None:
    world.mark("Gwen Ashdown")

    def turn(session: object) -> None:
        row = session.query(Attendance).one()  # type: ignore[attr-defined]  # a session
        row.person_id = world.people["Gwilym Wŷnne"]

    with pytest.raises(HoldallError, match="written once"):
        world.context.write("Turn", turn)


def test_the_first_arrival_opens_a_planned_session_of_today(world: World) -> None:
    now = world.context.now()
    plan = [
        world.context.write(
            "Plan",
            lambda s, day=day: service.plan_session(
                s,
                world.venue,
                SessionKind.COURSE,
                now + timedelta(days=day),
                now + timedelta(days=day, hours=1),
            ),
        ).id
        for day in (0, 1)
    ]
    world.mark("Gwen Ashdown", plan[0])
    opened = world.context.read(lambda s: reading.register(s, plan[0])).session.state
    assert opened is SessionState.OPEN
    with pytest.raises(HoldallError, match="later day"):
        world.mark("Gwen Ashdown", plan[1])


def test_a_press_is_one_row_and_taking_it_back_is_its_tombstone(world: World) -> None:
    for _ in range(3):
        world.context.write("Count", lambda s: register.press(s, world.session, AgeBand.FROM_35))
    world.context.write("Back", lambda s: register.take_back(s, world.session))
    rows = world.context.read(lambda s: [(r.band, r.deleted) for r in s.query(Press).order_by(Press.id)])
    assert sorted(deleted for _, deleted in rows) == [False, False, True]
