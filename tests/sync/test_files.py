"""Files travel: sent on from where they stopped, checked at both ends, kept apart by council, and sealed."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update
from starlette.requests import ClientDisconnect

from models import blobs, failpoints
from models.errors import HoldallError
from models.outbox import Blob, BlobState
from sync import blobs as travel
from sync import wire
from sync.errors import Refused
from sync.server import files
from sync.server.__main__ import _listen
from sync.server.accounts import Actor
from sync.server.api import _problem
from sync.server.denied import Denied
from sync.server.kinds import kinds_of
from sync.server.routes.files import ROUTES
from sync.server.routing import Call, Deps
from sync.server.store import ServerStore
from sync.server.tables import blob_chunk, tenant
from sync.server.throttle import Throttle
from tests.sync.kit import KEY, ROOT, Fleet, Laptop, RealServer
from tests.sync.proxy import Fault, FaultProxy
from tests.things import Card

JPEG = b"\xff\xd8\xff\xe0"
PIECE = wire.PIECE


def photo(size: int = 700_000, seed: str = "window") -> bytes:
    """Bytes that begin as a JPEG does and do not pack."""
    made = hashlib.shake_256(seed.encode()).digest(size - len(JPEG))
    return JPEG + made


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def add(laptop: Laptop, data: bytes, mime: str = "image/jpeg") -> str:
    """A record with a photo, as a tab would make one."""
    return laptop.write("Photo", lambda s: _card(s, blobs.put(s, data, mime, "window.jpg")))


def _card(session: object, name: str) -> str:
    session.add(Card(photo=name))  # type: ignore[attr-defined]
    return name


def state(laptop: Laptop, name: str) -> str | None:
    return laptop.read(lambda s: s.scalar(select(Blob.state).where(Blob.sha256 == name)))


def bytes_at(laptop: Laptop, name: str) -> bytes | None:
    return laptop.read(lambda s: blobs.get(s, name))


def on_server(fleet: Fleet, name: str) -> wire.FileState | None:
    with fleet.books.read(fleet.tenant) as connection:
        return files.find(connection, fleet.tenant, name)


@pytest.fixture
def proxy(net_fleet: Fleet) -> Iterator[FaultProxy]:
    assert net_fleet.server is not None
    made = FaultProxy(net_fleet.server.port)
    yield made
    made.close()


@pytest.fixture
def trap() -> Iterator[None]:
    yield
    failpoints.trap = None


@pytest.mark.parametrize("size", [300, PIECE, PIECE + 1, 700_000])
def test_a_photo_taken_on_one_laptop_appears_on_the_other(fleet: Fleet, size: int) -> None:
    first, second = fleet.join(), fleet.join("u-2", "Priya Senn")
    data = photo(size)
    name = add(first, data)
    report = first.sync()
    assert (report.files.sent, report.files.problem, state(first, name)) == (1, None, BlobState.SENT)
    report = second.sync()
    assert report.files.fetched == 1
    assert name in report.changed.ids
    assert bytes_at(second, name) == data
    assert second.sync().files == travel.FileReport()


def test_a_record_comes_before_its_photo_and_says_whose_it_is(fleet: Fleet) -> None:
    first, second = fleet.join("u-1", "Priya Senn"), fleet.join("u-2", "Tomos Aldgate")
    name = add(first, photo())
    first.engine.sync_once(cancelled=lambda: False)
    with fleet.books.write(fleet.tenant) as connection:
        files._drop(connection, fleet.tenant, name)
        connection.execute(files.blob.delete().where(*files._is(fleet.tenant, name)))
    second.sync()
    data, where = second.read(lambda s: blobs.look(s, name))
    assert (data, where.state, where.from_name) == (None, "wanted", "Priya Senn")
    first.write("Restored", lambda s: blobs.offer_again(s.connection()))  # what a restored server asks for
    assert first.sync().files.sent == 1
    assert second.sync().files.fetched == 1
    assert bytes_at(second, name) == photo()


def test_a_file_whose_record_was_refused_never_leaves_the_laptop(fleet: Fleet) -> None:
    laptop = fleet.join()
    name = laptop.write("Photo", lambda s: blobs.put(s, photo(), "image/jpeg", "a.jpg"))
    laptop.sync()
    assert (state(laptop, name), on_server(fleet, name)) == (BlobState.LOCAL, None)


@pytest.mark.parametrize("cut", [0, 900, 200_000, 264_000])
def test_an_upload_that_was_cut_goes_on_where_it_stopped(
    net_fleet: Fleet, proxy: FaultProxy, cut: int
) -> None:
    laptop = net_fleet.join()
    data = photo()
    name = add(laptop, data)
    _records_only(laptop)
    laptop.through(proxy.address)
    proxy.spoil(Fault(cut_request=cut))
    assert _run(laptop).problem is not None
    proxy.spoil(Fault())
    assert _run(laptop).sent == 1
    assert files.read(net_fleet.books, net_fleet.tenant, name, 0, len(data)) == data


def _records_only(laptop: Laptop) -> None:
    """Syncs, but no file goes."""
    laptop.engine.transport = _Deaf(laptop.transport)
    laptop.sync()
    laptop.engine.transport = laptop.transport


class _Deaf:
    """A transport that carries records and no files."""

    def __init__(self, inner: object) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> object:
        if name.endswith(("_file", "_files")):
            raise AttributeError(name)
        return getattr(self._inner, name)


def _run(laptop: Laptop) -> travel.FileReport:
    """The files' part of a sync alone."""
    return travel.FileRun(
        laptop.store,
        laptop.transport,
        laptop.clock.tick,
        lambda done, total, words: None,
        lambda: False,
        lambda: None,
        lambda changed: None,
    ).run()


