"""The names of the rules that touched a posting, in the one text that is stored of them.

They stand as "Stalls; Post room, cheques". Texts of before have commas between names, some of which may hold
a comma themselves: those are told apart by the names that are known. Every function is pure.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

MARK = ";"  # stands between names and in none
_BETWEEN = f"{MARK} "
_BEFORE = ", "  # what stood between names before


def joined_names(names: Sequence[str], longest: int) -> str:
    """Return names as they are stored, as many whole ones as `longest` characters hold.

    A single name with a comma is closed by the mark, so that it is not taken for two of before.
    """
    text = ""
    for name in names:
        plain = name.replace(MARK, ",")  # a name that was kept before the mark was refused
        more = f"{text}{_BETWEEN}{plain}" if text else plain
        if len(more) >= longest:
            break
        text = more
    return f"{text}{MARK}" if "," in text and MARK not in text else text


def names_in(text: str, known: Collection[str] = ()) -> tuple[str, ...]:
    """Return the names in a stored text, in order.

    `known` are the names of rules, those of before among them: in a text with commas between names, the
    longest known name goes first, and what is not known ends at the next comma.
    """
    ours = MARK in text and not any(MARK in name and name in text for name in known)
    if ours:
        return tuple(part for name in text.split(MARK) if (part := name.strip()))
    found: list[str] = []
    longest_first = sorted((name for name in known if name), key=len, reverse=True)
    left = text.strip()
    while left:
        name = next((one for one in longest_first if f"{left}{_BEFORE}".startswith(f"{one}{_BEFORE}")), "")
        if not name:
            name = left.partition(_BEFORE)[0]
        found.append(name)
        left = left[len(name) + len(_BEFORE) :].strip()
    return tuple(name for name in found if name)
