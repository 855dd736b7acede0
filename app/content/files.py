"""What goes out and comes in as HTML: clean HTML for the website, and what people paste from Word or the web.

Out: only what a council site's editor keeps (LocalGov Drupal's rich text format), written by our own
serialiser and then put through nh3, which must find nothing to take away. In: our own reader; it never fails,
and says what it left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from itertools import groupby

from app.content import inline
from app.content.blocks import LISTS, Block, Page, Table
from app.content.inline import Run
from app.content.text_rules import SCHEMES
from app.errors import HoldallError
from models.content import BlockKind
from models.ids import new_id
from models.types import clean_text

PASTE_LIMIT = 200_000  # characters of a paste; a page of 5,000 words has about 30,000
TAGS = frozenset(
    (
        "p",
        "h2",
        "h3",
        "h4",
        "ul",
        "ol",
        "li",
        "blockquote",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    )
) | {"a", "strong", "em", "img"}
ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}, "p": {"class"}}
_NOTE_CLASS = "callout callout-primary"


# Out


def to_html(page: Page) -> str:
    """The body of a page as clean HTML: no title (the site has its own field for it), no lead."""
    return blocks_to_html(page.blocks)


def blocks_to_html(blocks: Sequence[Block]) -> str:
    """Blocks as clean HTML."""
    import nh3

    written = "\n".join(_outside(blocks))
    return nh3.clean(written, tags=set(TAGS), attributes=ATTRIBUTES, url_schemes=set(SCHEMES), link_rel=None)


def _outside(blocks: Sequence[Block]) -> list[str]:
    out: list[str] = []
    for kind, group in groupby(blocks, key=lambda block: block.kind):
        members = [block for block in group if _says_something(block)]
        if not members:
            continue
        if kind in LISTS:
            tag = "ul" if kind is BlockKind.BULLET else "ol"
            items = "\n".join(f"<li>{_words(block.runs)}</li>" for block in members)
            out.append(f"<{tag}>\n{items}\n</{tag}>")
        elif kind is BlockKind.QUOTE:
            inner = "\n".join(f"<p>{_words(block.runs)}</p>" for block in members)
            out.append(f"<blockquote>\n{inner}\n</blockquote>")
        else:
            out += [_one(block) for block in members]
    return out


def _says_something(block: Block) -> bool:
    return bool(block.plain.strip() or block.table or block.picture)


def _one(block: Block) -> str:
    if block.level:
        return f"<h{block.level}>{escape(block.plain.strip(), quote=False)}</h{block.level}>"
    if block.kind is BlockKind.TABLE and block.table:
        return _table(block.table)
    if block.kind is BlockKind.IMAGE and block.picture:
        return f'<p><img src="{escape(block.picture.name)}" alt="{escape(block.alt)}"></p>'
    if block.kind is BlockKind.NOTE:
        return f'<p class="{_NOTE_CLASS}">{_words(_one_line(block.runs))}</p>'
    return f"<p>{_words(block.runs)}</p>"


def _one_line(runs: inline.Runs) -> inline.Runs:
    """A note's lines on one line: sites take no line breaks, so each line ends like a sentence."""
    text = "".join(run.text for run in runs)
    for found in reversed(list(re.finditer(r"\n+", text))):
        before = text[: found.start()].rstrip()
        runs = inline.put(runs, found.start(), found.end(), " " if before[-1:] in ".:?!" else ": ")
    return runs


def _words(runs: Sequence[Run]) -> str:
    """Runs as HTML: a link around its looks; neighbouring runs of one link are one link."""
    out: list[str] = []
    for href, group in groupby(inline.joined(runs), key=lambda run: run.href):
        inner = "".join(_look(run) for run in group)
        out.append(f'<a href="{escape(href)}">{inner}</a>' if href else inner)
    return "".join(out).replace("\n", " ").strip()


def _look(run: Run) -> str:
    text = escape(run.text, quote=False).replace("\u00a0", " ")
    if run.italic:
        text = f"<em>{text}</em>"
    return f"<strong>{text}</strong>" if run.bold else text


