"""A lead reads a mapping, writes an edition of it and makes it active; repairs begun keep theirs."""

import pytest

from app.errors import BadFile, HoldallError, NotFound
from app.repairs import service as repairs
from app.repairs.mapping import service
from app.repairs.mapping.config import read_config
from app.repairs.mapping.diff import diff
from app.repairs.mapping.drafting import body_of
from app.repairs.mapping.hints import hints_of
from app.repairs.mapping.views import edition_view, editions
from app.repairs.tables import tables
from app.repairs.tree import read_tree
from app.repairs.trees import active_tree
from models.errors import MoveRefused
from models.repairs import Mapping, MappingState
from tests.app.repairs.conftest import HOME
from tests.app.repairs.mapping.conftest import as_bytes, big, big_list


@pytest.fixture
def show(lead):
    return lambda mapping_id: lead.read(lambda s: edition_view(s, mapping_id))


def test_the_council_s_tiers_become_questions_after_danger_and_whose_home(imported, show):
    tree = show(imported).tree
    way = tree.way({"danger": "none", "kind": "tenant"})
    assert [a.text for a in way.question.answers] == ["Kitchen", "Something else, or they do not know"]
    answers = {"danger": "none", "kind": "tenant", "tenant-place": "kitchen"}
    answers |= {"tenant-place-kitchen": "cupboards", "tenant-place-kitchen-cupboards": "doorHangsOff"}
    outcome = tree.way(answers).outcome
    assert (outcome.code, outcome.band, outcome.priority) == ("000731", "urgent", "3 days")
    assert tree.questions["danger"] == tables().tree.questions["danger"]
    assert set(tables().tree.exits) <= set(tree.exits)


def test_early_exits_leave_triage_by_a_way_with_a_number(imported, show):
    tree = show(imported).tree
    damp = {
        "danger": "none",
        "kind": "tenant",
        "tenant-place": "kitchen",
        "tenant-place-kitchen": "dampOrMould",
    }
    out = tree.way({**damp, "tenant-place-kitchen-dampormould": "Emergency"}).exit
    assert (out.id, out.emergency, out.hazard) == ("emergency", True, "emergency_hazard")
    heating = tree.way({**damp, "tenant-place-kitchen": "UnableToBook"}).exit
    assert (heating.kind, heating.number) == ("contact_us", "{council}")


def test_what_was_known_of_a_code_is_taken_over(imported, show):
    known = [o for o in show(imported).tree.outcomes.values() if o.code == "AV3102"]
    assert [(o.trade, o.hazard, o.significant) for o in known] == [("Surveyor", "damp_mould", "at_risk")]


def test_a_priority_without_a_band_is_named_and_keeps_the_edition_from_being_asked_by(lead, lists, show):
    made = lead.write("Read", lambda s: service.import_config(s, lists, "lists.json"))
    assert made.unknown_priorities == ("100 days", "20 days", "3 days")
    assert "Choose a band for these priorities: “100 days”" in made.sentence
    messages = {f.message for f in show(made.mapping_id).faults}
    assert messages == {f"the priority “{p}” has no band yet" for p in made.unknown_priorities}
    with pytest.raises(HoldallError, match="nobody is asked by it"):
        lead.write("Active", lambda s: service.make_active(s, made.mapping_id))


def test_bands_that_a_lead_chose_once_are_known_at_the_next_file(lead, lists, imported):
    lead.write("Active", lambda s: service.make_active(s, imported))
    again = lead.write("Read", lambda s: service.import_config(s, lists, "lists-2.json"))
    assert again.unknown_priorities == ()


def test_the_same_file_again_keeps_every_id_so_that_past_answers_still_fit(lead, lists, imported, show):
    lead.write("Active", lambda s: service.make_active(s, imported))
    again = lead.write("Read", lambda s: service.import_config(s, lists, "lists-2.json")).mapping_id
    old, new = show(imported).tree, show(again).tree
    assert list(new.questions) == list(old.questions)
    assert new.outcomes == old.outcomes
    assert diff(old, new).lines == ()


def test_a_file_for_another_kind_of_home_leaves_the_ids_of_the_rest_alone(lead, nested, imported, show):
    lead.write("Active", lambda s: service.make_active(s, imported))
    made = lead.write("Read", lambda s: service.import_config(s, nested, "nested.json", "communal"))
    old, new = show(imported).tree, show(made.mapping_id).tree
    kept = {key: q for key, q in new.questions.items() if key.startswith(("tenant", "leasehold"))}
    assert kept == {key: q for key, q in old.questions.items() if key.startswith(("tenant", "leasehold"))}
    assert new.way({"danger": "none", "kind": "communal"}).question.id == "communal-place"
    assert show(made.mapping_id).body["priorities"]["3 days"] == "urgent"


