"""The evidence pack is sealed by the laptop that made it: genuine for a colleague, altered by one byte."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pypdfium2

from app.context import Context
from app.repairs import report
from app.repairs.cases import acts, opening
from app.repairs.cases.acts import Asked, Conclusion, Found
from app.repairs.cases.opening import NewCase
from app.report import render
from models.repairs import Trigger, WorkKind
from tests.sync.kit import Fleet, Laptop
from tests.ui.test_sealing import fleet, server, template  # noqa: F401  the fixtures of sealed papers
from ui.sealing import sealing, verify


def at(laptop: Laptop) -> Context:
    """The context of a laptop, its clock that of the test."""
    made = Context(laptop.store, laptop.author, Path(), clock=lambda: laptop.clock.now)
    return sealing(made)


def a_case(laptop: Laptop) -> str:
    """A case whose look has ended; gives its id."""
    new = NewCase(
        hazard="damp_mould",
        trigger=Trigger.STAFF_REPORT,
        aware_at=laptop.clock.now,
        description="Mould",
        address="14 Tannery Row",
        postcode="AV3 2QT",
        tenant_name="Ffion",
    )
    case_id = laptop.write("Open", lambda s: opening.open_by_itself(s, new)).case_id
    what = Conclusion(
        concluded_at=laptop.clock.now,
        confirmed=True,
        found=(Found("damp_mould"),),
        works=(Asked(WorkKind.SAFETY, "Wash the wall"),),
        notes="Cold bridge.",
    )
    laptop.write("Look", lambda s: acts.conclude(s, case_id, None, what))
    return case_id


def test_a_sealed_pack_is_genuine_for_a_colleague_and_altered_by_one_byte(
    fleet: Fleet,  # noqa: F811
) -> None:
    first, second = fleet.join(), fleet.join("u-2", "Priya Senn")
    case_id = a_case(first)
    first.sync()
    second.sync()
    context = at(first)
    pack = render(report.evidence(context, {"case": case_id}), context.seal())
    for laptop in (first, second):
        found = verify(pack, at(laptop))
        assert found.verdict == "genuine", found.reason
    paper = pypdfium2.PdfDocument(pack)
    pages = " ".join(page.get_textpage().get_text_range() for page in paper)
    paper.close()
    assert "Digests" in pages
    assert "Log team-1" in pages
    middle = len(pack) // 2
    forged = pack[:middle] + bytes([pack[middle] ^ 1]) + pack[middle + 1 :]
    assert verify(forged, at(second)).verdict == "altered"


def test_two_laptops_print_the_same_digests_of_one_case(fleet: Fleet) -> None:  # noqa: F811
    first, second = fleet.join(), fleet.join("u-2", "Priya Senn")
    case_id = a_case(first)
    first.sync()
    second.sync()
    tables = []
    for laptop in (first, second):
        document = report.evidence(replace(at(laptop), seal=lambda: None), {"case": case_id})
        tables.append(next(b for b in reversed(document.blocks) if getattr(b, "total", None)))
    assert tables[0] == tables[1]
