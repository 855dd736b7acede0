"""The property list and the failure demand without a window, and the report on paper."""

import json

import pypdfium2
import pytest
from sqlalchemy import func, select

from app import cli
from app.errors import HoldallError
from app.repairs.homes import contacts
from app.repairs.papers.failure_demand import failure_demand
from app.repairs.report import REPORTS
from app.report import Chart, Table, render
from models.repairs import Alert, ChaseReason, Contact, ContactKind, Property
from tests.app.repairs.homes.test_importing import HEADS, HOMES


@pytest.fixture
def run(context, monkeypatch, capsys):
    """Runs a repairs command on this store: run(*arguments) -> (exit code, JSON or None, standard error)."""
    monkeypatch.setattr(context.store, "close", lambda: None)
    for name in ("homes_import", "failure_demand"):
        monkeypatch.setattr(f"app.repairs.commands.{name}.open_context", lambda _options: context)

    def ran(*arguments):
        code = cli.main(["repairs", *map(str, arguments), "--json"], {})
        out, err = capsys.readouterr()
        return code, json.loads(out) if out else None, err

    return ran


def test_a_list_is_tried_out_then_applied_and_then_changes_nothing(run, context, tmp_path):
    path = tmp_path / "homes.csv"
    path.write_text("\n".join([HEADS, *HOMES, "1.0E+11,P9,1 Mill Lane,AV1 4BD,tenant,X"]), "utf-8")
    faults = tmp_path / "faults.csv"
    code, told, _err = run("homes-import", path, "--faults", faults)
    assert code == 0
    assert (told["applied"], told["new"], told["aside"]) == (False, 3, 1)
    assert told["faults"][0]["row"] == 5
    assert "last digits are lost" in faults.read_text("utf-8-sig")
    assert context.read(lambda s: s.scalar(select(func.count()).select_from(Property))) == 0
    assert run("homes-import", path, "--apply")[1]["applied"]
    again = run("homes-import", path, "--apply")[1]
    assert (again["new"], again["changed"], again["same"]) == (0, 0, 3)


def test_what_is_no_list_ends_with_2_and_one_sentence(run, tmp_path):
    path = tmp_path / "homes.csv"
    path.write_text("a,b\n1,2\n", "utf-8")
    code, told, err = run("homes-import", path)
    assert (code, told) == (2, None)
    assert err.count("\n") == 1
    assert run("homes-import", tmp_path / "none.csv")[0] == 2


def test_failure_demand_is_counted_and_written(run, context, ask, tmp_path):
    repair_id = ask(save=True)
    for _ in range(2):
        context.write(
            "Chase", lambda s: contacts.add_contact(s, repair_id, ContactKind.CHASE, ChaseReason.NO_DATE)
        )
    path = tmp_path / "demand.csv"
    code, told, _err = run("failure-demand", "--csv", path)
    assert code == 0
    assert (told["calls"], told["chases"], told["share_percent"]) == (3, 2, 67)
    assert len(told["weeks"]) == 8
    assert "Nobody gave them a date,2" in path.read_text("utf-8-sig")
    assert run("failure-demand", "--from", "2026-13-01")[0] == 2
    assert run("failure-demand", "--from", "2026-12-20", "--to", "2026-12-01")[0] == 2


def words_of(document):
    pdf = pypdfium2.PdfDocument(render(document))
    try:
        return " ".join(" ".join(p.get_textpage().get_text_range() for p in pdf).split())
    finally:
        pdf.close()


def test_the_report_shows_the_share_as_chart_and_as_table(sampled):
    document = failure_demand(sampled, {})
    chart = next(b for b in document.blocks if isinstance(b, Chart))
    tables = [b for b in document.blocks if isinstance(b, Table)]
    assert [str(value) for value in chart.spec.values] == [row[2] for row in tables[0].rows]
    assert sum(int(row[1]) for row in tables[1].rows) == 6
    text = words_of(document)
    for words in ("Failure demand", "of the calls are chases", "Nobody gave them a date", "chased most"):
        assert words in text
    assert "failure-demand" in [report.name for report in REPORTS]


def test_a_council_nobody_rang_gets_a_report_that_says_so(context):
    assert "Nobody rang about a repair" in words_of(failure_demand(context, {}))


@pytest.mark.parametrize(
    "options", [{"from": "never"}, {"from": "2026-12-20", "to": "2026-12-01"}, {"from": "2020-01-01"}]
)
def test_a_period_that_cannot_be_is_refused(context, options):
    with pytest.raises(HoldallError):
        failure_demand(context, options)


def test_the_sample_remembers_without_shifting_what_was_there(sampled):
    counts = sampled.read(
        lambda s: [s.scalar(select(func.count()).select_from(kind)) for kind in (Property, Alert, Contact)]
    )
    assert counts[1:] == [4, 9]
    stacks = sampled.read(lambda s: set(s.scalars(select(Property.stack).where(Property.block.is_not(None)))))
    assert stacks == {"", "West", "Middle", "East"}
