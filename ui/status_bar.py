"""The foot of the window, in words: where the work is, what waits, what needs settling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QPoint, QSize
from PySide6.QtGui import QActionGroup, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QWidget

from app.wording import clock_time, day_month, local_date, plural
from ui.theme import FACTORS, Mode, theme
from ui.widgets.button import Button
from ui.widgets.paint import dot
from ui.widgets.text import IconLabel, Label

MODES = (
    (Mode.SYSTEM, "As the computer"),
    (Mode.LIGHT, "Light"),
    (Mode.DARK, "Dark"),
    (Mode.CONTRAST, "High contrast"),
)


@dataclass(frozen=True)
class Standing:
    """How this copy stands to the server: offline since when, what waits, what was refused or conflicts."""

    online: bool = False
    since: datetime | None = None
    waiting: int = 0
    refused: int = 0
    to_settle: int = 0
    syncing: bool = False
    server: bool = True
    last_sync: datetime | None = None
    write_until: datetime | None = None  # set in the last days that this laptop may be written on
    read_only: bool = False  # they are over

    def where(self, short: bool = False) -> str:
        """Where the work is, as a sentence."""
        if self.syncing:
            return "Syncing…"
        if not self.server:
            return (
                "On this laptop."
                if short
                else "Your work is kept on this laptop, with no server to share it."
            )
        if self.read_only:
            return "Read-only." if short else "Read-only until it syncs. All that you saved is safe here."
        if self.write_until is not None:
            until = f"{day_month(local_date(self.write_until))} {clock_time(self.write_until)}"
            return f"Sync by {until}." if short else f"Offline. Sync by {until} to go on writing."
        if self.online:
            at = f" at {clock_time(self.last_sync)}" if self.last_sync else ""
            return "Online." if short else f"Online. Last synced{at}." if at else "Online."
        if short:
            return "Offline."
        since = f" since {clock_time(self.since)}" if self.since else ""
        return f"Offline{since}. Your work is safe on this laptop."

    def waits(self, short: bool = False) -> str:
        """What waits to be sent; empty when nothing does."""
        if not self.waiting or not self.server:
            return ""
        return f"{self.waiting} waiting" if short else f"{plural(self.waiting, 'change')} waiting"

    def needs(self) -> str:
        """What a person has to settle; empty when nothing."""
        parts = []
        if self.refused:
            parts.append(f"{self.refused} refused")
        if self.to_settle:
            parts.append(f"{self.to_settle} to settle")
        return ", ".join(parts)


class _Dot(QLabel):
    """A dot between facts."""

    def sizeHint(self) -> QSize:
        return QSize(6, 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        dot(QPainter(self), self.width() / 2, self.height() / 2, theme().colour("muted"), 2)


class StatusBar(QWidget):
    """The bar under the page."""

    def __init__(
        self,
        open_sync: Callable[[], object],
        sync_now: Callable[[], object],
        set_mode: Callable[[Mode], object],
        set_factor: Callable[[float], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._standing, self._short = Standing(), False
        self._set_mode, self._set_factor = set_mode, set_factor
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 12, 0)
        row.setSpacing(8)
        self.cloud = IconLabel("cloud-off", "edge", 16)
        self.where = Label("", "hint")
        self.first_dot, self.second_dot = _Dot(), _Dot()
        self.waiting = Button("", "word", on_click=open_sync)
        self.alert = IconLabel("triangle-alert", "warn", 16)
        self.needs = Button("", "word", on_click=open_sync)
        for widget in (self.cloud, self.where, self.first_dot, self.waiting, self.second_dot, self.alert):
            row.addWidget(widget)
            if widget in (self.where, self.waiting):
                row.addSpacing(4)
        row.addWidget(self.needs)
        row.addStretch(1)
        row.setSpacing(8)
        self.sync = Button("Sync now", "word", "refresh-cw", on_click=sync_now)
        self.size_menu, self.look_menu = QMenu(self), QMenu(self)
        self.text_size = Button(
            "Text size", "word", "a-large-small", on_click=lambda: self._menu(self.text_size)
        )
        self.contrast = Button("Contrast", "word", "contrast", on_click=lambda: self._menu(self.contrast))
        for button in (self.sync, self.text_size, self.contrast):
            row.addSpacing(6)
            row.addWidget(button)
        self._fill_menus()
        self.restyle()
        self.set_standing(Standing())

    def _fill_menus(self) -> None:
        sizes, looks = QActionGroup(self), QActionGroup(self)
        for factor in FACTORS:
            action = self.size_menu.addAction(f"{factor:.0%}".replace("%", " %"))
            action.setCheckable(True)
            action.setData(factor)
            action.triggered.connect(lambda _on=False, f=factor: self._set_factor(f))
            sizes.addAction(action)
        for mode, words in MODES:
            action = self.look_menu.addAction(words)
            action.setCheckable(True)
            action.setData(mode.value)
            action.triggered.connect(lambda _on=False, m=mode: self._set_mode(m))
            looks.addAction(action)

    def _menu(self, button: Button) -> None:
        menu = self.size_menu if button is self.text_size else self.look_menu
        current = theme().factor if button is self.text_size else theme().wish.value
        for action in menu.actions():
            action.setChecked(action.data() == current)
        place, size = button.mapToGlobal(button.rect().topRight()), menu.sizeHint()
        menu.popup(QPoint(place.x() - size.width(), place.y() - size.height() - 4))

    def set_standing(self, standing: Standing) -> None:
        """Says how things stand."""
        self._standing = standing
        self._say()

    def set_short(self, short: bool) -> None:
        """Says it shorter where the window is narrow."""
        self._short = short
        self._say()

    def _say(self) -> None:
        now, short = self._standing, self._short
        self.cloud.set_icon("cloud" if now.online else "cloud-off" if now.server else "laptop")
        self.where.setText(now.where(short))
        self.waiting.setText(now.waits(short))
        self.needs.setText(now.needs())
        self.waiting.setVisible(bool(now.waits()))
        self.first_dot.setVisible(bool(now.waits()) and not short)
        for widget in (self.alert, self.needs):
            widget.setVisible(bool(now.needs()))
        self.second_dot.setVisible(bool(now.needs()) and not short)
        self.sync.setText("Sync" if short else "Sync now")
        for button, words in ((self.text_size, "Text size"), (self.contrast, "Contrast")):
            button.setText("" if short else words)
            button.setAccessibleName(words)
            button.setToolTip(words if short else "")

    def restyle(self) -> None:
        """Sizes anew."""
        self.setFixedHeight(theme().tall(34, "hint"))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The bar's ground."""
        t, painter = theme(), QPainter(self)
        painter.fillRect(self.rect(), t.colour("bar"))
        if t.contrast:
            painter.fillRect(0, 0, self.width(), 2, t.colour("edge"))
