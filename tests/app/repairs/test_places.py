"""Postcodes, telephones and references: one shape, or one sentence."""

import random
import secrets

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import HoldallError
from app.repairs.places import (
    is_mobile,
    meant_postcode,
    new_reference,
    place_key,
    reference_fits,
    tidy_email,
    tidy_postcode,
    tidy_telephone,
    tidy_uprn,
)


@pytest.mark.parametrize("typed", ["av3 2qt", " AV3 2QT", "AV32QT", "a v 3 2 q t", "AV3  2QT", "av3-2qt"])
def test_a_postcode_may_be_typed_in_any_spacing(typed):
    assert tidy_postcode(typed) == "AV3 2QT"


@pytest.mark.parametrize("typed", ["M1 1AE", "CR2 6XH", "DN55 1PT", "W1A 1HQ", "EC1A 1BB", "GIR 0AA"])
def test_the_usual_patterns_are_postcodes(typed):
    assert tidy_postcode(typed) == typed


@pytest.mark.parametrize(
    "typed", ["", "AV3", "AV3 QT", "AV3 2QC", "12345", "AV3 2QTT", "QV3 2QT", "x" * 5000]
)
def test_what_is_no_postcode_is_refused_in_one_sentence(typed):
    with pytest.raises(HoldallError, match="not a postcode") as caught:
        tidy_postcode(typed)
    assert caught.value.advice == "Write it like AV3 2QT."


@pytest.mark.parametrize("typed", ["07700900417", "+44 7700 900417", "0044 (0)7700 900 417", "07700-900-417"])
def test_a_telephone_may_be_typed_in_any_grouping(typed):
    assert tidy_telephone(typed) == "07700 900 417"
    assert is_mobile(tidy_telephone(typed))


def test_no_telephone_is_fine_and_a_wrong_one_is_not():
    assert tidy_telephone("  ") == ""
    assert not is_mobile(tidy_telephone("01632 960 100"))
    for wrong in ("7700900417", "07700", "ring me", "+1 555 123 4567"):
        with pytest.raises(HoldallError, match="not a UK telephone"):
            tidy_telephone(wrong)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" ffion@post.example.org ", "ffion@post.example.org"),
        ("Ffion.W+repairs@Averwick.LONDON", "Ffion.W+repairs@averwick.london"),
        ("o'neill@tannery-row.info", "o'neill@tannery-row.info"),
        ("siân@caffi.cymru", "siân@caffi.cymru"),
        ("a@b.online", "a@b.online"),
        ("", ""),
        ("   ", ""),
    ],
)
def test_an_e_mail_address_may_end_in_anything(typed, kept):
    assert tidy_email(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "ffion",
        "ffion@",
        "@example.org",
        "ffion@home",
        "ffion@@example.org",
        "ffion@example@org",
        "ffion wyn@example.org",
        "ffion@example.org, ade@example.org",
        "ffion@example..org",
        "ffion@.example.org",
        "ffion@example.org.",
        "ffion@-example.org",
        "ffion@192.0.2.1",
        "ffion@exam ple.org",
        ".ffion@example.org",
        "<ffion@example.org>",
        "f" * 300 + "@example.org",
        "f@" + "e." * 200 + "org",
        "f@" + "-" * 5000 + ".org",
    ],
)
def test_what_is_no_e_mail_address_is_refused_in_one_sentence(typed):
    with pytest.raises(HoldallError, match="is not an e-mail address") as caught:
        tidy_email(typed)
    assert caught.value.advice.endswith(".")
    assert len(caught.value.title) < 80


def test_one_home_is_one_place_however_it_was_typed():
    assert place_key("14 Tannery Row, Averwick", "AV3 2QT") == place_key("14  tannery row", "av32qt")
    assert place_key("Flat 3, 12 Tannery Row, Averwick", "AV3 2QT") != place_key(
        "Flat 3, 14 Tannery Row, Averwick", "AV3 2QT"
    )
    assert place_key("Tŷ Gwyn, Averwick", "AV3 2QT") == place_key("Ty Gwyn", "AV3 2QT")
    assert place_key("", "AV3 2QT") == ""


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 7), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXY"))
def test_a_reference_read_out_with_one_wrong_character_is_noticed(seed, place, letter):
    reference = new_reference(random.Random(seed).randrange)
    assert reference_fits(reference.lower())
    letters = list(reference.removeprefix("AV-").replace("-", ""))
    if letters[place] != letter:
        letters[place] = letter
        assert not reference_fits("".join(letters))


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 5))
def test_two_characters_that_changed_places_are_noticed(seed, place):
    letters = list(new_reference(random.Random(seed).randrange).removeprefix("AV-").replace("-", ""))
    if letters[place] != letters[place + 1]:
        letters[place], letters[place + 1] = letters[place + 1], letters[place]
        assert not reference_fits("".join(letters))


def test_references_from_the_real_source_differ_and_fit():
    made = {new_reference(secrets.randbelow) for _ in range(200)}
    assert len(made) == 200
    assert all(reference_fits(each) for each in made)
    assert not reference_fits("AV-20417")


def test_two_blocks_of_one_postcode_both_have_a_flat_3():
    castle = place_key("Flat 3, Castle Court, Averwick", "AV2 1HN")
    assert castle != place_key("Flat 3, Bishop House, Averwick", "AV2 1HN")
    assert (
        castle == place_key("flat 3 Castle Court", "av21hn") == place_key("Flat 3,, Castle Court,", "AV2 1HN")
    )
    assert place_key("14, Tannery Row, Averwick", "AV3 2QT") == place_key("14 Tannery Row", "AV3 2QT")
    assert place_key("Flat 3", "AV2 1HN") == "AV21HN flat 3"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("AVI 2QT", "AV1 2QT"), ("av3 oqt", "AV3 0QT"), ("SW1A OAA", "SW1A 0AA"), ("GIR OAA", "GIR 0AA"),
     ("G1R 0AA", "GIR 0AA")],
)  # fmt: skip
def test_letters_and_figures_that_look_alike_are_proposed_and_never_taken(typed, meant):
    assert meant_postcode(typed) == meant
    with pytest.raises(HoldallError, match="is not a postcode") as caught:
        tidy_postcode(typed)
    assert caught.value.advice == f"Did you mean {meant}?"


@pytest.mark.parametrize("typed", ["AV3 2QT", "", "AV3 2QC", "O" * 40, "OOOO000"])
def test_nothing_is_proposed_for_a_right_postcode_or_one_that_is_lost(typed):
    assert meant_postcode(typed) in ("", "AV3 2QT")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("1", "000000000001"), (" 100061 234567 ", "100061234567"), ("10006123456.0", "010006123456"), ("", "")],
)
def test_a_uprn_is_kept_with_its_leading_zeros(typed, kept):
    assert tidy_uprn(typed) == kept


@pytest.mark.parametrize("typed", ["1.00061E+11", "1,00061e+11", "1E11"])
def test_a_uprn_that_a_spreadsheet_shortened_is_named_and_never_guessed(typed):
    with pytest.raises(HoldallError, match="its last digits are lost"):
        tidy_uprn(typed)


@pytest.mark.parametrize("typed", ["1234567890123", "12A4", "n/a", "0", "-1", "12.5"])
def test_what_is_no_uprn_is_refused(typed):
    with pytest.raises(HoldallError, match="is not a UPRN"):
        tidy_uprn(typed)
