"""holdall-cli as a person or a script meets it: one process per command, its exit code and its words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import sample, workspace
from app.folders import SAMPLE_FOLDER
from sync.local_server import LocalServer, Person

ROOT = Path(__file__).resolve().parents[2]


def cli(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        cwd=ROOT,
        env={**kept, "HOLDALL_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("holdall") / SAMPLE_FOLDER
    context = workspace.create(
        folder, workspace.sample_profile(), workspace.SAMPLE_PASSPHRASE, kdf=workspace.SAMPLE_KDF
    )
    sample.fill(context)
    context.store.close()
    return folder.parent


def test_the_doctor_finds_this_machine_well(home: Path) -> None:
    done = cli(home, "doctor", "--json", HOLDALL_PASSPHRASE=workspace.SAMPLE_PASSPHRASE)
    document = json.loads(done.stdout)
    assert done.returncode == 0, document
    names = {finding["name"] for finding in document["findings"]}
    assert {"Encrypted store", "PDF", "Fonts", "Password store"} <= names
    assert document["versions"]["PySide6-Essentials"].startswith("6.11.3")


def test_every_report_is_listed_and_written(home: Path, tmp_path: Path) -> None:
    listed = json.loads(cli(home, "export", "--list", "--json").stdout)["reports"]
    names = {report["name"] for report in listed}
    wanted = {
        "content-sign-off",
        "reconciliation-statement",
        "suspense-ageing",
        "audit-pack",
        "paying-in-summary",
        "repairs-week",
        "inclusion-month",
        "my-wellbeing",
    }
    assert wanted <= names
    for name in sorted(wanted - {"my-wellbeing"}):
        out = tmp_path / f"{name}.pdf"
        done = cli(home, "export", name, "--out", str(out), "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["file"] == str(out)
        assert out.read_bytes().startswith(b"%PDF-1.7")


def test_wellbeing_is_not_exported_without_its_key_and_chosen_lines(home: Path, tmp_path: Path) -> None:
    done = cli(home, "export", "my-wellbeing", "--out", str(tmp_path / "mine.pdf"))
    assert done.returncode in (2, 3)
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "mine.pdf").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("export", "no-such-report", "--out", "x.pdf"), 2, "There is no report called"),
        (("export", "repairs-week"), 2, "Add --out"),
        (("sync",), 3, "has not joined a server"),
        (("join", "--server", "ftp://nowhere", "--code", "AVW7-K2M9"), 2, "Holdall"),
        ((), 3, "no screen"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_a_code(
    home: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    done = cli(home, *arguments)
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    if code == 3 or "report" in words or "out" in words:
        assert words in done.stderr


def test_a_folder_without_a_store_is_said(tmp_path: Path) -> None:
    done = cli(tmp_path, "find", "anything")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no Holdall store" in done.stderr


def test_a_wrong_passphrase_is_said(home: Path) -> None:
    done = cli(home, "find", "anything", HOLDALL_PASSPHRASE="wrong")
    assert done.returncode == 2
    assert "does not open" in done.stderr


def test_find_answers_across_the_tabs(home: Path) -> None:
    hits = json.loads(cli(home, "find", "Tannery", "--json").stdout)["hits"]
    assert any("Tannery" in hit["title"] + hit["detail"] for hit in hits)


def test_a_place_that_cannot_be_written_is_said(home: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = cli(home, "export", "repairs-week", "--out", str(tmp_path / "file" / "x.pdf"))
    assert done.returncode == 2
    assert "cannot be written" in done.stderr


def test_joining_asks_for_a_key_first_then_syncs_and_a_code_works_once(tmp_path: Path) -> None:
    server = LocalServer([sys.executable, "-m", "app", "server"], tmp_path / "server.db")
    address = server.start()
    code = server.invite([Person("u-9", "Nia Prys", ("officer",))])
    join = ("join", "--server", address, "--code", code)
    keyless = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    locked = {**keyless, "HOLDALL_PASSPHRASE": "a good long passphrase"}
    try:
        without_key = cli(tmp_path / "laptop", *join, **keyless)
        assert (without_key.returncode, "code is still good" in without_key.stderr) == (3, True)
        joined = cli(tmp_path / "laptop", *join, "--json", **locked)
        assert json.loads(joined.stdout)["name"] == "Nia Prys"
        synced = json.loads(cli(tmp_path / "laptop", "sync", "--json", **locked).stdout)
        counts = {name: value for name, value in synced.items() if value == 0}
        assert counts.keys() >= {"pushed", "pulled", "conflicts", "rejected", "waiting"}
        assert [(row["scope"], row["seq"], row["equal_to_server"]) for row in synced["scopes"]] == [
            ("team:team-1", 0, True),
            ("tenant", 0, True),
            ("user:u-9", 0, True),
        ]
        assert {row["digest"] for row in synced["scopes"]} == {"0" * 64}
        said = cli(tmp_path / "laptop", "sync", **locked)
        assert "nothing waiting, this copy equals the server's." in said.stdout + said.stderr
        again = cli(tmp_path / "other", *join, **locked)
        assert (again.returncode, "does not work" in again.stderr) == (2, True)
        assert not (tmp_path / "other").exists()
    finally:
        server.close()
