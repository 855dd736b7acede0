"""What goes into the matching and what comes out: open lines, open receipts, payouts, proposals, the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, Protocol

from app.income.references import joined_keys, keys_in, keys_of, reference_key

EXACT, SLIP, PAYOUT, AMOUNT, RULE = "exact", "slip", "payout", "amount", "rule"
PARTS, TYPO, FUZZY, SUM, HAND = "parts", "typo", "fuzzy", "sum", "hand"
REFERENCES, SUSPENSE = "references", "suspense"  # the first and the last entry of the log
CARD_METHODS = frozenset({"90", "91", "92"})
FEE_METHODS = frozenset({"PF"})
CERTAIN = 100  # the best score, in per cent


@dataclass(slots=True)
class OpenLine:
    """A bank line with the signed pence of it that no match has taken yet."""

    id: str
    number: int
    booked_on: date
    pence: int
    words: str
    references: tuple[str, ...] = ()
    parts: tuple[tuple[int, str, str], ...] = ()  # payments the bank names in it: pence, reference, words
    found_keys: tuple[str, ...] | None = field(default=None, init=False, repr=False, compare=False)

    def __hash__(self) -> int:
        """Equal lines have one id."""
        return hash(self.id)

    @property
    def key_list(self) -> tuple[str, ...]:
        """Every reference key the bank gave for this line, its own references first; worked out once."""
        if self.found_keys is None:
            self.found_keys = joined_keys(self.references, keys_of(self.words))
        return self.found_keys

    @property
    def keys(self) -> frozenset[str]:
        """Every reference key the bank gave for this line."""
        return frozenset(self.key_list)

    def part_keys(self) -> list[tuple[int, frozenset[str]]]:
        """Return pence and keys of each payment that the bank names in this line."""
        return [(pence, keys_in(words) | {reference_key(text)} - {""}) for pence, text, words in self.parts]


@dataclass(slots=True)
class OpenReceipt:
    """A receipt with the signed pence of it that no match has taken yet."""

    id: str
    posted_on: date
    pence: int
    reference: str
    narrative: str
    fund: str = ""
    mop: str = ""
    number: int = 0  # its place in the book, so that receipts of one day keep their order
    psp_reference: str = ""
    internal_reference: str = ""
    found_keys: tuple[str, ...] | None = field(default=None, init=False, repr=False, compare=False)

    def __hash__(self) -> int:
        """Equal receipts have one id."""
        return hash(self.id)

    @property
    def own_keys(self) -> tuple[str, ...]:
        """The keys of its reference fields: account, payment provider, payment."""
        given = (self.reference, self.psp_reference, self.internal_reference)
        return tuple([key for text in given if text and (key := reference_key(text))])

    @property
    def key_list(self) -> tuple[str, ...]:
        """Every reference key the book gave for this receipt, its reference first; worked out once."""
        if self.found_keys is None:
            self.join_keys(keys_of(self.narrative))
        return self.found_keys or ()

    def join_keys(self, found: tuple[str, ...]) -> tuple[str, ...]:
        """Keep the keys that were found in its narrative, after its own; return them all."""
        if self.psp_reference or self.internal_reference:
            own = self.own_keys
        else:
            key = reference_key(self.reference)
            own = (key,) if key else ()
        self.found_keys = tuple(dict.fromkeys((*own, *found))) if own and found else own or found
        return self.found_keys

    @property
    def keys(self) -> frozenset[str]:
        """Every reference key the book gave for this receipt."""
        return frozenset(self.key_list)

    @property
    def is_card(self) -> bool:
        """Whether it was taken by card, so that a payout may come net of fees."""
        return self.mop in CARD_METHODS or "card" in self.narrative.casefold()

    @property
    def is_fee(self) -> bool:
        """Whether it is what a payment provider kept back."""
        return self.pence < 0 and (self.mop in FEE_METHODS or "fee" in self.narrative.casefold())


class PayoutPart(NamedTuple):
    """One payment, refund, dispute or fee of a payout; gross signed, fee a positive cost, in pence."""

    kind: str
    gross: int
    fee: int
    reference: str
    psp_reference: str


@dataclass(frozen=True)
class Payout:
    """A payout as its provider's report gives it: net = gross - fees - refunds - disputes + other."""

    id: str
    provider: str
    payout_id: str
    paid_on: date | None
    gross: int
    fees: int
    refunds: int
    disputes: int
    other: int
    net: int
    parts: tuple[PayoutPart, ...] = ()

    @property
    def adds_up(self) -> bool:
        """Whether the report's own figures make its net."""
        return self.gross - self.fees - self.refunds - self.disputes + self.other == self.net


class WriteOffPart(NamedTuple):
    """Pence of a bank line that no receipt explains: negative for a fee that was kept back."""

    pence: int
    kind: str  # fee
    fund: str


class Proposal(NamedTuple):
    """Receipts that seem to belong to a bank line; `key` is the shared reference, "" when there is none.

    The line's pence = the receipts' pence + the write-offs'.
    """

    stage: str
    line_id: str
    receipt_ids: tuple[str, ...]
    key: str = ""
    alike: int = 1  # how many lines and receipts share key and amount, paired in order of date
    score: int = 0  # in per cent, never more than 100
    alternatives: int = 0  # how many other ways fit
    auto: bool = False  # whether it may be accepted with all that are certain
    write_offs: tuple[WriteOffPart, ...] = ()
    meant: str = ""  # typo: the reference that `key`, as one side wrote it, was mended to
    payout_id: str = ""  # payout: the id of the provider's report that explains it
    rules: tuple[str, ...] = ()  # rule: the names of the rules that said so

    @property
    def name(self) -> str:
        """What a rejection remembers, so that the same proposal is not made again."""
        return f"{self.line_id}:{','.join(sorted(self.receipt_ids))}"


class Unplaced(NamedTuple):
    """A bank line that no receipt was found for, proposed for suspense, and why in a sentence."""

    line_id: str
    why: str


class StageLog(NamedTuple):
    """What one stage did: how many lines it looked at, proposed for, and how many of those are certain."""

    stage: str
    looked_at: int
    proposed: int
    auto: int
    seconds: float = 0.0


@dataclass(frozen=True)
class Settings:
    """How bold the matching is. Days are working days; scores are per cent; money is pence."""

    days_before: int = 1  # the bank may be this much earlier than the book
    days_after: int = 5
    accept: int = 95  # certain from here, if nothing else fits
    propose: int = 60  # below it nothing is said
    margin: int = 10  # how much better than the second best a fuzzy match has to be
    accepts_alone_to: int = 5_000_00  # nothing above is certain without a person
    fee_funds: Mapping[str, str] = field(default_factory=dict)  # method of payment -> fund of its fees


class Rules(Protocol):
    """Rules over bank lines: a row goes in, the row as they leave it and their names come out."""

    def run(self, row: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Return what the rules made of a row with BankWords and Amount, and which of them fired."""


Clock = Callable[[], float]


@dataclass(frozen=True)
class Outcome:
    """What the matching found: proposals in the order of the lines, what is left, what each stage did."""

    proposals: tuple[Proposal, ...]
    unplaced: tuple[Unplaced, ...]
    log: tuple[StageLog, ...]
    reports: tuple[Payout, ...] = ()
