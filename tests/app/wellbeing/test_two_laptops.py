"""One person with two laptops and the council's server: they agree, and the server has read nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from app.wellbeing import entries, service, vault
from app.wellbeing.entries import PrivateLife
from app.wellbeing.vault import ACT, Ring
from models.outbox import Conflict, OpState, OutboxOp
from models.store import Store
from models.wellbeing import Entry, VaultKey
from sync.server.store import ServerStore
from tests.app.wellbeing.conftest import PASSPHRASE, QUICK
from tests.app.wellbeing.test_service import encodings
from tests.sync.kit import KEY, Fleet, Laptop

NOTE = "my manager shouted on Tuesday"


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    """Laptops over the server's own functions."""
    Store.create(tmp_path / "template.db", KEY).close()
    books = ServerStore.open(str(tmp_path / "server.db"))
    made = Fleet(tmp_path, books, tmp_path / "template.db", None)
    yield made
    made.close()
    books.close()


def opened(laptop: Laptop, passphrase: str) -> Ring:
    """The ring a passphrase opens on a laptop."""
    keys = laptop.read(lambda s: vault.wrapped_keys(s, laptop.author))
    return vault.open_by_passphrase(keys, laptop.author, passphrase)


def life(laptop: Laptop, ring: Ring) -> PrivateLife:
    """What a person reads on a laptop."""
    return laptop.read(lambda s: entries.read(s, ring, laptop.author))


def answer(laptop: Laptop, ring: Ring, check_id: str, number: int, code: int) -> None:
    """One answer."""
    laptop.write(ACT, lambda s: service.answer(s, ring, check_id, number, code))


def test_a_new_laptop_opens_the_vault_with_the_passphrase_and_both_come_to_agree(fleet: Fleet) -> None:
    first = fleet.join()
    made = vault.make(first.author, PASSPHRASE, QUICK)
    first.write(ACT, lambda s: vault.keep(s, made))
    _, check_id = first.write(ACT, lambda s: service.start(s, made.ring))
    answer(first, made.ring, check_id, 1, 4)
    answer(first, made.ring, check_id, 2, 2)
    fleet.settle()

    second = fleet.join()
    fleet.settle()
    ring = opened(second, PASSPHRASE)
    found = life(second, ring).check(check_id)
    assert found is not None
    assert found.answers == {1: 4, 2: 2}
    answer(second, ring, check_id, 2, 5)  # both go on with it, offline
    answer(first, made.ring, check_id, 3, 3)
    answer(second, ring, check_id, 4, 1)
    second.write(ACT, lambda s: service.keep_note(s, ring, NOTE, "control"))
    fleet.settle()
    for laptop in (first, second):
        (check,) = life(laptop, ring).checks
        assert check.answers == {1: 4, 2: 5, 3: 3, 4: 1}
        assert [note.text for note in life(laptop, ring).notes] == [NOTE]
        assert laptop.read(lambda s: s.scalars(select(Conflict)).all()) == []
        states = set(laptop.read(lambda s: s.scalars(select(OutboxOp.state)).all()))
        assert states == {OpState.SETTLED.value}


def test_the_server_and_its_dump_hold_nothing_readable_and_others_receive_nothing(
    fleet: Fleet, tmp_path: Path
) -> None:
    mine = fleet.join()
    lead = fleet.join("u-2", "Priya Senn", ("officer", "lead", "finance"))
    made = vault.make(mine.author, PASSPHRASE, QUICK)
    mine.write(ACT, lambda s: vault.keep(s, made))
    _, check_id = mine.write(ACT, lambda s: service.start(s, made.ring))
    for number in range(1, 36):
        answer(mine, made.ring, check_id, number, 1 + number % 5)
    mine.write(ACT, lambda s: service.keep_note(s, made.ring, NOTE, "relationships"))
    mine.write(ACT, lambda s: service.finish(s, made.ring, check_id))
    fleet.settle()
    with fleet.books.read() as connection:
        names = [
            r[0] for r in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
        ]
        dump = "\n".join(
            repr(tuple(row)) for name in names for row in connection.execute(text(f'SELECT * FROM "{name}"'))
        )
    assert "wellbeing_entry" in dump
    private = made.ring.pairs[0][1].private
    for words in (NOTE, PASSPHRASE, made.code, "holdall-wc35", "answers", "relationships"):
        for form in encodings(words):
            assert form not in dump, words
    assert private.hex() not in dump
    raw = b"".join(path.read_bytes() for path in tmp_path.glob("server.db*"))
    for words in (NOTE, PASSPHRASE, "holdall-wc35", "relationships"):
        assert words.encode() not in raw
    for model in (Entry, VaultKey):
        assert lead.read(lambda s, m=model: s.scalars(select(m)).all()) == []


def test_two_laptops_set_up_before_they_met_become_one_vault(fleet: Fleet) -> None:
    first, second = fleet.join(), fleet.join()
    rings = []
    for laptop, passphrase in ((first, PASSPHRASE), (second, "words of the second")):
        made = vault.make(laptop.author, passphrase, QUICK)
        laptop.write(ACT, lambda s, m=made: vault.keep(s, m))
        laptop.write(ACT, lambda s, m=made: service.keep_note(s, m.ring, f"from {m.wrapped.id}"))
        rings.append(made.ring)
    fleet.settle()
    keys = first.read(lambda s: vault.wrapped_keys(s, first.author))
    mine, theirs = opened(first, PASSPHRASE), opened(first, "words of the second")
    assert len(mine.shut) == 1
    assert life(first, mine).broken == 1
    both = vault.add_to(mine, keys, first.author, theirs)
    first.write(ACT, lambda s: vault.link(s, both))
    fleet.settle()
    ring = opened(second, PASSPHRASE)
    assert ring.shut == ()
    assert {note.text for note in life(second, ring).notes} == {f"from {r.pairs[0][0]}" for r in rings}
    assert life(second, ring).broken == 0
