"""How a photo looks: near-duplicates, blur and darkness, tried on rooms that are drawn here."""

import io
import random

import pytest
from PIL import Image, ImageEnhance, ImageFilter

from app.repairs.photos import looks
from app.repairs.sample_photos import draw_photo

SCENES = ("window", "skirting", "sink")


def room(scene, seed=5):
    return Image.open(io.BytesIO(draw_photo(scene, random.Random(seed)))).convert("RGB")


@pytest.mark.parametrize("scene", SCENES)
def test_a_sharp_room_by_day_has_no_hint(scene):
    for seed in range(4):
        assert looks.hint_of(room(scene, seed)) == ""


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("radius", [6, 10, 16])
def test_a_room_out_of_focus_looks_blurred(scene, radius):
    assert looks.hint_of(room(scene).filter(ImageFilter.GaussianBlur(radius))) == looks.BLURRED


@pytest.mark.parametrize("scene", SCENES)
def test_a_room_in_the_evening_is_not_called_blurred_for_want_of_light(scene):
    assert looks.hint_of(ImageEnhance.Brightness(room(scene)).enhance(0.4)) == ""


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("light", [0.05, 0.1, 0.2])
def test_a_room_without_light_looks_dark(scene, light):
    assert looks.hint_of(ImageEnhance.Brightness(room(scene)).enhance(light)) == looks.DARK


def test_of_a_bare_wall_and_of_a_tiny_picture_nothing_is_said():
    assert looks.hint_of(Image.new("RGB", (800, 600), (200, 190, 180))) == ""
    assert looks.hint_of(Image.new("RGB", (20, 20), (200, 190, 180))) == ""


@pytest.mark.parametrize("scene", SCENES)
def test_another_shot_of_the_same_thing_is_found(scene):
    first = room(scene)
    value = looks.look_hash(first)
    assert len(value) == 16
    again = [
        first.resize((640, 640)),
        ImageEnhance.Brightness(first).enhance(1.2),
        first.crop((30, 30, 1170, 1170)),
        first.filter(ImageFilter.GaussianBlur(3)),
    ]
    others = [(other, looks.look_hash(room(other))) for other in SCENES if other != scene]
    for picture in again:
        assert looks.nearly_same(looks.look_hash(picture), [*others, (scene, value)]) == scene


def test_different_rooms_and_bare_walls_are_never_the_same():
    hashes = [looks.look_hash(room(scene)) for scene in SCENES]
    for value in hashes:
        assert all(looks.distance(value, other) > 2 * looks.SAME_LOOK for other in hashes if other != value)
    bare = looks.look_hash(Image.new("RGB", (300, 200), "tan"))
    assert looks.nearly_same(bare, [("1", bare)]) is None
    assert looks.distance("", hashes[0]) == looks.distance("not hexadecimal!", hashes[0]) == 64
