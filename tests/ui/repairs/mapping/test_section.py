"""A lead reads, writes and tries editions of the questions by keys; an officer reads."""

import json
from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from sqlalchemy import select

from app.repairs.mapping import cold_spells
from app.repairs.mapping.ends import ends_of
from app.repairs.tables import tables
from app.repairs.trees import active_tree
from models.repairs import DataTable, MappingState, TableKind
from tests.ui import audit
from ui.theme import theme

ALT = Qt.KeyboardModifier.AltModifier


def reach(driver, *values):
    """Goes down the outline to an answer, by the values on the way."""
    assert driver.table.reveal("".join(f"\x1f{value}" for value in values))
    driver.table.setFocus()
    driver.settle()


def values(driver, question):
    return [a["value"] for a in driver.section.card.view.body["questions"][question]["answers"]]


def test_the_section_opens_on_the_edition_that_is_asked_by(lead):
    assert QApplication.focusWidget() is lead.section.cards.list
    assert lead.section.chosen_id == "built-in"
    assert "Asked by now: As Holdall came" in lead.section.head.facts.text()
    assert lead.section.card.side == "Asked by now"


def test_right_opens_left_closes_and_arrows_walk_the_outline(lead):
    lead.press(Qt.Key.Key_Return)
    assert QApplication.focusWidget() is lead.table
    assert lead.words()[0] == "Is anybody in danger now?"
    reach(lead, "none", "tenant")
    before = len(lead.words())
    lead.press(Qt.Key.Key_Right)
    assert len(lead.words()) == before + 9
    lead.press(Qt.Key.Key_Right)
    assert lead.table.current().words == "Which room is it in?"
    lead.press(Qt.Key.Key_Down)
    assert lead.table.current().words == "Kitchen"
    assert "level 3, closed" in lead.table.items.data(lead.table.currentIndex(), Qt.AccessibleTextRole)
    lead.press(Qt.Key.Key_Left)
    assert lead.table.current().words == "They rent it from the council"
    lead.press(Qt.Key.Key_Left)
    assert len(lead.words()) == before


def test_an_edition_that_is_asked_by_cannot_be_changed(lead):
    reach(lead, "none", "tenant", "kitchen", "sink")
    lead.press(Qt.Key.Key_Return)
    assert lead.section.card.form.text.isReadOnly()
    lead.type("x")
    lead.press(Qt.Key.Key_Escape)
    lead.press(Qt.Key.Key_Insert, Qt.Key.Key_Delete)
    assert lead.section.card.view.tree == tables().tree
    assert not lead.tab.findChild(object, "mapping-add").isVisible()


