"""Rules about the words of a page: links, personal data, times and figures, long sentences, plain words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from app.content import plain
from app.content.blocks import SUMMARY, Block, Page
from app.content.found import Finding, Fix, Level, Place
from app.content.sentences import LONG_SENTENCE, Sentence, sentences, weigh
from models.content import BlockKind

SCHEMES = ("https", "http", "mailto", "tel")
PARAGRAPH_SENTENCES = 5
_PROSE = (BlockKind.PARAGRAPH, BlockKind.BULLET, BlockKind.NUMBER, BlockKind.QUOTE, BlockKind.NOTE)
SAYS_NOTHING = frozenset(
    {
        "here",
        "click here",
        "click",
        "more",
        "read more",
        "find out more",
        "this page",
        "link",
        "this link",
        "this",
        "more information",
        "download",
        "learn more",
        "see more",
        "details",
        "website",
        "yma",
        "cliciwch yma",
        "mwy",
        "darllen mwy",
    }
)
_DOCUMENT = re.compile(r"\.(pdf|docx?|xlsx?|pptx?|od[tsp]|csv)$", re.IGNORECASE)
_SPACED_TIME = re.compile(r"\b(\d{1,2}(?:[.:]\d\d)?)\s+([ap])\.?m\b\.?(?!\w)", re.IGNORECASE)
_DOTTED_TIME = re.compile(r"\b(\d{1,2})\.(\d\d)([ap]m)\b", re.IGNORECASE)
_FULL_HOUR = re.compile(r"\b(\d{1,2}):00([ap]m)\b", re.IGNORECASE)
_WHOLE_POUNDS = re.compile(r"£(\d[\d,]*)\.00\b")
_ORDINAL = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th)(?: of)? (January|February|March|April|May|June|July|August|September|"
    r"October|November|December)\b"
)
_PER_CENT = re.compile(r"(\d)\s?(?:per cent|percent)\b", re.IGNORECASE)
_LATIN = re.compile(r"(?<!\w)(e\.?g\.?|i\.?e\.?|etc\.?)(?!\w)", re.IGNORECASE)
_LATIN_WORDS = {"eg": "for example", "ie": "that is", "etc": ""}
_INSURANCE = re.compile(r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]\b")
_PERSONS_MAIL = re.compile(r"\b[a-z]+\.[a-z]+@[\w.-]+\.\w+", re.IGNORECASE)
_MOBILE = re.compile(r"\b07\d{3} ?\d{3} ?\d{3}\b")
_CAPITALS = re.compile(r"\b[A-Z]{4,}(?: [A-Z]{3,})+\b")


def _texts(page: Page) -> Iterator[tuple[str, str]]:
    """The lead and every block with words, as (place, words)."""
    yield SUMMARY, page.summary
    for block in page.blocks:
        if block.text:
            yield block.id, block.plain


def _links(block: Block) -> Iterator[tuple[str, str, Place]]:
    """Words, address and place of every link of a block."""
    place, start, words, href = 0, 0, "", ""
    for run in (*block.runs, None):
        if run is None or run.href != href:
            if href:
                yield words, href, Place(block.id, start, place)
            href, words, start = (run.href, "", place) if run else ("", "", place)
        if run is not None:
            words += run.text
            place += len(run.text)


def link_words(page: Page) -> Iterator[Finding]:
    """A link says where it leads, read on its own: screen readers list links without the text around."""
    targets: dict[str, str] = {}
    for block in page.blocks:
        for words, href, where in _links(block):
            said = words.strip().rstrip(".").casefold()
            if not said:
                yield Finding("link-words", Level.ERROR, "A link has no words", "Write them.", where)
            elif said in SAYS_NOTHING:
                yield Finding(
                    "link-words",
                    Level.ERROR,
                    f"The link “{words.strip()}” says nothing",
                    "Name the page it opens.",
                    where,
                )
            elif re.match(r"(https?://|www\.)", said):
                yield Finding(
                    "link-words",
                    Level.WARN,
                    "A link shows its address",
                    "Name the page it opens; a screen reader spells the address.",
                    where,
                )
            elif targets.setdefault(said, href) != href:
                yield Finding(
                    "link-words",
                    Level.WARN,
                    f"Two links say “{words.strip()}” and lead to different pages",
                    "Name each by what it opens.",
                    where,
                )
            if (ending := _DOCUMENT.search(urlsplit(href).path)) and ending.group(1).casefold() not in said:
                kind = ending.group(1).upper()
                yield Finding(
                    "link-words",
                    Level.WARN,
                    f"The link “{words.strip()}” opens a {kind} file",
                    f"Say so in its words: “({kind})”.",
                    where,
                    Fix("Add it", where, f"{words.rstrip()} ({kind})"),
                )


def link_addresses(page: Page) -> Iterator[Finding]:
    """Links lead to the web, a mail address or a telephone, never to a laptop's disk or an editing page."""
    for block in page.blocks:
        for words, href, where in _links(block):
            parts = urlsplit(href)
            scheme = parts.scheme.casefold()
            if scheme and scheme not in SCHEMES:
                what = "a file on one laptop" if scheme == "file" else f"“{scheme}:”, which no page may"
                yield Finding(
                    "link-address",
                    Level.ERROR,
                    f"The link “{words.strip()}” leads to {what}",
                    "Give it a web address, or take the link away.",
                    where,
                )
            elif re.search(r"/(node/\d+(/edit)?|user(/|$)|wp-admin|admin/)", parts.path):
                yield Finding(
                    "link-address",
                    Level.WARN,
                    f"The link “{words.strip()}” leads to an editing page",
                    "Visitors cannot open it. Copy the address people see.",
                    where,
                )


