"""Money as people and banks write it, read into integer pence without ever touching a float."""

from __future__ import annotations

import re

from app.wording import money

LARGEST_PENCE = 10**15  # ten trillion pounds: more digits than a statement can hold are a broken file

_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d{0,2})?")
_PLAIN = re.compile(r"\d+(\.\d{0,2})?|\.\d{1,2}")
_MT940 = re.compile(r"\d{1,20},?\d{0,2}")
_SUFFIXES = {"CR": 1, "DR": -1}


class BadAmount(ValueError):
    """Text that is not an amount of money; its message says why, to follow "line 4: "."""


def pence_from_text(text: str) -> int:
    """Return signed pence for an amount in pounds as a spreadsheet or a person writes it.

    Reads `1,234.56`, `£12`, `(12.30)`, `12.30-`, `12.30 CR`, `12.30DR`, `-GBP 4` and U+2212 minus.
    Refuses with BadAmount: more than two decimals, two decimal marks, scientific notation, full-width digits.
    """
    body = text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{MINUS SIGN}", "-").strip()
    if not body:
        raise BadAmount("the amount is empty")
    if not body.isascii() and body.replace("£", "").strip().isascii() is False:
        raise BadAmount(f"“{_short(text)}” is not an amount")
    sign = 1
    if body.startswith("(") and body.endswith(")"):
        sign, body = -1, body[1:-1]
    upper = body.upper()
    for suffix, factor in _SUFFIXES.items():
        if upper.endswith(suffix):
            sign, body = sign * factor, body[: -len(suffix)].strip()
            break
    if body.endswith("-"):
        sign, body = -sign, body[:-1]
    if body.startswith(("-", "+")):
        sign, body = (-sign if body[0] == "-" else sign), body[1:]
    body = body.strip().removeprefix("GBP").removeprefix("£").strip()
    if body.startswith("-"):
        sign, body = -sign, body[1:].strip()
    return sign * _digits_to_pence(body, text)


def _digits_to_pence(body: str, text: str) -> int:
    """Return pence for unsigned digits; `text` is what the person wrote, for the message."""
    if _GROUPED.fullmatch(body):
        body = body.replace(",", "")
    elif not _PLAIN.fullmatch(body):
        if re.fullmatch(r"\d+\.\d{3,}", body):
            raise BadAmount(f"“{_short(text)}” has more than two decimals")
        raise BadAmount(f"“{_short(text)}” is not an amount")
    pounds, _, pennies = body.partition(".")
    pence = int(pounds or "0") * 100 + int(pennies.ljust(2, "0") or "0")
    if pence > LARGEST_PENCE:
        raise BadAmount(f"“{_short(text)}” is too large")
    return pence


def pence_from_mt940(text: str) -> int:
    """Return unsigned pence for an MT940 amount: comma decimal, perhaps with none (`1234,5`, `12,`, `7`)."""
    if not _MT940.fullmatch(text):
        if re.fullmatch(r"\d+,\d{3,}", text):
            raise BadAmount(f"“{_short(text)}” has more than two decimals")
        raise BadAmount(f"“{_short(text)}” is not an amount")
    pounds, _, pennies = text.partition(",")
    return int(pounds) * 100 + int(pennies.ljust(2, "0") or "0")


def _short(text: str) -> str:
    return text if len(text) <= 24 else text[:23] + "…"


def figure(pence: int, currency: str = "GBP") -> str:
    """Return an amount for people: £1,234.50, or EUR 1,234.50 for an account in another currency."""
    pounds = money(pence)
    return pounds if currency in {"GBP", ""} else pounds.replace("£", f"{currency} ")
