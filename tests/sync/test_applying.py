"""Pages by the thousand: what the quick way makes of them is what the careful way makes of them."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select, text

import tests.things  # noqa: F401  its types are applied here
from models import arrivals, failpoints, search
from models.arrivals import Told
from models.history import history_of
from models.ids import new_id
from models.outbox import History, SearchQueue
from models.store import Store
from sync import applying, chain, incoming, wire
from sync.applying import Whole, insert_records
from sync.columns import columns_of, is_plain, plain_of
from sync.errors import BadPage
from sync.incoming import Place, apply_page
from sync.server import rules
from tests.conftest import KEY

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
AT = "2026-03-01T09:00:00.000000Z"
PLACE = Place("team:team-1", "averwick", "e", "o", "d-1")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.create(tmp_path / "a.db", KEY)
    yield made
    made.close()


def change(seq: int, record_id: str, **more: Any) -> dict[str, Any]:
    """A change as the server writes it."""
    given_ = {"f": {"title": f"Thing {seq}", "created_at": AT}, "ver": 1, "kind": "create", **more}
    head = {"seq": seq, "op": new_id(), "t": "test_thing", "id": record_id, "by": "u-2", "name": "Ros"}
    return {**head, "device": "d-2", "hlc": f"0197d0000000{seq:04x}-d-2", "at": AT, **given_}


def page(changes: list[dict[str, Any]], after: int = 0, start: str = "") -> wire.Page:
    """A page of changes whose chain is right."""
    raws = [json.dumps(item, ensure_ascii=False).encode() for item in changes]
    start = start or chain.genesis(PLACE.origin, PLACE.tenant, PLACE.scope)
    to = after + len(raws)
    return wire.Page(after, to, to, chain.extend(start, raws), [msgspec.Raw(raw) for raw in raws])


def apply(store: Store, *changes: dict[str, Any]) -> None:
    """Applies one page in one transaction."""
    with store.connect(write=True) as connection:
        apply_page(connection, PLACE, page(list(changes)), NOW)


def tables(connection: Connection) -> dict[str, list[Any]]:
    """All that a page may alter, in an order of its own."""
    names = ("test_thing", "history", "arrival", "trash", "shadow", "scope_state", "search_queue")
    found = {name: sorted(map(repr, connection.execute(text(f"SELECT * FROM {name}")))) for name in names}
    docs = "SELECT d.type, d.record_id, d.title, d.detail, s.title, s.body FROM search_doc d"
    return {**found, "find": sorted(connection.execute(text(f"{docs} JOIN search_text s ON s.rowid = d.n")))}


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12).map(
    lambda words: unicodedata.normalize("NFC", words)
)
FIELDS = st.fixed_dictionaries(
    {"created_at": st.sampled_from([AT, "2026-02-28T10:11:12.131415Z"])},
    optional={
        "title": WORDS,
        "note": WORDS,
        "address": WORDS | st.none(),
        "tags": st.lists(WORDS | st.integers(-5, 5), max_size=3),
        "stock": st.integers(-(2**53), 2**53),
        "seen": st.sampled_from(["2026-02-28", None]),
        "state": st.sampled_from(["draft", "review", "from a newer Holdall"]),
        "unheard_of": st.integers(),
    },
)
STEPS = st.lists(
    st.tuples(st.sampled_from(["create", "patch", "delete", "restore"]), st.integers(0, 5), FIELDS),
    min_size=1,
    max_size=14,
)


def told(steps: list[tuple[str, int, dict[str, Any]]]) -> list[dict[str, Any]]:
    """The steps as a log that a server could have written."""
    ids, versions, log = [new_id() for _ in range(6)], [0] * 6, []
    for kind, which, fields in steps:
        versions[which] += 1
        made = "create" if versions[which] == 1 else "patch" if kind == "create" else kind
        moved = {"delete": {"d": True}, "restore": {"d": False}}.get(made, {})
        sent = fields if made == "create" else {k: v for k, v in fields.items() if k != "created_at"}
        log.append(change(len(log) + 1, ids[which], kind=made, ver=versions[which], f=sent, **moved))
    return log


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, cut=st.integers(0, 14))
def test_the_quick_way_and_the_careful_way_leave_the_same_tables(
    store: Store, steps: list[tuple[str, int, dict[str, Any]]], cut: int
) -> None:
    log = told(steps)
    left = []
    for careful in (False, True):
        with store.connect(write=True) as connection, pytest.MonkeyPatch.context() as patch:
            if careful:
                patch.setattr(applying, "split", lambda c, changes, mine: ({}, list(changes)))
            apply_page(connection, PLACE, page(log[:cut]), NOW)
            second = page(log[cut:], min(cut, len(log)), incoming.position(connection, PLACE)[1])
            apply_page(connection, PLACE, second, NOW)
            left.append(tables(connection))
            connection.rollback()
    assert left[0] == left[1]


def test_a_page_may_make_change_and_delete_the_same_record(store: Store) -> None:
    one, two, three = new_id(), new_id(), new_id()
    apply(
        store,
        change(1, one),
        change(2, two),
        change(3, one, ver=2, kind="patch", f={"stock": 4}),
        change(4, three),
        change(5, three, ver=2, kind="delete", d=True, f={}),
    )
    with store.connect() as connection:
        rows = connection.execute(text("SELECT id, version, stock, deleted FROM test_thing ORDER BY id"))
        assert [tuple(row) for row in rows] == sorted([(one, 2, 4, 0), (two, 1, 0, 0), (three, 2, 0, 1)])


@pytest.mark.parametrize(
    "fields",
    [
        {"title": 5},
        {"title": "nul\x00"},
        {"title": "half a pair \ud800"},
        {"title": "x" * 500_001},
        {"stock": "5"},
        {"stock": 1.0},
        {"stock": True},
        {"stock": 2**63},
        {"seen": "2026-02-30"},
        {"created_at": "2026-03-01 09:00"},
        {"tags": [0.5]},
    ],
    ids=str,
)
def test_a_value_that_does_not_fit_is_refused_and_leaves_nothing(store: Store, fields: Any) -> None:
    bad = change(2, new_id(), f={"created_at": AT, **fields})
    raws = [json.dumps(item).encode() for item in (change(1, new_id()), bad)]
    start = chain.genesis(PLACE.origin, PLACE.tenant, PLACE.scope)
    made = wire.Page(0, 2, 2, chain.extend(start, raws), [msgspec.Raw(raw) for raw in raws])
    with pytest.raises(BadPage), store.connect(write=True) as connection:
        apply_page(connection, PLACE, made, NOW)
    with store.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM test_thing")).scalar_one() == 0


@pytest.mark.parametrize("escaped", [True, False])
def test_text_that_is_not_in_nfc_is_brought_into_it(store: Store, escaped: bool) -> None:
    raw = json.dumps({"created_at": AT, "title": "Ffion Wy\u0302n"}, ensure_ascii=escaped).encode()
    assert not is_plain([raw])
    with store.connect(write=True) as connection:
        insert_records(connection, "test_thing", "team:team-1", [Whole(new_id(), 1, False, AT, raw)])
        assert connection.execute(text("SELECT title FROM test_thing")).scalar_one() == "Ffion Wŷn"


def test_a_record_without_its_beginning_takes_the_moment_of_its_change(store: Store) -> None:
    with store.connect(write=True) as connection:
        insert_records(connection, "test_thing", "tenant", [Whole(new_id(), 3, False, AT, b"{}")])
        assert connection.execute(text("SELECT created_at FROM test_thing")).scalar_one() == AT


def test_every_plain_value_is_read_as_the_careful_way_reads_it() -> None:
    body = {
        "created_at": AT,
        "title": "Wŷn",
        "tags": ["b", {"z": 1, "a": 2}],
        "stock": -3,
        "seen": "2026-02-28",
    }
    raw = msgspec.json.encode(body)
    quick = [column[0] for column in plain_of("test_thing").read([raw])]
    assert quick == columns_of("test_thing").row(body)


@pytest.mark.parametrize("odd", ["20260228--", "2026-W09-6", "20260228", "2026-2-28", "2026-02-30", 20260228])
def test_a_day_has_one_spelling_at_both_ends(odd: object) -> None:
    raw = msgspec.json.encode({"created_at": AT, "seen": odd})
    for read in (
        lambda: columns_of("test_thing").row({"seen": odd}),
        lambda: plain_of("test_thing").read([raw]),
        lambda: rules.rules_of("test_thing").checks["seen"](odd),
    ):
        with pytest.raises((ValueError, TypeError)):
            read()


def test_what_came_in_by_the_thousand_is_found_at_once_and_after(store: Store) -> None:
    many = [change(n, new_id()) for n in range(1, 300)]
    words = ("Zoë O’Neill’s kettle", "A zebra", "snake_case words")
    some = [change(300 + n, new_id(), f={"title": w, "created_at": AT}) for n, w in enumerate(words)]
    apply(store, *many, *some)
    sought = (
        "zoe",
        "ZOË kett",
        "neill s",
        "zeb",
        "snake",
        "case words",
        "thing 29",
        "Thing 299",
        "kettle zoe",
    )
    none = ("zoeneill", "ettle", "kettle zeb")

    def look() -> dict[str, set[str]]:
        with store.read() as session:
            return {w: {h.title for h in search.find(session, w, 20)} for w in (*sought, *none)}

    with store.connect() as connection:
        assert arrivals.is_behind(connection)
        assert not search.is_behind(connection)
    before = look()
    with store.connect(write=True) as connection:
        assert not arrivals.settle(connection)
        assert not arrivals.is_behind(connection)
    with store.read() as session:
        assert session.query(SearchQueue).count() == 302
    assert look() == before
    with store.connect(write=True) as connection:
        while search.catch_up(connection, 100):
            pass
    assert look() == before
    assert {w for w, titles in before.items() if titles} == set(sought)


def test_find_forgets_what_changed_while_it_waited(store: Store) -> None:
    ids = [new_id() for _ in range(300)]
    apply(store, *(change(n, record_id) for n, record_id in enumerate(ids, 1)))
    with store.connect(write=True) as connection:
        connection.execute(text("UPDATE test_thing SET deleted = 1 WHERE id = :id"), {"id": ids[7]})
        connection.execute(text("UPDATE test_thing SET title = 'Teapot' WHERE id = :id"), {"id": ids[8]})
        connection.execute(text("DELETE FROM test_thing WHERE id = :id"), {"id": ids[9]})
    for _ in range(2):
        with store.read() as session:
            assert [hit.title for hit in search.find(session, "teapot")] == ["Teapot"]
            for number in (8, 9, 10):
                assert search.find(session, f"Thing {number} ") == [] or all(
                    hit.title.startswith(f"Thing {number}") and hit.title != f"Thing {number}"
                    for hit in search.find(session, f"thing {number}")
                )
        with store.connect(write=True) as connection:
            arrivals.settle(connection)
            while search.catch_up(connection, 64):
                pass


def read_history(store: Store, record_ids: list[str]) -> list[Any]:
    """What the history tells of some records."""
    with store.read() as session:
        return [history_of(session, "test_thing", record_id) for record_id in record_ids]


def test_the_history_of_what_came_in_by_the_thousand_is_the_same_at_once_and_after(store: Store) -> None:
    ids = [new_id() for _ in range(300)]
    odd = {
        "created_at": AT,
        "title": 'Zoë’s "teapot" \\ \t',
        "tags": [{"a": [1, None, True]}],
        "stock": 2**53,
    }
    made = [change(n, record_id) for n, record_id in enumerate(ids, 1)]
    made[7]["f"] = odd
    apply(store, *made)
    with store.connect(write=True) as connection:
        start = incoming.position(connection, PLACE)[1]
        second = page([change(301, ids[7], ver=2, kind="patch", f={"stock": 4})], 300, start)
        apply_page(connection, PLACE, second, NOW)
    some = ids[:20]
    waiting = read_history(store, some)
    assert [entry.fields for entry in waiting[7]] == [odd, {"stock": 4}]
    with store.read() as session:
        assert session.query(History).count() == 1
        assert session.scalar(select(func.count(Told.op_id))) == 301
    with store.connect(write=True) as connection:
        assert not arrivals.settle(connection)
    assert read_history(store, some) == waiting
    with store.read() as session:
        assert session.query(History).count() == 301
        assert session.scalar(select(func.count(Told.op_id))) == 301


@pytest.mark.parametrize("others", [0, 3])
def test_history_that_was_left_for_after_is_byte_for_byte_what_is_written_at_once(
    store: Store, monkeypatch: Any, others: int
) -> None:
    ids = [new_id() for _ in range(250)]
    log = [change(n, record_id, f={"title": "Wŷn", "tags": [{}, []]}) for n, record_id in enumerate(ids, 1)]
    for n in range(others):
        log.insert(100 + n, change(0, ids[n], ver=2, kind="patch", f={"stock": n}))
    log = [{**item, "seq": seq} for seq, item in enumerate(log, 1)]
    made = page(log)
    left = []
    for later in (True, False):
        with store.connect(write=True) as connection, monkeypatch.context() as patch:
            if not later:
                patch.setattr(applying, "for_later", lambda *given: None)
            apply_page(connection, PLACE, made, NOW)
            assert arrivals.is_behind(connection) is later
            arrivals.settle(connection)
            left.append(tables(connection))
            connection.rollback()
    assert left[0] == left[1]


def test_what_came_in_since_a_moment_is_counted_while_it_waits(store: Store) -> None:
    early, late = "2026-02-01T09:00:00.000000Z", "2026-03-01T12:00:00.000000Z"
    apply(store, *(change(n, new_id(), at=late if n > 100 else AT) for n in range(1, 301)))
    moments = (early, AT, "2026-03-01T10:00:00.000000Z", late, "2026-03-01T12:00:00.000001Z")

    def counts() -> list[int]:
        with store.read() as session:
            return [arrivals.received_since(session, datetime.fromisoformat(moment)) for moment in moments]

    assert counts() == [300, 300, 200, 200, 0]
    with store.connect(write=True) as connection:
        arrivals.settle(connection)
    assert counts() == [300, 300, 200, 200, 0]


def test_what_was_written_at_once_already_is_not_told_twice(store: Store) -> None:
    made = [change(n, new_id()) for n in range(1, 301)]
    apply(store, *made)
    first = made[0]
    with store.connect(write=True) as connection:
        connection.exec_driver_sql(
            "INSERT INTO history (type, record_id, op_id, kind, fields, version, author_name, at)"
            " VALUES ('test_thing', ?, ?, 'create', '{}', 1, 'Ros', ?)",
            (first["id"], first["op"], first["at"]),
        )
    assert len(read_history(store, [first["id"]])[0]) == 1
    with store.connect(write=True) as connection:
        arrivals.settle(connection)
    assert len(read_history(store, [first["id"]])[0]) == 1


def test_a_crash_before_find_has_caught_up_loses_nothing(store: Store, monkeypatch: Any) -> None:
    apply(store, *(change(n, new_id()) for n in range(1, 301)))

    def die(name: str) -> None:
        raise MemoryError(name)

    monkeypatch.setattr(failpoints, "trap", die)
    with pytest.raises(MemoryError), store.connect(write=True) as connection:
        arrivals.settle(connection)
        failpoints.hit("mid_page")
    with store.connect(write=True) as connection:
        assert arrivals.is_behind(connection)
        arrivals.settle(connection)
    with pytest.raises(MemoryError), store.connect(write=True) as connection:
        search.catch_up(connection, 100)
        failpoints.hit("mid_page")
    monkeypatch.setattr(failpoints, "trap", None)
    with store.connect(write=True) as connection:
        assert search.catch_up(connection, 299)
        assert not search.catch_up(connection, 299)
        assert connection.execute(text("SELECT count(*) FROM search_doc")).scalar_one() == 300
