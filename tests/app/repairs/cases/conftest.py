"""Helpers for hazard cases: a case of damp, a clock that can be turned, looks that find something."""

from datetime import UTC, date, datetime

import pytest

from app.context import Context, Council
from app.repairs.cases import acts, opening, views
from app.repairs.cases.acts import Asked, Conclusion, Found
from models.repairs import Severity, Trigger, WorkKind

SAFETY = Asked(WorkKind.SAFETY, "Wash the wall and treat it")
LASTING = Asked(WorkKind.SUPPLEMENTARY, "Fit an extractor fan", date(2027, 1, 20))


def moment(text):
    """A moment in UTC: "2026-12-17 14:21"."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class Office:
    """An officer whose clock is turned by hand, with one case in hand."""

    def __init__(self, context: Context):
        self.context, self.case_id = context, ""
        self.now = context.now()
        context.clock = lambda: self.now

    def at(self, text):
        """Turns the clock."""
        self.now = moment(text)
        return self.now

    def do(self, work, *args, **more):
        """Does one act."""
        return self.context.write("Act", lambda s: work(s, *args, **more))

    def open(self, aware="2026-12-17 09:00", hazard="damp_mould", **more):
        """Opens a case by itself; the clock stands at the moment we knew."""
        aware_at = self.at(aware)
        new = opening.NewCase(
            hazard=hazard,
            trigger=more.pop("trigger", Trigger.STAFF_REPORT),
            aware_at=aware_at,
            description="Black mould behind the bed",
            address="14 Tannery Row, Averwick",
            postcode="av32qt",
            tenant_name="Ffion Wŷn-Harte",
            telephone="07700900417",
            **more,
        )
        self.case_id = self.do(opening.open_by_itself, new).case_id
        return self.case_id

    def view(self):
        """The case as the page shows it now."""
        return self.context.read(lambda s: views.case_view(s, self.case_id, self.now))

    def conclude(self, when, *works, confirmed=True, emergency=False, hazard="damp_mould", look_id=None):
        """Ends a look with what it found; gives its id."""
        found = (Found(hazard, Severity.HIGH, "Along the outside wall"),) if confirmed else ()
        what = Conclusion(
            concluded_at=self.at(when),
            confirmed=confirmed,
            emergency=emergency,
            found=found,
            works=works,
            notes="Cold bridge at the lintel." if confirmed else "Marks of an old leak, dry now.",
            investigator="Huw Bassett",
        )
        self.do(acts.conclude, self.case_id, look_id, what)
        return self.view().ended[-1].id

    def state(self, rule_id, look_id=""):
        """How a duty stands now."""
        found = self.view().duty(rule_id, look_id)
        return found.state.value if found else None

    def work(self, kind=WorkKind.SAFETY):
        """The id of the last work of a kind."""
        return self.view().works(kind)[-1].id


@pytest.fixture
def office(context):
    """An officer with a clock that can be turned."""
    return Office(context)


@pytest.fixture
def council():
    """The sample council."""
    return Council()
