"""Two editions side by side, and past repairs under another one."""

import pytest
from sqlalchemy import select

from app.repairs import service as repairs
from app.repairs.mapping import editing, service
from app.repairs.mapping.coverage import compare, leaves_of_ends
from app.repairs.mapping.diff import Change, diff
from app.repairs.mapping.dry_run import dry_run
from app.repairs.mapping.ends import MOST_ENDS, End, ends_of, is_cut
from app.repairs.tables import tables
from app.repairs.tree import read_tree
from app.repairs.trees import edition_tree
from models.repairs import Repair, State
from tests.app.repairs.conftest import MOULD

BUILT_IN = tables().tree


@pytest.fixture
def body():
    return service.built_in_body()


def of(body, change):
    return [(line.path, line.before, line.after) for line in diff(BUILT_IN, read_tree(body)).lines
            if line.change is change]  # fmt: skip


def test_an_edition_does_not_differ_from_itself():
    found = diff(BUILT_IN, BUILT_IN)
    assert (found.lines, found.same) == ((), len(ends_of(BUILT_IN)))
    assert "asks and leads as" in found.summary


def test_another_code_is_told_once_for_each_way_that_leads_to_it(body):
    body["outcomes"]["fence"]["code"] = "0700"
    assert of(body, Change.CODE) == [
        ("tenant/outside/wall/fence", "AV6202", "0700"),
        ("leasehold/structure/wall/fence", "AV6202", "0700"),
    ]
    assert diff(BUILT_IN, read_tree(body)).lines[0].sentence == (
        "Council tenant, Outside, Wall, fence or path, Fence or gate: AV6202 becomes 0700."
    )


def test_bands_hazards_rights_and_exits_that_change_are_told(body):
    body["outcomes"]["fence"] |= {"band": "soon", "hazard": "falls", "right_to_repair": ["RTR-17"]}
    found = {after for _path, _before, after in of(body, Change.LEADS)}
    assert found == {"band soon", "hazard falls", "rights RTR-17"}
    out = editing.lead_to_exit(service.built_in_body(), "wall", "fence", "contact")
    assert of(out, Change.LEADS)[0] == (
        "tenant/outside/wall/fence",
        "AV6202, planned, Bricklayer and plasterer",
        "the way out “contact”",
    )


def test_ways_that_were_added_or_taken_out_are_told(body):
    more, _ = editing.add_answer(body, "tap", "stuck", "It sprays")
    assert {p for p, _b, _a in of(more, Change.ADDED)} == {
        "tenant/kitchen/tap/it-sprays",
        "tenant/bathroom/tap/it-sprays",
    }
    fewer = editing.remove_answer(body, "tap", "drip")
    removed = of(fewer, Change.REMOVED)
    assert ("tenant/kitchen/tap/drip", "AV2203, routine, Plumber", "") in removed
    assert "taken out 2" in diff(BUILT_IN, read_tree(fewer)).summary


def test_other_words_are_told_with_both(body):
    changed = editing.change_question(body, "tap", {"ask": "What is the tap doing?"})
    changed = editing.change_answer(changed, "tap", "drip", {"text": "It drips all night"})
    assert of(changed, Change.WORDS) == [
        ("tap", "“What does the tap do?”", "“What is the tap doing?”"),
        ("tap/drip", "“It drips”", "“It drips all night”"),
    ]


def test_two_editions_are_compared_like_two_councils(body):
    body["outcomes"]["fence"]["code"] = ""
    found = compare(leaves_of_ends(ends_of(BUILT_IN)), leaves_of_ends(ends_of(read_tree(body))))
    assert found.only_a == ("AV6202",)
    assert found.blank_b == ("tenant/outside/wall/fence", "leasehold/structure/wall/fence")


def test_ends_that_run_away_are_cut_and_said_so():
    layers = 12
    raw = service.built_in_body()
    for number in range(layers):
        end = {"next": f"q{number + 1}"} if number < layers - 1 else {"outcome": "look"}
        answers = [{"value": str(n), "text": str(n), **end} for n in range(9)]
        raw["questions"][f"q{number}"] = {"label": "Q", "ask": "Q?", "answers": answers}
    raw["questions"]["kind"]["answers"][0]["next"] = "q0"
    found = ends_of(read_tree(raw))
    assert len(found) == MOST_ENDS
    assert is_cut(found)
    assert isinstance(found[0], End)


def test_past_repairs_under_the_same_edition_are_treated_alike(sampled):
    found = sampled.read(lambda s: dry_run(s, BUILT_IN))
    assert found.moved == ()
    assert found.looked_at > 20
    assert found.replayed == found.looked_at
    assert "None of the last" in found.summary


def test_another_code_or_band_names_the_repairs_it_would_move(context, ask, body):
    repair_id = ask(save=True)
    ask({**MOULD, "damp-spread": "spots"}, save=True)
    body["outcomes"]["damp-patch"] |= {"code": "0731", "band": "soon"}
    found = context.read(lambda s: dry_run(s, read_tree(body)))
    assert (found.looked_at, len(found.moved)) == (2, 1)
    moved = found.moved[0]
    assert (moved.repair_id, moved.code) == (repair_id, ("AV3102", "0731"))
    assert moved.band == ("routine", "soon")
    assert "Code AV3102 becomes 0731; band routine becomes soon" in moved.sentence
    assert found.summary.startswith("Of the last 2 repairs: 1 get another code, 1 another band")


def test_an_earlier_band_gives_an_earlier_date(context, ask, body):
    ask({**MOULD, "damp-spread": "spots"}, risks=(), save=True)
    body["outcomes"]["damp-spots"]["band"] = "urgent"
    moved = context.read(lambda s: dry_run(s, read_tree(body))).moved[0]
    assert moved.due[1] < moved.due[0]
    assert "an earlier date" in moved.sentence


def test_a_repair_is_found_by_its_code_where_the_edition_asks_otherwise(lead, ask, imported, body):
    ask(save=True)  # AV3102, which the imported mapping knows under other questions
    ask({**MOULD, "damp-spread": "many"}, save=True)  # AV3103, which it does not
    edition = lead.read(lambda s: s.scalar(select(Repair.tree_version)))
    assert edition == BUILT_IN.version
    tree = lead.read(lambda s: edition_tree(s, "averwick-2026-12"))
    found = lead.read(lambda s: dry_run(s, tree))
    assert (found.looked_at, found.replayed) == (2, 0)
    assert [m.lost for m in found.moved] == [True]
    assert "would have to be asked anew" in found.summary
    assert "No leaf of this edition fits" in found.moved[0].sentence


def test_an_emergency_that_was_diverted_stays_one_under_another_edition(context, body):
    def ask(session):
        repair_id = repairs.begin(session).repair_id
        repairs.answer(session, repair_id, "danger", "gas")

    context.write("Ask", ask)
    assert context.read(lambda s: dry_run(s, read_tree(body))).moved == ()
    assert context.read(lambda s: s.scalar(select(Repair.state))) is State.EMERGENCY_DIVERTED


def test_drafts_and_repairs_called_off_are_not_asked_again(context, ask):
    ask()
    assert context.read(lambda s: dry_run(s, BUILT_IN)).looked_at == 0
    assert context.read(lambda s: dry_run(s, BUILT_IN)).summary == "There is no past repair to ask again."
