"""The first page of a new Holdall: two doors, the sample council or a joining code. And the locked door."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.errors import HoldallError
from ui.jobs import Job, Jobs
from ui.reading_order import ReadingOrder
from ui.sign_in import Offer, SignInDoor
from ui.tabs import TABS
from ui.theme import Mode, compact, theme
from ui.widgets.boxes import Card, QuietNote
from ui.widgets.button import Button
from ui.widgets.code_boxes import CODE_LENGTH, CodeBoxes
from ui.widgets.fields import Field, LineEdit
from ui.widgets.flow import Row, ScrollColumn, hide_unless
from ui.widgets.mark import Mark
from ui.widgets.notes import ErrorSummary, JobCard
from ui.widgets.text import IconLabel, Label

SignIn = Callable[
    [Job, str, Offer, str | None, Callable[[str], None] | None, Callable[[object], None]], object
]
_SAMPLE = (
    "Averwick Borough Council does not exist. It comes with two weeks of work in all five tabs: bank lines "
    "to match, repairs to promise, a drop-in to run."
)


class Footer(QWidget):
    """The bar under the first page: text size and contrast, before anything else is asked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 8, 24, 8)
        row.setSpacing(20)
        row.addWidget(Button("Text size", "word", "a-large-small", on_click=self._larger))
        row.addWidget(Button("Contrast", "word", "contrast", on_click=self._contrast))
        row.addStretch(1)

    @staticmethod
    def _larger() -> None:
        theme().set_factor(1.0 if theme().factor >= 2 else theme().factor + 0.25)

    @staticmethod
    def _contrast() -> None:
        order = [Mode.LIGHT, Mode.DARK, Mode.CONTRAST]
        theme().set_mode(order[(order.index(theme().mode) + 1) % len(order)])

    def paintEvent(self, event: QPaintEvent) -> None:
        """The bar's ground."""
        QPainter(self).fillRect(self.rect(), theme().colour("bar"))


class _DoorPage(ReadingOrder):
    """A page before the store is open: a column in the middle over the footer; work runs in the wide lane."""

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.jobs = jobs
        self.setWindowTitle("Holdall")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self.pane = ScrollColumn((24, 16, 24, 16))
        outer.addWidget(self.pane, 1)
        self.footer = Footer()
        outer.addWidget(self.footer)
        self.card: JobCard | None = None
        self._open_again: Callable[[], None] = lambda: None
        jobs.progressed.connect(self._moved)
        self.resize(1280, 720)
        self.setMinimumSize(480, 360)

    def work(
        self,
        title: str,
        task: Callable[[Job], object],
        done: Callable[[object], None],
        failed: Callable[[HoldallError], None],
        holder: QVBoxLayout,
        closed: Sequence[QWidget] = (),
    ) -> None:
        """Runs a task with its card on show and the doors closed meanwhile: all of them, or only those that
        are given, and then the person may stop it."""
        for widget in closed or (self.pane,):
            widget.setEnabled(False)

        def open_again() -> None:
            for widget in closed or (self.pane,):
                widget.setEnabled(True)
            if self.card is not None:
                self.card.hide()
                self.card.deleteLater()
                self.card = None

        def finished(result: object) -> None:
            open_again()
            done(result)

        def refused(error: BaseException) -> None:
            open_again()
            if not isinstance(error, HoldallError):
                raise error
            failed(error)

        job = self.jobs.fetch(task, finished, refused, title)
        self.card = JobCard(job)
        self.card.stop.setVisible(bool(closed))
        self._open_again = open_again
        holder.addWidget(self.card)

    def _moved(self, job: Job) -> None:
        if self.card is not None and self.card.job is job:
            self.card.tell()


