"""Money as people and banks write it, read into integer pence without ever touching a float."""

from __future__ import annotations

import re

from app.wording import money

LARGEST_PENCE = 10**15  # ten trillion pounds: more digits than a statement can hold are a broken file

_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d{0,2})?", re.ASCII)
_PLAIN = re.compile(r"\d+(\.\d{0,2})?|\.\d{1,2}", re.ASCII)
_MT940 = re.compile(r"\d{1,20},?\d{0,2}", re.ASCII)
_SUFFIXES = {"CR": 1, "DR": -1, "OD": -1}
_SUFFIX = re.compile(r"(?<=[0-9. )])(CR|DR|OD)\.?$")


class BadAmount(ValueError):
    """Text that is not an amount of money; its message says why, to follow "line 4: "."""


def pence_from_text(text: str) -> int:
    """Return signed pence for an amount in pounds as a spreadsheet or a person writes it.

    Reads `1,234.56`, `£12`, `(12.30)`, `12.30-`, `12.30 CR`, `12.30DR`, `-GBP 4`, `5.00 OD` and U+2212 minus.
    Refuses with BadAmount: more than two decimals, two decimal marks, two signs, scientific notation,
    full-width digits.
    """
    body = text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{MINUS SIGN}", "-").strip()
    if not body:
        raise BadAmount("the amount is empty")
    if not body.isascii() and body.replace("£", "").strip().isascii() is False:
        raise BadAmount(f"“{_short(text)}” is not an amount")
    signs: list[int] = []
    if body.startswith("(") and body.endswith(")"):
        signs, body = [-1], body[1:-1].strip()
    found = _SUFFIX.search(body.upper())
    if found is not None:
        signs.append(_SUFFIXES[found[1]])
        body = body[: found.start()].strip()
    if body.endswith(("-", "+")):
        signs.append(-1 if body[-1] == "-" else 1)
        body = body[:-1].strip()
    for currency in ("", "GBP", "£"):
        body = body.removeprefix(currency).strip()
        if body.startswith(("-", "+")):
            signs.append(-1 if body[0] == "-" else 1)
            body = body[1:].strip()
    if len(signs) > 1:
        raise BadAmount(f"“{_short(text)}” has more than one sign")
    return (signs[0] if signs else 1) * _digits_to_pence(body.removesuffix("GBP").strip(), text)


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


def quick_pence(text: str) -> int:
    """Return signed pence; `123.45` and `-123.45`, which nearly all amounts are, without any matching."""
    if text[-3:-2] == "." and len(text) < 16 and text.isascii():
        whole = text[:-3] + text[-2:]
        if whole.isdigit() or (whole[:1] == "-" and whole[1:].isdigit()):
            return int(whole)
    return pence_from_text(text)


def pence_from_mt940(text: str) -> int:
    """Return unsigned pence for an MT940 amount: comma decimal, perhaps with none (`1234,5`, `12,`, `7`)."""
    if not _MT940.fullmatch(text):
        if re.fullmatch(r"\d+,\d{3,}", text):
            raise BadAmount(f"“{_short(text)}” has more than two decimals")
        raise BadAmount(f"“{_short(text)}” is not an amount")
    pounds, _, pennies = text.partition(",")
    pence = int(pounds) * 100 + int(pennies.ljust(2, "0") or "0")
    if pence > LARGEST_PENCE:
        raise BadAmount(f"“{_short(text)}” is too large")
    return pence


def _short(text: str) -> str:
    return text if len(text) <= 24 else text[:23] + "…"


def figure(pence: int, currency: str = "GBP") -> str:
    """Return an amount for people: £1,234.50, or EUR 1,234.50 for an account in another currency."""
    pounds = money(pence)
    return pounds if currency in {"GBP", ""} else pounds.replace("£", f"{currency} ")
