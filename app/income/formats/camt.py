"""CAMT.052, .053 and .054 (ISO 20022) read in one pass: reports, statements and notifications.

Versions .001.02 to .001.08 and later differ in how a status and a party are wrapped; both ways are read. Only
booked entries count: pending and informative ones are named. A batched entry keeps its single payments.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from app.income.amounts import BadAmount, quick_pence
from app.income.formats.xml_guard import elements
from app.income.reading import BadRow, Balance, Control, LineRead, NotAStatement, StatementRead

FORMAT = "CAMT"

_STATEMENTS = {"Stmt": "CAMT.053", "Rpt": "CAMT.052", "Ntfctn": "CAMT.054"}
_MARKS = {
    "BkToCstmrStmt": "CAMT.053",
    "BkToCstmrAcctRpt": "CAMT.052",
    "BkToCstmrDbtCdtNtfctn": "CAMT.054",
}
_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD",)
_REFERENCE, _WORDS = 35, 4_000
_NOTHING = frozenset({"NOTPROVIDED", "NOT PROVIDED", "NONREF", "NONE"})

Tick = Callable[[int, int], None]


@dataclass
class _Totals:
    """What a summary states, in pence and entries; None for what it leaves out."""

    entries: int | None = None
    credits: int | None = None
    credit_pence: int | None = None
    debits: int | None = None
    debit_pence: int | None = None


@dataclass
class _Statement:
    """One statement while its elements arrive."""

    kind: str = ""
    reference: str = ""
    number: str = ""
    page: str = ""
    account: str = ""
    currency: str = ""
    covers: tuple[date, date] | None = None
    balances: dict[str, Balance] = field(default_factory=dict)
    totals: _Totals = field(default_factory=_Totals)
    lines: list[LineRead] = field(default_factory=list)
    problems: list[BadRow] = field(default_factory=list)
    remarks: list[BadRow] = field(default_factory=list)
    entries: int = 0


def looks_like(head: str) -> bool:
    """Say whether a text is XML with one of the three CAMT messages near its top."""
    return head.lstrip("\ufeff \r\n").startswith("<") and any(mark in head for mark in _MARKS)


def variant(text: str) -> str:
    """Return which of the three messages a text is: CAMT.052, CAMT.053 or CAMT.054."""
    head = text[:4_096]
    return next((kind for mark, kind in _MARKS.items() if mark in head), FORMAT)


def read(name: str, text: str, tick: Tick | None = None) -> tuple[StatementRead, ...]:
    """Return every statement of a message; raises NotAStatement for damaged XML or a message without any.

    An entry has no line of its own in most files, which are one long line; a problem names it by its number.
    """
    found: list[StatementRead] = []
    current = _Statement()
    total = text.count("Ntry>") // 2 if tick is not None else 0
    names: dict[str, str] = {}  # what a full tag is to us, "" for nothing: most elements lie inside an entry
    for _, element in elements(name, text):
        tag = names.get(element.tag)
        if tag is None:
            tag = local(element.tag)
            tag = names[element.tag] = tag if tag in _TAKEN else ""
        if not tag:
            continue
        if tag == "Ntry":
            current.entries += 1
            _entry(current, element)
            element.clear()
            if tick is not None and current.entries % 2_000 == 0:
                tick(current.entries, max(total, current.entries))
        elif tag in _HEAD:
            _HEAD[tag](current, element)
        elif tag in _STATEMENTS:
            current.kind = _STATEMENTS[tag]
            found.append(_finished(current))
            current = _Statement()
            element.clear()
        elif tag == "GrpHdr":
            current = _Statement()  # what stood in it belongs to the message
    if not found:
        raise NotAStatement(
            f"“{name}” is a CAMT message with no statement in it.", "Ask the bank for it again."
        )
    return tuple(found)


def _child(element: Any, *path: str) -> Any | None:
    """Return a descendant by the local names on the way to it."""
    for name in path:
        for child in element:
            if local(child.tag) == name:
                element = child
                break
        else:
            return None
    return element


def _text(element: Any, *path: str) -> str:
    found = _child(element, *path)
    return (found.text or "").strip() if found is not None else ""


@lru_cache(maxsize=4096)
def _day(text: str) -> date | None:
    """Return the day of an ISO date or moment; None when it is none."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _dated(element: Any | None) -> tuple[date | None, str]:
    """Return the day of a choice of Dt and DtTm, and the text it was read from."""
    text = "".join(element.itertext()).strip() if element is not None else ""
    return _day(text), text


