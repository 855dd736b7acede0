"""What a tenant may ask for under the Right to Repair, as acts on a repair: another contractor, refusals.

What follows from them (a second period, what is owed) is worked out in app.repairs.right_to_repair.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.errors import HoldallError
from app.repairs import promises, right_to_repair
from app.repairs.dated_tables import tables_at
from app.repairs.records import now_of, repair_of
from app.repairs.right_to_repair import LAW, SECOND
from app.repairs.rules import Deadline
from app.wording import date_year, money
from models.changes import Changed
from models.repairs import OPEN, Clock, Repair


def first_clock(session: Session, repair: Repair) -> Clock:
    """The clock of a repair's first period; raises HoldallError when it has no Right to Repair."""
    for clock in promises.clocks_of(session, repair.id):
        if clock.why.get("rule", {}).get("law") == LAW and not clock.rule_id.endswith(SECOND):
            return clock
    raise HoldallError(
        f"Repair {repair.reference} has no date under the Right to Repair.",
        "Only secure tenants have one, for the defects that the regulation lists.",
    )


def ask_second(session: Session, repair_id: str) -> Changed:
    """The tenant asks for another contractor now: a second period begins, as long as the first.

    Raises HoldallError before the first period has ended, when it is mended, when nobody was let in or it
    does not qualify, and when it was asked already.
    """
    repair, now = repair_of(session, repair_id), now_of(session)
    first = first_clock(session, repair)
    if repair.state not in OPEN:
        raise HoldallError(
            f"Repair {repair.reference} is not open.", "There is nothing left to send anybody for."
        )
    if repair.second_asked_at is not None:
        raise HoldallError("Another contractor was asked for already.", "The second period runs.")
    if first.not_required or repair.access_refused_at is not None:
        raise HoldallError("The Right to Repair ended for this repair.", "Its other dates still hold.")
    if now <= first.due_at:
        due = Deadline.from_json(first.why).due_on
        raise HoldallError(
            f"The first period ends with {date_year(due)}.", "Another contractor can be asked for after that."
        )
    repair.second_asked_at = now
    session.flush()
    second = right_to_repair.second_period(Deadline.from_json(first.why), now, tables_at(session))
    clock = Clock(repair_id=repair.id, rule_id=second.rule.id, due_at=second.due_at, why=second.as_json())
    session.add(clock)
    return Changed.of(repair, clock)


def refuse_access(session: Session, repair_id: str) -> Changed:
    """Nobody was let in: what the Right to Repair would have given is lost; the repair stays open."""
    repair = repair_of(session, repair_id)
    first_clock(session, repair)
    if repair.access_refused_at is None:
        repair.access_refused_at = now_of(session)
    return Changed.of(repair)


def does_not_qualify(session: Session, repair_id: str) -> Changed:
    """It costs more than the regulation covers: its clocks fall away, the council's own date holds."""
    repair = repair_of(session, repair_id)
    first = first_clock(session, repair)
    cap = money(tables_at(session).right_to_repair.cost_cap).removesuffix(".00")
    changed = Changed()
    for clock in promises.clocks_of(session, repair.id):
        if clock.rule_id.removesuffix(SECOND) == first.rule_id:
            changed |= promises.drop_duty(session, clock.id, f"It costs more than {cap}.")
    return changed
