"""`repairs hact`: one repair as a HACT message, RaiseRepair or RequestAppointment."""

from __future__ import annotations

import argparse
import json

from sqlalchemy.orm import Session

from app.repairs.hact.messages import MESSAGES, Message
from app.repairs.orders import Order, read_order
from app.repairs.papers.common import find_repair
from app.told import Told, open_context
from models.repairs import State


def run(options: argparse.Namespace) -> Told:
    """The message of the repair with this id or reference; raises HoldallError in words."""
    context = open_context(options)
    council = context.council.name

    def read(session: Session) -> tuple[Order, Message]:
        repair_id = find_repair(session, options.repair or " ", "message")
        order = read_order(session, repair_id, context.today())
        return order, MESSAGES[options.message](order, council)

    try:
        order, message = context.read(read)
    finally:
        context.store.close()
    notes = []
    if order.state is State.DRAFT:
        notes.append(f"Repair {order.reference} is not saved yet: save it before you send this.")
    return Told(message, json.dumps(message, ensure_ascii=False, indent=2).splitlines(), notes)
