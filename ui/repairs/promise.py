"""The promise: the date as the big figure, why it is that date, visits asked for, photos, words to say."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.repairs import flow, promises, rights, words
from app.repairs.homes.past import past_words
from app.repairs.tenant_words import tenant_words
from app.repairs.views import RepairView
from app.repairs.visit_views import VISIT_CHIPS, SlotView, VisitView, visit_note
from app.wording import plural, size, weekday_day
from models.repairs import OPEN, State
from ui.repairs.cases.button import CaseBanner
from ui.repairs.date_card import DateCard
from ui.repairs.facts import contact_way
from ui.repairs.heard_cards import HeardCards
from ui.repairs.homes.again import AgainCard, MemoryNotes
from ui.repairs.items import STATE_WORDS
from ui.repairs.papers import REPAIR_CHOICES, PapersButton
from ui.repairs.photo_viewer import show_photos
from ui.repairs.photos import PhotoStrip, PhotoTaker, accepts_photos
from ui.repairs.right_card import RightCard
from ui.repairs.told_card import ToldCard
from ui.shell import Shell
from ui.widgets import (
    Banner,
    Button,
    Card,
    Chip,
    IconLabel,
    Label,
    Line,
    PageHead,
    QuietNote,
    ScrollColumn,
    WrapRow,
    clear_layout,
)

REOPEN, CALL_OFF = "reopen", "call-off"
ACTS = (("Change the answers", REOPEN), ("Call it off", CALL_OFF))


class PromisePage(QWidget):
    """One repair with its promise. It asks upward: save, slip, change, photo, done."""

    save_asked = Signal(str)
    slip_asked = Signal(str)
    paper_asked = Signal(str, str, str)  # paper, repair, its reference
    change_asked = Signal(str, str)  # repair, page
    done_asked = Signal(str)
    off_asked = Signal(str)
    reopen_asked = Signal(str)
    left = Signal()

    def __init__(self, shell: Shell, taker: PhotoTaker, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shell, self.taker = shell, taker
        self.view: RepairView | None = None
        self._build()
        self.setAcceptDrops(True)

    # What stands on it

    def _build(self) -> None:
        self.back = Button("Back", icon="arrow-left", key="Esc", on_click=self.left.emit)
        self.slip = Button(
            "Print a slip for the tenant", icon="printer", on_click=partial(self._emit, self.slip_asked)
        )
        self.save = Button(
            "Save the repair", "primary", key="Ctrl Enter", on_click=partial(self._emit, self.save_asked)
        )
        self.done = Button(
            "Mark it mended", "primary", icon="check", on_click=partial(self._emit, self.done_asked)
        )
        self.more = PapersButton((*REPAIR_CHOICES, *ACTS), self._ask_more, "More…", None, "M")
        named = {
            "repairs-more": self.more,
            "repairs-promise-back": self.back,
            "repairs-slip": self.slip,
            "repairs-save": self.save,
            "repairs-done": self.done,
        }
        for name, button in named.items():
            button.setObjectName(name)
        self.head = PageHead(actions=[self.back, self.slip, self.more, self.done, self.save])
        self.pane = ScrollColumn()
        self.heard = HeardCards(self.shell)  # dangers in their words that nobody has answered come first
        self.pane.body.addWidget(self.heard)
        self.again = AgainCard(self.shell)
        self.again.asking.connect(self._make_room)
        self.past = Banner("", "info", "history", title="Here before")
        self.notes = MemoryNotes(before=True)
        self.pane.body.addWidget(self.notes)
        self.pane.body.addWidget(self.past)
        self._build_dates()
        self.case = CaseBanner(self.shell)
        self.pane.body.addWidget(self.case)
        self.cards = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self.cards.setSpacing(14)
        for card, share in ((self._build_visits(), 40), (self._build_photos(), 36), (self._build_say(), 33)):
            self.cards.addWidget(card, share)
        self.pane.body.addLayout(self.cards)
        self.told = ToldCard()
        self.told.change_asked.connect(self._change)
        self.told.reopen_asked.connect(partial(self._emit, self.reopen_asked))
        self.pane.body.addWidget(self.told)
        self.pane.body.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(10)
        outer.addWidget(self.head)
        outer.addWidget(self.again)
        outer.addWidget(self.pane, 1)

    def _build_dates(self) -> None:
        """The date, and the Right to Repair below it."""
        self.dates, self.right = DateCard(self.shell), RightCard(self.shell)
        self.figure, self.promise_words, self.reason = (
            self.dates.figure,
            self.dates.promise_words,
            self.dates.reason,
        )
        self.why, self.strip, self.hours = self.dates.why, self.dates.strip, self.dates.hours
        self.skipped, self.source, self.rows = self.dates.skipped, self.dates.source, self.dates.rows
        self.pane.body.addWidget(self.dates)
        self.pane.body.addWidget(self.right)
        self.dates.told_asked.connect(self.show_told)
        self.dates.delay_given.connect(self._record_delay)
        self.right.second_asked.connect(self._ask_second)
        self.right.refused.connect(self._refuse)
        self.right.dear.connect(self._drop_right)

    def _build_visits(self) -> Card:
        card = Card()
        self.visit_head = WrapRow([Label("Visits asked for", "section")], 10)
        self.visit_chip: Chip | None = None
        self.visit_rows = QVBoxLayout()
        self.visit_rows.setSpacing(4)
        self.visit_note = Label("", "hint", "muted", wrap=True)
        self.contact = Label("", wrap=True)
        self.contact_icon = IconLabel("message-square-text")
        self.visit_change = Button("Change", "word", on_click=partial(self._change, flow.VISITS))
        self.visit_change.setObjectName("repairs-visits-change")
        self.visit_change.setAccessibleName("Change the visits asked for")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.contact_icon)
        row.addWidget(self.contact, 1)
        row.addWidget(self.visit_change)
        card.body.addWidget(self.visit_head)
        card.body.addLayout(self.visit_rows)
        card.body.addWidget(self.visit_note)
        card.body.addStretch(1)
        card.body.addLayout(row)
        return card

    def _build_photos(self) -> Card:
        card = Card()
        self.photo_facts = Label("", tone="muted", wrap=True)
        self.photo_add = Button("Add", "word", on_click=self._add_photo)
        self.photo_add.setObjectName("repairs-promise-photo-add")
        self.photo_add.setAccessibleName("Add a photo")
        self.photo_add.setMinimumWidth(24)
        row = QHBoxLayout()
        row.setSpacing(9)
        row.addWidget(Label("Photos", "section"))
        row.addWidget(self.photo_facts, 1)
        row.addWidget(self.photo_add)
        self.photos = PhotoStrip()
        self.photos.open_asked.connect(self._look_at_photo)
        self.photo_note = Label("", "hint", "muted", wrap=True)
        card.body.addLayout(row)
        card.body.addWidget(self.photos)
        card.body.addStretch(1)
        card.body.addWidget(self.photo_note)
        return card

    def _build_say(self) -> QuietNote:
        note = QuietNote("Say this to the tenant", "")
        note.title.set_role("section")
        self.say = Label("", wrap=True, selectable=True)
        self.copy = Button("Copy as a text", icon="copy", on_click=self._copy)
        self.copy.setObjectName("repairs-copy")
        note.body.addWidget(self.say)
        note.body.addStretch(1)
        note.body.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignLeft)
        return note

    def set_compact(self, compact: bool) -> None:
        """One column."""
        direction = QBoxLayout.Direction.TopToBottom if compact else QBoxLayout.Direction.LeftToRight
        self.cards.setDirection(direction)
        self.dates.set_compact(compact)
        self.told.set_compact(compact)

    # What it shows

    def show_view(self, view: RepairView) -> None:
        """Shows a repair; before the last question it says that there is no date yet."""
        self.view = view
        self.heard.show_reasons(view.id, view.unsettled)
        self.save.set_kind("outline" if self.heard.danger else "primary")
        self._show_head(view)
        self.dates.show_view(view)
        self.right.show_view(view)
        self._show_visits(view)
        self._show_photos(view)
        self.told.show_view(view)
        self.say.setText(f"“{self.tenant_words()}”" if view.first else "")
        chase = any(p.same_code for p in view.past)
        self.again.show_view(view)
        self.notes.show_memory(view.memory)
        self.past.setVisible(chase and self.again.old is None)
        self.past.set_text(past_words(view.past) if chase else "")

    def _make_room(self, asking: bool) -> None:
        """While a contact is asked about, the page stands back with its keys."""
        self.head.setVisible(not asking)
        self.pane.setVisible(not asking)

    def focus_first(self) -> None:
        """The act that comes next."""
        if self.heard.cards:
            self.heard.focus_first()
            return
        (self.save if self.save.isVisible() else self.slip).setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_head(self, view: RepairView) -> None:
        self.head.set_title(f"Repair {view.reference}")
        path = words.path_of(view.path.way.given)
        shown = " › ".join([*path[:2], *path[-1:]] if len(path) > 2 else path)
        chips = [Chip(shown)] if shown else []
        if view.state is not State.DRAFT:
            tone = {State.COMPLETED: "good", State.CANCELLED: "plain"}.get(view.state, "info")
            chips.append(Chip(STATE_WORDS[view.state], tone))
        self.head.set_chips(chips)
        self.head.set_facts(f"{view.tenant}, {view.where}" if view.tenant else view.where)
        draft, open_ = view.state is State.DRAFT, view.state in OPEN
        self.save.setVisible(draft)
        self.done.setVisible(open_)
        self.slip.setVisible(view.first is not None)
        papers = [name for _, name in REPAIR_CHOICES] if view.first is not None else []
        acts = [REOPEN] if view.state is State.READY else []
        self.more.show_only([*papers, *acts, *([CALL_OFF] if open_ else [])])
        self.case.show_for(view)
        self.head.acts.updateGeometry()

    def _show_visits(self, view: RepairView) -> None:
        visit = view.visit
        if self.visit_chip is not None:
            self.visit_head.flow.removeWidget(self.visit_chip)
            self.visit_chip.hide()
            self.visit_chip.deleteLater()
            self.visit_chip = None
        clear_layout(self.visit_rows)
        if visit is not None:
            self.visit_chip = Chip(*VISIT_CHIPS[visit.state])
            self.visit_head.add(self.visit_chip)
            for number, slot in enumerate(visit.choices, 1):
                self._visit_row(number, slot, visit)
        self.visit_note.setText(self._visit_words(visit))
        told, icon = contact_way(view)
        self.contact.setText(told)
        self.contact_icon.set_icon(icon)
        self.visit_change.setVisible(view.state in (State.DRAFT, *OPEN))

    def _visit_row(self, number: int, slot: SlotView, visit: VisitView) -> None:
        row = QHBoxLayout()
        row.setSpacing(10)
        asked = slot.id == visit.asking
        row.addWidget(Label(str(number), "strong" if asked else "body", "muted"))
        row.addWidget(Label(weekday_day(slot.day), "strong" if asked and visit.booked else "body"), 1)
        row.addWidget(Label(slot.label, tone="muted"))
        self.visit_rows.addLayout(row)
        self.visit_rows.addWidget(Line())

    def _visit_words(self, visit: VisitView | None) -> str:
        context = self.shell.context
        return visit_note(visit, context.now(), context.today())

    def _show_photos(self, view: RepairView) -> None:
        count = len(view.photos)
        self.photo_facts.setText(f"{count}, with the place data taken out" if count else "none yet")
        self.photos.show_photos(view.photos)
        self.shell.want_files([p.thumb_sha256 for p in view.photos if not p.where.here])
        total = size(sum(p.size for p in view.photos)) if count else ""
        self.photo_note.setText(
            f"{plural(count, 'photo')}, {total} in all. The words go first, then the pictures."
            if count
            else "Drop or paste photos here, or choose them."
        )

    # What it asks for

    def tenant_words(self) -> str:
        """What to say to the tenant."""
        context = self.shell.context
        if self.view is None:
            return ""
        return tenant_words(self.view, context.now(), context.council.repairs_telephone)

    def _record_delay(self, clock_id: str, reason: str) -> None:
        self.shell.write(
            "Record a delay",
            lambda session: promises.record_delay(session, clock_id, reason),
            undo_toast="The reason is recorded. The date stays.",
        )

    def _ask_second(self) -> None:
        repair_id = self.view.id if self.view else ""
        self.shell.write(
            "They ask for another contractor",
            lambda session: rights.ask_second(session, repair_id),
            undo_toast="Another contractor is asked for. The second period runs.",
        )

    def _refuse(self) -> None:
        repair_id = self.view.id if self.view else ""
        self.shell.write(
            "Nobody was let in",
            lambda session: rights.refuse_access(session, repair_id),
            undo_toast="Recorded that nobody was let in.",
        )

    def _drop_right(self) -> None:
        repair_id = self.view.id if self.view else ""
        self.shell.write(
            "It costs too much for the Right to Repair",
            lambda session: rights.does_not_qualify(session, repair_id),
            undo_toast="Recorded. The council’s own date holds.",
        )

    def _copy(self) -> None:
        self.shell.copy(self.tenant_words())
        self.shell.toast("Copied. Paste it into a text message.", undo=False)

    def show_told(self) -> None:
        """Goes to what they told us, and to its first word to press."""
        self.pane.verticalScrollBar().setValue(self.told.y())
        self.told.focus_first()

    def _ask_more(self, name: str) -> None:
        if name in (REOPEN, CALL_OFF):
            self._emit(self.reopen_asked if name == REOPEN else self.off_asked)
        elif self.view is not None:
            self.paper_asked.emit(name, self.view.id, self.view.reference)

    def _look_at_photo(self, photo_id: str) -> None:
        show_photos(self.shell, self.photos.photos, photo_id, self)

    def _add_photo(self) -> None:
        if self.view is not None:
            self.taker.ask(self.view.id)

    def _change(self, page_id: str) -> None:
        if self.view is not None:
            self.change_asked.emit(self.view.id, page_id)

    def _emit(self, signal: SignalInstance) -> None:
        if self.view is not None:
            signal.emit(self.view.id)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Takes files."""
        accepts_photos(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Takes the dropped photos in."""
        if self.view is not None:
            self.taker.drop(self.view.id, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pasting brings the picture of the clipboard."""
        if self.view is not None and event.matches(QKeySequence.StandardKey.Paste):
            self.taker.paste(self.view.id)
            return
        super().keyPressEvent(event)