# -- the head of a statement ---------------------------------------------------------------------------


def _take_id(current: _Statement, element: Any) -> None:
    if not current.reference and not current.account:
        current.reference = (element.text or "").strip()[:35]


def _take_number(current: _Statement, element: Any) -> None:
    current.number = current.number or (element.text or "").strip()[:20]


def _take_page(current: _Statement, element: Any) -> None:
    current.page = _text(element, "PgNb")[:20]


def _take_period(current: _Statement, element: Any) -> None:
    first, last = _day(_text(element, "FrDtTm") or _text(element, "FrDt")), None
    last = _day(_text(element, "ToDtTm") or _text(element, "ToDt"))
    if first is not None and last is not None:
        current.covers = (first, last)


def _take_account(current: _Statement, element: Any) -> None:
    iban = _text(element, "Id", "IBAN")
    other = _text(element, "Id", "Othr", "Id")
    current.account = (iban or other)[:64]
    current.currency = _text(element, "Ccy")[:3]


def _take_balance(current: _Statement, element: Any) -> None:
    code = _text(element, "Tp", "CdOrPrtry", "Cd")
    amount = _child(element, "Amt")
    day, told = _dated(_child(element, "Dt"))
    try:
        if amount is None:
            raise BadAmount("it has no amount")
        pence = quick_pence((amount.text or "").strip())
        if day is None:
            raise BadAmount(f"“{told[:24]}” is not a day")
    except BadAmount as error:
        current.problems.append(BadRow(0, f"the balance {code or 'without a kind'} cannot be read, {error}"))
        return
    sign = -1 if _text(element, "CdtDbtInd") == "DBIT" else 1
    current.balances.setdefault(code, Balance(sign * pence, day, amount.get("Ccy", "")))
    current.currency = current.currency or amount.get("Ccy", "")


def _take_summary(current: _Statement, element: Any) -> None:
    def count(*path: str) -> int | None:
        told = _text(element, *path)
        return int(told) if told.isascii() and told.isdigit() else None

    def pence(*path: str) -> int | None:
        told = _text(element, *path)
        try:
            return quick_pence(told) if told else None
        except BadAmount:
            return None

    current.totals = _Totals(
        count("TtlNtries", "NbOfNtries"),
        count("TtlCdtNtries", "NbOfNtries"),
        pence("TtlCdtNtries", "Sum"),
        count("TtlDbtNtries", "NbOfNtries"),
        pence("TtlDbtNtries", "Sum"),
    )


_HEAD: dict[str, Callable[[_Statement, Any], None]] = {
    "Id": _take_id,
    "ElctrncSeqNb": _take_number,
    "LglSeqNb": _take_number,
    "StmtPgntn": _take_page,
    "RptPgntn": _take_page,
    "NtfctnPgntn": _take_page,
    "FrToDt": _take_period,
    "Acct": _take_account,
    "Bal": _take_balance,
    "TxsSummry": _take_summary,
}


_TAKEN = frozenset({"Ntry", "GrpHdr", *_HEAD, *_STATEMENTS})


@lru_cache(maxsize=512)
def local(tag: str) -> str:
    """Return the name of an element without its namespace."""
    return tag.rpartition("}")[2]


# -- entries --------------------------------------------------------------------------------------------


