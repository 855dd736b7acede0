"""What happens when Holdall itself is at fault: a dialog that says so, with details to copy, and a log."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app import fault
from ui.reading_order import Dialog
from ui.theme import theme
from ui.widgets.button import Button
from ui.widgets.fields import TextArea
from ui.widgets.text import IconLabel, Label

log = logging.getLogger(__name__)


class CrashDialog(Dialog):
    """Says that something is our fault and that the work is safe; the details can be copied."""

    def __init__(self, details: str, where: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.details = details
        self.setWindowTitle("Something went wrong in Holdall")
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 18, 24, 18)
        column.setSpacing(10)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(IconLabel("circle-alert", "danger", 22), 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(Label("This was our fault, not yours", "section", wrap=True), 1)
        column.addLayout(head)
        column.addWidget(
            Label(
                "What you saved is safe on this laptop; Holdall saves as you type. You can go on. "
                "If it happens again, send us these details. They hold nothing of what you wrote.",
                wrap=True,
            )
        )
        self.area = TextArea(details, "Details", 6, 10)
        self.area.setReadOnly(True)
        column.addWidget(self.area, 1)
        column.addWidget(
            Label(f"They are also in {where.name}, in Holdall’s folder.", "hint", "muted", wrap=True)
        )
        foot = QHBoxLayout()
        foot.setSpacing(8)
        self.copy = Button("Copy the details", icon="copy", on_click=self._copy)
        self.go_on = Button("Go on working", "primary", on_click=self.accept)
        foot.addWidget(self.copy)
        foot.addStretch(1)
        foot.addWidget(self.go_on)
        column.addLayout(foot)
        self.resize(theme().wide(560), theme().tall(420))
        self.go_on.setFocus()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.details)
        self.copy.setText("Copied")


class CrashCatcher(QObject):
    """Takes what no code caught, from the window's thread and from others, and shows one dialog at a time."""

    _caught = Signal(object)

    def __init__(
        self,
        home: Path,
        show: Callable[[str, Path], object] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._home, self._show = home, show or self._open
        self._dialog: CrashDialog | None = None
        self._caught.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Puts itself where Python asks what to do with an error nobody caught."""
        sys.excepthook = self._hook
        threading.excepthook = self._thread_hook

    def _hook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        self._caught.emit(error.with_traceback(trace))

    def _thread_hook(self, found: threading.ExceptHookArgs) -> None:
        if found.exc_value is not None:
            self._caught.emit(found.exc_value)

    def _tell(self, error: BaseException) -> None:
        log.error("a fault of ours: %s", type(error).__name__)
        where = fault.write_down(self._home, error)
        self._show(fault.describe(error), where)

    def _open(self, details: str, where: Path) -> None:
        if self._dialog is not None and self._dialog.isVisible():
            return
        self._dialog = CrashDialog(details, where)
        self._dialog.open()
