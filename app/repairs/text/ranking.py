"""The likeliest leaves of a tree for somebody's words: a full-text index over the leaves, and cues.

One row an outcome: how people say it, what its last answers say, and the way to it, all as stems, ranked
by bm25 in an FTS5 table in memory. Cues (word patterns of words.json) and words for rooms move the rows that
they point to. Works for any tree; cues count only for outcomes that the tree has.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

import sqlcipher3.dbapi2 as sqlcipher

from app.repairs.text.normalise import Said, stems_of
from app.repairs.text.patterns import Finder, Pattern, compile_pattern
from app.repairs.text.word_tables import word_tables
from app.repairs.tree import Tree, TreeAnswer

OFFERED = 5
NOT_ASKED_FOR = ("danger", "kind")  # answered before anybody says what is wrong
_ROWS = 40  # rows that bm25 hands over to the cues
_WEIGHTS = "3.0, 2.0, 0.7"
_BEST = 10.0  # what the best row's bm25 counts as
_LOWEST_BEST = 4.0  # a best bm25 below this counts for less
_PLACE = 2.5  # for a room that was named, and for one that cannot be
_NAMED = 2.0  # from here on a room was named, below only hinted at
_MOST_TERMS = 48


@dataclass(frozen=True)
class Leaf:
    """One end of the tree that words may mean.

    `answers` are those that the words or the tree settle; the questions left open are asked. `path` is the
    whole way by values, with the first of equals where nothing decides.
    """

    outcome: str
    label: str
    path: str
    title: str
    sor_code: str
    answers: Mapping[str, str]
    score: float
    words: tuple[str, ...]


@dataclass
class _Row:
    outcome: str
    ways: list[tuple[tuple[str, TreeAnswer], ...]] = field(default_factory=list)
    stems: frozenset[str] = frozenset()


@dataclass
class _Found:
    score: float
    used: set[int] = field(default_factory=set)


class LeafIndex:
    """The leaves of one tree, ready to be ranked; safe to ask from any thread."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.rows: list[_Row] = []
        self._lock = threading.Lock()
        self._gather()
        self._keys = {f"{q}/{a.value}" for row in self.rows for way in row.ways for q, a in way}
        self._db = sqlcipher.connect(":memory:", check_same_thread=False)
        self._fill()

    def _gather(self) -> None:
        by_outcome: dict[str, _Row] = {}
        for answers in self.tree.ways():
            steps = self._steps(answers)
            end = steps[-1][1].outcome
            if end:
                by_outcome.setdefault(end, _Row(end)).ways.append(steps)
        self.rows = list(by_outcome.values())

    def _steps(self, answers: Mapping[str, str]) -> tuple[tuple[str, TreeAnswer], ...]:
        found = []
        for key, value in answers.items():
            answer = self.tree.questions[key].answer(value)
            if answer is not None:
                found.append((key, answer))
        return tuple(found)

    def _fill(self) -> None:
        self._db.execute("CREATE VIRTUAL TABLE leaves USING fts5(said, ends, way, tokenize = 'unicode61')")
        said = word_tables().words["said"]
        inserted = []
        for number, row in enumerate(self.rows, 1):
            outcome = self.tree.outcomes[row.outcome]
            own = [s for phrase in said.get(row.outcome, ()) for s in stems_of(phrase)]
            last = [w[-1][1] for w in row.ways if not w[-1][1].last]
            texts = (outcome.label, *dict.fromkeys(t for a in last for t in (a.text, a.hint)))
            ends = [s for text in texts for s in stems_of(text)]
            before = [a for w in row.ways for q, a in w[:-1] if not a.last and q not in NOT_ASKED_FOR]
            way = dict.fromkeys(t for a in before for t in (a.text, a.hint))
            on_way = sorted({s for text in way for s in stems_of(text)})
            row.stems = frozenset(own) | frozenset(ends) | frozenset(on_way)
            inserted.append((number, " ".join(own), " ".join(ends), " ".join(on_way)))
        self._db.executemany("INSERT INTO leaves (rowid, said, ends, way) VALUES (?, ?, ?, ?)", inserted)

    # Ranking

    def rank(
        self, said: Said, given: Mapping[str, str] | None = None, offered: int = OFFERED
    ) -> tuple[Leaf, ...]:
        """The likeliest leaves for some words, best first, each outcome once.

        `given` are answers that stand already: leaves that they rule out are left out.
        """
        given = {k: v for k, v in (given or {}).items() if k in NOT_ASKED_FOR}
        finder = Finder(said)
        places = _places_heard(finder)
        scores = self._by_words(said)
        self._by_cues(said, finder, scores)
        numbers = {row.outcome: row for row in self.rows}
        best: list[tuple[float, Leaf]] = []
        for outcome, found in sorted(scores.items(), key=lambda kv: -kv[1].score)[: 3 * offered]:
            row = numbers[outcome]
            ways = [w for w in row.ways if all(given.get(q, a.value) == a.value for q, a in w)]
            if not ways or found.score <= 0:
                continue
            leaf = self._leaf(row, ways, found, said, places)
            best.append((leaf.score, leaf))
        best.sort(key=lambda pair: -pair[0])
        return tuple(leaf for _score, leaf in best[:offered])

    def _by_words(self, said: Said) -> dict[str, _Found]:
        stop = _stop_stems()
        terms = list(dict.fromkeys(t.stem for t in said.tokens if t.stem not in stop and len(t.stem) > 1))
        if not terms:
            return {}
        query = " OR ".join(f'"{term}"' for term in terms[:_MOST_TERMS])
        with self._lock:
            ranked = self._db.execute(
                f"SELECT rowid, -bm25(leaves, {_WEIGHTS}) FROM leaves"  # noqa: S608  fixed weights
                f" WHERE leaves MATCH ? ORDER BY 2 DESC LIMIT {_ROWS}",
                (query,),
            ).fetchall()
        if not ranked:
            return {}
        top = max(float(ranked[0][1]), _LOWEST_BEST)
        wanted = set(terms)
        found: dict[str, _Found] = {}
        for number, score in ranked:
            row = self.rows[number - 1]
            used = {i for i, t in enumerate(said.tokens) if t.stem in wanted and t.stem in row.stems}
            found[row.outcome] = _Found(_BEST * float(score) / top, used)
        return found

    def _by_cues(self, said: Said, finder: Finder, scores: dict[str, _Found]) -> None:
        for outcome, cues in _cues().items():
            if outcome not in self.tree.outcomes:
                continue
            for weight, patterns in cues:
                match = next((m for p in patterns for m in finder.matches(p)), None)
                if match is None:
                    continue
                found = scores.setdefault(outcome, _Found(0.0))
                found.score += weight
                if weight > 0:
                    found.used |= match.used

    def _leaf(
        self,
        row: _Row,
        ways: Sequence[tuple[tuple[str, TreeAnswer], ...]],
        found: _Found,
        said: Said,
        places: Mapping[str, float],
    ) -> Leaf:
        heard = {token.stem for token in said.tokens} - _stop_stems()
        worth = [(self._way_worth(w, heard, places), -len(w), -n) for n, w in enumerate(ways)]
        best = ways[-max(worth)[2]]
        score = found.score
        if named := {key for key, clear in places.items() if clear >= _NAMED and key in self._keys}:
            here = any(f"{q}/{a.value}" in named for way in ways for q, a in way)
            score += _PLACE if here else -_PLACE / 2
        outcome = self.tree.outcomes[row.outcome]
        settled = self._settled(ways, heard, places)
        on_way = [(q, a) for q, a in best if q not in NOT_ASKED_FOR]
        return Leaf(
            outcome=row.outcome,
            label=outcome.label,
            path="/".join(a.value for _q, a in on_way),
            title=" › ".join(a.name for q, a in on_way if settled.get(q) == a.value),
            sor_code=outcome.code,
            answers=settled,
            score=round(score, 2),
            words=_decided_by(said, found.used),
        )

    def _way_worth(
        self, way: Sequence[tuple[str, TreeAnswer]], heard: Iterable[str], places: Mapping[str, float]
    ) -> float:
        return sum(self._worth(question, answer, heard, places) for question, answer in way)

    def _worth(
        self, question: str, answer: TreeAnswer, heard: Iterable[str], places: Mapping[str, float]
    ) -> float:
        """How much the words speak for one answer."""
        worth = places.get(f"{question}/{answer.value}", 0.0)
        if answer.last:
            return worth - 0.5
        stems = _answer_stems(answer)
        return worth + sum(stems.get(s, 0.0) for s in heard)

    def _settled(
        self,
        ways: Sequence[tuple[tuple[str, TreeAnswer], ...]],
        heard: Iterable[str],
        places: Mapping[str, float],
    ) -> dict[str, str]:
        """Answers that the words or the tree settle, on every way that is left open."""
        heard, settled = list(heard), {}
        choices: dict[str, dict[str, TreeAnswer]] = {}
        for way in ways:
            for question, answer in way:
                choices.setdefault(question, {})[answer.value] = answer
        for question, answers in choices.items():
            if question in NOT_ASKED_FOR:
                continue
            real = [a for a in answers.values() if not a.last] or list(answers.values())
            ranked = sorted(real, key=lambda a: -self._worth(question, a, heard, places))
            first = ranked[0]
            ends = all(a.outcome for a in real)
            clear = len(real) == 1 or ends
            if not clear:
                best, second = (self._worth(question, a, heard, places) for a in ranked[:2])
                clear = best > second and best >= 1
            if clear:
                settled[question] = first.value
        return settled


