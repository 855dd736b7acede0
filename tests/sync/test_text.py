"""Running text that two laptops change apart: sentence by sentence, and what a person settles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.content import service
from app.content.blocks import Block
from models.content import BlockKind, Kind
from models.ids import new_id
from models.outbox import Conflict
from models.undo import undo
from sync import desk
from sync.engine import Run, SyncReport
from tests.sync.kit import Fleet, Laptop
from tests.sync.test_converge import same, states
from tests.things import Leaf

TEXT = "Apply online. Bring a bill. Ring us first. We answer in ten days."


def typing(leaf_id: str, old: str, new: str) -> Callable[[Session], None]:
    """An act that puts other words in the place of some."""

    def work(session: Session) -> None:
        leaf = session.get_one(Leaf, leaf_id)
        assert old in leaf.words
        leaf.words = leaf.words.replace(old, new)

    return work


def shared_leaf(fleet: Fleet) -> tuple[Laptop, Laptop, str]:
    """Two laptops that hold one text."""
    first, second = fleet.join(), fleet.join("u-2", "Priya Senn", ("officer", "lead"))
    leaf = Leaf(words=TEXT)
    first.write("Write", lambda s: s.add(leaf))
    fleet.settle()
    return first, second, leaf.id


def words(laptop: Laptop, leaf_id: str) -> str:
    return laptop.get(Leaf, leaf_id).words


def clash(laptop: Laptop) -> desk.Clash:
    """The one conflict that a laptop shows."""
    (found,) = laptop.read(desk.conflicts)
    return found


def test_different_sentences_changed_apart_join_without_a_question(fleet: Fleet) -> None:
    first, second, leaf_id = shared_leaf(fleet)
    first.write("Type", typing(leaf_id, "Apply online", "Apply on our website"))
    second.write("Type", typing(leaf_id, "in ten days", "in five days"))
    first.sync()
    report = second.sync()
    assert (report.merged, report.conflicts) == (1, 0)
    fleet.settle()
    assert same(fleet, Leaf, leaf_id)["words"] == (
        "Apply on our website. Bring a bill. Ring us first. We answer in five days."
    )


@pytest.mark.parametrize("apart", [True, False])
def test_a_chain_of_edits_made_offline_never_clashes_with_another_sentence(fleet: Fleet, apart: bool) -> None:
    first, second, leaf_id = shared_leaf(fleet)
    second.write("Type", typing(leaf_id, "Ring us first", "Ring us before you come"))
    second.sync()
    first.write("Type", typing(leaf_id, "Apply online", "Apply on our website"))
    if apart:
        first.sync()
    first.write("Type", typing(leaf_id, "our website", "the website"))
    first.write("Type", typing(leaf_id, "Bring a bill. ", ""))
    fleet.settle()
    assert first.read(desk.counts).conflicts == 0
    assert same(fleet, Leaf, leaf_id)["words"] == (
        "Apply on the website. Ring us before you come. We answer in ten days."
    )


def test_the_same_sentence_changed_twice_asks_about_that_sentence_and_merges_the_rest(fleet: Fleet) -> None:
    first, second, leaf_id = shared_leaf(fleet)
    first.write("Type", typing(leaf_id, "a bill", "a gas bill"))
    second.write("Type", typing(leaf_id, "a bill", "a water bill"))
    second.write("Type", typing(leaf_id, "in ten", "in five"))
    first.sync()
    assert second.sync().conflicts == 1
    first.sync()
    standing = "Apply online. Bring a gas bill. Ring us first. We answer in five days."
    assert same(fleet, Leaf, leaf_id)["words"] == standing
    for laptop in (first, second):
        row = clash(laptop)
        assert row.question is not None
        assert (row.question.base, row.question.one, row.question.other) == (
            "Bring a bill.",
            "Bring a gas bill.",
            "Bring a water bill.",
        )
        assert (row.kept, row.other) == (standing, standing.replace("gas", "water"))
        assert (row.kept_by, row.other_by) == ("Tomos Aldgate", "Priya Senn")


def test_each_side_may_type_on_while_a_sentence_waits_to_be_settled(fleet: Fleet) -> None:
    first, second, leaf_id = shared_leaf(fleet)
    first.write("Type", typing(leaf_id, "a bill", "a gas bill"))
    second.write("Type", typing(leaf_id, "a bill", "a water bill"))
    first.sync()
    push_only(second)  # its answer is in, what stands now is not
    assert words(second, leaf_id) == TEXT.replace("a bill", "a water bill")
    second.write("Type on", typing(leaf_id, "a water bill", "a recent water bill"))
    second.write("Type elsewhere", typing(leaf_id, "Ring us first", "Ring us soon"))
    fleet.settle()
    first.write("Type on", typing(leaf_id, "a gas bill", "a recent gas bill"))
    first.write("Type elsewhere", typing(leaf_id, "Apply online", "Apply here"))
    fleet.settle()
    standing = "Apply here. Bring a recent gas bill. Ring us soon. We answer in ten days."
    assert same(fleet, Leaf, leaf_id)["words"] == standing
    for laptop in (first, second):
        row = clash(laptop)
        assert (row.kept, row.other) == (standing, standing.replace("gas", "water"))
        assert row.base == standing.replace("a recent gas bill", "a bill")
        assert (row.kept_by, row.other_by) == ("Tomos Aldgate", "Priya Senn")
    assert sorted(set(states(second))) == ["conflicted", "settled"]


def push_only(laptop: Laptop) -> None:
    """Sends, and loses the connection before anything is fetched."""
    Run(laptop.engine, SyncReport(), lambda *_: None, lambda: False).push()


@pytest.mark.parametrize(
    ("choice", "value", "middle"),
    [
        ("keep", None, "Bring a gas bill."),
        ("take", None, "Bring a water bill."),
        ("custom", "Bring any bill.", "Bring any bill."),
    ],
)
def test_settling_offline_keeps_what_was_merged_before_and_since(
    fleet: Fleet, choice: Any, value: str | None, middle: str
) -> None:
    first, second, leaf_id = shared_leaf(fleet)
    first.write("Type", typing(leaf_id, "a bill", "a gas bill"))
    second.write("Type", typing(leaf_id, "a bill", "a water bill"))
    first.sync()
    second.sync()
    row = clash(second)
    assert row.question is not None
    custom = None if value is None else row.question.whole(value)
    second.write("Settle", lambda s: desk.resolve_conflict(s, row.conflict_id, choice, custom))
    assert second.read(desk.conflicts) == []
    first.write("Type elsewhere", typing(leaf_id, "in ten", "in five"))
    first.sync()
    fleet.settle()
    assert same(fleet, Leaf, leaf_id)["words"] == (
        f"Apply online. {middle} Ring us first. We answer in five days."
    )
    assert first.read(desk.conflicts) == []
    assert first.read(lambda s: s.get_one(Conflict, row.conflict_id)).status == "resolved"


def test_writing_what_the_other_wrote_settles_it(fleet: Fleet) -> None:
    first, second, leaf_id = shared_leaf(fleet)
    first.write("Type", typing(leaf_id, "a bill", "a gas bill"))
    second.write("Type", typing(leaf_id, "a bill", "a water bill"))
    first.sync()
    second.sync()
    first.write("Type", typing(leaf_id, "a gas bill", "a water bill"))
    fleet.settle()
    assert same(fleet, Leaf, leaf_id)["words"] == TEXT.replace("a bill", "a water bill")
    assert first.read(desk.conflicts) == second.read(desk.conflicts) == []


def test_until_the_server_answers_the_own_screen_shows_the_own_words_and_the_others_sentences(
    fleet: Fleet,
) -> None:
    first, second, leaf_id = shared_leaf(fleet)
    first.write("Type", typing(leaf_id, "a bill", "a gas bill"))
    first.write("Type", typing(leaf_id, "in ten", "in five"))
    first.sync()
    second.write("Type", typing(leaf_id, "a bill", "a water bill"))
    pull_only(second)
    assert words(second, leaf_id) == (
        "Apply online. Bring a water bill. Ring us first. We answer in five days."
    )
    second.sync()
    assert words(second, leaf_id) == (
        "Apply online. Bring a gas bill. Ring us first. We answer in five days."
    )
    assert clash(second).other == ("Apply online. Bring a water bill. Ring us first. We answer in five days.")


def pull_only(laptop: Laptop) -> None:
    """Fetches, before anything is sent."""
    Run(laptop.engine, SyncReport(), lambda *_: None, lambda: False).pull()


def test_undo_of_a_sent_edit_leaves_the_others_sentences(fleet: Fleet) -> None:
    first, second, leaf_id = shared_leaf(fleet)
    first.write("Type", typing(leaf_id, "Apply online", "Apply here"))
    second.write("Type", typing(leaf_id, "in ten", "in five"))
    fleet.settle()
    fleet.settle()
    with first.store.write(first.author, "Undo", first.clock.tick()) as session:
        undo(session)
    fleet.settle()
    assert same(fleet, Leaf, leaf_id)["words"] == TEXT.replace("in ten", "in five")


# -- one draft, two laptops -------------------------------------------------------------------------


def shared_page(fleet: Fleet) -> tuple[Laptop, Laptop, str]:
    """Two laptops with one page of four paragraphs."""
    first, second = fleet.join(), fleet.join("u-2", "Priya Senn", ("officer", "lead"))
    made, _ = first.write("New page", lambda s: service.create(s, Kind.SERVICE_PAGE, "Missed bins"))
    parts = tuple(Block(new_id(), BlockKind.PARAGRAPH, f"Part {n}. It says so.") for n in "abcd")
    save(first, made, page(first, made), parts)
    fleet.settle()
    return first, second, made


def page(laptop: Laptop, page_id: str) -> tuple[Block, ...]:
    return laptop.read(lambda s: service.load(s, page_id)).blocks


def save(laptop: Laptop, page_id: str, before: tuple[Block, ...], after: tuple[Block, ...]) -> None:
    laptop.write("Type", lambda s: service.save(s, page_id, service.Edit(before=before, after=after)))


def test_blocks_added_moved_removed_and_changed_apart_come_to_one_page(fleet: Fleet) -> None:
    first, second, made = shared_page(fleet)
    a, b, c, d = page(first, made)
    new, other = Block(new_id(), BlockKind.PARAGRAPH, "New."), Block(new_id(), BlockKind.PARAGRAPH, "Other.")
    save(first, made, (a, b, c, d), (b, replace(a, text="Part a. It says more."), new, c, d))
    save(second, made, (a, b, c, d), (replace(a, text="This is part a. It says so."), b, other, d))
    fleet.settle()
    fleet.settle()
    shown = [block.text for block in page(first, made)]
    assert shown == [block.text for block in page(second, made)]
    assert sorted(shown) == sorted(
        ["Part b. It says so.", "This is part a. It says more.", "New.", "Other.", "Part d. It says so."]
    )
    assert (shown[0], shown[-1]) == ("Part b. It says so.", "Part d. It says so.")
    assert first.read(desk.counts).conflicts == second.read(desk.counts).conflicts == 0


def test_a_block_removed_here_and_changed_there_stays_with_the_change(fleet: Fleet) -> None:
    first, second, made = shared_page(fleet)
    a, b, c, d = page(first, made)
    save(first, made, (a, b, c, d), (a, b, d))
    save(second, made, (a, b, c, d), (a, b, replace(c, text="Part c. It says more."), d))
    fleet.settle()
    fleet.settle()
    for laptop in (first, second):
        assert [block.text for block in page(laptop, made)][2] == "Part c. It says more."


def test_what_came_in_while_somebody_types_is_not_written_over(fleet: Fleet) -> None:
    first, second, made = shared_page(fleet)
    before = page(second, made)
    seen = page(first, made)
    save(first, made, seen, (replace(seen[0], text="Part a. It says more."), *seen[1:]))
    fleet.settle()
    typed = (replace(before[0], text="This is part a. It says so."), *before[1:])
    save(second, made, before, typed)
    assert page(second, made)[0].text == "This is part a. It says more."
