"""Dangers that were heard in somebody's words, as cards: an emergency in red, a question in amber.

Each is answered where it stands: recorded as an emergency, or settled as none with a reason that is kept.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.repairs.text import choosing
from app.repairs.text.tripwires import Level, Reason
from ui.shell import Shell
from ui.widgets import Button, Card, Field, IconLabel, Label, LineEdit, WrapRow, clear_layout

MOST_CARDS = 3
ASKED_NO = "Asked, and the answer is no"


class HeardCard(Card):
    """One danger that was heard: whose words, what it is, and the two ways to answer."""

    record_asked = Signal(str)  # rule
    settle_asked = Signal(str, str)  # rule, why

    def __init__(self, reason: Reason, parent: QWidget | None = None) -> None:
        self.reason = reason
        self.sure = reason.level is Level.YES
        tone = "danger" if self.sure else "warn"
        super().__init__(tone=tone, parent=parent)
        said = f"They say “{reason.words}”."
        if self.sure:
            title, text = f"This is an emergency: {reason.title[0].lower()}{reason.title[1:]}", said
        else:
            title, text = f"Ask: {reason.ask}", said
        self.title = Label(title, "section", tone, wrap=True)
        head = QHBoxLayout()
        head.setSpacing(10)
        icon = IconLabel("siren" if self.sure else "triangle-alert", tone, 20)
        head.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.title, 1)
        self.body.addLayout(head)
        self.body.addWidget(Label(text, wrap=True))
        self._build_acts()
        self.setAccessibleName(f"{title}. {text}")

    def _build_acts(self) -> None:
        rule = self.reason.rule
        if self.sure:
            self.record = Button("Record it and show the number", "primary", "phone")
            self.none = Button("It is no emergency", "word", on_click=self._ask_why)
        else:
            self.record = Button("Yes, record an emergency", icon="phone")
            self.none = Button("No", on_click=lambda: self.settle_asked.emit(rule, ASKED_NO))
            self.none.setAccessibleName(f"No: {self.reason.ask}")
        self.record.setObjectName(f"repairs-heard-record-{rule}")
        self.none.setObjectName(f"repairs-heard-none-{rule}")
        self.record.clicked.connect(lambda: self.record_asked.emit(rule))
        self.body.addWidget(WrapRow([self.record, self.none], 14))
        self.why = LineEdit()
        self.why.setObjectName(f"repairs-heard-why-{rule}")
        like = "Like “it is mended, the engineer was here”"
        self.why_field = Field("Why is it no emergency?", self.why, like)
        self.keep = Button("Keep the reason", on_click=self._keep)
        self.keep.setObjectName(f"repairs-heard-keep-{rule}")
        self.why_box = QWidget()
        column = QVBoxLayout(self.why_box)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.why_field)
        column.addWidget(self.keep, 0, Qt.AlignmentFlag.AlignLeft)
        self.why.returnPressed.connect(self._keep)
        self.why_box.hide()
        self.body.addWidget(self.why_box)

    def _ask_why(self) -> None:
        self.why_box.show()
        self.why.setFocus(Qt.FocusReason.OtherFocusReason)

    def _keep(self) -> None:
        if not self.why.text().strip():
            self.why_field.set_error("Say in a few words why it is no emergency")
            return
        self.settle_asked.emit(self.reason.rule, self.why.text())


class HeardCards(QWidget):
    """The cards of one repair; they write what is answered themselves. `recorded` carries the repair."""

    recorded = Signal(str)
    answering = Signal()  # before an answer is written: what is still being typed comes first

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shell = shell
        self.repair_id = ""
        self.cards: list[HeardCard] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(10)
        self.hide()

    @property
    def danger(self) -> bool:
        """Whether an emergency is on show that nobody has answered."""
        return any(card.sure for card in self.cards)

    def show_reasons(
        self, repair_id: str, reasons: Sequence[Reason], settled: Sequence[tuple[str, str]] = ()
    ) -> None:
        """Shows what is not answered: emergencies, and questions while there is no emergency.

        Cards that stay keep what is typed in them.
        """
        open_ = [r for r in reasons if (r.rule, r.words) not in settled]
        sure = [r for r in open_ if r.level is Level.YES]
        wanted = list({r.exit: r for r in reversed(sure or open_)}.values())[::-1][:MOST_CARDS]
        if repair_id == self.repair_id and wanted == [card.reason for card in self.cards]:
            return
        self.repair_id = repair_id
        kept = {card.reason: card for card in self.cards if card.reason in wanted}
        for card in self.cards:
            self._column.removeWidget(card)
            if card.reason not in kept:
                card.hide()
                card.deleteLater()
        self.cards = [kept.get(reason) or self._card(reason) for reason in wanted]
        for card in self.cards:
            self._column.addWidget(card)
        self.setVisible(bool(self.cards))
        self.updateGeometry()

    def _card(self, reason: Reason) -> HeardCard:
        card = HeardCard(reason)
        card.record_asked.connect(self._record)
        card.settle_asked.connect(self._settle)
        return card

    def clear(self) -> None:
        """Takes every card away."""
        clear_layout(self._column)
        self.cards = []
        self.hide()

    def focus_first(self) -> None:
        """Puts the focus on the act that comes next."""
        if self.cards:
            self.cards[0].record.setFocus(Qt.FocusReason.OtherFocusReason)

    def _record(self, rule: str) -> None:
        repair_id = self.repair_id
        self.answering.emit()
        self.shell.write(
            "Record the emergency",
            lambda session: choosing.record(session, repair_id, rule),
            lambda _changed: self.recorded.emit(repair_id),
        )

    def _settle(self, rule: str, why: str) -> None:
        repair_id = self.repair_id
        self.answering.emit()
        self.shell.write(
            "No emergency, and why", lambda session: choosing.settle(session, repair_id, rule, why)
        )
