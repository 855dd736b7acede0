"""HACT messages of a repair: valid by the schemas, codes to the last zero, nothing about who lives there."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from importlib import resources

import jsonschema
import pytest
from sqlalchemy import select

from app import cli
from app.errors import HoldallError
from app.repairs import orders, service, visits
from app.repairs.hact import messages
from app.repairs.hact.schema import read_schema
from models.repairs import Alert, AlertKind, Outcome, Property, Repair, State

COUNCIL = "Averwick Borough Council"
QUOTES = 'He said "it\'s 5\\" wide",\n“mind the dog” 🐕 ماء </script> \x1b[31m =1+1'


@pytest.fixture
def order(context):
    """The order of a repair by its id."""
    return lambda repair_id: context.read(lambda s: orders.read_order(s, repair_id, context.today()))


@pytest.fixture(scope="module")
def own_schema():
    text = resources.files("resources").joinpath("repairs", "hact", "raise-repair.json").read_text("utf-8")
    schema = json.loads(text)
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def change(context, repair_id, **values):
    def work(session):
        repair = session.get(Repair, repair_id)
        for name, value in values.items():
            setattr(repair, name, value)

    context.write("Change", work)


def test_a_promised_repair_is_raised(context, ask, order, own_schema):
    repair_id = ask(save=True)
    message = messages.raise_repair(order(repair_id), COUNCIL)
    own_schema.validate(message)
    assert message["Priority"] == {
        "PriorityCode": "4",
        "RequiredCompletionDateTime": "2027-01-05T23:59:59Z",
    }
    assert message["WorkClass"]["WorkClassCode"] == "0"
    (element,) = message["WorkElement"]
    assert element["RateScheduleItem"][0]["CustomCode"] == "AV3102"
    assert element["Trade"] == [{"Code": "SP", "CustomCode": "Surveyor", "CustomName": "Surveyor"}]
    assert message["LocationOfRepair"] == "Kitchen"
    (site,) = message["SitePropertyUnit"]
    assert site["Address"] == {
        "AddressLine": ["14 Tannery Row", "Averwick"],
        "PostalCode": "AV3 2QT",
        "Country": "GB",
        "BuildingNumber": "14",
        "StreetName": "Tannery Row",
        "CityName": "Averwick",
    }
    assert message["DateReported"] == "2026-12-17T14:21:00Z"


@pytest.mark.parametrize(
    ("code", "field"),
    [
        ("000123", "CustomCode"),
        ("0", "CustomCode"),
        ("N373049", "CustomCode"),
        ('co"de\\', "CustomCode"),
        ("Plumbing-PL060101", "M3NHFSORCode"),
        ("plumbing-pl060101", "CustomCode"),
    ],
)
def test_a_code_is_an_opaque_string_with_its_leading_zeros(context, ask, order, own_schema, code, field):
    repair_id = ask(save=True)
    change(context, repair_id, code=code)
    message = json.loads(json.dumps(messages.raise_repair(order(repair_id), COUNCIL)))
    own_schema.validate(message)
    item = message["WorkElement"][0]["RateScheduleItem"][0]
    assert item[field] == code
    assert len({"CustomCode", "M3NHFSORCode"} & item.keys()) == 1


@pytest.mark.parametrize(("band", "code"), [("emergency", "1"), ("urgent", "2"), ("soon", "3"), ("x", "4")])
def test_a_band_becomes_one_of_the_five_priorities(context, ask, order, band, code):
    repair_id = ask(save=True)
    change(context, repair_id, band=band)
    assert messages.raise_repair(order(repair_id), COUNCIL)["Priority"]["PriorityCode"] == code


def test_an_emergency_that_was_sent_on_has_priority_one_and_no_code(context, order, own_schema):
    repair_id = context.write("Begin", service.begin).repair_id
    context.write("Danger", lambda s: service.answer(s, repair_id, "danger", "gas"))
    context.write("Given", lambda s: service.settle_emergency(s, repair_id, Outcome.GIVEN))
    message = messages.raise_repair(order(repair_id), COUNCIL)
    own_schema.validate(message)
    assert message["Priority"]["PriorityCode"] == "1"
    assert "WorkElement" not in message
    assert message["Priority"]["RequiredCompletionDateTime"] == "2026-12-18T14:21:00Z"


def test_who_lives_there_is_in_no_message(context, ask, order):
    repair_id = ask(save=True, risks=("under5", "oxygen"))
    for build in messages.MESSAGES.values():
        text = json.dumps(build(order(repair_id), COUNCIL))
        assert not re.search("under|oxygen|dialysis|child|Two adults|risk", text, re.I)


def test_only_alerts_with_a_code_of_the_list_go_out(context, ask, order, own_schema):
    repair_id = ask(save=True)

    def alerts(session):
        key = session.get(Repair, repair_id).place_key
        for kind, code, words, ends in (
            (AlertKind.LOCATION, "10", "Asbestos in the hall ceiling", None),
            (AlertKind.LOCATION, "", "Steep steps", None),
            (AlertKind.LOCATION, "99", "A code of our own", None),
            (AlertKind.PERSON, "20-30", "Visit in pairs", date(2027, 6, 1)),
            (AlertKind.PERSON, "20", "Over since yesterday", context.today() - timedelta(days=1)),
        ):
            session.add(
                Alert(
                    place_key=key,
                    kind=kind,
                    code=code,
                    words=words,
                    set_by_name="Priya Senn",
                    set_at=context.now(),
                    expires_on=ends,
                )
            )

    context.write("Alerts", alerts)
    message = messages.raise_repair(order(repair_id), COUNCIL)
    own_schema.validate(message)
    assert message["LocationAlert"] == [{"Comments": "Asbestos in the hall ceiling", "Type": "10"}]
    assert message["PersonAlert"] == [{"Comments": "Visit in pairs", "Type": "20-30"}]


def test_the_home_goes_by_its_uprn_and_by_the_councils_own_number(context, ask, order, own_schema):
    repair_id = ask(save=True)

    def home(session):
        made = Property(
            uprn="000010033571",
            property_ref="00041207",
            address="Flat 2, Long Court, 3 Mill Lane, Harbour Side, Old Town, West Averwick, Averwick, Shire",
            postcode="AV3 2QT",
            place_key="x",
        )
        session.add(made)
        session.flush()
        repair = session.get(Repair, repair_id)
        repair.property_id, repair.address = made.id, made.address

    context.write("Home", home)
    (site,) = messages.raise_repair(order(repair_id), COUNCIL)["SitePropertyUnit"]
    assert [r["ID"] for r in site["Reference"]] == ["000010033571", "00041207"]
    assert len(site["Address"]["AddressLine"]) == 7
    assert site["Address"]["AddressLine"][-1] == "Averwick, Shire"
    assert "BuildingNumber" not in site["Address"]


def test_the_request_for_an_appointment_is_valid_by_hacts_own_schema(context, ask, order, slots, inputs):
    raw = (inputs / "repairs" / "RequestAppointment.json").read_bytes()
    checker = jsonschema.Draft7Validator(read_schema(raw, "RequestAppointment"))
    repair_id = ask(save=True)
    first = messages.request_appointment(order(repair_id), COUNCIL)
    checker.validate(first)
    reference = order(repair_id).reference
    assert first["WorkOrderReference"]["ID"] == reference
    assert first["AppointmentReference"]["ID"] == f"{reference}-1"
    context.write("Ask", lambda s: visits.ask_visits(s, repair_id, slots[:2]))
    asked = messages.request_appointment(order(repair_id), COUNCIL)
    checker.validate(asked)
    assert asked["AppointmentReference"]["ID"] == order(repair_id).visit.id
    assert asked["AppointmentReference"]["Description"].startswith("Asked for, not booked: 2026-12-21")
    assert list(checker.iter_errors({"WorkOrderReference": {}}))


@pytest.mark.parametrize("state", [State.CANCELLED, State.NOT_ELIGIBLE, State.CONTACT_US])
def test_what_is_not_promised_is_not_raised(context, ask, order, state):
    from dataclasses import replace

    one = replace(order(ask(save=True)), state=state)
    for build in messages.MESSAGES.values():
        with pytest.raises(HoldallError, match="Repair ") as caught:
            build(one, COUNCIL)
        assert caught.value.advice


def test_a_repair_whose_questions_are_open_has_no_message(context, ask, order):
    one = order(ask({"danger": "none", "kind": "tenant", "room": "kitchen"}))
    for build in messages.MESSAGES.values():
        with pytest.raises(HoldallError, match="has no date yet"):
            build(one, COUNCIL)


def test_any_words_stay_whole_in_a_message(context, ask, order, own_schema):
    repair_id = ask(save=True)
    change(context, repair_id, description=QUOTES, tenant_name="Ffion\n“Wŷn” 🙂 علي")
    message = json.loads(json.dumps(messages.raise_repair(order(repair_id), COUNCIL)))
    own_schema.validate(message)
    kept = context.read(lambda s: s.scalar(select(Repair.description).where(Repair.id == repair_id)))
    assert message["DescriptionOfWork"].endswith(kept.strip())
    assert "it's 5\\\" wide" in message["DescriptionOfWork"]


def test_a_moment_is_utc_to_the_second():
    at = datetime(2026, 7, 1, 22, 59, 59, 900_000, tzinfo=UTC)
    assert messages.moment(at) == "2026-07-01T22:59:59Z"


@pytest.mark.parametrize("message", ["raise-repair", "request-appointment"])
def test_the_command_prints_one_message(context, ask, monkeypatch, capsys, message, own_schema):
    monkeypatch.setattr("app.repairs.commands.hact.open_context", lambda _options: context)
    repair_id = ask(save=True)
    reference = context.read(lambda s: s.get(Repair, repair_id).reference)
    monkeypatch.setattr(context.store, "close", lambda: None)
    assert cli.main(["repairs", "hact", reference.lower(), "--message", message, "--json"], {}) == 0
    printed = json.loads(capsys.readouterr().out)
    if message == "raise-repair":
        own_schema.validate(printed)
    else:
        assert printed["WorkOrderReference"]["ID"] == reference
    assert cli.main(["repairs", "hact", reference, "--message", message], {}) == 0
    told = capsys.readouterr()
    assert json.loads(told.out) == printed
    assert told.err == ""


def test_the_command_says_of_a_draft_that_it_is_not_saved(context, ask, monkeypatch, capsys):
    monkeypatch.setattr("app.repairs.commands.hact.open_context", lambda _options: context)
    monkeypatch.setattr(context.store, "close", lambda: None)
    assert cli.main(["repairs", "hact", ask(), "--message", "raise-repair", "--json"], {}) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["Priority"]["PriorityCode"] == "4"
    assert "is not saved yet: save it before you send this" in told.err


@pytest.mark.parametrize("name", ["AV-00000", "", "'; drop table", "\udcff", "x" * 500])
def test_a_repair_that_is_not_there_is_said_in_one_sentence(context, monkeypatch, capsys, name):
    monkeypatch.setattr("app.repairs.commands.hact.open_context", lambda _options: context)
    monkeypatch.setattr(context.store, "close", lambda: None)
    assert cli.main(["repairs", "hact", name, "--message", "raise-repair", "--json"], {}) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "There is no repair" in err
