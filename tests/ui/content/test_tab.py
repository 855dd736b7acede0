"""Tests of the Content tab through its own widgets: writing, sending, settling, finding, one column."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.content import service
from models.changes import Author
from models.content import Block as BlockRow
from models.content import BlockKind, State
from models.errors import HoldallError
from models.outbox import Conflict
from tests.ui import audit
from tests.ui.content.conftest import settle
from ui.content import journey
from ui.content.tab import Tab
from ui.theme import theme

K = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier


def stored(tab: Tab) -> service.Page:
    """The open page as it is in the store."""
    assert tab.page is not None
    page_id = tab.page.id
    return tab.shell.read(lambda s: service.load(s, page_id))


def press(tab: Tab, name: str) -> None:
    """Clicks the button with this name."""
    button = tab.findChild(QPushButton, name)
    assert button is not None, name
    button.click()


def titles(tab: Tab) -> list[str]:
    """What the checks pane lists."""
    return [finding.title for finding in tab.check_now().findings]


def open_titled(tab: Tab, title: str) -> None:
    """Opens a page by its title."""
    line = next(line for _, lines in tab.groups for line in lines if line.title == title)
    assert tab.open_page(line.id)


def test_an_empty_tab_says_what_it_is_for_and_leads_to_a_page(qtbot: QtBot, empty_tab: Tab) -> None:
    tab = empty_tab
    assert tab.middle.currentWidget() is tab.middle.empty
    tab.middle.begin.click()
    QTest.keyClick(tab.middle.new_form.answers.rows[0], K.Key_2)
    tab.middle.new_form.act.click()
    settle(qtbot, tab)
    qtbot.waitUntil(lambda: tab.page is not None)
    assert stored(tab).kind.value == "news_article"
    assert tab.middle.currentWidget() is tab.sheet
    assert tab.editor.kind == "title"


def test_what_is_typed_is_in_the_store_without_a_save_button(qtbot: QtBot, tab: Tab) -> None:
    assert tab.page is not None
    assert tab.page.title == "Report a missed bin"
    tab.editor.go_to("title", 19, 19)
    QTest.keyClicks(tab.editor, " today ")
    qtbot.waitUntil(lambda: stored(tab).title == "Report a missed bin today")
    QTest.keyClicks(tab.editor, "or")
    settle(qtbot, tab)
    assert stored(tab).title == "Report a missed bin today or"
    assert tab.editor.textCursor().positionInBlock() == len("Report a missed bin today or")


def test_typing_without_a_pause_is_saved_all_the_same(qtbot: QtBot, tab: Tab) -> None:
    tab.editor.go_to("title", 19, 19)

    def typed_on() -> bool:
        QTest.keyClicks(tab.editor, "x")
        return stored(tab).title != "Report a missed bin"

    qtbot.waitUntil(typed_on, timeout=4000)


def test_one_changed_block_leaves_one_changed_block(qtbot: QtBot, tab: Tab) -> None:
    before = stored(tab).blocks
    tab.editor.go_to(before[2].id, 0, 0)
    QTest.keyClicks(tab.editor, "please ")
    settle(qtbot, tab)
    after = stored(tab).blocks
    assert [b.id for b in after] == [b.id for b in before]
    assert [b.id for a, b in zip(before, after, strict=True) if a != b] == [before[2].id]


def test_plainer_words_are_used_with_one_click_and_lower_the_age(qtbot: QtBot, tab: Tab) -> None:
    before = tab.check_now()
    press(tab, "content-use-plainer")
    after = tab.check_now()
    assert before.age is not None
    assert after.age is not None
    assert after.age < before.age
    settle(qtbot, tab)
    assert "If the collection did not happen" in stored(tab).blocks[1].text


def test_a_check_leads_to_its_words(tab: Tab) -> None:
    tab.check_now()
    press(tab, "content-link-words-go")
    assert tab.editor.textCursor().selectedText() == "here"


def test_a_page_is_put_right_and_sent(qtbot: QtBot, tab: Tab) -> None:
    told: list[HoldallError] = []
    tab.shell.told.connect(told.append)
    press(tab, "content-send")
    settle(qtbot, tab)
    assert "2 things to put right" in told[0].title
    press(tab, "content-link-words-go")
    QTest.keyClicks(tab.editor, "on our calendar")
    tab.ask_about()
    QTest.keyClicks(tab.middle.page_form.name, "Waste team")
    tab.middle.page_form.act.click()
    settle(qtbot, tab)
    QTest.keyClick(tab.editor, K.Key_Return, CTRL)
    qtbot.waitUntil(lambda: stored(tab).state is State.REVIEW)
    assert "[on our calendar](https://averwick.example.org/bins/days)" in stored(tab).blocks[2].text
    qtbot.waitUntil(tab.editor.isReadOnly)
    press(tab, "content-take-back")
    qtbot.waitUntil(lambda: stored(tab).state is State.DRAFT)
    qtbot.waitUntil(lambda: not tab.editor.isReadOnly())


def test_a_lead_reads_and_approves_or_sends_back(qtbot: QtBot, tab: Tab, second_officer: Author) -> None:
    tab.shell.context.author = second_officer
    tab.refresh(None)
    open_titled(tab, "Book a bulky waste collection")
    press(tab, "content-ask-note")
    tab.middle.note_form.act.click()
    assert tab.middle.note_form.field.problem
    QTest.keyClicks(tab.middle.note_form.editor, "Say what it costs for more.")
    tab.middle.note_form.act.click()
    qtbot.waitUntil(lambda: stored(tab).state is State.DRAFT)
    qtbot.waitUntil(tab.sheet.banner.isVisible)
    assert tab.sheet.banner.text.text() == "Say what it costs for more."
    open_titled(tab, "Tell us that you have moved")
    press(tab, "content-approve")
    qtbot.waitUntil(lambda: stored(tab).state is State.PUBLISHED)


def test_a_passed_review_date_is_asked_about(qtbot: QtBot, tab: Tab) -> None:
    open_titled(tab, "Garden waste collection")
    assert tab.sheet.due.isVisible()
    tab.sheet.still_right.click()
    qtbot.waitUntil(lambda: not tab.sheet.due.isVisible())
    assert not any("Garden" in words for words in tab.needs_me())


def test_clean_html_goes_to_the_clipboard(tab: Tab) -> None:
    tab.copy_html()
    data = QGuiApplication.clipboard().mimeData()
    assert data.text().startswith("<h2>Before you report it</h2>")
    assert data.html() == data.text()


def test_the_filter_narrows_the_list(qtbot: QtBot, tab: Tab) -> None:
    tab.editor.clearFocus()
    tab.bench.pages.filter.setFocus()
    QTest.keyClicks(tab.bench.pages.filter, "blue")
    assert [line.title for _, lines in tab.groups for line in lines] == ["Apply for a blue badge"]
    tab.bench.pages.filter.clear()
    assert len(tab.groups) == 5


def test_a_table_is_changed_in_a_grid(qtbot: QtBot, tab: Tab) -> None:
    open_titled(tab, "Christmas bin collections")
    table = next(b for b in stored(tab).blocks if b.kind is BlockKind.TABLE)
    tab.editor.go_to(table.id)
    QTest.keyClick(tab.editor, K.Key_Return)
    form = tab.middle.table_form
    assert tab.middle.form is form
    form.cells[1][1].setText("Monday 28 December")
    next(b for b in form.findChildren(QPushButton) if b.text() == "Add a row").click()
    form.act.click()
    settle(qtbot, tab)
    after = next(b for b in stored(tab).blocks if b.id == table.id)
    assert after.table is not None
    assert after.table.rows[1] == ("Friday 25 December", "Monday 28 December")
    assert len(after.table.rows) == 5


def test_a_picture_is_added_with_its_words(qtbot: QtBot, tab: Tab, tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(out, "PNG")
    (tmp_path / "bin.png").write_bytes(out.getvalue())
    (tmp_path / "form.png").write_bytes(b"%PDF-1.7 renamed")
    told: list[HoldallError] = []
    tab.shell.told.connect(told.append)
    tab.shell.choose_open = lambda title, filters: str(tmp_path / "form.png")
    tab.ask_picture()
    settle(qtbot, tab)
    assert "form.png is not a picture" in told[0].title
    tab.shell.choose_open = lambda title, filters: str(tmp_path / "bin.png")
    tab.ask_picture()
    qtbot.waitUntil(lambda: tab.middle.form is tab.middle.picture_form)
    QTest.keyClicks(tab.middle.picture_form.editor, "A green bin with its lid shut")
    tab.middle.picture_form.act.click()
    settle(qtbot, tab)
    found = [b for b in stored(tab).blocks if b.kind is BlockKind.IMAGE]
    assert [b.alt for b in found] == ["A green bin with its lid shut"]
    tab.grab()


def test_find_opens_the_block(tab: Tab) -> None:
    open_titled(tab, "Pay a parking fine")
    other = tab.shell.read(service.newest)
    page = tab.shell.read(lambda s: service.load(s, str(other)))
    assert tab.open_record("content_block", page.blocks[2].id)
    assert tab.page is not None
    assert tab.page.id == other
    assert not tab.open_record("content_draft", "no such page")


def test_undo_beyond_the_text_takes_back_the_last_act(qtbot: QtBot, tab: Tab) -> None:
    tab.editor.go_to("title", 19, 19)
    QTest.keyClicks(tab.editor, "!")
    settle(qtbot, tab)
    assert stored(tab).title == "Report a missed bin!"
    window = tab.window()
    window.undo()  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: stored(tab).title == "Report a missed bin")
    qtbot.waitUntil(lambda: tab.editor.written().title == "Report a missed bin")


def test_a_colleagues_change_appears_and_mine_stays(qtbot: QtBot, tab: Tab, second_officer: Author) -> None:
    page = stored(tab)
    first, other = page.blocks[0], page.blocks[3]
    tab.editor.go_to(first.id, 0, 0)
    QTest.keyClicks(tab.editor, "Now ")
    changed = replace(other, text="changed by Priya")
    after = tuple(changed if b.id == other.id else b for b in page.blocks)
    edit = service.Edit(before=page.blocks, after=after)
    with tab.shell.context.store.write(second_officer, "Change", tab.shell.context.now()) as session:
        arrived = service.save(session, page.id, edit)
    tab.refresh(arrived)
    settle(qtbot, tab)
    texts = {b.id: b.text for b in tab.editor.written().blocks}
    assert texts[first.id].startswith("Now ")
    assert texts[other.id] == "changed by Priya"
    assert {b.id: b.text for b in stored(tab).blocks} == texts


def add_conflict(tab: Tab) -> str:
    """A conflict on the first text of the open page; gives the block's id."""
    block = next(b for b in stored(tab).blocks if b.kind is BlockKind.PARAGRAPH)
    now = tab.shell.context.now()
    row = {
        "conflict_id": "0197d000-0000-7000-8000-0000000000c1",
        "type": "content_block",
        "record_id": block.id,
        "scope": "team:team-1",
        "field": "text",
        "base_value": "Report it within 5 working days. Thank you.",
        "kept_value": "Report it within 5 working days, or we cannot come back. Thank you.",
        "other_value": "Report it within 2 working days. Thank you.",
        "kept_by": "Priya Senn",
        "other_by": "Tomos Aldgate",
        "kept_at": now - timedelta(days=1),
        "other_at": now,
        "status": "open",
    }
    tab.shell.context.write(
        "Write", lambda s: setattr(s.get_one(BlockRow, block.id), "text", row["kept_value"])
    )  # what stands is what the conflict kept
    with tab.shell.context.store.connect(write=True) as connection:
        connection.execute(Conflict.__table__.insert().values(**row))  # type: ignore[attr-defined]
    tab.refresh(None)
    return block.id


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ([], "Report it within 2 working days. Thank you."),
        ([K.Key_2], "Report it within 5 working days, or we cannot come back. Thank you."),
    ],
    ids=["mine", "theirs"],
)
def test_a_conflict_is_settled_by_key_in_its_place(
    qtbot: QtBot, tab: Tab, keys: list[Qt.Key], text: str
) -> None:
    block_id = add_conflict(tab)
    assert tab.middle.settling
    assert any("1 sentence to settle" in words for words in tab.needs_me())
    card = tab.middle.settle.cards[0]
    card.mine.setFocus()
    for key in keys:
        QTest.keyClick(card.mine, key)
    card.keep.click()
    qtbot.waitUntil(lambda: not tab.middle.settling)
    assert {b.id: b.text for b in stored(tab).blocks}[block_id] == text


