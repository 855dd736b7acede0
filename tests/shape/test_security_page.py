"""The page on security names tests: each of them exists, and each item has one or a reason."""

from __future__ import annotations

import ast
import re
from functools import cache

from tests.shape.test_house_rules import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


@cache
def functions_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_test_that_the_page_names_exists() -> None:
    named = NAMED.findall(PAGE)
    assert len(named) > 60
    missing = [f"{path}::{test}" for path, test in named if not (ROOT / path).is_file()]
    missing += [f"{path}::{test}" for path, test in named if test not in functions_in(path)]
    assert missing == []


def test_every_row_has_a_proof_or_a_reason() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("|---")]
    bare = [
        row
        for row in rows
        if not re.match(r"\| (item|threat) \|", row) and not NAMED.search(row) and "| reason: " not in row
    ]
    assert bare == []
