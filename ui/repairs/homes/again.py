"""What a home calls to mind while a repair is asked about: flags and alerts, and that it may be one again."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget
from sqlalchemy.orm import Session

from app.repairs.homes.contacts import is_again, risk_is_new
from app.repairs.homes.past import Memory, PastRepair, past_words, pattern_words, repeat_words
from app.repairs.records import repair_of
from app.repairs.views import RepairView
from app.wording import day_month, local_date, when
from models.changes import Changed
from models.repairs import AlertKind, ChaseReason, ContactKind, State
from ui.repairs.homes.chase_form import ChaseForm
from ui.repairs.homes.home_page import FLAG_ICONS, FLAG_TONES
from ui.repairs.homes.items import until_words
from ui.repairs.items import STATE_WORDS
from ui.shell import Shell
from ui.widgets import Banner, Button, Card, clear_layout


def memory_words(memory: Memory, past: bool = True) -> str:
    """What was reported before, one trade again and again, leaks below each other: in sentences. Without
    `past` where the page says the first of these already."""
    said = [past_words(memory.past)] if past else []
    if memory.repeat is not None:
        said.append(repeat_words(memory.repeat))
    if memory.pattern is not None:
        said.append(pattern_words(memory.pattern))
    return " ".join(words for words in said if words)


class MemoryNotes(QWidget):
    """Banners for what to know of the home: flags first, then alerts; on request what came before, too."""

    def __init__(self, before: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._before = before
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._shown: Memory | None = None
        self.hide()

    def show_memory(self, memory: Memory) -> None:
        """Shows what is known; nothing known hides it."""
        if memory == self._shown:
            return
        self._shown = memory
        clear_layout(self._column)
        for flag in memory.flags:
            if flag.pressing:
                self._column.addWidget(Banner(flag.words, FLAG_TONES[flag.kind], FLAG_ICONS[flag.kind]))
        for alert in memory.alerts:
            icon = "user-round" if alert.kind is AlertKind.PERSON else "map-pin"
            words = f"{alert.words.rstrip('.')}. Holds {until_words(alert.expires_on)}."
            self._column.addWidget(Banner(words, "warn", icon, title="Before anybody goes there"))
        if self._before and memory.repeat is not None:
            self._column.addWidget(Banner(repeat_words(memory.repeat), "info", "repeat-2"))
        if self._before and memory.pattern is not None:
            self._column.addWidget(
                Banner(pattern_words(memory.pattern), "warn", "droplets", title="One cause?")
            )
        self.setVisible(bool(self._column.count()))


class AgainCard(QWidget):
    """Says that a repair may be reported already, and makes it a contact of the earlier one on request.

    `asking` is True while the form stands open, so that the page around it makes room.
    """

    asking = Signal(bool)
    flush_asked = Signal()  # what is being typed has to be written first

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shell = shell
        self.view: RepairView | None = None
        self._dismissed: set[tuple[str, str]] = set()  # repair, and the one it is not
        self.chase = Button(
            "This is a chase", icon="phone", key="C", on_click=partial(self._ask, ContactKind.CHASE)
        )
        self.news = Button("Something new about it", key="U", on_click=partial(self._ask, ContactKind.UPDATE))
        self.new = Button("It is a new repair", "word", on_click=self._dismiss)
        for name, button in (("chase", self.chase), ("news", self.news), ("new", self.new)):
            button.setObjectName(f"repairs-again-{name}")
        self.banner = Banner(
            "", "warn", "history", [self.chase, self.news, self.new], title="Reported already?"
        )
        self.form = ChaseForm()
        self.card = Card(decision=True, margins=(17, 9, 17, 11))
        self.card.body.addWidget(self.form, 1)
        self.card.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.banner)
        column.addWidget(self.card, 1)
        self.form.left.connect(self.close_form)
        self.form.saved.connect(self._record)
        self.hide()

    @property
    def old(self) -> PastRepair | None:
        """The earlier repair that this may be."""
        if self.view is None or self.view.state is not State.DRAFT:
            return None
        repair_id = self.view.id
        seen = (p for p in self.view.memory.same if (repair_id, p.id) not in self._dismissed)
        return next(seen, None)

    def show_view(self, view: RepairView, wanted: bool = True) -> None:
        """Shows itself where the repair may be an earlier one again, on pages where that is `wanted`."""
        if self.view is not None and view.id != self.view.id:
            self.close_form()
        self.view = view
        old = self.old
        if old is not None:
            self.banner.set_text(self._told(old))
        elif not self.card.isHidden():
            self.close_form()
        self.setVisible(old is not None and wanted)

    def _told(self, old: PastRepair) -> str:
        today = self.shell.context.today()
        state = STATE_WORDS[old.state].lower()
        if old.completed_at is not None:
            state = f"mended {day_month(local_date(old.completed_at))}"
        elif old.target_at is not None:
            state = f"{state}, due {day_month(local_date(old.target_at))}"
        return f"{old.reference}, {old.title}: reported {when(old.reported_at, today)}, {state}."

    def _dismiss(self) -> None:
        if self.view is not None:
            self._dismissed |= {(self.view.id, old.id) for old in self.view.memory.same}
            self.hide()

    def _ask(self, kind: ContactKind) -> None:
        old = self.old
        if old is None:
            return
        self.flush_asked.emit()
        carried = (
            "What was typed and answered so far goes along, with its photos. The new repair is taken away."
        )
        self.form.ask(kind, f"{old.reference}, {old.title.lower()}", carried=carried)
        self.banner.hide()
        self.card.show()
        self.asking.emit(True)
        self.form.focus_first()

    def close_form(self) -> None:
        """Goes back to the question; nothing is recorded."""
        if self.card.isHidden():
            return
        self.card.hide()
        self.banner.show()
        self.asking.emit(False)

    def _record(self, kind: ContactKind, reason: ChaseReason | None, words: str) -> None:
        view, old = self.view, self.old
        if view is None or old is None:
            return
        draft_id, old_id, reference = view.id, old.id, old.reference

        def work(session: Session) -> tuple[Changed, bool]:
            risky = risk_is_new(repair_of(session, draft_id), repair_of(session, old_id))
            return is_again(session, draft_id, old_id, kind, reason, words), risky

        def done(result: tuple[Changed, bool]) -> None:
            self.close_form()
            self.shell.open("repairs_repair", old_id)
            what = "The chase" if kind is ContactKind.CHASE else "What is new"
            more = " Somebody at risk was told of: change its answers, its date may be too late."
            self.shell.toast(f"{what} is recorded with {reference}.{more if result[1] else ''}")

        label = "Record a chase" if kind is ContactKind.CHASE else "Record what is new"
        self.shell.write(label, work, done)
