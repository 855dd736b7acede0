"""The program starts here: a window, or a headless command. The one file that may import upward."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app import folders

if TYPE_CHECKING:
    from sync.oidc import DeviceCode

HEADLESS = (
    "courier",
    "demo",
    "doctor",
    "enrol",
    "export",
    "find",
    "history",
    "income",
    "join",
    "quarantine",
    "refused",
    "repairs",
    "reset",
    "server",
    "sync",
    "verify",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Opens the window, or runs the command that the arguments name; returns the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    program = Path(sys.argv[0]).stem
    if program == "holdall-cli" or (given and given[0] in HEADLESS):
        return cli(given)
    parser = argparse.ArgumentParser(prog="holdall", description="Holdall: one bag for a council officer.")
    parser.add_argument("--version", action="store_true", help="say the version and end")
    parser.add_argument("--home", type=Path, default=None, help="data folder (else HOLDALL_HOME)")
    parser.add_argument("--sample", action="store_true", help="open the sample council")
    parser.add_argument("--self-check", action="store_true", help="check this installation and end")
    options = parser.parse_args(given)
    if options.version:
        return say_version()
    if not has_display():
        return no_display()
    if options.self_check:
        return self_check()
    from ui.application import run

    home = options.home or folders.data_folder()
    return run(home, sample=options.sample, server_command=server_command())


def cli(arguments: Sequence[str] | None = None) -> int:
    """Runs one headless command (the `holdall-cli` program)."""
    from app import cli as commands

    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["server"]:
        return _server(given[1:])
    from ui.sealing import sealing

    upward = {
        "courier": _courier,
        "demo": _demo,
        "enrol": _enrol,
        "join": _enrol,
        "quarantine": _quarantine,
        "refused": _refused,
        "sync": _sync,
        "reset": _reset,
        "verify": _verify,
    }
    return commands.main(given, upward, sealing)


def has_display() -> bool:
    """Whether a window can be shown: on a Linux machine without a screen Qt would end the program."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def no_display() -> int:
    """Says what a machine without a screen can do instead."""
    from app.cli import CANNOT_RUN

    print(
        "holdall: There is no screen to open a window on. Commands work without one: try "
        "“holdall-cli export --list”, or “holdall-cli demo --out DIR”.",
        file=sys.stderr,
    )
    return CANNOT_RUN


def say_version() -> int:
    """Prints the version."""
    from app.doctor import version

    print(f"Holdall {version()}")
    return 0


def server_command() -> list[str]:
    """How this program starts its own sync server as another process, frozen or from source."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "server"]
    return [sys.executable, "-m", "app", "server"]


def self_check() -> int:
    """Looks at what an installation must hold, opens one window, and prints what was found."""
    import tempfile

    from app import doctor
    from app.cli import CANNOT_RUN, DONE

    with tempfile.TemporaryDirectory() as folder:
        findings = doctor.examine(Path(folder))
    from ui.application import window_check

    words = [f"{'well' if f.ok else 'NOT WELL'}: {f.name}: {f.detail}" for f in findings]
    words.append(f"well: First window: {window_check()}")
    print("\n".join(words))
    return DONE if all(f.ok for f in findings) else CANNOT_RUN


def _server(arguments: list[str]) -> int:
    from sync.server.__main__ import main as serve

    return serve(arguments)


def _sync(options: argparse.Namespace) -> int:
    from app import cli as commands
    from app.told import open_context
    from ui.headless import sync_now

    context = open_context(options)
    try:
        document, words = sync_now(context)
    finally:
        context.store.close()
    commands.show(options, document, words)
    return commands.DONE


def _quarantine(options: argparse.Namespace) -> int:
    from app import cli as commands
    from app.told import open_context, write_file
    from ui import headless

    context = open_context(options)
    try:
        document, words = headless.quarantine(context, options.part)
    finally:
        context.store.close()
    if options.out is not None:
        import json

        write_file(options.out, json.dumps(document, ensure_ascii=False, indent=1).encode())
        words = [*words, f"Written to {options.out}."]
    commands.show(options, document, words)
    return commands.DONE


def _enrol(options: argparse.Namespace) -> int:
    from app import cli as commands
    from app.errors import NotFound
    from ui import headless

    home, passphrase = options.home or folders.data_folder(), os.environ.get("HOLDALL_PASSPHRASE")
    way: str | headless.Way
    if options.sign_in or options.device_code:
        headless.check_place(home, options.server, passphrase)
        offer = headless.choose_offer(options.server, options.issuer)
        browser = _open_browser if options.sign_in else None
        way = headless.signed_in(options.server, offer, browser, _show_code)
    else:
        way = options.code or os.environ.get("HOLDALL_CODE", "")
        if not way:
            raise NotFound("There is no code to join with.", "Add --code or --sign-in, or set HOLDALL_CODE.")
    document, words = headless.join(home, options.server, way, passphrase)
    commands.show(options, document, words)
    return commands.DONE


def _reset(options: argparse.Namespace) -> int:
    from app import cli as commands
    from app.told import open_context
    from ui import resetting

    context = open_context(options)
    try:
        if options.out is not None:
            document, words = resetting.reset(context, options.out)
        else:
            code = os.environ.get("HOLDALL_RECOVERY_CODE") or getpass.getpass("The code of that file: ")
            document, words = resetting.bring_back(context, options.bring_back, code)
    finally:
        context.store.close()
    commands.show(options, document, words)
    return commands.DONE


def _verify(options: argparse.Namespace) -> int:
    from app import cli as commands
    from ui.headless import verify

    document, words, code = verify(options)
    commands.show(options, document, words)
    return code


def _open_browser(address: str) -> None:
    import webbrowser

    print("Sign in in your browser; Holdall waits five minutes.", file=sys.stderr)
    if not webbrowser.open(address):
        print(
            f"No browser opened. Open this address on this computer:\n{address}",
            file=sys.stderr,
        )


def _show_code(code: DeviceCode) -> None:
    print(f"On any device, open {code.address} and type {code.code}. Holdall waits.", file=sys.stderr)


def _refused(options: argparse.Namespace) -> int:
    from app import cli as commands
    from app.told import open_context
    from ui import desk_commands as desk

    context = open_context(options)
    try:
        if options.export is not None:
            document, words = desk.export_refused(context, options.export)
        elif options.retry or options.let_go or options.take:
            op_id, way = options.take or (options.retry or options.let_go, None)
            way = way or ("retry" if options.retry else "let_go")
            document, words = desk.take_way(context, op_id, way)
        else:
            document, words = desk.refused(context)
    finally:
        context.store.close()
    commands.show(options, document, words)
    return commands.DONE


def _courier(options: argparse.Namespace) -> int:
    from app import cli as commands
    from app.told import open_context
    from ui import desk_commands as desk

    context = open_context(options)
    try:
        work = desk.courier_export if options.way == "export" else desk.courier_import
        document, words = work(context, options.file)
    finally:
        context.store.close()
    commands.show(options, document, words)
    return commands.DONE


def _demo(options: argparse.Namespace) -> int:
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ.setdefault("QT_SCALE_FACTOR", "1")
    from app import cli as commands
    from ui.tour import run

    document, words = run(options.out, server_command())
    commands.show(options, document, words)
    return commands.DONE


if __name__ == "__main__":
    raise SystemExit(main())
