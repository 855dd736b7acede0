"""The server's command: `python -m sync.server --db PATH|URL` serves, `... migrate` brings the tables up to
date, `... enrol` makes a joining code, `... provider` sets up signing in with council accounts; `... backup`,
`restore` and `verify` look after the database.

Serving prints one JSON document on stdout once it listens, `{"host", "port"}`, and migrating `{"step"}`; the
others print words for a person, or one JSON document with --json.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.errors import HoldallError
from sync.server import admin_commands, joining
from sync.server.in_words import fault, in_words
from sync.server.joining import TENANT
from sync.server.notify import commands as messages
from sync.server.scheduling import commands as scheduling

__all__ = ["TENANT", "main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; 0 done, 1 our fault or something does not fit, 2 bad input in one sentence."""
    parser = _parser()
    given = list(sys.argv[1:] if arguments is None else arguments)
    known = (*WORK, *admin_commands.NAMES, *joining.COMMANDS, scheduling.NAME, messages.NAME, "-h", "--help")
    if not given or given[0] not in known:
        given.insert(0, "run")
    options = parser.parse_args(given)
    try:
        return _do(options)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        told = in_words(error, options.db)
        sys.stderr.write(f"holdall-cli server {options.command}: {told or fault(error)}\n")
        return 1 if told is None else 2


