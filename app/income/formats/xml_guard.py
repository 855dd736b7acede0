"""XML from outside, read in one pass and only after its prolog was found harmless.

An entity or a document type can be declared nowhere but before the first element. So defusedxml, which
refuses both, reads up to that element, and the quick parser of the standard library reads the whole.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

from app.income.reading import NotAStatement

_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_PROLOG = 65_536  # characters; a longer comment before the first element is no bank's


def elements(name: str, text: str) -> Iterator[tuple[str, Any]]:
    """Yield ("end", element) through a document, as xml.etree's iterparse does.

    Raises NotAStatement for XML that declares a document type or entities, or that breaks off; line and
    column are those of the file.
    """
    declared = _DECLARATION.match(text)
    blank = "\n" * declared[0].count("\n") if declared else ""
    body = blank + text[declared.end() :] if declared else text.lstrip("\n")
    data = body.encode("utf-8", "replace")  # the declaration is gone: what it said of letters holds no more
    _refuse_declarations(name, body)
    try:
        yield from ElementTree.iterparse(io.BytesIO(data), ("end",))  # noqa: S314 - guarded above
    except ElementTree.ParseError as error:
        line = error.position[0]
        raise NotAStatement(
            f"“{name}” breaks off or is damaged at line {line}.",
            "Ask the bank’s site for the whole file again.",
        ) from error


class _FirstElement:
    """A parser's target that only notes whether an element has begun."""

    def __init__(self) -> None:
        self.begun = False

    def start(self, tag: str, attributes: object) -> None:
        self.begun = True

    def close(self) -> None:
        """Nothing is built."""


def _refuse_declarations(name: str, body: str) -> None:
    """Raise NotAStatement when anything is declared before the first element, or none begins."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser

    seen = _FirstElement()
    parser = DefusedXMLParser(target=seen, forbid_dtd=True)
    try:
        parser.feed(body[:_PROLOG])
    except DefusedXmlException as error:
        raise NotAStatement(
            f"“{name}” declares entities or a document type, which can do harm and which no bank needs.",
            "It was not read. Ask whoever sent it what it is.",
        ) from error
    except ElementTree.ParseError:
        pass  # the reader proper meets the same fault and names its line
    if not seen.begun:
        raise NotAStatement(
            f"“{name}” begins like XML but is none.", "Ask the bank’s site for the file again."
        )
