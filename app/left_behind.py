"""What stays of a store that cannot be opened any more: closed out by an administrator, or its key lost.

Nothing is ever deleted: an unreadable store is put aside in a folder of its own when the person joins again.
Beside the store lie two small notes that name nobody: `waiting.json` says how much was not sent yet,
`closed.json` that the laptop was closed out.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from app import keys
from app.errors import CannotRunHere
from app.wording import plural

WAITING, CLOSED = "waiting.json", "closed.json"
_STORE = ("holdall.*", keys.KEY_FILE, WAITING, CLOSED)  # what is put aside


class ClosedOut(CannotRunHere):
    """This laptop was closed out: its unsent work is handed over, its key is gone."""


@dataclass(frozen=True)
class Notice:
    """Why a store cannot be opened and what becomes of its work, for the first page."""

    title: str
    advice: str


def note_waiting(home: Path, count: int) -> None:
    """Keeps how many changes wait to be sent, for the day when the store itself cannot say so."""
    if waiting(home) != count:
        _write(home / WAITING, {"waiting": count})


def waiting(home: Path) -> int | None:
    """How many changes waited when Holdall last looked; None when it never did."""
    count = _read(home / WAITING).get("waiting")
    return count if isinstance(count, int) else None


def give_up_key(home: Path, council: str, changes: int, files: int, now: datetime) -> ClosedOut:
    """Destroys the key of a folder whose unsent work is handed over, and says so in words. Raises
    CannotRunHere when the password store does not let go of the key; then nothing is changed."""
    keys.destroy(home)
    handed = {"at": now.isoformat(), "council": council, "changes": changes, "files": files}
    with contextlib.suppress(OSError):  # the key is gone, which is what matters
        _write(home / CLOSED, handed)
    return ClosedOut(*_closed(handed))


def notice(home: Path, key_lost: bool = False) -> Notice | None:
    """What the first page has to say about a store in this folder that cannot be opened; None when there is
    nothing to say."""
    closed = _read(home / CLOSED)
    if isinstance(closed.get("council"), str):
        return Notice(*_closed(closed))
    if not key_lost and not unreadable(home):
        return None
    count = waiting(home)
    if count is None:
        lost = "What was not sent from this laptop yet cannot be read any more."
    elif count:
        lost = f"{plural(count, 'change')} that had not been sent yet cannot be read any more."
    else:
        lost = "Everything had been sent, so nothing is lost."
    return Notice(
        "The key to the work on this laptop is gone",
        f"{lost} What was sent is with your council: join again with a new code, and it comes back. "
        "The old store is kept beside the new one.",
    )


def unreadable(home: Path) -> bool:
    """Whether a store lies in the folder whose key is gone."""
    if not (home / "holdall.db").exists():
        return False
    return not (home / keys.KEY_FILE).exists() or keys.is_lost(home)


def set_aside(home: Path, now: datetime) -> Path | None:
    """Moves an unreadable store into a folder beside the new one; None when there is none."""
    found = [path for pattern in _STORE for path in sorted(home.glob(pattern))]
    if not found:
        return None
    place = home / f"kept-{now:%Y-%m-%dT%H%M%S}"
    place.mkdir(exist_ok=True)
    for path in found:
        path.rename(place / path.name)
    return place


def _closed(kept: dict[str, Any]) -> tuple[str, str]:
    council, changes, files = str(kept.get("council", "")), kept.get("changes"), kept.get("files")
    work = f"{plural(changes, 'change')}" if isinstance(changes, int) and changes else ""
    if isinstance(files, int) and files:
        work = " and ".join(part for part in (work, plural(files, "file")) if part)
    handed = f"{work} not yet sent went to your team lead" if work else "Everything had been sent before"
    return (
        f"An administrator of {council} has closed this laptop out",
        f"{handed}. The key is gone, so nothing here can be opened. To go on, ask for a new code.",
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(path: Path, document: dict[str, Any]) -> None:
    partial = path.with_name(f"{path.name}.part")
    partial.write_text(json.dumps(document), encoding="utf-8")
    partial.replace(path)
