"""What a page may ask of the window: writing, reading, paper, a word to the person, a move elsewhere."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from sqlalchemy.orm import Session

from models import blobs
from models.changes import Changed
from models.errors import HoldallError
from ui.jobs import Job, Jobs, Stopped
from ui.theme import Theme, theme

if TYPE_CHECKING:
    from app.context import Context
    from app.report import Document, Report

T = TypeVar("T")
log = logging.getLogger(__name__)


def changed_in(result: object) -> Changed | None:
    """The Changed that a use case returned: itself, inside a tuple, or as its attribute `changed`."""
    if isinstance(result, Changed):
        return result
    if isinstance(result, tuple):
        parts = [part for part in result if isinstance(part, Changed)]
        if parts:
            joined = parts[0]
            for part in parts[1:]:
                joined = joined | part
            return joined
    inner = getattr(result, "changed", None)
    return inner if isinstance(inner, Changed) else None


class Shell(QObject):
    """The one object a page is given: it knows the context and the lanes; the window hears its signals."""

    changed = Signal(object)  # Changed, after every write and every sync
    toast_asked = Signal(str, bool)
    told = Signal(object)  # HoldallError, shown as a banner
    open_asked = Signal(str, str, str)
    preview_asked = Signal(object, object)
    files_asked = Signal()  # somebody looks at a file that is not here: a sync may fetch it

    def __init__(self, context: Context, jobs: Jobs | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.jobs = jobs or Jobs(self)
        self.theme: Theme = theme()
        self.window: QWidget | None = None
        self._wanted: set[str] = set()  # files that were asked for since the program started
        self.choose_open: Callable[[str, str], str] = self._choose_open
        self.choose_many: Callable[[str, str], list[str]] = self._choose_many
        self.choose_folder: Callable[[str], str] = self._choose_folder
        self.choose_save: Callable[[str, str, str], str] = self._choose_save

    # Store and lanes

    def write(
        self,
        label: str,
        work: Callable[[Session], T],
        done: Callable[[T], None] | None = None,
        failed: Callable[[HoldallError], None] | None = None,
        undo_toast: str | None = None,
    ) -> Job:
        """Runs a use case in the store lane as one transaction, labelled for undo, then tells every page.

        Pages are refreshed before `done` is called. A known error goes to `failed`, or to the banner;
        any other error to the crash dialog. `undo_toast` offers Undo for ten seconds.
        """

        def finished(result: T) -> None:
            changes = changed_in(result)
            if changes is not None:
                self.changed.emit(changes)
            if done is not None:
                done(result)
            if undo_toast is not None:
                self.toast(undo_toast)

        return self.jobs.write(lambda: self.context.write(label, work), finished, self._failed(failed))

    def write_long(
        self,
        label: str,
        work: Callable[[Session], T],
        done: Callable[[T], None] | None = None,
        failed: Callable[[HoldallError], None] | None = None,
        stopped: Callable[[], object] | None = None,
        title: str = "",
    ) -> Job:
        """Runs a use case like `write`, with a card that shows how far it is and offers Stop.

        It can be stopped until the moment it is kept, and then leaves nothing; `stopped` is called. Rows that
        are written in bulk are counted by themselves.
        """

        def run(job: Job) -> T:
            def inside(session: Session) -> T:
                session.info["tick"] = job.progress
                result = work(session)
                job.check()  # the last moment: after it the work is kept
                return result

            return self.context.write(label, inside)

        def finished(result: T) -> None:
            changes = changed_in(result)
            if changes is not None:
                self.changed.emit(changes)
            if done is not None:
                done(result)

        def ended(error: BaseException) -> None:
            if isinstance(error, Stopped):
                if stopped is not None:
                    stopped()
                return
            self._failed(failed)(error)

        return self.jobs.write_long(run, finished, ended, title)

    def fetch(
        self,
        work: Callable[[Job], T],
        done: Callable[[T], None] | None = None,
        failed: Callable[[HoldallError], None] | None = None,
        title: str = "",
    ) -> Job:
        """Runs work in the wide lane; after half a second the window shows `title`, progress and Stop."""
        return self.jobs.fetch(work, done, self._failed(failed), title)

    def read(self, work: Callable[[Session], T]) -> T:
        """Reads at once, on the window's thread: only what is indexed and limited."""
        return self.context.read(work)

    def want_files(self, names: Sequence[str]) -> None:
        """Asks for photos or pictures that a page shows and that are not here; nothing is done twice."""
        wanted = [name for name in names if name not in self._wanted]
        if wanted:
            self._wanted.update(wanted)
            store = self.context.store
            self.jobs.write(lambda: blobs.ask(store, wanted), self._asked_for, self._failed(None))

    def _asked_for(self, news: bool) -> None:
        if news:
            self.files_asked.emit()

    def _failed(self, failed: Callable[[HoldallError], None] | None) -> Callable[[BaseException], None]:
        def handle(error: BaseException) -> None:
            if isinstance(error, Stopped):
                return
            if not isinstance(error, HoldallError):
                raise error
            (failed or self.tell)(error)

        return handle

    def failed(self, error: BaseException) -> None:
        """What any job does with an error: a known one is told, one of ours goes to the crash dialog."""
        self._failed(None)(error)

    # A word to the person

    def toast(self, text: str, undo: bool = True) -> None:
        """Says for ten seconds what was done, with Undo where that helps."""
        self.toast_asked.emit(text, undo)

    def tell(self, error: HoldallError) -> None:
        """Shows a known error as a banner: its title, then its advice."""
        log.info("told: %s", error.title)
        self.told.emit(error)

    # Elsewhere

    def open(self, type_name: str, record_id: str, field: str = "") -> None:
        """Goes to the tab that owns a record, and opens it; at a field, where a column is named."""
        self.open_asked.emit(type_name, record_id, field)

    def preview(self, paper: Document | Report, options: Mapping[str, str] | None = None) -> None:
        """Makes the paper in the wide lane and shows its pages, with Save as and Print."""
        self.preview_asked.emit(paper, dict(options or {}))

    def ask_open_file(self, title: str, filters: str = "All files (*)") -> Path | None:
        """Asks for a file to read; None when the person changes their mind."""
        chosen = self.choose_open(title, filters)
        return Path(chosen) if chosen else None

    def ask_open_files(self, title: str, filters: str = "All files (*)") -> list[Path]:
        """Asks for files to read; empty when the person changes their mind."""
        return [Path(chosen) for chosen in self.choose_many(title, filters)]

    def ask_folder(self, title: str) -> Path | None:
        """Asks for a folder to read from; None when the person changes their mind."""
        chosen = self.choose_folder(title)
        return Path(chosen) if chosen else None

    def ask_save_file(self, title: str, name: str, filters: str = "All files (*)") -> Path | None:
        """Asks where to write a file, proposing `name`; None when the person changes their mind."""
        chosen = self.choose_save(title, name, filters)
        return Path(chosen) if chosen else None

    def copy(self, text: str) -> None:
        """Puts text on the clipboard."""
        QGuiApplication.clipboard().setText(text)

    def _choose_open(self, title: str, filters: str) -> str:
        return QFileDialog.getOpenFileName(self.window, title, "", filters)[0]

    def _choose_many(self, title: str, filters: str) -> list[str]:
        return list(QFileDialog.getOpenFileNames(self.window, title, "", filters)[0])

    def _choose_folder(self, title: str) -> str:
        return QFileDialog.getExistingDirectory(self.window, title)

    def _choose_save(self, title: str, name: str, filters: str) -> str:
        return QFileDialog.getSaveFileName(self.window, title, name, filters)[0]

    def close(self) -> None:
        """Ends both lanes; waiting writes reach the store first."""
        self.jobs.close()


