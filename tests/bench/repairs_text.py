"""Free text to emergencies and leaves: recall, precision, the confusion table, top 1 and top 5, slips, time.

The phrases of tests/app/repairs/phrases were written before rules and ranking were seen; those of
tests/app/repairs/text are the ones that rules and ranking were first tuned on. Reading 2,500 leaves is timed
on a generated tree.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from app.repairs.tables import tables
from app.repairs.text.normalise import read_words
from app.repairs.text.ranking import LeafIndex
from app.repairs.text.triage import Triage, triage
from app.repairs.text.tripwires import trip
from app.repairs.tree import Tree, TreeAnswer, TreeOutcome, TreeQuestion

PHRASES = Path(__file__).resolve().parents[1] / "app/repairs/phrases"
VOICES = tuple(sorted((PHRASES.parent / "text").glob("voice_*.tsv")))
AT = datetime(2026, 12, 17, 14, 21, tzinfo=UTC)
WORDS_A_SLIP = 8
LEVELS = ("yes", "ask", "no")
LEAVES = 2_500


@dataclass
class Emergencies:
    """What became of a file of emergencies."""

    table: Counter[tuple[str, str]] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many phrases."""
        return sum(self.table.values())

    @property
    def recall(self) -> float:
        """The share of emergencies and questions that were not missed."""
        wanted = sum(n for (expected, _), n in self.table.items() if expected != "no")
        return 1 - len(self.misses) / wanted

    @property
    def precision(self) -> float:
        """Of those called an emergency, the share that is one."""
        said = sum(n for (_, found), n in self.table.items() if found == "yes")
        return self.table["yes", "yes"] / said if said else 1.0

    def words(self) -> str:
        """The confusion table in one line: "yes 186 yes 0 ask 0 no; …"."""
        rows = (f"{e}: " + ", ".join(f"{self.table[e, f]} {f}" for f in LEVELS) for e in LEVELS)
        return "; ".join(rows)


@dataclass
class Reports:
    """What became of a file of plain reports."""

    count: int = 0
    first: int = 0
    five: int = 0
    misses: list[str] = field(default_factory=list)
    taken_for: Counter[tuple[str, str]] = field(default_factory=Counter)


def read_rows(path: Path) -> list[list[str]]:
    """The rows of a file of phrases, without its headings."""
    lines = path.read_text("utf-8").splitlines()
    rows = [[cell.strip() for cell in line.split("\t")] for line in lines if line.strip()]
    return [row for row in rows if not row[0].startswith("#") and row[0] not in ("expected", "outcome")]


def read(text: str, risks: str = "") -> Triage:
    """What a phrase comes to by the tables Holdall comes with."""
    known = frozenset(r.strip() for r in risks.split(",") if r.strip()) or None
    return triage(text, AT, tables().tree, tables(), known)


def with_slips(text: str, source: random.Random) -> str:
    """A text with one word in eight mistyped: a letter left out, doubled, swapped or wrong."""
    words = text.split()
    for start in range(0, len(words), WORDS_A_SLIP):
        block = range(start, min(start + WORDS_A_SLIP, len(words)))
        long = [i for i in block if len(words[i]) >= 4 and words[i].isalpha()]
        if long and source.random() < len(block) / WORDS_A_SLIP:
            at = source.choice(long)
            words[at] = _slip(words[at], source)
    return " ".join(words)


def _slip(word: str, source: random.Random) -> str:
    at = source.randrange(1, len(word) - 1)
    return source.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + source.choice("aeiounrst") + word[at + 1 :],
        )
    )


def emergencies(path: Path, slips: int | None = None) -> Emergencies:
    """Reads a file of expected, risks and phrase; with a seed for slips, each phrase mistyped."""
    found, source = Emergencies(), random.Random(slips)
    for expected, risks, phrase in read_rows(path):
        text = phrase if slips is None else with_slips(phrase, source)
        level = read(text, risks).emergency.value
        found.table[expected, level] += 1
        if (expected == "yes" and level != "yes") or (expected == "ask" and level == "no"):
            found.misses.append(f"{expected} -> {level}: {text}")
    return found


def reports(path: Path, slips: int | None = None) -> Reports:
    """Reads a file of outcome and phrase."""
    found, source = Reports(), random.Random(slips)
    for outcome, phrase in read_rows(path):
        text = phrase if slips is None else with_slips(phrase, source)
        offered = [leaf.outcome for leaf in read(text).leaves]
        found.count += 1
        found.first += offered[:1] == [outcome]
        found.five += outcome in offered
        if offered[:1] != [outcome]:
            found.taken_for[outcome, offered[0] if offered else "nothing"] += 1
        if outcome not in offered:
            found.misses.append(f"{outcome}: {text}")
    return found


