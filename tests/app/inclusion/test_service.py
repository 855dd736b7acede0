"""Sessions are planned, opened, closed, locked and reopened; places are kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.errors import HoldallError, NotFound
from app.inclusion import reading, register, rules, service
from models.errors import BadText, MoveRefused
from models.inclusion import AgeBand, OutreachSession, SessionKind, SessionState, Venue
from tests.app.inclusion.world import World, new_session


def test_a_place_is_kept_with_its_postcode_in_normal_form(world: World) -> None:
    venue = world.context.read(lambda s: service.get(s, Venue, world.venue))
    assert (venue.name, venue.postcode) == ("Hadley Street Library", "AV1 2AA")


@pytest.mark.parametrize("name", ["", "   ", "a\x00b", "half \ud800", "x" * 1_000_000])
def test_a_place_without_a_usable_name_is_refused_and_nothing_is_kept(world: World, name: str) -> None:
    with pytest.raises((HoldallError, BadText)):
        world.context.write("New place", lambda s: service.add_venue(s, name))
    assert len(world.context.read(lambda s: reading.venues(s, world.context.now()))) == 1


def test_a_place_can_be_put_out_of_use(world: World) -> None:
    world.context.write(
        "Out of use", lambda s: service.change_venue(s, world.venue, active=False, note="Shut")
    )
    assert world.context.read(lambda s: reading.venues(s, world.context.now())) == ()


def test_a_session_is_named_by_its_kind_and_place_and_led_by_its_author(world: World) -> None:
    line = world.context.read(lambda s: reading.register(s, world.session)).session
    assert line.title == "Drop-in, Hadley Street Library"
    assert (line.lead, line.state) == ("Tomos Aldgate", SessionState.OPEN)


def test_a_session_that_ends_before_it_begins_is_not_planned(world: World) -> None:
    now = world.context.now()
    with pytest.raises(HoldallError, match="ends before"):
        world.context.write(
            "Plan", lambda s: service.plan_session(s, world.venue, SessionKind.COURSE, now, now)
        )


def test_closing_keeps_missing_leaving_times_missing_and_counts_the_session_for_them(world: World) -> None:
    world.mark("Gwen Ashdown")
    world.context.write("Close", lambda s: service.close_session(s, world.session, "A good afternoon."))
    found = world.context.read(lambda s: reading.register(s, world.session))
    assert found.session.state is SessionState.CLOSED
    assert (found.note, found.closed_by) == ("A good afternoon.", "Tomos Aldgate")
    assert (found.without_leaving, found.minutes) == (1, 180)


def test_an_empty_session_closes_only_when_somebody_says_that_nobody_came(world: World) -> None:
    with pytest.raises(HoldallError, match="Nobody is marked"):
        world.context.write("Close", lambda s: service.close_session(s, world.session))
    world.context.write("Close", lambda s: service.close_session(s, world.session, nobody_came=True))
    assert world.context.read(lambda s: reading.register(s, world.session)).nobody_came


def test_a_session_with_a_counted_visit_alone_is_not_empty(world: World) -> None:
    world.context.write("Count", lambda s: register.press(s, world.session, AgeBand.FROM_75))
    world.context.write("Close", lambda s: service.close_session(s, world.session, nobody_came=True))
    assert not world.context.read(lambda s: reading.register(s, world.session)).nobody_came


def test_a_closed_session_is_locked_until_it_is_reopened_with_a_reason(world: World) -> None:
    world.mark("Gwen Ashdown")
    world.context.write("Close", lambda s: service.close_session(s, world.session))
    gwilym = world.people["Gwilym Wŷnne"]
    for act in (
        lambda s: register.mark_present(s, world.session, gwilym),
        lambda s: register.unmark(s, world.session, world.people["Gwen Ashdown"]),
        lambda s: register.leave(s, world.session, world.people["Gwen Ashdown"]),
        lambda s: register.press(s, world.session, AgeBand.FROM_16),
        lambda s: register.take_back(s, world.session),
        lambda s: service.close_session(s, world.session),
        lambda s: service.change_session(s, world.session, note="Late thought"),
    ):
        with pytest.raises(HoldallError, match="closed"):
            world.context.write("Change", act)
    with pytest.raises(HoldallError, match="reason"):
        world.context.write("Reopen", lambda s: service.reopen_session(s, world.session, "  "))
    world.context.write("Reopen", lambda s: service.reopen_session(s, world.session, "Two were left out"))
    world.mark("Gwilym Wŷnne")
    found = world.context.read(lambda s: reading.register(s, world.session))
    assert (len(found.here), found.reopen_reason) == (2, "Two were left out")


def test_a_session_people_came_to_is_closed_and_not_cancelled(world: World) -> None:
    world.mark("Gwen Ashdown")
    with pytest.raises(HoldallError, match="People came"):
        world.context.write("Cancel", lambda s: service.cancel_session(s, world.session, "Snow"))


def test_a_cancelled_session_keeps_its_reason_and_takes_nobody(world: World) -> None:
    world.context.write("Cancel", lambda s: service.cancel_session(s, world.session, "Snow"))
    held = world.context.read(lambda s: service.get(s, OutreachSession, world.session))
    assert (held.state, held.cancel_reason) == (SessionState.CANCELLED, "Snow")
    with pytest.raises(HoldallError, match="cancelled"):
        world.mark("Gwen Ashdown")


def test_a_closed_session_cannot_be_cancelled_by_any_way_round(world: World) -> None:
    world.mark("Gwen Ashdown")
    world.context.write("Close", lambda s: service.close_session(s, world.session))

    def cancel(session: object) -> None:
        held = session.get(OutreachSession, world.session)  # type: ignore[attr-defined]  # a session
        held.state = SessionState.CANCELLED

    with pytest.raises(MoveRefused):
        world.context.write("Cancel", cancel)


def test_the_landing_page_opens_on_what_needs_me(world: World) -> None:
    now = world.context.now()
    forgotten = new_session(world.context, world.venue, now - timedelta(days=2))
    tomorrow = now + timedelta(days=1)
    planned = world.context.write(
        "Plan",
        lambda s: service.plan_session(
            s, world.venue, SessionKind.COURSE, tomorrow, tomorrow + timedelta(hours=1)
        ),
    ).id
    world.mark("Gwen Ashdown")
    world.context.write("Count", lambda s: register.press(s, world.session, AgeBand.FROM_16))
    page = world.context.read(lambda s: reading.landing(s, now))
    assert [line.id for line in page.today] == [world.session]
    assert (page.today[0].people, page.today[0].counted) == (1, 1)
    assert [line.id for line in page.left_open] == [forgotten]
    assert [line.id for line in page.planned] == [planned]
    assert page.venues[0].next_at == tomorrow
    assert not page.empty


def test_a_new_store_has_an_empty_landing_page(context: object) -> None:
    page = context.read(lambda s: reading.landing(s, context.now()))  # type: ignore[attr-defined]  # a context
    assert page.empty


def test_recent_sessions_are_read_by_pages_without_a_gap(world: World) -> None:
    now = world.context.now()
    ids = []
    for day in range(1, 8):
        made = new_session(world.context, world.venue, now - timedelta(days=day // 2 + 1))
        world.context.write("Close", lambda s, m=made: service.close_session(s, m, nobody_came=True))
        ids.append(made)
    seen: list[str] = []
    before, before_id = now, ""
    while page := world.context.read(
        lambda s, b=before, i=before_id: reading.recent_sessions(s, b, i, limit=3)
    ):
        seen += [line.id for line in page]
        before, before_id = page[-1].starts_at, page[-1].id
    assert sorted(seen) == sorted(ids)
    assert len(seen) == len(set(seen))


def test_what_is_gone_is_said_to_be_gone(world: World) -> None:
    with pytest.raises(NotFound, match="session is no longer here"):
        world.context.read(lambda s: reading.register(s, "0197d000-0000-7000-8000-00000000dead"))


def test_every_kind_of_session_has_words() -> None:
    assert set(rules.KIND_WORDS) == set(SessionKind)
