"""A plan on a map: its path and swath, borders with their dataset, strips to keep clear of, airfields, a scale.

The map is azimuthal equidistant around the middle of the path, so that 180 degrees and the poles are no edges.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from overflight.planning.coverage import observed
from overflight.planning.display import middle_of
from overflight.planning.geodesy import Floats, LocalFrame, densify, local_frame, path_length_km
from overflight.planning.measure import foreign_codes, own_codes
from overflight.planning.pictures import ground, labels, paper
from overflight.planning.pictures.land import Land, lands_near, on_plane, rings
from overflight.terms.place import Airfield, Site
from overflight.terms.plan import MissionPlan
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.planning.regions import Regions
    from overflight.treaty.geography import Borders
    from overflight.treaty.regime import Regime

SEA: Final = "#dfe6ea"
LAND: Final = "#e9e6e0"
PARTY: Final = "#d3e0d7"
OBSERVED: Final = "#fbfaf4"
BORDER: Final = "#8f9a9b"

LEAST_KM: Final = 80.0
AROUND: Final = 1.16
FLATTEST, TALLEST = 0.5, 1.1  # height of the map to its width
WIDTH_SHARE: Final = 0.94
MOST_NAMES: Final = 40
LABELLED_FIELDS: Final = 25
WIDE_KM: Final = 2_000.0  # wider maps say where their scale holds


@dataclass(frozen=True)
class _View:
    """The part of the plane that is shown, kilometres."""

    frame: LocalFrame
    x: tuple[float, float]
    y: tuple[float, float]

    @property
    def width(self) -> float:
        return self.x[1] - self.x[0]

    @property
    def height(self) -> float:
        return self.y[1] - self.y[0]

    @property
    def reach(self) -> float:
        return float(max(np.hypot(x, y) for x in self.x for y in self.y))

    def holds(self, x: float, y: float) -> bool:
        return self.x[0] < x < self.x[1] and self.y[0] < y < self.y[1]


def map_picture(
    plan: MissionPlan,
    regime: Regime,
    *,
    borders: Borders,
    swath_km: float | None = None,
    swaths_km: Mapping[str, float] | None = None,
    sites: Sequence[Site] = (),
    regions: Regions | None = None,
    kind: str = "svg",
) -> bytes:
    """The plan on a map.

    Parameters
    ----------
    swath_km : float, optional
        Full width that is observed; the plan's own if it states one.
    swaths_km : mapping, optional
        Full width of each instrument that a site may name.
    sites : sequence of Site
        Then the picture says that it is private; filled where they are observed.
    regions : Regions, optional
        Sub-limits and closed areas that the plan was made for.
    kind : str
        ``svg`` or ``png``.
    """
    width = swath_km if swath_km is not None else plan.swath_km
    view = _view(plan, width or 0.0)
    data = borders.dataset
    sentences = [
        say(
            "Borders: {name}, {date}, {scale}. {view}.",
            name=data.name,
            date=data.date,
            scale=data.scale,
            view=data.point_of_view,
        )
        + ("" if "imply no position" in data.point_of_view else " " + say("Boundaries imply no position.")),
        say("Regime as of {day}; legs are geodesics on WGS84.", day=regime.day),
    ]
    title = say("Mission plan {flight} over {party}", flight=plan.flight or "", party=borders.name(plan.observed))
    title = " ".join(title.split())
    with paper.style():
        wide_in = paper.WIDTH_IN * WIDTH_SHARE
        high_in = wide_in * view.height / view.width
        legend_in, foot_in, head_in = 0.52, paper.foot_height_in(sentences), 0.68
        figure = paper.sheet(head_in + high_in + legend_in + foot_in)
        whole = figure.get_figheight()
        axes = figure.add_axes((0.03, (foot_in + legend_in) / whole, WIDTH_SHARE, high_in / whole))
        axes.set(xlim=view.x, ylim=view.y, facecolor=SEA, xticks=[], yticks=[], aspect="equal")
        legend = _draw(axes, plan, regime, view, borders, width, sites, regions, swaths_km)
        names, handles = [name for name, _ in legend], [handle for _, handle in legend]
        figure.legend(
            handles, names, loc="upper left", ncols=4, fontsize=7.5, frameon=False, borderaxespad=0.0,
            bbox_to_anchor=(0.03, (foot_in + legend_in - 0.08) / whole), handlelength=1.8, columnspacing=1.4,
        )  # fmt: skip
        length = path_length_km(plan.waypoints)
        under = say("{km:.1f} km, {n} declared points", km=length, n=len(plan.waypoints))
        if width:
            under += say(", swath {w:g} km", w=width)
        paper.head(figure, title, under)
        paper.foot(figure, sentences, private=bool(sites))
        return paper.as_bytes(figure, kind, title=title)


def _view(plan: MissionPlan, swath_km: float) -> _View:
    lons, lats, _, _ = densify(plan.waypoints, ground.STEP_KM)
    frame = local_frame(*middle_of(lons, lats))
    x, y = frame.to_xy_km(lons, lats)
    half = (
        max(float(np.ptp(x)) / 2 + swath_km / 2, LEAST_KM / 2) * AROUND,
        max(float(np.ptp(y)) / 2 + swath_km / 2, LEAST_KM / 2) * AROUND,
    )
    share = min(max(half[1] / half[0], FLATTEST), TALLEST)
    across = max(half[0], half[1] / share)
    middle = ((float(x.min()) + float(x.max())) / 2, (float(y.min()) + float(y.max())) / 2)
    return _View(
        frame, (middle[0] - across, middle[0] + across), (middle[1] - across * share, middle[1] + across * share)
    )


def _draw(
    axes: Any,
    plan: MissionPlan,
    regime: Regime,
    view: _View,
    borders: Borders,
    width: float | None,
    sites: Sequence[Site],
    regions: Regions | None,
    swaths_km: Mapping[str, float] | None = None,
) -> list[tuple[str, Any]]:
    """Everything inside the frame; returns the legend."""
    legend = _land(axes, plan, regime, view, lands_near(borders, view.frame, view.reach * 1.02), borders)
    _degrees(axes, view)
    legend += _regions(axes, view, regions) if regions else []
    legend += _swath(axes, plan, view, width)
    legend += _airfields(axes, plan, regime, view)
    legend += _path(axes, plan, view)
    if sites:
        legend += _sites(axes, plan, view, sites, width, swaths_km)
    _scale(axes, view)
    return legend


def _fill(axes: Any, shape: Any, name: str, **look: Any) -> Any:
    """One patch for a whole shape, holes kept."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    places: list[Floats] = []
    codes: list[Any] = []
    for outline in rings(shape):
        for ring in outline:
            places.append(ring)
            codes.append([Path.MOVETO, *[Path.LINETO] * (len(ring) - 2), Path.CLOSEPOLY])
    if not places:
        return None
    patch = PathPatch(Path(np.vstack(places), np.concatenate(codes)), **look)
    patch.set_gid(name)
    axes.add_patch(patch)
    return patch


