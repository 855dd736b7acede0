"""Every form and view of the Income tab, at 100 and 200 %: names, tab stops, keys, sizes, no word cut off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.context import Context
from app.income.preview import preview
from tests.ui import audit
from tests.ui.income.test_sections import opened, settled
from ui.income.code_tables import LISTS
from ui.income.tab import Tab
from ui.theme import theme

Step = tuple[str, Callable[[], object]]


def steps(income: Tab) -> Iterator[Step]:
    """Each form with what opens it."""
    page = income.reconcile
    for name in ("show_parts", "show_matched", "show_period", "show_statements", "ask_suspense"):
        yield name, getattr(page, name)
    yield "choose receipts", page.choose_receipts
    seen = preview("odd.csv", b"Heute;Wort;Geld\n13/04/2026;BACS;1.00\n14/04/2026;FPI;2.00\n")
    assert seen is not None
    found = seen
    yield "columns", lambda: (page.columns.ask(found), page.show_page(page.columns_card))
    answers: list[Any] = [("3 April", str), ("4 March", str)]
    yield (
        "question",
        lambda: (page.question.ask("Which?", "Why", answers), page.show_page(page.question_card)),
    )
    yield "board again", page.show_work
    suspense: Any = income.open_section("suspense")
    yield "suspense item", lambda: suspense.open(next(iter(suspense.items)))
    for name in ("allocate", "write_off", "owner", "note"):
        yield f"suspense {name}", lambda act=name: (suspense.back(), suspense.act(act))
    ereturns: Any = income.open_section("ereturns")
    for record_id in list(ereturns.views):
        yield f"eReturn {ereturns.views[record_id].site}", lambda one=record_id: ereturns.open(one)
    yield "begin an eReturn", ereturns.ask_begin
    journals: Any = income.open_section("journals")
    yield "journal", lambda: journals.open(next(iter(journals.kept)))
    yield "postings", journals.find_posting
    codes: Any = income.open_section("codes")
    for kind in LISTS:
        yield kind.title, lambda key=kind.key: codes.open(key)
    for rule_id in list(codes.rules)[:1]:
        yield "rule", lambda one=rule_id: (codes.open(one), codes.act("try"))


@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_every_form_of_the_income_tab_passes_the_audit(qtbot: QtBot, context: Context, factor: float) -> None:
    theme().set_factor(factor)
    income = opened(qtbot, context)
    window = income.window()
    window.resize(1280, 720)
    found: dict[str, list[str]] = {}
    count = 0
    for name, act in steps(income):
        act()
        qtbot.waitUntil(lambda: not income.shell.jobs.busy, timeout=5_000)
        wrong = settled(qtbot, lambda: audit.problems(window) + audit.cut_off(window))
        if wrong:
            found[name] = wrong
        count += 1
    assert found == {}
    assert count > 20
