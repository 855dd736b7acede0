"""How a council's messages are set up: whether any go, by which templates, and where the service is.

Kept as `messages` in the council's settings. The key is never among them: the environment names it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from models.errors import HoldallError
from sync.server.set_up import SetUp, check_address

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


def _check(made: Messages) -> None:
    check_address(made.url, "url", "the service")
    if not 1 <= made.seconds <= 120:
        raise HoldallError(f"{made.seconds} seconds is no time to wait.", "Give 1 to 120.")


SET_UP = SetUp("messages", Messages, "messages", _check)
load, save, read = SET_UP.load, SET_UP.save, SET_UP.read


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