class Page(QWidget):
    """What a tab shows. The window calls its methods downward; it asks the shell upward.

    The window gives it its margins (24 px at the sides, 10 above, 12 below) and at most 1560 px of width, so
    a page's own layout starts at 0.
    """

    key = ""  # the slice, for the hue of its rules and icons

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shell = shell
        self.compact = False

    def refresh(self, changed: Changed | None) -> None:
        """Reads again what the change touches; None means everything."""

    def open_record(self, type_name: str, record_id: str) -> bool:
        """Shows a record of this tab's; False when it has no such record."""
        return False

    def show_field(self, column: str) -> bool:
        """Puts the focus into the labelled field that a column's words name; False when none is in sight."""
        from sync.words import field_words
        from ui.widgets.fields import Field

        words = field_words(column).casefold()
        seen = [field for field in self.findChildren(Field) if field.isVisible()]
        named = [field for field in seen if words in field.label.text().casefold()]
        named.sort(key=lambda field: len(field.label.text()))
        if not named:
            return False
        named[0].focus_editor()
        return True

    def leave(self) -> None:
        """Writes what is still being typed; called before the tab, the window or the app is left."""

    def set_compact(self, compact: bool) -> None:
        """Becomes one column when the page is narrower than 45 lines of text are high, and back."""
        self.compact = compact

    def record(self) -> tuple[str, str] | None:
        """Type and id of the record that is open here, for its history; None when none is."""
        return None

    def needs_me(self) -> list[str]:
        """What on this tab waits for this person, as short sentences."""
        return []


