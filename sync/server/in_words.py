"""What stops a command of the server, as a sentence for whoever runs it: what, where, what to do."""

from __future__ import annotations

import sqlite3
import traceback
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from models.errors import HoldallError
from sync.server.store import url_of


def in_words(error: Exception, address: str) -> HoldallError | None:
    """The sentence for an error that somebody at the keyboard can do something about; None for a fault of
    the program. `address` is the database."""
    if isinstance(error, HoldallError):
        return error
    if isinstance(error, DBAPIError) and error.orig is not None:
        return _of_database(error.orig, address)
    if isinstance(error, sqlite3.Error):
        return _of_database(error, address)
    if isinstance(error, OSError):
        place = f"{error.filename}" if error.filename else "A file or the network"
        return HoldallError(
            f"{place} cannot be used ({error.strerror or type(error).__name__}).",
            "Check the name, and that this user may read and write there.",
        )
    return None


def fault(error: Exception) -> str:
    """A fault of the program in one line: its kind and place, never its message, which may hold values."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"something went wrong that is not your doing ({type(error).__name__} at "
        f"{Path(last.filename).name}:{last.lineno}). Nothing was changed by halves; show this line to "
        "whoever looks after Holdall."
    )


def name_of(address: str) -> str:
    """A database as it may be shown: its path, or its URL without the password."""
    if "://" not in address:
        return address
    return url_of(address).render_as_string(hide_password=True)


def _of_database(error: BaseException, address: str) -> HoldallError | None:
    """For what a database says of itself when it cannot be opened, reached or written."""
    said, where = (str(error).strip().splitlines() or ["no reason given"])[0], name_of(address)
    if "locked" in said:
        return HoldallError(
            f"Another program holds {where} (database is locked).", "Try again when it has finished."
        )
    if "not a database" in said or "malformed" in said:
        return HoldallError(
            f"{where} is not a Holdall server's database ({said}).",
            "Name the right file, or put a copy back with “server restore”.",
        )
    if isinstance(error, sqlite3.OperationalError) or type(error).__name__ == "OperationalError":
        return HoldallError(
            f"The database {where} cannot be used ({said}).",
            "Check that it is there, that it runs, and that this user may use it.",
        )
    return None
