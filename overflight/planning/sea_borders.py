"""How near a path comes to the waters of States that are not Parties, as `overflight.planning.waters` draws them."""

from __future__ import annotations

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
    out: list[NearBorder] = []
    known: dict[Any, tuple[NearBorder, ...]] = borders.cache.setdefault("sea borders", {})
    for leg in _worth_a_look(lons, lats, foreign, within_km, borders):
        ends = tuple(float(v) for v in (lons[leg], lats[leg], lons[leg + 1], lats[leg + 1]))
        key = (ends, foreign, within_km)
        if key not in known:
            if len(known) >= MOST_KEPT:
                known.clear()
            known[key] = _of_leg([(ends[0], ends[1]), (ends[2], ends[3])], foreign, within_km, borders)
        out += [NearBorder(leg + 1, n.km, n.name, n.lon_deg, n.lat_deg, accuracy_km=n.accuracy_km) for n in known[key]]
    return tuple(out)


def _worth_a_look(
    lons: Floats, lats: Floats, foreign: frozenset[str], within_km: float, borders: Borders
) -> Sequence[int]:
    """The legs with a coast or border of a State that is not a Party so near that its waters may be."""
    units = [n for n, unit in enumerate(borders.units) if unit.disputed is None and unit.code in foreign]
    lines = BorderLines.of(borders, units)
    if not len(lines):
        return []
    ends = earth_centred_km(lons, lats)
    start, end = ends[:-1], ends[1:]
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
    return [int(n) for n in np.unique(leg[apart <= reach])]


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
        pad_lon = pad_lat / max(float(np.cos(np.radians(min(abs(lat) + pad_lat, 89.0)))), 0.02)
        for row in range(int(np.floor(lat - pad_lat)), int(np.floor(lat + pad_lat)) + 1):
            for column in range(int(np.floor(lon - pad_lon)), int(np.floor(lon + pad_lon)) + 1):
                found.setdefault(tile_of(column + 0.5, row + 0.5), []).append(n)
    return {tile: np.array(points) for tile, points in found.items()}
