"""The day in the open vault: answering by number keys, looking, noting, sharing; nothing lost or told."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.wellbeing import entries, service
from app.wellbeing.instrument import bundled
from app.wellbeing.vault import ACT
from models.store import Store
from tests.conftest import KEY, NOW
from tests.ui import audit
from tests.ui.wellbeing.conftest import inside, press, shown
from ui.theme import theme
from ui.wellbeing.form import QuestionView
from ui.wellbeing.tab import Tab

DIGITS = {n: Qt.Key(Qt.Key.Key_0 + n) for n in range(1, 7)}


def begin(qtbot: QtBot, tab: Tab) -> QuestionView:
    """Begins a check and waits for its first question."""
    tab.begin()
    shown(qtbot, tab, lambda: inside(tab).questions)
    return inside(tab).questions


def in_store(tab: Tab) -> dict[int, int | str]:
    """The answers of the open check as a second process reads them from the file."""
    assert tab.ring is not None
    ring, author = tab.ring, tab.shell.context.author
    store = Store.open(tab.shell.context.home / "holdall.db", KEY)
    try:
        with store.read() as session:
            check = entries.read(session, ring, author).open_check()
    finally:
        store.close()
    return dict(check.answers) if check else {}


def test_number_keys_answer_and_every_answer_is_in_the_store_at_once(qtbot: QtBot, vault: Tab) -> None:
    questions = begin(qtbot, vault)
    assert questions.question.text() == bundled().item(1).text
    press(DIGITS[4])
    qtbot.waitUntil(lambda: in_store(vault) == {1: 4}, timeout=1000)
    press(Qt.Key.Key_Return)
    assert questions.question.text() == bundled().item(2).text
    press(DIGITS[6])
    qtbot.waitUntil(lambda: in_store(vault) == {1: 4, 2: "skip"}, timeout=1000)
    press(Qt.Key.Key_Escape)
    assert questions.answers.value() == "4"
    press(DIGITS[2])
    qtbot.waitUntil(lambda: in_store(vault) == {1: 2, 2: "skip"}, timeout=1000)


def test_arrow_keys_answer_too(qtbot: QtBot, vault: Tab) -> None:
    begin(qtbot, vault)
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: in_store(vault) == {1: 2}, timeout=1000)
    press(Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: in_store(vault) == {1: 3}, timeout=1000)


def test_going_on_without_an_answer_says_what_to_do(qtbot: QtBot, vault: Tab) -> None:
    questions = begin(qtbot, vault)
    press(Qt.Key.Key_Return)
    assert questions.number == 1
    assert questions.problem.text() == "Choose an answer, or “I would rather not say”"
    press(DIGITS[1])
    assert not questions.problem.isVisible()


def test_one_can_stop_and_come_back_to_the_first_open_question(qtbot: QtBot, vault: Tab) -> None:
    questions = begin(qtbot, vault)
    for code in (4, 3):
        press(DIGITS[code])
        press(Qt.Key.Key_Return)
    questions.later.click()
    qtbot.waitUntil(lambda: in_store(vault) == {1: 4, 2: 3}, timeout=1000)
    assert vault.views.currentWidget() is inside(vault).result
    qtbot.waitUntil(lambda: vault.needs_me() == ["Your check waits with 33 questions to go."], timeout=1000)
    assert inside(vault).result.again.label() == "Go on answering"
    inside(vault).result.again.click()
    assert inside(vault).questions.number == 3


def test_a_whole_check_is_answered_with_two_keys_a_question(qtbot: QtBot, vault: Tab) -> None:
    questions = begin(qtbot, vault)
    for item in bundled().items:
        assert questions.number == item.number
        press(DIGITS[2 if item.reversed else 4])
        press(Qt.Key.Key_Return)
    shown(qtbot, vault, lambda: inside(vault).result)
    result = inside(vault).result
    assert result.shown is not None
    assert {s.now.mean for s in result.shown.standings} == {4}
    assert len(vault.life.finished()) == 3
    assert vault.needs_me() == []


def test_an_undone_answer_is_taken_back_on_the_page(qtbot: QtBot, vault: Tab) -> None:
    questions = begin(qtbot, vault)
    press(DIGITS[5])
    qtbot.waitUntil(lambda: in_store(vault) == {1: 5}, timeout=1000)
    qtbot.waitUntil(lambda: not vault._waiting, timeout=1000)
    press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: questions.answers.value() is None, timeout=2000)
    assert in_store(vault) == {}


def test_an_answer_from_another_laptop_shows_in_the_open_check(qtbot: QtBot, vault: Tab) -> None:
    questions = begin(qtbot, vault)
    press(DIGITS[5])
    qtbot.waitUntil(lambda: in_store(vault) == {1: 5}, timeout=1000)
    qtbot.waitUntil(lambda: not vault._waiting, timeout=1000)
    here, ring, check_id = vault.shell.context, vault.ring, vault._check_id
    assert ring is not None
    author = dataclasses.replace(here.author, device_id="0197d000-0000-7000-8000-0000000000ff")
    there = dataclasses.replace(here, author=author, clock=lambda: NOW + timedelta(minutes=3))
    changed = there.write(ACT, lambda s: service.answer(s, ring, check_id, 1, 2))
    vault.shell.changed.emit(changed)
    assert questions.answers.value() == "2"


def test_the_result_opens_on_the_one_thing_to_talk_about(vault: Tab) -> None:
    result = inside(vault).result
    assert vault.views.currentWidget() is result
    assert result.finding.text() == "The work fits the time better. Your say in how you work has slipped."
    assert result.topic.title.text() == "One thing to talk about: control"
    assert result.bars.value() == "control"
    assert [row.standing.scale.key for row in result.bars.rows] == [s.key for s in bundled().scales]
    spoken = result.bars.rows[1].accessibleName()
    assert spoken == "Control, a say in how you work: 2.7 of 5, 3.5 in June. Lower than in June."


def test_the_arrow_keys_walk_the_areas_and_show_what_is_behind_each(vault: Tab) -> None:
    result = inside(vault).result
    result.bars.rows[1].setFocus()
    press(Qt.Key.Key_Up)
    assert result.bars.value() == "demands"
    assert result.topic.title.text() == "Behind demands"
    assert not result.topic.not_now.isVisible()
    press(Qt.Key.Key_Down)
    assert result.topic.title.text() == "One thing to talk about: control"


def test_the_table_holds_the_same_figures(vault: Tab) -> None:
    result = inside(vault).result
    result.turn.click()
    assert result.table is not None
    assert result.table.isVisible()
    model = result.table.model()
    cells = [[model.index(r, c).data() for c in range(model.columnCount())] for r in range(model.rowCount())]
    assert cells[1] == ["Control", "3.5", "2.7", "Lower than in June"]
    assert len(cells) == 7
    result.turn.click()
    assert result.bars.isVisible()


def test_words_are_kept_as_a_note_and_undo_takes_it_back(qtbot: QtBot, vault: Tab) -> None:
    inside(vault).result.topic.keep.click()
    qtbot.waitUntil(lambda: len(vault.life.notes) == 2, timeout=1000)
    assert vault.life.notes[0].text == bundled().item(2).words
    press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(vault.life.notes) == 1, timeout=2000)


def test_not_now_puts_the_topic_away_for_good_and_it_can_be_had_back(qtbot: QtBot, vault: Tab) -> None:
    topic = inside(vault).result.topic
    topic.not_now.click()
    assert topic.facts.text().startswith("You put this off.")
    qtbot.waitUntil(lambda: vault.life.finished()[0].put_off, timeout=1000)
    topic.back.click()
    assert topic.title.text() == "One thing to talk about: control"


def test_a_note_is_written_kept_and_removed_by_keyboard(qtbot: QtBot, vault: Tab) -> None:
    vault.show_list()
    listed = inside(vault).list
    listed.new_note.click()
    assert listed.text.hasFocus()
    qtbot.keyClicks(listed.text, "Ask about Fridays")
    qtbot.waitUntil(lambda: len(vault.life.notes) == 2, timeout=3000)
    qtbot.keyClicks(listed.text, " off")
    vault.leave()
    qtbot.waitUntil(lambda: vault.life.notes[0].text == "Ask about Fridays off", timeout=2000)
    assert len(vault.life.notes) == 2
    assert listed.text.toPlainText() == "Ask about Fridays off"
    listed.remove_note.click()
    qtbot.waitUntil(lambda: len(vault.life.notes) == 1, timeout=2000)


def test_an_earlier_check_can_be_looked_at_again(vault: Tab) -> None:
    vault.show_list()
    listed = inside(vault).list
    listed.list.choose(vault.life.finished()[1].id)
    assert listed.check_title.text() == "Check of Thursday 11 June 2026"
    listed.look.click()
    assert inside(vault).result.finding.text().startswith("This is where you start.")


def test_nothing_is_ticked_for_sharing_and_nothing_ticked_makes_no_paper(vault: Tab) -> None:
    inside(vault).result.share.click()
    share = inside(vault).share
    assert vault.views.currentWidget() is share
    assert share.chosen() == []
    assert share.paper.kind == "outline"
    share.paper.click()
    assert share.errors.isVisible()
    assert vault.preview is None


def test_the_ticked_lines_are_shown_as_paper_saved_and_shut_by_locking(
    qtbot: QtBot, vault: Tab, tmp_path: Path
) -> None:
    target = tmp_path / "paper.pdf"
    vault.shell.choose_save = lambda title, name, filters: str(target)
    vault.show_share()
    share = inside(vault).share
    share.boxes["control"].setFocus()
    press(Qt.Key.Key_Space)
    assert share.count.text() == "1 line chosen"
    share.paper.click()
    qtbot.waitUntil(lambda: vault.preview is not None, timeout=5000)
    assert vault.preview is not None
    assert not vault.preview.print.isVisible()
    vault.preview.save.click()
    import pypdfium2

    pdf = pypdfium2.PdfDocument(target.read_bytes())
    text = pdf[0].get_textpage().get_text_bounded()
    pdf.close()
    assert "Control" in text
    assert "Demands" not in text
    vault.lock()
    qtbot.waitUntil(lambda: vault.preview is None, timeout=2000)


@pytest.mark.parametrize("name", ["mine.json", "mine.csv"])
def test_a_copy_of_everything_is_saved_for_its_owner(vault: Tab, tmp_path: Path, name: str) -> None:
    vault.shell.choose_save = lambda title, proposed, filters: str(tmp_path / name)
    vault.save_copy()
    assert "rota" in (tmp_path / name).read_text(encoding="utf-8")


def test_nothing_private_is_logged(qtbot: QtBot, vault: Tab, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        begin(qtbot, vault)
        press(DIGITS[4])
        qtbot.waitUntil(lambda: in_store(vault) == {1: 4}, timeout=1000)
        vault.home()
        inside(vault).result.topic.keep.click()
        qtbot.waitUntil(lambda: len(vault.life.notes) == 2, timeout=1000)
    for words in (bundled().item(1).text, bundled().item(2).words, "Seldom", "Control"):
        assert words not in caplog.text


def test_there_is_no_red_on_the_result(vault: Tab) -> None:
    vault.home()
    danger = theme().colour("danger").rgb()
    image = vault.grab().toImage()
    found = [
        (x, y)
        for y in range(0, image.height(), 2)
        for x in range(0, image.width(), 2)
        if image.pixel(x, y) == danger
    ]
    assert found == []
    tones = [label for label in vault.findChildren(QLabel) if getattr(label, "_tone", "") == "danger"]
    assert not any(label.isVisible() for label in tones)


@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_every_view_passes_the_audit(qtbot: QtBot, vault: Tab, factor: float) -> None:
    theme().set_factor(factor)
    vault.window().resize(1280, 720)
    found: dict[str, list[str]] = {}

    def look(name: str) -> None:
        with contextlib.suppress(qtbot.TimeoutError):  # the layout of large text takes a moment
            qtbot.waitUntil(lambda: not audit.cut_off(vault.window()), timeout=3_000)
        wrong = audit.problems(vault.window()) + audit.cut_off(vault.window())
        if wrong:
            found[name] = wrong

    look("result")
    inside(vault).result.turn.click()
    look("table")
    vault.show_share()
    look("share")
    vault.show_list()
    inside(vault).list.list.choose(vault.life.notes[0].id)
    look("note")
    inside(vault).list.list.choose(vault.life.checks[0].id)
    look("check")
    vault.show_who()
    look("who")
    vault.renew_passphrase()
    look("passphrase")
    vault.renew_code()
    look("code")
    vault._forget_code()
    begin(qtbot, vault)
    look("question")
    vault.views.setCurrentWidget(inside(vault).begin)
    look("begin")
    vault.lock()
    look("locked")
    assert found == {}
