"""The matching of open bank lines with open receipts, in stages, each of which says why.

Stages, in this order: `exact` (reference and amount), `slip` (many receipts under one reference add up to
one line), `payout` (a card payout short by its fees), `amount` (an amount that stands once on each side).
Pure: the same lines and receipts give the same proposals in whatever order they arrive.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import NamedTuple, TypeVar

from app.income.references import keys_in, reference_key

EXACT, SLIP, PAYOUT, AMOUNT, HAND = "exact", "slip", "payout", "amount", "hand"
MOST_COUNTED = 25  # sets of receipts are counted exactly up to here; beyond it chance sums are certain
MOST_IN_A_SLIP = 20
LARGEST_FEE = 4  # per cent of a payout that card fees can plausibly take
CARD_METHODS = frozenset({"90", "91", "92"})
_DAYS_BEFORE, _DAYS_AFTER = 4, 31  # a reference may be late, but not a month
_AMOUNT_BEFORE, _AMOUNT_AFTER = 2, 10  # an amount alone has to be near


@dataclass(frozen=True)
class OpenLine:
    """A bank line with the signed pence of it that no match has taken yet."""

    id: str
    number: int
    booked_on: date
    pence: int
    words: str
    references: tuple[str, ...] = ()

    @cached_property
    def keys(self) -> frozenset[str]:
        """Every reference key the bank gave for this line."""
        own = {key for text in self.references if (key := reference_key(text))}
        return frozenset(own | keys_in(self.words))


@dataclass(frozen=True)
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

    @cached_property
    def keys(self) -> frozenset[str]:
        """Every reference key the book gave for this receipt."""
        own = reference_key(self.reference)
        return keys_in(self.narrative) | ({own} if own else frozenset())

    @property
    def is_card(self) -> bool:
        """Whether it was taken by card, so that a payout may come net of fees."""
        return self.mop in CARD_METHODS or "card" in self.narrative.casefold()


class WriteOffPart(NamedTuple):
    """Pence of a bank line that no receipt explains: negative for a fee that was kept back."""

    pence: int
    kind: str  # fee
    fund: str


@dataclass(frozen=True)
class Proposal:
    """Receipts that seem to belong to a bank line; `key` is the shared reference, "" when there is none.

    The line's pence = the receipts' pence + the write-offs', unless the officer leaves some of either open.
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

    @property
    def name(self) -> str:
        """What a rejection remembers, so that the same proposal is not made again."""
        return f"{self.line_id}:{','.join(sorted(self.receipt_ids))}"


@dataclass
class _Pool:
    """Lines and receipts that no earlier stage has used."""

    lines: dict[str, OpenLine]
    receipts: dict[str, OpenReceipt]
    rejected: Collection[str]
    found: list[Proposal] = field(default_factory=list)

    def take(self, proposal: Proposal) -> bool:
        """Keep a proposal unless an officer rejected it before; say whether it was kept."""
        if proposal.name in self.rejected:
            return False
        self.found.append(proposal)
        del self.lines[proposal.line_id]
        for receipt_id in proposal.receipt_ids:
            del self.receipts[receipt_id]
        return True


def propose(
    lines: Iterable[OpenLine], receipts: Iterable[OpenReceipt], rejected: Collection[str] = frozenset()
) -> tuple[Proposal, ...]:
    """Return at most one proposal per line, ordered like the lines; nothing is used twice."""
    all_lines = sorted((line for line in lines if line.pence), key=lambda line: (line.number, line.id))
    all_receipts = sorted((r for r in receipts if r.pence), key=lambda r: (r.posted_on, r.number, r.id))
    pool = _Pool({x.id: x for x in all_lines}, {x.id: x for x in all_receipts}, rejected)
    _exact(pool)
    _slips(pool)
    _payouts(pool)
    _unique_amounts(pool, all_lines, all_receipts)
    order = {line.id: place for place, line in enumerate(all_lines)}
    return tuple(sorted(pool.found, key=lambda proposal: order[proposal.line_id]))


def _exact(pool: _Pool) -> None:
    """One line and one receipt with the same reference and the same pence; equal crowds pair by date."""
    book: dict[tuple[str, int], list[OpenReceipt]] = defaultdict(list)
    for receipt in pool.receipts.values():
        for key in receipt.keys:
            book[key, receipt.pence].append(receipt)
    bank: dict[tuple[str, int], list[OpenLine]] = defaultdict(list)
    for line in pool.lines.values():
        for key in line.keys:
            if (key, line.pence) in book:
                bank[key, line.pence].append(line)
    # the longest shared key says most, so it is tried first
    for key, pence in sorted(bank, key=lambda pair: (-len(pair[0]), pair)):
        lines = [line for line in bank[key, pence] if line.id in pool.lines]
        receipts = [receipt for receipt in book[key, pence] if receipt.id in pool.receipts]
        if not lines or len(lines) != len(receipts):
            continue
        lines.sort(key=lambda line: (line.booked_on, line.number, line.id))
        for line, receipt in zip(lines, receipts, strict=True):
            if _near(line, receipt, _DAYS_BEFORE, _DAYS_AFTER):
                pool.take(Proposal(EXACT, line.id, (receipt.id,), key, len(lines)))


def _slips(pool: _Pool) -> None:
    """Receipts under one reference that add up to the one line with it, in exactly one way."""
    lines_by_key = _by_key(pool.lines.values())
    for key, receipts in sorted(_by_key(pool.receipts.values()).items()):
        lines = [line for line in lines_by_key.get(key, ()) if line.id in pool.lines]
        receipts = [receipt for receipt in receipts if receipt.id in pool.receipts]
        if len(lines) != 1 or len(receipts) < 2:
            continue
        line = lines[0]
        near = [r for r in receipts if _near(line, r, _DAYS_BEFORE, _DAYS_AFTER)]
        chosen = _adding_up(near, line.pence)
        if chosen:
            pool.take(Proposal(SLIP, line.id, tuple(r.id for r in chosen), key))


