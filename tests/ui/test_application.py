"""A start, from the first paint to the window: what it shows, in which order, and what it does not import."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app import sample, workspace
from app.keys import KEY_FILE
from ui.application import Program
from ui.first_run import FirstRun, Unlock
from ui.opening import Opening

ROOT = Path(__file__).resolve().parents[2]
CHEAP = {"time": 1, "memory_kib": 8, "lanes": 1}  # a passphrase that guards nothing need not be slow


@pytest.fixture
def start(qtbot: QtBot) -> Any:
    begun: list[Program] = []

    def begin(folder: Path, is_sample: bool = False) -> Program:
        program = Program(folder, is_sample)
        begun.append(program)
        program.begin()
        assert isinstance(program.door, Opening)
        return program

    yield begin
    for program in begun:
        for shown in (program.door, program.window):
            if shown is not None:
                shown.close()
        program.close()


def make(folder: Path) -> None:
    workspace.create(folder, workspace.sample_profile(), workspace.SAMPLE_PASSPHRASE, kdf=CHEAP).store.close()


def test_a_start_shows_the_frame_and_then_the_window_in_its_place(
    qtbot: QtBot, tmp_path: Path, start: Any
) -> None:
    make(tmp_path)
    program = start(tmp_path, True)
    frame = program.door
    with qtbot.waitSignal(program.entered):
        assert program.window is None
    assert program.window.isVisible()
    assert program.window.size() == frame.size()
    assert program.door is None
    qtbot.waitUntil(lambda: not frame.isVisible())


def test_the_first_start_of_the_sample_says_what_it_makes(
    qtbot: QtBot, tmp_path: Path, start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample, "fill", lambda context: None)  # two weeks of work: tests/app looks at them
    program = start(tmp_path, True)
    said = program.door.words
    qtbot.waitUntil(lambda: said.text() == "Making two weeks of sample work…")
    with qtbot.waitSignal(program.entered):
        pass


def test_a_folder_with_nothing_in_it_opens_the_first_page(qtbot: QtBot, tmp_path: Path, start: Any) -> None:
    program = start(tmp_path / "new")
    qtbot.waitUntil(lambda: isinstance(program.door, FirstRun) and program.door.isVisible())


def test_a_folder_with_a_passphrase_opens_the_locked_door(qtbot: QtBot, tmp_path: Path, start: Any) -> None:
    make(tmp_path)
    program = start(tmp_path)
    qtbot.waitUntil(lambda: isinstance(program.door, Unlock) and program.door.isVisible())


def test_a_start_that_fails_says_why_in_the_window(qtbot: QtBot, tmp_path: Path, start: Any) -> None:
    make(tmp_path)
    (tmp_path / KEY_FILE).write_text("{}", encoding="utf-8")
    program = start(tmp_path)
    qtbot.waitUntil(lambda: "is damaged" in program.door.words.text())


START = """
import json, sys
from pathlib import Path
from ui.application import first_window
moments = {}
def note(name):
    moments[name] = sorted(module for module in sys.modules if "." not in module)
first_window(Path(sys.argv[1]), lambda: note("painted"), lambda: note("ready"))
print(json.dumps(moments))
"""
NEVER = {"reportlab", "requests", "keyring", "alembic", "fastapi", "uvicorn", "psycopg", "pypdfium2", "PIL"}
LATER = {
    "sqlalchemy",
    "sqlcipher3",
    "models",
    "sync",
    "asyncio",
    "ssl",
    "email",
    "nacl",
    "argon2",
    "zoneinfo",
}


def test_after_the_first_paint_nothing_heavy_was_imported(tmp_path: Path) -> None:
    make(tmp_path)
    ran = subprocess.run(
        [sys.executable, "-c", START, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    moments = json.loads(ran.stdout.splitlines()[-1])
    assert not set(moments["painted"]) & (NEVER | LATER)
    assert not set(moments["ready"]) & NEVER
    assert set(moments["ready"]) >= LATER  # so that the names above are the right ones
