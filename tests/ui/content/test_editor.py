"""Tests of the sheet: one document whose paragraphs are blocks, driven by keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QGuiApplication, QImage, QTextCursor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.content.blocks import Block, Table
from models.content import BlockKind
from models.errors import HoldallError
from models.ids import new_id
from ui.content import editing, mapping
from ui.content.editor import PageEdit
from ui.content.mapping import Written
from ui.content.marks import Mark

P, H2, LI = BlockKind.PARAGRAPH, BlockKind.HEADING2, BlockKind.BULLET
K = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier


def block(kind: BlockKind, text: str = "", **more: object) -> Block:
    """A block with a fresh id."""
    return Block(new_id(), kind, text, **more)  # type: ignore[arg-type]


TABLE = Table.of([["Day", "Time"], ["Monday", "9am"]])


def sheet(qtbot: QtBot, *blocks: Block) -> PageEdit:
    """An editor on screen with these blocks."""
    edit = PageEdit()
    qtbot.addWidget(edit)
    edit.resize(620, 500)
    edit.show_written(Written("Bins", "Put them out.", blocks or (block(P, "Ring us today."),)))
    edit.show()
    edit.setFocus()
    return edit


def at(edit: PageEdit, n: int, place: int | None = None) -> None:
    """Puts the caret into the nth block of the body, at its end where no place is given."""
    found = edit.document().findBlockByNumber(n + 2)
    cursor = QTextCursor(found)
    cursor.setPosition(found.position() + (found.length() - 1 if place is None else place))
    edit.setTextCursor(cursor)


def key(
    edit: PageEdit, which: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    """Presses a key."""
    QTest.keyClick(edit, which, modifiers)


def body(edit: PageEdit) -> list[tuple[str, str]]:
    """Kinds and written texts of the body."""
    return [(b.kind.value, b.text) for b in edit.written().blocks]


def ids(edit: PageEdit) -> list[str]:
    """The ids of the body's blocks."""
    return [b.id for b in edit.written().blocks]


def every_kind() -> tuple[Block, ...]:
    """One block of each kind, with marks and a sign outside the basic plane."""
    return (
        block(H2, "When"),
        block(P, "Put **it** out, __please__, by [the rules](https://a.example/). 🗑 Yes."),
        block(LI, "one"),
        block(BlockKind.NUMBER, "first"),
        block(BlockKind.QUOTE, "They came."),
        block(BlockKind.NOTE, "**Help**\nRing us."),
        block(BlockKind.TABLE, table=TABLE),
        block(P, ""),
    )


def test_a_page_goes_in_and_comes_out_the_same(qtbot: QtBot) -> None:
    blocks = every_kind()
    edit = sheet(qtbot, *blocks)
    assert edit.written() == Written("Bins", "Put them out.", blocks)


def test_enter_splits_and_the_words_before_the_caret_keep_their_id(qtbot: QtBot) -> None:
    edit = sheet(qtbot)
    first = ids(edit)[0]
    at(edit, 0, len("Ring us"))
    key(edit, K.Key_Return)
    assert body(edit) == [("paragraph", "Ring us"), ("paragraph", " today.")]
    assert ids(edit)[0] == first
    assert ids(edit)[1] != first


def test_enter_before_the_first_word_leaves_the_id_with_the_words(qtbot: QtBot) -> None:
    edit = sheet(qtbot)
    first = ids(edit)[0]
    at(edit, 0, 0)
    key(edit, K.Key_Return)
    assert [(b.id == first, b.text) for b in edit.written().blocks] == [(False, ""), (True, "Ring us today.")]


def test_backspace_joins_and_the_upper_id_stays(qtbot: QtBot) -> None:
    edit = sheet(qtbot, block(P, "One."), block(P, "Two."))
    first = ids(edit)[0]
    at(edit, 1, 0)
    key(edit, K.Key_Backspace)
    assert [(b.id, b.text) for b in edit.written().blocks] == [(first, "One.Two.")]


def test_delete_at_the_end_joins_too(qtbot: QtBot) -> None:
    edit = sheet(qtbot, block(P, "One. "), block(H2, "Two"))
    at(edit, 0)
    key(edit, K.Key_Delete)
    assert body(edit) == [("paragraph", "One. Two")]


def test_a_list_goes_on_and_ends_with_an_empty_item(qtbot: QtBot) -> None:
    edit = sheet(qtbot, block(LI, "one"))
    at(edit, 0)
    key(edit, K.Key_Return)
    QTest.keyClicks(edit, "two")
    key(edit, K.Key_Return)
    key(edit, K.Key_Return)
    QTest.keyClicks(edit, "after")
    assert body(edit) == [("bullet", "one"), ("bullet", "two"), ("paragraph", "after")]


