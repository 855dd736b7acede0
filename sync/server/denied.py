"""The answer of a door that stays shut."""

from __future__ import annotations


class Denied(Exception):
    """A door that stays shut; `code` is a word for the laptop (with the seconds to wait after it, where it
    asks for a pause), the HTTP status goes with it. Where the council is known, and the door is one that
    anybody may try, the audit hears of it as `act`."""

    def __init__(
        self,
        code: str,
        message: str,
        status: int = 401,
        *,
        tenant: str = "",
        device: str = "",
        actor: str = "",
        act: str = "door_failed",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.tenant = tenant
        self.device = device
        self.actor = actor
        self.act = act
