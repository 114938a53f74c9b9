"""The flight as flown, kept as a private draft of this node, held against the plan that both signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from overflight.app import flight_track as use
from overflight.errors import OverflightError
from overflight.flight.messages import plan_from_body
from overflight.flight.track_files import read_track
from overflight.terms.moment import rfc3339
from overflight.web import planner

if TYPE_CHECKING:
    from overflight.app.node import Node

DRAFT = "tracks/{flight}.csv"
MOST_DRAWN = 1500


def keep(node: Node, flight: str, data: bytes) -> None:
    """Keep a track as this node's draft.

    Raises
    ------
    BadFile
        If it is no CSV, GPX or IGC file with at least two fixes.
    """
    read_track(data, name="track")
    node.drafts.put(DRAFT.format(flight=flight), data)


def of_flight(node: Node, flight: str, shown: dict[str, Any]) -> dict[str, Any] | None:
    """The kept track, checked, and what the map draws of it: longitude, latitude, seconds; None without one."""
    data = node.drafts.get(DRAFT.format(flight=flight))
    version = next((v for v in shown["versions"] if v["version"] == shown["current"] and v["plan"]), None)
    if data is None or version is None:
        return None
    try:
        track = read_track(data, name="track")
        stated = use.stated_deviations(node, flight)
        checked = use.as_flown(plan_from_body(version["plan"]), track, node.regime(), planner.ground(), stated=stated)
    except OverflightError as error:
        return {"problem": error.message, "check": None, "fixes": []}
    step = max(1, len(track) // MOST_DRAWN)
    rows = zip(track.lons[::step].tolist(), track.lats[::step].tolist(), track.seconds[::step].tolist(), strict=True)
    return {
        "problem": "",
        "check": checked.to_json(),
        "fixes": [[round(lon, 5), round(lat, 5), int(at)] for lon, lat, at in rows],
        "began": rfc3339(track.time(0)),
    }
