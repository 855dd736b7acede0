"""What is said of a line while it is written: whether its fund takes the reference, and why not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from app.income.office.vocabulary import Codes, check_row, codes
from ui.income.rows_editor import Values
from ui.jobs import Job
from ui.shell import Shell

Check = Callable[[str, str, str, int], Sequence[str]]  # fund, method, reference, pence


class Verdicts:
    """The council's checks as they stood when the form was opened; without any, nothing is said."""

    def __init__(self, funds: Sequence[tuple[str, str]] = (), check: Check | None = None) -> None:
        self._names = dict(funds)
        self._check = check

    def of_line(self, row: Values, mop: str) -> tuple[str, str]:
        """A sentence and its tone for one line; empty while there is nothing to say."""
        fund, reference = str(row.get("fund") or ""), str(row.get("reference") or "")
        pence = row.get("pence")
        if not fund:
            return ("Choose the fund it belongs to.", "muted") if reference or pence else ("", "muted")
        if self._names and fund not in self._names:
            return f"There is no fund {fund}.", "danger"
        if self._check is None or not reference:
            return "", "muted"
        problems = list(self._check(fund, mop, reference, pence if isinstance(pence, int) else 0))
        if problems:
            return problems[0], "danger"
        return f"{self._names.get(fund, fund)} takes this reference.", "good"


def of_codes(known: Codes, roles: Collection[str]) -> Verdicts:
    """The council's checks, as they hold for a person with these roles."""
    names = [
        (fund.code, fund.name) for fund in known.funds.values() if not fund.disabled and not fund.is_suspense
    ]

    def check(fund: str, mop: str, reference: str, pence: int) -> Sequence[str]:
        return check_row(known, fund, mop, reference, pence, roles)

    return Verdicts(names, check)


def fetch_verdicts(shell: Shell, done: Callable[[Verdicts], None]) -> Job:
    """Reads the council's checks off the window's thread, as a large council has many account holders."""

    def work(job: Job) -> Verdicts:
        job.check()
        return of_codes(shell.context.read(codes), shell.context.author.roles)

    return shell.fetch(work, done)
