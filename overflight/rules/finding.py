"""Findings: what a rule answers, under which paragraph, and what was seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import wraps
from typing import Any, ParamSpec


class Verdict(StrEnum):
    """The six answers that a rule can give."""

    COMPLIES = "complies"
    BREACHES = "breaches"
    RIGHT = "right"
    SILENT = "silent"
    DISPUTED = "disputed"
    UNDETERMINED = "undetermined"


# What weighs most goes first: what is wrong, then what is open, then what may be done, then what is in order.
WORST_FIRST = (
    Verdict.BREACHES,
    Verdict.DISPUTED,
    Verdict.UNDETERMINED,
    Verdict.SILENT,
    Verdict.RIGHT,
    Verdict.COMPLIES,
)


@dataclass(frozen=True)
class Finding:
    """One rule's answer.

    `seen` and `limit` hold the numbers; `where` is a place on the path (GeoJSON point and
    leg number) or a message's id; `data` lists the dated values used with both their marks;
    `readings` the named readings in force; `missing` the facts that an undetermined finding lacks;
    `under` the findings of each reading when the verdict is disputed.
    """

    citation: str
    rule: str
    verdict: Verdict
    because: str
    actor: str | None = None
    where: Any = None
    seen: Mapping[str, Any] = field(default_factory=dict)
    limit: Any = None
    data: tuple[Mapping[str, Any], ...] = ()
    readings: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    under: tuple[Mapping[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The finding as a JSON-able mapping; empty parts are left out, the contract's four stay."""
        out: dict[str, Any] = {
            "citation": self.citation,
            "rule": self.rule,
            "verdict": str(self.verdict),
            "because": self.because,
            "where": self.where,
        }
        for name in ("actor", "seen", "limit", "data", "readings", "missing", "under"):
            value = getattr(self, name)
            if value not in (None, {}, ()):
                out[name] = list(value) if isinstance(value, tuple) else value
        return out


P = ParamSpec("P")


@dataclass(frozen=True)
class Rule:
    """A registered rule: its paragraph, its name, the first sentence of its docstring, its module."""

    citation: str
    name: str
    summary: str
    module: str


RULES: dict[str, list[Rule]] = {}


def rule(citation: str) -> Callable[[Callable[P, Finding]], Callable[P, Finding]]:
    """Register a rule under its paragraph and stamp citation and name on its finding."""

    def register(function: Callable[P, Finding]) -> Callable[P, Finding]:
        first = (function.__doc__ or "").strip().split("\n\n")[0]
        name = function.__name__
        RULES.setdefault(citation, []).append(Rule(citation, name, " ".join(first.split()), function.__module__))

        @wraps(function)
        def decide(*args: P.args, **kwargs: P.kwargs) -> Finding:
            found = function(*args, **kwargs)
            stamped = object.__new__(Finding)  # as `replace` does, at a fifth of its cost; a check has a score of them
            stamped.__dict__.update(found.__dict__, citation=found.citation or citation, rule=name)
            return stamped

        return decide

    return register


def complies(because: str, **more: Any) -> Finding:
    """The act is in compliance; exactly at the limit is."""
    return Finding("", "", Verdict.COMPLIES, because, **more)


def breaches(because: str, **more: Any) -> Finding:
    """The act is not in compliance; nothing more is said of the actor."""
    return Finding("", "", Verdict.BREACHES, because, **more)


def right(because: str, **more: Any) -> Finding:
    """A Party may now do something."""
    return Finding("", "", Verdict.RIGHT, because, **more)


def silent(because: str, **more: Any) -> Finding:
    """The treaty gives no answer."""
    return Finding("", "", Verdict.SILENT, because, **more)


def disputed(because: str, **more: Any) -> Finding:
    """Published readings differ; `under` holds each reading's answer."""
    return Finding("", "", Verdict.DISPUTED, because, **more)


def undetermined(because: str, *missing: str, **more: Any) -> Finding:
    """A fact is missing; it is named in `missing`."""
    return Finding("", "", Verdict.UNDETERMINED, because, missing=missing, **more)


def all_comply(findings: list[Finding] | tuple[Finding, ...]) -> bool:
    """True when no finding is `breaches` (the contract's `complies`)."""
    return not any(f.verdict is Verdict.BREACHES for f in findings)