def test_an_answer_that_was_lost_on_the_way_costs_no_chunk_twice(net_fleet: Fleet, proxy: FaultProxy) -> None:
    laptop = net_fleet.join()
    name = add(laptop, photo())
    laptop.sync()
    assert state(laptop, name) == BlobState.SENT
    other = add(laptop, photo(seed="door"))
    _records_only(laptop)
    laptop.through(proxy.address)
    laptop.transport.offer_file(wire.FileOffer(other, 700_000, "image/jpeg"))
    proxy.spoil(Fault(swallow_answer=True))
    with pytest.raises(HoldallError):
        laptop.transport.send_file(other, 0, photo(seed="door")[: 4 * PIECE])
    proxy.spoil(Fault())
    for _ in range(50):
        found = on_server(net_fleet, other)
        if found is not None and found.offset:
            break
    assert _run(laptop).sent == 1


def test_a_download_that_was_cut_goes_on_where_it_stopped(net_fleet: Fleet, proxy: FaultProxy) -> None:
    first, second = net_fleet.join(), net_fleet.join("u-2", "Priya Senn")
    data = photo(1_500_000)
    name = add(first, data)
    first.sync()
    _records_only(second)
    second.through(proxy.address)
    proxy.spoil(Fault(cut_answer=400_000))  # the first chunk of 256 KiB comes through, the next does not
    assert _run(second).problem is not None
    assert second.store.files.coming(name) == 4 * PIECE
    where = second.read(lambda s: blobs.look(s, name))[1]
    assert (where.state, where.percent) == ("wanted", 17)
    proxy.spoil(Fault())
    asked: list[int] = []
    fetch = second.transport.fetch_file
    second.transport.fetch_file = lambda n, start, length: (asked.append(start), fetch(n, start, length))[1]
    assert _run(second).fetched == 1
    assert asked[0] == 4 * PIECE
    assert bytes_at(second, name) == data


