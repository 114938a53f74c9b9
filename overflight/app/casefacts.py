"""Questions that named facts answer: which rules a paragraph has, what each asks to know, and reading it strictly."""

from __future__ import annotations

import difflib
import importlib
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overflight.app.caseagreed import AGREED, may_agree, set_aside
from overflight.app.casefile import LawCase
from overflight.app.casereading import read
from overflight.app.casesense import UNKNOWN, both_ways, check_facts, holds_unknown, without_unknown
from overflight.app.caseusual import usual, usual_words
from overflight.app.treaty import all_rules
from overflight.errors import BadFile, OverflightError
from overflight.rules import path_facts
from overflight.rules.closed_words import UnknownWord
from overflight.rules.finding import Finding, Rule, Verdict, undetermined
from overflight.terms.words import say
from overflight.treaty import coverage, paragraphs
from overflight.treaty.regime import OPEN_SKIES

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

NEVER = "never"  # a case writes this where something did not happen
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
MOST_NAMED = 6  # rules or facts in one sentence
# A time that is not known may have been any; these two stand for all.
_EARLY_AND_LATE = ("1900-01-01", "2200-12-31")
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
    asked, every = paragraph.casefold(), all_rules()
    also = carried_by(paragraph, folder)
    exact = [r for c, rules in every.items() if c.casefold() == asked for r in rules]
    parts = [r for c, rules in every.items() if c.casefold().startswith(asked + ".") for r in rules]
    carried = [r for rules in every.values() for r in rules if r.name in also]
    wholes = [
        r
        for c, rules in sorted(every.items(), key=lambda p: -len(p[0]))
        if asked.startswith(c.casefold() + ".")
        for r in rules
    ]
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
def _function(module: str, name: str) -> Callable[..., Finding]:
    found: Callable[..., Finding] = getattr(importlib.import_module(module), name)
    return found


def facts_asked(rule: Rule) -> tuple[Fact, ...]:
    """What a rule asks to know, the day's regime apart."""
    return _facts_asked(rule.module, rule.name)


