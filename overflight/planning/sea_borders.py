"""How near a path comes to the waters of States that are not Parties, as `overflight.planning.waters` draws them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from overflight.planning.borderlines import BorderLines
from overflight.planning.geodesy import GEOD, LocalFrame, local_frame, lonlat_of, wrap
from overflight.planning.legs import Key, Legs
from overflight.planning.territory import WATERS_KM
from overflight.planning.waters import Tile, waters_in
from overflight.rules.path_facts import NearBorder
from overflight.rules.sea_borders import SEA_ACCURACY_KM
from overflight.treaty.geography import Borders

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

STEP_KM: Final = 5.0
ROUNDED_KM: Final = 2.0  # more than waters are drawn too wide, and chords shorter than arcs
MOST_KEPT: Final = 20_000
MOST_TILES: Final = 1_000


def sea_borders_near(
    legs: Legs, *, non_parties: Collection[str], within_km: float, borders: Borders
) -> tuple[NearBorder, ...]:
    """For each leg and State whose waters come within `within_km` of it, the nearest place; legs from 1.

    The path may lie over water or land; 0 where it enters the waters.
    """
    if not len(legs) or not non_parties:
        return ()
    foreign = frozenset(non_parties)
    books: dict[Any, dict[Key, tuple[NearBorder, ...]]] = borders.cache.setdefault("sea borders", {})
    known = books.setdefault((foreign, within_km), {})
    if sum(map(len, books.values())) >= MOST_KEPT:
        known = books[foreign, within_km] = {}
    found = {key: known[key] for key in legs.keys if key in known}
    new = [n for n, key in enumerate(legs.keys) if key not in found]
    if new:
        some = legs if len(new) == len(legs) else legs.take(np.array(new))
        worth = _worth_a_look(some, foreign, within_km, borders)
        met = _of_legs(some.take(worth), foreign, within_km, borders) if worth.size else []
        for key in some.keys:
            known[key] = found[key] = ()
        for n, of_leg in zip(worth.tolist(), met, strict=True):
            known[some.keys[n]] = found[some.keys[n]] = of_leg
    return tuple(replace(n, leg=leg) for leg, key in enumerate(legs.keys, start=1) for n in found[key])


def _worth_a_look(legs: Legs, foreign: frozenset[str], within_km: float, borders: Borders) -> Ints:
    """The legs that have land of a State that is not a Party so near, and a tile with waters of one, that they may be.

    Most paths along a border have none: parts of some tens of kilometres tell that before a leg is looked at closely.
    """
    of = ("land of", foreign)
    if of not in borders.cache:
        borders.cache[of] = frozenset(
            n for n, unit in enumerate(borders.units) if unit.disputed is None and unit.code in foreign
        )
    lines = BorderLines.of(borders, borders.cache[of])
    leg, middle, half = legs.spread
    near = np.flatnonzero(lines.touched(middle, half + (within_km + WATERS_KM + ROUNDED_KM)))
    if not near.size:
        return near
    lons, lats = lonlat_of(middle[near])
    tiles = _tiles(lons, lats, half[near] + within_km + STEP_KM)
    parts = [part for tile, part in tiles if not foreign.isdisjoint(waters_in(tile, borders))]
    return np.unique(leg[near[np.concatenate(parts)]]) if parts else np.zeros(0, np.intp)


def _of_legs(legs: Legs, foreign: frozenset[str], within_km: float, borders: Borders) -> list[tuple[NearBorder, ...]]:
    """Of each leg by itself; most have no waters of a State that is not a Party in any tile near them."""
    leg, lons, lats = _dense(legs)
    best: list[dict[str, tuple[float, float, float]]] = [{} for _ in range(len(legs))]
    for tile, point in _tiles(lons, lats, within_km + STEP_KM):
        waters = [code for code in waters_in(tile, borders) if code in foreign]
        if not waters:
            continue
        frame = local_frame(tile[0] + 0.5, tile[1] + 0.5)
        planes = _on_plane(tile, frame, borders)
        for n in np.unique(leg[point]).tolist():
            lines = _near_part(frame, lons[leg == n], lats[leg == n], point[leg[point] == n] - int(np.argmax(leg == n)))
            for code in waters:
                if shapely.distance(lines, planes[code]) > within_km + 1:
                    continue
                on_path, on_edge = shapely.get_coordinates(shapely.shortest_line(lines, planes[code]))
                (lon, edge_lon), (lat, edge_lat) = frame.to_lonlat(*np.column_stack((on_path, on_edge)))
                _, _, metres = GEOD.inv(lon, lat, edge_lon, edge_lat)
                found = (metres / 1000, float(wrap(np.array([lon]))[0]), float(lat))
                if found[0] <= within_km and found < best[n].get(code, (np.inf, 0.0, 0.0)):
                    best[n][code] = found
    accuracy = borders.dataset.accuracy_m / 1000 + SEA_ACCURACY_KM
    return [
        tuple(
            NearBorder(1, km, borders.name(code), lon, lat, accuracy_km=accuracy)
            for code, (km, lon, lat) in sorted(of_leg.items())
        )
        for of_leg in best
    ]


def _dense(legs: Legs) -> tuple[Ints, Floats, Floats]:
    """Points of each leg at most `STEP_KM` apart, both ends among them: leg and degrees."""
    pieces = np.maximum(1, np.ceil(legs.km / STEP_KM - 1e-9)).astype(np.intp)
    leg = np.repeat(np.arange(pieces.size), pieces + 1)
    last = np.cumsum(pieces + 1) - 1
    place = np.arange(leg.size) - (last - pieces)[leg]
    lons, lats = legs.at(leg, place * (legs.km / pieces)[leg])
    lons[last - pieces], lats[last - pieces] = legs.lon0, legs.lat0
    lons[last], lats[last] = legs.lon1, legs.lat1
    return leg, np.asarray(wrap(lons), np.float64), lats


def _near_part(frame: LocalFrame, lons: Floats, lats: Floats, here: Ints) -> Any:
    """A leg's points `here` and their neighbours as lines on the plane."""
    parts = np.unique(np.concatenate([(here - 1), here, here + 1]))
    parts = parts[(parts >= 0) & (parts < lons.size)]
    x, y = frame.to_xy_km(lons[parts], lats[parts])
    runs = np.split(np.arange(parts.size), np.flatnonzero(np.diff(parts) > 1) + 1)
    return shapely.MultiLineString([np.column_stack((x[run], y[run])) for run in runs if run.size > 1])