def _swatch(**look: Any) -> Any:
    from matplotlib.patches import Patch

    return Patch(**look)


def _land(
    axes: Any, plan: MissionPlan, regime: Regime, view: _View, lands: Sequence[Land], borders: Borders
) -> list[tuple[str, Any]]:
    own = set(own_codes(plan.observed, regime))
    outside = foreign_codes(regime, borders, observed=plan.observed)
    seen = shapely.box(view.x[0], view.y[0], view.x[1], view.y[1])
    legend: list[tuple[str, Any]] = []
    kinds: set[str] = set()
    for land in (one for one in lands if one.disputed is None):
        shape = shapely.intersection(land.shape, shapely.buffer(seen, view.width * 0.02))
        if shapely.is_empty(shape):
            continue
        kind = "observed" if land.code in own else "non-party" if land.code in outside else "party"
        kinds.add(kind)
        colour = {"observed": OBSERVED, "party": PARTY, "non-party": LAND}[kind]
        _fill(axes, shape, f"land-{land.code}", facecolor=colour, edgecolor=BORDER, linewidth=0.5, zorder=1)
    words = {
        "observed": (say("territory of the observed Party"), OBSERVED),
        "party": (say("other Parties on this day"), PARTY),
        "non-party": (say("States that are not Parties"), LAND),
    }
    for kind, (name, colour) in words.items():
        if kind in kinds:
            legend.append((name, _swatch(facecolor=colour, edgecolor=BORDER, linewidth=0.5)))
    legend += _strip(axes, regime, view, [one for one in lands if one.code in outside and not one.disputed], seen)
    look: dict[str, Any] = {
        "facecolor": LAND, "edgecolor": paper.DISPUTED, "hatch": "////", "linewidth": 0.6, "linestyle": (0, (3, 2)),
    }  # fmt: skip
    some = False
    for land in (one for one in lands if one.disputed is not None and shapely.intersects(one.shape, seen)):
        some = _fill(axes, land.shape, f"disputed-{land.disputed}", zorder=1.4, **look) is not None or some
    if some:
        legend.append((say("disputed: no side taken"), _swatch(**look)))
    return legend


