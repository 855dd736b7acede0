"""The digest of a scope: both ends come to the same number, and a copy that differs is found and repaired."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import select

from models.base import mark_deleted, row_body
from models.outbox import OpState, OutboxOp
from models.store import Store
from sync.columns import columns_of
from sync.digest import ZERO, digest_of, moved, record_hash
from sync.server.store import ServerStore
from tests.sync.kit import Fleet, Laptop
from tests.sync.test_converge import setting, shared_thing
from tests.things import Binder, Place, Secret, State, Thing

TEAM = "team:team-1"
words = some.text(some.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
values = some.recursive(
    some.none() | some.booleans() | some.integers(-(2**53), 2**53) | words,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)


def server_digests(fleet: Fleet) -> dict[str, tuple[str, str]]:
    """For each scope the digest that the server keeps, and the one its records come to."""
    with fleet.books.read(fleet.tenant) as connection:
        kept = connection.exec_driver_sql(
            "SELECT scope, digest FROM scope_counter WHERE tenant = ?", (fleet.tenant,)
        ).all()
        rows = connection.exec_driver_sql(
            "SELECT scope, type, id, ver, body FROM record WHERE tenant = ? AND NOT deleted", (fleet.tenant,)
        ).all()
    sums = {scope: ZERO for scope, _ in kept}
    for scope, type_name, record_id, version, body in rows:
        sums[scope] = moved(sums[scope], record_hash(type_name, record_id, version, json.loads(body)))
    return {scope: (digest, sums[scope]) for scope, digest in kept}


def local_digest(laptop: Laptop, scope: str) -> str | None:
    with laptop.store.connect() as connection:
        return digest_of(connection, scope)


def spoil(laptop: Laptop, thing_id: str, title: str = "Blocked gutteR") -> None:
    """Alters a row past all rules, as a failing disk would."""
    with laptop.store.connect(write=True) as connection:
        connection.exec_driver_sql("UPDATE test_thing SET title = ? WHERE id = ?", (title, thing_id))


def test_both_ends_keep_the_same_digest_through_every_kind_of_change(fleet: Fleet) -> None:
    first, second, thing_id = shared_thing(fleet)
    gone, back = Thing(title="Goes"), Thing(title="Comes back", tags=["a", {"b": [1, None]}])
    first.write("Add", lambda s: s.add_all([gone, back, Binder(), Place(places=3)]))
    first.write("Seal", lambda s: s.add(Secret(sealed="ciphertext")))
    first.write("Set", setting(thing_id, tags=["é", "\\"], stock=4, seen=date(2026, 11, 2), price=-5))
    fleet.settle()
    first.write("Trash", lambda s: [mark_deleted(s.get_one(Thing, i)) for i in (gone.id, back.id)])
    second.write("Apart", setting(thing_id, note="Second", address="2 High Street"))
    first.write("Apart", setting(thing_id, note="First", address="1 High Street", state=State.REVIEW))
    fleet.settle()
    second.write("Back", lambda s: setattr(s.get_one(Thing, back.id), "deleted", False))
    second.write("Empty", setting(thing_id, seen=None, tags=[]))
    fleet.settle()
    digests = server_digests(fleet)
    assert digests[TEAM][0] not in (ZERO, "")
    for scope, (kept, counted) in digests.items():
        assert kept == counted
        for laptop in (first, second):
            if scope in laptop.account.scopes:
                assert local_digest(laptop, scope) == kept
    assert len(digests) == 2


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tags=some.lists(values, max_size=3), title=words, note=words, stock=some.integers(-9, 9))
def test_a_row_has_the_hash_of_what_the_server_holds_whatever_signs_it_has(
    scratch: Store, tags: list[object], title: str, note: str, stock: int
) -> None:
    made = Thing(title=title, note=note, tags=tags, stock=stock, scope=TEAM, state=State.DRAFT)
    body = {"title": made.title, "note": made.note, "tags": made.tags, "stock": stock, "state": "draft"}
    body["created_at"] = "2026-11-02T10:00:00.000000Z"
    columns = columns_of("test_thing")
    row = (made.id, TEAM, 3, 0, body["created_at"], *columns.row(body))
    with scratch.connect(write=True) as connection:
        connection.exec_driver_sql("DELETE FROM test_thing")
        connection.exec_driver_sql(columns.insert, [row])
        found = connection.execute(select(Thing.__table__)).mappings().one()
        whole = record_hash("test_thing", made.id, 3, row_body("test_thing", dict(found)))
        assert moved(ZERO, record_hash("test_thing", made.id, 3, body)) == digest_of(connection, TEAM)
        assert moved(ZERO, whole) == digest_of(connection, TEAM)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Store:
    path = tmp_path_factory.mktemp("scratch") / "holdall.db"
    path.write_bytes(template.read_bytes())
    return Store.open(path, bytes(range(32)))


def test_a_flipped_byte_is_found_and_repaired_and_what_waits_still_goes_out(fleet: Fleet) -> None:
    first, second, thing_id = shared_thing(fleet)
    other = Thing(title="Waits", stock=1)
    first.write("Add", lambda s: s.add(other))
    fleet.settle()
    spoil(first, thing_id)
    first.write("Edit", setting(other.id, stock=5))
    first.write("Edit the spoilt one", setting(thing_id, price=7))
    assert local_digest(first, TEAM) != server_digests(fleet)[TEAM][0]
    report = first.engine.sync_once(verify=True)
    assert (report.repaired, report.accepted, report.rejected) == ([TEAM], 2, 0)
    assert report.scopes[TEAM].equal_to_server is True
    assert report.scopes[TEAM].digest == server_digests(fleet)[TEAM][0]
    fleet.settle()
    for laptop in (first, second):
        thing = laptop.get(Thing, thing_id)
        assert (thing.title, thing.price) == ("Blocked gutter", 7)
        assert laptop.get(Thing, other.id).stock == 5
    states = first.read(lambda s: set(s.scalars(select(OutboxOp.state))))
    assert states == {OpState.SETTLED.value}


def test_a_sync_that_brought_something_compares_by_itself(fleet: Fleet) -> None:
    first, second, thing_id = shared_thing(fleet)
    spoil(first, thing_id)
    assert first.sync().scopes[TEAM].equal_to_server is None  # nothing came: it was not looked at
    second.write("Edit", setting(thing_id, price=7))
    second.sync()
    report = first.sync()
    assert (report.repaired, report.scopes[TEAM].equal_to_server) == ([TEAM], True)
    assert first.get(Thing, thing_id).title == "Blocked gutter"


def test_a_difference_that_reading_anew_does_not_mend_is_said_and_not_tried_at_every_sync(
    fleet: Fleet,
) -> None:
    first, _, _ = shared_thing(fleet)
    with fleet.books.write(fleet.tenant) as connection:
        connection.exec_driver_sql(
            "UPDATE scope_counter SET digest = ? WHERE tenant = ? AND scope = ?",
            ("f" * 64, fleet.tenant, TEAM),
        )
    report = first.engine.sync_once(verify=True)
    assert (report.repaired, report.scopes[TEAM].equal_to_server) == ([TEAM], False)
    report = first.engine.sync_once(verify=True)
    assert (report.repaired, report.scopes[TEAM].equal_to_server) == ([], False)


def test_older_databases_get_the_digests_of_what_they_hold(tmp_path: Path) -> None:
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine, text

    from sync.server.store import MIGRATIONS

    path = tmp_path / "old.db"
    engine = create_engine(f"sqlite:///{path}")
    config = Config()
    config.set_main_option("script_location", MIGRATIONS.as_posix())
    body = {"title": "Old", "created_at": "2026-01-05T09:00:00.000000Z"}
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(text("INSERT INTO tenant VALUES ('a', 'A', '', 'e', '2026-01-01')"))
        connection.execute(
            text("INSERT INTO scope_counter (tenant, scope, n, chain) VALUES ('a', 's', 1, '')")
        )
        connection.execute(
            text(
                "INSERT INTO record (tenant, type, id, scope, ver, seq, fver, body, deleted)"
                " VALUES ('a', 'test_thing', 'i', 's', 1, 1, '{}', :body, 0)"
            ),
            {"body": json.dumps(body)},
        )
        connection.execute(
            text(
                "INSERT INTO change (tenant, scope, seq, type, id, ver, data, chain)"
                " VALUES ('a', 's', 1, 'test_thing', 'i', 1, :data, '')"
            ),
            {"data": json.dumps({"at": body["created_at"]})},
        )
    engine.dispose()
    books = ServerStore.open(str(path))
    with books.read("a") as connection:
        digest = connection.exec_driver_sql("SELECT digest FROM scope_counter").scalar_one()
        at = connection.exec_driver_sql("SELECT at FROM record").scalar_one()
    books.close()
    assert digest == moved(ZERO, record_hash("test_thing", "i", 1, body))
    assert at == body["created_at"]
