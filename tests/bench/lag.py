"""How long the thread of a window is kept waiting by what another thread does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

BEAT = 5  # ms


def largest_gap(work: Callable[[], Any]) -> tuple[float, float]:
    """Runs `work` on another thread beside a Qt event loop on this one, with a timer every 5 ms; the longest
    time between two of its beats beyond those 5 ms, and the 99th of 100, in milliseconds."""
    from PySide6.QtCore import QCoreApplication, QEventLoop, Qt, QTimer
    from PySide6.QtWidgets import QApplication

    app = QCoreApplication.instance() or QApplication([])
    loop = QEventLoop(app)
    beats = [time.perf_counter()]
    timer = QTimer(interval=BEAT, timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(lambda: beats.append(time.perf_counter()))
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    watch = QTimer(interval=50)
    watch.timeout.connect(lambda: None if thread.is_alive() else loop.quit())
    timer.start()
    watch.start()
    thread.start()
    loop.exec()
    timer.stop()
    thread.join()
    if raised:
        raise raised[0]
    gaps = sorted(max(0.0, (b - a) * 1000 - BEAT) for a, b in pairwise(beats))
    return gaps[-1], gaps[int(len(gaps) * 0.99)]
