"""A statement from the bank to its last lines, through the real screen: the tour on the Income tab."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt

from app.errors import HoldallError
from app.income import sample
from app.income.board import Board, statements
from app.income.files import read_statement_file
from app.income.rules import prove
from app.wording import money, plural
from ui.income.reconcile import Reconcile
from ui.income.sections import SECTIONS
from ui.income.tab import Tab

CONTROL = Qt.KeyboardModifier.ControlModifier


def walk(stage: Any, laptop: Any, inputs: Path | None) -> Iterator[str]:
    """Accepts proposals by key, undoes one, puts a line to suspense, and reads a real bank's statement."""
    tab = _tab(laptop)
    pose(stage, laptop)
    _open_line(tab, "ALLPAY")
    stage.settle(laptop)
    start = len(_board(tab).proposals)
    for wanted in (start - 1, start - 2):
        _press(stage, tab, Qt.Key.Key_A)
        stage.wait(lambda n=wanted: len(_board(tab).proposals) == n, "a match to be accepted")
        stage.settle(laptop)
    yield f"Accepted two matches by key; {plural(start - 2, 'proposal')} left"
    laptop.window.undo()
    stage.wait(lambda: len(_board(tab).proposals) == start - 1, "a match to be undone")
    stage.settle(laptop)
    yield "Undid the second one with Ctrl+Z"
    _suspense(stage, laptop, tab)
    yield f"Put “FPI NO REFERENCE” to suspense with a note; {money(_board(tab).sums.left)} left to explain"
    yield from _sections(stage, laptop)
    if inputs is not None:
        yield from _real_statement(stage, laptop, tab, inputs)
    else:
        yield _next_statement(stage, laptop, tab)


def pose(stage: Any, laptop: Any) -> None:
    """Opens statement 241 on its paying-in slip, where three receipts make one line."""
    tab = _tab(laptop)
    heads = laptop.context.read(statements)
    wanted = next((head for head in heads if head.number.split("/")[0] == "241"), None)
    if wanted is not None and tab.statement_id != wanted.id:
        tab.open_statement(wanted.id)
    _open_line(tab, "COUNTER CREDIT")
    stage.settle(laptop)


def _sections(stage: Any, laptop: Any) -> Iterator[str]:
    """Authorises a colleague's eReturn by key, then looks at what waits in every section."""
    tab = laptop.window.page("income")
    page = tab.open_section("ereturns")
    stage.settle(laptop)
    waiting = [one for one in page.views.values() if one.state == "submitted"]
    if waiting:
        page.open(waiting[0].id)
        stage.settle(laptop)
        if page.card.authorise.isVisible():
            stage.press(page.card.authorise, Qt.Key.Key_A)
            stage.wait(lambda: page.views[waiting[0].id].state == "authorised", "an eReturn to be authorised")
            stage.settle(laptop)
            yield f"Authorised the eReturn of {waiting[0].site}: {money(waiting[0].counted_pence)}"
    for name in SECTIONS[1:]:
        section = tab.open_section(name.key)
        stage.settle(laptop)
        section.focus_first()
        stage.picture(laptop, f"income-{name.key}-light")
    tab.open_section(SECTIONS[0].key)
    yield f"Looked into {', '.join(name.title for name in SECTIONS[1:])}"


def _suspense(stage: Any, laptop: Any, tab: Reconcile) -> None:
    _open_line(tab, "FPI NO REFERENCE")
    stage.settle(laptop)
    _press(stage, tab, Qt.Key.Key_U)
    editor = tab.bench.middle.words.editor
    stage.type(editor, "No reference. Asked the bank on 17 December who paid it.")
    before = len(_board(tab).lines)
    stage.press(editor, Qt.Key.Key_Return, CONTROL)
    stage.wait(lambda: len(_board(tab).lines) < before, "the line to go to suspense")
    stage.settle(laptop)


def _real_statement(stage: Any, laptop: Any, tab: Reconcile, inputs: Path) -> Iterator[str]:
    """Imports the first statement in a folder that proves, adding its account as a person would."""
    for path in sorted(inputs.rglob("*.sta")):
        try:
            read = read_statement_file(path.name, path.read_bytes())
        except HoldallError:
            continue
        if len(read.statements) != 1 or not prove(read.statements[0]).ok or not read.statements[0].lines:
            continue
        before = len(laptop.context.read(statements))
        tab.import_file(path)
        stage.settle(laptop)
        if tab.pages.currentWidget() is not tab.account_card and tab.notice.isVisible():
            tab.imports.ask_account()
        if tab.pages.currentWidget() is tab.account_card:
            stage.type(tab.account.name, "An account of a real bank’s own file")
            tab.account.submit()
        stage.settle(laptop)
        if len(laptop.context.read(statements)) == before:
            continue
        count = plural(len(read.statements[0].lines), "line")
        yield f"Imported a real bank’s statement ({path.parent.name}/{path.name}): {count}, proved"
        return


def _next_statement(stage: Any, laptop: Any, tab: Reconcile) -> str:
    """Imports the sample's own next statement, where no real bank's file is at hand."""
    file = sample.statement_242(laptop.context.today())
    path = Path(stage.folder) / file.name
    path.write_bytes(file.data)
    before = len(laptop.context.read(statements))
    tab.import_file(path)
    stage.wait(lambda: len(laptop.context.read(statements)) > before, "the statement to be imported")
    stage.settle(laptop)
    return f"Imported the sample’s next statement, {file.name}: proved"


def _open_line(tab: Reconcile, words: str) -> None:
    line = next((one for one in _board(tab).lines if one.words.startswith(words)), None)
    if line is not None:
        tab.open_record("income_bank_line", line.id)


def _press(stage: Any, tab: Reconcile, key: Qt.Key) -> None:
    stage.press(tab.focusWidget() or tab.bench.bank.table, key)


def _tab(laptop: Any) -> Reconcile:
    tab = laptop.window.page("income")
    assert isinstance(tab, Tab)  # noqa: S101  the tab registered under this key
    tab.open_section("reconcile")
    return tab.reconcile


def _board(tab: Reconcile) -> Board:
    assert tab.board is not None  # noqa: S101  the sample has a statement
    return tab.board
