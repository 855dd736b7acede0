"""Waiting for news: a colleague's change is heard of at once, nobody waits in vain, and ending is prompt."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from sync import wire
from sync.client import Caller
from sync.server import watch
from sync.server.accounts import Actor
from sync.server.denied import Denied
from sync.server.store import ServerStore
from sync.server.watch import Watchers
from sync.watching import Watcher
from sync.wire_snapshot import WatchAnswer, WatchRequest
from tests.sync.kit import ROOT, Fleet, Laptop, RealServer
from tests.sync.test_digest import TEAM
from tests.things import Thing

NEVER = 1_000.0
WAITS = """
import sys
from pathlib import Path
from models.store import Store
from sync import account as accounts
from sync.watching import Watcher
store = Store.open(Path(sys.argv[1]), bytes(range(32)))
watcher = Watcher(store, accounts.load(store), lambda: print("news", flush=True))
watcher.start()
print("waits", flush=True)
sys.stdin.readline()
watcher.stop()
store.close()
"""


def add(laptop: Laptop) -> None:
    laptop.write("Add", lambda s: s.add(Thing(title="News")))
    laptop.sync()


def asked(laptop: Laptop, seconds: int, **scopes: int) -> list[str]:
    """One question of a laptop, over the network."""
    caller = Caller(laptop.account.server)
    body = wire.encode(WatchRequest(scopes, seconds))
    try:
        return caller.call("POST", "/v1/watch", WatchAnswer, body, laptop.account).scopes
    finally:
        caller.close()


def test_a_laptop_is_told_which_scopes_have_more_and_only_of_those_it_may_read(net_fleet: Fleet) -> None:
    first, second = net_fleet.join(), net_fleet.join("u-2", "Priya Senn")
    add(first)
    scopes = {TEAM: 0, "tenant": 0, "team:team-9": 0, "user:u-1": 0}
    assert asked(second, 25, **scopes) == [TEAM]
    assert asked(second, 0, **{TEAM: 1}) == []
    assert asked(second, 25, **{"team:team-9": 0}) == []


@pytest.mark.parametrize("other_process", [False, True])
def test_news_comes_by_itself_also_from_another_server_process(
    tmp_path: Path, template: Path, own_server: RealServer, other_process: bool
) -> None:
    books = ServerStore.open(own_server.db)
    fleet = Fleet(tmp_path, books, template, own_server)
    first, second = fleet.join(), fleet.join("u-2", "Priya Senn")
    add(first)
    second.sync()
    beside = RealServer(own_server.db).start() if other_process else None
    if beside is not None:
        first.through(beside.address)
    heard = threading.Event()
    watcher = Watcher(second.store, second.account, heard.set)
    watcher.start()
    add(first)
    assert heard.wait(20)
    watcher.stop()
    fleet.close()
    books.close()
    own_server.stop()
    if beside is not None:
        beside.stop()
    watcher._thread.join(20)


def test_a_program_that_waits_ends_at_once(net_fleet: Fleet) -> None:
    first, second = net_fleet.join(), net_fleet.join("u-2", "Priya Senn")
    add(first)
    second.sync()
    command = [sys.executable, "-c", WAITS, str(second.store.path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waits\n"
        add(first)
        assert process.stdout.readline() == "news\n"
        process.communicate("end\n", timeout=20)
        assert process.returncode == 0


def actor_of(laptop: Laptop) -> Actor:
    actor: Actor = laptop.transport._actor()
    return actor


def test_a_push_wakes_those_who_wait_without_another_look(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "LOOK", NEVER)
    first, second = fleet.join(), fleet.join("u-2", "Priya Senn")
    watchers = Watchers(fleet.books)

    async def run() -> list[str]:
        waits = asyncio.create_task(watchers.wait(actor_of(second), WatchRequest({TEAM: 0, "tenant": 0})))
        await asyncio.to_thread(_until_waiting, watchers)
        await asyncio.to_thread(add, first)
        await asyncio.to_thread(watchers.pushed, fleet.tenant)
        return await waits

    assert asyncio.run(run()) == [TEAM]
    assert watchers._waiting == {}


def _until_waiting(watchers: Watchers) -> None:
    """Returns once the first look of everybody who waits is over."""
    for _ in range(50):
        watchers._heads("nobody")


def test_what_another_process_commits_is_seen_at_the_next_look(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "LOOK", 0.01)
    first, second = fleet.join(), fleet.join("u-2", "Priya Senn")
    watchers = Watchers(fleet.books)

    async def run() -> list[str]:
        waits = asyncio.create_task(watchers.wait(actor_of(second), WatchRequest({TEAM: 0})))
        await asyncio.to_thread(_until_waiting, watchers)
        await asyncio.to_thread(add, first)
        return await waits

    assert asyncio.run(run()) == [TEAM]


def test_a_laptop_waits_once_and_there_is_room_for_so_many(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "LOOK", NEVER)
    monkeypatch.setattr(watch, "MOST", 2)
    actor = actor_of(fleet.join())
    watchers = Watchers(fleet.books)
    question = WatchRequest({TEAM: 0})

    async def run() -> None:
        first = asyncio.create_task(watchers.wait(actor, question))
        await asyncio.sleep(0)
        second = asyncio.create_task(watchers.wait(actor, question))
        assert await first == []
        other = asyncio.create_task(watchers.wait(replace(actor, device_id="other"), question))
        await asyncio.sleep(0)
        with pytest.raises(Denied) as caught:
            await watchers.wait(replace(actor, device_id="third"), question)
        assert (caught.value.status, caught.value.code) == (503, "busy 25")
        watchers.close()
        assert await asyncio.gather(second, other) == [[], []]
        assert await watchers.wait(actor, question) == []

    asyncio.run(run())
