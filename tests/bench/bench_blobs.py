"""How fast photos are kept, sent and fetched with everything on, beside plain copies of the same files.

A real server process on SQLite: one laptop keeps and sends, another fetches into its encrypted folder.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.orm import Session

import tests.things  # noqa: F401  the server is told of its types, and so is this process
from models import blobs
from sync.engine import Engine
from tests.bench.bench_sync import Laptop
from tests.conftest import NOW
from tests.things import Card

SIZE = 600_000  # a photo of 1,600 pixels


def run(photos: int) -> dict[str, float]:
    """MB a second for each step, and for plain copies (each flushed to the disk) of the same bytes."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        db = str(folder / "server.db")
        command = [sys.executable, "-m", "sync.server", "run", "--db", db, "--until-stdin-closes"]
        command += ["--with", "tests.things"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            try:
                told = json.loads(process.stdout.readline() if process.stdout else "")
                return _measure(folder, int(told["port"]), db, photos)
            finally:
                if process.stdin is not None:
                    process.stdin.close()
                process.wait(10)


def _measure(folder: Path, port: int, db: str, photos: int) -> dict[str, float]:
    one, two = (Laptop.join(folder, port, name, db) for name in ("one", "two"))
    first, author, store = one.engine, one.author, one.store
    second, other = two.engine, two.store
    pictures = [b"\xff\xd8\xff" + os.urandom(SIZE) for _ in range(photos)]

    def keep(session: Session) -> list[str]:
        names = [blobs.put(session, data, "image/jpeg", "photo.jpg") for data in pictures]
        session.add_all([Card(photo=name) for name in names])
        return names

    figures: dict[str, float] = {}
    total = sum(map(len, pictures)) / 1_000_000

    def timed(words: str, work: Callable[[], object]) -> object:
        started = time.perf_counter()
        made = work()
        figures[f"{words} (MB/s)"] = total / (time.perf_counter() - started)
        return made

    def write() -> list[str]:
        with store.write(author, "Photos", NOW) as session:
            return keep(session)

    names = timed("keep photos encrypted, flushed, with their records", write)
    assert isinstance(names, list)
    timed("plain writes of the same files, flushed", lambda: _plain_writes(folder, pictures))
    timed("plain copies of the same files, flushed", lambda: _plain_copies(folder))
    timed("send to a server process, records first", lambda: _all(first, "sent", photos))
    timed("fetch on a second laptop, records first", lambda: _all(second, "fetched", photos))
    with other.read() as session:
        read = timed("read back and check", lambda: [blobs.get(session, name) for name in names])
    assert read == pictures
    for opened in (store, other):
        opened.close()
    return figures


def _all(engine: Engine, what: str, photos: int) -> None:
    report = engine.sync_once()
    assert getattr(report.files, what) == photos, report.files


def _plain_writes(folder: Path, pictures: list[bytes]) -> None:
    (folder / "plain").mkdir()
    for n, data in enumerate(pictures):
        with (folder / "plain" / f"{n}.jpg").open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())


def _plain_copies(folder: Path) -> None:
    (folder / "copies").mkdir()
    for path in (folder / "plain").iterdir():
        target = folder / "copies" / path.name
        shutil.copyfile(path, target)
        descriptor = os.open(target, os.O_RDWR)
        os.fsync(descriptor)
        os.close(descriptor)
