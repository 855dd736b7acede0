"""A property list on its way in: what it would do, all of it or nothing, and the same again is no change."""

import os
import subprocess
import sys
import textwrap
from datetime import date

import pytest
from sqlalchemy import func, select

from app.repairs import places, service
from app.repairs.homes import importing
from app.repairs.homes.property_list import joined, read_list, without_doubles
from app.sheet_reading import is_sheet
from models.base import mark_deleted
from models.changes import pending_count
from models.repairs import Alert, AlertKind, Household, Kind, Property, Repair
from models.store import Store
from tests.app.repairs.conftest import KEY

HEADS = "uprn,property_ref,address,postcode,tenure,tenant_name"
HOMES = [
    "100990000001,P1,14 Tannery Row,AV3 2QT,tenant,Ffion Wŷn-Harte",
    "100990000002,P2,16 Tannery Row,AV3 2QT,tenant,Ade Cole",
    "100990000003,P3,Castle Court,AV2 1HN,communal,",
]


def listed(rows, heads=HEADS, name="homes.csv", **options):
    return without_doubles(read_list(name, "\n".join([heads, *rows]).encode(), **options))


@pytest.fixture
def bring(context):
    """Brings a list in and returns what it did."""
    return lambda found, mark=False: context.write("Import", lambda s: importing.bring_in(s, found, mark))


@pytest.fixture
def plan(context):
    """What a list would do."""
    return lambda found: context.read(lambda s: importing.plan(s, found))


def homes(context):
    with context.store.read() as session:
        return {home.property_ref: home for home in session.scalars(select(Property))}


def home_1():
    return select(Property).where(Property.uprn == "100990000001")


def test_a_dry_run_says_what_would_come_and_writes_nothing(plan, context):
    made = plan(listed([*HOMES, "12E,P9,1 Mill Lane,AV1 4BD,tenant,X"]))
    assert (len(made.new), len(made.changed), made.same, len(made.gone)) == (3, 0, 0, 0)
    assert len(made.aside) == 1
    assert made.read == 4
    assert context.read(lambda s: s.scalar(select(func.count()).select_from(Property))) == 0
    assert context.read(pending_count) == 0


def test_bringing_the_same_list_in_again_changes_nothing(bring, plan, context):
    bring(listed(HOMES))
    before = context.read(pending_count)
    again = bring(listed(HOMES))
    assert again.plan.nothing
    assert again.plan.same == 3
    assert context.read(pending_count) == before
    assert not again.changed.ids


def test_what_differs_is_changed_and_columns_that_are_not_given_stay(bring, context):
    bring(listed(HOMES))
    context.write("Claim", lambda s: setattr(s.scalars(select(Property)).first(), "legal_disrepair", True))
    made = bring(listed([HOMES[0].replace("Ffion Wŷn-Harte", "Marta Zielińska"), *HOMES[1:]])).plan
    assert [importing.change_words(c) for c in made.changed] == ["Name: Marta Zielińska, was Ffion Wŷn-Harte"]
    assert homes(context)["P1"].tenant_name == "Marta Zielińska"
    assert sum(h.legal_disrepair for h in homes(context).values()) == 1


def test_a_home_that_is_gone_is_marked_only_when_somebody_says_so_and_never_removed(bring, plan, context):
    bring(listed(HOMES))
    shorter = listed([HOMES[0], HOMES[2]])
    assert [gone.reference for gone in plan(shorter).gone] == ["P2"]
    bring(shorter)
    assert homes(context)["P2"].no_repair_reason == ""
    assert bring(shorter, mark=True).marked == 1
    assert homes(context)["P2"].no_repair_reason == "Not in the property list of 17 December 2026"
    assert not homes(context)["P2"].deleted
    assert plan(shorter).gone == []
    bring(listed(HOMES))
    assert homes(context)["P2"].no_repair_reason == ""


def test_a_list_of_tenants_says_nothing_of_shared_parts(bring, plan):
    bring(listed(HOMES))
    assert [g.reference for g in plan(listed(HOMES[:1])).gone] == ["P2"]


def test_a_home_in_a_row_aside_is_not_gone(bring, plan):
    bring(listed(HOMES))
    made = plan(listed([HOMES[0].replace("100990000001", "1.00061E+11"), *HOMES[1:]]))
    assert made.gone == []
    assert len(made.aside) == 1


def test_a_list_that_lacks_most_homes_is_called_out(bring, plan):
    bring(listed(HOMES))
    assert not plan(listed(HOMES)).much_gone
    many = [f"1009900001{n:02d},Q{n},{n} Mill Lane,AV1 4BD,tenant,X" for n in range(1, 12)]
    bring(listed([*HOMES, *many]))
    assert plan(listed(HOMES)).much_gone


