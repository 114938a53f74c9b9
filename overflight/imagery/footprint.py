"""Which ground a frame shows: rays to the ground, footprints, swath, ground sample distance."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import antimeridian
import numpy as np
import shapely
from numpy.typing import ArrayLike

from overflight.errors import BadInput
from overflight.imagery.camera import Camera, Pose, attitude
from overflight.imagery.ellipsoid import Floats, from_earth, meet_ellipsoid, to_earth
from overflight.terms.words import say

Ground = Callable[[Floats, Floats], Floats]  # (lons, lats in degrees) -> metres above the ellipsoid

CLOSE_M = 0.1
MOST_STEPS = 30


def look(
    camera: Camera, pose: Pose, column: ArrayLike, row: ArrayLike, ground_m: ArrayLike | Ground = 0.0
) -> tuple[Floats, Floats, Floats]:
    """Where the rays through picture positions meet the ground.

    Parameters
    ----------
    camera, pose
        n exposures of one camera.
    column, row : array, shape (k,)
        Picture positions in pixels; (0, 0) is the outer corner of the first pixel.
    ground_m : number, array of shape (n,) or function of (lons, lats)
        Height of the ground above the ellipsoid; a function is followed along the ray until the
        height agrees within 0.1 m.

    Returns
    -------
    lon_deg, lat_deg, slant_m : arrays, shape (n, k)
        Place on the ground and distance from the camera; NaN where the ray misses the ground, or
        where no agreement was reached.
    """
    rays = camera.rays(column, row).reshape(-1, 3)
    rays = rays / np.linalg.norm(rays, axis=-1, keepdims=True)
    directions = np.einsum("nij,kj->nki", pose.turns(), rays)
    start = np.broadcast_to(pose.places()[:, None, :], directions.shape)
    moving = callable(ground_m)
    level: Floats
    if callable(ground_m):
        level = np.broadcast_to(ground_m(pose.lon_deg, pose.lat_deg)[:, None], directions.shape[:2]).astype(float)
    else:
        fixed = np.asarray(ground_m, float)
        level = np.broadcast_to(fixed if fixed.ndim == 0 else fixed[:, None], directions.shape[:2]).astype(float)
    raised = level.copy()
    for _ in range(MOST_STEPS):
        far = meet_ellipsoid(start, directions, raised)
        lon, lat, height = from_earth(start + far[..., None] * directions)
        if callable(ground_m):
            level = ground_m(np.where(np.isnan(lon), 0.0, lon), np.where(np.isnan(lat), 0.0, lat))
        off = level - height
        if not np.any(np.abs(off) > (CLOSE_M if moving else 1e-4)):
            break
        raised = np.where(np.isnan(off), raised, raised + off)
    missed = np.isnan(far) | (np.abs(off) > CLOSE_M)
    return np.where(missed, np.nan, lon), np.where(missed, np.nan, lat), np.where(missed, np.nan, far)


def see(
    camera: Camera, pose: Pose, lon_deg: ArrayLike, lat_deg: ArrayLike, height_m: ArrayLike
) -> tuple[Floats, Floats]:
    """Columns and rows, shape (n, k), at which n exposures show k points on the ground; NaN behind the camera."""
    points = to_earth(lon_deg, lat_deg, height_m).reshape(-1, 3)
    away = points[None, :, :] - pose.places()[:, None, :]
    return camera.positions(np.einsum("nji,nkj->nki", pose.turns(), away))


def footprints(
    camera: Camera, pose: Pose, ground_m: ArrayLike | Ground = 0.0, *, per_side: int = 1
) -> list[dict[str, Any]]:
    """Footprints as GeoJSON geometries in degrees, cut at 180° where they cross it.

    Parameters
    ----------
    per_side : int
        Rays per side of the picture; 1 joins the four corners.

    Raises
    ------
    BadInput
        If a corner's ray does not meet the ground; the message gives the exposure.
    """
    t = np.arange(per_side) / per_side
    one, none = np.ones_like(t), np.zeros_like(t)
    # row 0 is ahead; counter-clockwise as seen from above: ahead left, back left, ...
    column = np.concatenate([none, t, one, 1 - t]) * camera.columns
    row = np.concatenate([t, one, 1 - t, none]) * camera.rows
    lon, lat, _ = look(camera, pose, column, row, ground_m)
    missed = np.flatnonzero(np.isnan(lon).any(axis=1))
    if missed.size:
        raise BadInput(
            say(
                "exposure {index}: a corner of the picture looks past the ground, so that it has no footprint",
                index=int(missed[0]) + 1,
            ),
            field="pose",
        )
    return [polygon(lons, lats) for lons, lats in zip(lon, lat, strict=True)]


def polygon(lons: ArrayLike, lats: ArrayLike) -> dict[str, Any]:
    """A ring of places as a GeoJSON Polygon, or a MultiPolygon where 180° cuts it; to 1e-7 degrees."""
    x, y = np.asarray(lons, float), np.asarray(lats, float)
    x = np.where(np.abs(x) > 180.0, (x + 180.0) % 360.0 - 180.0, x)
    ring = np.column_stack([x, y])
    ring = np.vstack([ring, ring[:1]])
    if x.max() - x.min() <= 180.0:
        shape = shapely.Polygon(ring)
    else:
        shape = shapely.geometry.shape(antimeridian.fix_polygon(shapely.Polygon(ring)))
    # rounding may turn a ring; RFC 7946, 3.1.6 wants outer rings counter-clockwise
    rounded = shapely.orient_polygons(shapely.set_precision(shape, 1e-7))
    geometry: dict[str, Any] = json.loads(shapely.to_geojson(rounded))
    return geometry


def boxes(geometry: dict[str, Any]) -> list[tuple[float, float, float, float]]:
    """West, south, east, north of each part of a geometry that was cut at 180°."""
    shape = shapely.geometry.shape(geometry)
    parts = list(shape.geoms) if hasattr(shape, "geoms") else [shape]
    return [tuple(float(v) for v in part.bounds) for part in parts]  # type: ignore[misc]


def bbox(geometry: dict[str, Any]) -> list[float]:
    """GeoJSON's bounding box; one that crosses 180° has its west edge greater than its east edge (RFC 7946, 5.2)."""
    found = boxes(geometry)
    south, north = min(b[1] for b in found), max(b[3] for b in found)
    at_east = [b for b in found if b[2] >= 180.0]
    at_west = [b for b in found if b[0] <= -180.0]
    if at_east and at_west and len(found) > 1:
        return [min(b[0] for b in at_east), south, max(b[2] for b in at_west), north]
    return [min(b[0] for b in found), south, max(b[2] for b in found), north]


