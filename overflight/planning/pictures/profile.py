"""The ground under a plan and the height above it, leg by leg, with the elevation's error and certified heights.

A leg is taken as level, at the planned height above the mean ground below it; VI.II.4.D is checked the same way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from overflight.errors import CannotAnswer
from overflight.planning.geodesy import Floats, densify, path_length_km
from overflight.planning.pictures import paper
from overflight.terms.plan import MissionPlan
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.planning.elevation import Elevation

MOST_POINTS: Final = 4_000
STEP_KM: Final = 2.0
SOIL: Final = "#b9b19f"


def profile_picture(plan: MissionPlan, *, elevation: Elevation | None, kind: str = "svg") -> bytes:
    """Ground and flown level above the sea, and below them the height above ground.

    Raises
    ------
    CannotAnswer
        If no ground heights are known along the path.
    """
    length = path_length_km(plan.waypoints)
    step = STEP_KM if elevation is None else min(STEP_KM, elevation.step_km)
    lons, lats, km, legs = densify(plan.waypoints, max(step, length / MOST_POINTS))
    ground_m, error_m = elevation.at(lons, lats) if elevation is not None else (np.full(km.shape, np.nan),) * 2
    error_m = np.broadcast_to(error_m, ground_m.shape)
    if elevation is None or np.isfinite(ground_m).sum() < 2:
        raise CannotAnswer(say("no ground heights are known along this path; load some with --elevation"))
    flown = planned_level(plan, ground_m, np.asarray(legs))
    name = elevation.source.name
    sentences = [say("Ground: {name}; the band is its error.", name=name)]
    if flown is not None:
        sentences.append(
            say(
                "Each leg is taken as level, at the planned height above the mean ground below it; a leg that follows "
                "the ground keeps its planned height everywhere."
            )
        )
    else:
        sentences.append(say("The plan states no height above ground."))
    title = " ".join(say("Height profile {flight}", flight=plan.flight or "").split())
    with paper.style():
        foot_in = paper.foot_height_in(sentences)
        figure = paper.sheet(5.6 if flown is not None else 3.6)
        whole = figure.get_figheight()
        low, top = (foot_in + 0.85) / whole, 1 - 0.72 / whole
        axes = figure.subplots(
            2 if flown is not None else 1, 1, sharex=True, squeeze=False,
            gridspec_kw={"left": 0.09, "right": 0.97, "bottom": low, "top": top, "hspace": 0.12},
        )[:, 0]  # fmt: skip
        handles = _above_sea(axes[0], km, ground_m, error_m, flown, np.asarray(legs))
        if flown is not None:
            handles += _above_ground(axes[1], plan, km, flown - ground_m, error_m)
        for one in axes:
            one.grid(color=paper.LINE, linewidth=0.5)
            one.set_axisbelow(True)
            one.set_xlim(0, max(length, 1.0))
            off = _sensors_off(one, plan, length)
        if off is not None:
            handles.append((say("sensors off"), off))
        axes[-1].set_xlabel(say("kilometres along the path"))
        figure.legend(
            [h for _, h in handles], [n for n, _ in handles], loc="lower left", ncols=4, fontsize=7.5, frameon=False,
            bbox_to_anchor=(0.03, foot_in / whole), borderaxespad=0.0,
        )  # fmt: skip
        heights = sorted(set(plan.height_agl_m))
        under = say("{km:.1f} km", km=length)
        if heights:
            span = f"{heights[0]:g}" if len(heights) == 1 else f"{heights[0]:g}-{heights[-1]:g}"
            under += say(", planned at {m} m above ground", m=span)
        paper.head(figure, title, under)
        paper.foot(figure, sentences, private=False)
        return paper.as_bytes(figure, kind, title=title)


def planned_level(plan: MissionPlan, ground_m: Floats, legs: Any) -> Floats | None:
    """The level of each of n places above the sea, metres: planned height over the mean ground of its leg.

    None if the plan states no height; `legs` says on which leg each place lies.
    """
    if not plan.height_agl_m:
        return None
    count = len(plan.legs)
    heights = plan.height_agl_m if len(plan.height_agl_m) == count else plan.height_agl_m[:1] * count
    out = np.full(ground_m.shape, np.nan)
    for n in np.unique(legs).tolist():
        here = legs == n
        if np.isfinite(ground_m[here]).any():
            out[here] = np.nanmean(ground_m[here]) + heights[n]
    return out


def _above_sea(
    axes: Any, km: Floats, ground_m: Floats, error_m: Floats, flown: Floats | None, legs: Any
) -> list[tuple[str, Any]]:
    band = axes.fill_between(
        km, ground_m - error_m, ground_m + error_m, color=SOIL, alpha=0.45, linewidth=0, gid="ground-error"
    )
    (line,) = axes.plot(km, ground_m, color="#6d6350", linewidth=0.9, gid="ground")
    legend = [(say("ground"), line), (say("its error"), band)]
    axes.set_ylabel(say("m above the sea"))
    if flown is not None:
        apart = np.where(np.diff(legs, prepend=legs[:1]) != 0, np.nan, flown)  # no ramp from one leg to the next
        (level,) = axes.plot(km, apart, color=paper.OURS, linewidth=1.3, gid="flown")
        legend.append((say("planned level"), level))
    return legend


def _above_ground(axes: Any, plan: MissionPlan, km: Floats, above: Floats, error_m: Floats) -> list[tuple[str, Any]]:
    band = axes.fill_between(
        km, above - error_m, above + error_m, color=paper.OURS, alpha=0.2, linewidth=0, gid="height-error"
    )
    (line,) = axes.plot(km, above, color=paper.OURS, linewidth=1.0, gid="height")
    legend = [(say("height above ground"), line), (say("its error"), band)]
    axes.set_ylabel(say("m above ground"))
    styles = ("-", "--", "-.", ":")
    certified = [(use.sensor, use.certified_h_min_m) for use in plan.sensors if use.certified_h_min_m is not None]
    for n, (sensor, least) in enumerate(certified[:12]):
        limit = axes.axhline(
            least, color=paper.BREACHES, linewidth=1.2, linestyle=styles[n % 4], gid=f"certified-{n + 1}"
        )
        words = say("certified minimum of {sensor}, {m:g} m (VI.II.4.D)", sensor=paper.plain(sensor)[:40], m=least)
        legend.append((words, limit))
    lowest = float(np.nanmin(above - error_m))
    axes.set_ylim(bottom=min(0.0, lowest), top=None)
    return legend


def _sensors_off(axes: Any, plan: MissionPlan, length: float) -> Any:
    """Shade the stretches on which no sensor runs; one of the shades for the legend."""
    shade = None
    since = 0.0
    for a, b in [] if plan.sensors_on is None else [*sorted(plan.sensors_on), (length, length)]:
        if a > since:
            shade = axes.axvspan(
                since, min(a, length), color=paper.MUTED, alpha=0.12, linewidth=0, gid=f"sensors-off-{since:.0f}"
            )
        since = max(since, b)
    return shade
