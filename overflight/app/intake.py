"""Taking in pictures: each is checked and worked out whole before anything of any is stored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overflight.app.frame_times import exposure_times
from overflight.errors import BadFile, BadInput, CannotAnswer, NodeBusy, OverflightError
from overflight.imagery.annotation import FLIGHT
from overflight.imagery.camera import Camera, read_camera
from overflight.imagery.footprint import boxes
from overflight.imagery.frames import Frame, read_frames
from overflight.imagery.process import Limits, Picture, read_picture, same_pixels, thumbnail, write_cog
from overflight.imagery.stac import COG_TYPE, Asset, geometry_of, make_item
from overflight.rules.finding import Finding, Verdict
from overflight.rules.sensors import (
    frame_is_taken_at_minimum_height,
    infra_red_waits_for_full_implementation,
    sensor_category_is_permitted,
)
from overflight.sharing.record import EXERCISE_WORDS
from overflight.storage.port_images import ImageRow
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.app.node import Node, Stored
    from overflight.planning.elevation import Elevation
    from overflight.treaty.regime import Regime

CAMERA_FILE = "camera.json"
# Elevation grids count from the sea, altitudes from the ellipsoid; nowhere on Earth are the two further apart.
SEA_LEVEL_M = 110.0
MANIFEST_TYPE = "application/json"


@dataclass(frozen=True)
class FlightParties:
    """Whose flight it was, as the notice that this node holds says."""

    observing: str | None
    observed: str | None

    def other(self, party: str) -> list[str]:
        """The side that `party` is not, if both are known."""
        return sorted({p for p in (self.observing, self.observed) if p} - {party})


def flight_parties(node: Node, flight: str) -> FlightParties:
    """Observing and observed Party by the notice of the flight that this node holds; None where it holds none."""
    for stored in node.records(kind="flight.notification", flight=flight):
        body = stored.record.body
        observing, observed = body.get("observing"), body.get("observed")
        return FlightParties(
            observing if isinstance(observing, str) else stored.record.from_,
            observed if isinstance(observed, str) else None,
        )
    return FlightParties(None, None)


def find_camera(
    name: str, folder: Path, *, regime: Regime, h_min_m: float | None = None, certificate: str = ""
) -> Camera:
    """The camera that ``--camera`` names: a JSON file, the folder's ``camera.json``, or a sensor of the treaty's data.

    A sensor of the data has focal length and format but no certified height, since none was published;
    `h_min_m` and `certificate` give it one.

    Raises
    ------
    BadInput
        If there is none of that name, or its focal length or format is not known.
    """
    path = Path(name)
    if path.suffix == ".json" or path.is_file():
        found = read_camera(path)
    elif (folder / CAMERA_FILE).is_file() and read_camera(folder / CAMERA_FILE).id == name:
        found = read_camera(folder / CAMERA_FILE)
    else:
        found = camera_of_sensor(name, regime)
    if h_min_m is not None:
        said = certificate or say("given at ingest")
        found = replace(found, certified_h_min_m=h_min_m, certificate=said)
    return found


def camera_of_sensor(id: str, regime: Regime, *, columns: int = 1200) -> Camera:
    """A camera with the focal length and format of a sensor in the treaty's data, scanned `columns` pixels wide.

    Raises
    ------
    BadInput
        If the data hold no such sensor, or not its focal length and format.
    """
    sensor = regime.sensor(id)
    if sensor.focal_length_mm is None or sensor.frame_mm is None:
        raise BadInput(
            say("the focal length or format of {id} is not known; write a camera file with both", id=id),
            field="--camera",
        )
    along, across = sensor.frame_mm
    kind = "panoramic" if "panoramic" in sensor.kind else "framing"
    return Camera(
        id=sensor.id,
        name=sensor.name,
        category=sensor.category,
        kind=sensor.category if sensor.category in ("video", "infra-red", "radar") else kind,
        focal_mm=sensor.focal_length_mm,
        columns=columns,
        rows=round(columns * along / across),
        pitch_mm=across / columns,
        certified_h_min_m=sensor.certified_h_min_m,
        certificate=say("in public sources"),
    )


@dataclass(frozen=True)
class Height:
    agl_m: float | None
    error_m: float
    source: str
    ground_m: float | None  # above the ellipsoid, for the footprint


@dataclass(frozen=True)
class Prepared:
    """One image, checked and worked out; nothing of it is stored yet."""

    picture: Picture
    cog: bytes
    thumbnail: bytes
    sidecar: bytes
    item: dict[str, Any]
    row: ImageRow
    findings: tuple[Finding, ...]


def ingest(
    node: Node,
    folder: Path,
    *,
    flight: str,
    camera: str | Camera,
    h_min_m: float | None = None,
    certificate: str = "",
    elevation: Elevation | None = None,
    limits: Limits | None = None,
    record: bool = True,
) -> dict[str, Any]:
    """Take in the pictures that ``frames.csv`` of `folder` lists.

    Each is read once and hashed, checked, decoded, copied as a cloud-optimised GeoTIFF whose pixels are
    compared with the source's, and catalogued; its height is held against the certified minimum (VI.II.4.D).
    Nothing is stored before all are in order; an original is stored as it was handed in. Then a
    ``data.catalogued`` record states the manifest of digests; `record` false issues none, and takes in pictures
    of a flight that this node does not know.

    Returns
    -------
    dict
        ``flight, camera, frames, new, items`` (STAC), ``findings, complies, undetermined, record`` (rid or None).

    Raises
    ------
    BadInput, BadFile
        Naming flight, folder, file, row or column; nothing was stored.
    """
    if not FLIGHT.match(flight):
        raise BadInput(
            say("{flight!r} is no flight number: OS, the year's last digit and three digits", flight=flight[:40]),
            citation="AnnB.App1.1",
            field="--flight",
        )
    if not folder.is_dir():
        raise BadFile(say("{folder} is no folder", folder=folder), field=str(folder))
    parties = flight_parties(node, flight)
    if record and not parties.observing:
        raise BadInput(
            say(
                "this node holds no notice of {flight}; check the number, or give --no-record to keep pictures of a "
                "flight that it does not know",
                flight=flight,
            ),
            field="--flight",
        )
    frames = read_frames(folder)
    regime = node.regime()
    shot = (
        find_camera(camera, folder, regime=regime, h_min_m=h_min_m, certificate=certificate)
        if isinstance(camera, str)
        else camera
    )
    measured = heights(frames, elevation)
    ready = [
        _prepare(node, folder, frame, shot, flight, parties, height, limits)
        for frame, height in zip(frames, measured, strict=True)
    ]
    fresh = [p for p in ready if node.images.get(p.row.id) is None]
    new = store_images(node, ready)
    stored = _catalogued(node, flight, parties, fresh) if record and fresh else None
    findings = [
        sensor_category_is_permitted(shot.category, sensor=shot.id),
        *(
            [infra_red_waits_for_full_implementation(shot.category, _regime_at(node, frames[0].at))]
            if shot.category == "infra-red"
            else []
        ),
        *(found for one in ready for found in one.findings),
        *exposure_times(node, flight, frames),
    ]
    return {
        "flight": flight,
        "camera": shot.id,
        "frames": len(ready),
        "new": new,
        "complies": not any(f.verdict is Verdict.BREACHES for f in findings),
        "undetermined": [f.to_json() for f in findings if f.verdict is Verdict.UNDETERMINED],
        "findings": [f.to_json() for f in findings],
        "record": stored.record.rid if stored else None,
        "items": [one.item for one in ready],
    }


def _regime_at(node: Node, at: datetime) -> Regime:
    from overflight.treaty.regime import Regime

    return Regime.on(at.date(), readings=node.readings)


def _plain(name: str) -> str:
    return name.rsplit("/", 1)[-1][:200]


def heights(frames: Sequence[Frame], elevation: Elevation | None = None) -> list[Height]:
    """Heights above ground: as the table gives them, else from elevation data below the aircraft, with their error."""
    needs = [k for k, frame in enumerate(frames) if frame.height_agl_m is None]
    ground: dict[int, tuple[float, float]] = {}
    if needs:
        import numpy as np

        known = elevation or _packaged_elevation()
        if known is not None:
            metres, error = known.at(
                np.array([frames[k].lon_deg for k in needs]), np.array([frames[k].lat_deg for k in needs])
            )
            high, off = np.broadcast_to(metres, len(needs)), np.broadcast_to(error, len(needs))
            ground = {k: (float(g), float(e)) for k, g, e in zip(needs, high, off, strict=True) if np.isfinite(g)}
    out = []
    for k, frame in enumerate(frames):
        if frame.height_agl_m is not None:
            source = say("given with the frame")
            out.append(Height(frame.height_agl_m, frame.height_error_m, source, frame.altitude_m - frame.height_agl_m))
        elif k in ground:
            below, off_m = ground[k]
            source = say("altitude less elevation data")
            either_way = off_m + frame.height_error_m + SEA_LEVEL_M
            out.append(Height(frame.altitude_m - below, either_way, source, below))
        else:
            out.append(Height(None, 0.0, say("not known"), None))
    return out


def _packaged_elevation() -> Elevation | None:
    try:
        from overflight.planning.elevation import Elevation

        return Elevation.load()
    except OverflightError:
        return None


def _prepare(
    node: Node,
    folder: Path,
    frame: Frame,
    camera: Camera,
    flight: str,
    parties: FlightParties,
    height: Height,
    limits: Limits | None,
) -> Prepared:
    picture = read_picture(folder / frame.file, limits)
    return prepare(
        picture,
        frame,
        camera,
        flight=flight,
        observing=parties.observing,
        observed=parties.observed,
        height=height,
        exercise=node.exercise,
    )


def prepare(
    picture: Picture,
    frame: Frame,
    camera: Camera,
    *,
    flight: str,
    observing: str | None,
    observed: str | None,
    height: Height,
    exercise: str | None,
) -> Prepared:
    """Everything that is stored of one image, worked out from its bytes, frame and camera alone."""
    try:
        shot = camera.with_pixels(picture.header.columns, picture.header.rows) if not picture.bounds_deg else camera
        geometry = geometry_of(frame, shot, picture, height.ground_m)
    except BadInput as error:
        raise BadFile(say("{file}: {why}", file=frame.file, why=error.message), field=error.field) from None
    cog = write_cog(picture)
    if not same_pixels(cog, picture):
        raise CannotAnswer(say("{file}: the cloud-optimised copy has not the source's pixels", file=frame.file))
    small = thumbnail(picture.pixels, label=EXERCISE_WORDS if exercise else None)
    sidecar = _json({"flight": flight, "frame": frame.to_row(), "camera": camera.to_json()})
    finding = frame_is_taken_at_minimum_height(
        sensor=camera.id,
        category=camera.category,
        height_agl_m=height.agl_m,
        height_error_m=height.error_m,
        certified_h_min_m=camera.certified_h_min_m,
        certificate=camera.certificate,
        where={"type": "Point", "coordinates": [frame.lon_deg, frame.lat_deg], "frame": frame.file},
    )
    item = make_item(
        frame=frame,
        camera=shot,
        picture=picture,
        geometry=geometry,
        flight=flight,
        observing=observing,
        observed=observed,
        height_agl_m=height.agl_m,
        height_error_m=height.error_m,
        height_source=height.source,
        findings=(finding,),
        original=_asset(picture.data, picture.header.media_type, _plain(picture.name)),
        cog=_asset(cog, COG_TYPE, ""),
        thumbnail=_asset(small, "image/jpeg", ""),
        exercise=EXERCISE_WORDS if exercise else None,
    )
    sidecar_asset = _asset(sidecar, "application/json", "")
    item["assets"]["sidecar"] = {
        "href": f"blobs/{sidecar_asset.sha256}",
        "type": sidecar_asset.media_type,
        "title": say("Camera and pose"),
        "roles": ["metadata"],
        "file:checksum": "1220" + sidecar_asset.sha256,
        "file:size": sidecar_asset.size,
    }
    row = ImageRow(
        id=item["id"],
        flight=flight,
        camera=camera.id,
        at=int(frame.at.timestamp()),
        original=picture.sha256,
        cog=hashlib.sha256(cog).hexdigest(),
        thumbnail=hashlib.sha256(small).hexdigest(),
        item=_json(item).decode(),
        boxes=tuple(boxes(item["geometry"])),
    )
    return Prepared(picture, cog, small, sidecar, item, row, (finding,))


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _asset(data: bytes, media_type: str, name: str) -> Asset:
    return Asset(hashlib.sha256(data).hexdigest(), len(data), media_type, name)


def _no_twins(ready: Sequence[Prepared]) -> None:
    seen: dict[str, str] = {}
    for one in ready:
        if one.row.id in seen:
            raise BadFile(
                say(
                    "{file} and {other} would have the same image id {id}; rename one",
                    file=one.picture.name,
                    other=seen[one.row.id],
                    id=one.row.id,
                ),
                field=one.picture.name,
            )
        seen[one.row.id] = one.picture.name


def _held(node: Node, row: ImageRow) -> bool:
    held = node.images.get(row.id)
    if held is not None and held.original != row.original:
        raise BadFile(
            say(
                "image {id} is in the catalogue with another original; nothing was stored: give the new file "
                "another name",
                id=row.id,
            ),
            field=row.id,
        )
    return held is not None


def store_images(node: Node, ready: Sequence[Prepared]) -> int:
    """Keep images that are ready: their files, then their rows in one transaction; how many were new.

    Raises
    ------
    BadFile
        If two would have the same id, or one that is there has another original; nothing is stored.
    NodeBusy
        If the node was opened for reading only.
    """
    if not node.writer:
        raise NodeBusy(say("{folder} was opened for reading only", folder=node.folder))
    _no_twins(ready)
    fresh = [one for one in ready if not _held(node, one.row)]
    for one in fresh:
        node.put_blob(one.picture.data, type=one.picture.header.media_type, name=_plain(one.picture.name))
        node.put_blob(one.sidecar, type="application/json", name=f"{one.row.id}.json")
        node.put_blob(one.cog, type="image/tiff", name=f"{one.row.id}.tif")
        node.put_blob(one.thumbnail, type="image/jpeg", name=f"{one.row.id}.jpg")
    added = int(node.images.add([one.row for one in fresh]))
    if added:
        node.keep_time()
    return added


def _catalogued(node: Node, flight: str, parties: FlightParties, fresh: Sequence[Prepared]) -> Stored:
    """State in a signed record which files there are, by digest, and what was found of their heights."""
    from overflight.flight.messages import build_body

    manifest = _json(
        {
            "flight": flight,
            "images": [
                {
                    "id": one.row.id,
                    "file": _plain(one.picture.name),
                    "at": one.item["properties"]["datetime"],
                    "original": one.row.original,
                    "size": len(one.picture.data),
                    "cog": one.row.cog,
                    "sidecar": hashlib.sha256(one.sidecar).hexdigest(),
                    "findings": [
                        {"citation": f.citation, "verdict": str(f.verdict), "because": f.because} for f in one.findings
                    ],
                }
                for one in fresh
            ],
        }
    )
    blob = node.put_blob(manifest, type=MANIFEST_TYPE, name=f"{flight}-manifest-{len(fresh)}.json")
    body = build_body("data.catalogued", {"flight": flight, "items": len(fresh), "manifest_sha256": blob.sha256})
    return node.issue(
        "data.catalogued",
        to=parties.other(node.party),
        body=body,
        rules=["IX.II", "VI.II.4.D"],
        subject=say("{n} images of {flight} catalogued", n=len(fresh), flight=flight),
        blobs=[blob],
    )
