"""The page with its vault: shut, being set up, or open. What is done inside the open vault is Tab's.

The vault opens into a Ring that lives here and nowhere else. Locking drops the Ring and every widget that
showed something of it; ten minutes after the page was left it locks by itself.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.wellbeing import vault
from app.wellbeing.report import recovery_sheet
from app.wellbeing.vault import ACT, NewKey, Rewrapped, Ring
from app.workspace import SAMPLE_PASSPHRASE
from models.changes import Changed
from models.errors import HoldallError
from models.sealing import KDF, Kdf
from ui.jobs import Job
from ui.shell import Page, Shell
from ui.wellbeing import paper
from ui.wellbeing.pages import WhoView
from ui.wellbeing.vault import CodeView, LockedView, SetupView
from ui.widgets import PdfPreview

IDLE_MINUTES = 10
CLIPBOARD_SECONDS = 60


class Doors(Page):
    """Locking and unlocking. `opened()` and `closed()` are what the page does when the vault does."""

    key = "wellbeing"

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(shell, parent)
        self.kdf: Kdf = KDF
        self.ring: Ring | None = None
        self.preview: PdfPreview | None = None
        self._new: NewKey | Rewrapped | None = None
        self._code = ""
        council = shell.context.council
        self.setup = SetupView(council)
        self.code = CodeView()
        self.locked = LockedView(council, SAMPLE_PASSPHRASE if shell.context.sample else "")
        self.who = WhoView()
        self.views = QStackedWidget()
        for view in (self.locked, self.setup, self.code, self.who):
            self.views.addWidget(view)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(10)
        outer.addWidget(self.views, 1)
        self.lock_key = QShortcut(QKeySequence("Ctrl+L"), self)  # on every view, whether or not it says so
        self.lock_key.activated.connect(self._lock_asked)
        self._idle = QTimer(self, singleShot=True, interval=IDLE_MINUTES * 60_000)
        self._idle.timeout.connect(self._idled)
        self._wire_doors()

    def _wire_doors(self) -> None:
        self.setup.asked.connect(self._passphrase_chosen)
        self.setup.left.connect(self.home)
        self.setup.who_asked.connect(self.show_who)
        self.code.copied.connect(self._copy_code)
        self.code.paper_asked.connect(self._code_paper)
        self.code.confirmed.connect(self._code_written)
        self.locked.passphrase_given.connect(partial(self._unlock, False))
        self.locked.code_given.connect(partial(self._unlock, True))
        self.locked.who_asked.connect(self.show_who)
        self.locked.left.connect(self.home)
        self.who.left.connect(self.home)
        self.who.passphrase_asked.connect(self.renew_passphrase)
        self.who.code_asked.connect(self.renew_code)

    # What the page that stands on this does

    def opened(self) -> None:
        """The vault was opened: shows what is in it."""

    def closed(self) -> None:
        """The vault was locked: forgets all that was shown."""

    def home(self) -> None:
        """Goes to where the page begins: set-up, lock, or what needs me."""
        if self.ring is None:
            self._show_door()

    # Which door

    def _has_vault(self) -> bool:
        author = self.shell.context.author
        return bool(self.shell.read(lambda s: vault.wrapped_keys(s, author)))

    def _show_door(self) -> None:
        if self._new is not None:
            return
        if self._has_vault():
            self.locked.ask_for(by_code=False)
            self.views.setCurrentWidget(self.locked)
        else:
            self.setup.set_purpose(False)
            self.views.setCurrentWidget(self.setup)

    def show_who(self) -> None:
        """Says in plain words who can read what."""
        self.who.set_open(self.ring is not None)
        self.views.setCurrentWidget(self.who)
        self.who.back.setFocus()

    # Set-up, and the code

    def _passphrase_chosen(self, words: str) -> None:
        author, kdf, ring = self.shell.context.author, self.kdf, self.ring
        self.setup.busy(True)

        def failed(error: HoldallError) -> None:
            self.setup.busy(False)
            self.shell.tell(error)

        if ring is None:
            self.shell.fetch(
                lambda job: vault.make(author, words, kdf), self._key_made, failed, "Making your vault"
            )
            return
        opened = ring
        self.shell.fetch(
            lambda job: vault.rewrap(author, opened, words, kdf),
            self._rewrapped,
            failed,
            "Changing the passphrase",
        )

    def _key_made(self, made: NewKey) -> None:
        self.setup.busy(False)
        self.setup.set_purpose(False)
        self._show_code(made, made.code)

    def _rewrapped(self, new: Rewrapped) -> None:
        self.setup.busy(False)
        self.setup.set_purpose(True)
        self.shell.write(ACT, lambda s: vault.keep_wraps(s, new), lambda _changed: self._passphrase_changed())

    def _passphrase_changed(self) -> None:
        self.shell.toast("Your passphrase is changed.", undo=False)
        self.home()

    def _show_code(self, new: NewKey | Rewrapped, code: str) -> None:
        self._new, self._code = new, code
        self.code.show_code(code)
        self.views.setCurrentWidget(self.code)
        self.code.copy.setFocus()

    def _copy_code(self) -> None:
        code = self._code
        self.shell.copy(code)
        self.shell.toast(f"Copied. The clipboard is emptied in {CLIPBOARD_SECONDS} seconds.", undo=False)
        QTimer.singleShot(CLIPBOARD_SECONDS * 1000, self, lambda: _empty_clipboard(code))

    def _code_paper(self) -> None:
        document = recovery_sheet(self.shell.context, self._code)
        paper.show_paper(self.shell, self, document, "holdall-recovery-code.pdf", self._previewed)

    def _previewed(self, preview: PdfPreview) -> None:
        self.preview = preview
        preview.destroyed.connect(self._preview_gone)

    def _preview_gone(self) -> None:
        self.preview = None

    def _code_written(self) -> None:
        new = self._new
        if isinstance(new, NewKey):
            made = new
            self.shell.write(ACT, lambda s: vault.keep(s, made), lambda _changed: self._vault_kept(made))
        elif new is not None:
            wraps = new
            self.shell.write(ACT, lambda s: vault.keep_wraps(s, wraps), lambda _changed: self._code_kept())

    def _vault_kept(self, made: NewKey) -> None:
        self._forget_code()
        self._open(made.ring)

    def _code_kept(self) -> None:
        self._forget_code()
        self.shell.toast(
            "The new recovery code is in force. The old one no longer opens your vault.", undo=False
        )
        self.home()

    def _forget_code(self) -> None:
        self._new, self._code = None, ""
        self.code.forget()

    def renew_passphrase(self) -> None:
        """Asks for a new passphrase in place of the old one."""
        if self.ring is not None:
            self.setup.set_purpose(True)
            self.views.setCurrentWidget(self.setup)
            self.setup.fields.first.setFocus()

    def renew_code(self) -> None:
        """Makes a new recovery code; the old one counts until the new one is on paper."""
        if self.ring is not None:
            new, code = vault.new_code(self.shell.context.author, self.ring)
            self._show_code(new, code)

    # Unlocking and locking

    def _unlock(self, by_code: bool, words: str) -> None:
        context, ring = self.shell.context, self.ring
        opener = vault.open_by_code if by_code else vault.open_by_passphrase

        def work(job: Job) -> Ring:
            keys = context.read(lambda s: vault.wrapped_keys(s, context.author))
            found = opener(keys, context.author, words)
            return found if ring is None else vault.add_to(ring, keys, context.author, found)

        def done(found: Ring) -> None:
            self.locked.forget()
            self._open(found)
            if by_code and ring is None:
                self.renew_passphrase()

        self.shell.fetch(work, done, self.locked.refuse, "Opening your vault")

    def _open(self, ring: Ring) -> None:
        """Takes an open ring; pairs of another laptop's vault are linked to the oldest one."""
        self.ring = ring
        if ring.loose:
            self.shell.write(ACT, lambda s: vault.link(s, ring), lambda _changed: self.look_at_keys())
        self.opened()

    def look_at_keys(self) -> None:
        """Notices keys that came in from another laptop since the vault was opened."""
        if self.ring is None:
            return
        author = self.shell.context.author
        keys = self.shell.read(lambda s: vault.wrapped_keys(s, author))
        self.ring = vault.add_to(self.ring, keys, author, self.ring)

    def open_other_part(self) -> None:
        """Asks for the words of a part of the vault that another laptop made."""
        self.locked.ask_for(by_code=False, more=True)
        self.views.setCurrentWidget(self.locked)

    def lock(self) -> None:
        """Locks the vault: key, figures and words leave the memory of the page."""
        if self.preview is not None:
            self.preview.reject()
        self._forget_code()
        self.setup.set_purpose(False)
        self.closed()
        self.ring = None
        self._show_door()

    def _lock_asked(self) -> None:
        if self.ring is not None:
            self.lock()

    def leave(self) -> None:
        """Begins to wait: a page that was left for ten minutes locks itself."""
        if self.ring is not None:
            self._idle.start()

    def _idled(self) -> None:
        if self.isVisible() and self.window().isActiveWindow():
            return
        if self.ring is not None:
            self.lock()

    def _keys_changed(self, changed: Changed | None) -> bool:
        return changed is None or changed.touches("wellbeing_key")


def _empty_clipboard(code: str) -> None:
    """Empties the clipboard when the code is still on it."""
    clipboard = QGuiApplication.clipboard()
    if clipboard.text() == code:
        clipboard.clear()
