"""What people write is never read as HTML by Qt, which would fetch the pictures that such words name."""

from __future__ import annotations

import ast
import re

from tests.shape.test_house_rules import ROOT, TREES, name

RICH = {"ui/content/marked.py"}  # escapes every word itself: tests/ui/content holds it to that
TIPS = {  # tool tips of our own words; people's go through plain_tip
    "ui/content/head.py",
    "ui/content/sheet.py",
    "ui/tab_bar.py",
    "ui/status_bar.py",
}


def test_every_label_shows_plain_words() -> None:
    rich = []
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "QLabel" for base in node.bases):
                text = ast.unparse(node)
                drawn = "def paintEvent" in text or "setPixmap" in text
                if "TextFormat.PlainText" not in text and not drawn and name(path) not in RICH:
                    rich.append(f"{name(path)} {node.name}")
    assert rich == []


def test_bare_labels_and_message_boxes_are_not_used() -> None:
    bare = [
        name(path)
        for path in TREES
        if re.search(r"(?<![\w.])(QLabel|QMessageBox|QTextBrowser)\(", path.read_text("utf-8"))
        and not re.search(r"class \w+\((QLabel)\)", path.read_text("utf-8"))
    ]
    assert bare == []


def test_tool_tips_of_peoples_words_are_plain() -> None:
    loose = []
    for path in (ROOT / "ui").rglob("*.py"):
        for line in path.read_text("utf-8").splitlines():
            if ".setToolTip(" in line and "plain_tip(" not in line and name(path) not in TIPS:
                loose.append(f"{name(path)}: {line.strip()}")
    assert loose == []
