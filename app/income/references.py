"""References as banks and ledgers write them, reduced to keys that can be compared."""

from __future__ import annotations

import re

SHORTEST = 4  # shorter runs are house numbers and counts, not references

_WITH_DIGIT = re.compile(r"(?:[A-Za-z]+[-/])*[A-Za-z]*\d[A-Za-z0-9]*(?:[-/][A-Za-z0-9]+)*")
_DIGIT_GROUPS = re.compile(r"(?<![A-Za-z0-9/-])\d+(?: \d+)+(?![A-Za-z0-9])")
_SEPARATORS = re.compile(r"[^A-Za-z0-9]")
_YEAR = re.compile(r"(?:19|20)\d\d")
_NONE = frozenset({"NONREF", "NOTPROVIDED", "NOREF"})
_WORD = re.compile(r"[A-Za-z]{4,}")
_COMMON = frozenset(
    {"bacs", "chaps", "credit", "debit", "from", "payment", "payments", "paid", "bank", "council", "averwick"}
    | {"reference", "counter", "receipt", "receipts", "january", "february", "march", "april", "june", "july"}
    | {"august", "september", "october", "november", "december"}
)


def reference_key(text: str) -> str:
    """Return a whole reference as capitals and digits ("LA-118" is "LA118"), or "" when it says nothing."""
    key = _SEPARATORS.sub("", text).upper()
    return "" if key in _NONE or not any(ch.isdigit() for ch in key) else key


def keys_in(text: str) -> frozenset[str]:
    """Return every key in running words: tokens with a digit, and neighbouring digit groups joined.

    "BACS 77 0412265" gives 770412265 and 0412265; years and runs shorter than four are left out.
    """
    keys: set[str] = set()
    for token in _WITH_DIGIT.findall(text):
        if token.isalnum():
            keys.add(token.upper())
        else:
            parts = _SEPARATORS.split(token)
            keys.add("".join(parts).upper())
            keys.update(part for part in parts if part.isdigit())
    for run in _DIGIT_GROUPS.findall(text):
        groups = run.split(" ")
        keys.update("".join(groups[: count + 1]) for count in range(1, len(groups)))
    return frozenset([key for key in keys if len(key) >= SHORTEST and not _YEAR.fullmatch(key)])


def shared_words(first: str, second: str) -> tuple[str, ...]:
    """Return telling words of four letters or more that both texts hold, in the order of the first."""
    others = {word.casefold() for word in _WORD.findall(second)}
    found: dict[str, None] = {}
    for word in _WORD.findall(first):
        folded = word.casefold()
        if folded in others and folded not in _COMMON:
            found[folded] = None
    return tuple(found)


def as_written(key: str, text: str) -> str:
    """Return a key the way a text writes it (770412265 as "77 0412265"), "" when it is not there."""
    found = re.search(r"[ /-]?".join(map(re.escape, key)), text, re.IGNORECASE)
    return found[0] if found else ""
