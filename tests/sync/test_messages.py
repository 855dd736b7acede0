"""Messages to tenants: none before a visit is confirmed, one for each change, never twice, and every refusal
in words. The service is a stand-in on loopback that checks the real client's token."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from models.errors import HoldallError
from models.repairs import Notice, NoticeKind, NoticeState, Repair, Slot, State, Visit, VisitState
from sync.server.notify import settings
from sync.server.notify.queue import Queue, notice_id, reach, when
from sync.server.notify.sender import GIVE_UP, PATIENCE, Sender
from sync.server.notify.settings import Messages, Templates
from sync.server.scheduling import settings as scheduling
from sync.server.scheduling.runner import Runner
from sync.server.scheduling.settings import Scheduling, Template
from tests.sync.kit import Fleet, Laptop
from tests.sync.notify_stub import KEY, OTHER_KEY, Notify, Serving
from tests.sync.test_rules import adding
from tests.sync.test_scheduling import NOW

WEEK = [Template(n, 480, 720, 2, "Morning, 8 to 12") for n in range(5)]
TEMPLATES = Templates(confirmed="t-confirmed", moved="t-moved", cancelled="t-cancelled")
TEAM_ONLY = "Can’t send to this recipient using a team-only API key"


@pytest.fixture
def notify(monkeypatch: pytest.MonkeyPatch) -> Iterator[Notify]:
    monkeypatch.setenv(settings.KEY, KEY)
    monkeypatch.delenv(settings.KEY_FILE, raising=False)
    with Serving() as made:
        yield made


@dataclass
class Office:
    """A council with a scheduler, messages and a lead's laptop, at a moment that the test says."""

    fleet: Fleet
    runner: Runner
    sender: Sender
    lead: Laptop
    now: datetime = NOW

    def round(self) -> None:
        """The scheduler's round, then the sender's."""
        self.runner._council(self.fleet.tenant)
        self.sender.council(self.fleet.tenant)

    def later(self, by: timedelta = PATIENCE) -> dict[str, int]:
        """The sender's round after a while."""
        self.now += by + timedelta(seconds=1)
        return dict(self.sender.council(self.fleet.tenant))

    def notices(self) -> list[Notice]:
        self.lead.sync()
        return self.lead.read(lambda s: sorted(s.query(Notice), key=lambda n: str(n.queued_at)))

    def states(self) -> list[str]:
        return [notice.state.value for notice in self.notices()]


def office(fleet: Fleet, notify: Notify, confirm: str = "at once", **values: Any) -> Office:
    with fleet.books.write(fleet.tenant) as connection:
        scheduling.save(connection, fleet.tenant, Scheduling(confirm=confirm, week=WEEK))  # type: ignore[arg-type]
        set_up = Messages(service="notify", url=notify.url, sms=TEMPLATES, email=TEMPLATES, seconds=5)
        for name, value in values.items():
            setattr(set_up, name, value)
        settings.save(connection, fleet.tenant, set_up)
    made = Office(
        fleet,
        Runner(fleet.books, Queue()),
        Sender(fleet.books),
        fleet.join("u-1", "Tomos", ("officer", "lead")),
    )
    made.runner.now = made.sender.now = lambda: made.now
    made.runner._council(fleet.tenant)
    return made


def report(made: Office, **values: Any) -> tuple[str, str]:
    """A repair with a visit asked for in the first slot; their ids."""
    made.lead.sync()
    slot = made.lead.read(lambda s: s.query(Slot).order_by(Slot.day).first())
    repair = Repair(
        reference="AV-3F7K-Q2M9",
        officer_id="u-1",
        officer_name="Tomos",
        tree_version="1",
        reported_at=NOW,
        aware_at=NOW,
        tenant_name="Ffion Wŷn-Harte",
        **{"telephone": "07700 900 417", "text_allowed": True, **values},
    )
    visit = Visit(repair_id=repair.id, slot_id=slot.id, choices=[slot.id], asked_at=NOW)
    made.lead.write("Report", adding(repair))
    made.lead.write("Ready", lambda s: setattr(s.get_one(Repair, repair.id), "state", State.READY))
    made.lead.write("Ask", adding(visit))
    made.lead.sync()
    return repair.id, visit.id


