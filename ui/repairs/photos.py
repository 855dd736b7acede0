"""Photos of a repair as small pictures with their words; Enter on one shows it large."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from app.repairs.photos.keeping import PhotoView
from app.wording import file_words
from ui.repairs.photo_taker import PhotoTaker, accepts_photos, dragged_photos
from ui.theme import theme
from ui.widgets import Button, Label, WrapRow
from ui.widgets.paint import panel

__all__ = ["SIDE", "PhotoStrip", "PhotoTaker", "Thumb", "accepts_photos", "dragged_photos"]

SIDE = 112
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Thumb(QAbstractButton):
    """One photo, cut to a square with round corners; pressed, it asks to be shown large."""

    def __init__(self, photo: PhotoView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.photo_id = photo.id
        self._picture = QPixmap()
        if photo.thumb:
            self._picture.loadFromData(photo.thumb)
        self.missing = file_words(photo.where)
        name = f"Photo: {photo.caption or 'no words'}"
        self.setAccessibleName(f"{name}. {self.missing}" if self.missing else name)
        self.setAccessibleDescription(" ".join(filter(None, (photo.hint, "Shows it large."))))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def event(self, event: QEvent) -> bool:
        """Keeps Enter for the photo that has the focus, whatever else on the page Enter would do."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.key() in _ENTER and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses it, like the space bar."""
        if event.key() in _ENTER and not event.isAutoRepeat():
            self.click()
            return
        super().keyPressEvent(event)

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
    """The photos of one repair side by side. `open_asked` carries the id of one that is to be shown large,
    `remove_asked` of one that is to be taken out."""

    open_asked = Signal(str)
    remove_asked = Signal(str)

    def __init__(self, removable: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._removable = removable
        self.photos: tuple[PhotoView, ...] = ()
        self._row = WrapRow(gap=10)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._row)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def show_photos(self, photos: tuple[PhotoView, ...]) -> None:
        """Replaces the pictures; the one that had the keyboard keeps it."""
        held = next((t.photo_id for t in self.findChildren(Thumb) if t.hasFocus()), "")
        self.photos = photos
        self._row.clear()
        for photo in photos:
            one = self._one(photo)
            self._row.add(one)
            self._row.flow.setAlignment(one, Qt.AlignmentFlag.AlignTop)
        self._row.updateGeometry()
        self.setVisible(bool(photos))
        if held:
            self.focus_photo(held)

    def focus_photo(self, photo_id: str) -> None:
        """Puts the keyboard on one of the photos."""
        for thumb in self.findChildren(Thumb):
            if thumb.photo_id == photo_id and not thumb.isHidden():
                thumb.setFocus(Qt.FocusReason.OtherFocusReason)

    def _one(self, photo: PhotoView) -> QWidget:
        one = QWidget()
        column = QVBoxLayout(one)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        thumb = Thumb(photo)
        thumb.clicked.connect(partial(self._open, photo.id))
        column.addWidget(thumb)
        lines = [(photo.caption or "No words yet", "hint", "muted")]
        lines += [(thumb.missing, "hint", "muted")] if thumb.missing else []
        lines += [(photo.hint, "hint_strong", "warn")] if photo.hint else []
        for text, role, tone in lines:
            label = Label(text, role, tone, wrap=True)
            label.setFixedWidth(thumb.sizeHint().width())
            column.addWidget(label)
        if self._removable:
            button = Button("Take out", "word", on_click=partial(self.remove_asked.emit, photo.id))
            button.setAccessibleName(f"Take out photo {photo.caption}".strip())
            column.addWidget(button)
        return one

    def _open(self, photo_id: str, _checked: bool = False) -> None:
        self.open_asked.emit(photo_id)
