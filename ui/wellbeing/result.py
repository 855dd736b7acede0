"""The result of a check: who can read it, what was found, every area with last time's mark, one thing to
talk about."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from app.context import Council
from app.wellbeing import rules
from app.wellbeing.instrument import Instrument, bundled
from app.wellbeing.rules import LastTime, Topic
from app.wellbeing.service import Result, topic_for
from app.wording import date_year, local_date, long_day
from ui.theme import theme
from ui.wellbeing.items import ScaleBars, table_columns, table_rows
from ui.wellbeing.parts import HelpNote, LockLine, named
from ui.widgets import Button, Card, Label, Line, PageHead, ScrollColumn, Table, WrapRow, clear_layout

_SMALL = "A change of under half a point is too small to tell for one person, so it reads “about the same”."


class _Legend(QLabel):
    """How to read the bars: longer is better, and what the mark stands for."""

    def __init__(self) -> None:
        super().__init__()
        self._name = ""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_last(self, last: LastTime | None) -> None:
        """Names last time."""
        self._name = last.name if last else ""
        self.setAccessibleName(
            f"Longer is better. The upright mark is {self._name}." if last else "Longer is better."
        )
        self.updateGeometry()

    def restyle(self) -> None:
        """Sizes anew."""
        self.updateGeometry()

    def _words(self) -> tuple[str, str]:
        return "Longer is better.", f"marks {self._name}" if self._name else ""

    def sizeHint(self) -> QSize:
        """Words, mark, words."""
        metrics = theme().metrics("body")
        width = sum(metrics.horizontalAdvance(words) for words in self._words()) + 30
        return QSize(round(width), theme().line_height("body") + 2)

    def minimumSizeHint(self) -> QSize:
        """The same: never cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The words with the mark between them."""
        t, painter = theme(), QPainter(self)
        first, second = self._words()
        painter.setFont(t.font("body"))
        painter.setPen(t.colour("muted"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, first)
        if second:
            x = round(t.metrics("body").horizontalAdvance(first)) + 14
            painter.fillRect(QRect(x, 3, 2, self.height() - 6), t.colour("text"))
            box = self.rect().adjusted(x + 9, 0, 0, 0)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, second)


class TopicCard(Card):
    """One area: how it moved, the answers behind it, and words a person could use."""

    note_asked = Signal(str, str)  # the words, the area's key
    put_off = Signal()
    brought_back = Signal()

    def __init__(self, council: Council, parent: QWidget | None = None) -> None:
        super().__init__(margins=(20, 16, 20, 16), parent=parent)
        self.setObjectName("wellbeing-topic")
        self._topic: Topic | None = None
        self.title = Label("", "section", wrap=True)
        self.facts = Label("", "body", "muted", wrap=True)
        self._moved = QVBoxLayout()
        self._moved.setSpacing(6)
        self.lead = Label("Words you could use", "strong")
        self.words = Label("", wrap=True, selectable=True)
        self.words.setObjectName("wellbeing-words")
        self.keep = named(Button("Keep as a note", "word", on_click=self._keep), "keep-note")
        self.not_now = named(Button("Not now", "word", on_click=self.put_off.emit), "not-now")
        self.back = named(Button("Show it again", "word", on_click=self.brought_back.emit), "show-again")
        self.acts = WrapRow([self.keep, self.not_now, self.back], 16)
        self.help = HelpNote(council)
        for part in (self.title, self.facts):
            self.body.addWidget(part)
        self.body.addLayout(self._moved)
        self.body.addWidget(self.lead)
        self.body.addWidget(self.words)
        self.body.addWidget(self.acts)
        self.body.addStretch(1)
        self.body.addWidget(self.help)

    def show_topic(
        self, instrument: Instrument, topic: Topic | None, last: LastTime | None, main: bool, away: bool
    ) -> None:
        """Shows an area; `main` for the one thing to talk about, `away` when that was put off."""
        self._topic = topic
        clear_layout(self._moved)
        shown = topic is not None and not away
        worded = bool(shown and topic and topic.words)
        self.lead.setVisible(worded)
        self.words.setVisible(worded)
        self.keep.setVisible(worded)
        self.not_now.setVisible(shown and main)
        self.back.setVisible(away)
        if topic is None:
            self.title.setText("Nothing stands out")
            self.facts.setText(
                "No area has slipped, and none is low. Choose an area to see what is behind it."
            )
            return
        label = topic.standing.scale.label
        if away:
            self.title.setText("One thing to talk about")
            self.facts.setText("You put this off. It is still here when you want it.")
            return
        inner = label[:1].lower() + label[1:]
        self.title.setText(f"One thing to talk about: {inner}" if main else f"Behind {inner}")
        self.facts.setText(_facts(topic, last))
        for number, moved in enumerate(topic.moved):
            if number:
                self._moved.addWidget(Line())
            now = instrument.answer_words(moved.item.number, moved.now)
            before = instrument.answer_words(moved.item.number, moved.before) if moved.before else ""
            change = Label(f"{before} → {now}" if before else now, "hint", "muted", wrap=True)
            change.setAccessibleName(f"from {before} to {now}" if before else now)
            pair = QVBoxLayout()
            pair.setSpacing(0)
            pair.addWidget(Label(moved.item.text, wrap=True))
            pair.addWidget(change)
            self._moved.addLayout(pair)
        self.words.setText(f"“{topic.words}”")

    def _keep(self) -> None:
        if self._topic is not None:
            self.note_asked.emit(self._topic.words, self._topic.standing.scale.key)


def _facts(topic: Topic, last: LastTime | None) -> str:
    """How an area moved, and what the lines below are."""
    stood = topic.standing
    now = rules.figure(stood.now)
    if stood.now.mean is None:
        return f"{rules.change_words(stood, last)}, so it has no figure."
    if last is None or stood.before is None or stood.before.mean is None:
        return f"{now} now. " + ("These answers are behind it:" if topic.moved else "No answer in it is low.")
    words = f"{rules.figure(stood.before)} {last.phrase}, {now} now."
    return words + (" These answers moved it:" if topic.moved else " No answer in it went down.")


class ResultView(QWidget):
    """A finished check. It opens on the one thing to talk about; choosing an area shows what is behind it."""

    share_asked = Signal()
    again_asked = Signal()
    list_asked = Signal()
    lock_asked = Signal()
    who_asked = Signal()
    note_asked = Signal(str, str)
    put_off_asked = Signal()

    def __init__(self, council: Council, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.instrument = bundled()
        self.shown: Result | None = None
        self._away = False
        self.list = named(
            Button("Checks and notes", icon="list", on_click=self.list_asked.emit), "checks-and-notes"
        )
        self.again = named(Button("Answer again", icon="repeat-2", on_click=self.again_asked.emit), "again")
        self.share = named(
            Button("Choose what to share…", icon="share-2", on_click=self.share_asked.emit), "share"
        )
        self.head = PageHead(self.instrument.title, actions=[self.list, self.again, self.share])
        self.lock_line = LockLine(self.lock_asked.emit, self.who_asked.emit)
        self.finding = Label("", "subfigure", wrap=True)
        self.finding.setObjectName("wellbeing-finding")
        self.legend = _Legend()
        self.turn = named(Button("Show as a table", "word", on_click=self.turn_table), "as-table")
        self.bars = ScaleBars()
        self.table: Table | None = None
        self.small = Label(_SMALL, "hint", "muted", wrap=True)
        self.topic = TopicCard(council)
        self._build()
        self.bars.chosen.connect(self.show_area)
        self.topic.note_asked.connect(self.note_asked)
        self.topic.put_off.connect(self.put_off_asked)
        self.topic.brought_back.connect(self.bring_back)

    def _build(self) -> None:
        self.card = Card(hue=True, margins=(12, 14, 12, 14))
        inset = QVBoxLayout()
        inset.setContentsMargins(12, 0, 12, 0)
        inset.setSpacing(4)
        inset.addWidget(self.finding)
        line = QHBoxLayout()
        line.setSpacing(12)
        line.addWidget(WrapRow([self.legend], 8), 1)
        line.addWidget(self.turn, 0, Qt.AlignmentFlag.AlignTop)
        inset.addLayout(line)
        self.card.body.addLayout(inset)
        self.figures = QStackedWidget()
        self.figures.addWidget(self.bars)
        self.card.body.addWidget(self.figures)
        self.card.body.addStretch(1)
        foot = QVBoxLayout()
        foot.setContentsMargins(12, 0, 12, 0)
        foot.addWidget(self.small)
        self.card.body.addLayout(foot)
        self._pair = QHBoxLayout()
        self._pair.setSpacing(16)
        self._pair.addWidget(self.card, 1)
        self._pair.addWidget(self.topic)
        self.column = ScrollColumn()
        self.column.body.addWidget(self.head)
        self.column.body.addWidget(self.lock_line)
        self.column.body.addLayout(self._pair, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.column)
        self._narrow = False
        self.restyle()

    def restyle(self) -> None:
        """The card of the topic is 344 wide beside the figures."""
        if getattr(self, "_narrow", False):
            self.topic.setMinimumWidth(0)
            self.topic.setMaximumWidth(16_777_215)
        else:
            self.topic.setFixedWidth(theme().wide(344))

    def set_compact(self, narrow: bool) -> None:
        """One column, and back."""
        if narrow == self._narrow:
            return
        self._narrow = narrow
        self._pair.setDirection(
            QHBoxLayout.Direction.TopToBottom if narrow else QHBoxLayout.Direction.LeftToRight
        )
        self.restyle()

    # What is shown

    def show_result(self, shown: Result) -> None:
        """Shows a check; the chosen area stays when it is the same check."""
        same = self.shown is not None and self.shown.check.id == shown.check.id
        kept = self.bars.value() if same else None
        if not same:
            self._away = shown.check.put_off
        self.shown = shown
        self.head.set_facts(_answered(shown, self.instrument))
        self.finding.setText(shown.finding)
        self.legend.show_last(shown.last)
        self.small.setVisible(shown.last is not None)
        self.bars.show_standings(shown.standings, shown.last)
        self._make_table(shown)
        main = shown.topic.standing.scale.key if shown.topic else None
        self.show_area(kept or main)

    def take_focus(self) -> None:
        """Goes to the area on show, or the first; on a narrow page to the top of the page."""
        if self._narrow:
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)
            self.column.verticalScrollBar().setValue(0)
            return
        rows = [row for row in self.bars.rows if row.isChecked()] or self.bars.rows
        if rows and not self.as_table:
            rows[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def show_area(self, key: str | None) -> None:
        """Shows what is behind one area; None for nothing that stands out."""
        shown = self.shown
        if shown is None:
            return
        main = shown.topic.standing.scale.key if shown.topic else None
        topic = None if key is None else shown.topic if key == main else topic_for(shown, key)
        self.bars.choose(key)
        away = self._away and key == main
        self.topic.show_topic(self.instrument, topic, shown.last, key == main, away)

    def put_away(self) -> None:
        """Puts the one thing to talk about away."""
        self._away = True
        self.show_area(self.bars.value())

    def bring_back(self) -> None:
        """Shows the one thing to talk about again."""
        self._away = False
        self.show_area(self.bars.value())
        self.topic.keep.setFocus()

    def _make_table(self, shown: Result) -> None:
        """The same figures as a table; its columns depend on whether there was a last time."""
        old, on_show = self.table, self.as_table
        self.table = Table(table_columns(shown.last), "wellbeing")
        self.table.setObjectName("wellbeing-table")
        self.table.setAccessibleName("Areas of work as a table")
        self.table.set_rows(table_rows(shown.standings, shown.last))
        self.table.row_chosen.connect(self.show_area)
        self.figures.addWidget(self.table)
        if on_show:
            self.figures.setCurrentWidget(self.table)
        if old is not None:
            self.figures.removeWidget(old)
            old.deleteLater()

    @property
    def as_table(self) -> bool:
        """Whether the figures stand as a table."""
        return self.table is not None and self.figures.currentWidget() is self.table

    def turn_table(self) -> None:
        """Turns from bars to table and back."""
        if self.table is None:
            return
        self.figures.setCurrentWidget(self.bars if self.as_table else self.table)
        self.table.choose(self.bars.value())
        self.legend.setVisible(not self.as_table)
        self.turn.setText("Show as bars" if self.as_table else "Show as a table")


def _answered(shown: Result, instrument: Instrument) -> str:
    words = f"{len(instrument.items)} questions, answered {long_day(local_date(shown.check.at))}."
    if shown.before is not None:
        words += f" Last time: {date_year(local_date(shown.before.at))}."
    return words