class FirstRun(_DoorPage):
    """Two doors. `open_sample` and `join` do the work in the wide lane; `opened` carries what they return.

    `join(job, server, code, passphrase)`; `needs_passphrase` says that this computer has no password store,
    so the person chooses a passphrase. `offers(job, server)` are the ways to sign in that a server has, and
    `sign_in(job, server, offer, passphrase, browse, show_code)` signs in, by a code where `browse` is None.
    `notice` (title, text) stands over the doors.
    """

    opened = Signal(object)

    def __init__(
        self,
        jobs: Jobs,
        open_sample: Callable[[Job], object],
        join: Callable[[Job, str, str, str | None], object],
        needs_passphrase: bool = False,
        parent: QWidget | None = None,
        offers: Callable[[Job, str], Sequence[Offer]] | None = None,
        sign_in: SignIn | None = None,
        notice: tuple[str, str] | None = None,
    ) -> None:
        super().__init__(jobs, parent)
        self._open_sample, self._join = open_sample, join
        self._offers, self._sign_in, self._offers_of = offers, sign_in, ""
        self.notice = QuietNote(*notice) if notice is not None else None
        self._needs_passphrase = needs_passphrase
        body = self.pane.body
        body.addStretch(2)
        body.addLayout(self._welcome())
        body.addSpacing(20)
        if self.notice is not None:
            row = QHBoxLayout()
            row.addStretch(1)
            row.addWidget(self.notice, 12)
            row.addStretch(1)
            body.addLayout(row)
            body.addSpacing(16)
        self._doors = QHBoxLayout()
        self._doors.setSpacing(24)
        self.sample_card, self.join_card = self._sample_door(), self._join_door()
        self._doors.addStretch(1)
        self._doors.addWidget(self.sample_card, 6)
        self._doors.addWidget(self.join_card, 6)
        self._doors.addStretch(1)
        body.addLayout(self._doors)
        body.addStretch(3)
        self.restyle()

    def restyle(self) -> None:
        """Keeps the doors at a readable measure, one over the other where it is narrow or words are large."""
        narrow = compact(self)
        self._doors.setDirection(
            QHBoxLayout.Direction.TopToBottom if narrow else QHBoxLayout.Direction.LeftToRight
        )
        for card in (self.sample_card, self.join_card):
            card.setMaximumWidth(16_777_215 if narrow else theme().wide(430))
        if self.notice is not None:
            self.notice.setMaximumWidth(16_777_215 if narrow else theme().wide(860) + 24)
        self.lead.setFixedWidth(min(theme().wide(450), max(240, self.width() - theme().icon_size(140) - 110)))

    def resizeEvent(self, event: object) -> None:
        """Takes the measure anew."""
        self.restyle()

    def _welcome(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(32)
        words = QVBoxLayout()
        words.setSpacing(6)
        words.addWidget(Label("Welcome to Holdall", "figure", wrap=True))
        self.lead = Label(
            "Five tools for council work, in one bag that needs no network. "
            "Everything you write stays on this laptop until you sync.",
            "lead",
            "muted",
            wrap=True,
        )
        words.addWidget(self.lead)
        names = Row(gap=18)
        for spec in TABS:
            pair = QWidget()
            line = QHBoxLayout(pair)
            line.setContentsMargins(0, 0, 0, 0)
            line.setSpacing(6)
            line.addWidget(IconLabel(spec.icon, spec.key, 18))
            line.addWidget(Label(spec.title))
            names.add(pair)
        words.addWidget(names)
        row.addStretch(1)
        row.addWidget(Mark(140))
        row.addLayout(words)
        row.addStretch(1)
        return row

    def _sample_door(self) -> Card:
        card = Card(margins=(27, 20, 27, 21))
        card.body.addLayout(_title("map", "Try it with a sample council"))
        card.body.addWidget(Label(_SAMPLE, "body", "muted", wrap=True))
        for fact in ("No account and no network needed", "Cannot mix with real records"):
            line = QHBoxLayout()
            line.setSpacing(8)
            line.addWidget(IconLabel("check", "good", 18), 0, Qt.AlignmentFlag.AlignTop)
            line.addWidget(Label(fact, wrap=True), 1)
            card.body.addLayout(line)
        card.body.addSpacing(10)
        card.body.addStretch(1)
        self.sample = Button("Open the sample council", big=True, on_click=self._sample)
        card.body.addWidget(self.sample, 0, Qt.AlignmentFlag.AlignLeft)
        return card

    def _join_door(self) -> Card:
        card = Card(decision=True, margins=(27, 20, 27, 21))
        card.body.addLayout(_title("building-2", "Join your council"))
        card.body.addWidget(
            Label(
                "Type the address and the eight characters from your invitation. "
                "You need a network once, for about a minute.",
                "body",
                "muted",
                wrap=True,
            )
        )
        self.errors = ErrorSummary()
        card.body.addWidget(self.errors)
        self.server = LineEdit(placeholder="https://…")
        self.server_field = Field("Server address", self.server)
        self.code = CodeBoxes()
        self.code_field = Field("Joining code", self.code)
        card.body.addWidget(self.server_field)
        card.body.addWidget(self.code_field)
        self.passphrase = LineEdit()
        self.passphrase.setEchoMode(QLineEdit.EchoMode.Password)
        self.passphrase_field = Field(
            "Choose a passphrase",
            self.passphrase,
            "This computer has no password store. Twelve characters or more; it cannot be recovered.",
        )
        hide_unless(self.passphrase_field, self._needs_passphrase)
        card.body.addWidget(self.passphrase_field)
        card.body.addSpacing(10)
        card.body.addStretch(1)
        self.join = Button("Join", "primary", key="Enter", big=True, on_click=self._join_now)
        self.no_code = Button("I have no code", "word", role="strong", on_click=self._explain)
        self.advice = Label(
            "Ask your team lead or your council’s Holdall administrator for an invitation. "
            "Until it comes, the sample council shows you everything.",
            "body",
            "muted",
            wrap=True,
        )
        self.advice.hide()
        card.body.addWidget(self.advice)
        card.body.addWidget(Row([self.join, self.no_code], 16))
        self.sign_in = SignInDoor()
        self.sign_in.asked.connect(self._sign_in_now)
        card.body.addWidget(self.sign_in)
        self.server.editingFinished.connect(self._look_for_offers)
        self.server.textChanged.connect(lambda _text: self._forget_offers())
        return card

    def _forget_offers(self) -> None:
        if self._offers_of:
            self._offers_of = ""
            self.sign_in.set_offers(())

    def _look_for_offers(self) -> None:
        """Asks the server that was typed for its ways to sign in, unasked and without a word when it has
        none or cannot be reached."""
        server = self.server.text().strip().rstrip("/")
        if self._offers is None or self._address_problem() is not None or server == self._offers_of:
            return
        self._offers_of, ask = server, self._offers

        def found(offers: Sequence[Offer]) -> None:
            if server == self._offers_of:
                self.sign_in.set_offers(offers)

        def none(error: BaseException) -> None:
            if not isinstance(error, HoldallError):
                raise error
            self._offers_of = ""

        self.jobs.fetch(lambda job: ask(job, server), found, none)

    def _sign_in_now(self, offer: Offer, by_code: bool) -> None:
        found = self.problems(with_code=False)
        self.errors.show_errors(found)
        if found or self._sign_in is None:
            return
        server, sign_in, door = self._offers_of, self._sign_in, self.sign_in
        secret = self.passphrase.text() if self._needs_passphrase else None
        browse = None if by_code else door.browse.emit

        def opened(result: object) -> None:
            door.done()
            self.opened.emit(result)

        def failed(error: HoldallError) -> None:
            door.done()
            self.errors.show_errors([(str(error), door.begin)])

        form = (self.server_field, self.code_field, self.passphrase_field, self.join, self.no_code)
        self.work(
            "Waiting for your sign-in",
            lambda job: sign_in(job, server, offer, secret, browse, door.show_code.emit),
            opened,
            failed,
            self.join_card.body,
            (self.sample_card, *form, door.begin, door.other, door.council_field),
        )
        if self.card is not None:  # a job that was stopped says nothing more
            self.card.stop.clicked.connect(self._stopped)

    def _stopped(self) -> None:
        self._open_again()
        self.sign_in.done()

    def _explain(self) -> None:
        self.advice.setVisible(not self.advice.isVisible())

    def _address_problem(self) -> str | None:
        address = self.server.text().strip()
        local = address.startswith(("http://127.0.0.1", "http://localhost"))
        return None if address.startswith("https://") or local else "Write the address, from https://"

    def problems(self, with_code: bool = True) -> list[tuple[str, QWidget]]:
        """What has to be put right before joining, with the fields."""
        found: list[tuple[str, QWidget]] = []
        wrong_address, wrong_code = self._address_problem(), None
        if with_code and len(self.code.code()) != CODE_LENGTH:
            wrong_code = "Write all eight characters of the code"
        wrong_pass = None
        if self._needs_passphrase and len(self.passphrase.text()) < 12:
            wrong_pass = "Choose a passphrase of twelve characters or more"  # noqa: S105  a sentence
        for field, wrong in (
            (self.server_field, wrong_address),
            (self.code_field, wrong_code),
            (self.passphrase_field, wrong_pass),
        ):
            field.set_error(wrong)
            if wrong:
                found.append((wrong, field))
        return found

    def _join_now(self) -> None:
        found = self.problems()
        self.errors.show_errors(found)
        if found:
            return
        server, code = self.server.text().strip().rstrip("/"), self.code.code()
        secret = self.passphrase.text() if self._needs_passphrase else None
        self.work(
            "Joining your council",
            lambda job: self._join(job, server, code, secret),
            self.opened.emit,
            lambda error: self._refused(error, self.code_field),
            self.join_card.body,
        )

    def _refused(self, error: HoldallError, field: Field) -> None:
        field.set_error(str(error))
        self.errors.show_errors([(error.title, field)])

    def _sample(self) -> None:
        self.work(
            "Making two weeks of sample work",
            self._open_sample,
            self.opened.emit,
            lambda error: self.errors.show_errors([(str(error), self.sample)]),
            self.sample_card.body,
        )


class Unlock(_DoorPage):
    """The passphrase page of a computer without a password store. `unlock(job, passphrase)` opens the store;
    `opened` carries what it returns. `lost`: the person has no passphrase any more."""

    opened = Signal(object)
    lost = Signal()

    def __init__(
        self, jobs: Jobs, council: str, unlock: Callable[[Job, str], object], parent: QWidget | None = None
    ) -> None:
        super().__init__(jobs, parent)
        self._unlock = unlock
        body = self.pane.body
        body.addStretch(2)
        self.door = Card(decision=True, margins=(27, 20, 27, 21))
        self.door.body.addLayout(_title("lock", "Open Holdall"))
        self.door.body.addWidget(
            Label(
                f"The work for {council} on this laptop is encrypted."
                if council
                else "The work on this laptop is encrypted.",
                "body",
                "muted",
                wrap=True,
            )
        )
        self.passphrase = LineEdit()
        self.passphrase.setEchoMode(QLineEdit.EchoMode.Password)
        self.field = Field("Passphrase", self.passphrase)
        self.door.body.addWidget(self.field)
        self.button = Button("Open", "primary", key="Enter", big=True, on_click=self._open)
        self.forgotten = Button("I have lost the passphrase", "word", role="strong", on_click=self.lost.emit)
        self.door.body.addWidget(Row([self.button, self.forgotten], 16))
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.door, 6)
        row.addStretch(1)
        body.addLayout(row)
        body.addStretch(3)
        self.restyle()
        self.passphrase.setFocus()

    def restyle(self) -> None:
        """Keeps the door at a readable measure."""
        self.door.setMaximumWidth(theme().wide(430))

    def _open(self) -> None:
        secret = self.passphrase.text()
        if not secret:
            self.field.set_error("Type the passphrase")
            self.passphrase.setFocus()
            return
        self.field.set_error(None)
        self.work(
            "Opening",
            lambda job: self._unlock(job, secret),
            self.opened.emit,
            self._refused,
            self.door.body,
        )

    def _refused(self, error: HoldallError) -> None:
        self.field.set_error(str(error))
        self.passphrase.selectAll()
        self.passphrase.setFocus()


def _title(icon: str, words: str) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(11)
    picture = IconLabel(icon, "primary", 22)
    picture.setContentsMargins(0, 3, 0, 0)
    row.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(Label(words, "subfigure", wrap=True), 1)
    return row
