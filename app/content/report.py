"""The paper for sign-off: a page as it will read, what was checked, where its links lead, lines to sign."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from app import report as paper
from app.content import overview, rules, service
from app.content.blocks import LISTS, Block, Page
from app.content.templates import NAMES, STATE_NAMES
from app.errors import NotFound
from app.report import Column, Document, Report
from app.wording import date_year, local_date, plural
from models import blobs
from models.content import BlockKind, Kind

if TYPE_CHECKING:
    from app.context import Context

HUE = "#1F5FA8"


def sign_off(context: Context, options: dict[str, str]) -> Document:
    """A page for sign-off. Option `id` names it; without one it is the page sent last, or written last."""
    page_id = options.get("id") or context.read(service.newest)
    if page_id is None:
        raise NotFound("There is no page to print yet.", "Begin one on the Content tab.")
    page = context.read(lambda session: service.load(session, page_id))
    names = [block.picture.sha256 for block in page.blocks if block.picture]
    files = context.read(lambda session: {name: blobs.look(session, name)[0] for name in names})
    return document(page, context, files)


def document(page: Page, context: Context, files: dict[str, bytes | None]) -> Document:
    """The paper of a page; `files` holds the bytes of its pictures by SHA-256."""
    checked = rules.check(page)
    kind, council = NAMES[page.kind], context.council
    address = f"{council.website}/{page.path}" if page.path else "not chosen yet"
    blocks: list[paper.Block] = [paper.Facts(_facts(page, context, address))]
    if page.summary:
        blocks.append(paper.Text(page.summary, lead="Lead: "))
    blocks += _body(page, files)
    blocks += _links(page)
    blocks.append(paper.Heading("What Holdall checked"))
    blocks += _checks(checked)
    blocks.append(paper.Heading("Sign-off"))
    blocks.append(
        paper.Text("Tick one: publish as it is, publish with the changes written here, or send back.")
    )
    blocks.append(
        paper.Signature([("Written by", page.author_name), ("Read and agreed by", ""), ("Date", "")])
    )
    return Document(
        title=page.title or service.NO_TITLE,
        made_on=context.today(),
        blocks=tuple(blocks),
        subtitle=f"{kind} for sign-off, {STATE_NAMES[page.state].lower()}",
        council=council.name,
        telephone=council.telephone,
        reference=f"{kind} {page.id[-6:]}",
        hue=HUE,
        lang="cy" if page.language == "cy" else "en-GB",
        author=page.author_name,
    )


def _facts(page: Page, context: Context, address: str) -> list[tuple[str, str]]:
    changed = page.edited_at and overview.day_of(page.edited_at, context.today())
    facts = [
        ("Address", address),
        ("Written by", page.author_name),
        ("Looked after by", " ".join(filter(None, (page.contact_name, page.contact_phone))) or "nobody yet"),
    ]
    if page.kind is Kind.NEWS_ARTICLE and page.news_on:
        facts.append(("Day of the news", date_year(page.news_on)))
    if page.edited_at and changed:
        facts.append(("Last changed", date_year(local_date(page.edited_at))))
    if page.review_on:
        facts.append(("Next review", date_year(page.review_on)))
    return facts


def _body(page: Page, files: dict[str, bytes | None]) -> Iterator[paper.Block]:
    step = 0
    for kind, group in groupby(page.blocks, key=lambda block: block.kind):
        members = [b for b in group if b.plain.strip() or b.table or b.picture]
        if kind in LISTS and members:
            yield paper.Bullets([b.plain for b in members], numbered=kind is BlockKind.NUMBER)
            continue
        for block in members:
            if kind is BlockKind.HEADING2 and page.kind is Kind.STEP_BY_STEP:
                step += 1
                yield paper.Heading(f"Step {step}: {block.plain}")
            else:
                yield _one(block, files)


def _one(block: Block, files: dict[str, bytes | None]) -> paper.Block:
    if block.level:
        return paper.Heading(block.plain, min(3, block.level))
    if block.kind is BlockKind.NOTE:
        first, _, rest = block.plain.partition("\n")
        return paper.Note(first if rest else "Note", rest or first)
    if block.kind is BlockKind.QUOTE:
        return paper.Note("Quote", block.plain)
    if block.table:
        columns = [Column(cell or "(no name)") for cell in block.table.rows[0]]
        return paper.Table(columns, block.table.rows[1:], caption=block.table.caption)
    if block.picture:
        data = files.get(block.picture.sha256)
        words = block.alt or "not told in words yet"
        if data and block.picture.mime in ("image/png", "image/jpeg"):
            return paper.Picture(data, words, caption=f"In words: {words}")
        return paper.Text(words, lead=f"Picture {block.picture.name}: ")
    return paper.Text(block.plain)


def _links(page: Page) -> Iterator[paper.Block]:
    rows = []
    for block in page.blocks:
        for href, runs in groupby(block.runs, key=lambda run: run.href):
            words = "".join(run.text for run in runs)
            if href:
                rows.append([words, href])
    if rows:
        yield paper.Heading("Where the links lead")
        yield paper.Table([Column("Words on the page"), Column("Address", width=1.6)], rows)


def _checks(checked: rules.Checked) -> Iterator[paper.Block]:
    age = "not worked out" if checked.age is None else f"{checked.age} (9 or less is the aim)"
    yield paper.Text(f"{plural(checked.words, 'word')}. Reading age: {age}.")
    if checked.findings:
        yield paper.Bullets(
            [" ".join(filter(None, (f"{f.title}.", f.advice))) for f in checked.findings[:12]]
        )
    yield paper.Text(f"{plural(checked.fine, 'check is', 'checks are')} fine.", tone="muted")


REPORTS: tuple[Report, ...] = (Report("content-sign-off", "Page for sign-off", sign_off),)
