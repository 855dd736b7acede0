"""A hybrid logical clock: real milliseconds that never run backwards, with a counter for ties.

It only picks a later writer and shows an order to people; nothing that has to be right depends on it.
Text form: 12 hex digits of milliseconds, 4 of the counter, a hyphen, the device.
"""

from __future__ import annotations

from datetime import datetime

COUNTER_LIMIT = 0xFFFF


def tick(last: str | None, now: datetime, device: str) -> str:
    """The next reading after `last` (a reading, or None) at wall-clock moment `now`."""
    wall = int(now.timestamp() * 1000)
    ms, counter = parse(last) if last else (0, 0)
    if wall > ms:
        ms, counter = wall, 0
    else:
        counter += 1
    if counter > COUNTER_LIMIT:
        ms, counter = ms + 1, 0
    return f"{ms:012x}{counter:04x}-{device}"


def receive(last: str | None, remote: str, now: datetime, device: str) -> str:
    """The reading after hearing of `remote`: later than both, and not before the wall clock."""
    ms, counter = parse(last) if last else (0, 0)
    remote_ms, remote_counter = parse(remote)
    wall = int(now.timestamp() * 1000)
    top = max(ms, remote_ms, wall)
    counters = [c for m, c in ((ms, counter), (remote_ms, remote_counter)) if m == top]
    value = max(counters) + 1 if counters else 0
    if value > COUNTER_LIMIT:
        top, value = top + 1, 0
    return f"{top:012x}{value:04x}-{device}"


def parse(reading: str) -> tuple[int, int]:
    """Milliseconds and counter of a reading; ValueError when it is not one."""
    if len(reading) < 17 or reading[16] != "-":
        raise ValueError("not a clock reading")
    return int(reading[:12], 16), int(reading[12:16], 16)
