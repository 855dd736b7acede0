"""A laptop that dies while photos are kept has all of them afterwards, or none, and never half a file."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from app.repairs import service
from app.repairs.files import TakenPhoto, take_photo
from app.repairs.photos import keeping
from models import blobs
from models.changes import Author
from models.outbox import Blob
from models.repairs import Photo
from models.store import Store
from tests.conftest import KEY, NOW

ROOT = Path(__file__).resolve().parents[2]
AUTHOR = Author("u-1", "Tomos Aldgate", "team-1", frozenset({"officer"}), "device")
KEEP = """
import sys
from pathlib import Path
from tests.journeys.test_photo_killed import keep_two
keep_two(Path(sys.argv[1]), sys.argv[2])
"""


def photo(seed: int) -> TakenPhoto:
    """A photo too large for the table, the same for the same seed."""
    noise = Image.frombytes(
        "RGB", (700, 500), bytes((n * (seed + 7) * 31 + n // 7) % 256 for n in range(1_050_000))
    )
    out = io.BytesIO()
    noise.save(out, "JPEG", quality=95)
    return take_photo(out.getvalue(), f"{seed}.jpg")


def keep_two(path: Path, repair_id: str) -> None:
    """Keeps two photos as one act, as the screen does; run in a process that is to die."""
    taken = [photo(1), photo(2)]
    store = Store.open(path, KEY)
    with store.write(AUTHOR, "Add photos", NOW) as session:
        for one in taken:
            keeping.add_photo(session, repair_id, one)
    store.close()


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("laptop")
    store = Store.create(folder / "holdall.db", KEY)
    with store.write(AUTHOR, "Begin", NOW) as session:
        repair_id = service.begin(session).repair_id
    store.close()
    return folder, repair_id


@pytest.mark.parametrize(
    ("place", "count"),
    [("blob_on_disk:1", 0), ("blob_on_disk:2", 0), ("after_local_commit:1", 2)],
)
def test_a_kill_leaves_all_of_the_photos_or_none(
    before: tuple[Path, str], tmp_path: Path, place: str, count: int
) -> None:
    folder, repair_id = before
    path = Path(shutil.copytree(folder, tmp_path / "copy")) / "holdall.db"
    died = subprocess.run(
        [sys.executable, "-c", KEEP, str(path), repair_id],
        env={**os.environ, "HOLDALL_FAIL": place},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert died.returncode not in (0, 1), died.stderr
    store = Store.open(path, KEY)
    assert store.check() == []
    assert held(store) == (count, 2 * count)
    with store.read() as session:
        assert blobs.missing(session) == []
        for kept in session.scalars(select(Photo)):
            assert blobs.get(session, kept.sha256)
    blobs.tidy(store)  # what lay on the disk without a row is swept away
    with store.write(AUTHOR, "Again", NOW) as session:
        for one in (photo(1), photo(2)):
            keeping.add_photo(session, repair_id, one)
    assert held(store) == (2, 4)
    with store.read() as session:
        seen = list(session.scalars(select(Photo).order_by(Photo.position)))
        assert [blobs.get(session, p.sha256) for p in seen] == [photo(1).data, photo(2).data]
    store.close()


def held(store: Store) -> tuple[int, int]:
    """How many photos the store shows, and how many files it has for them."""
    with store.read() as session:
        photos = session.scalars(select(Photo).where(Photo.deleted.is_(False))).all()
        return len(photos), len(session.scalars(select(Blob.sha256)).all())
