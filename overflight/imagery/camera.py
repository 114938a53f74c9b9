"""A frame camera, where it was and how it was turned, and the rays through its picture.

Axes, named once for the whole package:

* aircraft: x to the nose, y to the right wing, z down; turned from north-east-down in the
  order z-y-x: first heading (from true north, clockwise), then pitch (nose up is positive),
  then roll (right wing down is positive);
* picture: columns grow to the right wing, rows grow to the tail, so that row 0 is ahead.
  A camera that looks to a side is turned about the aircraft's x axis by `look_right_deg`.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from overflight.errors import BadFile, BadInput
from overflight.imagery.ellipsoid import Floats, north_east_down, to_earth
from overflight.terms.words import say

CATEGORIES = ("optical", "video", "infra-red", "radar")
KINDS = ("panoramic", "framing", "video", "infra-red", "radar")


@dataclass(frozen=True)
class Camera:
    """A frame camera with a flat picture and no lens distortion (calibrated frames are corrected before).

    `pitch_mm` is the distance on the film or detector between neighbouring pixels (of the scan, for film).
    `certified_h_min_m` is the certified minimum height above ground, None without a certificate;
    `certificate` says where the number comes from.
    """

    id: str
    focal_mm: float
    columns: int
    rows: int
    pitch_mm: float
    name: str = ""
    category: str = "optical"  # Article IV, paragraph 1
    medium: str = "BP"  # Annex B, Appendix 1, paragraph 2
    configuration: str = "INT1V"  # Annex B, Appendix 1, paragraph 3
    kind: str = "framing"
    look_right_deg: float = 0.0
    principal_x_mm: float = 0.0  # of the principal point from the picture's centre, to the right
    principal_y_mm: float = 0.0  # towards the tail
    certified_h_min_m: float | None = None
    certificate: str = ""

    def __post_init__(self) -> None:
        for field in ("focal_mm", "pitch_mm"):
            value = getattr(self, field)
            if not (math.isfinite(value) and 0 < value < 1e5):
                raise BadInput(
                    say(
                        "camera {id}: {field} is {value}; a positive number of millimetres is needed",
                        id=self.id,
                        field=field,
                        value=value,
                    ),
                    field=field,
                )
        for field in ("columns", "rows"):
            if not 1 <= getattr(self, field) <= 1_000_000:
                raise BadInput(
                    say(
                        "camera {id}: {field} is {value}; it must be from 1 to 1000000",
                        id=self.id,
                        field=field,
                        value=getattr(self, field),
                    ),
                    field=field,
                )
        for field in ("look_right_deg", "principal_x_mm", "principal_y_mm"):
            if not math.isfinite(getattr(self, field)) or abs(self.look_right_deg) >= 90:
                raise BadInput(
                    say(
                        "camera {id}: {field} is {value}; a finite number is needed, a look angle below 90",
                        id=self.id,
                        field=field,
                        value=getattr(self, field),
                    ),
                    field=field,
                )
        if self.category not in CATEGORIES:
            raise BadInput(
                say(
                    "camera {id}: category {category!r} is none of {all} (Article IV, paragraph 1)",
                    id=self.id,
                    category=self.category,
                    all=", ".join(CATEGORIES),
                ),
                citation="IV.1",
                field="category",
            )
        height = self.certified_h_min_m
        if height is not None and not (math.isfinite(height) and 0 < height < 50_000):
            raise BadInput(
                say(
                    "camera {id}: certified_h_min_m is {value}; metres above ground are needed, or nothing",
                    id=self.id,
                    value=height,
                ),
                field="certified_h_min_m",
            )

    @property
    def width_mm(self) -> float:
        """Width of the picture on film or detector, across the line of flight."""
        return self.columns * self.pitch_mm

    @property
    def length_mm(self) -> float:
        """Length of the picture along the line of flight."""
        return self.rows * self.pitch_mm

    def with_pixels(self, columns: int, rows: int) -> Camera:
        """The same camera scanned with another number of pixels; the picture keeps its millimetres across.

        Raises
        ------
        BadInput
            If the new picture has another shape (more than one pixel off).
        """
        if abs(rows - self.rows * columns / self.columns) > 1.0:
            raise BadInput(
                say(
                    "a picture of {columns} x {rows} pixels has not the shape of camera {id} ({width} x {length} mm)",
                    columns=columns,
                    rows=rows,
                    id=self.id,
                    width=round(self.width_mm, 3),
                    length=round(self.length_mm, 3),
                ),
                field="camera",
            )
        return replace(self, columns=columns, rows=rows, pitch_mm=self.pitch_mm * self.columns / columns)

    def window(self, column: int, row: int, columns: int, rows: int) -> Camera:
        """The part of the picture that starts at (column, row), as a camera of its own with the same rays."""
        shift = self.pitch_mm
        return replace(
            self,
            columns=columns,
            rows=rows,
            principal_x_mm=self.principal_x_mm + shift * (self.columns / 2 - column - columns / 2),
            principal_y_mm=self.principal_y_mm + shift * (self.rows / 2 - row - rows / 2),
        )

    def rays(self, column: ArrayLike, row: ArrayLike) -> Floats:
        """Directions in aircraft axes through picture positions (0, 0 is the outer corner), shape (..., 3)."""
        x = (np.asarray(column, float) - self.columns / 2) * self.pitch_mm - self.principal_x_mm
        y = (np.asarray(row, float) - self.rows / 2) * self.pitch_mm - self.principal_y_mm
        x, y = np.broadcast_arrays(x, y)
        look = math.radians(self.look_right_deg)
        right = math.cos(look) * x + math.sin(look) * self.focal_mm
        down = -math.sin(look) * x + math.cos(look) * self.focal_mm
        return np.stack([-y, right, down], axis=-1)

    def positions(self, direction: Floats) -> tuple[Floats, Floats]:
        """Columns and rows at which directions in aircraft axes meet the picture; NaN behind the camera."""
        look = math.radians(self.look_right_deg)
        ahead, right, down = direction[..., 0], direction[..., 1], direction[..., 2]
        x = math.cos(look) * right - math.sin(look) * down
        depth = math.sin(look) * right + math.cos(look) * down
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = np.where(depth > 0, self.focal_mm / depth, np.nan)
        column = (x * scale + self.principal_x_mm) / self.pitch_mm + self.columns / 2
        row = (-ahead * scale + self.principal_y_mm) / self.pitch_mm + self.rows / 2
        return column, row

    def to_json(self) -> dict[str, Any]:
        """The camera as its file says it."""
        return {
            "id": self.id,
            "name": self.name,
            "category": self.category,
            "kind": self.kind,
            "medium": self.medium,
            "configuration": self.configuration,
            "focal_mm": self.focal_mm,
            "pitch_mm": self.pitch_mm,
            "columns": self.columns,
            "rows": self.rows,
            "look_right_deg": self.look_right_deg,
            "principal_x_mm": self.principal_x_mm,
            "principal_y_mm": self.principal_y_mm,
            "certified_h_min_m": self.certified_h_min_m,
            "certificate": self.certificate,
        }


@dataclass(frozen=True)
class Pose:
    """Where a camera was and how the aircraft was turned at n exposures; arrays of shape (n,).

    `altitude_m` is above the WGS84 ellipsoid. The order of the angles is named in this module's text.
    """

    lon_deg: Floats
    lat_deg: Floats
    altitude_m: Floats
    heading_deg: Floats
    pitch_deg: Floats
    roll_deg: Floats

    @classmethod
    def of(
        cls,
        lon_deg: ArrayLike,
        lat_deg: ArrayLike,
        altitude_m: ArrayLike,
        heading_deg: ArrayLike = 0.0,
        pitch_deg: ArrayLike = 0.0,
        roll_deg: ArrayLike = 0.0,
    ) -> Pose:
        """A pose from numbers or arrays, checked.

        Raises
        ------
        BadInput
            If a number is not finite, a place is outside the globe (longitude and latitude may have been
            swapped), or an altitude or angle is none of an aircraft; the message names number and index.
        """
        given = (lon_deg, lat_deg, altitude_m, heading_deg, pitch_deg, roll_deg)
        values = np.broadcast_arrays(*(np.atleast_1d(np.asarray(v, float)) for v in given))
        limits = ((-180, 180), (-90, 90), (-500, 30_000), (-360, 360), (-90, 90), (-180, 180))
        names = ("lon_deg", "lat_deg", "altitude_m", "heading_deg", "pitch_deg", "roll_deg")
        for name, value, (low, high) in zip(names, values, limits, strict=True):
            bad = np.flatnonzero(~((value >= low) & (value <= high)))  # NaN is outside too
            if bad.size:
                raise BadInput(
                    say(
                        "{name} of exposure {index} is {value}; it must lie from {low} to {high}",
                        name=name,
                        index=int(bad[0]) + 1,
                        value=float(value[bad[0]]),
                        low=low,
                        high=high,
                    ),
                    field=name,
                )
        return cls(*(np.ascontiguousarray(v) for v in values))

    def __len__(self) -> int:
        return len(self.lon_deg)

    def places(self) -> Floats:
        """Earth-centred places of the camera, metres, shape (n, 3)."""
        return to_earth(self.lon_deg, self.lat_deg, self.altitude_m)

    def turns(self) -> Floats:
        """Matrices from aircraft axes to earth-centred axes, shape (n, 3, 3)."""
        return north_east_down(self.lon_deg, self.lat_deg) @ attitude(self.heading_deg, self.pitch_deg, self.roll_deg)


def attitude(heading_deg: ArrayLike, pitch_deg: ArrayLike, roll_deg: ArrayLike) -> Floats:
    """Matrices from aircraft axes to north-east-down, order z-y-x (heading, pitch, roll); shape (n, 3, 3)."""
    h, p, r = (np.radians(np.asarray(v, float)) for v in (heading_deg, pitch_deg, roll_deg))
    ch, sh, cp, sp, cr, sr = np.cos(h), np.sin(h), np.cos(p), np.sin(p), np.cos(r), np.sin(r)
    rows = [
        [ch * cp, ch * sp * sr - sh * cr, ch * sp * cr + sh * sr],
        [sh * cp, sh * sp * sr + ch * cr, sh * sp * cr - ch * sr],
        [-sp, cp * sr, cp * cr],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


MOST_CAMERA_BYTES = 64 * 1024


def read_camera(path: Path) -> Camera:
    """Read a camera's JSON file (``overflight schema camera``).

    Raises
    ------
    BadFile
        If the file is not such a file; the message names file and field.
    """
    try:
        raw = path.read_bytes()[: MOST_CAMERA_BYTES + 1]
    except OSError as error:
        raise BadFile(say("{file}: {why}", file=path.name, why=error.strerror or str(error)), field=str(path)) from None
    if len(raw) > MOST_CAMERA_BYTES:
        raise BadFile(say("{file} is larger than 64 KiB, which no camera file is", file=path.name), field=str(path))
    try:
        found = json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise BadFile(say("{file} is no JSON file of a camera", file=path.name), field=str(path)) from None
    return camera_from(found, where=path.name)


def _no_constant(text: str) -> float:
    raise ValueError(text)


def camera_from(found: Any, *, where: str) -> Camera:
    """A camera from decoded JSON; `where` names it in errors (`BadFile`)."""
    if not isinstance(found, dict):
        raise BadFile(say("{where}: a camera is a JSON object", where=where), field=where)
    kinds: dict[str, tuple[type, ...]] = {
        "id": (str,),
        "name": (str,),
        "category": (str,),
        "kind": (str,),
        "medium": (str,),
        "configuration": (str,),
        "certificate": (str,),
        "columns": (int,),
        "rows": (int,),
        "focal_mm": (int, float),
        "pitch_mm": (int, float),
        "look_right_deg": (int, float),
        "principal_x_mm": (int, float),
        "principal_y_mm": (int, float),
        "certified_h_min_m": (int, float, type(None)),
    }
    for name, value in found.items():
        if name not in kinds:
            raise BadFile(say("{where}: a camera has no field {name!r}", where=where, name=name), field=name)
        if (
            not isinstance(value, kinds[name])
            or isinstance(value, bool)
            or (isinstance(value, str) and len(value) > 500)
        ):
            raise BadFile(say("{where}: {name} has the wrong type", where=where, name=name), field=name)
    missing = [n for n in ("id", "focal_mm", "pitch_mm", "columns", "rows") if n not in found]
    if missing:
        raise BadFile(say("{where}: {name} is missing", where=where, name=missing[0]), field=missing[0])
    try:
        return Camera(**found)
    except BadInput as error:
        raise BadFile(
            say("{where}: {why}", where=where, why=error.message), field=error.field, citation=error.citation
        ) from None
    except OverflowError:
        raise BadFile(say("{where}: a number is too large", where=where), field=where) from None
