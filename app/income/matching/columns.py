"""Open lines and receipts as columns, so that a stage can compare a month of them without making any.

Of 100,000 lines most are matched by key and pence alone. What asks for one as a whole, by its place, gets
an OpenLine or OpenReceipt, which is made then and kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import date
from operator import attrgetter, itemgetter
from typing import Any, Generic, Self, TypeVar, overload

from app.income.matching.shapes import OpenLine, OpenReceipt

_Item = TypeVar("_Item", OpenLine, OpenReceipt)
_Keys = tuple[str, ...]


class _Table(Sequence[_Item], Generic[_Item]):
    """Columns in the order of the fields of what they hold."""

    kind: type[_Item]

    def __init__(self, columns: Sequence[Sequence[Any]], made: dict[int, _Item] | None = None) -> None:
        self.columns = tuple(columns)
        self._made: dict[int, _Item] = {} if made is None else made
        self._keys: Sequence[_Keys] = ()

    @classmethod
    def of(cls, items: Iterable[_Item]) -> Self:
        """Return items as columns; those that are columns already stay what they are."""
        if isinstance(items, cls):
            return items
        given = list(items)
        names = [field.name for field in fields(cls.kind) if field.init]
        columns: list[Sequence[Any]] = list(zip(*map(attrgetter(*names), given)))
        return cls(columns or [()] * len(names), dict(enumerate(given)))

    def at(self, places: Sequence[int]) -> Self:
        """Return the items at these places, in their order."""
        made = {now: self._made[place] for now, place in enumerate(places) if place in self._made}
        return type(self)([[column[place] for place in places] for column in self.columns], made)

    def keep_keys(self, keys: Sequence[_Keys]) -> None:
        """Remember the reference keys of each item, so that nobody works them out again."""
        self._keys = keys
        for place, item in self._made.items():
            item.found_keys = keys[place]

    @overload
    def __getitem__(self, place: int) -> _Item: ...

    @overload
    def __getitem__(self, place: slice) -> list[_Item]: ...

    def __getitem__(self, place: int | slice) -> _Item | list[_Item]:
        """Return the item at a place, or those at several."""
        places = range(len(self))[place]
        if isinstance(places, range):
            return [self[one] for one in places]
        item: _Item | None = self._made.get(places)
        if item is None:
            made: Any = self.kind  # whose fields the columns are
            item = made(*map(itemgetter(places), self.columns))
            item.found_keys = self._keys[places] if self._keys else None
            self._made[places] = item
        return item

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.columns[0])

    def __iter__(self) -> Iterator[_Item]:
        """Walk over all, in their order."""
        return map(self.__getitem__, range(len(self)))


class Lines(_Table[OpenLine]):
    """Open bank lines as columns."""

    kind = OpenLine
    ids: Sequence[str]
    numbers: Sequence[int]
    days: Sequence[date]
    pence: Sequence[int]
    words: Sequence[str]
    references: Sequence[tuple[str, ...]]
    parts: Sequence[tuple[tuple[int, str, str], ...]]

    def __init__(self, columns: Sequence[Sequence[Any]], made: dict[int, OpenLine] | None = None) -> None:
        super().__init__(columns, made)
        self.ids, self.numbers, self.days, self.pence, self.words, self.references, self.parts = columns


class Receipts(_Table[OpenReceipt]):
    """Open receipts as columns; `further` are the references of the provider and of the payment."""

    kind = OpenReceipt
    ids: Sequence[str]
    days: Sequence[date]
    pence: Sequence[int]
    references: Sequence[str]
    narratives: Sequence[str]
    mops: Sequence[str]
    numbers: Sequence[int]
    further: Sequence[Sequence[str]]

    def __init__(self, columns: Sequence[Sequence[Any]], made: dict[int, OpenReceipt] | None = None) -> None:
        super().__init__(columns, made)
        self.ids, self.days, self.pence, self.references, self.narratives = columns[:5]
        self.mops, self.numbers, self.further = columns[6], columns[7], columns[8:]
