"""`repairs config-check`: a council’s mapping of answers to codes, alone or against another council’s."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.errors import BadFile
from app.repairs.mapping.config import MOST_BYTES, Config, read_config
from app.repairs.mapping.report import check, words_of
from app.told import Told


def run(options: argparse.Namespace) -> Told:
    """Checks the file given; raises BadFile when it, or the other one, cannot be read at all."""
    config = _read(options.file)
    against = _read(options.against) if options.against is not None else None
    document = check(config, against)
    return Told(document, words_of(document, options.file.name))


def _read(path: Path) -> Config:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadFile(
            f"“{path.name}” cannot be read ({error.strerror or type(error).__name__}).",
            "Check its name and that the file may be opened.",
        ) from None
    return read_config(data, path.name)