def _strip(axes: Any, regime: Regime, view: _View, outside: Sequence[Land], seen: Any) -> list[tuple[str, Any]]:
    """The ground that VI.II.2 keeps clear beside States that are not Parties."""
    clearance = regime.value("border_clearance")
    km = float(clearance.value)
    near = [shapely.intersection(land.shape, shapely.buffer(seen, 3 * km)) for land in outside]
    near = [shape for shape in near if not shapely.is_empty(shape)]
    if not near:
        return []
    beyond = shapely.union_all(near)
    strip = shapely.intersection(shapely.difference(shapely.buffer(beyond, km, quad_segs=4), beyond), seen)
    # On a wide map the strip is thinner than a line, so its outer edge is drawn as one.
    look: dict[str, Any] = {"facecolor": paper.BREACHES, "alpha": 0.3, "edgecolor": "none", "linewidth": 0}
    if km / view.width < 0.004:
        look |= {"edgecolor": paper.BREACHES, "linewidth": 0.8}
    if _fill(axes, strip, "strip", zorder=1.6, **look) is None:
        return []
    return [
        (
            say("within {limit} of a State that is not a Party ({citation})", limit=clearance, citation="VI.II.2"),
            _swatch(**look),
        )
    ]


def _regions(axes: Any, view: _View, regions: Regions) -> list[tuple[str, Any]]:
    """Areas closed for a time, and areas in which the path's length is limited."""
    closed: dict[str, Any] = {"facecolor": "none", "edgecolor": paper.BREACHES, "hatch": "xxx", "linewidth": 0.8}
    limited: dict[str, Any] = {"facecolor": "none", "edgecolor": paper.INK, "linestyle": (0, (5, 2)), "linewidth": 0.9}
    legend = []
    for n, area in enumerate(regions.closed, start=1):
        shape = on_plane(area.shape, view.frame, view.reach)
        if _fill(axes, shape, f"closed-{n}", zorder=1.7, **closed) and n == 1:
            legend.append((say("closed area"), _swatch(**closed)))
        if n <= MOST_NAMES:
            _label(axes, view, shape, labels.of_closed(area), f"closed-{n}-words", paper.BREACHES)
    for n, region in enumerate(regions.sub_limits, start=1):
        shape = on_plane(region.shape, view.frame, view.reach)
        if _fill(axes, shape, f"sub-limit-{n}", zorder=1.7, **limited) and n == 1:
            legend.append((say("area with a distance of its own"), _swatch(**limited)))
        if n <= MOST_NAMES:
            _label(axes, view, shape, labels.of_limit(region), f"sub-limit-{n}-words", paper.INK)
    return legend


def _label(axes: Any, view: _View, shape: Any, words: str, name: str, colour: str) -> None:
    """Words above an area, or inside it where there is no room; none if the area is out of sight."""
    shown = shapely.intersection(shape, shapely.box(view.x[0], view.y[0], view.x[1], view.y[1]))
    if shapely.is_empty(shown):
        return
    west, _, east, north = shapely.bounds(shown).tolist()
    side = 0.13 * view.width  # about half of the words
    x = min(max((west + east) / 2, view.x[0] + side), view.x[1] - side)
    above = north + 0.06 * view.height < view.y[1]
    axes.annotate(
        words, (x, north), xytext=(0, 3 if above else -3), textcoords="offset points", size=6.5, color=colour,
        ha="center", va="bottom" if above else "top", zorder=4.2, gid=name,
        bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 1},
    )  # fmt: skip


