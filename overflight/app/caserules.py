"""The rules of a paragraph as a case asks them: which there are, what each asks to know, and how to put it."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overflight.app.caseagreed import AGREED, may_agree
from overflight.app.caseusual import usual_words
from overflight.app.treaty import all_rules
from overflight.errors import OverflightError
from overflight.rules import path_facts
from overflight.rules.finding import Finding, Rule, undetermined
from overflight.terms.citation import is_part
from overflight.terms.words import say
from overflight.treaty import coverage, paragraphs
from overflight.treaty.regime import OPEN_SKIES

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

# What a case need not give: the day's regime, found by the case's own day and readings.
GIVEN = frozenset({"regime", "regime_on"})
MOST_NAMED = 6  # rules or facts in one sentence


@dataclass(frozen=True)
class Fact:
    """One fact that a rule asks to know: its name, its kind in the words of the rule, whether it must be given.

    `default` tells people what a rule takes where a fact that it does not need is not said.
    """

    name: str
    kind: str
    needed: bool
    default: str = ""


def rules_under(paragraph: str, folder: Path) -> tuple[Rule, ...]:
    """The rules that answer for a paragraph: its own, those of its parts, those that carry it out under another
    paragraph, and those of the paragraph that holds it.
    """
    every = all_rules()
    also = carried_by(paragraph, folder)
    exact = [r for c, rules in every.items() if c.casefold() == paragraph.casefold() for r in rules]
    parts = [r for c, rules in every.items() if is_part(c, of=paragraph) for r in rules]
    carried = [r for rules in every.values() for r in rules if r.name in also]
    longest_first = sorted(every.items(), key=lambda p: -len(p[0]))
    wholes = [r for c, rules in longest_first if is_part(paragraph, of=c) for r in rules]
    return tuple({r.name: r for r in (*exact, *parts, *carried, *wholes)}.values())


@lru_cache(maxsize=1024)
def carried_by(paragraph: str, folder: Path) -> frozenset[str]:
    """Names of the rules that carry a paragraph out: by the table of coverage, or told with others in one row."""
    try:
        rows = paragraphs.rows_of(folder, paragraph)
    except OverflightError:
        return frozenset()
    told = {c for row in rows for c in (row.citation, *row.covers)}
    named = {n for c in coverage.load_coverage(folder) if c.table == "paragraph" and c.id in told for n in c.names}
    together = {r.name for c, rules in all_rules().items() if c in told for r in rules}
    return frozenset(named | together)


@lru_cache(maxsize=512)
def function_of(module: str, name: str) -> Callable[..., Finding]:
    """A rule as it is called."""
    found: Callable[..., Finding] = getattr(importlib.import_module(module), name)
    return found


def facts_asked(rule: Rule) -> tuple[Fact, ...]:
    """What a rule asks to know, the day's regime apart."""
    return _facts_asked(rule.module, rule.name)


@lru_cache(maxsize=512)
def _facts_asked(module: str, name: str) -> tuple[Fact, ...]:
    return tuple(
        Fact(p.name, str(p.annotation), p.default is inspect.Parameter.empty, _spoken_default(p.default))
        for p in signature_of(module, name).values()
        if p.name not in GIVEN
    )


def _spoken_default(value: Any) -> str:
    if value is inspect.Parameter.empty:
        return ""
    if value is None:
        return say("not known")
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    if isinstance(value, tuple | frozenset | list | dict | set | Mapping) and not value:
        return say("none")
    if isinstance(value, tuple | frozenset | list):
        return ", ".join(map(str, value))
    return str(value)


@lru_cache(maxsize=512)
def signature_of(module: str, name: str) -> Mapping[str, inspect.Parameter]:
    """The parameters of a rule by name."""
    return inspect.signature(inspect.unwrap(function_of(module, name))).parameters


def described(rule: Rule) -> dict[str, Any]:
    """A rule for people who write cases: paragraph, what it decides, and each fact with its kind."""
    return {
        "citation": rule.citation,
        "rule": rule.name,
        "decides": rule.summary,
        "explained": _explained(rule),
        "example": example(rule),
        "facts": [
            {
                "name": f.name,
                "kind": spoken_kind(f.kind),
                "needed": f.needed and not usual_words(rule.name, f.name),
                "usual": usual_words(rule.name, f.name) or f.default,
            }
            for f in (*facts_asked(rule), *_agreement(rule))
        ],
    }


def _agreement(rule: Rule) -> tuple[Fact, ...]:
    """The fact `agreed` where the paragraph says "unless otherwise agreed" and the rule does not ask for it itself."""
    if any(f.name == AGREED for f in facts_asked(rule)) or not may_agree(rule.citation, OPEN_SKIES):
        return ()
    return (Fact(AGREED, "bool", False, say("no")),)


