"""The tree of the sample council: nobody is left stuck, every leaf reaches a code and a band."""

import json
from importlib import resources

from app.repairs import flow
from app.repairs.tables import tables
from app.repairs.tree import faults, read_tree

TREE = tables().tree
BANDS = frozenset(tables().band_tables[0].bands)
DAMP = {
    "danger": "none",
    "kind": "tenant",
    "room": "kitchen",
    "kitchen": "damp",
    "damp-where": "outside-wall",
}


def raw():
    return json.loads(resources.files("resources").joinpath("repairs", "tree.json").read_text("utf-8"))


def test_the_tree_has_no_fault():
    assert faults(TREE, BANDS) == []


def test_every_way_through_the_tree_reaches_a_code_and_a_band_or_an_exit():
    ways = [TREE.way(answers) for answers in TREE.ways()]
    assert len(ways) > 150
    for way in ways:
        assert way.question is None
        if way.exit is None:
            assert way.outcome.code
            assert way.outcome.band in BANDS
        else:
            assert way.exit.number
    assert {way.outcome.id for way in ways if way.outcome} == set(TREE.outcomes)
    assert {way.exit.id for way in ways if way.exit} == set(TREE.exits)


def test_right_to_repair_hazards_and_bands_named_by_outcomes_exist():
    known = tables()
    for outcome in TREE.outcomes.values():
        assert set(outcome.right_to_repair) <= set(known.right_to_repair.defects)
        assert not outcome.hazard or outcome.hazard in known.hazards
        assert outcome.significant in ("anyone", "at_risk", "no")


def test_codes_are_text_and_keep_their_zeros():
    assert TREE.outcomes["look"].code == "AV0001"
    codes = [outcome.code for outcome in TREE.outcomes.values()]
    assert len(set(codes)) == len(codes)


def test_an_answer_of_another_version_stops_at_its_question():
    way = TREE.way({**DAMP, "damp-where": "in the loft"})
    assert way.question.id == "damp-where"


def test_faults_are_named_by_their_path():
    spoilt = raw()
    spoilt["questions"]["tap"]["answers"][0] = {"value": "stuck", "text": "Stuck", "outcome": "no-such"}
    spoilt["questions"]["fan"]["answers"][1] = {
        "value": "yes",
        "text": "Yes",
        "outcome": "look",
        "next": "tap",
    }
    spoilt["outcomes"]["fence"]["code"] = ""
    spoilt["outcomes"]["lift"]["band"] = "some-day"
    found = {f.path: f.message for f in faults(read_tree(spoilt), BANDS)}
    assert "no-such" in found["questions.tap.answers.stuck"]
    assert "exactly one" in found["questions.fan.answers.yes"]
    assert "code" in found["outcomes.fence"]
    assert "some-day" in found["outcomes.lift"]


def test_a_loop_and_a_lost_question_are_faults():
    spoilt = raw()
    spoilt["questions"]["damp-spread"]["answers"][0] = {
        "value": "spots",
        "text": "Spots",
        "next": "damp-where",
    }
    spoilt["questions"]["attic"] = {
        "label": "Attic",
        "ask": "Attic?",
        "answers": [{"value": "x", "text": "X", "outcome": "look"}],
    }
    found = {f.path: f.message for f in faults(read_tree(spoilt), BANDS)}
    assert "back to itself" in found["questions.damp-where"]
    assert "no answer leads here" in found["questions.attic"]
    assert "no answer ends here" in found["outcomes.damp-spots"]


def pages(answers, done=(), communal=False):
    return [p.id for p in flow.path(TREE, answers, done, communal).pages]


def test_danger_comes_first_then_who_whose_home_where_their_words_and_then_the_tree():
    assert pages({}) == ["danger"]
    assert pages({"danger": "none"}) == ["danger", "household", "kind"]
    after = pages({"danger": "none", "kind": "tenant"})
    assert after == ["danger", "household", "kind", "address", "description", "room"]


def test_a_shared_part_sends_nobody_back_to_who_lives_there_and_keeps_an_answer_given():
    shared = {"danger": "none", "kind": "communal"}
    assert "household" not in pages(shared, communal=True)
    assert pages(shared, ["household"], communal=True)[:2] == ["danger", "household"]


def test_a_danger_leads_straight_to_what_to_do_now():
    assert pages({"danger": "gas"}) == ["danger", "exit"]


def test_a_danger_heard_in_their_words_leads_there_too_and_an_unknown_one_nowhere():
    assert pages({"danger": "heard:fire", "kind": "tenant"}) == ["danger", "exit"]
    assert TREE.way({"danger": "heard:fire"}).exit.id == "fire"
    assert TREE.way({"danger": "heard:dragon"}).question.id == "danger"
    assert TREE.way({**DAMP, "room": "heard:fire"}).question.id == "room"


def test_changing_an_early_answer_keeps_the_later_ones_that_fit():
    answers = {**DAMP, "damp-since": "weeks"}
    elsewhere = {**answers, "room": "bathroom", "bathroom": "damp"}
    way = TREE.way(elsewhere)
    assert way.question.id == "damp-spread"
    assert [g.question.id for g in way.given][-2:] == ["damp-where", "damp-since"]
    assert TREE.way({**elsewhere, "room": "kitchen"}).question.id == "damp-spread"


def test_the_number_of_questions_left_only_shrinks_and_ends_at_the_promise():
    answers, done, last = {}, [], 99
    for question, value in (*DAMP.items(), ("damp-since", "weeks"), ("damp-spread", "patch")):
        way = flow.path(TREE, answers, done, False)
        left, exact = flow.pages_left(TREE, way, question, False)
        assert left < last
        assert not exact
        last = left
        answers[question] = value
    way = flow.path(TREE, answers, ["address", "household", "description"], False)
    assert way.next_page.id == "photos"
    assert flow.pages_left(TREE, way, "photos", False) == (1, True)
    assert flow.left_words(2, True) == "2 more questions, then the promise"
    assert flow.left_words(1, False) == "About 1 more question, then the promise"
    assert flow.left_words(0, True) == "Then the promise"
    assert pages(answers)[-1] == "promise"


def test_back_and_forward_walk_the_same_pages():
    way = flow.path(TREE, DAMP, ["address"], False)
    assert way.before("danger") is None
    assert way.before("kind").id == "household"
    assert way.before("household").id == "danger"
    assert way.after("damp-where").id == "damp-since"
    assert way.after("damp-since") is None
    assert way.next_page.id == "household"