def _do(options: argparse.Namespace) -> int:
    for name in options.with_module:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            raise HoldallError(f"There is no module “{error.name}”.", "Check what --with names.") from error
    if options.command in admin_commands.NAMES:
        return admin_commands.run(options, _say)
    if options.command == scheduling.NAME:
        return scheduling.run(options, _say)
    if options.command == messages.NAME:
        return messages.run(options, _say)
    if options.command in WORK:
        return WORK[options.command](options)
    document, words = joining.COMMANDS[options.command](options)
    if options.json:
        _say(document)
    else:
        sys.stdout.write("\n".join([*words, ""]))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sync.server", description="Holdall's sync server.")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--db",
        default=os.environ.get("HOLDALL_SERVER_DB", "holdall-server.db"),
        help="a file, or a postgresql:// URL (else HOLDALL_SERVER_DB, which keeps a password out of sight)",
    )
    common.add_argument("--tenant", default=TENANT, help="the council's short name")
    common.add_argument("--council", default="Averwick Borough Council", help="the council's name")
    common.add_argument("--telephone", default="01632 960 100")
    common.add_argument(
        "--with",
        dest="with_module",
        action="append",
        default=[],
        metavar="MODULE",
        help="import a module that declares further record types",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", parents=[common], help="serve")
    run.add_argument("--host", default="127.0.0.1")
    run.add_argument("--port", type=int, default=0, help="0 picks a free one")
    run.add_argument("--certfile", help="TLS certificate chain (PEM)")
    run.add_argument("--keyfile", help="TLS key (PEM)")
    run.add_argument("--log", choices=("words", "json"), default="words", help="what stderr gets")
    run.add_argument("--metrics-token-file", type=Path, metavar="FILE", help="what a collector has to show")
    run.add_argument("--proxy", default="127.0.0.1", metavar="ADDRESSES", help="proxies that are believed")
    run.add_argument("--pushes", type=int, default=60, metavar="N", help="a minute for a laptop; 0 no limit")
    run.add_argument(
        "--council-pushes", type=int, default=600, metavar="N", help="a minute for a council; 0 no limit"
    )
    run.add_argument("--tries", type=int, default=5, metavar="N", help="failed joins a minute for an address")
    run.add_argument("--no-scheduler", action="store_true", help="leave visits and messages to others")
    run.add_argument("--idle-exit", type=float, metavar="SECONDS", help="stop when nobody has called so long")
    run.add_argument(
        "--until-stdin-closes", action="store_true", help="stop with the program that started it"
    )
    joining.add_commands(commands, common)
    commands.add_parser(
        "roles", parents=[common], help="make the roles of a PostgreSQL database, as its administrator"
    )
    commands.add_parser(
        "migrate", parents=[common], help="bring the tables up to this version, as their owner"
    )
    commands.add_parser("compact", parents=[common], help="let go of changes that are old and read by all")
    admin_commands.add_to(commands, common)
    scheduling.add_to(commands, common)
    messages.add_to(commands, common)
    return parser


def _roles(options: argparse.Namespace) -> int:
    from sync.server.database_roles import make_roles
    from sync.server.store import engine_of

    engine = engine_of(options.db)
    if engine.dialect.name != "postgresql":
        raise HoldallError("Roles are for a PostgreSQL database.", "Give its address: --db postgresql://…")
    with engine.begin() as connection:
        made = make_roles(connection)
    engine.dispose()
    _say({"roles": made})
    return 0


def _compact(options: argparse.Namespace) -> int:
    from sync.server.compaction import compact
    from sync.server.copying import check_there
    from sync.server.store import ServerStore

    check_there(options.db)
    store = ServerStore.open(options.db)
    done = compact(store, datetime.now(UTC))
    store.close()
    _say(done.document())
    return 0


def _migrate(options: argparse.Namespace) -> int:
    from sync.server.routes.health import newest_step
    from sync.server.store import ServerStore

    ServerStore.open(options.db).close()
    _say({"step": newest_step()})
    return 0


def _run(options: argparse.Namespace) -> int:
    import uvicorn

    from sync.server.api import create_app
    from sync.server.observe import log_to_stderr
    from sync.server.store import ServerStore, ensure_tenant
    from sync.server.throttle import Pace, Throttle

    log_to_stderr(options.log)
    store = ServerStore.open(options.db)
    with store.write(options.tenant) as connection:
        ensure_tenant(connection, options.tenant, options.council, options.telephone, datetime.now(UTC))
    pace = Pace(max(0, options.pushes), max(0, options.council_pushes))
    app = create_app(store, tries=Throttle(f"{max(1, options.tries)}/minute"), pace=pace)
    deps = app.state.deps
    if options.metrics_token_file is not None:
        deps.metrics_token = options.metrics_token_file.read_text(encoding="utf-8").strip()
    listener = _listen(options.host, options.port)

    class Server(uvicorn.Server):
        """Says where it listens once it does."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            _say({"host": options.host, "port": listener.getsockname()[1]})

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            deps.watchers.close()
            await super().shutdown(sockets)

    server = Server(
        uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            date_header=False,  # Holdall-Server-Time says it, to the millisecond
            forwarded_allow_ips=options.proxy,
            lifespan="off",
            timeout_keep_alive=75,
            timeout_graceful_shutdown=5,
            ssl_certfile=options.certfile,
            ssl_keyfile=options.keyfile,
        )
    )
    deps.meters.connections.set_function(lambda: len(server.server_state.connections))
    _watch(server, deps, options)
    gc.freeze()  # what the program itself is made of is not looked through again and again,
    gc.set_threshold(100_000, 20, 50)  # nor are the thousands of operations of one push
    with _chores(deps, options):
        server.run(sockets=[listener])
    store.close()
    return 0


@contextmanager
def _chores(deps: Any, options: argparse.Namespace) -> Iterator[None]:
    """While it serves: compaction once a day, the worker that looks after visits, woken by each push, and
    the sender of messages, woken by the worker."""
    from sync.server.compaction import every_day
    from sync.server.notify.queue import Queue
    from sync.server.notify.sender import Sender
    from sync.server.scheduling.runner import Runner

    stopped = threading.Event()
    compacting = threading.Thread(target=every_day, args=(deps, stopped), daemon=True)
    sender = Sender(deps.store, now=deps.clock, pushed=deps.watchers.pushed)

    def written(tenant: str) -> None:
        deps.watchers.pushed(tenant)
        sender.wake.set()

    runner = Runner(deps.store, Queue(), now=deps.clock, pushed=written)
    runner.wake = deps.pushed
    working = [threading.Thread(target=one.run, args=(stopped,), daemon=True) for one in (runner, sender)]
    compacting.start()
    for thread in () if options.no_scheduler else working:
        thread.start()
    yield
    stopped.set()
    deps.pushed.set()
    sender.wake.set()
    compacting.join()
    for thread in () if options.no_scheduler else working:
        thread.join(5)  # it may be waiting for an answer, which the next to come looks into


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # named TCP, so that asyncio sends small answers at once: an unnamed one waits 40 ms for company
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if sys.platform != "win32":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or "no such port"
        raise HoldallError(
            f"The server cannot listen on {host}, port {port} ({reason}).",
            "Choose another --port, or stop the program that has it.",
        ) from error
    return listener


def _watch(server: Any, deps: Any, options: argparse.Namespace) -> None:
    """Stops the server when its starter has gone or nobody calls; both hold on every platform."""

    def until_stdin_closes() -> None:
        # the bare descriptor: a buffered reader waiting in a thread would abort the interpreter's end
        while os.read(0, 4096):
            pass
        server.should_exit = True

    def until_idle() -> None:
        while time.monotonic() - deps.last_request < options.idle_exit:
            time.sleep(min(1.0, options.idle_exit / 4))
        server.should_exit = True

    if options.until_stdin_closes:
        threading.Thread(target=until_stdin_closes, daemon=True).start()
    if options.idle_exit:
        threading.Thread(target=until_idle, daemon=True).start()


def _say(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


WORK: dict[str, Callable[[argparse.Namespace], int]] = {
    "run": _run,
    "migrate": _migrate,
    "roles": _roles,
    "compact": _compact,
}

if __name__ == "__main__":
    sys.exit(main())
