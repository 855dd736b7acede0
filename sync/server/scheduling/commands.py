"""The command `scheduler` of whoever looks after a server: show, set, fill, run. One JSON document each."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from models.errors import HoldallError

NAME = "scheduler"


def add_to(commands: Any, common: argparse.ArgumentParser) -> None:
    """Adds the command and its options."""
    made = commands.add_parser(NAME, parents=[common], help="appointments: show, set, fill, run")
    made.add_argument("act", choices=("show", "set", "fill", "run"))
    made.add_argument("file", nargs="?", type=Path, help="for set: a JSON file as show prints it")
    made.add_argument("--once", action="store_true", help="for run: one round of all councils, then end")
    made.add_argument(
        "--patience",
        type=float,
        metavar="SECONDS",
        help="for run: take up what another worker left unanswered after so long; 90 when not given",
    )


def run(options: argparse.Namespace, say: Callable[[dict[str, Any]], None]) -> int:
    """Runs it; 0 done. Raises HoldallError."""
    from sync.server.copying import check_there
    from sync.server.notify.queue import Queue
    from sync.server.scheduling import notes, settings
    from sync.server.scheduling.adapter import Down
    from sync.server.scheduling.runner import Runner
    from sync.server.store import ServerStore

    if options.act == "set" and options.file is None:
        raise HoldallError("No file is named.", "Give the file that `scheduler show` was kept in.")
    if options.act != "set":
        check_there(options.db)
    given = settings.read(options.file) if options.act == "set" else None
    store = ServerStore.open(options.db)
    try:
        if options.act in ("show", "set"):
            settings.SET_UP.show_or_set(store, options, given, say)
            return 0
        patience = notes.PATIENCE if options.patience is None else timedelta(seconds=options.patience)
        runner = Runner(store, Queue(), patience=patience)
        try:
            if options.act == "fill":
                say({"tenant": options.tenant, "written": runner.fill(options.tenant)})
            elif options.once:
                say({"done": runner.round()})
            else:
                runner.run(threading.Event())
        finally:
            runner.close()
    except Down as error:
        raise HoldallError("The scheduler could not be asked.", f"{error}. Try again later.") from error
    finally:
        store.close()
    return 0