def test_after_a_heading_comes_text(qtbot: QtBot) -> None:
    edit = sheet(qtbot, block(H2, "When"))
    at(edit, 0)
    key(edit, K.Key_Return)
    assert body(edit) == [("heading2", "When"), ("paragraph", "")]


def test_backspace_makes_a_heading_plain_before_it_joins(qtbot: QtBot) -> None:
    edit = sheet(qtbot, block(P, "One."), block(H2, "Two"))
    at(edit, 1, 0)
    key(edit, K.Key_Backspace)
    assert body(edit) == [("paragraph", "One."), ("paragraph", "Two")]
    key(edit, K.Key_Backspace)
    assert body(edit) == [("paragraph", "One.Two")]


def test_arrows_cross_blocks(qtbot: QtBot) -> None:
    edit = sheet(qtbot, block(P, "One."), block(LI, "Two"))
    at(edit, 0)
    key(edit, K.Key_Right)
    assert edit.kind == "bullet"
    key(edit, K.Key_Up)
    assert edit.kind == "paragraph"


def test_enter_leads_from_title_to_lead_to_text(qtbot: QtBot) -> None:
    edit = sheet(qtbot, block(P, ""))
    edit.go_to("title", 4, 4)
    key(edit, K.Key_Return)
    assert edit.kind == "summary"
    edit.moveCursor(QTextCursor.MoveOperation.EndOfBlock)
    key(edit, K.Key_Return)
    assert edit.kind == "paragraph"
    assert len(ids(edit)) == 1


def test_title_and_lead_stay_whatever_is_deleted(qtbot: QtBot) -> None:
    edit = sheet(qtbot, *every_kind())
    edit.selectAll()
    key(edit, K.Key_Delete)
    written = edit.written()
    assert (written.title, written.summary) == ("", "")
    assert [b.kind for b in written.blocks] == [P]
    edit.undo()
    assert [b.kind for b in edit.written().blocks] == [b.kind for b in every_kind()]
    assert edit.written().title == "Bins"


def test_lead_and_first_text_do_not_join(qtbot: QtBot) -> None:
    edit = sheet(qtbot)
    at(edit, 0, 0)
    key(edit, K.Key_Backspace)
    assert edit.written().summary == "Put them out."
    assert body(edit) == [("paragraph", "Ring us today.")]


@pytest.mark.parametrize(
    ("typed", "kind"), [("-", "bullet"), ("1.", "number"), ("##", "heading2"), (">", "quote")]
)
def test_short_signs_and_a_space_make_lists_headings_and_quotes(qtbot: QtBot, typed: str, kind: str) -> None:
    edit = sheet(qtbot, block(P, ""))
    at(edit, 0)
    QTest.keyClicks(edit, f"{typed} word")
    assert body(edit) == [(kind, "word")]


def test_bold_italic_and_links_are_marks_of_ours(qtbot: QtBot) -> None:
    edit = sheet(qtbot)
    edit.go_to(ids(edit)[0], 0, 4)
    key(edit, K.Key_B, CTRL)
    edit.go_to(ids(edit)[0], 5, 7)
    key(edit, K.Key_I, CTRL)
    edit.go_to(ids(edit)[0], 8, 13)
    with qtbot.waitSignal(edit.link_asked):
        key(edit, K.Key_K, CTRL)
    assert edit.link_words() == ("today", "")
    edit.set_link("https://a.example/")
    assert body(edit) == [("paragraph", "**Ring** __us__ [today](https://a.example/).")]
    assert edit.link_words() == ("today", "https://a.example/")
    edit.set_link("")
    key(edit, K.Key_B, CTRL)
    edit.go_to(ids(edit)[0], 0, 4)
    key(edit, K.Key_B, CTRL)
    assert body(edit) == [("paragraph", "Ring __us__ **today**.")]


def test_headings_and_titles_take_no_marks(qtbot: QtBot) -> None:
    edit = sheet(qtbot, block(H2, "When"))
    edit.go_to(ids(edit)[0], 0, 4)
    key(edit, K.Key_B, CTRL)
    assert body(edit) == [("heading2", "When")]


def test_kinds_by_key_and_back(qtbot: QtBot) -> None:
    edit = sheet(qtbot)
    at(edit, 0)
    both = CTRL | Qt.KeyboardModifier.AltModifier
    key(edit, K.Key_3, both)
    assert body(edit)[0][0] == "heading3"
    key(edit, K.Key_3, both)
    assert body(edit)[0][0] == "paragraph"


