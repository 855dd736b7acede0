"""Income: files to proposals, how often what is certain is right, reading, importing again, faults noticed.

Data are seeded, with known truth (tests/app/income/truth.py). Peers are timed in the same run: hledger reads
the same bank CSV, and mt-940 the same statement, where they are installed.
"""

from __future__ import annotations

import json
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.income.matching import OpenLine, OpenReceipt, propose
from tests.app.income.truth import STYLES, Truth, make
from tests.bench import income_mutations

Figures = dict[str, float | str]
RUNS = 3
SEED = 20_261  # never one that the matching was tried on while it was written
_CHILD = (
    "import json, sys, time; from pathlib import Path\n"
    "from app.income.reconciling import reconcile\n"
    "bank, ledger = (Path(p) for p in sys.argv[1:3])\n"
    "start = time.perf_counter()\n"
    "found = reconcile([(bank.name, bank.read_bytes())], (ledger.name, ledger.read_bytes()))\n"
    "seconds = time.perf_counter() - start\n"
    "status = Path('/proc/self/status')\n"
    "rows = status.read_text().splitlines() if status.exists() else []\n"
    "peak = next((int(row.split()[1]) / 1024 for row in rows if row.startswith('VmHWM')), 0)\n"
    "print(json.dumps([seconds, peak]))"
)
_HLEDGER_RULES = (
    "skip 1\nfields date, kind, description, amount, rest\ndate-format %d/%m/%Y\ncurrency GBP\n"
    "account1 assets:bank\naccount2 income:unknown\n"
)


def run(lines: int) -> Figures:
    """The figures of the Income slice for files of about `lines` lines, as asked and as measured."""
    truth = make(SEED, lines)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "bank.csv").write_bytes(truth.bank_csv)
        (folder / "ledger.csv").write_bytes(truth.ledger_csv)
        figures = _proposals(folder, lines)
        figures |= _again(folder, truth)
    figures |= _reading()
    figures |= _quality(lines)
    figures |= _ambiguity()
    figures |= {f"faults noticed, {name}": share for name, share in income_mutations.run().items()}
    return figures


def _proposals(folder: Path, lines: int) -> Figures:
    """Seconds and memory from both files to proposals, each time in a fresh process, beside hledger."""
    command = [sys.executable, "-c", _CHILD, str(folder / "bank.csv"), str(folder / "ledger.csv")]
    told = [json.loads(_output(command)) for _ in range(RUNS)]
    best, middle = min(one[0] for one in told), statistics.median(one[0] for one in told)
    figures: Figures = {
        f"{lines:,} lines and their ledger, files to proposals, best of {RUNS} (s, asked: at most 2)": best,
        "the same, median (s)": middle,
        "peak memory of that process (MB, asked: at most 300)": max(one[1] for one in told),
    }
    program = shutil.which("hledger")
    if program is None:
        return {**figures, "hledger": "not measured: hledger is not installed"}
    (folder / "bank.rules").write_text(_HLEDGER_RULES, encoding="utf-8")
    start = time.perf_counter()
    bank, rules = str(folder / "bank.csv"), str(folder / "bank.rules")
    _output([program, "-f", bank, "--rules-file", rules, "balance"])
    peer = time.perf_counter() - start
    figures["hledger merely reads the bank CSV (s)"] = peer
    figures["how many times faster (asked: at least 8)"] = peer / middle
    return figures


