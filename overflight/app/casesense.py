"""What makes no sense whatever the law says: counts below zero, codes of no State, a State over itself; and
facts that nobody knows, which leave an answer open only where they matter.
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from overflight.app.casefile import LawCase
from overflight.rules.finding import Finding, undetermined
from overflight.terms.words import say

UNKNOWN = "unknown"  # a case writes this where a fact is not known
# Facts that name one State, or a group by its members' codes with semicolons.
_SIDES = ("observing", "observed")
_STATES = (*_SIDES, "asking", "giving", "code", "nationality", "registered_in", "sends")
_CODE = re.compile(r"[A-Z]{3}(?:;[A-Z]{3})*")
_ASKS_WHO = "i.1"  # the paragraph that itself answers whether a State may fly over itself
# Numbers that may lie below zero: places on the Earth, and heights of ground below the sea.
_SIGNED = re.compile(r"(?:.*_)?(?:lon|lat|deg|ground_m|elevation_m)(?:_.*)?|place|points?")
_MOST_TRIED = 5  # yes-or-no facts that are tried both ways together


def check_facts(case: LawCase) -> None:
    """Refuse numbers below zero, and sides that are no State, or one and the same.

    Raises
    ------
    BadFile
        Naming file, case and fact.
    """
    for name, value in case.facts.items():
        if not _SIGNED.fullmatch(name):
            _not_below_zero(case, f"facts.{name}", value)
    for name in _STATES:
        said = case.facts.get(name)
        if isinstance(said, str) and said not in (UNKNOWN, "never"):
            check_state(case, f"facts.{name}", said)
    actor = case.question.actor
    if actor is not None and actor not in _SIDES:
        check_state(case, "actor", actor)
    if case.question.paragraph.casefold() != _ASKS_WHO:
        _apart(case, "facts.observed", case.facts.get("observing"), case.facts.get("observed"))


def check_sides(case: LawCase) -> None:
    """Refuse a flight of a State over itself, or of a code that is no State's.

    Raises
    ------
    BadFile
        Naming file, case and field.
    """
    for side, code in zip(_SIDES, (case.observing, case.observed), strict=True):
        check_state(case, side, code)
    _apart(case, "observed", case.observing, case.observed)


def _apart(case: LawCase, key: str, observing: Any, observed: Any) -> None:
    if isinstance(observing, str) and observing == observed and observing != UNKNOWN:
        raise case.wrong(key, say("{code} cannot observe itself; name two Parties", code=observed))


def check_state(case: LawCase, key: str, code: str) -> None:
    """Refuse a code that is no State's; a State that is no Party may be named, and the law then answers.

    Raises
    ------
    BadFile
        Naming file, case and field.
    """
    if _CODE.fullmatch(code):
        strange = [part for part in code.split(";") if part not in _own_states()]
        if not strange or all(part in _states() for part in strange):
            return
    near = difflib.get_close_matches(code.upper(), sorted(_own_states()), n=3, cutoff=0.6)
    hint = say("; near ones are {near}", near=", ".join(near)) if near else ""
    raise case.wrong(key, say("{code!r} is no State's code, such as DEU", code=code[:60]) + hint)


@lru_cache(maxsize=1)
def _own_states() -> frozenset[str]:
    """Codes of the States that the treaty's data name; enough for most cases, and quick."""
    from overflight.treaty.members import load_states
    from overflight.treaty.regime import OPEN_SKIES

    return frozenset(load_states(OPEN_SKIES).rows)


@lru_cache(maxsize=1)
def _states() -> frozenset[str]:
    """Codes of the treaty's States and of every State on the map."""
    from overflight.treaty.geography import Borders

    return _own_states() | frozenset(Borders.load().codes())


def _not_below_zero(case: LawCase, key: str, value: Any) -> None:
    if isinstance(value, dict):
        for name, one in value.items():
            if not _SIGNED.fullmatch(str(name)):
                _not_below_zero(case, f"{key}.{name}", one)
    elif isinstance(value, list):
        for n, one in enumerate(value):
            _not_below_zero(case, f"{key}[{n}]", one)
    elif isinstance(value, int | float) and not isinstance(value, bool) and value < 0:
        raise case.wrong(key, say("is {n}, and cannot be below zero", n=value))


def without_unknown(value: Any) -> Any:
    """A fact with None in every place where the case says ``unknown``."""
    if isinstance(value, list):
        return [without_unknown(one) for one in value]
    if isinstance(value, dict):
        return {name: without_unknown(one) for name, one in value.items()}
    return None if value == UNKNOWN else value


def holds_unknown(value: Any) -> bool:
    """Whether a fact says ``unknown``, as a whole or in one of its entries."""
    if isinstance(value, list | dict):
        return any(map(holds_unknown, value.values() if isinstance(value, dict) else value))
    return bool(value == UNKNOWN)


def both_ways(names: Sequence[tuple[str, str]], ask: Callable[[Mapping[str, Any]], Finding]) -> Finding:
    """The answer where optional facts (name, kind) are not known: the same for each value, or else open.

    A yes or no is tried both ways; of anything else no list of values stands for all, so it leaves the answer open.
    """
    loose = [name for name, kind in names if not kind.startswith("bool")]
    flags = [name for name, kind in names if kind.startswith("bool")]
    if not loose and len(flags) <= _MOST_TRIED:
        found = [
            ask(dict(zip(flags, values, strict=True))) for values in itertools.product((False, True), repeat=len(flags))
        ]
        if len({f.verdict for f in found}) == 1:
            return found[0]
    open_ = [name for name, _ in names]
    first = ask(dict.fromkeys(flags, False)) if not loose else None
    why = say("not known: {names}", names=", ".join(open_))
    one = undetermined(why, *open_, actor=first.actor if first else None)
    return replace(one, citation=first.citation, rule=first.rule) if first else one
