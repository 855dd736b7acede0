"""Bad input, by the command line and through the whole of a repair: a sentence each, nothing lost or doubled.

The store is a real one; what comes out of it is read back as a reader of PDF, JSON or CSV reads it.
"""

from __future__ import annotations

import csv
import io
import json
import struct
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import cli, workspace
from app.context import Context
from app.errors import HoldallError
from app.folders import SAMPLE_FOLDER
from app.repairs import service
from app.repairs.papers.common import BOXES
from app.report import render
from app.report.registry import all_reports
from models.errors import BadText
from models.repairs import Clock, Emergency, Property, Repair, State
from tests.conftest import NOW
from tests.journeys.repair_kit import take

STRAY = 'The "boiler cupboard\' drips; 5" pipe, \\ and </b> {0} %s &amp; — she says: "it\'s off'
TO_RUN = '=HYPERLINK("http://example.org","wet wall")'
HEBREW = "הקיר במטבח רטוב ליד החלון, wall wet by the window"
ARABIC = "الجدار رطب بجانب النافذة"
JOINED = "e\u0301te\u0301 in the cafe\u0301 wall"  # marks apart from their letters, as a Mac types them
HEADS = "UPRN,Property ref,Address,Postcode,Tenure,Tenant,Telephone"


@dataclass
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    def refused(self, *words: str) -> None:
        """One sentence or two in one line on standard error, exit code 2, nothing else."""
        assert self.code == 2, (self.code, self.err)
        assert self.out == ""
        assert len(self.err.strip().splitlines()) == 1, self.err
        assert "Traceback" not in self.err
        assert self.err.rstrip().endswith((".", "…")), self.err
        for each in words:
            assert each in self.err, self.err

    @property
    def document(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOLDALL_HOME", str(tmp_path / "holdall"))
    return tmp_path / "holdall" / SAMPLE_FOLDER


@pytest.fixture
def context(home: Path) -> Iterator[Context]:
    made = workspace.create(
        home, workspace.sample_profile(), workspace.SAMPLE_PASSPHRASE, lambda: NOW, workspace.SAMPLE_KDF
    )
    yield made
    made.store.close()


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    def said(*arguments: str | Path) -> Said:
        capsys.readouterr()
        code = cli.main(["repairs", *map(str, arguments)], {})
        out, err = capsys.readouterr()
        return Said(code, out, err)

    return said


# -- commands that open no store -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("deadlines --rule awaab --aware 2026-02-30", "“2026-02-30” is not a moment"),
        ("deadlines --rule awaab --aware 2026-12-17T25:00", "is not a moment"),
        ("deadlines --rule band --aware 31/12/2026", "Write it as 2026-12-17T14:21"),
        ("deadlines --rule band --aware 0001-01-01", "too far from today"),
        ("deadlines --rule right-to-repair --aware 9999-12-31", "too far from today"),
        ("deadlines --rule awaab --aware 2026-12-17 --concluded 2026-12-01", "in the order they came"),
        ("deadlines --rule awaab --aware 2026-12-17 --hazard ghosts", "There is no hazard “ghosts”"),
        ("deadlines --rule right-to-repair --aware 2026-12-17 --code RTR-99", "from RTR-01 to RTR-20"),
        ("deadlines --rule band --aware 2026-12-17 --band never", "There is no band “never”"),
        ("triage --text wet --risk dragon", "--risk “dragon”"),
        ("triage --text wet --reported 2026-99-99", "--reported “2026-99-99” is not a moment"),
        ("hact AV-1 --message raise-repair", "There is no Holdall store"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(run: Callable[..., Said], arguments: str, words: str) -> None:
    run(*arguments.split()).refused(words)


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_words_that_are_none_are_refused(run: Callable[..., Said], text: str) -> None:
    run("triage", "--text", text).refused("--text is empty")


def test_a_danger_at_the_end_of_a_long_text_is_heard_and_a_longer_one_is_refused(
    run: Callable[..., Said],
) -> None:
    long = "the kitchen wall is wet and we wait. " * 500
    found = run("triage", "--json", "--text", f"{long} I can smell gas").document
    assert (found["emergency"], found["reasons"][0]["exit"]) == ("yes", "gas")
    run("triage", "--text", "wet " * 30_000).refused("120,000 characters long; 20,000 are read at most")


@pytest.mark.parametrize(
    "text",
    [
        "I smell \ud800 gas in here",
        "I smell\x00gas",
        "I \u202esmell gas\u202c",
        "I s\u200bmell gas now, smell gas",
    ],
)
def test_odd_signs_hide_no_danger(run: Callable[..., Said], text: str) -> None:
    assert run("triage", "--json", "--text", text).document["emergency"] == "yes"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"\xff\xfe\x00{", "is not UTF-8 text"),
        (b'{"kitchen": ', "is not JSON: line 1, column"),
        (b'{"a": "AV1", "a": "AV2"}', "a"),
        (b"[" * 100_000, "nested more than"),
    ],
)
def test_an_unreadable_mapping_is_said_with_its_place(
    run: Callable[..., Said], tmp_path: Path, data: bytes, words: str
) -> None:
    path = tmp_path / "sor.json"
    path.write_bytes(data)
    said = run("config-check", path, "--json")
    if said.code == 0:  # it is JSON, and what is wrong in it is named by path
        assert not said.document["valid"]
        assert said.document["errors"]
        return
    said.refused("sor.json", words)