def _entry(current: _Statement, element: Any) -> None:
    """Read one Ntry: a line when it is booked and sound, else a remark or a problem."""
    place = current.entries
    parts = {local(child.tag): child for child in element}
    status = parts.get("Sts")
    state = ((status.text or "").strip() or "".join(status.itertext()).strip()) if status is not None else ""
    if state and state != "BOOK":
        what = {"PDNG": "is pending", "INFO": "only informs", "FUTR": "lies ahead"}.get(state, f"is {state}")
        current.remarks.append(BadRow(place, f"entry {place} {what}, so it is not counted"))
        return
    try:
        line = _booked(current, parts, place)
    except BadAmount as error:
        current.problems.append(BadRow(place, f"entry {place}: {error}"))
        return
    current.lines.append(line)


def _booked(current: _Statement, parts: dict[str, Any], place: int) -> LineRead:
    """Return the line of a booked entry; raises BadAmount with the reason when it cannot be trusted."""
    amount = parts.get("Amt")
    if amount is None:
        raise BadAmount("it has no amount")
    pence = quick_pence((amount.text or "").strip())
    currency = amount.get("Ccy", "")
    if currency and current.currency and currency != current.currency:
        raise BadAmount(f"it is in {currency}, but the account is kept in {current.currency}")
    direction = parts.get("CdtDbtInd")
    told = (direction.text or "").strip() if direction is not None else ""
    if told not in {"CRDT", "DBIT"} or pence < 0:
        raise BadAmount(
            f"“{told[:12]}” says neither credit nor debit" if pence >= 0 else "its amount has a sign"
        )
    booked_on, booked_told = _dated(parts.get("BookgDt"))
    value_on, value_told = _dated(parts.get("ValDt"))
    if booked_on is None and booked_told:
        raise BadAmount(f"its date {booked_told[:24]} is in no calendar")
    if value_on is None and value_told:
        current.remarks.append(
            BadRow(place, f"the value date {value_told[:24]} does not exist and was left out")
        )
    if booked_on is None and value_on is None:
        raise BadAmount("it has no date")
    reversal = (parts["RvslInd"].text or "").strip() == "true" if "RvslInd" in parts else False
    mark = ("R" if reversal else "") + ("C" if (told == "CRDT") != reversal else "D")
    reference, words, single = _details(parts, told, place, current)
    bank = parts.get("AcctSvcrRef")
    return LineRead(
        place,
        booked_on or value_on,  # type: ignore[arg-type]  # one of them is a day
        value_on,
        pence if told == "CRDT" else -pence,
        mark,
        _type_of(parts.get("BkTxCd")),
        reference,
        ((bank.text or "").strip() if bank is not None else "")[:_REFERENCE],
        words,
        None,
        single,
    )


def _type_of(code: Any | None) -> str:
    """Return family and sub-family of a bank transaction code (RCDTESCT), else the bank's own code."""
    if code is None:
        return ""
    family = _child(code, "Domn", "Fmly")
    if family is not None:
        return (_text(family, "Cd") + _text(family, "SubFmlyCd"))[:8]
    return _text(code, "Prtry", "Cd")[:8]


def _details(
    parts: dict[str, Any], direction: str, place: int, current: _Statement
) -> tuple[str, str, tuple[tuple[int, str, str], ...]]:
    """Return the reference and words of an entry, and the single payments of a batched one."""
    made: list[tuple[int | None, str, str]] = []
    details = parts.get("NtryDtls")
    if details is not None:
        made = [_payment(one, direction) for one in details if local(one.tag) == "TxDtls"]
    further = parts.get("AddtlNtryInf")
    words = " ".join((further.text or "").split()) if further is not None else ""
    if len(made) == 1:
        return made[0][1], (made[0][2] or words)[:_WORDS], ()
    if len(made) > 1:
        single = tuple((pence, reference, told) for pence, reference, told in made if pence is not None)
        sign = 1 if direction == "CRDT" else -1
        total = quick_pence((parts["Amt"].text or "").strip())
        if len(single) == len(made) and sum(p for p, _, _ in single) == sign * total:
            batch = _text(details, "Btch", "PmtInfId") or _text(details, "Btch", "MsgId")
            return batch[:_REFERENCE], (words or f"Batch of {len(single)} payments")[:_WORDS], single
        if len(single) == len(made):
            current.problems.append(
                BadRow(place, f"entry {place}: its single payments do not make its amount")
            )
        return "", (words or " ".join(told for _, _, told in made))[:_WORDS], ()
    return "", words[:_WORDS], ()


