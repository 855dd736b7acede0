"""Tripwires: what fires, what lowers it to a question, and that nothing silences it."""

import pytest

from app.repairs.tables import tables
from app.repairs.text.normalise import read_words
from app.repairs.text.tripwires import Level, highest, risks_heard, trip, tripwires


def level(text, risks=None):
    return highest(trip(read_words(text), risks))


def lowered(text):
    return {reason.lowered for reason in trip(read_words(text))}


def test_every_rule_leads_to_an_emergency_exit_of_the_tree_and_asks_a_question():
    exits = tables().tree.exits
    for rule in tripwires():
        assert exits[rule.exit].emergency
        assert rule.ask.endswith("?")
        assert rule.yes or rule.risk
    assert len({rule.id for rule in tripwires()}) == len(tripwires())
    assert {rule.exit for rule in tripwires()} == {key for key, e in exits.items() if e.emergency}


def test_a_reason_names_rule_exit_hazard_and_the_person_s_own_words():
    (reason,) = trip(read_words("I can SMELL gass in the kichen"))
    assert (reason.rule, reason.exit, reason.hazard) == ("gas-smell", "gas", "emergency_hazard")
    assert reason.words == "SMELL gass"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("There is no smell of gas", "negated"),
        ("I can't smell gas", "negated"),
        ("I don't think there is a gas leak", "negated"),
        ("nie czuję gazu", "negated"),
        ("We had a gas leak last year", "past"),
        ("There was a gas leak but it has been fixed", "mended"),
        ("What should I do if I smell gas", "asking"),
    ],
)
def test_a_guard_lowers_to_a_question_and_never_to_silence(text, why):
    assert level(text) is Level.ASK
    assert why in lowered(text)


@pytest.mark.parametrize(
    "text",
    [
        "I'm not being funny but I smell gas",
        "No idea why but there is a smell of gas",
        "I can't stop the water, it is pouring",
        "They fixed the boiler last week but now I smell gas again",
        "I reported the smell of gas last week and nobody came, I still smell gas",
        "It has not been fixed and there are sparks from the socket",
        "Not sure if you can help, the ceiling has come down",
    ],
)
def test_words_near_by_that_deny_something_else_lower_nothing(text):
    assert level(text) is Level.YES


def test_a_loss_is_an_emergency_with_somebody_at_risk_and_a_question_while_nobody_was_asked():
    for text in ("no heating", "the power has gone off", "no running water"):
        assert level(text) is Level.ASK
        assert level(text, {"baby"}) is Level.YES
        assert level(text, frozenset()) is Level.NO
        assert level(f"{text} and I have a newborn", frozenset()) is Level.YES


def test_people_at_risk_are_heard_with_their_ages():
    heard = risks_heard(read_words("My mum is 84, I am pregnant and the baby is 6 weeks old; she has asthma"))
    assert set(heard) == {"over65", "pregnant", "baby", "breathing"}
    assert heard["over65"].endswith("84")
    assert risks_heard(read_words("the boiler is 12 years old in flat 84")) == {}
    assert set(heard) <= set(tables().risks)


@pytest.mark.parametrize(
    "text",
    [
        "my gas bill is wrong", "a new fire door please", "the electric fire is noisy",
        "shocked at the price",
        "the window is draughty", "smoke detector needs fitting", "my kitchen tap drips", "fence blew down",
        "the cupboard door will not close", "hot water but only lukewarm at the basin tap drips",
    ],
)  # fmt: skip
def test_words_that_only_sound_dangerous_are_no_emergency(text):
    assert level(text) is not Level.YES