def test_a_mapping_or_list_that_is_not_there_is_said(run: Callable[..., Said], tmp_path: Path) -> None:
    run("config-check", tmp_path / "none.json").refused("none.json")
    run("config-check", tmp_path).refused(tmp_path.name)
    run("homes-import", tmp_path / "none.csv").refused("none.csv")
    run("photo", tmp_path / "none.jpg").refused("none.jpg")
    run("photo", tmp_path).refused(tmp_path.name)


# -- photos ----------------------------------------------------------------------------------------


def png_head(width: int, height: int) -> bytes:
    """The beginning of a PNG that says it is so large; there is next to nothing behind it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(b"\x00" * 64)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def jpeg(width: int = 900, height: int = 600) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((width, height), 60).convert("RGB").save(out, "JPEG", quality=90)
    return out.getvalue()


def test_a_png_named_jpg_is_taken_for_what_it_is(run: Callable[..., Said], tmp_path: Path) -> None:
    Image.new("RGB", (640, 480), "tan").save(tmp_path / "wall.jpg", "PNG")
    found = run("photo", tmp_path / "wall.jpg", "--json").document
    assert (found["accepted"], found["width"], found["height"]) == (True, 640, 480)
    assert (found["format"], found["metadata_left"]) == ("PNG", [])


@pytest.mark.parametrize("part", [0.02, 0.3, 0.6, 0.95])
def test_a_truncated_jpeg_is_refused_and_never_half_kept(
    run: Callable[..., Said], tmp_path: Path, part: float
) -> None:
    data = jpeg()
    (tmp_path / "wall.jpg").write_bytes(data[: int(len(data) * part)])
    run("photo", tmp_path / "wall.jpg").refused("wall.jpg")


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("bomb.png", png_head(10_000, 10_000), "pixels"),
        ("bomb.jpg", png_head(60_000, 60_000), "pixels"),
        ("zero.jpg", b"", "is empty"),
        ("letter.jpg", b"%PDF-1.7\n", "PDF"),
        ("noise.jpg", b"\xff\xd8\xff\xe0" + b"\x00" * 400, "noise.jpg"),
        ("text.heic", b"hello", "text.heic"),
    ],
)
def test_what_is_no_photo_or_too_large_is_refused(
    run: Callable[..., Said], tmp_path: Path, name: str, data: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(data)
    run("photo", tmp_path / name).refused(name, words)


def test_a_hundred_megapixels_are_not_unpacked_to_be_refused(
    run: Callable[..., Said], tmp_path: Path
) -> None:
    path = tmp_path / "bomb.png"
    Image.new("1", (10_000, 10_000)).save(path)
    assert path.stat().st_size < 100_000
    run("photo", path).refused("bomb.png", "100")


# -- a list of homes -------------------------------------------------------------------------------


def test_a_mangled_uprn_stays_aside_and_the_list_comes_in_once(
    context: Context, run: Callable[..., Said], tmp_path: Path
) -> None:
    path = tmp_path / "homes.csv"
    rows = [
        "100990000001,P1,1 Mill Lane,av14bd,tenant,Ann Teller,07700 900111",
        "1.00061E+11,P2,2 Mill Lane,AV1 4BD,tenant,Bo Warr,07700 900112",
        '100990000003,P3,"3 Mill ""Old Mill"" Lane",AV1  4BD,tenant,"O\'Hara, ""Cy""",07700 900113',
    ]
    path.write_text("\n".join([HEADS, *rows]), "utf-8")
    context.store.close()
    found = run("homes-import", path, "--apply", "--json").document
    assert (found["rows"], found["new"], found["aside"]) == (3, 2, 1)
    (fault,) = [f for f in found["faults"] if f["row"] == 3]
    assert "1.00061E+11" in fault["words"]
    again = run("homes-import", path, "--apply", "--json").document
    assert (again["new"], again["changed"], again["same"]) == (0, 0, 2)
    store = workspace.open_workspace(context.home, workspace.SAMPLE_PASSPHRASE).store
    with store.read() as session:
        homes = session.scalars(select(Property).order_by(Property.property_ref)).all()
        assert [(h.uprn, h.postcode) for h in homes] == [
            ("100990000001", "AV1 4BD"),
            ("100990000003", "AV1 4BD"),
        ]
        assert (homes[1].address, homes[1].tenant_name) == ('3 Mill "Old Mill" Lane', 'O\'Hara, "Cy"')
    store.close()


