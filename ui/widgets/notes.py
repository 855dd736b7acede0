"""What Holdall says by itself: the error summary, the toast with Undo, the card of a long job."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.jobs import Job
from ui.theme import theme
from ui.widgets.boxes import Card
from ui.widgets.button import Button
from ui.widgets.figures import Progress
from ui.widgets.flow import clear_layout
from ui.widgets.paint import CARD_RADIUS, panel, rule_in
from ui.widgets.text import IconLabel, Label


class ErrorSummary(QFrame):
    """What to put right, at the top of a form. It takes the focus; each line leads to its field."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 9, 16, 11)
        row.setSpacing(8)
        row.addWidget(IconLabel("circle-alert", "danger", 20), 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(2)
        self.title = Label("", "strong", "danger", wrap=True)
        column.addWidget(self.title)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(0)
        column.addLayout(self._lines)
        row.addLayout(column, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.hide()

    def show_errors(self, errors: Sequence[tuple[str, QWidget]]) -> None:
        """Shows the sentences, each with the widget it speaks of; an empty list hides the summary."""
        clear_layout(self._lines)
        self.setVisible(bool(errors))
        if not errors:
            return
        count = len(errors)
        self.title.setText("1 thing to put right" if count == 1 else f"{count} things to put right")
        for text, widget in errors:
            link = Button(text, "word", role="strong", on_click=partial(self._go, widget))
            self._lines.addWidget(link, 0, Qt.AlignmentFlag.AlignLeft)
        self.setAccessibleName(f"{self.title.text()}: {'; '.join(text for text, _ in errors)}")
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _go(self, widget: QWidget) -> None:
        (widget.focusProxy() or getattr(widget, "editor", None) or widget).setFocus(
            Qt.FocusReason.ShortcutFocusReason
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tint and rule."""
        t, painter = theme(), QPainter(self)
        border = t.colour("edge") if t.contrast else None
        panel(painter, self.rect(), t.tint("danger"), border, t.stroke, CARD_RADIUS)
        rule_in(painter, self.rect(), "left", 4, t.colour("danger"), CARD_RADIUS)


class _TurnedWord(Button):
    """A word button on a ground turned over."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """The word in the other theme's primary."""
        t, painter = theme(), QPainter(self)
        font = t.font(self.role)
        font.setUnderline(t.contrast)
        painter.setFont(font)
        painter.setPen(t.turned("primary"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, self.label())


class _TurnedLabel(Label):
    """Words in the other theme's colour, for a ground that is turned over."""

    def restyle(self) -> None:
        """Takes font and the turned colour."""
        super().restyle()
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.WindowText, theme().turned(self._tone))
        self.setPalette(palette)


class _TurnedIcon(IconLabel):
    """An icon in the other theme's colour, for the same ground."""

    def restyle(self) -> None:
        """Draws the icon anew."""
        ink = theme().turned(self._tone)
        self.setPixmap(theme().pixmap(self._icon, size=self._size, colour=ink))


class Toast(QFrame):
    """What was just done, with Undo, for ten seconds at the foot of the window. It never takes the focus."""

    SECONDS = 10

    def __init__(self, parent: QWidget, undo: Callable[[], object]) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 9, 18, 9)
        row.setSpacing(10)
        self.icon = _TurnedIcon("undo-2", "text", 18)
        self.text = _TurnedLabel("")
        self.undo = _TurnedWord("Undo", "word", role="strong", on_click=undo)
        self.key = _TurnedLabel("Ctrl Z", "hint", "muted")
        for widget in (self.icon, self.text, self.undo, self.key):
            row.addWidget(widget)
        self._timer = QTimer(self, singleShot=True, interval=self.SECONDS * 1000)
        self._timer.timeout.connect(self.hide)
        self.undo.clicked.connect(self.hide)
        parent.installEventFilter(self)
        self.hide()

    def restyle(self) -> None:
        """Its place, as words may have grown."""
        if self.isVisible():
            self._place()

    def say(self, text: str, undo: bool) -> None:
        """Shows the sentence, replacing the one before."""
        self.text.setText(text)
        self.setAccessibleName(text)
        for widget in (self.undo, self.key):
            widget.setVisible(undo)
        self.icon.set_icon("undo-2" if undo else "check")
        self.adjustSize()
        self._place()
        self.show()
        self.raise_()
        self._timer.start()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keeps its place when the window changes size."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _place(self) -> None:
        over = self.parentWidget()
        if over is None:
            return
        size = self.sizeHint().boundedTo(QSize(over.width() - 48, over.height()))
        foot = theme().tall(34, "hint") + 16
        self.setGeometry(
            QRect(
                (over.width() - size.width()) // 2,
                over.height() - foot - size.height(),
                size.width(),
                size.height(),
            )
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground turned over."""
        t = theme()
        panel(
            QPainter(self),
            self.rect(),
            t.turned("page"),
            None,
            radius=CARD_RADIUS,
        )


class JobCard(Card):
    """A piece of work that takes more than half a second: its title, how far it is, Stop."""

    def __init__(self, job: Job, parent: QWidget | None = None) -> None:
        super().__init__(margins=(15, 9, 17, 9), parent=parent)
        self.job = job
        head = QHBoxLayout()
        self.title = Label(job.title, "strong")
        self.count = Label("", "hint", "muted")
        head.addWidget(self.title, 1)
        head.addWidget(self.count)
        self.bar = Progress(0, 0, job.title)
        self.bar.tone = "good"
        foot = QHBoxLayout()
        self.left = Label("", "hint", "muted")
        self.stop = Button("Stop", "word", on_click=self._stop)
        self.stop.setAccessibleName(f"Stop {job.title}")
        foot.addWidget(self.left, 1)
        foot.addWidget(self.stop)
        self.body.addLayout(head)
        self.body.addWidget(self.bar)
        self.body.addLayout(foot)
        self.tell()

    def sizeHint(self) -> QSize:
        """A card of a fixed measure."""
        return QSize(theme().wide(384), super().sizeHint().height())

    def tell(self) -> None:
        """Shows how far the job is."""
        job = self.job
        self.bar.set_progress(job.done_so_far, job.total)
        count = f"{job.done_so_far:,} of {job.total:,}" if job.total else ""
        self.count.setText(f"{count} {job.words}".strip())
        left = job.seconds_left()
        if self.job.cancelled.is_set():
            self.left.setText("Stopping…")
        elif left is None:
            self.left.setText("Under way")
        else:
            seconds = max(1, round(left))
            self.left.setText(
                f"About {seconds} {'second' if seconds == 1 else 'seconds'} left"
                if seconds < 90
                else f"About {round(seconds / 60)} minutes left"
            )

    def _stop(self) -> None:
        self.job.cancel()
        self.tell()