def personal(page: Page) -> Iterator[Finding]:
    """A public page holds nobody's National Insurance number, own mailbox or mobile."""
    for place, text in _texts(page):
        for pattern, what in (
            (_INSURANCE, "a National Insurance number"),
            (_PERSONS_MAIL, "one person’s e-mail address"),
            (_MOBILE, "a mobile number"),
        ):
            for found in pattern.finditer(text):
                yield Finding(
                    "personal",
                    Level.ERROR if pattern is _INSURANCE else Level.WARN,
                    f"“{found.group()}” looks like {what}",
                    "Anybody can read this page. Use the team’s own instead.",
                    Place(place, found.start(), found.end()),
                )


def _rewritten(
    rule: str, place: str, found: re.Match[str], better: str, title: str, advice: str = ""
) -> Finding:
    where = Place(place, found.start(), found.end())
    return Finding(rule, Level.HINT, title, advice, where, Fix("Change it", where, better))


def times(page: Page) -> Iterator[Finding]:
    """Times are written 7am, 5:30pm."""
    for place, text in _texts(page):
        for found in _SPACED_TIME.finditer(text):
            better = f"{found.group(1).replace('.', ':').removesuffix(':00')}{found.group(2).lower()}m"
            how = f"Write “{better}”, without a space"
            yield _rewritten("times", place, found, better, how)
        for found in _DOTTED_TIME.finditer(text):
            better = f"{found.group(1)}:{found.group(2)}{found.group(3).lower()}".replace(":00", "")
            yield _rewritten("times", place, found, better, f"Write “{better}”, with a colon")
        for found in _FULL_HOUR.finditer(text):
            better = f"{found.group(1)}{found.group(2).lower()}"
            yield _rewritten("times", place, found, better, f"Write “{better}” for a full hour")


def figures(page: Page) -> Iterator[Finding]:
    """Whole pounds have no pence, days no “th”, per cent its sign."""
    for place, text in _texts(page):
        for found in _WHOLE_POUNDS.finditer(text):
            better = f"£{found.group(1)}"
            yield _rewritten("figures", place, found, better, f"Write “{better}” for whole pounds")
        for found in _ORDINAL.finditer(text):
            better = f"{found.group(1)} {found.group(2)}"
            yield _rewritten("figures", place, found, better, f"Write “{better}”")
        for found in _PER_CENT.finditer(text):
            better = f"{found.group(1)}%"
            yield _rewritten("figures", place, found, better, "Write “%” after a figure")


def signs(page: Page) -> Iterator[Finding]:
    """No ampersands, exclamation marks or block capitals in prose."""
    for place, text in _texts(page):
        for found in re.finditer(r"(?<=\s)&(?=\s)", text):
            yield _rewritten("signs", place, found, "and", "Write “and” instead of “&”")
        for found in re.finditer(r"!+", text):
            yield _rewritten(
                "signs", place, found, ".", "A council page does not shout", "End it with a full stop."
            )
        for found in _CAPITALS.finditer(text):
            where = Place(place, found.start(), found.end())
            yield Finding(
                "signs", Level.WARN, f"“{found.group()}” is in capitals", "Capitals are slow to read.", where
            )


def long_sentences(page: Page) -> Iterator[Finding]:
    """Sentences of more than 25 words, each with plainer words where the list has them."""
    for block in page.blocks:
        if block.kind in _PROSE:
            for sentence in sentences(block.plain):
                yield from _long(block.id, sentence)


def _long(block_id: str, sentence: Sentence) -> Iterator[Finding]:
    count = weigh(sentence.text).words
    if count <= LONG_SENTENCE:
        return
    where = Place(block_id, sentence.start, sentence.end)
    better = plain.rewrite(sentence.text)
    fix = Fix("Use these words", where, better) if better != sentence.text else None
    begins = " ".join(sentence.text.split()[:5])
    advice = f"Try: “{better}”" if fix else "Make two sentences of it."
    yield Finding("long-sentence", Level.WARN, f"“{begins}…” has {count} words", advice, where, fix)


def long_paragraphs(page: Page) -> Iterator[Finding]:
    """At most five sentences a paragraph."""
    for block in page.blocks:
        count = len(sentences(block.plain)) if block.kind is BlockKind.PARAGRAPH else 0
        if count > PARAGRAPH_SENTENCES:
            yield Finding(
                "long-paragraph",
                Level.WARN,
                f"A paragraph has {count} sentences",
                "Cut it in two, or make a list.",
                Place(block.id, 0, len(block.plain)),
            )


def plain_words(page: Page) -> Iterator[Finding]:
    """Longer words that have a plain one; each once, at its first place."""
    seen: set[str] = set()
    for place, text in _texts(page):
        for plainer in plain.find(text):
            if (key := plainer.found.casefold()) in seen:
                continue
            seen.add(key)
            where = Place(place, plainer.start, plainer.end)
            fix = Fix("Use this word", where, plainer.write) if plainer.write else None
            advice = f"Write “{plainer.write}”." if plainer.write else plainer.reason
            yield Finding("plain-words", Level.HINT, f"“{plainer.found}” is a hard word", advice, where, fix)


def latin(page: Page) -> Iterator[Finding]:
    """“eg”, “ie” and “etc” are read wrongly by screen readers and not known by everybody."""
    for place, text in _texts(page):
        for found in _LATIN.finditer(text):
            key = found.group().replace(".", "").casefold()
            where = Place(place, found.start(), found.end())
            better = _LATIN_WORDS[key]
            fix = Fix("Change it", where, better) if better else None
            advice = (
                f"Write “{better}”." if better else "Name what you mean, or begin the list with “such as”."
            )
            yield Finding("latin", Level.HINT, f"“{found.group()}” is not plain English", advice, where, fix)
