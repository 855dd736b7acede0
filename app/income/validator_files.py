"""Validators as JSON: read with the names that IMS gives its fields, or in snake_case.

The members of a validator are Name, MinLength, MaxLength, Regex, InputMask, CharacterType and
CheckDigitConfiguration (Type, Modulus, SourceSubstitutions, Weightings, ResultSubstitutions,
ApplySubtraction). Weightings are "3,7,1" or [3, 7, 1]; ResultSubstitutions "10:A,11:0", a list or an object.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from enum import IntEnum
from typing import Any, TypeVar

from app.errors import BadFile
from app.income.patterns import why_unsafe
from app.income.rule_files import folded, parse_json
from app.income.validators import (
    LONGEST_REFERENCE,
    CharacterType,
    CheckDigit,
    CheckDigitKind,
    ReferenceCheck,
)

_MEMBERS = {
    "name": "Name",
    "minlength": "MinLength",
    "maxlength": "MaxLength",
    "regex": "Regex",
    "inputmask": "InputMask",
    "mask": "InputMask",
    "charactertype": "CharacterType",
    "checkdigitconfiguration": "CheckDigitConfiguration",
    "checkdigit": "CheckDigitConfiguration",
}
_DIGIT_MEMBERS = {
    "type": "Type",
    "modulus": "Modulus",
    "sourcesubstitutions": "SourceSubstitutions",
    "weightings": "Weightings",
    "weights": "Weightings",
    "resultsubstitutions": "ResultSubstitutions",
    "applysubtraction": "ApplySubtraction",
}
_OTHER = ("id", "description", "disabled", "checkdigitconfigurationid", "accountreferencevalidatorid")
_CHARACTER_TYPES = {
    "alpha": CharacterType.ALPHA,
    "alphawhitespace": CharacterType.ALPHA_SPACE,
    "numeric": CharacterType.NUMERIC,
    "numericwhitespace": CharacterType.NUMERIC_SPACE,
    "alphanumeric": CharacterType.ALPHANUMERIC,
    "alphanumericwhitespace": CharacterType.ALPHANUMERIC_SPACE,
}
_KINDS = {"weightedsum": CheckDigitKind.WEIGHTED_SUM, "dynixlibrary": CheckDigitKind.DYNIX_LIBRARY}
_LARGEST_MODULUS = 1_000
E = TypeVar("E", bound=IntEnum)


def read_validators(name: str, text: str) -> dict[str, ReferenceCheck]:
    """Return the validators of a JSON file by name.

    The file holds one, a list of them, an object whose member Validators is a list, or an object of them by
    name. Raises BadFile with one sentence that names the file, the validator and the member that is wrong.
    """
    document = parse_json(name, text)
    if isinstance(document, Mapping):
        document = _listed(document)
    if not isinstance(document, list) or not document:
        raise BadFile(f"“{name}” holds no validator.", "Write them as a JSON list.")
    found: dict[str, ReferenceCheck] = {}
    for place, one in enumerate(document, 1):
        made = from_config(one, f"of “{name}”", place)
        if made.name in found:
            raise BadFile(f"Validator “{made.name}” is in “{name}” twice.", "Give each its own Name.")
        found[made.name] = made
    return found


def _listed(document: Mapping[str, Any]) -> list[Any]:
    """Return the validators of an object: its list, itself, or its members by name.

    A list beside it of CheckDigitConfigurations is joined by their Id to CheckDigitConfigurationId.
    """
    members = {folded(key): value for key, value in document.items()}
    for key in ("validators", "accountreferencevalidators"):
        if isinstance(members.get(key), list):
            return [_joined(one, members.get("checkdigitconfigurations")) for one in members[key]]
    if "name" in members or not all(isinstance(value, Mapping) for value in document.values()):
        return [document]
    return [{"Name": key, **value} for key, value in document.items()]


def _joined(document: Any, configurations: Any) -> Any:
    """Return a validator with the check digit that it names by id, where a list holds that one."""
    if not isinstance(document, Mapping) or not isinstance(configurations, list):
        return document
    wanted = {folded(str(key)): value for key, value in document.items()}.get("checkdigitconfigurationid")
    for one in configurations:
        members = {folded(str(key)): value for key, value in one.items()} if isinstance(one, Mapping) else {}
        if wanted is not None and members.get("id") == wanted:
            return {**document, "CheckDigitConfiguration": one}
    return document


def from_config(document: Any, where: str = "of the council", place: int = 1) -> ReferenceCheck:
    """Return one validator; `where` follows its name in a message. Raises BadFile naming the member."""
    if not isinstance(document, Mapping):
        raise BadFile(f"Validator {place} {where} is not an object.", "Write it as { … } with a Name.")
    told = document.get("Name") or document.get("name") or ""
    name = str(told).strip() if isinstance(told, str | int) else ""
    called = f"Validator “{name}” {where}" if name else f"Validator {place} {where}"
    if not name:
        raise BadFile(f"{called} has no Name.", "Give it one, such as parking.")
    members = _named(document, _MEMBERS, called)
    mask = _text(members, "InputMask", LONGEST_REFERENCE, called)
    least = _whole(members, "MinLength", called, 1, 0, LONGEST_REFERENCE)
    most = _whole(members, "MaxLength", called, LONGEST_REFERENCE, 1, LONGEST_REFERENCE)
    if least > most:
        raise BadFile(f"{called} has a MinLength {least} above its MaxLength {most}.", "Mend one of the two.")
    regex = _text(members, "Regex", 200, called)
    if unsafe := why_unsafe(regex):
        raise BadFile(f"{called} has a Regex that {unsafe}.", "Write a simpler one; a mask may do as well.")
    return ReferenceCheck(
        name,
        least,
        most,
        regex,
        mask,
        _choice(members, "CharacterType", _CHARACTER_TYPES, CharacterType, called),
        _check_digit(members.get("CheckDigitConfiguration"), mask, called),
    )


def _check_digit(document: Any, mask: str, called: str) -> CheckDigit | None:
    if document is None:
        return None
    if not isinstance(document, Mapping):
        raise BadFile(f"{called} has a CheckDigitConfiguration that is not an object.", "Write it as { … }.")
    if mask.count("@") != 1:
        raise BadFile(f"{called} has a check digit, but its InputMask does not hold one @.", "Put @ there.")
    members = _named(document, _DIGIT_MEMBERS, called)
    kind = _choice(members, "Type", _KINDS, CheckDigitKind, called)
    if kind is None:
        raise BadFile(f"{called} has no Type of check digit.", "It is 1 (WeightedSum) or 2 (DynixLibrary).")
    if members.get("Modulus") is None:
        raise BadFile(f"{called} has no Modulus.", "It is 10 or 11 for most references.")
    weights = _weights(members.get("Weightings"), called)
    if len(weights) < len(mask) - 1:
        raise BadFile(
            f"{called} has {len(weights)} Weightings for the {len(mask)} characters of its InputMask.",
            "Write one for each character, 0 for the check digit's own.",
        )
    return CheckDigit(
        kind,
        _whole(members, "Modulus", called, 10, 2, _LARGEST_MODULUS),
        weights,
        _text(members, "SourceSubstitutions", LONGEST_REFERENCE, called),
        _substitutions(members.get("ResultSubstitutions"), called),
        _flag(members, "ApplySubtraction", called),
    )


def _named(document: Mapping[Any, Any], known: Mapping[str, str], called: str) -> dict[str, Any]:
    """Return members by their proper names; one that is nearly a known name is a slip, and is told."""
    members: dict[str, Any] = {}
    for key, value in document.items():
        plain = folded(str(key))
        if plain in known:
            members[known[plain]] = value
        elif plain not in _OTHER and (near := difflib.get_close_matches(plain, known, 1, 0.8)):
            raise BadFile(f"{called} has a member “{key}”.", f"Did you mean {known[near[0]]}?")
    return members


def _text(members: Mapping[str, Any], key: str, longest: int, called: str) -> str:
    value = members.get(key)
    if value is None:
        return ""
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise BadFile(f"{called} has a {key} that is no text.", "Write it in quotation marks.")
    text = str(value)
    if len(text) > longest:
        raise BadFile(f"{called} has a {key} of {len(text)} characters; {longest} fit.", "Shorten it.")
    return text


def _whole(members: Mapping[str, Any], key: str, called: str, default: int, least: int, most: int) -> int:
    value = members.get(key)
    if value is None or value == "":
        return default
    number = int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() else value
    if isinstance(number, int) and not isinstance(number, bool) and least <= number <= most:
        return number
    raise BadFile(f"{called} has a {key} “{value}”.", f"It is a whole number from {least} to {most}.")


def _choice(
    members: Mapping[str, Any], key: str, names: Mapping[str, E], numbers: type[E], called: str
) -> E | None:
    """Return a member that is a number or a name of an enumeration."""
    value = members.get(key)
    if value is None or value == "":
        return None
    known = {**names, **{str(int(one)): one for one in numbers}}
    chosen = None if isinstance(value, bool) else known.get(folded(str(value)))
    if chosen is None:
        told = ", ".join(f"{int(one)} ({name})" for name, one in names.items())
        raise BadFile(f"{called} has a {key} “{value}”.", f"It is one of {told}.")
    return chosen


def _weights(value: Any, called: str) -> tuple[int, ...]:
    parts = value.split(",") if isinstance(value, str) else value
    try:
        if not isinstance(parts, list) or not parts:
            raise ValueError
        weights = tuple(int(str(part).strip()) for part in parts if not isinstance(part, bool))
        if len(weights) != len(parts) or any(abs(weight) > _LARGEST_MODULUS for weight in weights):
            raise ValueError
    except ValueError:
        raise BadFile(
            f"{called} has Weightings “{value}”.", "They are whole numbers, such as 3,7,1,3,7,1,3,7,0."
        ) from None
    return weights


def _substitutions(value: Any, called: str) -> tuple[tuple[str, str], ...]:
    """Return what is written for a result: "10:A,11:0", a list of the same, or an object."""
    if value is None or value in ("", [], {}):
        return ()
    if isinstance(value, Mapping):
        pairs = [(str(key), str(one)) for key, one in value.items()]
    else:
        parts = value.split(",") if isinstance(value, str) else value
        pairs = [_pair(part) for part in parts] if isinstance(parts, list) else [("", "")]
    if all(key.isdecimal() and len(one) == 1 for key, one in pairs):
        return tuple(pairs)
    raise BadFile(f"{called} has ResultSubstitutions “{value}”.", "Write them as 10:A, parted by commas.")


def _pair(part: Any) -> tuple[str, str]:
    if isinstance(part, list) and len(part) == 2:
        return str(part[0]).strip(), str(part[1]).strip()
    key, _, one = str(part).partition(":")
    return key.strip(), one.strip()


def _flag(members: Mapping[str, Any], key: str, called: str) -> bool:
    value = members.get(key)
    if value is None or isinstance(value, bool):
        return bool(value)
    if str(value).casefold() in ("true", "false", "0", "1"):
        return str(value).casefold() in ("true", "1")
    raise BadFile(f"{called} says {key} is “{value}”.", "Write true or false.")


def as_config(validator: ReferenceCheck) -> dict[str, Any] | None:
    """Return the check digit of a validator as it is stored, in snake_case, or None where it has none."""
    way = validator.check_digit
    if way is None:
        return None
    return {
        "type": int(way.kind),
        "modulus": way.modulus,
        "source_substitutions": way.source,
        "weightings": list(way.weights),
        "result_substitutions": dict(way.results),
        "apply_subtraction": way.subtract,
    }
