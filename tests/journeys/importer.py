"""A laptop that imports the bank's file until its process is killed."""

from __future__ import annotations

from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

LINES = 6_000
ACCOUNT = "601111/12345678"


def bank_file(lines: int = LINES) -> bytes:
    """A proved MT940 file of one day with this many lines, each a different sum."""
    rows = [":20:BIG", f":25:{ACCOUNT}", ":28C:7/1", ":60F:C261207GBP100,00"]
    for place in range(lines):
        rows += [
            f":61:2612071207C{place // 100},{place % 100:02d}NTRFNONREF//B{place:06d}",
            f":86:BACS 77{place:07d}",
        ]
    total = 100_00 + sum(range(lines))
    rows += [f":62F:C261207GBP{total // 100},{total % 100:02d}", "-", ""]
    return "\r\n".join(rows).encode("ascii")


def import_until_killed(path: Path, key: bytes, told: Connection) -> None:
    """Opens the store, says so, imports the file in one act, says so again."""
    from app.income import importing
    from app.income.files import read_statement_file
    from models.changes import Author
    from models.store import Store

    store = Store.open(path, key)
    author = Author("u-1", "Tomos Aldgate", "team-1", frozenset({"officer", "finance"}), "device")
    read = read_statement_file("big.sta", bank_file())
    told.send("ready")
    with store.write(author, "Import statement", datetime(2026, 12, 8, 9, tzinfo=UTC)) as session:
        importing.import_statements(session, read)
    told.send("done")
    store.close()
