"""Time from spawn to first paint and memory then, of Holdall and of a bare five-tab PySide6 window."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
Told = tuple[float, float]  # seconds since the spawn, megabytes


def run(times: int) -> dict[str, float]:
    """Medians over alternating starts: seconds, megabytes, and the ratio that is promised (<= 2.5).

    The first window is the frame with its tabs; it is ready when the open tab's page is painted over the
    open store. One start of each goes before, so that Python's compiled files are there as they are for
    a person.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        _prepare(Path(folder))
        measured: dict[str, list[dict[str, Told]]] = {"bare": [], "holdall": []}
        for n in range(times + 1):
            for name, found in measured.items():
                told = _spawn(name, folder)
                found += [told] if n else []
    bare = _medians(measured["bare"], "painted")
    first, ready = (_medians(measured["holdall"], moment) for moment in ("painted", "ready"))
    return {
        "bare window, spawn to first paint (s)": bare[0],
        "Holdall, spawn to first paint (s)": first[0],
        "ratio (asked: at most 2.5)": first[0] / bare[0],
        "Holdall, spawn to a page ready for work (s)": ready[0],
        "ratio": ready[0] / bare[0],
        "bare window, memory (MB)": bare[1],
        "Holdall, memory at first paint (MB, asked: at most 110)": first[1],
        "Holdall, memory when ready for work (MB)": ready[1],
    }


def _medians(starts: list[dict[str, Told]], moment: str) -> Told:
    told = [start[moment] for start in starts]
    return statistics.median(s for s, _ in told), statistics.median(m for _, m in told)


def _prepare(folder: Path) -> None:
    from app import sample, workspace

    context = workspace.create(
        folder, workspace.sample_profile(), workspace.SAMPLE_PASSPHRASE, kdf=workspace.SAMPLE_KDF
    )
    sample.fill(context)
    context.store.close()


def _spawn(name: str, folder: str) -> dict[str, Told]:
    started = time.monotonic()
    line = [sys.executable, "-m", "tests.bench.bench_start", name, folder]
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(Path(folder) / "compiled")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    told = [json.loads(row) for row in done.stdout.splitlines()]
    return {row["moment"]: (row["at"] - started, row["memory"]) for row in told}


def _memory() -> float:
    """Resident memory of this process in MB; 0 where the system does not say it in /proc."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    line = next(row for row in status.read_text().splitlines() if row.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _told(moment: str) -> None:
    print(json.dumps({"moment": moment, "at": time.monotonic(), "memory": _memory()}), flush=True)


def _bare() -> int:
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication, QLabel, QMainWindow, QTabWidget

    app = QApplication([])

    class Window(QMainWindow):
        def paintEvent(self, event: Any) -> None:
            super().paintEvent(event)
            QTimer.singleShot(0, finish)

    def finish() -> None:
        _told("painted")
        app.quit()

    window = Window()
    tabs = QTabWidget()
    for name in ("Content", "Wellbeing", "Income", "Repairs", "Inclusion"):
        tabs.addTab(QLabel(name), name)
    window.setCentralWidget(tabs)
    window.resize(1280, 720)
    window.show()
    return app.exec()


def _holdall(folder: str) -> int:
    from ui.application import first_window

    return first_window(Path(folder), lambda: _told("painted"), lambda: _told("ready"))


if __name__ == "__main__":
    which, where = sys.argv[1:3]
    raise SystemExit(_bare() if which == "bare" else _holdall(where))
