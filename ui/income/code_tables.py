"""The council's codes as tables to read: funds, methods, VAT codes, offices, checks, accounts, stops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from sqlalchemy.orm import Session

from app.income.office import vocabulary
from app.income.repair import repairs
from app.income.validators import SAMPLE, ReferenceCheck, check
from app.wording import listed, plural, pounds
from ui.income.proposal import EvidenceList
from ui.jobs import Job
from ui.shell import Shell
from ui.widgets import Column, ComboBox, Field, Label, Line, LineEdit, Row, SearchField, Table

MOST_HOLDERS = 200


@dataclass(frozen=True)
class CodeList:
    """One kind of code: its key, title, noun, columns, and how its rows are read (given what is sought)."""

    key: str
    title: str
    noun: str
    columns: tuple[Column, ...]
    rows: Callable[[Session, str], list[Row]]


def _yes(value: bool) -> str:
    return "yes" if value else ""


def _limit(pence: int) -> str:
    return pounds(pence) if pence else ""


def _funds(session: Session, _sought: str) -> list[Row]:
    return [
        Row(
            one.id,
            (one.code, one.name, one.validator, one.vat_code, one.gl_code, _limit(one.maximum_pence)),
            chip="not used" if one.disabled else "suspense" if one.is_suspense else "",
            tone="muted" if one.disabled else None,
        )
        for one in vocabulary.funds(session)
    ]


def _methods(session: Session, _sought: str) -> list[Row]:
    return [
        Row(
            one.id,
            (
                one.code,
                one.name,
                _yes(one.refundable),
                one.fee_fund if one.incurs_fee else "",
                _limit(one.minimum_pence),
                _limit(one.maximum_pence),
            ),
            chip="not used" if one.disabled else "",
            tone="muted" if one.disabled else None,
        )
        for one in vocabulary.methods(session)
    ]


def _vat_codes(session: Session, _sought: str) -> list[Row]:
    return [
        Row(one.id, (one.code, one.name, f"{one.rate // 100}.{one.rate % 100:02d} %"))
        for one in vocabulary.vat_codes(session)
    ]


def _offices(session: Session, _sought: str) -> list[Row]:
    return [Row(one.id, (one.code, one.name)) for one in vocabulary.offices(session)]


def _stops(session: Session, _sought: str) -> list[Row]:
    return [Row(one.id, (one.code, one.fund, one.message)) for one in vocabulary.stop_messages(session)]


def _holders(session: Session, sought: str) -> list[Row]:
    return [
        Row(one.id, (one.reference, one.name, one.fund, one.postcode, pounds(one.balance_pence)))
        for one in vocabulary.account_holders(session, sought, MOST_HOLDERS)
    ]


def _checks(session: Session, _sought: str) -> list[Row]:
    return [
        Row(name, (name, _check_words(one), _length_words(one)))
        for name, one in vocabulary.validators(session).items()
    ]


def _length_words(one: ReferenceCheck) -> str:
    least, most = one.min_length, one.max_length
    if least == most:
        return f"{most}"
    return f"{least} to {most}" if least else f"up to {most}"


def _check_words(one: ReferenceCheck) -> str:
    parts = [f"mask {one.mask}"] if one.mask else []
    parts += [f"pattern {one.regex}"] if one.regex else []
    if one.check_digit is not None:
        parts.append(f"check digit, modulus {one.check_digit.modulus}")
    return listed(parts) or "lengths alone"


LISTS = (
    CodeList(
        "funds",
        "Funds",
        "fund",
        (
            Column("Code", 56),
            Column("Name", 130, stretch=True),
            Column("Check", 96, muted=True, optional=True),
            Column("VAT", 44, muted=True),
            Column("GL code", 90, muted=True, optional=True),
            Column("At most", 88, figures=True, optional=True),
        ),
        _funds,
    ),
    CodeList(
        "methods",
        "Methods of payment",
        "method",
        (
            Column("Code", 56),
            Column("Name", 130, stretch=True),
            Column("Refundable", 84, muted=True, optional=True),
            Column("Fee fund", 74, muted=True, optional=True),
            Column("At least", 84, figures=True, optional=True),
            Column("At most", 90, figures=True, optional=True),
        ),
        _methods,
    ),
    CodeList(
        "vat",
        "VAT codes",
        "VAT code",
        (Column("Code", 56), Column("Name", 130, stretch=True), Column("Rate", 84, figures=True)),
        _vat_codes,
    ),
    CodeList(
        "offices",
        "Offices",
        "office",
        (Column("Code", 56), Column("Name", 130, stretch=True)),
        _offices,
    ),
    CodeList(
        "checks",
        "Reference checks",
        "reference check",
        (Column("Name", 120), Column("Looks at", 150, stretch=True), Column("Length", 90, muted=True)),
        _checks,
    ),
    CodeList(
        "holders",
        "Account holders",
        "account holder",
        (
            Column("Reference", 130),
            Column("Name", 130, stretch=True),
            Column("Fund", 54, muted=True),
            Column("Postcode", 84, muted=True, optional=True),
            Column("Balance", 92, figures=True, optional=True),
        ),
        _holders,
    ),
    CodeList(
        "stops",
        "Stop messages",
        "stop message",
        (Column("Code", 80), Column("Fund", 54, muted=True), Column("What is told", 150, stretch=True)),
        _stops,
    ),
)


class ReferenceBox(QWidget):
    """Check a reference: what a check says of it at every letter, and what it may have been."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(Line())
        column.addWidget(Label("Check a reference", "section"))
        self.checks: dict[str, ReferenceCheck] = {}
        self.which = ComboBox(name="Check")
        self.which.setObjectName("reference-check")
        self.reference = LineEdit(name="Reference")
        self.reference.setObjectName("reference")
        self.verdict = EvidenceList()
        self.verdict.setObjectName("reference-verdict")
        boxes = QHBoxLayout()
        boxes.setSpacing(12)
        boxes.addWidget(Field("By", self.which), 1)
        boxes.addWidget(Field("Reference", self.reference), 2)
        column.addLayout(boxes)
        column.addWidget(self.verdict)
        self.which.currentIndexChanged.connect(lambda _n: self.judge())
        self.reference.textChanged.connect(lambda _text: self.judge())

    def set_checks(self, checks: dict[str, ReferenceCheck]) -> None:
        """Offers the council's checks, or those of the sample where it keeps none."""
        self.checks = checks or dict(SAMPLE)
        kept = self.which.currentText()
        self.which.blockSignals(True)
        self.which.clear()
        for name in self.checks:
            self.which.addItem(name, name)
        self.which.setCurrentIndex(max(0, self.which.findData(kept)))
        self.which.blockSignals(False)
        self.judge()

    def judge(self) -> None:
        """Says what the check says, and what one slip may have turned into it."""
        text = self.reference.text().strip()
        validator = self.checks.get(str(self.which.currentData()))
        if not text or validator is None:
            self.verdict.show_steps([], True)
            return
        verdict = check(validator, text)
        if verdict.ok:
            self.verdict.show_steps([verdict.reason or "It passes."], True)
            return
        meant = repairs(validator, text)
        told = [verdict.reason]
        if meant:
            shown = meant[:5]
            more = f", and {len(meant) - 5} more" if len(meant) > 5 else ""
            told.append(f"One slip away: {', '.join(shown)}{more}.")
        self.verdict.show_doubts(told)