def move(made: Office, visit_id: str, **fields: Any) -> None:
    def work(session: Any) -> None:
        visit = session.get_one(Visit, visit_id)
        for name, value in fields.items():
            setattr(visit, name, value)

    made.lead.sync()
    made.lead.write("Change", work)
    made.lead.sync()


def test_a_confirmed_visit_is_told_once_by_text_and_its_arrival_is_known(
    fleet: Fleet, notify: Notify
) -> None:
    made = office(fleet, notify)
    report(made)
    made.round()
    (sent,) = notify.sent
    assert sent["type"] == "sms"
    assert sent["phone_number"] == "07700900417"
    assert sent["template_id"] == "t-confirmed"
    assert sent["personalisation"] == {
        "repair_ref": "AV-3F7K-Q2M9",
        "appointment_time": "Monday 14 December 2026, between 8:00 and 12:00",
        "council": "Averwick Borough Council",
        "telephone": "01632 960 100",
    }
    (notice,) = made.notices()
    assert (notice.kind, notice.state) == (NoticeKind.CONFIRMED, NoticeState.SENT)
    assert sent["reference"] == notice.id == notice.reference
    made.round()
    notify.become("delivered")
    made.later(timedelta(minutes=6))
    assert made.states() == ["delivered"]
    made.later(timedelta(hours=2))
    assert len(notify.sent) == 1


def test_nothing_goes_before_a_visit_is_confirmed(fleet: Fleet, notify: Notify) -> None:
    made = office(fleet, notify, confirm="planner")
    _, visit_id = report(made)
    made.round()
    made.later(timedelta(hours=2))
    made.lead.sync()
    assert made.lead.get(Visit, visit_id).state is VisitState.GRANTED
    assert notify.sent == []
    assert made.notices() == []
    move(made, visit_id, state=VisitState.CONFIRMED)
    made.round()
    assert [one["template_id"] for one in notify.sent] == ["t-confirmed"]


def test_a_move_and_a_cancelling_are_told_too(fleet: Fleet, notify: Notify) -> None:
    made = office(fleet, notify)
    _, visit_id = report(made)
    made.round()
    second = made.lead.read(lambda s: s.query(Slot).order_by(Slot.day).all()[1])
    move(made, visit_id, slot_id=second.id, choices=[second.id])
    made.round()
    move(made, visit_id, state=VisitState.WITHDRAWN)
    made.round()
    assert [one["template_id"] for one in notify.sent] == ["t-confirmed", "t-moved", "t-cancelled"]
    assert "15 December" in notify.sent[1]["personalisation"]["appointment_time"]
    assert len({one["reference"] for one in notify.sent}) == 3


def test_an_email_goes_where_a_text_may_not_and_what_a_tenant_typed_is_made_harmless(
    fleet: Fleet, notify: Notify
) -> None:
    made = office(fleet, notify)
    report(made, text_allowed=False, email="ffion@example.org", email_allowed=True)
    made.round()
    (sent,) = notify.sent
    assert (sent["type"], sent["email_address"]) == ("email", "ffion@example.org")
    assert sent["personalisation"]["name"] == "Ffion Wŷn-Harte"
    assert sent["sanitise_content_for"] == ["name"]


@pytest.mark.parametrize(
    ("repair", "wanted"),
    [
        ({"telephone": "07700 900 417", "text_allowed": True}, ("sms", "07700 900 417")),
        ({"telephone": "07700 900 417", "text_allowed": False}, ("", "")),
        ({"telephone": "01632 960 100", "text_allowed": True}, ("", "")),
        ({"telephone": "01632 960 100", "text_allowed": True, "email": "a@b.london"}, ("", "")),
        ({"telephone": "", "email": "a@b.london", "email_allowed": True}, ("email", "a@b.london")),
    ],
)
def test_who_may_be_told_and_how(repair: dict[str, Any], wanted: tuple[str, str]) -> None:
    assert reach(repair) == wanted


