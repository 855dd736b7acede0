"""`repairs homes-import`: what a property list would do, and with --apply doing it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from app.errors import BadFile
from app.repairs.homes.importing import Plan, bring_in, change_words, faults_csv, plan
from app.repairs.homes.property_list import joined, read_list
from app.told import Told, open_context, write_file
from app.wording import plural
from models.repairs import Kind

SHOWN = 20  # faults and changes told one by one to people
MOST_TOLD = 1_000  # of each in the document


def run(options: argparse.Namespace) -> Told:
    """Read one list or three; say what it would do, or do it. Raises BadFile in one sentence."""
    tenure = Kind(options.tenure) if options.tenure else None
    files: list[Path] = options.files
    found = joined([read_list(path.name, _bytes(path), tenure, options.take_proposed) for path in files])
    context = open_context(options)
    try:
        if options.apply:
            done = context.write(
                "Bring in the property list", lambda session: bring_in(session, found, options.mark_gone)
            )
            made, marked = done.plan, done.marked
        else:
            made, marked = context.read(lambda session: plan(session, found)), 0
    finally:
        context.store.close()
    if options.faults is not None:
        write_file(options.faults, faults_csv(made))
    return Told(_document(made, marked, options.apply), _words(made, marked, options.apply))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadFile(
            f"“{path.name}” cannot be opened.", "Check that it is still there, then try again."
        ) from error


def _document(made: Plan, marked: int, applied: bool) -> dict[str, Any]:
    return {
        "files": list(made.names),
        "applied": applied,
        "rows": made.read,
        "new": len(made.new),
        "changed": len(made.changed),
        "same": made.same,
        "gone": len(made.gone),
        "gone_marked": marked,
        "aside": len(made.aside),
        "postcodes_proposed": made.proposals,
        "headings_passed_over": list(made.passed_over),
        "faults": [
            {
                "file": fault.file,
                "row": fault.row,
                "column": fault.column or None,
                "words": fault.words,
                "came_in": fault.kept,
                "meant": fault.meant or None,
            }
            for fault in made.faults[:MOST_TOLD]
        ],
        "changes": [
            {"row": change.row, "address": change.address, "words": change_words(change)}
            for change in made.changed[:MOST_TOLD]
        ],
        "gone_homes": [
            {"address": gone.address, "reference": gone.reference} for gone in made.gone[:MOST_TOLD]
        ],
    }


def _words(made: Plan, marked: int, applied: bool) -> list[str]:
    done = "came in" if applied else "would come in"
    told = [
        f"{plural(made.read, 'row')} read: {plural(len(made.new), 'new home')} {done}.",
        f"{len(made.changed):,} changed, {made.same:,} as they are, {len(made.aside):,} kept aside.",
    ]
    if made.gone:
        what = f"{marked:,} of them marked" if marked else "none of them touched"
        told.append(f"{plural(len(made.gone), 'home')} here and not in the list, {what}.")
    if made.much_gone:
        told.append("So many are missing that this is probably not the whole list.")
    told += [str(fault) for fault in made.faults[:SHOWN]]
    if len(made.faults) > SHOWN:
        told.append(f"And {len(made.faults) - SHOWN:,} more; --faults FILE.csv writes them all.")
    return told
