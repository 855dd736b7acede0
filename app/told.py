"""What commands without a window share: what they found out, the workspace they open, the file they write."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app import folders, workspace
from app.context import Context
from app.errors import NotFound


@dataclass(frozen=True)
class Told:
    """What a command found out: one JSON document, and the same in lines for people."""

    document: Any
    words: Sequence[str]
    notes: Sequence[str] = ()  # what a person should know beside it; never on standard output


def open_context(options: argparse.Namespace) -> Context:
    """The workspace that a command works on; raises a HoldallError in words."""
    home = options.home or folders.data_folder()
    if not workspace.exists(home) and workspace.exists(home / folders.SAMPLE_FOLDER):
        home = home / folders.SAMPLE_FOLDER
    passphrase = os.environ.get("HOLDALL_PASSPHRASE")
    if passphrase is None and home.name == folders.SAMPLE_FOLDER:
        passphrase = workspace.SAMPLE_PASSPHRASE
    context: Context = options.dress(workspace.open_workspace(home, passphrase))
    return context


def write_file(path: Path, data: bytes) -> None:
    """Writes a file whole or not at all; raises NotFound in words when the place cannot be written."""
    partial = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())  # a stick is pulled out the moment it says done
        partial.replace(path)
    except OSError as error:
        raise NotFound(
            f"{path} cannot be written ({error.strerror or type(error).__name__}).", "Choose another place."
        ) from error
