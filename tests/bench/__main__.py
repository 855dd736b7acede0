"""Runs the benches by name, or all of them, and prints a line per figure. `sim`, the simulator, is run by
name alone: `bench sim --seeds N --first M`."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Mapping

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from tests.bench import (
    bench_blobs,
    bench_filter,
    bench_income,
    bench_repairs,
    bench_rows,
    bench_save,
    bench_sim,
    bench_start,
    bench_sync,
)

BENCHES = {
    "start": lambda n: bench_start.run(n or 7),
    "save": lambda n: bench_save.run(n or 1_000),
    "rows": lambda n: bench_rows.run(n or 1_000_000),
    "filter": lambda n: bench_filter.run(n or 100_000),
    "income": lambda n: bench_income.run(n or 100_000),
    "repairs": lambda _n: bench_repairs.run(),
    "sync": lambda n: bench_sync.run(n or 10_000),
    "blobs": lambda n: bench_blobs.run(n or 50),
}


def main(arguments: list[str]) -> int:
    """`bench`, `bench NAME`, `bench NAME COUNT`."""
    if arguments[:1] == ["sim"]:
        return _sim(arguments[1:])
    names = arguments[:1] or list(BENCHES)
    count = int(arguments[1]) if len(arguments) > 1 else 0
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        choices = ", ".join([*BENCHES, "sim"])
        print(f"bench: there is no bench “{unknown[0]}”; choose of {choices}", file=sys.stderr)
        return 2
    for name in names:
        print(f"== {name}", flush=True)
        _show(BENCHES[name](count))
    return 0


def _sim(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="run.py bench sim")
    parser.add_argument("--seeds", type=int, default=300, help="how many worlds")
    parser.add_argument("--first", type=int, default=0, help="the number of the first")
    options = parser.parse_args(arguments)
    logging.getLogger("holdall").setLevel(logging.CRITICAL)  # the faults are meant
    print("== sim", flush=True)
    try:
        _show(bench_sim.run(options.seeds, options.first))
    except bench_sim.SeedFailed as failed:
        print(failed, file=sys.stderr)
        return 1
    return 0


def _show(figures: Mapping[str, float | str]) -> None:
    for figure, value in figures.items():
        shown = value if isinstance(value, str) else f"{value:,.2f}"
        print(f"   {figure:<72} {shown:>12}".rstrip(), flush=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
