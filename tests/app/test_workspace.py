"""Keys and workspaces: who can open the store, and what is said when somebody cannot."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend

from app import keys, left_behind, workspace
from app.errors import BadFile, CannotRunHere, KeyLost, NotFound
from models.errors import StoreDamaged, WrongKey
from sync import account as accounts
from tests.things import Thing

NOW = datetime(2026, 12, 17, 14, 21, tzinfo=UTC)
QUICK = {"time": 1, "memory_kib": 8_192, "lanes": 1}


class MemoryStore(KeyringBackend):
    """A password store in memory, as real as keyring's own interface."""

    priority = 9  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def password_store() -> Any:
    before = keyring.get_keyring()
    memory = MemoryStore()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


@pytest.fixture
def no_password_store() -> Any:
    from keyring.backends.fail import Keyring

    before = keyring.get_keyring()
    keyring.set_keyring(Keyring())
    yield
    keyring.set_keyring(before)


def profile() -> workspace.Profile:
    return workspace.sample_profile()


def test_a_passphrase_opens_what_it_locked_and_nothing_else_does(tmp_path: Path) -> None:
    made = workspace.create(tmp_path, profile(), "correct horse", kdf=QUICK)
    made.write("Make", lambda s: s.add(Thing(title="Kept")))
    made.store.close()
    with pytest.raises(WrongKey, match="does not open"):
        workspace.open_workspace(tmp_path, "wrong horse")
    with pytest.raises(CannotRunHere, match="needs its passphrase"):
        workspace.open_workspace(tmp_path)
    again = workspace.open_workspace(tmp_path, "correct horse")
    assert again.read(lambda s: [t.title for t in s.query(Thing)]) == ["Kept"]
    assert again.author.name == "Tomos Aldgate"
    assert again.council.name == "Averwick Borough Council"
    assert workspace.profile_of(again).sample
    again.store.close()


def test_the_key_is_nowhere_in_the_folder(tmp_path: Path, password_store: MemoryStore) -> None:
    made = workspace.create(tmp_path, profile())
    made.store.close()
    (secret,) = password_store.kept.values()
    assert len(secret) == 44
    import base64

    master = base64.b64decode(secret)
    for path in tmp_path.iterdir():
        data = path.read_bytes()
        assert secret.encode() not in data
        assert master not in data
        assert keys.database_key(master).hex().encode() not in data
    assert keys.kind(tmp_path) == "keyring"
    workspace.open_workspace(tmp_path).store.close()


def test_without_a_password_store_it_is_said_and_nothing_is_written_in_the_clear(
    tmp_path: Path, no_password_store: None
) -> None:
    assert keys.password_store() is None
    with pytest.raises(CannotRunHere, match="no password store"):
        workspace.create(tmp_path / "new", profile())
    assert not (tmp_path / "new").exists() or list((tmp_path / "new").iterdir()) == []


def test_a_lost_key_is_said(tmp_path: Path, password_store: MemoryStore) -> None:
    workspace.create(tmp_path, profile()).store.close()
    password_store.kept.clear()
    with pytest.raises(CannotRunHere, match="no longer holds"):
        workspace.open_workspace(tmp_path)


def test_a_key_of_another_store_is_told_from_a_damaged_store(
    tmp_path: Path, password_store: MemoryStore
) -> None:
    workspace.create(tmp_path, profile()).store.close()
    (name,) = password_store.kept
    kept = password_store.kept[name]
    password_store.kept[name] = "A" * 43 + "="
    with pytest.raises(WrongKey, match="does not belong"):
        workspace.open_workspace(tmp_path)
    password_store.kept[name] = kept
    path = tmp_path / workspace.STORE_FILE
    whole = path.read_bytes()
    path.write_bytes(b"\x00" * 4096 + whole[4096:])
    with pytest.raises(StoreDamaged, match="first page"):
        workspace.open_workspace(tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"kind": "plain"}', "\x00"])
def test_a_damaged_key_file_is_a_sentence(tmp_path: Path, content: str) -> None:
    workspace.create(tmp_path, profile(), "pass", kdf=QUICK).store.close()
    (tmp_path / keys.KEY_FILE).write_text(content)
    with pytest.raises(BadFile, match=r"key\.json"):
        workspace.open_workspace(tmp_path, "pass")


def test_a_key_file_that_asks_for_endless_work_is_refused(tmp_path: Path) -> None:
    workspace.create(tmp_path, profile(), "pass", kdf=QUICK).store.close()
    entry = json.loads((tmp_path / keys.KEY_FILE).read_text())
    entry["kdf"]["memory_kib"] = 2**31
    (tmp_path / keys.KEY_FILE).write_text(json.dumps(entry))
    with pytest.raises(BadFile, match="too much work"):
        workspace.open_workspace(tmp_path, "pass")