def test_somebody_who_agreed_to_no_message_gets_none(fleet: Fleet, notify: Notify) -> None:
    made = office(fleet, notify)
    report(made, text_allowed=False)
    made.round()
    assert made.notices() == []


def test_a_message_that_was_taken_without_an_answer_is_looked_for_and_not_sent_again(
    fleet: Fleet, notify: Notify
) -> None:
    made = office(fleet, notify)
    report(made)
    notify.swallow = 1
    made.round()
    assert made.states() == ["queued"]
    assert made.later(timedelta(seconds=30)) == {}  # it would not be found so soon
    assert made.later(timedelta(minutes=2)) == {"sent": 1}
    assert made.states() == ["sent"]
    assert notify.searches == [made.notices()[0].id]
    assert len(notify.sent) == 1


@pytest.mark.parametrize(
    ("status", "errors"),
    [
        (429, [{"error": "RateLimitError", "message": "Exceeded rate limit"}]),
        (429, [{"error": "TooManyRequestsError", "message": "Exceeded send limits (250) for today"}]),
        (500, [{"error": "Exception", "message": "Internal server error"}]),
        (503, [{"error": "Exception", "message": "Unavailable"}]),
    ],
)
def test_a_busy_service_gets_it_later(
    fleet: Fleet, notify: Notify, status: int, errors: list[dict[str, str]]
) -> None:
    made = office(fleet, notify)
    report(made)
    notify.refuse = [(status, errors)] * 2
    made.round()
    assert made.states() == ["queued"]
    made.later()
    made.later(timedelta(minutes=2))
    made.later(timedelta(minutes=4))
    assert made.states() == ["sent"]
    assert len(notify.sent) == 1


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (TEAM_ONLY, "team only"),
        ("Can’t send to this recipient when service is in trial mode", "trial mode"),
        ("Missing personalisation: name", "does not give"),
        ("phone_number Not enough digits", "cannot take a text"),
        ("Something else", "did not take it"),
    ],
)
def test_what_the_service_will_never_take_fails_with_words(
    fleet: Fleet, notify: Notify, message: str, words: str
) -> None:
    made = office(fleet, notify)
    report(made)
    notify.refuse = [(400, [{"error": "BadRequestError", "message": message}])]
    made.round()
    (notice,) = made.notices()
    assert notice.state is NoticeState.FAILED
    assert words in notice.problem
    assert "07700" not in notice.problem
    made.later(timedelta(hours=2))
    assert notify.sent == []


def test_a_wrong_key_keeps_everything_and_is_said_to_who_runs_the_server(
    fleet: Fleet, notify: Notify, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    made = office(fleet, notify)
    report(made)
    monkeypatch.setenv(settings.KEY, OTHER_KEY)
    made.round()
    assert made.states() == ["queued"]
    assert "does not know the key" in caplog.text
    assert OTHER_KEY[-36:] not in caplog.text
    monkeypatch.setenv(settings.KEY, KEY)
    made.later(timedelta(minutes=2))
    assert made.states() == ["sent"]


def test_a_closed_door_keeps_everything(fleet: Fleet, notify: Notify) -> None:
    made = office(fleet, notify, url="http://127.0.0.1:9")
    report(made)
    made.round()
    assert made.states() == ["queued"]
    with fleet.books.write(fleet.tenant) as connection:
        set_up = settings.load(connection, fleet.tenant)
        set_up.url = notify.url
        settings.save(connection, fleet.tenant, set_up)
    made.later(timedelta(minutes=2))
    assert made.states() == ["sent"]
    assert notify.searches == []  # it can not have arrived: nothing is searched for


@pytest.mark.parametrize("key", ["", "nonsense", KEY[5:20]])
def test_no_key_or_half_of_one_is_a_sentence_without_it(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(settings.KEY, key)
    monkeypatch.delenv(settings.KEY_FILE, raising=False)
    with pytest.raises(HoldallError) as caught:
        settings.key()
    assert not key or key not in str(caught.value)


def test_the_key_can_lie_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n")
    monkeypatch.setenv(settings.KEY_FILE, str(tmp_path / "key"))
    assert settings.key() == KEY


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("permanent-failure", "does not exist"),
        ("temporary-failure", "was off"),
        ("technical-failure", "could not send"),
    ],
)
def test_a_message_that_did_not_arrive_says_so(fleet: Fleet, notify: Notify, status: str, words: str) -> None:
    made = office(fleet, notify)
    report(made)
    made.round()
    notify.become(status)
    made.later(timedelta(minutes=6))
    (notice,) = made.notices()
    assert notice.state is NoticeState.FAILED
    assert words in notice.problem


