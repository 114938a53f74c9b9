"""Questions that named facts answer: which rules a paragraph has, what each asks to know, and reading it strictly."""

from __future__ import annotations

import difflib
import importlib
import inspect
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from overflight.app.casefile import LawCase
from overflight.app.treaty import all_rules
from overflight.errors import OverflightError
from overflight.rules import path_facts
from overflight.rules.finding import Finding, Rule, Verdict, undetermined
from overflight.terms.moment import parse_day, parse_moment
from overflight.terms.words import say
from overflight.treaty import coverage

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

UNKNOWN = "unknown"  # a case writes this where a fact is not known
# Short names that rules use for a kind of fact.
_ALIASES = {"Span": "tuple[datetime, datetime, float]"}
# What a case need not give: the day's regime, found by the case's own day and readings.
_GIVEN = frozenset({"regime", "regime_on"})
# Pairs of times of which the first cannot come after the second, whatever the law says.
_IN_ORDER = (
    ("started", "ended"),
    ("sent", "received"),
    ("received", "acknowledged"),
    ("submitted", "replied"),
    ("submitted", "proposed"),
    ("submitted", "agreed"),
    ("completed", "departed"),
    ("inventory_begun", "inventory_ended"),
    ("opened", "closed"),
)
_WORST_FIRST = (
    Verdict.BREACHES,
    Verdict.DISPUTED,
    Verdict.UNDETERMINED,
    Verdict.SILENT,
    Verdict.RIGHT,
    Verdict.COMPLIES,
)


@dataclass(frozen=True)
class Fact:
    """One fact that a rule asks to know: its name, its kind in the words of the rule, whether it must be given."""

    name: str
    kind: str
    needed: bool


def rules_under(all_of_them: Mapping[str, tuple[Rule, ...]], paragraph: str) -> tuple[Rule, ...]:
    """The rules of a paragraph and its parts; where there is none, those of the paragraph that holds it."""
    asked = paragraph.casefold()
    exact = [r for c, rules in all_of_them.items() if c.casefold() == asked for r in rules]
    parts = [r for c, rules in all_of_them.items() if c.casefold().startswith(asked + ".") for r in rules]
    wholes = [
        r
        for c, rules in sorted(all_of_them.items(), key=lambda p: -len(p[0]))
        if asked.startswith(c.casefold() + ".")
        for r in rules
    ]
    return (*exact, *parts, *wholes)


@lru_cache(maxsize=512)
def _function(module: str, name: str) -> Callable[..., Finding]:
    found: Callable[..., Finding] = getattr(importlib.import_module(module), name)
    return found


def facts_asked(rule: Rule) -> tuple[Fact, ...]:
    """What a rule asks to know, the day's regime apart."""
    return _facts_asked(rule.module, rule.name)


@lru_cache(maxsize=512)
def _facts_asked(module: str, name: str) -> tuple[Fact, ...]:
    function = inspect.unwrap(_function(module, name))
    return tuple(
        Fact(p.name, str(p.annotation), p.default is inspect.Parameter.empty)
        for p in inspect.signature(function).parameters.values()
        if p.name not in _GIVEN
    )


def described(rule: Rule) -> dict[str, Any]:
    """A rule for people who write cases: paragraph, what it decides, and each fact with its kind."""
    return {
        "citation": rule.citation,
        "rule": rule.name,
        "decides": rule.summary,
        "facts": [{"name": f.name, "kind": spoken_kind(f.kind), "needed": f.needed} for f in facts_asked(rule)],
    }


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


def spoken_kind(kind: str) -> str:
    """A fact's kind as people say it: ``datetime | None`` is "time, or unknown"."""
    plain, _, none = kind.partition(" | None")
    inner = re.fullmatch(r"(?:Collection|Sequence|tuple|frozenset|list)\[(\w+)(?:, \.\.\.)?\]", plain)
    pairs = re.fullmatch(r"Mapping\[(\w+), (\w+)\]", plain)
    if inner:
        text = say("list of {kind}", kind=_SPOKEN.get(inner.group(1), inner.group(1)))
    elif pairs:
        text = say("named entries of {kind}", kind=_SPOKEN.get(pairs.group(2), pairs.group(2)))
    else:
        text = _SPOKEN.get(plain, plain)
    return say("{kind}, or unknown", kind=text) if none or kind.endswith("None") else text


