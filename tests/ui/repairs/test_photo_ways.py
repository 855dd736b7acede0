"""Photos by every way in: chosen, from a folder, dropped, pasted; looked at large by keys alone."""

import io
import random

import pytest
from PIL import Image, ImageFilter
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from app.repairs.files import metadata_in, take_photo
from app.repairs.photos import keeping
from app.repairs.sample import SHOWN
from app.repairs.sample_photos import draw_photo
from models import blobs
from models.changes import Changed
from ui.repairs.photo_viewer import PhotoViewer
from ui.repairs.photos import Thumb

CTRL = Qt.KeyboardModifier.ControlModifier


def with_place(colour, size=(60, 40), kind="JPEG"):
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind, exif=exif)
    return out.getvalue()


@pytest.fixture(autouse=True)
def clipboard(qapp):
    """The clipboard, emptied afterwards: what Python put there must not outlive Python."""
    yield QGuiApplication.clipboard()
    QGuiApplication.clipboard().clear()


@pytest.fixture
def step(filled):
    """The page of photos of a repair that has none; gives the driver with `.step`."""
    repair_id = filled.by_reference(SHOWN)
    for photo in filled.view(repair_id).photos:
        filled.shell.context.write("Take out", lambda s, i=photo.id: keeping.remove_photo(s, i))
    filled.tab.change(repair_id, "photos")
    filled.settle()
    filled.step = filled.tab.interview.steps["photos"]
    filled.photos = lambda: filled.view(repair_id).photos
    filled.repair_id = repair_id
    return filled


@pytest.fixture
def heard(step):
    """What the page says: toasts and refusals, as they come."""
    said = []
    step.shell.toast_asked.connect(lambda text, _undo: said.append(text))
    step.shell.told.connect(lambda error: said.append(str(error)))
    return said


def wait_for(step, count):
    step.qtbot.waitUntil(lambda: len(step.photos()) == count and not step.shell.jobs.busy, timeout=5_000)
    step.settle()


def all_clean(step):
    for photo in step.photos():
        data = step.shell.read(lambda s, p=photo: blobs.get(s, p.sha256))
        assert metadata_in(data) == []
        assert b"Exif" not in data


def test_many_files_are_one_act_that_undo_takes_back(step, heard, tmp_path):
    for n, colour in enumerate(("tan", "gray", "navy")):
        (tmp_path / f"{n}.jpg").write_bytes(with_place(colour))
    step.shell.choose_many = lambda title, filters: [str(tmp_path / f"{n}.jpg") for n in range(3)]
    step.press(Qt.Key.Key_A)
    wait_for(step, 3)
    all_clean(step)
    assert heard == ["3 photos added. The place was taken out of 3."]
    step.shell.context.undo()
    assert step.photos() == ()