def test_a_message_that_nobody_heard_of_for_three_days_counts_as_failed(fleet: Fleet, notify: Notify) -> None:
    made = office(fleet, notify)
    report(made)
    made.round()
    made.later(timedelta(hours=5))
    assert made.states() == ["sent"]
    made.later(GIVE_UP)
    assert made.states() == ["failed"]


def test_no_message_is_set_up_where_the_council_has_none(fleet: Fleet, notify: Notify) -> None:
    made = office(fleet, notify, service="off")
    report(made)
    made.round()
    assert notify.sent == []
    assert made.notices() == []


def test_a_message_has_the_same_id_however_often_the_change_is_told() -> None:
    assert notice_id("v-1:confirmed:0") == notice_id("v-1:confirmed:0") != notice_id("v-1:moved:1")


def test_a_slot_is_said_in_words() -> None:
    slot = {"day": date(2026, 12, 21).isoformat(), "starts": 485, "ends": 720}
    assert when(slot) == "Monday 21 December 2026, between 8:05 and 12:00"


_PROGRAM = (
    "import sys; from sync.server.notify.sender import Sender; from sync.server.store import ServerStore; "
    "from datetime import datetime, timedelta; now = datetime.fromisoformat(sys.argv[3]); "
    "store = ServerStore.open(sys.argv[1]); sender = Sender(store, lambda: now, timedelta(0)); "
    "sender.council(sys.argv[2]); store.close()"
)


@pytest.mark.parametrize("place", ["notice_noted", "notice_sent"])
def test_a_process_killed_around_the_sending_sends_it_once(fleet: Fleet, notify: Notify, place: str) -> None:
    made = office(fleet, notify)
    report(made)
    made.runner._council(fleet.tenant)

    def run(fail: str) -> int:
        command = [sys.executable, "-c", _PROGRAM, str(fleet.books.engine.url.database), fleet.tenant]
        command.append((NOW + timedelta(minutes=1)).isoformat())
        done = subprocess.run(
            command, env={**os.environ, "HOLDALL_FAIL": fail}, capture_output=True, text=True, check=False
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode

    assert run(place) != 0
    assert len(notify.sent) == (1 if place == "notice_sent" else 0)
    assert run("") == 0
    assert len(notify.sent) == 1
    assert made.states() == ["sent"]


def _command(made: Office, act: str) -> dict[str, Any]:
    command = [
        sys.executable,
        "-m",
        "sync.server",
        "messages",
        act,
        "--db",
        str(made.fleet.books.engine.url.database),
    ]
    done = subprocess.run(
        [*command, "--tenant", made.fleet.tenant], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_what_failed_goes_again_by_a_command_that_shows_no_number(fleet: Fleet, notify: Notify) -> None:
    made = office(fleet, notify)
    report(made)
    notify.refuse = [(400, [{"error": "BadRequestError", "message": TEAM_ONLY}])]
    made.round()
    (listed,) = _command(made, "list")["messages"]
    assert (listed["state"], listed["kind"]) == ("failed", "confirmed")
    assert "07700" not in json.dumps(listed)
    assert _command(made, "again") == {"queued": 1}
    made.later(timedelta(hours=2))
    assert made.states() == ["sent"]
    assert len(notify.sent) == 1


def test_no_password_of_the_environment_goes_over_the_token(
    fleet: Fleet, notify: Notify, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    made = office(fleet, notify)
    report(made)
    made.round()
    assert made.states() == ["sent"]