def test_a_large_file_waits_until_somebody_wants_to_look(fleet: Fleet) -> None:
    first, second = fleet.join(), fleet.join("u-2", "Priya Senn")
    name = add(first, photo(3_000_000))
    first.sync()
    second.sync()
    where = second.read(lambda s: blobs.look(s, name))[1]
    assert (where.state, where.size) == ("wanted", 3_000_000)
    assert blobs.ask(second.store, [name])
    assert second.sync().files.fetched == 1
    assert bytes_at(second, name) == photo(3_000_000)


def test_where_every_byte_costs_nothing_is_fetched_unasked(fleet: Fleet) -> None:
    first, second = fleet.join(), fleet.join("u-2", "Priya Senn")
    name = add(first, photo(300))
    first.sync()
    second.engine.auto_limit = 0
    assert second.sync().files.fetched == 0
    second.engine.auto_limit = travel.AUTO_LIMIT
    assert second.sync().files.fetched == 1
    assert bytes_at(second, name) == photo(300)


def test_small_files_go_first_and_changes_go_between(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    laptop = fleet.join()
    names = [add(laptop, photo(size)) for size in (900_000, 300, 70_000)]
    sent: list[str] = []
    send = laptop.transport.send_file

    def watch(name: str, offset: int, data: bytes) -> wire.FileState:
        if not sent or sent[-1] != name:
            sent.append(name)
        if len(sent) == 1:  # somebody writes while the first photo is on its way
            laptop.write("Meanwhile", lambda s: s.add(Card()))
        return send(name, offset, data)

    monkeypatch.setattr(laptop.transport, "send_file", watch)
    report = laptop.sync()
    assert sent == [names[1], names[2], names[0]]
    assert (report.files.sent, report.pushed, report.waiting) == (3, 4, 0)


def test_a_sync_that_is_cancelled_stops_between_chunks_and_goes_on_later(fleet: Fleet) -> None:
    laptop = fleet.join()
    name = add(laptop, photo(1_500_000))
    chunks: list[int] = []
    send = laptop.transport.send_file

    def count(name: str, offset: int, data: bytes) -> wire.FileState:
        chunks.append(offset)
        return send(name, offset, data)

    laptop.transport.send_file = count
    laptop.engine.sync_once(cancelled=lambda: len(chunks) >= 2)
    found = on_server(fleet, name)
    assert found is not None
    assert (found.state, len(chunks)) == ("coming", 2)
    assert 0 < found.offset < found.size
    assert laptop.sync().files.sent == 1


def test_two_laptops_that_send_the_same_photo_at_once_both_end_well(net_fleet: Fleet) -> None:
    data = photo(2_000_000)
    laptops = [net_fleet.join(f"u-{n}", f"Officer {n}") for n in range(3)]
    for laptop in laptops:
        add(laptop, data)
        _records_only(laptop)
    reports: list[travel.FileReport] = []
    threads = [threading.Thread(target=lambda one=one: reports.append(_run(one))) for one in laptops]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for laptop in laptops:
        _run(laptop)
    assert [state(laptop, digest(data)) for laptop in laptops] == [BlobState.SENT] * 3
    with net_fleet.books.read(net_fleet.tenant) as connection:
        assert files.read(net_fleet.books, net_fleet.tenant, digest(data), 0, len(data)) == data
        mine = (blob_chunk.c.tenant == net_fleet.tenant, blob_chunk.c.sha256 == digest(data))
        assert len(connection.execute(select(blob_chunk.c.n).where(*mine)).all()) == -(-len(data) // PIECE)


# -- what the server refuses -------------------------------------------------------------------------


def offered(laptop: Laptop, data: bytes, mime: str = "image/jpeg") -> str:
    laptop.transport.offer_file(wire.FileOffer(digest(data), len(data), mime))
    return digest(data)


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        (b"MZ" + bytes(200), "image/jpeg"),  # a program named .jpg
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "image/jpeg"),
        (b"MZ\x90\x00" + b"This program cannot be run", "text/plain"),
        (b"PK\x03\x04" + b"packed" * 20, "text/plain"),
        (JPEG + bytes(200), "image/png"),
    ],
)
def test_a_file_that_is_not_what_it_is_said_to_be_is_refused_and_forgotten(
    fleet: Fleet, data: bytes, mime: str
) -> None:
    first, second = fleet.join(), fleet.join("u-2", "Priya Senn")
    name = add(first, data, mime)
    report = first.sync()
    assert (report.files.sent, report.accepted) == (0, 1)
    assert first.read(blobs.problems) == [("window.jpg", "The server does not keep files of this kind.")]
    assert bytes_at(first, name) == data  # nothing that a person added is lost
    found = on_server(fleet, name)
    assert found is not None
    assert (found.state, found.offset) == ("refused", 0)
    with fleet.books.read(fleet.tenant) as connection:
        kept = select(blob_chunk.c.n).where(blob_chunk.c.tenant == fleet.tenant)
        assert connection.execute(kept).all() == []
    second.sync()
    assert "did not take" in second.read(lambda s: blobs.look(s, name))[1].problem
    assert second.read(blobs.problems) == []  # it is not theirs to send
    assert first.sync().files == travel.FileReport()  # it is not tried again and again


