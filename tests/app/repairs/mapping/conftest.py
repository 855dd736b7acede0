"""Mappings of the sample council in both public shapes, in our own words, and a lead to read them in."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.repairs.mapping import service

FILES = Path(__file__).parent / "files"
PLACES = ("hall", "kitchen", "bathroom", "bedroom", "livingRoom", "outside")
PROBLEMS = ("door", "window", "floor", "wall", "lights")
ISSUES = ("stiff", "loose", "cracked", "gone")


def as_bytes(value):
    return json.dumps(value, ensure_ascii=False).encode()


def big(leaves=120):
    """A nested mapping with this many leaves, 20 to a place."""
    made, count = {}, 0
    for number in range((leaves + 19) // 20):
        place = made.setdefault(f"{PLACES[number % 6]}{number // 6 or ''}", {})
        for problem in PROBLEMS:
            for issue in ISSUES:
                if count < leaves:
                    place.setdefault(problem, {})[issue] = f"{count:06d}"
                    count += 1
    return made


def big_list(leaves=120):
    """The same as a list of entries with priorities."""

    def entries(raw):
        return [
            {"value": key, "display": key.title(), "options": entries(value)}
            if isinstance(value, dict)
            else {"value": key, "display": key.title(), "sorCode": value, "priority": "20 days"}
            for key, value in raw.items()
        ]

    return entries(big(leaves))


@pytest.fixture
def nested():
    return (FILES / "nested.json").read_bytes()


@pytest.fixture
def lists():
    return (FILES / "lists.json").read_bytes()


@pytest.fixture
def lead(context):
    """The same desk with the role of lead."""
    return replace(context, author=replace(context.author, roles=frozenset({"officer", "lead"})))


@pytest.fixture
def imported(lead, lists):
    """The lists read in as a draft, every priority with a band; its id."""
    made = lead.write("Read", lambda s: service.import_config(s, lists, "lists.json"))
    for priority, band in (("3 days", "urgent"), ("20 days", "routine"), ("100 days", "planned")):
        lead.write("Band", lambda s, p=priority, b=band: service.set_priority(s, made.mapping_id, p, b))
    return made.mapping_id
