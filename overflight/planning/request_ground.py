"""Checks of a plan request against the treaty's airfields and the ground, before a search starts.

Each names the constraint that binds and by how much, so that nobody waits for a search that cannot end well.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from overflight.errors import BadInput, NothingToPlan, UnknownAirfield
from overflight.planning.conditions_path import SERVES
from overflight.planning.geodesy import distances_km, leg_lengths_km
from overflight.planning.measure import own_codes
from overflight.planning.regions import SIDE_DEG, ClosedArea, SubLimit
from overflight.planning.request import PlanRequest, ends_of
from overflight.planning.sites import inside
from overflight.terms.moment import readable
from overflight.terms.place import Airfield, Site
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.geography import Borders
    from overflight.treaty.regime import Regime

Floats = NDArray[np.float64]

SHARES_DEG = 0.02  # an outline is looked at this finely when the way out of a region is measured


def stops_of(request: PlanRequest, regime: Regime) -> tuple[Airfield, ...]:
    """The airfields of a request's stops, in their order.

    Raises
    ------
    UnknownAirfield
        If the treaty names none of that code on the day.
    BadInput
        If one is not the observed Party's, or not open for a landing on the way.
    """
    owners = set(own_codes(request.observed, regime))
    found = []
    for icao in request.stops:
        field = stop_named(icao, regime)
        if set(field.party.split(";")) & owners and field.roles & SERVES:
            found.append(field)
            continue
        could = (a.icao for a in regime.airfields() if a.icao and a.party in owners and a.roles & SERVES)
        raise BadInput(
            say(
                "--via: {icao} ({name}, {party}) is not open on {day} for {observed}'s flights to refuel or rest; "
                "choose one of {open}",
                icao=icao,
                name=field.name,
                party=field.party,
                day=regime.day,
                observed=request.observed,
                open=", ".join(dict.fromkeys(could)) or "-",
            ),
            citation="II.30",
            field="--via",
        )
    return tuple(found)


def stop_named(icao: str, regime: Regime) -> Airfield:
    """The airfield of a stop.

    Raises
    ------
    UnknownAirfield
        If the treaty names none of that code on the day.
    """
    try:
        return regime.airfield(icao)
    except UnknownAirfield as why:
        raise UnknownAirfield(
            say("--via: {why}", why=why.message), citation="II.30", field="--via", airfield=icao[:20]
        ) from None


def refuse_contradictions(request: PlanRequest, regime: Regime, limit_km: float) -> None:
    """Raise if no path at all can keep the request's distances: airfields too far apart, or a region shut around one.

    Raises
    ------
    BadInput
        If an airfield lies inside a region whose sub-limit, or the sum of them, is less than the way out of it,
        or inside an area that is closed whenever the flight could be there.
    NothingToPlan
        If the way over the stops is longer than the limit, or than the range between two airfields.
    """
    start, end = ends_of(request, regime)
    places = (start, *stops_of(request, regime), end)
    lengths = leg_lengths_km(*_places(places))
    for n, km in enumerate(lengths.tolist()):
        if request.range_km is not None and km > request.range_km:
            raise NothingToPlan(
                say(
                    "{a} and {b} lie {km:.0f} km apart, {over:.0f} km beyond the aircraft's range of {range:g} km; "
                    "add a stop with --via",
                    a=places[n].icao,
                    b=places[n + 1].icao,
                    km=km,
                    over=km - request.range_km,
                    range=request.range_km,
                ),
                field="--range-km",
            )
    if lengths.sum() > limit_km:
        raise NothingToPlan(
            say(
                "the way {way} is {km:.0f} km, {over:.0f} km over the limit of {limit:g} km (VI.II.4.A), which a "
                "search keeps on the whole path, parts over the high seas included",
                way=" - ".join(p.icao for p in places),
                km=float(lengths.sum()),
                over=float(lengths.sum()) - limit_km,
                limit=limit_km,
            ),
            citation="VI.II.4.A",
        )
    _refuse_shut_in(request, places)
    _refuse_closed(request, places, limit_km)


def _refuse_shut_in(request: PlanRequest, places: tuple[Airfield, ...]) -> None:
    """At each end of a section the path has to leave every region around it: once at the ends, twice at a stop.

    A path that never leaves the region must still observe something: every required site, or any one.
    """
    limits = request.regions.sub_limits
    if not limits:
        return
    joined = SubLimit(
        " + ".join(one.name for one in limits)[:200],
        shapely.union_all([one.shape for one in limits]),
        sum(one.most_km for one in limits),
    )
    for limit in (*limits, *([joined] if len(limits) > 1 else [])):
        ways = [_way_out_km(limit.shape, place) for place in places]
        need = _sum_of_ways(ways)
        if limit.most_km > 0 and all(way > 0 for way in ways):
            need = min(need, _shortest_km(request, places))
        if need > limit.most_km + 1e-6:
            inside = [p.icao for p, way in zip(places, ways, strict=True) if way > 0]
            raise BadInput(
                say(
                    "--regions: {region} allows {most:g} km, and the shortest way out of it from {airfields}, each "
                    "take-off and landing counted, or inside it to a site is {need:.1f} km, {over:.1f} km more; "
                    "no path can keep it",
                    region=limit.name,
                    most=limit.most_km,
                    airfields=", ".join(dict.fromkeys(inside)),
                    need=need,
                    over=need - limit.most_km,
                ),
                field="--regions",
                over_km=round(need - limit.most_km, 3),
            )


def _places(places: tuple[Airfield, ...]) -> tuple[Floats, Floats]:
    return np.array([p.lon_deg for p in places]), np.array([p.lat_deg for p in places])


def _shortest_km(request: PlanRequest, places: tuple[Airfield, ...]) -> float:
    """No path over the airfields that observes each required site, or any site if none is, can be shorter."""
    if not request.sites:
        return way_km(places)
    required = [site for site in request.sites if site.required]
    visits = visits_km(request, required or list(request.sites), places)
    return float(visits.max() if required else visits.min())


def way_km(places: tuple[Airfield, ...]) -> float:
    """Length of the straight way over the airfields."""
    return float(leg_lengths_km(*_places(places)).sum())


def visits_km(request: PlanRequest, sites: Sequence[Site], places: tuple[Airfield, ...]) -> Floats:
    """For each site the shortest path over the airfields that comes within half its swath, borders left out."""
    legs = leg_lengths_km(*_places(places))
    shortest: Floats = (legs.sum() - legs[:, None] + _sections_km(request, sites, places, legs)).min(axis=0)
    return shortest


def in_reach(
    request: PlanRequest, sites: Sequence[Site], places: tuple[Airfield, ...], limit_km: float
) -> NDArray[np.bool_]:
    """Which sites some path over the airfields could observe within the limit and the range, borders left out."""
    legs = leg_lengths_km(*_places(places))
    sections = _sections_km(request, sites, places, legs)
    within = legs.sum() - legs[:, None] + sections <= limit_km
    if request.range_km is not None:
        within &= sections <= request.range_km
    reached: NDArray[np.bool_] = within.any(axis=0)
    return reached


def _sections_km(request: PlanRequest, sites: Sequence[Site], places: tuple[Airfield, ...], legs: Floats) -> Floats:
    """The shortest way from each airfield to the next that comes within half the swath of each site."""
    lons, lats = np.array([s.lon_deg for s in sites]), np.array([s.lat_deg for s in sites])
    half = np.array([request.half_km(site) for site in sites])
    to = np.stack([distances_km(np.full(lons.shape, p.lon_deg), np.full(lons.shape, p.lat_deg), lons, lats)
                   for p in places])  # fmt: skip
    shortest: Floats = np.maximum(to[:-1] + to[1:] - 2 * half, legs[:, None])
    return shortest


def _sum_of_ways(ways: list[float]) -> float:
    return ways[0] + ways[-1] + 2 * sum(ways[1:-1])


def _way_out_km(shape: Any, place: Airfield | Site) -> float:
    """Shortest way from an airfield inside a region to its outline; 0 if it lies outside."""
    if not shapely.contains_xy(shape, place.lon_deg, place.lat_deg):
        return 0.0
    return _to_outline_km(shape, place, SHARES_DEG)


def _outside_km(shape: Any, place: Airfield) -> float:
    """Shortest way from an airfield to a region, a few kilometres too short at most; 0 if it lies inside."""
    if shapely.contains_xy(shape, place.lon_deg, place.lat_deg):
        return 0.0
    return _to_outline_km(shape, place, SIDE_DEG)


def _to_outline_km(shape: Any, place: Airfield | Site, share_deg: float) -> float:
    outline = shapely.get_coordinates(shapely.segmentize(shapely.boundary(shape), share_deg))
    inner = np.abs(outline[:, 0]) < 180.0 - 1e-9  # the cut at 180 degrees is no edge
    outline = outline[inner]
    n = len(outline)
    apart = distances_km(np.full(n, place.lon_deg), np.full(n, place.lat_deg), outline[:, 0], outline[:, 1])
    # The outline is looked at in short pieces: the true way may be shorter by less than half a piece.
    return float(max(apart.min() - 111.7 * share_deg / 2, 0.0))


def _refuse_closed(request: PlanRequest, places: tuple[Airfield, ...], limit_km: float) -> None:
    begins, ends = request.take_off, request.latest_end(limit_km)
    for area in request.regions.closed:
        for n, place in enumerate(places):
            if not shapely.contains_xy(area.shape, place.lon_deg, place.lat_deg):
                continue
            if n == 0 and begins is not None:
                shut = area.may_be_met(begins, begins)
            else:
                shut = _always(area, begins, ends) or (n == 0 and request.speed_kmh is None)
            if not shut:
                continue
            raise BadInput(
                say(
                    "--regions: {icao} lies inside {area}, which is closed {when}; no path can keep out of it",
                    icao=place.icao,
                    area=area.name,
                    when=_when(area),
                ),
                field="--regions",
            )


def may_meet(area: ClosedArea, request: PlanRequest, start: Airfield, end: Airfield, limit_km: float) -> bool:
    """Whether a flight within the limit can be inside the area while it is closed."""
    return area.may_be_met(*_within_reach(area, request, start, end, limit_km))


def open_for_a_while(request: PlanRequest, regime: Regime, limit_km: float) -> tuple[ClosedArea, ...]:
    """The closed areas that the flight may meet both while they are closed and while they are open."""
    start, end = ends_of(request, regime)
    return tuple(
        area
        for area in request.regions.closed
        if may_meet(area, request, start, end, limit_km)
        and not _always(area, *_within_reach(area, request, start, end, limit_km))
    )


def _within_reach(
    area: ClosedArea, request: PlanRequest, start: Airfield, end: Airfield, limit_km: float
) -> tuple[datetime | None, datetime | None]:
    """The earliest and the latest that the flight can be inside an area; None where that is not known."""
    begins, ends = request.take_off, request.latest_end(limit_km)
    if begins is None or ends is None or not request.speed_kmh:
        return begins, ends
    there, back = (timedelta(hours=_outside_km(area.shape, a) / request.speed_kmh) for a in (start, end))
    return begins + there, ends - back


def _always(area: ClosedArea, begins: datetime | None, ends: datetime | None) -> bool:
    """Whether the area is closed during the whole flight, whenever that is."""
    since_before = area.since is None or (begins is not None and area.since <= begins)
    until_after = area.until is None or (ends is not None and area.until > ends)
    return since_before and until_after


def _when(area: ClosedArea) -> str:
    if area.since is None and area.until is None:
        return say("at all times")
    return say(
        "from {since} to {until}",
        since=readable(area.since) if area.since else "-",
        until=readable(area.until) if area.until else "-",
    )


def refuse_unreachable(request: PlanRequest, regime: Regime, borders: Borders, limit_km: float) -> None:
    """Raise `NothingToPlan` for the first required site that no path can observe: what binds, and by how much."""
    required = [site for site in request.sites if site.required]
    if not required:
        return
    start, end = ends_of(request, regime)
    stops = stops_of(request, regime)
    own = set(own_codes(request.observed, regime))
    lons, lats = np.array([s.lon_deg for s in required]), np.array([s.lat_deg for s in required])
    within = inside(lons, lats, own=sorted(own), borders=borders).tolist()
    places = (start, *stops, end)
    visits = visits_km(request, required, places)
    alone = _sections_km(request, required, places, leg_lengths_km(*_places(places))).min(axis=0)
    for n, (site, at_home) in enumerate(zip(required, within, strict=True)):
        if not at_home:
            raise NothingToPlan(
                say(
                    "{site} is required and lies outside the territory of {party}: an observation flight is over that "
                    "Party's territory (II.5); leave it out, or check its coordinates{hint}",
                    site=_called(site),
                    party=request.observed,
                    hint=_swapped_hint(site, own, borders),
                ),
                citation="II.5",
                site=site.name,
            )
        needs = float(visits[n])
        if needs > limit_km:
            raise NothingToPlan(
                say(
                    "{site} is required and out of reach: the shortest path that observes it is {needs:.0f} km, "
                    "{over:.0f} km over the limit of {limit:g} km (VI.II.4.A)",
                    site=_called(site),
                    needs=needs,
                    over=needs - limit_km,
                    limit=limit_km,
                ),
                citation="VI.II.4.A",
                site=site.name,
                over_km=round(needs - limit_km, 3),
            )
        if request.range_km is not None:
            shortest = float(alone[n])
            if shortest > request.range_km:
                raise NothingToPlan(
                    say(
                        "{site} is required and beyond the aircraft's range: {needs:.0f} km without landing, "
                        "{over:.0f} km more than {range:g} km; add a stop with --via",
                        site=_called(site),
                        needs=shortest,
                        over=shortest - request.range_km,
                        range=request.range_km,
                    ),
                    field="--range-km",
                    site=site.name,
                    over_km=round(shortest - request.range_km, 3),
                )
        _refuse_inside(request, site, places)


def _swapped_hint(site: Site, own: set[str], borders: Borders) -> str:
    """Says so if a site would lie in the territory with its coordinates exchanged."""
    if abs(site.lon_deg) > 90:
        return ""
    swapped = inside(np.array([site.lat_deg]), np.array([site.lon_deg]), own=sorted(own), borders=borders)[0]
    return say(": longitude and latitude look swapped") if swapped else ""


def _refuse_inside(request: PlanRequest, site: Site, places: tuple[Airfield, ...]) -> None:
    """A site deep inside a region that the path may hardly enter, or that is always closed, cannot be observed."""
    half_km = request.half_km(site)
    regions = [(a.name, a.shape, 0.0) for a in request.regions.closed if a.since is None and a.until is None]
    regions += [(limit.name, limit.shape, limit.most_km) for limit in request.regions.sub_limits]
    for name, shape, most_km in regions:
        if any(shapely.contains_xy(shape, p.lon_deg, p.lat_deg) for p in places):
            continue
        # In and out again: half of the sub-limit on the way in, and half a swath from there to the site.
        over = _way_out_km(shape, site) - half_km - most_km / 2
        if over > 0:
            raise NothingToPlan(
                say(
                    "{site} is required and lies {deep:.1f} km inside {region}, {over:.1f} km deeper than a path "
                    "sees into it with {most:g} km allowed inside and half a swath of {half:g} km",
                    site=_called(site),
                    deep=over + half_km + most_km / 2,
                    region=name,
                    over=over,
                    most=most_km,
                    half=half_km,
                ),
                field="--regions",
                site=site.name,
                over_km=round(over, 3),
            )


def _called(site: Site) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in site.name[:60])
