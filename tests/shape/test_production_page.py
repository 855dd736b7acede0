"""The page on production is true of the program: tables, options, metrics and addresses that it names."""

from __future__ import annotations

import re

from sync.server.__main__ import _parser
from sync.server.meters import Meters
from sync.server.routes import ROUTES
from sync.server.tables import metadata
from tests.shape.test_house_rules import ROOT

PAGE = (ROOT / "docs" / "production.md").read_text(encoding="utf-8")


def test_every_table_is_spread_by_council() -> None:
    listed = re.search(r"FROM unnest\(ARRAY\[(.*?)\]\)", PAGE, re.S)
    assert listed is not None
    assert set(re.findall(r"'(\w+)'", listed[1])) == set(metadata.tables) - {"tenant"}


def test_every_option_and_command_that_is_named_exists() -> None:
    known = set(re.findall(r"--[a-z-]+", "\n".join(help_texts())))
    ours = [line for line in PAGE.splitlines() if "sync.server" in line]
    named = set(re.findall(r"(?<=[` ])--[a-z-]+", "\n".join(ours))) | {"--proxy", "--host", "--certfile"}
    assert named <= known
    commands = set(re.findall(r"-m sync\.server (\w+)", PAGE))
    assert commands <= set(re.findall(r"\w+", _parser().format_usage()))


def help_texts() -> list[str]:
    import argparse

    made = _parser()
    texts = [made.format_help()]
    for action in made._actions:
        if isinstance(action, argparse._SubParsersAction):
            texts += [command.format_help() for command in action.choices.values()]
    return texts


def test_every_metric_and_address_that_is_named_exists() -> None:
    meters = Meters().page().decode()
    for name in re.findall(r"`(holdall_(?!owner|app|backup)[a-z_]+)", PAGE):
        assert f"# TYPE {name}" in meters, name
    paths = {route.path for route in ROUTES}
    named = set(re.findall(r"`(?:GET |POST )?(/(?:v1/[a-z/]+|healthz|readyz|metrics))`", PAGE))
    assert named - {"/v1/watch"} <= paths
