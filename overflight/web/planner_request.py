"""What a page or program asks of a plan, as JSON, made into the request that the planner works with."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from overflight.app import plan_optimise, plan_regions, plans
from overflight.errors import BadInput
from overflight.planning.conditions import Conditions
from overflight.planning.regions import NO_REGIONS, Regions
from overflight.planning.request import PlanRequest
from overflight.terms.moment import parse_moment
from overflight.terms.place import Site
from overflight.terms.plan import MissionPlan
from overflight.terms.words import say
from overflight.treaty.regime import Regime

MOST_TEXTS = 50
ASKED = ("range_km", "speed_kmh", "min_leg_km", "turn_radius_km", "turn", "daylight", "min_sun_deg", "via")


def request_of(
    wanted: Mapping[str, Any], regime: Regime, *, sites: tuple[Site, ...]
) -> tuple[PlanRequest, plan_optimise.Ways]:
    """The request, and with what and from where the flight is flown.

    Raises
    ------
    BadInput
        If a field is missing or cannot be meant; it is named.
    """
    observed, start = text_of(wanted, "observed").upper(), text_of(wanted, "from").upper()
    height = optional(wanted, "height_agl_m")
    sensors = plans.sensor_uses(texts_of(wanted, "sensors"), regime)
    swaths = plan_optimise.swaths_from(texts_of(wanted, "swaths"), sensors, height, regime)
    request = PlanRequest(
        observed=observed,
        start=start,
        end=(text_of(wanted, "to", "") or start).upper(),
        sites=sites,
        swath_km=number_of(wanted, "swath_km", max(swaths.values(), default=None)),
        max_km=optional(wanted, "max_km"),
        observing=text_of(wanted, "observing", "") or None,
        height_agl_m=height,
        sensors=sensors,
        regions=regions_of(wanted, observed, regime),
        stops=tuple(code.upper() for code in texts_of(wanted, "via")),
        range_km=optional(wanted, "range_km"),
        speed_kmh=optional(wanted, "speed_kmh"),
        take_off=parse_moment(given, field="take_off") if (given := text_of(wanted, "take_off", "")) else None,
        min_leg_km=optional(wanted, "min_leg_km") or 0.0,
        turn_radius_km=optional(wanted, "turn_radius_km") or 0.0,
        turn=text_of(wanted, "turn", "short") or "short",
        swaths_km=swaths,
        min_sun_deg=optional(wanted, "min_sun_deg") or 0.0,
        stop_hours=number_of(wanted, "stop_hours", 1.0),
    )
    ways = plan_optimise.Ways(
        entry=text_of(wanted, "entry", "").upper() or None,
        exit=text_of(wanted, "exit", "").upper() or None,
        taxi=wanted.get("taxi") is True,
        notified_km=optional(wanted, "notified_km"),
        aircraft=tuple(plan_optimise.aircraft_from(text, regime) for text in texts_of(wanted, "aircraft")),
        daylight=_daylight(wanted),
    )
    return request, ways


def _daylight(wanted: Mapping[str, Any]) -> bool:
    """Whether the sun must be up: a height that it must have asks for it too, as on the command line."""
    return wanted.get("daylight") is True or bool(optional(wanted, "min_sun_deg"))


def swaths_of(wanted: Mapping[str, Any], plan: MissionPlan, regime: Regime) -> dict[str, float]:
    """Full width that each instrument sees from a plan: as typed under ``swaths``, else from its view and the height.

    Raises
    ------
    BadInput
        If no sensor has such an id, one is named twice, or a width is no number.
    """
    lowest = min(plan.height_agl_m) if plan.height_agl_m else None
    return plan_optimise.swaths_from(texts_of(wanted, "swaths"), plan.sensors, lowest, regime)


def conditions_of(wanted: Mapping[str, Any], regions: Regions) -> Conditions | None:
    """The planner's own conditions on any path; None if nothing is asked.

    Raises
    ------
    BadInput
        If a value cannot be meant.
    """
    if not regions and not any(wanted.get(key) not in (None, "", [], False) for key in ASKED):
        return None
    return Conditions(
        regions=regions,
        stops=tuple(code.upper() for code in texts_of(wanted, "via")) or None,
        range_km=optional(wanted, "range_km"),
        speed_kmh=optional(wanted, "speed_kmh"),
        min_leg_km=optional(wanted, "min_leg_km") or 0.0,
        turn_radius_km=optional(wanted, "turn_radius_km") or 0.0,
        turn=text_of(wanted, "turn", "short") or "short",
        daylight=_daylight(wanted),
        min_sun_deg=optional(wanted, "min_sun_deg") or 0.0,
    )


def regions_of(wanted: Mapping[str, Any], observed: str, regime: Regime) -> Regions:
    """Regions under ``regions`` (a GeoJSON FeatureCollection) and ``region_names`` (packaged ones).

    Raises
    ------
    BadFile
        If a feature cannot be used; its number is named.
    BadInput
        If there are no packaged regions of a name.
    """
    names = texts_of(wanted, "region_names")
    unknown = next((name for name in names if name not in plan_regions.packaged()), None)
    if unknown is not None:
        raise BadInput(
            say(
                "region_names: there are no packaged regions {name!r}; there are: {all}",
                name=unknown[:40],
                all=", ".join(plan_regions.packaged()) or "-",
            ),
            field="region_names",
        )
    given = wanted.get("regions")
    if not given and not names:
        return NO_REGIONS
    return _regions(json.dumps(given) if given else "", tuple(names), observed, regime)


@lru_cache(maxsize=16)
def _regions(text: str, names: tuple[str, ...], observed: str, regime: Regime) -> Regions:
    """The same regions come with every move of a waypoint, so they are read once."""
    files = [str(plan_regions.packaged()[name]) for name in names]
    with tempfile.TemporaryDirectory() as folder:
        if text:
            path = Path(folder) / "regions.geojson"
            path.write_text(text, encoding="utf-8")
            files.append(str(path))
        return plan_regions.regions_from(files, observed=observed, regime=regime, borders=plans.ground().borders)


def finite(value: Any) -> float | None:
    """`value` as a float if it is a finite number, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def number_of(wanted: Mapping[str, Any], key: str, default: float | None = None) -> float:
    """A finite number.

    Raises
    ------
    BadInput
        If it is none.
    """
    given = wanted.get(key)
    value = finite(default if given is None else given)
    if value is None:
        raise BadInput(say("{field} must be a finite number", field=key), field=key)
    return value


def optional(wanted: Mapping[str, Any], key: str) -> float | None:
    """A finite number, or None if nothing is given."""
    return number_of(wanted, key) if wanted.get(key) is not None else None


def text_of(wanted: Mapping[str, Any], key: str, default: str | None = None) -> str:
    """A short text.

    Raises
    ------
    BadInput
        If it is none.
    """
    value = wanted.get(key, default)
    if not isinstance(value, str) or len(value) > 100:
        raise BadInput(say("{field} is missing; it must be a short text", field=key), field=key)
    return value.strip()


def texts_of(wanted: Mapping[str, Any], key: str) -> list[str]:
    """A list of short texts; empty if nothing is given.

    Raises
    ------
    BadInput
        If it is none.
    """
    value = wanted.get(key) or []
    if (
        not isinstance(value, list)
        or len(value) > MOST_TEXTS
        or not all(isinstance(one, str) and len(one) <= 100 for one in value)
    ):
        raise BadInput(say("{field} must be a list of short texts", field=key), field=key)
    return [one.strip() for one in value if one.strip()]
