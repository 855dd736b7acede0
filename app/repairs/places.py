"""Addresses, property numbers, telephone numbers and references: brought into one shape, or refused.

Postcodes follow the six usual patterns (inward part without C I K M O V) and GIR 0AA; where O and 0 or I and
1 were mixed up, the one postcode that was meant is proposed, never taken. A UPRN is 1 to 12 digits without a
check digit, kept with leading zeros. A reference is eight characters,
the last one a check that notices any one wrong character and any two that changed places, so that it can
be made with no network and read out on the phone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from itertools import product

from app.errors import HoldallError

_POSTCODE = re.compile(
    r"(GIR0AA|(?:[A-PR-UWYZ](?:[0-9]{1,2}|[A-HK-Y][0-9]|[A-HK-Y][0-9]{2}|[0-9][A-HJKSTUW]"
    r"|[A-HK-Y][0-9][ABEHMNPRV-Y]))[0-9][ABD-HJLNP-UW-Z]{2})"
)
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXY"  # 31, a prime; without those read as another (I L O U Z)
REFERENCE_CHARACTERS = 7
UPRN_DIGITS = 12
_UPRN = re.compile(r"(\d{1,12})(?:\.0+)?")  # ".0" is what a program makes of a whole number
_MANGLED = re.compile(r"\d+([.,]\d+)?E\+?\d+", re.IGNORECASE)  # what a spreadsheet makes of a long number
_NOT_WORD = re.compile(r"[^\w ]+")
EMAIL_LENGTH = 254  # characters (RFC 5321, 4.5.3.1.3, less the angle brackets)
_EMAIL_NAME = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}")
_DOMAIN_PART = re.compile(r"(?!-)[^\W_](?:[\w-]{0,61}[^\W_])?")
_SPACE = re.compile(r"[\s\u00a0-]+")
_DIGIT = re.compile(r"\d")
_MIXED_UP = {"O": "O0", "0": "0O", "I": "I1", "1": "1I"}
_MOST_MIXED = 6
_DWELLING = re.compile(
    r"(flat|apartment|apt|unit|room|maisonette|studio|bedsit|no|number) ?[0-9]*[a-z]?|\d+ ?[a-z]?"
)


def tidy_postcode(text: str) -> str:
    """A postcode in capitals with one space: "AV3 2QT". Spaces anywhere are fine.

    Raises HoldallError when it is not a UK postcode.
    """
    squeezed = _squeezed(text)
    if not _POSTCODE.fullmatch(squeezed):
        meant = meant_postcode(text)
        advice = f"Did you mean {meant}?" if meant else "Write it like AV3 2QT."
        raise HoldallError(f"“{text.strip()[:20]}” is not a postcode.", advice)
    return f"{squeezed[:-3]} {squeezed[-3:]}"


def meant_postcode(text: str) -> str:
    """The one postcode that differs from a wrong one by O for 0 or I for 1; "" where none or several do."""
    squeezed = _squeezed(text)
    mixed = sum(sign in _MIXED_UP for sign in squeezed)
    if not 5 <= len(squeezed) <= 7 or mixed > _MOST_MIXED:
        return ""
    ways = ("".join(signs) for signs in product(*(_MIXED_UP.get(sign, sign) for sign in squeezed)))
    found = [way for way in ways if _POSTCODE.fullmatch(way)]
    return f"{found[0][:-3]} {found[0][-3:]}" if len(found) == 1 else ""


def _squeezed(text: str) -> str:
    return _SPACE.sub("", text).upper()


def tidy_uprn(text: str) -> str:
    """A UPRN with leading zeros, twelve digits long; "" stays "".

    Raises HoldallError for what is none, and by name for a number that a spreadsheet shortened: its last
    digits are lost, so it is never guessed.
    """
    squeezed = re.sub(r"\s+", "", text)
    if not squeezed:
        return ""
    if _MANGLED.fullmatch(squeezed):
        raise HoldallError(
            f"A spreadsheet turned the UPRN into “{squeezed[:20]}”: its last digits are lost.",
            "Format the column as text in the source, and export the list again.",
        )
    found = _UPRN.fullmatch(squeezed)
    if found is None or not int(found[1]):
        raise HoldallError(f"“{text.strip()[:20]}” is not a UPRN.", "A UPRN is 1 to 12 digits.")
    return found[1].zfill(UPRN_DIGITS)


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


def tidy_email(text: str) -> str:
    """An e-mail address with its domain in small letters: "Ffion@post.example.org"; "" stays "".

    One @, a domain of two parts or more, any ending (.london, .info). Raises HoldallError otherwise.
    """
    plain = text.strip()
    if not plain:
        return ""
    shown = f"“{plain[:40]}” is not an e-mail address."
    if plain.count("@") != 1:
        raise HoldallError(shown, "Write it with one @, like name@example.org.")
    name, domain = plain.split("@")
    if not _EMAIL_NAME.fullmatch(name) or name.startswith(".") or name.endswith(".") or ".." in name:
        raise HoldallError(shown, "Check the part before the @: it has no spaces, commas or brackets.")
    parts = domain.split(".")
    sound = len(parts) > 1 and all(_DOMAIN_PART.fullmatch(part) for part in parts)
    if not sound or len(parts[-1]) < 2 or parts[-1].isdigit() or len(plain) > EMAIL_LENGTH:
        raise HoldallError(shown, "Check the part after the @: it ends like example.org.")
    return f"{name}@{domain.lower()}"


def is_mobile(number: str) -> bool:
    """Whether a tidy number can take text messages."""
    return number.startswith("07")


def fold(text: str) -> str:
    """Text as it is compared: no accents, no capitals, one space between words."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(_NOT_WORD.sub(" ", text.casefold()).split())


def place_key(address: str, postcode: str) -> str:
    """One home, however its address was typed: the postcode and the lines with a number; "" without both.

    "14 Tannery Row" and "14 Tannery Row, Averwick" are the same home; a house without a number is known
    by its first line. Where the numbers name a flat alone, the line after them belongs to it: two blocks of
    one postcode both have a flat 3.
    """
    lines = [line for part in address.split(",") if (line := fold(part))]
    numbered = [place for place, line in enumerate(lines) if _DIGIT.search(line)]
    if numbered and all(_DWELLING.fullmatch(lines[place]) for place in numbered):
        numbered += [numbered[-1] + 1] if numbered[-1] + 1 < len(lines) else []
    line = " ".join([lines[place] for place in numbered] or lines[:1])
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
