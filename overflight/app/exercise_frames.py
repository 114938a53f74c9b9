"""Pictures for an exercise: an invented ground, seen along a plan through a camera of the treaty's data."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overflight.app.intake import CAMERA_FILE, camera_of_sensor
from overflight.errors import BadInput
from overflight.imagery.annotation import FLIGHT, encode
from overflight.imagery.frames import TABLE, Frame, frames_table
from overflight.sharing.record import EXERCISE_WORDS
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.app.node import Node
    from overflight.imagery.camera import Camera
    from overflight.planning.elevation import Elevation
    from overflight.terms.plan import MissionPlan

HEIGHT_M = 2500.0  # of an exercise frame where neither plan nor option says one
SPEED_KMH = 430.0
MOST_FRAMES = 500
STEADY_DEG = 0.8  # standard deviation of pitch and roll


def render_frames(
    node: Node,
    folder: Path,
    *,
    flight: str,
    plan: MissionPlan,
    camera: str = "AFA-41-10",
    count: int = 6,
    seed: int = 0,
    columns: int = 1200,
    height_agl_m: float | None = None,
    h_min_m: float | None = None,
    certificate: str = "",
    start: datetime | None = None,
    elevation: Elevation | None = None,
) -> dict[str, Any]:
    """Write pictures along the plan's path with ``frames.csv`` and ``camera.json``, ready for `ingest`.

    The ground is procedural: an invented airfield under each frame, so that no place is shown. Every
    picture says EXERCISE in its data strip. The same seed and plan give the same files.

    Parameters
    ----------
    height_agl_m : float, optional
        Height above ground; default the plan's for the leg, else 2,500 m.
    h_min_m, certificate : optional
        Certified minimum height and where it comes from; default the plan's for that sensor.
    start : datetime, optional
        Take-off; default the plan's, else the node's clock.

    Returns
    -------
    dict
        ``folder, flight, camera, frames, files``.

    Raises
    ------
    BadInput
        On a node that is in no exercise, for a folder that is not empty, or a number out of range.
    """
    from PIL import Image

    from overflight.imagery.ground import airfield_ground
    from overflight.imagery.render import burn_label, render

    if not node.exercise:
        raise BadInput(
            say("{party}'s node is operational; pictures are rendered in exercises only", party=node.party),
            field="--node",
        )
    if not FLIGHT.match(flight):
        raise BadInput(
            say("{flight!r} is no flight number", flight=flight[:40]), field="--flight", citation="AnnB.App1.1"
        )
    if not 1 <= count <= MOST_FRAMES or not 64 <= columns <= 6000:
        raise BadInput(say("1 to 500 frames of 64 to 6000 pixels are rendered"), field="--count")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(say("{folder} is not empty; name a new folder", folder=folder), field="folder")
    shot = _camera(node, plan, camera, columns, h_min_m, certificate)
    frames = frames_along(
        plan,
        count=count,
        seed=seed,
        height_agl_m=height_agl_m,
        start=start or plan.take_off or node.now(),
        elevation=elevation,
    )
    home = folder.absolute()
    home.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(dir=home.parent, prefix=f".{home.name}-"))
    try:
        for k, frame in enumerate(frames):
            below = frame.altitude_m - (frame.height_agl_m or 0.0)
            ground = airfield_ground(
                frame.lon_deg,
                frame.lat_deg,
                below,
                seed=seed * 1000 + k,
                half_m=1.2 * shot.width_mm / shot.focal_mm * (frame.height_agl_m or HEIGHT_M) / 2 + 400.0,
                widest_bar_m=3.6,
            )
            picture = render(shot, frame.pose(), ground, seed=seed * 1000 + k)
            label = [f"{EXERCISE_WORDS}  {node.exercise}", encode(frame.annotation(flight, shot))]
            Image.fromarray(burn_label(picture, label, share=0.016)).save(making / frame.file, compress_level=4)
        (making / TABLE).write_text(frames_table(frames), "utf-8")
        (making / CAMERA_FILE).write_text(_camera_text(shot), "utf-8")
        if folder.exists():
            folder.rmdir()
        os.replace(making, home)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    return {
        "folder": str(folder),
        "flight": flight,
        "camera": shot.id,
        "frames": len(frames),
        "files": [frame.file for frame in frames],
    }


def _camera(
    node: Node, plan: MissionPlan, camera: str, columns: int, h_min_m: float | None, certificate: str
) -> Camera:
    found = camera_of_sensor(camera, node.regime(), columns=columns)
    planned = next((use.certified_h_min_m for use in plan.sensors if use.sensor == camera), None)
    height = h_min_m if h_min_m is not None else planned
    said = certificate or say("exercise value")
    return replace(found, certified_h_min_m=height, certificate=said if height is not None else "")


def _camera_text(camera: Camera) -> str:
    import json

    return json.dumps(camera.to_json(), ensure_ascii=False, indent=2) + "\n"


def frames_along(
    plan: MissionPlan,
    *,
    count: int,
    seed: int,
    height_agl_m: float | None,
    start: datetime,
    elevation: Elevation | None = None,
) -> tuple[Frame, ...]:
    """Exposures spread evenly over the stretches where the sensors run, with a little roll, pitch and height error."""
    import numpy as np
    from pyproj import Geod

    geod = Geod(ellps="WGS84")
    rng = np.random.default_rng(seed)
    legs = [geod.inv(a.lon_deg, a.lat_deg, b.lon_deg, b.lat_deg) for a, b in plan.legs]
    ends = np.cumsum([length for _, _, length in legs])
    if not len(ends) or ends[-1] <= 0:
        raise BadInput(say("the plan's path has no length"), field="plan")
    total = float(ends[-1])
    on = [(a * 1000.0, min(b * 1000.0, total)) for a, b in plan.sensors_on or ()] or [(0.1 * total, 0.9 * total)]
    spans = np.array([max(0.0, b - a) for a, b in on])
    if spans.sum() <= 0:
        raise BadInput(say("the plan's sensors never run along its path"), field="plan")
    frames = []
    speed = (plan.ground_speed_kmh or SPEED_KMH) / 3.6
    for k in range(count):
        away = _place(float(spans.sum()) * (k + 0.5) / count, on)
        leg = min(int(np.searchsorted(ends, away)), len(legs) - 1)
        from_point = plan.legs[leg][0]
        into = away - (float(ends[leg - 1]) if leg else 0.0)
        lon, lat, back = geod.fwd(from_point.lon_deg, from_point.lat_deg, legs[leg][0], into)
        planned = (
            plan.height_agl_m[leg if len(plan.height_agl_m) == len(legs) else 0] if plan.height_agl_m else HEIGHT_M
        )
        height = round((height_agl_m or planned) + float(rng.normal(0, 8.0)), 2)
        below = _ground(elevation, lon, lat)
        frames.append(
            Frame(
                file=f"frame-{k + 1:04d}.png",
                at=(start + timedelta(seconds=round(away / speed))).replace(microsecond=0),
                lon_deg=round(lon, 7),
                lat_deg=round(lat, 7),
                altitude_m=round(below + height, 2),
                height_agl_m=height,
                height_error_m=15.0,
                heading_deg=round((back + 180.0) % 360.0, 3),
                pitch_deg=round(float(rng.normal(0, STEADY_DEG)), 3),
                roll_deg=round(float(rng.normal(0, STEADY_DEG)), 3),
                ground_speed_kmh=round(speed * 3.6, 1),
                magazine=1,
                frame=k + 1,
            )
        )
    return tuple(frames)


def _place(metres: float, on: list[tuple[float, float]]) -> float:
    """Metres from the start of the path, for metres into the stretches where sensors run."""
    for first, last in on:
        if metres <= max(0.0, last - first):
            return first + metres
        metres -= max(0.0, last - first)
    return on[-1][1]


def _ground(elevation: Elevation | None, lon: float, lat: float) -> float:
    import numpy as np

    if elevation is None:
        return 150.0  # an invented level, the same everywhere
    metres, _ = elevation.at(np.array([lon]), np.array([lat]))
    return float(metres[0]) if np.isfinite(metres[0]) else 150.0
