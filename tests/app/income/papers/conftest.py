"""How tests read papers: the tables of a document, the words of its PDF, pence out of printed figures."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.context import Context, Council
from app.income import sample
from app.income.board import current_statement
from app.income.report import REPORTS
from app.report import Chart, Document, Heading, Table, render
from models.changes import Author
from models.store import Store

NOW = datetime(2026, 12, 17, 14, 21, tzinfo=UTC)
KEY = bytes(range(32))
DEVICE = "0197d000-0000-7000-8000-000000000001"
BY_NAME = {report.name: report for report in REPORTS}


def build(context: Context, name: str, **options: str) -> Document:
    """The paper of this name as the command line would build it."""
    return BY_NAME[name].build(context, options)


def tables(document: Document) -> list[Table]:
    """All tables, in order."""
    return [block for block in document.blocks if isinstance(block, Table)]


def under(document: Document, heading: str) -> Table:
    """The table that stands under a heading."""
    blocks = list(document.blocks)
    for place, block in enumerate(blocks):
        if isinstance(block, Heading) and block.text == heading:
            return next(one for one in blocks[place:] if isinstance(one, Table))
    raise AssertionError(f"no heading {heading}")


def charts(document: Document) -> list[Chart]:
    """All charts, in order."""
    return [block for block in document.blocks if isinstance(block, Chart)]


def pence(figure: str) -> int:
    """Pence out of a printed figure."""
    return int(figure.replace("−", "-").replace("£", "").replace(",", "").replace(".", "") or "0")


def totals_hold(document: Document) -> int:
    """Check the last column of every table with a total; return how many there are."""
    added = 0
    for table in tables(document):
        if table.total is not None:
            assert sum(pence(row[-1]) for row in table.rows) == pence(table.total[-1])
            added += 1
    return added


def printed(document: Document) -> str:
    """The words of the PDF, read back, with line breaks as spaces."""
    import pypdfium2

    pdf = pypdfium2.PdfDocument(render(document))
    try:
        text = " ".join(page.get_textpage().get_text_bounded() for page in pdf)
    finally:
        pdf.close()
    return " ".join(text.split())


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the income of the sample council, made once; tests work on copies of it."""
    folder = tmp_path_factory.mktemp("sample")
    store = Store.create(folder / "sample.db", KEY)
    author = Author("u-1", "Tomos Aldgate", "team-1", frozenset({"officer"}), DEVICE)
    sample.fill(Context(store, author, folder, Council(), lambda: NOW), random.Random(1))
    store.close()
    return folder / "sample.db"


@pytest.fixture
def week(context: Context, sample_store: Path, tmp_path: Path) -> Iterator[str]:
    """The id of the sample's statement 241; the context works on a copy of the sample council."""
    shutil.copyfile(sample_store, tmp_path / "week.db")
    context.store = Store.open(tmp_path / "week.db", KEY)
    statement_id = context.read(current_statement)
    assert statement_id is not None
    yield statement_id
    context.store.close()


@pytest.fixture
def colleague(context: Context, second_officer: Author) -> Context:
    """The same store in the hands of a colleague with the roles lead and finance."""
    return replace(context, author=second_officer)
