"""Reading words: slips, contractions, marks and other languages, each word still where it stood."""

import pytest

from app.repairs.text.normalise import LONGEST, read_words
from app.repairs.text.patterns import Finder, compile_pattern
from app.repairs.text.stem import stem


def words(text):
    return [token.word for token in read_words(text).tokens]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("leaking", "leak"), ("leaks", "leak"), ("leaked", "leak"), ("dripping", "drip"),
        ("flooded", "flood"),
        ("batteries", "batteri"), ("collapsing", "collaps"), ("relational", "relat"), ("hopping", "hop"),
        ("falling", "fall"), ("happy", "happi"), ("agreed", "agre"), ("sky", "sky"), ("gas", "ga"),
    ],
)  # fmt: skip
def test_a_word_is_cut_to_its_stem(word, expected):
    assert stem(word) == expected


def test_contractions_are_taken_apart_with_any_apostrophe_or_none():
    for text in ("can't", "can’t", "cant", "cannot", "CAN'T"):
        assert words(text) == ["can", "not"]
    assert words("doesn't work") == words("doesnt work") == ["does", "not", "work"]


def test_common_slips_and_american_words_are_put_right():
    assert words("boilr celing toilit mold faucet") == ["boiler", "ceiling", "toilet", "mould", "tap"]
    assert words("radiatr kitchne electricty") == ["radiator", "kitchen", "electricity"]


def test_ordinary_words_are_never_taken_for_slips():
    ordinary = "the house is just lovely but i need a hose and a better mat"
    assert words(ordinary) == ordinary.split()


def test_marks_over_letters_and_the_welsh_article_fall_away():
    assert words("Ni allaf gloi'r drws") == ["ni", "allaf", "gloi", "drws"]
    assert words("dŵr ścieki łazience") == ["dwr", "scieki", "lazience"]


def test_a_word_knows_where_it_stood_and_is_quoted_as_it_was_typed():
    said = read_words("The  CELING is\ncoming down!")
    assert said.quote([1]) == "CELING"
    assert said.quote([3, 4, 1]) == "CELING is coming down"
    said = read_words("The ceiling in my daughter's own bedroom is down")
    assert said.quote([1, 8]) == "ceiling … down"


def test_text_of_any_length_or_kind_is_read():
    assert read_words("").tokens == ()
    assert read_words(" \x00\ufffd!? 🔥 ").tokens == ()
    long = read_words("leak " * 5_000)
    assert long.tokens[-1].end <= LONGEST


def found(source, text, classes=None):
    said = read_words(text)
    return [said.quote(m.used) for m in Finder(said).matches(compile_pattern(source, classes or {}))]


def test_patterns_stand_in_any_order_or_in_one():
    assert found("smell + gas", "gas, a bad smell") == ["gas, a bad smell"]
    assert found("smell > gas", "gas, a bad smell") == []
    assert found("smell > gas /1", "smell of gas") == ["smell of gas"]
    assert found("smell > gas /1", "smell of old gas") == []


def test_patterns_know_classes_phrases_numbers_and_words_as_they_stand():
    classes = {"fall": ["come down", "fell"]}
    assert found("ceiling + <fall>", "the ceiling has come down", classes) == ["ceiling has come down"]
    assert found("#65-110 > year /0", "she is 84 years old") == ["84 years"]
    assert found("#65-110 > year /0", "he is 12 years old") == []
    assert found("=sockets", "one socket") == []
    assert found("=sockets", "Sockets") == ["Sockets"]


def test_a_full_stop_stands_between():
    assert found("water + light /1", "There is water. Light is on.") == []
    assert found("water + light /1", "There is water and light.") == ["water and light"]
