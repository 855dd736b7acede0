"""Learner codes: 7KQ4-7, four random signs and a check sign, for paper and for reading out.

Signs are Crockford's base 32 (no I, L, O or U); the check is the number modulo 37, whose own signs include
five that people do not read well, so codes with those checks are never given out. A code is not an
identity: should two laptops give the same one, both people are shown when it is typed.
"""

from __future__ import annotations

from collections.abc import Callable, Container

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECKS = SIGNS + "*~$=U"
LENGTH = 4
LONGEST = 6
_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0", " ": None, "-": None, "–": None, "_": None})


def check_sign(body: str) -> str:
    """The check sign of a body of base-32 signs; ValueError for any other sign."""
    number = 0
    for sign in body:
        number = number * 32 + SIGNS.index(sign)
    return CHECKS[number % 37]


def shown(body: str) -> str:
    """A body with its check sign, as it stands on paper."""
    return f"{body}-{check_sign(body)}"


def tidy(typed: str) -> str:
    """What was typed or read out, in the signs of a code: capitals, I and L as 1, O as 0, no dashes."""
    return typed.strip().upper().translate(_MISREAD)


def parse(typed: str) -> str | None:
    """The code that was typed, in its shown form; None when it is no code or its check sign is wrong."""
    signs = tidy(typed)
    if not LENGTH < len(signs) <= LONGEST + 1 or any(sign not in SIGNS for sign in signs):
        return None
    body, check = signs[:-1], signs[-1]
    return f"{body}-{check}" if check_sign(body) == check else None


def looks_like_code(typed: str) -> bool:
    """Whether what was typed is a code or the start of one: it holds a figure, and only signs of a code."""
    signs = tidy(typed)
    return (
        2 <= len(signs) <= LONGEST + 1
        and any(c.isdigit() for c in typed)
        and all(sign in SIGNS for sign in signs)
    )


def new_code(pick: Callable[[str], str], taken: Container[str], length: int = LENGTH) -> str:
    """A fresh code that is not in `taken`; `pick` chooses one sign at random (secrets.choice, or seeded).

    After a thousand misses it is a sign longer.
    """
    while length <= LONGEST:
        for _ in range(1000):
            code = shown("".join(pick(SIGNS) for _ in range(length)))
            if code[-1] in SIGNS and code not in taken:
                return code
        length += 1
    raise ValueError("there is no code left to give")
