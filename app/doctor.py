"""The doctor: checks that this computer has what Holdall needs, and says what to do where it has not."""

from __future__ import annotations

import importlib.metadata
import importlib.resources
import importlib.util
import platform
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app import keys, workspace
from app.context import Context
from app.errors import HoldallError
from app.wording import plural
from models import blobs
from models.changes import pending_count

DISTRIBUTIONS = (
    "PySide6-Essentials",
    "SQLAlchemy",
    "sqlcipher3",
    "reportlab",
    "pypdfium2",
    "keyring",
    "requests",
    "msgspec",
    "PyNaCl",
)


@dataclass(frozen=True)
class Finding:
    """One thing the doctor looked at: its name, whether it is well, and what was seen or what to do."""

    name: str
    ok: bool
    detail: str


def version() -> str:
    """Holdall's version: 2026.11.0."""
    try:
        return importlib.metadata.version("holdall")
    except importlib.metadata.PackageNotFoundError:
        text = importlib.resources.files("resources").joinpath("VERSION").read_text(encoding="utf-8")
        return text.strip()


def versions() -> dict[str, str]:
    """The versions of Holdall, Python and the libraries it stands on."""
    found = {"Holdall": version(), "Python": platform.python_version()}
    for name in DISTRIBUTIONS:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def examine(home: Path, passphrase: str | None = None) -> list[Finding]:
    """Looks at everything, changes nothing outside a temporary folder, and never raises."""
    looks: list[tuple[str, Callable[[], str]]] = [
        ("System", _system),
        ("Encrypted store", _encrypted_store),
        ("Find (full text)", _full_text),
        ("Password store", _password_store),
        ("Fonts", _fonts),
        ("PDF", _pdf),
        ("Windows (Qt)", _qt),
        ("Your store", lambda: _own_store(home, passphrase)),
    ]
    return [_look(name, look) for name, look in looks]


def _look(name: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, look())
    except HoldallError as error:
        return Finding(name, False, str(error))
    except Exception as error:
        return Finding(name, False, f"{type(error).__name__}: {error}")


def _system() -> str:
    return f"{platform.system()} {platform.release()}, Python {sys.version.split()[0]}, Holdall {version()}"


def _encrypted_store() -> str:
    from models.store import Store

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "check.db"
        store = Store.create(path, bytes(32))
        with store.connect() as connection:
            cipher = connection.exec_driver_sql("PRAGMA cipher_version").scalar()
        store.close()
        if not cipher or path.read_bytes()[:6] == b"SQLite":
            raise HoldallError("The store would not be encrypted.", "Install Holdall again.")
    return f"SQLCipher {cipher}"


def _full_text() -> str:
    import sqlcipher3.dbapi2 as sqlcipher

    connection = sqlcipher.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE t USING fts5(x)")
    connection.close()
    return f"FTS5, SQLite {sqlcipher.sqlite_version}"


def _password_store() -> str:
    name = keys.password_store()
    return name or "none on this computer: Holdall asks for a passphrase instead"


def _fonts() -> str:
    folder = importlib.resources.files("resources").joinpath("fonts")
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".ttf"))
    if len(names) < 3:
        raise HoldallError("Holdall's fonts are missing.", "Install Holdall again.")
    return ", ".join(names)


def _pdf() -> str:
    from datetime import date

    import pypdfium2

    from app.report import Document, Text, render

    data = render(Document(title="Tŷ Ŵyl", made_on=date(2026, 12, 17), blocks=[Text("Siân Ŵyr")]))
    document = pypdfium2.PdfDocument(data)
    words = document[0].get_textpage().get_text_range()
    document.close()
    if "Tŷ Ŵyl" not in words:
        raise HoldallError("A PDF made here loses Welsh letters.", "Install Holdall again.")
    return f"{len(data):,} bytes, Welsh letters kept"


def _qt() -> str:
    if importlib.util.find_spec("PySide6") is None:
        raise HoldallError("PySide6 is not installed.", "Commands work; windows need it.")
    return f"PySide6 {importlib.metadata.version('PySide6-Essentials')}"


def _own_store(home: Path, passphrase: str | None) -> str:
    if not workspace.exists(home):
        return f"none yet in {home}"
    context: Context = workspace.open_workspace(home, passphrase)
    try:
        problems = context.store.check()
        if problems:
            raise HoldallError(f"The store has faults: {problems[0]}", "Bring back last night's copy.")
        gone = len(context.read(blobs.missing))
        if gone:
            raise HoldallError(
                f"{plural(gone, 'photo or picture', 'photos and pictures')} beside the store are not there.",
                "Sync fetches what the server has. Else bring the folder holdall.blobs back from a copy.",
            )
        waiting = context.read(pending_count)
    finally:
        context.store.close()
    return f"sound, {waiting} changes waiting to be sent"
