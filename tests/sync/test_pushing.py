"""Pushes by the thousand: what the straight run of new records writes is what the careful way writes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text, update

import tests.things  # noqa: F401  its types are pushed here
from models import clock
from models.changes import bulk_create
from models.ids import new_id
from models.outbox import OutboxOp
from sync import outgoing, wire
from sync.caller import Caller
from sync.server import creation
from sync.server.creation import Creation
from sync.server.push import push
from sync.server.store import ServerStore
from tests.sync.kit import Fleet, Laptop
from tests.things import Thing

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
AT = "2026-03-01T09:00:00.000000Z"
TABLES = ("change", "record", "op_result", "scope_counter", "holding", "conflict")


@pytest.fixture
def fleet(tmp_path: Path, template: Path) -> Iterator[Fleet]:
    books = ServerStore.open(str(tmp_path / "server.db"))
    made = Fleet(tmp_path, books, template, None)
    yield made
    made.close()
    books.close()


def many(laptop: Laptop, count: int, **more: Any) -> None:
    """One act that makes many things."""
    rows = [{"title": f"Thing {n}", **more} for n in range(count)]
    laptop.write("Import", lambda session: bulk_create(session, Thing, rows))


def ops(laptop: Laptop, bodies: list[dict[str, Any]]) -> list[wire.Op]:
    """Operations of a laptop, each making a thing."""
    hlc, made = None, []
    for number, body in enumerate(bodies, 1):
        hlc = clock.tick(hlc, NOW, laptop.author.device_id)
        head = {"op": new_id(), "dseq": number, "group": f"g{number // 3}", "t": "test_thing", "id": new_id()}
        made.append(
            wire.Op(
                **head,
                scope="team:team-1",
                kind="create",
                base=0,
                hlc=hlc,
                at=AT,
                author=laptop.author.user_id,
                name="Tomos",
                f=body,
            )
        )
    return made


STATES = st.sampled_from(["draft", "draft", "draft", "done"])
WORDS = st.text(st.characters(codec="utf-8"), max_size=8)
BODY = st.fixed_dictionaries(
    {
        "created_at": st.sampled_from([AT, AT, AT, "2026-03-01"]),
        "state": st.sampled_from(["draft", "draft", "done"]),
    },
    optional={
        "title": WORDS,
        "address": WORDS | st.none(),
        "tags": st.lists(WORDS | st.integers(-5, 5), max_size=3) | st.just("no list"),
        "stock": st.integers(-(2**54), 2**54),
        "seen": st.sampled_from(["2026-02-28", None, "2026-02-30"]),
        "receipt": st.text("x", min_size=499, max_size=501),
        "unheard_of": st.integers(0, 1),
    },
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bodies=st.lists(BODY, min_size=1, max_size=6), escaped=st.booleans())
def test_the_straight_run_and_the_careful_way_write_the_same_rows(
    fleet: Fleet, bodies: list[dict[str, Any]], escaped: bool
) -> None:
    laptop = fleet.join(f"u-{len(fleet.laptops)}")
    pushed = json.dumps(
        {"device": laptop.author.device_id, "ops": msgspec.to_builtins(ops(laptop, bodies))},
        ensure_ascii=escaped,
    ).encode("utf-8", "surrogatepass")
    actor, left = laptop.transport._actor(), []
    for fewest in (10_000, 1):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(creation, "FEWEST", fewest)
            answer = push(fleet.books, actor, pushed, NOW)
        with fleet.books.write() as connection:
            left.append(
                {
                    name: sorted(map(repr, connection.execute(text(f"SELECT * FROM {name}"))))
                    for name in TABLES
                }
            )
            left[-1]["answer"] = [wire.encode(answer)]
            for name in TABLES:
                connection.execute(text(f"DELETE FROM {name}"))
            connection.execute(text("UPDATE device SET last_dseq = 0"))
            connection.execute(text("DELETE FROM audit"))
            connection.execute(text("UPDATE tenant SET audit_n = 0, audit_chain = ''"))
    assert left[0] == left[1]


def test_many_new_records_go_in_one_straight_run(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    laptop = fleet.join()
    taken: list[bool] = []
    takes = Creation.takes
    monkeypatch.setattr(Creation, "takes", lambda self, *a: taken.append(takes(self, *a)) or taken[-1])
    many(laptop, 60, note="Wŷn’s “kettle”")
    report = laptop.sync()
    assert (taken, report.accepted, report.waiting) == ([True], 60, 0)
    with laptop.store.connect() as connection:
        found = "SELECT state, result, op_id, server_seq, dseq FROM outbox ORDER BY n"
        rows = connection.execute(text(found)).all()
    for row in rows:
        result = wire.Result(row.op_id, "applied", row.server_seq, 1)
        assert (row.state, row.result) == ("settled", wire.encode(result).decode())
    assert [row.dseq for row in rows] == list(range(1, 61))


def test_one_bad_record_among_many_is_refused_alone(fleet: Fleet) -> None:
    laptop = fleet.join()
    for n in range(40):
        laptop.write("Make", lambda session, n=n: session.add(Thing(title=f"Thing {n}")))  # type: ignore[misc]
    with laptop.store.connect(write=True) as connection:
        spoilt = {"title": "x" * 600, "created_at": AT, "state": "draft"}
        connection.execute(update(OutboxOp).where(OutboxOp.n == 20).values(fields=spoilt))
    report = laptop.sync()
    assert (report.accepted, report.rejected) == (39, 1)
    with laptop.store.connect() as connection:
        states = connection.execute(text("SELECT n FROM outbox WHERE state = 'rejected'")).scalars().all()
    assert states == [20]


def test_a_record_that_is_there_already_is_not_made_twice(fleet: Fleet) -> None:
    laptop, other = fleet.join(), fleet.join("u-2", "Ros")
    many(laptop, 30)
    laptop.sync()
    with laptop.store.connect() as connection:
        ids = connection.execute(text("SELECT id FROM test_thing ORDER BY id LIMIT 5")).scalars().all()
    rows = [{"title": "Mine", "id": record_id} for record_id in ids]
    other.write("Import", lambda session: bulk_create(session, Thing, rows + [{"title": "New"}] * 25))
    other.sync()
    fleet.settle()
    with fleet.books.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM record")).scalar_one() == 55
        assert connection.execute(text("SELECT max(ver) FROM record")).scalar_one() > 1


def test_a_mixed_answer_is_written_down_one_by_one(fleet: Fleet) -> None:
    laptop = fleet.join()
    many(laptop, 30)
    with laptop.store.connect(write=True) as connection:
        batch = outgoing.next_batch(connection, laptop.author.device_id)
        assert batch is not None
        results = [wire.Result(row.op_id, "applied", 100 + n, 1) for n, row in enumerate(batch.rows)]
        results[7] = wire.Result(results[7].op, "rejected", code="validation")
        results[8] = wire.Result(results[8].op, "duplicate", 108, 1, was="merged")
        results[29] = wire.Result(results[29].op, "retry")
        tally = outgoing.take_answer(connection, batch, wire.PushAnswer(results, 30), NOW)
        assert (tally.accepted, tally.merged, tally.rejected, tally.later) == (28, 1, 1, 1)
        states = connection.execute(text("SELECT state FROM outbox ORDER BY n")).scalars().all()
        assert [n for n, state in enumerate(states) if state != "acked"] == [7, 29]


def test_operations_with_gaps_between_them_get_numbers_without_any(fleet: Fleet) -> None:
    laptop = fleet.join()
    many(laptop, 5)
    with laptop.store.connect(write=True) as connection:
        connection.execute(text("UPDATE outbox SET state = 'withdrawn' WHERE n IN (2, 4)"))
        batch = outgoing.next_batch(connection, laptop.author.device_id)
        assert batch is not None
        assert outgoing.next_batch(connection, laptop.author.device_id, after=batch.last) is None
        again = outgoing.next_batch(connection, laptop.author.device_id)
        assert again is not None
        assert again.body == batch.body
        rows = connection.execute(text("SELECT n, dseq, attempts, state FROM outbox ORDER BY n")).all()
    assert [tuple(row) for row in rows if row.state == "sending"] == [
        (1, 1, 2, "sending"),
        (3, 2, 2, "sending"),
        (5, 3, 2, "sending"),
    ]


def test_a_batch_that_was_made_ready_travels_as_any_other_and_no_other_takes_its_place() -> None:
    caller = Caller("http://127.0.0.1:1")
    first, second = b"[1]" * 400, b"[2]" * 400
    caller.prepare(first)
    assert [wire.unpack(caller._packed(body)) for body in (first, second, first)] == [first, second, first]
    caller.prepare(second)
    assert wire.unpack(caller._packed(second)) == second
    caller.close()


def test_one_act_goes_in_one_batch_up_to_the_hard_limits(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    laptop = fleet.join()
    many(laptop, 60)
    sizes: list[int] = []
    monkeypatch.setattr(outgoing, "HARD_BYTES", 10_000)
    with laptop.store.connect(write=True) as connection:
        after = 0
        while batch := outgoing.next_batch(connection, laptop.author.device_id, 40, after):
            sizes.append(len(batch.rows))
            after = batch.last
        connection.rollback()
    assert sum(sizes) == 60
    assert max(sizes) < 40
    monkeypatch.undo()
    with laptop.store.connect(write=True) as connection:
        batch = outgoing.next_batch(connection, laptop.author.device_id, 10)
        assert batch is not None
        assert len(batch.rows) == 60
        connection.rollback()
