"""A photo whose bytes are not here yet: said calmly, with whose laptop has it, and shown once it has come."""

import pytest
from sqlalchemy import select, update

from app.repairs.sample import SHOWN
from app.wording import file_words
from models.blobs import Whereabouts
from models.changes import Changed
from models.outbox import Blob
from models.repairs import Photo
from ui.repairs.photos import Thumb


def open_shown(filled):
    filled.tab.open_record("repairs_repair", filled.by_reference(SHOWN))
    filled.settle()
    return filled.tab.promise.photos.findChildren(Thumb)


def take_away(filled, **values):
    """The bytes of every small photo are not here, as on the laptop of a colleague; gives them by name."""
    store = filled.shell.context.store
    with store.connect(write=True) as connection:
        names = set(connection.execute(select(Photo.thumb_sha256)).scalars())
        kept = dict(connection.execute(select(Blob.sha256, Blob.data).where(Blob.sha256.in_(names))).all())
        values = {"state": "wanted", "data": None, "size": 0, "from_name": "Priya Senn", **values}
        connection.execute(update(Blob).where(Blob.sha256.in_(names)).values(**values))
    return kept


def test_a_photo_that_has_not_come_says_whose_laptop_has_it(filled):
    take_away(filled)
    thumbs = open_shown(filled)
    assert len(thumbs) == 3
    words = "Photo not yet here: Priya Senn’s laptop has not sent it"
    assert thumbs[0].accessibleName().endswith(f". {words}")
    assert [thumb.missing for thumb in thumbs] == [words] * 3
    assert filled.shell.read(lambda s: s.scalar(select(Blob.asked).where(Blob.state == "wanted")))


def test_a_photo_that_has_come_is_shown_without_a_touch(filled):
    kept = take_away(filled)
    assert open_shown(filled)[0].missing
    store = filled.shell.context.store
    with store.connect(write=True) as connection:
        for name, data in kept.items():
            came = update(Blob).where(Blob.sha256 == name)
            connection.execute(came.values(data=data, size=len(data), state="sent"))
    filled.shell.changed.emit(Changed(frozenset({"blob"}), frozenset(kept)))
    filled.settle()
    thumbs = [t for t in filled.tab.promise.photos.findChildren(Thumb) if t.isVisible()]
    assert [thumb.missing for thumb in thumbs] == [""] * 3
    assert not thumbs[0].accessibleName().endswith("it")


def test_a_file_that_is_asked_for_brings_a_sync_once(filled, qtbot):
    kept = take_away(filled)
    with qtbot.waitSignal(filled.shell.files_asked):
        filled.shell.want_files(list(kept))
    filled.settle()
    asked = []
    filled.shell.files_asked.connect(lambda: asked.append(True))
    filled.shell.want_files(list(kept))
    filled.settle()
    assert asked == []


@pytest.mark.parametrize(
    ("where", "words"),
    [
        (Whereabouts("here", 9), ""),
        (Whereabouts("here", 9, 100, "", "It is no photo."), "Kept here, not sent. It is no photo."),
        (Whereabouts("damaged", 9), "Picture damaged on this laptop: it is fetched again"),
        (Whereabouts("wanted", 1_000_000, 40), "Fetching the picture, 40 %"),
        (Whereabouts("wanted", 1_000_000), "Picture on its way, 1.0 MB"),
        (Whereabouts("wanted"), "Picture not yet here: the laptop that has it has not sent it"),
        (
            Whereabouts("wanted", 9, 0, "Priya Senn", "Refused."),
            "Picture not here: the server did not take it from Priya Senn’s laptop",
        ),
    ],
)
def test_where_a_picture_is_reads_as_one_sentence(where, words):
    assert file_words(where, "Picture") == words
