"""What can go wrong between a laptop and its server, in words; nothing that waits is ever lost by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.errors import HoldallError

if TYPE_CHECKING:
    from sync.engine import SyncReport


class SyncError(HoldallError):
    """Syncing stopped; the work waits in the outbox. `retry_after` is the least wait in seconds, `report`
    what the sync had done by then."""

    def __init__(self, title: str, advice: str = "", retry_after: float = 0.0) -> None:
        super().__init__(title, advice)
        self.retry_after = retry_after
        self.report: SyncReport | None = None


class Offline(SyncError):
    """The server cannot be reached from here now."""


class CaptivePortal(Offline):
    """Something that is not the server answered: a Wi-Fi sign-in page, most often."""


class ServerBusy(SyncError):
    """The server asks for a pause."""


class TokenExpired(SyncError):
    """The access token ran out; the client renews it and nobody hears of it."""


class ClockOff(SyncError):
    """The request was signed at another time than the server's; the client asks once more by its time."""


class SignedOut(SyncError):
    """This laptop has to join again with a code."""


class Revoked(SignedOut):
    """An administrator has closed this laptop out: it hands over its unsent work and gives up its key."""


class SignInFailed(SyncError):
    """Signing in with a council account came to nothing; nothing was changed."""


class SignInStopped(SignInFailed):
    """The person stopped signing in, here or at the provider, or did not finish in time."""


class Refused(SyncError):
    """The server would not take the request as a whole; `error` is its word for it."""

    def __init__(self, title: str, advice: str = "", error: str = "", expected: int | None = None) -> None:
        super().__init__(title, advice)
        self.error = error
        self.expected = expected


class Forked(SyncError):
    """Another copy of this laptop's store has sent changes under its name."""


class ServerChanged(SyncError):
    """The server's log is not the one this laptop has read: it was restored from a copy. The engine heals
    it and nobody hears of it."""


class WrongServer(SyncError):
    """The server is another council's, or was set up from nothing: this laptop has no business with it."""


class BadPage(SyncError):
    """The server sent a page that does not fit: a gap, a broken chain, a value that no column holds."""
