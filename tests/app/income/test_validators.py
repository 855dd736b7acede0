"""Account references: lengths, characters, pattern, mask and both kinds of check digit."""

from __future__ import annotations

import string
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.income.validators import (
    SAMPLE,
    CharacterType,
    CheckDigit,
    CheckDigitKind,
    ReferenceCheck,
    check,
    check_digit,
    fund_of_reference,
    passes,
    with_check_digit,
    wrong_in_mask,
)

COUNCIL_TAX = SAMPLE["council-tax"]
RIGHT = {
    "parking": ("BJ12345673", "bj12345673"),
    "fixed-penalty": ("FP1234567A", "fp1234567a"),
    "council-tax": ("770412261", "123456780"),
    "housing-rents": ("60000418872",),
    "library": ("29078012345677",),
}
eight_digits = st.text(string.digits, min_size=8, max_size=8)


@pytest.mark.parametrize(("name", "reference"), [(n, r) for n, all_ in RIGHT.items() for r in all_])
def test_a_right_reference_passes_and_no_other_check_digit_does(name: str, reference: str) -> None:
    validator = SAMPLE[name]
    assert check(validator, reference).ok
    others = [reference[:-1] + digit for digit in "0123456789A" if digit != reference[-1].upper()]
    assert [other for other in others if passes(validator, other)] == []


def test_each_sum_agrees_with_one_worked_out_by_hand() -> None:
    # 05 1234567 by 9..1: 0+40+7+12+15+16+15+12+7 = 124 = 11 x 11 + 3
    assert check_digit(SAMPLE["parking"], "BJ1234567_") == "3"
    # 12 1234567 by 9..1: 9+16+7+12+15+16+15+12+7 = 109 = 9 x 11 + 10, written A
    assert check_digit(SAMPLE["fixed-penalty"], "FP1234567_") == "A"
    # 77041226 by 3,7,1,3,7,1,3,7: 21+49+0+12+7+2+6+42 = 139, and 10 - 9 = 1
    assert check_digit(COUNCIL_TAX, "77041226_") == "1"
    # 0 less a multiple of ten leaves ten, which is written 0
    assert check_digit(COUNCIL_TAX, "00000000_") == "0"
    # 6000041887 by 0,0,9,7,1,4,6,3,2,8: 0+0+0+0+0+16+6+24+16+56 = 118, and 10 - 8 = 2
    assert check_digit(SAMPLE["housing-rents"], "6000041887_") == "2"
    # 2 9 0 7 8 0 1 2 3 4 5 6 7: 4+9+0+7+(16-10+1)+0+2+2+6+4+(10+1)+6+(14-10+1) = 63, and 10 - 3 = 7
    assert check_digit(SAMPLE["library"], "2907801234567_") == "7"


@given(eight_digits, st.integers(0, 8), st.sampled_from(string.digits))
@settings(max_examples=150, deadline=None)
def test_weights_three_seven_one_catch_every_single_wrong_digit(digits: str, place: int, other: str) -> None:
    right = with_check_digit(COUNCIL_TAX, digits + "0")
    assert right is not None
    wrong = right[:place] + other + right[place + 1 :]
    assert passes(COUNCIL_TAX, wrong) == (wrong == right)


@given(eight_digits, st.integers(0, 6))
@settings(max_examples=150, deadline=None)
def test_weights_three_seven_one_miss_exactly_the_swaps_of_digits_five_apart(digits: str, place: int) -> None:
    right = with_check_digit(COUNCIL_TAX, digits + "0")
    assert right is not None
    first, second = right[place], right[place + 1]
    swapped = right[:place] + second + first + right[place + 2 :]
    assert passes(COUNCIL_TAX, swapped) == (abs(int(first) - int(second)) in (0, 5))


@pytest.mark.parametrize(
    ("mask", "refused", "taken"),
    [
        ("$", "1# ", "Aa"),
        ("#", "Aa #", "19"),
        ("?", "# /", "A1z"),
        ("*", "#$%^.", "A1 /-"),
        ("X", "Y1 ", "Xx"),
        ("x", "Y1 ", "Xx"),
    ],
)
def test_each_symbol_of_a_mask_takes_its_own_characters(mask: str, refused: str, taken: str) -> None:
    assert [c for c in refused if not wrong_in_mask(mask, c)] == []
    assert [c for c in taken if wrong_in_mask(mask, c)] == []


