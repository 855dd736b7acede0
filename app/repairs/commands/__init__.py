"""`holdall-cli repairs …`: triage, dates, mappings and messages without a window.

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
    """Put the repairs commands under their parser."""
    commands = parser.add_subparsers(dest="repairs_command", required=True, metavar="COMMAND")

    def add(name: str, module: str, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text, parents=[shared])
        made.set_defaults(repairs_module=module)
        return made

    triage = add("triage", "triage", "Emergencies and likeliest repairs in somebody’s own words.")
    triage.add_argument("--text", required=True, help="what they said")
    triage.add_argument("--reported", metavar="MOMENT", help="2026-12-17T14:21, London time; else now")
    triage.add_argument("--risk", default="", metavar="CODES", help="who lives there: baby,oxygen,…")
    deadlines = add("deadlines", "deadlines", "Dates of a duty, each with day 0 and every skipped day.")
    deadlines.add_argument("--rule", required=True, choices=("awaab", "right-to-repair", "band"))
    deadlines.add_argument("--aware", required=True, metavar="MOMENT", help="when we came to know")
    deadlines.add_argument("--hazard", help="damp_mould, excess_cold, …, emergency_hazard")
    deadlines.add_argument("--code", help="a prescribed defect, RTR-01 to RTR-20")
    deadlines.add_argument("--concluded", metavar="MOMENT", help="when the look ended")
    deadlines.add_argument("--asked", metavar="MOMENT", help="when the tenant asked: a look, a contractor")
    deadlines.add_argument("--band", help="a band of the council’s own")
    check = add("config-check", "config_check", "Checks a mapping of answers to codes, every fault by path.")
    check.add_argument("file", type=Path)
    check.add_argument("--against", type=Path, metavar="FILE2", help="another council’s, to compare codes")
    hact = add("hact", "hact", "A repair as a HACT message.")
    hact.add_argument("repair", metavar="REPAIR-ID", help="its id or reference")
    hact.add_argument("--message", required=True, choices=("raise-repair", "request-appointment"))
    photo = add("photo", "photo", "What would be kept of a photo, and what is left behind; stores nothing.")
    photo.add_argument("file", type=Path)
    homes = add("homes-import", "homes_import", "What a property list would change; --apply does it.")
    homes.add_argument("files", type=Path, nargs="+", metavar="FILE", help="CSV or XLSX, one list or three")
    homes.add_argument("--tenure", choices=("tenant", "leasehold", "communal"), help="of a list without it")
    homes.add_argument("--apply", action="store_true", help="write what the list says")
    homes.add_argument("--mark-gone", action="store_true", help="mark homes that are not in it: no repairs")
    homes.add_argument("--take-proposed", action="store_true", help="take postcodes as they are proposed")
    homes.add_argument("--faults", type=Path, metavar="FILE.csv", help="write every fault here")
    demand = add("failure-demand", "failure_demand", "How much of what people ring about is a chase.")
    demand.add_argument("--from", dest="start", metavar="DAY", help="first day, 2026-11-01; else eight weeks")
    demand.add_argument("--to", dest="end", metavar="DAY", help="last day; else today")
    demand.add_argument("--csv", type=Path, metavar="FILE.csv", help="write the figures here")
    table = add("table", "table", "Repairs as CSV, with what the regulator’s return counts of each.")
    table.add_argument("file", type=Path)
    table.add_argument("--from", dest="start", metavar="DAY", help="first day, 2026-04-01")
    table.add_argument("--to", dest="end", metavar="DAY", help="last day")


def run(options: argparse.Namespace) -> Told:
    """Run the repairs command that was asked for; raises HoldallError in words."""
    module = import_module(f"app.repairs.commands.{options.repairs_module}")
    work: Callable[[argparse.Namespace], Told] = module.run
    return work(options)
