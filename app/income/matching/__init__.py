"""The matching of open bank lines with open receipts, in stages, each of which says why.

Stages, in this order: `payout` from a provider's report, `parts` (payments the bank names one by one),
`slip` (all receipts under one key are one line) and `payout` under a key, then `exact` (reference and
amount), what is left of slips and payouts, `amount` (an amount that stands once on each side), `rule`,
`typo` (a reference mended by one slip), `fuzzy` (most alike, with a margin), `sum` (receipts of one method
that add up), and what is left goes to suspense.
"""

from app.income.matching.columns import Lines, Receipts
from app.income.matching.pipeline import match, propose
from app.income.matching.shapes import (
    AMOUNT,
    CARD_METHODS,
    EXACT,
    FUZZY,
    HAND,
    PARTS,
    PAYOUT,
    RULE,
    SLIP,
    SUM,
    TYPO,
    OpenLine,
    OpenReceipt,
    Outcome,
    Payout,
    PayoutPart,
    Proposal,
    Rules,
    Settings,
    StageLog,
    Unplaced,
    WriteOffPart,
)
from app.income.matching.sums import MOST_COUNTED, count_sets, subsets_adding_up

__all__ = [
    "AMOUNT",
    "CARD_METHODS",
    "EXACT",
    "FUZZY",
    "HAND",
    "MOST_COUNTED",
    "PARTS",
    "PAYOUT",
    "RULE",
    "SLIP",
    "SUM",
    "TYPO",
    "Lines",
    "OpenLine",
    "OpenReceipt",
    "Outcome",
    "Payout",
    "PayoutPart",
    "Proposal",
    "Receipts",
    "Rules",
    "Settings",
    "StageLog",
    "Unplaced",
    "WriteOffPart",
    "count_sets",
    "match",
    "propose",
    "subsets_adding_up",
]
