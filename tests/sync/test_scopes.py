"""Who may write what and where: roles, scopes, sites; and records that go from one team to another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import Record, record_types
from models.errors import HoldallError, MoveRefused, RecordFrozen
from models.ids import new_id
from models.moving import move
from models.outbox import Conflict, OpState, OutboxOp, Shadow, Trash
from models.roles import OFFICE, PEOPLE, WORDS, Role, checked_roles
from models.search import find
from models.undo import undo
from sync import desk, incoming, outgoing, wire
from sync.digest import digest_of
from sync.server.tables import change, conflict, scope_counter
from tests.sync.kit import Fleet, Laptop
from tests.sync.test_converge import same, setting, states
from tests.sync.test_rules import adding, answers
from tests.sync.test_snapshot import reread
from tests.things import Binder, Report, Secret, Thing

BOTH = ("team-1", "team-2")
LEAD = ("officer", "lead")


def moving(record_id: str, scope: str, model: type[Record] = Thing) -> Callable[[Session], Any]:
    """An act that moves a record."""
    return lambda session: move(session, session.get_one(model, record_id), scope)


def thing_of(laptop: Laptop, **values: Any) -> str:
    """A thing that a laptop makes and sends; gives its id."""
    thing = Thing(**{"title": "Blocked gutter", **values})
    laptop.write("Add", adding(thing))
    laptop.sync()
    return thing.id


def seen(laptop: Laptop, record_id: str) -> tuple[str, str, int] | None:
    """Scope, title and version of a thing on a laptop; None where it is not."""
    found = laptop.read(lambda s: s.get(Thing, record_id))
    return None if found is None else (found.scope, found.title, found.version)


def trashed(laptop: Laptop) -> list[str]:
    return laptop.read(lambda s: list(s.scalars(select(Trash.record_id))))


@pytest.fixture
def three(fleet: Fleet) -> tuple[Laptop, Laptop, Laptop]:
    """A lead of two teams, an officer of the first, an officer of the second."""
    return (
        fleet.join("u-1", "Priya Senn", LEAD, BOTH),
        fleet.join("u-2", "Tomos Aldgate", ("officer",), ("team-1",)),
        fleet.join("u-3", "Ben Marlow", ("officer",), ("team-2",)),
    )


# -- roles -------------------------------------------------------------------------------------------


def test_every_role_is_in_words_and_every_policy_names_roles_that_exist() -> None:
    assert set(WORDS) == set(Role)
    for model in record_types().values():
        policy = model.__policy__
        named = policy.writers | policy.move_roles | policy.settle_roles
        named |= {role for step in (policy.moves.steps if policy.moves else ()) for role in step.roles}
        assert named <= set(Role), model.__tablename__
        assert Role.AUDITOR not in policy.writers
    assert Secret.__policy__.writers == PEOPLE
    assert Thing.__policy__.writers == OFFICE


def test_a_role_that_is_none_is_refused_by_name() -> None:
    assert checked_roles(["officer", "lead", "lead"]) == ["lead", "officer"]
    with pytest.raises(HoldallError, match="“boss” is not a role"):
        checked_roles(["officer", "boss"])


@pytest.mark.parametrize(
    ("role", "thing", "report", "secret"),
    [
        ("officer", True, True, True),
        ("lead", True, True, True),
        ("finance", True, True, True),
        ("outreach", False, True, True),
        ("admin", False, False, True),
        ("auditor", False, False, False),
    ],
)
def test_each_role_writes_its_own_kinds(
    fleet: Fleet, role: str, thing: bool, report: bool, secret: bool
) -> None:
    laptop = fleet.join("u-1", "Tomos Aldgate", (role,), sites=("s-1",))
    for record in (Thing(), Report(scope="site:s-1"), Secret(sealed="x")):
        laptop.write("Add", adding(record))
    laptop.sync()
    expected = [("settled", None) if may else ("rejected", "forbidden") for may in (thing, report, secret)]
    assert answers(laptop) == expected


def test_outreach_runs_sessions_in_its_own_tab(fleet: Fleet) -> None:
    from models.inclusion import Person, Press, Venue

    laptop = fleet.join("u-1", "Tomos Aldgate", ("outreach",))
    for kind in (Person, Press):
        assert Role.OUTREACH in kind.__policy__.writers
    person = Person(name="Ada", folded="ada", code="AB12")
    laptop.write("Add", adding(person))
    laptop.write("Add", adding(Venue(name="Library")))
    laptop.sync()
    assert [code for _, code in answers(laptop)] == [None, "forbidden"]


def test_an_administrator_neither_reads_nor_writes_what_is_private(fleet: Fleet) -> None:
    owner = fleet.join("u-1", "Tomos Aldgate")
    admin = fleet.join("u-9", "Ada Admin", ("admin", "officer", "lead"))
    owner.write("Keep", adding(Secret(sealed="ciphertext")))
    owner.sync()
    answer = admin.transport.pull(wire.PullRequest({"user:u-1": wire.Cursor(0)}))
    assert answer.scopes == {}
    admin.write("Meddle", adding(Secret(scope="user:u-1", sealed="x")))
    admin.write("Meddle", adding(Thing(scope="user:u-1")))
    admin.sync()
    assert answers(admin) == [("rejected", "forbidden")] * 2


def test_a_conflict_that_a_lead_settles_is_settled_by_nobody_else(fleet: Fleet) -> None:
    one = fleet.join("u-1", "Tomos Aldgate", sites=("s-1",))
    two = fleet.join("u-2", "Priya Senn", LEAD, sites=("s-1",))
    report = Report(scope="site:s-1", words="Cold")
    one.write("Add", adding(report))
    fleet.settle()
    for laptop, words in ((one, "Colder"), (two, "Warmer")):
        laptop.write("Change", lambda s, w=words: setattr(s.get_one(Report, report.id), "words", w))
    fleet.settle()
    (clash,) = one.read(desk.conflicts)
    with pytest.raises(HoldallError, match="needs the role lead"):
        one.write("Settle", lambda s: desk.resolve_conflict(s, clash.conflict_id, "take"))
    sly = Laptop(one.store, two.author, one.account, one.engine, one.transport, one.clock)
    sly.write("Settle", lambda s: desk.resolve_conflict(s, clash.conflict_id, "take"))
    one.sync()
    assert answers(one)[-1] == ("rejected", "forbidden")
    two.write("Settle", lambda s: desk.resolve_conflict(s, clash.conflict_id, "take"))
    fleet.settle()
    assert two.read(desk.conflicts) == []


def test_work_done_before_a_right_was_taken_is_refused_kept_and_can_be_exported(fleet: Fleet) -> None:
    laptop = fleet.join("u-1", "Tomos Aldgate")
    thing_id = thing_of(laptop)
    laptop.write("Work offline", setting(thing_id, title="Seen on site"))
    fleet.hire("u-1", "Tomos Aldgate", ("auditor",))
    report = laptop.sync()
    assert (report.rejected, laptop.account.roles) == (1, ["auditor"])
    assert seen(laptop, thing_id) == ("team:team-1", "Blocked gutter", 1)
    (kept,) = laptop.read(desk.export_refused)
    assert (kept["fields"], kept["answer"]["code"]) == ({"title": "Seen on site"}, "forbidden")


def test_a_record_of_a_site_is_read_by_those_who_work_there(fleet: Fleet) -> None:
    here = fleet.join("u-1", "Tomos Aldgate", sites=("s-1",))
    too = fleet.join("u-2", "Priya Senn", sites=("s-1", "s-2"))
    away = fleet.join("u-3", "Ben Marlow", sites=("s-2",))
    report = Report(scope="site:s-1", words="Cold")
    here.write("Add", adding(report))
    fleet.settle()
    assert [bool(one.read(lambda s: s.get(Report, report.id))) for one in (here, too, away)] == [
        True,
        True,
        False,
    ]
    with pytest.raises(RuntimeError, match="says which"):
        here.write("Add", adding(Report(words="Nowhere")))


# -- moves -------------------------------------------------------------------------------------------


def test_a_record_that_moves_leaves_one_team_and_enters_the_other_whole(
    fleet: Fleet, three: tuple[Laptop, Laptop, Laptop]
) -> None:
    lead, old, new = three
    thing_id = thing_of(lead, note="Ladder needed", tags=["roof"])
    fleet.settle()
    assert (bool(seen(old, thing_id)), bool(seen(new, thing_id))) == (True, False)
    lead.write("Hand over", moving(thing_id, "team:team-2"))
    assert seen(lead, thing_id) == ("team:team-2", "Blocked gutter", 1)
    fleet.settle()
    for laptop in (lead, new):
        assert seen(laptop, thing_id) == ("team:team-2", "Blocked gutter", 2)
        assert laptop.get(Thing, thing_id).tags == ["roof"]
    assert seen(old, thing_id) is None
    assert trashed(old) == [thing_id]
    assert [hit.id for hit in new.read(lambda s: find(s, "ladder"))] == [thing_id]
    assert old.read(lambda s: find(s, "ladder")) == []
    assert set(states(lead)) == {"settled"}
    new.write("Work on", setting(thing_id, title="Mended"))
    fleet.settle()
    assert seen(lead, thing_id) == ("team:team-2", "Mended", 3)


def test_a_move_is_told_in_the_history_of_the_record(
    fleet: Fleet, three: tuple[Laptop, Laptop, Laptop]
) -> None:
    from models.history import history_of

    lead, _, _ = three
    other = fleet.join("u-4", "Ruth Vale", ("officer",), BOTH)
    thing_id = thing_of(lead)
    lead.write("Hand over", moving(thing_id, "team:team-2"))
    fleet.settle()
    kinds = other.read(lambda s: [(e.kind, dict(e.fields)) for e in history_of(s, "test_thing", thing_id)])
    assert kinds[1:] == [("move", {"scope": "team:team-2"})]


def test_both_ends_of_a_move_stand_in_logs_without_holes_under_one_version(
    fleet: Fleet, three: tuple[Laptop, Laptop, Laptop]
) -> None:
    lead = three[0]
    thing_id = thing_of(lead)

    def act(session: Session) -> None:
        session.get_one(Thing, thing_id).title = "Handed over"
        move(session, session.get_one(Thing, thing_id), "team:team-2")
        session.get_one(Thing, thing_id).price = 5

    lead.write("Change and hand over", act)
    lead.sync()
    with fleet.books.read(fleet.tenant) as connection:
        rows = connection.execute(
            select(change.c.scope, change.c.seq, change.c.ver, change.c.data)
            .where(change.c.tenant == fleet.tenant)
            .order_by(change.c.scope, change.c.seq)
        ).all()
    assert [(row.scope, row.seq, row.ver) for row in rows] == [
        ("team:team-1", 1, 1),
        ("team:team-1", 2, 2),
        ("team:team-1", 3, 3),
        ("team:team-2", 1, 3),
    ]
    assert '"kind":"leave"' in rows[2].data
    assert '"s":"team:team-2"' in rows[2].data
    assert '"kind":"enter"' in rows[3].data
    assert '"price":5' in rows[3].data
    assert seen(lead, thing_id) == ("team:team-2", "Handed over", 3)


def test_who_may_not_move_is_told_here_and_on_the_server(
    fleet: Fleet, three: tuple[Laptop, Laptop, Laptop]
) -> None:
    lead, officer, _ = three
    thing_id = thing_of(lead)
    officer.sync()
    with pytest.raises(MoveRefused, match="needs the role lead"):
        officer.write("Hand over", moving(thing_id, "team:team-2"))
    with pytest.raises(HoldallError, match="neither a team nor a site"):
        lead.write("Hide", moving(thing_id, "user:u-1"))
    with pytest.raises(HoldallError, match="private"):
        lead.write("Show", lambda s: move(s, secret(s), "team:team-1"))
    sly = Laptop(officer.store, lead.author, *vars_of(officer))
    sly.write("Hand over", moving(thing_id, "team:team-2"))
    officer.sync()
    assert answers(officer) == [("rejected", "forbidden")]
    assert seen(officer, thing_id) == ("team:team-1", "Blocked gutter", 1)
    lead.write("Lose", moving(thing_id, "team:nowhere"))
    lead.sync()
    assert answers(lead)[-1] == ("rejected", "validation")


def secret(session: Session) -> Secret:
    made = Secret(sealed="x")
    session.add(made)
    return made


def vars_of(laptop: Laptop) -> Sequence[Any]:
    return laptop.account, laptop.engine, laptop.transport, laptop.clock


def test_a_record_of_a_closed_parent_does_not_move(
    fleet: Fleet, three: tuple[Laptop, Laptop, Laptop]
) -> None:
    lead, other, _ = three
    binder = Binder()
    lead.write("Open", adding(binder))
    thing_id = thing_of(lead, binder_id=binder.id)
    fleet.settle()
    lead.write("Hand over", moving(thing_id, "team:team-2"))
    other.write("Close", lambda s: setattr(s.get_one(Binder, binder.id), "state", "closed"))
    other.sync()
    lead.sync()
    assert answers(lead)[-1] == ("rejected", "frozen")
    assert seen(lead, thing_id) == ("team:team-1", "Blocked gutter", 1)
    with pytest.raises(RecordFrozen):
        lead.write("Hand over", moving(thing_id, "team:team-2"))


def test_work_under_the_old_scope_lands_where_the_record_is_now_if_the_author_may_write_there(
    fleet: Fleet, three: tuple[Laptop, Laptop, Laptop]
) -> None:
    lead, _, _ = three
    both = fleet.join("u-4", "Ruth Vale", ("officer",), BOTH)
    thing_id = thing_of(lead)
    fleet.settle()
    both.write("Work", setting(thing_id, title="Seen on site"))
    lead.write("Hand over", moving(thing_id, "team:team-2"))
    lead.sync()
    assert push_of(both).results[0].scope == "team:team-2"
    both.write("Work", setting(thing_id, price=5))
    fleet.settle()
    assert seen(lead, thing_id) == seen(both, thing_id) == ("team:team-2", "Seen on site", 4)
    assert set(states(both)) == {OpState.SETTLED.value}
    assert both.read(lambda s: s.query(Shadow).count()) == 0


def push_of(laptop: Laptop) -> wire.PushAnswer:
    """Sends and takes the answer, and fetches nothing."""
    with laptop.store.connect(write=True) as connection:
        batch = outgoing.next_batch(connection, laptop.account.device)
    assert batch is not None
    answer: wire.PushAnswer = laptop.transport.push(batch.body)
    with laptop.store.connect(write=True) as connection:
        outgoing.take_answer(connection, batch, answer, laptop.clock.tick())
    return answer


@pytest.mark.parametrize("pull_first", [True, False])
def test_work_on_what_has_gone_elsewhere_is_refused_and_stays_until_it_is(
    fleet: Fleet, three: tuple[Laptop, Laptop, Laptop], pull_first: bool
) -> None:
    lead, officer, _ = three
    thing_id = thing_of(lead)
    fleet.settle()
    officer.write("Work", setting(thing_id, title="Seen on site"))
    lead.write("Hand over", moving(thing_id, "team:team-2"))
    lead.sync()
    if pull_first:
        pages(officer, ["team:team-1"])
        assert seen(officer, thing_id) == ("team:team-2", "Seen on site", 2)
        assert trashed(officer) == []
        assert push_of(officer).results[0].code == "scope_left"
    officer.sync()
    assert seen(officer, thing_id) is None
    assert trashed(officer) == [thing_id]
    assert answers(officer) == [("rejected", "scope_left")]
    assert officer.read(desk.export_refused)[0]["fields"] == {"title": "Seen on site"}
    assert officer.read(lambda s: s.query(Shadow).count()) == 0


def pages(laptop: Laptop, order: Sequence[str]) -> None:
    """Fetches and applies a page of each scope, in this order."""
    place = laptop.account
    for scope in order:
        with laptop.store.connect() as connection:
            state = connection.execute(select(incoming.ScopeState).where(incoming.ScopeState.scope == scope))
            row = state.first()
        cursor = wire.Cursor(0) if row is None else wire.Cursor(row.cursor, row.chain_hash[: wire.CHAIN_MARK])
        answer = laptop.transport.pull(wire.PullRequest({scope: cursor}))
        if scope not in answer.scopes:
            continue
        with laptop.store.connect(write=True) as connection:
            where = incoming.Place(
                scope,
                place.tenant,
                laptop.transport.epoch,
                answer.origin,
                place.device,
                frozenset(place.scopes),
            )
            incoming.apply_page(connection, where, answer.scopes[scope], laptop.clock.tick())


@pytest.mark.parametrize("order", [("team:team-1", "team:team-2"), ("team:team-2", "team:team-1")])
@pytest.mark.parametrize("fresh", [True, False])
def test_the_pages_of_the_two_scopes_come_to_the_same_in_either_order(
    fleet: Fleet, three: tuple[Laptop, Laptop, Laptop], order: tuple[str, str], fresh: bool
) -> None:
    lead, _, new = three
    reader = fleet.join("u-4", "Ruth Vale", ("officer",), BOTH)
    stays, comes_back = thing_of(lead), thing_of(lead)
    if not fresh:
        reader.sync()
    for thing_id in (stays, comes_back):
        lead.write("Change", setting(thing_id, title="Changed"))
        lead.write("Hand over", moving(thing_id, "team:team-2"))
    lead.sync()
    new.sync()
    for thing_id in (stays, comes_back):
        new.write("Work on", setting(thing_id, price=5))
    new.sync()
    lead.sync()
    lead.write("Take back", moving(comes_back, "team:team-1"))
    lead.sync()
    reader.account.scopes = ["team:team-1", "team:team-2"]
    pages(reader, order)
    assert seen(reader, stays) == seen(lead, stays) == ("team:team-2", "Changed", 4)
    assert seen(reader, comes_back) == seen(lead, comes_back) == ("team:team-1", "Changed", 5)
    assert reader.get(Thing, stays).price == reader.get(Thing, comes_back).price == 5
    fleet.settle()
    assert seen(new, comes_back) is None
    assert seen(new, stays) == seen(reader, stays)


def test_after_a_move_the_digests_of_both_scopes_are_the_servers(
    fleet: Fleet, three: tuple[Laptop, Laptop, Laptop]
) -> None:
    lead, old, new = three
    goes, stays = thing_of(lead), thing_of(lead)
    fleet.settle()
    old.write("Work", setting(goes, title="Seen on site"))
    lead.write("Hand over", moving(goes, "team:team-2"))
    lead.sync()
    assert digests(fleet, lead) == []
    pages(lead, ["team:team-1"])
    pages(old, ["team:team-1"])  # what waits there keeps the record on that laptop
    assert digests(fleet, old) == []
    fleet.settle()
    assert [digests(fleet, laptop) for laptop in (lead, old, new)] == [[], [], []]
    assert (bool(seen(new, goes)), bool(seen(old, goes)), bool(seen(old, stays))) == (True, False, True)


def digests(fleet: Fleet, laptop: Laptop) -> list[str]:
    """The scopes of a laptop whose digest is not the server's."""
    with fleet.books.read(fleet.tenant) as connection:
        rows = connection.execute(select(scope_counter).where(scope_counter.c.tenant == fleet.tenant)).all()
    with laptop.store.connect() as connection:
        return [
            row.scope
            for row in rows
            if row.scope in laptop.account.scopes and digest_of(connection, row.scope) != row.digest
        ]


