"""Tracks: as flown against plan, with the deviations that a flight's own messages record."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from overflight.app.flight_holdings import Holdings
from overflight.app.plans import Ground
from overflight.errors import BadFile
from overflight.flight.track import Stated, TrackCheck, check_track
from overflight.flight.track_files import MAX_BYTES, Track, read_track, write_csv
from overflight.flight.track_model import MadeTrack, make_track
from overflight.terms.plan import MissionPlan
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.app.node import Node
    from overflight.treaty.regime import Regime

__all__ = ["as_flown", "exercise_track", "read_track_file", "stated_deviations", "write_csv"]


def read_track_file(path: Path, *, icao24: str | None = None) -> Track:
    """A track from a CSV, GPX, IGC or ADS-B file; `icao24` chooses one aircraft of several.

    Raises
    ------
    BadFile
        If there is no such file, or it is no track.
    """
    if not path.is_file():
        raise BadFile(say("there is no file {path}", path=str(path)[:200]), field="TRACK")
    with path.open("rb") as file:
        return read_track(file.read(MAX_BYTES + 1), name=path.name, icao24=icao24)


def stated_deviations(node: Node, flight: str) -> tuple[Stated, ...]:
    """The deviations that the messages of a flight record, with their grounds."""
    found = Holdings(node).messages(flight)
    return tuple(
        Stated(m.time("began_at") or m.at, m.time("ended_at"), m.text("ground") or "other")
        for m in found
        if m.kind == "flight.deviation"
    )


def as_flown(
    plan: MissionPlan, track: Track, regime: Regime, over: Ground, *, stated: tuple[Stated, ...] = ()
) -> TrackCheck:
    """Hold a track against its plan; see `overflight.flight.track.check_track`."""
    return check_track(plan, track, regime, borders=over.borders, elevation=over.elevation, stated=stated)


def exercise_track(
    plan: MissionPlan, over: Ground, *, take_off: datetime, seed: int, deviation_km: float = 18.0, gaps: int = 2
) -> MadeTrack:
    """A made track over the ground that the node knows, for an exercise."""
    elevation = over.elevation
    return make_track(
        plan,
        take_off=take_off,
        seed=seed,
        deviation_km=deviation_km,
        gaps=gaps,
        ground_m=(lambda lons, lats: elevation.at(lons, lats)[0]) if elevation is not None else None,
    )
