"""Runs the benches by name, or all of them, and prints a line per figure."""

from __future__ import annotations

import os
import sys

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from tests.bench import bench_blobs, bench_rows, bench_save, bench_start, bench_sync

BENCHES = {
    "start": lambda n: bench_start.run(n or 7),
    "save": lambda n: bench_save.run(n or 1_000),
    "rows": lambda n: bench_rows.run(n or 1_000_000),
    "sync": lambda n: bench_sync.run(n or 10_000),
    "blobs": lambda n: bench_blobs.run(n or 50),
}


def main(arguments: list[str]) -> int:
    """`bench`, `bench NAME`, `bench NAME COUNT`."""
    names = arguments[:1] or list(BENCHES)
    count = int(arguments[1]) if len(arguments) > 1 else 0
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"bench: there is no bench “{unknown[0]}”; choose of {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    for name in names:
        print(f"== {name}", flush=True)
        for figure, value in BENCHES[name](count).items():
            shown = value if isinstance(value, str) else f"{value:,.2f}"
            print(f"   {figure:<72} {shown:>12}".rstrip(), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
