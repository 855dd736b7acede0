"""A server brought back from a copy heals itself from its laptops, and nobody has to do anything."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from models import failpoints
from models.base import row_body, table_of
from models.changes import bulk_create
from models.outbox import ChainMark, Conflict, OpState, OutboxOp, ScopeState, Shadow, Trash
from models.undo import undo
from sync import desk, marks, recovery
from sync.errors import WrongServer
from sync.server.store import ServerStore
from sync.server.tables import change, record
from tests.sim.mutations import absence_means_delete
from tests.sync.kit import Fleet, Laptop
from tests.sync.test_converge import setting, shared_thing, states
from tests.things import Secret, State, Thing

TEAM = "team:team-1"


class Lab:
    """A council whose server can be set back to a copy of itself."""

    def __init__(self, folder: Path, template: Path) -> None:
        self.folder = folder
        self.count = 0
        self.books = ServerStore.open(str(folder / "server-0.db"))
        self.fleet = Fleet(folder, self.books, template, None)

    def copy(self) -> Path:
        """A copy of the database as it is now."""
        self.count += 1
        path = self.folder / f"copy-{self.count}.db"
        with self.books.engine.connect() as connection:
            connection.connection.driver_connection.execute("VACUUM INTO ?", (str(path),))  # type: ignore[union-attr]
        return path

    def put_back(self, path: Path) -> None:
        """The server is the copy from now on, without a word to anybody."""
        self.books.close()
        self.books = ServerStore.open(str(path))
        self.fleet.move(self.books)

    def settle(self, rounds: int = 2) -> None:
        """Everybody syncs, in turn."""
        for _ in range(rounds):
            for laptop in self.fleet.laptops:
                laptop.sync()

    def close(self) -> None:
        self.fleet.close()
        self.books.close()


@pytest.fixture
def lab(tmp_path: Path, template: Path) -> Iterator[Lab]:
    made = Lab(tmp_path, template)
    yield made
    made.close()


def everything(laptop: Laptop, type_name: str = "test_thing") -> dict[str, Any]:
    """Every record of a type as a laptop shows it."""
    with laptop.store.connect() as connection:
        rows = connection.execute(select(table_of(type_name))).mappings().all()
    return {row["id"]: (row["version"], row["deleted"], row_body(type_name, dict(row))) for row in rows}


def on_server(lab: Lab, type_name: str = "test_thing") -> dict[str, Any]:
    with lab.books.read() as connection:
        rows = connection.execute(select(record).where(record.c.type == type_name)).all()
    return {row.id: (row.ver, row.deleted, row.body) for row in rows}


def agree(lab: Lab) -> dict[str, Any]:
    """What all laptops show, which is the same and is what the server has."""
    import json

    views = [everything(laptop) for laptop in lab.fleet.laptops]
    assert all(view == views[0] for view in views)
    server = on_server(lab)
    assert set(server) == set(views[0])
    for record_id, (version, deleted, body) in views[0].items():
        assert (version, deleted) == server[record_id][:2]
        kept = {name: value for name, value in body.items() if value is not None}
        assert kept == json.loads(server[record_id][2])
    for laptop in lab.fleet.laptops:
        assert laptop.read(lambda s: s.scalars(select(Shadow)).all()) == []
    return views[0]


def test_what_was_acknowledged_after_the_backup_is_sent_again_by_itself(lab: Lab) -> None:
    first, second, thing_id = shared_thing(lab.fleet)
    backup = lab.copy()
    other = Thing(title="Lost for a while")
    first.write("Add", lambda s: s.add(other))
    first.write("Price", setting(thing_id, price=5_00))
    lab.settle()
    second.write("Note", setting(other.id, note="Seen"))
    lab.settle()
    before = agree(lab)
    lab.put_back(backup)
    report = first.sync()
    assert report.healed is not None
    assert (report.healed.scopes, report.healed.resent) == ((TEAM,), 2)
    assert report.healed.words == (
        "The server was restored from a copy; this laptop sent its work again: 2 changes."
    )
    lab.settle()
    after = agree(lab)
    assert after == before
    assert first.sync().healed is None
    assert all(set(states(laptop)) == {OpState.SETTLED.value} for laptop in lab.fleet.laptops)


def test_a_change_to_a_record_that_has_not_come_back_waits_for_it_and_goes_by_itself(lab: Lab) -> None:
    first, second, _ = shared_thing(lab.fleet)
    backup = lab.copy()
    other = Thing(title="Lost for a while")
    first.write("Add", lambda s: s.add(other))
    lab.settle()
    second.write("Note", setting(other.id, note="Seen", stock=2))
    second.write("Price", setting(other.id, price=7_00))
    lab.settle()
    before = agree(lab)
    lab.put_back(backup)
    report = second.sync()  # the one who made the record has not been here yet
    assert states(second) == [OpState.BLOCKED.value] * 2
    assert report.pushed == 0  # it would only be refused
    told = second.read(desk.refusals)[0].sentence
    assert told.title == "This thing rests on a thing that the server does not have yet."
    assert second.get(Thing, other.id).title == "Lost for a while"
    with second.store.connect() as connection:
        assert recovery.only_here(connection) == 1
    first.sync()
    report = second.sync()
    assert (report.accepted, report.blocked, report.waiting) == (2, 0, 0)
    first.sync()
    assert agree(lab) == before
    with second.store.connect() as connection:
        assert recovery.only_here(connection) == 0


def test_a_step_that_rests_on_a_step_of_another_laptop_waits_for_it(lab: Lab) -> None:
    first, second, thing_id = shared_thing(lab.fleet)
    backup = lab.copy()
    first.write("To review", setting(thing_id, state=State.REVIEW, author_id="u-1"))
    lab.settle()
    second.write("Done", setting(thing_id, state=State.DONE))
    lab.settle()
    before = agree(lab)
    lab.put_back(backup)
    second.sync()
    assert states(second)[-1] == OpState.BLOCKED.value
    lab.settle()
    assert {key: (gone, body) for key, (_, gone, body) in agree(lab).items()} == {
        key: (gone, body) for key, (_, gone, body) in before.items()
    }


def test_what_was_written_after_the_restore_is_not_overwritten_by_what_comes_back(lab: Lab) -> None:
    first, second, thing_id = shared_thing(lab.fleet)
    third = lab.fleet.join("u-3", "J. Marlow")
    third.sync()
    backup = lab.copy()
    first.write("Stock", setting(thing_id, stock=1))
    lab.settle(1)
    second.write("Title, on what the first wrote", setting(thing_id, title="Gutter at number 4"))
    second.sync()
    lab.put_back(backup)
    third.write("Title", setting(thing_id, title="Gutter, north side"))
    third.sync()
    lab.settle()
    assert {view[2]["title"] for view in agree(lab).values()} == {"Gutter, north side"}
    kept = first.read(lambda s: s.scalars(select(Conflict.other_value)).all())
    assert kept == ["Gutter at number 4"]


def test_a_record_that_nobody_has_brought_back_can_be_worked_on_and_undone(lab: Lab) -> None:
    first, second, _ = shared_thing(lab.fleet)
    backup = lab.copy()
    other = Thing(title="Lost for a while")
    first.write("Add", lambda s: s.add(other))
    lab.settle()
    lab.put_back(backup)
    second.sync()
    second.write("Note", setting(other.id, note="Second thoughts"))
    second.write("Undo", undo)
    assert second.get(Thing, other.id).note == ""
    second.write("Note", setting(other.id, note="Ladder needed"))
    assert second.sync().blocked == 1
    assert second.get(Thing, other.id).title == "Lost for a while"
    lab.settle()
    assert agree(lab)[other.id][2]["note"] == "Ladder needed"


def keep_what_the_server_lacks(lab: Lab) -> None:
    """A colleague's laptop is lost, then the server is brought back from before its work: who has read the
    work still has it."""
    first, second, _ = shared_thing(lab.fleet)
    backup = lab.copy()
    other = Thing(title="Only the second laptop has this now")
    first.write("Add", lambda s: s.add(other))
    lab.settle()
    lab.put_back(backup)
    second.sync()
    second.sync()
    shown = second.read(lambda s: s.get(Thing, other.id))
    assert shown is not None
    assert (shown.title, shown.deleted) == ("Only the second laptop has this now", False)


def test_what_a_restored_server_lacks_stays_where_it_is(lab: Lab) -> None:
    keep_what_the_server_lacks(lab)


def test_a_laptop_that_deletes_what_the_server_lacks_would_be_noticed(lab: Lab) -> None:
    with absence_means_delete(), pytest.raises(AssertionError):
        keep_what_the_server_lacks(lab)


def test_an_older_state_of_a_colleague_s_record_puts_the_newer_one_into_the_trash(lab: Lab) -> None:
    first, second, thing_id = shared_thing(lab.fleet)
    backup = lab.copy()
    first.write("Note", setting(thing_id, note="Ladder needed"))
    lab.settle()
    lab.put_back(backup)
    second.sync()
    assert second.get(Thing, thing_id).note == ""
    kept = second.read(lambda s: s.scalars(select(Trash.body)).all())
    assert [body["note"] for body in kept] == ["Ladder needed"]
    lab.settle()
    assert agree(lab)[thing_id][2]["note"] == "Ladder needed"


def test_a_new_epoch_over_the_same_log_changes_nothing_and_sends_nothing(lab: Lab) -> None:
    first, second, _ = shared_thing(lab.fleet)
    before = agree(lab)
    with lab.books.write(lab.fleet.tenant) as connection:
        connection.execute(text("UPDATE tenant SET epoch = 'another'"))
    report = first.sync()
    assert report.healed == recovery.Healing()
    assert report.healed.words.endswith("nothing of this laptop's was missing there.")
    second.sync()
    assert agree(lab) == before
    assert first.read(lambda s: set(s.scalars(select(ScopeState.epoch)))) == {"another"}
    assert first.sync().healed is None


def test_answers_that_a_restored_server_has_forgotten_are_forgotten_here_too(lab: Lab) -> None:
    first, second, thing_id = shared_thing(lab.fleet)
    second.write("Receipt", setting(thing_id, receipt="A-1"))
    first.write("Receipt", setting(thing_id, receipt="B-2"))
    second.sync()
    backup = lab.copy()
    first.sync()
    assert states(first)[-1] == OpState.REJECTED.value
    lab.put_back(backup)
    report = first.sync()  # the logs are the same: only the number shows it
    assert report.healed == recovery.Healing()
    rows = first.read(lambda s: s.execute(select(OutboxOp.state, OutboxOp.dseq)).all())
    assert rows[-1] == (OpState.REJECTED.value, None)
    first.write("Price", setting(thing_id, price=1))
    assert first.sync().accepted == 1
    lab.settle()
    agree(lab)


def test_a_server_set_up_from_nothing_or_of_another_council_is_refused_and_nothing_changes(
    lab: Lab,
) -> None:
    first, _, thing_id = shared_thing(lab.fleet)
    first.write("Price", setting(thing_id, price=1))
    before = (everything(first), states(first), first.read(lambda s: s.scalars(select(ChainMark.seq)).all()))
    lab.put_back(lab.copy())
    with lab.books.write(lab.fleet.tenant) as connection:
        for line in (
            "UPDATE tenant SET origin = 'x', epoch = 'x'",
            "DELETE FROM change",
            "DELETE FROM record",
        ):
            connection.execute(text(line))
        for line in ("DELETE FROM scope_counter", "DELETE FROM op_result", "UPDATE device SET last_dseq = 0"):
            connection.execute(text(line))
    with pytest.raises(WrongServer, match="another council's"):
        first.sync()
    after = (everything(first), states(first), first.read(lambda s: s.scalars(select(ChainMark.seq)).all()))
    assert after == before
    assert on_server(lab) == {}


@pytest.mark.parametrize("place", ["before_heal_commit", "after_heal", "after_send", "before_ack_commit"])
def test_a_crash_while_healing_is_made_good_by_the_next_sync(
    lab: Lab, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, thing_id = shared_thing(lab.fleet)
    backup = lab.copy()
    for price in range(1, 6):
        first.write("Price", setting(thing_id, price=price))
        first.write("Add", lambda s: s.add(Thing(title="Lost for a while")))
        first.sync()
    lab.settle()
    before = agree(lab)
    lab.put_back(backup)

    class Death(Exception):
        """The power went."""

    def trap(name: str) -> None:
        if name == place:
            raise Death

    monkeypatch.setattr(failpoints, "trap", trap)
    with pytest.raises(Death):
        first.sync()
    monkeypatch.setattr(failpoints, "trap", None)
    lab.settle()
    assert agree(lab) == before
    assert second.read(lambda s: s.scalars(select(OutboxOp.state)).all()) == []


def test_an_open_question_is_asked_once_after_a_restore(lab: Lab) -> None:
    first, second, thing_id = shared_thing(lab.fleet)
    backup = lab.copy()
    first.write("Address", setting(thing_id, address="1 High Street"))
    second.write("Address", setting(thing_id, address="2 High Street"))
    lab.settle()
    assert len(first.read(desk.conflicts)) == 1
    lab.put_back(backup)
    lab.settle()
    for laptop in (first, second):
        cards = laptop.read(desk.conflicts)
        assert [(card.kept, card.other) for card in cards] == [("1 High Street", "2 High Street")]
    card = first.read(desk.conflicts)[0]
    first.write("Choose", lambda s: desk.resolve_conflict(s, card.conflict_id, "take"))
    lab.settle()
    assert agree(lab)[thing_id][2]["address"] == "2 High Street"
    assert second.read(desk.conflicts) == []


def test_marks_stay_few_dense_near_the_head_and_reach_far_back(lab: Lab) -> None:
    laptop = lab.fleet.join()
    with laptop.store.connect(write=True) as connection:
        for seq in range(1, 2_001):
            marks.keep(connection, TEAM, seq, f"{seq:064x}")
        kept = sorted(marks.of_scope(connection, TEAM))
    assert len(kept) <= marks.MOST
    assert kept[-marks.DENSE :] == list(range(2_001 - marks.DENSE, 2_001))
    assert kept[0] < 1_000


def test_a_copied_laptop_goes_on_under_its_own_id_and_nothing_is_taken_twice(lab: Lab) -> None:
    first, _, thing_id = shared_thing(lab.fleet)
    first.write("Written before the copy", lambda s: s.add(Thing(title="Before")))
    twin = lab.fleet.twin(first)
    first.write("On the first", setting(thing_id, price=1, note="First"))
    first.write("On the first", lambda s: s.add(Thing(title="On the first")))
    twin.write("On the copy", setting(thing_id, stock=2))
    twin.write("On the copy", lambda s: s.add(Thing(title="On the copy")))
    first.sync()
    report = twin.sync()
    assert report.new_device
    assert report.waiting == 0
    assert twin.account.device != first.account.device
    twin.write("Later", setting(thing_id, seen=None, tags=["roof"]))
    lab.settle()
    body = agree(lab)[thing_id][2]
    assert (body["price"], body["note"], body["stock"], body["tags"]) == (1, "First", 2, ["roof"])
    titles = sorted(view[2]["title"] for view in agree(lab).values())
    assert titles == ["Before", "Blocked gutter", "On the copy", "On the first"]
    with lab.books.read() as connection:
        ops = connection.execute(select(change.c.data)).scalars().all()
    assert len(ops) == 7


def test_a_restore_and_a_copy_at_once_lose_nothing(lab: Lab) -> None:
    first, _, thing_id = shared_thing(lab.fleet)
    twin = lab.fleet.twin(first)
    backup = lab.copy()
    first.write("On the first", setting(thing_id, price=1))
    twin.write("On the copy", setting(thing_id, note="Copy"))
    lab.settle()
    before = agree(lab)
    lab.put_back(backup)
    for laptop in lab.fleet.laptops:
        with lab.books.write() as connection:  # a copy that the server has forgotten joins again with a code
            row = connection.execute(
                text("SELECT 1 FROM device WHERE device_id = :d"), {"d": laptop.account.device}
            ).first()
            if row is None:
                connection.execute(
                    text(
                        "INSERT INTO device (tenant, device_id, user_id, name, public_key, shared, status,"
                        " last_dseq, created_at) VALUES (:t, :d, 'u-1', 'x', '', 0, 'active', 0, 'x')"
                    ),
                    {"t": lab.fleet.tenant, "d": laptop.account.device},
                )
    lab.settle()
    views = {key: view[1:] for key, view in agree(lab).items()}
    assert views == {key: view[1:] for key, view in before.items()}


def test_what_a_copy_had_sent_under_a_number_that_its_original_took_is_sent_again(lab: Lab) -> None:
    first, _, thing_id = shared_thing(lab.fleet)
    backup = lab.copy()
    twin = lab.fleet.twin(first)
    twin.write("On the copy", setting(thing_id, note="Only the copy wrote this"))
    twin.sync()
    lab.put_back(backup)
    for price in (1, 2, 3):
        first.write("On the first", setting(thing_id, price=price))
    first.sync()  # takes the number that the copy's operation had
    lab.settle()
    assert agree(lab)[thing_id][-1]["note"] == "Only the copy wrote this"


def _act(rng: random.Random, laptop: Laptop, number: int) -> None:
    """A morning's work, of the kinds that come out the same whoever comes first: an import, and changes
    to what anybody wrote."""
    rows = [{"title": f"{number} {n}"} for n in range(50)]
    laptop.write("Import", lambda s: bulk_create(s, Thing, rows))

    def change(session: Session) -> None:
        for thing in rng.sample(session.scalars(select(Thing).order_by(Thing.id)).all(), 10):
            thing.stock += rng.randrange(1, 5)
            thing.tags = [*thing.tags, f"t{number}"]
            thing.note = f"{number} {laptop.author.user_id}"
        session.add(Secret(sealed=f"sealed {number}"))

    laptop.write("Changes", change)


def _weighed(laptops: list[Laptop]) -> list[int]:
    """The bytes of each push from now on."""
    sizes: list[int] = []
    for laptop in laptops:
        real = laptop.transport.push

        def push(body: bytes, real: Any = real) -> Any:
            sizes.append(len(body))
            return real(body)

        laptop.transport.push = push
    return sizes


def test_twenty_laptops_bring_back_thousands_of_changes(lab: Lab) -> None:
    rng = random.Random(20)
    laptops = [lab.fleet.join(f"u-{n}", f"Person {n}") for n in range(20)]
    _act(rng, laptops[0], 0)
    lab.settle(1)
    backup = lab.copy()
    tail = _weighed(laptops)
    for number in range(1, 21):
        laptop = rng.choice(laptops)
        laptop.sync()
        _act(rng, laptop, number)
    lab.settle()
    before = {key: view[1:] for key, view in agree(lab).items()}
    assert len(tail) > 0
    lab.put_back(backup)
    again = _weighed(laptops)
    for laptop in rng.sample(laptops, len(laptops)):
        laptop.sync()
    lab.settle()
    after = {key: view[1:] for key, view in agree(lab).items()}
    assert set(after) == set(before)
    for key, (_, body) in before.items():
        assert {**body, "tags": set(body["tags"])} == {**after[key][1], "tags": set(after[key][1]["tags"])}
    ends = {OpState.SETTLED.value, OpState.WITHDRAWN.value}
    assert all(set(states(laptop)) <= ends for laptop in laptops)
    assert sum(again) <= 1.2 * (sum(tail) - sum(again))