def answer(
    case: LawCase, paragraph: str, regime: Regime, regime_on: Callable[[date], Regime]
) -> tuple[Finding, tuple[str, ...]]:
    """What the rules of a paragraph find in the facts of a case, and which of them answered.

    Raises
    ------
    BadFile
        If a fact is one that no rule of the paragraph asks for, or is of the wrong kind.
    """
    clock = _by_clock(case, paragraph, regime)
    if clock is not None:
        return clock, ("keeps_the_clock",)
    wanted = case.question.rule
    rules = [
        r
        for r in rules_under(all_rules(), paragraph.partition("#")[0])
        if wanted is None or r.name == wanted.strip().replace(" ", "_").casefold()
    ]
    if not rules:
        if wanted is not None:
            raise case.wrong("rule", say("{paragraph} has no such rule", paragraph=paragraph))
        _exists(case, paragraph, regime)
        return unanswered(paragraph, regime), ()
    fitting = _fitting(case, rules)
    found: list[tuple[Rule, Finding]] = []
    for rule, asked in fitting:
        lacking = [f.name for f in asked if f.needed and case.facts.get(f.name, UNKNOWN) == UNKNOWN]
        lacking = [x for x in lacking if not (x == "sent" and "received" in case.facts)]
        if all(_may_be_none(asked, name) for name in lacking):
            found.append((rule, _ask(case, rule, asked, regime, regime_on)))
    if not found:
        rule, asked = min(fitting, key=lambda pair: _lacking(case, pair[1]))
        names = [f.name for f in asked if f.needed and case.facts.get(f.name, UNKNOWN) == UNKNOWN]
        why = say("not known: {names}", names=", ".join(names))
        return replace(undetermined(why, *names), citation=rule.citation, rule=rule.name), (rule.name,)
    best = min(found, key=lambda pair: _WORST_FIRST.index(pair[1].verdict))
    return best[1], tuple(r.name for r, _ in found)


def _lacking(case: LawCase, asked: tuple[Fact, ...]) -> int:
    return sum(f.needed and case.facts.get(f.name, UNKNOWN) == UNKNOWN for f in asked)


def _may_be_none(asked: tuple[Fact, ...], name: str) -> bool:
    return any(f.name == name and "None" in f.kind for f in asked)


def _fitting(case: LawCase, rules: list[Rule]) -> list[tuple[Rule, tuple[Fact, ...]]]:
    """The rules that take every fact given; who observes and who is observed may be given to any."""
    sides = {"observing", "observed"}
    pairs = [(r, facts_asked(r)) for r in rules]
    all_taken = [(r, asked) for r, asked in pairs if set(case.facts) <= {f.name for f in asked}]
    ready = [(r, asked) for r, asked in all_taken if _ready(case, asked)]
    if ready:
        closest = rules[0].citation
        own = [(r, asked) for r, asked in ready if r.citation.startswith(closest)]
        return own or ready
    if all_taken:
        return all_taken
    without = [(r, asked) for r, asked in pairs if set(case.facts) - sides <= {f.name for f in asked}]
    if without:
        return without
    known = sorted({f.name for _, asked in pairs for f in asked})
    for name in case.facts:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=3) or known
            raise case.wrong(
                f"facts.{name}",
                say("no rule of {paragraph} asks for it; facts are {known}",
                    paragraph=case.question.paragraph, known=", ".join(near)),
            )  # fmt: skip
    listed = "; ".join(f"{r.name}: {', '.join(f.name for f in asked)}" for r, asked in pairs)
    raise case.wrong("facts", say("no one rule takes all of these together; rules are {rules}", rules=listed))


def _ready(case: LawCase, asked: tuple[Fact, ...]) -> bool:
    return all(
        (f.name in case.facts and (case.facts[f.name] not in (None, UNKNOWN) or "None" in f.kind))
        or (f.name == "sent" and "received" in case.facts)
        for f in asked
        if f.needed
    )