def test_an_id_that_another_kind_of_home_needs_is_left_to_it(nested):
    base = service.built_in_body()
    lease = base["questions"].pop("lease")
    base["questions"]["tenant-place"] = lease
    base["questions"]["kind"]["answers"][1]["next"] = "tenant-place"
    made = body_of(read_config(nested, "nested.json"), base, "av-2")
    assert made["questions"]["tenant-place"] == lease
    tenant = made["questions"]["kind"]["answers"][0]
    assert made["questions"][tenant["next"]]["ask"] == "Where in the home is it?"


def test_blank_codes_and_faults_of_the_file_stay_in_the_draft_by_name(lead, nested, show):
    made = lead.write("Read", lambda s: service.import_config(s, nested, "nested.json"))
    assert made.uncoded == 2
    assert made.unknown_priorities == ("",)
    lead.write("Band", lambda s: service.set_priority(s, made.mapping_id, "", "routine"))
    seen = show(made.mapping_id)
    assert {f.outcome for f in seen.faults} == {
        "tenant-kitchen-heatingorhotwater-boilersilent",
        "tenant-kitchen-heatingorhotwater-radiatorcold",
    }
    assert {f.message for f in seen.faults} == {"there is no schedule of rates code"}


def test_kinds_of_home_that_the_file_does_not_speak_of_stay_as_they_were(lead, nested, show):
    made = lead.write("Read", lambda s: service.import_config(s, nested, "nested.json", "communal"))
    tree = show(made.mapping_id).tree
    assert tree.way({"danger": "none", "kind": "tenant"}).question == tables().tree.questions["room"]
    assert tree.way({"danger": "none", "kind": "communal"}).question.id == "communal-place"
    assert tree.way({"danger": "none", "kind": "leasehold"}).question == tables().tree.questions["lease"]


@pytest.mark.parametrize("leaves", [120, 2500])
def test_long_lists_go_on_to_further_pages_and_every_leaf_is_reached(lead, show, leaves):
    data = as_bytes(big_list(leaves))
    made = lead.write("Read", lambda s: service.import_config(s, data, "big.json"))
    lead.write("Band", lambda s: service.set_priority(s, made.mapping_id, "20 days", "routine"))
    tree = show(made.mapping_id).tree
    assert not show(made.mapping_id).faults
    assert max(len(q.answers) for q in tree.questions.values()) <= 9
    reached = [tree.way(a).outcome for a in tree.ways() if a.get("kind") == "tenant"]
    assert len({o.code for o in reached if o}) == leaves


def test_a_list_that_nobody_can_be_asked_is_refused_in_a_sentence(lead):
    data = as_bytes({"kitchen": {f"p{n}": "001" for n in range(500)}})
    with pytest.raises(HoldallError, match="500 entries in one list"):
        lead.write("Read", lambda s: service.import_config(s, data, "x.json"))
    with pytest.raises(HoldallError, match="nothing to ask"):
        lead.write("Read", lambda s: service.import_config(s, b"[]", "x.json"))
    with pytest.raises(BadFile):
        lead.write("Read", lambda s: service.import_config(s, b"[", "x.json"))
    assert [r.name for r in lead.read(editions)] == ["As Holdall came"]


def test_an_edition_made_active_is_asked_by_and_the_one_before_is_retired(lead, imported):
    first = lead.write("Draft", service.new_draft).mapping_id
    lead.write("Active", lambda s: service.make_active(s, first))
    lead.write("Active", lambda s: service.make_active(s, imported))
    states = {r.id: r.state for r in lead.read(editions)}
    assert states == {
        imported: MappingState.ACTIVE,
        first: MappingState.RETIRED,
        service.BUILT_IN: MappingState.RETIRED,
    }
    lead.write("Back", lambda s: service.make_active(s, service.BUILT_IN))
    assert lead.read(active_tree) is tables().tree
    lead.write("Again", lambda s: service.make_active(s, first))
    assert lead.read(active_tree).version == {r.id: r.edition for r in lead.read(editions)}[first]


def test_undo_takes_the_change_of_edition_back(lead, imported):
    lead.write("Active", lambda s: service.make_active(s, imported))
    lead.undo()
    assert lead.read(active_tree) is tables().tree


