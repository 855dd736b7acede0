"""The inclusion slice's tests stand on one small world."""

from __future__ import annotations

import pytest

from app.context import Context
from tests.app.inclusion.world import World, make_world


@pytest.fixture
def world(context: Context) -> World:
    """Hadley Street Library, open since 13:00, with three people on record."""
    return make_world(context)
