"""Photos and the store: kept with a repair or a hazard case, seen again, and handed out without metadata."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import HoldallError, NotFound
from app.repairs.photos import looks
from app.repairs.photos.metadata import metadata_in
from app.repairs.photos.sniff import Format, format_of
from app.repairs.photos.taking import MIME, MOST_PHOTOS, TakenPhoto, take_photo
from app.repairs.records import repair_of
from models import blobs
from models.base import mark_deleted
from models.blobs import Whereabouts
from models.changes import Changed
from models.repairs import Photo, Repair


@dataclass(frozen=True)
class PhotoView:
    """A photo with its small copy, or where that is while its bytes are not here."""

    id: str
    sha256: str
    thumb: bytes | None
    where: Whereabouts
    thumb_sha256: str
    caption: str
    width: int
    height: int
    size: int
    number: int = 1  # as people count them: 1 for the first
    hint: str = ""  # a sentence: blurred, dark, or like an earlier one; "" for none

    @property
    def name(self) -> str:
        """The photo as it is spoken of: "Photo 2: mould behind the bath"."""
        return f"Photo {self.number}: {self.caption}" if self.caption else f"Photo {self.number}"


def add_photo(
    session: Session, repair_id: str, photo: TakenPhoto, caption: str = "", case_id: str | None = None
) -> Changed:
    """Keeps a photo with a repair. The same picture twice is kept once.

    With `repair_id` "" it belongs to the hazard case alone. Raises HoldallError past ten photos.
    """
    repair = repair_of(session, repair_id) if repair_id else None
    mine = _photos(session, repair_id, case_id)
    if any(each.sha256 == photo.sha256 for each in mine):
        return Changed()
    if len(mine) >= MOST_PHOTOS:
        holder = "repair" if repair is not None else "case"
        raise HoldallError(f"A {holder} holds {MOST_PHOTOS} photos.", "Take one out before adding another.")
    name = repair.reference if repair is not None else "case"
    record = Photo(
        repair_id=repair_id,
        case_id=case_id,
        sha256=blobs.put(session, photo.data, MIME, f"{name}.jpg"),
        thumb_sha256=blobs.put(session, photo.thumb, MIME, f"{name}-small.jpg"),
        width=photo.width,
        height=photo.height,
        size=len(photo.data),
        caption=caption,
        position=max((each.position for each in mine), default=0) + 1,
        look_hash=photo.look_hash,
        hint=photo.hint,
    )
    session.add(record)
    return Changed.of(record) if repair is None else Changed.of(repair, record)


def _photos(session: Session, repair_id: str, case_id: str | None = None) -> list[Photo]:
    session.flush()
    mine = Photo.repair_id == repair_id if repair_id else Photo.case_id == case_id
    statement = select(Photo).where(mine, Photo.deleted.is_(False))
    return list(session.scalars(statement.order_by(Photo.position, Photo.id)))


def like_which(session: Session, repair_id: str, photo: TakenPhoto) -> int | None:
    """The number of the photo of this repair that a new one looks nearly the same as; None for none.

    The very same picture is not meant: that is kept once without a question.
    """
    mine = _photos(session, repair_id)
    if any(each.sha256 == photo.sha256 for each in mine):
        return None
    found = looks.nearly_same(photo.look_hash, [(str(n), p.look_hash) for n, p in enumerate(mine, 1)])
    return int(found) if found else None


def room_left(session: Session, repair_id: str) -> int:
    """How many photos a repair can still take."""
    return max(0, MOST_PHOTOS - len(_photos(session, repair_id)))


def remove_photo(session: Session, photo_id: str) -> Changed:
    """Takes a photo out; Undo brings it back."""
    photo = _photo(session, photo_id)
    mark_deleted(photo)
    repair = session.get(Repair, photo.repair_id) if photo.repair_id else None
    return Changed.of(photo) if repair is None else Changed.of(photo, repair)


def caption_photo(session: Session, photo_id: str, caption: str) -> Changed:
    """Says what a photo shows."""
    photo = _photo(session, photo_id)
    photo.caption = caption.strip()
    return Changed.of(photo)


def _photo(session: Session, photo_id: str) -> Photo:
    photo = session.get(Photo, photo_id)
    if photo is None or photo.deleted:
        raise NotFound("This photo is not there any more.", "Undo brings it back if it was just taken out.")
    return photo


# -- seen again ------------------------------------------------------------------------------------


def photos_of(session: Session, repair_id: str, case_id: str | None = None) -> tuple[PhotoView, ...]:
    """The photos of a repair (or, for "", of a case) in order, with their small copies."""
    seen: list[PhotoView] = []
    earlier: list[tuple[str, str]] = []
    for number, photo in enumerate(_photos(session, repair_id, case_id), 1):
        seen.append(
            PhotoView(
                photo.id,
                photo.sha256,
                *blobs.look(session, photo.thumb_sha256),
                photo.thumb_sha256,
                photo.caption,
                photo.width,
                photo.height,
                photo.size,
                number,
                _hint(photo, earlier),
            )
        )
        earlier.append((str(number), photo.look_hash))
    return tuple(seen)


def _hint(photo: Photo, earlier: list[tuple[str, str]]) -> str:
    like = looks.nearly_same(photo.look_hash, earlier)
    if like is not None:
        return f"Looks like photo {like}: keep both?"
    return looks.HINTS.get(photo.hint, "")


def clean_bytes(session: Session, sha256: str) -> bytes | None:
    """The bytes of a kept picture as they may be shown, printed or handed on; None while they are not here.

    Every picture was drawn anew when it was taken in. One that came from another copy is looked at again: if
    anything lies beside its pixels it is drawn anew here too, so nothing leaves by a way of its own. Raises
    BadFile for bytes that are no picture.
    """
    return _clean(blobs.get(session, sha256))


def look_at(session: Session, sha256: str) -> tuple[bytes | None, Whereabouts]:
    """The same for whoever looks at it: the bytes where they can be had, and where they are."""
    data, where = blobs.look(session, sha256)
    return _clean(data), where


def _clean(data: bytes | None) -> bytes | None:
    if data is None or (format_of(data) is Format.JPEG and not metadata_in(data)):
        return data
    return take_photo(data, "The photo").data
