"""Enrolment codes: eight characters of Crockford's base 32, the last one a check, read out as AVW7-K2M9."""

from __future__ import annotations

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 8
HANDLE = 2  # the first characters find the code on the server, the rest are its secret
_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})


def make_code() -> str:
    """A fresh code without its hyphen."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return body + check_character(body)


def check_character(body: str) -> str:
    """The character that catches one wrong character and nearly every swap of two (Luhn mod 32)."""
    total = 0
    for position, character in enumerate(reversed(body)):
        value = ALPHABET.index(character) * (2 if position % 2 == 0 else 1)
        total += value // 32 + value % 32
    return ALPHABET[-total % 32]


def show(code: str) -> str:
    """The code as people read it: two groups of four."""
    return f"{code[:4]}-{code[4:]}"


def read(typed: str) -> str | None:
    """The code in what a person typed (case, hyphens, spaces, O for 0, I or L for 1 forgiven), or None
    when it cannot be one: then no server needs to be asked."""
    text = "".join(c for c in typed.upper() if c not in " -–—\t\n").translate(_ALIKE)
    if len(text) != LENGTH or any(c not in ALPHABET for c in text):
        return None
    return text if check_character(text[:-1]) == text[-1] else None
