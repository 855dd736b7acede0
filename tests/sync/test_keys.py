"""The server's own key: made once, never twice, and worth nothing to whoever has the database alone."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sync.server import keys
from sync.server.keys import KeyMissing, key_file, open_sealed, seal, server_key
from sync.server.store import ServerStore, ensure_tenant
from sync.server.tables import blob_chunk


@pytest.fixture
def own_books(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServerStore]:
    monkeypatch.delenv(keys.VARIABLE, raising=False)
    made = ServerStore.open(str(tmp_path / "server.db"))
    yield made
    made.close()


def test_the_key_is_made_beside_the_database_for_the_server_alone(own_books: ServerStore) -> None:
    key = server_key(own_books)
    path = key_file(own_books)
    assert (path.name, len(key)) == ("server.db.key", 32)
    assert bytes.fromhex(path.read_text().strip()) == key
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in path.parent.iterdir() if p.name.endswith(".part")] == []


def test_servers_that_start_at_once_agree_on_one_key(own_books: ServerStore) -> None:
    stores = [ServerStore(own_books.engine) for _ in range(8)]
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda s=s: found.append(server_key(s))) for s in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(found), len(set(found))) == (8, 1)


def test_what_is_sealed_opens_only_with_its_key_its_purpose_and_its_place() -> None:
    key = bytes(range(32))
    sealed = seal(key, "holdall/courier/1", b"a private key", b"averwick")
    assert open_sealed(key, "holdall/courier/1", sealed, b"averwick") == b"a private key"
    assert b"private" not in sealed
    altered = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for wrong in (
        (bytes(32), "holdall/courier/1", sealed, b"averwick"),
        (key, "holdall/blob/1", sealed, b"averwick"),
        (key, "holdall/courier/1", sealed, b"elsewhere"),
        (key, "holdall/courier/1", altered, b"averwick"),
        (key, "holdall/courier/1", b"short", b"averwick"),
    ):
        with pytest.raises(KeyMissing, match="does not open"):
            open_sealed(*wrong)


def test_a_lost_key_is_said_and_never_replaced_by_a_new_one(own_books: ServerStore) -> None:
    server_key(own_books)
    with own_books.write("t") as connection:
        ensure_tenant(connection, "t", "Averwick Borough Council", "", datetime.now(UTC))
        connection.execute(blob_chunk.insert().values(tenant="t", sha256="0" * 64, n=0, data=b"x"))
    key_file(own_books).unlink()
    own_books.key = None
    with pytest.raises(KeyMissing, match="Bring it back"):
        server_key(own_books)
    assert not key_file(own_books).exists()


def test_a_named_file_is_read_and_must_hold_a_key(
    own_books: ServerStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "named.key"
    monkeypatch.setenv(keys.VARIABLE, str(path))
    with pytest.raises(KeyMissing, match="not where it should be"):
        server_key(own_books)
    for data, sentence in ((b"too short", "does not hold a key"), (b"zz" * 32, "does not hold a key")):
        path.write_bytes(data)
        path.chmod(0o600)
        with pytest.raises(KeyMissing, match=sentence):
            server_key(own_books)
    path.write_bytes(bytes(range(32)))
    assert server_key(own_books) == bytes(range(32))


@pytest.mark.skipif(os.name != "posix", reason="rights of a file are POSIX rights")
def test_a_key_that_everybody_may_read_is_refused(own_books: ServerStore) -> None:
    server_key(own_books)
    key_file(own_books).chmod(0o644)
    own_books.key = None
    with pytest.raises(KeyMissing, match="Everybody"):
        server_key(own_books)
