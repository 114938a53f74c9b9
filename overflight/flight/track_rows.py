"""Columns of a track file made to fixes; what cannot be a fix is left out and noted with its row."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from overflight.errors import BadFile, OverflightError
from overflight.flight.track_clean import airborne, in_order
from overflight.flight.track_data import (
    ELLIPSOID,
    MOST_PLACES,
    NO_HEIGHT,
    PRESSURE,
    SEA_LEVEL,
    Flags,
    Floats,
    Ints,
    Note,
    Track,
)
from overflight.terms.moment import parse_moment
from overflight.terms.words import say

# A field, and the names that a column or a key of it may have.
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "time": ("time", "time_utc", "utc", "timestamp"),
    "lon": ("lon", "lon_deg", "longitude"),
    "lat": ("lat", "lat_deg", "latitude"),
    "height": ("height_m", "height_msl_m", "altitude_m", "alt_m", "ele"),
    "agl": ("height_agl_m", "agl_m"),
    "geometric": ("geoaltitude", "geo_altitude"),
    "barometric": ("baroaltitude", "baro_altitude"),
    "on_ground": ("onground", "on_ground"),
    "aircraft": ("icao24",),
    "sensor_on": ("sensor_on", "sensors_on"),
}
HEIGHTS: Final = ("height", "agl", "geometric", "barometric")
LEAST_M, MOST_M = -1_000.0, 100_000.0
_TIME = "2021-05-19T06:00:00Z"
TIME_WIDTH = len(_TIME)
_DIGITS = [n for n, c in enumerate(_TIME) if c.isdigit()]
_SIGNS = [n for n, c in enumerate(_TIME) if not c.isdigit()]
_SIGN_CODES = np.array([ord(_TIME[n]) for n in _SIGNS], np.uint32)
YEAR_2100 = 4_102_444_800.0
_TRUE, _FALSE = (
    frozenset(["1", "1.0", "true", "t", "yes"]),
    frozenset(["", "0", "0.0", "false", "f", "no", "off", "none", "nan"]),
)

Cells = Sequence[Any] | npt.NDArray[Any]
Columns = Mapping[str, Cells]


def columns_named(heads: Sequence[str]) -> dict[str, int]:
    """The column of each known field that a header names."""
    keys = [head.strip().lower() for head in heads]
    where = {what: next((keys.index(name) for name in names if name in keys), -1) for what, names in NAMES.items()}
    return {what: at for what, at in where.items() if at >= 0}


def track_of(columns: Columns, rows: Ints, *, name: str, icao24: str | None = None, unit: str = "row") -> Track:
    """A track of columns of cells, one row a fix, in the order of the file.

    Raises
    ------
    BadFile
        If fewer than two rows are fixes; the message tells of the first row that is none.
    """
    columns, rows, aircraft = _of_one_aircraft(columns, rows, name, icao24)
    n = len(rows)
    seconds, lons, lats = _seconds(columns["time"]), _numbers(columns["lon"]), _numbers(columns["lat"])
    heights = {what: _numbers(columns[what]) if what in columns else np.full(n, np.nan) for what in HEIGHTS}
    no_time = ~np.isfinite(seconds)
    # POSIX seconds of nothing that flew: before 1970 or after 2100
    no_time |= ~no_time & ((seconds < 0) | (seconds > YEAR_2100))
    no_place = ~(np.isfinite(lons) & np.isfinite(lats)) | (np.abs(lons) > 180) | (np.abs(lats) > 90)
    bad = no_time | no_place
    wild = {what: ~np.isnan(m) & ~((m >= LEAST_M) & (m <= MOST_M)) for what, m in heights.items()}
    for what, of in wild.items():
        heights[what][of] = np.nan
    problem = _problem(columns, rows, bad, no_time, wild, name, unit)
    notes = list(_notes(bad, no_time, wild, rows))
    if int((~bad).sum()) < 2:
        raise BadFile(
            problem or say("{name}: fixes: {n}; a track needs at least two", name=name, n=int((~bad).sum())),
            field=name,
        )
    metres, kind = _chosen(heights)
    track = Track(
        np.floor(seconds),
        lons,
        lats,
        metres,
        heights["agl"],
        kind.astype(np.int8),
        _on(columns, n),
        rows,
        name=aircraft,
    )
    ground = _on_ground(columns, n)
    if bad.any():
        track, ground = track.take(~bad), ground[~bad]
    track = in_order(airborne(track.noted(*notes), ground))
    if len(track) < 2:
        raise BadFile(say("{name}: fixes: {n}; a track needs at least two", name=name, n=len(track)), field=name)
    return track


def _of_one_aircraft(columns: Columns, rows: Ints, name: str, icao24: str | None) -> tuple[Columns, Ints, str]:
    if "aircraft" not in columns:
        if icao24:
            raise BadFile(say("{name} names no aircraft (icao24), so none can be chosen", name=name), field="--icao24")
        return columns, rows, ""
    of, known = _plain_words(columns["aircraft"])
    known = sorted(one for one in known if one and one not in ("none", "nan"))
    wanted = (icao24 or "").strip().lower()
    if not wanted:
        if len(known) > 1:
            raise BadFile(
                say(
                    "{name} holds {n} aircraft ({some}); choose one with --icao24",
                    name=name,
                    n=len(known),
                    some=", ".join(one[:12] for one in known[:5]) + (", …" if len(known) > 5 else ""),
                ),
                field="--icao24",
            )
        return columns, rows, known[0][:12] if known else ""
    if wanted not in known:
        raise BadFile(
            say(
                "{name} has no aircraft {wanted!r}; it has {some}",
                name=name,
                wanted=wanted[:12],
                some=", ".join(one[:12] for one in known[:5]) or say("none"),
            ),
            field="--icao24",
        )
    if len(known) == 1:
        return columns, rows, wanted
    mine = np.flatnonzero(of == wanted)
    return {what: _some(cells, mine) for what, cells in columns.items()}, rows[mine], wanted


def _some(cells: Cells, index: Ints) -> Cells:
    """The cells of an index."""
    return cells[index] if isinstance(cells, np.ndarray) else [cells[n] for n in index.tolist()]


def _plain_words(cells: Cells) -> tuple[npt.NDArray[Any], list[str]]:
    """Each cell as a word in small letters, and the words there are: most columns hold few, so each is made once."""
    if isinstance(cells, np.ndarray):
        kinds, which = np.unique(cells, return_inverse=True)
        words = [str(kind).strip().lower() for kind in kinds.tolist()]
        return np.array(words)[which], words
    known: dict[str, str] = {}
    of = [known.get(text) or known.setdefault(text, text.strip().lower()) for text in map(str, cells)]
    return np.array(of, object), list({*known.values()})


def _seconds(cells: Cells) -> Floats:
    """POSIX seconds of RFC 3339 times or of numbers; NaN where a cell is no time."""
    plain = _plain_times(cells)
    if plain is not None:
        return plain
    if isinstance(cells, np.ndarray) and cells.dtype == np.float64:
        return np.array(cells)
    try:
        return np.array(list(map(float, cells)), float)
    except (TypeError, ValueError, OverflowError):
        return np.array([_second(cell) for cell in cells], float)


def _plain_times(cells: Cells) -> Floats | None:
    """POSIX seconds if every cell is written like 2021-05-19T06:00:00Z, else None; all at once, so quick."""
    if not len(cells) or not isinstance(cells[0], str) or len(cells[0]) != TIME_WIDTH:
        return None
    try:
        text = np.array(cells)
        if text.dtype != np.dtype(f"<U{TIME_WIDTH}"):
            return None
        codes = text.view(np.uint32).reshape(-1, TIME_WIDTH)
        digits = codes[:, _DIGITS].astype(np.int64) - ord("0")
        if (codes[:, _SIGNS] != _SIGN_CODES).any() or (digits < 0).any() or (digits > 9).any():
            return None
        days = codes[:, : len("2021-05-19")]
        new = np.concatenate([[True], (days[1:] != days[:-1]).any(axis=1)])
        midnights = text[new].astype("U10").astype("datetime64[s]").astype(np.int64)
    except (TypeError, ValueError, OverflowError):
        return None
    hour, minute, second = (10 * digits[:, n] + digits[:, n + 1] for n in (8, 10, 12))
    if (hour > 23).any() or (minute > 59).any() or (second > 59).any():
        return None
    seconds: Floats = (midnights[np.cumsum(new) - 1] + 3600 * hour + 60 * minute + second).astype(float)
    return seconds


def _second(cell: Any) -> float:
    found = _number(cell)
    if not math.isnan(found) or not isinstance(cell, str):
        return found
    try:
        return parse_moment(cell.strip()).timestamp()
    except OverflightError:
        return math.nan


def _numbers(cells: Cells) -> Floats:
    if isinstance(cells, np.ndarray) and cells.dtype == np.float64:
        return np.array(cells)
    try:
        return np.array(list(map(float, cells)), float)
    except (TypeError, ValueError, OverflowError):
        return np.array([_number(cell) for cell in cells], float)


def _number(cell: Any) -> float:
    if isinstance(cell, bool) or not isinstance(cell, (int, float, str)):
        return math.nan
    try:
        return float(cell)
    except (ValueError, OverflowError):
        return math.nan


def _chosen(heights: Mapping[str, Floats]) -> tuple[Floats, Ints]:
    """The best height of each fix and its kind: above sea level, else geometric, else barometric."""
    metres, kind = heights["height"].copy(), np.where(np.isnan(heights["height"]), NO_HEIGHT, SEA_LEVEL)
    for what, is_ in (("geometric", ELLIPSOID), ("barometric", PRESSURE)):
        here = np.isnan(metres) & ~np.isnan(heights[what])
        metres[here], kind[here] = heights[what][here], is_
    return metres, kind


def _on_ground(columns: Columns, n: int) -> Flags:
    if "on_ground" not in columns:
        return np.zeros(n, dtype=bool)
    of, known = _plain_words(columns["on_ground"])
    return np.asarray(np.isin(of, [one for one in known if one in _TRUE]), dtype=bool)


def _on(columns: Columns, n: int) -> Floats:
    """1 where a sensor ran, 0 where none did; any name of a sensor is a sensor that ran."""
    if "sensor_on" not in columns:
        return np.full(n, np.nan)
    of, known = _plain_words(columns["sensor_on"])
    return np.where(np.isin(of, [one for one in known if one in _FALSE]), 0.0, 1.0)


def _notes(bad: Flags, no_time: Flags, wild: Mapping[str, Flags], rows: Ints) -> list[Note]:
    def note(kind: str, which: Flags, tell: Callable[[int], str]) -> list[Note]:
        at = np.flatnonzero(which)
        some = tuple(int(rows[int(i)]) for i in at[:MOST_PLACES])
        return [Note(kind, tell(at.size), int(at.size), some)] if at.size else []

    heights = np.zeros(len(rows), dtype=bool)
    for of in wild.values():
        heights |= of
    return [
        *note("no-time", bad & no_time, lambda n: say("rows without a time that can be read, left out: {n}", n=n)),
        *note("no-place", bad & ~no_time, lambda n: say("rows without a place on Earth, left out: {n}", n=n)),
        *note("no-height", heights, lambda n: say("heights that no aircraft has, not used: {n}", n=n)),
    ]


def _problem(
    columns: Columns,
    rows: Ints,
    bad: Flags,
    no_time: Flags,
    wild: Mapping[str, Flags],
    name: str,
    unit: str,
) -> str:
    """The first row that is no fix, in a sentence; empty if there is none."""
    wrong = bad.copy()
    for of in wild.values():
        wrong |= of
    if not wrong.any():
        return ""
    n = int(np.argmax(wrong))
    place = f"{name}, {unit} {int(rows[n])}"

    def cell(what: str) -> str:
        return str(columns[what][n]).strip()[:30]

    if no_time[n]:
        return _no_time(cell("time"), place)
    for what in ("lon", "lat"):
        if math.isnan(_number(columns[what][n])):
            return say("{place}: {field} {text!r} is no number", place=place, field=what, text=cell(what))
    if bad[n]:
        return say("{place}: {lon}, {lat} is no place in degrees", place=place, lon=cell("lon"), lat=cell("lat"))
    what = next(what for what, of in wild.items() if of[n])
    return say("{place}: {h} m is no height", place=place, h=cell(what))


def _no_time(text: str, place: str) -> str:
    try:
        parse_moment(text, field=f"{place}: time")
    except OverflightError as error:
        return error.message
    return say("{place}: time {text!r} lies before 1970 or after 2100", place=place, text=text)
