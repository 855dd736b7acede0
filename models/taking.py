"""Taking: that records here never take more of a resource than it has, nor lose what they took from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, select

from models.base import policy_of, record_types, table_of
from models.errors import MoveRefused
from models.policy import Allocation
from models.types import to_wire


def check_allocation(
    connection: Connection, type_name: str, allocation: Allocation, resource_id: str
) -> None:
    """Raises HoldallError when the records here take more of the resource than it has."""
    resource, taker = table_of(allocation.resource), table_of(type_name)
    limit = connection.execute(
        select(resource.c[allocation.limit]).where(resource.c.id == resource_id)
    ).scalar_one_or_none()
    if limit is None:
        return
    amount = func.count() if allocation.amount is None else func.sum(func.abs(taker.c[allocation.amount]))
    where = [taker.c[allocation.resource_id] == resource_id, taker.c.deleted.is_(False)]
    where += [taker.c[name].in_(values) for name, values in allocation.active.items()]
    taken = int(connection.execute(select(amount).where(*where)).scalar_one() or 0)
    if taken > abs(int(limit)):
        title = policy_of(allocation.resource).title
        raise MoveRefused(
            f"This {title} has {abs(int(limit)):,} in all, and {taken:,} would be taken.",
            "Take less, or undo what has it already.",
        )


def check_within(
    connection: Connection, type_name: str, allocation: Allocation, body: Mapping[str, Any]
) -> None:
    """Raises HoldallError when what a record (wire values) takes lies after what the record allows."""
    policy = policy_of(type_name)
    if allocation.within is None or not allocation.bounded(policy.moves, body):
        return
    column = table_of(allocation.resource).c[allocation.within[0]]
    query = select(column).where(table_of(allocation.resource).c.id == body[allocation.resource_id])
    lies = to_wire(column.type, connection.execute(query).scalar_one_or_none())
    if allocation.too_late({allocation.within[0]: lies}, body):
        name, last = policy_of(allocation.resource).title, body[allocation.within[1]]
        raise MoveRefused(
            f"This {name} lies after the last day for this {policy.title}: {said(last)}.",
            f"Choose an earlier {name}, or have a later day agreed first.",
        )


def said(value: Any) -> str:
    """A wire value as people say it: a day as 18 December 2026, anything else as it is."""
    try:
        day = date.fromisoformat(str(value))
    except ValueError:
        return str(value)
    return f"{day.day} {day:%B %Y}"


def check_removal(connection: Connection, type_name: str, record_id: str) -> None:
    """Raises MoveRefused when records here still take from the one that is to be removed."""
    for name, model in record_types().items():
        allocation = model.__policy__.allocation
        if allocation is None or allocation.resource != type_name:
            continue
        taker = table_of(name)
        where = [taker.c[allocation.resource_id] == record_id, taker.c.deleted.is_(False)]
        where += [taker.c[column].in_(values) for column, values in allocation.active.items()]
        if connection.execute(select(func.count()).where(*where)).scalar_one():
            raise MoveRefused(
                f"This {policy_of(type_name).title} cannot be removed: something has taken from it "
                f"({model.__policy__.title}).",
                "Take that back first.",
            )