def test_a_reference_of_another_length_than_its_mask_neither_crashes_nor_passes() -> None:
    loose = replace(COUNCIL_TAX, min_length=1, max_length=30)
    assert "longer" in wrong_in_mask("##", "123")
    assert not passes(loose, "7704122611")
    assert "check digit is missing" in check(loose, "77041226").reason
    assert passes(ReferenceCheck("two or three", 2, 3, mask="###"), "12")


def test_the_first_thing_wrong_is_named_and_length_comes_first() -> None:
    assert check(COUNCIL_TAX, "").reason == "It is empty."
    assert check(COUNCIL_TAX, "77O4").reason == "It has 4 characters; 9 are expected."
    assert check(COUNCIL_TAX, "77O412261").reason == "Character 3 is “O”; only digits are allowed."
    assert check(COUNCIL_TAX, "770412265").reason == "Its check digit is “5”; “1” would be right."
    assert check(SAMPLE["parking"], "BK12345673").reason == "Character 2 is “K” where “J” is expected."
    shaped = ReferenceCheck("old", 1, 20, regex=r"[MP]\d{10}")
    assert check(shaped, "Q1234567890").reason == r"It does not fit the pattern [MP]\d{10}."
    assert passes(shaped, "M1234567890")


@pytest.mark.parametrize(
    ("kind", "taken", "refused"),
    [
        (CharacterType.ALPHA, "abC", "ab1"),
        (CharacterType.ALPHA_SPACE, "ab C", "ab-C"),
        (CharacterType.NUMERIC, "123", "12 3"),
        (CharacterType.NUMERIC_SPACE, "12 3", "12a3"),
        (CharacterType.ALPHANUMERIC, "a1", "a 1"),
        (CharacterType.ALPHANUMERIC_SPACE, "a 1", "a/1"),
        (CharacterType.NUMERIC, "12", "1２"),
        (CharacterType.ALPHA, "ab", "aé"),
    ],
)
def test_each_character_type_takes_its_own_characters(kind: CharacterType, taken: str, refused: str) -> None:
    validator = ReferenceCheck("any", character_type=kind)
    assert passes(validator, taken)
    assert not passes(validator, refused)


def test_a_remainder_without_a_character_is_never_right() -> None:
    bare = CheckDigit(CheckDigitKind.WEIGHTED_SUM, 11, (1, 0))
    validator = ReferenceCheck("bare", mask="?@", check_digit=replace(bare, weights=(10, 0)))
    assert check_digit(validator, "10") == "10"
    assert with_check_digit(validator, "10") is None
    assert "No check digit makes it right" in check(validator, "11").reason


def test_a_library_digit_is_folded_only_above_ten() -> None:
    way = CheckDigit(CheckDigitKind.DYNIX_LIBRARY, 97, (2, 0))
    five, six = (check_digit(ReferenceCheck("wide", mask="##@", check_digit=way), d) for d in ("50_", "60_"))
    assert (five, six) == (str(97 - 11), str(97 - 3))  # 5 x 2 stays ten, 6 x 2 becomes two; one more for each


def test_a_reference_may_be_left_out_where_no_length_is_asked_for() -> None:
    assert check(replace(SAMPLE["library"], min_length=0), "").ok
    assert not passes(SAMPLE["library"], "")
    assert not passes(replace(SAMPLE["library"], min_length=0), "2907")


def test_a_validator_without_a_check_digit_has_none_to_give() -> None:
    with pytest.raises(ValueError, match="no check digit"):
        check_digit(ReferenceCheck("plain"), "1")


@pytest.mark.parametrize(
    ("reference", "fund"),
    [
        ("60000418876", "5"),
        ("77 0412265", "23"),
        ("56 1180427", "24"),
        ("5512345678", "22"),
        ("9300081127", "19"),
        ("3000000000", "19"),
        ("7012345678", "23"),
        ("71234567", "25"),
        ("bj1234567a", "11"),
        ("P1234567890", "20"),
        ("LA-118", None),
        ("7712345678", None),
        ("", None),
    ],
)
def test_the_shape_of_a_reference_says_its_fund(reference: str, fund: str | None) -> None:
    assert fund_of_reference(reference) == fund
