"""holdall-cli: the use cases without a window.

`--json` prints one JSON document on stdout and nothing else; words for people go to stderr. Exit 0 done,
1 our fault, 2 bad input (one sentence), 3 cannot run here. HOLDALL_HOME names the data folder and
HOLDALL_PASSPHRASE opens a store that a passphrase locks.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from app import doctor, folders
from app.context import Context
from app.errors import CannotRunHere, HoldallError, NotFound
from app.told import open_context, write_file
from app.wording import plural

DONE, OUR_FAULT, BAD_INPUT, CANNOT_RUN = 0, 1, 2, 3

Handler = Callable[[argparse.Namespace], int]
Upward = Mapping[str, Handler]  # what the composition root adds: sync, join, server, demo, verify
Dress = Callable[[Context], Context]


def main(arguments: Sequence[str], upward: Upward, dress: Dress = lambda context: context) -> int:
    """Runs one command and returns its exit code; no traceback reaches a person. `dress` gives a workspace
    what the layers above have for it."""
    parser = build_parser()
    options = parser.parse_args(arguments)
    options.dress = dress
    handlers: dict[str, Handler] = {
        "doctor": _doctor,
        "export": _export,
        "find": _find,
        "history": _history,
        "income": _income,
        "repairs": _repairs,
        **upward,
    }
    try:
        return handlers[options.command](options)
    except CannotRunHere as error:
        return _say(options, error, CANNOT_RUN)
    except HoldallError as error:
        return _say(options, error, BAD_INPUT)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return DONE
    except Exception as error:
        from app import fault

        where = fault.write_down(options.home, error)
        print(
            f"holdall-cli: something went wrong that is not your doing ({type(error).__name__}). "
            f"Your work is safe. Details are in {where}; send that file with a word on what you did.",
            file=sys.stderr,
        )
        return OUR_FAULT


def build_parser() -> argparse.ArgumentParser:
    """The commands, their options and their help."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--home", type=Path, default=None, help="data folder (else HOLDALL_HOME)")
    shared.add_argument("--json", action="store_true", help="print one JSON document")
    parser = argparse.ArgumentParser(prog="holdall-cli", description="Holdall without a window.")
    parser.add_argument("--version", action="version", version=f"Holdall {doctor.version()}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, text: str, aliases: Sequence[str] = ()) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text, parents=[shared], aliases=aliases)

    demo = add("demo", "The tour: the day's work of all five tabs, on the sample council, with pictures.")
    demo.add_argument("--out", type=Path, required=True, help="folder for pictures and PDFs")
    add("doctor", "Looks at this computer and at your store.")
    enrol = add("enrol", "Joins your council's server with a code or your council account.", ["join"])
    enrol.add_argument("--server", required=True, help="its address, https://…")
    way = enrol.add_mutually_exclusive_group()
    way.add_argument("--code", help="the eight characters of your invitation (else HOLDALL_CODE)")
    way.add_argument("--sign-in", action="store_true", help="sign in with your council account")
    way.add_argument(
        "--device-code", action="store_true", help="the same by a code that you type on another device"
    )
    enrol.add_argument("--issuer", help="which sign-in, where the server has more than one")
    quarantine = add("quarantine", "What laptops that were closed out had not sent; for leads.")
    quarantine.add_argument("--part", help="write out this part, as the list names it")
    quarantine.add_argument("--out", type=Path, help="the JSON file to write it to")
    add("sync", "Sends what waits and fetches what is new, once.")
    refused = add("refused", "What the server refused, and the ways out.")
    refused.add_argument("--retry", metavar="OP", help="send one again, with all that hangs on it")
    refused.add_argument("--let-go", metavar="OP", dest="let_go", help="give one up")
    refused.add_argument("--take", nargs=2, metavar=("OP", "WAY"), help="take one of the ways it names")
    refused.add_argument("--export", type=Path, metavar="FILE", help="write all of it to a file")
    courier = add("courier", "Carries work on a USB stick where there is no network.")
    courier.add_argument("way", choices=("export", "import"), help="write a file, or bring a colleague's in")
    courier.add_argument("file", type=Path, help="the courier file")
    reset = add("reset", "Begins this copy anew; what was not sent goes into an encrypted file first.")
    which = reset.add_mutually_exclusive_group(required=True)
    which.add_argument("--out", type=Path, help="the file to write; its code is shown once")
    which.add_argument("--bring-back", type=Path, metavar="FILE", help="puts the work in such a file back")
    server = add("server", "The sync server; `server --help-all` tells its own options.")
    server.add_argument("rest", nargs=argparse.REMAINDER)
    _add_looking_commands(add)
    income = commands.add_parser("income", help="Statements, references, reconciliation.")
    from app.income import commands as income_commands

    income_commands.add_commands(income, shared)
    repairs = commands.add_parser("repairs", help="Triage, dates, mappings, messages, photos.")
    from app.repairs import commands as repairs_commands

    repairs_commands.add_commands(repairs, shared)
    return parser


def _add_looking_commands(add: Callable[..., argparse.ArgumentParser]) -> None:
    """What only reads the store: papers, histories, Find."""
    export = add("export", "Writes a report as PDF.")
    export.add_argument("name", nargs="?", help="which report")
    export.add_argument("--list", action="store_true", dest="listing", help="name the reports")
    export.add_argument("--out", type=Path, help="the PDF to write")
    export.add_argument(
        "--with", dest="options", action="append", default=[], metavar="KEY=VALUE", help="an option of it"
    )
    history = add("history", "Every change of one record that this laptop knows of.")
    history.add_argument("type", help="its kind, as “find --json” names it")
    history.add_argument("id", help="its id")
    verify = add("verify", "Says whether a PDF of Holdall is as its laptop made it.")
    verify.add_argument("file", type=Path, help="the PDF")
    find = add("find", "Finds records by their words, across all tabs.")
    find.add_argument("words", nargs="+")


def show(options: argparse.Namespace, document: Any, words: Sequence[str]) -> None:
    """Prints the document as JSON when that was asked for, the words otherwise."""
    if options.json:
        print(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        print("\n".join(words))


def _say(options: argparse.Namespace, error: HoldallError, code: int) -> int:
    print(f"holdall-cli {options.command}: {error}", file=sys.stderr)
    return code


def _doctor(options: argparse.Namespace) -> int:
    findings = doctor.examine(options.home or folders.data_folder(), os.environ.get("HOLDALL_PASSPHRASE"))
    well = all(f.ok for f in findings)
    document = {
        "ok": well,
        "findings": [{"name": f.name, "ok": f.ok, "detail": f.detail} for f in findings],
        "versions": doctor.versions(),
    }
    width = max(len(f.name) for f in findings)
    words = [f"{'well   ' if f.ok else 'NOT WELL'}  {f.name:<{width}}  {f.detail}" for f in findings]
    show(options, document, words)
    return DONE if well else CANNOT_RUN


def _export(options: argparse.Namespace) -> int:
    from app.report.registry import all_reports

    reports = {report.name: report for report in all_reports()}
    if options.listing:
        document = {"reports": [{"name": r.name, "title": r.title} for r in reports.values()]}
        show(options, document, [f"{r.name:<26}{r.title}" for r in reports.values()])
        return DONE
    if options.name not in reports:
        raise NotFound(
            f"There is no report called “{options.name or ''}”.", f"Choose one of: {', '.join(reports)}."
        )
    if options.out is None:
        raise NotFound("The PDF has no place to go.", "Add --out FILE.pdf.")
    given = dict(pair.partition("=")[::2] for pair in options.options)
    context = open_context(options)
    try:
        from app.report import render

        data = render(reports[options.name].build(context, given), context.seal())
    finally:
        context.store.close()
    write_file(options.out, data)
    written = {"report": options.name, "file": str(options.out), "bytes": len(data)}
    show(options, written, [f"{reports[options.name].title}: {options.out} ({len(data):,} bytes)"])
    return DONE


def _income(options: argparse.Namespace) -> int:
    from app.income import commands

    told = commands.run(options)
    show(options, told.document, told.words)
    return DONE


def _repairs(options: argparse.Namespace) -> int:
    from app.repairs import commands

    told = commands.run(options)
    show(options, told.document, told.words)
    for note in told.notes:
        print(f"holdall-cli repairs: {note}", file=sys.stderr)
    return DONE


def _find(options: argparse.Namespace) -> int:
    from models.search import find

    context = open_context(options)
    try:
        hits = context.read(lambda session: find(session, " ".join(options.words)))
    finally:
        context.store.close()
    document = {"hits": [{"type": h.type, "id": h.id, "title": h.title, "detail": h.detail} for h in hits]}
    words = [f"{h.title}  ({h.type.split('_')[0]}) {h.detail}" for h in hits]
    show(options, document, words or [f"Nothing holds {plural(len(options.words), 'word')} like that."])
    return DONE


def _history(options: argparse.Namespace) -> int:
    from models.base import record_types
    from models.history import history_of
    from models.types import UtcDateTime, to_wire

    if options.type not in record_types():
        raise NotFound(f"There is no kind of record called “{options.type}”.", "“find --json” names them.")
    context = open_context(options)
    try:
        entries = context.read(lambda session: history_of(session, options.type, options.id))
    finally:
        context.store.close()
    if not entries:
        raise NotFound(
            f"This laptop knows of no {options.type} {options.id}.", "Check the id, or sync first."
        )
    document = [
        {
            "at": to_wire(UtcDateTime(), entry.at),
            "author": entry.author_name,
            "kind": entry.kind,
            "act": entry.label,
            "fields": dict(entry.fields),
            "before": dict(entry.base),
            "state": entry.state,
        }
        for entry in entries
    ]
    words = [
        f"{e['at'][:16]}  {e['author']}  {e['act'] or e['kind']}  {', '.join(e['fields'])}" for e in document
    ]
    show(options, {"history": document}, words)
    return DONE
