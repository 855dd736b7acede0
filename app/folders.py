"""Where Holdall keeps its data on this computer. It imports nothing, as the first window asks it."""

from __future__ import annotations

import os
from pathlib import Path

SAMPLE_FOLDER = "sample"  # inside the data folder


def data_folder() -> Path:
    """The folder for Holdall's data: HOLDALL_HOME, else the platform's place for it."""
    named = os.environ.get("HOLDALL_HOME")
    if named:
        return Path(named)
    from platformdirs import user_data_path

    return user_data_path("Holdall", appauthor=False)
