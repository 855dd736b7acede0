"""The stages `amount` and `rule`: an amount that stands once on each side, and what rules say a line is."""

from __future__ import annotations

from collections import Counter
from itertools import chain

from app.income.matching.pool import Pool
from app.income.matching.shapes import AMOUNT, RULE, Rules
from app.income.references import names_in, reference_key

DAYS_BEFORE, DAYS_AFTER = 2, 10  # calendar days: an amount alone has to be near
_LONG = 7  # digits of an account reference
_ALONE, _SPOKEN, _NAMED = 70, 85, 95
_SAMPLE = 10_000
_RARE = 200  # a word is telling when fewer than one open receipt in so many holds it
_RULED, _PLACED = 85, 95


def unique_amounts(pool: Pool) -> None:
    """Propose an amount that stands once among all lines and once among all receipts, near in time.

    It is certain only when two telling words agree as well: equal amounts alone are often chance.
    """
    lines_of, receipts_of = pool.line_amounts, pool.receipt_amounts
    at = {pool.book[place]: place for place in pool.free_receipts if receipts_of[pool.book[place]] == 1}
    fitting = [
        (line, place)
        for line in pool.free_lines
        if (place := at.get(pool.bank[line], -1)) >= 0
        and lines_of[pool.bank[line]] == 1
        and -DAYS_BEFORE <= pool.lag(line, place) <= DAYS_AFTER
    ]
    for line, place in fitting:
        if speaks_against(pool, line, place):
            continue
        telling = telling_words(pool, line, place)
        score = _NAMED if telling > 1 else _SPOKEN if telling else _ALONE
        certain = telling > 1 and pool.in_window(line, place)
        pool.take(AMOUNT, line, (place,), score=score, certain=certain)


def speaks_against(pool: Pool, line: int, place: int) -> bool:
    """Say whether references point elsewhere: to another receipt, another line, or two accounts."""
    said, kept = pool.line_keys[line], pool.receipt_keys[place]
    if any(other != place for key in said for other in pool.by_key.get(key, ())):
        return True
    if any(pool.times_said(key) > (key in said) for key in kept):
        return True
    long_said = {key for key in said if len(key) >= _LONG}
    long_kept = {key for key in kept if len(key) >= _LONG}
    return bool(long_said and long_kept and not long_said & long_kept)


def telling_words(pool: Pool, line: int, place: int) -> int:
    """Return how many words a line and a receipt both hold that few other receipts hold."""
    shared = names_in(pool.lines.words[line]) & names_in(pool.receipts.narratives[place])
    if not shared:
        return 0
    counted, of = _word_count(pool)
    often = max(2, of // _RARE)
    return sum(counted[word] <= often for word in shared)


def _word_count(pool: Pool) -> tuple[Counter[str], int]:
    """In how many receipts each word is, and of how many; counted once, over a sample of a large book."""
    if pool.words is None:
        some = pool.receipts.narratives[:: len(pool.receipts) // _SAMPLE + 1]
        words = Counter(chain.from_iterable(map(names_in, some)))
        pool.words = (words, len(some))
    return pool.words


def ruled(pool: Pool, rules: Rules | None) -> dict[int, tuple[str, ...]]:
    """Propose the one receipt that has what the rules say of a line; return the rules that found none."""
    said: dict[int, tuple[str, ...]] = {}
    if rules is None:
        return said
    by_amount: dict[int, list[int]] = {}
    for place in pool.free_receipts:
        by_amount.setdefault(pool.book[place], []).append(place)
    for line in pool.free_lines:
        open_line = pool.lines[line]
        row = {"BankWords": open_line.words, "Amount": open_line.pence, "Narrative": open_line.words}
        after, names = rules.run(row)
        fund, account = (
            str(after.get("FundCode") or ""),
            reference_key(str(after.get("AccountReference") or "")),
        )
        if not names or not (fund or account):
            continue
        fitting = [
            place
            for place in by_amount.get(open_line.pence, ())
            if pool.receipt_free[place]
            and pool.in_window(line, place)
            and (not fund or pool.receipts[place].fund == fund)
            and (not account or account in pool.receipt_keys[place])
        ]
        if not fitting:
            said[line] = names
            continue
        chosen = min(fitting, key=lambda place: (abs(pool.lag(line, place)), place))
        others = len(fitting) - 1
        rivals = sum(
            other != line and pool.line_free[other] and pool.in_window(other, chosen)
            for other in pool.lines_of_amount.get(open_line.pence, ())
        )
        sure = bool(account) and not pool.names_another(line, (chosen,))
        pool.take(
            RULE,
            line,
            (chosen,),
            score=_PLACED if account else _RULED,
            alternatives=others + rivals,
            certain=sure,
            rules=names,
        )
    return said
