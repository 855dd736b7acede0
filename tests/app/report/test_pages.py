"""Where pages end: nothing is lost, headings and signatures are not left alone, tall rows are cut."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import pypdfium2
import pytest

from app.report import (
    BarChart,
    Chart,
    Column,
    Document,
    Facts,
    Heading,
    KeyFigure,
    KeyFigures,
    PageBreak,
    Range,
    RangeBars,
    Signature,
    Table,
    Text,
    render,
)


def pages(*blocks: Any, **named: Any) -> list[str]:
    made = pypdfium2.PdfDocument(render(Document("T", date(2026, 1, 1), blocks, **named)))
    texts = [page.get_textpage().get_text_range() for page in made]
    made.close()
    return texts


@pytest.mark.parametrize("before", range(38, 46))
def test_a_heading_is_never_the_last_thing_on_a_page(before: int) -> None:
    for text in pages(
        *[Text(f"line {n}") for n in range(before)], Heading("Next part"), Text("of it " * 300)
    ):
        if "Next part" in text:
            assert "of it" in text.split("Next part")[1]


@pytest.mark.parametrize("before", range(22, 34, 2))
def test_a_chart_stands_with_its_finding_and_its_note(before: int) -> None:
    chart = Chart(BarChart(["a"], [7]), title="The finding", note="The note")
    (home,) = [t for t in pages(*[Text("x")] * before, chart) if "The finding" in t]
    assert "The note" in home


def test_a_cell_longer_than_a_page_is_cut_and_whole() -> None:
    words = " ".join(f"w{n}" for n in range(2500))
    texts = pages(Table([Column("Told"), Column("B")], [["short", "b"], [words, "b"], ["end", "b"]]))
    assert len(texts) > 2
    assert " ".join(texts).split().count("Told") == len(texts), "the heading row is on every page"
    read = " ".join(texts).replace("Told B", "").split()
    assert [w for w in read if w.startswith("w") and w[1:].isdigit()] == words.split()


@pytest.mark.parametrize("count", range(24, 34))
def test_the_total_and_the_last_row_are_never_alone_on_a_page(count: int) -> None:
    rows = [[f"Row {n}", str(n)] for n in range(count)]
    columns = [Column("A"), Column("B", figures=True)]
    last = pages(Table(columns, rows, total=["Everything", "9"]))[-1]
    assert f"Row {count - 1}" in last
    last = pages(Table(columns, rows))[-1]
    assert f"Row {count - 2}" in last


@pytest.mark.parametrize("before", range(34, 44))
def test_signatures_stand_with_the_words_they_sign(before: int) -> None:
    sign = Signature([("Prepared by", "A"), ("Reviewed by", "B"), ("Date", "")])
    texts = pages(*[Text(f"line {n}") for n in range(before)], Text("I agree."), sign)
    assert "I agree." in texts[-1]
    assert "Prepared by: A" in texts[-1]
    assert texts[-1].count("Date") == 2, "each line has its date; a line for the date alone is not drawn"


def test_a_page_break_makes_a_page_but_never_an_empty_one() -> None:
    assert len(pages(Text("a"), PageBreak(), PageBreak(), Text("b"), PageBreak())) == 2


def test_more_bars_than_a_page_takes_go_on_over_the_page() -> None:
    rows = [Range(f"Area {n}", "hint", 30) for n in range(40)]
    text = " ".join(pages(Chart(RangeBars(rows), title="Many")))
    assert all(f"Area {n}" in text for n in range(40))


def test_odd_documents_are_still_papers() -> None:
    odd = pages(
        Table([], []),
        Table([Column("A"), Column("B")], [["one cell"], ["a", "b", "too many"]]),
        Facts([]),
        Facts([("Label", "value " * 3000)]),
        KeyFigures([KeyFigure("£1,234,567,890.00", "a very long label " * 4, "h" * 90) for _ in range(6)]),
        Chart(BarChart([], [])),
        Chart(BarChart(["down", "up"], [-3, 4])),
        reference="R" * 300,
        telephone="0" * 200,
        council="C" * 300,
    )
    text = " ".join(odd)
    assert "one cell" in text
    assert "−3" in text
    assert f"Page {len(odd)} of {len(odd)}" in odd[-1]


def test_five_thousand_rows_and_a_megabyte_of_words_take_seconds() -> None:
    rows = [[f"Receipt {n}", "Hadley Street Library", f"{n}.00", "1"] for n in range(5_000)]
    columns = [Column("Receipt"), Column("Place"), Column("Amount", figures=True), Column("N", figures=True)]
    start = time.perf_counter()
    texts = pages(Table(columns, rows, total=["All", "", "1", "5,000"]), Text("word " * 100_000))
    assert "5,000" in " ".join(texts)
    assert time.perf_counter() - start < 25, "long before a person gives up, on a busy machine too"
