"""`holdall-cli repairs config-check`, as a person or a script calls it."""

import json

import pytest

from app.__main__ import cli
from tests.app.repairs.mapping.conftest import FILES, as_bytes, big


@pytest.fixture
def check(capsys, tmp_path):
    def run(*arguments, data=None):
        if data is not None:
            (tmp_path / "given.json").write_bytes(data)
            arguments = (str(tmp_path / "given.json"), *arguments)
        code = cli(["repairs", "config-check", *map(str, arguments)])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_a_valid_mapping_ends_with_0_and_one_document(check):
    code, out, _err = check(FILES / "lists.json", "--json")
    document = json.loads(out)
    assert code == 0
    assert (document["valid"], document["leaves"], document["coded"], document["errors"]) == (True, 6, 6, [])


def test_a_mapping_with_faults_ends_with_0_too_and_names_them(check):
    code, out, _err = check("--json", data=b'{"kitchen": {"tap": 12, "sink": ""}}')
    document = json.loads(out)
    assert code == 0
    assert document["valid"] is False
    assert [e["path"] for e in document["errors"]] == ["kitchen/tap"]
    assert "kitchen/sink" in document["uncoded"]


def test_two_councils_are_compared(check):
    code, out, _err = check(FILES / "nested.json", "--against", FILES / "lists.json", "--json")
    document = json.loads(out)
    assert code == 0
    assert document["shared"] == ["000731", "004410"]
    assert [c["path"] for c in document["conflicts"]] == [
        "tenant/kitchen/cupboards/drawerStuck",
        "tenant/kitchen/dampOrMould/onTheWall",
    ]


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe\x00", b"[" * 5000])
def test_a_file_that_cannot_be_read_ends_with_2_and_one_sentence(check, data):
    code, out, err = check("--json", data=data)
    assert (code, out) == (2, "")
    assert "given.json" in err
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 1


def test_a_file_that_is_not_there_ends_with_2(check, tmp_path):
    code, _out, err = check(tmp_path / "nowhere.json", "--json")
    assert code == 2
    assert "nowhere.json" in err


def test_people_are_told_in_lines(check):
    code, out, _err = check(data=as_bytes(big(120)))
    assert code == 0
    assert "given.json holds: 120 leaves, 120 with a code, 120 different codes." in out
