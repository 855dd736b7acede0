"""Push and pull: raw routes, as a typed pydantic one costs five times as much for thousands of operations."""

from __future__ import annotations

from sync import wire
from sync.server import acks
from sync.server.pull import pull
from sync.server.push import push
from sync.server.routing import Call, Route
from sync.server.snapshot import snapshot
from sync.wire_snapshot import (
    RawSnapshotPage,
    SnapshotPage,
    SnapshotRequest,
    WatchAnswer,
    WatchRequest,
)


def _push(call: Call) -> wire.PushAnswer:
    answer = push(call.deps.store, call.person, call.body, call.deps.clock())
    counts: dict[str, int] = {}
    for result in answer.results:
        counts[result.status] = counts.get(result.status, 0) + 1
    call.deps.watchers.pushed(call.person.tenant)
    call.deps.pushed.set()
    call.trace.counts = counts
    call.deps.meters.pushed(counts)
    return answer


async def _watch(call: Call) -> WatchAnswer:
    return WatchAnswer(await call.deps.watchers.wait(call.person, call.read(WatchRequest)))


def _pull(call: Call) -> wire.PullAnswer:
    asked = call.read(wire.PullRequest)
    with call.deps.store.read(call.person.tenant) as connection:
        answer = pull(connection, call.person, asked)
        read = acks.due(connection, call.person, asked.scopes, call.deps.clock())
    if read:
        acks.note(call.deps.store, call.person, read, call.deps.clock())
    call.deps.meters.pulled(
        call.person.tenant, [(scope, len(page.changes)) for scope, page in answer.scopes.items()]
    )
    return answer


def _snapshot(call: Call) -> RawSnapshotPage:
    asked = call.read(SnapshotRequest)
    with call.deps.store.read(call.person.tenant) as connection:
        return snapshot(connection, call.person, asked)


ROUTES = (
    Route(
        "POST",
        "/v1/push",
        _push,
        "Hand over operations",
        wire.PushAnswer,
        wire.PushRequest,
        errors=(409,),
        paced=True,
        feature="push",
        example={"device": "0197d000-0000-7000-8000-00000000000a", "ops": []},
    ),
    Route(
        "POST",
        "/v1/pull",
        _pull,
        "Read on in scopes",
        wire.PullAnswer,
        wire.PullRequest,
        feature="pull",
        example={"scopes": {"team:team-1": {"after": 0, "chain": ""}}, "limit": 2000},
    ),
    Route(
        "POST",
        "/v1/snapshot",
        _snapshot,
        "Read a scope's records as they are now",
        SnapshotPage,
        SnapshotRequest,
        errors=(409,),
        feature="snapshot",
        example={"scope": "team:team-1", "after": "", "limit": 5000},
    ),
    Route(
        "POST",
        "/v1/watch",
        _watch,
        "Wait until some scope has more",
        WatchAnswer,
        WatchRequest,
        feature="watch",
        example={"scopes": {"team:team-1": 0}, "seconds": 0},
    ),
)
