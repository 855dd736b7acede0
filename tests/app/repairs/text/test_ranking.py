"""Ranking: the leaf that words mean, what decided it, and the answers that they settle."""

from app.repairs.tables import tables
from app.repairs.text.normalise import read_words
from app.repairs.text.ranking import LeafIndex, index_of
from tests.bench.repairs_text import big_tree

TREE = tables().tree


def rank(text, given=None):
    return index_of(TREE).rank(read_words(text), given)


def test_the_words_that_decided_are_the_person_s_own():
    first = rank("The kitchn tap dripps all night")[0]
    assert first.outcome == "tap-drip"
    assert first.sor_code == "AV2203"
    assert {"kitchn", "tap", "dripps"} <= set(first.words)


def test_five_leaves_at_most_each_with_an_outcome_of_its_own():
    leaves = rank("leak under the kitchen sink, mould on the wall, socket and tap broken")
    assert len(leaves) == 5
    assert len({leaf.outcome for leaf in leaves}) == 5
    assert [leaf.score for leaf in leaves] == sorted((leaf.score for leaf in leaves), reverse=True)


def test_a_room_that_was_named_is_settled_and_one_that_was_not_is_left_to_ask():
    named = rank("the bathroom tap drips")[0]
    assert named.answers["room"] == "bathroom"
    assert TREE.way({"danger": "none", "kind": "tenant", **named.answers}).outcome.id == "tap-drip"
    unnamed = rank("a tap drips")[0]
    assert "room" not in unnamed.answers
    answers = {"danger": "none", "kind": "tenant", **unnamed.answers}
    assert TREE.way(answers).question.id == "room"
    for room in ("kitchen", "bathroom"):
        assert TREE.way({**answers, "room": room}).outcome.id == "tap-drip"


def test_what_nobody_said_is_not_filled_in():
    leaf = rank("big patch of black mould on the ceiling in my bedroom")[0]
    assert leaf.outcome == "damp-patch"
    assert leaf.answers["damp-where"] == "ceiling"
    assert "damp-since" not in leaf.answers


def test_answers_given_already_rule_leaves_out():
    shared = rank("the lights are not working", {"kind": "communal"})
    assert shared[0].outcome == "shared-light"
    tenant = rank("the lights are not working", {"kind": "tenant"})
    assert "shared-light" not in {leaf.outcome for leaf in tenant}


def test_odd_text_ranks_to_nothing_and_breaks_nothing():
    for text in ("", "   ", '"', "NEAR(", "a* OR b", "'; DROP TABLE leaves; --", "\x00", "🔥"):
        assert isinstance(rank(text), tuple)
    assert rank("zzz qqq") == ()


def test_a_tree_of_another_council_is_ranked_by_its_own_texts():
    index = LeafIndex(big_tree())
    assert len(index.rows) == 2_500
    first = index.rank(read_words("the shower in the cellar is cracked"))[0]
    assert first.path == "cellar/shower/cracked"
