"""A private PostgreSQL cluster for tests, with the roles that a council's database has."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sync.server.database_roles import APP, BACKUP, OWNER, make_roles
from sync.server.store import ServerStore, engine_of


@dataclass(frozen=True)
class Cluster:
    """The addresses of one database, as each role reaches it; the administrator passes every wall."""

    host: str
    database: str = "postgres"

    def address(self, role: str) -> str:
        """The URL for a role."""
        return f"postgresql://{role}@{self.host}/{self.database}"

    @property
    def admin(self) -> str:
        return self.address("postgres_admin")

    @property
    def owner(self) -> str:
        return self.address(OWNER)

    @property
    def app(self) -> str:
        return self.address(APP)

    @property
    def backup(self) -> str:
        return self.address(BACKUP)

    def fresh(self, name: str) -> Cluster:
        """Another, empty database of the cluster."""
        engine = engine_of(self.admin)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        engine.dispose()
        return Cluster(self.host, name)

    def prepare(self) -> ServerStore:
        """The database with roles and tables, opened as the server opens it."""
        engine = engine_of(self.admin)
        with engine.begin() as connection:
            make_roles(connection)
        engine.dispose()
        ServerStore.open(self.owner).close()
        return ServerStore.open(self.app)


class NoCluster(Exception):
    """There can be no cluster here; the message says why."""


def _programs() -> Path | None:
    """The folder of PostgreSQL's programs, newest version first."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    named = shutil.which("initdb")
    return found[0].parent if found else Path(named).parent if named else None


@contextmanager
def running() -> Iterator[Cluster]:
    """A cluster of our own, on loopback, for as long as the context lasts; raises NoCluster."""
    programs = _programs()
    if programs is None:
        raise NoCluster("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="holdall-pg-"))
    prefix: list[str] = []
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # PostgreSQL refuses to run as root
        known = subprocess.run(["id", "postgres"], capture_output=True, check=False).returncode == 0
        if not shutil.which("runuser") or not known:
            raise NoCluster("PostgreSQL does not run as root, and there is no user postgres to run it as")
        prefix = ["runuser", "-u", "postgres", "--"]
        shutil.chown(folder, "postgres")
    port = _free_port()
    data = folder / "data"
    run = [
        *prefix,
        str(programs / "initdb"),
        "-D",
        str(data),
        "-U",
        "postgres_admin",
        "-A",
        "trust",
        "-E",
        "UTF8",
    ]
    subprocess.run(run, cwd=folder, check=True, capture_output=True)
    options = f"-c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -p {port}"
    control = [*prefix, str(programs / "pg_ctl"), "-D", str(data), "-w"]
    log = str(folder / "log")
    subprocess.run(
        [*control, "-o", options, "-l", log, "start"], cwd=folder, check=True, stdout=subprocess.DEVNULL
    )
    try:
        yield Cluster(f"127.0.0.1:{port}")
    finally:
        subprocess.run(
            [*control, "-m", "immediate", "stop"], cwd=folder, check=True, stdout=subprocess.DEVNULL
        )
        shutil.rmtree(folder)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
