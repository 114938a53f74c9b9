"""How near a path comes to the waters of States that are not Parties, as `overflight.planning.waters` draws them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from overflight.planning.borderlines import BorderLines
from overflight.planning.geodesy import GEOD, LocalFrame, Points, earth_centred_km, local_frame, lonlat, wrap
from overflight.planning.territory import WATERS_KM
from overflight.planning.waters import Tile, waters_in
from overflight.rules.path_facts import NearBorder
from overflight.rules.sea_borders import SEA_ACCURACY_KM
from overflight.treaty.geography import Borders

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

STEP_KM: Final = 5.0
MOST_KEPT: Final = 20_000
MOST_TILES: Final = 1_000


def sea_borders_near(
    waypoints: Points, *, non_parties: Collection[str], within_km: float, borders: Borders
) -> tuple[NearBorder, ...]:
    """For each leg and State whose waters come within `within_km` of it, the nearest place; legs from 1.

    The path may lie over water or land; 0 where it enters the waters.
    """
    lons, lats = lonlat(waypoints)
    if lons.size < 2 or not non_parties:
        return ()
    foreign = frozenset(non_parties)
    known: dict[Any, tuple[NearBorder, ...]] = borders.cache.setdefault("sea borders", {})
    if len(known) >= MOST_KEPT:
        known.clear()
    ends = list(zip(lons[:-1].tolist(), lats[:-1].tolist(), lons[1:].tolist(), lats[1:].tolist(), strict=True))
    keys = [(leg, foreign, within_km) for leg in ends]
    found = {key: known[key] for key in keys if key in known}
    new = [n for n, key in enumerate(keys) if key not in found]
    if new:
        rows = np.array(new)
        worth = rows[_worth_a_look(lons[rows], lats[rows], lons[rows + 1], lats[rows + 1], foreign, within_km, borders)]
        met = _of_legs(lons[worth], lats[worth], lons[worth + 1], lats[worth + 1], foreign, within_km, borders)
        answers = dict(zip(worth.tolist(), met, strict=True))
        for n in new:
            known[keys[n]] = found[keys[n]] = answers.get(n, ())
    return tuple(
        NearBorder(leg, n.km, n.name, n.lon_deg, n.lat_deg, accuracy_km=n.accuracy_km)
        for leg, key in enumerate(keys, start=1)
        for n in found[key]
    )


def _worth_a_look(
    lons0: Floats,
    lats0: Floats,
    lons1: Floats,
    lats1: Floats,
    foreign: frozenset[str],
    within_km: float,
    borders: Borders,
) -> NDArray[np.bool_]:
    """Which legs have a coast or border of a State that is not a Party so near that its waters may be."""
    of = ("land of", foreign)
    if of not in borders.cache:
        borders.cache[of] = frozenset(
            n for n, unit in enumerate(borders.units) if unit.disputed is None and unit.code in foreign
        )
    lines = BorderLines.of(borders, borders.cache[of])
    if not len(lines):
        return np.zeros(lons0.size, dtype=bool)
    start, end = earth_centred_km(lons0, lats0), earth_centred_km(lons1, lats1)
    km = np.linalg.norm(end - start, axis=1)
    parts = np.maximum(1, np.ceil(km / 50.0)).astype(np.intp)
    leg = np.repeat(np.arange(km.size), parts)
    share = (np.arange(leg.size) - np.repeat(np.cumsum(parts) - parts, parts) + 0.5) / parts[leg]
    middle = start[leg] * (1 - share[:, None]) + end[leg] * share[:, None]
    # Chords run below the ground and beside the geodesic: both by less than this.
    middle *= (np.linalg.norm(start[leg], axis=1) / np.linalg.norm(middle, axis=1))[:, None]
    slack = 30.0 + lines.reach_km + np.minimum(km[leg] / 100.0, 30.0)
    reach = within_km + WATERS_KM + slack
    apart, _ = lines.tree.query(middle, distance_upper_bound=float(reach.max()))
    worth = np.zeros(km.size, dtype=bool)
    worth[leg[apart <= reach]] = True
    return worth


def _of_legs(
    lons0: Floats,
    lats0: Floats,
    lons1: Floats,
    lats1: Floats,
    foreign: frozenset[str],
    within_km: float,
    borders: Borders,
) -> list[tuple[NearBorder, ...]]:
    """Of each leg by itself; most have no waters of a State that is not a Party in any tile near them."""
    if not lons0.size:
        return []
    leg, lons, lats = _dense(lons0, lats0, lons1, lats1)
    best: list[dict[str, tuple[float, float, float]]] = [{} for _ in range(lons0.size)]
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


def _dense(lons0: Floats, lats0: Floats, lons1: Floats, lats1: Floats) -> tuple[Ints, Floats, Floats]:
    """Points of each leg at most `STEP_KM` apart, both ends among them: leg and degrees."""
    azimuth, _, metres = GEOD.inv(lons0, lats0, lons1, lats1)
    pieces = np.maximum(1, np.ceil(metres / (STEP_KM * 1000.0) - 1e-9)).astype(np.intp)
    leg = np.repeat(np.arange(pieces.size), pieces + 1)
    last = np.cumsum(pieces + 1) - 1
    place = np.arange(leg.size) - (last - pieces)[leg]
    lons, lats, _ = GEOD.fwd(lons0[leg], lats0[leg], azimuth[leg], place * (metres / pieces)[leg])
    lons[last - pieces], lats[last - pieces] = lons0, lats0
    lons[last], lats[last] = lons1, lats1
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


def _tiles(lons: Floats, lats: Floats, within_km: float) -> list[tuple[Tile, Ints]]:
    """Tiles within reach of points, each with the points that are."""
    pad_lat = within_km / 110.5
    pad_lon = pad_lat / np.maximum(np.cos(np.radians(np.minimum(np.abs(lats) + pad_lat, 89.0))), 0.02)
    south, north = (np.floor(lats + pad).astype(np.intp) for pad in (-pad_lat, pad_lat))
    west, east = (np.floor(lons + pad).astype(np.intp) for pad in (-pad_lon, pad_lon))
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
