"""What is stored. Importing this package registers every slice's tables; a sixth tab adds one line."""

from __future__ import annotations

import importlib
import importlib.util

SLICES = ("content", "wellbeing", "income", "repairs", "inclusion")

for _name in SLICES:
    if importlib.util.find_spec(f"models.{_name}"):
        importlib.import_module(f"models.{_name}")
