"""MT940 statements read by our own parser: every line kept, reversals signed right, no silent repairs.

Signs of the :61: mark: C and RD are money in, D and RC are money out (RC takes a credit back).
EC and ED are movements the bank only expects; they are named as problems, never counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from app.income.amounts import BadAmount, pence_from_mt940
from app.income.reading import BadRow, Balance, Control, LineRead, NotAStatement, StatementRead

FORMAT = "MT940"

_TAG = re.compile(
    r"^[^\S\n]*:(13D?|20|21|25P?|28C?|34F|60[FM]?|61|62[FM]?|64|65|86|90[CD]|NS|940|942):", re.MULTILINE
)
_BLOCK = re.compile(r"\{[1235]:[^{}]*(?:\{[^{}]*\}[^{}]*)*\}|\{4:\s*|^-\}.*$", re.MULTILINE)
_END = re.compile(r"^-[\s\x03}]*(?:XXX)?\s*$", re.MULTILINE)
_SPLIT_TAG = re.compile(r"\n:\n(\d\d[A-Z]?:)")
_LINE = re.compile(
    r"(?P<value>\d{6})(?P<entry>\d{4})?(?P<mark>R[CD]|E[CD]|[CD])(?P<funds>[A-Z])?[ \n]?"
    r"(?P<amount>[\d,]{1,18})(?P<type>[A-Z][A-Z0-9 ]{3})?(?P<rest>[^\n]*)(?:\n(?P<more>.*))?",
    re.DOTALL | re.ASCII,
)
_BALANCE = re.compile(r"([CD])(\d{6})([A-Z]{3})?([\d,]{1,24})\s*", re.ASCII)
_SUM = re.compile(r"([0-9]{1,5})[A-Z]{3}([0-9,]{1,18})")
_STRUCTURED = re.compile(r"\s*\d{3}([?>])\d\d")
_SIGNS = {"C": 1, "RD": 1, "D": -1, "RC": -1}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad]")
_WIDTH_OF_86 = 65

# one :61: before its words arrive, in the order of LineRead's fields, the last being what stood beside it
_Movement = tuple[int, date, date | None, int, str, str, str, str, str]


@dataclass
class _Page:
    """One statement page while its tags arrive."""

    reference: str = ""
    account: str = ""
    number: str = ""
    opening: Balance | None = None
    closing: Balance | None = None
    lines: list[_Movement] = field(default_factory=list)
    words: list[list[tuple[str, str]]] = field(default_factory=list)
    problems: list[BadRow] = field(default_factory=list)
    remarks: list[BadRow] = field(default_factory=list)
    stated: list[tuple[str, int, int]] = field(default_factory=list)  # C or D, how many, how much
    interim: bool = False
    ended: bool = False
    touched: bool = False
    # whether the next :86: speaks of the last movement; after a balance it speaks of the whole statement
    in_line: bool = False


def looks_like(head: str) -> bool:
    """Say whether a text holds at least one balance, movement or account tag at the start of a line."""
    return any(match[1] not in {"86", "NS", "940", "942"} for match in _TAG.finditer(head))


def variant(text: str) -> str:
    """Return MT942 for a text whose pages are all interim reports, else MT940."""
    return "MT942" if "\n:34F:" in text and ":60" not in text else FORMAT


def read(name: str, text: str, tick: Callable[[int, int], None] | None = None) -> tuple[StatementRead, ...]:
    """Return the statements of a file, its pages joined; raises NotAStatement when it holds nothing."""
    statements = join_pages(read_pages(text, tick))
    if not any(s.lines or s.opening or s.closing or s.problems for s in statements):
        raise NotAStatement(
            f"“{name}” has no balance and no line in it.",
            "Ask the bank’s site for it again. Nothing was imported.",
        )
    return statements


def read_pages(text: str, tick: Callable[[int, int], None] | None = None) -> tuple[StatementRead, ...]:
    """Return every page of an MT940 or MT942 text, in the order of the file.

    `tick(done, total)` is called now and then with lines of the file; it may raise to stop the reading.
    Lines that cannot be read become problems that name their line in the file.
    """
    pages: list[StatementRead] = []
    page = _Page()
    total = text.count("\n") + 1
    for index, (tag, body, line) in enumerate(_tags(text)):
        if tick is not None and index % 2000 == 0:
            tick(line, total)
        if _starts_new_page(page, tag):
            _finish(page, pages)
            page = _Page()
        _take(page, tag, body, line)
    _finish(page, pages)
    return tuple(pages)


def join_pages(pages: tuple[StatementRead, ...]) -> tuple[StatementRead, ...]:
    """Return statements: pages chained by an intermediate closing and the same intermediate opening are one.

    A page that should continue another but starts at a different balance stays apart with a problem.
    """
    joined: list[StatementRead] = []
    for page in pages:
        last = joined[-1] if joined else None
        if last is not None and _continues(last, page):
            joined[-1] = StatementRead(
                last.reference,
                last.account,
                last.number,
                last.page,
                last.currency or page.currency,
                last.opening,
                page.closing,
                (*last.lines, *page.lines),
                last.problems + page.problems,
                last.interim or page.interim,
                controls=last.controls + page.controls,
                remarks=last.remarks + page.remarks,
                pages=(*(last.pages or (last,)), page),
            )
        else:
            joined.append(page)
    return tuple(joined)


def _continues(last: StatementRead, page: StatementRead) -> bool:
    return (
        last.account == page.account
        and last.closing is not None
        and page.opening is not None
        and last.closing.intermediate
        and page.opening.intermediate
        and last.closing.pence == page.opening.pence
    )


def _tags(text: str) -> Iterator[tuple[str, str, int]]:
    """Yield (tag, body, line in the file) for each field; envelope blocks and page ends are cut away."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "{" in text:
        text = _BLOCK.sub(lambda found: "\n" * found[0].count("\n"), text)
    if "\n:\n" in text:
        text = _SPLIT_TAG.sub(r"\n:\1", text)
    found = list(_TAG.finditer(text))
    line, seen = 1, 0
    for index, match in enumerate(found):
        stop = found[index + 1].start() if index + 1 < len(found) else len(text)
        line += text.count("\n", seen, match.start())
        seen = match.start()
        body = text[match.end() : stop]
        ending = _END.search(body) if "\n-" in body else None
        if ending is not None:
            yield match[1], body[: ending.start()].strip("\n\x01\x03"), line
            yield "-", "", line
        else:
            yield match[1], body.strip("\n\x01\x03"), line


def _starts_new_page(page: _Page, tag: str) -> bool:
    if not page.touched:
        return False
    if page.ended or tag == "20":
        return True
    if page.closing is not None and tag.startswith(("25", "28", "60", "13")):
        return True
    return tag.startswith("60") and page.opening is not None


def _take(page: _Page, tag: str, body: str, line: int) -> None:
    """Put one field where it belongs on its page."""
    if tag == "-":
        page.ended = page.touched
        return
    page.touched = page.touched or tag not in {"940", "942"}
    if tag == "20":
        page.reference = body.strip()[:35]
    elif tag.startswith("25"):
        if page.account:
            _add_words(page, "86", body)  # a damaged :86: whose digits were changed
        else:
            page.account = " ".join(body.split())[:64]
    elif tag.startswith("28"):
        page.number = body.strip()[:20]
    elif tag.startswith("60"):
        page.opening = _balance(page, body, line, "opening", tag.endswith("M"))
    elif tag.startswith("62"):
        page.closing = _balance(page, body, line, "closing", tag.endswith("M"))
        page.in_line = False
    elif tag == "61":
        _take_line(page, body, line)
    elif tag in {"86", "NS"}:
        _add_words(page, tag, body)
    elif tag in {"34F", "90C", "90D"}:
        page.interim = page.opening is None
        if tag != "34F":
            _take_sum(page, tag[-1], body, line)


def _take_sum(page: _Page, mark: str, body: str, line: int) -> None:
    """Take the count and sum of an interim report's debits (:90D:) or credits (:90C:)."""
    match = _SUM.fullmatch(body.strip())
    try:
        if match is None:
            raise BadAmount(f"“{body.strip()[:24]}” is not a count and a sum")
        page.stated.append((mark, int(match[1]), pence_from_mt940(match[2])))
    except BadAmount as error:
        page.problems.append(BadRow(line, str(error)))


def _controls(page: _Page) -> tuple[Control, ...]:
    """Return the counts and sums of an interim report held against its movements."""
    made = []
    for mark, count, total in page.stated:
        found = [abs(line[3]) for line in page.lines if (line[3] < 0) == (mark == "D")]
        what = "debits" if mark == "D" else "credits"
        made.append(Control(f"number of {what}", count, len(found), "rows"))
        made.append(Control(f"sum of {what}", total, sum(found)))
    return tuple(made)


def _add_words(page: _Page, tag: str, body: str) -> None:
    """Add words to the movement they follow; after a balance they speak of the whole statement."""
    if page.in_line:
        page.words[-1].append((tag, body))


def _balance(page: _Page, body: str, line: int, which: str, intermediate: bool) -> Balance | None:
    match = _BALANCE.fullmatch(body.split("\n", maxsplit=1)[0].strip() + " ") if body else None
    try:
        if match is None:
            raise BadAmount(f"“{body.strip()[:24]}” is not a balance")
        day = _short_date(match[2])
        if day is None:
            raise BadAmount(f"{match[2]} is not a day")
        pence = pence_from_mt940(match[4])
    except BadAmount as error:
        page.problems.append(BadRow(line, f"the {which} balance cannot be read, {error}"))
        return None
    return Balance(pence if match[1] == "C" else -pence, day, match[3] or "", intermediate)


def _take_line(page: _Page, body: str, line: int) -> None:
    """Read one :61: movement, or note why it cannot be read."""
    page.in_line = False
    match = _LINE.match(body)
    if match is None:
        page.problems.append(BadRow(line, f"“{body[:30]}” is not a movement"))
        return
    if match["mark"] in {"EC", "ED"}:
        page.remarks.append(BadRow(line, "the bank only expects this movement, so it is not counted"))
        return
    try:
        pence = pence_from_mt940(match["amount"])
    except BadAmount as error:
        page.problems.append(BadRow(line, str(error)))
        return
    value_on = _short_date(match["value"])
    booked_on = _entry_date(match["value"], match["entry"]) or value_on
    if booked_on is None:
        page.problems.append(BadRow(line, f"{match['value']} is not a day in any calendar"))
        return
    if value_on is None:
        page.remarks.append(BadRow(line, f"the value date {match['value']} does not exist and was left out"))
    customer, _, bank = match["rest"].partition("//")
    extra = customer[16:]
    mark, more = match["mark"], match["more"]
    page.lines.append(
        (
            line,
            booked_on,
            value_on,
            _SIGNS[mark] * pence,
            mark,
            (match["type"] or "").strip(),
            customer[:16].strip(),
            bank.strip()[:35],
            " ".join(f"{extra} {more or ''}".split()) if extra or more else "",
        )
    )
    page.words.append([])
    page.in_line = True


def _finish(page: _Page, pages: list[StatementRead]) -> None:
    """Close a page: each line gets its words, and the page joins the others unless it says nothing."""
    if not page.touched:
        return
    lines = tuple(
        LineRead(*movement[:8], _line_words(movement[6], movement[8], words))
        for movement, words in zip(page.lines, page.words, strict=True)
    )
    number, _, sheet = page.number.partition("/")
    currency = next((b.currency for b in (page.opening, page.closing) if b is not None and b.currency), "")
    pages.append(
        StatementRead(
            page.reference,
            page.account,
            number.strip(),
            sheet.strip(),
            currency,
            page.opening,
            page.closing,
            lines,
            tuple(page.problems),
            page.interim,
            controls=_controls(page),
            remarks=tuple(page.remarks),
        )
    )


def _line_words(customer_reference: str, beside: str, noted: list[tuple[str, str]]) -> str:
    """Return the bank's words for a line: its :86:, else its :NS:, else what stood beside the reference."""
    told = " ".join(words for tag, body in noted if tag == "86" and (words := plain_words(body)))
    if not told:
        told = " ".join(
            row[2:].strip()
            for tag, body in noted
            if tag == "NS"
            for row in body.split("\n")
            if row[2:].strip()
        )
    reference = "" if customer_reference == "NONREF" else customer_reference
    return _CONTROL.sub("", told or beside or reference).strip()


def plain_words(body: str) -> str:
    """Return an :86: as one line of words: `?20` sub-fields are joined, words cut at 65 are mended."""
    if "\n" not in body and "?" not in body and ">" not in body:
        return " ".join(body.split())
    structured = _STRUCTURED.match(body)
    if structured is None:
        rows = body.split("\n")
        pieces = [row if len(row) >= _WIDTH_OF_86 else row + " " for row in rows]
        return " ".join("".join(pieces).split())
    flat = body.replace("\n", "").strip()
    fields = re.split(rf"{re.escape(structured[1])}(\d\d)", flat)
    by_code = list(zip(fields[1::2], fields[2::2]))
    purpose = "".join(text for code, text in by_code if "20" <= code <= "29" or "60" <= code <= "63")
    name = "".join(text for code, text in by_code if code in {"32", "33"})
    posting = "".join(text for code, text in by_code if code == "00")
    return " ".join(f"{purpose} {name}".split()) or posting.strip()


@lru_cache(maxsize=4096)
def _short_date(text: str) -> date | None:
    """Return the date of YYMMDD (80 to 99 are 1980 to 1999), None when no calendar has it."""
    year = int(text[:2])
    try:
        return date(2000 + year if year < 80 else 1900 + year, int(text[2:4]), int(text[4:6]))
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def _entry_date(value: str, entry: str | None) -> date | None:
    """Return the entry date MMDD in the year that lies nearest the value date."""
    if entry is None:
        return None
    near = _short_date(value) or _short_date(value[:4] + "01")
    if near is None:
        return None
    candidates = []
    for year in (near.year - 1, near.year, near.year + 1):
        try:
            candidates.append(date(year, int(entry[:2]), int(entry[2:])))
        except ValueError:
            continue
    best = min(candidates, key=lambda day: abs(day - near), default=None)
    return best if best is not None and abs(best - near) < timedelta(days=183) else None
