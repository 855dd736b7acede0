"""A local save (record, outbox, shadow, search index, undo entry; SQLCipher, synchronous=FULL)."""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
from pathlib import Path

from models.changes import Author
from models.store import Store
from tests.conftest import KEY, NOW
from tests.things import Thing


def run(times: int) -> dict[str, float]:
    """Milliseconds at the median and the 99th of 100, beside a bare one-row SQLite commit on this disk."""
    author = Author("u-1", "Tomos Aldgate", "team-1", frozenset({"officer"}), "device")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        store = Store.create(Path(folder) / "bench.db", KEY)
        thing = Thing(title="Kettle", note="word " * 40)
        with store.write(author, "Make", NOW) as session:
            session.add(thing)
        saves, bare = [], []
        plain = sqlite3.connect(Path(folder) / "plain.db", isolation_level=None)
        plain.execute("PRAGMA journal_mode = WAL")
        plain.execute("PRAGMA synchronous = FULL")
        plain.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT)")
        for n in range(times):
            started = time.perf_counter()
            with store.write(author, "Type", NOW) as session:
                session.get_one(Thing, thing.id).note = f"{'word ' * 40}{n}"
            saves.append((time.perf_counter() - started) * 1000)
            started = time.perf_counter()
            plain.execute("INSERT INTO t (body) VALUES (?)", ("word " * 40,))
            bare.append((time.perf_counter() - started) * 1000)
        plain.close()
        store.close()
    return {
        "save, median (ms)": statistics.median(saves),
        "save, 99th of 100 (ms, asked: at most 20)": _percentile(saves),
        "bare one-row SQLite commit, median (ms)": statistics.median(bare),
        "ratio of the medians": statistics.median(saves) / statistics.median(bare),
    }


def _percentile(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]