def test_a_repair_is_asked_to_its_end_by_an_edition_read_from_a_file(lead, imported, view):
    lead.write("Active", lambda s: service.make_active(s, imported))

    def ask(session):
        repair_id = repairs.begin(session).repair_id
        repairs.answer(session, repair_id, "danger", "none")
        repairs.answer(session, repair_id, "kind", "leasehold")
        repairs.note(session, repair_id, HOME)
        repairs.answer(session, repair_id, "leasehold-place", "outside")
        repairs.answer(session, repair_id, "leasehold-place-outside", "roof")
        return repair_id

    seen = view(lead.write("Ask", ask))
    assert (seen.code, seen.band, seen.title) == ("009101", "urgent", "Outside, roof")
    assert seen.first is not None


def test_an_edition_that_was_asked_by_is_never_changed(lead, imported):
    lead.write("Active", lambda s: service.make_active(s, imported))
    body = lead.read(lambda s: service.body(s, imported))
    with pytest.raises(HoldallError, match="was asked by"):
        lead.write("Change", lambda s: service.save_body(s, imported, body))
    with pytest.raises(HoldallError, match="was asked by"):
        lead.write("Discard", lambda s: service.discard(s, imported))
    made = lead.write("Draft", lambda s: service.new_draft(s, imported))
    lead.write("Change", lambda s: service.save_body(s, made.mapping_id, body))
    kept = lead.read(lambda s: service.body(s, made.mapping_id))
    assert kept["version"] == made.edition != body["version"]


def test_editions_get_names_that_are_not_taken(lead):
    names = [lead.write("Draft", service.new_draft).edition for _ in range(3)]
    assert names == ["averwick-2026-12", "averwick-2026-12-2", "averwick-2026-12-3"]


def test_only_a_lead_may_change_anything(context, lead, nested, imported):
    acts = (
        lambda s: service.import_config(s, nested, "x.json"),
        service.new_draft,
        lambda s: service.make_active(s, imported),
        lambda s: service.discard(s, imported),
        lambda s: service.rename(s, imported, "Mine"),
        lambda s: service.set_priority(s, imported, "3 days", "soon"),
    )
    for act in acts:
        with pytest.raises(HoldallError, match="Only a lead"):
            context.write("Try", act)
    with pytest.raises(MoveRefused):  # and below the service the policy says the same
        context.write("Try", lambda s: setattr(s.get(Mapping, imported), "state", MappingState.ACTIVE))
    assert len(context.read(editions)) == 2


def test_a_draft_is_renamed_and_thrown_away_and_undo_brings_it_back(lead, imported):
    lead.write("Name", lambda s: service.rename(s, imported, " Winter "))
    assert lead.read(editions)[0].name == "Winter"
    with pytest.raises(HoldallError, match="needs a name"):
        lead.write("Name", lambda s: service.rename(s, imported, " "))
    lead.write("Discard", lambda s: service.discard(s, imported))
    with pytest.raises(NotFound):
        lead.read(lambda s: edition_view(s, imported))
    lead.undo()
    assert lead.read(editions)[0].id == imported


def test_leaves_that_speak_of_a_hazard_but_name_none_are_hinted_at(lead, nested, show):
    made = lead.write("Read", lambda s: service.import_config(s, nested, "nested.json"))
    hints = {h.outcome.rpartition("-")[2]: (h.hazard, h.words) for h in hints_of(show(made.mapping_id).tree)
             if h.outcome.startswith("tenant")}  # fmt: skip
    assert hints["onthewall"] == ("damp_mould", "damp")
    assert hints["boilersilent"][0] == "excess_cold"
    assert "gate" not in hints


def test_names_that_our_tables_do_not_know_are_faults():
    raw = service.built_in_body()
    raw["outcomes"]["fence"] |= {"hazard": "dragons", "right_to_repair": ["RTR-99"]}
    messages = {f.message for f in service.faults_of(read_tree(raw), tables())}
    assert messages == {"there is no hazard “dragons”", "there is no prescribed defect “RTR-99”"}


def test_the_edition_that_holdall_came_with_has_no_fault(show):
    seen = show(service.BUILT_IN)
    assert (seen.faults, seen.draft) == ((), False)
    assert seen.leaves > 100


def test_big_enough_for_a_whole_council_the_body_still_fits_its_record(lead):
    data = as_bytes(big(5000))
    made = lead.write("Read", lambda s: service.import_config(s, data, "x.json"))
    assert made.edition == "averwick-2026-12"