def _degrees(axes: Any, view: _View) -> None:
    """Meridians and parallels, each named once where it meets the lower or the left edge."""
    across = max(view.width, view.height) / 111.2
    parallels = next((s for s in (0.5, 1, 2, 5, 10, 15) if across / s <= 9), 30)
    x, y = (view.x[0] + view.x[1]) / 2, (view.y[0] + view.y[1]) / 2
    lat = abs(float(view.frame.to_lonlat(np.array([x]), np.array([y]))[1][0]))
    thinner = 1 / max(0.05, float(np.cos(np.radians(lat))))
    meridians = next((s for s in (0.5, 1, 2, 5, 10, 15) if across * thinner / s <= 11), 30)
    named: dict[bool, list[float]] = {True: [], False: []}
    lines = ground.lines_of_degrees(view.frame, view.reach * 1.05, meridians=meridians, parallels=parallels)
    for name, upright, x_km, y_km in lines:
        axes.plot(x_km, y_km, color=BORDER, alpha=0.45, linewidth=0.4, zorder=1.8)
        along, edge, level = (x_km, y_km, view.y[0]) if upright else (y_km, x_km, view.x[0])
        size = view.width if upright else view.height
        for k in np.flatnonzero((edge[:-1] - level) * (edge[1:] - level) < 0)[:1].tolist():
            share = (level - edge[k]) / (edge[k + 1] - edge[k])
            at = float(along[k] + share * (along[k + 1] - along[k]))
            inside = (view.x if upright else view.y)[0] <= at <= (view.x if upright else view.y)[1] - 0.03 * size
            if not inside or any(abs(at - other) < 0.055 * size for other in named[upright]):
                continue
            named[upright].append(at)
            place = (at, level) if upright else (level, at)
            axes.annotate(name, place, xytext=(2, 3), textcoords="offset points", size=6, color=paper.MUTED, zorder=5)


def _swath(axes: Any, plan: MissionPlan, view: _View, width: float | None) -> list[tuple[str, Any]]:
    if not width:
        return []
    legend = []
    run = ground.swath_on_plane(plan, view.frame, swath_km=width, sensors_run=True)
    look: dict[str, Any] = {"facecolor": paper.OURS, "alpha": 0.25, "edgecolor": "none"}
    if _fill(axes, run, "swath", zorder=2, **look) is not None:
        legend.append((say("swath, {w:g} km", w=width), _swatch(**look)))
    off = shapely.difference(ground.swath_on_plane(plan, view.frame, swath_km=width, sensors_run=False), run)
    look = {"facecolor": "none", "edgecolor": paper.OURS, "hatch": "....", "linewidth": 0.3, "alpha": 0.6}
    if _fill(axes, off, "swath-off", zorder=2, **look) is not None:
        legend.append((say("sensors off"), _swatch(**look)))
    return legend


