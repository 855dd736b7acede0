"""The stages in which one bank line is many receipts under one key: `slip` and `payout`.

A paying-in slip, a bag, an allpay file or a remittance adds up as it is. A card payout comes net of fees:
the fees are receipts of their own (negative), or stand in the provider's report, or are in neither, and
then the payout is proposed with its shortfall written off as a fee, which nobody but a person accepts.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress

from app.income.matching.pool import Pool
from app.income.matching.shapes import PARTS, PAYOUT, SLIP, OpenReceipt, Payout, WriteOffPart
from app.income.matching.spoken import speaks_of_payout
from app.income.matching.sums import MOST_COUNTED, MOST_IN_A_SLIP, count_sets, subsets_adding_up
from app.income.references import reference_key

LARGEST_FEE = 4  # per cent of a payout that card fees can plausibly take
_SETTLED = 100  # the score of what a provider's report explains to the penny
_WHOLE = 95  # of all that one day or one payout holds
_PART = 85  # of some of the receipts under a key
_INFERRED = 80  # of a payout whose fees are nowhere


def payouts(pool: Pool, reports: Sequence[Payout]) -> None:
    """Join bank lines with the payouts of providers' reports, and those with the book: three ways."""
    if not reports:
        return
    by_reference = _card_index(pool) if any(report.parts for report in reports) else {}
    for payout in sorted(reports, key=lambda one: (str(one.paid_on), one.payout_id, one.id)):
        line = _line_of(pool, payout, pool.lines_of_amount.get(payout.net, ()))
        if line is None or not payout.adds_up:
            continue
        named = reference_key(payout.payout_id)
        receipts = _receipts_of(pool, payout, by_reference) or _under_key(pool, payout, named)
        if not receipts:
            continue
        book = sum(pool.book[place] for place in receipts)
        fees = payout.net - book - payout.other
        if fees not in {0, -payout.fees}:
            continue
        kept = [(fees, "fee")] if fees else []
        kept += [(payout.other, "other")] if payout.other else []
        fund = _fee_fund(pool, receipts)
        said = named if named in pool.line_keys[line] else ""
        pool.take(
            PAYOUT,
            line,
            receipts,
            said,
            score=_SETTLED if said else _WHOLE,
            certain=bool(said) and not payout.other,
            write_offs=tuple(WriteOffPart(pence, kind, fund) for pence, kind in kept),
            payout_id=payout.id,
        )


def _line_of(pool: Pool, payout: Payout, lines: Sequence[int]) -> int | None:
    """Return the one free line that is this payout: it names it, or names its provider, or stands alone."""
    lines = [line for line in lines if pool.line_free[line]]
    if payout.paid_on is not None:
        paid = payout.paid_on.toordinal()
        lines = [line for line in lines if -2 <= pool.line_day[line] - paid <= 10]
    named = reference_key(payout.payout_id)
    for telling in (
        [line for line in lines if named and named in pool.line_keys[line]],
        [line for line in lines if payout.provider.casefold() in pool.lines.words[line].casefold()],
        lines,
    ):
        if telling:
            return telling[0] if len(telling) == 1 else None
    return None


def _card_index(pool: Pool) -> dict[tuple[str, int], list[int]]:
    """Return free receipts by each of their own keys with their pence."""
    found: dict[tuple[str, int], list[int]] = {}
    for place in pool.free_receipts:
        for key in pool.receipt_keys[place]:
            found.setdefault((key, pool.book[place]), []).append(place)
    return found


def _receipts_of(pool: Pool, payout: Payout, index: dict[tuple[str, int], list[int]]) -> list[int]:
    """Return one receipt for each payment and refund of the payout, and its fees; none if one is missing."""
    chosen: dict[int, None] = {}
    for part in payout.parts:
        if not part.gross:
            continue
        keys = [key for text in (part.psp_reference, part.reference) if text and (key := reference_key(text))]
        options = (index.get((key, part.gross), ()) for key in keys)
        places = next((free for one in options if (free := _unchosen(pool, one, chosen))), None)
        if places is None:
            return []
        chosen[places[0]] = None
    if payout.fees and chosen:
        for place in _fee_rows(pool, next(iter(chosen)), payout.fees, chosen):
            chosen[place] = None
    return sorted(chosen)


def _unchosen(pool: Pool, places: Sequence[int], chosen: dict[int, None]) -> list[int]:
    return [place for place in places if place not in chosen and pool.receipt_free[place]]


