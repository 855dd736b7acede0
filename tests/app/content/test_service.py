"""Tests of what officers do with pages, on a real store."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pytest
from PIL import Image

from app.content import service
from app.content.blocks import Block, Table
from app.context import Context
from app.errors import HoldallError, NotFound
from models.changes import Author, pending_count
from models.content import BlockKind, Draft, Kind, State
from models.errors import BadText, MoveRefused, RecordFrozen
from models.history import history_of
from models.outbox import OutboxOp
from models.search import find
from tests.app.content.conftest import H2, P, block


def blocks_of(context: Context, draft_id: str) -> tuple[Block, ...]:
    """The blocks of a page as they are in the store."""
    return context.read(lambda s: service.load(s, draft_id)).blocks


def save(context: Context, draft_id: str, before: tuple[Block, ...], after: tuple[Block, ...]) -> None:
    """Saves blocks."""
    edit = service.Edit(before=before, after=after)
    context.write("Write", lambda s: service.save(s, draft_id, edit))


def operations(context: Context) -> list[tuple[str, str, frozenset[str]]]:
    """Every operation so far: type, kind, fields."""
    with context.store.read() as session:
        return [
            (op.type, op.kind, frozenset(op.fields)) for op in session.query(OutboxOp).order_by(OutboxOp.n)
        ]


@pytest.mark.parametrize("kind", list(Kind))
def test_a_new_page_begins_with_the_blocks_of_its_template(context: Context, kind: Kind) -> None:
    made, changed = context.write("New page", lambda s: service.create(s, kind))
    page = context.read(lambda s: service.load(s, made))
    assert page.state is State.DRAFT
    assert page.author_name == "Tomos Aldgate"
    assert page.review_on == date(2027, 12, 17)
    assert (page.news_on == date(2026, 12, 17)) is (kind is Kind.NEWS_ARTICLE)
    assert page.blocks
    assert changed.tables == {"content_draft", "content_block"}


def test_a_page_that_is_not_here_is_said_so(context: Context) -> None:
    with pytest.raises(NotFound, match="not here"):
        context.read(lambda s: service.load(s, "no such page"))


def test_a_changed_word_leaves_one_operation_on_one_block(context: Context, draft_id: str) -> None:
    before = blocks_of(context, draft_id)
    count = len(operations(context))
    save(context, draft_id, before, (replace(before[0], text="Ring us today."), *before[1:]))
    fresh = operations(context)[count:]
    assert [op for op in fresh if op[0] == "content_block"] == [("content_block", "patch", {"text"})]
    assert blocks_of(context, draft_id)[0].text == "Ring us today."


def test_blocks_are_added_moved_and_deleted(context: Context, draft_id: str) -> None:
    a, b, c = blocks_of(context, draft_id)
    new = block(BlockKind.TABLE, table=Table.of([["Day", "Time"], ["Monday", "9am"]], "When"))
    save(context, draft_id, (a, b, c), (c, a, new))
    assert blocks_of(context, draft_id) == (c, a, new)


def test_a_colleagues_change_to_another_block_stays(context: Context, draft_id: str) -> None:
    a, b, c = blocks_of(context, draft_id)
    added = block(P, "From a colleague.")
    save(context, draft_id, (a, b, c), (a, replace(b, text="Changed meanwhile"), c, added))
    save(context, draft_id, (a, b, c), (replace(a, text="Mine."), b, c))
    assert [x.text for x in blocks_of(context, draft_id)] == [
        "Mine.",
        "Changed meanwhile",
        "We send a text.",
        "From a colleague.",
    ]


def test_a_block_deleted_elsewhere_comes_back_when_i_change_it(context: Context, draft_id: str) -> None:
    a, b, c = blocks_of(context, draft_id)
    save(context, draft_id, (a, b, c), (a, c))
    save(context, draft_id, (a, b, c), (a, replace(b, text="Still mine"), c))
    assert [x.text for x in blocks_of(context, draft_id)][1] == "Still mine"


def test_undo_takes_back_the_last_write(context: Context, draft_id: str) -> None:
    before = blocks_of(context, draft_id)
    save(context, draft_id, before, (replace(before[0], text="Wrong."), *before[1:]))
    context.undo()
    assert blocks_of(context, draft_id) == before
    context.redo()
    assert blocks_of(context, draft_id)[0].text == "Wrong."


def test_bad_text_is_refused_and_nothing_is_lost(context: Context, draft_id: str) -> None:
    before = blocks_of(context, draft_id)
    waiting = context.read(pending_count)
    for bad in ("a\x00b", "a\ud800b", "x" * 100_001):
        with pytest.raises(BadText):
            save(context, draft_id, before, (replace(before[0], text=bad), *before[1:]))
    assert blocks_of(context, draft_id) == before
    assert context.read(pending_count) == waiting


def test_a_page_with_something_to_put_right_stays_in_draft(context: Context) -> None:
    made, _ = context.write("New page", lambda s: service.create(s, Kind.SERVICE_PAGE))
    with pytest.raises(HoldallError, match="the page has no title; the lead is missing"):
        context.write("Send", lambda s: service.send_for_review(s, made))


def send(context: Context, draft_id: str) -> None:
    """Sends a page for review."""
    context.write("Send for review", lambda s: service.send_for_review(s, draft_id))


def test_two_people_look_at_a_page_before_it_is_published(
    context: Context, second_officer: Author, draft_id: str
) -> None:
    send(context, draft_id)
    with pytest.raises(MoveRefused, match="needs the role lead"):
        context.write("Approve", lambda s: service.approve(s, draft_id))
    context.author = replace(context.author, roles=frozenset({"lead"}))
    with pytest.raises(MoveRefused, match="Somebody else has to"):
        context.write("Approve", lambda s: service.approve(s, draft_id))
    context.author = second_officer
    context.write("Approve", lambda s: service.approve(s, draft_id))
    page = context.read(lambda s: service.load(s, draft_id))
    assert (page.state, page.moved_by) == (State.PUBLISHED, "Priya Senn")


def test_a_lead_who_sends_somebody_elses_page_cannot_approve_it(
    context: Context, second_officer: Author, draft_id: str
) -> None:
    context.author = second_officer
    send(context, draft_id)
    with pytest.raises(MoveRefused, match="Somebody else"):
        context.write("Approve", lambda s: service.approve(s, draft_id))


def test_what_was_sent_cannot_change_before_it_is_approved(context: Context, draft_id: str) -> None:
    before = blocks_of(context, draft_id)
    send(context, draft_id)
    with pytest.raises(HoldallError, match="stay as they were sent"):
        save(context, draft_id, before, before[:1])
    with pytest.raises(RecordFrozen):
        context.write("Bypass", lambda s: setattr(s.get_one(service.BlockRow, before[0].id), "text", "x"))


def test_sent_back_with_a_note_and_sent_again(
    context: Context, second_officer: Author, draft_id: str
) -> None:
    me = context.author
    send(context, draft_id)
    context.author = second_officer
    with pytest.raises(HoldallError, match="Say what to change"):
        context.write("Send back", lambda s: service.send_back(s, draft_id, "  "))
    context.write("Send back", lambda s: service.send_back(s, draft_id, "Name the street."))
    page = context.read(lambda s: service.load(s, draft_id))
    assert (page.state, page.sent_back_note, page.sent_back_by) == (
        State.DRAFT,
        "Name the street.",
        "Priya Senn",
    )
    context.author = me
    send(context, draft_id)
    assert context.read(lambda s: service.load(s, draft_id)).sent_back_note == ""


def test_taken_back_archived_and_restored(context: Context, second_officer: Author, draft_id: str) -> None:
    send(context, draft_id)
    context.write("Take back", lambda s: service.take_back(s, draft_id))
    context.write("Archive", lambda s: service.archive(s, draft_id))
    with pytest.raises(MoveRefused, match="lead"):
        context.write("Restore", lambda s: service.start_new_version(s, draft_id))
    context.author = second_officer
    context.write("Restore", lambda s: service.start_new_version(s, draft_id))
    assert context.read(lambda s: service.load(s, draft_id)).state is State.DRAFT


@pytest.mark.parametrize(
    ("day", "months", "due"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 17), 12, date(2027, 12, 17)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
    ],
)
def test_months_are_clamped_to_the_end_of_a_shorter_month(day: date, months: int, due: date) -> None:
    assert service.months_later(day, months) == due


def test_a_review_is_due_in_set_steps(context: Context, draft_id: str) -> None:
    context.write("Reviewed", lambda s: service.mark_reviewed(s, draft_id, 6))
    assert context.read(lambda s: service.load(s, draft_id)).review_on == date(2027, 6, 17)
    with pytest.raises(HoldallError, match="3, 6, 12"):
        context.write("Reviewed", lambda s: service.mark_reviewed(s, draft_id, 7))


def png() -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", (8, 5), "white").save(out, "PNG")
    return out.getvalue()


def test_a_picture_is_kept_and_others_are_refused(context: Context) -> None:
    picture = context.write("Add", lambda s: service.put_picture(s, png(), "bin.png"))
    assert (picture.mime, picture.width, picture.height) == ("image/png", 8, 5)
    for bad in (b"", b"%PDF-1.7 renamed", png()[:40]):
        with pytest.raises(HoldallError, match="not a picture"):
            context.write("Add", lambda s, data=bad: service.put_picture(s, data, "bin.png"))


def test_find_knows_titles_and_words(context: Context, draft_id: str) -> None:
    assert {hit.type for hit in context.read(lambda s: find(s, "missed bin"))} == {"content_draft"}
    hits = context.read(lambda s: find(s, "send a text"))
    assert [hit.type for hit in hits] == ["content_block"]
    assert context.read(lambda s: service.draft_of_block(s, hits[0].id)) == draft_id


def test_a_deleted_page_is_gone_and_undo_brings_it_back(context: Context, draft_id: str) -> None:
    context.write("Delete the page", lambda s: service.delete(s, draft_id))
    with pytest.raises(NotFound):
        context.read(lambda s: service.load(s, draft_id))
    context.undo()
    assert len(blocks_of(context, draft_id)) == 3


def test_history_tells_who_sent_it(context: Context, draft_id: str) -> None:
    send(context, draft_id)
    with context.store.read() as session:
        assert history_of(session, "content_draft", draft_id)[-1].label == "Send for review"
        assert session.get_one(Draft, draft_id).state is State.REVIEW


def test_a_heading_is_a_block_of_its_own(context: Context, draft_id: str) -> None:
    assert blocks_of(context, draft_id)[1].kind is H2
