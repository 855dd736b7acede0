"""The stages in their order, from references to suspense, each logged.

Pure: the same lines and receipts give the same proposals in whatever order they arrive.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Sequence

from app.income.matching.amounts import ruled, unique_amounts
from app.income.matching.batches import card_payouts, named_parts, payouts, slips, whole_slips
from app.income.matching.exact import exact
from app.income.matching.pool import Pool
from app.income.matching.shapes import (
    AMOUNT,
    EXACT,
    FUZZY,
    PARTS,
    PAYOUT,
    REFERENCES,
    RULE,
    SLIP,
    SUM,
    SUSPENSE,
    TYPO,
    Clock,
    OpenLine,
    OpenReceipt,
    Outcome,
    Payout,
    Proposal,
    Rules,
    Settings,
    StageLog,
    Unplaced,
)

_USUAL = Settings()


def propose(
    lines: Iterable[OpenLine],
    receipts: Iterable[OpenReceipt],
    rejected: Collection[str] = frozenset(),
    settings: Settings = _USUAL,
    *,
    reports: Sequence[Payout] = (),
    rules: Rules | None = None,
    accounts: Container[str] = (),
) -> tuple[Proposal, ...]:
    """Return at most one proposal per line, ordered like the lines; nothing is used twice."""
    return match(
        lines, receipts, rejected, settings, reports=reports, rules=rules, accounts=accounts
    ).proposals


def match(
    lines: Iterable[OpenLine],
    receipts: Iterable[OpenReceipt],
    rejected: Collection[str] = frozenset(),
    settings: Settings = _USUAL,
    *,
    reports: Sequence[Payout] = (),
    rules: Rules | None = None,
    accounts: Container[str] = (),
    clock: Clock | None = None,
) -> Outcome:
    """Return proposals, the money nobody claims, and what each stage did.

    `reports` are payment providers' payouts, `rules` run over the bank's words, `accounts` are references
    known to exist besides the book's. `clock` gives seconds for the log; without one it has none.
    """
    pool = Pool(lines, receipts, rejected, settings)
    fired: dict[int, tuple[str, ...]] = {}
    stages: tuple[tuple[str, Callable[[], object]], ...] = (
        (REFERENCES, pool.index),
        (PAYOUT, lambda: payouts(pool, reports)),
        (PARTS, lambda: named_parts(pool)),
        (SLIP, lambda: whole_slips(pool)),
        (PAYOUT, lambda: card_payouts(pool, spoken=True)),
        (EXACT, lambda: exact(pool)),
        (SLIP, lambda: slips(pool)),
        (PAYOUT, lambda: card_payouts(pool)),
        (AMOUNT, lambda: unique_amounts(pool)),
        (RULE, lambda: fired.update(ruled(pool, rules))),
        (TYPO, lambda: typos(pool, accounts)),
        (FUZZY, lambda: fuzzy(pool)),
        (SUM, lambda: sums(pool)),
    )
    log = [_logged(pool, name, work, clock) for name, work in stages]
    unplaced = _unplaced(pool, fired)
    log.append(StageLog(SUSPENSE, len(pool.free_lines), len(unplaced), 0))
    return Outcome(
        tuple([one for one in pool.by_line if one is not None]), unplaced, tuple(log), tuple(reports)
    )


def _logged(pool: Pool, name: str, work: Callable[[], object], clock: Clock | None) -> StageLog:
    made, auto, looked_at = pool.made, pool.made_auto, pool.line_free.count(1)
    start = clock() if clock else 0.0
    work()
    spent = clock() - start if clock else 0.0
    return StageLog(name, looked_at, pool.made - made, pool.made_auto - auto, spent)


def typos(pool: Pool, accounts: Container[str]) -> None:
    """Run the stage of repaired references; it is loaded only where something is left for it."""
    if pool.free_lines and pool.free_receipts:
        from app.income.matching import typos as stage

        stage.typos(pool, accounts)


def fuzzy(pool: Pool) -> None:
    """Run the stage of likeness; it is loaded only where something is left for it."""
    if pool.free_lines and pool.free_receipts:
        from app.income.matching import fuzzy as stage

        stage.fuzzy(pool)


def sums(pool: Pool) -> None:
    """Run the stage of sets without a key; it is loaded only where something is left for it."""
    if pool.free_lines and pool.free_receipts:
        from app.income.matching import groups as stage

        stage.sums(pool)


def _unplaced(pool: Pool, fired: dict[int, tuple[str, ...]]) -> tuple[Unplaced, ...]:
    """Return the money in that has no receipt, each with why; money out is for a person to look into."""
    found = []
    for line in pool.free_lines:
        if pool.bank[line] > 0:
            found.append(Unplaced(pool.lines.ids[line], _why(pool, line, fired.get(line, ()))))
    return tuple(found)


def _why(pool: Pool, line: int, rules: tuple[str, ...]) -> str:
    keys = pool.line_keys[line]
    known = max((key for key in keys if key in pool.by_key), key=len, default="")
    told = f" Rule “{rules[-1]}” says what it is." if rules else ""
    if known:
        return f"Reference {known} is in the book, but not for this amount.{told}"
    if keys:
        return f"No open receipt has reference {max(keys, key=len)}.{told}"
    return f"The bank’s words hold no reference.{told}"