def test_a_third_version_and_both_sentences(qtbot: QtBot, tab: Tab) -> None:
    block_id = add_conflict(tab)
    card = tab.middle.settle.cards[0]
    QTest.keyClick(card.mine, K.Key_E)
    assert card.editor.text() == "Report it within 2 working days."
    card.editor.set_text("Report it soon.")
    card.use.click()
    qtbot.waitUntil(lambda: not tab.middle.settling)
    assert {b.id: b.text for b in stored(tab).blocks}[block_id] == "Report it soon. Thank you."


def test_the_journey_of_the_tour(qtbot: QtBot, empty_tab: Tab, tmp_path: Path) -> None:
    from PySide6.QtWidgets import QApplication

    from ui.tour import Stage

    app = QApplication.instance()
    assert isinstance(app, QApplication)
    window = empty_tab.window()
    stage = Stage(app, tmp_path, tmp_path)
    laptop = SimpleNamespace(window=window, context=empty_tab.shell.context)
    lines = list(journey.walk(stage, laptop, None))
    assert len(lines) == 3
    page = stored(empty_tab)
    assert page.state is State.REVIEW
    assert page.title == journey.TITLE
    assert "[our map of street lights](https://averwick.example.org/street-lights/map)" in page.blocks[3].text
    journey.pose(stage, laptop)


@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_everything_is_named_reached_and_uncut(qtbot: QtBot, tab: Tab, factor: float) -> None:
    theme().set_factor(factor)
    settle(qtbot, tab)
    window = tab.window()
    found = [*audit.unnamed(tab), *audit.unreachable(window), *audit.doubled_keys(window)]
    found += [*audit.too_small(tab), *audit.cut_off(window)]
    assert [line for line in found if "Content" not in line or "cut" in line] == []


def test_one_column_leads_to_pages_and_checks_and_back(qtbot: QtBot, tab: Tab) -> None:
    theme().set_factor(2.0)
    settle(qtbot, tab)
    assert tab.compact
    assert not tab.bench.pages.isVisible()
    tab.bench.to_checks.click()
    assert tab.bench.right.isVisible()
    assert not tab.middle.isVisible()
    tab.go_to(tab.check_now().findings[1].where)  # type: ignore[arg-type]
    assert tab.middle.isVisible()
    tab.bench.to_pages.click()
    assert tab.bench.pages.isVisible()
