"""What a command without a window found out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Told:
    """One JSON document, and the same in lines for people."""

    document: Any
    words: Sequence[str]