class CodesView(QWidget):
    """One kind of code in a table; account holders can be searched, checks can be tried."""

    read = Signal()  # rows came in later

    def __init__(self, kind: CodeList, shell: Shell) -> None:
        super().__init__()
        self.kind, self._shell = kind, shell
        self._rest = QTimer(self, singleShot=True, interval=120)
        self._rest.timeout.connect(self._seek)
        self.title, self.side = kind.title, ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.search = SearchField(f"Find a {kind.noun}", key="/", name=f"Find a {kind.noun}")
        self.table = Table(kind.columns, name=kind.title)
        self.table.setObjectName(f"codes-{kind.key}")
        self.none = Label(f"No {kind.noun} is kept here yet.", "body", "muted", wrap=True)
        self.box = ReferenceBox() if kind.key == "checks" else None
        column.addWidget(self.search)
        column.addWidget(self.none)
        column.addWidget(self.table, 1)
        column.addStretch(0)
        if self.box is not None:
            column.addWidget(self.box)
        self.search.setVisible(kind.key == "holders")
        self.search.textChanged.connect(lambda _text: self._rest.start())

    def show_codes(self) -> None:
        """Reads the rows anew; account holders, who may be very many, off the window's thread."""
        if self.kind.key == "holders":
            self._seek()
            return
        self._show_rows(self._shell.read(lambda session: self.kind.rows(session, "")))

    def _seek(self) -> None:
        sought = self.search.text()

        def seen(rows: list[Row]) -> None:
            if self.search.text() == sought:
                self._show_rows(rows)
                self.read.emit()

        def work(job: Job) -> list[Row]:
            job.check()
            return self._shell.context.read(lambda session: self.kind.rows(session, sought))

        self._shell.fetch(work, seen)

    def _show_rows(self, rows: list[Row]) -> None:
        sought = self.search.text()
        self.table.set_rows(rows)
        self.table.setVisible(bool(rows))
        told = f"No {self.kind.noun} fits “{sought}”." if sought else f"No {self.kind.noun} is kept here yet."
        self.none.setText(told)
        self.none.setVisible(not rows)
        if self.kind.key == "holders" and len(rows) == MOST_HOLDERS:
            self.side = f"the first {MOST_HOLDERS}"
        else:
            self.side = plural(len(rows), self.kind.noun)

    def focus_first(self) -> None:
        """Goes to the search, the box, or the table."""
        target: QWidget = self.table
        if self.kind.key == "holders":
            target = self.search
        elif self.box is not None:
            target = self.box.reference
        target.setFocus(Qt.FocusReason.OtherFocusReason)


def sizes(session: Session) -> dict[str, int]:
    """How many codes of each kind there are; account holders are not counted."""
    return {kind.key: len(kind.rows(session, "")) for kind in LISTS if kind.key != "holders"}
