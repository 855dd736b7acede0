"""The pool of lines and receipts that no earlier stage has used, with the indexes the stages share.

Lines and receipts are known by their places in two sorted lists, so that stages compare integers.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from functools import cached_property
from itertools import chain, compress, islice
from operator import le, lt
from typing import TypeVar

from app.income.days import working_day_number
from app.income.matching.columns import Lines, Receipts
from app.income.matching.neighbours import Neighbours
from app.income.matching.shapes import CERTAIN, OpenLine, OpenReceipt, Proposal, Settings, WriteOffPart
from app.income.references import is_date_like, joined_keys, keys_of_all, reference_keys

DAYS_BEFORE, DAYS_AFTER = 4, 31  # a reference may be late, but not a month; calendar days
STRONG = 6  # characters of a key that chance does not repeat
DEFAULT_LAGS = (-7, 14)  # days within which an equal pair is a rival, until the file says better
LONGEST_SPREAD = 21  # days between the earliest and the latest; more says nothing
LAGS_NEEDED = 50  # pairs with one reference that show how late this bank or this book is


named = tuple.__new__  # a named tuple from its fields in order, in half the time
NOTHING_MORE = Proposal("", "", ())[8:]  # the fields after `auto` of a proposal that needs none
_Items = TypeVar("_Items", Lines, Receipts)


def _in_order(items: _Items, numbered_alone: bool) -> _Items:
    """Return lines by their number, or receipts by day and number, then by id, however they arrived."""
    if not all(items.pence):
        items = items.at([place for place, pence in enumerate(items.pence) if pence])
    days: Sequence[date] = items.days
    numbers: Sequence[int] = items.numbers
    rising = all(map(lt, numbers, islice(numbers, 1, None)))
    if rising and (numbered_alone or all(map(le, days, islice(days, 1, None)))):
        return items  # as files and stores give them
    ranks = [*zip(numbers, items.ids)] if numbered_alone else [*zip(days, numbers, items.ids)]
    return items.at(sorted(range(len(items)), key=ranks.__getitem__))


def _keys_of_lines(lines: Lines) -> list[tuple[str, ...]]:
    """Return what `key_list` gives for each line."""
    said = keys_of_all(lines.words)
    if not any(map(any, lines.references)):
        return said
    return [
        joined_keys(given, found) if given else found
        for given, found in zip(lines.references, said, strict=True)
    ]


def _keys_of_receipts(receipts: Receipts) -> list[tuple[str, ...]]:
    """Return what `key_list` gives for each receipt, in half the time."""
    keys = reference_keys(receipts.references)
    found = keys_of_all(receipts.narratives)
    for place in compress(range(len(keys)), found):
        if keys[place] != found[place]:
            keys[place] = tuple(dict.fromkeys(keys[place] + found[place]))
    if any(map(any, receipts.further)):
        for place, further in enumerate(zip(*receipts.further, strict=True)):
            if any(further):
                keys[place] = receipts[place].join_keys(found[place])
    return keys


def _places_by_key(all_keys: Sequence[tuple[str, ...]]) -> dict[str, list[int]]:
    """Return the places at which each key is."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for place, keys in enumerate(all_keys):
        for key in keys:
            found[key].append(place)
    found.default_factory = None
    return found


