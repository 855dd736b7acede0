"""The Homes section by keyboard: find a home, see what is known, bring a list in, record a chase."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from sqlalchemy import func, select

from models.repairs import Alert, ChaseReason, Contact, Property, Repair
from tests.ui import audit
from ui.theme import theme

ENTER = Qt.Key.Key_Return
CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def homes(filled):
    """The section over the sample council; what it opens elsewhere is opened in the tab."""
    tab = filled.tab.window()
    filled.shell.open_asked.connect(lambda name, record, _field: tab.open_record(name, record))
    return turned(filled)


def turned(driver):
    """The section, turned to."""
    section = driver.tab.window().open_section("homes")
    driver.settle()
    return section


def find(filled, section, words):
    section.list.filter.take_focus()
    section.list.filter.setText(words)
    filled.press(ENTER)


def opened(filled, section, words):
    find(filled, section, words)
    filled.press(ENTER)
    return section.page


def read(filled, statement):
    return filled.shell.context.read(lambda s: s.scalar(statement))


def write_list(tmp_path, rows, heads="uprn,property_ref,address,postcode,tenure", name="homes.csv"):
    path = tmp_path / name
    path.write_text("\n".join([heads, *rows]), "utf-8")
    return path


def bring(driver, section, path):
    driver.shell.choose_open = lambda _title, _filters: str(path)
    (section.first if section.none.isVisible() else section.bring_button).click()
    driver.settle()


def test_a_home_is_found_by_typing_and_opened_by_enter(filled, homes):
    assert QApplication.focusWidget() is homes.list.filter
    page = opened(filled, homes, "14 tann")
    assert homes.list.count == 1
    assert page.view.address == "14 Tannery Row, Averwick"
    assert QApplication.focusWidget() is page.begin
    assert homes.list.foot.words.text() == "1 home with “14 tann”"


@pytest.mark.parametrize("words", ["av32qt", "H0002", "100990000007", "wyn-harte 14", "Wŷn 14"])
def test_it_is_found_by_postcode_reference_uprn_or_name(filled, homes, words):
    find(filled, homes, words)
    shown = [homes.list.items.row_at(n) for n in range(homes.list.count)]
    assert "14 Tannery Row, Averwick" in [row.cells[0] for row in shown]


def test_homes_stand_in_the_order_of_their_numbers(homes):
    flats = [homes.list.items.row_at(n).cells[0] for n in range(homes.list.count)]
    flats = [cell for cell in flats if cell.startswith("Flat")]
    assert [int(cell.split(",")[0].removeprefix("Flat ")) for cell in flats] == list(range(1, 13))


def test_flags_alerts_and_past_repairs_of_a_home_are_shown(filled, homes):
    page = opened(filled, homes, "1 orchard close")
    assert (
        "Under warranty until 31 March 2027: ring Forge Homes first."
        in page.warnings.itemAt(0).widget().text.text()
    )
    page = opened(filled, homes, "14 tannery")
    assert page.past.isVisible()
    assert page.chosen.reference == "AV-20412"


def test_n_begins_a_repair_at_the_home(filled, homes):
    opened(filled, homes, "23 weir")
    filled.press(Qt.Key.Key_N)
    interview = filled.tab.interview
    assert interview.isVisible()
    assert interview.view.address == "23 Weir Street, Averwick"
    assert interview.view.property_id


def test_enter_opens_a_past_repair(filled, homes):
    page = opened(filled, homes, "14 tannery")
    page.past.setFocus()
    filled.press(ENTER)
    assert filled.tab.promise.isVisible()
    assert filled.tab.promise.view.reference == "AV-20412"


def test_r_records_a_chase_on_the_chosen_repair_and_undo_takes_it_back(filled, homes):
    page = opened(filled, homes, "14 tannery")
    before = read(filled, select(func.count()).select_from(Repair))
    filled.press(Qt.Key.Key_R)
    assert homes.chase.isVisible()
    filled.press(ENTER, modifier=CTRL)
    assert homes.chase.errors.isVisible(), "a chase needs its reason"
    homes.chase.reason.setFocus()
    filled.press(Qt.Key.Key_Down)
    homes.chase.words.setFocus()
    filled.type("Nobody rang")
    filled.press(ENTER, modifier=CTRL)
    assert homes.page.isVisible()
    newest = select(Contact).order_by(Contact.at.desc()).limit(1)
    contact = read(filled, newest)
    assert (contact.reason, contact.words) == (ChaseReason.NO_DATE, "Nobody rang")
    assert contact.repair_id == page.chosen.id
    assert "chased once" in page.past.entry(1).detail
    assert read(filled, select(func.count()).select_from(Repair)) == before


def test_an_alert_is_set_with_its_day_and_ended(filled, homes):
    opened(filled, homes, "14 tannery")
    before = read(filled, select(func.count()).select_from(Alert))
    filled.press(Qt.Key.Key_A)
    filled.press(ENTER, modifier=CTRL)
    assert homes.alert.errors.isVisible(), "an alert that says nothing is refused"
    homes.alert.words.setFocus()
    filled.type("Two to visit")
    filled.press(ENTER, modifier=CTRL)
    assert homes.page.isVisible()
    assert read(filled, select(func.count()).select_from(Alert)) == before + 1
    (alert,) = homes.page.view.alerts
    assert alert.expires_on.year == 2027
    homes.page.alert_ended.emit(alert.id)
    filled.settle()
    assert homes.page.view.alerts == ()


def test_consent_can_end_and_a_legal_claim_be_noted(filled, homes):
    page = opened(filled, homes, "14 tannery")
    assert page.view.household is not None
    page.consent_ended.emit()
    filled.settle()
    assert page.view.household is None
    page.claim.click()
    filled.settle()
    assert page.view.legal_disrepair
    assert page.claim.text() == "End the legal claim"


def test_an_empty_council_is_told_to_bring_its_list_in(page, tmp_path):
    section = turned(page)
    assert section.none.isVisible()
    assert QApplication.focusWidget() is section.first
    bring(
        page, section, write_list(tmp_path, [",P1,14 Tannery Row,AV3 2QT,tenant", ",P2,1 Mill Lane,,tenant"])
    )
    assert section.importing.isVisible()
    assert section.importing.figures["new"].count.text() == "1"
    assert section.importing.figures["aside"].count.text() == "1"
    assert read(page, select(func.count()).select_from(Property)) == 0
    page.press(ENTER, modifier=CTRL)
    assert read(page, select(func.count()).select_from(Property)) == 1
    assert section.list.isVisible()
    assert section.list.count == 1


def test_escape_leaves_a_list_and_nothing_is_written(page, tmp_path):
    section = turned(page)
    bring(page, section, write_list(tmp_path, [",P1,14 Tannery Row,AV3 2QT,tenant"]))
    page.press(Qt.Key.Key_Escape)
    assert section.none.isVisible()
    assert read(page, select(func.count()).select_from(Property)) == 0


def test_a_list_that_does_not_say_whose_homes_asks_by_number(page, tmp_path):
    section = turned(page)
    path = write_list(tmp_path, ["14 Tannery Row,AV3 2QT"], "address,postcode", "list.csv")
    bring(page, section, path)
    assert section.tenure.isVisible()
    page.press(Qt.Key.Key_2)
    assert section.importing.isVisible()
    page.press(ENTER, modifier=CTRL)
    assert read(page, select(Property.tenure)) == "leasehold"


def test_a_proposed_postcode_is_taken_only_when_it_is_ticked(page, tmp_path):
    section = turned(page)
    bring(page, section, write_list(tmp_path, [",P1,14 Tannery Row,AVI 2QT,tenant"]))
    assert section.importing.plan.nothing
    section.importing.take.click()
    page.settle()
    assert len(section.importing.plan.new) == 1
    assert section.importing.take.isChecked()


def test_what_is_no_list_is_said_over_the_section(page, tmp_path):
    section = turned(page)
    path = tmp_path / "notes.csv"
    path.write_text("a,b\n1,2\n", "utf-8")
    bring(page, section, path)
    assert "no row of headings" in section.notice.text.text()
    assert section.notice.isVisible()


def test_homes_that_are_gone_are_marked_only_when_it_is_ticked(filled, homes, tmp_path):
    path = write_list(tmp_path, ["100990000007,H0002,14 Tannery Row,AV3 2QT,tenant"])
    bring(filled, homes, path)
    assert homes.importing.much.isVisible(), "so many are missing that it is probably not the whole list"
    assert not homes.importing.mark.isChecked()
    homes.importing.mark.click()
    filled.press(ENTER, modifier=CTRL)
    marked = select(func.count()).where(Property.no_repair_reason.startswith("Not in the property list"))
    assert read(filled, marked) > 40


def test_faults_are_saved_for_whoever_keeps_the_list(page, tmp_path):
    section = turned(page)
    bring(page, section, write_list(tmp_path, ["1.0E+11,P1,14 Tannery Row,AV3 2QT,tenant"]))
    target = tmp_path / "faults.csv"
    page.shell.choose_save = lambda _title, _name, _filters: str(target)
    section.importing.save_faults.click()
    assert "last digits are lost" in target.read_text("utf-8-sig")


def every_view(filled, section):
    """The section with each of its views on show."""
    opened(filled, section, "14 tannery")
    yield "home"
    section.ask_chase(section.page.chosen.id)
    yield "chase"
    section.chase.left.emit()
    section.page.add_alert.click()
    yield "alert"
    section.alert.left.emit()


def test_every_part_is_named_reached_and_whole(filled, homes):
    for name in every_view(filled, homes):
        filled.settle()
        assert audit.problems(homes) == [], name


@pytest.mark.parametrize("factor", [1.3, 2.0])
def test_nothing_is_cut_off_when_the_words_are_large(filled, homes, factor):
    theme().set_factor(factor)
    homes.set_compact(factor == 2.0)
    for name in every_view(filled, homes):
        filled.settle()
        assert audit.cut_off(homes) == [], name


def test_find_leads_to_a_home(filled, homes):
    home_id = read(filled, select(Property.id).where(Property.address.startswith("14 Tannery")))
    tab = filled.tab.window()
    tab.open_section("triage")
    assert tab.open_record("repairs_property", home_id)
    assert homes.page.view.id == home_id
    assert tab.record() == ("repairs_property", home_id)