def test_a_draft_is_changed_by_keys_and_kept(draft):
    reach(draft, "none", "tenant", "kitchen", "tap", "drip")
    draft.press(Qt.Key.Key_Return)
    assert QApplication.focusWidget() is draft.section.card.form.text
    draft.type("It drips all night")
    draft.press(Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is draft.table
    draft.keep()
    answer = next(a for a in draft.body()["questions"]["tap"]["answers"] if a["value"] == "drip")
    assert answer["text"] == "It drips all night"


def test_a_code_keeps_its_zeros_and_a_band_is_chosen(draft):
    reach(draft, "none", "tenant", "kitchen", "tap", "drip")
    form = draft.section.card.form
    form.code.setFocus()
    form.code.selectAll()
    draft.type("000731")
    draft.choose("mapping-band", "soon")
    draft.choose("mapping-hazard", "hygiene")
    draft.keep()
    outcome = draft.body()["outcomes"]["tap-drip"]
    assert (outcome["code"], outcome["band"], outcome["hazard"]) == ("000731", "soon", "hygiene")


def test_insert_adds_an_answer_that_waits_for_its_words_and_code(draft):
    reach(draft, "none", "tenant", "kitchen", "tap", "stuck")
    draft.press(Qt.Key.Key_Insert)
    assert QApplication.focusWidget() is draft.section.card.form.text
    draft.type("It sprays sideways")
    draft.section.card._work_out()
    assert values(draft, "tap") == ["stuck", "new-answer", "drip", "unknown"]
    wrong = draft.section.card.form.wrong
    assert wrong.isVisible()
    assert "There is no schedule of rates code" in wrong.text.text()
    assert "2 things keep this edition from being asked by" in draft.section.card.wrong.text.text()
    draft.press(Qt.Key.Key_Escape)
    assert draft.table.current().words == "It sprays sideways"


def test_delete_takes_an_answer_out_and_alt_with_arrows_moves_it(draft):
    reach(draft, "none", "tenant", "kitchen", "tap", "drip")
    draft.press(Qt.Key.Key_Up, modifier=ALT)
    assert values(draft, "tap") == ["drip", "stuck", "unknown"]
    assert draft.table.current().answer == "drip"
    draft.press(Qt.Key.Key_Delete)
    assert values(draft, "tap") == ["stuck", "unknown"]
    draft.keep()
    assert "tap-drip" not in draft.body()["outcomes"]


def test_what_cannot_be_done_is_said_in_place(draft):
    reach(draft, "none", "tenant")
    draft.press(Qt.Key.Key_Delete)
    wrong = draft.section.card.form.wrong
    assert "asked alike in every edition" in wrong.text.text()
    assert wrong.isVisible()
    assert values(draft, "kind") == ["tenant", "leasehold", "communal", "unknown"]


def test_an_answer_may_lead_to_a_way_out_or_to_a_further_question(draft):
    reach(draft, "none", "tenant", "kitchen", "tap", "drip")
    draft.choose("mapping-leads", "not_ours")
    assert draft.table.current().leads == "not ours"
    draft.choose("mapping-leads", "leaf")
    assert draft.table.current().leads == "no code yet"
    draft.choose("mapping-leads", "question")
    assert draft.table.current().words == "It drips: which is it?"
    assert draft.section.card.form.ask.text() == "It drips: which is it?"


def test_f8_leads_to_what_is_to_put_right(draft):
    reach(draft, "none", "tenant", "kitchen", "tap", "drip")
    form = draft.section.card.form
    form.code.setFocus()
    form.code.selectAll()
    draft.press(Qt.Key.Key_Delete)
    draft.section.card._work_out()
    draft.table.setFocus()
    draft.press(Qt.Key.Key_Home, Qt.Key.Key_F8)
    assert draft.table.current().answer == "drip"
    assert draft.table.current().faults == 1
    kitchen = next(r for r in draft.table.items.entries if r.words == "Kitchen")
    assert kitchen.faults == 1


def test_a_code_is_found_by_typing_it(lead):
    lead.press(Qt.Key.Key_Return)
    lead.press(Qt.Key.Key_Slash)
    assert QApplication.focusWidget() is lead.section.card.sought
    lead.type("av2203")
    assert lead.words() == ["It drips, in Council tenant, Kitchen, Tap"]
    assert lead.section.card.found.text() == "1 found"
    lead.press(Qt.Key.Key_Return)
    assert QApplication.focusWidget() is lead.table
    assert lead.section.card.form.code.text() == "AV2203"
    lead.section.card.sought.clear()
    assert lead.table.current().answer == "drip"
    assert "Kitchen" in lead.words()


def test_undo_takes_the_last_change_of_a_draft_back(draft):
    reach(draft, "none", "tenant", "kitchen", "tap", "drip")
    draft.press(Qt.Key.Key_Delete)
    draft.keep()
    _label, changed = draft.shell.context.undo()
    draft.shell.changed.emit(changed)
    draft.settle()
    assert values(draft, "tap") == ["stuck", "drip", "unknown"]
    assert draft.body() == draft.section.card.view.body


def test_a_mapping_is_read_from_a_file_and_its_priorities_get_bands(lead, lists):
    lead.shell.choose_open = lambda *_: str(lists)
    lead.click("mapping-bring")
    assert "Choose a band for these priorities" in lead.told[-1]
    assert lead.section.deck.current is lead.section.priorities
    for number, band in enumerate(("planned", "routine", "urgent")):
        lead.choose(f"mapping-priority-{number}", band)
    lead.click("mapping-priorities-back")
    assert lead.section.card.view.faults == ()
    lead.click("mapping-act-active")
    lead.click("mapping-activate")
    assert lead.read(active_tree).version == "averwick-2026-12"
    assert [r.state for r in lead.editions()] == [MappingState.ACTIVE, MappingState.RETIRED]


def test_a_file_that_is_no_mapping_is_said_over_the_section_and_nothing_changes(lead, tmp_path):
    path = tmp_path / "letter.json"
    path.write_text("Dear Sir or Madam", encoding="utf-8")
    lead.shell.choose_open = lambda *_: str(path)
    lead.click("mapping-bring")
    assert "“letter.json” is not JSON" in lead.section.notice.text.text()
    lead.shell.choose_open = lambda *_: str(tmp_path / "gone.json")
    lead.click("mapping-bring")
    assert "cannot be opened" in lead.section.notice.text.text()
    assert len(lead.editions()) == 1


def test_an_edition_with_faults_says_so_and_cannot_be_made_active(draft):
    reach(draft, "none", "tenant", "kitchen", "tap", "stuck")
    draft.press(Qt.Key.Key_Insert, Qt.Key.Key_Escape)
    draft.click("mapping-act-active")
    assert "2 things to put right first" in draft.section.activating.wrong.text.text()
    assert not draft.section.activating.go.isVisible()
    draft.press(Qt.Key.Key_Escape)
    assert draft.section.deck.current is draft.section.card


def test_making_active_is_told_before_it_is_done(draft):
    reach(draft, "none", "tenant", "kitchen", "tap", "drip")
    draft.choose("mapping-band", "soon")
    draft.click("mapping-act-active")
    plan = draft.section.activating
    assert "leads elsewhere 2" in plan.changes.text()
    assert plan.tried.text() == "There is no past repair to ask again."
    assert draft.read(active_tree) is tables().tree
    draft.press(Qt.Key.Key_Return, modifier=Qt.KeyboardModifier.ControlModifier)
    assert draft.read(active_tree).outcomes["tap-drip"].band == "soon"
    assert "New repairs are asked by" in draft.told[-1]
    draft.open("built-in")
    draft.click("mapping-act-active")
    draft.click("mapping-activate")
    assert draft.read(active_tree) is tables().tree


def test_two_editions_are_compared_and_the_list_can_be_filtered(draft):
    reach(draft, "none", "tenant", "kitchen", "tap", "drip")
    draft.press(Qt.Key.Key_Delete)
    draft.click("mapping-act-compare")
    compare = draft.section.compare
    assert "taken out 2" in compare.summary.text()
    assert compare.table.model().rowCount() == 2
    compare.table.choose_row(0)
    assert compare.whole.text() == (
        "Taken out: Council tenant, Kitchen, Tap, Drips: there AV2203, routine, Plumber."
    )
    draft.choose("mapping-compare-what", "only_b")
    assert compare.table.model().index(0, 3).data() == "AV2203"


def test_an_edition_is_compared_with_another_council_s_file(lead, lists):
    lead.open("built-in")
    lead.click("mapping-act-compare")
    lead.shell.choose_open = lambda *_: str(lists)
    lead.click("mapping-compare-file")
    compare = lead.section.compare
    assert compare.summary.text() == "Against “lists.json”."
    assert compare.codes.text().startswith("1 code in both")
    assert [r.name for r in lead.editions()] == ["As Holdall came"]  # nothing of the file is kept


def test_cold_spells_are_declared_ended_and_taken_back(lead):
    lead.open("cold")
    cold = lead.section.cold
    assert QApplication.focusWidget() is cold.first.boxes[0]
    cold.submit()
    assert cold.first_field.problem == "Write the first day"
    for box, words in zip(cold.first.boxes, ("16", "12", "2026"), strict=True):
        box.setFocus()
        lead.type(words)
    cold.degrees.setFocus()
    lead.type("warm")
    cold.submit()
    assert cold.degrees_field.problem
    cold.degrees.clear()
    lead.type("-5")
    lead.click("mapping-spell-declare")
    spell = lead.read(cold_spells.spells)[0]
    assert (spell.begins_on, spell.ends_on, spell.degrees) == (date(2026, 12, 16), None, -5)
    assert cold.first.value() is None
    cold.list.choose(spell.id)
    lead.click("mapping-spell-end")
    assert lead.read(cold_spells.spells)[0].ends_on == date(2026, 12, 17)
    lead.click("mapping-spell-remove")
    assert lead.read(cold_spells.spells) == []


def test_bank_holidays_are_read_from_a_file(lead, tmp_path):
    lead.open(TableKind.HOLIDAYS.value)
    assert "known until 31 December 2028" in lead.section.table_view.facts.text()
    day = {"title": "A holiday", "notes": "", "bunting": True}
    days = [{**day, "date": f"{year}-{month:02d}-04"} for year in range(2026, 2030) for month in range(1, 9)]
    path = tmp_path / "holidays.json"
    shape = {name: {"division": name, "events": days} for name in ("england-and-wales",)}
    path.write_text(json.dumps({"england-and-wales": {"events": days[:1]}}), encoding="utf-8")
    lead.shell.choose_open = lambda *_: str(path)
    lead.click("mapping-table-file")
    assert "is not a table of bank holidays" in lead.section.notice.text.text()
    path.write_text(json.dumps(shape), encoding="utf-8")
    lead.click("mapping-table-file")
    assert not lead.section.notice.isVisible(), lead.section.notice.text.text()
    assert lead.read(lambda s: s.scalar(select(DataTable.source))) == "holidays.json"
    assert "known until 31 December 2029" in lead.section.table_view.facts.text()
    assert lead.section.table_view.read_in.text().startswith("Read in: holidays.json")


def test_times_and_rules_are_listed_with_their_days(lead):
    lead.open(TableKind.BANDS.value)
    rows = lead.section.table_view.table.model()
    assert [rows.index(0, n).data() for n in range(3)] == ["Emergency", "24 hours", "1 April 2026"]
    lead.open(TableKind.RULES.value)
    assert lead.section.table_view.title == "Rules of law"
    assert lead.section.table_view.table.model().rowCount() > 30


def test_an_officer_reads_everything_and_is_told_that_only_a_lead_changes_it(officer):
    assert "Only a lead may change" in officer.section.head.facts.text()
    for name in ("mapping-bring", "mapping-act-active", "mapping-act-draft", "mapping-add"):
        assert not officer.tab.findChild(object, name).isVisible()
    officer.click("mapping-act-compare")
    officer.open(TableKind.HOLIDAYS.value)
    assert not officer.tab.findChild(object, "mapping-table-file").isVisible()
    officer.open("cold")
    assert not officer.section.cold.form.isVisible()


def test_a_mapping_of_2500_leaves_is_read_opened_and_searched(lead, large):
    lead.section.bring_mapping(large)
    lead.settle()
    lead.choose("mapping-priority-0", "routine")
    lead.click("mapping-priorities-back")
    card = lead.section.card
    kept = sum(not e.exit for e in ends_of(tables().tree) if e.path[0] != "tenant")
    assert (card.view.leaves, card.view.faults) == (2500 + kept, ())
    card.sought.setFocus()
    lead.type("002499")
    assert [row.leads for row in lead.table.items.entries] == ["002499"]
    card.sought.clear()
    lead.type("cracked")
    assert lead.section.card.found.text() == "500 found"


def test_every_part_is_named_reached_and_whole_at_every_size(lead, qtbot, lists):
    found = {}
    lead.shell.choose_open = lambda *_: str(lists)
    lead.click("mapping-bring")
    for factor in (1.0, 2.0):
        theme().set_factor(factor)
        lead.tab.set_compact(factor == 2.0)
        for act in ("", "priorities", "compare", "try", "active"):
            lead.section._back()
            if act:
                lead.section.act(act)
            lead.settle()
            wrong = audit.problems(lead.tab) + audit.cut_off(lead.tab)
            if wrong:
                found[f"{act or 'questions'} at {factor:.0%}"] = wrong
        for key in (*TableKind, "cold"):
            lead.open(str(key))
            wrong = audit.problems(lead.tab) + audit.cut_off(lead.tab)
            if wrong:
                found[f"{key} at {factor:.0%}"] = wrong
        lead.section.open(lead.editions()[0].id)
    assert found == {}