def _path(axes: Any, plan: MissionPlan, view: _View) -> list[tuple[str, Any]]:
    x, y = ground.path_on_plane(plan.waypoints, view.frame)
    (line,) = axes.plot(x, y, color=paper.OURS, linewidth=1.5, solid_joinstyle="round", zorder=3, gid="path")
    x, y = ground.points_on_plane(plan.waypoints, view.frame)
    axes.plot(x[1:-1], y[1:-1], "o", color=paper.OURS, markersize=3, zorder=3.1, gid="points")
    stride = max(1, -(-len(x) // MOST_NAMES))
    for n in range(1, len(x) - 1, stride):
        name = paper.plain(plan.waypoints[n].name or str(n))[:20]
        axes.annotate(name, (x[n], y[n]), xytext=(3, 3), textcoords="offset points", size=6, color=paper.OURS, zorder=4)
    return [(say("path and declared points"), line)]


def _airfields(axes: Any, plan: MissionPlan, regime: Regime, view: _View) -> list[tuple[str, Any]]:
    wanted = {plan.start_airfield, plan.end_airfield, *(stop.airfield for stop in plan.stops)} - {""}
    placed: list[tuple[Airfield, float, float]] = []
    for field in regime.airfields():
        x, y = (float(v[0]) for v in view.frame.to_xy_km(np.array([field.lon_deg]), np.array([field.lat_deg])))
        if view.holds(x, y):
            placed.append((field, x, y))
    legend = []
    name_all = len(placed) <= LABELLED_FIELDS
    for open_skies, marker, words in (
        (True, "s", say("Open Skies airfield")),
        (False, "D", say("other airfield of the treaty")),
    ):
        some = [p for p in placed if ("open_skies" in p[0].roles) is open_skies]
        if not some:
            continue
        (mark,) = axes.plot(
            [x for _, x, _ in some], [y for _, _, y in some], marker, markersize=5 if open_skies else 4,
            markerfacecolor="white", markeredgecolor=paper.INK, markeredgewidth=1, zorder=3.5,
            gid="airfields" if open_skies else "other-airfields",
        )  # fmt: skip
        legend.append((words, mark))
        for field, x, y in some:
            if field.icao in wanted or (name_all and open_skies):
                axes.annotate(
                    f"{field.icao} {field.name}" if field.icao in wanted else field.icao, (x, y), xytext=(6, -10),
                    textcoords="offset points", size=7, weight="bold" if field.icao in wanted else "normal", zorder=4.5,
                )  # fmt: skip
    return legend


def _sites(
    axes: Any,
    plan: MissionPlan,
    view: _View,
    sites: Sequence[Site],
    width: float | None,
    swaths_km: Mapping[str, float] | None,
) -> list[tuple[str, Any]]:
    """Sites by value; filled where the path observes them."""
    x, y = view.frame.to_xy_km(np.array([s.lon_deg for s in sites]), np.array([s.lat_deg for s in sites]))
    most = max((s.value for s in sites), default=0.0) or 1.0
    size = np.array([3.0 + 22.0 * s.value / most for s in sites])
    seen = (
        observed(plan.waypoints, sites, swath_km=width, swaths_km=swaths_km)
        if width
        else np.zeros(len(sites), dtype=bool)
    )
    inside = (x > view.x[0]) & (x < view.x[1]) & (y > view.y[0]) & (y < view.y[1])
    legend = []
    words = {True: say("site, observed"), False: say("site, not observed")}
    for filled, gid in ((False, "sites-not-observed"), (True, "sites-observed")):
        these = inside & (seen == filled)
        if not these.any():
            continue
        dots = axes.scatter(
            x[these], y[these], s=size[these], facecolors=paper.THEIRS if filled else "none",
            edgecolors=paper.THEIRS, linewidths=0.7, zorder=2.6,
        )  # fmt: skip
        dots.set_gid(gid)
        (mark,) = axes.plot(
            [], [], "o", markersize=4, markerfacecolor=paper.THEIRS if filled else "none",
            markeredgecolor=paper.THEIRS, markeredgewidth=0.8,
        )  # fmt: skip
        legend.append((words[filled], mark))
    return legend


def _scale(axes: Any, view: _View) -> None:
    bar = paper.nice(view.width, 9)
    left, low = view.x[0] + 0.02 * view.width, view.y[0] + 0.055 * view.height
    pad = 0.012 * view.width
    axes.add_patch(_box(left - pad, low - pad * 0.9, bar + 2 * pad, 4.2 * pad))
    axes.plot(
        [left, left + bar], [low, low], color=paper.INK, linewidth=2, solid_capstyle="butt", zorder=6, gid="scale"
    )
    words = f"{bar:g} km" if view.width < WIDE_KM else say("{km:g} km at the middle", km=bar)
    axes.text(left + bar / 2, low + 0.6 * pad, words, size=7, ha="center", va="bottom", zorder=6, gid="scale-words")


def _box(x: float, y: float, wide: float, high: float) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), wide, high, facecolor="white", alpha=0.8, edgecolor="none", zorder=5.5)
