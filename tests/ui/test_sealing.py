"""A paper's way: sealed by the laptop that made it, looked at by others, with a real server and without."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from app import workspace
from app.context import Context
from app.report import Document, Text, render
from models.store import Store
from sync import account as accounts
from sync import chain
from sync.server import audit
from sync.server.store import ServerStore, origin_of
from sync.server.tables import change, scope_counter
from tests.sync.kit import KEY, ROOT, Fleet, Laptop, RealServer
from tests.things import Thing
from ui.sealing import seal_of, sealing, verify

DOCUMENT = Document("Repairs this week", date(2026, 12, 17), (Text("Six late."),))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """The server that most of these tests share, each with a council of its own."""
    made = RealServer(str(tmp_path_factory.mktemp("papers") / "server.db")).start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "holdall.db"
    Store.create(path, KEY).close()
    return path


@pytest.fixture
def fleet(tmp_path: Path, template: Path, server: RealServer) -> Iterator[Fleet]:
    """Laptops of one council."""
    beside = ServerStore.open(server.db)
    made = Fleet(tmp_path, beside, template, server)
    yield made
    made.close()
    beside.close()


@contextmanager
def copied(fleet: Fleet, folder: Path) -> Iterator[Fleet]:
    """Laptops of the same council that know nothing but a copy of its server."""
    folder.mkdir()
    with fleet.books.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("VACUUM INTO ?", (str(folder / "server.db"),))
    other = RealServer(str(folder / "server.db")).start()
    beside = ServerStore.open(other.db)
    made = Fleet(folder, beside, fleet.template, other)
    made.tenant = fleet.tenant
    try:
        yield made
    finally:
        made.close()
        beside.close()
        other.stop()


def at(laptop: Laptop) -> Context:
    return sealing(Context(laptop.store, laptop.author, Path()))


def paper_of(laptop: Laptop) -> bytes:
    laptop.write("Add", lambda s: s.add(Thing(title="Blocked gutter")))
    laptop.sync()
    return render(DOCUMENT, at(laptop).seal())


def test_a_laptop_that_never_joined_or_never_synced_seals_nothing(context: Context, fleet: Fleet) -> None:
    assert sealing(context).seal() is None
    assert at(fleet.join()).seal() is None


def test_the_seal_names_the_logs_of_team_and_council_and_never_a_persons_own(fleet: Fleet) -> None:
    laptop = fleet.join()
    laptop.write("Add", lambda s: s.add(Thing(title="Blocked gutter")))
    laptop.sync()
    laptop.write("Add", lambda s: s.add(Thing(title="Not sent yet")))
    seal = at(laptop).seal()
    assert seal is not None
    assert (list(seal.heads), seal.waiting) == (["team:team-1"], 1)
    assert seal.words().startswith("Log team-1 · 1 · ")
    assert render(DOCUMENT, seal) == render(DOCUMENT, at(laptop).seal())


def test_the_laptop_itself_colleagues_and_one_that_has_not_synced_find_a_paper_genuine(fleet: Fleet) -> None:
    first = fleet.join()
    paper = paper_of(first)
    second, third = fleet.join("u-2", "Priya Senn"), fleet.join("u-3", "Ann Field")
    second.sync()
    for laptop in (first, second, third):
        found = verify(paper, at(laptop))
        assert (found.verdict, found.signed_by["device"]) == ("genuine", first.account.device), found.reason
    assert list(found.document()["heads"]) == ["team:team-1"]
    for laptop in (first, second, third):
        laptop.account.server = "http://127.0.0.1:1"  # where nobody answers
        accounts.save(laptop.store, laptop.account)
    assert [verify(paper, at(laptop)).verdict for laptop in (first, second)] == ["genuine", "genuine"]
    stranger = verify(paper, at(third))  # it knows the key by now, but has never read the log
    assert (stranger.verdict, "server" in stranger.reason) == ("unknown", True)
    with fleet.books.read(fleet.tenant) as connection:
        noted = [line.act for line in audit.page(connection, fleet.tenant, 0).lines]
    assert noted.count("keys_read") == 2


def test_a_paper_made_before_the_log_went_on_is_still_genuine(fleet: Fleet) -> None:
    first, second = fleet.join(), fleet.join("u-2", "Priya Senn")
    paper = paper_of(first)
    paper_of(first)
    second.sync()
    assert [verify(paper, at(laptop)).verdict for laptop in (first, second)] == ["genuine", "genuine"]


def test_a_changed_paper_and_a_seal_of_no_laptop_of_the_council_are_altered(fleet: Fleet) -> None:
    first, second = fleet.join(), fleet.join("u-2", "Priya Senn")
    paper = paper_of(first)
    changed = bytearray(paper)
    changed[len(paper) // 2] ^= 4
    assert verify(bytes(changed), at(second)).verdict == "altered"
    seal = at(first).seal()
    assert seal is not None
    thief = bytes(32)
    forged = replace(seal, key=accounts.public_key(thief), sign=lambda text: accounts.sign(thief, text))
    for made in (forged, replace(forged, device="0197d000-0000-7000-8000-00000000000f")):
        for laptop in (first, second):
            assert verify(render(DOCUMENT, made), at(laptop)).verdict == "altered"


def test_a_log_that_was_rewritten_or_cut_short_in_a_copied_server_is_found(
    fleet: Fleet, tmp_path: Path
) -> None:
    first = fleet.join()
    paper_of(first)
    paper = paper_of(first)
    for name, tamper in (("rewritten", rewrite), ("short", cut_short)):
        with copied(fleet, tmp_path / name) as other:
            with other.books.write(fleet.tenant) as connection:
                tamper(connection, fleet.tenant)
            found = verify(paper, at(other.join("u-9", "Ada New")))
            assert (found.verdict, "team:team-1" in found.reason) == ("log_rewritten", True)


def test_a_log_that_was_compacted_past_a_paper_tells_a_new_laptop_nothing(
    fleet: Fleet, tmp_path: Path
) -> None:
    first = fleet.join()
    paper = paper_of(first)
    paper_of(first)
    with copied(fleet, tmp_path / "compacted") as other:
        with other.books.write(fleet.tenant) as connection:
            where = (change.c.tenant == fleet.tenant, change.c.scope == "team:team-1", change.c.seq == 1)
            connection.execute(change.delete().where(*where))
            counter = (scope_counter.c.tenant == fleet.tenant, scope_counter.c.scope == "team:team-1")
            connection.execute(update(scope_counter).where(*counter).values(floor=2))
        found = verify(paper, at(other.join("u-9", "Ada New")))
        assert (found.verdict, found.signed_by is not None) == ("unknown", True)


def rewrite(connection: Any, tenant: str) -> None:
    """Changes what was written first, and makes every chain value after it fit."""
    where = (change.c.tenant == tenant, change.c.scope == "team:team-1")
    value = chain.genesis(origin_of(connection, tenant), tenant, "team:team-1")
    for row in connection.execute(select(change).where(*where).order_by(change.c.seq)).all():
        data = row.data.replace("Blocked gutter", "Nothing at all")
        value = chain.extend(value, (data.encode(),))
        connection.execute(
            update(change).where(*where, change.c.seq == row.seq).values(data=data, chain=value)
        )


def cut_short(connection: Any, tenant: str) -> None:
    """Takes the last change away, as an older copy would not have it."""
    where = (change.c.tenant == tenant, change.c.scope == "team:team-1")
    connection.execute(change.delete().where(*where, change.c.seq == 2))
    kept = connection.execute(select(change.c.chain).where(*where)).scalar_one()
    counter = (scope_counter.c.tenant == tenant, scope_counter.c.scope == "team:team-1")
    connection.execute(update(scope_counter).where(*counter).values(n=1, chain=kept))


def test_where_it_cannot_be_told_the_words_say_what_to_do(fleet: Fleet, tmp_path: Path) -> None:
    first = fleet.join()
    paper = paper_of(first)
    bare = verify(render(DOCUMENT), at(first))
    assert (bare.verdict, "no seal" in bare.reason) == ("unknown", True)
    nobody = verify(paper, None)
    assert (nobody.verdict, "has joined" in nobody.reason) == ("unknown", True)
    first.account.tenant = "elsewhere"
    accounts.save(first.store, first.account)
    assert "another council" in verify(paper, at(first)).reason


def test_the_command_answers_in_json_and_by_its_exit_code(fleet: Fleet, tmp_path: Path) -> None:
    paper = paper_of(fleet.join())
    sound, bad, words = tmp_path / "sound.pdf", tmp_path / "bad.pdf", tmp_path / "words.pdf"
    sound.write_bytes(paper)
    bad.write_bytes(paper + b" ")
    words.write_text("no PDF")
    home = tmp_path / "home"
    home.mkdir()

    def run(path: Path) -> tuple[int, dict[str, Any], str]:
        done = subprocess.run(
            [sys.executable, "-m", "app", "verify", str(path), "--json", "--home", str(home)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"HOLDALL_PASSPHRASE": "green field"},
        )
        return done.returncode, json.loads(done.stdout or "{}"), done.stderr

    code, told, _ = run(sound)
    assert (code, told["verdict"], told["heads"]["team:team-1"]["seq"]) == (3, "unknown", 1)
    code, told, _ = run(bad)
    assert (code, told["verdict"], told["signed_by"]) == (0, "altered", None)
    for path in (words, tmp_path / "none.pdf"):
        code, told, said = run(path)
        assert (code, told) == (2, {})
        assert (said.count("\n"), "Traceback" in said) == (1, False)
    store = fleet.laptops[0].store
    made = workspace.create(home, workspace.sample_profile(), "green field", kdf=workspace.SAMPLE_KDF)
    account = accounts.load(store)
    assert account is not None
    accounts.save(made.store, account)
    made.store.close()
    code, told, said = run(sound)
    assert (code, told["verdict"], told["signed_by"]["name"]) == (0, "genuine", "this laptop"), said


def test_seal_of_needs_the_team_to_show_its_log_first(fleet: Fleet) -> None:
    laptop = fleet.join(teams=("team-2", "team-1"))
    laptop.write("Add", lambda s: s.add(Thing(title="Blocked gutter")))
    laptop.sync()
    seal = seal_of(laptop.store, "team-2")
    assert seal is not None
    assert next(iter(seal.heads)) == "team:team-2"
