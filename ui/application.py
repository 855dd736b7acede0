"""The running program: its first window, the first page or the locked door, then the window over the store.

What is painted first imports neither the store nor the office: they come in a job, while the frame of the
window is on show already.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QWidget

from app.folders import SAMPLE_FOLDER
from ui import look
from ui.crash import CrashCatcher
from ui.jobs import Job, Jobs
from ui.opening import Opening, PaintWatch
from ui.single import SingleInstance
from ui.theme import theme

if TYPE_CHECKING:
    from datetime import datetime

    from app.context import Context
    from ui.connection import Connection
    from ui.main_window import MainWindow
    from ui.sign_in import Offer

Locked = Literal["passphrase"]


def run(home: Path, sample: bool, server_command: Sequence[str]) -> int:
    """Opens Holdall on a data folder and returns the exit code once it is closed. A second start for the
    same folder brings the first to the front and ends at once."""
    folder = home / SAMPLE_FOLDER if sample else home
    app = make_application(folder)
    single = SingleInstance(folder, app)
    if not single.first:
        single.tell_first(sys.argv[1:])
        return 0
    CrashCatcher(folder, parent=app).install()
    program = Program(folder, sample)
    program.entered.connect(lambda: program.go_online(server_command))
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
    """Which of its few windows is on show: the frame, first page, locked door, or the window itself."""

    entered = Signal()  # the window is on show, over an open store

    def __init__(self, folder: Path, is_sample: bool) -> None:
        super().__init__()
        self.folder, self.is_sample = folder, is_sample
        self._jobs = Jobs(self)
        self.door: QWidget | None = None
        self.window: MainWindow | None = None
        self.connection: Connection | None = None
        self._put_aside = False  # a store whose key is lost gives way to the one of a new joining

    def begin(self) -> None:
        """Shows the frame of the window; once it is painted, opens what the folder holds."""
        page = Opening("Opening your work…", look.load(self.folder))
        self._jobs.progressed.connect(lambda job: page.say(job.words))
        self._show(page)

        def painted() -> None:
            self._jobs.fetch(self._open, self._opened, lambda error: self._not_opened(error, page))

        PaintWatch(page, painted)

    def _open(self, job: Job) -> Context | Locked | None:
        """The workspace of the folder; "passphrase" where it is locked by one; None where there is none."""
        from app import keys, workspace

        if self.is_sample:
            return self._sample(job, self.folder)
        kind = keys.kind(self.folder) if workspace.exists(self.folder) else None
        return workspace.open_workspace(self.folder) if kind == "keyring" else kind

    def _opened(self, found: Context | Locked | None) -> None:
        if found is None:
            self._first_page()
        elif found == "passphrase":
            self._unlock()
        else:
            self.enter(found)

    def _not_opened(self, error: BaseException, page: Opening) -> None:
        from app.errors import KeyLost

        if isinstance(error, KeyLost):
            self._first_page(key_lost=True)
        else:
            page.say(str(error))

    def enter(self, context: Context) -> None:
        """Shows the window over an open workspace."""
        from ui.main_window import MainWindow

        self.window = MainWindow(context)
        self.window.syncing.closed_out.connect(self.leave_for_good)
        self.window.show()
        if self.door is not None:
            self.door.close()
            self.door.deleteLater()
            self.door = None
        self.entered.emit()

    def go_online(self, server_command: Sequence[str]) -> None:
        """Begins to sync where there is a server; the sample starts its own by the command."""
        from ui.connection import Connection

        assert self.window is not None  # noqa: S101  it has just been entered
        shell = self.window.shell
        self.connection = Connection(shell.context, server_command)
        shell.jobs.fetch(self.connection.prepare, self._connected, self._alone)

    def leave_for_good(self) -> None:
        """This laptop was closed out and its key is gone: back to the first page, which says so."""
        window, self.window = self.window, None
        self._first_page()
        if self.connection is not None:
            self.connection.close()
            self.connection = None
        if window is not None:
            window.close()
            window.shell.context.store.close()
            window.deleteLater()

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
        from ui import network

        if run is not None and self.window is not None:
            if self.connection is not None:
                self.connection.metered = network.metered()
            self.window.syncing.connect_to(run)
            if self.connection is not None:
                self.connection.watch(self.window.syncing.news.emit)

    def _alone(self, error: BaseException) -> None:
        if self.window is not None:
            self.window.shell.failed(error)

    def _first_page(self, key_lost: bool = False) -> None:
        from app import keys, left_behind
        from ui.first_run import FirstRun

        self._put_aside = key_lost
        notice = left_behind.notice(self.folder, key_lost)
        page = FirstRun(
            self._jobs,
            self._choose_sample,
            self._join,
            keys.password_store() is None,
            offers=self._offers,
            sign_in=self._sign_in,
            notice=(notice.title, notice.advice) if notice is not None else None,
        )
        page.opened.connect(self.enter)
        self._show(page)

    def _unlock(self) -> None:
        from app import workspace
        from ui.first_run import Unlock

        page = Unlock(self._jobs, "", lambda job, secret: workspace.open_workspace(self.folder, secret))
        page.opened.connect(self.enter)
        page.lost.connect(lambda: self._first_page(key_lost=True))
        self._show(page)

    def _show(self, page: QWidget) -> None:
        before, self.door = self.door, page
        page.show()
        if before is not None:
            before.close()
            before.deleteLater()

    def _choose_sample(self, job: Job) -> Context:
        return self._sample(job, self.folder / SAMPLE_FOLDER)

    def _sample(self, job: Job, folder: Path) -> Context:
        from app import workspace

        if workspace.exists(folder):
            return workspace.open_workspace(folder, workspace.SAMPLE_PASSPHRASE)
        job.progress(0, words="Making two weeks of sample work…")
        return make_sample(folder)

    def _offers(self, job: Job, server: str) -> Sequence[Offer]:
        from sync.client import sign_in_offers

        return sign_in_offers(server)

    def _sign_in(
        self,
        job: Job,
        server: str,
        offer: Offer,
        passphrase: str | None,
        browse: Callable[[str], None] | None,
        show_code: Callable[[object], None],
    ) -> Context:
        from ui.headless import check_place, join_workspace, signed_in

        check_place(self.folder, server, passphrase, self._put_aside)
        way = signed_in(server, offer, browse, show_code, job.cancelled.is_set)  # type: ignore[arg-type]
        job.check()
        return join_workspace(self.folder, server, way, passphrase, self._put_aside)

    def _join(self, job: Job, server: str, code: str, passphrase: str | None) -> Context:
        from ui.headless import join_workspace

        return join_workspace(self.folder, server, code, passphrase, self._put_aside)


def make_sample(folder: Path, clock: Callable[[], datetime] | None = None) -> Context:
    """A new workspace with the sample council's two weeks of work."""
    from app import sample, workspace
    from app.context import utc_now

    context = workspace.create(
        folder,
        workspace.sample_profile(),
        workspace.SAMPLE_PASSPHRASE,
        clock or utc_now,
        workspace.SAMPLE_KDF,
    )
    sample.fill(context)
    return context


def first_window(folder: Path, painted: Callable[[], None], ready: Callable[[], None]) -> int:
    """Starts on a sample workspace's folder as a person's start does, and ends once it can be used.

    `painted` is called after the first paint of the first window, `ready` after the first paint of the
    open tab's page. The line to the server is left out.
    """
    app = make_application(folder)
    program = Program(folder, is_sample=True)
    app.aboutToQuit.connect(program.close)

    def done() -> None:
        ready()
        if program.window is not None:
            program.window.close()

    def entered() -> None:
        if program.window is not None:
            PaintWatch(program.window.current, done)

    program.entered.connect(entered)
    program.begin()
    if program.door is not None:
        PaintWatch(program.door, painted)
    return app.exec()


def window_check() -> str:
    """Opens one themed window without a store and says how large it came out."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        app = make_application(Path(folder))
        page = Opening("Checking", look.Look())
        page.show()
        app.processEvents()
        size = page.grab().size()
        page.close()
    return f"{size.width()} x {size.height()} on {app.platformName()}"
