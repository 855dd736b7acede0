"""How an account reference is checked: lengths, characters, pattern, mask and check digit.

The chain and both kinds of check digit are those of LocalGov IMS, so that a council's own configuration
gives the same answers here. The five demo configurations are `SAMPLE`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property, lru_cache
from operator import mul

from app.income.patterns import why_unsafe

LONGEST_REFERENCE = 30  # characters, as the field of an account reference holds


class CharacterType(IntEnum):
    """Which characters a reference may hold, by the numbers that IMS gives them."""

    ALPHA = 1
    ALPHA_SPACE = 2
    NUMERIC = 3
    NUMERIC_SPACE = 4
    ALPHANUMERIC = 5
    ALPHANUMERIC_SPACE = 6


class CheckDigitKind(IntEnum):
    """The two ways to work a check digit out, by the numbers that IMS gives them."""

    WEIGHTED_SUM = 1
    DYNIX_LIBRARY = 2


@dataclass(frozen=True)
class CheckDigit:
    """How a check digit is worked out from the other characters.

    `source` replaces as many characters at the front; `weights` stand one for each position, 0 at the check
    digit's own; `results` turns a remainder such as 10 into the character that is written for it.
    """

    kind: CheckDigitKind
    modulus: int
    weights: tuple[int, ...]
    source: str = ""
    results: tuple[tuple[str, str], ...] = ()
    subtract: bool = False

    @cached_property
    def written(self) -> dict[str, str]:
        """`results` to look a remainder up in."""
        return dict(self.results)


@dataclass(frozen=True)
class ReferenceCheck:
    """What a reference of one kind has to be; an empty `regex` or `mask` and None are not checked."""

    name: str
    min_length: int = 1
    max_length: int = LONGEST_REFERENCE
    regex: str = ""
    mask: str = ""
    character_type: CharacterType | None = None
    check_digit: CheckDigit | None = None

    @cached_property
    def whole(self) -> re.Pattern[str] | None:
        """What references of the mask's whole length are, in capitals, but for the check digit.

        None where there is no mask of a length that is allowed, or a pattern besides.
        """
        length = len(self.mask)
        fits = self.min_length <= length <= min(self.max_length, LONGEST_REFERENCE)
        if not length or not fits or self.regex or not self.mask.isascii():
            return None
        characters = f"(?={_ALLOWED[self.character_type][0].pattern}\\Z)" if self.character_type else ""
        return re.compile(characters + _pattern_of(self.mask).pattern)


@dataclass(frozen=True)
class Verdict:
    """Whether a reference is right, and why or why not in a sentence."""

    ok: bool
    reason: str


_RIGHT = "It has the right shape and check digit."
_ALLOWED = {
    CharacterType.ALPHA: (re.compile(r"[A-Za-z]*"), "letters"),
    CharacterType.ALPHA_SPACE: (re.compile(r"[A-Za-z\s]*"), "letters and spaces"),
    CharacterType.NUMERIC: (re.compile(r"[0-9]*"), "digits"),
    CharacterType.NUMERIC_SPACE: (re.compile(r"[0-9\s]*"), "digits and spaces"),
    CharacterType.ALPHANUMERIC: (re.compile(r"[A-Za-z0-9]*"), "letters and digits"),
    CharacterType.ALPHANUMERIC_SPACE: (re.compile(r"[A-Za-z0-9\s]*"), "letters, digits and spaces"),
}
LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
DIGITS = frozenset("0123456789")
_SYMBOLS = {
    "$": (LETTERS, "a letter"),
    "#": (DIGITS, "a digit"),
    "?": (LETTERS | DIGITS, "a letter or a digit"),
    "*": (LETTERS | DIGITS | frozenset(" /-"), "a letter, a digit, a space, / or -"),
    "@": (LETTERS | DIGITS, "a check digit"),
}
_CLASSES = {"$": "[A-Z]", "#": "[0-9]", "?": "[A-Z0-9]", "*": "[A-Z0-9 /-]", "@": "[A-Z0-9]"}


def check(validator: ReferenceCheck, reference: str) -> Verdict:
    """Say whether a reference is right: lengths first, then characters, pattern, mask, check digit."""
    if not reference and validator.min_length == 0:
        return Verdict(True, "It may be left out.")
    reason = _reason_against(validator, reference)
    if reason:
        return Verdict(False, reason)
    return Verdict(True, _RIGHT if validator.check_digit else "It has the right shape.")


def _reason_against(validator: ReferenceCheck, reference: str) -> str:
    """Return the first thing that is wrong with a reference, in a sentence, or ""."""
    return (
        _wrong_length(validator, reference)
        or _wrong_characters(validator, reference)
        or _wrong_pattern(validator, reference)
        or wrong_in_mask(validator.mask, reference)
        or _wrong_check_digit(validator, reference)
    )


def passes(validator: ReferenceCheck, reference: str) -> bool:
    """Say whether a reference is right."""
    if not reference:
        return validator.min_length == 0
    if validator.whole is not None and validator.whole.fullmatch(reference):
        at = validator.mask.find("@") if validator.check_digit else -1
        return at < 0 or check_digit(validator, reference) == reference[at]
    return not _reason_against(validator, reference)


def _wrong_length(validator: ReferenceCheck, reference: str) -> str:
    length, least, most = len(reference), validator.min_length, min(validator.max_length, LONGEST_REFERENCE)
    longest = min(most, len(validator.mask)) if validator.mask else most
    if not length:
        return "It is empty."
    if least <= length <= longest:
        return ""
    wanted = f"{least}" if least == longest else f"{least} to {longest}"
    return f"It has {length} {'character' if length == 1 else 'characters'}; {wanted} are expected."


def _wrong_characters(validator: ReferenceCheck, reference: str) -> str:
    if validator.character_type is None:
        return ""
    pattern, words = _ALLOWED[validator.character_type]
    fits = pattern.match(reference)
    end = fits.end() if fits else 0
    if end == len(reference):
        return ""
    return f"Character {end + 1} is “{reference[end]}”; only {words} are allowed."


def _wrong_pattern(validator: ReferenceCheck, reference: str) -> str:
    if not validator.regex:
        return ""
    unsafe = why_unsafe(validator.regex)
    if unsafe:
        return f"It cannot be checked: the pattern {unsafe}."
    if re.fullmatch(validator.regex, reference):
        return ""
    return f"It does not fit the pattern {validator.regex}."


def wrong_in_mask(mask: str, reference: str) -> str:
    """Return what breaks the mask, in a sentence, or "".

    In a mask `$` is a letter, `#` a digit, `?` either, `*` either or a space, / or -, `@` the check digit
    and anything else itself. Capitals and small letters are the same. A shorter reference is compared as
    far as it goes, unless its check digit would be missing; a longer one does not fit.
    """
    if not mask or (len(reference) == len(mask) and _pattern_of(mask).fullmatch(reference.upper())):
        return ""
    if len(reference) > len(mask):
        return f"It is longer than its mask {mask}."
    for place, (symbol, character) in enumerate(zip(mask.upper(), reference.upper()), 1):
        allowed, words = _SYMBOLS.get(symbol, (symbol, f"“{symbol}”"))
        if character not in allowed:
            return f"Character {place} is “{reference[place - 1]}” where {words} is expected."
    if "@" in mask[len(reference) :]:
        return "Its check digit is missing."
    return ""


@lru_cache(maxsize=256)
def _pattern_of(mask: str) -> re.Pattern[str]:
    """Return what a reference of a mask's whole length fits, in capitals."""
    return re.compile("".join(_CLASSES.get(symbol) or re.escape(symbol) for symbol in mask.upper()))


