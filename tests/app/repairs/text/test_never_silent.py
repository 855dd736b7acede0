"""Danger is never passed over in silence: lists in voices of their own, and what may excuse a subject."""

from pathlib import Path

import pytest

from app.repairs.text.normalise import read_words
from app.repairs.text.patterns import Finder, compile_pattern
from app.repairs.text.tripwires import Level, highest, trip, tripwires
from tests.bench.repairs_text import PHRASES, VOICES, emergencies

OWN = Path(__file__).parent
WITH_PLAIN = (PHRASES / "emergencies.tsv", *sorted(OWN.glob("emergencies*.tsv")), *VOICES)


def level(text, risks=None):
    return highest(trip(read_words(text), risks))


@pytest.mark.parametrize("path", VOICES, ids=lambda path: path.stem)
def test_no_voice_is_passed_over_and_few_are_called_an_emergency_that_are_none(path):
    found = emergencies(path)
    assert found.count == 60
    assert found.table["yes", "no"] == found.table["ask", "no"] == 0, found.misses
    assert found.precision >= 0.85


@pytest.mark.parametrize("path", VOICES, ids=lambda path: path.stem)
@pytest.mark.parametrize("slips", [3, 7])
def test_a_slip_in_eight_words_silences_next_to_nothing(path, slips):
    found = emergencies(path, slips)
    assert found.table["yes", "no"] <= 1, found.misses


def test_hardly_any_danger_is_passed_over_in_words_that_nothing_was_mended_on():
    found = emergencies(PHRASES / "unseen.tsv")
    told = sum(found.table["yes", level] for level in ("yes", "ask", "no"))
    assert told == 85
    assert found.table["yes", "no"] / told <= 0.05, found.misses
    assert found.table["yes", "yes"] / told >= 0.85


def test_a_question_stays_rare_enough_to_be_read_on_what_is_none():
    tables = [emergencies(path).table for path in WITH_PLAIN]
    plain = sum(n for table in tables for (expected, _), n in table.items() if expected == "no")
    asked = sum(table["no", "ask"] for table in tables)
    called = sum(table["no", "yes"] for table in tables)
    assert asked / plain <= 0.35
    assert called / plain <= 0.05


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("the wall in my room is doing something odd", "collapse"),
        ("my boiler has gone wrong in a way I never saw", "no-heating"),
        ("there is a queer business with the socket", "electric-spark"),
        ("come and see to the front door", "insecure"),
        ("a peculiar thing with the pipes", "flood"),
        ("I do not like how the stairs feel", "fall"),
    ],
)
def test_a_subject_of_danger_that_nothing_marks_as_routine_asks_its_rule_s_question(text, rule):
    reasons = trip(read_words(text))
    assert rule in {r.rule for r in reasons}
    assert {r.level for r in reasons} == {Level.ASK}


@pytest.mark.parametrize(
    ("text", "alarmed"),
    [
        ("the front door sticks", "the front door sticks and I am terrified"),
        ("hairline mark on the ceiling paint", "hairline mark on the ceiling paint, it is an emergency"),
        ("the toilet seat is loose", "the toilet seat is loose and my son is bleeding"),
    ],
)
def test_words_of_harm_or_alarm_take_the_excuse_of_routine_away(text, alarmed):
    assert level(text) is Level.NO
    assert level(alarmed) is not Level.NO


def test_what_is_wished_for_is_no_danger():
    assert level("I would like a new front door fitted please") is Level.NO
    assert level("when is my boiler service") is Level.NO


def test_a_loss_that_puts_nobody_at_risk_stays_silent_as_before():
    assert level("my heating has stopped", frozenset()) is Level.NO


def test_every_rule_with_a_subject_says_what_is_routine_or_asks_always():
    for rule in tripwires():
        assert rule.subject or rule.asks


def test_a_beginning_stands_for_every_form_of_a_word():
    pattern = compile_pattern("zalew* + sufit*", {})
    assert list(Finder(read_words("Zalewają nam sufity")).matches(pattern))
    assert not list(Finder(read_words("zalety sufitu")).matches(pattern))


@pytest.mark.parametrize(
    ("typed", "read"),
    [("smokkkke comin", ["smoke", "coming"]), ("heeelp gassss", ["help", "gas"]), ("drain again", None)],
)
def test_letters_drawn_out_or_dropped_are_read_as_meant(typed, read):
    assert [t.word for t in read_words(typed).tokens] == (read or typed.split())