def _output(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout


def _again(folder: Path, truth: Truth) -> Figures:
    """Seconds to import both files into a store, and to import exports of the same lines again."""

    from app.context import Context, Council
    from app.income import service
    from app.income.files import LedgerFile, StatementFile, read_any
    from app.income.storing import AlreadyImported
    from models.changes import Author
    from models.store import Store
    from tests.conftest import KEY, NOW

    author = Author("u-1", "Bench", "t-1", frozenset({"officer"}), "0197d000-0000-7000-8000-000000000001")
    store = Store.create(folder / "again.db", KEY)
    context = Context(store, author, folder, Council(), lambda: NOW)
    account, _ = context.write(
        "Add", lambda s: service.add_account(s, "General account", "000000/60114417", book_opening_pence=0)
    )

    def bring(mark: bytes) -> tuple[float, float, int]:
        """Seconds for the lines, seconds for the rows, and how many of both were new."""
        start = time.perf_counter()
        bank = read_any("bank.csv", truth.bank_csv + mark)
        assert isinstance(bank, StatementFile)
        new = imported(lambda s: service.import_statements(s, bank, account_id=account))
        middle = time.perf_counter()
        book = read_any("ledger.csv", truth.ledger_csv + mark)
        assert isinstance(book, LedgerFile)
        new += imported(lambda s: service.import_ledger(s, book, account))
        return middle - start, time.perf_counter() - middle, new

    def imported(work: Callable[[Session], Any]) -> int:
        try:
            return int(context.write("Import", work).new)
        except AlreadyImported:
            return 0

    try:
        first, again = bring(b""), bring(b"\r\n")
    finally:
        store.close()
    return {
        "bank lines into the encrypted store (s)": first[0],
        "ledger rows into it (s)": first[1],
        "the same bank lines exported again (s, asked: at most 1)": again[0],
        "the same ledger rows exported again (s)": again[1],
        "new rows of both (asked: 0)": float(again[2]),
    }


def _reading() -> Figures:
    """CAMT entries and MT940 lines read in a second, beside mt-940."""
    from app.income.files import read_any

    camt, mt940 = camt_of(20_000), mt940_of(40_000)
    seconds = _best(lambda: read_any("camt.xml", camt))
    figures: Figures = {"CAMT.053 of 20,000 entries (s, asked: at most 0.5)": seconds}
    seconds = _best(lambda: read_any("a.sta", mt940))
    figures["MT940 lines read in a second (asked: at least 80,000)"] = 40_000 / seconds
    try:
        import mt940 as peer  # type: ignore[import-not-found]
    except ImportError:
        return {**figures, "mt-940": "not measured: mt-940 is not installed"}
    text = mt940.decode()
    figures["mt-940, lines in a second"] = 40_000 / _best(lambda: peer.parse(text))
    return figures


def _best(work: Callable[[], Any]) -> float:
    spent = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return min(spent)


def camt_of(entries: int) -> bytes:
    """Return a proved CAMT.053 statement of so many entries."""
    source, total, rows = random.Random(SEED), 0, []
    for number in range(entries):
        pence = source.randrange(1_00, 900_00)
        total += pence
        rows.append(
            f'<Ntry><Amt Ccy="GBP">{pence / 100:.2f}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>'
            f"<BookgDt><Dt>2026-01-{number % 28 + 1:02d}</Dt></BookgDt><AcctSvcrRef>R{number}</AcctSvcrRef>"
            f"<NtryDtls><TxDtls><RmtInf><Ustrd>FPI 77{number:07d}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
        )
    levels = "".join(
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="GBP">{pence / 100:.2f}</Amt>'
        f"<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-01-{day}</Dt></Dt></Bal>"
        for code, pence, day in (("OPBD", 1_000_00, "01"), ("CLBD", 1_000_00 + total, "28"))
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">'
        "<BkToCstmrStmt><GrpHdr><MsgId>1</MsgId></GrpHdr><Stmt><Id>1</Id><Acct><Id><Othr>"
        "<Id>00000060114417</Id></Othr></Id><Ccy>GBP</Ccy></Acct>"
        f"{levels}{''.join(rows)}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def mt940_of(lines: int) -> bytes:
    """Return a proved MT940 statement of so many lines."""
    source, total, rows = random.Random(SEED), 0, []
    for number in range(lines):
        pence = source.randrange(1_00, 900_00)
        total += pence
        day = date(2026, 1, 1) + timedelta(days=number * 28 // lines)
        rows.append(f":61:{day:%y%m%d%m%d}C{pence // 100},{pence % 100:02d}NTRFNONREF//R{number}")
        rows.append(f":86:FPI 77{number:07d} J MARLOW")
    head = [":20:T1", ":25:000000/60114417", ":28C:1/1", ":60F:C260101GBP1000,00"]
    closing = 1_000_00 + total
    tail = [f":62F:C260128GBP{closing // 100},{closing % 100:02d}", "-", ""]
    return "\n".join([*head, *rows, *tail]).encode()


def _quality(lines: int) -> Figures:
    """How much of what is certain is right, and how much of what there is was found, in every style."""
    figures: Figures = {}
    for style in range(STYLES):
        told = score(make(SEED + 1 + style, min(lines, 30_000), style))
        words = f"words of style {style + 1}"
        figures[f"{words}: certain and wrong (asked: 0)"] = float(told["wrong"])
        figures[f"{words}: certain and right, of all there are (%, asked: at least 92)"] = told["recall"]
        figures[f"{words}: proposed rightly, of all there are (%)"] = told["found"]
        figures[f"{words}: proposed wrongly, of all proposals (%)"] = told["wrongly"]
        figures[f"{words}: one slip, first proposal right (%, asked: at least 85)"] = told["typo"]
    return figures


def score(truth: Truth) -> dict[str, float]:
    """Return counts and shares of a matching of two files of which the truth is known."""
    from app.income.reconciling import reconcile

    found = reconcile([("bank.csv", truth.bank_csv)], ("ledger.csv", truth.ledger_csv))
    wrong = right = certain = typos = 0
    for proposal in found.outcome.proposals:
        number = int(proposal.line_id)
        ids = frozenset(truth.twins.get(one, one) for one in proposal.receipt_ids)
        short = -sum(part.pence for part in proposal.write_offs)
        true = ids == truth.pairs.get(number) and short == truth.fees.get(number, 0)
        right += true
        certain += true and proposal.auto
        wrong += proposal.auto and not true
        typos += true and truth.kinds[number] == "typo"
    proposals, pairs = len(found.outcome.proposals), len(truth.pairs)
    mistyped = sum(kind == "typo" for kind in truth.kinds.values())
    return {
        "wrong": wrong,
        "recall": 100 * certain / pairs,
        "found": 100 * right / pairs,
        "wrongly": 100 * (proposals - right) / proposals,
        "typo": 100 * typos / mistyped,
    }


def _ambiguity() -> Figures:
    """Payouts of half of 10 to 25 payments: whether the ways that are told are all the ways there are."""
    source, right, tried, certain = random.Random(SEED), 0, 0, 0
    day = date(2026, 12, 8)
    for size in range(10, 26):
        for _ in range(3):
            pence = [source.randrange(1_00, 400_00) for _ in range(size)]
            target = sum(pence[: size // 2])
            receipts = [OpenReceipt(f"r{n}", day, one, "", "", "", "90", n) for n, one in enumerate(pence)]
            line = OpenLine("b", 1, day + timedelta(days=1), target, "STRIPE PAYOUT")
            (made,) = propose([line], receipts)
            ways = _ways(pence, target) if size > 16 else _tried(pence, target)
            tried, right = tried + 1, right + (made.alternatives + 1 == ways)
            certain += made.auto and ways > 1
    return {
        f"ways to make a payout of 10 to 25 payments, told exactly (of {tried})": float(right),
        "of these, certain though there are several ways (asked: 0)": float(certain),
    }


def _tried(pence: list[int], target: int) -> int:
    """Count by trying every set."""
    places = range(len(pence))
    sets = (one for size in range(1, len(pence) + 1) for one in combinations(places, size))
    return sum(sum(pence[place] for place in one) == target for one in sets)


def _ways(pence: list[int], target: int) -> int:
    """Count by adding one payment after the other to all the totals there are."""
    ways = {0: 1}
    for amount in pence:
        grown = dict(ways)
        for total, count in ways.items():
            if total + amount <= target:
                grown[total + amount] = grown.get(total + amount, 0) + count
        ways = grown
    return ways.get(target, 0)
