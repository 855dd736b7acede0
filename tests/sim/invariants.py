"""What must hold when the world has come to rest, whatever happened before."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import msgspec
from sqlalchemy import select, text

from models.arrivals import Told
from models.base import record_types, row_body, table_of
from models.outbox import Conflict, OpState, OutboxOp, Shadow
from models.sentences import pieces
from sync import chain, wire
from sync.server import tables
from sync.server.store import origin_of
from tests.sim.people import MARK
from tests.sim.world import TENANT, Broken, SimLaptop, World

ENDS = {
    state.value
    for state in (
        OpState.SETTLED,
        OpState.CONFLICTED,
        OpState.REJECTED,
        OpState.BLOCKED,
        OpState.WITHDRAWN,
    )
}
TAKEN = {OpState.SETTLED.value, OpState.CONFLICTED.value}
ACCEPTED = {"applied", "merged", "conflict"}
TYPES = ("test_thing", "test_place", "test_booking", "test_binder", "test_leaf", "test_secret", "test_wish")


def demand(holds: bool, words: str) -> None:
    """Raises Broken unless it holds."""
    if not holds:
        raise Broken(words)


def check(world: World) -> None:
    """Every invariant, after quiet."""
    results = answers(world)
    every_operation_ended(world, results)
    nothing_took_effect_twice(world, results)
    allocations_hold(world)
    copies_agree(world, results)
    chains_join(world)
    if not world.compacted:
        accepted_values_are_on_record(world, results)
    last_words_stand(world, results)
    order_is_kept(world)
    nobody_reads_what_nobody_wrote(world)
    sealed_words_are_nowhere(world)
    stores_are_sound(world)


def answers(world: World) -> dict[str, dict[str, Any]]:
    """The server's answer to every operation it knows of."""
    with world.server.store.read(TENANT) as connection:
        rows = connection.execute(select(tables.op_result.c.op_id, tables.op_result.c.answer)).all()
    return {row.op_id: json.loads(row.answer) for row in rows}


def every_operation_ended(world: World, results: dict[str, dict[str, Any]]) -> None:
    """Each operation ever written is in exactly one end where it was written, and the server agrees."""
    states: dict[str, set[str]] = {}
    for laptop in world.laptops:
        with laptop.store.connect() as connection:
            rows = connection.execute(select(OutboxOp.op_id, OutboxOp.state)).all()
            told = set(connection.execute(select(Told.op_id)).scalars())
        for row in rows:
            if not laptop.revoked:
                demand(row.state in ENDS, f"{laptop.name}: {row.op_id} came to no end but is {row.state}")
            states.setdefault(row.op_id, set()).add(row.state)
        here = {row.op_id for row in rows} | told
        own = [written.op_id for written in world.written.values() if written.laptop == laptop.name]
        missing = [op_id for op_id in own if op_id not in here]
        demand(not missing, f"{laptop.name}: operations vanished: {missing[:3]}")
    for op_id, found in states.items():
        answer = results.get(op_id)
        if found & TAKEN and not (world.server.restores and _is_revoked(world, op_id)):
            demand(
                answer is not None and answer["status"] in ACCEPTED,
                f"{op_id} is {found} here, the server says {answer}",
            )
        if answer is not None and answer["status"] in ACCEPTED:
            demand(bool(found & TAKEN) or _is_revoked(world, op_id), f"{op_id} was taken, here it is {found}")


def _is_revoked(world: World, op_id: str) -> bool:
    written = world.written.get(op_id)
    return any(x.revoked and written is not None and x.name == written.laptop for x in world.laptops)


def nothing_took_effect_twice(world: World, results: dict[str, dict[str, Any]]) -> None:
    """An operation stands in the log once, and every counter is the sum of what was accepted."""
    with world.server.store.read(TENANT) as connection:
        logged = connection.execute(select(tables.change.c.scope, tables.change.c.data)).all()
        stocks = {
            row.id: json.loads(row.body).get("stock", 0)
            for row in connection.execute(select(tables.record).where(tables.record.c.type == "test_thing"))
        }
    seen = Counter((row.scope, json.loads(row.data)["op"]) for row in logged)
    twice = [key for key, count in seen.items() if count > 1]
    demand(not twice, f"in the log more than once: {twice[:3]}")
    unknown = [op for _, op in seen if op not in world.written]
    demand(not unknown, f"in the log, but nobody wrote it: {unknown[:3]}")
    sums: Counter[str] = Counter()
    for op_id, answer in results.items():
        written = world.written[op_id]
        if answer["status"] in ACCEPTED and written.type == "test_thing" and "stock" in written.fields:
            sums[written.record_id] += written.fields["stock"] - (written.base.get("stock") or 0)
    wrong = {i: (stock, sums[i]) for i, stock in stocks.items() if stock != sums[i]}
    demand(not wrong, f"stock is not the sum of its changes: {dict(list(wrong.items())[:3])}")


