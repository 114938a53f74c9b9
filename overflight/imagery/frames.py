"""Frames of a flight: the table ``frames.csv`` beside the pictures says when, where and how each was taken."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from overflight.errors import BadDate, BadFile, BadInput
from overflight.imagery.annotation import Annotation
from overflight.imagery.camera import Camera, Pose
from overflight.terms.moment import parse_moment, rfc3339
from overflight.terms.words import say

TABLE = "frames.csv"
COLUMNS = (
    "file",
    "time",
    "lon",
    "lat",
    "altitude_m",
    "height_agl_m",
    "height_error_m",
    "heading_deg",
    "pitch_deg",
    "roll_deg",
    "drift_deg",
    "ground_speed_kmh",
    "magazine",
    "frame",
)
NEEDED = ("file", "time", "lon", "lat", "altitude_m")
MOST_TABLE_BYTES = 16 << 20
MOST_FRAMES = 100_000


@dataclass(frozen=True)
class Frame:
    """One exposure as the table says it. Heights in metres: `altitude_m` above the WGS84 ellipsoid,
    `height_agl_m` above ground (None if not given) with `height_error_m` to both sides."""

    file: str
    at: datetime
    lon_deg: float
    lat_deg: float
    altitude_m: float
    height_agl_m: float | None = None
    height_error_m: float = 0.0
    heading_deg: float = 0.0
    pitch_deg: float = 0.0
    roll_deg: float = 0.0
    drift_deg: float | None = None
    ground_speed_kmh: float | None = None
    magazine: int | None = None
    frame: int | None = None

    def pose(self) -> Pose:
        """The exposure as a pose of one."""
        return Pose.of(self.lon_deg, self.lat_deg, self.altitude_m, self.heading_deg, self.pitch_deg, self.roll_deg)

    def annotation(self, flight: str, camera: Camera) -> Annotation:
        """What Annex B, Section II wants beside this frame."""

        def whole(value: float | None) -> int | None:
            return None if value is None else round(value)

        prefix = {"panoramic": "OP", "framing": "OF", "video": "TV", "infra-red": "IRLS", "radar": "SAR"}
        return Annotation(
            flight=flight,
            sensor=prefix.get(camera.kind, "OF") + camera.medium,
            configuration=camera.configuration,
            focal_mm=round(camera.focal_mm),
            at=self.at.replace(second=0),
            height_agl_m=whole(self.height_agl_m),
            lon_deg=self.lon_deg,
            lat_deg=self.lat_deg,
            heading_deg=round(self.heading_deg) % 360,
            roll_deg=whole(self.roll_deg),
            pitch_deg=whole(self.pitch_deg),
            drift_deg=whole(self.drift_deg),
            ground_speed_kmh=whole(self.ground_speed_kmh),
            magazine=self.magazine,
            frame=self.frame,
        )

    def to_row(self) -> dict[str, str]:
        """The table's row; empty where nothing is known."""
        values: dict[str, object] = {
            "file": self.file,
            "time": rfc3339(self.at),
            "lon": f"{self.lon_deg:.7f}",
            "lat": f"{self.lat_deg:.7f}",
            "altitude_m": f"{self.altitude_m:.2f}",
            "height_agl_m": None if self.height_agl_m is None else f"{self.height_agl_m:.2f}",
            "height_error_m": f"{self.height_error_m:.2f}",
            "heading_deg": f"{self.heading_deg:.3f}",
            "pitch_deg": f"{self.pitch_deg:.3f}",
            "roll_deg": f"{self.roll_deg:.3f}",
            "drift_deg": None if self.drift_deg is None else f"{self.drift_deg:.2f}",
            "ground_speed_kmh": None if self.ground_speed_kmh is None else f"{self.ground_speed_kmh:.1f}",
            "magazine": self.magazine,
            "frame": self.frame,
        }
        return {name: "" if value is None else str(value) for name, value in values.items()}