def test_a_type_that_no_council_needs_is_refused_before_any_byte(fleet: Fleet) -> None:
    laptop = fleet.join()
    name = add(laptop, b"\x7fELF", "application/x-executable")
    laptop.sync()
    assert on_server(fleet, name) is None
    assert laptop.read(blobs.problems) != []


def test_every_type_that_is_kept_is_known_by_its_first_bytes() -> None:
    kinds = {
        b"\xff\xd8\xff\xe1": "image/jpeg",
        b"\x89PNG\r\n\x1a\n": "image/png",
        b"GIF89a": "image/gif",
        b"RIFF\x10\x00\x00\x00WEBPVP8 ": "image/webp",
        b"\x00\x00\x00\x18ftypheic": "image/heic",
        b"%PDF-1.7": "application/pdf",
        b"\x00\x00\x00\x20ftypM4A ": "audio/mp4",
        b"\x00\x00\x00\x20ftypisom": "video/mp4",
        b":20:STARTUMSE\r\n:25:": "text/plain",
        "Datum;Betrag £\r\n".encode("utf-16"): "text/plain",
    }
    for head, mime in kinds.items():
        assert mime in kinds_of(head), mime
        assert len(kinds_of(head) & {"image/jpeg", "image/png", "application/pdf", "text/plain"}) <= 1
    for head in (
        b"\x00\x00\x00\x20ftypqt  ",
        b"RIFF\x10\x00\x00\x00AVI ",
        b"MZ",
        b"a\x00b",
        b"\xca\xfe\xba\xbe",
    ):
        assert kinds_of(head) == frozenset(), head


def test_a_chunk_that_arrived_altered_is_refused_and_costs_nothing(net_fleet: Fleet) -> None:
    laptop = net_fleet.join()
    name = offered(laptop, photo())
    path = f"/v1/blobs/{name}"
    wrong = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    for header in ("", f"sha-256=:{wrong}:", "md5=:AAAA:"):
        headers = {"Upload-Offset": "0", "Content-Digest": header}
        answer = laptop.transport._caller.send("PATCH", path, headers, photo()[:PIECE], laptop.account)
        assert (answer[0].status_code, json.loads(answer[1])["error"]) == (400, "digest")
    found = on_server(net_fleet, name)
    assert found is not None
    assert found.offset == 0


