"""What was flown, held against the plan that both signed (Article VI, Sections I and II; Article VIII, Section II)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from overflight.rules.finding import Finding, breaches, complies, rule, undetermined
from overflight.rules.prohibition import DEVIATION_GROUNDS
from overflight.terms.amount import Beside
from overflight.terms.moment import readable, rfc3339
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.values import Value

_OURS = "convention of this software"

Span = tuple[datetime, datetime, float]


@rule("VI.I.14")
def follows_the_plan(
    excursions: Sequence[Span],
    stated: Sequence[tuple[datetime, datetime | None, str]],
    *,
    tolerance_km: float,
    where: Any = None,
) -> Finding:
    """The aircraft follows the agreed plan, or leaves it on one of the grounds of Article VIII, Section II.

    The treaty sets no tolerance; ours is shown.  An excursion that no recorded deviation covers is
    open: its ground is not known.
    """
    limit = {"value": tolerance_km, "unit": "km", "source": _OURS}
    seen: dict[str, Any] = {
        "excursions": [{"from": rfc3339(a), "until": rfc3339(b), "km": round(km, 3)} for a, b, km in excursions],
        "stated": [{"from": rfc3339(a), "ground": ground} for a, _, ground in stated],
    }
    if not excursions:
        return complies(say("the track stays within {km:g} km of the plan", km=tolerance_km), seen=seen, limit=limit)
    open_ = [e for e in excursions if not any(_covers(s, e) for s in stated)]
    if open_:
        begin, _, km = max(open_, key=lambda e: e[2])
        return undetermined(
            say(
                "{km:.1f} km from the plan from {at}; no ground is recorded for it",
                km=Beside(km, tolerance_km),
                at=readable(begin),
            ),
            "ground",
            seen=seen,
            limit=limit,
            where=where,
        )
    wrong = [g for s in stated for g in [s[2]] if g not in DEVIATION_GROUNDS and any(_covers(s, e) for e in excursions)]
    if wrong:
        return breaches(say("the plan was left on no permitted ground"), seen=seen, limit=limit, where=where)
    return complies(
        say("deviations, each on a recorded ground: {n}", n=len(excursions)), seen=seen, limit=limit, where=where
    )


def _covers(stated: tuple[datetime, datetime | None, str], excursion: Span) -> bool:
    """Whether a recorded deviation and an excursion overlap; one without an end goes on."""
    since, until, _ = stated
    return since <= excursion[1] and (until is None or until >= excursion[0])


@rule("VI.I.14")
def track_has_no_gaps(
    gaps: Sequence[Span],
    *,
    longest_s: float,
    jumps: Sequence[Span] = (),
    fastest_kmh: float = 0.0,
    where: Any = None,
) -> Finding:
    """What happened where the track has no fixes, or jumps as no aircraft flies, is not known."""
    limit = {"value": longest_s, "unit": "s", "source": _OURS}
    if not gaps and not jumps:
        return complies(say("no gap of more than {s:g} s in the track", s=longest_s), limit=limit)
    told = []
    if gaps:
        begin, end, _ = max(gaps, key=lambda g: g[1] - g[0])
        told.append(
            say(
                "gaps: {n}; the longest from {since} to {until}",
                n=len(gaps),
                since=readable(begin),
                until=readable(end),
            )
        )
    if jumps:
        begin, _, km = max(jumps, key=lambda g: g[2])
        told.append(
            say(
                "jumps at more than {v:g} km/h: {n}; the widest of {km:.0f} km at {at}",
                v=fastest_kmh,
                n=len(jumps),
                km=km,
                at=readable(begin),
            )
        )
    return undetermined(
        "; ".join(told),
        "fixes",
        seen={
            name: [{"from": rfc3339(a), "until": rfc3339(b), "km": round(km, 3)} for a, b, km in spans[:20]]
            for name, spans in (("gaps", gaps), ("jumps", jumps))
            if spans or name == "gaps"
        },
        limit=limit,
        where=where,
    )


def sensors_run_where_planned(
    outside: Sequence[tuple[datetime, datetime, float, float]],
    *,
    known: bool,
    tolerance_km: float,
    where: Any = None,
) -> Finding:
    """A sensor runs in its observation periods (II.15), which the plan states as stretches of the path.

    That paragraph defines a word and asks nothing of anybody, so this is no registered rule: where a sensor
    ran outside them it names when and where, and leaves open whether the Parties had agreed so.

    Parameters
    ----------
    outside : from and until, and kilometres along the planned path at both.
    known : whether the plan states any such stretches.
    """
    limit = {"value": tolerance_km, "unit": "km", "source": _OURS}
    if not known:
        found = undetermined(
            say("the track says when sensors ran; the plan does not say from where to where they should"),
            "sensors_on",
            limit=limit,
        )
    elif not outside:
        found = complies(say("sensors ran only where the plan lets them run"), limit=limit)
    else:
        since, until, a, b = max(outside, key=lambda o: o[1] - o[0])
        found = undetermined(
            say(
                "sensors ran outside their planned stretches {n} times; the longest from {since} to {until}, at "
                "{a:.0f} to {b:.0f} km of the path; whether that was agreed is not known",
                n=len(outside),
                since=readable(since),
                until=readable(until),
                a=a,
                b=b,
            ),
            "agreement",
            seen={
                "outside": [
                    {"from": rfc3339(s), "until": rfc3339(u), "from_km": round(x, 1), "to_km": round(y, 1)}
                    for s, u, x, y in outside[:50]
                ]
            },
            limit=limit,
            where=where,
        )
    return replace(found, citation="II.15", rule="sensors_run_where_planned")


@rule("VI.II.4.F")
def passes_the_declared_points(missed: Sequence[tuple[int, float]], *, tolerance_km: float) -> Finding:
    """The path leads over the declared points; those left out are named, which puts nobody at fault by itself."""
    limit = {"value": tolerance_km, "unit": "km", "source": _OURS}
    if not missed:
        return complies(say("the track passes every declared point"), limit=limit)
    n, km = max(missed, key=lambda m: m[1])
    return undetermined(
        say(
            "{count} declared points not passed; P{n:02d} by {km:.1f} km",
            count=len(missed),
            n=n,
            km=Beside(km, tolerance_km),
        ),
        "ground",
        seen={"missed": [{"point": n, "km": round(km, 3)} for n, km in missed[:50]]},
        limit=limit,
    )


@rule("II.11")
def flies_no_farther_than_the_maximum(
    *, counted_km: float, excess_km: float, stated: bool, limit: Value | None
) -> Finding:
    """The distance flown stays within the maximum; what a deviation adds does not count (VIII.II.7)."""
    seen = {"counted_km": round(counted_km, 3), "longer_than_planned_km": round(excess_km, 3)}
    if limit is None:
        return undetermined(say("no maximum flight distance is known for the starting airfield"), "limit", seen=seen)
    more: dict[str, Any] = {"seen": seen, "limit": str(limit), "data": (limit.to_json(),)}
    km = Beside(counted_km, limit.value)
    if counted_km <= limit.value:
        return complies(say("{km:.0f} km flown that count, of {limit}", km=km, limit=limit), **more)
    if stated and counted_km - excess_km <= limit.value:
        return complies(say("{km:.0f} km flown, with a deviation that does not count", km=km), **more)
    return breaches(say("{km:.0f} km flown that count; {limit} is the most", km=km, limit=limit), **more)


@rule("VI.II.4.D")
def flies_above_the_certified_height(
    sensor: str, certified_h_min_m: float | None, *, lowest_m: float | None, error_m: float, why: str = ""
) -> Finding:
    """Between climb and descent the aircraft stays at or above the certified minimum height of each sensor.

    Within the error of the ground below, the answer is open.
    """
    seen = {"sensor": sensor, "lowest_m": lowest_m, "error_m": error_m}
    if certified_h_min_m is None:
        return undetermined(
            say("no certified minimum height of {sensor}", sensor=sensor), "certified_h_min_m", seen=seen
        )
    limit = {"value": certified_h_min_m, "unit": "m", "source": say("certificate of {sensor}", sensor=sensor)}
    if lowest_m is None:
        return undetermined(why or say("the track gives no height above ground"), "height", seen=seen, limit=limit)
    sentence = say(
        "{sensor}: lowest {low:.0f} m above ground, {limit:.0f} m certified",
        sensor=sensor,
        low=Beside(lowest_m, certified_h_min_m),
        limit=certified_h_min_m,
    )
    if lowest_m - error_m >= certified_h_min_m or (error_m == 0 and lowest_m >= certified_h_min_m):
        return complies(sentence, seen=seen, limit=limit)
    if lowest_m + error_m < certified_h_min_m:
        return breaches(sentence, seen=seen, limit=limit)
    return undetermined(
        say("{sentence}; the ground is known to {error:.0f} m only", sentence=sentence, error=error_m),
        "ground_height",
        seen=seen,
        limit=limit,
    )