def _payment(details: Any, direction: str) -> tuple[int | None, str, str]:
    """Return one TxDtls: its signed pence where it states them, its reference and its words."""
    reference = structured = ""
    words: list[str] = []
    pence: int | None = None
    payer = ""
    for child in details:
        tag = local(child.tag)
        if tag == "Refs":
            known = {local(one.tag): (one.text or "").strip() for one in child}
            for key in ("EndToEndId", "TxId", "InstrId", "MndtId", "ChqNb", "AcctSvcrRef"):
                if known.get(key, "").upper() not in _NOTHING and known.get(key):
                    reference = known[key]
                    break
        elif tag == "RltdPties":
            payer = _name(child, "Dbtr" if direction == "CRDT" else "Cdtr")
        elif tag == "RmtInf":
            for one in child:
                kind = local(one.tag)
                if kind == "Ustrd":
                    words.append((one.text or "").strip())
                elif kind == "Strd":
                    structured = structured or _text(one, "CdtrRefInf", "Ref")
        elif tag in {"Amt", "AmtDtls"} and pence is None:
            amount = child if tag == "Amt" else _child(child, "TxAmt", "Amt")
            pence = quick_pence((amount.text or "").strip()) if amount is not None else None
        elif tag == "RtrInf":
            returned = _text(child, "Rsn", "Cd") or _text(child, "Rsn", "Prtry")
            words.append(f"Returned {returned}".strip())
        elif tag in {"AddtlTxInf"}:
            words.append((child.text or "").strip())
    told = [payer, *words]
    if structured:
        told.append(structured)
        reference = reference or structured
    signed = None if pence is None else pence if direction == "CRDT" else -pence
    return signed, reference[:_REFERENCE], " ".join(" ".join(told).split())


def _name(parties: Any, role: str) -> str:
    """Return the name of a debtor or creditor, which later versions put inside a Pty."""
    for child in parties:
        if local(child.tag) == role:
            return _text(child, "Nm") or _text(child, "Pty", "Nm")
    return ""


# -- the end of a statement ------------------------------------------------------------------------------


def _finished(current: _Statement) -> StatementRead:
    balances = current.balances
    opening = next((balances[code] for code in _OPENING if code in balances), None)
    closing = next((balances[code] for code in _CLOSING if code in balances), None)
    return StatementRead(
        *(current.reference, current.account, current.number, current.page, current.currency),
        opening,
        closing,
        tuple(current.lines),
        tuple(current.problems),
        current.kind == "CAMT.052",
        controls=tuple(_controls(current)),
        covers=current.covers,
        remarks=tuple(current.remarks),
    )


def _controls(current: _Statement) -> list[Control]:
    """Return what the summary states held against the entries; it may count pending ones as well."""
    totals, lines = current.totals, current.lines
    pending = len(current.remarks) + len(current.problems)
    into = [line.pence for line in lines if line.pence > 0 or (line.pence == 0 and line.mark[-1] == "C")]
    out = [-line.pence for line in lines if line.pence < 0]
    counted = current.entries if pending and totals.entries == current.entries else len(lines)
    made = [
        ("number of entries", totals.entries, counted, "rows"),
        ("number of credits", totals.credits, len(into), "rows"),
        ("sum of credits", totals.credit_pence, sum(into), "pence"),
        ("number of debits", totals.debits, len(out), "rows"),
        ("sum of debits", totals.debit_pence, sum(out), "pence"),
    ]
    return [Control(title, stated, found, unit) for title, stated, found, unit in made if stated is not None]