def test_a_chunk_in_the_wrong_place_is_told_the_right_one(net_fleet: Fleet) -> None:
    laptop = net_fleet.join()
    data = photo()
    name = offered(laptop, data)
    laptop.transport.send_file(name, 0, data[: 2 * PIECE])
    for offset in (0, PIECE, 5 * PIECE):
        with pytest.raises(Refused) as told:
            laptop.transport.send_file(name, offset, data[:PIECE])
        assert (told.value.error, told.value.expected) == ("offset", 2 * PIECE)
    for part in (data[:100], b"", data + bytes(PIECE)):
        with pytest.raises(Refused):
            laptop.transport.send_file(name, 2 * PIECE, part)
    head = laptop.transport._caller.send("HEAD", f"/v1/blobs/{name}", {}, None, laptop.account)[0]
    assert (head.headers["Upload-Offset"], head.headers["Upload-Length"]) == (str(2 * PIECE), str(len(data)))


def test_a_whole_that_is_another_file_is_forgotten_and_can_be_sent_again(fleet: Fleet) -> None:
    laptop = fleet.join()
    data = photo(2 * PIECE)
    name = offered(laptop, data)
    with pytest.raises(Refused) as told:
        laptop.transport.send_file(name, 0, data[:-1] + b"!")
    assert told.value.error == "bytes"
    add(laptop, data)
    assert laptop.sync().files.sent == 1
    assert files.read(fleet.books, fleet.tenant, name, 0, len(data)) == data


def test_a_file_over_25_mb_and_a_chunk_over_a_mebibyte_are_refused(net_fleet: Fleet) -> None:
    laptop = net_fleet.join()
    with pytest.raises(HoldallError, match="at most 25 MB"):
        laptop.write("Photo", lambda s: blobs.put(s, bytes(blobs.SIZE_LIMIT + 1), "image/jpeg", "huge.jpg"))
    with pytest.raises(Refused):
        laptop.transport.offer_file(wire.FileOffer("0" * 64, wire.MAX_FILE + 1, "image/jpeg"))
    name = offered(laptop, photo(2_000_000))
    with pytest.raises(Refused) as told:
        laptop.transport.send_file(name, 0, photo(2_000_000)[: wire.MAX_CHUNK + PIECE])
    assert told.value.error == "too_large"


def test_a_council_over_its_quota_is_told_and_goes_on_once_there_is_room(fleet: Fleet) -> None:
    laptop = fleet.join()
    give(fleet, 800_000)
    first, second = add(laptop, photo(seed="one")), add(laptop, photo(seed="two"))
    report = laptop.sync()
    assert (report.files.sent, report.files.waiting, report.accepted) == (1, 1, 2)
    assert "room for files" in str(report.files.problem)
    (problem,) = laptop.read(blobs.problems)
    assert "used up" in problem[1]
    give(fleet, 2_000_000)
    assert laptop.sync().files.sent == 1
    assert {state(laptop, first), state(laptop, second)} == {BlobState.SENT}
    assert laptop.read(blobs.problems) == []


def give(fleet: Fleet, quota: int) -> None:
    with fleet.books.write(fleet.tenant) as connection:
        settings = json.dumps({"blob_quota_bytes": quota})
        connection.execute(update(tenant).where(tenant.c.tenant == fleet.tenant).values(settings=settings))


# -- what nobody else sees ---------------------------------------------------------------------------


def test_another_council_has_nothing_even_of_the_same_bytes(
    tmp_path: Path, books: ServerStore, template: Path
) -> None:
    fleets = [Fleet(tmp_path / str(n), books, template, None) for n in range(2)]
    for one in fleets:
        one.folder.mkdir()
    ours, theirs = (one.join() for one in fleets)
    name = add(ours, photo())
    ours.sync()
    assert theirs.transport.find_files([name]) == []
    offer = theirs.transport.offer_file(wire.FileOffer(name, 700_000, "image/jpeg"))
    assert (offer.state, offer.offset) == ("coming", 0)
    for one in fleets:
        one.close()


