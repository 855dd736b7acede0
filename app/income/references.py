"""References as banks and ledgers write them, reduced to keys that can be compared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import compress, repeat
from operator import le, ne

SHORTEST = 4  # shorter runs are house numbers and counts, not references

# possessive where nothing shorter can match, so that words without a digit cost one pass
_WITH_DIGIT = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Za-z]++[-/])*+[A-Za-z]*+\d[A-Za-z0-9]*+(?:[-/][A-Za-z0-9]++)*+"
)
# a line of words without digits and one reference of five characters or more; any other line is ""
_ONE_REFERENCE = re.compile(
    r"^(?:[A-Z]++ )*+([A-Z]*+[0-9][A-Z0-9]*+)(?<=[A-Z0-9]{5})(?: [A-Z]++)*+$|^.*$", re.MULTILINE
)
_DIGIT_GROUPS = re.compile(r"(?<![A-Za-z0-9/-])\d+(?: \d+)+(?![A-Za-z0-9])")
_DIGIT = re.compile(r"\d")
_LOOKED_AT = 200
_SEPARATORS = re.compile(r"[^A-Za-z0-9]")
_YEAR = re.compile(r"(?:19|20)\d\d")
_NONE = frozenset({"NONREF", "NOTPROVIDED", "NOREF"})
_WORD = re.compile(r"[A-Za-z]{4,}")
_COMMON = frozenset(
    {"bacs", "chaps", "credit", "debit", "from", "payment", "payments", "paid", "bank", "council", "averwick"}
    | {"reference", "counter", "receipt", "receipts", "january", "february", "march", "april", "june", "july"}
    | {"august", "september", "october", "november", "december"}
)
_DAY_FIRST = re.compile(r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:\d\d|20\d\d)")
_YEAR_FIRST = re.compile(r"20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")


def reference_key(text: str) -> str:
    """Return a whole reference as capitals and digits ("LA-118" is "LA118"), or "" when it says nothing."""
    if text.isalnum() and text.isascii():
        key = text.upper()
    elif not text:
        return ""
    else:
        key = _SEPARATORS.sub("", text).upper()
    return "" if key.isalpha() or not key or key in _NONE else key


def joined_keys(given: Sequence[str], found: tuple[str, ...]) -> tuple[str, ...]:
    """Return the keys of references that were given as such, then those found in words, each once."""
    own = [key for text in given if text and (key := reference_key(text))]
    return tuple(dict.fromkeys((*own, *found))) if own else found


def keys_of(text: str) -> tuple[str, ...]:
    """Return every key in running words once: tokens with a digit, and neighbouring digit groups joined.

    "BACS 77 0412265" gives 770412265 and 0412265; years and runs shorter than four are left out.
    """
    tokens = _WITH_DIGIT.findall(text)
    if not tokens:
        return ()
    if len(tokens) == 1 and (token := tokens[0]).isalnum():
        if len(token) < SHORTEST or (len(token) == SHORTEST and _YEAR.fullmatch(token)):
            return ()
        return (token.upper(),)
    return _several(text, tokens)


def reference_keys(texts: Sequence[str]) -> list[tuple[str, ...]]:
    """Return what `reference_key` gives for each of many texts, none where it says nothing."""
    told = "".join(texts)
    if told.isascii() and told == told.upper():  # most are keys as they stand
        keys: list[tuple[str, ...]] = [*zip(texts)]
        for place in compress(range(len(texts)), map(le, map(str.isalnum, texts), map(str.isalpha, texts))):
            keys[place] = (key,) if (key := reference_key(texts[place])) else ()
        return keys
    own = {text: (key,) if (key := reference_key(text)) else () for text in set(texts)}
    return [*map(own.__getitem__, texts)]


def keys_of_all(texts: Iterable[str]) -> list[tuple[str, ...]]:
    """Return what `keys_of` does for many texts, in a third of the time."""
    texts = list(texts)
    found: list[tuple[str, ...]] = [()] * len(texts)
    some = texts[:: len(texts) // _LOOKED_AT + 1]
    told = "\n".join(texts)
    if sum(map(bool, map(_DIGIT.search, some))) * 2 <= len(some):
        asked: Iterable[int] = compress(range(len(texts)), _may_have_digits(texts, told))
    elif told.isascii() and told.count("\n") == len(texts) - 1:
        plain = _ONE_REFERENCE.findall(told.upper())
        found = [*zip(plain)]
        asked = [place for place, key in enumerate(plain) if not key]
    else:
        asked = range(len(texts))
    for place in asked:
        found[place] = keys_of(texts[place])
    return found


def _may_have_digits(texts: Sequence[str], told: str) -> Iterable[bool]:
    """Say of each text whether it may have a digit; `told` are all of them, a line each."""
    if not told.isascii():
        return repeat(True)
    left = told.encode().translate(None, b"0123456789").split(b"\n")
    return map(ne, map(len, texts), map(len, left)) if len(left) == len(texts) else repeat(True)


def _several(text: str, tokens: Sequence[str]) -> tuple[str, ...]:
    keys: dict[str, None] = {}
    for token in tokens:
        if token.isalnum():
            keys[token.upper()] = None
        else:
            parts = _SEPARATORS.split(token)
            keys["".join(parts).upper()] = None
            keys.update((part.upper(), None) for part in parts if not part.isalpha())
    for run in _DIGIT_GROUPS.findall(text):
        groups = run.split(" ")
        keys.update(("".join(groups[: count + 1]), None) for count in range(1, len(groups)))
    return tuple(key for key in keys if len(key) >= SHORTEST and not _YEAR.fullmatch(key))


def keys_in(text: str) -> frozenset[str]:
    """Return every key in running words, as `keys_of` does."""
    return frozenset(keys_of(text))


def is_date_like(key: str) -> bool:
    """Say whether a key could be a day written without separators: 081226, 08122026 or 20261208."""
    return len(key) in {6, 8} and bool(_DAY_FIRST.fullmatch(key) or _YEAR_FIRST.fullmatch(key))


def names_in(text: str) -> frozenset[str]:
    """Return the words of four letters or more in a text that may tell payers apart, in small letters."""
    return frozenset(map(str.casefold, _WORD.findall(text))) - _COMMON


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
    """Return a key the way a text writes it (770412265 as "77 0412265"), "" when it is not there.

    One space, stroke or dash may stand between any two of its characters.
    """
    for start in range(len(text) - len(key) + 1):
        if text[start].upper() == key[:1] and (end := _written_to(key, text, start)):
            return text[start:end]
    return ""


def _written_to(key: str, text: str, start: int) -> int:
    """Return where a key that begins here ends, 0 when it is not written here."""
    at = start
    for place, wanted in enumerate(key):
        if place and at < len(text) and text[at] in " /-" and text[at] != wanted:
            at += 1
        if at == len(text) or text[at].upper() != wanted:
            return 0
        at += 1
    return at
