"""One run of the simulated world from one integer: days of work under faults, then quiet, then the checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from models.errors import StoreError
from models.failpoints import POINTS
from sync.errors import BadPage, Offline, Refused, ServerBusy, SignedOut, SyncError
from sync.server import compaction
from tests.sim import invariants
from tests.sim.line import Weather
from tests.sim.people import People
from tests.sim.world import Broken, SimLaptop, Templates, World

STAFF = (
    ("tomos", "u-1", ("officer", "lead")),
    ("priya", "u-2", ("officer", "lead")),
    ("marlow", "u-3", ("officer",)),
    ("tomos-two", "u-1", ("officer", "lead")),
)
ROUNDS = 14  # syncs of everybody after which the world has to be at rest


@dataclass
class Outcome:
    """How a run went: its number, what was wrong (None: nothing), its story, a few counts."""

    seed: int
    problem: str | None = None
    trace: Sequence[str] = ()
    counts: dict[str, int] = field(default_factory=dict)


def run(
    seed: int,
    folder: Path,
    templates: Templates,
    steps: int = 60,
    checks: Callable[[World], None] = invariants.check,
    wishes: bool = False,
) -> Outcome:
    """One run. A fault of the code under test is an outcome with a problem; the same seed gives the same."""
    folder.mkdir(parents=True, exist_ok=True)
    world = World(seed, folder, templates)
    with world.running():
        try:
            _Story(world, wishes).play(steps)
            checks(world)
            problem = None
        except Broken as broken:
            problem = str(broken)
        except Exception as error:  # whatever it is, nobody should have met it
            problem = f"{type(error).__name__}: {error}"
            world.note(f"fault: {problem}")
        states = invariants.answers(world) if world.server.up else {}
        counts = {"operations": len(world.written), "requests": world.line.requests}
        for answer in states.values():
            counts[answer["status"]] = counts.get(answer["status"], 0) + 1
        counts["restores"] = world.server.restores
        return Outcome(seed, problem, world.trace, counts)


class _Story:
    """What happens in one world."""

    def __init__(self, world: World, wishes: bool = False) -> None:
        self.world = world
        self.chance = world.chance
        self.people = People(world, wishes)
        self.faults: tuple[tuple[int, Callable[[], None]], ...] = (
            (20, self.weather),
            (10, world.line.deliver_one),
            (20, self.death_ahead),
            (8, self.reboot),
            (8, self.server_down_or_up),
            (6, self.disk),
            (6, self.server_disk),
            (6, self.clock),
            (8, self.copy_server),
            (5, self.put_back),
            (3, self.clone),
            (2, self.revoke),
            (3, self.compact),
        )

    def play(self, steps: int) -> None:
        """Work under faults, then fine weather until nothing moves."""
        world = self.world
        for name, user, roles in STAFF[: self.chance.randint(2, len(STAFF))]:
            laptop = world.join(name, user, roles)
            laptop.skew = timedelta(seconds=self.chance.choice((0, 0, 1, -40, 250, 90_000, -86_400 * 9)))
        self.people.open_shop(world.laptops[0])
        for laptop in world.laptops:
            self.sync(laptop)
        world.line.meanwhile = self.meanwhile
        for _ in range(steps):
            world.pass_time()
            self.step()
        self.quiet()

    def step(self) -> None:
        """One thing happens."""
        world, chance = self.world, self.chance
        dice = chance.random()
        if dice < 0.66:
            self.people.act(chance.choice(world.laptops))
        elif dice < 0.83:
            self.sync(chance.choice(world.laptops))
        else:
            self.fault()

    def meanwhile(self, name: str) -> None:
        """Whoever waits for an answer goes on working, now and then."""
        if self.chance.random() < 0.15:
            laptop = next(one for one in self.world.laptops if one.name == name)
            self.people.act(laptop)

    def fault(self) -> None:
        """Something goes wrong, or right again."""
        weights = [weight for weight, _ in self.faults]
        self.chance.choices([fault for _, fault in self.faults], weights)[0]()

    def weather(self) -> None:
        """The line gets better or worse."""
        self.world.line.weather = Weather.storm(self.chance)

    def death_ahead(self) -> None:
        """Somebody will die at a named place."""
        self.world.arm(self.chance.choice(POINTS), self.chance.randint(1, 3))

    def reboot(self) -> None:
        """A laptop is switched off and on."""
        laptop = self.chance.choice(self.world.laptops)
        self.world.note(f"{laptop.name} is switched off and on")
        laptop.reboot()

    def disk(self) -> None:
        """A laptop's disk fills up, or has room again."""
        self.world.disks_matter = True
        laptop = self.chance.choice(self.world.laptops)
        laptop.full = not laptop.full
        self.world.note(f"{laptop.name}: disk full {laptop.full}")

    def server_disk(self) -> None:
        """The server's disk fills up, or has room again."""
        self.world.disks_matter = True
        self.world.server.full = not self.world.server.full
        self.world.note(f"server: disk full {self.world.server.full}")

    def clock(self) -> None:
        """A laptop's clock jumps."""
        laptop = self.chance.choice(self.world.laptops)
        laptop.skew = timedelta(seconds=self.chance.choice((0, 30, -30, 400, -7_200, 40_000_000)))
        self.world.note(f"{laptop.name}: clock off by {laptop.skew}")

    def copy_server(self) -> None:
        """Last night's backup is made."""
        self.world.server.copy()
        self.world.note("the server's database is copied")

    def put_back(self) -> None:
        """The server is brought back from a backup, by its command or by copying the file."""
        if self.world.server.copies and self.world.server.restores < 2:
            silent = self.chance.random() < 0.5
            for laptop in self.world.laptops:
                laptop.confirmed |= {k for k, row in invariants.shown_by(laptop, True).items() if row[0] > 0}
            self.world.server.put_back(silent)
            self.world.note(f"the server is brought back from a copy{' without a word' if silent else ''}")

    def clone(self) -> None:
        """A laptop's disk is copied, and both copies are used."""
        if len(self.world.laptops) < 6:
            laptop = self.chance.choice(self.world.laptops)
            twin = self.world.clone(laptop)
            self.world.note(f"{laptop.name} is copied as {twin.name}")

    def revoke(self) -> None:
        """A laptop is lost, and an administrator closes it out."""
        live = self.world.live()
        if len(live) > 2 and self.world.server.up and not self.world.server.full:
            laptop = self.chance.choice(live)
            self.world.revoke(laptop)
            self.world.revoked += 1
            self.world.note(f"{laptop.name} is closed out")

    def compact(self) -> None:
        """The server lets old changes go, and by then no laptop has been heard of for half a year."""
        server = self.world.server
        if server.up and not server.full:
            done = compaction.compact(server.store, self.world.now + compaction.AGE + timedelta(days=1))
            self.world.compacted += done.changes
            self.world.note(f"{done.changes} changes leave the log")

    def server_down_or_up(self) -> None:
        """The server process dies or is started."""
        server = self.world.server
        if server.up and self.chance.random() < 0.6:
            server.stop()
            self.world.note("server stopped")
        elif not server.up:
            server.start()
            self.world.note("server started")

    def sync(self, laptop: SimLaptop) -> bool:
        """One try; what a person would be told is noted. False when it did not go through."""
        world = self.world
        if not world.server.up and self.chance.random() < 0.5:
            world.server.start()
        try:
            report = laptop.sync()
        except (Offline, ServerBusy, StoreError) as error:
            world.note(f"{laptop.name} sync: {error.title[:50]}")
            return False
        except SignedOut:
            if not (world.server.restores or world.revoked or world.copies):
                raise
            world.note(f"{laptop.name} sync: signed out")
            world.look_who_is_out()
            if not laptop.revoked and world.server.up and not world.server.full:
                world.rejoin(laptop)
            return laptop.revoked
        except (BadPage, Refused) as error:
            raise Broken(f"{laptop.name} was refused as a whole: {error}") from error
        if report is None:
            return False
        world.note(f"{laptop.name} sync: sent {report.pushed}, got {report.pulled}, waits {report.waiting}")
        return not (report.pushed or report.pulled or report.waiting)

    def quiet(self) -> None:
        """Fine weather, disks with room, a server that is up, and everybody syncs until nothing moves."""
        world = self.world
        world.note("quiet")
        world.armed.clear()
        world.line.meanwhile = lambda laptop: None
        world.line.clear()
        world.server.full = False
        for laptop in world.laptops:
            laptop.full = False
        if not world.server.up:
            world.server.start()
        world.line.clear()
        world.look_who_is_out()
        for _ in range(ROUNDS):
            world.pass_time(120)
            still = [self.sync(laptop) for laptop in world.live()]
            if all(still):
                return
        raise Broken(f"no rest after {ROUNDS} rounds")


def describe(outcome: Outcome, lines: int = 60) -> str:
    """A failed run in words: the number that gives it again, what is wrong, the end of its story."""
    story = "\n".join(f"    {line}" for line in outcome.trace[-lines:])
    return f"seed {outcome.seed}: {outcome.problem}\n{story}"


__all__ = ["Outcome", "SyncError", "describe", "run"]