def ground_sample_distance(camera: Camera, pose: Pose, ground_m: ArrayLike | Ground = 0.0) -> tuple[Floats, Floats]:
    """Metres on the ground between neighbouring pixels at the picture's centre, across and along, shape (n,).

    This is not the treaty's ground resolution (Article II, paragraph 13), which is read from a bar target.
    """
    column = camera.columns / 2 + np.array([-0.5, 0.5, 0.0, 0.0])
    row = camera.rows / 2 + np.array([0.0, 0.0, -0.5, 0.5])
    lon, lat, _ = look(camera, pose, column, row, ground_m)
    level = ground_m(lon, lat) if callable(ground_m) else np.asarray(ground_m, float)
    if not callable(ground_m) and level.ndim:
        level = level[:, None]
    points = to_earth(lon, lat, level)
    across = np.linalg.norm(points[:, 1] - points[:, 0], axis=-1)
    along = np.linalg.norm(points[:, 3] - points[:, 2], axis=-1)
    return across, along


def swath_width_m(camera: Camera, height_agl_m: float) -> float:
    """Width on flat ground that a level vertical camera shows, metres: height times width over focal length."""
    return height_agl_m * camera.width_mm / camera.focal_mm


def off_nadir_deg(camera: Camera, pose: Pose) -> tuple[Floats, Floats]:
    """Angle of the picture's centre ray from straight down, and its azimuth from true north, degrees, shape (n,)."""
    ray = camera.rays(camera.columns / 2, camera.rows / 2).reshape(3)
    turned = attitude(pose.heading_deg, pose.pitch_deg, pose.roll_deg) @ (ray / np.linalg.norm(ray))
    angle = np.degrees(np.arctan2(np.hypot(turned[:, 0], turned[:, 1]), turned[:, 2]))
    return angle, np.degrees(np.arctan2(turned[:, 1], turned[:, 0])) % 360.0