def test_ranges_are_answered_as_http_has_them(net_fleet: Fleet) -> None:
    laptop = net_fleet.join()
    data = photo(1_500_000)
    name = add(laptop, data)
    laptop.sync()

    def get(**headers: str) -> tuple[int, bytes, str]:
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        response, body = laptop.transport._caller.send(
            "GET", f"/v1/blobs/{name}", named, None, laptop.account
        )
        return response.status_code, body, response.headers.get("Content-Range", "")

    assert get(Range="bytes=10-19") == (206, data[10:20], "bytes 10-19/1500000")
    assert get(Range="bytes=1499990-") == (206, data[-10:], "bytes 1499990-1499999/1500000")
    assert get(Range="bytes=0-")[2] == f"bytes 0-{wire.MAX_CHUNK - 1}/1500000"  # as much as one answer holds
    assert get(Range="bytes=1500000-")[0] == 416
    assert get(Range="bytes=20-10")[0] == 416
    assert get()[0] == 416
    assert get(Range="bytes=0-9", If_Range='"of another file"')[0] == 416
    assert (
        laptop.transport._caller.send("GET", f"/v1/blobs/{'0' * 64}", {}, None, laptop.account)[0].status_code
        == 404
    )
    assert laptop.transport._caller.send("GET", "/v1/blobs/..%2fetc", {}, None, laptop.account)[
        0
    ].status_code in (400, 404)
    small = add(laptop, photo(300))
    laptop.sync()
    response, body = laptop.transport._caller.send("GET", f"/v1/blobs/{small}", {}, None, laptop.account)
    assert (response.status_code, body, response.headers["ETag"]) == (200, photo(300), f'"{small}"')


def test_the_bytes_of_a_photo_are_nowhere_in_the_servers_database(
    tmp_path: Path, own_server: RealServer, template: Path
) -> None:
    books = ServerStore.open(own_server.db)
    fleet = Fleet(tmp_path, books, template, own_server)
    laptop = fleet.join()
    data = photo(300_000)
    name = add(laptop, data)
    assert laptop.sync().files.sent == 1
    assert files.read(books, fleet.tenant, name, 0, len(data)) == data
    fleet.close()
    books.close()
    own_server.stop()
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("server.db*"))
    assert len(stored) > len(data)
    for start in range(0, len(data) - 32, 30_000):
        assert data[start : start + 32] not in stored


# -- crashes -----------------------------------------------------------------------------------------


def test_a_laptop_that_dies_between_chunks_goes_on_where_it_stopped(fleet: Fleet, trap: None) -> None:
    first, second = fleet.join(), fleet.join("u-2", "Priya Senn")
    data = photo(1_500_000)
    name = add(first, data)

    class Crash(BaseException):
        pass

    def crash(place: str) -> None:
        if place == "mid_blob":
            raise Crash

    for laptop in (first, second):
        for _ in range(2):
            failpoints.trap = crash
            with pytest.raises(Crash):
                laptop.sync()
            failpoints.trap = None
        laptop.sync()
    assert (state(first, name), bytes_at(second, name)) == (BlobState.SENT, data)


def test_a_server_that_is_killed_between_chunks_goes_on_where_it_stopped(
    tmp_path: Path, template: Path
) -> None:
    db = str(tmp_path / "server.db")
    os.environ["HOLDALL_FAIL"] = "mid_blob:2"
    try:
        server = RealServer(db).start()
    finally:
        del os.environ["HOLDALL_FAIL"]
    books = ServerStore.open(db)
    fleet = Fleet(tmp_path, books, template, server)
    laptop, data = fleet.join(), photo(2_000_000)
    name = add(laptop, data)
    report = laptop.sync()  # the records are through; the server died under the photo
    assert report.files.problem is not None
    assert server.process is not None
    assert server.process.wait(10) != 0
    server.stop()
    found = on_server(fleet, name)
    assert found is not None
    assert 0 < found.offset < found.size
    again = RealServer(db).start()
    laptop.through(again.address)
    before = found.offset
    sent: list[int] = []
    send = laptop.transport.send_file
    laptop.transport.send_file = lambda n, offset, d: (sent.append(offset), send(n, offset, d))[1]
    assert laptop.sync().files.sent == 1
    assert sent[0] == before
    assert files.read(books, fleet.tenant, name, 0, len(data)) == data
    fleet.close()
    books.close()
    again.stop()


