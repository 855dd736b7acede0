"""Time from spawn to first paint and memory then, of Holdall and of a bare five-tab PySide6 window."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PASSPHRASE = "averwick sample"


def run(times: int) -> dict[str, float]:
    """Medians over alternating starts: seconds, megabytes, and the ratio that is promised (<= 2.5)."""
    with tempfile.TemporaryDirectory() as folder:
        _prepare(Path(folder))
        measured: dict[str, list[tuple[float, float]]] = {"bare": [], "holdall": []}
        for _ in range(times):
            for name, found in measured.items():
                found.append(_spawn(name, folder))
    seconds = {name: statistics.median(s for s, _ in found) for name, found in measured.items()}
    memory = {name: statistics.median(m for _, m in found) for name, found in measured.items()}
    return {
        "bare window, spawn to first paint (s)": seconds["bare"],
        "Holdall, spawn to first paint (s)": seconds["holdall"],
        "ratio (asked: at most 2.5)": seconds["holdall"] / seconds["bare"],
        "bare window, memory (MB)": memory["bare"],
        "Holdall, memory at first paint (MB, asked: at most 110)": memory["holdall"],
    }


def _prepare(folder: Path) -> None:
    from app import sample, workspace

    context = workspace.create(
        folder, workspace.sample_profile(), workspace.SAMPLE_PASSPHRASE, kdf=workspace.SAMPLE_KDF
    )
    sample.fill(context)
    context.store.close()


def _spawn(name: str, folder: str) -> tuple[float, float]:
    started = time.monotonic()
    line = [sys.executable, "-m", "tests.bench.bench_start", name, folder]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout.strip().splitlines()[-1])
    return told["at"] - started, told["memory"]


def _memory() -> float:
    """Resident memory of this process in MB; 0 where the system does not say it in /proc."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    line = next(row for row in status.read_text().splitlines() if row.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _told() -> None:
    print(json.dumps({"at": time.monotonic(), "memory": _memory()}), flush=True)


def _bare() -> int:
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication, QLabel, QMainWindow, QTabWidget

    app = QApplication([])

    class Window(QMainWindow):
        def paintEvent(self, event: Any) -> None:
            super().paintEvent(event)
            QTimer.singleShot(0, finish)

    def finish() -> None:
        _told()
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

    return first_window(Path(folder), PASSPHRASE, _told)


if __name__ == "__main__":
    which, where = sys.argv[1:3]
    raise SystemExit(_bare() if which == "bare" else _holdall(where))
