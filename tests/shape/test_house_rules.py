"""The house rules that a machine can keep: what the tree looks like and how each file begins."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("app", "ui", "models", "sync")
SLICES = ("content", "wellbeing", "income", "repairs", "inclusion")
MODULES = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("slice_name", SLICES)
def test_every_slice_has_the_same_rooms(slice_name: str) -> None:
    tables = ROOT / "models" / slice_name  # one module, or a package with the same face
    assert tables.with_suffix(".py").is_file() or (tables / "__init__.py").is_file()
    wanted = [f"docs/{slice_name}.md"]
    wanted += [f"app/{slice_name}/{part}.py" for part in ("rules", "service", "files", "report", "sample")]
    wanted += [f"ui/{slice_name}/{part}.py" for part in ("tab", "form", "items")]
    assert [path for path in wanted if not (ROOT / path).is_file()] == []


def test_no_module_is_longer_than_five_hundred_lines() -> None:
    long = {name(p): n for p in MODULES if (n := len(p.read_text(encoding="utf-8").splitlines())) > 500}
    assert long == {}


def test_no_function_is_longer_than_sixty_lines() -> None:
    long = []
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                length = node.end_lineno - node.lineno + 1
                if length > 60 and "migrations" not in path.parts:  # a table list is as long as its tables
                    long.append(f"{name(path)} {node.name}: {length}")
    assert long == []


def test_every_module_and_every_public_name_says_what_it_is() -> None:
    silent = []
    for path, tree in TREES.items():
        if path.name == "__init__.py" and not tree.body:
            continue
        if not ast.get_docstring(tree):
            silent.append(name(path))
        for node in tree.body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
                if not ast.get_docstring(node):
                    silent.append(f"{name(path)} {node.name}")
    assert silent == []


def test_only_the_command_line_prints() -> None:
    printing = []
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Name) and called.id in ("print", "eval", "exec", "__import__"):
                printing.append(f"{name(path)} {called.id}")
    allowed = {"app/cli.py print", "app/__main__.py print", "sync/server/__main__.py print"}
    assert set(printing) <= allowed


def test_nothing_is_pickled_or_read_as_yaml() -> None:
    for path in MODULES:
        assert not re.search(
            r"^\s*(import|from) (pickle|shelve|marshal|yaml)\b", path.read_text("utf-8"), re.M
        ), name(path)


def test_services_never_commit_and_rules_know_no_clock() -> None:
    wrong = []
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        if path.parts[-3:-1] and "app" in path.parts and ".commit(" in text:
            wrong.append(f"{name(path)} commits")
        if path.name == "rules.py" and re.search(r"datetime\.now|date\.today|time\.time|Session\b", text):
            wrong.append(f"{name(path)} knows a clock or a session")
    assert wrong == []


def test_colours_sizes_and_fonts_stand_in_the_theme_alone() -> None:
    wrong = []
    for path in (ROOT / "ui").rglob("*.py"):
        if path.name.startswith("theme") or path.name in ("tokens.py", "palette.py"):
            continue
        text = path.read_text(encoding="utf-8")
        if re.search(r"[\"']#[0-9A-Fa-f]{6}[\"']", text) or re.search(r"QFont\(\"|setPointSize", text):
            wrong.append(name(path))
    assert wrong == []


def test_no_file_names_a_machine_or_a_package_registry() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    registry = "py" + "pi.org"
    pattern = re.compile(
        rf"(^|[^A-Za-z0-9_.])/(work|farm)/|{registry}|files\.python" + r"hosted|--(extra-)?index-url"
    )
    wrong = []
    for line in listed.stdout.splitlines():
        path = ROOT / line
        if (
            path.suffix in (".py", ".md", ".toml", ".lock", ".spec", ".ini", ".json", ".txt", "")
            and path.is_file()
        ):
            if pattern.search(path.read_text(encoding="utf-8", errors="ignore")):
                wrong.append(line)
    assert wrong == []
