"""`holdall-cli repairs photo`: one JSON document for a photo, one sentence and exit 2 for anything else."""

import io
import json
from pathlib import Path

import pytest
from PIL import Image

from app import cli
from app.repairs.files import take_photo

HERE = Path(__file__).parent


@pytest.fixture
def told(capsys):
    """What the command says of a file: exit code, standard output, standard error."""

    def tell(path, *more):
        code = cli.main(["repairs", "photo", str(path), *more], {})
        return code, *capsys.readouterr()

    return tell


@pytest.fixture
def wall(tmp_path):
    path = tmp_path / "wall.jpg"
    Image.new("RGB", (90, 60), "tan").save(path, "PNG")
    return path


def test_a_photo_is_told_as_one_document(wall, told):
    code, out, err = told(wall, "--json")
    assert code == 0, err
    document = json.loads(out)
    photo = take_photo(wall.read_bytes(), "wall.jpg")
    assert document["accepted"] is True
    assert (document["width"], document["height"]) == (90, 60)
    assert (document["bytes"], document["sha256"]) == (len(photo.data), photo.sha256)
    assert document["metadata_left"] == []
    assert document["format"] == "PNG"
    assert "is a PNG picture" in document["remark"]


def test_a_heic_photo_with_a_place_is_told_clean(told):
    document = json.loads(told(HERE / "wall.heic", "--json")[1])
    assert document["metadata_left"] == []
    assert "EXIF with a place" in document["left_behind"]


def test_bad_files_get_one_sentence_and_exit_two(tmp_path, told):
    cut = io.BytesIO()
    Image.effect_noise((300, 300), 60).save(cut, "JPEG")
    bad = {"empty.jpg": b"", "paper.jpg": b"%PDF-1.7\n", "cut.jpg": cut.getvalue()[:4000]}
    for name, data in bad.items():
        (tmp_path / name).write_bytes(data)
    with (tmp_path / "huge.jpg").open("wb") as huge:
        huge.truncate(26 * 1024 * 1024)  # sparse: it is refused unread
    for name in [*bad, "huge.jpg", "not-there.jpg"]:
        code, out, err = told(tmp_path / name, "--json")
        assert (code, out) == (2, "")
        assert name in err
        assert "Traceback" not in err
        assert err.count("\n") == 1


def test_people_read_what_was_left_behind(told):
    assert "Left behind: EXIF with a place" in told(HERE / "wall.heic")[1]