def test_every_act_is_one_step_of_undo(qtbot: QtBot) -> None:
    edit = sheet(qtbot, block(P, "One."), block(P, "Two."))
    start = edit.written()
    at(edit, 1, 0)
    key(edit, K.Key_Backspace)
    joined = edit.written()
    key(edit, K.Key_Z, CTRL)
    assert edit.written() == start
    key(edit, K.Key_Z, CTRL | Qt.KeyboardModifier.ShiftModifier)
    assert edit.written() == joined


def test_undo_with_nothing_left_in_the_text_is_handed_on(qtbot: QtBot) -> None:
    edit = sheet(qtbot)
    with qtbot.waitSignal(edit.beyond_undo) as asked:
        key(edit, K.Key_Z, CTRL)
    assert asked.args == [False]


def test_words_typed_at_a_table_go_below_it(qtbot: QtBot) -> None:
    edit = sheet(qtbot, block(BlockKind.TABLE, table=TABLE))
    at(edit, 0)
    QTest.keyClicks(edit, "after")
    assert body(edit) == [("table", ""), ("paragraph", "after")]
    assert edit.written().blocks[0].table == TABLE


def test_backspace_takes_a_table_away_and_undo_brings_it_back(qtbot: QtBot) -> None:
    edit = sheet(qtbot, block(P, "One."), block(BlockKind.TABLE, table=TABLE), block(P, "Two."))
    before = edit.written()
    at(edit, 1)
    key(edit, K.Key_Backspace)
    assert body(edit) == [("paragraph", "One."), ("paragraph", "Two.")]
    key(edit, K.Key_Z, CTRL)
    assert edit.written() == before


def test_enter_opens_a_table(qtbot: QtBot) -> None:
    edit = sheet(qtbot, block(BlockKind.TABLE, table=TABLE))
    at(edit, 0)
    with qtbot.waitSignal(edit.object_opened) as opened:
        key(edit, K.Key_Return)
    assert opened.args == ids(edit)


def test_copy_and_paste_keep_everything_with_fresh_ids(qtbot: QtBot) -> None:
    blocks = every_kind()
    edit = sheet(qtbot, *blocks)
    edit.selectAll()
    edit.copy()
    other = sheet(qtbot, block(P, "End."))
    at(other, 0)
    key(other, K.Key_Return)
    other.paste()
    pasted = other.written().blocks
    assert [(b.kind, b.text, b.table) for b in pasted[3:]] == [(b.kind, b.text, b.table) for b in blocks]
    assert {b.id for b in pasted}.isdisjoint({b.id for b in blocks})
    data = QGuiApplication.clipboard().mimeData()
    assert "<h2>When</h2>" in data.html()
    assert "font" not in data.html()


def mime(text: str = "", html: str = "") -> QMimeData:
    """Something on the clipboard."""
    data = QMimeData()
    if text:
        data.setText(text)
    if html:
        data.setHtml(html)
    return data


def test_a_paste_of_html_in_the_middle_of_a_line(qtbot: QtBot) -> None:
    edit = sheet(qtbot)
    at(edit, 0, len("Ring "))
    edit.insertFromMimeData(mime("the team", "<p>the <b>team</b></p>"))
    assert body(edit) == [("paragraph", "Ring the **team**us today.")]
    at(edit, 0, len("Ring the team"))
    edit.insertFromMimeData(mime("x", "<p>. One</p><ul><li>two</li></ul>"))
    assert body(edit) == [("paragraph", "Ring the **team**. One"), ("bullet", "twous today.")]


def test_a_paste_into_the_title_is_one_line_of_words(qtbot: QtBot) -> None:
    edit = sheet(qtbot)
    edit.go_to("title", 0, 4)
    edit.insertFromMimeData(mime("a", "<h1>Report</h1><p>a <b>bin</b></p>"))
    assert edit.written().title == "Report a bin"


@pytest.mark.parametrize(
    "text", ["x" * 1_048_576, "a\x00b", "a\ud800b"], ids=["1 MB", "NUL", "lone surrogate"]
)
def test_a_bad_paste_is_refused_with_a_sentence_and_the_page_stays(qtbot: QtBot, text: str) -> None:
    edit = sheet(qtbot)
    before = edit.written()
    told: list[HoldallError] = []
    edit.refused.connect(told.append)

    class Bad(QMimeData):
        """A clipboard that hands the text over as it is."""

        def hasText(self) -> bool:
            return True

        def text(self) -> str:
            return text

    edit.insertFromMimeData(Bad())
    assert edit.written() == before
    assert len(told) == 1
    assert told[0].advice


