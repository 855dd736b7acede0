"""A repair keeps the edition of the questions it was begun by, whatever becomes active after it."""

import json
from dataclasses import replace
from datetime import timedelta
from importlib import resources

import pytest

from app.repairs import service, trees
from app.repairs.tables import tables
from models.repairs import Mapping, MappingState, Outcome, Repair

BUILT_IN = tables().tree


def body(version, **labels):
    raw = json.loads(resources.files("resources").joinpath("repairs", "tree.json").read_text("utf-8"))
    raw["version"] = version
    for question, ask in labels.items():
        raw["questions"][question]["ask"] = ask
    return raw


@pytest.fixture
def lead(context):
    """The same desk with the role of lead."""
    return replace(context, author=replace(context.author, roles=frozenset({"officer", "lead"})))


@pytest.fixture
def edition(lead):
    """Makes an edition active: edition(version, minutes=0, room="Which room?")."""

    def made(version, minutes=0, **labels):
        def work(session):
            record = Mapping(name=version, edition=version, body=body(version, **labels))
            session.add(record)
            session.flush()
            record.state = MappingState.ACTIVE
            record.active_from = lead.now() + timedelta(minutes=minutes)
            return record.id

        return lead.write("Edition", work)

    return made


def test_new_repairs_are_asked_by_the_built_in_tree_until_an_edition_is_active(context, edition):
    assert context.read(trees.active_tree) is BUILT_IN
    edition("av-2")
    assert context.read(trees.active_tree).version == "av-2"


def test_a_draft_edition_is_not_asked_by(context):
    context.write("Draft", lambda s: s.add(Mapping(name="x", edition="av-9", body=body("av-9"))))
    assert context.read(trees.active_tree) is BUILT_IN


def test_of_two_active_editions_the_one_made_active_last_is_asked_by(context, edition):
    edition("av-3", minutes=5)
    edition("av-2")
    assert context.read(trees.active_tree).version == "av-3"


def test_a_repair_keeps_its_edition_when_another_becomes_active_in_the_middle(context, edition, view):
    repair_id = context.write("Begin", service.begin).repair_id
    edition("av-2", kind="Whose is it, please?")
    context.write("Answer", lambda s: service.answer(s, repair_id, "danger", "none"))
    kept = view(repair_id)
    assert kept.tree.version == BUILT_IN.version
    assert kept.path.way.question.ask == BUILT_IN.questions["kind"].ask
    later = context.write("Begin", service.begin).repair_id
    context.write("Answer", lambda s: service.answer(s, later, "danger", "none"))
    assert view(later).path.way.question.ask == "Whose is it, please?"


def test_an_edition_that_is_not_here_is_said_and_no_answer_is_lost(context, ask, view):
    repair_id = ask()
    before = view(repair_id)

    def leave(session):
        session.get(Repair, repair_id).tree_version = "av-from-elsewhere"

    context.write("Elsewhere", leave)
    shown = view(repair_id)
    assert shown.answers == before.answers
    assert shown.path.next_page.label == "Edition"
    assert "av-from-elsewhere" in shown.path.way.question.help
    with pytest.raises(trees.EditionMissing, match="which are not on this laptop"):
        context.write("Answer", lambda s: service.answer(s, repair_id, "damp-spread", "spots"))
    kept = view(repair_id)
    assert (kept.answers, kept.code) == (before.answers, before.code)


def test_a_saved_repair_shows_its_promise_though_its_edition_is_not_here(context, ask, view):
    repair_id = ask(save=True)
    dates = view(repair_id).deadlines

    def leave(session):
        session.get(Repair, repair_id).tree_version = "av-from-elsewhere"

    context.write("Elsewhere", leave)
    assert view(repair_id).deadlines == dates


def test_the_number_of_an_emergency_is_given_though_its_edition_is_not_here(context, view):
    repair_id = context.write("Begin", service.begin).repair_id
    context.write("Answer", lambda s: service.answer(s, repair_id, "danger", "gas"))

    def leave(session):
        session.get(Repair, repair_id).tree_version = "av-from-elsewhere"

    context.write("Elsewhere", leave)
    context.write("Given", lambda s: service.settle_emergency(s, repair_id, Outcome.GIVEN))
    assert view(repair_id).emergency.number == "0800 111 999"


def test_for_one_kind_of_home_only_its_own_ways_are_left(context):
    communal = context.read(lambda s: trees.active_tree(s, "communal"))
    assert [a.value for a in communal.questions["kind"].answers] == ["communal"]
    assert "shared" in communal.questions
    assert "room" not in communal.questions
    assert "shared-light" in communal.outcomes
    assert "heat-none" not in communal.outcomes
    assert communal.version == BUILT_IN.version
    assert set(communal.exits) == set(BUILT_IN.exits)


def test_a_changed_edition_is_read_anew(context, lead, edition):
    record_id = edition("av-2", room="Which room?")
    assert context.read(trees.active_tree).questions["room"].ask == "Which room?"

    def change(session):
        session.get(Mapping, record_id).body = body("av-2", room="Where is it?")

    lead.write("Change", change)
    assert context.read(trees.active_tree).questions["room"].ask == "Where is it?"
