"""The commands of whoever looks after a server: backup, restore, verify. One JSON document each."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

NAMES = ("backup", "restore", "verify")


def add_to(commands: Any, common: argparse.ArgumentParser) -> None:
    """Adds the commands and their options."""
    backup = commands.add_parser("backup", parents=[common], help="write a proven copy, while it runs")
    backup.add_argument("--out", type=Path, required=True, help="the file to write")
    restore = commands.add_parser("restore", parents=[common], help="put a copy back")
    restore.add_argument(
        "--from", dest="source", type=Path, help="the copy; PostgreSQL: only if not there yet"
    )
    restore.add_argument("--force", action="store_true", help="replace one that runs or holds more")
    commands.add_parser("verify", parents=[common], help="work every chain out anew")


def run(options: argparse.Namespace, say: Callable[[dict[str, Any]], None]) -> int:
    """Runs one of them; 0 done, 1 something does not fit. Raises HoldallError."""
    from sync.server import copying

    now = datetime.now(UTC)
    if options.command == "backup":
        say(copying.backup(options.db, options.out, now))
        return 0
    if options.command == "restore":
        say(copying.restore(options.db, options.source, now, options.force))
        return 0
    found = copying.verify(options.db)
    say(found)
    return 0 if found["ok"] else 1
