"""Files that leave something open: dates both ways, nameless columns, no account; progress and Stop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from sqlalchemy import func, select

from app.context import Context
from app.income import service
from app.income.preview import preview
from models.income import Account, BankLine, ImportedFile, Settlement
from tests.ui.income.kit import CONTROL, button, key, until
from ui.income.columns_form import date_question
from ui.income.reconcile import Reconcile
from ui.jobs import Job
from ui.shell import Shell
from ui.widgets import JobCard

BOTH_WAYS = (
    "Date,Description,Amount,Balance\n"
    "03/04/2026,BACS ONE,100.00,100.00\n03/04/2026,BACS TWO,20.00,120.00\n04/04/2026,FPI,-5.00,115.00\n"
)
NAMELESS = (
    "Heute;Wort;Geld\n13/04/2026;BACS ONE;100.00\n14/04/2026;BACS TWO;20.00\n15/04/2026;FPI THREE;-5.00\n"
)


@pytest.fixture
def bare() -> None:
    """Asks for a fresh store."""


@pytest.fixture
def page(qtbot: QtBot, shell: Shell, bare: None) -> Reconcile:
    """The Reconcile section over two accounts without a statement."""
    for name, number in (("General account", "000000/12345678"), ("Rents", "000000/87654321")):
        shell.context.write("Add", lambda s, a=name, b=number: service.add_account(s, a, b))
    made = Reconcile(shell)
    qtbot.addWidget(made)
    shell.changed.connect(made.refresh)
    made.resize(1232, 628)
    made.refresh(None)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    return made


def file(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


def count(context: Context, model: type) -> int:
    return context.read(lambda s: s.scalar(select(func.count()).select_from(model))) or 0


def asked(page: Reconcile) -> Callable[[], bool]:
    return lambda: page.pages.currentWidget() is page.question_card


def test_an_ambiguous_date_is_asked_with_both_days_and_remembered_for_the_account(
    qtbot: QtBot, page: Reconcile, context: Context, tmp_path: Path
) -> None:
    page.import_file(file(tmp_path, "april.csv", BOTH_WAYS))
    until(qtbot, asked(page))
    assert page.question.question.text() == "Is 03/04/2026 the 3rd of April or the 4th of March?"
    assert [one.label() for one in page.question.buttons] == ["3 April", "4 March"]
    key(qtbot, Qt.Key.Key_1)
    until(qtbot, lambda: "Which account" in page.question.question.text())
    assert [one.label() for one in page.question.buttons] == ["General account", "Rents", "Another account…"]
    key(qtbot, Qt.Key.Key_2)
    until(qtbot, lambda: page.board is not None)
    assert page.board is not None
    assert page.board.head.account_name == "Rents"
    assert page.board.lines[0].booked_on.isoformat() == "2026-04-03"
    kept = context.read(lambda s: s.scalar(select(Account.columns).where(Account.name == "Rents")))
    assert kept["day_first"] is True
    more = BOTH_WAYS.replace("03/04", "08/04").replace("04/04", "09/04")
    page.import_file(file(tmp_path, "later.csv", more.replace("BACS", "CHAPS")))
    until(qtbot, lambda: asked(page)() and "Which account" in page.question.question.text())


def test_leaving_the_question_imports_nothing(
    qtbot: QtBot, page: Reconcile, context: Context, tmp_path: Path
) -> None:
    page.import_file(file(tmp_path, "april.csv", BOTH_WAYS))
    until(qtbot, asked(page))
    key(qtbot, Qt.Key.Key_Escape)
    assert page.pages.currentWidget() is page.empty
    assert count(context, ImportedFile) == 0


def test_columns_that_nobody_knows_are_named_once_and_remembered(
    qtbot: QtBot, page: Reconcile, context: Context, tmp_path: Path
) -> None:
    page.import_file(file(tmp_path, "odd.csv", NAMELESS))
    until(qtbot, page.notice.isVisible)
    assert page.notice_act.label() == "Say which column is what…"
    page.notice_act.click()
    form = page.columns
    assert form.isVisible()
    guessed = {name: box.currentData() for name, box in form.boxes.items() if box.currentData() is not None}
    assert guessed == {"date": 0, "narrative": 1, "amount": 2}
    form.boxes["date"].setCurrentIndex(0)
    form.submit()
    assert "Choose the column with the date" in form.errors.accessibleName()
    form.boxes["date"].setCurrentIndex(1)
    qtbot.keyClick(form.boxes["date"], Qt.Key.Key_Return, CONTROL)
    until(qtbot, asked(page))
    page.question.buttons[0].click()
    until(qtbot, lambda: page.board is not None)
    assert page.board is not None
    assert page.board.head.standing == "apart"
    pence = context.read(lambda s: list(s.scalars(select(BankLine.amount_pence).order_by(BankLine.line_no))))
    assert pence == [100_00, 20_00, -5_00]
    more = NAMELESS.replace("13/04", "20/04").replace("14/04", "21/04").replace("15/04", "22/04")
    page.import_file(file(tmp_path, "odd2.csv", more))
    until(qtbot, asked(page))
    page.question.buttons[0].click()
    until(qtbot, lambda: count(context, BankLine) == 6)


def test_a_file_without_an_account_can_be_for_a_new_one(
    qtbot: QtBot, page: Reconcile, context: Context, tmp_path: Path
) -> None:
    page.import_file(file(tmp_path, "april.csv", BOTH_WAYS.replace("03/04", "13/04")))
    until(qtbot, asked(page))
    page.question.buttons[-1].click()
    form = page.account
    assert form.number_field.isVisible()
    form.submit()
    assert form.number_field.problem
    form.number.setText("20-00-00 11112222")
    form.name.setText("Trust fund")
    form.submit()
    until(qtbot, lambda: page.board is not None)
    assert page.board is not None
    assert page.board.head.account_name == "Trust fund"


def test_a_payment_report_comes_in_beside_the_account_on_show(
    qtbot: QtBot, page: Reconcile, context: Context, tmp_path: Path
) -> None:
    import random

    from tests.app.income import samples_book

    data = samples_book.gocardless(random.Random(1))
    path = tmp_path / "payouts.csv"
    path.write_bytes(data)
    page.import_file(path)
    until(qtbot, page.notice.isVisible)
    assert "no bank statement yet" in page.notice.text.text()
    page.clear_notice()
    page.import_file(file(tmp_path, "april.csv", BOTH_WAYS.replace("03/04", "13/04")))
    until(qtbot, asked(page))
    page.question.buttons[0].click()
    until(qtbot, lambda: page.board is not None)
    page.import_file(path)
    until(qtbot, lambda: count(context, Settlement) > 0)


def test_an_import_can_be_stopped_while_it_is_written_and_leaves_nothing(
    qtbot: QtBot, shell: Shell, bare: None, context: Context
) -> None:
    from app.income.importing import add_account
    from models.changes import bulk_create
    from models.income import Receipt

    account_id = context.write("Add", lambda s: add_account(s, "General", "000000/12345678"))[0]
    seen: list[tuple[int, int]] = []
    reached = Event()

    def work(session: object) -> object:
        rows = [
            {
                "account_id": account_id,
                "file_id": "f",
                "line_no": n,
                "ledger_id": f"L{n}",
                "posted_on": context.today(),
                "amount_pence": 100,
                "reference": "",
                "fund": "",
                "mop": "",
                "narrative": "x",
                "fingerprint": f"{n}",
            }
            for n in range(12_000)
        ]
        return bulk_create(session, Receipt, rows)  # type: ignore[arg-type]

    def moved(job: Job) -> None:
        seen.append((job.done_so_far, job.total))
        if not reached.is_set():
            reached.set()
            card = JobCard(job)
            qtbot.addWidget(card)
            assert card.count.text() == f"{job.done_so_far:,} of 12,000"
            card.stop.click()

    shell.jobs.progressed.connect(moved)
    told: list[str] = []
    shell.write_long("Import", work, None, None, lambda: told.append("stopped"), "Importing x")
    until(qtbot, lambda: told)
    assert 0 < seen[0][0] < 12_000
    assert count(context, Receipt) == 0


def test_being_asked_to_stop_too_late_still_tells_every_page(
    qtbot: QtBot, shell: Shell, bare: None, context: Context
) -> None:
    from app.income.importing import add_account

    jobs: list[Job] = []
    done: list[object] = []
    original = context.write

    def late(label: str, work: Callable[..., object]) -> object:
        result = original(label, work)
        jobs[0].cancel()  # it is kept already
        return result

    gate = Event()
    shell.jobs.write(gate.wait)
    context.write = late  # type: ignore[assignment, method-assign]
    jobs.append(
        shell.write_long(
            "Add", lambda s: add_account(s, "General", "000000/12345678"), done.append, title="x"
        )
    )
    gate.set()
    with qtbot.waitSignal(shell.changed, timeout=5_000):
        pass
    until(qtbot, lambda: done)
    assert count(context, Account) == 1


@pytest.mark.parametrize(
    ("example", "question", "answers"),
    [
        ("03/04/2026", "Is 03/04/2026 the 3rd of April or the 4th of March?", ("3 April", "4 March")),
        ("1.2.26", "Is 1.2.26 the 1st of February or the 2nd of January?", ("1 February", "2 January")),
    ],
)
def test_the_question_about_a_date_names_both_days(
    example: str, question: str, answers: tuple[str, str]
) -> None:
    assert date_question(example) == (question, *answers)


def test_a_preview_is_made_of_a_table_and_of_nothing_else() -> None:
    seen = preview("odd.csv", NAMELESS.encode())
    assert seen is not None
    assert (seen.delimiter, seen.width, len(seen.rows)) == (";", 3, 4)
    assert preview("letter.txt", b"Dear all,\nwe write to say\nthat nothing is here.\n") is None
    assert preview("empty.csv", b"") is None
    assert preview("picture.csv", b"\x89PNG\r\n") is None


def test_a_button_for_every_answer_has_its_number_as_key(page: Reconcile) -> None:
    page.question.ask("Which?", "", [("One", lambda: None), ("Two", lambda: None)])
    assert button(page, "answer-2").key_name == "2"
