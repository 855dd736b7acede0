"""Mistyped references: what comes back is one slip away, passes its check and exists."""

from __future__ import annotations

import random
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.income.repair import repairs, repairs_shaped, swaps
from app.income.validators import SAMPLE, ReferenceCheck, passes, with_check_digit

COUNCIL_TAX = SAMPLE["council-tax"]


def right(digits: str) -> str:
    made = with_check_digit(COUNCIL_TAX, digits + "0")
    assert made is not None
    return made


@given(st.text(string.digits, min_size=8, max_size=8), st.data())
@settings(max_examples=80, deadline=None)
def test_every_single_slip_in_an_existing_reference_is_undone(digits: str, data: st.DataObject) -> None:
    true = right(digits)
    place = data.draw(st.integers(0, 7))
    slips = {
        "swap": true[:place] + true[place + 1] + true[place] + true[place + 2 :],
        "digit": true[:place] + data.draw(st.sampled_from(string.digits)) + true[place + 1 :],
        "left out": true[:place] + true[place + 1 :],
        "twice": true[:place] + true[place] + true[place:],
    }
    for slip, typed in slips.items():
        if typed != true:
            assert repairs(COUNCIL_TAX, typed, {true}) == (true,), slip
            assert repairs_shaped(typed, {true}) == (true,), slip


@given(st.text(string.digits, min_size=9, max_size=9))
@settings(max_examples=80, deadline=None)
def test_what_comes_back_passes_and_never_is_the_reference_itself(typed: str) -> None:
    found = repairs(COUNCIL_TAX, typed)
    assert all(passes(COUNCIL_TAX, one) for one in found)
    assert typed not in found
    assert len(set(found)) == len(found)


def test_swaps_come_before_wrong_digits_and_each_by_position() -> None:
    true = right("77041226")
    typed = "770412621"  # two neighbours changed places
    found = repairs(COUNCIL_TAX, typed)
    assert true in set(swaps(typed))
    swapped = [one for one in found if one in set(swaps(typed))]
    assert found[: len(swapped)] == tuple(swapped)
    assert true in swapped
    places = [next(i for i in range(9) if one[i] != typed[i]) for one in found[len(swapped) :]]
    assert places == sorted(places)
    assert len(places) == 9  # weights 3,7,1 leave exactly one digit for every position


def test_a_repair_that_does_not_exist_or_does_not_pass_is_left_out() -> None:
    assert repairs(COUNCIL_TAX, "770412621", {"770412625", "880412261"}) == ()
    assert repairs(COUNCIL_TAX, "770412621", frozenset()) == ()


def test_a_letter_typed_for_a_digit_and_a_wrong_prefix_are_mended() -> None:
    assert "770412261" in repairs(COUNCIL_TAX, "77O412261")
    assert "BJ12345673" in repairs(SAMPLE["parking"], "BI12345673")
    assert "FP1234567A" in repairs(SAMPLE["fixed-penalty"], "FP12345670")
    assert "BJ12345673" in repairs(SAMPLE["parking"], "JB12345673")


def test_spaces_and_dashes_are_mended_first() -> None:
    assert repairs(COUNCIL_TAX, "77 0412261")[0] == "770412261"
    assert repairs(SAMPLE["library"], "2907-8012345677")[0] == "29078012345677"


def test_text_that_is_far_from_a_reference_has_no_repair() -> None:
    for text in ("", "7", "NO REFERENCE", "7" * 30, "🏠" * 9):
        assert repairs(COUNCIL_TAX, text) == (), text
        assert repairs_shaped(text, {"770412261"}) == (), text


def test_a_reference_without_mask_or_check_digit_is_mended_only_to_one_that_exists() -> None:
    plain = ReferenceCheck("plain", 4, 8)
    assert repairs(plain, "LA181", {"LA118"}) == ("LA118",)
    assert repairs_shaped("LB118", {"LA118", "LA119"}) == ("LA118",)
    assert repairs_shaped("LA118", {"LA118", "LA119"}) == ("LA119",)


@pytest.mark.parametrize("name", sorted(SAMPLE))
def test_five_thousand_references_are_mended_in_a_moment(name: str) -> None:
    source = random.Random(name)
    validator = SAMPLE[name]
    front = validator.mask.translate(str.maketrans("#@", "  ")).strip()
    size = len(validator.mask) - len(front)
    made = {
        with_check_digit(validator, front + "".join(source.choices(string.digits, k=size)))
        for _ in range(20_000)
    }
    exists = frozenset(one for one in made if one)
    typed = [f"{one[:4]}{one[5]}{one[4]}{one[6:]}" for one in sorted(exists)[:5_000]]
    found = [repairs(validator, one, exists) for one in typed]
    meant = sum(true in one for true, one in zip(sorted(exists), found))
    assert meant > 4_000  # one in ten swaps changes nothing
