"""A draft is changed answer by answer; nothing that was not touched moves."""

import pytest

from app.errors import HoldallError, NotFound
from app.repairs.mapping import editing, service
from app.repairs.tables import tables
from app.repairs.tree import read_tree


@pytest.fixture
def body():
    return service.built_in_body()


def values(body, question_id):
    return [a["value"] for a in body["questions"][question_id]["answers"]]


def test_a_new_answer_stands_after_the_chosen_one_and_ends_at_a_leaf_without_a_code(body):
    changed, value = editing.add_answer(body, "tap", "stuck", "It sprays sideways")
    assert values(changed, "tap") == ["stuck", "it-sprays-sideways", "drip", "unknown"]
    faults = service.faults_of(read_tree(changed), tables())
    assert {(f.outcome, f.message) for f in faults} == {
        (f"tap-{value}", "there is no schedule of rates code"),
        (f"tap-{value}", "it has no band yet"),
    }
    assert values(body, "tap") == ["stuck", "drip", "unknown"]  # the old body stays


def test_they_do_not_know_stays_last(body):
    changed, _ = editing.add_answer(body, "tap", "unknown", "One more")
    assert values(changed, "tap")[-1] == "unknown"
    top, _ = editing.add_answer(body, "tap", "", "First")
    assert values(top, "tap")[0] == "first"


def test_a_tenth_answer_is_refused_in_a_sentence(body):
    for text in ("a", "b", "c", "d", "e", "f"):
        body, _ = editing.add_answer(body, "tap", "stuck", text)
    with pytest.raises(HoldallError, match="one for each number key"):
        editing.add_answer(body, "tap", "stuck", "g")


def test_an_answer_taken_out_takes_what_only_it_led_to(body):
    changed = editing.remove_answer(body, "whole", "pests")
    assert "pests" not in changed["questions"]
    assert "pest-rodent" not in changed["outcomes"]
    kept = editing.remove_answer(body, "kitchen", "damp")
    assert "damp-where" in kept["questions"]  # the bathroom leads there too
    assert set(changed["exits"]) == set(body["exits"])
    assert service.faults_of(read_tree(changed), tables()) == []


def test_the_last_answer_of_a_question_stays(body):
    body = editing.remove_answer(editing.remove_answer(body, "fan", "unknown"), "fan", values(body, "fan")[0])
    with pytest.raises(HoldallError, match="at least one answer"):
        editing.remove_answer(body, "fan", values(body, "fan")[0])


def test_an_answer_moves_up_and_down_and_stops_at_the_ends(body):
    assert values(editing.move_answer(body, "tap", "drip", -1), "tap")[0] == "drip"
    assert values(editing.move_answer(body, "tap", "stuck", -1), "tap")[0] == "stuck"
    assert values(editing.move_answer(body, "tap", "stuck", 9), "tap")[-1] == "stuck"


def test_an_answer_may_lead_to_a_new_question_whose_first_answer_is_the_leaf_it_had(body):
    changed, new_id = editing.lead_to_question(body, "tap", "drip", "Which tap drips?")
    assert changed["questions"][new_id]["ask"] == "Which tap drips?"
    assert changed["questions"][new_id]["answers"][0]["outcome"] == "tap-drip"
    assert service.faults_of(read_tree(changed), tables()) == []
    with pytest.raises(HoldallError, match="leads to a question already"):
        editing.lead_to_question(changed, "tap", "drip", "Again?")


def test_an_answer_may_leave_by_an_exit_or_come_back_to_a_leaf(body):
    out = editing.lead_to_exit(body, "tap", "drip", "not_ours")
    assert read_tree(out).questions["tap"].answer("drip").exit == "not_ours"
    assert "tap-drip" not in out["outcomes"]
    back = editing.lead_to_leaf(out, "tap", "drip")
    assert read_tree(back).questions["tap"].answer("drip").outcome == "tap-drip"
    with pytest.raises(NotFound):
        editing.lead_to_exit(body, "tap", "drip", "nowhere")
    with pytest.raises(HoldallError, match="leads to a question"):
        editing.lead_to_exit(body, "kitchen", "tap", "contact")


def test_a_leaf_keeps_its_code_letter_by_letter(body):
    changed = editing.change_outcome(body, "tap", "drip", {"code": " 0007 ", "band": "soon"})
    assert changed["outcomes"]["tap-drip"] == {**body["outcomes"]["tap-drip"], "code": "0007", "band": "soon"}
    assert editing.ways_to(body, "look") > 5
    with pytest.raises(NotFound):
        editing.change_outcome(body, "kitchen", "tap", {"code": "1"})


def test_a_band_set_at_a_leaf_no_longer_follows_its_priority(body):
    body["outcomes"]["tap-drip"]["priority"] = "20 days"
    same = editing.change_outcome(body, "tap", "drip", {"band": "routine"})
    assert same["outcomes"]["tap-drip"]["priority"] == "20 days"
    other = editing.change_outcome(body, "tap", "drip", {"band": "soon"})
    assert "priority" not in other["outcomes"]["tap-drip"]


@pytest.mark.parametrize("question_id", ["danger", "kind"])
def test_the_opening_may_be_worded_but_leads_where_it_leads(body, question_id):
    value = values(body, question_id)[0]
    for act in (
        lambda: editing.add_answer(body, question_id, value, "More"),
        lambda: editing.remove_answer(body, question_id, value),
        lambda: editing.lead_to_exit(body, question_id, value, "contact"),
        lambda: editing.lead_to_leaf(body, question_id, value),
        lambda: editing.lead_to_question(body, question_id, value, "Why?"),
    ):
        with pytest.raises(HoldallError, match="asked alike in every edition"):
            act()
    changed = editing.change_answer(body, question_id, value, {"text": "Other words"})
    assert read_tree(changed).questions[question_id].answer(value).text == "Other words"


def test_words_of_a_question_are_changed_and_no_other_field(body):
    changed = editing.change_question(body, "tap", {"ask": "What is wrong with the tap?"})
    assert read_tree(changed).questions["tap"].ask == "What is wrong with the tap?"
    with pytest.raises(KeyError):
        editing.change_question(body, "tap", {"answers": []})
    with pytest.raises(KeyError):
        editing.change_answer(body, "tap", "drip", {"next": "kitchen"})
    with pytest.raises(NotFound):
        editing.change_question(body, "attic", {"ask": "?"})
    with pytest.raises(NotFound):
        editing.change_answer(body, "tap", "attic", {"text": "?"})
