"""The pool of lines and receipts that no earlier stage has used, with the indexes the stages share.

Lines and receipts are known by their places in two sorted lists, so that stages compare integers.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from functools import cached_property
from itertools import chain
from operator import attrgetter

from app.income.days import working_day_number
from app.income.matching.shapes import CERTAIN, OpenLine, OpenReceipt, Proposal, Settings, WriteOffPart
from app.income.references import is_date_like

DAYS_BEFORE, DAYS_AFTER = 4, 31  # a reference may be late, but not a month; calendar days
MANY = 64  # receipts under one key, beyond which they are looked up by amount
STRONG = 6  # characters of a key that chance does not repeat
DEFAULT_LAGS = (-7, 14)  # days within which an equal pair is a rival, until the file says better
LAGS_NEEDED = 50  # pairs with one reference that show how late this bank or this book is


class Pool:
    """Open lines and receipts in a fixed order, which of them are free, and what was proposed so far."""

    def __init__(
        self,
        lines: Iterable[OpenLine],
        receipts: Iterable[OpenReceipt],
        rejected: Collection[str],
        settings: Settings,
    ) -> None:
        self.lines = sorted([x for x in lines if x.pence], key=attrgetter("number", "id"))
        self.receipts = sorted([x for x in receipts if x.pence], key=attrgetter("posted_on", "number", "id"))
        self.rejected = rejected
        self.settings = settings
        self.line_free = bytearray(b"\1") * len(self.lines)
        self.receipt_free = bytearray(b"\1") * len(self.receipts)
        self.found: list[Proposal] = []
        self.lags = DEFAULT_LAGS
        self.words: Counter[str] | None = None  # in how many receipts each word is, once it is asked
        self.exhausted = 0  # searches that were not made, because there were too many

    def index(self) -> None:
        """Work out the keys and days of everything; the first stage."""
        self.line_keys = [line.key_list for line in self.lines]
        self.receipt_keys = [receipt.key_list for receipt in self.receipts]
        numbers: dict[date, tuple[int, int]] = {}
        days = chain((x.booked_on for x in self.lines), (x.posted_on for x in self.receipts))
        for day in set(days):
            numbers[day] = (day.toordinal(), working_day_number(day))
        bank = [numbers[line.booked_on] for line in self.lines]
        book = [numbers[receipt.posted_on] for receipt in self.receipts]
        self.line_day, self.line_work = [d for d, _ in bank], [w for _, w in bank]
        self.receipt_day, self.receipt_work = [d for d, _ in book], [w for _, w in book]
        by_key: dict[str, list[int]] = {}
        for place, keys in enumerate(self.receipt_keys):
            for key in keys:
                by_key.setdefault(key, []).append(place)
        self.by_key = by_key  # every receipt, whether free or not

    @cached_property
    def line_key_count(self) -> Counter[str]:
        """On how many lines each key is."""
        return Counter(chain.from_iterable(self.line_keys))

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
        return [place for place, free in enumerate(self.line_free) if free]

    @property
    def free_receipts(self) -> list[int]:
        """Places of the receipts that nothing is proposed for."""
        return [place for place, free in enumerate(self.receipt_free) if free]

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
        """Whether the bank is as late as the settings or most pairs of this file say."""
        return self.in_window(line, receipt) or self.lags[0] <= self.lag(line, receipt) <= self.lags[1]

    def rivals(self, line: int, receipt: int) -> bool:
        """Whether an equal line or receipt at this distance could be meant instead."""
        return self.lags[0] - 1 <= self.lag(line, receipt) <= self.lags[1] + 1

    def between(self, line: int, lowest: int, highest: int) -> range:
        """Places of the receipts, free or not, that the line is `lowest` to `highest` days later than."""
        day = self.line_day[line]
        first = bisect_left(self.receipt_day, day - highest)
        return range(first, bisect_right(self.receipt_day, day - lowest))

    def strong(self, key: str, line: int, receipts: Sequence[int]) -> bool:
        """Whether a key says by itself that line and receipts belong together."""
        own = all(key in self.receipts[place].own_keys for place in receipts)
        if len(key) >= STRONG and (own or not is_date_like(key)):
            return True
        pence = self.lines[line].pence
        return self.line_amounts[pence] == 1 and self.receipt_amounts[pence] <= 1 and len(key) >= 4

    def names_another(self, line: int, receipts: Sequence[int]) -> bool:
        """Whether the bank's words name a receipt that is not among these, or these name another line."""
        keys = self.line_keys[line]
        if len(keys) > 1:
            held = set(chain.from_iterable(self.receipt_keys[place] for place in receipts))
            if any(key not in held and key in self.by_key for key in keys):
                return True
        if any(len(self.receipt_keys[place]) > 1 for place in receipts):
            others = set(chain.from_iterable(self.receipt_keys[place] for place in receipts)) - set(keys)
            return any(len(key) >= STRONG and self.line_key_count[key] for key in others)
        return False

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
        self.found.append(proposal)
        self.line_free[line] = 0
        for place in receipts:
            self.receipt_free[place] = 0
        return True
