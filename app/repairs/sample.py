"""Two weeks of repairs in Averwick, which does not exist: homes, people, promises kept and missed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.context import Context
from app.repairs import flow, rules, sample_cases, sample_homes, sample_mapping, sample_visits, words
from app.repairs.days import working_days_after
from app.repairs.files import MIME, take_photo
from app.repairs.places import place_key
from app.repairs.sample_photos import draw_photo
from app.repairs.service import months_later
from app.repairs.tables import tables
from app.sample_kit import at, sample_id, working_days_before
from models import blobs
from models.repairs import (
    PLANNERS,
    Clock,
    Disclosure,
    Emergency,
    Household,
    Kind,
    Outcome,
    Photo,
    Property,
    Repair,
    Slot,
    State,
    Visit,
    VisitState,
)

STREETS = (
    ("Tannery Row", "AV3 2QT", 12, 2),
    ("Mill Lane", "AV1 4BD", 3, 2),
    ("Weir Street", "AV4 8LP", 21, 2),
    ("Orchard Close", "AV5 6JW", 1, 1),
    ("St Brannoc’s Terrace", "AV7 3RS", 5, 1),
)
BLOCK, BLOCK_POSTCODE, FLATS = "Castle Court", "AV2 1HN", 12
HOMES_IN_STREET = 9
NAMES = (
    "Ffion Wŷn-Harte", "Ade Cole", "Marta Zielińska", "Gwilym Penrose", "Shanice Okoro", "Peter Lovell",
    "Nia Rowlands", "Imran Sheikh", "Joan Tuckwell", "Siân Ellis", "Dermot Fahy", "Lakshmi Nair",
    "Callum Reid", "Hedd Morris", "Olga Petrenko", "Wendy Askew", "Tariq Aziz", "Bronwen Tyack",
    "Sam Littlejohn", "Grace Mbeki", "Eluned Vaughan", "Rosa Almeida", "Keith Pargeter", "Yasmin Begum",
)  # fmt: skip
OFFICERS = (("u-1", "Tomos Aldgate"), ("u-2", "Priya Senn"), ("u-5", "Huw Bassett"))
SLOT_LABELS = (
    (8 * 60, 12 * 60, "Morning, 8 to 12", 4),
    (12 * 60, 17 * 60, "Afternoon, 12 to 5", 4),
    (8 * 60, 17 * 60, "Any time", 6),
)
FIRST_NUMBER = 20391
SHOWN = "AV-20417"


@dataclass(frozen=True)
class Told:
    """One repair of the sample: how many working days ago, where, what was answered, how it stands."""

    ago: int
    hour: int
    home: int
    answers: str  # values from the room on, with spaces between
    state: State = State.READY
    risks: tuple[str, ...] = ()
    household: str = ""
    kind: Kind = Kind.TENANT
    description: str = ""
    done_after: int = 0  # working days from the report to its end
    officer: int = 0
    wishes: int = 0
    booked: bool = False
    reference: str = field(default="")


TOLD = (
    Told(9, 9, 3, "bathroom toilet only", State.COMPLETED, done_after=1, officer=1),
    Told(9, 11, 8, "hall stairs rail", State.COMPLETED, ("over65",), "One person, 81", done_after=2),
    Told(9, 15, 14, "kitchen tap drip", State.COMPLETED, done_after=6, officer=2),
    Told(8, 10, 20, "whole heating none", State.COMPLETED, ("baby",), "Two adults, one baby", done_after=0),
    Told(8, 13, 5, "bedroom damp ceiling months many", wishes=2, booked=True, officer=1,
         description="Black marks over the bed, comes back after washing."),
    Told(8, 16, 27, "outside wall fence"),
    Told(7, 9, 11, "kitchen leak bowl", State.COMPLETED, done_after=2, officer=2),
    Told(7, 12, 33, "whole power part", State.COMPLETED, done_after=5, officer=1),
    Told(7, 14, 40, "living window draught", risks=("over65", "breathing"), household="Two people over 70"),
    Told(6, 9, 2, "bathroom fan no", wishes=1),
    Told(6, 10, 45, "light", kind=Kind.COMMUNAL, officer=2),
    Told(6, 15, 17, "outside door lock", State.COMPLETED, ("disabled",), "One adult", done_after=0),
    Told(5, 9, 22, "outside roof leak", officer=1,
         description="Drips on the landing when it rains from the west."),
    Told(5, 11, 36, "kitchen electrics one", wishes=2, booked=True),
    Told(5, 14, 6, "whole pests rats", risks=("under5",), household="One adult, two children", officer=2),
    Told(4, 10, 30, "living floor crack"),
    Told(4, 11, 13, "whole heating part", risks=("over65",), household="One person, 77", wishes=1),
    Told(3, 9, 24, "bathroom leak seal"),
    Told(3, 13, 9, "kitchen units fall", officer=1),
    Told(2, 10, 38, "whole water part", wishes=1, officer=2),
    Told(2, 15, 1, "kitchen sink", description="It backs up when the neighbour runs a bath."),
    Told(1, 9, 47, "lift dead", kind=Kind.COMMUNAL, officer=1),
    Told(1, 14, 19, "bedroom radiator", risks=("baby",), household="Two adults, one baby"),
)  # fmt: skip
EMERGENCIES = ((8, 18, 16, "gas"), (4, 21, 42, "electric"), (1, 7, 29, "flood"))
PHOTO_CAPTIONS = (
    ("window", "By the window"),
    ("skirting", "Above the skirting"),
    ("sink", "Wall by the sink"),
)


def fill(context: Context, random: random.Random) -> None:
    """Writes the sample: homes and visit slots, then repairs as drafts, then what became of them."""
    maker = _Maker(context, random)
    context.write("Sample: the council’s homes and visits", maker.places)
    context.write("Sample: two weeks of repairs", maker.repairs)
    context.write("Sample: what became of them", maker.outcomes)
    sample_cases.fill(context)
    sample_homes.fill(context)
    sample_mapping.fill(context)
    sample_visits.fill(context)


class _Maker:
    """Makes the sample's records in three writes; keeps what the later ones need."""

    def __init__(self, context: Context, source: random.Random) -> None:
        self.context, self.source = context, source
        self.today, self.now = context.today(), context.now()
        self.days = working_days_before(self.today, 10)
        self.homes: list[Property] = []
        self.slots: list[Slot] = []
        self.made: list[tuple[Told, Repair]] = []
        self.emergencies: list[Repair] = []
        self.number = FIRST_NUMBER

    def new_id(self) -> str:
        """The next id of the sample."""
        return sample_id(self.source)

    # -- homes and slots

    def places(self, session: Session) -> None:
        """Homes of five streets and a block, and slots of the next ten working days."""
        names = iter([*NAMES, *NAMES, *NAMES])
        for street, postcode, first, step in STREETS:
            for number in range(HOMES_IN_STREET):
                line = f"{first + number * step} {street}"
                self._home(f"{line}, Averwick", postcode, Kind.TENANT, self._name(line, names))
        for flat in range(1, FLATS + 1):
            kind = Kind.LEASEHOLD if flat % 4 == 0 else Kind.TENANT
            self._home(f"Flat {flat}, {BLOCK}, Averwick", BLOCK_POSTCODE, kind, next(names), BLOCK)
        for ahead in range(1, 11):
            day = working_days_after(self.today, ahead, tables().calendar)
            for starts, ends, label, places in SLOT_LABELS:
                self.slots.append(
                    Slot(
                        id=self.new_id(),
                        day=day,
                        starts=starts,
                        ends=ends,
                        label=label,
                        places=places,
                        seen_at=at(self.today, 9, 40),
                    )
                )
        session.add_all([*self.homes, *self.slots])

    def _name(self, line: str, names: object) -> str:
        if line == "14 Tannery Row":
            return NAMES[0]
        name = next(names)  # type: ignore[call-overload]
        return str(name) if name != NAMES[0] else str(next(names))  # type: ignore[call-overload]

    def _home(self, address: str, postcode: str, kind: Kind, name: str, block: str | None = None) -> None:
        self.homes.append(
            Property(
                id=self.new_id(),
                uprn=f"{100_990_000_000 + len(self.homes) * 7:012d}",
                address=address,
                postcode=postcode,
                place_key=place_key(address, postcode),
                tenure=kind,
                tenant_name=name,
                telephone=f"07700 900 {(417 + len(self.homes) * 13 - 13) % 1000:03d}",
                block=block,
            )
        )

    # -- repairs

    def repairs(self, session: Session) -> None:
        """Every repair as a draft, Ffion Wŷn-Harte's with photos and wishes at its promise page."""
        for told in TOLD:
            self._told(session, told)
        self._shown(session)
        for ago, hour, home, danger in EMERGENCIES:
            self._emergency(session, ago, hour, home, danger)
        self._unfinished(session)

    def _told(self, session: Session, told: Told) -> Repair:
        home = self.homes[told.home % len(self.homes)]
        reported = at(self.days[-told.ago], told.hour, self.source.randint(0, 55))
        repair = self._repair(home, told.kind, reported, told.officer, told.reference)
        repair.answers = _answers(told.kind, told.answers)
        repair.description = told.description
        repair.done_steps = [flow.ADDRESS, flow.HOUSEHOLD, flow.DESCRIPTION, *flow.LATER_STEPS]
        self._people(session, repair, told.risks, told.household)
        self._promise(session, repair)
        session.add(repair)
        self.made.append((told, repair))
        if told.wishes:
            self._wish(session, repair, range(told.wishes), reported)
        return repair

    def _repair(
        self, home: Property, kind: Kind, reported: datetime, officer: int, reference: str = ""
    ) -> Repair:
        self.number += 1
        if f"AV-{self.number}" == SHOWN:
            self.number += 1
        user_id, name = OFFICERS[officer]
        return Repair(
            id=self.new_id(),
            reference=reference or f"AV-{self.number}",
            officer_id=user_id,
            officer_name=name,
            kind=kind,
            tenant_name=home.tenant_name,
            address=home.address,
            postcode=home.postcode,
            place_key=home.place_key,
            property_id=home.id,
            telephone=home.telephone,
            text_allowed=True,
            tree_version=tables().tree.version,
            reported_at=reported,
            aware_at=reported,
        )

    def _people(self, session: Session, repair: Repair, risks: Sequence[str], in_words: str) -> None:
        repair.disclosure = Disclosure.TOLD if repair.kind is Kind.TENANT else Disclosure.NOT_ASKED
        repair.risks, repair.at_risk, repair.household_words = sorted(risks), bool(risks), in_words
        if in_words:
            day = repair.reported_at.date()
            session.add(
                Household(
                    id=self.new_id(),
                    place_key=repair.place_key,
                    words=in_words,
                    risks=sorted(risks),
                    consent_at=repair.reported_at,
                    consent_by=repair.officer_name,
                    expires_on=months_later(day, tables().consent_months),
                )
            )

    def _promise(self, session: Session, repair: Repair) -> None:
        way = tables().tree.way(repair.answers)
        repair.title = words.title_of(way)
        if way.outcome is None:
            return
        repair.outcome, repair.code, repair.trade = way.outcome.id, way.outcome.code, way.outcome.trade
        situation = rules.Situation(
            way.outcome, repair.kind.value, repair.at_risk, frozenset(repair.risks), repair.aware_at
        )
        promised = rules.promise(situation, tables())
        repair.band, repair.hazard = promised.band, promised.hazard or None
        self._clocks(session, repair, promised.deadlines)

    def _clocks(self, session: Session, repair: Repair, dates: Sequence[rules.Deadline]) -> None:
        repair.target_at, repair.target_rule = dates[0].due_at, dates[0].rule.id
        for each in dates:
            session.add(
                Clock(
                    id=self.new_id(),
                    repair_id=repair.id,
                    rule_id=each.rule.id,
                    due_at=each.due_at,
                    why=each.as_json(),
                )
            )

    def _wish(self, session: Session, repair: Repair, picks: range, asked: datetime) -> None:
        wanted = [self.source.choice(self.slots).id for _ in picks]
        self._visit(session, repair, wanted, asked)

    def _visit(self, session: Session, repair: Repair, wanted: list[str], asked: datetime) -> None:
        unique = list(dict.fromkeys(wanted))
        session.add(
            Visit(id=self.new_id(), repair_id=repair.id, slot_id=unique[0], choices=unique, asked_at=asked)
        )

    def _shown(self, session: Session) -> None:
        """The repair that the pictures show: mould in the kitchen of 14 Tannery Row, at its promise page."""
        home = next(h for h in self.homes if h.address.startswith("14 Tannery Row"))
        repair = self._repair(home, Kind.TENANT, self.now - timedelta(minutes=9), 0, SHOWN)
        repair.telephone = "07700 900 417"
        repair.answers = _answers(Kind.TENANT, "kitchen damp outside-wall weeks patch")
        repair.description = "Black mould beside the kitchen window, worse since the cold weeks began."
        repair.done_steps = [flow.ADDRESS, flow.HOUSEHOLD, flow.DESCRIPTION, *flow.LATER_STEPS]
        self._people(session, repair, ("under5",), "Two adults, one child aged 3")
        self._promise(session, repair)
        session.add(repair)
        wishes = [(1, 0), (2, 1), (5, 2)]  # Monday morning, Tuesday afternoon, any time the week after
        self._visit(session, repair, [self._slot(ahead, part) for ahead, part in wishes], self.now)
        for position, (scene, caption) in enumerate(PHOTO_CAPTIONS, 1):
            taken = take_photo(draw_photo(scene, self.source), f"{scene}.jpg")
            session.add(
                Photo(
                    id=self.new_id(),
                    repair_id=repair.id,
                    sha256=blobs.put(session, taken.data, MIME, f"{SHOWN}-{position}.jpg"),
                    thumb_sha256=blobs.put(session, taken.thumb, MIME, f"{SHOWN}-{position}-small.jpg"),
                    width=taken.width,
                    height=taken.height,
                    size=len(taken.data),
                    caption=caption,
                    position=position,
                    look_hash=taken.look_hash,
                    hint=taken.hint,
                )
            )

    def _slot(self, ahead: int, part: int) -> str:
        """The slot of the first Monday-to-Friday days from the second day ahead on."""
        return self.slots[(ahead) * len(SLOT_LABELS) + part].id

    def _emergency(self, session: Session, ago: int, hour: int, home: int, danger: str) -> None:
        place = self.homes[home % len(self.homes)]
        repair = self._repair(place, Kind.TENANT, at(self.days[-ago], hour, 12), 1)
        exit_ = tables().tree.exits[danger]
        repair.answers, repair.exit = {"danger": danger}, danger
        repair.title = words.title_of(tables().tree.way(repair.answers))
        repair.band, repair.hazard = "emergency", exit_.hazard
        dates = rules.emergency_deadlines(repair.aware_at, exit_.hazard, repair.kind, tables())
        self._clocks(session, repair, dates)
        record = Emergency(
            id=self.new_id(),
            repair_id=repair.id,
            exit=danger,
            title=exit_.title,
            number=exit_.number.replace("{council}", self.context.council.repairs_telephone),
            noticed_at=repair.reported_at,
            noticed_by=repair.officer_id,
            noticed_by_name=repair.officer_name,
            outcome=Outcome.GIVEN,
            given_at=repair.reported_at + timedelta(minutes=1),
            given_by=repair.officer_id,
            given_by_name=repair.officer_name,
        )
        session.add_all([repair, record])
        self.emergencies.append(repair)

    def _unfinished(self, session: Session) -> None:
        """A call from this morning that ended in the middle of the questions."""
        home = self.homes[31]
        repair = self._repair(home, Kind.TENANT, at(self.today, 10, 20), 0)
        repair.answers = _answers(Kind.TENANT, "bathroom toilet")
        repair.done_steps = [flow.ADDRESS, flow.HOUSEHOLD]
        self._people(session, repair, (), "")
        self._promise(session, repair)
        session.add(repair)

    # -- what became of them

    def outcomes(self, session: Session) -> None:
        """Moves the repairs on, after they stood as drafts: ready, booked, mended, sent on."""
        planner = bool(self.context.author.roles.intersection(PLANNERS))
        booked = {v.repair_id: v for v in session.scalars(select(Visit))}
        for told, draft in self.made:
            repair = session.get_one(Repair, draft.id)
            repair.state = State.READY
            if told.state is State.COMPLETED:
                session.flush()
                repair.state = State.COMPLETED
                repair.completed_at = self._ended(told, repair)
                repair.closing_note = "Mended at the first visit."
                for clock in session.scalars(select(Clock).where(Clock.repair_id == repair.id)):
                    clock.met_at = repair.completed_at
            elif told.booked and planner:
                session.flush()
                repair.state = State.SCHEDULED
                booked[repair.id].state = VisitState.CONFIRMED
        for draft in self.emergencies:
            session.get_one(Repair, draft.id).state = State.EMERGENCY_DIVERTED

    def _ended(self, told: Told, repair: Repair) -> datetime:
        if not told.done_after:
            return repair.reported_at + timedelta(hours=5)
        day: date = working_days_after(repair.reported_at.date(), told.done_after, tables().calendar)
        return at(min(day, self.today), 11, 30) if day != self.today else self.now - timedelta(hours=2)


def _answers(kind: Kind, values: str) -> dict[str, str]:
    """Answers from values in the order of the questions, after danger and kind."""
    tree = tables().tree
    answers = {"danger": "none", "kind": kind.value}
    for value in values.split():
        question = tree.way(answers).question
        if question is None or question.answer(value) is None:
            raise ValueError(f"the sample answers “{value}” to {question.id if question else 'nothing'}")
        answers[question.id] = value
    return answers
