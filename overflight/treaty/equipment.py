"""Observation aircraft and sensors as public sources describe them, from ``aircraft.toml`` and ``sensors.toml``."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from overflight.errors import BadInput
from overflight.terms.words import say
from overflight.treaty.datafile import Fields, changed, read_toml, wrong


@dataclass(frozen=True)
class Sensor:
    """A sensor in service. None where no source that was read says it; see `verified` for the rest."""

    id: str
    name: str
    category: str  # of Article IV: "optical", "video", "infra-red", "radar"
    kind: str
    platforms: str
    role: str
    focal_length_mm: float | None
    frame_mm: tuple[float, float] | None  # along, across
    detector: str
    field_of_view: str
    medium: str
    typical_altitude_m: float | None
    certified_h_min_m: float | None
    swath_rule: str
    swath_at_typical_m: float | None
    in_service: str
    source: str
    verified: str
    note: str

    def to_json(self) -> dict[str, Any]:
        """The sensor as a JSON-able mapping."""
        return asdict(self)


@dataclass(frozen=True)
class Aircraft:
    """An observation aircraft. None where no source that was read says it; see `verified` for the rest."""

    id: str
    type: str
    operators: tuple[str, ...]
    registration: str
    years: str
    status: str
    range_km: float | None
    endurance_h: float | None
    cruise_kmh: float | None
    ceiling_m: float | None
    observation_altitude: str
    seats: str
    sensors: str
    shared_with: str
    source: str
    verified: str
    note: str

    def to_json(self) -> dict[str, Any]:
        """The aircraft as a JSON-able mapping."""
        return asdict(self)


T = TypeVar("T", Sensor, Aircraft)


def load_sensors(folder: Path) -> tuple[Sensor, ...]:
    """Every sensor of the regime in `folder`, in the order of the file. Raises BadData."""
    file = folder / "sensors.toml"
    return _sensors(file, changed(file)) if file.exists() else ()


def load_aircraft(folder: Path) -> tuple[Aircraft, ...]:
    """Every aircraft of the regime in `folder`, in the order of the file. Raises BadData."""
    file = folder / "aircraft.toml"
    return _aircraft(file, changed(file)) if file.exists() else ()


def sensor(folder: Path, id: str) -> Sensor:
    """One sensor. Raises BadInput with near ids if there is none."""
    return _one(load_sensors(folder), id, "sensor")


def one_aircraft(folder: Path, id: str) -> Aircraft:
    """One aircraft. Raises BadInput with near ids if there is none."""
    return _one(load_aircraft(folder), id, "aircraft")


def _one(known: Sequence[T], id: str, kind: str) -> T:
    for thing in known:
        if thing.id == id:
            return thing
    ids = [thing.id for thing in known]
    near = [i for i in ids if id and id.lower() in i.lower()] + difflib.get_close_matches(id, ids, n=3, cutoff=0.5)
    near = list(dict.fromkeys(near))[:4]
    sentence = say("{id!r} is no {kind} of this regime's data", id=id[:60], kind=kind)
    if near:
        sentence += say(", such as {near}", near=", ".join(near))
    raise BadInput(sentence, field=kind, near=near)


@lru_cache(maxsize=16)
def _sensors(file: Path, _changed: int) -> tuple[Sensor, ...]:
    return tuple(_sensor(row) for row in _entries(file, "sensor"))


@lru_cache(maxsize=16)
def _aircraft(file: Path, _changed: int) -> tuple[Aircraft, ...]:
    return tuple(_one_aircraft(row) for row in _entries(file, "aircraft"))


def _entries(file: Path, kind: str) -> Iterable[Fields]:
    head = Fields(file, "the file", read_toml(file))
    seen: set[str] = set()
    for n, entry in enumerate(head.rows(kind), 1):
        row = Fields(file, f"{kind} row {n}", entry)
        if row.text("id") in seen:
            wrong(file, row.where, say("{icao} stands twice", icao=row.text("id")))
        seen.add(row.text("id"))
        yield row
        row.done()
    head.done()


def _sensor(row: Fields) -> Sensor:
    frame = row.row.get("frame_mm")
    row.seen.update({"frame_mm", "focal_length_note", "certified_h_min_note"})
    if frame is not None and not (
        isinstance(frame, list) and len(frame) == 2 and all(isinstance(x, int | float) and 0 < x < 1e4 for x in frame)
    ):
        wrong(row.file, row.where, say("{key} is no finite number: {found!r}", key="frame_mm", found=frame))
    return Sensor(
        id=row.text("id"), name=row.text("name"), category=row.text("category"), kind=row.text("kind"),
        platforms=row.text("platforms", ""), role=row.text("role", ""),
        focal_length_mm=row.maybe_number("focal_length_mm"),
        frame_mm=(float(frame[0]), float(frame[1])) if frame else None,
        detector=row.text("detector", ""), field_of_view=row.text("field_of_view", ""),
        medium=row.text("medium", ""), typical_altitude_m=row.maybe_number("typical_altitude_m"),
        certified_h_min_m=row.maybe_number("certified_h_min_m"), swath_rule=row.text("swath_rule", ""),
        swath_at_typical_m=row.maybe_number("swath_at_typical_m"), in_service=row.text("in_service", ""),
        source=row.text("source"), verified=row.text("verified"), note=row.text("note", ""),
    )  # fmt: skip


def _one_aircraft(row: Fields) -> Aircraft:
    row.text("endurance_basis", "")
    return Aircraft(
        id=row.text("id"), type=row.text("type"), operators=row.texts("operators"),
        registration=row.text("registration", ""), years=row.text("years", ""), status=row.text("status", ""),
        range_km=row.maybe_number("range_km"), endurance_h=row.maybe_number("endurance_h"),
        cruise_kmh=row.maybe_number("cruise_kmh"), ceiling_m=row.maybe_number("ceiling_m"),
        observation_altitude=row.text("observation_altitude", ""), seats=row.text("seats", ""),
        sensors=row.text("sensors", ""), shared_with=row.text("shared_with", ""), source=row.text("source"),
        verified=row.text("verified"), note=row.text("note", ""),
    )  # fmt: skip
