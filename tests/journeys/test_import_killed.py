"""A laptop that dies in the middle of an import has all of the file afterwards, or nothing of it."""

from __future__ import annotations

import multiprocessing
import shutil
import sys
import time
from pathlib import Path
from random import Random

from sqlalchemy import func, select, text

from app.income import importing
from app.income.files import read_statement_file
from models.changes import Author
from models.income import BankLine
from models.store import Store
from tests.conftest import KEY, NOW
from tests.journeys import importer

PATIENCE = 60  # seconds for a process to come up on a busy machine
KILLS = 20
READ = read_statement_file("big.sta", importer.bank_file())


def _processes() -> multiprocessing.context.BaseContext:
    if not sys.platform.startswith("linux"):
        return multiprocessing.get_context("spawn")
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(["app.income.importing", importer.__name__])
    return made


def _counts(store: Store) -> tuple[int, ...]:
    """How many files, statements, lines, operations and whole files a store holds."""
    tables = ("income_file", "income_statement", "income_bank_line", "outbox", "blob")
    with store.connect() as connection:
        return tuple(connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in tables)


def test_an_import_that_is_killed_leaves_all_of_the_file_or_nothing(tmp_path: Path) -> None:
    author = Author("u-1", "Tomos Aldgate", "team-1", frozenset({"officer", "finance"}), "device")
    store = Store.create(tmp_path / "before.db", KEY)
    with store.write(author, "Add account", NOW) as session:
        importing.add_account(session, "General account", importer.ACCOUNT)
    before = _counts(store)
    store.close()
    processes, moments = _processes(), Random(50)
    whole = 0.0  # seconds of an import, learned from the first, which is let end
    outcomes: list[str] = []
    for number in range(KILLS):
        path = tmp_path / f"laptop-{number}" / "holdall.db"
        path.parent.mkdir()
        shutil.copyfile(tmp_path / "before.db", path)
        listens, tells = processes.Pipe(duplex=False)
        process = processes.Process(target=importer.import_until_killed, args=(path, KEY, tells), daemon=True)
        process.start()
        tells.close()
        assert listens.poll(PATIENCE), "the laptop did not come up"
        assert listens.recv() == "ready"
        began = time.monotonic()
        done = listens.poll(moments.uniform(0, 1.2 * whole) if whole else PATIENCE)
        whole = whole or time.monotonic() - began
        process.kill()
        process.join()
        store = Store.open(path, KEY)
        assert store.check() == []
        outcomes.append("nothing" if _counts(store) == before else "all")
        if outcomes[-1] == "nothing":
            assert not done, "an import that was said to be done is gone"
            with store.write(author, "Import again", NOW) as session:
                importing.import_statements(session, READ)
        with store.read() as session:
            lines = session.execute(select(func.count(), func.sum(BankLine.amount_pence))).one()
        assert tuple(lines) == (importer.LINES, sum(range(importer.LINES)))
        assert _counts(store)[:2] == (1, 1)
        store.close()
    assert outcomes.count("nothing") >= KILLS // 4
