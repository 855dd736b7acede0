"""The report on one mapping, alone or against another, as the command prints it and the screen shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.repairs.mapping.config import Config, ConfigFault
from app.repairs.mapping.coverage import Coverage, compare, leaves_of
from app.wording import plural


@dataclass(frozen=True)
class ConfigReport:
    """What a mapping holds. Leaves are the ends with a code or without one; early exits are counted apart."""

    name: str
    shape: str
    leaves: int
    coded: int
    uncoded: tuple[str, ...]
    distinct_codes: int
    exits: dict[str, int]
    tiers: int
    kinds: tuple[str, ...]
    priorities: tuple[str, ...]
    errors: tuple[ConfigFault, ...]

    @property
    def valid(self) -> bool:
        """Whether nothing is wrong with it. A blank code is not wrong here: it is uncoded."""
        return not self.errors


def report_of(config: Config) -> ConfigReport:
    """The report on a mapping that was read."""
    leaves = config.leaves()
    codes = [n.code for n in leaves if n.code]
    return ConfigReport(
        name=config.name,
        shape=config.shape,
        leaves=len(leaves),
        coded=len(codes),
        uncoded=tuple(n.path for n in leaves if not n.code),
        distinct_codes=len(set(codes)),
        exits=config.exits(),
        tiers=config.tiers,
        kinds=tuple(k for k in config.places if k),
        priorities=tuple(sorted({n.priority for n in leaves if n.priority})),
        errors=config.faults,
    )


def check(config: Config, against: Config | None = None) -> dict[str, Any]:
    """The whole document of `repairs config-check`."""
    report = report_of(config)
    document: dict[str, Any] = {
        "valid": report.valid,
        "leaves": report.leaves,
        "coded": report.coded,
        "uncoded": list(report.uncoded),
        "exits": report.exits,
        "errors": [{"path": f.path, "message": f.message} for f in report.errors],
        "shared": [],
        "conflicts": [],
        "distinct_codes": report.distinct_codes,
        "shape": report.shape,
        "tiers": report.tiers,
        "kinds": list(report.kinds),
        "priorities": list(report.priorities),
    }
    if against is not None:
        document |= _against(
            compare(leaves_of(config, against), leaves_of(against, config)), report_of(against)
        )
    return document


def _against(found: Coverage, other: ConfigReport) -> dict[str, Any]:
    return {
        "shared": list(found.shared),
        "conflicts": [{"path": c.path, "a": c.a, "b": c.b} for c in found.conflicts],
        "only_here": list(found.only_a),
        "only_there": list(found.only_b),
        "shared_without_letters": list(found.shared_figures),
        "jaccard_per_cent": found.per_cent,
        "against": {
            "name": other.name,
            "valid": other.valid,
            "leaves": other.leaves,
            "coded": other.coded,
            "uncoded": list(other.uncoded),
            "errors": len(other.errors),
        },
    }


def words_of(document: dict[str, Any], name: str) -> list[str]:
    """The document in lines for people."""
    holds = "holds" if document["valid"] else "has faults"
    leaves, codes = plural(document["leaves"], "leaf", "leaves"), document["distinct_codes"]
    lines = [
        f"{name} {holds}: {leaves}, {document['coded']:,} with a code, {plural(codes, 'different code')}."
    ]
    lines += [f"  {f['path']}: {f['message']}." for f in document["errors"]]
    if document["uncoded"]:
        lines.append(f"Without a code: {', '.join(document['uncoded'])}.")
    if document["exits"]:
        lines.append("Early exits: " + ", ".join(f"{n} {c}" for n, c in document["exits"].items()) + ".")
    if "against" in document:
        lines.append(
            f"Against {document['against']['name']}: {plural(len(document['shared']), 'code')} in both "
            f"({document['jaccard_per_cent']} % of all), {plural(len(document['conflicts']), 'path')} "
            "with another code."
        )
        lines += [f"  {c['path']}: {c['a']} here, {c['b']} there." for c in document["conflicts"]]
    return lines
