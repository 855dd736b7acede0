"""The sync panel: what needs a person first, each with its ways out, then what waits, then what came back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from textwrap import shorten

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from app.wording import LONDON, clock_time, plural, when
from sync.desk import Choice, Clash, Waiting, resolve_conflict
from sync.words import TRASH, WHOLE
from ui.shell import Shell
from ui.sync_courier import CourierFoot
from ui.sync_items import Overview, field_words, overview, spoken
from ui.sync_refused import RefusedCard, heading, indented
from ui.syncing import Syncing
from ui.tabs import TABS, slice_of
from ui.theme import HUES, theme
from ui.widgets.answers import Answer, AnswerList
from ui.widgets.boxes import Card, Line
from ui.widgets.button import Button
from ui.widgets.fields import Field, TextArea
from ui.widgets.flow import Row, ScrollColumn, clear_layout, hide_unless
from ui.widgets.text import IconLabel, Label, plain_tip

WIDTH = 660
DIM = 0.43


class _Dimmer(QWidget):
    """The page under the panel, dimmed; a click on it closes the panel."""

    def __init__(self, panel: SyncPanel, window: QWidget) -> None:
        super().__init__(window)
        self._panel = panel
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), QColor(0, 0, 0, round(255 * DIM)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._panel.close_panel()


class SettleCard(Card):
    """One field that two people changed: what it was, both versions, and a choice made with the keyboard.

    The `first` card has the keys: 1 yours, 2 theirs, E a third version, Enter keeps what is chosen.
    """

    def __init__(self, item: Clash, me: str, now: datetime, settle: Settle, first: bool = False) -> None:
        super().__init__(tone="warn", margins=(13, 9, 14, 11))
        self.item, self._settle = item, settle
        mine_is_kept = item.kept_by == me
        theirs = (item.other_by if mine_is_kept else item.kept_by) or "A colleague"
        self._mine: Choice = "keep" if mine_is_kept else "take"
        self._theirs: Choice = "take" if mine_is_kept else "keep"
        asked = item.question
        base, one, two = (asked.base, asked.one, asked.other) if asked else (item.base, item.kept, item.other)
        kept, other = (one, item.kept_at), (two, item.other_at)
        mine, their = (kept, other) if mine_is_kept else (other, kept)
        where = "a sentence in the " if asked else "the "
        what = f"You and {theirs} both changed {where}{field_words(item.field)}"
        before = f"In “{shorten(item.title, 60, placeholder='…')}”, before: {self._say_value(base)}"
        self.body.setSpacing(6)
        self.body.addLayout(heading("git-merge", "warn", what, _tab_title(item.type)))
        self.body.addLayout(indented(Label(before, wrap=True)))
        self.answers = AnswerList(
            [
                Answer("mine", self._say_value(mine[0]), _signed("Yours", mine[1], now)),
                Answer("theirs", self._say_value(their[0]), _signed(theirs, their[1], now)),
            ],
            or_last=False,
            name=what,
            numbers=first,
        )
        self.answers.set_value("mine" if mine_is_kept else "theirs")
        self.answers.chosen.connect(lambda _key: self._say())
        self.body.addLayout(indented(self.answers))
        self.third = TextArea(mine[0] if isinstance(mine[0], str) else "", lines=2)
        self.third_field = Field("A third version", self.third, "It replaces both. They stay in the history.")
        self.third_field.hide()
        self.body.addLayout(indented(self.third_field))
        self.keep = Button("", key="Enter" if first else None, on_click=self._keep)
        self.write = Button("Write a third version", key="E" if first else None, on_click=self._write)
        text = all(isinstance(value, str) or value is None for value in (item.kept, item.other))
        hide_unless(self.write, text and item.field not in (WHOLE, TRASH))
        self.body.addLayout(indented(Row([self.keep, self.write])))
        self._say()

    def _say_value(self, value: object) -> str:
        if self.item.field == TRASH:
            return "Removed" if value else "Kept"
        return spoken(value, self.item.type, self.item.field)

    def _say(self) -> None:
        if self.writing:
            self.keep.setText("Use the third version")
        else:
            self.keep.setText("Keep yours" if self.answers.value() == "mine" else "Take theirs")

    def _write(self) -> None:
        self.third_field.setVisible(True)
        self.answers.setEnabled(False)
        self.write.hide()
        self._say()
        self.third.setFocus(Qt.FocusReason.OtherFocusReason)

    def _keep(self) -> None:
        if self.writing:
            asked, words = self.item.question, self.third.text()
            self._settle(self.item, "custom", asked.whole(words) if asked else words)
        else:
            self._settle(self.item, self._mine if self.answers.value() == "mine" else self._theirs, None)

    @property
    def writing(self) -> bool:
        """Whether a third version is being written."""
        return not self.third_field.isHidden()


Settle = Callable[[Clash, Choice, str | None], None]


class SyncPanel(QFrame):
    """Slides over the window from the right. Escape closes it and gives the focus back."""

    def __init__(self, shell: Shell, syncing: Syncing, window: QMainWindow, middle: QWidget) -> None:
        super().__init__(window)
        self._shell, self._syncing, self._window, self._middle = shell, syncing, window, middle
        self._shown: tuple[Overview, list[tuple[bool, str]]] | None = None
        self._before: QWidget | None = None
        self._dimmer = _Dimmer(self, window)
        self.setAccessibleName("Sync")
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 12, 24, 12)
        column.setSpacing(6)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(Label("Sync", "title"), 1)
        self.sync = Button("Sync now", "primary", "refresh-cw", "F9", shortcut=False, on_click=self._sync_now)
        self.shut = Button("Close", key="Esc", shortcut=False, on_click=self.close_panel)
        head.addWidget(self.sync)
        head.addWidget(self.shut)
        column.addLayout(head)
        self.where = Label("", wrap=True)
        self._cloud = IconLabel("cloud-off", "edge", 16)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self._cloud, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.where, 1)
        column.addLayout(line)
        self.pane = ScrollColumn((4, 4, 4, 8))
        self.pane.body.setSpacing(8)
        column.addWidget(self.pane, 1)
        self.courier = CourierFoot(shell)
        column.addWidget(self.courier)
        syncing.standing_changed.connect(self._moved)
        window.installEventFilter(self)
        self.hide()

    # Opening and closing

    def open_panel(self) -> None:
        """Shows the panel and takes the focus; the page beneath takes no keys."""
        if self.isVisible():
            return
        self._before = QApplication.focusWidget()
        self._shown = None
        self.look()
        self._place()
        self._middle.setEnabled(False)
        for layer in (self._dimmer, self):
            layer.show()
            layer.raise_()
        self.shut.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_panel(self) -> None:
        """Hides it and gives the focus back."""
        if not self.isVisible():
            return
        self._dimmer.hide()
        self.hide()
        self._middle.setEnabled(True)
        if self._before is not None and self._before.isVisible():
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        self._before = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_panel()
            return
        super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keeps its place when the window changes size."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _place(self) -> None:
        whole = self._window.rect()
        width = min(round(WIDTH * (1 + 0.6 * (theme().factor - 1))), whole.width())
        self._dimmer.setGeometry(whole)
        self.setGeometry(QRect(QPoint(whole.width() - width, 0), whole.bottomRight()))

    # What it shows

    def _moved(self) -> None:
        if self.isVisible():
            self.look()

    def look(self) -> None:
        """Reads again, and shows what changed; a version being written is left alone."""
        context = self._shell.context
        morning = context.now().astimezone(LONDON).replace(hour=0, minute=0, second=0, microsecond=0)
        now = self._shell.read(lambda session: overview(session, morning))
        self._say_where(now)
        self.courier.say(now.carried)
        writing = any(card.writing for card in self.findChildren(SettleCard))
        results = self._results(now)
        if (now, results) != self._shown and not (writing and self.isVisible()):
            self._shown = (now, results)
            self._fill(now, results)

    def _results(self, now: Overview) -> list[tuple[bool, str]]:
        """What came back and how the copies stand: whether it is well, and the words."""
        lines = []
        if now.sent or now.received:
            sent = f"{plural(now.sent, 'change')} sent and accepted, {now.received:,} received"
            lines.append((True, sent))
        for receipt in now.receipts:
            equal = self._syncing.equal(receipt.scope)
            lines.append((equal is not False, receipt.words(equal)))
        return lines + [(True, words) for words in self._syncing.notes]

    def _say_where(self, now: Overview) -> None:
        standing, today = self._syncing.standing, self._shell.context.today()
        self._cloud.set_icon("cloud" if standing.online else "cloud-off")
        last = f" Last complete sync {when(now.counts.last_ok_at, today)}." if now.counts.last_ok_at else ""
        trouble = self._syncing.trouble
        if standing.online or standing.syncing or not standing.server:
            words = standing.where()
        else:
            since = f" since {clock_time(standing.since)}" if standing.since else ""
            why = f" {trouble.title}" if trouble is not None else ""
            words = f"Offline{since}.{why}{last} Nothing has been lost."
        self.where.setText(words)

    def _fill(self, now: Overview, results: Sequence[tuple[bool, str]]) -> None:
        body = self.pane.body
        focus = QApplication.focusWidget()
        had = focus is not None and self.isAncestorOf(focus)
        clear_layout(body)
        needs = now.counts.refused + now.counts.conflicts
        if needs:
            body.addLayout(_section("Needs you", str(needs)))
        for item in now.refused:
            tab = _tab_title(item.type)
            body.addWidget(RefusedCard(item, now.ways[item.op_id], tab, self._shell, self.close_panel))
        me, moment = self._shell.context.author.name, self._shell.context.now()
        for number, conflict in enumerate(now.to_settle):
            body.addWidget(SettleCard(conflict, me, moment, self._settle, first=not number))
        count = now.counts.waiting
        order = f"{count:,}, in this order, words before pictures" if count else "nothing"
        body.addLayout(_section("Waiting to go", order))
        if now.waiting:
            body.addWidget(_waiting_card(now))
        if now.files:
            body.addWidget(
                Label(f"{plural(now.files, 'photo or file', 'photos and files')} after the words.")
            )
        for name, why in now.stuck:
            body.addWidget(Label(f"Not sent: {name}. {why} It is kept here.", wrap=True))
        if now.by_clock:
            body.addLayout(
                _section("Settled by the clock", "the later words stand; yours can still be taken")
            )
            body.addWidget(self._clock_card(now.by_clock))
        body.addLayout(_section("Came back", "since this morning"))
        body.addLayout(_came_back(results))
        body.addStretch(1)
        focus = QApplication.focusWidget()
        if had and self.isVisible() and (focus is None or not self.isAncestorOf(focus)):
            self.shut.setFocus(Qt.FocusReason.OtherFocusReason)

    # What a person does

    def _sync_now(self) -> None:
        self._syncing.start(asked=True)

    def answer_first(self) -> None:
        """Takes the other person's version in the first conflict, as the keys 2 and Enter do."""
        card = self.findChild(SettleCard)
        if card is not None:
            card.answers.rows[1].setChecked(True)
            card.keep.click()

    def _settle(self, item: Clash, choice: Choice, text: str | None) -> None:
        words = f"Settle the {field_words(item.field)} of {item.title}"
        self._shell.write(words, lambda session: resolve_conflict(session, item.conflict_id, choice, text))

    def _clock_card(self, clashes: Sequence[Clash]) -> Card:
        card = Card(flush=True)
        for number, item in enumerate(clashes):
            if number:
                card.body.addWidget(Line())
            row = QHBoxLayout()
            row.setContentsMargins(16, 6, 14, 6)
            stands = f"{item.kept_by or 'A colleague'}’s {field_words(item.field)} of “{item.title}” stands: "
            row.addWidget(Label(stands + spoken(item.kept, item.type, item.field), wrap=True), 1)
            button = Button("Take the other", "word", on_click=partial(self._settle, item, "take", None))
            button.setAccessibleDescription(spoken(item.other, item.type, item.field))
            button.setToolTip(plain_tip(f"{item.other_by}: {spoken(item.other, item.type, item.field)}"))
            row.addWidget(button)
            card.body.addLayout(row)
        return card

    def paintEvent(self, event: QPaintEvent) -> None:
        """Page ground with an edge line at the left."""
        t, painter = theme(), QPainter(self)
        painter.fillRect(self.rect(), t.colour("page"))
        painter.fillRect(0, 0, t.stroke, self.height(), t.colour("edge"))