@lru_cache(maxsize=512)
def _facts_asked(module: str, name: str) -> tuple[Fact, ...]:
    return tuple(
        Fact(p.name, str(p.annotation), p.default is inspect.Parameter.empty, _spoken_default(p.default))
        for p in _signature(module, name).values()
        if p.name not in _GIVEN
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


def _signature(module: str, name: str) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(inspect.unwrap(_function(module, name))).parameters


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
    parts = (inspect.getdoc(_function(rule.module, rule.name)) or "").split("\n\n", 1)
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


def answer(
    case: LawCase, paragraph: str, regime: Regime, regime_on: Callable[[date], Regime]
) -> tuple[Finding, tuple[str, ...]]:
    """What the rules of a paragraph find in the facts of a case, and which of them answered.

    Raises
    ------
    BadFile
        If a fact is one that no rule of the paragraph asks for, or is of the wrong kind.
    """
    check_facts(case)
    clock = _by_clock(case, paragraph, regime)
    if clock is not None:
        return clock, ("keeps_the_clock",)
    wanted, asked_paragraph = case.question.rule, paragraph.partition("#")[0]
    rules = [
        r
        for r in rules_under(asked_paragraph, regime.folder)
        if wanted is None or r.name == wanted.strip().replace(" ", "_").casefold()
    ]
    if not rules:
        if wanted is not None:
            raise case.wrong("rule", say("{paragraph} has no such rule", paragraph=paragraph))
        return unanswered(paragraph, regime), ()
    found: list[tuple[Rule, Finding]] = []
    fitting = _fitting(case, rules)
    for rule, asked in fitting:
        whole = told(case, rule, asked)
        if not lacking(whole, asked):

            def again(
                times: Mapping[str, str], rule: Rule = rule, asked: tuple[Fact, ...] = asked, whole: Any = whole
            ) -> Verdict | None:
                return _ask(case, rule, asked, {**whole, **times}, regime, regime_on).verdict

            one = _not_known(case, asked, _asked(case, rule, asked, whole, regime, regime_on), again)
            by_itself = any(f.name == AGREED for f in asked)  # the rule asks for the agreement itself
            found.append((rule, one if by_itself else set_aside(case, one, regime)))
    if not found:
        rule, asked = min(fitting, key=lambda pair: len(lacking(told(case, *pair), pair[1])))
        names = lacking(told(case, rule, asked), asked)
        why = say("not known: {names}", names=", ".join(names))
        open_ = replace(undetermined(why, *names), citation=rule.citation, rule=rule.name)
        return restated(open_, asked_paragraph, regime.folder), (rule.name,)
    best = min(found, key=lambda pair: _WORST_FIRST.index(pair[1].verdict))
    return restated(best[1], asked_paragraph, regime.folder), tuple(r.name for r, _ in found)


def _not_known(
    case: LawCase, asked: tuple[Fact, ...], found: Finding, again: Callable[[Mapping[str, str]], Verdict | None]
) -> Finding:
    """What did not happen decides; what nobody knows to have happened does not.

    A rule takes a time that is not there as one that never came; where the case says that it
    is not known, a decisive answer is open instead, unless it is the same whenever that was:
    `again` gives the verdict with other times.
    """
    times = {f.name: f.kind for f in asked if f.kind.startswith("date") and case.facts.get(f.name) == UNKNOWN}
    if not times or found.verdict in (Verdict.UNDETERMINED, Verdict.SILENT, Verdict.DISPUTED):
        return found
    named = (v for v in (found.limit, *case.facts.values()) if isinstance(v, str) and re.match(r"\d{4}-\d\d-\d\d", v))
    for at in (*_EARLY_AND_LATE, *named):  # between other times, or exactly at the limit, the answer may be another
        other = {name: at if kind.startswith("datetime") else at[:10] for name, kind in times.items()}
        if again(other) != found.verdict:
            break
    else:
        return found
    why = say("not known: {names}", names=", ".join(times))
    return replace(undetermined(why, *times, actor=found.actor), citation=found.citation, rule=found.rule)


def near(one: str, other: str) -> bool:
    """Whether two citations are the same paragraph, or one is a part of the other."""
    a, b = one.casefold(), other.casefold()
    return a == b or a.startswith(b + ".") or b.startswith(a + ".")


def restated(found: Finding, asked: str, folder: Path) -> Finding:
    """The finding under the paragraph asked about, where its rule carries that one out under another paragraph."""
    if near(found.citation, asked) or found.rule not in carried_by(asked, folder):
        return found
    return replace(found, citation=asked)


def told(case: LawCase, rule: Rule, asked: tuple[Fact, ...]) -> dict[str, Any]:
    """The facts of a case for one rule, with what is usual where the case says nothing; unknown is None."""
    out = {name: None if value == NEVER else without_unknown(value) for name, value in case.facts.items()}
    for fact in asked:
        if fact.needed and fact.name not in out:
            common = usual(case, rule.name, fact.name)
            if common is not None:
                out[fact.name] = common
    return out


def lacking(whole: Mapping[str, Any], asked: tuple[Fact, ...]) -> list[str]:
    """The facts that a rule needs, cannot do without, and is not told."""
    return [f.name for f in asked if f.needed and whole.get(f.name) is None and "None" not in f.kind]


def _fitting(case: LawCase, rules: list[Rule]) -> list[tuple[Rule, tuple[Fact, ...]]]:
    """The rules that take every fact given; who observes and who is observed may be given to any."""
    sides = {"observing", "observed", "actor", AGREED}
    pairs = [(r, facts_asked(r)) for r in rules]
    all_taken = [(r, asked) for r, asked in pairs if set(case.facts) <= {f.name for f in asked}]
    ready = [(r, asked) for r, asked in all_taken if _ready(case, r, asked)]
    if ready:
        return ready
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


def _ready(case: LawCase, rule: Rule, asked: tuple[Fact, ...]) -> bool:
    """Whether every fact that the rule needs is mentioned or usual."""
    whole = told(case, rule, asked)
    return all(f.name in whole for f in asked if f.needed) and not lacking(whole, asked)


def _asked(
    case: LawCase,
    rule: Rule,
    asked: tuple[Fact, ...],
    whole: Mapping[str, Any],
    regime: Regime,
    regime_on: Callable[[date], Regime],
) -> Finding:
    """A rule's answer, where facts that it has a default for may be not known; see `both_ways`."""
    blank = [
        (f.name, f.kind)
        for f in asked
        if not f.needed and case.facts.get(f.name) == UNKNOWN and "None" not in f.kind and f.kind != "Any"
    ]
    if not blank:
        return _ask(case, rule, asked, whole, regime, regime_on)
    found = both_ways(blank, lambda values: _ask(case, rule, asked, {**whole, **values}, regime, regime_on))
    return replace(found, citation=found.citation or rule.citation, rule=found.rule or rule.name)


def _ask(
    case: LawCase,
    rule: Rule,
    asked: tuple[Fact, ...],
    whole: Mapping[str, Any],
    regime: Regime,
    regime_on: Callable[[date], Regime],
) -> Finding:
    given: dict[str, Any] = {}
    for fact in asked:
        if fact.name in whole or fact.needed:
            try:
                given[fact.name] = read(case, f"facts.{fact.name}", fact.kind, whole.get(fact.name))
            except BadFile as error:
                if not holds_unknown(case.facts.get(fact.name)):
                    raise
                name = (error.field or fact.name).removeprefix("facts.")  # an entry within the fact is not known
                open_ = undetermined(say("not known: {names}", names=name), name)
                return replace(open_, citation=rule.citation, rule=rule.name)
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
    try:
        if isinstance(given.get("limit"), str):  # an airfield's code: its maximum flight distance
            given["limit"] = regime.max_flight_distance(given["limit"])
        return function(**given)
    except UnknownWord as error:
        raise case.wrong(f"facts.{error.field}", error.message.partition(": ")[2]) from None
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
        key: read(case, f"facts.{key}", "datetime | None", None if value in (UNKNOWN, NEVER) else value)
        for key in ("trigger", "event")
        for value in (case.facts.get(key),)
    }
    found = clocks.keeps_the_clock(ids[0], trigger=times["trigger"], event=times["event"], regime=regime)
    if case.facts.get("event") == UNKNOWN and found.verdict is not Verdict.SILENT:
        open_ = undetermined(say("not known: {names}", names="event"), "event", data=found.data)
        return replace(open_, citation=found.citation, rule=found.rule)
    return found


def unanswered(paragraph: str, regime: Regime) -> Finding:
    """The answer for a paragraph that no rule decides: `undetermined`, with the reason that the coverage gives."""
    row = coverage.row_of(regime.folder, paragraph.partition("#")[0])
    if row is not None and row.by == "people":
        why = say("for people to judge: {reason}", reason=row.why)
        return replace(undetermined(why, say("judgement of the Parties")), citation=paragraph)
    asked = paragraph.partition("#")[0]
    rules = [
        r for r in rules_under(asked, regime.folder) if not asked.casefold().startswith(r.citation.casefold() + ".")
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
