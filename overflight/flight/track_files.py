"""As-flown tracks from files: CSV, GPX and IGC.  Every byte is hostile until checked."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from xml.parsers import expat

import numpy as np
import numpy.typing as npt

from overflight.errors import BadFile, OverflightError
from overflight.terms.moment import parse_moment
from overflight.terms.words import say

Floats = npt.NDArray[np.float64]

MAX_BYTES = 50_000_000
MAX_FIXES = 1_000_000
_NAMES = {
    "time": ("time", "time_utc", "utc", "timestamp"),
    "lon": ("lon", "lon_deg", "longitude"),
    "lat": ("lat", "lat_deg", "latitude"),
    "height": ("height_m", "height_msl_m", "altitude_m", "alt_m", "ele"),
    "agl": ("height_agl_m", "agl_m"),
}


@dataclass(frozen=True)
class Track:
    """Fixes in the order of time, arrays of shape (n,).

    `seconds` are POSIX seconds UTC; `lons` and `lats` degrees on WGS84; `height_m` above mean sea level and
    `height_agl_m` above ground, metres, NaN where a fix has none.
    """

    seconds: Floats
    lons: Floats
    lats: Floats
    height_m: Floats
    height_agl_m: Floats

    def __len__(self) -> int:
        return int(self.seconds.size)

    def time(self, n: int) -> datetime:
        """Time of fix n."""
        return datetime.fromtimestamp(round(float(self.seconds[n])), UTC)

    def take(self, index: npt.NDArray[Any]) -> Track:
        """The fixes of an index or mask."""
        return Track(*(getattr(self, name)[index] for name in _ARRAYS))


_ARRAYS = ("seconds", "lons", "lats", "height_m", "height_agl_m")
_Row = tuple[float, float, float, float, float]


def read_track(data: bytes, *, name: str = "track") -> Track:
    """Read a track; the kind of file is known by its content.

    CSV has a header with ``time`` (UTC, RFC 3339), ``lon``, ``lat`` in degrees and may have
    ``height_m`` (above sea level) and ``height_agl_m``.  GPX is read from its track points, IGC from its B records.

    Raises
    ------
    BadFile
        With the row and field, if it is none of these, too large, or a fix is no place or time.
    """
    if len(data) > MAX_BYTES:
        raise BadFile(say("{name} is larger than {n} MB", name=name, n=MAX_BYTES // 1_000_000), field=name)
    head = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"<"):
        rows = _gpx(data, name)
    elif re.match(rb"A[A-Z0-9]{3}", head) and b"," not in head.split(b"\n", 1)[0]:
        rows = _igc(data, name)
    else:
        rows = _csv(data, name)
    found = np.array(list(_limited(rows, name)), dtype=float).reshape(-1, 5)
    if len(found) < 2:
        raise BadFile(say("{name} has {n} fixes; a track needs at least two", name=name, n=len(found)), field=name)
    order = np.argsort(found[:, 0], kind="stable")
    found = found[order]
    keep = np.concatenate([[True], np.diff(found[:, 0]) > 0])  # of fixes of one second the first counts
    return Track(*(found[keep, n].copy() for n in range(5)))


def write_csv(track: Track) -> str:
    """The track as CSV, places to about a centimetre."""
    lines = ["time,lon,lat,height_m,height_agl_m"]
    for t, lon, lat, h, agl in zip(*(getattr(track, a).tolist() for a in _ARRAYS), strict=True):
        moment = datetime.fromtimestamp(t, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        heights = ",".join("" if math.isnan(x) else f"{x:.1f}" for x in (h, agl))
        lines.append(f"{moment},{lon:.7f},{lat:.7f},{heights}")
    return "\n".join(lines) + "\n"


def _limited(rows: Iterator[_Row], name: str) -> Iterator[_Row]:
    for n, row in enumerate(rows):
        if n >= MAX_FIXES:
            raise BadFile(say("{name} has more than {n} fixes", name=name, n=MAX_FIXES), field=name)
        yield row


def _fix(name: str, n: int, time: datetime, lon: float, lat: float, height: float, agl: float) -> _Row:
    if not (math.isfinite(lon) and -180 <= lon <= 180 and math.isfinite(lat) and -90 <= lat <= 90):
        raise BadFile(
            say("{name}, fix {n}: {lon}, {lat} is no place in degrees", name=name, n=n, lon=lon, lat=lat), field=name
        )
    for metres in (height, agl):
        if not math.isnan(metres) and not -1_000 <= metres <= 100_000:
            raise BadFile(say("{name}, fix {n}: {h} m is no height", name=name, n=n, h=metres), field=name)
    return time.timestamp(), lon, lat, height, agl


def _csv(data: bytes, name: str) -> Iterator[_Row]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadFile(say("{name} is neither CSV in UTF-8 nor GPX nor IGC", name=name), field=name) from None
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = csv.reader(io.StringIO(text), delimiter=delimiter)
        heads = [h.strip().lower() for h in next(rows, [])]
        columns = {what: next((heads.index(c) for c in names if c in heads), None) for what, names in _NAMES.items()}
        lacking = [what for what in ("time", "lon", "lat") if columns[what] is None]
        if lacking:
            raise BadFile(
                say("{name}: the header lacks {fields}; write time,lon,lat", name=name, fields=", ".join(lacking)),
                field=name,
            )
        for n, row in enumerate(rows, start=2):
            if any(cell.strip() for cell in row):
                yield _csv_row(name, n, row, columns)
    except csv.Error as error:
        raise BadFile(say("{name}: {why}", name=name, why=str(error)[:100]), field=name) from None


def _csv_row(name: str, n: int, row: list[str], columns: dict[str, int | None]) -> _Row:
    def cell(what: str) -> str:
        at = columns[what]
        return row[at].strip() if at is not None and at < len(row) else ""

    def number(what: str, *, needed: bool) -> float:
        text = cell(what)
        if not text and not needed:
            return math.nan
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if math.isnan(value):
            raise BadFile(
                say("{name}, row {n}: {field} {text!r} is no number", name=name, n=n, field=what, text=text[:30]),
                field=name,
            )
        return value

    try:
        when = parse_moment(cell("time"), field=f"{name}, row {n}: time")
    except OverflightError as error:
        raise BadFile(error.message, field=name) from None
    heights = number("height", needed=False), number("agl", needed=False)
    return _fix(name, n, when, number("lon", needed=True), number("lat", needed=True), *heights)


def _gpx(data: bytes, name: str) -> Iterator[_Row]:
    """Track points of a GPX file; a file that declares a document type or an entity is refused."""
    points: list[dict[str, str]] = []
    here: list[str] = []

    def refuse(*_: Any) -> None:
        raise BadFile(
            say("{name} declares a document type or entities, which a GPX file needs not", name=name), field=name
        )

    def begin(tag: str, attributes: dict[str, str]) -> None:
        here.append(tag.rpartition(":")[2])
        if len(here) > 64:
            raise BadFile(say("{name} is nested too deeply", name=name), field=name)
        if here[-1] in ("trkpt", "rtept"):
            points.append({"lon": attributes.get("lon", ""), "lat": attributes.get("lat", "")})
            if len(points) > MAX_FIXES:
                raise BadFile(say("{name} has more than {n} fixes", name=name, n=MAX_FIXES), field=name)

    def text(data: str) -> None:
        if len(here) > 1 and here[-2] in ("trkpt", "rtept") and here[-1] in ("time", "ele") and points:
            points[-1][here[-1]] = (points[-1].get(here[-1], "") + data)[:64]

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = begin
    parser.EndElementHandler = lambda tag: here.pop() and None
    parser.CharacterDataHandler = text
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise BadFile(say("{name} is no XML ({why})", name=name, why=str(error)[:80]), field=name) from None
    columns = {"time": 0, "lon": 1, "lat": 2, "height": 3, "agl": None}
    for n, p in enumerate(points, start=1):
        yield _csv_row(name, n, [p.get("time", "").strip(), p["lon"], p["lat"], p.get("ele", "")], columns)


_B = re.compile(r"^B(\d{2})(\d{2})(\d{2})(\d{2})(\d{5})([NS])(\d{3})(\d{5})([EW])([AV])(-\d{4}|\d{5})(-\d{4}|\d{5})")
_DATE = re.compile(r"^HFDTE(?:DATE:)?(\d{2})(\d{2})(\d{2})")


def _igc(data: bytes, name: str) -> Iterator[_Row]:
    """B records of an IGC flight recorder file; its clock runs past midnight into the next day."""
    day: date | None = None
    last = -1
    for n, line in enumerate(data.decode("latin-1").splitlines(), start=1):
        stated = _DATE.match(line)
        if stated and day is None:
            try:
                day = date(2000 + int(stated[3]), int(stated[2]), int(stated[1]))
            except ValueError:
                raise BadFile(say("{name}, line {n}: no date", name=name, n=n), field=name) from None
        fix = _B.match(line)
        if not fix:
            continue
        if day is None:
            raise BadFile(say("{name}, line {n}: a fix before the date (HFDTE)", name=name, n=n), field=name)
        second = int(fix[1]) * 3600 + int(fix[2]) * 60 + int(fix[3])
        if second >= 86_400:
            raise BadFile(say("{name}, line {n}: no time of day", name=name, n=n), field=name)
        if second < last - 43_200:
            day += timedelta(days=1)
        last = second
        lat = (int(fix[4]) + int(fix[5]) / 60_000) * (1 if fix[6] == "N" else -1)
        lon = (int(fix[7]) + int(fix[8]) / 60_000) * (1 if fix[9] == "E" else -1)
        height = float(fix[12]) if fix[10] == "A" else float(fix[11])
        when = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=second)
        yield _fix(name, n, when, lon, lat, height, math.nan)