def _under_key(pool: Pool, payout: Payout, key: str) -> list[int]:
    """Return what the book posted under the payout's id when it is the payout's gross, or its net."""
    places = pool.free_under(key) if key else []
    total = sum(pool.book[place] for place in places)
    return places if total in {payout.gross - payout.refunds - payout.disputes, payout.net} else []


def _fee_rows(pool: Pool, near: int, fees: int, chosen: dict[int, None]) -> list[int]:
    """Return the free fee rows of the book that make `fees`: one, or all of one day; none when unsure."""
    day = pool.receipt_day[near]
    by_day: dict[int, list[int]] = {}
    for place in _near_fees(pool, day):
        if place not in chosen:
            by_day.setdefault(pool.receipt_day[place], []).append(place)
    single = [place for rows in by_day.values() for place in rows if pool.book[place] == -fees]
    if len(single) == 1:
        return single
    whole = [rows for rows in by_day.values() if sum(pool.book[p] for p in rows) == -fees]
    return whole[0] if len(whole) == 1 and not single else []


def _near_fees(pool: Pool, day: int) -> list[int]:
    return [
        place
        for place in pool.fee_places
        if pool.receipt_free[place] and abs(pool.receipt_day[place] - day) <= 10
    ]


def _fee_fund(pool: Pool, receipts: Sequence[int]) -> str:
    """Return the fund that fees of these receipts go to: of their method, else of the largest receipt."""
    largest: OpenReceipt = max((pool.receipts[p] for p in receipts), key=lambda r: (abs(r.pence), r.id))
    return (pool.settings.fee_funds.get(largest.mop) or largest.fund)[:5]


def named_parts(pool: Pool) -> None:
    """Propose the receipts that the bank names one by one in a batched entry, by reference and pence each."""
    for line in compress(range(len(pool.lines)), pool.lines.parts):
        open_line = pool.lines[line]
        of_several = pool.line_free[line] and len(open_line.parts) > 1
        if not of_several or sum(part[0] for part in open_line.parts) != open_line.pence:
            continue
        chosen: dict[int, None] = {}
        others = 0
        for pence, keys in open_line.part_keys():
            fitting = {
                place
                for key in keys
                for place in pool.by_key.get(key, ())
                if pool.receipt_free[place] and pool.book[place] == pence and pool.near(line, place)
            }
            left = sorted(fitting - chosen.keys(), key=lambda place: (abs(pool.lag(line, place)), place))
            if not left:
                break
            others += len(left) - 1
            chosen[left[0]] = None
        else:
            certain = all(pool.usual(line, place) for place in chosen)
            pool.take(PARTS, line, list(chosen), alternatives=others, certain=certain)


def whole_slips(pool: Pool) -> None:
    """Propose all receipts under one key for the only line with it, when they are its amount to the penny.

    This comes before `exact`: an account that pays by cheque and by transfer is told apart by the slip.
    """
    for line, key in pool.lone_lines:
        if not pool.line_free[line]:
            continue
        places = pool.by_key[key]
        fits = sum([pool.book[place] for place in places]) == pool.bank[line]
        if fits and all(pool.near(line, place) and pool.receipt_free[place] for place in places):
            _whole(pool, key, line, places)


def slips(pool: Pool) -> None:
    """Propose receipts under one key that add up to a line with it: all of them, a day's, or the only set."""
    by_line: dict[str, list[int]] = {}
    for line in pool.free_lines:
        for key in pool.line_keys[line]:
            if len(pool.by_key.get(key, ())) > 1:
                by_line.setdefault(key, []).append(line)
    for key in sorted(by_line):
        lines = [line for line in by_line[key] if pool.line_free[line]]
        if len(lines) > 1:
            _by_day(pool, key, lines)
            lines = [line for line in lines if pool.line_free[line]]
        if len(lines) == 1:
            _slip(pool, key, lines[0])