def test_an_address_put_right_takes_alerts_household_and_repairs_along(bring, context):
    bring(listed(HOMES))
    key = places.place_key("14 Tannery Row", "AV3 2QT")

    def know(session):
        common = {"set_by_name": "T", "set_at": context.now()}
        session.add(Alert(place_key=key, kind=AlertKind.PERSON, words="Two to visit", **common))
        session.add(
            Household(
                place_key=key,
                risks=["baby"],
                consent_at=context.now(),
                consent_by="T",
                expires_on=date(2027, 1, 1),
            )
        )
        repair = service.begin(
            session, session.scalars(select(Property.id).where(Property.uprn.like("%1"))).one()
        )
        return repair.repair_id

    repair_id = context.write("Know", know)
    swapped = [
        HOMES[0].replace("14 Tannery Row", "16 Tannery Row"),
        HOMES[1].replace("16 Tannery Row", "14 Tannery Row"),
    ]
    bring(listed([*swapped, HOMES[2]]))
    moved = places.place_key("16 Tannery Row", "AV3 2QT")
    assert context.read(lambda s: s.scalars(select(Alert.place_key)).all()) == [moved]
    assert context.read(lambda s: s.scalars(select(Household.place_key)).all()) == [moved]
    assert context.read(lambda s: s.get(Repair, repair_id).place_key) == moved


def test_names_that_contradict_each_other_here_keep_the_row_aside(bring, plan):
    bring(listed(HOMES))
    made = plan(listed([HOMES[0].replace("P1", "P2"), HOMES[2]]))
    assert "has the UPRN of 14 Tannery Row and the reference of 16 Tannery Row" in str(made.aside[0])
    made = plan(listed(["100990000009,,14 Tannery Row,AV3 2QT,tenant,X", *HOMES[1:]]))
    assert "has another UPRN than 14 Tannery Row has here" in str(made.aside[0])
    assert made.gone == []


def test_two_rows_that_are_one_home_here_are_not_both_taken(bring, plan):
    bring(listed(HOMES))
    twice = [HOMES[0].replace("P1", ""), ",P1,14 Tanneries Row,AV3 2QT,tenant,X", *HOMES[1:]]
    assert "is the same home here as row 2" in str(plan(listed(twice)).aside[0])


def test_a_home_in_the_trash_comes_back_as_a_new_one(bring, context):
    bring(listed(HOMES))
    context.write(
        "Away", lambda s: mark_deleted(s.scalars(select(Property).where(Property.uprn.like("%1"))).one())
    )
    assert len(bring(listed(HOMES)).plan.new) == 1


def test_undo_takes_a_whole_import_back(bring, context):
    bring(listed(HOMES))
    context.undo()
    assert (
        context.read(
            lambda s: s.scalar(select(func.count()).select_from(Property).where(Property.deleted.is_(False)))
        )
        == 0
    )


def test_the_faults_go_back_to_whoever_keeps_the_list_as_a_safe_csv(plan):
    made = plan(listed(["=1+1,P1,14 Tannery Row,AV3 2QT,tenant,X", ",P2,16 Tannery Row,AVI 2QT,tenant,X"]))
    text = importing.faults_csv(made).decode("utf-8-sig")
    assert "AV1 2QT" in text
    assert text.splitlines()[0] == 'File,Row,Column,What is wrong,"Meant, perhaps",Came in'
    assert not is_sheet(text.encode())


def test_several_files_come_in_as_one_act(bring, context):
    tenants = read_list("tenants.csv", b"address,postcode\n14 Tannery Row,AV3 2QT\n")
    shared = read_list("communal.csv", b"address,postcode\nCastle Court,AV2 1HN\n")
    assert len(bring(joined([tenants, shared])).plan.new) == 2
    assert {h.tenure for h in context.read(lambda s: s.scalars(select(Property)).all())} == {
        Kind.TENANT,
        Kind.COMMUNAL,
    }


def test_a_power_cut_in_the_middle_leaves_nothing_of_the_list(tmp_path):
    script = textwrap.dedent(
        """
        import os, signal, sys
        from datetime import UTC, datetime
        from pathlib import Path
        from app.context import Context, Council
        from app.repairs.homes import importing
        from app.repairs.homes.property_list import read_list
        from models.changes import Author
        from models.store import Store
        store = Store.create(Path(sys.argv[1]), bytes(range(32)))
        author = Author("u-1", "T", "team-1", frozenset({"officer"}), "0197d000-0000-7000-8000-000000000001")
        context = Context(store, author, Path(sys.argv[1]).parent, Council(), lambda: datetime.now(UTC))
        rows = "\\n".join(f"{n} Mill Lane,AV1 4BD,tenant" for n in range(1, 5001))
        found = read_list("homes.csv", f"address,postcode,tenure\\n{rows}\\n".encode())
        def work(session):
            session.info["tick"] = lambda done, total: done >= 4000 and os.kill(os.getpid(), signal.SIGKILL)
            return importing.bring_in(session, found)
        context.write("Import", work)
        """
    )
    path = tmp_path / "homes.db"
    ended = subprocess.run([sys.executable, "-c", script, str(path)], env={**os.environ}, check=False)
    assert ended.returncode == -9
    store = Store.open(path, KEY)
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(Property)) == 0
        assert pending_count(session) == 0
    store.close()
