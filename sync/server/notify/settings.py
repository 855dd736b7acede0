"""How a council's messages are set up: whether any go, by which templates, and where the service is.

Kept as `messages` in the council's settings. The key is never among them: the environment names it.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, select, update

from models.errors import HoldallError
from sync.server.tables import tenant

SETTING = "messages"
KEY, KEY_FILE = "HOLDALL_NOTIFY_KEY", "HOLDALL_NOTIFY_KEY_FILE"
SERVICE = "https://api.notifications.service.gov.uk"
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_KEY_SHAPE = re.compile(rf".+-{_UUID}-{_UUID}", re.IGNORECASE)  # name, service, secret


class Templates(Struct, forbid_unknown_fields=True):
    """The ids of one channel's templates at the service; "" where such a message does not go out.

    Each may use ((repair_ref)), ((appointment_time)), ((council)) and ((telephone)); a letter or e-mail also
    ((name)).
    """

    confirmed: str = ""
    moved: str = ""
    cancelled: str = ""


class Messages(Struct, forbid_unknown_fields=True):
    """All of it."""

    service: Literal["off", "notify"] = "off"
    url: str = SERVICE
    sms: Templates = msgspec.field(default_factory=Templates)
    email: Templates = msgspec.field(default_factory=Templates)
    sms_sender: str = ""
    email_reply_to: str = ""
    seconds: int = 15  # until an answer is taken for lost


def load(connection: Connection, tenant_id: str) -> Messages:
    """What is set for a council; no messages where nothing is."""
    text = connection.execute(select(tenant.c.settings).where(tenant.c.tenant == tenant_id)).scalar()
    kept = json.loads(text or "{}").get(SETTING)
    return Messages() if kept is None else msgspec.convert(kept, Messages, strict=False)


def save(connection: Connection, tenant_id: str, made: Messages) -> None:
    """Sets it for a council."""
    where = tenant.c.tenant == tenant_id
    kept = json.loads(connection.execute(select(tenant.c.settings).where(where)).scalar_one() or "{}")
    kept[SETTING] = msgspec.to_builtins(made)
    connection.execute(update(tenant).where(where).values(settings=json.dumps(kept)))


def read(path: Path) -> Messages:
    """What a JSON file says. Raises HoldallError, naming the place at fault."""
    try:
        made = msgspec.json.decode(path.read_bytes()[:100_000], type=Messages)
    except OSError as error:
        raise HoldallError(f"“{path.name}” cannot be read.", error.strerror or "Check its name.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise HoldallError(
            f"“{path.name}” is not a set-up of messages: {error}.", "Put that right."
        ) from None
    if not made.url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise HoldallError("The address of the service is not https.", "Give url as https://…")
    if not 1 <= made.seconds <= 120:
        raise HoldallError(f"{made.seconds} seconds is no time to wait.", "Give 1 to 120.")
    return made


def key() -> str:
    """The key of the service, from the environment or the file it names. Raises HoldallError in words that
    show nothing of it."""
    found = os.environ.get(KEY, "")
    named = os.environ.get(KEY_FILE)
    if named:
        try:
            found = Path(named).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise HoldallError(
                f"The file that {KEY_FILE} names cannot be read.", error.strerror or "Check its name."
            ) from error
    if not found:
        raise HoldallError(
            "The key of GOV.UK Notify is not known to this server.",
            f"Set {KEY_FILE} (or {KEY}) where the server runs.",
        )
    if not _KEY_SHAPE.fullmatch(found):
        raise HoldallError(
            "The key of GOV.UK Notify has not the shape of one.",
            "Copy it whole: a name, then two ids, joined by hyphens.",
        )
    return found


def shown(made: Messages) -> dict[str, Any]:
    """The same as JSON values, for a person to read or keep in a file."""
    return dict(msgspec.to_builtins(made))
