"""What leaves the vault: the ticked lines on paper and nothing else, and one's own copy of everything."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import random

import pytest

from app import wording
from app.context import Context
from app.errors import HoldallError, NotFound
from app.report import render
from app.wellbeing import entries, files, report, sample, service, sharing, vault
from app.wellbeing.entries import PrivateLife
from app.wellbeing.instrument import bundled
from app.wellbeing.service import Result
from app.workspace import SAMPLE_PASSPHRASE


@pytest.fixture
def life(context: Context) -> PrivateLife:
    """The opened sample vault."""
    sample.fill(context, random.Random("1/wellbeing"))
    keys = context.read(lambda s: vault.wrapped_keys(s, context.author))
    ring = vault.open_by_passphrase(keys, context.author, SAMPLE_PASSPHRASE)
    return context.read(lambda s: entries.read(s, ring, context.author))


@pytest.fixture
def shown(life: PrivateLife) -> Result:
    """The newest result in it."""
    return service.result(life, life.finished()[0])


def words_of(data: bytes) -> str:
    import pypdfium2

    pdf = pypdfium2.PdfDocument(data)
    text = " ".join(page.get_textpage().get_text_bounded() for page in pdf)
    pdf.close()
    return " ".join(text.split())


def test_every_line_on_offer_is_in_words_and_no_single_answer_is_among_them(
    life: PrivateLife, shown: Result
) -> None:
    lines = sharing.lines_of(life, shown)
    assert [line.id for line in lines] == [
        "finding", "demands", "control", "managers_support", "peer_support", "relationships", "role",
        "change", "talk", "note-1",
    ]  # fmt: skip
    assert lines[2].text == "2.7 of 5 now, 3.5 in June. Lower than in June."
    statements = {item.text for item in bundled().items}
    assert not any(text in line.text for line in lines for text in statements)


def test_the_paper_holds_the_chosen_lines_and_nothing_of_the_others(
    context: Context, life: PrivateLife, shown: Result
) -> None:
    text = words_of(render(sharing.document(context, life, shown, ["control", "talk"])))
    assert "Control" in text
    assert "2.7" in text
    assert "Could we try fixed breaks for a month?" in text
    for absent in ("Demands", "3.3", "Role", "rota", "fits the time better", "Relationships"):
        assert absent not in text


def test_a_paper_of_one_note_is_only_that_note(context: Context, life: PrivateLife, shown: Result) -> None:
    text = words_of(render(sharing.document(context, life, shown, ["note-1"])))
    assert "rota two weeks ahead" in text
    assert "Control" not in text
    assert "2.7" not in text


def test_nothing_chosen_makes_no_paper(context: Context, life: PrivateLife, shown: Result) -> None:
    with pytest.raises(HoldallError, match="Nothing is chosen"):
        sharing.document(context, life, shown, [])
    with pytest.raises(NotFound, match="no line called “salary”"):
        sharing.document(context, life, shown, ["salary"])


def test_the_command_line_refuses_a_locked_vault_and_an_unchosen_paper(
    context: Context, life: PrivateLife, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(report.PASSPHRASE_VARIABLE, raising=False)
    with pytest.raises(HoldallError, match="Your vault is locked"):
        report.my_wellbeing(context, {"lines": "control"})
    monkeypatch.setenv(report.PASSPHRASE_VARIABLE, "not the passphrase")
    with pytest.raises(HoldallError, match="does not open your vault"):
        report.my_wellbeing(context, {"lines": "control"})
    monkeypatch.setenv(report.PASSPHRASE_VARIABLE, SAMPLE_PASSPHRASE)
    with pytest.raises(HoldallError, match="Nothing is chosen"):
        report.my_wellbeing(context, {})
    text = words_of(render(report.my_wellbeing(context, {"lines": "control, finding"})))
    assert "My say in how I work has slipped." in text


def test_the_sample_vault_opens_by_itself_but_its_lines_must_be_chosen_too(
    context: Context, life: PrivateLife, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(report.PASSPHRASE_VARIABLE, raising=False)
    trial = dataclasses.replace(context, sample=True)
    with pytest.raises(HoldallError, match="Nothing is chosen"):
        report.my_wellbeing(trial, {})
    assert "Control" in words_of(render(report.my_wellbeing(trial, {"lines": "control"})))


def test_without_a_vault_or_a_check_the_report_says_where_to_begin(context: Context) -> None:
    with pytest.raises(NotFound, match="no vault"):
        report.my_wellbeing(context, {})


def test_ones_own_copy_holds_every_answer_and_note_in_words(life: PrivateLife) -> None:
    document = json.loads(files.as_json(life, bundled()))
    assert len(document["checks"]) == 2
    assert len(document["checks"][0]["answers"]) == 35
    assert document["checks"][0]["figures"]["control"] == "2.7"
    assert document["notes"][0]["text"] == sample.NOTE
    rows = list(csv.reader(io.StringIO(files.as_csv(life, bundled()).decode("utf-8-sig"))))
    assert rows[0] == ["Number", "Statement", "17 December 2026", "11 June 2026"]
    assert rows[2][2:] == ["seldom", "always"]


def test_a_cell_never_becomes_a_formula() -> None:
    assert wording.cell("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert wording.cell("plain") == "plain"


def test_the_same_choice_gives_the_same_bytes(context: Context, life: PrivateLife, shown: Result) -> None:
    one, other = (render(sharing.document(context, life, shown, ["finding", "demands"])) for _ in range(2))
    assert one == other
