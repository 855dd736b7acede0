"""`income rules run`: import rules over the rows of a CSV; nothing is stored."""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.errors import BadFile
from app.income.files import LARGEST_FILE, decode
from app.income.row_rules import AMOUNT, NUMERIC, Rule, RuleSet, compile_rules, pence_of
from app.income.rule_files import field_named, read_rules
from app.told import Told
from app.wording import plural

_SAID = 20  # rows told one by one to people


def run(options: argparse.Namespace) -> Told:
    """Run the rules of one file over the rows of another, and tell each row as they leave it."""
    rules = read_rules(options.rules.name, read_text(options.rules, "Give the rules as a JSON file."))
    advice = "Give a CSV file whose first line names its columns."
    heads, rows = _table(options.rows.name, read_text(options.rows, advice))
    fields = columns_of(heads)
    if not fields:
        raise BadFile(
            f"“{options.rows.name}” has no column that rules can look at.",
            "Its first line names columns such as account_reference, amount, fund, mop and narrative.",
        )
    ready = compile_rules([_seen_through(rule, fields) for rule in rules])
    checked = _numeric_rows(options.rows.name, rows, fields) if _looks_at_size(ready) else rows
    document = [_told(ready, row, fields) for _, row in checked]
    touched = [row for row in document if row["rules"]]
    words = [f"{plural(len(touched), 'row')} of {len(document)} touched by {plural(len(ready), 'rule')}."]
    for row in touched[:_SAID]:
        changes = ", ".join(f"{name}: {old or 'empty'} to {row[name]}" for name, old in row["before"].items())
        words.append(f"{', '.join(row['rules'])}: {changes or 'nothing changed'}.")
    return Told(document, words)


def read_text(path: Path, advice: str) -> str:
    """Return the text of a file, whatever encoding it has.

    Raises BadFile in words, with `advice` where it is no text.
    """
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= LARGEST_FILE else b""
    except (OSError, ValueError) as error:
        raise BadFile(f"“{path}” cannot be opened.", "Check its name and place, then try again.") from error
    if size > LARGEST_FILE:
        raise BadFile(f"“{path.name}” is larger than 200 MB.", "Split it into smaller files.")
    try:
        return decode(data, path.name, BadFile)[0]
    except BadFile as error:
        raise BadFile(error.title, advice) from error


def columns_of(heads: list[str]) -> dict[str, str]:
    """Return the column of each field; a lone column `reference` is the account reference too."""
    fields: dict[str, str] = {}
    for head in heads:
        name = field_named(head)
        if name is not None:
            fields.setdefault(name, head)
    if "Reference" in fields and "AccountReference" not in fields:
        fields["AccountReference"] = fields.pop("Reference")
    return fields


def _seen_through(rule: Rule, fields: Mapping[str, str]) -> Rule:
    """Return a rule whose Reference means the account reference, where rows have but one column for both."""
    if "Reference" in fields:
        return rule

    def same(name: str) -> str:
        return "AccountReference" if name == "Reference" else name

    return replace(
        rule,
        conditions=tuple(replace(one, field=same(one.field)) for one in rule.conditions),
        actions=tuple(replace(one, field=same(one.field)) for one in rule.actions),
    )


def _table(name: str, text: str) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Return the headings and the rows below them, each with its line in the file."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t|", key=first.count))
    heads: list[str] = []
    rows: list[tuple[int, dict[str, str]]] = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not heads:
                heads = [cell.strip() for cell in cells]
                continue
            if len(cells) > len(heads) and any(cell.strip() for cell in cells[len(heads) :]):
                raise BadFile(
                    f"Line {reader.line_num} of “{name}” has {len(cells)} cells for {len(heads)} columns.",
                    "Put text with commas in quotation marks.",
                )
            padded = [*cells, *[""] * (len(heads) - len(cells))]
            rows.append((reader.line_num, dict(zip(heads, padded))))
    except csv.Error as error:
        raise BadFile(f"“{name}” breaks off in the middle of a row.", "Save it again as CSV.") from error
    if not heads:
        raise BadFile(f"“{name}” is empty.", "Its first line names the columns.")
    if not rows:
        raise BadFile(f"“{name}” has headings in line 1 but no rows.", "Choose a file with rows below them.")
    return heads, rows


def _looks_at_size(ready: RuleSet) -> bool:
    return any(one.operator in NUMERIC for rule in ready.rules for one in rule.conditions)


def _numeric_rows(
    name: str, rows: list[tuple[int, dict[str, str]]], fields: Mapping[str, str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield rows whose amount can be compared. Raises BadFile naming the line of one that cannot."""
    column = fields.get(AMOUNT)
    for line, row in rows:
        found = row[column].strip() if column else ""
        if found and pence_of(found) is None:
            raise BadFile(
                f"Line {line} of “{name}” has “{found[:30]}” for an amount.",
                "Write pounds and pence, such as 20.00.",
            )
        yield line, row


def _told(ready: RuleSet, row: Mapping[str, str], fields: Mapping[str, str]) -> dict[str, Any]:
    """Return a row under its own headings as the rules leave it, with their names and what was before."""
    given = {name: row[column] for name, column in fields.items()}
    after, fired = ready.run(given)
    document: dict[str, Any] = dict(row)
    before = {}
    for name, value in after.items():
        if value != given.get(name, ""):
            column = fields.get(name, name)
            before[column] = given.get(name, "")
            document[column] = value
    return {**document, "rules": list(fired), "before": before}
