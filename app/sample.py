"""Two weeks of believable work for Averwick Borough Council, which does not exist."""

from __future__ import annotations

import random
from importlib import import_module

from sqlalchemy import update

from app.context import Context
from models import SLICES
from models.outbox import Action


def fill(context: Context, seed: int = 1) -> None:
    """Writes the sample work of every slice into an empty store; the same bytes for the same seed and day."""
    for slice_name in SLICES:
        module = import_module(f"app.{slice_name}.sample")
        module.fill(context, random.Random(f"{seed}/{slice_name}"))  # noqa: S311  a sample, not a secret
    with context.store.connect(write=True) as connection:  # Undo is for what the person does themselves
        connection.execute(update(Action).values(state="gone"))
