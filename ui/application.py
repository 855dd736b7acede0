"""The running program: first page or locked door, then the window, and the sync that goes with it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from app import keys, sample, workspace
from app.context import Context, utc_now
from ui import look
from ui.connection import Connection
from ui.crash import CrashCatcher
from ui.jobs import Job, Jobs
from ui.main_window import MainWindow
from ui.single import SingleInstance
from ui.theme import theme
from ui.widgets.text import Label


def run(home: Path, sample: bool, server_command: Sequence[str]) -> int:
    """Opens Holdall on a data folder and returns the exit code once it is closed. A second start for the
    same folder brings the first to the front and ends at once."""
    folder = home / workspace.SAMPLE_FOLDER if sample else home
    app = make_application(folder)
    single = SingleInstance(folder, app)
    if not single.first:
        single.tell_first(sys.argv[1:])
        return 0
    CrashCatcher(folder, parent=app).install()
    program = Program(folder, sample, server_command)
    single.asked.connect(lambda arguments: program.to_front())
    app.aboutToQuit.connect(program.close)
    program.begin()
    code = app.exec()
    single.close()
    return code


def make_application(folder: Path) -> QApplication:
    """The one QApplication, dressed as this folder's look says."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("Holdall")
    app.setApplicationDisplayName("Holdall")
    app.setDesktopFileName("holdall")
    app.setQuitOnLastWindowClosed(True)
    kept = look.load(folder)
    theme().install(kept.mode, kept.factor)
    return app


class Program(QObject):
    """Which of its few windows is on show: first page, locked door, opening, or the window itself."""

    def __init__(self, folder: Path, is_sample: bool, server_command: Sequence[str]) -> None:
        super().__init__()
        self.folder, self.is_sample = folder, is_sample
        self._server_command = server_command
        self._jobs = Jobs(self)
        self.door: QWidget | None = None
        self.window: MainWindow | None = None
        self.connection: Connection | None = None

    def begin(self) -> None:
        """Shows the first window that fits what the folder holds."""
        kind = keys.kind(self.folder) if workspace.exists(self.folder) else None
        if self.is_sample and kind is not None:
            self.enter(workspace.open_workspace(self.folder, workspace.SAMPLE_PASSPHRASE))
        elif self.is_sample:
            self._wait("Making two weeks of sample work", lambda job: make_sample(self.folder))
        elif kind == "passphrase":
            self._unlock()
        elif kind == "keyring":
            self._wait("Opening your work", lambda job: workspace.open_workspace(self.folder))
        else:
            self._first_page()

    def enter(self, context: Context) -> None:
        """Shows the window over an open workspace, and begins to sync where there is a server."""
        self.window = MainWindow(context)
        self.window.show()
        if self.door is not None:
            self.door.close()
            self.door.deleteLater()
            self.door = None
        self.connection = Connection(context, self._server_command)
        self.window.shell.jobs.fetch(self.connection.prepare, self._connected, self._alone)

    def to_front(self) -> None:
        """Brings what is on show to the front, for a person who started Holdall again."""
        shown: QWidget | None = self.window or self.door
        if shown is not None:
            shown.setWindowState(shown.windowState() & ~Qt.WindowState.WindowMinimized)
            shown.raise_()
            shown.activateWindow()

    def close(self) -> None:
        """Ends lanes, connection, server and store, in this order."""
        self._jobs.close()
        if self.connection is not None:
            self.connection.close()
        if self.window is not None:
            self.window.shell.context.store.close()

    def _connected(self, run: Callable[[Job], object] | None) -> None:
        if run is not None and self.window is not None:
            self.window.syncing.connect_to(run)  # type: ignore[arg-type]

    def _alone(self, error: BaseException) -> None:
        if self.window is not None:
            self.window.shell.failed(error)

    def _first_page(self) -> None:
        from ui.first_run import FirstRun

        needs_passphrase = keys.password_store() is None
        page = FirstRun(self._jobs, self._choose_sample, self._join, needs_passphrase)
        page.opened.connect(self.enter)
        self._show(page)

    def _unlock(self) -> None:
        from ui.first_run import Unlock

        page = Unlock(self._jobs, "", lambda job, secret: workspace.open_workspace(self.folder, secret))
        page.opened.connect(self.enter)
        self._show(page)

    def _wait(self, words: str, work: Callable[[Job], Context]) -> None:
        page = Opening(words)
        self._show(page)
        self._jobs.fetch(work, self.enter, lambda error: page.say(str(error)))

    def _show(self, page: QWidget) -> None:
        self.door = page
        page.show()

    def _choose_sample(self, job: Job) -> Context:
        folder = self.folder / workspace.SAMPLE_FOLDER
        if workspace.exists(folder):
            return workspace.open_workspace(folder, workspace.SAMPLE_PASSPHRASE)
        return make_sample(folder)

    def _join(self, job: Job, server: str, code: str, passphrase: str | None) -> Context:
        from ui.headless import join_workspace

        return join_workspace(self.folder, server, code, passphrase)


class Opening(QWidget):
    """A quiet page for the moment before the store is open."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.setWindowTitle("Holdall")
        self.resize(1280, 720)
        column = QVBoxLayout(self)
        self._label = Label(f"{words}…", "lead", "muted", wrap=True)
        self._label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self._label)

    def say(self, words: str) -> None:
        """Says instead why it does not open."""
        self._label.setText(words)


def make_sample(folder: Path, clock: Callable[[], object] | None = None) -> Context:
    """A new workspace with the sample council's two weeks of work."""
    context = workspace.create(
        folder,
        workspace.sample_profile(),
        workspace.SAMPLE_PASSPHRASE,
        clock or utc_now,  # type: ignore[arg-type]
        workspace.SAMPLE_KDF,
    )
    sample.fill(context)
    return context


class PaintWatch(QObject):
    """Calls back once, right after a window was painted for the first time."""

    def __init__(self, window: QWidget, painted: Callable[[], None]) -> None:
        super().__init__(window)
        self._painted = painted
        self._seen = False
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Looks for the first paint."""
        if event.type() == QEvent.Type.Paint and not self._seen:
            self._seen = True
            QTimer.singleShot(0, self._painted)
        return False


def first_window(folder: Path, passphrase: str, painted: Callable[[], None]) -> int:
    """Opens a workspace as a start does, calls `painted` after the first paint, and ends."""
    app = make_application(folder)
    context = workspace.open_workspace(folder, passphrase)
    window = MainWindow(context)
    middle = window.stack

    def done() -> None:
        painted()
        window.close()
        app.quit()

    PaintWatch(middle, done)
    window.show()
    code = app.exec()
    context.store.close()
    return code


def window_check() -> str:
    """Opens one themed window without a store and says how large it came out."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        app = make_application(Path(folder))
        page = Opening("Checking")
        page.show()
        app.processEvents()
        size = page.grab().size()
        page.close()
    return f"{size.width()} x {size.height()} on {app.platformName()}"
