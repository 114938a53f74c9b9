"""The distance to the sea border of a State that is not a Party (VI.II.2), where sea borders are an approximation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from overflight.rules.finding import Finding, breaches, complies, rule, undetermined
from overflight.rules.mission_plan import MM, limit_of
from overflight.rules.path_facts import NearBorder
from overflight.terms.amount import Beside
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

# How far the twelve-mile line may lie from the real one where a State claims twelve miles from its coast.
SEA_ACCURACY_KM = 2.0


@rule("VI.II.2")
def keeps_clear_of_sea_border(near_sea: Sequence[NearBorder], regime: Regime) -> Finding:
    """The border of an adjacent State that is not a Party is its land border and its sea border.

    Reading `sea_border`: *twelve_miles* takes the border at sea to lie twelve nautical miles off the coast, or
    midway between two coasts that are nearer; *land* looks at borders and coasts on land only.  Exactly at
    the limit complies.
    """
    clearance = regime.value("border_clearance")
    limit = float(clearance.value)
    reading = regime.readings.get("sea_border", "twelve_miles")
    base: dict[str, Any] = {
        "limit": limit_of(clearance),
        "data": (clearance.to_json(),),
        "readings": {"sea_border": reading},
    }
    if reading == "land":
        return complies(say("sea borders are left out: reading {reading}", reading="sea_border=land"), **base)
    if not near_sea:
        return complies(say("no sea border of a State that is not a Party is near the path"), **base)
    closest = min(near_sea, key=lambda n: (round(n.km, MM), n.leg))
    short = limit - closest.km
    base |= {
        "where": closest.where(),
        "seen": {
            "km": round(closest.km, 3),
            "leg": closest.leg,
            "of": closest.name,
            "accuracy_km": closest.accuracy_km,
            "approximation": "12 nautical miles from land, or midway between coasts",
            "legs": [{"leg": n.leg, "km": round(n.km, 3), "of": n.name} for n in near_sea],
        },
    }
    sentence = say(
        "leg {leg} passes {km:.2f} km from the waters of {name}, which is not a Party on {day}, as drawn 12 nautical "
        "miles from land or midway between coasts; at least {limit} is required",
        leg=closest.leg,
        km=Beside(closest.km, limit),
        name=closest.name,
        day=regime.day,
        limit=clearance,
    )
    if abs(short) < closest.accuracy_km:
        return undetermined(
            f"{sentence}; " + say("that line is good to {km:g} km only", km=closest.accuracy_km),
            "sea_border_position",
            **base,
        )
    return (complies if round(closest.km, MM) >= limit else breaches)(sentence, **base)
