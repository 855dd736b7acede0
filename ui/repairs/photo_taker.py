"""Bringing photos to a repair: chosen, from a folder, dropped, or pasted with no file behind them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from sqlalchemy.orm import Session

from app.repairs.files import MOST_PIXELS, take_photo
from app.repairs.photos import keeping
from app.repairs.photos.gathering import Gathered, gather, said
from app.repairs.photos.taking import TakenPhoto
from models.changes import Changed
from models.errors import HoldallError
from ui.jobs import Job
from ui.shell import Shell

FILTER = "Photos (*.jpg *.jpeg *.png *.webp *.heic *.heif *.tif *.tiff);;All files (*)"
PASTED = "The pasted picture"
_RAW = ("image/jpeg", "image/png", "image/heic", "image/heif", "image/webp", "image/tiff")
Kept = tuple[Changed, list[tuple[TakenPhoto, int | None]], int]


class PhotoTaker:
    """Takes photos in off the window's thread; what is refused is told in one sentence."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell

    # The ways in

    def ask(self, repair_id: str) -> None:
        """Asks for files and takes them in."""
        self.take(repair_id, self.shell.ask_open_files("Add photos", FILTER))

    def ask_folder(self, repair_id: str) -> None:
        """Asks for a folder and takes in the photos that lie in it."""
        folder = self.shell.ask_folder("Add the photos of a folder")
        if folder is not None:
            self.take(repair_id, [folder])

    def take(self, repair_id: str, paths: list[Path]) -> None:
        """Takes in files, and the photos of folders, as one act that Undo takes back."""
        if not paths:
            return
        title = f"Reading {paths[0].name}" if len(paths) == 1 else f"Reading {len(paths)} photos"
        self._bring(repair_id, title, lambda room, job: gather(paths, room, job.progress))

    def paste(self, repair_id: str) -> None:
        """Takes in what the clipboard holds: files, or a picture without a file."""
        if not self.take_mime(repair_id, QGuiApplication.clipboard().mimeData()):
            self.shell.tell(
                HoldallError("There is no picture on the clipboard.", "Copy one first, then paste it here.")
            )

    def drop(self, repair_id: str, event: QDropEvent) -> None:
        """Takes in what was dropped on a page."""
        if self.take_mime(repair_id, event.mimeData()):
            event.acceptProposedAction()

    def take_mime(self, repair_id: str, data: QMimeData) -> bool:
        """Takes in what another program handed over; False when there is no photo in it."""
        files = _files(data)
        if files:
            self.take(repair_id, files)
            return True
        raw = next((kind for kind in _RAW if data.hasFormat(kind)), None)
        if raw is not None:
            self._single(repair_id, partial(take_photo, bytes(data.data(raw).data()), PASTED))
            return True
        image = data.imageData() if data.hasImage() else None
        if isinstance(image, QImage) and not image.isNull():
            self._single(repair_id, partial(_from_image, image))
            return True
        return False

    # Reading and keeping

    def _single(self, repair_id: str, make: Callable[[], TakenPhoto]) -> None:
        def work(room: int, job: Job) -> Gathered:
            return Gathered([(make(), "")]) if room else Gathered(no_room=1)

        self._bring(repair_id, "Reading the picture", work)

    def _bring(self, repair_id: str, title: str, work: Callable[[int, Job], Gathered]) -> None:
        context = self.shell.context

        def read(job: Job) -> Gathered:
            room = context.read(lambda session: keeping.room_left(session, repair_id))
            return work(room, job)

        self.shell.fetch(read, partial(self._keep, repair_id), title=title)

    def _keep(self, repair_id: str, found: Gathered) -> None:
        if not found.taken:
            self._tell(found)
            return

        def write(session: Session) -> Kept:
            return _written(session, repair_id, found.taken)

        label = "Add a photo" if len(found.taken) == 1 else "Add photos"
        self.shell.write(label, write, partial(self._kept, found))

    def _kept(self, found: Gathered, result: Kept) -> None:
        _, kept, no_room = result
        found.no_room += no_room
        if kept:
            self.shell.toast(said(kept))
        elif not no_room:
            self.shell.toast("This photo is here already.", undo=False)
        self._tell(found)

    def _tell(self, found: Gathered) -> None:
        problem = found.problem()
        if problem is not None:
            self.shell.tell(problem)


def _written(session: Session, repair_id: str, taken: list[tuple[TakenPhoto, str]]) -> Kept:
    """Keeps photos in one transaction; the same picture twice is kept once."""
    changed, kept, no_room = Changed(), [], 0
    for photo, caption in taken:
        like = keeping.like_which(session, repair_id, photo)
        if not keeping.room_left(session, repair_id):  # photos of a sync came while these were read
            no_room += 1
            continue
        made = keeping.add_photo(session, repair_id, photo, caption)
        if made.ids:
            changed |= made
            kept.append((photo, like))
    return changed, kept, no_room


def _from_image(image: QImage) -> TakenPhoto:
    """A picture that never was a file, taken in like one that was."""
    if image.width() * image.height() > MOST_PIXELS:
        millions = image.width() * image.height() // 1_000_000
        raise HoldallError(
            f"{PASTED} has {millions} million pixels; a photo here has at most 50.",
            "Copy it in a smaller size.",
        )
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG", 100)  # type: ignore[call-overload]
    return take_photo(bytes(data.data()), PASTED)


def _files(data: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def dragged_photos(event: QDragEnterEvent | QDropEvent) -> list[Path]:
    """The local files that are dragged; empty for anything else."""
    return _files(event.mimeData())


def accepts_photos(event: QDragEnterEvent) -> None:
    """Accepts a drag that brings files or a picture."""
    data = event.mimeData()
    if _files(data) or data.hasImage() or any(data.hasFormat(kind) for kind in _RAW):
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
