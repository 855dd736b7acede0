"""The sample pages as resources/content/sample_pages.json has them: words, state, days."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import resources
from models.content import Kind, State


@dataclass(frozen=True)
class SamplePage:
    """One sample page: its fields, its blocks as (kind, written text), and how far it has come."""

    title: str
    lead: str
    blocks: tuple[tuple[str, str], ...]
    kind: Kind = Kind.SERVICE_PAGE
    path: str = ""
    contact: str = ""
    phone: str = ""
    state: State = State.DRAFT
    sent_back: str = ""
    language: str = "en-GB"
    days_ago: int = 0  # day of its last act, counted back from today
    before: int = 0  # days between writing and the acts after it
    review_in: int | None = None  # days from today to its next review; past ones are negative
    by_lead: bool = False


@cache
def pages() -> tuple[SamplePage, ...]:
    """Every sample page, in the order of writing."""
    text = resources.path("content", "sample_pages.json").read_text(encoding="utf-8")
    return tuple(_page(given) for given in json.loads(text))


def _page(given: dict[str, Any]) -> SamplePage:
    values = dict(given)
    values["blocks"] = tuple((kind, words) for kind, words in given["blocks"])
    values["kind"] = Kind(given.get("kind", Kind.SERVICE_PAGE))
    values["state"] = State(given.get("state", State.DRAFT))
    return SamplePage(**values)
