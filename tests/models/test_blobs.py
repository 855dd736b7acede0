"""Files beside the store: encrypted, whole or not at all, never wrong, and found again after a crash."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app.context import Context
from models import blobs, chunks, failpoints
from models.chunks import PIECE, Folder
from models.errors import DiskFull, FileDamaged
from models.outbox import Blob, BlobState
from models.store import Store
from tests.conftest import KEY, NOW
from tests.things import Card, Thing

BIG = bytes(range(256)) * 1_000 + b"by the window"  # four pieces, the last one short
SMALL = b"\xff\xd8\xff a small photo"


class Crash(Exception):
    """The laptop lost its power here."""


@pytest.fixture
def trap() -> Iterator[Callable[[str], None]]:
    def set_at(place: str) -> None:
        def crash(name: str) -> None:
            if name == place:
                raise Crash

        failpoints.trap = crash

    yield set_at
    failpoints.trap = None


def keep(context: Context, data: bytes = BIG) -> str:
    return context.write("Photo", lambda s: blobs.put(s, data, "image/jpeg", "window.jpg"))


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def files_in(store: Store) -> list[Path]:
    return sorted(path for path in store.files.path.rglob("*") if path.is_file())


def state_of(session: Session, name: str) -> str:
    return str(session.scalar(select(Blob.state).where(Blob.sha256 == name)))


@pytest.mark.parametrize("size", [1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 1, 5 * PIECE - 1])
def test_a_file_of_any_length_comes_back_as_it_was(context: Context, size: int) -> None:
    data = os.urandom(size)
    name = keep(context, data)
    assert name == digest(data)
    assert context.read(lambda s: blobs.get(s, name)) == data
    assert len(files_in(context.store)) == (1 if size > blobs.INLINE else 0)


def test_any_part_of_a_file_is_read_alone(context: Context) -> None:
    name, folder = keep(context), context.store.files
    for start, length in ((0, 1), (PIECE - 1, 2), (PIECE, PIECE), (len(BIG) - 5, 100), (10, len(BIG))):
        assert folder.read(name, len(BIG), start, length) == BIG[start : start + length]


def test_the_bytes_of_a_photo_are_nowhere_on_the_disk(context: Context) -> None:
    names = [keep(context, BIG), keep(context, SMALL)]
    context.store.close()
    on_disk = b"".join(path.read_bytes() for path in context.home.rglob("*") if path.is_file())
    assert all(name.encode() in str(files_in(context.store)).encode() for name in names[:1])
    for part in (BIG[-13:], BIG[1_000:1_064], SMALL, b"window.jpg"):
        assert part not in on_disk


def test_a_file_that_was_altered_cut_short_or_swapped_is_never_shown(context: Context) -> None:
    name, other = keep(context), keep(context, BIG[::-1])
    folder = context.store.files
    path = folder.file(name)
    whole = path.read_bytes()
    step = 24 + PIECE + 16
    head, body = whole[:8], whole[8:]
    spoilt = {
        "a bit": whole[:100] + bytes([whole[100] ^ 1]) + whole[101:],
        "cut short": whole[:-1],
        "without its last piece": whole[: 8 + 3 * step],
        "two pieces swapped": head + body[step : 2 * step] + body[:step] + body[2 * step :],
        "a piece of another file": head + folder.file(other).read_bytes()[8 : 8 + step] + body[step:],
        "empty": b"",
    }
    for words, data in spoilt.items():
        path.write_bytes(data)
        with pytest.raises(FileDamaged, match="missing or damaged"):
            context.read(lambda s: blobs.get(s, name))
        assert context.read(lambda s: blobs.look(s, name))[0] is None, words
    path.unlink()
    with pytest.raises(FileDamaged):
        context.read(lambda s: blobs.get(s, name))
    assert context.read(lambda s: blobs.look(s, name))[1].state == "damaged"
    assert context.read(blobs.missing) == [name]
    assert blobs.ask(context.store, [name])
    assert context.read(lambda s: state_of(s, name)) == BlobState.WANTED
    keep(context)  # the same photo, added again, heals it
    assert context.read(lambda s: blobs.get(s, name)) == BIG


def test_the_length_that_a_file_claims_is_bound_to_its_pieces(context: Context) -> None:
    name = keep(context)
    with pytest.raises(FileDamaged):
        context.store.files.read(name, 2 * PIECE)


def test_another_store_cannot_read_the_file(context: Context, tmp_path: Path) -> None:
    name = keep(context)
    with pytest.raises(FileDamaged):
        Folder(context.store.files.path, bytes(32)).read(name, len(BIG))


def test_a_crash_between_file_and_row_leaves_nothing_behind_and_loses_nothing(
    context: Context, trap: Callable[[str], None]
) -> None:
    kept = keep(context, BIG[::-1])
    trap("blob_on_disk")
    with pytest.raises(Crash):
        keep(context)
    failpoints.trap = None
    assert len(files_in(context.store)) == 2
    assert blobs.tidy(context.store) == 1
    assert [path.name for path in files_in(context.store)] == [kept]
    assert context.read(lambda s: blobs.get(s, kept)) == BIG[::-1]
    assert context.read(lambda s: blobs.get(s, keep(context))) == BIG


def test_an_act_that_fails_leaves_no_row_and_its_file_is_swept(context: Context) -> None:
    def work(session: Session) -> None:
        blobs.put(session, BIG, "image/jpeg", "a.jpg")
        raise Crash

    with pytest.raises(Crash):
        context.write("Photo", work)
    assert context.read(lambda s: blobs.get(s, digest(BIG))) is None
    assert blobs.tidy(context.store) == 1
    assert files_in(context.store) == []


def test_a_full_disk_is_said_and_nothing_is_half_kept(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(chunks.os, "fsync", full)
    with pytest.raises(DiskFull, match="disk is full"):
        keep(context)
    assert files_in(context.store) == []
    assert context.read(lambda s: blobs.get(s, digest(BIG))) is None


def test_a_photo_of_an_older_store_is_read_where_it_lies_and_moved_out(context: Context) -> None:
    name = keep(context)
    context.store.files.drop(name)
    with context.store.connect(write=True) as connection:
        connection.execute(update(Blob).values(data=BIG))
    assert context.read(lambda s: blobs.get(s, name)) == BIG
    assert blobs.tidy(context.store) == 1
    assert context.read(lambda s: s.scalar(select(Blob.data))) is None
    assert context.read(lambda s: blobs.get(s, name)) == BIG


def test_a_file_that_comes_in_by_and_by_goes_on_after_a_crash(context: Context) -> None:
    folder, name = context.store.files, digest(BIG)
    folder.append(name, len(BIG), 0, BIG[: 2 * PIECE])
    folder.append(name, len(BIG), 2 * PIECE, BIG[2 * PIECE : 3 * PIECE])
    part = files_in(context.store)[0]
    with part.open("ab") as out:
        out.write(bytes(PIECE))  # most of a piece, when the power went
    again = Folder(folder.path, KEY)
    assert again.coming(name) == 3 * PIECE
    again.append(name, len(BIG), 3 * PIECE, BIG[3 * PIECE :])
    again.finish(name, len(BIG))
    assert again.has(name, len(BIG))
    assert again.read(name, len(BIG)) == BIG
    assert again.coming(name) == 0


def test_a_file_that_came_in_with_other_bytes_is_let_go(context: Context) -> None:
    folder, name = context.store.files, digest(BIG)
    folder.append(name, len(BIG), 0, BIG[:-1] + b"!")
    with pytest.raises(FileDamaged, match="other bytes"):
        folder.finish(name, len(BIG))
    assert files_in(context.store) == []


def test_the_policy_says_which_files_a_record_names() -> None:
    first, second, third = (letter * 64 for letter in "abc")
    fields = {
        "photo": first,
        "data": {
            "sha256": second,
            "name": "f" * 64,
            "cells": [{"sha256": third}, "d" * 64, {"sha256": "short"}],
        },
        "other": "e" * 64,
    }
    assert blobs.named_in("test_card", fields) == {first, second, third}
    assert blobs.named_in("test_card", {"photo": "../../etc/passwd", "data": None}) == set()
    assert blobs.named_in("test_thing", {"title": first}) == set()
    assert {"repairs_photo", "content_block", "income_file", "test_card"} <= set(blobs.file_types())


def test_a_record_from_the_server_makes_its_files_due_or_wanted(context: Context) -> None:
    here, elsewhere = keep(context), digest(b"elsewhere")
    with context.store.connect(write=True) as connection:
        blobs.notice(connection, [here, elsewhere], "Priya Senn", NOW)
    assert context.read(lambda s: state_of(s, here)) == BlobState.DUE
    assert context.read(lambda s: state_of(s, elsewhere)) == BlobState.WANTED
    with context.store.connect(write=True) as connection:  # another record names them too
        connection.execute(update(Blob).where(Blob.sha256 == here).values(state="sent"))
        blobs.notice(connection, [here, elsewhere], "Huw Bassett", NOW)
    assert context.read(lambda s: state_of(s, here)) == BlobState.SENT
    data, where = context.read(lambda s: blobs.look(s, elsewhere))
    assert (data, where.state, where.from_name, where.asked) == (None, "wanted", "Priya Senn", False)
    assert blobs.ask(context.store, [here, elsewhere])
    assert not blobs.ask(context.store, [elsewhere])
    assert context.read(lambda s: blobs.look(s, elsewhere))[1].asked
    keep(context, b"elsewhere")  # the same bytes come in by hand: the server may need them
    assert context.read(lambda s: state_of(s, elsewhere)) == BlobState.DUE


def test_records_that_came_before_files_travelled_are_asked_once(context: Context) -> None:
    mine, theirs, unsent = digest(BIG), "b" * 64, digest(SMALL)

    def work(session: Session) -> None:
        blobs.put(session, BIG, "image/jpeg", "a.jpg")
        blobs.put(session, SMALL, "image/jpeg", "b.jpg")
        session.add_all(
            [Card(photo=mine), Card(data={"sha256": theirs}), Card(photo=unsent), Thing(title="x")]
        )

    context.write("Cards", work)
    with context.store.connect(write=True) as connection:
        connection.execute(text(f"UPDATE test_card SET version = 1 WHERE photo != '{unsent}'"))
        blobs.survey(connection, NOW)
    states = context.read(
        lambda s: {row.sha256: row.state for row in s.execute(select(Blob.sha256, Blob.state))}
    )
    assert states == {mine: "due", theirs: "wanted", unsent: "local"}
    with context.store.connect(write=True) as connection:
        connection.execute(text("UPDATE test_card SET version = 1"))
        blobs.survey(connection, NOW)
    assert (
        context.read(lambda s: state_of(s, unsent)) == "local"
    )  # once is enough, until somebody asks for more
    with context.store.connect(write=True) as connection:
        blobs.survey_again(connection)
        blobs.survey(connection, NOW)
    assert context.read(lambda s: state_of(s, unsent)) == "due"
