"""The Right to Repair after its first period: another contractor, a second period, what is then owed.

SI 1994/133: secure tenants of a council. When the first period ends and the repair is not done, the tenant
may ask for another contractor, who has a period of the same length. When that ends too, the council owes
£10 and £2 for each further day until it is done, £50 at most. Nothing is owed when the tenant did not let
anybody in, or when the repair costs more than £250 and so does not qualify. Pure; sums in pence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from app.repairs.rules import Deadline, deadline
from app.repairs.tables import RightToRepair, Tables
from app.wording import local_date

SECOND = "-SECOND"  # ends the id of a second period's clock
LAW = "Right to Repair"


class Stage(StrEnum):
    """How far the right has come in one repair."""

    FIRST = "first"  # the first period runs
    MAY_ASK = "may_ask"  # it has ended: the tenant may ask for another contractor
    SECOND = "second"  # the second period runs
    OWED = "owed"  # it has ended too: compensation
    MENDED = "mended"
    REFUSED = "refused"  # nobody was let in
    NOT_QUALIFYING = "not_qualifying"  # it costs more than the regulation covers


@dataclass(frozen=True)
class Right:
    """The right in one repair at a moment: its stage, both periods, and what is owed in pence."""

    stage: Stage
    first: Deadline
    second: Deadline | None
    owed: int
    why: str = ""  # why nothing is owed, where that has a reason


def second_period(first: Deadline, asked_at: datetime, tables: Tables) -> Deadline:
    """The clock of the other contractor: as long as the first period, from the day it was asked for."""
    rule = replace(
        first.rule,
        id=f"{first.rule.id.removesuffix(SECOND)}{SECOND}",
        title=f"{first.rule.title}, second contractor",
        promise="We promise that another contractor mends it by the end of",
        starts="asked",
        reading="as long as the first period, day 1 is the working day after the request",
        reading_of=first.rule.id,
    )
    return deadline(rule, asked_at, tables.calendar)


def days_late(due_at: datetime, ended_at: datetime) -> int:
    """Whole days in London after the due day; 0 in time."""
    return max(0, (local_date(ended_at) - local_date(due_at)).days)


def compensation(second_due: datetime, ended_at: datetime, law: RightToRepair) -> int:
    """What is owed in pence when a repair was done (or is still open) at `ended_at`.

    Nothing inside the second period, then £10 and £2 a day, £50 at most, reached after 20 days.
    """
    late = days_late(second_due, ended_at)
    return min(law.compensation_most, law.compensation_first + law.compensation_day * late) if late else 0


def right_of(
    first: Deadline,
    now: datetime,
    tables: Tables,
    asked_at: datetime | None = None,
    mended_at: datetime | None = None,
    refused_at: datetime | None = None,
    not_qualifying: str = "",
) -> Right:
    """How the right stands. `mended_at`, `refused_at` and `not_qualifying` say why it ended, if it did."""
    second = second_period(first, asked_at, tables) if asked_at is not None else None
    if not_qualifying:
        return Right(Stage.NOT_QUALIFYING, first, second, 0, not_qualifying)
    if refused_at is not None:
        return Right(Stage.REFUSED, first, second, 0, "Nobody was let in, so nothing is owed.")
    owed = compensation(second.due_at, mended_at or now, tables.right_to_repair) if second else 0
    if mended_at is not None:
        return Right(Stage.MENDED, first, second, owed)
    if second is not None:
        return Right(Stage.OWED if owed else Stage.SECOND, first, second, owed)
    return Right(Stage.MAY_ASK if now > first.due_at else Stage.FIRST, first, None, 0)