def _on_plane(tile: Tile, frame: LocalFrame, borders: Borders) -> dict[str, Any]:
    """The waters in a tile on the plane that touches the Earth at its middle; kept with the borders."""
    known: dict[Tile, dict[str, Any]] = borders.cache.setdefault("waters on planes", {})
    if tile not in known:
        if len(known) >= MOST_TILES:
            known.clear()
        known[tile] = {
            code: shapely.transform(area, lambda at: np.column_stack(frame.to_xy_km(at[:, 0], at[:, 1])))
            for code, area in waters_in(tile, borders).items()
        }
    return known[tile]


def _tiles(lons: Floats, lats: Floats, within_km: Floats | float) -> list[tuple[Tile, Ints]]:
    """Tiles within reach of points, each with the points that are."""
    pad_lat = within_km / 110.5
    pad_lon = pad_lat / np.maximum(np.cos(np.radians(np.minimum(np.abs(lats) + pad_lat, 89.0))), 0.02)
    south, north = np.floor(lats - pad_lat).astype(np.intp), np.floor(lats + pad_lat).astype(np.intp)
    west, east = np.floor(lons - pad_lon).astype(np.intp), np.floor(lons + pad_lon).astype(np.intp)
    wide = east - west + 1
    count = (north - south + 1) * wide
    point = np.repeat(np.arange(lons.size), count)
    place = np.arange(point.size) - np.repeat(np.cumsum(count) - count, count)
    row, column = south[point] + place // wide[point], west[point] + place % wide[point]
    column, row = (column + 180) % 360 - 180, np.clip(row, -90, 89)
    number = (row + 90) * 360 + column + 180
    order = np.argsort(number, kind="stable")
    first = np.flatnonzero(np.diff(number[order], prepend=-1))
    return [
        ((int(column[some[0]]), int(row[some[0]])), point[some]) for some in np.split(order, first[1:]) if some.size
    ]
