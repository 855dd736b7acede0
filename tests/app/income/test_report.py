"""The reconciliation statement: figures on paper that are the figures of the store."""

from __future__ import annotations

import random

import pytest

from app.context import Context
from app.errors import NotFound
from app.income import sample, service
from app.income.board import board, current_statement
from app.income.report import REPORTS
from app.report import Document, Table, render
from tests.app.income.conftest import mt940


def build(context: Context, **options: str) -> Document:
    return REPORTS[0].build(context, options)


def tables(document: Document) -> list[Table]:
    return [block for block in document.blocks if isinstance(block, Table)]


def pence(figure: str) -> int:
    return int(figure.replace("−", "-").replace("£", "").replace(",", "").replace(".", ""))


def test_every_table_of_the_statement_adds_up(context: Context) -> None:
    sample.fill(context, random.Random(1))
    document = build(context)
    added = 0
    for table in tables(document):
        if table.total is not None:
            assert sum(pence(row[-1]) for row in table.rows) == pence(table.total[-1])
            added += 1
    assert added == 4
    assert "General account" in document.title
    assert "7 to 11 December 2026" in document.subtitle


def test_the_pdf_holds_the_figures_and_comes_out_the_same_twice(context: Context) -> None:
    import pypdfium2

    sample.fill(context, random.Random(1))
    first = render(build(context))
    assert first == render(build(context))
    pdf = pypdfium2.PdfDocument(first)
    try:
        text = "".join(page.get_textpage().get_text_bounded() for page in pdf)
    finally:
        pdf.close()
    for figure in ("−£77.20", "214,180.62", "−214,618.92", "£361.10"):
        assert figure in text


def test_suspense_stands_on_the_statement_with_its_note(context: Context) -> None:
    sample.fill(context, random.Random(1))
    statement_id = context.read(current_statement)
    assert statement_id is not None
    line = next(line for line in context.read(lambda s: board(s, statement_id)).lines if line.pence == 75_00)
    context.write("S", lambda s: service.to_suspense(s, statement_id, line.id, "Asked the Llŷn branch."))
    rows = [row for table in tables(build(context, statement=statement_id)) for row in table.rows]
    assert ("11 Dec", "FPI NO REFERENCE", "Asked the Llŷn branch.", "75.00") in rows


def test_an_unproved_statement_says_so_on_paper(context: Context, account_id: str) -> None:
    read = mt940([("1208", "C10,00", "X")], closing="110,01")
    brought = context.write("I", lambda s: service.import_statements(s, read))
    assert "Kept apart" in str(build(context).blocks)
    assert "£0.01" in str(build(context).blocks)
    context.write("U", lambda s: service.take_unproved(s, brought.ids[0], "Agreed with the bank."))
    assert "Unproved" in str(build(context).blocks)


def test_no_statement_is_one_sentence(context: Context) -> None:
    with pytest.raises(NotFound, match="no bank statement"):
        build(context)
