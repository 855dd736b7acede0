"""Running text that two people changed apart: one by one what may happen, then a thousand at random."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.sentences import pieces
from models.text_merge import Merged, merge_text, replayed_text

BASE = "Apply online. Bring a bill. Ring us on 01632 960 100. We answer in ten days."
FIRST, SECOND, THIRD, LAST = (piece.strip() for piece in pieces(BASE))


def cores(text: str) -> list[str]:
    """The sentences of a text without the white space between."""
    return [piece.strip() for piece in pieces(text) if piece.strip()]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Use a bill, e.g. a gas bill. Then ring.", ["Use a bill, e.g. a gas bill. ", "Then ring."]),
        ("It costs 12.50 pounds. We open at 7.30am.", ["It costs 12.50 pounds. ", "We open at 7.30am."]),
        ("Ask J. R. Aldgate. He knows.", ["Ask J. R. Aldgate. ", "He knows."]),
        ("See https://example.org/a.b. Then ring.", ["See https://example.org/a.b. ", "Then ring."]),
        ("**Ring us.** **We come.**", ["**Ring us.** ", "**We come.**"]),
        ("**Ring us. We come.** Go.", ["**Ring us. We come.** ", "Go."]),
        ("See [the page.](https://example.org) Go on.", ["See [the page.](https://example.org) ", "Go on."]),
        ("Go [to this. And that](https://example.org).", ["Go [to this. And that](https://example.org)."]),
        ("__Is it?__ Yes! No… well.", ["__Is it?__ ", "Yes! ", "No… well."]),
        ("one line\nanother line\n\nA third.", ["one line\n", "another line\n\n", "A third."]),
    ],
)
def test_a_text_falls_into_sentences_that_each_say_what_they_look_like(text: str, parts: list[str]) -> None:
    assert list(pieces(text)) == parts


@given(st.text("ab .!?*_[]()\\\nA1", max_size=80))
def test_the_pieces_joined_are_the_text(text: str) -> None:
    assert "".join(pieces(text)) == text


# what mine and theirs are -> what comes of it, when nothing clashes
QUIET = [
    (BASE.replace("Apply", "You apply"), BASE.replace("ten", "five"), "both, at different sentences"),
    (BASE.replace("a bill", "a new bill"), BASE.replace("Apply", "You apply"), "both, side by side"),
    (BASE.replace(f"{SECOND} ", ""), BASE.replace("ten", "five"), "one removed, one changed elsewhere"),
    (BASE.replace(f"{SECOND} ", ""), BASE.replace(f"{THIRD} ", ""), "each removed another"),
    (BASE.replace(f"{SECOND} {THIRD} ", ""), BASE.replace(f"{THIRD} {LAST}", LAST), "removals that overlap"),
    (f"{BASE} Bring two photos.", f"{BASE} Nobody is turned away.", "both added at the end"),
    (f"Read this first. {BASE}", f"{BASE} Nobody is turned away.", "added at both ends"),
    (BASE.replace("Apply", "You apply"), BASE.replace("Apply", "You apply"), "both the same"),
    (BASE.replace(" Bring", "\nBring"), BASE.replace("ten", "five"), "a line broken, a word changed"),
]


@pytest.mark.parametrize(("mine", "theirs", "what"), QUIET, ids=[row[2] for row in QUIET])
def test_what_one_side_touched_is_taken_without_a_question(mine: str, theirs: str, what: str) -> None:
    merged = merge_text(BASE, mine, theirs)
    assert merged.clashes == ()
    assert merge_text(BASE, theirs, mine).text() == merged.text() == merged.text("mine")
    expected = (set(cores(mine)) | set(cores(theirs))) - (
        (set(cores(BASE)) - set(cores(mine))) | (set(cores(BASE)) - set(cores(theirs)))
    )
    assert set(cores(merged.text())) == expected
    assert ("\n" in merged.text()) == ("\n" in mine + theirs)


def test_the_same_sentence_changed_twice_is_a_clash_and_the_rest_is_merged() -> None:
    mine = BASE.replace("a bill", "a gas bill").replace("Apply", "You apply")
    theirs = BASE.replace("a bill", "a water bill").replace("ten", "five")
    merged = merge_text(BASE, mine, theirs)
    (clash,) = merged.clashes
    assert [s.core for s in clash.base] == ["Bring a bill."]
    assert [s.core for s in clash.mine] == ["Bring a gas bill."]
    assert [s.core for s in clash.theirs] == ["Bring a water bill."]
    rest = "You apply online. {} Ring us on 01632 960 100. We answer in five days."
    assert merged.text() == rest.format("Bring a water bill.")
    assert merged.text("mine") == replayed_text(BASE, mine, theirs) == rest.format("Bring a gas bill.")
    assert merged.text("base") == rest.format("Bring a bill.")


@pytest.mark.parametrize(
    ("base", "mine", "theirs"),
    [
        (BASE, BASE.replace(f"{SECOND} ", ""), BASE.replace("a bill", "a gas bill")),  # removed, and changed
        ("", "Apply by post.", "Come to the library."),  # a text that both began
        (BASE, f"{BASE} We close at five.", f"{BASE} We close at six."),  # one new sentence, two wordings
        (BASE, BASE.replace(f"{SECOND} {THIRD} ", ""), BASE.replace(f" {THIRD}", f" Or a letter. {THIRD}")),
    ],
)
def test_what_only_a_person_can_decide_is_a_clash(base: str, mine: str, theirs: str) -> None:
    merged = merge_text(base, mine, theirs)
    assert len(merged.clashes) == 1
    assert (merged.text("mine"), merged.text("theirs")) == (mine, theirs)


def test_a_line_that_does_not_end_keeps_its_line() -> None:
    assert merge_text("A one.\nb two", "A one.\nb too", "A one.\nb two\nmore").text() == "A one.\nb too\nmore"
    assert merge_text("A one. B two", "A one. B too", "A one. B two\nmore").text() == "A one. B too\nmore"
    assert merge_text("A one.", "A one.\nNot ended", "A one.\nEnded.").text() == "A one.\nEnded.\nNot ended"


def test_two_open_ends_never_grow_into_one_sentence() -> None:
    merged = merge_text("A one.", "A one. Not ended", "A one. Open too")
    assert merged.text() in ("A one. Open too", "A one. Not ended")
    assert len(merged.clashes) == 1


# -- at random --------------------------------------------------------------------------------------

WORDS = ("bill", "form", "bus", "card", "hall", "ring", "post", "page", "fee", "pass", "door", "team", "week")


class Author:
    """Makes sentences that nobody made before, and edits texts, from one number."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.count = 0

    def sentence(self) -> str:
        self.count += 1
        words = " ".join(self.random.choices(WORDS, k=self.random.randint(2, 9)))
        core = f"Nr {self.count} {words}{self.random.choice(('.', '.', '?', '!'))}"
        return f"**{core}**" if self.random.random() < 0.1 else core

    def text(self) -> list[str]:
        return [self.sentence() for _ in range(self.random.randint(0, 9))]

    def edited(self, base: list[str]) -> list[str]:
        out = list(base)
        for _ in range(self.random.randint(0, 4)):
            at, act = self.random.randint(0, len(out)), self.random.random()
            if act < 0.4 and at < len(out):
                mark = "**" if out[at].startswith("**") else ""
                self.count += 1
                out[at] = f"{out[at].removesuffix(mark)[:-1]} and {self.count}.{mark}"
            elif act < 0.6 and at < len(out):
                del out[at]
            elif act < 0.7 and at < len(out):
                out[at] = self.sentence()
            else:
                out.insert(at, self.sentence())
        return out

    def join(self, sentences: list[str]) -> str:
        gaps = [self.random.choice((" ", " ", " ", "\n")) for _ in sentences]
        return "".join(a + b for a, b in zip(sentences, gaps, strict=True)).strip()


