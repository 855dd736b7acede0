"""Signing in with a council account on the first page: the button for it, the browser, and a code to type on
another device where there is no browser here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.widgets.boxes import QuietNote
from ui.widgets.button import Button
from ui.widgets.fields import ComboBox, Field
from ui.widgets.flow import Row
from ui.widgets.text import Label


class Offer(Protocol):
    """A way to sign in, as the server offers it."""

    council: str
    label: str


class Shown(Protocol):
    """A code and where to type it."""

    code: str
    address: str


class SignInDoor(QWidget):
    """Below the code on the first page, while the server that is named there offers it.

    `asked(offer, by_code)` when the person wants to sign in. `browse` and `show_code` may be emitted from a
    lane: they open the browser at an address, and show a device code.
    """

    asked = Signal(object, bool)
    browse = Signal(str)
    show_code = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._offers: Sequence[Offer] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.council = ComboBox()
        self.council_field = Field("Your council", self.council)
        self.begin = Button("Sign in with your council account", on_click=lambda: self._ask(False))
        self.other = Button("Use another device", "word", role="strong", on_click=lambda: self._ask(True))
        self.other.setAccessibleName("Sign in with a code on another device")
        self.words = Label("", "body", "muted", wrap=True)
        self.code = Label("", "subfigure", wrap=True)
        self.code.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.copy_code = Button("Copy the code", "word", "copy", on_click=self._copy_code)
        self.copy_address = Button("Copy the address", "word", "copy", on_click=self._copy_address)
        self.panel = QuietNote("On any device with a browser")
        self.panel.body.addWidget(self.words)
        self.panel.body.addWidget(self.code)
        self.panel.body.addWidget(Row([self.copy_code, self.copy_address], 16))
        column.addWidget(self.council_field)
        column.addWidget(Row([self.begin, self.other], 16))
        column.addWidget(self.panel)
        self._address = ""
        self.browse.connect(self._browse)
        self.show_code.connect(self._show)
        self.set_offers(())

    def set_offers(self, offers: Sequence[Offer]) -> None:
        """Shows the ways to sign in; none hides the door."""
        self._offers = list(offers)
        self.council.clear()
        self.council.addItems([offer.council for offer in offers])
        self.council_field.setVisible(len(offers) > 1)
        name = offers[0].label if len(offers) == 1 else ""
        self.begin.setText(f"Sign in with {name}" if name else "Sign in with your council account")
        self.panel.hide()
        self.setVisible(bool(offers))

    def done(self) -> None:
        """The sign-in has ended, one way or the other."""
        self.panel.hide()

    def _ask(self, by_code: bool) -> None:
        chosen = max(self.council.currentIndex(), 0)
        if chosen < len(self._offers):
            self.asked.emit(self._offers[chosen], by_code)

    def _browse(self, address: str) -> None:
        if not QDesktopServices.openUrl(QUrl(address)):
            self._address = address
            self.words.setText("No browser opened. Copy the address into one on this computer.")
            self.code.hide()
            self.copy_code.hide()
            self.panel.show()

    def _show(self, shown: Shown) -> None:
        self._address = shown.address
        self.words.setText(f"Open {shown.address} and type this code. Holdall goes on by itself.")
        self.code.setText(shown.code)
        self.code.setAccessibleName(f"Code {' '.join(shown.code)}")
        self.code.show()
        self.copy_code.show()
        self.panel.show()
        self.copy_code.setFocus(Qt.FocusReason.OtherFocusReason)

    def _copy_code(self) -> None:
        QGuiApplication.clipboard().setText(self.code.text())

    def _copy_address(self) -> None:
        QGuiApplication.clipboard().setText(self._address)