def test_a_folder_brings_its_photos_and_passes_over_the_rest(step, heard, tmp_path):
    (tmp_path / "behind the bath.jpg").write_bytes(with_place("tan"))
    (tmp_path / "really a png.jpg").write_bytes(with_place("gray", kind="PNG"))
    (tmp_path / "letter.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "inside").mkdir()
    (tmp_path / ".hidden.jpg").write_bytes(with_place("navy"))
    step.shell.choose_folder = lambda title: str(tmp_path)
    step.press(Qt.Key.Key_F)
    wait_for(step, 2)
    assert [p.caption for p in step.photos()] == ["behind the bath", "really a png"]
    all_clean(step)


def test_a_folder_without_photos_says_so(step, heard, tmp_path):
    (tmp_path / "letter.pdf").write_bytes(b"%PDF-1.7")
    step.shell.choose_folder = lambda title: str(tmp_path)
    step.press(Qt.Key.Key_F)
    step.qtbot.waitUntil(lambda: bool(heard), timeout=5_000)
    assert "There is no photo in this folder" in heard[0]


@pytest.mark.parametrize("kind", ["image", "raw", "file"])
def test_a_picture_is_pasted_with_and_without_a_file(step, heard, tmp_path, kind):
    data = QMimeData()
    if kind == "image":
        image = QImage(80, 50, QImage.Format.Format_RGB32)
        image.fill(0x336699)
        data.setImageData(image)
    elif kind == "raw":
        data.setData("image/jpeg", with_place("tan"))
    else:
        (tmp_path / "wall.jpg").write_bytes(with_place("tan"))
        data.setUrls([QUrl.fromLocalFile(str(tmp_path / "wall.jpg"))])
    QGuiApplication.clipboard().setMimeData(data)
    step.press(Qt.Key.Key_V, modifier=CTRL)
    wait_for(step, 1)
    all_clean(step)
    assert heard[0].startswith("Photo added.")
    assert ("The place in it was taken out." in heard[0]) == (kind != "image")


def test_a_clipboard_without_a_picture_says_so(step, heard):
    QGuiApplication.clipboard().setText("only words")
    step.press(Qt.Key.Key_V, modifier=CTRL)
    assert "There is no picture on the clipboard" in heard[0]
    assert step.photos() == ()


def test_the_promise_takes_what_is_pasted_and_dropped(filled):
    filled.tab.open_record("repairs_repair", filled.by_reference(SHOWN))
    filled.settle()
    promise = filled.tab.promise
    data = QMimeData()
    data.setData("image/png", with_place("navy", kind="PNG"))
    QGuiApplication.clipboard().setMimeData(data)
    promise.slip.setFocus()
    filled.press(Qt.Key.Key_V, modifier=CTRL)
    filled.qtbot.waitUntil(lambda: len(promise.view.photos) == 4, timeout=5_000)
    other = QMimeData()
    image = QImage(90, 50, QImage.Format.Format_RGB32)
    image.fill(0x112233)
    other.setImageData(image)
    no = Qt.KeyboardModifier.NoModifier
    drop = QDropEvent(QPoint(5, 5), Qt.DropAction.CopyAction, other, Qt.MouseButton.LeftButton, no)
    promise.dropEvent(drop)
    filled.qtbot.waitUntil(lambda: len(promise.view.photos) == 5, timeout=5_000)


def test_refusals_are_one_sentence_and_stop_no_other(step, heard, tmp_path):
    files = {"wall.jpg": with_place("tan"), "a.jpg": b"", "b.jpg": b"%PDF-1.7", "c.jpg": b"no"}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    step.shell.choose_many = lambda title, filters: [str(tmp_path / name) for name in files]
    step.press(Qt.Key.Key_A)
    wait_for(step, 1)
    assert heard[0].startswith("Photo added.")
    assert heard[1].startswith("3 files were not taken: a.jpg is empty; b.jpg is not a photo but a PDF")
    assert heard[1].endswith("The others are kept.")


def test_past_ten_the_rest_finds_no_room(step, heard, tmp_path):
    for n in range(12):
        (tmp_path / f"{n:02}.jpg").write_bytes(with_place((n * 20, 90, 90)))
    step.shell.choose_folder = lambda title: str(tmp_path)
    step.press(Qt.Key.Key_F)
    wait_for(step, 10)
    assert "2 photos found no room: a repair holds 10." in heard[-1]
    assert "There is no more room." in step.step.none.text()


def test_the_same_photo_twice_is_kept_once_and_a_like_one_is_asked_about(step, heard, tmp_path):
    room = Image.open(io.BytesIO(draw_photo("window", random.Random(3)))).convert("RGB")
    room.save(tmp_path / "first.jpg", quality=90)
    room.crop((20, 20, 1180, 1180)).save(tmp_path / "again.jpg", quality=80)
    room.filter(ImageFilter.GaussianBlur(12)).crop((300, 300, 900, 900)).save(tmp_path / "soft.jpg")
    chosen = []
    step.shell.choose_many = lambda title, filters: [str(tmp_path / chosen[-1])]
    for name, count in (("first.jpg", 1), ("first.jpg", 1), ("again.jpg", 2), ("soft.jpg", 3)):
        chosen.append(name)
        before = len(heard)
        step.press(Qt.Key.Key_A)
        wait_for(step, count)
        step.qtbot.waitUntil(lambda n=before: len(heard) > n, timeout=5_000)
    assert heard[:3] == [
        "Photo added.",
        "This photo is here already.",
        "Photo added. It looks like photo 1: keep both?",
    ]
    hints = [photo.hint for photo in step.photos()]
    assert hints == ["", "Looks like photo 1: keep both?", "Looks blurred: take it again?"]
    thumbs = step.step.strip.findChildren(Thumb)
    assert "Looks blurred" in thumbs[-1].accessibleDescription()


# -- looked at large -------------------------------------------------------------------------------


@pytest.fixture
def viewer(filled):
    """The three photos of the shown repair, opened large by Enter on the first."""
    filled.tab.change(filled.by_reference(SHOWN), "photos")
    filled.settle()
    step = filled.tab.interview.steps["photos"]
    step.strip.findChildren(Thumb)[0].setFocus()
    filled.press(Qt.Key.Key_Return)
    (found,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, PhotoViewer)]
    filled.qtbot.waitUntil(lambda: not found.canvas.stands_in, timeout=5_000)
    filled.viewer = found
    yield filled
    if isValid(found):
        found.close()
    filled.settle()


