"""Setting up, locking and unlocking by keyboard; what is left to see once it is locked."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from app.wellbeing import vault as vaults
from app.workspace import SAMPLE_PASSPHRASE
from models.changes import pending_count
from tests.ui.wellbeing.conftest import QUICK, inside, press, shown, type_words
from ui.wellbeing.tab import Tab


def code_of(tab: Tab) -> str:
    """The recovery code on show."""
    return "-".join(" ".join(line.text() for line in tab.code.lines).split())


def make_vault(qtbot: QtBot, tab: Tab) -> str:
    """Sets a vault up by keyboard; gives the recovery code."""
    tab.setup.fields.first.setFocus()
    type_words("three plain words")
    press(Qt.Key.Key_Tab)
    type_words("three plain words")
    press(Qt.Key.Key_Return)
    shown(qtbot, tab, lambda: tab.code)
    code = code_of(tab)
    tab.code.written.setFocus()
    press(Qt.Key.Key_Space)
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: tab.inside is not None, timeout=4000)
    return code


def words_on(root: QWidget) -> str:
    """Every word that any widget holds, shown or hidden, names and descriptions too."""
    parts = [root.windowTitle()]
    for widget in [root, *root.findChildren(QWidget)]:
        parts += [widget.accessibleName(), widget.accessibleDescription(), widget.toolTip()]
        if isinstance(widget, QLabel):
            parts.append(widget.text())
        if isinstance(widget, QPlainTextEdit):
            parts.append(widget.toPlainText())
    return "\n".join(parts)


def test_a_vault_is_set_up_by_keyboard_and_its_code_opens_it(qtbot: QtBot, fresh: Tab) -> None:
    assert fresh.views.currentWidget() is fresh.setup
    code = make_vault(qtbot, fresh)
    shown(qtbot, fresh, lambda: inside(fresh).begin)
    context = fresh.shell.context
    keys = context.read(lambda s: vaults.wrapped_keys(s, context.author))
    ring = vaults.open_by_code(keys, context.author, code)
    assert ring == fresh.ring
    assert code not in words_on(fresh)


def test_nothing_is_kept_until_the_code_is_on_paper(qtbot: QtBot, fresh: Tab) -> None:
    fresh.setup.fields.first.setText("three plain words")
    fresh.setup.fields.second.setText("three plain words")
    fresh.setup.make.click()
    shown(qtbot, fresh, lambda: fresh.code)
    press(Qt.Key.Key_Tab)
    fresh.code.go.click()
    assert fresh.code.errors.isVisible()
    assert fresh.shell.read(pending_count) == 0
    assert fresh.ring is None


def test_a_passphrase_that_is_short_or_typed_two_ways_is_pointed_out(fresh: Tab) -> None:
    fields, errors = fresh.setup.fields, fresh.setup.errors
    fields.first.setText("short")
    fresh.setup.make.click()
    assert errors.hasFocus()
    assert "12 letters" in fields.field.problem
    fields.first.setText("three plain words")
    fields.second.setText("three plain wards")
    fresh.setup.make.click()
    assert fields.field.problem == ""
    assert fields.again.problem == "This is not the same as above"


def test_a_wrong_passphrase_gets_one_sentence_and_another_try(qtbot: QtBot, locked: Tab) -> None:
    type_words("not it, surely")
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(locked.locked.field.problem), timeout=4000)
    assert locked.locked.field.problem.startswith("This passphrase does not open your vault.")
    assert locked.ring is None
    assert locked.locked.secret.hasFocus()
    type_words(SAMPLE_PASSPHRASE)  # what was typed is selected, so this replaces it
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: locked.inside is not None, timeout=4000)
    shown(qtbot, locked, lambda: inside(locked).result)


def test_an_empty_line_is_not_tried(locked: Tab) -> None:
    press(Qt.Key.Key_Return)
    assert locked.locked.field.problem == "Type your passphrase"


def test_the_recovery_code_opens_it_and_leads_to_a_new_passphrase(qtbot: QtBot, fresh: Tab) -> None:
    code = make_vault(qtbot, fresh)
    press(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert fresh.views.currentWidget() is fresh.locked
    fresh.locked.other.click()
    type_words(code.lower().replace("-", " "))
    press(Qt.Key.Key_Return)
    shown(qtbot, fresh, lambda: fresh.setup)
    assert fresh.setup.title.text() == "Choose a new passphrase"
    type_words("a wholly new phrase")
    press(Qt.Key.Key_Tab)
    type_words("a wholly new phrase")
    press(Qt.Key.Key_Return)
    shown(qtbot, fresh, lambda: inside(fresh).begin)
    context = fresh.shell.context
    keys = context.read(lambda s: vaults.wrapped_keys(s, context.author))
    assert vaults.open_by_passphrase(keys, context.author, "a wholly new phrase") == fresh.ring


def test_a_slip_in_the_code_is_told_from_a_wrong_code(qtbot: QtBot, locked: Tab) -> None:
    locked.locked.other.click()
    type_words("ABCD-EFGH")
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "33 signs" in locked.locked.field.problem, timeout=4000)


def test_locking_leaves_no_private_word_in_any_widget(qtbot: QtBot, vault: Tab) -> None:
    vault.show_list()
    inside(vault).list.list.choose(vault.life.notes[0].id)
    vault.home()
    assert "Your say in how you work has slipped" in words_on(vault)
    assert "rota" in words_on(vault)
    press(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert vault.ring is None
    assert vault.views.currentWidget() is vault.locked
    qtbot.waitUntil(lambda: "slipped" not in words_on(vault.window()), timeout=2000)
    for words in ("rota", "2.7", "seldom", "fixed breaks", "Lower than"):
        assert words not in words_on(vault.window())
    assert vault.life.checks == ()


def test_a_page_that_was_left_locks_itself(qtbot: QtBot, vault: Tab) -> None:
    vault._idle.setInterval(0)
    vault.leave()
    qtbot.wait(1)
    assert vault.ring is not None  # it is on show in the active window
    vault.hide()
    vault.leave()
    qtbot.waitUntil(lambda: vault.ring is None, timeout=2000)


def test_help_today_stands_on_the_page_while_it_is_locked(locked: Tab) -> None:
    note = locked.locked.help
    assert note.isVisible()
    assert "01632\u00a0960\u00a0777" in note.text.text()


def test_who_can_read_it_is_one_key_away_and_back(vault: Tab) -> None:
    inside(vault).result.lock_line.who.click()
    assert vault.views.currentWidget() is vault.who
    assert vault.who.own.isVisible()
    press(Qt.Key.Key_Escape)
    assert vault.views.currentWidget() is inside(vault).result


def test_a_new_recovery_code_counts_once_it_is_on_paper(qtbot: QtBot, vault: Tab) -> None:
    context = vault.shell.context
    vault.show_who()
    vault.who.code.click()
    code = code_of(vault)
    keys = context.read(lambda s: vaults.wrapped_keys(s, context.author))
    vault.code.written.setChecked(True)
    vault.code.go.click()
    shown(qtbot, vault, lambda: inside(vault).result)
    after = context.read(lambda s: vaults.wrapped_keys(s, context.author))
    assert after != keys
    assert vaults.open_by_code(after, context.author, code) == vault.ring


def test_a_sheet_with_the_code_is_saved_to_be_printed(qtbot: QtBot, fresh: Tab, tmp_path: Path) -> None:
    import pypdfium2

    target = tmp_path / "code.pdf"
    fresh.shell.choose_save = lambda title, name, filters: str(target)
    fresh.setup.fields.first.setText("three plain words")
    fresh.setup.fields.second.setText("three plain words")
    fresh.setup.make.click()
    shown(qtbot, fresh, lambda: fresh.code)
    fresh.code.paper.click()
    qtbot.waitUntil(lambda: fresh.preview is not None, timeout=5000)
    assert fresh.preview is not None
    fresh.preview.save.click()
    fresh.preview.reject()
    pdf = pypdfium2.PdfDocument(target.read_bytes())
    words = " ".join(pdf[0].get_textpage().get_text_bounded().split())
    pdf.close()
    assert code_of(fresh).replace("-", " ") in words


def test_the_code_is_copied_and_the_clipboard_emptied_again(qtbot: QtBot, fresh: Tab) -> None:
    from ui.wellbeing.doors import _empty_clipboard

    fresh.setup.fields.first.setText("three plain words")
    fresh.setup.fields.second.setText("three plain words")
    fresh.setup.make.click()
    shown(qtbot, fresh, lambda: fresh.code)
    fresh.code.copy.click()
    assert QApplication.clipboard().text() == code_of(fresh)
    _empty_clipboard(code_of(fresh))
    assert QApplication.clipboard().text() == ""


def test_a_part_set_up_on_another_laptop_is_offered_and_joined(qtbot: QtBot, vault: Tab) -> None:
    context = vault.shell.context
    other = vaults.make(context.author, "words of the second", QUICK)
    vault.shell.write("x", lambda s: vaults.keep(s, other))
    qtbot.waitUntil(vault.notice.isVisible, timeout=4000)
    vault.notice_act.click()
    assert vault.views.currentWidget() is vault.locked
    type_words("words of the second")
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not vault.notice.isVisible(), timeout=4000)
    vault.lock()
    type_words(SAMPLE_PASSPHRASE)
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: vault.ring is not None, timeout=4000)
    assert vault.ring is not None
    assert (len(vault.ring.pairs), vault.ring.shut) == (2, ())


def test_a_vault_that_comes_in_by_sync_asks_for_its_passphrase_instead_of_a_new_one(
    qtbot: QtBot, fresh: Tab
) -> None:
    made = vaults.make(fresh.shell.context.author, "three plain words", QUICK)
    fresh.shell.write("x", lambda s: vaults.keep(s, made))
    shown(qtbot, fresh, lambda: fresh.locked)
