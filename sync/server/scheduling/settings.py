"""How a council's appointments are set up: which scheduler, what a week offers, when people can be rung.

Kept as `scheduling` in the council's settings, as JSON of the structs here. A password is never among them:
the environment names it.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from models.errors import HoldallError
from sync.server.set_up import SetUp, check_address

LOGIN, PASSWORD = "HOLDALL_DRS_LOGIN", "HOLDALL_DRS_PASSWORD"
PASSWORD_FILE = "HOLDALL_DRS_PASSWORD_FILE"  # noqa: S105
Minutes = Annotated[int, Meta(ge=0, le=1_440)]


class Template(Struct, forbid_unknown_fields=True):
    """A window of every week: `weekday` 0 is Monday, `starts` and `ends` minutes after midnight in London."""

    weekday: Annotated[int, Meta(ge=0, le=6)]
    starts: Minutes
    ends: Minutes
    places: Annotated[int, Meta(ge=1, le=1_000)]
    label: Annotated[str, Meta(max_length=40)] = ""
    trade: Annotated[str, Meta(max_length=60)] = ""


class Probe(Struct, forbid_unknown_fields=True):
    """The question by which a scheduler's windows for a trade are listed: a code and a place that stand for
    all of them. `trade` is the trade's name in Holdall, "" for any."""

    trade: Annotated[str, Meta(max_length=60)] = ""
    code: Annotated[str, Meta(max_length=30)] = ""
    place: Annotated[str, Meta(max_length=40)] = ""


class Drs(Struct, forbid_unknown_fields=True):
    """A DRS-shaped SOAP service. `window_days` is the longest period it is asked for at once; `reservations`
    says that it offers createReservation and confirmReservation."""

    url: str = ""
    contract: str = "0"
    user_id: str = "Holdall"
    priority: dict[str, str] = {}  # our band -> the service's priority
    probes: list[Probe] = msgspec.field(default_factory=lambda: [Probe()])
    window_days: Annotated[int, Meta(ge=1, le=31)] = 7
    reservations: bool = False
    seconds: Annotated[float, Meta(gt=0, le=120)] = 20.0  # an answer is waited for
    places_each: Annotated[int, Meta(ge=1, le=50)] = (
        1  # what “available” stands for: the service has no number
    )


class Scheduling(Struct, forbid_unknown_fields=True):
    """All of it. `confirm` says who makes a held place a booking: a planner, or the worker at once."""

    scheduler: Literal["built-in", "drs", "off"] = "built-in"
    confirm: Literal["planner", "at once"] = "planner"
    days: Annotated[int, Meta(ge=1, le=120)] = 28  # ahead that slots are listed
    lead_days: Annotated[int, Meta(ge=0, le=30)] = 1  # the first day that is offered in another's place
    week: list[Template] = []
    closed: list[date] = []  # beside the bank holidays
    opens: Minutes = 540
    closes: Minutes = 1_020
    call_hours: Annotated[int, Meta(ge=1, le=40)] = 4  # of working hours until somebody has rung
    refresh_minutes: Annotated[int, Meta(ge=1, le=1_440)] = 15
    keep_hours: Annotated[int, Meta(ge=1, le=336)] = 24  # a list from outside is good for
    drs: Drs = msgspec.field(default_factory=Drs)


def _check(made: Scheduling) -> None:
    for number, one in enumerate(made.week, 1):
        if one.ends <= one.starts:
            raise HoldallError(f"Window {number} of the week ends before it starts.", "Give it a later end.")
    if made.closes <= made.opens:
        raise HoldallError("The office closes before it opens.", "Give `closes` a later time than `opens`.")
    if made.scheduler == "drs":
        check_address(made.drs.url, "drs.url", "the scheduler")


SET_UP = SetUp("scheduling", Scheduling, "appointments", _check)
load, save, read = SET_UP.load, SET_UP.save, SET_UP.read


def credentials() -> tuple[str, str]:
    """The login and password of the scheduler, from the environment; raises HoldallError without one."""
    login, password = os.environ.get(LOGIN, ""), os.environ.get(PASSWORD, "")
    named = os.environ.get(PASSWORD_FILE)
    if named:
        password = Path(named).read_text(encoding="utf-8").strip()
    if not login or not password:
        raise HoldallError(
            "The scheduler's login is not known to this server.",
            f"Set {LOGIN} and {PASSWORD_FILE} (or {PASSWORD}) where the server runs.",
        )
    return login, password
