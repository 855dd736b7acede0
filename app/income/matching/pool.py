"""The pool of lines and receipts that no earlier stage has used, with the indexes the stages share.

Lines and receipts are known by their places in two sorted lists, so that stages compare integers.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from itertools import chain, compress
from operator import attrgetter, le, lt
from typing import TypeVar

from app.income.days import working_day_number
from app.income.matching.neighbours import Neighbours
from app.income.matching.shapes import CERTAIN, OpenLine, OpenReceipt, Proposal, Settings, WriteOffPart
from app.income.references import is_date_like, keys_of_all, reference_key

DAYS_BEFORE, DAYS_AFTER = 4, 31  # a reference may be late, but not a month; calendar days
MANY = 64  # receipts under one key, beyond which they are looked up by amount
STRONG = 6  # characters of a key that chance does not repeat
DEFAULT_LAGS = (-7, 14)  # days within which an equal pair is a rival, until the file says better
LONGEST_SPREAD = 21  # days between the earliest and the latest; more says nothing
LAGS_NEEDED = 50  # pairs with one reference that show how late this bank or this book is


named = tuple.__new__  # a named tuple from its fields in order, in half the time
NOTHING_MORE = Proposal("", "", ())[8:]  # the fields after `auto` of a proposal that needs none
_Item = TypeVar("_Item", OpenLine, OpenReceipt)


def _in_order(items: list[_Item], first: list[str]) -> list[_Item]:
    """Return lines or receipts by these attributes, then their number and id, however they arrived."""
    wanted = attrgetter(*first, "number")
    ranks = [wanted(item) for item in items]
    if all(map(lt, ranks, ranks[1:])):
        return items  # as files and stores give them
    return sorted(items, key=attrgetter(*first, "number", "id"))


def _keys_of_receipts(receipts: Sequence[OpenReceipt]) -> list[tuple[str, ...]]:
    """Return what `key_list` gives for each receipt, in half the time; equal references share a tuple."""
    shared: dict[str, tuple[str, ...]] = {"": ()}
    keys: list[tuple[str, ...]] = []
    kept = keys_of_all([receipt.narrative for receipt in receipts])
    for receipt, found in zip(receipts, kept, strict=True):
        if receipt.psp_reference or receipt.internal_reference:
            keys.append(receipt.join_keys(found))
            continue
        own = shared.get(reference := receipt.reference)
        if own is None:
            key = reference_key(reference)
            own = shared[reference] = (key,) if key else ()
        if found and found != own:
            own = tuple(dict.fromkeys(own + found)) if own else found
        receipt.found_keys = own
        keys.append(own)
    return keys


class Pool:
    """Open lines and receipts in a fixed order, which of them are free, and what was proposed so far."""

    def __init__(
        self,
        lines: Iterable[OpenLine],
        receipts: Iterable[OpenReceipt],
        rejected: Collection[str],
        settings: Settings,
    ) -> None:
        self.lines = _in_order([x for x in lines if x.pence], [])
        self.receipts = _in_order([x for x in receipts if x.pence], ["posted_on"])
        self.rejected = rejected
        self.settings = settings
        self.line_free = bytearray(b"\1") * len(self.lines)
        self.receipt_free = bytearray(b"\1") * len(self.receipts)
        self.by_line: list[Proposal | None] = [None] * len(self.lines)
        self.made, self.made_auto = 0, 0
        self.mistyped: dict[int, list[tuple[str, tuple[str, ...]]]] = {}  # see app.income.matching.typos
        self.claimed: set[int] = set()  # receipts that a line with a mistyped reference may have paid
        self.uniform: set[str] = set()  # keys of which it is known that all their receipts have one amount
        self.lags = DEFAULT_LAGS
        self.slack = (
            1  # days by which a rival may be further off; none where every pair has one and the same lag
        )
        self.learned = False  # whether the lags are those of this file
        self.words: tuple[Counter[str], int] | None = (
            None  # in how many receipts each word is, and of how many
        )
        self.exhausted = 0  # searches that were not made, because there were too many

    def index(self) -> None:
        """Work out the keys and days of everything; the first stage."""
        said = keys_of_all([line.words for line in self.lines])
        self.line_keys = [
            line.join_keys(found) if line.references else found
            for line, found in zip(self.lines, said, strict=True)
        ]
        self.receipt_keys = _keys_of_receipts(self.receipts)
        self.book = [receipt.pence for receipt in self.receipts]
        bank, book = [line.booked_on for line in self.lines], [one.posted_on for one in self.receipts]
        days = {day: day.toordinal() for day in {*bank, *book}}
        work = {day: working_day_number(day) for day in days}
        ordinal, counted = days.__getitem__, work.__getitem__
        self.line_day, self.line_work = [*map(ordinal, bank)], [*map(counted, bank)]
        self.receipt_day, self.receipt_work = [*map(ordinal, book)], [*map(counted, book)]
        by_key: dict[str, list[int]] = {}
        for place, keys in enumerate(self.receipt_keys):
            for key in keys:
                if key in by_key:
                    by_key[key].append(place)
                else:
                    by_key[key] = [place]
        self.by_key = by_key  # every receipt, whether free or not

    @cached_property
    def line_key_count(self) -> Counter[str]:
        """On how many lines each key is."""
        return Counter(chain.from_iterable(self.line_keys))

    @cached_property
    def in_date_order(self) -> bool:
        """Whether the lines are in order of their days, as in most files."""
        return all(map(le, self.line_day, self.line_day[1:]))

    @cached_property
    def lines_with_several(self) -> set[int]:
        """Places of the lines that have several keys."""
        return {place for place, keys in enumerate(self.line_keys) if len(keys) > 1}

    @cached_property
    def receipts_with_several(self) -> set[int]:
        """Places of the receipts that have several keys."""
        return {place for place, keys in enumerate(self.receipt_keys) if len(keys) > 1}

    @cached_property
    def neighbours(self) -> Neighbours:
        """The book's references, asked for those one slip from another."""
        return Neighbours(self.by_key)

    @cached_property
    def lone_lines(self) -> list[tuple[int, str]]:
        """Each line and key of it that no other line has and several receipts have, in order of the lines."""
        count = self.line_key_count
        shared = {key for key, places in self.by_key.items() if len(places) > 1 and count[key] == 1}
        return [
            (line, key)
            for line, keys in enumerate(self.line_keys)
            if not shared.isdisjoint(keys)
            for key in keys
            if key in shared
        ]

    @cached_property
    def line_amounts(self) -> Counter[int]:
        """How many lines have each amount."""
        return Counter([line.pence for line in self.lines])

    @cached_property
    def receipt_amounts(self) -> Counter[int]:
        """How many receipts have each amount."""
        return Counter([receipt.pence for receipt in self.receipts])

    @cached_property
    def fee_places(self) -> list[int]:
        """Places of the receipts that are fees a payment provider kept back."""
        return [place for place, receipt in enumerate(self.receipts) if receipt.pence < 0 and receipt.is_fee]

    @cached_property
    def lines_of_amount(self) -> dict[int, list[int]]:
        """Places of the lines by their amount."""
        found: dict[int, list[int]] = {}
        for place, line in enumerate(self.lines):
            found.setdefault(line.pence, []).append(place)
        return found

    @property
    def free_lines(self) -> list[int]:
        """Places of the lines that nothing is proposed for."""
        return [*compress(range(len(self.line_free)), self.line_free)]

    @property
    def free_receipts(self) -> list[int]:
        """Places of the receipts that nothing is proposed for."""
        return [*compress(range(len(self.receipt_free)), self.receipt_free)]

    def free_under(self, key: str) -> list[int]:
        """Places of the free receipts with a key, in order of date."""
        return [place for place in self.by_key.get(key, ()) if self.receipt_free[place]]

    def lag(self, line: int, receipt: int) -> int:
        """Calendar days that the bank is later than the book."""
        return self.line_day[line] - self.receipt_day[receipt]

    def near(self, line: int, receipt: int) -> bool:
        """Whether they are near enough for a reference to join them."""
        return -DAYS_BEFORE <= self.line_day[line] - self.receipt_day[receipt] <= DAYS_AFTER

    def in_window(self, line: int, receipt: int) -> bool:
        """Whether they are near enough for an amount to join them, in working days."""
        lag = self.line_work[line] - self.receipt_work[receipt]
        return -self.settings.days_before <= lag <= self.settings.days_after

    def usual(self, line: int, receipt: int) -> bool:
        """Whether the bank is as late as most pairs of this file are, or as the settings say."""
        if self.learned:
            return self.lags[0] <= self.line_day[line] - self.receipt_day[receipt] <= self.lags[1]
        return self.in_window(line, receipt)

    def rivals(self, line: int, receipt: int) -> bool:
        """Whether an equal line or receipt at this distance could be meant instead."""
        lag = self.line_day[line] - self.receipt_day[receipt]
        return self.lags[0] - self.slack <= lag <= self.lags[1] + self.slack

    def window(self, line: int) -> range:
        """Places of the receipts, free or not, that are near enough for an amount to join them."""
        work = self.line_work[line]
        first = bisect_left(self.receipt_work, work - self.settings.days_after)
        return range(first, bisect_right(self.receipt_work, work + self.settings.days_before))

    def strong(self, key: str, line: int, receipts: Sequence[int]) -> bool:
        """Whether a key says by itself that line and receipts belong together."""
        if len(key) >= STRONG:
            if not is_date_like(key) or all(key in self.receipts[place].own_keys for place in receipts):
                return True
        pence = self.lines[line].pence
        return self.line_amounts[pence] == 1 and self.receipt_amounts[pence] <= 1 and len(key) >= 4

    def names_another(self, line: int, receipts: Sequence[int]) -> bool:
        """Whether the bank's words name a receipt that is not among these."""
        keys = self.line_keys[line]
        if len(keys) < 2:
            return False
        held = set(chain.from_iterable(self.receipt_keys[place] for place in receipts))
        shared = [key for key in keys if key in held]
        return any(
            key not in held and key in self.by_key and not any(key in one for one in shared) for key in keys
        )

    def named_by_another(self, line: int, receipt: int) -> bool:
        """Whether another line has a key of this receipt, which its line has not."""
        held = self.receipt_keys[receipt]
        if len(held) < 2:
            return False
        keys = self.line_keys[line]
        return any(
            len(key) >= STRONG and self.line_key_count[key] and not any(key in one for one in keys)
            for key in held
        )

    def take(
        self,
        stage: str,
        line: int,
        receipts: Sequence[int],
        key: str = "",
        *,
        score: int = CERTAIN,
        alternatives: int = 0,
        alike: int = 1,
        certain: bool = False,
        write_offs: tuple[WriteOffPart, ...] = (),
        meant: str = "",
        payout_id: str = "",
        rules: tuple[str, ...] = (),
    ) -> bool:
        """Keep a proposal unless an officer rejected it before; say whether it was kept.

        `certain` is what the stage thinks of it; score, alternatives and the limit have to agree.
        """
        open_line = self.lines[line]
        settings = self.settings
        auto = (
            certain
            and score >= settings.accept
            and not alternatives
            and abs(open_line.pence) <= settings.accepts_alone_to
        )
        ids = tuple([self.receipts[place].id for place in receipts])
        proposal = Proposal(
            stage,
            open_line.id,
            ids,
            key,
            alike,
            score,
            alternatives,
            auto,
            write_offs,
            meant,
            payout_id,
            rules,
        )
        if self.rejected and proposal.name in self.rejected:
            return False
        self.by_line[line] = proposal
        self.made += 1
        self.made_auto += auto
        self.line_free[line] = 0
        for place in receipts:
            self.receipt_free[place] = 0
        return True