def test_a_pasted_picture_is_offered(qtbot: QtBot) -> None:
    edit = sheet(qtbot)
    data = QMimeData()
    data.setImageData(QImage(4, 4, QImage.Format.Format_RGB32))
    with qtbot.waitSignal(edit.picture_offered) as offered:
        edit.insertFromMimeData(data)
    assert offered.args[0].startswith(b"\x89PNG")


def test_words_of_a_check_are_put_in_their_place_after_an_emoji(qtbot: QtBot) -> None:
    edit = sheet(qtbot, block(P, "🗑 Out by [7 am](https://a.example/) today."))
    place = len("🗑 Out by ")
    edit.use_words(Mark(ids(edit)[0], place, place + 4), "7am")
    assert body(edit) == [("paragraph", "🗑 Out by [7am](https://a.example/) today.")]


def test_marks_lie_on_the_words_they_speak_of(qtbot: QtBot) -> None:
    edit = sheet(qtbot)
    edit.set_marks([Mark(ids(edit)[0], 0, 4), Mark("gone", 0, 3), Mark(ids(edit)[0], 5, 5)])
    assert [s.cursor.selectedText() for s in edit.extraSelections()] == ["Ring"]


def test_a_page_only_read_cannot_be_changed_by_keys(qtbot: QtBot) -> None:
    edit = sheet(qtbot)
    edit.setReadOnly(True)
    before = edit.written()
    at(edit, 0)
    for which in (K.Key_Return, K.Key_Backspace, K.Key_A, K.Key_Delete):
        key(edit, which)
    edit.set_kind(H2)
    edit.add_block(block(P, "More"))
    assert edit.written() == before


def test_a_change_of_text_size_keeps_words_and_caret(qtbot: QtBot) -> None:
    from ui.theme import theme

    edit = sheet(qtbot, *every_kind())
    before = edit.written()
    at(edit, 2)
    theme().set_factor(2.0)
    assert edit.written() == before
    assert edit.kind == "bullet"


def copy_and_paste(edit: PageEdit) -> None:
    """Pastes the selection over itself."""
    edit.copy()
    edit.paste()


ACTS: list[Callable[[PageEdit], None]] = [
    lambda e: key(e, K.Key_Return),
    lambda e: key(e, K.Key_Backspace),
    lambda e: key(e, K.Key_Delete),
    lambda e: key(e, K.Key_Left),
    lambda e: key(e, K.Key_Up),
    lambda e: key(e, K.Key_Down),
    lambda e: key(e, K.Key_End),
    lambda e: key(e, K.Key_Down, Qt.KeyboardModifier.ShiftModifier),
    lambda e: key(e, K.Key_Z, CTRL),
    lambda e: key(e, K.Key_Y, CTRL),
    lambda e: key(e, K.Key_A, CTRL),
    lambda e: QTest.keyClicks(e, "ab "),
    lambda e: e.set_kind(LI),
    lambda e: e.set_kind(H2),
    lambda e: e.toggle("bold"),
    lambda e: e.add_block(block(BlockKind.TABLE, table=TABLE)),
    lambda e: e.insertFromMimeData(
        mime("x", "<h2>h</h2><p>a <i>b</i></p><table><tr><td>c</td></tr></table>")
    ),
    copy_and_paste,
]


@given(st.lists(st.sampled_from(ACTS), min_size=5, max_size=25))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_string_of_keys_breaks_the_page(qtbot: QtBot, acts: list[Callable[[PageEdit], None]]) -> None:
    edit = sheet(qtbot, *every_kind())
    at(edit, 1, 3)
    for act in acts:
        act(edit)
        written = edit.written()
        paragraphs = list(mapping.paragraphs(edit.document()))
        assert [mapping.kind_of(p) for p in paragraphs[:2]] == ["title", "summary"]
        assert len(written.blocks) == len(paragraphs) - 2 >= 1
        assert len({b.id for b in written.blocks}) == len(written.blocks)
        assert all(b.id for b in written.blocks)
        assert all(b.table is not None for b in written.blocks if b.kind is BlockKind.TABLE)
        assert not any(mapping.OBJECT_SIGN in b.text for b in written.blocks)
    fresh = PageEdit()
    qtbot.addWidget(fresh)
    fresh.show_written(edit.written())
    assert fresh.written() == edit.written()
    assert editing.find(fresh.document(), "summary") is not None
