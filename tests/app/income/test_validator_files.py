"""Validators of a council's own, written as IMS writes them or in snake_case."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.errors import BadFile
from app.income.validator_files import as_config, from_config, read_validators
from app.income.validators import SAMPLE, check

PARKING: dict[str, Any] = {
    "Name": "parking",
    "MinLength": 10,
    "MaxLength": 10,
    "Regex": None,
    "InputMask": "BJ#######@",
    "CharacterType": 5,
    "CheckDigitConfiguration": {
        "Type": 1,
        "Modulus": 11,
        "SourceSubstitutions": "05",
        "Weightings": "9,8,7,6,5,4,3,2,1,0",
        "ResultSubstitutions": "10:A",
        "ApplySubtraction": False,
    },
}
SNAKE = {
    "name": "parking",
    "min_length": "10",
    "max_length": 10,
    "input_mask": "BJ#######@",
    "character_type": "AlphaNumeric",
    "check_digit_configuration": {
        "type": "WeightedSum",
        "modulus": 11,
        "source_substitutions": "05",
        "weightings": [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
        "result_substitutions": {"10": "A"},
        "apply_subtraction": False,
    },
}


def changed(**members: Any) -> dict[str, Any]:
    """The parking validator with other members; those of its check digit too."""
    digit = {k: members.pop(k, v) for k, v in PARKING["CheckDigitConfiguration"].items()}
    return {**PARKING, "CheckDigitConfiguration": digit, **members}


def test_both_spellings_give_the_validator_of_the_sample() -> None:
    assert from_config(PARKING) == SAMPLE["parking"]
    assert from_config(SNAKE) == SAMPLE["parking"]


@pytest.mark.parametrize("name", sorted(SAMPLE))
def test_what_is_stored_of_a_check_digit_reads_back_the_same(name: str) -> None:
    validator = SAMPLE[name]
    document = {
        "name": name,
        "min_length": validator.min_length,
        "max_length": validator.max_length,
        "mask": validator.mask,
        "character_type": int(validator.character_type or 0),
        "check_digit": as_config(validator),
    }
    assert from_config(json.loads(json.dumps(document))) == validator


@pytest.mark.parametrize(
    "document",
    [
        [PARKING],
        PARKING,
        {"Validators": [PARKING]},
        {"parking": {key: value for key, value in PARKING.items() if key != "Name"}},
        {
            "Validators": [
                {**PARKING, "CheckDigitConfiguration": None, "CheckDigitConfigurationId": 7},
            ],
            "CheckDigitConfigurations": [{"Id": 7, **PARKING["CheckDigitConfiguration"]}],
        },
    ],
)
def test_a_file_may_hold_one_or_many_in_several_ways(document: Any) -> None:
    assert read_validators("v.json", json.dumps(document)) == {"parking": SAMPLE["parking"]}


def test_a_validator_of_lengths_alone_is_enough() -> None:
    made = from_config({"Name": "short", "MaxLength": 4})
    assert check(made, "1234").ok
    assert not check(made, "12345").ok


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (changed(Name=" "), "Validator 1 of “v.json” has no Name"),
        (changed(MinLength=-1), "has a MinLength “-1”"),
        (changed(MinLength=11), "a MinLength 11 above its MaxLength 10"),
        (changed(MaxLength=31), "has a MaxLength “31”"),
        (changed(MaxLength=True), "has a MaxLength “True”"),
        (changed(Regex="(a+)+$"), "has a Regex that repeats a part"),
        (changed(Regex="("), "has a Regex that cannot be read"),
        (changed(Regex=[]), "has a Regex that is no text"),
        (changed(CharacterType="Digits"), "has a CharacterType “Digits”"),
        (changed(CharacterType=7), "has a CharacterType “7”"),
        (changed(CheckDigitConfiguration=5), "a CheckDigitConfiguration that is not an object"),
        (changed(InputMask="BJ########"), "its InputMask does not hold one @"),
        (changed(InputMask="#" * 31), "a InputMask of 31 characters"),
        (changed(Type=None), "has no Type of check digit"),
        (changed(Type="Luhn"), "has a Type “Luhn”"),
        (changed(Modulus=None), "has no Modulus"),
        (changed(Modulus=0), "has a Modulus “0”"),
        (changed(Weightings="9,8,x"), "has Weightings “9,8,x”"),
        (changed(Weightings="9,8,7"), "has 3 Weightings for the 10 characters"),
        (changed(Weightings=[1.5] * 10), "has Weightings"),
        (changed(ResultSubstitutions="10=A"), "has ResultSubstitutions “10=A”"),
        (changed(ApplySubtraction="perhaps"), "says ApplySubtraction is “perhaps”"),
        (changed(InptMask="x"), "has a member “InptMask”"),
        (5, "holds no validator"),
        ([], "holds no validator"),
        ([5], "Validator 1 of “v.json” is not an object"),
        ([PARKING, PARKING], "“parking” is in “v.json” twice"),
    ],
)
def test_a_bad_file_is_told_in_one_sentence_that_names_the_member(document: Any, words: str) -> None:
    with pytest.raises(BadFile) as raised:
        read_validators("v.json", json.dumps(document))
    assert words in raised.value.title
    assert raised.value.advice
