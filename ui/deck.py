"""What the sections of a tab share: the card of what is chosen, a list's foot, facts in lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from models.errors import HoldallError
from ui.widgets import (
    Button,
    Card,
    EmptyPage,
    Field,
    Label,
    Line,
    ScrollColumn,
    TextArea,
    TwoLineList,
    WrapRow,
    clear_layout,
)

LONGEST_WORDS = 4_000  # characters, as notes are kept


class WordsForm(QWidget):
    """One field of words and what happens with them: a note, a reason, a remark."""

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title, self.side = "", ""
        self._act: Callable[[str], object] | None = None
        self.intro = Label("", wrap=True)
        self.editor = TextArea(lines=4, most=9, longest=LONGEST_WORDS)
        self.editor.setObjectName("deck-words")
        self.field = Field("Note", self.editor)
        self.save = Button("Save", "primary", key="Ctrl Enter", on_click=self.submit)
        self.save.setObjectName("deck-words-save")
        self.cancel = Button("Cancel", key="Esc", on_click=self.cancelled.emit)
        self.cancel.setObjectName("deck-words-cancel")
        scroll = ScrollColumn()
        for widget in (self.intro, self.field, WrapRow([self.save, self.cancel], 8)):
            scroll.body.addWidget(widget)
        scroll.body.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scroll, 1)

    def ask(
        self, title: str, intro: str, label: str, hint: str, verb: str, act: Callable[[str], object]
    ) -> None:
        """Sets the form up anew; `act` is handed the words when they are saved."""
        self.title, self._act = title, act
        self.intro.setText(intro)
        self.field.label.setText(label)
        self.editor.setAccessibleName(label)
        self.field.set_hint(hint)
        self.field.set_error(None)
        self.save.setText(verb)
        self.editor.set_text("")

    def submit(self) -> None:
        """Hands the words over; an error comes back by `refuse`."""
        if self._act is not None:
            self._act(self.editor.text())

    def refuse(self, error: HoldallError) -> None:
        """Shows what to put right and keeps what was written."""
        self.field.set_error(str(error))
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def focus_first(self) -> None:
        """Goes to the field."""
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)


class Deck(Card):
    """The card that shows one view at a time, under the view's own title and the words at its right.

    In one column a button leads back to the list (`list_asked`).
    """

    list_asked = Signal()

    def __init__(self, empty: EmptyPage, parent: QWidget | None = None) -> None:
        super().__init__(decision=True, margins=(17, 9, 17, 11), parent=parent)
        self.title = Label("", "section", wrap=True)
        self.side = Label("", "body", "muted")
        self.head = QWidget()
        row = QHBoxLayout(self.head)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.title, 1)
        row.addWidget(self.side, 0, Qt.AlignmentFlag.AlignTop)
        self.to_list = Button("List", icon="panel-left", key="L", on_click=self.list_asked.emit)
        self.to_list.hide()
        row.addWidget(self.to_list)
        self.body.addWidget(self.head)
        self.stack = QStackedWidget()
        self.body.addWidget(self.stack, 1)
        self.empty, self.words = empty, WordsForm()
        for view in (self.empty, self.words):
            self.stack.addWidget(view)
        self.show_view(self.empty)

    def add(self, view: QWidget) -> None:
        """Takes in a view; it has `title` and `side`, and `focus_first` where work begins in it."""
        self.stack.addWidget(view)

    def set_compact(self, compact: bool) -> None:
        """Shows the way back to the list where the list is away."""
        self.to_list.setVisible(compact)
        self.side.setVisible(not compact)

    @property
    def current(self) -> QWidget:
        """The view on show."""
        return self.stack.currentWidget() or self.empty

    def show_view(self, view: QWidget, focus: bool = False) -> None:
        """Shows a view with its title."""
        self.stack.setCurrentWidget(view)
        self.head.setVisible(view is not self.empty or not self.side.isVisibleTo(self.head))
        self.title.setText(str(getattr(view, "title", "")) if view is not self.empty else "")
        self.side.setText(str(getattr(view, "side", "")))
        self.head.updateGeometry()  # it may have been measured without its words, while it was hidden
        if focus and hasattr(view, "focus_first"):
            view.focus_first()


class DeckView(QWidget):
    """One view of a deck: a scrolling column above acts that stay in sight."""

    left = Signal()

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title, self.side = title, ""
        outer = self.outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(8)
        self.scroller = ScrollColumn((0, 0, 6, 0))
        self.rows = self.scroller.body
        self.rows.setSpacing(8)
        outer.addWidget(self.scroller, 1)
        self.rule = Line()
        outer.addWidget(self.rule)
        self.foot = QVBoxLayout()
        self.foot.setSpacing(8)
        outer.addLayout(self.foot)

    def focus_first(self) -> None:
        """Goes to the first thing in it."""


class Foot(QWidget):
    """What a list comes to, under a firm rule: words at the left, the figure at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Line("edge"))
        row = QHBoxLayout()
        row.setContentsMargins(15, 6, 14, 7)
        self.words, self.figure = Label("", "hint", "muted"), Label("", "strong")
        row.addWidget(self.words, 1)
        row.addWidget(self.figure)
        column.addLayout(row)

    def set_total(self, words: str, figure: str = "") -> None:
        """Changes both."""
        self.words.setText(words)
        self.figure.setText(figure)


class ListCard(Card):
    """The list of a section with its heading, something at the right of that, and its foot.

    `picked` carries the id of what was clicked.
    """

    picked = Signal(str)

    def __init__(self, title: str, name: str, beside: Sequence[QWidget] = ()) -> None:
        super().__init__(flush=True)
        head = QHBoxLayout()
        head.setContentsMargins(15, 8, 8, 8)
        head.setSpacing(9)
        self.title, self.count = Label(title, "section"), Label("", "body", "muted")
        head.addWidget(self.title)
        head.addWidget(self.count)
        head.addStretch(1)
        for widget in beside:
            head.addWidget(widget)
        self.list = TwoLineList(name=name)
        self.list.clicked.connect(lambda _index: self.picked.emit(self.list.value() or ""))
        self.foot = Foot()
        self.body.addLayout(head)
        self.body.addWidget(Line())
        self.body.addWidget(self.list, 1)
        self.body.addWidget(self.foot)


class Facts(QWidget):
    """Facts in two columns: what each is, muted, and its value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(3)

    def set_facts(self, facts: Sequence[tuple[str, str]], strong_last: bool = False) -> None:
        """Replaces them: words and figure, the last in semibold where it is a sum."""
        clear_layout(self._column)
        for number, (words, value) in enumerate(facts, 1):
            role = "strong" if strong_last and number == len(facts) else "body"
            row = QHBoxLayout()
            row.setSpacing(12)
            row.addWidget(Label(words, role, wrap=True), 1)
            row.addWidget(Label(value, role), 0, Qt.AlignmentFlag.AlignTop)
            self._column.addLayout(row)


def refuse_in(deck: Deck, error: HoldallError) -> bool:
    """Shows an error in the form of words where that is on show; False when it is not."""
    if deck.current is deck.words:
        deck.words.refuse(error)
        return True
    return False


def acts(*buttons: Button) -> WrapRow:
    """Buttons side by side that wrap where the width ends."""
    return WrapRow(list(buttons), 8)
