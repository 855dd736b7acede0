"""`holdall-cli income …`: reading, checking, reconciling and exporting without a window.

Each command is a module of this package with `run(options) -> Told`; app.cli prints what it tells. Modules
are imported when their command is called, so that none of them costs the others anything.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from app.told import Told


def add_commands(parser: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    """Put the income commands under their parser."""
    commands = parser.add_subparsers(dest="income_command", required=True, metavar="COMMAND")

    def add(name: str, module: str, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text, parents=[shared])
        made.set_defaults(income_module=module)
        return made

    read = add("read", "read", "Reads a bank, payment or ledger file and proves it; stores nothing.")
    read.add_argument("file", type=Path)
    read.add_argument("--account", help="the account it should be for; another one is refused")
    read.add_argument(
        "--dates", choices=("day-first", "month-first"), help="for a file whose dates may be either"
    )
    check = add("check-reference", "check_reference", "Checks account references and proposes repairs.")
    check.add_argument("--validator", required=True, help="parking, council-tax, fixed-penalty, …")
    check.add_argument("--config", type=Path, help="a JSON file with validators of your own")
    check.add_argument("references", nargs="+", metavar="REFERENCE")
    reconcile = add("reconcile", "reconcile", "Matches bank files with a ledger; stores nothing.")
    reconcile.add_argument("--bank", type=Path, nargs="+", required=True, metavar="FILE")
    reconcile.add_argument("--ledger", type=Path, required=True, metavar="FILE")
    reconcile.add_argument("--out", type=Path, metavar="DIR", help="write matches and leftovers as CSV here")
    rules = add("rules", "rules", "Runs import rules over rows and names those that fired.")
    rules.add_argument("act", choices=("run",))
    rules.add_argument("--rules", type=Path, required=True, metavar="FILE.json")
    rules.add_argument("--rows", type=Path, required=True, metavar="FILE.csv")
    add("verify", "verify", "Works out every stored match and proof again.")
    as_at = add("as-at", "as_at", "What was open at a past moment, the same bytes each time.")
    as_at.add_argument("moment", help="2026-11-30T17:00, London time")
    as_at.add_argument("--account", help="one account only")
    ledger = add("gl", "gl", "Exports the general ledger batch by fund, or checks one that was exported.")
    ledger.add_argument("act", choices=("export", "check"))
    ledger.add_argument("file", type=Path)
    ledger.add_argument("--from", dest="start", metavar="DAY", help="first day, 2026-11-01")
    ledger.add_argument("--to", dest="end", metavar="DAY", help="last day")


def run(options: argparse.Namespace) -> Told:
    """Run the income command that was asked for; raises HoldallError in words."""
    module = import_module(f"app.income.commands.{options.income_module}")
    work: Callable[[argparse.Namespace], Told] = module.run
    return work(options)
