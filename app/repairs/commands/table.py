"""`repairs table`: the repairs as a CSV file for a spreadsheet, with what the regulator's return counts."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from app.errors import HoldallError
from app.repairs.exports import repairs_csv
from app.told import Told, open_context, write_file


def run(options: argparse.Namespace) -> Told:
    """Writes the table of the days asked for, all without; raises HoldallError in words."""
    first, last = _day(options.start, "--from"), _day(options.end, "--to")
    path: Path = options.file
    context = open_context(options)
    try:
        data = context.read(lambda session: repairs_csv(session, first, last))
    finally:
        context.store.close()
    write_file(path, data)
    return Told({"file": str(path), "bytes": len(data)}, [f"Written to {path}."])


def _day(text: str | None, option: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise HoldallError(f"“{text[:40]}” is not a day for {option}.", "Write it as 2026-11-01.") from None
