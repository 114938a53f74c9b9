"""Article IV and what follows from it for each frame: categories, numbers, resolution and minimum height."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from overflight.rules.closed_words import CATEGORIES, CATEGORY_NAMES, KIND_NAMES, SENSOR_KINDS, all_of, known, one_of
from overflight.rules.finding import Finding, breaches, complies, rule, undetermined
from overflight.terms.moment import readable, rfc3339
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime


@rule("IV.1")
def sensor_category_is_permitted(category: str, *, sensor: str = "") -> Finding:
    """Only optical cameras, video cameras, infra-red line-scanning devices and sideways-looking radar are carried.

    `category` may be a code of Annex B too: ``OP``, ``OF``, ``TV``, ``IRLS``, ``SAR``.
    """
    category = known(category, CATEGORIES, CATEGORY_NAMES) or category
    seen = {"sensor": sensor, "category": category}
    if category in CATEGORIES:
        return complies(say("{category} is one of the four permitted categories", category=category), seen=seen)
    return breaches(
        say("{category} is none of the four permitted categories: {all}", category=category, all=", ".join(CATEGORIES)),
        seen=seen,
    )


@rule("IV.2")
def sensors_are_within_their_number(kinds: Sequence[str], regime: Regime) -> Finding:
    """No more sensors of a kind are carried than Article IV, paragraph 2 names.

    `kinds` holds one word for each sensor: ``panoramic``, ``vertical framing``, ``oblique framing``, ``video``,
    ``infra-red``, ``radar``, or a code of Annex B that says as much (``OP``, ``TV``, ``IRLS``, ``SAR``). Infra-red has
    its own rule for the phase-in, `infra_red_waits_for_full_implementation`.

    Raises
    ------
    UnknownWord
        If one is none of these; the message lists them.
    """
    kinds = all_of(kinds, SENSOR_KINDS, KIND_NAMES, field="kinds", citation="IV.2")
    too_many: list[str] = []
    data: list[Mapping[str, Any]] = []
    for value in regime.values("sensors_most"):
        kind = value.of or ""
        if kind not in kinds or (kind == "infra-red" and value.value < 1):
            continue
        data.append(value.to_json())
        if kinds.count(kind) > value.value:
            too_many.append(say("{n} of {kind}, at most {most}", n=kinds.count(kind), kind=kind, most=value.value))
    seen = {"kinds": sorted(kinds)}
    if too_many:
        return breaches(say("too many sensors aboard: {list}", list="; ".join(too_many)), seen=seen, data=tuple(data))
    return complies(say("the sensors aboard are within their number"), seen=seen, data=tuple(data))


@rule("XVIII.II.2")
def infra_red_waits_for_full_implementation(category: str, regime: Regime, *, agreed: bool = False) -> Finding:
    """In the phase-in infra-red line-scanning devices are not used, unless both sides agreed.

    `category` is ``optical``, ``video``, ``infra-red`` or ``radar``, or a code of Annex B such as ``IRLS``.

    Raises
    ------
    UnknownWord
        If it is none of these; the message lists them.
    """
    category = one_of(category, CATEGORIES, CATEGORY_NAMES, field="category", citation="XVIII.II.2")
    if category != "infra-red":
        return complies(say("the phase-in concerns infra-red line-scanning devices only"), seen={"category": category})
    most = regime.value("sensors_most", of="infra-red")
    more: dict[str, Any] = {
        "seen": {"category": category, "day": regime.day.isoformat(), "agreed": agreed},
        "data": (most.to_json(),),
    }
    if most.value >= 1:
        return complies(say("the phase-in of infra-red devices ended before {day}", day=regime.day), **more)
    if agreed:
        return complies(say("both sides agreed to an infra-red device in the phase-in"), **more)
    return breaches(say("an infra-red device was used in the phase-in, on {day}", day=regime.day), **more)


@rule("VI.II.4.D")
def frame_is_taken_at_minimum_height(
    *,
    sensor: str,
    height_agl_m: float | None,
    height_error_m: float,
    certified_h_min_m: float | None,
    category: str = "optical",
    certificate: str = "",
    where: Any = None,
) -> Finding:
    """A frame is taken at or above its sensor's certified minimum height above ground.

    Exactly at the minimum complies. Where the height is known to within an error only, a frame
    whose height may lie on either side of the minimum is undetermined.

    Parameters
    ----------
    height_agl_m, height_error_m : metres above the highest ground in the frame, and its error to both sides.
    """
    if known(category, CATEGORIES, CATEGORY_NAMES) == "radar":
        return complies(say("{sensor}: the resolution of radar does not depend on height", sensor=sensor))
    limit = {"value": certified_h_min_m, "unit": "m", "source": certificate or say("certificate of the sensor")}
    seen = {"sensor": sensor, "height_agl_m": height_agl_m, "height_error_m": height_error_m}
    missing = [
        name
        for name, value in (("height_agl_m", height_agl_m), ("certified_h_min_m", certified_h_min_m))
        if value is None or not math.isfinite(value)
    ]
    if missing or height_agl_m is None or certified_h_min_m is None:
        return undetermined(
            say("{sensor}: not known is {what}", sensor=sensor, what=", ".join(missing)),
            *missing,
            where=where,
            seen=seen,
            limit=limit,
        )
    spare = height_agl_m - certified_h_min_m
    words = {"sensor": sensor, "height": _metres(height_agl_m), "limit": _metres(certified_h_min_m)}
    if spare + height_error_m < 0:
        return breaches(
            say(
                "{sensor}: taken {height} m above ground, {short} m below the certified minimum of {limit} m",
                short=_metres(-spare),
                **words,
            ),
            where=where,
            seen=seen,
            limit=limit,
        )
    if spare - height_error_m < 0:
        return undetermined(
            say(
                "{sensor}: taken {height} m above ground, give or take {error} m; the certified minimum of {limit} m "
                "lies within that error",
                error=_metres(height_error_m),
                **words,
            ),
            "height_agl_m",
            where=where,
            seen=seen,
            limit=limit,
        )
    return complies(
        say("{sensor}: taken {height} m above ground; certified minimum {limit} m", **words),
        where=where,
        seen=seen,
        limit=limit,
    )


def exposures_lie_within_the_flight(
    exposed: Mapping[str, datetime], *, took_off: datetime | None, completed: datetime | None, now: datetime
) -> Finding | None:
    """An observation period lies within the flight (II.15), so a frame exposed outside it is of another flight or has
    a wrong time; which of them is not for the program to say: undetermined.  None where nothing speaks against it.

    That paragraph defines a word and asks nothing of anybody, so this is no registered rule.

    Parameters
    ----------
    exposed : file -> time of exposure.
    took_off, completed : as known; None leaves that side open.
    now : no frame is exposed later.
    """
    ends = completed if completed is not None and completed < now else now
    outside = [
        file for file, at in sorted(exposed.items(), key=lambda i: i[1]) if at > ends or (took_off and at < took_off)
    ]
    if not outside:
        return None
    found = undetermined(
        say(
            "exposure of {file} at {at} lies outside the flight, {start} to {end} ({n} of {all} frames do); "
            "check the frames table",
            file=outside[0],
            at=readable(exposed[outside[0]]),
            start=readable(took_off) if took_off else say("take-off not known"),
            end=readable(ends),
            n=len(outside),
            all=len(exposed),
        ),
        "exposed_at",
        seen={
            "outside": {file: rfc3339(exposed[file]) for file in outside[:100]},
            "took_off": rfc3339(took_off) if took_off else None,
            "completed": rfc3339(completed) if completed else None,
            "now": rfc3339(now),
        },
    )
    return replace(found, citation="II.15")


@rule("IV.2")
def output_is_not_finer_than_agreed(
    *,
    sensor: str,
    category: str,
    regime: Regime,
    ground_resolution_m: float | None,
    interval_m: tuple[float, float] | None = None,
    where: Any = None,
) -> Finding:
    """The ground resolution read from sensor output is not finer than the category's limit.

    A finer one is a finding for both Parties; nothing is blurred on its account. Exactly the limit
    complies. Where the limit lies inside the interval of the reading, the answer is undetermined. `category` may be
    a code of Annex B too, such as ``SAR``.
    """
    category = known(category, CATEGORIES, CATEGORY_NAMES) or category
    value = regime.value("resolution_limit", of=category)
    seen = {"sensor": sensor, "ground_resolution_m": ground_resolution_m, "interval_m": interval_m}
    more: dict[str, Any] = {"where": where, "seen": seen, "limit": str(value), "data": (value.to_json(),)}
    if ground_resolution_m is None:
        return undetermined(
            say("{sensor}: no ground resolution was read from a target in this output", sensor=sensor),
            "ground_resolution_m",
            **more,
        )
    low, high = interval_m or (ground_resolution_m, ground_resolution_m)
    words = {"sensor": sensor, "read": f"{ground_resolution_m:.3f}", "limit": str(value)}
    if high < value.value:
        return breaches(say("{sensor}: ground resolution {read} m is finer than {limit}", **words), **more)
    if low < value.value:
        return undetermined(
            say(
                "{sensor}: ground resolution {read} m; the limit of {limit} lies inside the interval of the reading",
                **words,
            ),
            "ground_resolution_m",
            **more,
        )
    return complies(say("{sensor}: ground resolution {read} m; the limit is {limit}", **words), **more)


def _metres(value: float) -> str:
    """Metres for people: whole where they are whole, centimetres where a limit may be missed by less."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
