"""The preview of a paper: its pages as pictures, Save as and Print."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from models.errors import HoldallError
from ui.reading_order import Dialog
from ui.theme import theme
from ui.widgets.button import Button
from ui.widgets.flow import ScrollColumn
from ui.widgets.text import Label


class _Sheet(QLabel):
    """One page, as wide as there is room; drawn when it first comes into view."""

    def __init__(self, draw: Callable[[int, float], QImage], number: int, ratio: float, words: str) -> None:
        super().__init__()
        self._draw, self._number, self._ratio = draw, number, ratio
        self._image: QImage | None = None
        self.setAccessibleName(f"Page {number + 1}")
        self.setAccessibleDescription(words)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keeps the proportions of the paper."""
        height = round(self.width() * self._ratio)
        if self.height() != height:
            self.setFixedHeight(height)
        self._image = None

    def paintEvent(self, event: QPaintEvent) -> None:
        """The page with a hairline round it."""
        t, painter = theme(), QPainter(self)
        if self._image is None:
            dots = self.devicePixelRatioF()
            self._image = self._draw(self._number, self.width() * dots)
            self._image.setDevicePixelRatio(dots)
        painter.drawImage(QRect(0, 0, self.width(), self.height()), self._image)
        painter.setPen(t.colour("edge" if t.contrast else "line"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


class PdfPreview(Dialog):
    """A window that shows a PDF before it is saved or printed.

    `ask_save(title, name, filters)` gives the path to write to, or None. A file that is no PDF raises
    HoldallError at once.
    """

    def __init__(
        self,
        data: bytes,
        title: str,
        name: str,
        ask_save: Callable[[str, str, str], Path | None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        import pypdfium2

        try:
            self._pdf = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            raise HoldallError("This paper cannot be shown.", "Make it again.") from error
        self.data, self._name, self._ask_save = data, name, ask_save
        self.saved_to: Path | None = None
        self.setWindowTitle(title)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 14)
        column.setSpacing(10)
        head = QHBoxLayout()
        head.setSpacing(8)
        count = len(self._pdf)
        head.addWidget(Label(title, "section"))
        self.status = Label("1 page" if count == 1 else f"{count} pages", "hint", "muted")
        head.addWidget(self.status, 1)
        self.save = Button("Save as…", "primary", "download", on_click=self._save)
        self.print = Button("Print", icon="printer", on_click=self._print)
        self.shut = Button("Close", key="Esc", shortcut=False, on_click=self.reject)
        for button in (self.save, self.print, self.shut):
            head.addWidget(button)
        column.addLayout(head)
        scroll = ScrollColumn()
        scroll.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        scroll.setAccessibleName("Pages")
        for number in range(count):
            width, height = self._pdf[number].get_size()
            scroll.body.addWidget(_Sheet(self._drawn, number, height / width, self._words(number)))
        scroll.body.addStretch(1)
        column.addWidget(scroll, 1)
        self.resize(self._fitting())
        self.save.setFocus()

    def _fitting(self) -> QSize:
        screen = self.screen().availableSize()
        return QSize(min(860, screen.width() - 40), min(900, screen.height() - 60))

    def _words(self, number: int) -> str:
        text = self._pdf[number].get_textpage().get_text_bounded()
        return " ".join(str(text).split())[:4000]

    def _drawn(self, number: int, width: float) -> QImage:
        page = self._pdf[number]
        bitmap = page.render(scale=width / page.get_width(), rev_byteorder=True, may_draw_forms=False)
        image = QImage(
            bytes(bitmap.buffer),
            bitmap.width,
            bitmap.height,
            bitmap.stride,
            {3: QImage.Format.Format_RGB888, 4: QImage.Format.Format_RGBX8888}[bitmap.n_channels],
        )
        return image.copy()

    def _save(self) -> None:
        path = self._ask_save("Save as", self._name, "PDF (*.pdf)")
        if path is None:
            return
        try:
            path.write_bytes(self.data)
        except OSError:
            self.status.setText(f"{path.name} could not be written there. Choose another folder.")
            return
        self.saved_to = path
        self.status.setText(f"Saved as {path.name}")

    def _print(self) -> None:
        """Hands the file to the computer's own viewer, which knows its printers."""
        import tempfile

        from PySide6.QtCore import QUrl
        from PySide6.QtGui import QDesktopServices

        path = Path(tempfile.mkdtemp(prefix="holdall-")) / self._name
        path.write_bytes(self.data)
        if QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self.status.setText("Opened in your PDF viewer, to print from there")
        else:
            self.status.setText("No PDF viewer was found. Save it, and print it elsewhere.")

    def changeEvent(self, event: QEvent) -> None:
        """Draws anew when the look changes."""
        super().changeEvent(event)
        self.update()

    def done(self, result: int) -> None:
        """Lets go of the file."""
        super().done(result)
        self.deleteLater()
