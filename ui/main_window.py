"""The window: tabs over pages over a status line, and what lies above them all for a moment."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QEvent, QRect, Qt, QTimer
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLayout,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.context import Context
from app.wording import file_name
from models.changes import Changed
from models.errors import HoldallError
from models.owners import owners
from ui import look
from ui.find import FindPanel
from ui.focus_ring import FocusRing
from ui.jobs import Job
from ui.reading_order import move_focus, reading_order
from ui.sealing import sealing
from ui.shell import Page, Shell
from ui.status_bar import StatusBar
from ui.sync_panel import SyncPanel
from ui.syncing import Syncing
from ui.tab_bar import TopBar
from ui.tabs import TABS, TabSpec, slice_of
from ui.theme import FACTORS, Mode, compact, theme
from ui.widgets.boxes import Banner
from ui.widgets.button import Button
from ui.widgets.mark import app_icon
from ui.widgets.notes import JobCard, Toast

if TYPE_CHECKING:
    from app.report import Document, Report

log = logging.getLogger(__name__)
WIDEST = 1560
JOB_PATIENCE = 500  # milliseconds before a job shows its card


class MainWindow(QMainWindow):
    """Holdall's window over one open workspace."""

    def __init__(self, context: Context, tabs: Sequence[TabSpec] = TABS, shell: Shell | None = None) -> None:
        super().__init__()
        self.shell = shell or Shell(sealing(context))
        self.shell.window = self
        self.tabs = tuple(tabs)
        self.pages: dict[str, Page] = {}
        self._hosts: dict[str, _Host] = {}
        self._cards: dict[Job, JobCard] = {}
        self._compact = self._closed = False
        self._measured_before: set[str] = set()  # tabs that were laid out before the text size changed
        self._look = look.load(context.home)
        self.setWindowTitle(f"Holdall: {context.council.name}")
        self.setWindowIcon(app_icon())
        self._build()
        self._wire()
        self._bind_keys()
        self._restore()

    # Building

    def _build(self) -> None:
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.top = TopBar(self.tabs)
        self.banners = QVBoxLayout()
        self.banners.setContentsMargins(24, 0, 24, 0)
        self.stack = QStackedWidget()
        self.status = StatusBar(self.open_sync, self.sync_now, self.set_mode, self.set_factor)
        column.addWidget(self.top)
        column.addLayout(self.banners)
        column.addWidget(self.stack, 1)
        column.addWidget(self.status)
        for spec in self.tabs:
            host = _Host()
            self._hosts[spec.key] = host
            self.stack.addWidget(host)
        self.setCentralWidget(middle)
        self._banner: Banner | None = None
        self.toast = Toast(self, self.undo)
        self.finder = FindPanel(self.top.search, self.shell, self.tabs, self)
        self.syncing = Syncing(self.shell)
        self.sync_panel = SyncPanel(self.shell, self.syncing, self, middle)
        app = QApplication.instance()
        if isinstance(app, QApplication) and not app.findChild(FocusRing):
            FocusRing(app)

    def _wire(self) -> None:
        self.top.tabs.currentChanged.connect(self._turned)
        self.top.name.clicked.connect(self.open_about)
        self.shell.changed.connect(self._changed)
        self.shell.toast_asked.connect(self.toast.say)
        self.shell.told.connect(self.tell)
        self.shell.open_asked.connect(self.open_record)
        self.shell.preview_asked.connect(self._preview)
        self.shell.jobs.started.connect(self._job_started)
        self.shell.jobs.progressed.connect(self._job_moved)
        self.shell.jobs.ended.connect(self._job_ended)
        self.syncing.standing_changed.connect(self._standing)
        theme().changed.connect(self._dressed)
        self._standing()

    def _bind_keys(self) -> None:
        keys: list[tuple[str, Sequence[str], Any]] = [
            ("Undo", ["Ctrl+Z"], self.undo),
            ("Redo", ["Ctrl+Y", "Ctrl+Shift+Z"], self.redo),
            ("Sync now", ["F5", "F9"], self.sync_now),
            ("Help", ["F1"], self.open_about),
            ("What waits and what needs me", ["Ctrl+Shift+S"], self.open_sync),
            ("Larger text", ["Ctrl++", "Ctrl+="], lambda: self._step_text(1)),
            ("Smaller text", ["Ctrl+-"], lambda: self._step_text(-1)),
            ("Text at 100 %", ["Ctrl+0"], lambda: self.set_factor(1.0)),
            ("Save now", ["Ctrl+S"], self._save_now),
            ("History of what is open", ["Ctrl+H"], self.open_history),
        ]
        for number, spec in enumerate(self.tabs):
            keys.append((spec.title, [spec.shortcut], lambda n=number: self.top.tabs.setCurrentIndex(n)))
        for words, sequences, act in keys:
            action = QAction(words, self)
            action.setShortcuts([QKeySequence(sequence) for sequence in sequences])
            action.triggered.connect(lambda _on=False, a=act: a())
            self.addAction(action)

    def _restore(self) -> None:
        self.resize(1280, 720)
        self.setMinimumSize(480, 360)
        place = self._look.place()
        if place:
            self.restoreGeometry(QByteArray(place))
        keys = [spec.key for spec in self.tabs]
        number = keys.index(self._look.tab) if self._look.tab in keys else 0
        self.top.tabs.setCurrentIndex(number)
        self._turned(number)
        self._check_width()

    # Tabs

    def page(self, key: str) -> Page:
        """The page of a tab, built when first asked for."""
        if key not in self.pages:
            spec = next(spec for spec in self.tabs if spec.key == key)
            page = spec.build(self.shell)
            page.key = page.key or key
            self.pages[key] = page
            self._hosts[key].hold(page)
            page.set_compact(self._compact)
            page.refresh(None)
        return self.pages[key]

    @property
    def current(self) -> Page:
        """The page on show."""
        return self.page(self.tabs[self.top.tabs.currentIndex()].key)

    def open_tab(self, key: str) -> Page:
        """Turns to a tab."""
        number = [spec.key for spec in self.tabs].index(key)
        self.top.tabs.setCurrentIndex(number)
        return self.page(key)

    def _turned(self, number: int) -> None:
        if number < 0:
            return
        for page in self.pages.values():
            if page.isVisible():
                page.leave()
        spec = self.tabs[number]
        page = self.page(spec.key)
        if spec.key in self._measured_before:
            self._measured_before.discard(spec.key)
            measure_again(page)
        self.stack.setCurrentWidget(self._hosts[spec.key])
        self.top.update()
        self._take_away_banner()
        QTimer.singleShot(0, self, self._settle_focus)

    def _settle_focus(self) -> None:
        """Begins at the first stop of the page, unless the page or the person has chosen another place."""
        here = self.focusWidget()
        if here is not None and here.isVisible() and here is not self.top.name:
            return
        stops = reading_order(self.current)
        if stops and not self.sync_panel.isVisible():
            stops[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def showEvent(self, event: QShowEvent) -> None:
        """The first time, the focus goes to the page."""
        super().showEvent(event)
        QTimer.singleShot(0, self, self._settle_focus)

    def open_record(self, type_name: str, record_id: str, field: str = "") -> None:
        """Turns to the tab that owns a record and opens it there, or what it hangs on where it has no page
        of its own; at the field of a column where one is named."""
        key = slice_of(type_name)
        if key not in self._hosts:
            return
        page = self.open_tab(key)
        for kind, found in self.shell.read(lambda session: list(owners(session, type_name, record_id))):
            if page.open_record(kind, found):
                if field:
                    QTimer.singleShot(0, page, lambda: page.show_field(field))
                return
        self.tell(HoldallError("That record is not here any more.", "It may have been removed by a sync."))

    def _changed(self, changed: Changed) -> None:
        for page in self.pages.values():
            page.refresh(changed)
        self.syncing.look()

    # Acts

    def undo(self) -> None:
        """Takes back the last act, whatever tab it was on."""
        self._leave_pages()
        self._travel("Nothing to undo.", "Undone: {}", self.shell.context.undo)

    def redo(self) -> None:
        """Does the last undone act again."""
        self._travel("Nothing to do again.", "Done again: {}", self.shell.context.redo)

    def _travel(self, nothing: str, words: str, act: Any) -> None:
        def done(result: tuple[str, Changed]) -> None:
            label, changed = result
            self.shell.changed.emit(changed)
            self.toast.say(words.format(label[:1].lower() + label[1:]) if label else nothing, False)

        def failed(error: BaseException) -> None:
            if not isinstance(error, HoldallError):
                raise error
            self.toast.say(str(error), False)

        self.shell.jobs.write(act, done, failed)

    def _save_now(self) -> None:
        self._leave_pages()
        self.toast.say("Everything is saved on this laptop. Holdall saves as you type.", False)

    def _leave_pages(self) -> None:
        for page in self.pages.values():
            page.leave()

    def sync_now(self) -> None:
        """Sends and fetches now."""
        self._leave_pages()
        self.syncing.start(asked=True)

    def open_sync(self) -> None:
        """Opens the panel of what waits and what needs a decision."""
        self._leave_pages()
        self.sync_panel.open_panel()

    def open_history(self) -> None:
        """Shows every change of the record that is open on this tab."""
        from ui.history import HistoryDialog

        self._leave_pages()
        record = self.current.record()
        if record is None:
            self.toast.say("Nothing is open here that has a history. Open a record first.", False)
            return
        HistoryDialog(self.shell, *record, self).open()

    def open_about(self) -> None:
        """Shows keys, versions and licences."""
        from ui.about import About

        About(self.shell.context, self).open()

    def _step_text(self, step: int) -> None:
        nearest = min(range(len(FACTORS)), key=lambda n: abs(FACTORS[n] - theme().factor))
        self.set_factor(FACTORS[max(0, min(len(FACTORS) - 1, nearest + step))])

    def set_factor(self, factor: float) -> None:
        """Changes the text size and keeps it."""
        theme().set_factor(factor)
        self._keep_look()

    def set_mode(self, mode: Mode) -> None:
        """Changes the look and keeps it."""
        theme().set_mode(mode)
        self._keep_look()

    # What lies above the page

    def tell(self, error: HoldallError) -> None:
        """Shows a known error over the page until it is dismissed or the page is left."""
        self._take_away_banner()
        shut = Button("Dismiss", "word", on_click=self._take_away_banner)
        self._banner = Banner(error.advice, "danger", "circle-alert", [shut], error.title)
        self.banners.setContentsMargins(24, 12, 24, 0)
        self.banners.addWidget(self._banner)
        self._banner.announce()

    def _take_away_banner(self) -> None:
        if self._banner is not None:
            self.banners.removeWidget(self._banner)
            self._banner.hide()
            self._banner.deleteLater()
            self._banner = None
            self.banners.setContentsMargins(24, 0, 24, 0)

    def _standing(self) -> None:
        self.status.set_standing(self.syncing.standing)

    def _preview(self, paper: Document | Report, options: dict[str, str]) -> None:
        context = self.shell.context

        def make(job: Job) -> tuple[str, str, bytes]:
            from app.report import Document, render

            document = paper if isinstance(paper, Document) else paper.build(context, options)
            name = file_name(document.title, ".pdf")
            return document.title, name, render(document, context.seal())

        def show(made: tuple[str, str, bytes]) -> None:
            from ui.widgets.preview import PdfPreview

            title, name, data = made
            self.preview = PdfPreview(data, title, name, self.shell.ask_save_file, self, self.shell.jobs)
            self.preview.open()

        self.shell.fetch(make, show, title="Making the PDF")

    def _job_started(self, job: Job) -> None:
        if job.title:
            QTimer.singleShot(JOB_PATIENCE, self, lambda: self._show_job(job))

    def _show_job(self, job: Job) -> None:
        if job.finished or job in self._cards:
            return
        card = JobCard(job, self)
        self._cards[job] = card
        card.show()
        self._place_cards()

    def _job_moved(self, job: Job) -> None:
        if job in self._cards:
            self._cards[job].tell()

    def _job_ended(self, job: Job) -> None:
        card = self._cards.pop(job, None)
        if card is not None:
            card.hide()
            card.deleteLater()
            self._place_cards()

    def _place_cards(self) -> None:
        y = self.height() - self.status.height() - 16
        for card in self._cards.values():
            size = card.sizeHint()
            y -= size.height()
            card.setGeometry(QRect(self.width() - size.width() - 24, y, size.width(), size.height()))
            card.raise_()
            y -= 8

    # The window itself

    def _dressed(self) -> None:
        self._measured_before = set(self.pages)
        self._check_width()
        self.top.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Becomes one column where it is narrow."""
        super().resizeEvent(event)
        self._check_width()
        self._place_cards()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """The Tab key goes in reading order, and stays in the sync panel while that is open."""
        return move_focus(self.sync_panel if self.sync_panel.isVisible() else self, forward)

    def _check_width(self) -> None:
        now = compact(self)
        for host in self._hosts.values():
            host.set_compact(now)
        if now != self._compact:
            self._compact = now
            self.top.set_short(now)
            self.status.set_short(now)
            for page in self.pages.values():
                page.set_compact(now)

    def changeEvent(self, event: QEvent) -> None:
        """Saves what is being typed when the person turns to another program."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self._leave_pages()

    def _keep_look(self) -> None:
        tab = self.tabs[max(0, self.top.tabs.currentIndex())].key
        self._look = look.Look(theme().wish.value, theme().factor)
        self._look = self._look.placed(bytes(self.saveGeometry().data()), tab)
        look.save(self.shell.context.home, self._look)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Saves everything, ends the lanes, then lets the store close."""
        if self._closed:
            event.accept()
            return
        self._closed = True
        self._leave_pages()
        self._keep_look()
        self.syncing.stop()
        theme().changed.disconnect(self._dressed)
        self.shell.close()
        event.accept()


def measure_again(page: QWidget) -> None:
    """Makes every layout of a page ask its parts again: those of a hidden page keep the sizes they had
    before the text size changed."""
    for layout in page.findChildren(QLayout):
        layout.invalidate()
    for part in page.findChildren(QWidget):
        part.updateGeometry()


class _Host(QWidget):
    """Gives a page its margins and its greatest width."""

    def __init__(self) -> None:
        super().__init__()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(24, 10, 24, 12)
        self._row.setSpacing(0)

    def hold(self, page: Page) -> None:
        """Takes the page in, in the middle of a very wide window."""
        page.setMaximumWidth(WIDEST - 48)
        self._row.addStretch(0)
        self._row.addWidget(page, 1)
        self._row.addStretch(0)

    def set_compact(self, narrow: bool) -> None:
        """Smaller margins where room is short."""
        side = 20 if narrow else 24
        self._row.setContentsMargins(side, 10, side, 10 if narrow else 12)
