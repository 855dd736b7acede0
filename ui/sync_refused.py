"""The card of one refused act: why, in words, and its ways out, each one click or one key away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.wording import clock_time
from models.errors import HoldallError
from sync import ways_out
from sync.desk import Refusal
from sync.ways_out import SCREEN, Offer, Way
from ui.desk_commands import act_words, export_refused
from ui.shell import Shell
from ui.sync_items import field_words, spoken
from ui.theme import theme
from ui.widgets.boxes import Card
from ui.widgets.button import Button
from ui.widgets.flow import Row
from ui.widgets.text import IconLabel, Label

ICONS = {
    Way.OPEN: "eye",
    Way.OPEN_FIELD: "eye",
    Way.OPEN_PARENT: "eye",
    Way.OPEN_RESOURCE: "eye",
}


class RefusedCard(Card):
    """One act the server refused: the reason in words, the values that were refused, and the ways out.

    `leave` is called before a way leads to another screen.
    """

    def __init__(
        self, item: Refusal, offers: Sequence[Offer], tab: str, shell: Shell, leave: Callable[[], None]
    ) -> None:
        super().__init__(tone="danger", margins=(13, 9, 14, 11))
        self.item, self._shell, self._leave = item, shell, leave
        self.body.setSpacing(4)
        self.body.addLayout(heading("circle-x", "danger", f"Refused: {item.sentence.title}", tab))
        self.body.addLayout(indented(Label(self._words(), wrap=True)))
        self.values = Label(_values(item), "hint", "muted", wrap=True, selectable=True)
        self.values.hide()
        self.body.addLayout(indented(self.values))
        self.show_values = Button("What I wrote", "word", on_click=self._show)
        self.ways = {offer.key: self._button(offer) for offer in offers}
        about = f"{item.label}: {item.title}"
        for button in (*self.ways.values(), self.show_values):
            button.setAccessibleDescription(about)
        self.body.addLayout(indented(Row([*self.ways.values(), self.show_values])))
        self.problem = Label("", "strong", "danger", wrap=True)
        self.problem.hide()
        self.body.addLayout(indented(self.problem))

    def _words(self) -> str:
        item = self.item
        act = f"{item.label}: {item.title}." if item.label else f"{item.title}."
        who = ""
        if item.by:
            at = f" at {clock_time(item.by_at)}" if item.by_at is not None else ""
            who = f" {item.by} was there{at}."
        return f"{act}{who} {item.sentence.advice} Yours is kept here and changes nothing until you choose."

    def _button(self, offer: Offer) -> Button:
        return Button(offer.words, on_click=partial(self.take, offer))

    def take(self, offer: Offer) -> None:
        """Takes a way out."""
        if offer.way is Way.EXPORT:
            self._export()
        elif offer.way in SCREEN:
            self._leave()
            self._shell.open(offer.type, offer.id, offer.field)
        else:
            act = f"{act_words(offer.way)}: {(self.item.label or self.item.title).strip()}"
            other = offer.id if offer.way is Way.INSTEAD else ""
            op_id = self.item.op_id
            self._shell.write(
                act, lambda session: ways_out.take(session, op_id, offer.way, other), failed=self._failed
            )

    def _failed(self, error: HoldallError) -> None:
        """Says here, where the person looks, why a way is closed for now."""
        self.problem.setText(f"{error.title} {error.advice}")
        self.problem.show()

    def _export(self) -> None:
        path = self._shell.ask_save_file(
            "Save it for your lead", "refused change.txt", "Text (*.txt);;JSON (*.json)"
        )
        if path is None:
            return
        context, op_id = self._shell.context, self.item.op_id
        self._shell.fetch(
            lambda job: export_refused(context, path, op_id),
            lambda told: self._shell.toast(f"Saved in {path.name}. It stays here until you choose.", False),
            self._failed,
        )

    def _show(self) -> None:
        self.values.setVisible(not self.values.isVisible())
        self.show_values.setText("Hide what I wrote" if self.values.isVisible() else "What I wrote")


def heading(icon: str, tone: str, words: str, tab: str) -> QHBoxLayout:
    """The first line of a card: icon, words, the tab it belongs to."""
    row = QHBoxLayout()
    row.setSpacing(9)
    row.addWidget(IconLabel(icon, tone, 18), 0)
    row.addWidget(Label(words, "strong", wrap=True), 1)
    row.addWidget(Label(tab, "hint", "muted"), 0)
    return row


def indented(widget: QWidget) -> QHBoxLayout:
    """A line of a card below its heading, in line with the words there."""
    row = QHBoxLayout()
    row.setContentsMargins(theme().icon_size(18) + 9, 0, 0, 0)
    row.addWidget(widget, 1)
    return row


def _values(item: Refusal) -> str:
    lines = [f"{title}, {field_words(name)}: {spoken(value)}" for title, name, value in item.values]
    return "\n".join(lines)
