"""The shape of a planned path (VI.II.4.F and G): straight legs, crossings, circles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from overflight.rules.finding import Finding, breaches, complies, rule, undetermined
from overflight.rules.mission_plan import limit_of, unless_agreed
from overflight.rules.path_facts import CLOSED_LOOP_DEG, WHOLE_TURN_DEG, Circling, Crossing, place
from overflight.terms.amount import Beside
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime


@rule("VI.II.4.F")
def flies_straight_between_declared_points(legs: int) -> Finding:
    """The legs are straight between the declared points, in the declared order."""
    return complies(say("{legs} straight legs (WGS84 geodesics) between the declared points", legs=legs))


@rule("VI.II.4.G.1")
def crosses_itself_at_most_once_at_a_point(crossings: Sequence[Crossing] | None, regime: Regime) -> Finding:
    """The path does not intersect at the same point more than once.

    Reading `self_crossing`: *literal* allows one self-crossing at a point, *strict* none.
    Take-off and landing are exempt (VI.II.4.G.3).
    """
    allowed = regime.value("crossings_per_point")
    reading = regime.readings.get("self_crossing", "literal")
    more: dict[str, Any] = {
        "limit": limit_of(allowed),
        "data": (allowed.to_json(),),
        "readings": {"self_crossing": reading},
    }
    if crossings is None:
        return undetermined(
            say("the path spans too much of the globe, or crosses itself too often, to look through"),
            "crossings",
            **more,
        )
    if not crossings:
        return complies(say("the path does not cross itself"), seen={"crossings": 0}, **more)
    worst = max(crossings, key=lambda c: c.passes)
    intersections = worst.passes - 1
    more["seen"] = {
        "crossings": len(crossings),
        "same_point_within_km": worst.within_km,
        "passes_at_worst_point": worst.passes,
        "literal": "complies" if intersections <= allowed.value else "breaches",
        "strict": "breaches",
    }
    more["where"] = place(worst.legs[0], worst.lon_deg, worst.lat_deg)
    most = 0 if reading == "strict" else int(allowed.value)
    sentence = say(
        "legs {legs} meet at one point, {passes} passes; reading {reading}",
        legs=", ".join(map(str, worst.legs)),
        passes=worst.passes,
        reading=reading,
    )
    return complies(sentence, **more) if intersections <= most else breaches(sentence + unless_agreed(), **more)


@rule("VI.II.4.G.2")
def does_not_circle(circling: Circling | None, *, radius_km: float) -> Finding:
    """The path does not circle around one point; take-off, target passes and landing are exempt."""
    least = CLOSED_LOOP_DEG if circling and circling.closed else WHOLE_TURN_DEG
    limit = {"value": least, "unit": "deg", "within_km": radius_km, "source": "convention of this software"}
    if circling is None:
        return complies(
            say(
                "no full turn of {deg:g} degrees within {km:g} km of one point, nor one of {loop:g} that closes on "
                "itself; the text gives no numbers",
                deg=WHOLE_TURN_DEG,
                km=radius_km,
                loop=CLOSED_LOOP_DEG,
            ),
            limit={**limit, "closed_loop": CLOSED_LOOP_DEG},
        )
    return breaches(
        say(
            "legs {first} to {last} turn {deg:.0f} degrees in one sense within {km:.1f} km of one point{closed}; "
            "{least:g} and more are taken for circling, unless agreed otherwise",
            first=circling.legs[0],
            last=circling.legs[-1],
            deg=circling.turning_deg,
            km=Beside(circling.radius_km, radius_km),
            closed=say(" and close on themselves") if circling.closed else "",
            least=least,
        ),
        where=place(circling.legs[0], circling.lon_deg, circling.lat_deg),
        seen={
            "turning_deg": round(circling.turning_deg, 1),
            "radius_km": round(circling.radius_km, 3),
            "margin_deg": round(least - circling.turning_deg, 1),
        },
        limit=limit,
    )
