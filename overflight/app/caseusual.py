"""Facts that a case need not mention: what is usual where it says nothing.

Only what stands in the background of a question is taken as usual; a case that writes ``unknown`` has not
said nothing, and the fact then stays open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from overflight.app.casefile import LawCase
from overflight.errors import OverflightError
from overflight.terms.moment import parse_day, parse_moment, rfc3339
from overflight.terms.words import say


def _latest(case: LawCase) -> str | None:
    """The moment asked about, else the latest that the facts name, else the end of the case's day."""
    times: list[datetime] = [case.question.now] if case.question.now else []
    for value in () if times else case.facts.values():
        try:
            times.append(parse_moment(value if isinstance(value, str) else ""))
        except OverflightError:
            continue
    if not times and case.day:
        times = [datetime.combine(case.day, time(23, 59), UTC)]
    return rfc3339(max(times)) if times else None


def latest_day(case: LawCase) -> date | None:
    """The latest day that a case's facts name, in UTC; the treaty of that day answers where the case gives none."""
    found: list[date] = []
    for value in case.facts.values():
        for one in value if isinstance(value, list) else [value]:
            text = one if isinstance(one, str) else ""
            for read in (parse_day, lambda t: parse_moment(t).date()):
                try:
                    found.append(read(text))
                except OverflightError:
                    continue
    return max(found, default=None)


def _same_as(name: str) -> Callable[[LawCase], Any]:
    return lambda case: case.facts.get(name)


# A fact's name, or (rule, fact) where only one rule takes it so -> its value, and the key of the words for it.
_USUAL: Mapping[Any, tuple[Callable[[LawCase], Any], str]] = {
    "now": (_latest, "latest"),
    ("may_prohibit", "at"): (_latest, "latest"),
    ("covers_are_checked_on_arrival", "leaves"): (_latest, "latest"),
    ("files_the_flight_plan_at_once", "starts"): (_latest, "latest"),
    ("media_are_sealed_before_both", "sealed"): (_latest, "latest"),
    "sent": (_same_as("received"), "receipt"),
    "sensor": (lambda case: "sensor", "sensor"),
    "makes_room": (lambda case: False, "no"),
    "offers_other_way": (lambda case: False, "no"),
    "late": (lambda case: False, "no"),
    "not_as_certified": (lambda case: False, "no"),
    "stated": (lambda case: False, "no"),
    "interpreters": (lambda case: 0, "0"),
    "at_stations": (lambda case: 0, "0"),
    "excess_km": (lambda case: 0, "0"),
    "error_m": (lambda case: 0, "0"),
    "height_error_m": (lambda case: 0, "0"),
    "length_km": (_same_as("counted_km"), "counted"),
    "over_territory_km": (_same_as("counted_km"), "counted"),
    ("keeps_within_maximum_distance", "limit"): (_same_as("icao"), "airfield"),
}


def _entry(rule: str, fact: str) -> tuple[Callable[[LawCase], Any], str] | None:
    return _USUAL.get((rule, fact), _USUAL.get(fact))


def usual(case: LawCase, rule: str, fact: str) -> Any:
    """What is usual of a fact that the case does not mention, in the case's own form; None if nothing is."""
    found = _entry(rule, fact)
    return found[0](case) if found and fact not in case.facts else None


def usual_words(rule: str, fact: str) -> str:
    """What is usual of a fact, for people; empty if nothing is."""
    found = _entry(rule, fact)
    if found is None:
        return ""
    return {
        "latest": say("the latest time that is named"),
        "receipt": say("when it was received"),
        "sensor": say("some sensor"),
        "no": say("no"),
        "counted": say("what is counted"),
        "airfield": say("of the airfield named"),
    }.get(found[1], found[1])
