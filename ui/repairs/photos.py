"""Photos of a repair: taken in off the window's thread, shown as small pictures with their words."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.repairs.files import TakenPhoto, take_photo
from app.repairs.photos import keeping
from app.repairs.photos.keeping import PhotoView
from app.wording import file_words
from models.errors import HoldallError
from ui.jobs import Job
from ui.shell import Shell
from ui.theme import theme
from ui.widgets import Button, Label, WrapRow
from ui.widgets.paint import panel

FILTER = "Photos (*.jpg *.jpeg *.png *.webp);;All files (*)"
SIDE = 112


class Thumb(QWidget):
    """One photo, cut to a square with round corners."""

    def __init__(self, photo: PhotoView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = QPixmap()
        if photo.thumb:
            self._picture.loadFromData(photo.thumb)
        self.missing = file_words(photo.where)
        name = f"Photo: {photo.caption or 'no words'}"
        self.setAccessibleName(f"{name}. {self.missing}" if self.missing else name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """A square that grows a little with the text."""
        side = theme().icon_size(SIDE)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture inside a hairline; a quiet square with a sign while the bytes are not here."""
        t, painter = theme(), QPainter(self)
        box = QRectF(self.rect())
        if self._picture.isNull():
            panel(painter, box, t.colour("soft"), t.colour("line"), 1)
            side = t.icon_size(24)
            middle = self.rect().center()
            painter.drawPixmap(middle.x() - side // 2, middle.y() - side // 2, t.pixmap("image", size=24))
            return
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        shape = QPainterPath()
        shape.addRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.save()
        painter.setClipPath(shape)
        side = min(self._picture.width(), self._picture.height())
        left, top = (self._picture.width() - side) / 2, (self._picture.height() - side) / 2
        painter.drawPixmap(box, self._picture, QRectF(left, top, side, side))
        painter.restore()
        panel(painter, box, None, t.colour("edge"), t.stroke)


class PhotoStrip(QWidget):
    """The photos of one repair side by side; `open_asked` carries the id of one whose words are wanted."""

    remove_asked = Signal(str)

    def __init__(self, removable: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._removable = removable
        self._row = WrapRow(gap=10)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._row)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def show_photos(self, photos: tuple[PhotoView, ...]) -> None:
        """Replaces the pictures."""
        self._row.clear()
        for photo in photos:
            one = QWidget()
            column = QVBoxLayout(one)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(3)
            thumb = Thumb(photo)
            words = Label(photo.caption or "No words yet", "hint", "muted", wrap=True)
            words.setFixedWidth(thumb.sizeHint().width())
            column.addWidget(thumb)
            column.addWidget(words)
            if thumb.missing:
                why = Label(thumb.missing, "hint", "muted", wrap=True)
                why.setFixedWidth(thumb.sizeHint().width())
                column.addWidget(why)
            if self._removable:
                button = Button("Take out", "word", on_click=partial(self.remove_asked.emit, photo.id))
                button.setAccessibleName(f"Take out photo {photo.caption}".strip())
                column.addWidget(button)
            self._row.add(one)
            self._row.flow.setAlignment(one, Qt.AlignmentFlag.AlignTop)
        self._row.updateGeometry()
        self.setVisible(bool(photos))


class PhotoTaker:
    """Brings photos to a repair: by the button, or dropped on a page."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell

    def ask(self, repair_id: str) -> None:
        """Asks for a file and takes it in."""
        path = self.shell.ask_open_file("Add a photo", FILTER)
        if path is not None:
            self.take(repair_id, [path])

    def take(self, repair_id: str, paths: list[Path]) -> None:
        """Takes photo files in, off the window's thread; each refusal is told in one sentence."""
        for path in paths:
            self.shell.fetch(
                partial(self._read, path),
                partial(self._keep, repair_id, path.stem),
                title=f"Reading {path.name}",
            )

    @staticmethod
    def _read(path: Path, job: Job) -> TakenPhoto:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise HoldallError(f"{path.name} could not be read.", "Check that it is still there.") from error
        return take_photo(data, path.name)

    def _keep(self, repair_id: str, name: str, photo: TakenPhoto) -> None:
        caption = name.replace("_", " ").replace("-", " ").strip()
        if any(part.isdigit() for part in caption.split()) or caption.upper().startswith(("IMG", "DSC")):
            caption = ""  # a camera's number says nothing about the place
        self.shell.write(
            "Add a photo",
            lambda session: keeping.add_photo(session, repair_id, photo, caption[:120]),
            undo_toast=self._said(photo),
        )

    @staticmethod
    def _said(photo: TakenPhoto) -> str:
        if any("place" in each for each in photo.left_behind):
            return "Photo added. The place in it was taken out."
        return "Photo added."


def dragged_photos(event: QDragEnterEvent | QDropEvent) -> list[Path]:
    """The local files that are dragged; empty for anything else."""
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]


def accepts_photos(event: QDragEnterEvent) -> None:
    """Accepts a drag that brings files."""
    if dragged_photos(event):
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