def test_enter_on_a_photo_shows_it_large_and_does_not_go_on(viewer):
    assert viewer.tab.interview.page_id == "photos"
    canvas = viewer.viewer.canvas
    assert canvas.picture.width() == viewer.viewer.photo.width > 256
    assert viewer.viewer.place.text() == "Photo 1 of 3"
    assert canvas.hasFocus()


def test_the_arrows_go_through_the_photos_and_stop_at_the_ends(viewer):
    found, canvas = viewer.viewer, viewer.viewer.canvas
    seen = []
    for key in (
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_Right,
        Qt.Key.Key_Right,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
        Qt.Key.Key_Left,
    ):
        QTest.keyClick(canvas, key)
        viewer.settle()
        seen.append(found.place.text().split()[1])
    assert seen == ["1", "2", "3", "3", "1", "3", "2"]
    assert "Photo 2 of 3" in canvas.accessibleName()


def test_words_are_written_below_and_kept_when_it_closes(viewer):
    found = viewer.viewer
    found.words.setFocus()
    found.words.selectAll()
    QTest.keyClicks(found.words, "Left of the window")
    QTest.keyClick(found.words, Qt.Key.Key_Left)  # the caret moves, the photo stays
    assert found.at == 0
    QTest.keyClick(found.words, Qt.Key.Key_Return)
    viewer.settle()
    assert found.isVisible()
    assert found.canvas.hasFocus()
    QTest.keyClick(found.canvas, Qt.Key.Key_Right)
    found.words.setFocus()
    QTest.keyClicks(found.words, ", wet")
    QTest.keyClick(found, Qt.Key.Key_Escape)
    viewer.settle()
    captions = [p.caption for p in viewer.view(viewer.by_reference(SHOWN)).photos]
    assert captions == ["Left of the window", "Above the skirting, wet", "Wall by the sink"]


def test_a_photo_that_is_not_here_says_so_and_comes_by_itself(filled, monkeypatch):
    whole = blobs.look
    gone = {p.sha256 for p in filled.view(filled.by_reference(SHOWN)).photos}
    monkeypatch.setattr(
        keeping.blobs,
        "look",
        lambda s, n: (None, blobs.Whereabouts("wanted", 0, 0, "Priya Senn")) if n in gone else whole(s, n),
    )
    filled.tab.open_record("repairs_repair", filled.by_reference(SHOWN))
    filled.settle()
    promise = filled.tab.promise
    promise.photos.findChildren(Thumb)[1].click()
    (found,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, PhotoViewer)]
    filled.settle()
    assert found.hint.text() == "Photo not yet here: Priya Senn’s laptop has not sent it"
    assert found.canvas.stands_in
    monkeypatch.setattr(keeping.blobs, "look", whole)
    filled.shell.changed.emit(Changed(frozenset({"blob"}), gone))
    filled.settle()
    assert not found.canvas.stands_in
    assert not found.hint.isVisible()
    found.close()
    filled.settle()


def test_a_picture_that_came_with_a_place_is_shown_without():
    photo = take_photo(with_place("tan"), "x.jpg")
    assert keeping._clean(with_place("tan")) == photo.data
    assert keeping._clean(photo.data) == photo.data
    assert keeping._clean(None) is None