def _table(table: Table) -> str:
    def row(cells: Sequence[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(cell, quote=False)}</{tag}>" for cell in cells) + "</tr>"

    caption = f"<caption>{escape(table.caption, quote=False)}</caption>" if table.caption else ""
    inner = "\n".join(row(cells, "td") for cells in table.rows[1:])
    return f"<table>{caption}<thead>{row(table.rows[0], 'th')}</thead>\n<tbody>\n{inner}\n</tbody></table>"


def to_text(blocks: Sequence[Block]) -> str:
    """Blocks as plain text, for the clipboard."""
    out = []
    for block in blocks:
        if block.table:
            out.append("\n".join("\t".join(row) for row in block.table.rows))
        elif block.kind is BlockKind.IMAGE:
            out.append(block.alt)
        else:
            out.append(("• " if block.kind is BlockKind.BULLET else "") + block.plain)
    return "\n".join(out)


# In

# Word's conditions and other declarations say nothing to a reader, and a broken one stops Python's parser.
_DECLARATION = re.compile(r"<!(?!--)[^>]*>?")


@dataclass
class Pasted:
    """What a paste became, and a sentence for each thing that was left out."""

    blocks: list[Block] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def accept_text(text: str) -> str:
    """Text as a page may take it; raises HoldallError for far too much of it, a NUL or half a character."""
    if len(text) > PASTE_LIMIT:
        raise HoldallError(
            f"That is {len(text):,} characters; a page takes at most {PASTE_LIMIT:,} at once.",
            "Your page is as it was. Paste the part you need, or make several pages of it.",
        )
    return clean_text(text.replace("\r\n", "\n").replace("\r", "\n"), PASTE_LIMIT)


def from_text(text: str) -> Pasted:
    """Plain text as blocks: a line is a paragraph, a line that begins with a bullet or a number a list item,
    lines with tabs a table. Raises HoldallError as `accept_text` does."""
    out = Pasted()
    lines = [_tidy(line) for line in accept_text(text).split("\n")]
    for tabbed, group in groupby((line for line in lines if line.strip()), key=lambda line: "\t" in line):
        members = list(group)
        if tabbed and len(members) > 1:
            rows = [[cell.strip() for cell in line.split("\t")] for line in members]
            out.blocks.append(Block(new_id(), BlockKind.TABLE, table=Table.of(rows)))
            continue
        for line in members:
            kind, words = _by_marker(line.replace("\t", " ").strip())
            out.blocks.append(Block(new_id(), kind, inline.plainly(words)))
    return out


def _by_marker(line: str) -> tuple[BlockKind, str]:
    if found := re.match(r"[•·●▪◦\-–*]\s+", line):
        return BlockKind.BULLET, line[found.end() :]
    if found := re.match(r"\d{1,2}[.)]\s+", line):
        return BlockKind.NUMBER, line[found.end() :]
    return BlockKind.PARAGRAPH, line


def _tidy(text: str) -> str:
    """Text without what Word leaves behind: soft hyphens, zero-width signs, hard spaces."""
    text = re.sub("[\u00ad\u200b\u200c\u200d\u2060\ufeff]", "", text)
    return text.replace("\u00a0", " ").replace("\u2007", " ").replace("\u202f", " ")


def from_html(html: str) -> Pasted:
    """Pasted HTML as blocks of ours: headings from 2 to 4, lists (Word's too), tables, bold, italics, links.

    Raises HoldallError as `accept_text` does, for the words that people see; mark-up may be ten times that.
    """
    if len(html) > PASTE_LIMIT * 10:
        accept_text(html)
    reader = _Reader()
    reader.feed(_DECLARATION.sub("", clean_text(html, PASTE_LIMIT * 10)))
    reader.close()
    reader.end_block()
    total = sum(len(block.text) for block in reader.out.blocks)
    if total > PASTE_LIMIT:
        accept_text("x" * total)
    if reader.pictures:
        many = f"{reader.pictures} pictures were" if reader.pictures > 1 else "A picture was"
        reader.out.notes.append(f"{many} left out: add each with its description.")
    if reader.bad_links:
        many = f"{reader.bad_links} links were" if reader.bad_links > 1 else "A link was"
        reader.out.notes.append(f"{many} left out: they lead to a laptop or a program, not to the web.")
    return reader.out


_BLOCK_TAGS = {
    "p": BlockKind.PARAGRAPH,
    "div": BlockKind.PARAGRAPH,
    "pre": BlockKind.PARAGRAPH,
    "dt": BlockKind.PARAGRAPH,
    "dd": BlockKind.PARAGRAPH,
    "section": BlockKind.PARAGRAPH,
    "article": BlockKind.PARAGRAPH,
    "h1": BlockKind.HEADING2,
    "h2": BlockKind.HEADING2,
    "h3": BlockKind.HEADING3,
    "h4": BlockKind.HEADING4,
    "h5": BlockKind.HEADING4,
    "h6": BlockKind.HEADING4,
    "blockquote": BlockKind.QUOTE,
}
_SILENT = frozenset({"style", "script", "head", "title", "xml", "template", "object", "noscript"})
_VOID = frozenset({"br", "img", "hr", "meta", "link", "input", "col", "wbr"})
_NUMBERED = re.compile(r"^\(?(\d+|[a-z]|[ivx]+)[.)]", re.IGNORECASE)


class _Reader(HTMLParser):
    """Reads any HTML into blocks; wrong nesting and unknown tags do no harm."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out = Pasted()
        self.pictures = self.bad_links = 0
        self._kind = BlockKind.PARAGRAPH
        self._runs: list[Run] = []
        self._looks: list[tuple[str, bool | None, bool | None, str | None]] = []
        self._lists: list[BlockKind] = []
        self._silent = 0
        self._quote = 0
        self._marker: list[str] | None = None
        self._marker_depth = 0
        self._word_list = False
        self._rows: list[list[str]] | None = None
        self._cell: list[str] | None = None

    # Tags

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _SILENT:
            self._silent += 1
        if self._silent:
            return
        style = given.get("style", "").replace(" ", "").lower()
        if self._marker is not None and tag not in _VOID:
            self._marker_depth += 1
        elif "mso-list:ignore" in style:
            self._marker, self._marker_depth = [], 1
        if tag == "img":
            self.pictures += 1
        elif tag == "br":
            self._break()
        elif tag == "table":
            self._open_table()
        elif self._rows is not None:
            self._table_tag(tag)
        else:
            self._open_block(tag, given, style)
        if tag not in _VOID:
            self._looks.append((tag, *self._look(tag, given, style)))

    def _open_block(self, tag: str, given: dict[str, str], style: str) -> None:
        if tag in ("ul", "ol"):
            self.end_block()
            self._lists.append(BlockKind.BULLET if tag == "ul" else BlockKind.NUMBER)
        elif tag == "li":
            self.end_block()
            self._kind = self._lists[-1] if self._lists else BlockKind.BULLET
        elif tag in _BLOCK_TAGS:
            if not (self._kind in LISTS and not self._runs and self._lists):
                self.end_block()
                self._kind = BlockKind.QUOTE if self._quote else _BLOCK_TAGS[tag]
            self._quote += tag == "blockquote"
            self._word_list = "mso-list:l" in style or "MsoListParagraph" in given.get("class", "")
            heading = re.search(r"mso-outline-level:(\d)|MsoHeading(\d)", style)
            if heading and self._kind is BlockKind.PARAGRAPH:
                level = int(heading.group(1) or heading.group(2))
                self._kind = _BLOCK_TAGS[f"h{min(6, max(1, level))}"]

    def _look(
        self, tag: str, given: dict[str, str], style: str
    ) -> tuple[bool | None, bool | None, str | None]:
        """Bold, italic and address that a tag turns on or off; None leaves them as they are."""
        weight = re.search(r"font-weight:(\w+)", style)
        bold: bool | None = True if tag in ("b", "strong") else None
        if weight:
            bold = weight.group(1) in ("bold", "bolder", "600", "700", "800", "900")
        italic: bool | None = True if tag in ("i", "em", "cite") or "font-style:italic" in style else None
        if "font-style:normal" in style:
            italic = False
        if tag != "a" or not given.get("href") or given["href"].startswith("#"):
            return bold, italic, None
        href = given["href"].strip()
        scheme = re.match(r"([a-z][a-z0-9+.-]*):", href, re.IGNORECASE)
        if scheme and scheme.group(1).lower() not in SCHEMES:
            self.bad_links += 1
            return bold, italic, None
        return bold, italic, href

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
            return
        if self._silent:
            return
        if self._marker is not None and tag not in _VOID:
            self._marker_depth -= 1
            if self._marker_depth <= 0:
                self._end_marker()
        for n in range(len(self._looks) - 1, -1, -1):
            if self._looks[n][0] == tag:
                del self._looks[n]
                break
        if tag == "table":
            self._close_table()
        elif self._rows is not None:
            if tag in ("td", "th"):
                self._end_cell()
        elif tag in ("ul", "ol"):
            self.end_block()
            if self._lists:
                self._lists.pop()
        elif tag == "li" or tag in _BLOCK_TAGS:
            self.end_block()
            self._quote = max(0, self._quote - (tag == "blockquote"))

    def _break(self) -> None:
        if self._cell is not None:
            self._cell.append(" ")
            return
        kind = self._kind
        if any(run.text.strip() for run in self._runs):
            self.end_block()
            self._kind = kind

    # Word's list markers stand in the text, between two comments

    def _end_marker(self) -> None:
        text = "".join(self._marker or []).strip()
        self._marker = None
        self._kind = BlockKind.NUMBER if _NUMBERED.match(text) else BlockKind.BULLET

    # Tables

    def _open_table(self) -> None:
        if self._rows is None:
            self.end_block()
            self._rows = []

    def _table_tag(self, tag: str) -> None:
        rows = self._rows if self._rows is not None else []
        if tag == "tr":
            self._end_cell()
            rows.append([])
        elif tag in ("td", "th"):
            self._end_cell()
            if not rows:
                rows.append([])
            self._cell = []
        elif tag in _BLOCK_TAGS and self._cell:
            self._cell.append(" ")

    def _end_cell(self) -> None:
        if self._cell is not None and self._rows is not None:
            self._rows[-1].append(" ".join("".join(self._cell).split()))
        self._cell = None

    def _close_table(self) -> None:
        self._end_cell()
        rows = [row for row in self._rows or [] if any(row)]
        self._rows = None
        if len(rows) == 1 and len(rows[0]) == 1:  # a table used as a frame
            self.out.blocks.append(Block(new_id(), BlockKind.PARAGRAPH, inline.plainly(rows[0][0])))
        elif rows:
            self.out.blocks.append(Block(new_id(), BlockKind.TABLE, table=Table.of(rows)))

    # Words

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        text = _tidy(data)
        if self._marker is not None:
            self._marker.append(text)
        elif self._cell is not None:
            self._cell.append(text)
        elif self._rows is None:
            bold = next((look[1] for look in reversed(self._looks) if look[1] is not None), False)
            italic = next((look[2] for look in reversed(self._looks) if look[2] is not None), False)
            href = next((look[3] for look in reversed(self._looks) if look[3]), "")
            self._runs.append(Run(re.sub(r"\s+", " ", text), bool(bold), bool(italic), href or ""))

    def end_block(self) -> None:
        """Ends the block being read; one without words leaves nothing."""
        runs = _trimmed(self._runs)
        if runs:
            kind = self._kind
            words = "".join(run.text for run in runs)
            if self._word_list and kind is BlockKind.PARAGRAPH:
                kind, rest = _by_marker(words)
                runs = inline.cut(runs, len(words) - len(rest), len(words))
            if kind in (BlockKind.HEADING2, BlockKind.HEADING3, BlockKind.HEADING4):
                runs = (Run(words),)
            self.out.blocks.append(Block(new_id(), kind, inline.write(runs)))
        self._runs = []
        self._kind = BlockKind.QUOTE if self._quote else BlockKind.PARAGRAPH
        self._word_list = False


def _trimmed(runs: Sequence[Run]) -> inline.Runs:
    """Runs without spaces around and without two spaces in a row."""
    text = "".join(run.text for run in runs)
    out = inline.joined(runs)
    for found in reversed(list(re.finditer(r" {2,}", text))):
        out = inline.put(out, found.start(), found.end(), " ")
    text = "".join(run.text for run in out)
    return inline.cut(out, len(text) - len(text.lstrip()), len(text.rstrip()))