def test_a_laptop_process_that_is_killed_between_chunks_goes_on_where_it_stopped(net_fleet: Fleet) -> None:
    laptop, data = net_fleet.join(), photo(1_500_000)
    name = add(laptop, data)
    path = laptop.store.path
    laptop.store.close()
    code = (
        "import sys; from pathlib import Path; import tests.things; from models.store import Store;"
        "from sync import account; from sync.client import HttpTransport; from sync.engine import Engine;"
        "store = Store.open(Path(sys.argv[1]), bytes(range(32))); mine = account.load(store);"
        "Engine(store, HttpTransport(mine, lambda a: account.save(store, a))).sync_once()"
    )
    for n in (1, 2):
        run = subprocess.run(
            [sys.executable, "-c", code, str(path)],
            cwd=ROOT,
            env={**os.environ, "HOLDALL_FAIL": f"mid_blob:{n}"},
            check=False,
        )
        assert run.returncode != 0
    found = on_server(net_fleet, name)
    assert found is not None
    assert found.offset >= 2 * travel.LEAST
    subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, check=True)
    found = on_server(net_fleet, name)
    assert found is not None
    assert found.state == "here"
    laptop.store = type(laptop.store).open(path, KEY)
    assert state(laptop, name) == BlobState.SENT


def test_a_line_that_breaks_under_a_request_is_no_fault_of_the_server() -> None:
    route = ROUTES[0]
    status, problem = _problem(ClientDisconnect(), route, {})
    assert (status, problem.error) == (400, "cut_short")


def test_after_a_restore_the_server_is_asked_once_for_all_and_sent_what_it_lacks(fleet: Fleet) -> None:
    laptop = fleet.join()
    names = [add(laptop, photo(300 + n)) for n in range(8)]
    laptop.sync()
    with fleet.books.write(fleet.tenant) as connection:  # the copy is from before the last two
        for name in names[:2]:
            files._drop(connection, fleet.tenant, name)
            connection.execute(files.blob.delete().where(*files._is(fleet.tenant, name)))
    laptop.transport.epoch = "another than before"  # as the restored server says
    offered_now: list[str] = []
    offer = laptop.transport.offer_file
    laptop.transport.offer_file = lambda asked: (offered_now.append(asked.sha256), offer(asked))[1]
    assert _run(laptop).sent == 2
    assert sorted(offered_now) == sorted(names[:2])
    assert {state(laptop, name) for name in names} == {BlobState.SENT}


def test_small_answers_leave_the_server_at_once() -> None:
    with _listen("127.0.0.1", 0) as listener:
        listener.listen()
        with socket.create_connection(listener.getsockname()):
            accepted = listener.accept()[0]
            assert accepted.proto == socket.IPPROTO_TCP  # what asyncio goes by when it turns waiting off
            accepted.close()


def test_a_laptop_that_asks_for_files_without_end_is_told_to_wait(tmp_path: Path, books: ServerStore) -> None:
    call = Call(
        Deps(books, lambda: datetime.now(UTC), Throttle("5/minute"), files=Throttle("2/minute")),
        wire.encode(wire.FindFiles([])),
        Actor("t", "laptop", "u-1", "Tomos Aldgate", frozenset(), ()),
        "127.0.0.1",
    )
    (find,) = (route for route in ROUTES if route.path.endswith("/find"))
    assert [find.work(call).files for _ in range(2)] == [[], []]
    with pytest.raises(Denied) as told:
        find.work(call)
    assert (told.value.status, told.value.code.split()[0]) == (429, "slow_down")
