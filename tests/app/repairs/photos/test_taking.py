"""Photos: what comes in with a place goes out without, whatever its format; other files get one sentence."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from app.errors import BadFile
from app.repairs.files import LONGEST_SIDE, metadata_in, take_photo
from tests.bench.heic_grid import tiled

HERE = Path(__file__).parent
PLACE = "EXIF with a place"
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">Ffion 53.2340</x:xmpmeta>'


def with_place(orientation=1):
    exif = Image.Exif()
    exif[0x010F] = "Telephone maker"
    exif[0x0110] = "Telephone 9"
    exif[0x0132] = "2026:12:01 10:20:30"
    exif[0x0112] = orientation
    place = exif.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (53.0, 14.0, 2.5), "W", (0.0, 32.0, 18.0)
    exif[0x8825] = place
    return exif


def picture(kind, size=(400, 300), colour=(200, 180, 160), mode="RGB", **options):
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, kind, **options)
    return out.getvalue()


def jpeg(size=(400, 300), colour=(200, 180, 160), **options):
    return picture("JPEG", size, colour, **options)


def png_with_words():
    words = PngInfo()
    words.add_text("Author", "Ffion")
    words.add_itxt("XML:com.adobe.xmp", XMP.decode())
    return picture("PNG", pnginfo=words, exif=with_place(), icc_profile=b"colour" * 40)


CARRIERS = {
    "wall.jpg": lambda: jpeg(
        exif=with_place(), comment=b"taken by Ffion", icc_profile=b"colour" * 40, xmp=XMP
    ),
    "wall.png": png_with_words,
    "wall.webp": lambda: picture("WEBP", exif=with_place(), xmp=XMP, icc_profile=b"colour" * 40),
    "wall.tif": lambda: picture("TIFF", exif=with_place(), description="Ffion’s wall"),
    "wall.heic": (HERE / "wall.heic").read_bytes,
    "sideways.heic": (HERE / "sideways.heic").read_bytes,
}


@pytest.mark.parametrize("name", CARRIERS)
def test_a_picture_with_a_place_goes_in_and_nothing_but_pixels_comes_out(name):
    data = CARRIERS[name]()
    assert b"Telephone maker" in data
    photo = take_photo(data, name)
    assert PLACE in photo.left_behind
    assert photo.place_taken_out
    for kept in (photo.data, photo.thumb):
        assert metadata_in(kept) == []
        with Image.open(io.BytesIO(kept)) as after:
            assert after.format == "JPEG"
            assert not after.getexif()
            assert set(after.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        for trace in (b"Exif", b"GPS", b"Ffion", b"Telephone", b"2026:12", b"adobe", b"colour", b"53.2"):
            assert trace not in kept


@pytest.mark.parametrize(
    ("name", "extras"),
    [
        ("wall.jpg", {PLACE, "a comment", "a colour profile", "XMP"}),
        ("wall.png", {PLACE, "a comment", "a colour profile"}),
        ("wall.webp", {PLACE, "a colour profile", "XMP"}),
        ("wall.tif", {PLACE, "a comment", "the camera’s make", "the camera’s model", "a time"}),
        ("wall.heic", {PLACE, "XMP"}),
    ],
)
def test_what_was_left_behind_is_named_in_words(name, extras):
    assert set(take_photo(CARRIERS[name](), name).left_behind) == extras


def test_data_of_a_camera_without_a_place_is_not_called_a_place():
    exif = Image.Exif()
    exif[0x010F] = "Maker %\x88 \x88%"  # the bytes of the place tag, but as words
    photo = take_photo(jpeg(exif=exif), "wall.jpg")
    assert photo.left_behind == ("EXIF",)
    assert not photo.place_taken_out


@pytest.mark.parametrize(("name", "turned"), [("side.jpg", True), ("sideways.heic", True)])
def test_a_photo_held_sideways_is_stored_upright(name, turned):
    if name == "side.jpg":
        image, out = Image.new("RGB", (80, 40), "black"), io.BytesIO()
        image.paste("white", (0, 0, 40, 40))
        image.save(out, "JPEG", exif=with_place(6), quality=95)
        data = out.getvalue()
    else:
        data = CARRIERS[name]()
    photo = take_photo(data, name)
    assert photo.height == 2 * photo.width
    with Image.open(io.BytesIO(photo.data)) as upright:
        assert upright.getpixel((photo.width // 2, photo.height // 8))[0] > 200
        assert upright.getpixel((photo.width // 2, photo.height * 7 // 8))[0] < 60


def test_a_large_photo_becomes_small_enough_to_send():
    photo = take_photo(jpeg((4000, 3000)), "big.jpg")
    assert (photo.width, photo.height) == (LONGEST_SIDE, 1200)
    with Image.open(io.BytesIO(photo.thumb)) as thumb:
        assert thumb.size == (256, 192)
    assert len(photo.data) < 400_000


def test_a_small_photo_is_never_enlarged_and_a_see_through_one_stands_on_white():
    photo = take_photo(picture("PNG", (20, 10), (0, 0, 0, 0), "RGBA"), "sign.png")
    assert (photo.width, photo.height) == (20, 10)
    with Image.open(io.BytesIO(photo.data)) as flat:
        assert flat.getpixel((5, 5)) == (255, 255, 255)


def test_the_same_pixels_have_the_same_digest_whatever_the_file_said():
    assert take_photo(jpeg(), "a.jpg").sha256 == take_photo(jpeg(exif=with_place()), "b.jpg").sha256


@pytest.mark.parametrize(
    ("kind", "mode", "colour", "shade"),
    [
        ("JPEG", "CMYK", (0, 0, 0, 0), 255),
        ("JPEG", "L", 90, 90),
        ("PNG", "I;16", 0x4000, 0x40),
        ("PNG", "P", 0, 0),
        ("PNG", "1", 1, 255),
        ("PNG", "LA", (80, 255), 80),
        ("TIFF", "CMYK", (0, 0, 0, 0), 255),
        ("WEBP", "RGBA", (10, 10, 10, 255), 10),
    ],
)
def test_every_way_of_coding_colours_becomes_rgb(kind, mode, colour, shade):
    photo = take_photo(picture(kind, (40, 30), colour, mode), f"print.{kind.lower()}")
    with Image.open(io.BytesIO(photo.data)) as flat:
        assert flat.mode == "RGB"
        assert abs(flat.getpixel((20, 15))[0] - shade) < 8


def test_a_png_named_jpg_is_taken_and_said_so():
    photo = take_photo(picture("PNG", (30, 20)), "really.jpg")
    assert photo.format == "PNG"
    assert photo.remark == "really.jpg is a PNG picture whatever its name says; it was taken all the same."
    assert take_photo(picture("PNG", (30, 20)), "wall.PNG").remark == ""
    assert take_photo(jpeg(), "no ending").remark == ""


@pytest.mark.parametrize("size", [(10_000, 10_000), (20_000, 10_000)])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_a_bomb_is_refused_before_anything_is_unpacked(kind, size, monkeypatch):
    if kind == "WEBP":  # its maker holds no more than 16,383 a side: the header alone is enough here
        wide, tall = (min(side, 16_383) - 1 for side in size)
        canvas = b"\0" * 4 + wide.to_bytes(3, "little") + tall.to_bytes(3, "little")
        data = b"RIFF" + (22).to_bytes(4, "little") + b"WEBPVP8X" + (10).to_bytes(4, "little") + canvas
    else:
        mode = {"PNG": "1", "JPEG": "L", "TIFF": "1"}[kind]
        options = {"compression": "group4"} if kind == "TIFF" else {}
        data = picture(kind, size, 0, mode, **options)
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda self: pytest.fail("it was unpacked"))
    monkeypatch.setattr("PIL._webp.WebPAnimDecoder", lambda _data: pytest.fail("it was unpacked"))
    with pytest.raises(BadFile, match="million pixels; a photo here has at most 50"):
        take_photo(data, "bomb.png")


def test_a_bomb_costs_no_memory():
    pytest.importorskip("resource", reason="memory is measured by the system’s own count")
    script = """
