"""The proof of a statement: its balances, its running balances, the totals it states, and what breaks them.

Every function is pure and counts in pence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice, pairwise
from operator import add, eq

from app.income.amounts import figure
from app.income.read_columns import column_of
from app.income.reading import BadRow, Control, LineRead, StatementRead


@dataclass(frozen=True)
class Proof:
    """The arithmetic of one statement: `difference` is closing - (opening + movements) in pence.

    Where the balances agree but a total does not, `difference` is that total's. It is None when a balance is
    missing. `hint` names the likeliest reason, or is empty.
    """

    ok: bool
    difference: int | None
    movements: int
    hint: str


def prove(statement: StatementRead) -> Proof:
    """Prove opening + movements = closing, each running balance and each stated total, or say what fails."""
    movements = sum(column_of(statement.lines, "pence"))
    failing = [control for control in statement.controls if not control.holds]
    if statement.interim:
        told = f" {control_words(failing[0], statement.currency)}" if failing else ""
        return Proof(False, None, movements, f"It is an interim report, which has no final balance.{told}")
    opening, closing = statement.opening, statement.closing
    if opening is None or closing is None:
        wrong = next((control for control in failing if control.stated is not None), None)
        told = control_words(wrong, statement.currency) if wrong else _missing_words(statement)
        return Proof(False, None, movements, told)
    difference = closing.pence - opening.pence - movements
    broken = running_break(statement)
    if difference:
        hint = likeliest_reason(difference, statement.lines, failing, broken)
        return Proof(False, difference, movements, hint)
    for page in statement.pages:  # two pages may be wrong by the same pence and hide each other
        part = prove(page)
        if not part.ok:
            return Proof(False, part.difference, movements, f"Page {page.page or page.number}: {part.hint}")
    if statement.problems:
        return Proof(False, 0, movements, str(statement.problems[0]))
    if broken is not None:
        return Proof(False, 0, movements, str(broken))
    if failing:
        off = [c.stated - c.counted for c in failing if c.stated is not None and c.unit == "pence"]
        hint = control_words(failing[0], statement.currency)
        return Proof(False, off[0] if off else 0, movements, hint)
    if opening.currency and closing.currency not in {"", opening.currency}:
        return Proof(False, 0, movements, "It opens in one currency and closes in another.")
    return Proof(True, 0, movements, "")


def likeliest_reason(
    difference: int,
    lines: Sequence[LineRead],
    failing: Sequence[Control] = (),
    broken: BadRow | None = None,
) -> str:
    """Return a sentence on what makes a statement miss its closing balance by `difference` pence, or "".

    The row where the running balance breaks comes first, as it is seen and not inferred; then what explains
    the difference to the penny: a repeated neighbour, a wrong sign, a line twice or missing, two digits.
    """
    if broken is not None:
        return str(broken)
    exact = _repeated(difference, lines) or _one_line(difference, lines)
    if exact:
        return exact
    if difference % 9 == 0:
        return _exchanged(difference, lines)
    if failing:
        return control_words(failing[0], "")
    return ""


def _repeated(difference: int, lines: Sequence[LineRead]) -> str:
    for before, after in pairwise(lines):
        if after.pence == -difference and before[1:9] == after[1:9]:
            told = f"Line {after.file_line} repeats line {before.file_line}"
            return f"{told} and may be there twice: it is exactly the difference."
    return ""


def _one_line(difference: int, lines: Sequence[LineRead]) -> str:
    """Return what a single line's amount explains to the penny, or ""."""
    for line in lines:
        if line.pence and difference == -2 * line.pence:
            return f"Line {line.file_line} may have the wrong sign: turning it round settles the difference."
    for line in lines:
        if line.pence and difference == -line.pence:
            return f"Line {line.file_line} may be there twice: it is exactly the difference."
    for line in lines:
        if line.pence and difference == line.pence:
            return f"A line like line {line.file_line} may be missing: it is exactly the difference."
    return ""


