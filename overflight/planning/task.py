"""A request made ready for a search: airfields, limit, sites in reach, forbidden ground, and the problem in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from overflight.errors import BadInput, NothingToPlan
from overflight.planning.geodesy import distances_km, earth_centred_km, lonlat_of
from overflight.planning.measure import foreign_codes, own_codes
from overflight.planning.request import Ignored, PlanRequest, ends_of, limit_for
from overflight.planning.request_ground import in_reach, may_meet, refuse_unreachable, stops_of
from overflight.planning.search_area import ROUND_KM, KeepOut, keep_out, on_plane
from overflight.planning.sites import inside
from overflight.planning.swath.build import Problem, Rules
from overflight.planning.swath.first import first_way
from overflight.planning.swath.world import Array
from overflight.terms.place import Airfield, Site
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.planning.elevation import Elevation
    from overflight.treaty.geography import Borders
    from overflight.treaty.regime import Regime

Floats = NDArray[np.float64]

# The search sees a narrower swath and a shorter limit than asked for, so that what it
# returns stands when it is measured exactly, and does not hang on the last metres.
MARGIN_KM = 0.08
MARGIN_SHARE = 0.1
SPARE_SHARE = 5e-5
SPARE_KM = 0.02
ROOMIER = 1.002  # turns are planned a little wider: near 180 degrees their room grows fast with the angle
MOST_CORNERS = 120
CORNERS_APART_KM = 12.0


@dataclass(frozen=True)
class Task:
    """One request with everything that the search needs; `first` is a legal path over airfields and corners."""

    request: PlanRequest
    regime: Regime
    borders: Borders
    elevation: Elevation | None
    start: Airfield
    end: Airfield
    stops: tuple[Airfield, ...]
    limit_km: float
    sites: tuple[Site, ...]
    weight: float  # what a required site is worth on top of its value
    area: KeepOut
    problem: Problem
    first: list[tuple[int, Floats]]
    lons: Floats  # of the candidates
    lats: Floats

    @cached_property
    def values(self) -> Floats:
        """Value of each site."""
        return np.array([site.value for site in self.sites], dtype=np.float64)

    @cached_property
    def half_km(self) -> Floats:
        """Nominal half swath of each site."""
        return np.array([self.request.half_km(site) for site in self.sites])


def prepare(
    request: PlanRequest,
    regime: Regime,
    borders: Borders,
    elevation: Elevation | None = None,
    *,
    extra: tuple[Any, ...] = (),
) -> tuple[Task, tuple[Ignored, ...]]:
    """The task of a request, and the sites that were left out.

    Parameters
    ----------
    extra : tuple of shapely geometry
        Further ground to keep out of, on the plane of the search; see `area_of`.

    Raises
    ------
    BadInput
        If an airfield is not open on the day, the limit is above the treaty's, or no site is left.
    NothingToPlan
        If no legal path joins the airfields, or a required site cannot be reached.
    """
    start, end = ends_of(request, regime)
    limit = limit_for(request, regime)
    stops = stops_of(request, regime)
    half = np.array([request.half_km(site) for site in request.sites])
    own = frozenset(own_codes(request.observed, regime))
    refuse_unreachable(request, regime, borders, limit)
    keep, ignored = _reachable(request, (start, *stops, end), limit, own, borders)
    area = area_of(request, regime, borders)
    shut = _closed_shapes(request, (start, end), area, limit)
    by_borders = area
    if shut or extra:
        area = area.joined([*shut, *extra])
    try:
        task, behind = _task(request, regime, borders, elevation, area, (start, *stops, end), keep, half, limit)
    except NothingToPlan as why:
        raise _what_binds(why, request, (start, *stops, end), by_borders, [*shut, *extra], limit) from None
    ignored += tuple(Ignored(site, _why_behind(site, by_borders, shut)) for site in behind)
    _refuse_behind(request, ignored)
    if not task.sites:
        raise _no_site(request, ignored)
    return task, ignored


def _what_binds(
    why: NothingToPlan,
    request: PlanRequest,
    fields: tuple[Airfield, ...],
    by_borders: KeepOut,
    shut: list[Any],
    limit_km: float,
) -> NothingToPlan:
    """Why no path joins the airfields, by how much: closed areas, where there is one without them, else the borders."""
    lons, lats = np.array([a.lon_deg for a in fields]), np.array([a.lat_deg for a in fields])
    plane, many = by_borders.plane(lons, lats), len(fields)
    order = [0, many - 1, *range(1, many - 1)]  # start and end first
    try:
        extra, ways = first_way(
            request, [fields[n] for n in order], earth_centred_km(lons, lats)[order], plane[order], by_borders, limit_km
        )
    except NothingToPlan:
        if why.citation != "VI.II.2":
            return why
        over = _inside_km(plane, shapely.union_all(by_borders.pieces), by_borders)
        words = say("{why}; the straight way leads over {km:.0f} km of such ground", why=why.message, km=over)
        return NothingToPlan(words, citation="VI.II.2", over_km=round(over, 3))
    line = np.array([plane[order][n] if n >= 0 else extra[-n - 1] for n in ways])
    over = _inside_km(line, shapely.union_all(shut), by_borders) if shut else 0.0
    if over <= 0:
        return why
    return NothingToPlan(
        say(
            "no path {way} keeps out of the closed areas: the shortest one without them is {km:.0f} km inside{why}",
            way=" - ".join(a.icao for a in fields),
            km=over,
            why="" if why.citation == "VI.II.2" else f"; {why.message}",
        ),
        field="--regions",
        over_km=round(over, 3),
    )


def _why_behind(site: Site, by_borders: KeepOut, shut: list[Any]) -> str:
    """What keeps every path away from a site: a closed area, where no border does."""
    at = by_borders.plane(np.array([site.lon_deg]), np.array([site.lat_deg]))
    shut_in = bool(shut) and bool(shapely.intersects_xy(np.array(shut, dtype=object), at[0, 0], at[0, 1]).any())
    return "inside_closed_area" if shut_in and by_borders.points_clear(at)[0] else "behind_border_distance"


def area_of(request: PlanRequest, regime: Regime, borders: Borders) -> KeepOut:
    """The ground that borders forbid within reach of the request; kept with the borders between searches."""
    start, end = ends_of(request, regime)
    own = frozenset(own_codes(request.observed, regime))
    ends = earth_centred_km(np.array([start.lon_deg, end.lon_deg]), np.array([start.lat_deg, end.lat_deg]))
    lon, lat = (float(v[0]) for v in lonlat_of(ends.mean(axis=0)[None, :]))
    widest = max([request.swath_km, *request.swaths_km.values()]) / 2
    return keep_out(
        lon,
        lat,
        limit_for(request, regime) / 2 + widest,
        own=own,
        non_parties=foreign_codes(regime, borders, observed=request.observed),
        clearance_km=float(regime.value("border_clearance").value),
        borders=borders,
        sea=regime.readings.get("sea_border") != "land",
    )


def _reachable(
    request: PlanRequest,
    fields: tuple[Airfield, ...],
    limit_km: float,
    own: frozenset[str],
    borders: Borders,
) -> tuple[NDArray[np.int64], tuple[Ignored, ...]]:
    """Rows of the sites inside the territory that a path within limit and range could observe; the others with why."""
    if not request.sites:
        raise BadInput(say("the file of sites holds no site"), field="--sites")
    lons = np.array([s.lon_deg for s in request.sites])
    lats = np.array([s.lat_deg for s in request.sites])
    within = inside(lons, lats, own=sorted(own), borders=borders)
    turned = np.flatnonzero(~within & (np.abs(lons) <= 90))
    swapped = set(turned[inside(lats[turned], lons[turned], own=sorted(own), borders=borders)].tolist())
    near = in_reach(request, request.sites, fields, limit_km)
    kept, ignored = [], []
    for n, site in enumerate(request.sites):
        if not within[n]:
            ignored.append(Ignored(site, "outside_territory", swapped=n in swapped))
        elif not near[n]:
            ignored.append(Ignored(site, "out_of_reach"))
        else:
            kept.append(n)
    if not kept:
        raise _no_site(request, tuple(ignored))
    return np.array(kept, dtype=np.int64), tuple(ignored)


def _refuse_behind(request: PlanRequest, ignored: tuple[Ignored, ...]) -> None:
    """A required site that forbidden ground hides from every path; `refuse_unreachable` has looked at the others."""
    for left in ignored:
        site = left.site
        if site.required and left.reason == "inside_closed_area":
            raise NothingToPlan(
                say(
                    "required site {site} lies inside a closed area of --regions, farther than half its swath, "
                    "{half:g} km, from its edge",
                    site=site.name[:60],
                    half=request.half_km(site),
                ),
                field="--regions",
            )
        if site.required:
            raise NothingToPlan(
                say(
                    "required site {site} lies on ground that no legal path enters, and farther than half its swath, "
                    "{half:g} km, from where one may lead (VI.II.2)",
                    site=site.name[:60],
                    half=request.half_km(site),
                ),
                citation="VI.II.2",
            )


def _no_site(request: PlanRequest, ignored: tuple[Ignored, ...]) -> BadInput:
    reasons = [left.reason for left in ignored]
    return BadInput(
        say(
            "--sites: none of the {n} sites can be observed: {outside} lie outside the territory of {party}, "
            "{far} out of reach within the limit, {behind} too near a border (VI.II.2), {shut} inside a closed area",
            n=len(reasons),
            outside=reasons.count("outside_territory"),
            party=request.observed,
            far=reasons.count("out_of_reach"),
            behind=reasons.count("behind_border_distance"),
            shut=reasons.count("inside_closed_area"),
        ),
        field="--sites",
    )


def _closed_shapes(request: PlanRequest, ends: tuple[Airfield, Airfield], area: KeepOut, limit_km: float) -> list[Any]:
    """Closed areas that the flight may meet, on the plane; one whose hours it cannot meet is left out."""
    shapes: list[Any] = []
    for closed in request.regions.closed:
        if may_meet(closed, request, *ends, limit_km):
            for part in shapely.get_parts(closed.shape):
                shapes += [shapely.buffer(shape, SPARE_KM * 5) for shape in on_plane(part, area.centre)]
    return shapes


def _task(
    request: PlanRequest,
    regime: Regime,
    borders: Borders,
    elevation: Elevation | None,
    area: KeepOut,
    fields: tuple[Airfield, ...],
    keep: NDArray[np.int64],
    half: Floats,
    limit: float,
) -> tuple[Task, list[Site]]:
    """Sites and candidate points; a site on forbidden ground is offered from the nearest clear place."""
    many = len(fields)
    named = [request.sites[n] for n in keep.tolist()]
    # start and end first, then the stops
    order = [fields[0], fields[-1], *fields[1:-1]]
    lons = np.array([*(a.lon_deg for a in order), *(s.lon_deg for s in named)])
    lats = np.array([*(a.lat_deg for a in order), *(s.lat_deg for s in named)])
    planned = half[keep] - np.minimum(MARGIN_KM, MARGIN_SHARE * half[keep])
    plane = area.plane(lons, lats)
    clear = area.points_clear(plane)
    for n in range(many):
        if not clear[n]:
            raise NothingToPlan(
                say("{icao} lies on ground that no legal path enters (VI.II.2)", icao=order[n].icao),
                citation="VI.II.2",
            )
    blocked = np.flatnonzero(~clear)
    behind: list[int] = []
    for n in blocked.tolist():
        moved = area.nearest_clear(plane[n : n + 1], 0.9 * float(planned[n - many]), 0.05)
        if np.isnan(moved[0, 0]):
            behind.append(n)
            continue
        plane[n] = moved[0]
        lons[n], lats[n] = (float(v[0]) for v in area.unplane(moved))
    stay = np.setdiff1d(np.arange(len(lons)), np.array(behind, dtype=np.int64))
    kept = [named[n - many] for n in stay[many:].tolist()]
    planned = planned[stay[many:] - many]
    site_points = earth_centred_km(np.array([s.lon_deg for s in kept]), np.array([s.lat_deg for s in kept]))
    corners = _corners(area, site_points.reshape(-1, 3))
    base = earth_centred_km(lons[stay], lats[stay])
    limit_planned = limit * (1 - SPARE_SHARE) - SPARE_KM
    extra, ways = _first(request, order, base[:many], plane[stay][:many], area, limit_planned)
    added = np.concatenate((corners, extra)).reshape(-1, 2)
    a_lon, a_lat = area.unplane(added)
    all_lons, all_lats = np.concatenate((lons[stay], a_lon)), np.concatenate((lats[stay], a_lat))
    points = np.concatenate((base, earth_centred_km(a_lon, a_lat)))
    site_of = np.concatenate((np.full(many, -1), np.arange(len(kept)), np.full(len(added), -1))).astype(np.int32)
    shift = many + len(kept) + len(corners)
    first = [(n if n >= 0 else shift - n - 1, points[n if n >= 0 else shift - n - 1]) for n in ways]
    values = np.array([s.value for s in kept], dtype=np.float64)
    weight = float(values.sum()) + 1.0
    names = {name: n for n, name in enumerate(dict.fromkeys(s.group for s in kept if s.group))}
    problem = Problem(
        sites=site_points.reshape(-1, 3),
        values=values + weight * np.array([s.required for s in kept], dtype=np.float64),
        half_km=planned,
        group=np.array([names[s.group] if s.group and not s.required else -1 for s in kept], dtype=np.int32),
        points=points,
        site_of=site_of,
        centre=area.centre,
        rules=Rules(
            limit_planned,
            request.min_leg_km * (1 + SPARE_SHARE) + SPARE_KM if request.min_leg_km > 0 else 0.0,
            request.turn_radius_km * ROOMIER,
            request.turn,
            request.range_km * (1 - SPARE_SHARE) - SPARE_KM if request.range_km is not None else float("inf"),
        ),
        walls=area.walls,
        stops=tuple(range(2, many)),
        sub_limits=_sub_limits(request, area),
    )
    task = Task(
        request, regime, borders, elevation, fields[0], fields[-1], fields[1:-1], limit, tuple(kept), weight, area,
        problem, first, all_lons, all_lats,
    )  # fmt: skip
    return task, [named[n - many] for n in behind]


def _first(
    request: PlanRequest, order: list[Airfield], base: Floats, plane: Floats, area: KeepOut, limit_km: float
) -> tuple[Floats, list[int]]:
    """The first legal path; around the regions of which it would cross more than allowed, where there is a way."""
    extra, ways = first_way(request, order, base, plane, area, limit_km)
    around: list[Any] = []
    regions = _sub_limits(request, area)
    for _ in regions:
        line = np.array([plane[n] if n >= 0 else extra[-n - 1] for n in ways])
        worse = [shape for shape, most in regions if _inside_km(line, shape, area) > most and not _holds(shape, plane)]
        worse = [shape for shape in worse if not any(shape is known for known in around)]
        if not worse:
            break
        around += worse
        wide = [part for shape in around for part in shapely.get_parts(shapely.buffer(shape, SPARE_KM * 5))]
        try:
            extra, ways = first_way(request, order, base, plane, KeepOut(area.centre, [*area.pieces, *wide]), limit_km)
        except NothingToPlan:
            break  # the search may still find a way that crosses a corner of it
    return extra, ways


def _inside_km(line: Floats, shape: Any, area: KeepOut) -> float:
    """Length of a path on the plane inside a region."""
    total = 0.0
    for leg in np.stack((line[:-1], line[1:]), axis=1):
        for piece in shapely.get_parts(shapely.intersection(shapely.linestrings(leg), shape)):
            at = shapely.get_coordinates(piece)
            if len(at) > 1:
                lons, lats = area.unplane(at)
                total += float(distances_km(lons[:-1], lats[:-1], lons[1:], lats[1:]).sum())
    return total


def _holds(shape: Any, plane: Floats) -> bool:
    return bool(shapely.contains_xy(shape, plane[:, 0], plane[:, 1]).any())


def _sub_limits(request: PlanRequest, area: KeepOut) -> tuple[tuple[Any, float], ...]:
    out = []
    for limit in request.regions.sub_limits:
        parts = [shape for part in shapely.get_parts(limit.shape) for shape in on_plane(part, area.centre)]
        if parts:
            out.append((shapely.union_all(parts), max(0.0, limit.most_km * (1 - SPARE_SHARE) - SPARE_KM)))
    return tuple(out)


def _corners(area: KeepOut, sites: Floats) -> Array:
    """Corners of forbidden ground to offer as waypoints: those nearest to a site, not too close together."""
    found = area.corners(ROUND_KM)
    if not len(found) or not len(sites):
        return np.zeros((0, 2))
    from scipy.spatial import KDTree

    tree: Any = KDTree(sites)  # type: ignore[no-untyped-call]
    far, _ = tree.query(earth_centred_km(*area.unplane(found)))
    chosen: list[int] = []
    for n in np.argsort(far, kind="stable").tolist():
        if len(chosen) >= MOST_CORNERS:
            break
        if not chosen or np.hypot(*(found[chosen] - found[n]).T).min() >= CORNERS_APART_KM:
            chosen.append(n)
    return found[chosen]