def test_a_photo_that_is_called_a_list_is_no_list(
    context: Context, run: Callable[..., Said], tmp_path: Path
) -> None:
    context.store.close()
    (tmp_path / "homes.csv").write_bytes(jpeg(40, 30))
    run("homes-import", tmp_path / "homes.csv", "--apply").refused("homes.csv")


# -- a whole repair --------------------------------------------------------------------------------


def on_paper(context: Context, name: str, repair_id: str) -> str:
    """Every word of a paper about a repair, read back out of the PDF, without spaces."""
    report = next(r for r in all_reports() if r.name == name)
    data = render(report.build(context, {"repair": repair_id}), context.seal())
    pages = pypdfium2.PdfDocument(data)
    text = "".join(page.get_textpage().get_text_range() for page in pages)
    pages.close()
    return bare(text)


def bare(text: str) -> str:
    """A text without spaces and line ends, in one form, to compare what was wrapped or set from the right."""
    return "".join(unicodedata.normalize("NFKC", text).split()).replace("\ufffe", "").replace("\u00ad", "")


def texts_of(value: Any) -> list[str]:
    """Every text inside a JSON document."""
    if isinstance(value, str):
        return [value]
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for each in inside for text in texts_of(each)]


@pytest.mark.parametrize("words", [STRAY, TO_RUN, JOINED, "She said:\n“wet”\r\n\tand `mould`; 50% <b>"])
def test_odd_words_come_out_everywhere_as_they_were_told(
    context: Context, run: Callable[..., Said], tmp_path: Path, words: str
) -> None:
    repair_id = take(context.write, words)
    with context.store.read() as session:
        repair = session.get_one(Repair, repair_id)
        kept, reference = repair.description, repair.reference
        assert repair.state is State.READY
        assert session.scalar(select(func.count()).select_from(Repair)) == 1
    assert bare(kept) == bare(words)
    for paper in ("repair-slip", "work-order"):
        printed = on_paper(context, paper, repair_id)
        assert bare(words) in printed, paper
        assert bare(BOXES) not in printed
    context.store.close()
    message = run("hact", reference, "--message", "raise-repair", "--json").document
    assert any(bare(words) in bare(text) for text in texts_of(message))
    run("table", tmp_path / "repairs.csv")
    (row,) = csv.DictReader(io.StringIO((tmp_path / "repairs.csv").read_text("utf-8-sig"), newline=""))
    told = row["description"]
    assert not told.startswith(("=", "+", "-", "@"))
    assert bare(told).removeprefix("'") == bare(words)


