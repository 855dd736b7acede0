"""Tests of what is declared about pages and their blocks."""

from __future__ import annotations

import pytest

from models.content import Block, Draft, State
from models.errors import MoveRefused
from models.policy import Merge, check_move, check_start

MOVES = {
    ("draft", "review"),
    ("review", "draft"),
    ("review", "published"),
    ("published", "draft"),
    ("published", "review"),
    ("draft", "archived"),
    ("review", "archived"),
    ("published", "archived"),
    ("archived", "draft"),
    ("archived", "review"),
    ("archived", "published"),
}


def may(before: str, after: str, roles: set[str], actor: str = "u-2") -> bool:
    """Whether somebody with these roles may move a page of u-1."""
    try:
        check_move(Draft.__policy__, {"state": before, "author_id": "u-1"}, after, actor, frozenset(roles))
    except MoveRefused:
        return False
    return before != after


def test_a_lead_may_make_every_declared_move_and_no_other() -> None:
    states = [state.value for state in State]
    made = {(a, b) for a in states for b in states if may(a, b, {"officer", "lead"})}
    assert made == MOVES


def test_an_officer_neither_approves_nor_brings_back_from_the_archive() -> None:
    refused = {("review", "published"), ("archived", "draft"), ("archived", "published")}
    assert {move for move in MOVES if not may(*move, {"officer"})} == refused


def test_nobody_publishes_their_own_page() -> None:
    assert not may("review", "published", {"lead"}, "u-1")
    assert not may("archived", "published", {"lead"}, "u-1")
    assert may("review", "published", {"lead"}, "u-2")


def test_no_page_begins_published() -> None:
    with pytest.raises(MoveRefused, match="cannot begin"):
        check_start(Draft.__policy__, {"state": "published"})


def test_words_merge_as_text_and_structure_by_block() -> None:
    assert Block.__policy__.merge_of("text") is Merge.TEXT
    assert Block.__policy__.merge_of("position") is Merge.LWW
    assert Draft.__policy__.merge_of("state") is Merge.GUARD
    assert Draft.__policy__.merge_of("title") is Merge.ASK
