"""One image as a STAC 1.1 Item: place, time, files with digests, and the evidence that goes with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from overflight import __version__
from overflight.errors import BadInput
from overflight.imagery.annotation import encode
from overflight.imagery.camera import Camera
from overflight.imagery.ellipsoid import Floats
from overflight.imagery.footprint import bbox, footprints, ground_sample_distance, off_nadir_deg, polygon
from overflight.imagery.frames import Frame
from overflight.imagery.process import Picture
from overflight.rules.finding import Finding
from overflight.terms.moment import rfc3339
from overflight.terms.words import say

EXTENSIONS = (
    "https://stac-extensions.github.io/file/v2.1.0/schema.json",
    "https://stac-extensions.github.io/processing/v1.2.0/schema.json",
    "https://stac-extensions.github.io/projection/v2.0.0/schema.json",
    "https://stac-extensions.github.io/view/v1.0.0/schema.json",
)
COG_TYPE = "image/tiff; application=geotiff; profile=cloud-optimized"


@dataclass(frozen=True)
class Asset:
    """A file of an image: its digest and size, never its place on a machine."""

    sha256: str
    size: int
    media_type: str
    name: str


@dataclass(frozen=True)
class Geometry:
    """What follows from camera, pose and ground for one frame."""

    footprint: dict[str, Any]
    gsd_across_m: float | None
    gsd_along_m: float | None
    off_nadir_deg: float | None
    azimuth_deg: float | None


def item_id(flight: str, camera: Camera, file: str) -> str:
    """An image's id: flight, camera and the stem of its file, in letters that a path and an address allow."""
    stem = file.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return re.sub(r"[^A-Za-z0-9._-]+", "-", f"{flight}-{camera.id}-{stem}")[:120]


def geometry_of(frame: Frame, camera: Camera, picture: Picture, ground_m: float | None) -> Geometry:
    """Footprint and angles of a frame above ground of `ground_m` metres above the ellipsoid.

    A georeferenced picture has its own footprint.

    Raises
    ------
    BadInput
        If the picture has neither a georeference nor a known height, or looks past the ground.
    """
    if picture.bounds_deg is not None:
        west, south, east, north = picture.bounds_deg
        ring = polygon([west, east, east, west], [south, south, north, north])
        return Geometry(ring, None, None, None, None)
    if ground_m is None:
        raise BadInput(
            say(
                "{file}: height_agl_m is not given and no elevation data reach this place, so there is no footprint",
                file=frame.file,
            ),
            field="height_agl_m",
        )
    pose = frame.pose()
    across, along = ground_sample_distance(camera, pose, ground_m)
    angle, azimuth = off_nadir_deg(camera, pose)
    # a side is straight on the ground and a little bent in degrees: under a metre for the usual frame, more near a pole
    sides = 1 if abs(frame.lat_deg) < 75 else 4
    return Geometry(
        footprints(camera, pose, ground_m, per_side=sides)[0], _one(across), _one(along), _one(angle), _one(azimuth)
    )


def _one(value: Floats) -> float:
    return round(float(value[0]), 4)


def make_item(
    *,
    frame: Frame,
    camera: Camera,
    picture: Picture,
    geometry: Geometry,
    flight: str,
    observing: str | None,
    observed: str | None,
    height_agl_m: float | None,
    height_error_m: float,
    height_source: str,
    findings: Sequence[Finding],
    original: Asset,
    cog: Asset,
    thumbnail: Asset,
    exercise: str | None,
) -> dict[str, Any]:
    """The Item of one image. What may still change, such as to whom it was released, is not in it."""
    properties: dict[str, Any] = {
        "datetime": rfc3339(frame.at),
        "title": f"{flight} {camera.name or camera.id} {frame.file}",
        "instruments": [camera.id],
        "proj:code": picture.crs,
        "proj:shape": [picture.header.rows, picture.header.columns],
        "processing:software": {"overflight": __version__},
        "processing:lineage": say("decoded, tiled without loss and catalogued; no pixel changed"),
        "oskies:flight": flight,
        "oskies:sensor": camera.id,
        "oskies:category": camera.category,
        "oskies:annotation": encode(frame.annotation(flight, camera)),
        "oskies:height_agl_m": height_agl_m,
        "oskies:height_error_m": height_error_m,
        "oskies:height_source": height_source,
        "oskies:altitude_m": frame.altitude_m,
        "oskies:heading_deg": frame.heading_deg,
        "oskies:pitch_deg": frame.pitch_deg,
        "oskies:roll_deg": frame.roll_deg,
        "oskies:certified_h_min_m": camera.certified_h_min_m,
        "oskies:certificate": camera.certificate,
        # the treaty's measure is read from a bar target; a scan's sample distance is another number
        "oskies:ground_resolution_m": None,
        "oskies:ground_resolution_interval_m": None,
        "oskies:findings": [found.to_json() for found in findings],
    }
    optional = {
        "oskies:observing": observing,
        "oskies:observed": observed,
        "oskies:gsd_across_m": geometry.gsd_across_m,
        "oskies:gsd_along_m": geometry.gsd_along_m,
        "view:off_nadir": geometry.off_nadir_deg,
        "view:azimuth": geometry.azimuth_deg,
        "oskies:exercise": exercise,
    }
    properties |= {name: value for name, value in optional.items() if value is not None}
    if geometry.gsd_across_m and geometry.gsd_along_m:
        properties["gsd"] = max(geometry.gsd_across_m, geometry.gsd_along_m)
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": list(EXTENSIONS),
        "id": item_id(flight, camera, frame.file),
        "geometry": geometry.footprint,
        "bbox": bbox(geometry.footprint),
        "properties": properties,
        "links": [],
        "assets": {
            "original": _asset(original, ["data"], say("Original, as it was handed in")),
            "cog": _asset(cog, ["data", "visual"], say("The same pixels, cloud-optimised")),
            "thumbnail": _asset(thumbnail, ["thumbnail"], say("Small picture")),
        },
    }


def _asset(asset: Asset, roles: list[str], title: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "href": f"blobs/{asset.sha256}",
        "type": asset.media_type,
        "title": title,
        "roles": roles,
        "file:checksum": "1220" + asset.sha256,  # multihash: SHA-256, 32 bytes
        "file:size": asset.size,
    }
    return {**found, "file:local_path": asset.name} if asset.name else found
