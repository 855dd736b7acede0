"""A drop-in from the door to its closing, through the real screen: the tour on the Inclusion tab."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt

from app.inclusion import reading
from app.wording import plural
from ui.inclusion.tab import Tab


def walk(stage: Any, laptop: Any, inputs: Path | None) -> Iterator[str]:
    """Marks a returner present in three keys, counts visits without a name, and takes one back."""
    tab = _tab(laptop)
    pose(stage, laptop)
    search = tab.register.search
    before = _register(laptop, tab)
    for key in (Qt.Key.Key_G, Qt.Key.Key_W, Qt.Key.Key_Return):
        stage.press(search, key)
    stage.wait(lambda: len(_register(laptop, tab).here) == len(before.here) + 1, "the returner to be here")
    stage.settle(laptop)
    yield f"Marked {_register(laptop, tab).here[0].name} present in three keys"
    stage.type(search, "+2+7+7")
    stage.wait(lambda: _register(laptop, tab).counted == before.counted + 3, "three visits to be counted")
    stage.type(search, "-")
    stage.wait(lambda: _register(laptop, tab).counted == before.counted + 2, "one press to be taken back")
    stage.settle(laptop)
    now = _register(laptop, tab)
    people, visits = plural(len(now.here), "person", "people"), plural(now.counted, "visit")
    yield f"Counted three visits and took one back: {people} by name, {visits} without"


def pose(stage: Any, laptop: Any) -> None:
    """Opens the register of today's session."""
    tab = _tab(laptop)
    now = laptop.context.now()
    tab.open_register(laptop.context.read(lambda s: reading.landing(s, now)).today[0].id)
    stage.settle(laptop)
    tab.register.focus_search()


def _register(laptop: Any, tab: Tab) -> reading.Register:
    found: reading.Register = laptop.context.read(lambda s: reading.register(s, tab.register.session_id))
    return found


def _tab(laptop: Any) -> Tab:
    tab = laptop.window.page("inclusion")
    assert isinstance(tab, Tab)  # noqa: S101  the tab registered under this key
    return tab
