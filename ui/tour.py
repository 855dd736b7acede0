"""The tour: a day's work of all five tabs through the real screens, on two laptops and a real server.

It runs without a display, on the sample council, with its clock standing at the afternoon of Thursday 17
December 2026, and leaves pictures, PDFs and a table of what was done.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QEvent,
    QEventLoop,
    QMessageLogContext,
    Qt,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from sqlalchemy import select

from app import sample, workspace
from app.context import Context
from app.errors import HoldallError
from app.wording import plural, size
from models.base import table_of
from models.changes import Changed
from sync import account as accounts
from sync import desk
from sync.client import HttpTransport, enrol
from sync.engine import Engine, SyncReport
from sync.errors import Offline
from sync.local_server import LocalServer, Person
from ui.application import make_application
from ui.jobs import Job
from ui.main_window import MainWindow
from ui.tabs import TABS
from ui.theme import Mode, theme

NOW = datetime(2026, 12, 17, 14, 21, tzinfo=UTC)
PATIENCE = 60.0  # seconds that one step of a journey may take on a busy machine
WIDTH, HEIGHT = 1280, 720
PAGE = "Report a missed bin"
FIRST = "Report it within 2 working days."  # how the paragraph begins that both write in
CHOSEN = {"my-wellbeing": {"lines": "finding,control,talk"}}  # what a person picked to share


@dataclass
class Laptop:
    """One laptop of the tour: its workspace, its window, its line to the server. The line is up for one sync
    each time it is asked for, so that no try of the window's own, which a busy machine may begin at any
    moment, takes what the tour is about to tell of."""

    name: str
    context: Context
    window: MainWindow
    engine: Engine
    transport: HttpTransport
    online: bool = False
    report: SyncReport = field(default_factory=SyncReport)

    def run(self, job: Job) -> Changed:
        """What the window's own sync calls; there is no network while the laptop is offline."""
        if not self.online:
            raise Offline("The server cannot be reached from here.", "Your work waits on this laptop.")
        self.online = False
        self.report = self.engine.sync_once(job.progress, job.cancelled.is_set)
        return self.report.changed


@dataclass
class Done:
    """One line of the table at the end."""

    what: str
    files: list[Path] = field(default_factory=list)


class Stage:
    """What the journeys are given: keys to press, pictures to take, time to wait, a table to write."""

    def __init__(self, app: QApplication, out: Path, folder: Path) -> None:
        self.app, self.out, self.folder = app, out, folder
        self.table: list[Done] = []
        self.started = time.monotonic()
        (out / "pictures").mkdir(parents=True, exist_ok=True)
        (out / "papers").mkdir(parents=True, exist_ok=True)

    def say(self, words: str) -> None:
        """One line of progress on stderr."""
        sys.stderr.write(f"{time.monotonic() - self.started:5.1f} s  {words}\n")
        sys.stderr.flush()

    def note(self, what: str, *files: Path) -> None:
        """A line for the table."""
        self.table.append(Done(what, list(files)))
        self.say(what)

    def wait(self, until: Callable[[], object], what: str) -> None:
        """Lets the program work until a condition holds; raises RuntimeError when it never does."""
        ends = time.monotonic() + PATIENCE
        while not until():
            if time.monotonic() > ends:
                raise RuntimeError(f"the tour waited in vain for: {what}")
            loop = QEventLoop()
            QTimer.singleShot(10, loop.quit)
            loop.exec()

    def settle(self, laptop: Laptop) -> None:
        """Waits until nothing more is being written, read or drawn."""
        self.wait(lambda: not laptop.window.shell.jobs.busy, "the work in hand to end")
        for _ in range(4):
            self.app.processEvents()

    def turn_to(self, laptop: Laptop) -> None:
        """Makes a laptop the one that is worked on: keys go to its window."""
        laptop.window.activateWindow()
        self.wait(laptop.window.isActiveWindow, f"{laptop.name}’s window to be in front")

    def press(self, widget: QWidget, key: Qt.Key, shift: Any = Qt.KeyboardModifier.NoModifier) -> None:
        """One key to a widget."""
        QTest.keyClick(widget, key, shift)
        self.app.processEvents()

    def type(self, widget: QWidget, words: str) -> None:
        """Words, key by key."""
        widget.setFocus()
        none = Qt.KeyboardModifier.NoModifier
        for letter in words:
            if letter.isascii():
                QTest.keyClicks(widget, letter)
                continue
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):  # QTest knows ASCII only
                QApplication.sendEvent(widget, QKeyEvent(kind, Qt.Key.Key_unknown, none, letter))
        self.app.processEvents()

    def click(self, widget: QWidget) -> None:
        """A click in the middle of a widget."""
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)
        self.app.processEvents()

    def dress(self, laptop: Laptop, mode: Mode, factor: float = 1.0) -> None:
        """Puts every window into a mode and a text size."""
        theme().install(mode, factor)
        laptop.window.resize(WIDTH, HEIGHT)
        self.settle(laptop)

    def picture(self, laptop: Laptop, name: str) -> Path:
        """The window as it stands, as a PNG."""
        self.settle(laptop)
        path = self.out / "pictures" / f"{name}.png"
        laptop.window.grab().save(str(path))
        return path


