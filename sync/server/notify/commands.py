"""The command `messages` of whoever looks after a server: show, set, list, again, run; one JSON document."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.errors import HoldallError

NAME = "messages"


def add_to(commands: Any, common: argparse.ArgumentParser) -> None:
    """Adds the command and its options."""
    made = commands.add_parser(
        NAME, parents=[common], help="messages to tenants: show, set, list, again, run"
    )
    made.add_argument("act", choices=("show", "set", "list", "again", "run"))
    made.add_argument("file", nargs="?", type=Path, help="for set: a JSON file as show prints it")
    made.add_argument("--once", action="store_true", help="for run: one round of all councils, then end")


def run(options: argparse.Namespace, say: Callable[[dict[str, Any]], None]) -> int:
    """Runs it; 0 done. Raises HoldallError."""
    from sync.server.copying import check_there
    from sync.server.notify import settings
    from sync.server.notify.sender import Sender
    from sync.server.store import ServerStore

    if options.act == "set" and options.file is None:
        raise HoldallError("No file is named.", "Give the file that `messages show` was kept in.")
    if options.act != "set":
        check_there(options.db)
    given = settings.read(options.file) if options.act == "set" else None
    store = ServerStore.open(options.db)
    try:
        if options.act in ("show", "set"):
            settings.SET_UP.show_or_set(store, options, given, say)
        elif options.act == "list":
            say({"messages": _listed(store, options.tenant)})
        elif options.act == "again":
            say({"queued": _again(store, options.tenant)})
        elif options.once:
            say({"done": Sender(store).round()})
        else:
            Sender(store).run(threading.Event())
    finally:
        store.close()
    return 0


def _open(store: Any, tenant: str, states: tuple[str, ...]) -> list[Any]:
    from sync.server.notify.going import NOTICE
    from sync.server.scheduling import books

    with store.read(tenant) as connection:
        found = books.every(connection, tenant, NOTICE)
    kept = [rec for rec in found if not rec.deleted and rec.body.get("state") in states]
    return sorted(kept, key=lambda rec: str(rec.body.get("queued_at")))


def _listed(store: Any, tenant: str) -> list[dict[str, Any]]:
    """Messages that did not arrive yet, without the number they go to."""
    shown = ("kind", "channel", "state", "queued_at", "sent_at", "problem", "repair_id")
    return [
        {"id": rec.id, **{name: rec.body.get(name) or "" for name in shown}}
        for rec in _open(store, tenant, ("queued", "sent", "failed"))
    ]


def _again(store: Any, tenant: str) -> int:
    """Queues what failed once more, as after the key or a template was put right."""
    from sync.server.notify.going import NOTICE, Going, note
    from sync.server.scheduling import writing
    from sync.server.scheduling.writing import Write

    failed = _open(store, tenant, ("failed",))
    now = datetime.now(UTC)
    with store.write(tenant) as connection:
        writes = [
            Write(NOTICE, rec.id, {"state": "queued", "problem": ""}, "Send again", rec) for rec in failed
        ]
        results = writing.put(connection, tenant, writes, now, store.postgres)
        for rec in failed:
            note(connection, tenant, rec.id, Going(asked=True, anew=True), now)
    return sum(1 for result in results if result.status in writing.GOOD)
