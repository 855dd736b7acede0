"""Addresses, telephone numbers and references: brought into one shape, or refused with a reason.

Postcodes follow the six usual patterns (inward part without C I K M O V). A reference is eight characters,
the last one a check that notices any one wrong character and any two that changed places, so that it can
be made with no network and read out on the phone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from app.errors import HoldallError

_POSTCODE = re.compile(
    r"(GIR0AA|(?:[A-PR-UWYZ](?:[0-9]{1,2}|[A-HK-Y][0-9]|[A-HK-Y][0-9]{2}|[0-9][A-HJKSTUW]"
    r"|[A-HK-Y][0-9][ABEHMNPRV-Y]))[0-9][ABD-HJLNP-UW-Z]{2})"
)
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXY"  # 31, a prime; without those read as another (I L O U Z)
REFERENCE_CHARACTERS = 7


def tidy_postcode(text: str) -> str:
    """A postcode in capitals with one space: "AV3 2QT". Spaces anywhere are fine.

    Raises HoldallError when it is not a UK postcode.
    """
    squeezed = re.sub(r"[\s\u00a0-]+", "", text).upper()
    if not _POSTCODE.fullmatch(squeezed):
        raise HoldallError(f"“{text.strip()[:20]}” is not a postcode.", "Write it like AV3 2QT.")
    return f"{squeezed[:-3]} {squeezed[-3:]}"


def tidy_telephone(text: str) -> str:
    """A UK telephone number in groups: "07700 900 417", "01632 960 100"; "" stays "".

    Raises HoldallError when it is not one.
    """
    digits = re.sub(r"[\s().-]+", "", text)
    digits = re.sub(r"^(\+44|0044)0?", "0", digits)
    if not digits:
        return ""
    if not re.fullmatch(r"0[1-9][0-9]{8,9}", digits):
        raise HoldallError(
            f"“{text.strip()[:30]}” is not a UK telephone number.", "Write it like 07700 900 417."
        )
    return f"{digits[:5]} {digits[5:8]} {digits[8:]}"


def is_mobile(number: str) -> bool:
    """Whether a tidy number can take text messages."""
    return number.startswith("07")


def fold(text: str) -> str:
    """Text as it is compared: no accents, no capitals, one space between words."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w ]+", " ", plain.casefold()).split())


def place_key(address: str, postcode: str) -> str:
    """One home, however its address was typed: the postcode and the lines with a number; "" without both.

    "14 Tannery Row" and "14 Tannery Row, Averwick" are the same home; a house without a number is known
    by its first line.
    """
    lines = [fold(line) for line in address.split(",")]
    numbered = [line for line in lines if any(c.isdigit() for c in line)]
    line = " ".join(numbered or lines[:1])
    squeezed = re.sub(r"\s+", "", postcode).upper()
    return f"{squeezed} {line}" if line and squeezed else ""


def new_reference(below: Callable[[int], int], prefix: str = "AV") -> str:
    """A reference like "AV-3F7K-Q2M9" from a source of random numbers (`secrets.randbelow`)."""
    body = [below(len(_LETTERS)) for _ in range(REFERENCE_CHARACTERS)]
    text = "".join(_LETTERS[number] for number in (*body, _check(body)))
    return f"{prefix}-{text[:4]}-{text[4:]}"


def _check(body: Sequence[int]) -> int:
    """The weighted sum of the characters; the weights differ, so a swap shows."""
    return sum((place + 2) * number for place, number in enumerate(body)) % len(_LETTERS)


def reference_fits(text: str) -> bool:
    """Whether a reference was read out rightly. O, I, L and Z are taken as 0, 1, 1 and 2."""
    letters = re.sub(r"[\s-]+", "", text.upper())
    letters = letters[-(REFERENCE_CHARACTERS + 1) :].translate(str.maketrans("OILZ", "0112"))
    if len(letters) != REFERENCE_CHARACTERS + 1 or any(c not in _LETTERS for c in letters):
        return False
    numbers = [_LETTERS.index(letter) for letter in letters]
    return _check(numbers[:-1]) == numbers[-1]