def test_what_left_and_comes_back_in_a_snapshot_stays(
    fleet: Fleet, three: tuple[Laptop, Laptop, Laptop]
) -> None:
    lead, old, _ = three
    thing_id = thing_of(lead)
    fleet.settle()
    old.write("Work", setting(thing_id, title="Seen on site"))
    lead.write("Hand over", moving(thing_id, "team:team-2"))
    lead.sync()
    pages(old, ["team:team-1"])
    assert old.read(lambda s: s.get_one(Shadow, ("test_thing", thing_id))).left
    lead.write("Take back", moving(thing_id, "team:team-1"))
    lead.sync()
    assert reread(old)
    assert not old.read(lambda s: s.get_one(Shadow, ("test_thing", thing_id))).left
    fleet.settle()
    assert seen(old, thing_id) == seen(lead, thing_id) == ("team:team-1", "Seen on site", 4)
    assert trashed(old) == []


def test_two_who_move_one_record_apart_move_it_once(fleet: Fleet) -> None:
    one = fleet.join("u-1", "Priya Senn", LEAD, (*BOTH, "team-3"))
    two = fleet.join("u-2", "Ben Marlow", LEAD, (*BOTH, "team-3"))
    thing_id = thing_of(one)
    fleet.settle()
    one.write("Hand over", moving(thing_id, "team:team-2"))
    two.write("Hand over", moving(thing_id, "team:team-3"))
    one.sync()
    two.sync()
    fleet.settle()
    assert answers(two)[-1] == ("rejected", "scope_left")
    assert seen(one, thing_id) == seen(two, thing_id) == ("team:team-2", "Blocked gutter", 2)


