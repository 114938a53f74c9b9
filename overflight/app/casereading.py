"""Reading the facts of a law case: each as its rule wants it, or an error that names file, case and fact."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import date, datetime
from typing import Any

from overflight.app.casefile import LawCase, within_years
from overflight.errors import BadDate
from overflight.rules import path_facts, prohibition
from overflight.terms.moment import parse_day, parse_moment
from overflight.terms.words import say

LARGEST = 10**9  # of any number
# Where on the path something lies, when the case is not about that.
_NOWHERE: Mapping[str, Any] = {"lon_deg": 0.0, "lat_deg": 0.0, "leg": 1, "legs": (1,)}
# Short names that rules use for a kind of fact.
_ALIASES = {"Span": "tuple[datetime, datetime, float]"}


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
    shape = getattr(path_facts, kind, None) or getattr(prohibition, kind, None)
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
            if f.name in _NOWHERE:
                given[f.name] = _NOWHERE[f.name]
            elif "None" in str(f.type):
                given[f.name] = None
            else:
                raise case.wrong(f"{key}.{f.name}", say("is missing"))
    return shape(**given)


def _time(case: LawCase, key: str, value: Any) -> datetime:
    try:
        if isinstance(value, str) and len(value) == 10:
            value += "T00:00Z"
        return within_years(case, key, parse_moment(value if isinstance(value, str) else "", field=key))
    except BadDate as error:
        raise case.wrong(key, error.message) from None


def _day(case: LawCase, key: str, value: Any) -> date:
    try:
        return within_years(case, key, parse_day(value if isinstance(value, str) else "", field=key))
    except BadDate as error:
        raise case.wrong(key, error.message) from None


def _number(case: LawCase, key: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise case.wrong(key, say("must be a number"))
    if abs(value) > LARGEST:
        raise case.wrong(key, say("is larger than {most}", most=LARGEST))
    return float(value)


def _whole(case: LawCase, key: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise case.wrong(key, say("must be a whole number"))
    if abs(value) > LARGEST:
        raise case.wrong(key, say("is larger than {most}", most=LARGEST))
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
