"""The parts: what they say to a screen reader, what their keys do, and that nothing is cut at 200 %."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from tests.ui import audit
from ui.reading_order import ReadingOrder
from ui.theme import theme
from ui.widgets import (
    Answer,
    AnswerList,
    Banner,
    Button,
    CheckBox,
    Chip,
    Column,
    ComboBox,
    DateBoxes,
    EmptyPage,
    ErrorSummary,
    Field,
    Item,
    KeyHint,
    Label,
    LineEdit,
    MoneyEdit,
    PageHead,
    QuietNote,
    Row,
    ScrollColumn,
    SearchField,
    Steps,
    Sum,
    Table,
    TextArea,
    TotalRow,
    TwoLineList,
    WrapRow,
)

HELD: dict[int, QWidget] = {}  # a window lives as long as Python holds it


@pytest.fixture(autouse=True)
def _let_go() -> Iterator[None]:
    """Drops the windows of a test."""
    yield
    HELD.clear()


def place(qtbot: QtBot, *widgets: QWidget, size: tuple[int, int] = (900, 700)) -> QWidget:
    """A shown, active window that holds the widgets in a column that scrolls."""
    window = ReadingOrder()
    outer, pane = QVBoxLayout(window), ScrollColumn()
    outer.setContentsMargins(0, 0, 0, 0)
    outer.addWidget(pane)
    for widget in widgets:
        pane.body.addWidget(widget)
    pane.body.addStretch(1)
    qtbot.addWidget(window)
    for widget in widgets:
        HELD[id(widget)] = window
    window.resize(*size)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    return window


def name_of(widget: QWidget) -> str:
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


def said_of(widget: QWidget) -> str:
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Description)


def gallery() -> list[QWidget]:
    table = Table(
        [Column("Date", 60, muted=True), Column("Receipt", stretch=True), Column("Amount", 80, True)]
    )
    table.set_rows([Row(str(n), ("7 Dec", f"Cheque {n}", f"{n},412.50")) for n in range(5)])
    return [
        PageHead("Bank statement 241", "General account", [Chip("9 open"), Chip("Matched", "good", "check")]),
        WrapRow(
            [
                Button("Accept match", "primary", "check", "A"),
                Button("Reject", key="R"),
                Button("Show", "word"),
            ]
        ),
        ErrorSummary(),
        Banner("Smell of gas: 0800 111 999.", "danger", "siren", title="In danger now?"),
        Field("Tenant’s name", LineEdit("Ffion Wŷn-Harte"), "As on the tenancy"),
        Field("Amount", MoneyEdit(1250)),
        Field("Who to ring", ComboBox(["Choose one", "Ffion"])),
        Field("Date", DateBoxes(date(2026, 12, 17))),
        Field("Notes", TextArea("Damp behind the wardrobe")),
        CheckBox("They can have text messages", True),
        SearchField("Filter"),
        AnswerList(
            [
                Answer("a", "A few spots, smaller than a hand", "In one corner"),
                Answer("b", "They do not know"),
            ]
        ),
        table,
        TotalRow(table, "5 receipts", "£845.30"),
        TwoLineList([("Needs me", [Item("x", "Report a missed bin", "2 things to put right", "warn")])]),
        Sum([("Bank says", "£214,180.62"), ("Book says", "£214,618.92", "−")]),
        Steps(["Draft", "In review", "Published"], 0, "Next review due in a year"),
        QuietNote("Why we ask", "The law sets a date by which we must look at it."),
        KeyHint(["↑", "↓"], "next line"),
        EmptyPage("scale", "No statement yet", "Bring in a file.", Button("Import statement", "primary")),
    ]


@pytest.mark.parametrize(
    ("factor", "mode"), [(1.0, "light"), (2.0, "light"), (1.5, "dark"), (2.0, "contrast")]
)
def test_every_part_has_a_name_a_tab_stop_and_room_for_its_words(
    qtbot: QtBot, factor: float, mode: str
) -> None:
    theme().install(mode, factor)
    window = place(qtbot, *gallery(), size=(1280, 720))
    assert audit.problems(window) == []
    assert audit.cut_off(window) == []
    assert audit.stray_windows(window) == []


def test_the_audit_finds_a_nameless_field_and_a_cut_label(qtbot: QtBot) -> None:
    nameless, narrow, twin = (
        LineEdit(placeholder="like this"),
        Label("far too wide for its room"),
        Button("x", key="R"),
    )
    window = place(qtbot, nameless, narrow, twin, Button("y", key="R"))
    narrow.setFixedWidth(20)
    assert len(audit.unnamed(window)) == 1
    assert audit.doubled_keys(window) == ["R is wanted 2 times"]
    assert any("far too wide" in line for line in audit.cut_off(window))


def test_a_buttons_key_presses_it_while_it_is_on_screen(qtbot: QtBot) -> None:
    pressed: list[str] = []
    button = Button("Accept match", "primary", key="A", on_click=lambda: pressed.append("A"))
    other = Button("Reject", key="R", on_click=lambda: pressed.append("R"))
    window = place(qtbot, button, other)
    qtbot.keyClick(window, Qt.Key.Key_A)
    assert pressed == ["A"]
    button.hide()
    qtbot.keyClick(window, Qt.Key.Key_A)
    assert pressed == ["A"]


def test_a_letter_typed_in_a_field_is_a_letter_and_no_shortcut(qtbot: QtBot) -> None:
    pressed: list[str] = []
    field = LineEdit(name="Note")
    place(qtbot, field, Button("Accept match", key="A", on_click=lambda: pressed.append("A")))
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_A)
    assert (field.text(), pressed) == ("a", [])


def test_enter_continues_from_a_field_but_presses_the_button_that_has_the_focus(qtbot: QtBot) -> None:
    pressed: list[str] = []
    field = LineEdit(name="Postcode")
    go = Button("Continue", "primary", key="Enter", on_click=lambda: pressed.append("go"))
    back = Button("Back", key="Esc", on_click=lambda: pressed.append("back"))
    place(qtbot, field, go, back)
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_Return)
    back.setFocus()
    qtbot.keyClick(back, Qt.Key.Key_Return)
    assert pressed == ["go", "back"]


def test_an_ampersand_in_a_label_is_an_ampersand(qtbot: QtBot) -> None:
    button = Button("Parks & gardens")
    qtbot.addWidget(button)
    assert button.label() == name_of(button) == "Parks & gardens"


def test_hint_and_error_are_said_with_the_field(qtbot: QtBot) -> None:
    edit = LineEdit()
    field = Field("Postcode", edit, "Like AV3 2QT")
    place(qtbot, field)
    assert (name_of(edit), said_of(edit)) == ("Postcode", "Like AV3 2QT")
    field.set_error("This needs a number after the space")
    assert said_of(edit) == "To put right: This needs a number after the space. Like AV3 2QT"
    assert field.problem
    field.set_error(None)
    assert said_of(edit) == "Like AV3 2QT"


def test_the_error_summary_takes_the_focus_and_leads_to_the_field(qtbot: QtBot) -> None:
    summary, edit = ErrorSummary(), LineEdit()
    field = Field("Postcode", edit)
    window = place(qtbot, summary, field)
    summary.show_errors([("Write the postcode, like AV3 2QT", field)])
    assert summary.hasFocus()
    assert name_of(summary) == "1 thing to put right: Write the postcode, like AV3 2QT"
    qtbot.waitUntil(lambda: summary.findChild(Button).isVisible())
    qtbot.keyClick(window, Qt.Key.Key_Tab)
    link = window.focusWidget()
    assert isinstance(link, Button)
    qtbot.keyClick(link, Qt.Key.Key_Return)
    assert edit.hasFocus()
    summary.show_errors([])
    assert not summary.isVisible()


def test_number_keys_choose_an_answer_and_the_last_stands_under_or(qtbot: QtBot) -> None:
    answers = AnswerList(
        [Answer("spots", "A few spots"), Answer("patch", "A patch"), Answer("no", "They do not know")]
    )
    window = place(qtbot, answers)
    chosen: list[str] = []
    answers.chosen.connect(chosen.append)
    assert answers.value() is None
    qtbot.keyClick(window, Qt.Key.Key_2)
    assert (answers.value(), chosen) == ("patch", ["patch"])
    qtbot.keyClick(answers.rows[1], Qt.Key.Key_Down)
    assert (answers.value(), chosen) == ("no", ["patch", "no"])
    qtbot.mouseClick(answers.rows[0], Qt.MouseButton.LeftButton, pos=QPoint(400, 10))
    assert answers.value() == "spots"
    answers.set_value(None)
    assert answers.value() is None
    assert [label.text() for label in answers.findChildren(Label)] == ["or"]


@given(st.integers(min_value=-(10**12), max_value=10**12))
@settings(max_examples=40, deadline=None)
def test_money_reads_back_what_it_shows(pence: int) -> None:
    edit = MoneyEdit(pence)
    assert edit.pence() == pence
    assert edit.problem() is None


@pytest.mark.parametrize(
    ("typed", "pence"),
    [
        ("£1,234.5", 123450),
        ("12", 1200),
        (".50", 50),
        ("−77.20", -7720),
        ("12.345", None),
        ("twelve", None),
        ("1.", None),
        ("", None),
    ],
)
def test_money_is_read_as_people_type_it(qtbot: QtBot, typed: str, pence: int | None) -> None:
    edit = MoneyEdit(name="Amount")
    qtbot.addWidget(edit)
    edit.setText(typed)
    assert edit.pence() == pence
    assert (edit.problem() is None) == (pence is not None or not typed)


def test_a_date_in_three_boxes_says_what_to_put_right(qtbot: QtBot) -> None:
    boxes = DateBoxes(date(2027, 1, 5), "Seen on")
    place(qtbot, boxes)
    assert boxes.value() == date(2027, 1, 5)
    assert [name_of(box) for box in boxes.boxes] == ["Seen on: day", "Seen on: month", "Seen on: year"]
    boxes.boxes[0].setText("31")
    boxes.boxes[1].setText("2")
    assert boxes.value() is None
    assert boxes.problem() == "Write a real date, like 17 12 2026"
    boxes.set_value(None)
    assert (boxes.value(), boxes.problem()) == (None, None)


def test_a_table_says_its_rows_keeps_its_place_and_opens_with_enter(qtbot: QtBot) -> None:
    table = Table(
        [Column("Date", 60, muted=True), Column("Receipt", stretch=True), Column("Amount", 80, True)]
    )
    rows = [
        Row(str(n), ("7 Dec", f"Cheque {n}", "412.50"), chip="First time" if n == 1 else "") for n in range(9)
    ]
    table.set_rows(rows)
    place(qtbot, table)
    chosen: list[str] = []
    opened: list[str] = []
    table.row_chosen.connect(chosen.append)
    table.row_opened.connect(opened.append)
    table.setFocus()
    assert table.choose("1")
    qtbot.keyClick(table, Qt.Key.Key_Down)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert (chosen, opened) == (["1", "2"], ["2"])
    table.set_rows(rows[1:])
    assert (table.chosen(), chosen) == ("2", ["1", "2"])
    model = table.model()
    assert model.index(0, 1).data(Qt.ItemDataRole.AccessibleTextRole) == "Cheque 1, First time"
    qtbot.keyClick(table, Qt.Key.Key_End)
    assert table.chosen() == "8"


def test_figures_in_a_table_are_never_cut(qtbot: QtBot) -> None:
    table = Table([Column("Receipt", stretch=True), Column("Amount", 60, figures=True)])
    table.set_rows([Row("1", ("Grant", "1,234,567,890.12"))])
    place(qtbot, table, size=(420, 300))
    needed = theme().metrics("strong").horizontalAdvance("1,234,567,890.12")
    assert table.columnWidth(1) >= needed + 26


def test_optional_columns_step_aside_where_the_table_is_narrow(qtbot: QtBot) -> None:
    table = Table(
        [Column("Date", 60), Column("Receipt", 160, stretch=True), Column("Slip", 90, optional=True)]
    )
    table.set_rows([Row("1", ("7 Dec", "Cheque", "000318"))])
    window = place(qtbot, table, size=(600, 300))
    assert not table.isColumnHidden(2)
    window.resize(260, 300)
    qtbot.waitUntil(lambda: table.isColumnHidden(2))


def test_the_table_model_keeps_qts_rules(qtbot: QtBot, qtmodeltester: ModelTester) -> None:
    table = Table([Column("Receipt"), Column("Amount", figures=True)])
    qtbot.addWidget(table)
    table.set_rows([Row("1", ("Cheque", "412.50")), Row("2", ("Cash", "1.00"))])
    qtmodeltester.check(table.model())


def test_the_two_line_list_passes_over_headings_and_keeps_its_place(
    qtbot: QtBot, qtmodeltester: ModelTester
) -> None:
    items = [Item(str(n), f"Draft {n}", "Waiting to sync", right="Today") for n in range(4)]
    found = TwoLineList([("Needs me", items[:2]), ("In draft", items[2:])])
    place(qtbot, found)
    chosen: list[str] = []
    found.chosen.connect(chosen.append)
    found.setFocus()
    assert found.choose("1")
    qtbot.keyClick(found, Qt.Key.Key_Down)
    assert chosen == ["1", "2"]
    found.set_groups([("Needs me", items[2:])])
    assert (found.value(), chosen) == ("2", ["1", "2"])
    assert (
        found.model().index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole)
        == "Draft 2, Waiting to sync, Today"
    )
    qtmodeltester.check(found.model())


def test_a_row_wraps_its_buttons_where_it_is_narrow(qtbot: QtBot) -> None:
    row = WrapRow([Button(f"Button number {n}") for n in range(5)])
    qtbot.addWidget(row)
    assert row.heightForWidth(2000) < row.heightForWidth(300)


def test_escape_empties_a_search_box(qtbot: QtBot) -> None:
    search = SearchField("Filter")
    window = place(qtbot, search, Button("elsewhere"))
    window.findChildren(Button)[0].setFocus()
    qtbot.keyClick(window, Qt.Key.Key_Slash)
    assert search.hasFocus()
    qtbot.keyClicks(search, "bin")
    qtbot.keyClick(search, Qt.Key.Key_Escape)
    assert search.text() == ""


def test_a_text_area_grows_with_its_lines_and_tab_leaves_it(qtbot: QtBot) -> None:
    area, after = TextArea(name="Notes", lines=2, most=6), Button("Save")
    place(qtbot, area, after)
    small = area.sizeHint().height()
    area.set_text("one\ntwo\nthree\nfour")
    assert area.sizeHint().height() > small
    area.set_text("\n" * 40)
    assert area.sizeHint().height() < small * 4
    area.setFocus()
    qtbot.keyClick(area, Qt.Key.Key_Tab)
    assert after.hasFocus()


def test_the_sum_and_the_steps_are_said_in_words(qtbot: QtBot) -> None:
    total, steps = (
        Sum([("Bank says", "£2.00"), ("Left to explain", "£0.00", "=")]),
        Steps(["Draft", "In review"], 1),
    )
    place(qtbot, total, steps)
    assert name_of(total) == "Bank says £2.00; = Left to explain £0.00"
    assert name_of(steps) == "Step 2 of 2: In review."
    assert total.heightForWidth(150) > total.heightForWidth(900)
    assert isinstance(total.minimumSizeHint(), QSize)