def big_tree(leaves: int = LEAVES) -> Tree:
    """A tree of the size of a national schedule: rooms, parts and faults with codes of their own."""
    source = random.Random(11)
    rooms = (
        "kitchen",
        "bathroom",
        "bedroom",
        "lounge",
        "hall",
        "loft",
        "garden",
        "stairwell",
        "porch",
        "cellar",
    )
    parts = (
        "tap", "sink", "toilet", "window", "door", "lock", "light", "socket", "radiator", "boiler",
        "pipe", "wall",
        "ceiling", "floor", "cupboard", "worktop", "fan", "roof", "gutter", "fence", "gate", "path", "drain",
        "alarm", "shower",
    )  # fmt: skip
    faults = (
        "leaks", "is broken", "is blocked", "does not work", "is loose", "is cracked",
        "is missing", "is noisy",
        "is mouldy", "needs renewing",
    )  # fmt: skip
    questions, outcomes = {}, {}
    kinds = []
    for room in rooms:
        answers = []
        for part in parts:
            ends = []
            for fault in faults[: -(-leaves // (len(rooms) * len(parts)))]:
                key = f"{room}-{part}-{len(outcomes)}"
                extra = source.choice(("renew", "mend", "ease", "adjust", "clear", "overhaul"))
                outcomes[key] = TreeOutcome(
                    key, f"{len(outcomes):05d}", f"{extra} {room} {part}", "Any", "routine"
                )
                ends.append(TreeAnswer(fault.split()[-1], f"The {part} {fault}", outcome=key))
            questions[f"{room}-{part}"] = TreeQuestion(f"{room}-{part}", part, "What?", "", "", tuple(ends))
            answers.append(TreeAnswer(part, f"The {part}", next=f"{room}-{part}"))
        questions[room] = TreeQuestion(room, room, "Which part?", "", "", tuple(answers))
        kinds.append(TreeAnswer(room, room.title(), next=room))
    questions["room"] = TreeQuestion("room", "Room", "Which room?", "", "", tuple(kinds))
    return Tree("big", "big", "room", questions, outcomes, {})


def ranking_times(index: LeafIndex) -> list[float]:
    """Milliseconds that each report takes to be read, tripped and ranked on an index, once warm."""
    phrases = [phrase for _outcome, phrase in read_rows(PHRASES / "reports.tsv")]
    took = []
    for phrase in [*phrases[:20], *phrases]:
        start = time.perf_counter()
        said = read_words(phrase)
        trip(said)
        index.rank(said)
        took.append((time.perf_counter() - start) * 1e3)
    return took[20:]


def rows() -> Iterator[tuple[str, str, str]]:
    """What was asked of reading, and what was measured."""
    plain, slipped = emergencies(PHRASES / "emergencies.tsv"), emergencies(PHRASES / "emergencies.tsv", 7)
    asked = "recall 100 %, precision at least 0.6"
    yield f"Emergencies in {plain.count} phrases", asked, _recall(plain)
    yield "The same, expected: found", "the confusion table", plain.words()
    yield "The same with one slip in eight words", "told", f"{_recall(slipped)}; {slipped.words()}"
    voices = [emergencies(path) for path in VOICES]
    told = "; ".join(f"{p.stem[6:]} {v.words()}" for p, v in zip(VOICES, voices, strict=True))
    silent = sum(v.table["yes", "no"] + v.table["ask", "no"] for v in voices)
    count = sum(v.count for v in voices)
    yield f"Danger in {count} phrases of other voices", "none passed over in silence", f"{silent}; {told}"
    unseen = emergencies(PHRASES / "unseen.tsv")
    yield f"Danger in {unseen.count} phrases nothing was mended on", "told", unseen.words()
    for seed, what in ((None, "Reports"), (7, "Reports with one slip in eight words")):
        found = reports(PHRASES / "reports.tsv", seed)
        yield f"{what}, {found.count} phrases", "top 1 at least 70 %, top 5 at least 95 %", _tops(found)
        wrong = ", ".join(f"{a} taken for {b}" for (a, b), _n in found.taken_for.most_common(8))
        yield f"{what}, not first", "the confusion table", wrong or "none"
    index = LeafIndex(big_tree())
    took = sorted(ranking_times(index))
    p95 = took[int(len(took) * 0.95)]
    measured = f"p50 {took[len(took) // 2]:.1f} ms, p95 {p95:.1f} ms on {len(index.rows):,} leaves"
    yield "Reading, tripwires and ranking", "p95 at most 50 ms on 2,500 leaves", measured


def _recall(found: Emergencies) -> str:
    return f"recall {found.recall:.1%}, {len(found.misses)} missed, precision {found.precision:.2f}"


def _tops(found: Reports) -> str:
    return f"top 1 {found.first / found.count:.1%}, top 5 {found.five / found.count:.1%}"