class Autosave(QObject):
    """Typed values on their way to the store: written 500 ms after the last key, or at once on leaving.

    Whoever types without a pause is saved every 700 ms, so that a dead battery costs less than a second.
    `save` is called with the fields touched since the last time, on the window's thread.
    """

    saved = Signal()

    def __init__(
        self,
        save: Callable[[dict[str, Any]], object],
        parent: QObject | None = None,
        delay: int = 500,
        longest: int = 700,
    ) -> None:
        super().__init__(parent)
        self._save = save
        self._values: dict[str, Any] = {}
        self._timer = QTimer(self, singleShot=True, interval=delay)
        self._timer.timeout.connect(self.flush)
        self._oldest = QTimer(self, singleShot=True, interval=longest)
        self._oldest.timeout.connect(self.flush)
        app = QGuiApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_moved)
            app.applicationStateChanged.connect(self._state_changed)
            app.commitDataRequest.connect(self._session_ends)
        if isinstance(parent, QWidget):
            parent.installEventFilter(self)

    @property
    def waiting(self) -> bool:
        """Whether anything touched is not yet handed over."""
        return bool(self._values)

    def touch(self, key: str, value: Any) -> None:
        """Notes a new value; a later value of the same key replaces it."""
        self._values[key] = value
        self._timer.start()
        if not self._oldest.isActive():
            self._oldest.start()

    def flush(self) -> None:
        """Hands over what was touched, now. Nothing to do is fine."""
        self._timer.stop()
        self._oldest.stop()
        if not self._values:
            return
        values, self._values = self._values, {}
        self._save(values)
        self.saved.emit()

    def forget(self) -> None:
        """Drops what was touched: the record it was meant for was undone or closed."""
        self._timer.stop()
        self._oldest.stop()
        self._values = {}

    def _focus_moved(self, old: QWidget | None, new: QWidget | None) -> None:
        self.flush()

    def _state_changed(self, state: Qt.ApplicationState) -> None:
        if state != Qt.ApplicationState.ApplicationActive:
            self.flush()

    def _session_ends(self, manager: object) -> None:
        self.flush()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Flushes when the page it belongs to is hidden or its window loses the person's attention."""
        if event.type() in (QEvent.Type.Hide, QEvent.Type.WindowDeactivate, QEvent.Type.Close):
            self.flush()
        return False
