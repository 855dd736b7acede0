"""A photo of mould: taken on one laptop in a cellar, sent over a line that breaks, looked at on another.
Real encrypted stores, a real server process."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from app.repairs import service
from app.repairs.files import TakenPhoto, take_photo
from app.repairs.photos import keeping
from models import blobs
from models.repairs import Photo
from models.store import Store
from sync.server.store import ServerStore
from tests.sync.kit import KEY, Fleet, RealServer
from tests.sync.proxy import Fault, FaultProxy


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    template = tmp_path / "template.db"
    Store.create(template, KEY).close()
    server = RealServer(str(tmp_path / "server.db")).start()
    books = ServerStore.open(server.db)
    made = Fleet(tmp_path, books, template, server)
    yield made
    made.close()
    books.close()
    server.stop()


def mould() -> TakenPhoto:
    """A photo of 1,600 pixels whose bytes do not pack."""
    out = io.BytesIO()
    Image.effect_noise((1_600, 1_200), 90).convert("RGB").save(out, "JPEG", quality=90)
    return take_photo(out.getvalue(), "mould.jpg")


def test_a_photo_taken_on_one_laptop_appears_on_the_other(fleet: Fleet) -> None:
    tomos, priya = fleet.join("u-1", "Tomos Aldgate"), fleet.join("u-2", "Priya Senn")
    photo = mould()
    assert len(photo.data) > 500_000
    repair_id = tomos.write("Begin", service.begin).repair_id
    tomos.write("Photo", lambda s: keeping.add_photo(s, repair_id, photo, "Behind the bath"))

    proxy = FaultProxy(fleet.server.port if fleet.server is not None else 0)
    tomos.through(proxy.address)
    spoilt = tomos.transport.send_file

    def breaks(name: str, offset: int, data: bytes) -> object:
        tomos.transport.send_file = spoilt
        proxy.spoil(Fault(cut_request=5_000))
        return spoilt(name, offset, data)

    tomos.transport.send_file = breaks
    report = tomos.sync()
    assert (report.rejected, report.waiting) == (0, 0)  # the words are through
    assert report.files.problem is not None
    priya.sync()
    (seen,) = priya.read(lambda s: keeping.photos_of(s, repair_id))
    assert (seen.caption, seen.thumb) == ("Behind the bath", None)
    assert (seen.where.state, seen.where.from_name) == ("wanted", "Tomos Aldgate")

    proxy.spoil(Fault())
    assert tomos.sync().files.sent == 2
    report = priya.sync()
    assert report.files.fetched == 2
    assert report.changed.touches("blob")
    (seen,) = priya.read(lambda s: keeping.photos_of(s, repair_id))
    assert (seen.thumb, seen.where.here) == (photo.thumb, True)
    name = priya.read(lambda s: s.scalar(select(Photo.sha256)))
    assert priya.read(lambda s: blobs.get(s, str(name))) == photo.data
    proxy.close()
