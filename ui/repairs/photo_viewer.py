"""A photo as large as the window allows: arrows go from one to the next, its words can be written below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.repairs.photos import keeping
from app.repairs.photos.keeping import PhotoView
from app.wording import file_words, size
from models.blobs import Whereabouts
from models.changes import Changed
from ui.jobs import Job
from ui.reading_order import Dialog
from ui.shell import Shell
from ui.theme import theme
from ui.widgets import Button, Field, Label, LineEdit, WrapRow
from ui.widgets.paint import panel

CAPTION_LIMIT = 120  # characters, as models.repairs.Photo keeps them
MOST_ENLARGED = 2.0  # a small picture is shown at most twice its size


class Canvas(QWidget):
    """The picture, fitted; the small copy stands in until the large one is here."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture = QPixmap()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 90)

    def sizeHint(self) -> QSize:
        """As large as the window gives."""
        return QSize(900, 560)

    def show_picture(self, data: bytes | None, stands_in: bool = False) -> None:
        """Shows JPEG bytes, or an empty frame for None; `stands_in` says that they are the small copy."""
        self.picture = QPixmap()
        if data:
            self.picture.loadFromData(data)
        self.stands_in = stands_in
        self.update()

    stands_in = False

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture in the middle, on a quiet ground."""
        t, painter = theme(), QPainter(self)
        panel(painter, QRectF(self.rect()), t.colour("soft"), t.colour("line"), 1)
        if self.picture.isNull():
            side = t.icon_size(36)
            middle = self.rect().center()
            painter.drawPixmap(middle.x() - side // 2, middle.y() - side // 2, t.pixmap("image", size=36))
            return
        room = QRectF(self.rect()).adjusted(4, 4, -4, -4)
        wide, tall = self.picture.width(), self.picture.height()
        scale = min(room.width() / wide, room.height() / tall)
        if not self.stands_in:
            scale = min(scale, MOST_ENLARGED)
        box = QRectF(0, 0, wide * scale, tall * scale)
        box.moveCenter(room.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(box, self.picture, QRectF(self.picture.rect()))


class PhotoViewer(Dialog):
    """The photos of a repair, one at a time. Left and Right go on, Home and End to the ends, Esc closes."""

    def __init__(
        self, shell: Shell, photos: Sequence[PhotoView], photo_id: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.shell = shell
        self.photos = list(photos)
        self.at = next((n for n, p in enumerate(self.photos) if p.id == photo_id), 0)
        self._gone = False
        self._waits_for = ""  # the digest of the picture that is not here yet
        self.setWindowTitle("Photos")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._build()
        self.resize(self._fitting())
        shell.changed.connect(self._changed)
        self._show()
        self.canvas.setFocus()

    def _build(self) -> None:
        self.place = Label("", "section")
        self.facts = Label("", tone="muted")
        self.hint = Label("", "strong", "warn")
        self.canvas = Canvas()
        self.words = LineEdit()
        self.words.setMaxLength(CAPTION_LIMIT)
        self.words.setObjectName("photo-words")
        self.words.returnPressed.connect(self.canvas.setFocus)
        self.words.editingFinished.connect(self.keep_words)
        self.field = Field("What it shows", self.words, optional=True)
        self.back = Button("Previous", icon="arrow-left", key="←", shortcut=False, on_click=self._previous)
        self.on = Button("Next", icon="arrow-right", key="→", shortcut=False, on_click=self._next)
        self.shut = Button("Close", key="Esc", shortcut=False, on_click=self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 14, 18, 14)
        column.setSpacing(10)
        column.addWidget(WrapRow([self.place, self.facts, self.hint], 14))
        column.addWidget(self.canvas, 1)
        column.addWidget(self.field)
        column.addWidget(WrapRow([self.back, self.on, self.shut]))

    def _fitting(self) -> QSize:
        screen = self.screen().availableSize()
        above = self.parentWidget()
        window = above.window().size() if above is not None else screen
        return QSize(
            min(max(window.width() - 80, 640), screen.width() - 40),
            min(max(window.height() - 60, 480), screen.height() - 60),
        )

    @property
    def photo(self) -> PhotoView:
        """The one on show."""
        return self.photos[self.at]

    # Going from one to the next

    def _previous(self) -> None:
        self.go(self.at - 1)

    def _next(self) -> None:
        self.go(self.at + 1)

    def go(self, number: int) -> None:
        """Shows another photo, counted from 0; past an end nothing happens."""
        if number == self.at or not 0 <= number < len(self.photos):
            return
        self.keep_words()
        self.at = number
        self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrows go from photo to photo wherever the words are not being written."""
        key = event.key()
        goals = {
            Qt.Key.Key_Left: self.at - 1,
            Qt.Key.Key_Right: self.at + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: len(self.photos) - 1,
        }
        if key in goals and not self.words.hasFocus():
            self.go(goals[Qt.Key(key)])
            return
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return  # a dialog closes on Enter; this one is left by Esc
        super().keyPressEvent(event)

    # What is shown

    def _show(self) -> None:
        photo, count = self.photo, len(self.photos)
        self.place.setText(f"Photo {self.at + 1} of {count}")
        self.facts.setText(f"{photo.width} by {photo.height} pixels, {size(photo.size)}")
        self.hint.setText(photo.hint)
        self.hint.setVisible(bool(photo.hint))
        self.words.setText(photo.caption)
        self.back.setEnabled(self.at > 0)
        self.on.setEnabled(self.at < count - 1)
        self.canvas.show_picture(photo.thumb, stands_in=True)
        self.canvas.setAccessibleName(f"Photo {self.at + 1} of {count}: {photo.caption or 'no words'}")
        self._fetch()

    def _fetch(self) -> None:
        sha256, context = self.photo.sha256, self.shell.context

        def read(_job: Job) -> tuple[bytes | None, Whereabouts]:
            return context.read(lambda session: keeping.look_at(session, sha256))

        self.shell.fetch(read, lambda seen: self._take(sha256, *seen), title="Opening the photo")

    def _take(self, sha256: str, data: bytes | None, where: Whereabouts) -> None:
        if self._gone or sha256 != self.photo.sha256:
            return  # it came after this was closed, or after the next one was asked for
        if data is not None:
            self._waits_for = ""
            self.canvas.show_picture(data)
            return
        self._waits_for = sha256
        self.hint.setText(file_words(where))
        self.hint.show()
        self.shell.want_files([sha256])

    def _changed(self, changed: Changed) -> None:
        if self._waits_for and changed.touches("blob"):
            self.hint.setText(self.photo.hint)
            self.hint.setVisible(bool(self.photo.hint))
            self._fetch()

    # The words

    def keep_words(self) -> None:
        """Writes what was typed, when it is another thing than before."""
        typed, photo = self.words.text().strip(), self.photo
        if typed == photo.caption:
            return
        self.photos[self.at] = replace(photo, caption=typed)
        self.shell.write(
            "Say what a photo shows", lambda session: keeping.caption_photo(session, photo.id, typed)
        )

    def done(self, result: int) -> None:
        """Keeps the words before it closes."""
        if not self._gone:
            self.keep_words()
            self._gone = True
            self.shell.changed.disconnect(self._changed)
        super().done(result)


def show_photos(
    shell: Shell, photos: Sequence[PhotoView], photo_id: str, parent: QWidget | None = None
) -> PhotoViewer:
    """Opens a photo large, with the others before and behind it."""
    viewer = PhotoViewer(shell, photos, photo_id, parent)
    viewer.open()
    return viewer