def _exchanged(difference: int, lines: Sequence[LineRead]) -> str:
    """Return the line in which exchanging two neighbouring digits settles a difference divisible by nine."""
    for line in lines:
        digits = str(abs(line.pence))
        sign = -1 if line.pence < 0 else 1
        for place in range(len(digits) - 1):
            swapped = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
            if sign * int(swapped) - line.pence == difference:
                told = f"In line {line.file_line} two digits may have changed places"
                return f"{told}: {figure(sign * int(swapped))} settles the difference."
    return "The difference divides by nine, so two digits may have changed places."


def control_words(control: Control, currency: str) -> str:
    """Return one sentence on a total that its lines do not make."""
    if control.stated is None:
        return f"Its {control.name} is missing, so it may have been cut short."
    if control.unit == "rows":
        gap = abs(control.stated - control.counted)
        more = "missing" if control.stated > control.counted else "too many"
        counts = f"is given as {control.stated:,}, but {control.counted:,} were read"
        return f"Its {control.name} {counts}: {gap:,} {more}."
    stated, counted = (figure(pence, currency) for pence in (control.stated, control.counted))
    return f"Its {control.name} is given as {stated}, but what was read makes {counted}."


def _missing_words(statement: StatementRead) -> str:
    """Return one sentence on the balance that is missing, with the one that is there."""
    if statement.opening is None and statement.closing is not None:
        closing = figure(statement.closing.pence, statement.currency)
        return f"It has no opening balance that can be read, only the closing one of {closing}."
    if statement.opening is None:
        return "It has no opening balance that can be read."
    return "It has no closing balance that can be read."


def oldest_first(lines: Sequence[LineRead]) -> Sequence[LineRead]:
    """Return lines in the order in which their running balances grew.

    Banks list them oldest first, newest first, or the days one way and each day's lines the other. The order
    of the dates decides; where it leaves a choice, or is broken, the order in which the balances follow.
    """
    days = column_of(lines, "booked_on")
    ascending = sorted(days)
    up, down = days == ascending, days == ascending[::-1]
    if up and not down:
        orders = [lines]
    elif down and not up:
        orders = [lines[::-1]]
    else:
        turned = lines[::-1]
        orders = [lines, turned] if _follow(lines) >= _follow(turned) else [turned, lines]
    most = len(lines) - 1
    for order in orders:
        if _follow(order) == most:
            return order
    if up or down:
        turned = lines[::-1]
        for order in (sorted(lines, key=_booked), sorted(turned, key=_booked)):
            if _follow(order) == most:
                return order
    return orders[0]


def _booked(line: LineRead) -> date:
    return line.booked_on


def _follow(lines: Sequence[LineRead]) -> int:
    """Return how many lines have the running balance that the line before them and their amount make."""
    levels, amounts = column_of(lines, "balance"), column_of(lines, "pence")
    if None not in levels:
        return sum(map(eq, map(add, levels, islice(amounts, 1, None)), islice(levels, 1, None)))
    return sum(
        [
            before is None or after is None or before + pence == after
            for before, after, pence in zip(levels, levels[1:], amounts[1:])
        ]
    )


def running_break(statement: StatementRead) -> BadRow | None:
    """Return the first row, oldest first, whose running balance is not the one before it and its amount."""
    lines = statement.lines
    if all(balance is None for balance in column_of(lines, "balance")):
        return None
    level = statement.opening.pence if statement.opening is not None and not statement.derived else None
    order = oldest_first(lines)
    for place, (pence, balance) in enumerate(zip(column_of(order, "pence"), column_of(order, "balance"))):
        if level is not None:
            level += pence
            if balance is not None and balance != level:
                stated, wanted = (figure(p, statement.currency) for p in (balance, level))
                return BadRow(
                    order[place].file_line,
                    f"the running balance breaks here, at {stated} where {wanted} was due",
                )
        elif balance is not None:
            level = balance
    return None
