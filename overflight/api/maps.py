"""/api/map: layers for the map, as GeoJSON from this node's own data."""

from __future__ import annotations

import gzip
import json
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from overflight.api.desk import TheDesk
from overflight.app import treaty as use
from overflight.treaty.geography import Borders

router = APIRouter(prefix="/api/map", tags=["map"])
GEOJSON = "application/geo+json"
GLOBE_DEG = 0.04


@router.get("/borders")
def borders(request: Request, level: Literal["world", "coarse", "fine"] = "coarse") -> Response:
    """Borders as a named, dated dataset; disputed areas are features of their own with ``sides``.

    ``world`` is for a whole globe on a screen, where a pixel is some tens of kilometres.
    """
    loaded = Borders.load()
    file = loaded.map_file("coarse" if level == "world" else level)
    if file is None:
        return JSONResponse(loaded.map_layer("coarse" if level == "world" else level), media_type=GEOJSON)
    tag, packed = _packed(file, file.stat().st_mtime_ns, level)
    headers = {"etag": tag, "cache-control": "no-cache", "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(packed, media_type=GEOJSON, headers={**headers, "content-encoding": "gzip"})
    return Response(gzip.decompress(packed), media_type=GEOJSON, headers=headers)


@router.get("/dataset")
def dataset() -> dict[str, Any]:
    """Name, date, scale and point of view of the borders in use."""
    return Borders.load().dataset.to_json()


@router.get("/airfields")
def airfields(desk: TheDesk, on: Annotated[str | None, Query(max_length=20)] = None) -> Response:
    """Airfields of the day as points."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
            "properties": {key: row[key] for key in ("icao", "name", "party", "roles")},
        }
        for row in use.airfields(desk.regime(desk.day(on)))
    ]
    return Response(json.dumps({"type": "FeatureCollection", "features": features}), media_type=GEOJSON)


@lru_cache(maxsize=6)
def _packed(file: Path, changed: int, level: str) -> tuple[str, bytes]:
    data = _for_the_globe(file) if level == "world" else file.read_bytes()
    return f'"{changed:x}-{level}"', gzip.compress(data, 6)


def _for_the_globe(file: Path) -> bytes:
    """The layer with its lines thinned to `GLOBE_DEG`; what is smaller than that keeps its form."""
    import shapely

    layer = json.loads(file.read_bytes())
    for feature in layer["features"]:
        whole = shapely.geometry.shape(feature["geometry"])
        thin = shapely.simplify(whole, GLOBE_DEG, preserve_topology=True)
        feature["geometry"] = shapely.geometry.mapping(shapely.set_precision(thin, 0.001, mode="pointwise"))
    return json.dumps(layer, separators=(",", ":")).encode()