def _wrong_check_digit(validator: ReferenceCheck, reference: str) -> str:
    if validator.check_digit is None or "@" not in validator.mask:
        return ""
    wanted, found = check_digit(validator, reference), reference[validator.mask.index("@")]
    if wanted == found.upper():
        return ""
    if len(wanted) != 1:
        return f"No check digit makes it right: its remainder is {wanted}."
    return f"Its check digit is “{found}”; “{wanted}” would be right."


def check_digit(validator: ReferenceCheck, reference: str) -> str:
    """Return the check digit that a reference should have, whatever stands in its place now.

    It is more than one character, and so never right, where the remainder has no character of its own.
    Raises ValueError for a validator without a check digit.
    """
    way = validator.check_digit
    if way is None:
        raise ValueError(f"{validator.name} has no check digit")
    text = reference.upper()
    rest = weighted_rest(way, text) if way.kind is CheckDigitKind.WEIGHTED_SUM else _dynix_rest(way, text)
    return way.written.get(str(rest), str(rest))


def weighted_rest(way: CheckDigit, text: str) -> int:
    """Return the remainder of the weighted sum: characters that are no digits keep their position."""
    text = way.source + text[len(way.source) :]
    if text.isascii() and text.isdigit():
        total: int = sum(map(mul, map(int, text), way.weights))
    else:
        pairs = zip(text, way.weights)
        total = sum([int(character) * weight for character, weight in pairs if character in DIGITS])
    rest = total % way.modulus
    return way.modulus - rest if way.subtract else rest


