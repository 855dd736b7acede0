"""A workspace: one folder on this laptop with its key, its store and the person and council it is for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from app import keys
from app.context import Context, Council, utc_now
from app.errors import BadFile, NotFound
from models.changes import Author, get_meta, set_meta
from models.errors import StoreDamaged, WrongKey
from models.ids import new_id
from models.store import Store

STORE_FILE = "holdall.db"
SAMPLE_PASSPHRASE = "averwick sample"  # noqa: S105  published: the sample holds nothing real
SAMPLE_KDF = {"time": 2, "memory_kib": 19_456, "lanes": 1}


@dataclass(frozen=True)
class Profile:
    """Who a workspace is for, as the enrolment or the sample says."""

    tenant_id: str
    user_id: str
    name: str
    team_id: str
    roles: tuple[str, ...]
    device_id: str
    council: Council
    server: str = ""  # the address it syncs with; empty for none
    sample: bool = False


def exists(home: Path) -> bool:
    """Whether the folder holds a workspace."""
    return (home / STORE_FILE).exists() and (home / keys.KEY_FILE).exists()


def create(
    home: Path,
    profile: Profile,
    passphrase: str | None = None,
    clock: Callable[[], datetime] = utc_now,
    kdf: dict[str, int] | None = None,
) -> Context:
    """A new workspace in a folder; raises StoreError when one is there, CannotRunHere without a key."""
    if exists(home):
        raise BadFile(
            f"There is a Holdall store in {home.name} already.", "Open it, or choose another folder."
        )
    master = keys.make(home, passphrase, kdf)
    store = Store.create(home / STORE_FILE, keys.database_key(master))
    with store.connect(write=True) as connection:
        set_meta(connection, "profile", _plain(profile))
    return _context(home, store, profile, clock)


def open_workspace(
    home: Path, passphrase: str | None = None, clock: Callable[[], datetime] = utc_now
) -> Context:
    """The workspace in a folder; raises a HoldallError in words when it cannot be opened."""
    if not (home / STORE_FILE).exists():
        raise NotFound(f"There is no Holdall store in {home}.", "Start Holdall once to make one.")
    master = keys.unlock(home, passphrase)
    try:
        store = Store.open(home / STORE_FILE, keys.database_key(master))
    except WrongKey as error:  # the key itself was checked: so it is the file
        raise StoreDamaged(
            f"The store {STORE_FILE} is damaged at its first page.",
            "Do not delete it. Bring back last night's copy of the folder, or ask IT to.",
        ) from error
    with store.connect() as connection:
        plain = get_meta(connection, "profile")
    if not isinstance(plain, dict):
        store.close()
        raise BadFile("This store does not say who it is for.", "It was never set up fully: join again.")
    council = Council(**{k: str(v) for k, v in plain.pop("council").items()})
    profile = Profile(**{**plain, "roles": tuple(plain["roles"]), "council": council})
    return _context(home, store, profile, clock)


def profile_of(context: Context) -> Profile:
    """The profile kept in an open workspace."""
    with context.store.connect() as connection:
        plain: dict[str, Any] = dict(get_meta(connection, "profile"))
    council = Council(**plain.pop("council"))
    return Profile(**{**plain, "roles": tuple(plain["roles"]), "council": council})


def save_profile(context: Context, profile: Profile) -> None:
    """Keeps a changed profile, say after the server gave other roles."""
    with context.store.connect(write=True) as connection:
        set_meta(connection, "profile", _plain(profile))


# The team in Averwick. The sample's work is theirs, so the sample laptop speaks for all of them.
SAMPLE_PEOPLE = (
    ("u-1", "Tomos Aldgate", ("finance", "lead", "officer", "outreach")),
    ("u-2", "Priya Senn", ("lead", "officer")),
    ("u-3", "J. Marlow", ("finance", "lead", "officer")),
    ("u-4", "R. Okoro", ("officer",)),
    ("u-5", "Huw Bassett", ("officer",)),
)


def sample_profile(server: str = "", name: str = "Tomos Aldgate", user_id: str = "u-1") -> Profile:
    """The person at the laptop in Averwick, which does not exist."""
    roles = ("finance", "lead", "officer", "outreach")
    return Profile("averwick", user_id, name, "team-1", roles, new_id(), Council(), server, sample=True)


def _plain(profile: Profile) -> dict[str, Any]:
    return {**asdict(profile), "roles": list(profile.roles)}


def _context(home: Path, store: Store, profile: Profile, clock: Callable[[], datetime]) -> Context:
    author = Author(
        profile.user_id,
        profile.name,
        profile.team_id,
        frozenset(profile.roles),
        profile.device_id,
        profile.tenant_id,
    )
    return Context(store, author, home, profile.council, clock, profile.sample)