def read_frames(folder: Path) -> tuple[Frame, ...]:
    """Read ``frames.csv`` of a folder of pictures.

    Raises
    ------
    BadFile
        If there is no such table, a column is missing, a value is no number, a time has no zone, a place is
        outside the globe, or a file name leaves the folder; the message names row and column.
    """
    path = folder / TABLE
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_TABLE_BYTES + 1)
    except OSError as error:
        raise BadFile(
            say(
                "{folder} holds no readable {table} ({why}), the table that says when and where each picture was taken",
                folder=folder.name,
                table=TABLE,
                why=error.strerror or str(error),
            ),
            field=str(path),
        ) from None
    if len(raw) > MOST_TABLE_BYTES:
        raise BadFile(say("{table} is larger than 16 MiB", table=TABLE), field=str(path))
    try:
        reader = csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True)
        rows = list(reader)
    except (UnicodeDecodeError, csv.Error):
        raise BadFile(say("{table} is no CSV table in UTF-8", table=TABLE), field=str(path)) from None
    heads = reader.fieldnames or []
    missing = [name for name in NEEDED if name not in heads]
    if missing:
        raise BadFile(
            say("{table} has no column {name}; it needs {all}", table=TABLE, name=missing[0], all=", ".join(NEEDED)),
            field=missing[0],
        )
    if not 1 <= len(rows) <= MOST_FRAMES:
        raise BadFile(say("{table} lists {n} frames; 1 to 100000 are needed", table=TABLE, n=len(rows)), field=TABLE)
    frames = tuple(frame_from(row, f"{TABLE}, line {n}") for n, row in enumerate(rows, start=2))
    seen: dict[str, int] = {}
    for number, frame in enumerate(frames, start=2):
        if frame.file in seen:
            raise BadFile(
                say(
                    "{table}, line {line}: {file} is listed twice, first in line {first}",
                    table=TABLE,
                    line=number,
                    file=frame.file,
                    first=seen[frame.file],
                ),
                field="file",
            )
        seen[frame.file] = number
    return frames


def frame_from(row: Mapping[str, str | None], where: str) -> Frame:
    """A frame from a row of the table, as text; `where` names the row in errors (`BadFile`)."""
    if None in row:
        raise BadFile(say("{where}: more cells than the heading has columns", where=where), field=TABLE)

    def number(name: str) -> float | None:
        text = (row.get(name) or "").strip()
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise BadFile(
                say("{where}: {name} is {text!r}, which is no finite number", where=where, name=name, text=text[:40]),
                field=name,
            )
        return value

    def needed(name: str) -> float:
        value = number(name)
        if value is None:
            raise BadFile(say("{where}: {name} is empty", where=where, name=name), field=name)
        return value

    def count(name: str) -> int | None:
        value = number(name)
        if value is not None and not (value.is_integer() and 1 <= value <= 999_999):
            raise BadFile(say("{where}: {name} is no whole number from 1", where=where, name=name), field=name)
        return None if value is None else int(value)

    file = (row.get("file") or "").strip()
    plain = PurePosixPath(file)
    if (
        not file
        or len(file) > 200
        or plain.is_absolute()
        or ".." in plain.parts
        or "\\" in file
        or not file.isprintable()
    ):
        raise BadFile(
            say("{where}: {file!r} is no plain file name inside the folder", where=where, file=file[:80]), field="file"
        )
    try:
        at = parse_moment((row.get("time") or "").strip(), field="time")
    except BadDate as error:
        raise BadFile(say("{where}: {why}", where=where, why=error.message), field="time") from None
    frame = Frame(
        file=file,
        at=at,
        lon_deg=needed("lon"),
        lat_deg=needed("lat"),
        altitude_m=needed("altitude_m"),
        height_agl_m=number("height_agl_m"),
        height_error_m=number("height_error_m") or 0.0,
        heading_deg=number("heading_deg") or 0.0,
        pitch_deg=number("pitch_deg") or 0.0,
        roll_deg=number("roll_deg") or 0.0,
        drift_deg=number("drift_deg"),
        ground_speed_kmh=number("ground_speed_kmh"),
        magazine=count("magazine"),
        frame=count("frame"),
    )
    if frame.height_error_m < 0 or (frame.height_agl_m is not None and not 0 < frame.height_agl_m < 50_000):
        raise BadFile(
            say(
                "{where}: height_agl_m is {value}; metres above ground, above 0 and below 50000, are needed",
                where=where,
                value=frame.height_agl_m,
            ),
            field="height_agl_m",
        )
    try:
        frame.pose()
    except BadInput as error:
        raise BadFile(say("{where}: {why}", where=where, why=error.message), field=error.field) from None
    return frame


def frames_table(frames: Sequence[Frame]) -> str:
    """The table's text."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(frame.to_row() for frame in frames)
    return out.getvalue()
