"""Processes that are made to die: a laptop's day and a server, forked from one that has all loaded."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import socket
import sys
import time
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import tests.things as things
from models import blobs, failpoints
from models.changes import Author
from models.store import Store
from sync import account as accounts
from sync import carry
from sync.client import HttpTransport
from sync.engine import Engine
from sync.errors import SyncError

KEY = bytes(range(32))
ENDED, NOT_REACHED = 0, 75
PHOTO = b"\xff\xd8\xff\xe0"


def forkserver() -> Any:
    """A maker of processes that have everything loaded; on Windows they load it themselves."""
    if sys.platform == "win32":
        return multiprocessing.get_context("spawn")
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(["tests.sync.dying", "sync.server.api", "sync.server.__main__", "uvicorn"])
    return made


def laptop_day(
    path: str, address: str, journal: str, run: int, fail: str | None, errand: str, stick: str
) -> None:
    """What a laptop's process does in one run: two acts, each written into the journal once it is on the
    disk, a photo now and then, an errand, one sync. Dies at the named place, if it passes there.

    Errands: `export` writes a courier file onto the stick, `bring in` takes a colleague's from there,
    `verify` compares a copy with a flipped byte in it, which is then read anew.
    """
    if fail is not None:
        os.environ["HOLDALL_FAIL"] = fail
        failpoints.trap = None
    store = Store.open(Path(path), KEY)
    account = accounts.load(store)
    assert account is not None
    account.server = address
    author = Author(
        account.user, account.name, account.teams[0], frozenset(account.roles), account.device, account.tenant
    )
    with open(journal, "a", encoding="utf-8") as lines:
        for n in range(2):
            now = datetime.now(UTC)
            thing = things.Thing(title=f"{account.name} {run}.{n}", stock=1)
            with store.write(author, "Make", now) as session:
                session.add(thing)
                if n == 1 and run % 3 == 0:
                    data = PHOTO + os.urandom(90_000)
                    session.add(things.Card(photo=blobs.put(session, data, "image/jpeg", "photo.jpg")))
            lines.write(json.dumps({"id": thing.id, "title": thing.title}) + "\n")
            lines.flush()
            os.fsync(lines.fileno())
    if errand == "export":
        Path(stick).write_bytes(carry.export(store, account, datetime.now(UTC)).data)
    elif errand == "bring in":
        carry.bring_in(store, account, Path(stick).read_bytes(), datetime.now(UTC))
    elif errand == "verify":
        with store.connect(write=True) as connection:
            connection.exec_driver_sql(
                "UPDATE test_thing SET price = price + 1 WHERE id ="
                " (SELECT id FROM test_thing WHERE version > 0 ORDER BY id LIMIT 1)"
            )
    transport = HttpTransport(account, lambda fresh: accounts.save(store, fresh), 10.0)
    with contextlib.suppress(SyncError):
        Engine(store, transport).sync_once(verify=errand == "verify")
    transport.close()
    store.close()


def serve(db: str, port: int, fail: str | None) -> None:
    """A server process on a port of this machine that stops after 30 idle seconds at the latest."""
    if fail is not None:
        os.environ["HOLDALL_FAIL"] = fail
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  as long as the process
    from sync.server.__main__ import main

    raise SystemExit(main(["run", "--db", db, "--port", str(port), "--idle-exit", "30"]))


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until_it_listens(process: BaseProcess, port: int) -> None:
    """Waits for a server, as long as its process is there."""
    while process.is_alive():
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.01)
    raise RuntimeError(f"the server ended with {process.exitcode}")
