"""What a page is checked for before it is sent, and what its writer can do about each thing found.

Two gates: an error keeps a page from review, a warning or a hint does not. Thresholds are those councils and
GOV.UK publishing work to: title 65 characters, summary 160, sentences of 25 words, reading age 9, headings
that never skip a level (WCAG 1.3.1), links that make sense on their own (WCAG 2.4.4), pictures in words
(WCAG 1.1.1). Rules about English words are left out for a page in another language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.content import page_rules, plain, text_rules
from app.content.blocks import PROSE, SUMMARY, Block, Page
from app.content.found import Finding, Fix, Level, Place
from app.content.sentences import AIM, FEWEST_WORDS, Sentence, Weight, sentences, weigh
from models.content import BlockKind

__all__ = ["RULES", "Checked", "Costly", "Finding", "Fix", "Gate", "Level", "Place", "check"]


class Gate(StrEnum):
    """Whether a page may go on to review."""

    OPEN = "open"
    SHUT = "shut"


RULES: tuple[tuple[str, Callable[[Page], Iterable[Finding]]], ...] = (
    ("title", page_rules.title),
    ("title-place", page_rules.title_wording),
    ("summary", page_rules.summary),
    ("summary-wording", page_rules.summary_wording),
    ("body", page_rules.body),
    ("heading-order", page_rules.heading_order),
    ("heading-words", page_rules.heading_words),
    ("heading-fake", page_rules.fake_headings),
    ("picture", page_rules.pictures),
    ("table", page_rules.tables),
    ("contact", page_rules.contact),
    ("steps", page_rules.steps),
    ("news-day", page_rules.news_day),
    ("link-words", text_rules.link_words),
    ("link-address", text_rules.link_addresses),
    ("personal", text_rules.personal),
    ("times", text_rules.times),
    ("figures", text_rules.figures),
    ("signs", text_rules.signs),
)
ENGLISH_RULES: tuple[tuple[str, Callable[[Page], Iterable[Finding]]], ...] = (
    ("long-paragraph", text_rules.long_paragraphs),
    ("plain-words", text_rules.plain_words),
    ("latin", text_rules.latin),
)
WORTH_CUTTING = 15  # words: a shorter sentence is not what makes a page hard
_ORDER = {Level.ERROR: 0, Level.WARN: 1, Level.HINT: 2}


@dataclass(frozen=True)
class Costly:
    """The sentence that raises the reading age most: where it is, what it costs, plainer words for it."""

    place: Place
    text: str
    words: int
    years: int
    plainer: str  # empty where the word list has nothing better


@dataclass(frozen=True)
class Checked:
    """The outcome for one page; `age` is None for too few words or for another language than English."""

    findings: tuple[Finding, ...]
    fine: int
    age: int | None
    costly: Costly | None
    words: int

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What keeps the page from review."""
        return tuple(f for f in self.findings if f.level is Level.ERROR)

    @property
    def to_put_right(self) -> int:
        """How many errors there are: "2 things to put right"."""
        return len(self.errors)

    @property
    def gate(self) -> Gate:
        """Whether the page may go to review."""
        return Gate.SHUT if self.errors else Gate.OPEN


def english(page: Page) -> bool:
    """Whether the rules about English words apply."""
    return page.language.lower().startswith("en")


def check(page: Page) -> Checked:
    """Everything found on a page, errors first, each kind in the order of the page."""
    findings: list[Finding] = []
    fine = 0
    for _, rule in RULES + (ENGLISH_RULES if english(page) else ()):
        found = list(rule(page))
        findings += found
        fine += not found
    age, costly = reading(page) if english(page) else (None, None)
    if age is not None:
        fine += age <= AIM
        long = [f for f in text_rules.long_sentences(page) if costly is None or f.where != costly.place]
        findings += long
        fine += not long
        told = [f.where for f in long if f.where and f.fix] + ([costly.place] if costly else [])
        findings = [f for f in findings if f.rule != "plain-words" or not _inside(f.where, told)]
    findings.sort(key=lambda finding: _ORDER[finding.level])
    return Checked(tuple(findings), fine, age, costly, page.words)


def _inside(where: Place | None, places: Iterable[Place]) -> bool:
    """Whether a place lies in one of these, whose new words settle it already."""
    return where is not None and any(
        place.block_id == where.block_id and place.start <= where.start and where.end <= place.end
        for place in places
    )


def prose(page: Page) -> list[tuple[str, str, BlockKind | None]]:
    """What is read as sentences: id, words and kind of the lead and of every block of prose."""
    out: list[tuple[str, str, BlockKind | None]] = [(SUMMARY, page.summary, None)]
    return out + [(b.id, b.plain, b.kind) for b in page.blocks if b.kind in PROSE]


def reading(page: Page) -> tuple[int | None, Costly | None]:
    """Reading age of a page, and the sentence that costs most where the age is over 9."""
    parts = [
        (block_id, sentence, weigh(sentence.text))
        for block_id, text, _ in prose(page)
        for sentence in sentences(text)
    ]
    total = sum((weight for _, _, weight in parts), Weight())
    if total.words < FEWEST_WORDS:
        return None, None
    if total.age <= AIM or len(parts) < 2:
        return total.age, None
    long = [part for part in parts if part[2].words > WORTH_CUTTING]
    if not long:
        return total.age, None
    block_id, sentence, weight = max(long, key=lambda part: total.grade - (total - part[2]).grade)
    saved = total.grade - (total - weight).grade
    if saved < 0.25:
        return total.age, None
    return total.age, _costly(block_id, sentence, weight, max(1, round(saved)))


def _costly(block_id: str, sentence: Sentence, weight: Weight, years: int) -> Costly:
    plainer = plain.rewrite(sentence.text)
    better = plainer != sentence.text and weigh(plainer).grade < weight.grade
    place = Place(block_id, sentence.start, sentence.end)
    return Costly(place, sentence.text, weight.words, years, plainer if better else "")


def with_fix(page: Page, fix: Fix) -> tuple[str | None, str | None, Block | None]:
    """What a fix makes of its place: (new title, new summary, new block), None for what stays."""
    return page_rules.apply(page, fix)
