"""A server with a known fault (L6): it decides and writes without holding what it looked at. Never in use."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable
from typing import Any

from sync.server.batch import Batch, Key

_original = Batch.__init__
_totals = Batch.load_totals


def _init(self: Batch, *arguments: Any, **names: Any) -> None:
    _original(self, *arguments, **names)
    self.lock = False


def _load_totals(self: Batch, keys: Iterable[Key]) -> None:
    _totals(self, keys)
    time.sleep(random.random() / 20)  # some work between looking and writing


Batch.__init__ = _init  # type: ignore[method-assign]
Batch.load_totals = _load_totals  # type: ignore[method-assign]