@pytest.mark.parametrize("words", [HEBREW, ARABIC])
def test_words_that_no_font_here_has_are_kept_and_the_paper_says_what_its_boxes_are(
    context: Context, run: Callable[..., Said], words: str
) -> None:
    repair_id = take(context.write, words)
    for paper in ("repair-slip", "work-order"):
        assert bare(BOXES) in on_paper(context, paper, repair_id)
    context.store.close()
    message = run("hact", repair_id, "--message", "raise-repair").document
    assert words in json.dumps(message, ensure_ascii=False)


@pytest.mark.parametrize("bad", ["wet \x00 wall", "wet \ud83d wall", "w" * 4_001])
def test_what_no_store_can_keep_is_said_and_the_words_before_it_stay(context: Context, bad: str) -> None:
    def begin(session: Session) -> str:
        repair_id = service.begin(session).repair_id
        service.note(session, repair_id, {"description": "The wall is wet"})
        return repair_id

    repair_id = context.write("Begin", begin)
    with pytest.raises(BadText) as caught:
        context.write("Type", lambda s: service.note(s, repair_id, {"description": bad}))
    assert caught.value.advice.endswith(".")
    with context.store.read() as session:
        assert session.get_one(Repair, repair_id).description == "The wall is wet"


@pytest.mark.parametrize("typed", [" av3 2qt", "a v3 2 qt", "AV32 QT", "av3\u00a02qt", "AV3-2QT"])
def test_a_postcode_with_spaces_in_the_wrong_place_is_the_same_home(context: Context, typed: str) -> None:
    first = take(context.write, "Wet", postcode="AV3 2QT")
    second = take(context.write, "Wet", postcode=typed)
    with context.store.read() as session:
        one, other = session.get_one(Repair, first), session.get_one(Repair, second)
        assert (other.postcode, other.place_key) == ("AV3 2QT", one.place_key)


@pytest.mark.parametrize("typed", ["AV3 2Q", "A3V 2QT", "AV3 2QTT", "nowhere"])
def test_what_is_no_postcode_keeps_what_was_typed_and_saves_nothing(context: Context, typed: str) -> None:
    with pytest.raises(HoldallError, match="address is not complete") as caught:
        take(context.write, "Wet", postcode=typed)
    assert "AV3 2QT" in caught.value.advice
    with context.store.read() as session:
        assert session.scalar(select(func.count()).select_from(Clock)) == 0


def test_an_unknown_repair_is_said_by_every_message_and_paper(
    context: Context, run: Callable[..., Said], tmp_path: Path
) -> None:
    take(context.write, "Wet")
    for report in ("repair-slip", "work-order"):
        built = next(r for r in all_reports() if r.name == report)
        with pytest.raises(HoldallError, match="no repair"):
            built.build(context, {"repair": "AV-00000"})
    context.store.close()
    for name in ("AV-00000", "'; DROP TABLE repairs_repair; --", "\u202e1-VA"):
        run("hact", name, "--message", "raise-repair").refused("no repair")
    (tmp_path / "file").write_text("in the way", "utf-8")
    run("table", tmp_path / "file" / "repairs.csv").refused("cannot be written")


def test_saving_twice_is_refused_in_words_and_leaves_one_set_of_clocks(context: Context) -> None:
    repair_id = take(context.write, STRAY)
    with context.store.read() as session:
        before = session.scalars(select(Clock.rule_id).order_by(Clock.rule_id)).all()
    with pytest.raises(HoldallError, match="is saved already"):
        context.write("Save", lambda session: service.save_repair(session, repair_id))
    with context.store.read() as session:
        assert session.scalars(select(Clock.rule_id).order_by(Clock.rule_id)).all() == before
        assert len(set(before)) == len(before)
        assert session.scalar(select(func.count()).select_from(Emergency)) == 0
