"""The sample vault: the figures of the documentation's picture, the same bytes for the same day."""

from __future__ import annotations

import dataclasses
import random
from pathlib import Path

import pytest
from sqlalchemy import select

from app.context import Context
from app.wellbeing import entries, rules, sample, service, vault
from app.wording import local_date
from app.workspace import SAMPLE_PASSPHRASE
from models.store import Store
from models.wellbeing import Entry
from tests.conftest import KEY


@pytest.fixture
def filled(context: Context) -> Context:
    """A store with the sample vault."""
    sample.fill(context, random.Random("1/wellbeing"))
    return context


def test_the_sample_shows_what_the_picture_shows(filled: Context) -> None:
    keys = filled.read(lambda s: vault.wrapped_keys(s, filled.author))
    ring = vault.open_by_passphrase(keys, filled.author, SAMPLE_PASSPHRASE)
    life = filled.read(lambda s: entries.read(s, ring, filled.author))
    assert [str(local_date(c.at)) for c in life.finished()] == ["2026-12-17", "2026-06-11"]
    shown = service.result(life, life.finished()[0])
    assert shown.finding == "The work fits the time better. Your say in how you work has slipped."
    assert [
        (s.scale.key, rules.figure(s.now), rules.change_words(s, shown.last)) for s in shown.standings
    ] == [
        ("demands", "3.3", "Better than in June"),
        ("control", "2.7", "Lower than in June"),
        ("managers_support", "4.0", "About the same"),
        ("peer_support", "4.3", "The same"),
        ("relationships", "4.5", "About the same"),
        ("role", "4.4", "The same"),
        ("change", "3.0", "The same"),
    ]
    assert shown.topic is not None
    assert [(m.before, m.now) for m in shown.topic.moved] == [(5, 2), (3, 2), (4, 3)]
    assert len(life.notes) == 1


def test_the_same_seed_and_day_give_the_same_bytes(filled: Context, tmp_path: Path) -> None:
    def sealed(context: Context) -> list[tuple[str, object]]:
        return context.read(lambda s: [(e.id, e.sealed) for e in s.scalars(select(Entry).order_by(Entry.id))])

    other = dataclasses.replace(filled, store=Store.create(tmp_path / "other.db", KEY))
    sample.fill(other, random.Random("1/wellbeing"))
    assert sealed(other) == sealed(filled)
    other.store.close()
