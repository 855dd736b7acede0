"""How a council's appointments are set up: which scheduler, what a week offers, when people can be rung.

Kept as `scheduling` in the council's settings, as JSON of the structs here. A password is never among them:
the environment names it.
"""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import Connection, select, update

from models.errors import HoldallError
from sync.server.tables import tenant

KEY = "scheduling"
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


def load(connection: Connection, tenant_id: str) -> Scheduling:
    """What is set for a council; the defaults where nothing is."""
    text = connection.execute(select(tenant.c.settings).where(tenant.c.tenant == tenant_id)).scalar()
    kept = json.loads(text or "{}").get(KEY)
    return Scheduling() if kept is None else msgspec.convert(kept, Scheduling, strict=False)


def save(connection: Connection, tenant_id: str, made: Scheduling) -> None:
    """Sets it for a council."""
    where = tenant.c.tenant == tenant_id
    kept = json.loads(connection.execute(select(tenant.c.settings).where(where)).scalar_one() or "{}")
    kept[KEY] = msgspec.to_builtins(made)
    connection.execute(update(tenant).where(where).values(settings=json.dumps(kept)))


def read(path: Path) -> Scheduling:
    """What a JSON file says. Raises HoldallError, naming the place at fault."""
    try:
        made = msgspec.json.decode(path.read_bytes()[:1_000_000], type=Scheduling)
    except OSError as error:
        raise HoldallError(f"“{path.name}” cannot be read.", error.strerror or "Check its name.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise HoldallError(
            f"“{path.name}” is not a set-up of appointments: {error}.", "Put that right."
        ) from None
    _check(made)
    return made


def _check(made: Scheduling) -> None:
    for number, one in enumerate(made.week, 1):
        if one.ends <= one.starts:
            raise HoldallError(f"Window {number} of the week ends before it starts.", "Give it a later end.")
    if made.closes <= made.opens:
        raise HoldallError("The office closes before it opens.", "Give `closes` a later time than `opens`.")
    if made.scheduler == "drs" and not made.drs.url.startswith(
        ("https://", "http://127.0.0.1", "http://localhost")
    ):
        raise HoldallError("The scheduler's address is not https.", "Give drs.url as https://…")


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


def shown(made: Scheduling) -> dict[str, Any]:
    """The same as JSON values, for a person to read or keep in a file."""
    return dict(msgspec.to_builtins(made))