def run(
    out: Path, server_command: Sequence[str], inputs: Path | None = None
) -> tuple[dict[str, Any], list[str]]:
    """The whole tour; returns a document and the words of the table. `inputs` is a folder with statements
    of real banks; one is imported when it is there."""
    with tempfile.TemporaryDirectory(prefix="holdall-tour-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        qInstallMessageHandler(_without_noise)
        app = make_application(folder)
        theme().install(Mode.LIGHT, 1.0)
        stage = Stage(app, out, folder)
        server = LocalServer(server_command, folder / "server.db")
        laptops: list[Laptop] = []
        try:
            stage.note(f"Started the server on {server.start()}")
            _two_laptops(stage, server, laptops)
            first, second = laptops
            _journeys(stage, first, inputs or find_inputs())
            _meet(stage, first, second)
            _papers(stage, first)
            _pictures(stage, first)
        finally:
            for laptop in laptops:
                laptop.window.close()
                laptop.window.deleteLater()
                laptop.transport.close()
                laptop.context.store.close()
            server.close()
            laptops.clear()
            app.clipboard().clear()  # without a screen Qt keeps what was copied until after Python has gone
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
            qInstallMessageHandler(None)
    app.shutdown()
    return _told(stage)


def _without_noise(kind: QtMsgType, place: QMessageLogContext, words: str) -> None:
    """Qt's messages on stderr, but not that the offscreen plugin has no window manager to ask."""
    if not words.startswith("This plugin does not support"):
        sys.stderr.write(f"{words}\n")


def find_inputs() -> Path | None:
    """A folder `shared/inputs/income/mt940` beside the checkout or the working folder, where there is one."""
    for base in (Path.cwd(), Path(__file__).resolve().parents[1]):
        for place in (base, base.parent):
            folder = place / "shared" / "inputs" / "income" / "mt940"
            if folder.is_dir():
                return folder
    return None


def _two_laptops(stage: Stage, server: LocalServer, laptops: list[Laptop]) -> None:
    """Enrols both; the first brings the sample, the second fetches it."""
    people = {
        "first": [Person(*one) for one in workspace.SAMPLE_PEOPLE],
        "second": [Person("u-2", "Priya Senn", ("finance", "lead", "officer"))],
    }
    for name, group in people.items():
        owner = group[0]
        profile = workspace.sample_profile(name=owner.name, user_id=owner.user)
        context = workspace.create(
            stage.folder / name, profile, workspace.SAMPLE_PASSPHRASE, lambda: NOW, workspace.SAMPLE_KDF
        )
        if name == "first":
            sample.fill(context)
            stage.note("Filled the first laptop with two weeks of sample work")
        account = enrol(server.address, server.invite(group), context.author.device_id, f"{name} laptop")
        accounts.save(context.store, account)
        transport = HttpTransport(account)
        engine = Engine(context.store, transport, context.clock)
        report = engine.sync_once()
        if report.rejected:
            raise RuntimeError(f"the server refused {plural(report.rejected, 'change')} of the sample")
        stage.note(
            f"Enrolled {owner.name}’s laptop: {plural(report.pushed, 'change')} sent, "
            f"{plural(report.pulled, 'change')} received"
        )
        window = MainWindow(context)
        window.resize(WIDTH, HEIGHT)
        window.show()
        laptop = Laptop(owner.name, context, window, engine, transport)
        window.syncing.connect_to(laptop.run)
        laptops.append(laptop)


def _journeys(stage: Stage, laptop: Laptop, inputs: Path | None) -> None:
    """The five journeys, offline, each through its own tab."""
    stage.turn_to(laptop)
    for spec in TABS:
        laptop.window.open_tab(spec.key)
        stage.settle(laptop)
        journey = importlib.import_module(f"ui.{spec.key}.journey")
        for line in journey.walk(stage, laptop, inputs):
            stage.note(f"{spec.title}: {line}")
        stage.settle(laptop)


def sync(stage: Stage, laptop: Laptop) -> SyncReport:
    """One sync of a laptop by its own window, which is offline before and after it."""
    stage.wait(lambda: not laptop.window.syncing.standing.syncing, "a try without network to end")
    laptop.online, laptop.report = True, SyncReport(busy=True)
    laptop.window.sync_now()  # nothing else is let run between the line's coming up and this
    stage.wait(lambda: not laptop.report.busy, "the sync to end")
    stage.settle(laptop)
    return laptop.report


def _meet(stage: Stage, first: Laptop, second: Laptop) -> None:
    """Both change one venue's address apart, meet at the server, and settle it by keyboard, offline."""
    report = sync(stage, first)
    stage.note(f"Synced {first.name}: {plural(report.pushed, 'change')} sent, {report.rejected} refused")
    report = sync(stage, second)
    stage.note(f"Synced {second.name}: {plural(report.pulled, 'change')} received")
    apart = (" We come back within 2 working days.", " Ring us if it happens twice.")
    report = _change_apart(stage, first, second, apart, 0)
    stage.note(f"Both added a sentence to one paragraph of “{PAGE}”: brought together by itself")
    if report.conflicts:
        raise RuntimeError("two sentences that were added apart made a conflict")
    same = (", or by telephone the same day", ", even when it was a bank holiday")
    report = _change_apart(stage, first, second, same, len(FIRST) - 1)
    stage.note(f"Both changed one sentence of it: {plural(report.conflicts, 'conflict')} to settle")
    if not report.conflicts:
        raise RuntimeError("two people changed one field apart and no conflict came of it")
    files = []
    for name, mode in (("dark", Mode.DARK), ("light", Mode.LIGHT)):
        stage.dress(second, mode)
        files.append(stage.picture(second, f"conflict-{name}"))
        second.window.open_sync()
        files.append(stage.picture(second, f"sync-panel-{name}"))
        if mode is Mode.DARK:
            second.window.sync_panel.close_panel()
    _settle_by_keyboard(stage, second)
    stage.note("Settled the conflict by keyboard, offline", *files)
    for laptop in (second, first, second):
        sync(stage, laptop)
    stage.note(f"Both laptops agree: {_compared(first, second)} records are the same on both")


def _change_apart(
    stage: Stage, first: Laptop, second: Laptop, typed: tuple[str, str], place: int
) -> SyncReport:
    """Both people type into the same paragraph of one page, at a place in it or (0) at its end, neither
    knowing of the other; then the first syncs, and the second, whose report it is."""
    for laptop, words in zip((first, second), typed, strict=True):
        stage.turn_to(laptop)
        tab: Any = laptop.window.open_tab("content")
        stage.settle(laptop)
        line = next(one for _, lines in tab.groups for one in lines if one.title == PAGE)
        tab.open_page(line.id)
        stage.settle(laptop)
        block = next(block for block in tab.page.blocks if block.plain.startswith(FIRST))
        at = place or len(block.plain)
        tab.editor.go_to(block.id, at, at)
        stage.type(tab.editor, words)
        tab.leave()
        stage.settle(laptop)
    sync(stage, first)
    report = sync(stage, second)
    sync(stage, first)
    return report


def _settle_by_keyboard(stage: Stage, laptop: Laptop) -> None:
    """Takes the other's value with its number key and confirms with Enter."""
    stage.turn_to(laptop)
    before = len(laptop.context.read(desk.conflicts))
    panel = laptop.window.sync_panel
    stage.press(panel.focusWidget() or panel, Qt.Key.Key_2)
    stage.press(panel.focusWidget() or panel, Qt.Key.Key_Return)
    stage.settle(laptop)
    stage.wait(lambda: len(laptop.context.read(desk.conflicts)) < before, "the conflict to be settled")
    stage.press(panel, Qt.Key.Key_Escape)


def _compared(first: Laptop, second: Laptop) -> int:
    """How many records both laptops hold; raises RuntimeError when one differs."""
    from models.base import record_types

    same = 0
    for name in record_types():
        table = table_of(name)
        own = [c for c in table.columns if c.name not in ("updated_at", "version")]
        rows = []
        for laptop in (first, second):
            with laptop.context.store.connect() as connection:
                found = connection.execute(
                    select(*own).where(table.c.scope.notlike("user:%")).order_by(table.c.id)
                )
                rows.append([tuple(map(str, row)) for row in found])
        if rows[0] != rows[1]:
            raise RuntimeError(f"the two laptops differ in {name}")
        same += len(rows[0])
    return same


def _papers(stage: Stage, laptop: Laptop) -> None:
    """Every report that can be made without a person's key."""
    from app.report import render
    from app.report.registry import all_reports

    for report in all_reports():
        try:
            document = report.build(laptop.context, dict(CHOSEN.get(report.name, {})))
            data = render(document, laptop.context.seal())
        except HoldallError as error:
            stage.note(f"{report.title}: left out. {error.title}")
            continue
        path = stage.out / "papers" / f"{report.name}.pdf"
        path.write_bytes(data)
        stage.note(f"{report.title}, {size(len(data))}", path)


def _pictures(stage: Stage, laptop: Laptop) -> None:
    """Every tab in light, in dark and at 200 %, and the income tab in high contrast."""
    stage.turn_to(laptop)
    looks = (("light", Mode.LIGHT, 1.0), ("dark", Mode.DARK, 1.0), ("200pct", Mode.LIGHT, 2.0))
    for name, mode, factor in looks:
        stage.dress(laptop, mode, factor)
        files = []
        for spec in TABS:
            laptop.window.open_tab(spec.key)
            importlib.import_module(f"ui.{spec.key}.journey").pose(stage, laptop)
            files.append(stage.picture(laptop, f"{spec.key}-{name}"))
        stage.note(f"Pictures of every tab, {name}", *files)
    stage.dress(laptop, Mode.CONTRAST)
    laptop.window.open_tab("income")
    stage.note("Picture in high contrast", stage.picture(laptop, "income-contrast"))
    stage.dress(laptop, Mode.LIGHT)


def _told(stage: Stage) -> tuple[dict[str, Any], list[str]]:
    seconds = time.monotonic() - stage.started
    document = {
        "seconds": round(seconds, 1),
        "steps": [{"what": line.what, "files": [str(f) for f in line.files]} for line in stage.table],
    }
    width = min(78, max(len(line.what) for line in stage.table))
    words = [f"{'What was done':<{width}}  Where it is", f"{'-' * width}  {'-' * 11}"]
    for line in stage.table:
        first, *rest = [str(f) for f in line.files] or [""]
        words.append(f"{line.what:<{width}}  {first}".rstrip())
        words += [f"{'':<{width}}  {path}" for path in rest]
    words.append(f"\nThe tour took {seconds:.0f} s.")
    return document, words