@pytest.mark.parametrize("sent", [False, True])
def test_a_move_is_undone_sent_or_not(fleet: Fleet, three: tuple[Laptop, Laptop, Laptop], sent: bool) -> None:
    lead, old, new = three
    thing_id = thing_of(lead)
    fleet.settle()
    lead.write("Hand over", moving(thing_id, "team:team-2"))
    if sent:
        fleet.settle()
    lead.write("Undo", undo)
    assert seen(lead, thing_id) is not None
    assert lead.get(Thing, thing_id).scope == "team:team-1"
    fleet.settle()
    for laptop in (lead, old):
        assert seen(laptop, thing_id) == ("team:team-1", "Blocked gutter", 3 if sent else 1)
    assert seen(new, thing_id) is None


def test_what_left_ones_sight_cannot_be_moved_back_from_here(fleet: Fleet) -> None:
    lead = fleet.join("u-1", "Priya Senn", LEAD)
    fleet.join("u-3", "Ben Marlow", ("officer",), ("team-2",))
    thing_id = thing_of(lead)
    lead.write("Hand over", moving(thing_id, "team:team-2"))
    lead.sync()
    assert seen(lead, thing_id) is None
    assert set(states(lead)) == {"settled"}
    with pytest.raises(HoldallError, match="not on this laptop"):
        lead.write("Undo", undo)


