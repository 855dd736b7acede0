"""The seal of a paper: a comment behind the end, that no reader minds and no change survives."""

from __future__ import annotations

import base64
import io
import json
import random
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from nacl.signing import SigningKey

from app.report import Document, PageBreak, Seal, Text, render
from app.report.seal import MARK, TEXT, Broken, opened, sealed

KEY = SigningKey(bytes(range(32)))
DOCUMENT = Document("Repairs this week", date(2026, 12, 17), (Text("Six late."), PageBreak(), Text("End.")))


def seal(**other: Any) -> Seal:
    made = Seal(
        "averwick",
        "0197d000-0000-7000-8000-00000000000a",
        base64.b64encode(bytes(KEY.verify_key)).decode(),
        {"team:team-1": (1204, "7f3a90bc" + "0" * 56), "tenant": (7, "ab" * 32)},
        0,
        lambda text: base64.b64encode(KEY.sign(text).signature).decode(),
    )
    return replace(made, **other)


@pytest.fixture(scope="module")
def paper() -> bytes:
    return render(DOCUMENT, seal())


def pages(data: bytes) -> list[str]:
    made = pypdfium2.PdfDocument(data)
    texts = [page.get_textpage().get_text_range() for page in made]
    made.close()
    return texts


def test_every_page_says_on_which_log_it_stands(paper: bytes) -> None:
    assert len(pages(paper)) == 2
    assert all("Log team-1 · 1,204 · 7f3a 90bc" in text for text in pages(paper))
    waiting = pages(render(DOCUMENT, seal(waiting=3)))
    assert "Log team-1 · 1,204 · 7f3a 90bc · 3 not yet sent" in waiting[0]


def test_a_paper_without_a_server_and_a_persons_own_paper_say_nothing_of_a_log(paper: bytes) -> None:
    for made in (render(DOCUMENT), render(replace(DOCUMENT, private=True), seal())):
        assert made == render(DOCUMENT)
        assert opened(made) is None
        assert "Log" not in "".join(pages(made))


def test_the_same_data_and_log_give_the_same_bytes_and_the_seal_says_what_it_is_of(paper: bytes) -> None:
    assert render(DOCUMENT, seal()) == paper
    told = opened(paper)
    assert told is not None
    assert told["heads"] == {"team:team-1": [1204, "7f3a90bc" + "0" * 56], "tenant": [7, "ab" * 32]}
    assert (told["tenant"], told["waiting"]) == ("averwick", 0)
    assert not {"at", "time", "date"} & set(told)


def test_strict_readers_still_find_the_end_in_the_last_1024_bytes(tmp_path: Path) -> None:
    many = {f"team:team-{n}": (n, "cd" * 32) for n in range(1, 40)}
    paper = render(DOCUMENT, seal(heads=many))
    assert b"%%EOF" in paper[-1024:]
    told = opened(paper)
    assert told is not None
    assert next(iter(sorted(told["heads"]))) == "team:team-1"  # those that matter most are kept
    path = tmp_path / "paper.pdf"
    path.write_bytes(paper)
    for command in (["qpdf", "--check", str(path)], ["pdftotext", str(path), "-"]):
        if shutil.which(command[0]):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert (done.returncode, done.stderr) == (0, "")


def test_one_bit_changed_anywhere_is_found(paper: bytes) -> None:
    start = paper.rfind(MARK)
    numbers = random.Random(4)
    places = [*range(start - 40, len(paper)), *(numbers.randrange(len(paper)) for _ in range(400))]
    places += [paper.find(b"Holdall-Sealed") + n for n in range(14)]
    for at in places:
        changed = bytearray(paper)
        changed[at] ^= 1 << numbers.randrange(8)
        with pytest.raises(Broken):
            opened(bytes(changed))


@pytest.mark.parametrize(
    "change",
    [
        lambda paper: paper + b"\n",
        lambda paper: paper[:-1],
        lambda paper: paper[: paper.rfind(MARK)],
        lambda paper: b"\n" + paper,
        lambda paper: paper[: paper.rfind(MARK)] + MARK + b'{"v":1}\n',
        lambda paper: paper[: paper.rfind(MARK)] + MARK + b"[" * 900 + b"\n",
        lambda paper: paper.replace(b'"waiting":0', b'"waiting":1'),
        lambda paper: paper.replace(b'{"device"', b'{ "device"'),
    ],
)
def test_a_seal_cut_off_added_to_or_rewritten_is_found(paper: bytes, change: Any) -> None:
    with pytest.raises(Broken):
        opened(change(paper))


def test_a_paper_saved_anew_by_another_program_is_not_the_one_that_was_sealed(paper: bytes) -> None:
    made, target = pypdfium2.PdfDocument(paper), io.BytesIO()
    made.save(target)
    made.close()
    assert len(pages(target.getvalue())) == 2
    with pytest.raises(Broken):
        opened(target.getvalue())


def test_the_seal_of_another_paper_does_not_fit(paper: bytes) -> None:
    other = render(replace(DOCUMENT, title="Repairs last week"), seal())
    with pytest.raises(Broken, match="one byte is different"):
        opened(other[: other.rfind(MARK)] + paper[paper.rfind(MARK) :])


def test_a_seal_made_with_another_key_than_it_names_does_not_fit(paper: bytes) -> None:
    thief = SigningKey(bytes(32))
    forged = seal(sign=lambda text: base64.b64encode(thief.sign(text).signature).decode())
    with pytest.raises(Broken, match="signature"):
        opened(sealed(render(DOCUMENT), forged))
    line = json.loads(paper[paper.rfind(MARK) + len(MARK) :])
    assert KEY.verify_key.verify(
        TEXT
        + json.dumps(
            {k: v for k, v in line.items() if k != "signature"},
            ensure_ascii=False,
            sort_keys=True,
            separators=(",", ":"),
        ).encode(),
        base64.b64decode(line["signature"]),
    )