def _tab_title(type_name: str) -> str:
    return next((spec.title for spec in TABS if spec.key == slice_of(type_name)), "")


def _section(words: str, count: str) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(0, 6, 0, 0)
    row.setSpacing(8)
    row.addWidget(Label(words, "section"))
    row.addWidget(Label(count, "body", "muted"), 1)
    return row


def _waiting_card(now: Overview) -> Card:
    card = Card(flush=True)
    for number, item in enumerate(now.waiting):
        if number:
            card.body.addWidget(Line())
        card.body.addLayout(_waiting_line(item))
    rest = now.counts.waiting - sum(item.count for item in now.waiting)
    if rest > 0:
        card.body.addWidget(Line())
        more = Label(f"and {plural(rest, 'more change')}", "hint", "muted")
        more.setContentsMargins(16, 4, 16, 4)
        card.body.addWidget(more)
    return card


def _waiting_line(item: Waiting) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(16, 4, 14, 4)
    row.setSpacing(9)
    key = slice_of(item.type)
    icon = next((spec.icon for spec in TABS if spec.key == key), "file-text")
    row.addWidget(IconLabel(icon, key if key in HUES else "edge", 18))
    count = f", {item.count} changes" if item.count > 1 else ""
    words = f"{item.label}: {item.title}{count}" if item.label else f"{item.title}{count}"
    row.addWidget(Label(words, wrap=True), 1)
    row.addWidget(Label(item.outlook.words, "hint", "muted"))
    row.addWidget(Label(clock_time(item.at), "hint", "muted"))
    return row


def _came_back(lines: Sequence[tuple[bool, str]]) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(4)
    for well, words in lines:
        row = QHBoxLayout()
        row.setSpacing(8)
        icon = IconLabel("check", "good", 18) if well else IconLabel("triangle-alert", "warn", 18)
        row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(Label(words, wrap=True), 1)
        column.addLayout(row)
    if not lines:
        column.addWidget(Label("Nothing yet.", "body", "muted"))
    return column


def _signed(name: str, moment: datetime | None, today: datetime) -> str:
    return f"{name}, {when(moment, today.astimezone(LONDON).date())}" if moment else name