def test_a_folder_without_a_store_and_one_that_has_one(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no Holdall store"):
        workspace.open_workspace(tmp_path)
    workspace.create(tmp_path, profile(), "pass", kdf=QUICK).store.close()
    with pytest.raises(BadFile, match="already"):
        workspace.create(tmp_path, profile(), "pass", kdf=QUICK)


def test_keys_for_two_purposes_differ() -> None:
    assert keys.expand(b"m" * 32, "a") != keys.expand(b"m" * 32, "b")
    # RFC 5869 test case 3 is for an empty info and salt with this shape: first block of the expansion
    master = bytes([0x0B]) * 22
    assert keys.expand(master, "").hex() == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"


def test_a_key_that_was_given_up_opens_nothing_and_leaves_no_trace(
    tmp_path: Path, password_store: MemoryStore
) -> None:
    made = workspace.create(tmp_path, profile())
    made.store.close()
    secret = (tmp_path / "key.json").read_bytes()
    said = left_behind.give_up_key(tmp_path, "Averwick Borough Council", 3, 1, NOW)
    assert "3 changes and 1 file not yet sent went to your team lead" in said.advice
    assert password_store.kept == {}
    assert not (tmp_path / "key.json").exists()
    assert all(secret not in path.read_bytes() for path in tmp_path.iterdir())
    assert left_behind.unreadable(tmp_path)
    notice = left_behind.notice(tmp_path)
    assert notice is not None
    assert notice.title == "An administrator of Averwick Borough Council has closed this laptop out"


def test_a_password_store_that_keeps_the_key_is_said_and_nothing_is_given_up(
    tmp_path: Path, password_store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    from keyring.errors import KeyringLocked, PasswordDeleteError

    workspace.create(tmp_path, profile()).store.close()
    for error in (KeyringLocked(), PasswordDeleteError()):

        def refuse(service: str, username: str, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(password_store, "delete_password", refuse)
        with pytest.raises(CannotRunHere, match="does not let go"):
            left_behind.give_up_key(tmp_path, "Averwick", 0, 0, NOW)
    workspace.open_workspace(tmp_path).store.close()
    assert left_behind.notice(tmp_path) is None


@pytest.mark.parametrize(
    ("waiting", "words"),
    [
        (None, "What was not sent"),
        (0, "nothing is lost"),
        (1, "1 change that had"),
        (12, "12 changes that had"),
    ],
)
def test_a_lost_key_says_what_is_lost_and_the_old_store_is_put_aside_not_deleted(
    tmp_path: Path, password_store: MemoryStore, waiting: int | None, words: str
) -> None:
    workspace.create(tmp_path, profile()).store.close()
    if waiting is not None:
        left_behind.note_waiting(tmp_path, waiting)
    password_store.kept.clear()
    with pytest.raises(KeyLost, match="no longer holds"):
        workspace.open_workspace(tmp_path)
    notice = left_behind.notice(tmp_path)
    assert notice is not None
    assert words in notice.advice
    before = (tmp_path / "holdall.db").read_bytes()
    place = left_behind.set_aside(tmp_path, NOW)
    assert place is not None
    assert (place / "holdall.db").read_bytes() == before
    assert (place / "key.json").exists()
    assert not workspace.exists(tmp_path)
    assert left_behind.notice(tmp_path) is None
    assert left_behind.set_aside(tmp_path, NOW) is None
    workspace.create(tmp_path, profile()).store.close()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"waiting": "x"}', "{"])
def test_a_damaged_note_says_nothing(tmp_path: Path, text: str) -> None:
    for name in ("waiting.json", "closed.json"):
        (tmp_path / name).write_text(text)
    assert left_behind.waiting(tmp_path) is None
    assert left_behind.notice(tmp_path) is None


def test_only_the_master_key_is_in_the_password_store_after_joining_and_syncing(
    tmp_path: Path, password_store: MemoryStore
) -> None:
    from sync.local_server import LocalServer, Person
    from ui.headless import join_workspace, sync_now

    server = LocalServer([sys.executable, "-m", "app", "server"], tmp_path / "server.db")
    address = server.start()
    try:
        code = server.invite([Person("u-9", "Nia Prys", ("officer",))])
        context = join_workspace(tmp_path / "laptop", address, code, None)
        sync_now(context)
        account = accounts.load(context.store)
        context.store.close()
    finally:
        server.close()
    assert account is not None
    assert [len(secret) for secret in password_store.kept.values()] == [44]
    secrets = (account.access, account.refresh, account.seed, code)
    for path in (tmp_path / "laptop").iterdir():
        data = path.read_bytes() if path.is_file() else b""
        assert all(secret.encode() not in data for secret in secrets)
