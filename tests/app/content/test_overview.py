"""Tests of the list of pages, of conflicts as they are settled, of the sample and of the paper."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest

from app.content import overview, report, sample, service, settle
from app.content.overview import Status
from app.context import Context
from app.errors import NotFound
from app.report import render
from models.changes import Author
from models.content import BlockKind
from models.outbox import Conflict, History
from tests.app.content.samples import opened, sample_store

__all__ = ["sample_store"]


@pytest.fixture
def filled(context: Context, sample_store: Path, tmp_path: Path) -> Iterator[Context]:
    """A store with the sample pages."""
    with opened(context, sample_store, tmp_path):
        yield context


def listed(context: Context, words: str = "") -> dict[str, list[tuple[str, str]]]:
    """The list as people see it."""
    groups = context.read(lambda s: overview.groups(s, context.author, context.today(), words=words))
    return {name: [(line.title, line.words) for line in lines] for name, lines in groups}


def test_the_list_opens_on_what_needs_me(filled: Context) -> None:
    groups = listed(filled)
    assert groups["Needs me"] == [
        ("Report a missed bin", "2 things to put right"),
        ("Apply for a blue badge", "Sent back by review"),
        ("Garden waste collection", "Review date passed"),
    ]
    assert list(groups) == ["Needs me", "In draft", "With review", "Published", "Archived"]
    assert [title for title, _ in groups["In draft"]] == [
        "Christmas bin collections",
        "Warm spaces this winter",
        "Canolfan Hadley: oriau agor",
        "Pay a parking fine",
    ]


def test_a_lead_is_asked_to_read_what_others_sent(filled: Context, second_officer: Author) -> None:
    filled.author = second_officer
    assert ("Tell us that you have moved", "From Tomos Aldgate, to read") in listed(filled)["Needs me"]


def test_the_filter_takes_every_word_in_any_order(filled: Context) -> None:
    assert listed(filled, "bin CHRIST") == {"In draft": [("Christmas bin collections", "Waiting to sync")]}
    assert listed(filled, "nothing like it") == {}


def test_the_sample_is_the_same_every_time_and_holds_welsh(filled: Context) -> None:
    with filled.store.read() as session:
        ids = [d.id for d in session.query(service.Draft).order_by(service.Draft.id)]
        texts = " ".join(b.text for b in session.query(service.BlockRow))
    assert len(ids) == 12
    assert ids[0] == min(ids)
    assert "dŵr" in texts
    first = random.Random("1/content")
    assert sample.sample_id(first) in ids


def test_checks_are_counted_once_for_a_page_that_did_not_change(filled: Context) -> None:
    cache: overview.Cache = {}
    for _ in range(2):
        filled.read(lambda s: overview.groups(s, filled.author, filled.today(), cache))
        assert len(cache) == 6
    page_id = filled.read(service.newest)
    assert page_id is not None


def missed(context: Context) -> str:
    """The page about missed bins."""
    with context.store.read() as session:
        return str(session.query(service.Draft).filter_by(title="Report a missed bin").one().id)


def add_conflict(context: Context) -> tuple[str, str]:
    """A sentence that Tomos (kept back) and Priya (on the server) both changed; gives page and block."""
    page_id = missed(context)
    blocks = context.read(lambda s: service.load(s, page_id)).blocks
    place = next(b for b in blocks if b.kind is BlockKind.PARAGRAPH)
    row = Conflict(
        conflict_id="c-1",
        type="content_block",
        record_id=place.id,
        scope="team:team-1",
        field="text",
        base_value="First of all. Report it within 5 working days of the day we missed. Thank you.",
        kept_value=(
            "First of all. Report it within 5 working days of the day we missed, or we cannot come back "
            "before your next collection. Thank you."
        ),
        other_value="First of all. Report it within 2 working days of the day we missed. Thank you.",
        kept_by="Priya Senn",
        other_by="Tomos Aldgate",
        kept_at=context.now() - timedelta(days=1),
        other_at=context.now(),
        status="open",
    )
    with context.store.connect(write=True) as connection:
        values = {c.name: getattr(row, c.name) for c in Conflict.__table__.columns}
        connection.execute(Conflict.__table__.insert().values(**values))  # type: ignore[attr-defined]
    return page_id, place.id


def test_a_conflict_is_shown_as_the_sentence_both_changed(filled: Context) -> None:
    page_id, block_id = add_conflict(filled)
    found = filled.read(lambda s: overview.to_settle(s, page_id, filled.author, [block_id]))
    assert len(found) == 1
    one = found[0]
    assert one.before == "Report it within 5 working days of the day we missed."
    assert one.mine.text == "Report it within 2 working days of the day we missed."
    assert [one.mine.text[a:b] for a, b in one.mine.marks] == ["2"]
    assert [one.theirs.text[a:b] for a, b in one.theirs.marks] == [
        ", or we cannot come back before your next collection"
    ]
    assert not one.mine_kept
    assert one.both == (
        "First of all. Report it within 2 working days of the day we missed. Report it within 5 working days "
        "of the day we missed, or we cannot come back before your next collection. Thank you."
    )


def test_a_page_with_an_open_conflict_needs_me_first_and_is_not_sent(filled: Context) -> None:
    page_id, _ = add_conflict(filled)
    assert listed(filled)["Needs me"][0] == ("Report a missed bin", "1 sentence to settle")
    with pytest.raises(service.HoldallError, match="must be settled first"):
        filled.write("Send", lambda s: service.send_for_review(s, page_id))


def test_what_came_in_is_counted_without_what_is_to_settle(filled: Context) -> None:
    page_id, block_id = add_conflict(filled)
    others = [b.id for b in filled.read(lambda s: service.load(s, page_id)).blocks if b.id != block_id]
    with filled.store.connect(write=True) as connection:
        for n, (record, fields) in enumerate(
            [
                (block_id, {"text": "a"}),
                (others[0], {"text": "b"}),
                (others[1], {"position": "z"}),
                (others[2], {"text": "new"}),
            ]
        ):
            connection.execute(
                History.__table__.insert().values(  # type: ignore[attr-defined]
                    op_id=f"o-{n}",
                    type="content_block",
                    record_id=record,
                    kind="create" if n == 3 else "patch",
                    fields=fields,
                    version=2,
                    author_name="Priya Senn",
                    at=filled.now(),
                )
            )
    came = filled.read(lambda s: overview.came_in(s, page_id, [block_id, *others]))
    assert came == overview.CameIn(1, 1, "Priya Senn", others[0], others[1])


def test_joining_two_versions_keeps_every_sentence_once() -> None:
    assert settle.join("One. Two. Three.", "One. Deux. Three.") == "One. Two. Deux. Three."


def test_the_paper_for_sign_off_holds_the_page_its_links_and_lines_to_sign(filled: Context) -> None:
    paper = report.sign_off(filled, {"id": missed(filled)})
    pdf = pypdfium2.PdfDocument(render(paper))
    text = "".join(p.get_textpage().get_text_range() for p in pdf)
    for words in (
        "Report a missed bin",
        "averwick.example.org/bins/missed",
        "Before you report it",
        "look for a tag",
        "https://averwick.example.org/bins/days",
        "Nobody looks after this page",
        "Read and agreed by",
    ):
        assert words in text.replace("\r\n", " ")
    assert render(paper) == render(report.sign_off(filled, {"id": missed(filled)}))


def test_the_paper_without_a_choice_is_the_page_sent_last(filled: Context) -> None:
    assert report.sign_off(filled, {}).title == "Book a bulky waste collection"


def test_no_page_no_paper(context: Context) -> None:
    with pytest.raises(NotFound, match="no page to print"):
        report.sign_off(context, {})


def test_every_status_says_whether_it_needs_me() -> None:
    quiet = {Status.WAITING, Status.SYNCED}
    line = overview.PageLine("1", "t", Status.SYNCED, "", "", service.State.DRAFT, service.Kind.SERVICE_PAGE)
    assert {s for s in Status if not replace(line, status=s).needs_me} == quiet
