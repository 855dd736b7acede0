"""What a bank's words say of the method of payment: a counter credit, a payment network, a card payout."""

from __future__ import annotations

import re

from app.income.matching.shapes import CARD_METHODS

_ALLPAY = frozenset({"15", "16", "17", "18", "19", "20", "21"})
_PAID_IN = frozenset({"1", "2", "24"})
_WORDS: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = (
    (re.compile(r"allpay|paypoint|payzone|post office", re.IGNORECASE), _ALLPAY),
    (re.compile(r"\b(?:cash|cheques?|chqs?|counter|paying|bag|slip|lodg)", re.IGNORECASE), _PAID_IN),
    (
        re.compile(
            r"payout|stripe|adyen|worldpay|smartpay|gov\.?uk ?pay|gocardless|card|merchant", re.IGNORECASE
        ),
        CARD_METHODS,
    ),
)


def methods_said(words: str) -> frozenset[str]:
    """Return the methods of payment that a bank's words speak of; none when they speak of none."""
    return next((methods for pattern, methods in _WORDS if pattern.search(words)), frozenset())


def speaks_of_payout(words: str) -> bool:
    """Say whether a bank's words speak of a payout of card payments."""
    return methods_said(words) == CARD_METHODS
