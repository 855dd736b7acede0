"""The server's command for a courier file that an administrator was handed on a stick."""

from __future__ import annotations

import argparse
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.errors import HoldallError

Said = tuple[dict[str, Any], list[str]]  # a document, and the same in words


def add_command(commands: Any, common: argparse.ArgumentParser) -> None:
    """Adds the command to the server's commands."""
    words = "take a courier file in from a stick"
    courier = commands.add_parser("courier", parents=[common], help=words)
    courier.add_argument("--json", action="store_true", help="print one JSON document")
    courier.add_argument("file", type=Path)


def take_in(options: argparse.Namespace) -> Said:
    """Takes a courier file in: what became of its operations. Taking one in twice changes nothing."""
    from sync.courier import MAX_FILE
    from sync.server.copying import check_there
    from sync.server.courier import take
    from sync.server.push import Malformed
    from sync.server.store import ServerStore

    check_there(options.db)
    try:
        with options.file.open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except OSError as error:
        raise HoldallError(
            f"{options.file} cannot be read ({error.strerror}).", "Check the stick and the name."
        ) from error
    store = ServerStore.open(options.db)
    try:
        taken = take(store, options.tenant, data, datetime.now(UTC))
    except Malformed as error:
        raise HoldallError(
            error.message, "Take in that laptop's earlier file first, then this one."
        ) from error
    finally:
        store.close()
    counts = dict(Counter(result.status for result in taken.answer.results))
    document = {
        "file": str(options.file),
        "device": taken.header.device,
        "bundle": taken.header.bundle_id,
        "operations": len(taken.ops),
        "results": counts,
    }
    told = ", ".join(f"{count} {status}" for status, count in sorted(counts.items())) or "nothing in it"
    return document, [f"{options.file}: {told}."]
