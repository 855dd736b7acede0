"""Killing Holdall while somebody types loses at most the last second, and never the store."""

from __future__ import annotations

import multiprocessing
import sys
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random

import pytest

from app.content import service
from models.store import Store
from tests.conftest import KEY
from tests.journeys import typist

PATIENCE = 60  # seconds for a window to come up on a busy machine


@dataclass
class Laptop:
    """One process that types, and what it said of its keys."""

    process: BaseProcess
    told: Connection
    page_id: str = ""
    block_id: str = ""
    pressed: list[tuple[int, float]] = field(default_factory=list)

    def type_for(self, seconds: float) -> None:
        """Listens to the keys until the person has typed so long."""
        assert self.told.poll(PATIENCE), "the window did not come up"
        self.page_id, self.block_id = self.told.recv()
        while not self.pressed or self.pressed[-1][1] - self.pressed[0][1] < seconds:
            assert self.told.poll(PATIENCE), "no key was pressed"
            self.pressed.append(self.told.recv())

    def kill(self) -> float:
        """Kills the process as a flat battery does; gives the moment."""
        moment = time.monotonic()
        self.process.kill()
        self.process.join()
        while True:
            try:
                self.pressed.append(self.told.recv())
            except EOFError:
                return moment


@pytest.fixture(scope="module")
def processes() -> multiprocessing.context.BaseContext:
    """Where it can be had, a server that forks: each typist is a process of its own, imported once."""
    if not sys.platform.startswith("linux"):
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["ui.application", "ui.main_window", "ui.content.tab", typist.__name__])
    return context


def begin(processes: multiprocessing.context.BaseContext, folder: Path) -> Laptop:
    listens, tells = processes.Pipe(duplex=False)
    process = processes.Process(target=typist.type_until_killed, args=(folder, KEY, tells), daemon=True)
    process.start()
    tells.close()
    return Laptop(process, listens)


def test_twenty_kills_while_typing_lose_at_most_the_last_second(
    processes: multiprocessing.context.BaseContext, tmp_path: Path
) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        Store.create(folder / "holdall.db", KEY).close()
    moments = Random(20)
    for _ in range(10):
        laptops = [begin(processes, folder) for folder in folders]
        for laptop, folder in zip(laptops, folders, strict=True):
            laptop.type_for(moments.uniform(1.05, 1.6))
            killed = laptop.kill()
            due = max(count for count, at in laptop.pressed if at <= killed - 1.0)
            kept = read_block(folder, laptop)
            assert typist.TEXT.startswith(kept)
            assert len(kept) >= len(typist.TEXT[:due].rstrip())


def read_block(folder: Path, laptop: Laptop) -> str:
    """Opens the store that the killed process left, finds it whole, and reads the typed words."""
    store = Store.open(folder / "holdall.db", KEY)
    assert store.check() == []
    with store.read() as session:
        page = service.load(session, laptop.page_id)
    store.close()
    return next(block.text for block in page.blocks if block.id == laptop.block_id)
