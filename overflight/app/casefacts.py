"""Questions that named facts answer: what the rules of a paragraph find in the facts of a case, read strictly."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overflight.app.caseagreed import AGREED, set_aside
from overflight.app.casefile import LawCase
from overflight.app.casereading import read
from overflight.app.caserules import (
    GIVEN,
    Fact,
    carried_by,
    facts_asked,
    function_of,
    rules_under,
    signature_of,
    unanswered,
)
from overflight.app.casesense import UNKNOWN, both_ways, check_facts, holds_unknown, without_unknown
from overflight.app.caseusual import usual
from overflight.errors import BadFile, OverflightError
from overflight.rules.closed_words import UnknownWord
from overflight.rules.finding import WORST_FIRST, Finding, Rule, Verdict, undetermined
from overflight.terms.citation import is_near
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

NEVER = "never"  # a case writes this where something did not happen
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
# A time that is not known may have been any; these two stand for all.
_EARLY_AND_LATE = ("1900-01-01", "2200-12-31")


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
    best = min(found, key=lambda pair: WORST_FIRST.index(pair[1].verdict))
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


def restated(found: Finding, asked: str, folder: Path) -> Finding:
    """The finding under the paragraph asked about, where its rule carries that one out under another paragraph."""
    if is_near(found.citation, asked) or found.rule not in carried_by(asked, folder):
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
    here = {"regime": regime, "regime_on": regime_on}
    given |= {name: here[name] for name in GIVEN & signature_of(rule.module, rule.name).keys()}
    try:
        if isinstance(given.get("limit"), str):  # an airfield's code: its maximum flight distance
            given["limit"] = regime.max_flight_distance(given["limit"])
        return function_of(rule.module, rule.name)(**given)
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
