"""When an entry of a mapping holds: it asks on, or it ends with a code and a priority, or it leaves triage.

The rule of the public repairs service: an early exit with neither options nor a code is valid; any other
entry has exactly one of options that are not empty, and a code together with a priority.
"""

from __future__ import annotations

from app.repairs.mapping.config import EXITS, Node


def rule_fault(node: Node) -> str | None:
    """What is wrong with an entry by the rule, in words; None when it holds. It looks at this entry alone."""
    asks, coded, ranked = bool(node.options), bool(node.code), bool(node.priority)
    if node.exit and not asks and not coded:
        if node.tier == 1:
            return "an early exit stands at the second or third tier, under a place"
        return None
    if asks and (coded or ranked):
        return "it has options and a code or priority: it can have only one of them"
    if asks:
        return None
    if coded and ranked:
        return "a place needs problems under it before there is a code" if node.tier == 1 else None
    if coded:
        return "the code has no priority beside it"
    if ranked:
        return "the priority has no code beside it"
    if node.has_options:
        return "its options are empty, and it has no code"
    near = next((e for e in EXITS if e.lower() == node.value.lower()), None)
    if near is not None:
        return f"it has neither options nor a code; an early exit is written “{near}”"
    return "it has neither options nor a code with a priority"
