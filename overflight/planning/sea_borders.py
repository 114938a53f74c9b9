"""How near a path comes to the waters of States that are not Parties, as `overflight.planning.waters` draws them."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from overflight.planning.borderlines import BorderLines
from overflight.planning.geodesy import GEOD, Points, densify, earth_centred_km, local_frame, lonlat, wrap
from overflight.planning.territory import WATERS_KM
from overflight.planning.waters import Tile, tile_of, waters_in
from overflight.rules.path_facts import NearBorder
from overflight.rules.sea_borders import SEA_ACCURACY_KM
from overflight.treaty.geography import Borders

Floats = NDArray[np.float64]

STEP_KM: Final = 5.0
MOST_KEPT: Final = 20_000


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
        worth = _worth_a_look(lons[rows], lats[rows], lons[rows + 1], lats[rows + 1], foreign, within_km, borders)
        for n, look in zip(new, worth.tolist(), strict=True):
            lon0, lat0, lon1, lat1 = ends[n]
            found[keys[n]] = _of_leg([(lon0, lat0), (lon1, lat1)], foreign, within_km, borders) if look else ()
            known[keys[n]] = found[keys[n]]
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
    units = [n for n, unit in enumerate(borders.units) if unit.disputed is None and unit.code in foreign]
    lines = BorderLines.of(borders, units)
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


def _of_leg(
    ends: Sequence[tuple[float, float]], foreign: frozenset[str], within_km: float, borders: Borders
) -> tuple[NearBorder, ...]:
    lons, lats, _, _ = densify(ends, STEP_KM)
    lons = np.asarray(wrap(lons), dtype=np.float64)
    best: dict[str, tuple[float, float, float]] = {}
    accuracy = borders.dataset.accuracy_m / 1000 + SEA_ACCURACY_KM
    for tile, here in _tiles(lons, lats, within_km + STEP_KM).items():
        waters = {code: area for code, area in waters_in(tile, borders).items() if code in foreign}
        if not waters:
            continue
        frame = local_frame(tile[0] + 0.5, tile[1] + 0.5)
        parts = np.unique(np.concatenate([(here - 1), here, here + 1]))
        parts = parts[(parts >= 0) & (parts < lons.size)]
        x, y = frame.to_xy_km(lons[parts], lats[parts])
        runs = np.split(np.arange(parts.size), np.flatnonzero(np.diff(parts) > 1) + 1)
        lines = shapely.MultiLineString([np.column_stack((x[run], y[run])) for run in runs if run.size > 1])
        for code, area in waters.items():
            plane = shapely.transform(area, lambda at, f=frame: np.column_stack(f.to_xy_km(at[:, 0], at[:, 1])))
            if shapely.distance(lines, plane) > within_km + 1:
                continue
            on_path, on_edge = shapely.get_coordinates(shapely.shortest_line(lines, plane))
            (lon, edge_lon), (lat, edge_lat) = frame.to_lonlat(*np.column_stack((on_path, on_edge)))
            _, _, metres = GEOD.inv(lon, lat, edge_lon, edge_lat)
            found = (metres / 1000, float(wrap(np.array([lon]))[0]), float(lat))
            if found[0] <= within_km and found < best.get(code, (np.inf, 0.0, 0.0)):
                best[code] = found
    return tuple(
        NearBorder(1, km, borders.name(code), lon, lat, accuracy_km=accuracy)
        for code, (km, lon, lat) in sorted(best.items())
    )


def _tiles(lons: Floats, lats: Floats, within_km: float) -> dict[Tile, NDArray[np.intp]]:
    """Tiles within reach of a dense path, each with the points that are."""
    pad_lat = within_km / 110.5
    found: dict[Tile, list[int]] = {}
    for n, (lon, lat) in enumerate(zip(lons.tolist(), lats.tolist(), strict=True)):
        pad_lon = pad_lat / max(math.cos(math.radians(min(abs(lat) + pad_lat, 89.0))), 0.02)
        for row in range(math.floor(lat - pad_lat), math.floor(lat + pad_lat) + 1):
            for column in range(math.floor(lon - pad_lon), math.floor(lon + pad_lon) + 1):
                found.setdefault(tile_of(column + 0.5, row + 0.5), []).append(n)
    return {tile: np.array(points) for tile, points in found.items()}