def _ask(
    case: LawCase,
    rule: Rule,
    asked: tuple[Fact, ...],
    regime: Regime,
    regime_on: Callable[[date], Regime],
) -> Finding:
    given: dict[str, Any] = {}
    for fact in asked:
        if fact.name in case.facts:
            value = case.facts[fact.name]
            given[fact.name] = read(case, f"facts.{fact.name}", fact.kind, None if value == UNKNOWN else value)
        elif fact.needed:
            given[fact.name] = None
    if given.get("sent", 0) is None and given.get("received") is not None:
        given["sent"] = given["received"]  # a case that names only the receipt is not about the way
    contradiction = _contradiction(given)
    if contradiction:
        why = undetermined(contradiction[0], *contradiction[1:])
        return replace(why, citation=rule.citation, rule=rule.name)
    function = _function(rule.module, rule.name)
    names = inspect.signature(inspect.unwrap(function)).parameters
    if "regime" in names:
        given["regime"] = regime
    if "regime_on" in names:
        given["regime_on"] = regime_on
    if isinstance(given.get("limit"), str):
        given["limit"] = regime.max_flight_distance(given["limit"])
    try:
        return function(**given)
    except OverflightError as error:  # a table without a value on that day, a State that the data do not know
        why = undetermined(error.message, error.field or "value")
        return replace(why, citation=error.citation or rule.citation, rule=rule.name)


def _contradiction(given: Mapping[str, Any]) -> tuple[str, str, str] | None:
    for first, second in _IN_ORDER:
        a, b = given.get(first), given.get(second)
        if isinstance(a, datetime) and isinstance(b, datetime) and b < a:
            return say("the facts contradict each other: {b} lies before {a}", a=first, b=second), first, second
    return None


# Clocks: any deadline of the data by the paragraph that it stands under


def _by_clock(case: LawCase, paragraph: str, regime: Regime) -> Finding | None:
    if not {"trigger", "event"} & case.facts.keys():
        return None
    from overflight.rules import clocks

    known = [d for d in regime.deadlines() if d.id == paragraph]
    known = known or [d for d in regime.deadlines() if clocks.paragraph_of(d) == paragraph]
    if not known:
        raise case.wrong("question", say("{paragraph} has no clock of its own", paragraph=paragraph))
    ids = [d.id for d in known]
    if len(ids) > 1:
        raise case.wrong(
            "question", say("{paragraph} has several clocks: {ids}", paragraph=paragraph, ids=", ".join(ids))
        )
    extra = sorted(set(case.facts) - {"trigger", "event", "actor"})
    if extra:
        raise case.wrong(f"facts.{extra[0]}", say("a clock takes trigger and event only"))
    times = {
        key: read(case, f"facts.{key}", "datetime | None", None if value == UNKNOWN else value)
        for key in ("trigger", "event")
        for value in (case.facts.get(key),)
    }
    return clocks.keeps_the_clock(ids[0], trigger=times["trigger"], event=times["event"], regime=regime)


def _exists(case: LawCase, paragraph: str, regime: Regime) -> None:
    try:
        regime.paragraph(paragraph.partition("#")[0])
    except OverflightError as error:
        raise case.wrong("question", error.message) from None


def unanswered(paragraph: str, regime: Regime) -> Finding:
    """The answer for a paragraph that no rule decides: `undetermined`, with the reason that the coverage gives."""
    row = coverage.row_of(regime.folder, paragraph.partition("#")[0])
    if row is not None and row.by == "people":
        why = say("for people to judge: {reason}", reason=row.why)
        return replace(undetermined(why, say("judgement of the Parties")), citation=paragraph)
    return replace(undetermined(say("nothing that was given says"), "facts"), citation=paragraph)


# Reading one fact


