"""The right pane: what to put right before a page is sent, each with a way to it; and what a sync brought."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.content import rules
from app.content.found import Finding, Fix, Level, Place
from app.content.overview import CameIn
from app.content.sentences import AIM
from app.wording import plural
from ui.content.marked import MarkedText
from ui.widgets import Button, Card, IconLabel, Label, Line, QuietNote, ScrollColumn, WrapRow, clear_layout

SHOWN = 7
_ICONS = {
    Level.ERROR: ("circle-alert", "danger"),
    Level.WARN: ("triangle-alert", "warn"),
    Level.HINT: ("lightbulb", "warn"),
}
_ACTS = {"contact": "Choose one", "news-day": "Set the date"}


class ChecksPane(Card):
    """Reading age, the sentence that costs most, and everything found, errors first."""

    go_asked = Signal(object)  # Place
    fix_asked = Signal(object)  # Fix
    act_asked = Signal(str)  # "contact", "news-day"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(margins=(2, 10, 2, 8), parent=parent)
        self.setObjectName("content-checks")
        self._shown: rules.Checked | None = None
        self._all = False
        self._title = "Before you send it"
        self.column = ScrollColumn((16, 4, 14, 4))
        self.column.body.setSpacing(8)
        self.body.addWidget(self.column)

    def show_checked(self, checked: rules.Checked, title: str = "Before you send it") -> None:
        """Shows the outcome; nothing is rebuilt where nothing changed, so that the focus stays."""
        if checked == self._shown and title == self._title:
            return
        self._shown, self._title = checked, title
        self._build()

    def _build(self) -> None:
        checked, body = self._shown, self.column.body
        clear_layout(body)
        if checked is None:
            return
        body.addWidget(Label(self._title, "section"))
        if checked.age is not None:
            body.addLayout(_age(checked.age))
        if checked.costly is not None:
            body.addWidget(self._costly(checked.costly))
        limit = len(checked.findings) if self._all else SHOWN
        for finding in checked.findings[:limit]:
            body.addWidget(Line())
            body.addLayout(self._row(finding))
        if len(checked.findings) > limit:
            rest = len(checked.findings) - limit
            more = Button(f"Show {plural(rest, 'more thing')}", "word", on_click=self._show_all)
            body.addWidget(more, 0, Qt.AlignmentFlag.AlignLeft)
        body.addWidget(Line())
        other = "other " if checked.findings else ""
        words = f"{checked.fine} {other}checks are fine"
        body.addLayout(_line("check", "good", Label(words, "body", "muted", wrap=True)))
        body.addStretch(1)

    def _show_all(self) -> None:
        self._all = True
        self._build()

    def _costly(self, costly: rules.Costly) -> QWidget:
        years = f"One sentence costs {plural(costly.years, 'year')}"
        note = QuietNote(years)
        begin = " ".join(costly.text.split()[:7])
        advice = f"Try: “{costly.plainer}”" if costly.plainer else "Make two sentences of it."
        text = f"{begin}… has {costly.words} words. {advice}"
        words = MarkedText(text, [(0, len(begin) + 1)])
        note.body.addWidget(words)
        acts: list[QWidget] = [
            Button("Go to it", "word", on_click=partial(self.go_asked.emit, costly.place)),
        ]
        if costly.plainer:
            fix = Fix("Use these words", costly.place, costly.plainer)
            use = Button(fix.label, "word", on_click=partial(self.fix_asked.emit, fix))
            use.setObjectName("content-use-plainer")
            acts.append(use)
        note.body.addWidget(WrapRow(acts, 16))
        note.body.setContentsMargins(12, 8, 12, 8)
        return note

    def _row(self, finding: Finding) -> QHBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(1)
        column.addWidget(Label(finding.title, "strong", wrap=True))
        if finding.advice:
            column.addWidget(Label(finding.advice, "body", "muted", wrap=True))
        acts: list[QWidget] = []
        if finding.where is not None:
            acts.append(self._act("Go to it", finding, partial(self.go_asked.emit, finding.where)))
        if finding.fix is not None:
            acts.append(self._act(finding.fix.label, finding, partial(self.fix_asked.emit, finding.fix)))
        if finding.act:
            acts.append(self._act(_ACTS[finding.act], finding, partial(self.act_asked.emit, finding.act)))
        if acts:
            column.addWidget(WrapRow(acts, 16))
        icon, tone = _ICONS[finding.level]
        return _line(icon, tone, column)

    @staticmethod
    def _act(words: str, finding: Finding, act: Callable[[], object]) -> Button:
        button = Button(words, "word", on_click=act)
        button.setAccessibleDescription(finding.title)
        button.setObjectName(f"content-{finding.rule}-{words.split(maxsplit=1)[0].lower()}")
        return button


def _line(icon: str, tone: str, words: QVBoxLayout | QWidget) -> QHBoxLayout:
    """An icon in a column of its own beside words."""
    row = QHBoxLayout()
    row.setSpacing(8)
    sign = IconLabel(icon, tone, 18)
    sign.setContentsMargins(0, 2, 0, 0)
    row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
    if isinstance(words, QWidget):
        row.addWidget(words, 1)
    else:
        row.addLayout(words, 1)
    return row


def _age(age: int) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(12)
    figure = Label(str(age), "figure", "text" if age > AIM else "good")
    figure.setAccessibleName(f"Reading age {age}, aim for {AIM} or less")
    row.addWidget(figure)
    words = QVBoxLayout()
    words.setSpacing(0)
    words.addStretch(1)
    words.addWidget(Label("reading age", "strong"))
    words.addWidget(Label(f"aim for {AIM} or less", "hint", "muted"))
    words.addStretch(1)
    row.addLayout(words, 1)
    return row


class CameInPane(Card):
    """What the sync brought to a page: what joined by itself, what needs a person, what moved."""

    go_asked = Signal(object)  # Place

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(margins=(2, 10, 2, 8), parent=parent)
        self.setObjectName("content-came-in")
        self.column = ScrollColumn((16, 4, 14, 4))
        self.column.body.setSpacing(8)
        self.body.addWidget(self.column)

    def show_came_in(self, came: CameIn, open_count: int, first: str, ring: str = "") -> None:
        """Shows the counts; `first` is the block of the first conflict, `ring` who to ring."""
        body = self.column.body
        clear_layout(body)
        body.addWidget(Label("What came in with the sync", "section", wrap=True))
        if came.joined:
            words = f"{plural(came.joined, 'change')} joined by themselves"
            words = words if came.joined > 1 else "1 change joined by itself"
            self._add("check", "good", words, "Different sentences, nothing to decide.", came.block_id)
            body.addWidget(Line())
        many = "sentences need" if open_count > 1 else "sentence needs"
        self._add(
            "git-branch", "warn", f"{open_count} {many} you", "Both of you changed the same words.", first
        )
        if came.moved:
            body.addWidget(Line())
            words = f"{plural(came.moved, 'block')} moved"
            self._add("move-vertical", "info", words, f"By {came.who}.", came.moved_id)
        body.addStretch(1)
        if ring:
            body.addWidget(Label(ring, "body", "muted", wrap=True))

    def _add(self, icon: str, tone: str, title: str, text: str, block_id: str) -> None:
        column = QVBoxLayout()
        column.setSpacing(1)
        column.addWidget(Label(title, "strong", wrap=True))
        column.addWidget(Label(text, "body", "muted", wrap=True))
        show = Button("Show", "word", on_click=partial(self.go_asked.emit, Place(block_id)))
        show.setAccessibleDescription(title)
        column.addWidget(show, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.body.addLayout(_line(icon, tone, column))