def _dynix_rest(way: CheckDigit, text: str) -> int:
    """Return the remainder of a library card: digits at odd places count once, the others by weight."""
    text = way.source + text[len(way.source) :]
    total = 0
    for place, character in enumerate(text[:-1]):
        digit = ord(character) - 48 if character in DIGITS else 0
        if place % 2:
            total += digit
            continue
        value = digit * (way.weights[place] if place < len(way.weights) else 0)
        value = value - 10 if value > 10 else value
        total += value + 1 if digit > 4 else value
    return way.modulus - total % way.modulus


def with_check_digit(validator: ReferenceCheck, reference: str) -> str | None:
    """Return a reference with the right check digit in its place, or None where no character is right."""
    digit = check_digit(validator, reference)
    if len(digit) != 1:
        return None
    place = validator.mask.index("@")
    return f"{reference[:place]}{digit}{reference[place + 1 :]}"


def characters_at(validator: ReferenceCheck, place: int, now: str) -> str:
    """Return the characters that may stand at a position (from 0), in order; `now` is what stands there."""
    if place < len(validator.mask):
        symbol = validator.mask[place].upper()
        if symbol == "@" and validator.check_digit is not None:
            results = "".join(written for _, written in validator.check_digit.results)
            return "".join(sorted(DIGITS | frozenset(results)))
        return "".join(sorted(_SYMBOLS[symbol][0])) if symbol in _SYMBOLS else symbol
    return "".join(sorted(LETTERS)) if now.upper() in LETTERS else "0123456789"


_DESCENDING = tuple(range(9, -1, -1))
_TEN_IS_NOUGHT = (("10", "0"),)
_WEIGHTED, _DYNIX = CheckDigitKind.WEIGHTED_SUM, CheckDigitKind.DYNIX_LIBRARY
_PARKING = ReferenceCheck(
    "parking",
    10,
    10,
    mask="BJ#######@",
    character_type=CharacterType.ALPHANUMERIC,
    check_digit=CheckDigit(_WEIGHTED, 11, _DESCENDING, "05", (("10", "A"),)),
)
_FIXED_PENALTY = replace(
    _PARKING,
    name="fixed-penalty",
    mask="FP#######@",
    check_digit=CheckDigit(_WEIGHTED, 11, _DESCENDING, "12", (("10", "A"),)),
)


def _digits_only(name: str, way: CheckDigit) -> ReferenceCheck:
    length = len(way.weights)
    return ReferenceCheck(
        name, length, length, "", "#" * (length - 1) + "@", CharacterType.NUMERIC, check_digit=way
    )


SAMPLE: dict[str, ReferenceCheck] = {
    one.name: one
    for one in (
        _PARKING,
        _digits_only(
            "council-tax", CheckDigit(_WEIGHTED, 10, (3, 7, 1, 3, 7, 1, 3, 7, 0), "", _TEN_IS_NOUGHT, True)
        ),
        _FIXED_PENALTY,
        _digits_only(
            "housing-rents",
            CheckDigit(_WEIGHTED, 10, (0, 0, 9, 7, 1, 4, 6, 3, 2, 8, 0), "", _TEN_IS_NOUGHT, True),
        ),
        _digits_only("library", CheckDigit(_DYNIX, 10, (2, 0) * 7, "", _TEN_IS_NOUGHT)),
    )
}

SHAPES: tuple[
    tuple[str, re.Pattern[str], str], ...
] = (  # what it is, its shape, its fund; the first that fits
    ("rent", re.compile(r"6[0-9]{10}"), "5"),
    ("old business rates", re.compile(r"55[0-9]{8}"), "22"),
    ("invoice", re.compile(r"[93][0-9]{9}"), "19"),
    ("council tax", re.compile(r"77[0-9]{7}"), "23"),
    ("business rates", re.compile(r"56[0-9]{7}"), "24"),
    ("old council tax", re.compile(r"70[0-9]{8}"), "23"),
    ("benefit overpayment", re.compile(r"7[0-9]{7}"), "25"),
    ("parking fine", re.compile(r"BJ[0-9]{7}[0-9A]"), "11"),
    ("old invoice", re.compile(r"[MP][0-9]{10}"), "20"),
)


def fund_of_reference(text: str) -> str | None:
    """Return the fund that a reference belongs to by its shape alone (spaces do not count), or None."""
    plain = "".join(text.split()).upper()
    return next((fund for _, shape, fund in SHAPES if shape.fullmatch(plain)), None)