def _adding_up(receipts: Sequence[OpenReceipt], pence: int) -> Sequence[OpenReceipt]:
    """Return all the receipts when they make the amount, else the only subset that does, else none."""
    if sum(r.pence for r in receipts) == pence and len(receipts) > 1:
        return receipts
    if not 2 < len(receipts) <= MOST_IN_A_SLIP:
        return ()
    sets = subsets_adding_up([r.pence for r in receipts], pence, most=2)
    if len(sets) != 1 or len(sets[0]) < 2:
        return ()
    return [receipts[place] for place in sets[0]]


def _payouts(pool: _Pool) -> None:
    """One card receipt and one line under the same reference, the bank's side short by plausible fees."""
    lines_by_key = _by_key(pool.lines.values())
    for key, receipts in sorted(_by_key(pool.receipts.values()).items()):
        lines = [line for line in lines_by_key.get(key, ()) if line.id in pool.lines]
        receipts = [receipt for receipt in receipts if receipt.id in pool.receipts]
        if len(lines) != 1 or len(receipts) != 1 or not receipts[0].is_card:
            continue
        line, receipt = lines[0], receipts[0]
        fee = receipt.pence - line.pence
        if 0 < fee <= receipt.pence * LARGEST_FEE // 100 and line.pence > 0:
            kept = (WriteOffPart(-fee, "fee", receipt.fund[:5]),)
            pool.take(Proposal(PAYOUT, line.id, (receipt.id,), key, score=90, write_offs=kept))


def _unique_amounts(pool: _Pool, all_lines: Sequence[OpenLine], all_receipts: Sequence[OpenReceipt]) -> None:
    """An amount that stands once among all open lines and once among all open receipts, near in time."""
    lines_of, receipts_of = _counts(all_lines), _counts(all_receipts)
    book_keys, bank_keys = _key_owners(all_receipts), _key_owners(all_lines)
    receipt_at = {receipt.pence: receipt for receipt in pool.receipts.values()}
    for line in list(pool.lines.values()):
        receipt = receipt_at.get(line.pence)
        if receipt is None or lines_of[line.pence] != 1 or receipts_of[line.pence] != 1:
            continue
        if not _near(line, receipt, _AMOUNT_BEFORE, _AMOUNT_AFTER):
            continue
        if _speaks_against(line, receipt, book_keys, bank_keys):
            continue
        pool.take(Proposal(AMOUNT, line.id, (receipt.id,)))


def _speaks_against(
    line: OpenLine, receipt: OpenReceipt, book_keys: dict[str, set[str]], bank_keys: dict[str, set[str]]
) -> bool:
    """Say whether references point elsewhere: to another receipt, another line, or two accounts."""
    said = keys_in(line.words)
    if any(book_keys.get(key, set()) - {receipt.id} for key in said):
        return True
    if any(bank_keys.get(key, set()) - {line.id} for key in receipt.keys):
        return True
    long_said = {key for key in said if len(key) >= 7}
    long_kept = {key for key in receipt.keys if len(key) >= 7}
    return bool(long_said and long_kept and not long_said & long_kept)


def count_sets(amounts: Sequence[int], target: int) -> int:
    """Return in how many ways some of the amounts add up to the target, exactly; signs may be mixed."""
    ways: dict[int, int] = {0: 1}
    for amount in amounts:
        grown = dict(ways)
        for total, count in ways.items():
            grown[total + amount] = grown.get(total + amount, 0) + count
        ways = grown
    return ways.get(target, 0) - (target == 0)


def subsets_adding_up(amounts: Sequence[int], target: int, most: int) -> list[tuple[int, ...]]:
    """Return up to `most` different sets of places whose amounts add up to the target (by two halves)."""
    half = len(amounts) // 2
    left, right = _sums(amounts[:half], 0), _sums(amounts[half:], half)
    found: list[tuple[int, ...]] = []
    for total, sets in left.items():
        for other in right.get(target - total, ()):
            for own in sets:
                if own or other:
                    found.append(own + other)
                if len(found) >= most:
                    return found
    return found


def _sums(amounts: Sequence[int], offset: int) -> dict[int, list[tuple[int, ...]]]:
    sums: list[tuple[int, tuple[int, ...]]] = [(0, ())]
    for place, amount in enumerate(amounts, offset):
        sums += [(total + amount, (*places, place)) for total, places in sums]
    by_total: dict[int, list[tuple[int, ...]]] = defaultdict(list)
    for total, places in sums:
        by_total[total].append(places)
    return by_total


_Item = TypeVar("_Item", OpenLine, OpenReceipt)


def _by_key(items: Iterable[_Item]) -> dict[str, list[_Item]]:
    grouped: dict[str, list[_Item]] = defaultdict(list)
    for item in items:
        for key in item.keys:
            grouped[key].append(item)
    return grouped


def _key_owners(items: Iterable[_Item]) -> dict[str, set[str]]:
    return {key: {item.id for item in owners} for key, owners in _by_key(items).items()}


def _counts(items: Iterable[OpenLine] | Iterable[OpenReceipt]) -> Counter[int]:
    return Counter(item.pence for item in items)


def _near(line: OpenLine, receipt: OpenReceipt, before: int, after: int) -> bool:
    return -before <= (line.booked_on - receipt.posted_on).days <= after
