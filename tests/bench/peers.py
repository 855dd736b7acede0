"""The peers that Holdall's sync is measured beside, each with its own server process on loopback.

They are looked for in the folder that HOLDALL_PEERS names: `npm install pouchdb@9 express-pouchdb@4.2
express@4` there (its Express must be 4), and `pip install --target python anki` there.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
BATCH = 1_000  # documents in a batch of PouchDB's: faster here than its 100
SECONDS = 900

Figures = dict[str, float]


def pouchdb(rows: Sequence[dict[str, Any]]) -> Figures | str:
    """PouchDB and its server over LevelDB: records a second written, pushed, pulled; or what to install."""
    folder = _folder()
    packages = ("pouchdb", "express-pouchdb", "express")
    node = shutil.which("node")
    if node is None or folder is None or any(not (folder / "node_modules" / p).is_dir() for p in packages):
        return "not measured: install Node and, in the folder HOLDALL_PEERS names, " + _PACKAGES
    environment = {**os.environ, "HOLDALL_PEERS": str(folder), "NODE_ENV": "production"}
    script = str(HERE / "pouch.js")
    with tempfile.TemporaryDirectory() as name:
        for part in ("server", "client"):
            (Path(name) / part).mkdir()
        server, client = str(Path(name) / "server"), str(Path(name) / "client")
        with _running([node, script, "serve", server], environment) as process:
            told = json.loads(process.stdout.readline() if process.stdout else "")
            url = f"http://127.0.0.1:{told['port']}"
            lines = (json.dumps({"_id": f"r{n:09d}", **row}) for n, row in enumerate(rows))
            return _measure(
                [node, script, "measure", client, url, str(len(rows)), str(BATCH)], lines, environment
            )


def anki(rows: Sequence[dict[str, Any]]) -> Figures | str:
    """Anki's library and its sync server: notes a second written, pushed and pulled; or what to install."""
    folder = _folder()
    if folder is None or not (folder / "python" / "anki").is_dir():
        return "not measured: install anki into the folder “python” of the one HOLDALL_PEERS names"
    with tempfile.TemporaryDirectory() as name:
        port = _free_port()
        environment = {
            **os.environ,
            "PYTHONPATH": str(folder / "python"),
            "RUST_LOG": "error",  # its log would fill the pipe that nobody reads
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
            "SYNC_USER1": "bench:bench",
            "SYNC_BASE": str(Path(name) / "server"),
            "SYNC_HOST": "127.0.0.1",
            "SYNC_PORT": str(port),
            "MAX_SYNC_PAYLOAD_MEGS": "1000",
        }
        with _running([sys.executable, "-m", "anki.syncserver"], environment):
            _wait_for(port)
            lines = (json.dumps([row["reference"], json.dumps(row)]) for row in rows)
            script = str(HERE / "anki_peer.py")
            return _measure(
                [sys.executable, script, name, f"http://127.0.0.1:{port}/", str(len(rows))],
                lines,
                environment,
            )


_PACKAGES = "the npm packages pouchdb@9, express-pouchdb@4.2 and express@4"


def _folder() -> Path | None:
    named = os.environ.get("HOLDALL_PEERS")
    return Path(named) if named and Path(named).is_dir() else None


@contextmanager
def _running(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A server process that is gone afterwards."""
    process = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def _measure(command: list[str], lines: Iterator[str], environment: dict[str, str]) -> Figures | str:
    done = subprocess.run(
        command,
        input="\n".join(lines) + "\n",
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode:
        return f"not measured: it ended with {(done.stderr or done.stdout).strip()[-1800:]}"
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