def _by_day(pool: Pool, key: str, lines: Sequence[int]) -> None:
    """Join several lines under one key (a merchant's number) each with the whole of one day's receipts."""
    days: dict[int, list[int]] = {}
    for place in pool.free_under(key):
        days.setdefault(pool.receipt_day[place], []).append(place)
    totals: dict[int, list[int]] = {}
    for day, places in days.items():
        if len(places) > 1:
            totals.setdefault(sum(pool.book[p] for p in places), []).append(day)
    for line in lines:
        same = [other for other in lines if pool.bank[other] == pool.bank[line]]
        fitting = totals.get(pool.bank[line], ())
        if len(same) == 1 == len(fitting) and pool.near(line, days[fitting[0]][0]):
            chosen = days[fitting[0]]
            others = _other_sets(pool, key, line, chosen)
            sure = others == 0 and pool.usual(line, chosen[0])
            pool.take(
                SLIP,
                line,
                chosen,
                key,
                score=_WHOLE if sure else _PART,
                alternatives=others or 0,
                certain=sure,
            )


def _slip(pool: Pool, key: str, line: int) -> None:
    free = pool.free_under(key)
    near = [place for place in free if pool.near(line, place)]
    amounts = [pool.book[place] for place in near]
    pence = pool.bank[line]
    if len(near) > 1 and sum(amounts) == pence:
        _whole(pool, key, line, near)
    elif 2 < len(near) <= MOST_IN_A_SLIP:
        sets = [one for one in subsets_adding_up(amounts, pence, most=50) if len(one) > 1]
        if sets:
            chosen = [near[place] for place in min(sets, key=lambda one: (-len(one), one))]
            others = _other_sets(pool, key, line, chosen)
            sure = others == 0 and len(sets) == 1 and not pool.names_another(line, chosen)
            more = max(others or 0, len(sets) - 1)
            pool.take(SLIP, line, chosen, key, score=_PART, alternatives=more, certain=sure)


def _whole(pool: Pool, key: str, line: int, places: Sequence[int]) -> None:
    """Propose all receipts under a key; certain when no other set of open receipts makes the line."""
    others = _other_sets(pool, key, line, places)
    amounts = [pool.book[place] for place in places]
    whole = others is None and (min(amounts) > 0 or max(amounts) < 0)  # then no part makes the same
    sure = (others == 0 or whole) and not pool.names_another(line, places)
    stage = PAYOUT if any(pool.receipts[p].is_fee for p in places) else SLIP
    pool.take(stage, line, places, key, score=100, alternatives=others or 0, certain=sure)


def _other_sets(pool: Pool, key: str, line: int, chosen: Sequence[int]) -> int | None:
    """Count the other sets that make the line: among all receipts, past 25 those under the key, else None."""
    among = (
        pool.receipts if len(pool.receipts) <= MOST_COUNTED else [pool.receipts[p] for p in pool.by_key[key]]
    )
    if len(among) == len(chosen) and all(r.pence > 0 for r in among):
        return 0  # no part of a whole makes the whole
    if len(among) > MOST_COUNTED:
        return None
    return count_sets([receipt.pence for receipt in among], pool.bank[line]) - 1


def card_payouts(pool: Pool, *, spoken: bool = False) -> None:
    """Propose card receipts under one key for the line with it that is short by plausible fees.

    `spoken` takes only lines whose words speak of a payout, and whole sets of card receipts; they come
    before `exact`, so that a card payment of an account is not taken for its transfer.
    """
    by_line: dict[str, list[int]] = {}
    if spoken:
        by_line = {key: [line] for line, key in pool.lone_lines if pool.line_free[line]}
    else:
        for line in pool.free_lines:
            for key in pool.line_keys[line]:
                if key in pool.by_key:
                    by_line.setdefault(key, []).append(line)
    for key in sorted(by_line):
        lines = [line for line in by_line[key] if pool.line_free[line]]
        receipts = pool.free_under(key)
        cards = sum(pool.receipts[place].is_card for place in receipts)
        if len(lines) != 1 or not cards or (spoken and not 1 < cards == len(receipts)):
            continue
        if spoken and not speaks_of_payout(pool.lines.words[lines[0]]):
            continue
        line, total = lines[0], sum(pool.book[place] for place in receipts)
        fee = total - pool.bank[line]
        if not 0 < fee <= total * LARGEST_FEE // 100 or pool.bank[line] <= 0:
            continue
        rows = _fee_rows(pool, receipts[0], fee, dict.fromkeys(receipts))
        if rows:
            pool.take(
                PAYOUT, line, [*receipts, *rows], key, score=_WHOLE, certain=pool.strong(key, line, receipts)
            )
        else:
            kept = (WriteOffPart(-fee, "fee", _fee_fund(pool, receipts)),)
            pool.take(PAYOUT, line, receipts, key, score=_INFERRED, write_offs=kept)
