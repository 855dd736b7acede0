"""The preview of a paper: its pages as pictures, Save as PDF and Print.

PDFium knows one caller at a time, so every use of it goes through one lock, from whatever thread.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ui.theme import theme
from ui.widgets.button import Button
from ui.widgets.flow import Row
from ui.widgets.text import Label

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

    from ui.jobs import Job, Jobs

ZOOMS = (1.0, 1.25, 1.5, 2.0)  # of the width of the window
PRINT_DOTS = 300  # to the inch: finer than a page of words needs, coarser than many printers offer
_LOCK = Lock()


class _Pdf:
    """A PDF that may be read from any thread; closed once, and empty after that."""

    def __init__(self, data: bytes) -> None:
        import pypdfium2

        from models.errors import HoldallError

        with _LOCK:
            try:
                self._document: Any = pypdfium2.PdfDocument(data)
                self.ratios = [h / w for w, h in (page.get_size() for page in self._document)]
            except pypdfium2.PdfiumError as error:
                raise HoldallError("This paper cannot be shown.", "Make it again.") from error

    def page(self, number: int, width: float) -> tuple[QImage, str]:
        """A page as a picture of so many pixels, and its words."""
        with _LOCK:
            if self._document is None:
                return QImage(), ""
            page = self._document[number]
            bitmap = page.render(scale=width / page.get_width(), rev_byteorder=True, may_draw_forms=False)
            kind = {3: QImage.Format.Format_RGB888, 4: QImage.Format.Format_RGBX8888}[bitmap.n_channels]
            image = QImage(bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride, kind).copy()
            words = " ".join(str(page.get_textpage().get_text_bounded()).split())
            return image, words

    def close(self) -> None:
        """Lets go of the file."""
        with _LOCK:
            if self._document is not None:
                self._document.close()
                self._document = None


class _Sheet(QLabel):
    """One page; it asks to be drawn when it comes into view, and again when its width changes."""

    wanted = Signal(int, int)  # its number and its width in pixels of the screen

    def __init__(self, number: int, ratio: float) -> None:
        super().__init__()
        self.number, self._ratio = number, ratio
        self._image = QImage()
        self.asked = 0
        self.setAccessibleName(f"Page {number + 1}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_page(self, image: QImage, words: str) -> None:
        """Takes its picture and its words."""
        self._image = image
        self.setAccessibleDescription(words)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keeps the proportions of the paper."""
        height = round(self.width() * self._ratio)
        if self.height() != height:
            self.setFixedHeight(height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The page with a hairline round it; white until it is drawn, as paper is in every look."""
        dots = round(self.width() * self.devicePixelRatioF())
        if self.asked != dots:
            self.asked = dots
            self.wanted.emit(self.number, dots)
        t, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), Qt.GlobalColor.white)
        if not self._image.isNull():
            painter.drawImage(QRect(0, 0, self.width(), self.height()), self._image)
        painter.setPen(t.colour("edge" if t.contrast else "line"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


class _Pages(QScrollArea):
    """The pages in a column; a tab stop that Page Up, Page Down, Home, End and the arrows move."""

    def __init__(self) -> None:
        super().__init__()
        self.zoom = 1.0
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.viewport().setAutoFillBackground(False)
        inner = QWidget()
        inner.setAutoFillBackground(False)
        self._inner = inner
        self.body = QVBoxLayout(inner)
        self.body.setContentsMargins(3, 3, 6, 3)
        self.body.setSpacing(12)
        self.setWidget(inner)

    def set_zoom(self, zoom: float) -> None:
        """How wide a page is, as a share of the window; it stays at the same place of the paper."""
        bar = self.verticalScrollBar()
        share = bar.value() / max(1, bar.maximum())
        self.zoom = zoom
        self.fit()
        self._inner.adjustSize()
        bar.setValue(round(share * bar.maximum()))

    def fit(self) -> None:
        """Makes the column as wide as the zoom asks."""
        self._inner.setMinimumWidth(0 if self.zoom == 1.0 else round(self.viewport().width() * self.zoom))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follows the window."""
        super().resizeEvent(event)
        self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Home and End too; the others are known already."""
        bar = self.verticalScrollBar()
        if event.key() == Qt.Key.Key_Home:
            bar.setValue(0)
        elif event.key() == Qt.Key.Key_End:
            bar.setValue(bar.maximum())
        elif event.key() == Qt.Key.Key_Space:
            bar.setValue(bar.value() + bar.pageStep())
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        """About a page."""
        return QSize(780, 700)


class PdfPreview(QDialog):
    """A window that shows a PDF before it is saved or printed.

    `ask_save(title, name, filters)` gives the path to write to, or None. With `jobs` pages are drawn in the
    wide lane, without them at once. A file that is no PDF raises HoldallError at once.
    `choose_printer` fills in a printer and says whether to go on: the system's print dialog.
    """

    def __init__(
        self,
        data: bytes,
        title: str,
        name: str,
        ask_save: Callable[[str, str, str], Path | None],
        parent: QWidget | None = None,
        jobs: Jobs | None = None,
    ) -> None:
        super().__init__(parent)
        self._pdf = _Pdf(data)
        self.data, self._name, self._ask_save, self._jobs = data, name, ask_save, jobs
        self.saved_to: Path | None = None
        self.choose_printer: Callable[[QPrinter], bool] = self._dialog
        self._printing: tuple[QPrinter, QPainter, int] | None = None
        self._gone = False
        self.setWindowTitle(title)
        self._build(title)
        self.resize(self._fitting())
        self.save.setFocus()

    def _build(self, title: str) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 14)
        column.setSpacing(10)
        column.addWidget(Label(title, "section", wrap=True))
        self.save = Button("Save as PDF…", "primary", "download", on_click=self._save)
        self.print = Button("Print…", icon="printer", on_click=self._print)
        self.smaller = Button("Smaller", icon="minus", key="−", on_click=lambda: self._zoomed(-1))
        self.larger = Button("Larger", icon="plus", key="+", on_click=lambda: self._zoomed(1))
        self.shut = Button("Close", key="Esc", shortcut=False, on_click=self.reject)
        column.addWidget(Row([self.save, self.print, self.smaller, self.larger, self.shut]))
        self.place = Label("", "hint", "muted")
        self.status = Label("", "hint", "muted", wrap=True)
        column.addWidget(Row([self.place, self.status], 16))
        self.pages = _Pages()
        self.sheets = [_Sheet(number, ratio) for number, ratio in enumerate(self._pdf.ratios)]
        for sheet in self.sheets:
            sheet.wanted.connect(self._want)
            self.pages.body.addWidget(sheet)
        self.pages.body.addStretch(1)
        column.addWidget(self.pages, 1)
        self.pages.verticalScrollBar().valueChanged.connect(lambda _value: self._tell_place())
        self._tell_place()
        self._zoomed(0)

    def _fitting(self) -> QSize:
        screen = self.screen().availableSize()
        return QSize(min(860, screen.width() - 40), min(900, screen.height() - 60))

    # Pages

    def current(self) -> int:
        """The number of the page in the middle of the window, from 0."""
        middle = self.pages.verticalScrollBar().value() + self.pages.viewport().height() // 2
        return next((s.number for s in self.sheets if s.geometry().bottom() >= middle), len(self.sheets) - 1)

    def _tell_place(self) -> None:
        number, count = self.current(), len(self.sheets)
        self.place.setText(f"Page {number + 1} of {count}")
        self.pages.setAccessibleName(f"Pages. Page {number + 1} of {count}")
        self.pages.setAccessibleDescription(self.sheets[number].accessibleDescription())

    def _want(self, number: int, dots: int) -> None:
        """Draws a page that came into view."""
        if self._jobs is None:
            self._take(number, self._pdf.page(number, dots))
            return

        sheet, pdf = self.sheets[number], self._pdf

        def work(job: Job) -> tuple[QImage, str]:
            return pdf.page(number, dots) if sheet.asked == dots else (QImage(), "")

        self._jobs.fetch(work, lambda made: self._take(number, made))

    def _take(self, number: int, made: tuple[QImage, str]) -> None:
        if self._gone or made[0].isNull():
            return
        self.sheets[number].set_page(*made)
        if number == self.current():
            self._tell_place()

    def _zoomed(self, step: int) -> None:
        place = min(max(ZOOMS.index(self.pages.zoom) + step, 0), len(ZOOMS) - 1)
        if step:
            self.pages.set_zoom(ZOOMS[place])
        self.smaller.setEnabled(place > 0)
        self.larger.setEnabled(place < len(ZOOMS) - 1)

    # Save and print

    def _save(self) -> None:
        path = self._ask_save("Save as PDF", self._name, "PDF (*.pdf)")
        if path is None:
            return
        try:
            path.write_bytes(self.data)
        except OSError:
            self.status.setText(f"{path.name} could not be written there. Choose another folder.")
            return
        self.saved_to = path
        self.status.setText(f"Saved as {path.name}")

    def _dialog(self, printer: QPrinter) -> bool:
        from PySide6.QtPrintSupport import QPrintDialog

        return bool(QPrintDialog(printer, self).exec())

    def _print(self) -> None:
        """Prints page by page between other work, so that the window stays awake."""
        from PySide6.QtGui import QPageSize
        from PySide6.QtPrintSupport import QPrinter

        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
        printer.setFullPage(True)
        printer.setDocName(self.windowTitle())
        printer.setFromTo(1, len(self.sheets))
        if not self.choose_printer(printer):
            return
        painter = QPainter()
        if not painter.begin(printer):
            self.status.setText("The printer did not answer. Save the PDF, and print it elsewhere.")
            return
        self.print.setEnabled(False)
        self._printing = (printer, painter, max(1, printer.fromPage()) - 1)
        QTimer.singleShot(0, self, self._print_page)

    def _print_page(self) -> None:
        if self._printing is None:
            return
        printer, painter, number = self._printing
        last = min(printer.toPage() or len(self.sheets), len(self.sheets))
        rect = printer.pageLayout().fullRectPixels(printer.resolution())
        dots = round(rect.width() * min(1.0, PRINT_DOTS / printer.resolution()))
        painter.drawImage(rect, self._pdf.page(number, dots)[0])
        if number + 1 < last:
            self.status.setText(f"Printing page {number + 2} of {last}")
            printer.newPage()
            self._printing = (printer, painter, number + 1)
            QTimer.singleShot(0, self, self._print_page)
            return
        painter.end()
        self._printing = None
        self.print.setEnabled(True)
        self.status.setText("Sent to the printer")

    def done(self, result: int) -> None:
        """Lets go of the file; a paper that is half printed ends at its last whole page."""
        self._gone = True
        if self._printing is not None:
            self._printing[1].end()
            self._printing = None
        super().done(result)
        self._pdf.close()
        self.deleteLater()