def allocations_hold(world: World) -> None:
    """No resource has given more than it has, and the server's books say what the records say."""
    with world.server.store.read(TENANT) as connection:
        rows = connection.execute(select(tables.record)).all()
        held = connection.execute(select(tables.holding)).all()
    places = {r.id: json.loads(r.body).get("places", 0) for r in rows if r.type == "test_place"}
    taken: Counter[tuple[str, str]] = Counter()  # each type of taker has the places to itself
    for row in rows:
        body = json.loads(row.body)
        holds = {"test_booking": ("wanted",), "test_wish": ("wanted", "booked")}.get(row.type, ())
        if body.get("state") in holds and not row.deleted:
            taken[row.type, body["place_id"]] += 1
    over = {key: (n, places.get(key[1])) for key, n in taken.items() if n > places.get(key[1], 0)}
    demand(not over, f"promised more than there is: {over}")
    books = Counter((row.type, row.resource_id) for row in held)
    demand(books == taken, f"the books say {books}, the records {taken}")


def no_wish_was_refused(world: World) -> None:
    """No wish for places is refused because they are taken: it is lost for everybody, and says why."""
    with world.server.store.read(TENANT) as connection:
        rows = connection.execute(select(tables.record).where(tables.record.c.type == "test_wish")).all()
    for row in rows:
        body = json.loads(row.body)
        demand(body.get("state") != "lost" or bool(body.get("why")), f"{row.id} is lost without a word")
    for op_id, answer in answers(world).items():
        written = world.written[op_id]
        alone = written.type == "test_wish" and written.fields.get("state", "wanted") == "wanted"
        demand(not alone or answer.get("code") != "taken", f"the wish {op_id} was refused: {answer}")


def copies_agree(world: World, results: dict[str, dict[str, Any]]) -> None:
    """Every laptop shows of each scope it may read what the server holds, and nothing waits on it."""
    with world.server.store.read(TENANT) as connection:
        rows = connection.execute(select(tables.record)).all()
    for laptop in world.live():
        mine = set(laptop.account.scopes)
        wanted = {
            (r.type, r.id): (r.ver, bool(r.deleted), _full(json.loads(r.body)))
            for r in rows
            if r.scope in mine
        }
        shown = shown_by(laptop)
        gone = {key for key in laptop.confirmed - shown.keys() if key[1] not in refused_here(laptop)}
        demand(not gone, f"{laptop.name} had these from the server, and they vanished: {list(gone)[:3]}")
        for key in wanted.keys() | shown.keys():
            if key not in wanted and shown[key][0] == 0 and _lost_its_maker(world, results, key[1]):
                continue  # it is kept, and said to be only here
            demand(
                wanted.get(key) == shown.get(key),
                f"{laptop.name} differs at {key}: server {wanted.get(key)}, here {shown.get(key)}",
            )


def refused_here(laptop: SimLaptop) -> set[str]:
    """The records that this laptop made and that the server would not have, at least not again."""
    states = [OpState.REJECTED.value, OpState.BLOCKED.value, OpState.WITHDRAWN.value]
    made = select(OutboxOp.record_id).where(
        OutboxOp.kind.in_(["create", "sealed"]), OutboxOp.state.in_(states)
    )
    with laptop.store.connect() as connection:
        return set(connection.execute(made).scalars())


def shown_by(laptop: SimLaptop, working: bool = False) -> dict[tuple[str, str], Any]:
    """Every record that a laptop shows: version, whether in the trash, fields. At rest it keeps no shadow."""
    shown: dict[tuple[str, str], Any] = {}
    with laptop.store.connect() as connection:
        shadows = connection.execute(select(Shadow.record_id)).scalars().all()
        demand(working or not shadows, f"{laptop.name} keeps a shadow for nothing: {shadows[:3]}")
        for name in TYPES:
            for row in connection.execute(select(table_of(name))).mappings():
                body = _full(row_body(name, dict(row)))
                shown[name, row["id"]] = (row["version"], bool(row["deleted"]), body)
    return shown


def _lost_its_maker(world: World, results: dict[str, dict[str, Any]], record_id: str) -> bool:
    """Whether a record is one that a restored server forgot and cannot have again: the laptop that made it
    is closed out, or what it stood on was taken by somebody else before it came back."""
    if not world.server.restores:
        return False
    makers = [
        w for w in world.written.values() if w.record_id == record_id and w.kind in ("create", "sealed")
    ]
    refused = all(results.get(w.op_id, {}).get("status") not in ACCEPTED for w in makers)
    return refused or any(_is_revoked(world, written.op_id) for written in makers)


def _full(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}