class Pool:
    """Open lines and receipts in a fixed order, which of them are free, and what was proposed so far."""

    def __init__(
        self,
        lines: Iterable[OpenLine],
        receipts: Iterable[OpenReceipt],
        rejected: Collection[str],
        settings: Settings,
    ) -> None:
        self.lines = _in_order(Lines.of(lines), numbered_alone=True)
        self.receipts = _in_order(Receipts.of(receipts), numbered_alone=False)
        self.bank, self.book = self.lines.pence, self.receipts.pence
        self.rejected = rejected
        self.settings = settings
        self.line_free = bytearray(b"\1") * len(self.lines)
        self.receipt_free = bytearray(b"\1") * len(self.receipts)
        self.by_line: list[Proposal | None] = [None] * len(self.lines)
        self.made, self.made_auto = 0, 0
        self.mistyped: dict[int, list[tuple[str, tuple[str, ...]]]] = {}  # see app.income.matching.typos
        self.claimed: set[int] = set()  # receipts that a line with a mistyped reference may have paid
        self.doubtful: set[int] = set()  # lines whose key may be chance, or has receipts that add up to them
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
        self.line_keys, self.receipt_keys = _keys_of_lines(self.lines), _keys_of_receipts(self.receipts)
        self.lines.keep_keys(self.line_keys)
        self.receipts.keep_keys(self.receipt_keys)
        bank, book = self.lines.days, self.receipts.days
        days = {day: day.toordinal() for day in {*bank, *book}}
        self.line_day = [*map(days.__getitem__, bank)]
        self.receipt_day = [*map(days.__getitem__, book)]
        self.work = {number: working_day_number(day) for day, number in days.items()}
        self.by_key = _places_by_key(self.receipt_keys)  # every receipt, whether free or not

    @cached_property
    def lines_by_key(self) -> dict[str, list[int]]:
        """Places of the lines with each key, whether free or not; keys and lines in order of the lines."""
        return _places_by_key(self.line_keys)

    def times_said(self, key: str) -> int:
        """Return on how many lines a key is."""
        return len(self.lines_by_key.get(key, ()))

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
        return [
            (lines[0], key)
            for key, lines in self.lines_by_key.items()
            if len(lines) == 1 and len(self.by_key.get(key, ())) > 1
        ]

    @cached_property
    def line_amounts(self) -> Counter[int]:
        """How many lines have each amount."""
        return Counter(self.bank)

    @cached_property
    def receipt_amounts(self) -> Counter[int]:
        """How many receipts have each amount."""
        return Counter(self.book)

    @cached_property
    def fee_places(self) -> list[int]:
        """Places of the receipts that are fees a payment provider kept back."""
        return [place for place, pence in enumerate(self.book) if pence < 0 and self.receipts[place].is_fee]

    @cached_property
    def lines_of_amount(self) -> dict[int, list[int]]:
        """Places of the lines by their amount."""
        found: dict[int, list[int]] = {}
        for place, pence in enumerate(self.bank):
            found.setdefault(pence, []).append(place)
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

    def work_lag(self, line: int, receipt: int) -> int:
        """Working days that the bank is later than the book."""
        return self.work[self.line_day[line]] - self.work[self.receipt_day[receipt]]

    def near(self, line: int, receipt: int) -> bool:
        """Whether they are near enough for a reference to join them."""
        return -DAYS_BEFORE <= self.line_day[line] - self.receipt_day[receipt] <= DAYS_AFTER

    def in_window(self, line: int, receipt: int) -> bool:
        """Whether they are near enough for an amount to join them, in working days."""
        return -self.settings.days_before <= self.work_lag(line, receipt) <= self.settings.days_after

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
        days, counted, work = self.receipt_day, self.work.__getitem__, self.work[self.line_day[line]]
        first = bisect_left(days, work - self.settings.days_after, key=counted)
        return range(first, bisect_right(days, work + self.settings.days_before, key=counted))

    def strong(self, key: str, line: int, receipts: Sequence[int]) -> bool:
        """Whether a key says by itself that line and receipts belong together."""
        if len(key) >= STRONG:
            if not is_date_like(key) or all(key in self.receipts[place].own_keys for place in receipts):
                return True
        pence = self.bank[line]
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
            len(key) >= STRONG and key in self.lines_by_key and not any(key in one for one in keys)
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
        settings = self.settings
        auto = (
            certain
            and score >= settings.accept
            and not alternatives
            and abs(self.bank[line]) <= settings.accepts_alone_to
        )
        ids = tuple([self.receipts.ids[place] for place in receipts])
        proposal = Proposal(
            stage,
            self.lines.ids[line],
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
