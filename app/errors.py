"""The known errors of the office; a person is shown the title and the advice, never a traceback."""

from __future__ import annotations

from models.errors import HoldallError

__all__ = ["BadFile", "CannotRunHere", "HoldallError", "KeyLost", "NotFound"]


class BadFile(HoldallError):
    """A file that is not what it should be: what, where, what to do."""


class NotFound(HoldallError):
    """Something that was asked for by name or id and is not here."""


class CannotRunHere(HoldallError):
    """Something this machine lacks: a display, a key, a library."""


class KeyLost(CannotRunHere):
    """The key of a store is not where it was kept, so the store cannot be read."""