def read(case: LawCase, key: str, kind: str, value: Any) -> Any:
    """A fact as the rule wants it.

    Raises
    ------
    BadFile
        If it is of another kind; the message names file, case and fact.
    """
    if value is None:
        if "None" in kind or kind == "Any":
            return None
        raise case.wrong(key, say("is not known, and the rule needs it"))
    plain = kind.removesuffix(" | None")
    return _read(case, key, _ALIASES.get(plain, plain), value)


def _read(case: LawCase, key: str, kind: str, value: Any) -> Any:
    many = re.fullmatch(r"(?:Collection|Sequence|list|frozenset)\[(.+)\]|tuple\[(.+), \.\.\.\]", kind)
    if many:
        if not isinstance(value, list):
            raise case.wrong(key, say("must be a list"))
        inner = many.group(1) or many.group(2)
        found = [read(case, f"{key}[{n}]", inner, v) for n, v in enumerate(value)]
        return frozenset(found) if kind.startswith("frozenset") else tuple(found)
    pair = re.fullmatch(r"tuple\[(.+)\]", kind)
    if pair:
        kinds = pair.group(1).split(", ")
        if not isinstance(value, list) or len(value) != len(kinds):
            raise case.wrong(key, say("must be a list of {n}", n=len(kinds)))
        return tuple(read(case, key, k, v) for k, v in zip(kinds, value, strict=True))
    named = re.fullmatch(r"Mapping\[str, (.+)\]", kind)
    if named:
        if not isinstance(value, dict):
            raise case.wrong(key, say("must have named entries"))
        return {str(k): read(case, f"{key}.{k}", named.group(1), v) for k, v in value.items()}
    if kind in _READERS:
        return _READERS[kind](case, key, value)
    shape = getattr(path_facts, kind, None)
    if shape is None:
        from overflight.rules import prohibition

        shape = getattr(prohibition, kind, None)
    if shape is not None:
        return _built(case, key, shape, value)
    return value


def _built(case: LawCase, key: str, shape: Any, value: Any) -> Any:
    if not isinstance(value, dict):
        raise case.wrong(key, say("must have named entries"))
    known = {f.name: f for f in fields(shape)}
    for name in value:
        if name not in known:
            raise case.wrong(f"{key}.{name}", say("is none of {known}", known=", ".join(known)))
    given = {}
    for f in known.values():
        if f.name in value:
            given[f.name] = read(case, f"{key}.{f.name}", str(f.type), value[f.name])
        elif f.default is MISSING and f.default_factory is MISSING:
            if f.name in ("lon_deg", "lat_deg"):  # a place that the case is not about
                given[f.name] = 0.0
            else:
                raise case.wrong(f"{key}.{f.name}", say("is missing"))
    return shape(**given)


def _time(case: LawCase, key: str, value: Any) -> datetime:
    try:
        if isinstance(value, str) and len(value) == 10:
            value += "T00:00Z"
        return parse_moment(value if isinstance(value, str) else "", field=key)
    except OverflightError as error:
        raise case.wrong(key, error.message) from None


def _day(case: LawCase, key: str, value: Any) -> date:
    try:
        return parse_day(value if isinstance(value, str) else "", field=key)
    except OverflightError as error:
        raise case.wrong(key, error.message) from None


def _number(case: LawCase, key: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise case.wrong(key, say("must be a number"))
    return float(value)


def _whole(case: LawCase, key: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise case.wrong(key, say("must be a whole number"))
    return value


def _flag(case: LawCase, key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise case.wrong(key, say("must be yes or no"))
    return value


def _text(case: LawCase, key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise case.wrong(key, say("must be text"))
    return value


def _limit(case: LawCase, key: str, value: Any) -> Any:
    """A maximum flight distance is given by its airfield's code; the day's table has the number."""
    return _text(case, key, value)


_READERS: Mapping[str, Callable[[LawCase, str, Any], Any]] = {
    "datetime": _time,
    "date": _day,
    "float": _number,
    "int": _whole,
    "bool": _flag,
    "str": _text,
    "Value": _limit,
    "Any": lambda case, key, value: value,
}

__all__ = ["answer", "described", "facts_asked", "read", "rules_under", "spoken_kind", "unanswered"]