def chains_join(world: World) -> None:
    """Each scope's log has no hole and each change seals the ones before it."""
    with world.server.store.read(TENANT) as connection:
        origin = origin_of(connection, TENANT)
        for counter in connection.execute(select(tables.scope_counter)).all():
            statement = select(tables.change).where(tables.change.c.scope == counter.scope)
            rows = connection.execute(statement.order_by(tables.change.c.seq)).all()
            first = counter.floor or 1
            demand(
                [row.seq for row in rows] == list(range(first, counter.n + 1)),
                f"a hole in the log of {counter.scope}",
            )
            value = chain.genesis(origin, TENANT, counter.scope)
            for row in rows:
                known = row.seq > first or first == 1  # what the first one after compaction joins to is gone
                value = chain.extend(value, (row.data.encode(),)) if known else row.chain
                demand(value == row.chain, f"the chain of {counter.scope} breaks at {row.seq}")
            demand(value == counter.chain, f"the counter of {counter.scope} has another chain")


def accepted_values_are_on_record(world: World, results: dict[str, dict[str, Any]]) -> None:
    """Whatever somebody wrote and the server took can be found: as a change, or as a side of a conflict."""
    found: dict[tuple[str, str], set[str]] = {}
    with world.server.store.read(TENANT) as connection:
        logged = connection.execute(select(tables.change.c.data)).scalars().all()
    for data in logged:
        change = msgspec.json.decode(data, type=wire.Change)
        for name, value in change.f.items():
            found.setdefault((change.id, name), set()).add(json.dumps(value))
        for row in change.c:
            for value in (row.kept, row.other):
                found.setdefault((change.id, row.field), set()).add(json.dumps(value))
    for op_id, answer in results.items():
        written = world.written[op_id]
        if answer["status"] in ACCEPTED and written.type == "test_thing":
            for name in ("title", "note", "address", "receipt"):
                value = written.fields.get(name)
                if value:
                    demand(
                        json.dumps(value) in found.get((written.record_id, name), set()),
                        f"{written.op_id} wrote {name}={value}, and it is nowhere",
                    )


def last_words_stand(world: World, results: dict[str, dict[str, Any]]) -> None:
    """Where only one laptop ever wrote a field, the field holds what was written there last."""
    writers: dict[tuple[str, str], set[str]] = {}
    last: dict[tuple[str, str], Any] = {}
    for written in world.written.values():  # in the order in which they were written
        answer = results.get(written.op_id)
        if written.type == "test_thing" and answer is not None and answer["status"] in ACCEPTED:
            for name in ("title", "note", "price"):
                if name in written.fields:
                    writers.setdefault((written.record_id, name), set()).add(written.laptop)
                    last[written.record_id, name] = written.fields[name]
    with world.server.store.read(TENANT) as connection:
        rows = connection.execute(select(tables.record).where(tables.record.c.type == "test_thing")).all()
    bodies = {row.id: json.loads(row.body) for row in rows}
    for (record_id, name), value in last.items():
        if len(writers[record_id, name]) == 1:
            stands = bodies[record_id].get(name)
            demand(stands == value, f"{record_id} {name}: the last word was {value}, there stands {stands}")


def order_is_kept(world: World) -> None:
    """What one laptop wrote on one record stands in the log in the order in which it was written."""
    places = {op_id: place for place, op_id in enumerate(world.written)}
    with world.server.store.read(TENANT) as connection:
        logged = connection.execute(
            select(tables.change.c.data).order_by(tables.change.c.scope, tables.change.c.seq)
        )
        changes = [json.loads(data) for data in logged.scalars()]
    reached: dict[tuple[str, str], int] = {}
    for change in changes:
        key = (world.written[change["op"]].laptop, change["id"])
        place = places[change["op"]]
        demand(place > reached.get(key, -1), f"{change['op']} of {key} came after what was written later")
        reached[key] = place


def nobody_reads_what_nobody_wrote(world: World) -> None:
    """Every sentence of every text is one that somebody wrote, whole."""
    written: set[str] = set()
    for one in world.written.values():
        written.update(piece.strip() for piece in pieces(one.fields.get("words") or ""))
    with world.server.store.read(TENANT) as connection:
        rows = connection.execute(select(tables.record.c.body).where(tables.record.c.type == "test_leaf"))
        texts = [json.loads(body).get("words") or "" for body in rows.scalars()]
    salad = [piece for text_ in texts for piece in pieces(text_) if piece.strip() not in written]
    demand(not salad, f"sentences that nobody wrote: {salad[:3]}")


def sealed_words_are_nowhere(world: World) -> None:
    """No byte of what a person sealed can be read in the server's database."""
    for path in world.server.path.parent.glob("server.db*"):
        demand(MARK.encode() not in path.read_bytes(), f"sealed words stand in {path.name}")


def stores_are_sound(world: World) -> None:
    """No file is damaged, no conflict hangs on a record that is not there."""
    for laptop in world.laptops:
        with laptop.store.connect() as connection:
            verdict = connection.execute(text("PRAGMA quick_check")).scalar_one()
            demand(verdict == "ok", f"{laptop.name}: {verdict}")
            types = set(connection.execute(select(Conflict.type)).scalars())
        demand(types <= set(record_types()), f"{laptop.name}: conflicts of unknown types {types}")
