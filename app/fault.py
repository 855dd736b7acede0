"""Our own faults: where a traceback goes instead of to a person. It never holds a record's values."""

from __future__ import annotations

import platform
import traceback
from datetime import UTC, datetime
from pathlib import Path

LOG_LIMIT = 512_000


def describe(error: BaseException) -> str:
    """The versions and the traceback, without the error's message where it could quote what was typed."""
    from app.doctor import versions

    frames = "".join(traceback.format_tb(error.__traceback__))
    known = "\n".join(f"{name} {number}" for name, number in versions().items())
    kinds = " from ".join(type(link).__name__ for link in _chain(error))
    return f"{kinds}\n{frames}\n{platform.platform()}\n{known}\n"


def write_down(home: Path | None, error: BaseException) -> Path:
    """Adds a fault to the log in the data folder (the newest 500 kB are kept) and returns its path."""
    from app.folders import data_folder

    folder = home or data_folder()
    path = folder / "faults.log"
    entry = f"--- {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n{describe(error)}\n"
    folder.mkdir(parents=True, exist_ok=True)
    before = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    path.write_text((before + entry)[-LOG_LIMIT:], encoding="utf-8")
    return path


def _chain(error: BaseException) -> list[BaseException]:
    links = [error]
    while (cause := links[-1].__cause__ or links[-1].__context__) is not None and cause not in links:
        links.append(cause)
    return links
