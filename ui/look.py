"""How this laptop's window looks: mode, text size, place on the screen; kept beside the store.

It holds nothing about people or work, and has to be read before the store is open: somebody who needs
large text needs it on the page that asks for the passphrase.
"""

from __future__ import annotations

import base64
import json
import logging
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ui.theme import FACTORS, Mode

log = logging.getLogger(__name__)
FILE = "look.json"


@dataclass(frozen=True)
class Look:
    """Mode, text factor 1.0 to 2.0, the window's place as Qt writes it (base 64), the tab last used."""

    mode: str = Mode.SYSTEM.value
    factor: float = 1.0
    geometry: str = ""
    tab: str = ""

    def place(self) -> bytes:
        """The window's place as bytes; empty when none is kept."""
        try:
            return base64.b64decode(self.geometry, validate=True)
        except ValueError:
            return b""

    def placed(self, geometry: bytes, tab: str) -> Look:
        """The same look with another place and tab."""
        return replace(self, geometry=base64.b64encode(geometry).decode(), tab=tab)


def load(home: Path) -> Look:
    """The look kept in a folder; the plain one when there is none or it cannot be read."""
    try:
        plain = json.loads((home / FILE).read_text(encoding="utf-8"))
        factor = float(plain.get("factor", 1.0))
        return Look(
            Mode(plain.get("mode", "system")).value,
            factor if FACTORS[0] <= factor <= FACTORS[-1] else 1.0,
            str(plain.get("geometry", "")),
            str(plain.get("tab", "")),
        )
    except FileNotFoundError:
        return Look()
    except (OSError, ValueError, AttributeError, TypeError) as error:
        log.warning("the look could not be read: %s", error)
        return Look()


def save(home: Path, look: Look) -> None:
    """Keeps the look in a folder; a disk that refuses is noted, as nothing of a person's work is in it."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        part = home / f"{FILE}.part"
        part.write_text(json.dumps(asdict(look)), encoding="utf-8")
        part.replace(home / FILE)
    except OSError as error:
        log.warning("the look could not be kept: %s", error)
