"""ADS-B tracks in JSON: lists of state vectors, and the shapes in which OpenSky gives tracks and states."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from overflight.errors import BadFile
from overflight.flight.track_data import Track
from overflight.flight.track_rows import NAMES, track_of
from overflight.planning.planfile import no_json
from overflight.terms.words import say

MAX_JSON_BYTES: Final = 20_000_000
# Columns of OpenSky's rows, by place.
_STATE: Final = {"aircraft": 0, "time": 3, "lon": 5, "lat": 6, "barometric": 7, "on_ground": 8, "geometric": 13}
_PATH: Final = {"time": 0, "lat": 1, "lon": 2, "barometric": 3, "on_ground": 5}

Row = dict[str, Any]


def read_json(data: bytes, *, name: str, icao24: str | None, most: int) -> Track:
    """A track of a JSON document, or of one document a line.

    Understood are: a list of objects with the names of the CSV columns; an object with ``path``, rows of time,
    latitude, longitude, barometric altitude, track and on-ground, and ``icao24`` (OpenSky's tracks); an object with
    ``states``, rows of state vectors (OpenSky's states), or a list of either.

    Raises
    ------
    BadFile
        If it is none of these.
    """
    if len(data) > MAX_JSON_BYTES:
        raise BadFile(
            say("{name}: JSON of more than {n} MB; write CSV", name=name, n=MAX_JSON_BYTES // 1_000_000), field=name
        )
    rows: list[Row] = []
    for row in _rows(_documents(data, name)):
        if len(rows) >= most:
            raise BadFile(say("{name} has more than {n} fixes", name=name, n=most), field=name)
        rows.append(row)
    lacking = [what for what in ("time", "lon", "lat") if not any(what in row for row in rows)]
    if lacking:
        raise BadFile(
            say(
                "{name}: no {fields} in this JSON; give objects with time, lon and lat, or OpenSky's tracks or states",
                name=name,
                fields=", ".join(lacking),
            ),
            field=name,
        )
    columns = {what: [row.get(what) for row in rows] for what in NAMES if any(what in row for row in rows)}
    return track_of(columns, np.arange(1, len(rows) + 1, dtype=np.intp), name=name, icao24=icao24, unit="fix")


def _documents(data: bytes, name: str) -> list[Any]:
    try:
        text = data.decode("utf-8-sig")
        try:
            return [json.loads(text)]
        except ValueError:
            return [json.loads(line) for line in text.splitlines() if line.strip()]
    except (ValueError, RecursionError) as error:
        raise BadFile(say("{name} is no JSON ({why})", name=name, why=no_json(error)), field=name) from None


def _rows(documents: list[Any]) -> Iterator[Row]:
    for one in documents:
        if isinstance(one, list):
            yield from _rows_of_list(one)
        elif isinstance(one, Mapping):
            yield from _rows_of_object(one)


def _rows_of_list(found: list[Any]) -> Iterator[Row]:
    for one in found:
        if isinstance(one, Mapping):
            yield from _rows_of_object(one)


def _rows_of_object(one: Mapping[str, Any]) -> Iterator[Row]:
    path, states = one.get("path"), one.get("states")
    if isinstance(path, list):
        aircraft = {"aircraft": one["icao24"]} if "icao24" in one else {}
        yield from (_by_place(row, _PATH) | aircraft for row in path if isinstance(row, list))
    elif isinstance(states, list):
        for row in states:
            if isinstance(row, list):
                found = _by_place(row, _STATE)
                if found.get("time") is None:
                    found["time"] = one.get("time")
                yield found
    else:
        lower = {str(key).strip().lower(): value for key, value in one.items()}
        yield {
            what: next(lower[name] for name in names if name in lower)
            for what, names in NAMES.items()
            if any(name in lower for name in names)
        }


def _by_place(row: list[Any], places: Mapping[str, int]) -> Row:
    return {what: row[at] for what, at in places.items() if at < len(row)}