def test_what_was_made_and_handed_over_in_one_sync_is_gone_from_here(fleet: Fleet) -> None:
    lead = fleet.join("u-1", "Priya Senn", LEAD)
    new = fleet.join("u-3", "Ben Marlow", ("officer",), ("team-2",))
    thing = Thing(title="For the others")
    lead.write("Add", adding(thing))
    lead.write("Hand over", moving(thing.id, "team:team-2"))
    fleet.settle()
    assert seen(lead, thing.id) is None
    assert seen(new, thing.id) == ("team:team-2", "For the others", 2)


def test_a_move_whose_answer_was_lost_is_known_by_the_log(
    fleet: Fleet, three: tuple[Laptop, Laptop, Laptop]
) -> None:
    lead = three[0]
    thing_id = thing_of(lead)
    lead.write("Hand over", moving(thing_id, "team:team-2"))
    with lead.store.connect(write=True) as connection:
        batch = outgoing.next_batch(connection, lead.account.device)
    assert batch is not None
    lead.transport.push(batch.body)
    fleet.settle()
    assert set(states(lead)) == {"settled"}
    assert seen(lead, thing_id) == ("team:team-2", "Blocked gutter", 2)


def test_an_open_conflict_goes_with_its_record(fleet: Fleet, three: tuple[Laptop, Laptop, Laptop]) -> None:
    lead, old, new = three
    thing_id = thing_of(lead, address="1 Mill Lane")
    fleet.settle()
    lead.write("First", setting(thing_id, address="2 Mill Lane"))
    old.write("Second", setting(thing_id, address="3 Mill Lane"))
    fleet.settle()
    lead.write("Hand over", moving(thing_id, "team:team-2"))
    fleet.settle()
    (clash,) = new.read(desk.conflicts)
    assert (clash.kept, clash.other) == ("2 Mill Lane", "3 Mill Lane")
    assert old.read(desk.conflicts) == []
    with fleet.books.read(fleet.tenant) as connection:
        where = (conflict.c.tenant == fleet.tenant, conflict.c.status == "open")
        assert connection.execute(select(conflict.c.scope).where(*where)).scalars().all() == ["team:team-2"]
    new.write("Settle", lambda s: desk.resolve_conflict(s, clash.conflict_id, "take"))
    fleet.settle()
    assert new.get(Thing, thing_id).address == lead.get(Thing, thing_id).address == "3 Mill Lane"
    assert lead.read(lambda s: s.get_one(Conflict, clash.conflict_id)).status == "resolved"


def test_a_new_record_that_moves_before_it_was_ever_kept_is_made_where_it_goes(fleet: Fleet) -> None:
    lead = fleet.join("u-1", "Priya Senn", LEAD, BOTH)
    thing = Thing(title="New")

    def act(session: Session) -> None:
        session.add(thing)
        move(session, thing, "team:team-2")

    lead.write("Make and hand over", act)
    lead.sync()
    (op,) = lead.read(lambda s: list(s.scalars(select(OutboxOp))))
    assert (op.kind, op.scope) == ("create", "team:team-2")
    assert same(fleet, Thing, thing.id)["title"] == "New"


def test_an_operation_of_a_scope_that_never_was_is_refused(fleet: Fleet) -> None:
    laptop = fleet.join()
    laptop.write("Add", adding(Thing(scope="team:" + new_id()), Thing(scope="elsewhere")))
    laptop.sync()
    assert {state for state, _ in answers(laptop)} == {"rejected", "blocked"}
