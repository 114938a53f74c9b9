"""Searching images: a rough question to the store, then an exact test of each footprint and time."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from overflight.errors import BadInput
from overflight.storage.port_images import Box, ImageRow, ImageStore
from overflight.terms.words import say

if TYPE_CHECKING:
    import shapely


def boxes_of(bbox: Sequence[float]) -> tuple[Box, ...]:
    """The boxes that ``west,south,east,north`` in degrees means: two where west is greater than east (180° is crossed).

    Raises
    ------
    BadInput
        If it is no such box; a latitude beyond 90° hints at swapped coordinates.
    """
    if len(bbox) != 4 or not all(math.isfinite(v) for v in bbox):
        raise BadInput(say("--bbox takes four finite numbers: west,south,east,north in degrees"), field="--bbox")
    west, south, east, north = (float(v) for v in bbox)
    if not (-90 <= south <= north <= 90) or not (-180 <= west <= 180 and -180 <= east <= 180):
        raise BadInput(
            say(
                "--bbox {west},{south},{east},{north}: latitudes go from south to north within 90, longitudes lie "
                "within 180; the order is west,south,east,north (longitude first)",
                west=west,
                south=south,
                east=east,
                north=north,
            ),
            field="--bbox",
        )
    if west <= east:
        return ((west, south, east, north),)
    return ((west, south, 180.0, north), (-180.0, south, east, north))


def search(
    store: ImageStore,
    *,
    bbox: Sequence[float] | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    flight: str | None = None,
) -> list[ImageRow]:
    """Rows whose footprint touches the box and whose exposure lies from `start` to `end`, both included.

    Raises
    ------
    BadInput
        If the box is none, or `end` lies before `start`.
    """
    if start and end and end < start:
        raise BadInput(say("--to lies before --from"), field="--to")
    asked = None if bbox is None else boxes_of(bbox)
    rows = store.find(
        boxes=asked,
        start=None if start is None else math.ceil(start.timestamp()),
        end=None if end is None else math.floor(end.timestamp()),
        flight=flight,
    )
    if asked is None:
        return rows
    areas = [_area(box) for box in asked]
    return [row for row in rows if _touches(json.loads(row.item), areas)]


def _area(box: Box) -> shapely.Geometry:
    import shapely

    west, south, east, north = box
    # a box without width or height is a line or a point, and finds what it touches all the same
    return shapely.MultiPoint([(west, south), (east, south), (east, north), (west, north)]).convex_hull


def _touches(item: dict[str, Any], areas: Sequence[shapely.Geometry]) -> bool:
    import shapely

    ground = shapely.geometry.shape(item["geometry"])
    return any(bool(ground.intersects(area)) for area in areas)


def item_collection(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """STAC's ItemCollection: a GeoJSON FeatureCollection of Items."""
    return {
        "type": "FeatureCollection",
        "numberMatched": len(items),
        "numberReturned": len(items),
        "features": list(items),
        "links": [],
    }
