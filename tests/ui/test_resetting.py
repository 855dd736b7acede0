"""Beginning anew by command, and going by the id that a copied laptop was given."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from app import workspace
from app.__main__ import cli
from app.context import Context
from models.ids import new_id
from models.repairs import Repair
from ui.resetting import bring_back, follow_device, reset


@pytest.fixture
def context(tmp_path: Path) -> Context:
    """An empty sample workspace."""
    profile = workspace.sample_profile()
    secret = workspace.SAMPLE_PASSPHRASE
    return workspace.create(tmp_path / "home", profile, secret, kdf=workspace.SAMPLE_KDF)


def test_work_goes_out_by_reset_and_comes_back_by_its_code(context: Context, tmp_path: Path) -> None:
    from app import sample

    sample.fill(context)
    repairs = select(func.count()).select_from(Repair)
    before = context.read(lambda s: s.scalar(repairs))
    out = tmp_path / "work.holdall"
    document, words = reset(context, out)
    assert document["changes"] > 0
    assert any(document["code"] in line for line in words)
    assert context.read(lambda s: s.scalar(repairs)) == 0
    back, _ = bring_back(context, out, document["code"])
    assert back["changes"] == document["changes"]
    assert context.read(lambda s: s.scalar(repairs)) == before
    context.store.close()


def test_a_wrong_code_is_said_in_a_sentence_on_the_command_line(
    context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = context.home
    out = tmp_path / "work.holdall"
    reset(context, out)
    context.store.close()
    monkeypatch.setenv("HOLDALL_PASSPHRASE", workspace.SAMPLE_PASSPHRASE)
    monkeypatch.setenv("HOLDALL_RECOVERY_CODE", "0000-0000")
    assert cli(["reset", "--home", str(home), "--bring-back", str(out)]) == 2
    assert "recovery code" in capsys.readouterr().err


def test_acts_name_the_new_id_at_once_and_after_a_restart(context: Context) -> None:
    device = new_id()
    follow_device(context, device)
    assert context.author.device_id == device
    context.store.close()
    again = workspace.open_workspace(context.home, workspace.SAMPLE_PASSPHRASE)
    assert again.author.device_id == device
    again.store.close()
