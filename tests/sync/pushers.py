"""Many small laptops without a store: they push, or read on and count what they miss."""

from __future__ import annotations

import base64
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec
from msgspec import Raw

from models import clock
from models.ids import new_id
from sync import chain, wire
from sync.account import Account, public_key
from sync.client import HttpTransport
from sync.errors import Offline, ServerBusy
from sync.server import accounts
from sync.server.store import ServerStore, stamp
from sync.server.tables import device
from sync.wire import Kind


def admit(books: ServerStore, tenant: str, user: str, teams: Sequence[str], address: str) -> Account:
    """A laptop that is let in without a code, as a code costs a tenth of a second by design."""
    seed, device_id, now = random.randbytes(32), new_id(), datetime.now(UTC)
    with books.write(tenant) as connection:
        accounts.put_account(connection, tenant, user, user, ["officer", "lead"], list(teams))
        connection.execute(
            device.insert().values(
                tenant=tenant,
                device_id=device_id,
                user_id=user,
                name=user,
                public_key=public_key(seed),
                shared=False,
                status="active",
                last_dseq=0,
                created_at=stamp(now),
            )
        )
        tokens = accounts._issue(connection, tenant, device_id, new_id(), now)
    account = Account(
        server=address,
        tenant=tenant,
        device=device_id,
        user=user,
        name=user,
        roles=["lead", "officer"],
        teams=list(teams),
        scopes=sorted(f"team:{team}" for team in teams),
        council="",
        telephone="",
        seed=base64.b64encode(seed).decode(),
        access="",
        refresh="",
        access_until=0,
    )
    account.take_tokens(tokens, time.time())
    return account


@dataclass
class Pusher:
    """Pushes a few records at a time into one scope or another, and repeats what got no answer."""

    account: Account
    places: dict[str, str]  # scope -> a place with a limit
    seed: int
    accepted: list[str] = field(default_factory=list)
    answers: int = 0
    problem: BaseException | None = None

    def run(self, until: Callable[[], bool]) -> None:
        """Pushes until it is told to stop, and then until its last push was answered."""
        transport = HttpTransport(self.account, read_seconds=10.0)
        chance = random.Random(self.seed)
        dseq = 0
        try:
            while not until():
                ops = self._ops(chance, dseq)
                dseq += len(ops)
                answer = self._answered(transport, wire.encode(wire.RawPush(self.account.device, ops)))
                self.answers += 1
                self.accepted += [r.op for r in answer.results if (r.was or r.status) == "applied"]
        except BaseException as error:
            self.problem = error
        finally:
            transport.close()

    def _answered(self, transport: HttpTransport, body: bytes) -> wire.PushAnswer:
        for _ in range(200):
            try:
                return transport.push(body)
            except (Offline, ServerBusy):
                continue
        raise RuntimeError("no answer to a push after 200 tries")

    def _ops(self, chance: random.Random, dseq: int) -> list[wire.RawOp]:
        made = []
        for n in range(chance.randint(1, 4)):
            scope = chance.choice(self.account.scopes)
            at = datetime.now(UTC)
            title = f"{self.account.user} {dseq + n}"
            kind, body = "test_thing", {"title": title, "state": "draft", "created_at": stamp(at)}
            if chance.random() < 0.3:
                kind = "test_booking"
                body = {"place_id": self.places[scope], "state": "wanted", "created_at": stamp(at)}
            made.append(
                wire.RawOp(
                    op=new_id(),
                    dseq=dseq + n + 1,
                    group=new_id(),
                    t=kind,
                    id=new_id(),
                    scope=scope,
                    kind=Kind.CREATE,
                    base=0,
                    hlc=clock.tick(None, at, self.account.device),
                    at=stamp(at),
                    author=self.account.user,
                    name=self.account.user,
                    f=Raw(wire.encode(body)),
                    b=Raw(b"{}"),
                )
            )
        return made


@dataclass
class Reader:
    """Polls every scope without a pause and writes down each change, each hole, each broken chain."""

    account: Account
    read: dict[str, list[str]] = field(default_factory=dict)
    holes: int = 0
    broken: int = 0
    polls: int = 0
    problem: BaseException | None = None

    def run(self, until: Callable[[], bool]) -> None:
        """Reads until it is told to stop, and then to the head."""
        transport = HttpTransport(self.account, read_seconds=10.0)
        cursors = {scope: wire.Cursor(0) for scope in self.account.scopes}
        try:
            last = False
            while True:
                last = last or until()
                try:
                    answer = transport.pull(wire.PullRequest(dict(cursors), limit=200))
                except (Offline, ServerBusy):
                    continue
                self.polls += 1
                moved = [self._take(cursors, scope, page) for scope, page in answer.scopes.items()]
                if last and not any(moved):
                    return
        except BaseException as error:
            self.problem = error
        finally:
            transport.close()

    def _take(self, cursors: dict[str, wire.Cursor], scope: str, page: wire.Page) -> bool:
        if page.error is not None:
            self.broken += 1
            cursors[scope] = wire.Cursor(cursors[scope].after)
            return False
        raws = [bytes(raw) for raw in page.changes]
        changes = [msgspec.json.decode(raw, type=wire.RawChange) for raw in raws]
        expected = range(page.after + 1, page.after + 1 + len(changes))
        self.holes += sum(change.seq != seq for change, seq in zip(changes, expected, strict=True))
        self.holes += page.to - page.after - len(raws)
        if cursors[scope].chain and chain.extend(cursors[scope].chain, raws) != page.chain:
            self.broken += 1
        cursors[scope] = wire.Cursor(page.to, page.chain)
        self.read.setdefault(scope, []).extend(change.op for change in changes)
        return bool(raws)


def work(pushers: Sequence[Pusher], reader: Reader, seconds: float) -> None:
    """Runs all of them at once for so long; the reader stops once it has read what they left."""
    ends = time.monotonic() + seconds
    threads = [
        threading.Thread(target=pusher.run, args=(lambda: time.monotonic() >= ends,)) for pusher in pushers
    ]
    done = threading.Event()
    reading = threading.Thread(target=reader.run, args=(done.is_set,))
    reading.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds + 120)
    done.set()
    reading.join(120)
