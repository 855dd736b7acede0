"""The doctor: what it says of a store and of the files beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import doctor, workspace
from models import blobs
from models.errors import HoldallError

WORD = workspace.SAMPLE_PASSPHRASE
QUICK = {"time": 1, "memory_kib": 8_192, "lanes": 1}


def test_the_doctor_says_that_a_photo_beside_the_store_is_gone(tmp_path: Path) -> None:
    context = workspace.create(tmp_path, workspace.sample_profile(), WORD, kdf=QUICK)
    data = b"\xff\xd8\xff" + bytes(blobs.INLINE)
    name = context.write("Photo", lambda s: blobs.put(s, data, "image/jpeg", "wall.jpg"))
    context.store.close()
    assert "sound" in doctor._own_store(tmp_path, WORD)
    context.store.files.drop(name)
    with pytest.raises(HoldallError, match="1 photo or picture beside the store"):
        doctor._own_store(tmp_path, WORD)