import io, resource
from PIL import Image
from app.errors import BadFile
from app.repairs.files import take_photo
out = io.BytesIO()
Image.new("RGB", (600, 600)).save(out, "PNG")
take_photo(out.getvalue(), "warm.png")
data = bytearray(out.getvalue())
data[16:24] = (10_000).to_bytes(4) + (10_000).to_bytes(4)
import zlib
data[29:33] = zlib.crc32(data[12:29]).to_bytes(4)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    take_photo(bytes(data), "bomb.png")
except BadFile as error:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, error.title)
"""
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    grown, _, title = told.stdout.partition(" ")
    assert "100 million pixels" in title
    assert int(grown) < 20_000  # kilobytes; unpacked it would have been 300,000


def cut(name, share):
    data = CARRIERS[name]()
    return data[: int(len(data) * share)]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"%PDF-1.7\n%renamed", "photo.jpg is not a photo but a PDF, whatever its name says"),
        (b"\x00" * 500, "is not a photo"),
        (b"GIF89a" + b"\0" * 60, "but a GIF picture"),
        (b"\x00\x00\x00\x18ftypisom" + b"\0" * 40, "but a film"),
        (b"PK\x03\x04" + b"\0" * 60, "but a zip file or an Office document"),
        (b"\n <svg onload='x'>", "but an SVG drawing"),
        (jpeg((600, 600), colour=(9, 200, 40))[:900], "cut short or damaged"),
        (b"\xff\xd8\xff", "cut short or damaged"),
        (b"\x89PNG\r\n\x1a\n", "cut short or damaged"),
        (b"RIFF\0\0\0\0WEBPVP8X", "cut short or damaged"),
        (b"II*\0\x08\0\0\0", "cut short or damaged"),
        (b"\x00\x00\x00\x18ftypheic" + b"\x00" * 40, "cut short or damaged"),
        (cut("wall.heic", 0.5), "cut short or damaged"),
        (cut("wall.webp", 0.5), "cut short or damaged"),
        (cut("wall.png", 0.5), "cut short or damaged"),
        (b"x" * (25 * 1024 * 1024 + 1), "at most 25"),
    ],
)
def test_what_is_no_photo_gets_one_sentence(data, says):
    with pytest.raises(BadFile, match=says) as caught:
        take_photo(data, "photo.jpg")
    assert caught.value.advice


@pytest.mark.parametrize("name", CARRIERS)
def test_damaged_bytes_end_in_a_photo_or_in_a_sentence(name):
    data = CARRIERS[name]()
    for start in range(0, len(data), max(1, len(data) // 60)):
        spoilt = bytearray(data)
        spoilt[start : start + 3] = bytes(255 - byte for byte in spoilt[start : start + 3])
        try:
            photo = take_photo(bytes(spoilt), name)
        except BadFile:
            continue
        assert metadata_in(photo.data) == []


def test_a_copy_without_the_reader_of_heic_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    with pytest.raises(BadFile, match="has no reader for those") as caught:
        take_photo(CARRIERS["wall.heic"](), "wall.heic")
    assert "Most compatible" in caught.value.advice


def test_a_photo_in_tiles_as_telephones_make_it_is_one_picture():
    photo = take_photo(tiled(CARRIERS["wall.heic"](), 4, 3), "tiles.heic")
    assert (photo.width, photo.height) == (1_600, 900)
    one = take_photo(CARRIERS["wall.heic"](), "wall.heic")
    with Image.open(io.BytesIO(photo.data)) as whole, Image.open(io.BytesIO(one.data)) as tile:
        for column, row in ((0, 0), (3, 2)):
            for x, y in ((20, 20), (330, 60), (200, 280)):
                near, far = tile.getpixel((x, y)), whole.getpixel((400 * column + x, 300 * row + y))
                assert all(abs(a - b) < 12 for a, b in zip(near, far, strict=True))
