"""The known errors: what went wrong and what to do, in words for the person at the laptop."""

from __future__ import annotations


class HoldallError(Exception):
    """An error that a person is told about: a title that says what and where, and advice on what to do.

    Nothing is lost when one is raised: the transaction it happened in is rolled back whole.
    """

    def __init__(self, title: str, advice: str = "") -> None:
        super().__init__(title, advice)
        self.title = title
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.title} {self.advice}".strip()


class BadText(HoldallError):
    """Text that cannot be kept as it is: characters no file or network can carry, or far too much of it."""


class MoveRefused(HoldallError):
    """A change of state that the policy of the record does not allow."""


class RecordFrozen(HoldallError):
    """A change to a record whose parent is closed."""


class StoreError(HoldallError):
    """The store on this laptop cannot be opened or written."""


class WrongKey(StoreError):
    """The key or passphrase does not fit the store."""


class StoreDamaged(StoreError):
    """The store's file is cut short or damaged."""


class StoreTooNew(StoreError):
    """The store was written by a newer Holdall than this one."""


class DiskFull(StoreError):
    """There is no room left on the disk for the change."""


class StoreBusy(StoreError):
    """Another program holds the store for longer than Holdall can wait."""


class FileDamaged(HoldallError):
    """A file beside the store (a photo, a picture) is missing, cut short or altered."""
