"""`repairs hact`: one repair as a HACT message, RaiseRepair or RequestAppointment."""

from __future__ import annotations

import argparse
import json

from sqlalchemy.orm import Session

from app.repairs.hact.messages import MESSAGES, Message
from app.repairs.orders import read_order
from app.repairs.papers.common import find_repair
from app.told import Told, open_context


def run(options: argparse.Namespace) -> Told:
    """The message of the repair with this id or reference; raises HoldallError in words."""
    context = open_context(options)
    council = context.council.name

    def read(session: Session) -> Message:
        repair_id = find_repair(session, options.repair or " ", "message")
        return MESSAGES[options.message](read_order(session, repair_id, context.today()), council)

    try:
        message = context.read(read)
    finally:
        context.store.close()
    return Told(message, json.dumps(message, ensure_ascii=False, indent=2).splitlines())