def test_a_thousand_pairs_of_edits_lose_nothing_and_make_nothing_up() -> None:
    quiet = loud = 0
    for seed in range(1_000):
        author = Author(seed)
        base = author.text()
        mine, theirs = author.edited(base), author.edited(base)
        texts = [author.join(sentences) for sentences in (base, mine, theirs)]
        merged = merge_text(*texts)
        turned = merge_text(texts[0], texts[2], texts[1])
        quiet, loud = quiet + (not merged.clashes), loud + bool(merged.clashes)
        check(base, mine, theirs, merged, seed)
        assert [c.mine for c in merged.clashes] == [c.theirs for c in turned.clashes], seed
        assert merged.text("mine") == turned.text("theirs"), seed
        assert merged.text("theirs") == turned.text("mine"), seed
    assert quiet > 300
    assert loud > 200


def check(base: list[str], mine: list[str], theirs: list[str], merged: Merged, seed: int) -> None:
    """What holds of every merge: each sentence was written by somebody, what one side alone changed is in,
    and what clashed stands there in one whole version."""
    written, own = {*mine, *theirs}, [cores(merged.text("mine")), cores(merged.text("theirs"))]
    for out, side in zip(own, (mine, theirs), strict=True):
        assert set(out) <= written, seed
        assert not {s for s in set(side) - set(base) if s not in out}, seed  # my new words, if I win
        gone = set(base) - set(side)
        assert not gone & set(out), seed
    clashing = {s.core for c in merged.clashes for part in (c.base, c.mine, c.theirs) for s in part}
    for out in own:
        for new in (set(mine) | set(theirs)) - set(base) - clashing:
            assert new in out, seed
        kept = [s for s in base if s in mine and s in theirs]
        positions = [out.index(s) for s in kept]
        assert all(a < b for a, b in pairwise(positions)), seed


UNITS = st.sampled_from(
    ["Aa.", "Bb bb.", "Cc cc cc!", "d d", "E. g. f.", "**Gg.**", "[H.](x) i.", "J\nk", ""]
)
TEXTS = st.lists(st.tuples(UNITS, st.sampled_from([" ", "\n", "  "])), max_size=6).map(
    lambda parts: "".join(unit + gap for unit, gap in parts)
)


@settings(max_examples=400, deadline=None)
@given(TEXTS, TEXTS, TEXTS)
def test_any_three_texts_merge_the_same_either_way_round(base: str, mine: str, theirs: str) -> None:
    merged, turned = merge_text(base, mine, theirs), merge_text(base, theirs, mine)
    assert merged.text("mine") == turned.text("theirs")
    assert set(cores(merged.text("mine"))) <= {*cores(mine), *cores(theirs)}
    assert set(cores(merged.text("theirs"))) <= {*cores(mine), *cores(theirs)}
    if not merged.clashes:
        assert merged.text() == turned.text()
    for text in (mine, theirs):
        assert merge_text(base, text, base).text() == merge_text(base, text, text).text() == text
