"""The stage `sum`: several receipts of one method that make a bank line, with no key to say so.

The whole of one day and method is tried first, then any set among at most 25 open receipts of the method.
Chance sums are common, so every set that fits is counted, and only one that is alone, is a whole day's
and is spoken for by the bank's words ("COUNTER CREDIT" for cheques) is certain.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.income.matching.pool import Pool
from app.income.matching.shapes import SUM
from app.income.matching.spoken import methods_said
from app.income.matching.sums import MOST_COUNTED, count_sets, subsets_adding_up

MOST_SEARCHED = 400  # lines for which sets are searched; each costs milliseconds
MOST_IN_A_DAY = 5_000
_WHOLE_DAY, _ONLY_SET, _ONE_OF_MANY = 95, 75, 62
NEAR = 20  # calendar days that no window of working days goes beyond
_Group = tuple[str, int]  # method of payment, day
_Days = dict[int, list[tuple[str, list[int]]]]  # by day: method, places


def sums(pool: Pool) -> None:
    """Propose sets of open receipts that make a line; the lines whose words speak of a batch come first."""
    groups = _groups(pool)
    totals: dict[int, list[_Group]] = {}
    for group, places in groups.items():
        if 1 < len(places) <= MOST_IN_A_DAY:
            totals.setdefault(sum(pool.book[place] for place in places), []).append(group)
    for line in pool.free_lines:
        pence = pool.bank[line]
        fitting = [group for group in totals.get(pence, ()) if _fits(pool, line, groups[group])]
        if len(fitting) == 1:
            rivals = sum(pool.line_free[other] for other in pool.lines_of_amount[pence]) - 1
            _whole_day(pool, line, fitting[0], groups, rivals)
    rest = [line for line in pool.free_lines if not _long_reference(pool, line)]
    spoken = [line for line in rest if methods_said(pool.lines.words[line])]
    others = [line for line in rest if not methods_said(pool.lines.words[line])]
    wanted = spoken + (others if len(rest) <= MOST_SEARCHED else [])
    pool.exhausted += max(0, len(wanted) - MOST_SEARCHED)
    by_day: _Days = {}
    for (method, day), places in groups.items():
        by_day.setdefault(day, []).append((method, places))
    for line in wanted[:MOST_SEARCHED]:
        _search(pool, line, by_day)


def _groups(pool: Pool) -> dict[_Group, list[int]]:
    """Return free receipts by method and day."""
    groups: dict[_Group, list[int]] = {}
    for place in pool.free_receipts:
        groups.setdefault((pool.receipts.mops[place], pool.receipt_day[place]), []).append(place)
    return groups


def _fits(pool: Pool, line: int, places: Sequence[int]) -> bool:
    return all(pool.receipt_free[p] for p in places) and pool.in_window(line, places[0])


def _whole_day(pool: Pool, line: int, group: _Group, groups: dict[_Group, list[int]], rivals: int) -> None:
    """Propose a whole day of a method; other sets are counted among the open receipts around it."""
    places = groups[group]
    said = methods_said(pool.lines.words[line])
    if said and group[0] not in said:
        return
    among = block(pool, line, places)
    counted = len(among) <= MOST_COUNTED
    others = count_sets([pool.book[p] for p in among], pool.bank[line]) - 1 if counted else 0
    sure = bool(said) and counted and not _long_reference(pool, line)
    pool.take(SUM, line, places, score=_WHOLE_DAY, alternatives=others + rivals, certain=sure)


def block(pool: Pool, line: int, chosen: Sequence[int]) -> Sequence[int]:
    """Return the receipts among which sets are counted, whether proposed for or not: all that are near;
    past 25 those of the chosen ones' method, past 25 again those of their day."""
    near = pool.window(line)
    if len(near) <= MOST_COUNTED:
        return near
    method, day = pool.receipts.mops[chosen[0]], pool.receipt_day[chosen[0]]
    same = [place for place in near if pool.receipts.mops[place] == method]
    if len(same) <= MOST_COUNTED:
        return same
    of_day = [place for place in same if pool.receipt_day[place] == day]
    return of_day if len(of_day) <= MOST_COUNTED else chosen


def _long_reference(pool: Pool, line: int) -> bool:
    """Whether the bank's words name an account, so that the line is one payment."""
    return any(len(key) >= 9 for key in pool.line_keys[line])


def _near_groups(pool: Pool, line: int, by_day: _Days) -> dict[str, list[int]]:
    """Return the free receipts near a line, by method."""
    day, found = pool.line_day[line], dict[str, list[int]]()
    for posted in range(day - NEAR, day + NEAR):
        for method, places in by_day.get(posted, ()):
            if pool.in_window(line, places[0]):
                found.setdefault(method, []).extend(p for p in places if pool.receipt_free[p])
    return dict(sorted(found.items()))


def _search(pool: Pool, line: int, by_day: _Days) -> None:
    """Propose the smallest set that makes the line, with the count of all sets that do."""
    pence = pool.bank[line]
    said = methods_said(pool.lines.words[line])
    by_method = _near_groups(pool, line, by_day)
    near = sorted(place for places in by_method.values() for place in places)
    piles = [near] if len(near) <= MOST_COUNTED else []
    piles += [places for method, places in by_method.items() if not said or method in said]
    for places in piles:
        if not 2 <= len(places) <= MOST_COUNTED:
            continue
        amounts = [pool.book[place] for place in places]
        if not count_sets(amounts, pence):
            continue
        sets = [one for one in subsets_adding_up(amounts, pence, most=200) if len(one) > 1]
        if not sets:
            continue
        chosen = [places[place] for place in min(sets, key=lambda one: (len(one), one))]
        others = _others(pool, line, chosen)
        if others and not said and len(near) > MOST_COUNTED:
            return  # in a large book some sum fits anything
        pool.take(SUM, line, chosen, score=_ONE_OF_MANY if others else _ONLY_SET, alternatives=others)
        return


def _others(pool: Pool, line: int, chosen: Sequence[int]) -> int:
    return count_sets([pool.book[p] for p in block(pool, line, chosen)], pool.bank[line]) - 1
