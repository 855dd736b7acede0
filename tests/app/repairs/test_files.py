"""Photos: what comes in with a place goes out without; what is no photo gets one sentence."""

import io

import pytest
from PIL import Image

from app.errors import BadFile
from app.repairs.files import LONGEST_SIDE, metadata_in, take_photo


def jpeg(size=(400, 300), exif=None, colour=(200, 180, 160), **options):
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG", **({"exif": exif} if exif else {}), **options)
    return out.getvalue()


def with_place(orientation=1):
    exif = Image.Exif()
    exif[0x010F] = "Telephone maker"
    exif[0x0112] = orientation
    place = exif.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (53.0, 14.0, 2.5), "W", (0.0, 32.0, 18.0)
    exif[0x8825] = place
    return exif


def test_a_jpeg_with_a_place_goes_in_and_none_comes_out():
    data = jpeg(exif=with_place(), comment=b"taken by Ffion", icc_profile=b"colour" * 40)
    with Image.open(io.BytesIO(data)) as before:
        assert before.getexif().get_ifd(0x8825)
    photo = take_photo(data, "wall.jpg")
    assert "EXIF with a place" in photo.left_behind
    for kept in (photo.data, photo.thumb):
        with Image.open(io.BytesIO(kept)) as after:
            assert not after.getexif()
            assert set(after.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert metadata_in(kept) == []
        assert b"Exif" not in kept
        assert b"Ffion" not in kept
        assert b"Telephone" not in kept


def test_a_photo_held_sideways_is_stored_upright():
    picture = Image.new("RGB", (80, 40), "black")
    picture.paste("white", (0, 0, 40, 40))
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=with_place(6), quality=95)
    photo = take_photo(out.getvalue(), "side.jpg")
    assert (photo.width, photo.height) == (40, 80)
    with Image.open(io.BytesIO(photo.data)) as upright:
        assert upright.getpixel((20, 10))[0] > 200
        assert upright.getpixel((20, 70))[0] < 60


def test_a_large_photo_becomes_small_enough_to_send():
    photo = take_photo(jpeg((4000, 3000)), "big.jpg")
    assert (photo.width, photo.height) == (LONGEST_SIDE, 1200)
    with Image.open(io.BytesIO(photo.thumb)) as thumb:
        assert thumb.size == (256, 192)
    assert len(photo.data) < 400_000


def test_a_small_photo_is_never_enlarged_and_a_see_through_one_stands_on_white():
    out = io.BytesIO()
    Image.new("RGBA", (20, 10), (0, 0, 0, 0)).save(out, "PNG")
    photo = take_photo(out.getvalue(), "sign.png")
    assert (photo.width, photo.height) == (20, 10)
    with Image.open(io.BytesIO(photo.data)) as flat:
        assert flat.getpixel((5, 5)) == (255, 255, 255)


def test_the_extras_of_a_png_are_seen_and_left_behind():
    from PIL.PngImagePlugin import PngInfo

    words, out = PngInfo(), io.BytesIO()
    words.add_text("Author", "Ffion")
    Image.new("RGB", (20, 10)).save(out, "PNG", pnginfo=words, exif=with_place())
    photo = take_photo(out.getvalue(), "x.png")
    assert set(photo.left_behind) == {"a comment", "EXIF"}


def test_the_same_pixels_have_the_same_digest_whatever_the_file_said():
    assert take_photo(jpeg(), "a.jpg").sha256 == take_photo(jpeg(exif=with_place()), "b.jpg").sha256


def test_a_png_named_jpg_and_a_cmyk_jpeg_are_taken():
    out = io.BytesIO()
    Image.new("RGB", (30, 20)).save(out, "PNG")
    assert take_photo(out.getvalue(), "really.jpg").width == 30
    out = io.BytesIO()
    Image.new("CMYK", (30, 20)).save(out, "JPEG")
    assert metadata_in(take_photo(out.getvalue(), "print.jpg").data) == []


def bomb():
    out = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(out, "PNG")
    return out.getvalue()


def heavier_bomb():
    out = io.BytesIO()
    Image.new("1", (20_000, 10_000)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"%PDF-1.7\n%renamed", "is not a photo"),
        (b"\x00" * 500, "is not a photo"),
        (jpeg((600, 600), colour=(9, 200, 40))[:900], "cut short or damaged"),
        (b"\x00\x00\x00\x18ftypheic" + b"\x00" * 40, "HEIC"),
        (b"x" * (25 * 1024 * 1024 + 1), "at most 25"),
        (bomb(), "million pixels"),
        (heavier_bomb(), "million pixels"),
    ],
)
def test_what_is_no_photo_gets_one_sentence(data, says):
    with pytest.raises(BadFile, match=says) as caught:
        take_photo(data, "photo.jpg")
    assert caught.value.advice
