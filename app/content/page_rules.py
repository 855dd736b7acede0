"""Rules about the frame of a page: title, lead, headings, pictures, tables, who looks after it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from app.content import inline
from app.content.blocks import SUMMARY, TITLE, Block, Page
from app.content.found import Finding, Fix, Level, Place
from models.content import BlockKind, Kind

TITLE_LONG = 65
SUMMARY_LONG = 160
ALT_LONG = 125
_BY_LEVEL = {2: BlockKind.HEADING2, 3: BlockKind.HEADING3, 4: BlockKind.HEADING4}
_WEAK_START = re.compile(
    r"^(an?|the|how to|information (about|on)|guide to|a guide to|welcome( to)?)\s+(?=\w)", re.IGNORECASE
)
_FILE_NAME = re.compile(r"^[\w\- ]+\.(png|jpe?g|gif|webp|heic|bmp)$", re.IGNORECASE)
_PICTURE_OF = re.compile(r"^(an? )?(image|picture|photo|photograph|graphic|icon) of ", re.IGNORECASE)


def _upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def title(page: Page) -> Iterator[Finding]:
    """A page needs a title, on one line."""
    if not page.title.strip():
        yield Finding(
            "title",
            Level.ERROR,
            "The page has no title",
            "Name the task, as people search for it.",
            Place(TITLE),
        )


def title_wording(page: Page) -> Iterator[Finding]:
    """A title is short, begins with its own words, and is written like a sentence."""
    text = page.title.strip()
    whole = Place(TITLE, 0, len(page.title))
    if len(text) > TITLE_LONG:
        yield Finding(
            "title-place",
            Level.WARN,
            f"The title has {len(text)} characters",
            f"Search results cut it after {TITLE_LONG}.",
            whole,
        )
    if start := _WEAK_START.match(text):
        better = _upper_first(text[start.end() :])
        yield Finding(
            "title-place",
            Level.WARN,
            f"The title begins with “{start.group().strip()}”",
            f"Put the words people look for first: “{better}”.",
            whole,
            Fix("Use these words", whole, better),
        )
    if text.endswith("."):
        yield Finding(
            "title-place",
            Level.WARN,
            "The title ends with a full stop",
            "",
            whole,
            Fix("Take it away", whole, text.rstrip(".")),
        )
    letters = [word for word in text.split() if word.isalpha() and len(word) > 3]
    if len(letters) > 1 and all(word.isupper() for word in letters):
        better = text.capitalize()
        yield Finding(
            "title-place",
            Level.WARN,
            "The title is in capitals",
            "Capitals are slow to read and a screen reader may spell them.",
            whole,
            Fix("Use small letters", whole, better),
        )
    elif len(letters) > 2 and all(word[0].isupper() for word in letters):
        yield Finding(
            "title-place",
            Level.HINT,
            "Every word of the title has a capital",
            "Keep capitals for names.",
            whole,
        )


def summary(page: Page) -> Iterator[Finding]:
    """A service page needs a lead: search results and the pages above it show it."""
    if page.summary.strip():
        return
    level = Level.ERROR if page.kind is Kind.SERVICE_PAGE else Level.WARN
    yield Finding(
        "summary",
        level,
        "The lead is missing",
        "Say in one sentence what people can do here.",
        Place(SUMMARY),
    )


def summary_wording(page: Page) -> Iterator[Finding]:
    """A lead is one or two short sentences that add to the title."""
    text = page.summary.strip()
    if not text:
        return
    whole = Place(SUMMARY, 0, len(page.summary))
    if len(text) > SUMMARY_LONG:
        yield Finding(
            "summary-wording",
            Level.WARN,
            f"The lead has {len(text)} characters",
            f"Keep it under {SUMMARY_LONG}, so that it is shown whole.",
            whole,
        )
    if text[-1] not in ".?!":
        yield Finding(
            "summary-wording",
            Level.HINT,
            "The lead has no full stop",
            "",
            whole,
            Fix("Add it", whole, f"{text}."),
        )
    if text.rstrip(".").casefold() == page.title.strip().rstrip(".").casefold():
        yield Finding(
            "summary-wording", Level.WARN, "The lead repeats the title", "Say what comes next.", whole
        )
    if text.casefold().startswith(("this page", "on this page", "this section")):
        yield Finding(
            "summary-wording", Level.WARN, "The lead speaks about the page", "Speak about the task.", whole
        )


def body(page: Page) -> Iterator[Finding]:
    """A page says something."""
    if not any(block.plain.strip() or block.table or block.picture for block in page.blocks):
        first = page.blocks[0].id if page.blocks else SUMMARY
        yield Finding("body", Level.ERROR, "The page is empty", "Write what people need to do.", Place(first))


def _headings(page: Page) -> list[Block]:
    return [block for block in page.blocks if block.level]


def heading_order(page: Page) -> Iterator[Finding]:
    """Headings begin at level 2 (the title is level 1) and never skip a level on the way down."""
    level = 1
    for block in _headings(page):
        if block.level > level + 1:
            text = block.plain.strip() or "without words"
            kind = _BY_LEVEL[level + 1]
            yield Finding(
                "heading-order",
                Level.ERROR,
                f"The heading “{text}” skips a level",
                f"It is a heading {block.level}; here a heading {level + 1} belongs.",
                Place(block.id, 0, len(block.plain)),
                Fix(f"Make it heading {level + 1}", Place(block.id), kind=kind),
            )
            level += 1
        else:
            level = block.level


def heading_words(page: Page) -> Iterator[Finding]:
    """Headings have words, not too many, and never the same ones twice."""
    seen: set[str] = set()
    for block in _headings(page):
        text, whole = block.plain.strip(), Place(block.id, 0, len(block.plain))
        if not text:
            yield Finding(
                "heading-words",
                Level.ERROR,
                "A heading has no words",
                "Write it, or make it plain text.",
                whole,
                Fix("Make it text", whole, kind=BlockKind.PARAGRAPH),
            )
            continue
        if len(text) > TITLE_LONG:
            yield Finding(
                "heading-words", Level.WARN, f"A heading has {len(text)} characters", "Shorten it.", whole
            )
        if text.casefold() in seen:
            yield Finding(
                "heading-words",
                Level.WARN,
                f"Two headings say “{text}”",
                "People who jump by headings cannot tell them apart.",
                whole,
            )
        seen.add(text.casefold())


def fake_headings(page: Page) -> Iterator[Finding]:
    """A short paragraph that is all bold wants to be a heading."""
    level = 1
    for block in page.blocks:
        level = block.level or level
        text = block.plain.strip()
        if block.kind is not BlockKind.PARAGRAPH or not text or text[-1] in ".?!:":
            continue
        if len(text.split()) < 12 and all(run.bold or not run.text.strip() for run in block.runs):
            kind = _BY_LEVEL[min(4, max(2, level))]
            yield Finding(
                "heading-fake",
                Level.WARN,
                f"“{text}” looks like a heading",
                "Bold text is no heading for a screen reader.",
                Place(block.id, 0, len(block.plain)),
                Fix("Make it a heading", Place(block.id), inline.plainly(block.plain), kind),
            )


def pictures(page: Page) -> Iterator[Finding]:
    """Every picture is told in words, for people who do not see it."""
    for block in page.blocks:
        if block.kind is not BlockKind.IMAGE:
            continue
        alt, whole = block.alt.strip(), Place(block.id)
        if not alt:
            yield Finding(
                "picture",
                Level.ERROR,
                "A picture is not told in words",
                "Say what it shows that matters here.",
                whole,
            )
        elif _FILE_NAME.match(alt):
            yield Finding(
                "picture",
                Level.ERROR,
                "A picture is told by its file name",
                "Say what it shows that matters here.",
                whole,
            )
        elif len(alt) > ALT_LONG:
            yield Finding(
                "picture",
                Level.WARN,
                f"A picture’s words have {len(alt)} characters",
                f"Keep them under {ALT_LONG}, or say it in the text.",
                whole,
            )
        elif start := _PICTURE_OF.match(alt):
            better = _upper_first(alt[start.end() :])
            yield Finding(
                "picture",
                Level.HINT,
                f"A picture’s words begin “{start.group().strip()}”",
                "A screen reader says that it is a picture.",
                whole,
                Fix("Take it away", whole, better),
            )


def tables(page: Page) -> Iterator[Finding]:
    """The first row of a table names its columns."""
    for block in page.blocks:
        table = block.table
        if block.kind is not BlockKind.TABLE or table is None:
            continue
        if not any(cell.strip() for row in table.rows for cell in row):
            yield Finding("table", Level.ERROR, "A table is empty", "Fill it or delete it.", Place(block.id))
        elif not all(cell.strip() for cell in table.rows[0]):
            yield Finding(
                "table",
                Level.ERROR,
                "A column of a table has no name",
                "Write it in the first row.",
                Place(block.id),
            )


def contact(page: Page) -> Iterator[Finding]:
    """Somebody answers for every page."""
    if not page.contact_name.strip():
        yield Finding(
            "contact",
            Level.ERROR,
            "Nobody looks after this page",
            "Name the service contact.",
            act="contact",
        )


def steps(page: Page) -> Iterator[Finding]:
    """A step by step has at least two steps, and each says something."""
    if page.kind is not Kind.STEP_BY_STEP:
        return
    places = [n for n, block in enumerate(page.blocks) if block.kind is BlockKind.HEADING2]
    if len(places) < 2:
        where = Place(page.blocks[-1].id) if page.blocks else None
        yield Finding(
            "steps",
            Level.ERROR,
            "A step by step needs two steps or more",
            "Each heading 2 begins a step.",
            where,
        )
    for start, end in pairwise([*places, len(page.blocks)]):
        if not any(block.plain.strip() or block.table for block in page.blocks[start + 1 : end]):
            heading = page.blocks[start]
            yield Finding(
                "steps",
                Level.ERROR,
                f"The step “{heading.plain}” says nothing",
                "Write what to do.",
                Place(heading.id, 0, len(heading.plain)),
            )


def news_day(page: Page) -> Iterator[Finding]:
    """News has a day."""
    if page.kind is Kind.NEWS_ARTICLE and page.news_on is None:
        yield Finding(
            "news-day", Level.ERROR, "The article has no date", "Say when it is news.", act="news-day"
        )


def apply(page: Page, fix: Fix) -> tuple[str | None, str | None, Block | None]:
    """What a fix makes of its place: (new title, new summary, new block), None for what stays."""
    where = fix.where
    if where.block_id == TITLE and fix.text is not None:
        return page.title[: where.start] + fix.text + page.title[where.end :], None, None
    if where.block_id == SUMMARY and fix.text is not None:
        return None, page.summary[: where.start] + fix.text + page.summary[where.end :], None
    block = page.block(where.block_id)
    if block is None:
        return None, None, None
    if fix.kind is not None:
        block = replace(block, kind=fix.kind, text=block.text if fix.text is None else fix.text)
    elif fix.text is not None and block.kind is BlockKind.IMAGE:
        block = replace(block, alt=fix.text)
    elif fix.text is not None:
        block = replace(block, text=inline.write(inline.put(block.runs, where.start, where.end, fix.text)))
    return None, None, block