def _explained(rule: Rule) -> str:
    """What a rule's docstring says beyond its first sentence: words that a fact may be, conventions, readings."""
    parts = (inspect.getdoc(function_of(rule.module, rule.name)) or "").split("\n\n", 1)
    return " ".join(re.split(r"\n(?:Parameters|Raises)\n", f"\n{parts[1]}")[0].split()) if len(parts) > 1 else ""


_SAMPLES = {"datetime": "2021-02-05T06:00Z", "date": "2021-02-05", "int": "1", "float": "1.5", "bool": "yes"}


def example(rule: Rule) -> str:
    """A case in YAML that asks one rule, with a sample of each fact that it needs, to be filled in."""
    told_ = [f for f in facts_asked(rule) if f.needed and not usual_words(rule.name, f.name)]
    shown = ", ".join(f"{f.name}: {_sample(f)}" for f in told_)
    return (
        f"- id: {rule.name.replace('_', '-')}\n  day: 2021-02-05\n  question: {rule.citation}\n"
        f"  rule: {rule.name.replace('_', ' ')}\n  facts: {{{shown}}}\n  expected: complies\n"
    )


def _sample(fact: Fact) -> str:
    plain = fact.kind.partition(" | None")[0]
    if plain in _SAMPLES:
        return _SAMPLES[plain]
    if re.match(r"(Collection|Sequence|list|tuple|frozenset)\[", plain):
        return "[]"
    if plain.startswith("Mapping"):
        return "{POL: 1}" if "int" in plain or "float" in plain else "{}"
    party = {"code", "by", "observing", "observed", "giving", "state", "nationality", "sends", "registered_in"}
    return "POL" if fact.name in party else "UUMB" if fact.name in ("icao", "airfield") else "text"


_SPOKEN = {
    "datetime": "time",
    "date": "day",
    "int": "whole number",
    "float": "number",
    "bool": "yes or no",
    "str": "text",
    "Any": "anything",
    "Value": "number",
    "Counted": "observing, observed, data_kept",
}


def _shape(name: str) -> str:
    """The keys of an entry that holds several things, such as a border near the path; places may be left out."""
    shape = getattr(path_facts, name, None)
    if shape is None or not is_dataclass(shape):
        return name
    keys = [f.name for f in fields(shape) if f.name not in ("lon_deg", "lat_deg", "source")]
    return say("entries with {keys}", keys=", ".join(keys))


def spoken_kind(kind: str) -> str:
    """A fact's kind as people say it: ``datetime | None`` is "time, or unknown"."""
    listed = re.fullmatch(
        r"(?:Sequence|list)\[tuple\[(.+)\]\]", kind.replace("Span", "tuple[datetime, datetime, float]")
    )
    if listed:
        parts = ", ".join(spoken_kind(part) for part in listed.group(1).split(", "))
        return say("list of [{parts}]", parts=parts)
    plain, _, none = kind.partition(" | None")
    inner = re.fullmatch(r"(?:Collection|Sequence|tuple|frozenset|list)\[(\w+)(?:, \.\.\.)?\]", plain)
    pairs = re.fullmatch(r"Mapping\[(\w+), (\w+)\]", plain)
    if inner:
        text = say("list of {kind}", kind=_SPOKEN.get(inner.group(1)) or _shape(inner.group(1)))
    elif pairs:
        text = say("named entries of {kind}", kind=_SPOKEN.get(pairs.group(2), pairs.group(2)))
    else:
        text = _SPOKEN.get(plain) or _shape(plain)
    return say("{kind}, or unknown", kind=text) if none or kind.endswith("None") else text


def unanswered(paragraph: str, regime: Regime) -> Finding:
    """The answer for a paragraph that no rule decides: `undetermined`, with the reason that the coverage gives."""
    row = coverage.row_of(regime.folder, paragraph.partition("#")[0])
    if row is not None and row.by == "people":
        why = say("for people to judge: {reason}", reason=row.why)
        return replace(undetermined(why, say("judgement of the Parties")), citation=paragraph)
    asked = paragraph.partition("#")[0]
    rules = [  # those of the whole that holds it decide something else
        r
        for r in rules_under(asked, regime.folder)
        if is_part(r.citation, of=asked) or not is_part(asked, of=r.citation)
    ]
    names = dict.fromkeys(f.name for r in rules for f in facts_asked(r) if f.needed and not usual_words(r.name, f.name))
    if not names:
        open_ = undetermined(
            say("nothing that was given says, and no rule decides {paragraph}", paragraph=asked), "facts"
        )
        return replace(open_, citation=paragraph)
    why = say(
        "nothing that was given says; {rules} would, told of {facts} (see overflight case facts {paragraph})",
        rules=", ".join(r.name.replace("_", " ") for r in rules[:MOST_NAMED]),
        facts=", ".join(list(names)[:MOST_NAMED]), paragraph=asked,
    )  # fmt: skip
    return replace(undetermined(why, *names), citation=paragraph)