def _decided_by(said: Said, used: Iterable[int]) -> tuple[str, ...]:
    """The person's own words that decided, in order, each once."""
    words = [said.quote([i]) for i in sorted(used)]
    return tuple(dict.fromkeys(w.lower() for w in words))


@lru_cache(maxsize=4_000)
def _answer_stems(answer: TreeAnswer) -> Mapping[str, float]:
    stop = _stop_stems()
    found: dict[str, float] = {}
    for part, weight in (("hint", 0.6), ("text", 1.0), ("short", 1.0)):
        for each in stems_of(getattr(answer, part)):
            if each not in stop:
                found[each] = max(weight, found.get(each, 0.0))
    return found


def _places_heard(finder: Finder) -> dict[str, float]:
    """Rooms that a text names or hints at: "room/kitchen" -> how clearly; 2 and more is by name."""
    found: dict[str, float] = {}
    for key, (named, hinted) in _places().items():
        if any(True for _ in finder.matches(named)):
            found[key] = 3.0
        elif any(True for _ in finder.matches(hinted)):
            found[key] = 1.0
    return found


@cache
def _places() -> dict[str, tuple[Pattern, Pattern]]:
    return {
        key: (compile_pattern("|".join(w["named"]), {}), compile_pattern("|".join(w["hinted"]), {}))
        for key, w in word_tables().words["places"].items()
    }


@cache
def _stop_stems() -> frozenset[str]:
    return frozenset(s for text in word_tables().words["stop"] for s in stems_of(text))


@cache
def _cues() -> dict[str, tuple[tuple[float, tuple[Pattern, ...]], ...]]:
    tables = word_tables()
    classes = {**tables.tripwires["classes"], **tables.words["classes"]}
    return {
        outcome: tuple(
            (float(weight), tuple(compile_pattern(p, classes) for p in patterns))
            for weight, patterns in weighed.items()
        )
        for outcome, weighed in tables.words["cues"].items()
    }


class _Held:
    """A tree as a key of the cache: the same object is the same tree."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree

    def __hash__(self) -> int:
        return id(self.tree)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.tree is self.tree


@lru_cache(maxsize=8)
def _index(held: _Held) -> LeafIndex:
    return LeafIndex(held.tree)


def index_of(tree: Tree) -> LeafIndex:
    """The index of a tree, built once for each that is in memory."""
    return _index(_Held(tree))
