"""As-flown tracks from files: CSV, GPX, IGC and ADS-B.  Every byte is hostile until checked."""

from __future__ import annotations

import codecs
import csv
import io
import math
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from xml.parsers import expat

import numpy as np

from overflight.errors import BadFile
from overflight.flight.track_adsb import read_json
from overflight.flight.track_data import ARRAYS, Floats, Ints, Track
from overflight.flight.track_quick import quick_columns
from overflight.flight.track_rows import HEIGHTS, Cells, columns_named, track_of
from overflight.terms.words import say

__all__ = ["MAX_BYTES", "MAX_FIXES", "Floats", "Track", "read_track", "write_csv"]

MAX_BYTES = 50_000_000
MAX_FIXES = 1_000_000
_LINE = ord("\n")


def read_track(data: bytes, *, name: str = "track", icao24: str | None = None) -> Track:
    """Read a track; the kind of file is known by its content.

    CSV has a header with ``time`` (RFC 3339 in UTC, or POSIX seconds), ``lon``, ``lat`` in degrees and may have
    ``height_m`` (above sea level), ``height_agl_m``, ``sensor_on``, and the columns of ADS-B state vectors:
    ``icao24``, ``geoaltitude``, ``baroaltitude`` (metres), ``onground``; between semicolons or tabs numbers may have
    decimal commas.  JSON has the same names, or the shape of
    OpenSky's tracks or states.  GPX is read from its track points, IGC from its B records.

    Rows that are no fix, clocks that step and fixes that come twice are left out and told in ``Track.notes``.

    Parameters
    ----------
    icao24 : str, optional
        The aircraft, where a file holds several.

    Raises
    ------
    BadFile
        If it is none of these, too large, holds several aircraft of which none is chosen, or fewer than two fixes.
    """
    if len(data) > MAX_BYTES:
        raise BadFile(say("{name} is larger than {n} MB", name=name, n=MAX_BYTES // 1_000_000), field=name)
    head = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"<"):
        return _gpx(data, name, icao24)
    if head.startswith((b"{", b"[")):
        return read_json(data, name=name, icao24=icao24, most=MAX_FIXES)
    if re.match(rb"A[A-Z0-9]{3}", head) and b"," not in head.split(b"\n", 1)[0]:
        return _igc(data, name, icao24)
    return _csv(data, name, icao24)


def write_csv(track: Track) -> str:
    """The track as CSV, places to about a centimetre."""
    lines = ["time,lon,lat,height_m,height_agl_m"]
    for t, lon, lat, h, agl in zip(*(getattr(track, a).tolist() for a in ARRAYS), strict=True):
        moment = datetime.fromtimestamp(t, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        heights = ",".join("" if math.isnan(x) else f"{x:.1f}" for x in (h, agl))
        lines.append(f"{moment},{lon:.7f},{lat:.7f},{heights}")
    return "\n".join(lines) + "\n"


def _too_many(name: str) -> BadFile:
    return BadFile(say("{name} has more than {n} fixes", name=name, n=MAX_FIXES), field=name)


def _csv(data: bytes, name: str, icao24: str | None) -> Track:
    if np.count_nonzero(np.frombuffer(data, np.uint8) == _LINE) > MAX_FIXES:
        raise _too_many(name)
    quick = quick_columns(data.removeprefix(codecs.BOM_UTF8))
    if quick:
        return track_of(*quick, name=name, icao24=icao24)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadFile(say("{name} is neither CSV in UTF-8 nor GPX nor IGC", name=name), field=name) from None
    return _careful(text, name, icao24)


def _careful(text: str, name: str, icao24: str | None) -> Track:
    """A table in which anything may stand."""
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    table = _plain_cells(text, delimiter) or _quoted_cells(text, delimiter, name)
    heads, cells, number = table
    where = columns_named(heads)
    lacking = [what for what in ("time", "lon", "lat") if what not in where]
    if lacking:
        raise BadFile(
            say("{name}: the header lacks {fields}; write time,lon,lat", name=name, fields=", ".join(lacking)),
            field=name,
        )
    columns = {what: cells[at] for what, at in where.items()}
    if delimiter != ",":  # 55,61 is a number where commas do not part cells, as in files of sites
        columns |= {
            w: [c.replace(",", ".") for c in col] for w, col in columns.items() if w in ("lon", "lat", *HEIGHTS)
        }
    return track_of(columns, number, name=name, icao24=icao24)


_Cells = tuple[list[str], Sequence[Cells], Ints]


def _plain_cells(text: str, delimiter: str) -> _Cells | None:
    """Header, columns and row numbers of a table without quotes whose rows all have their cells; None of another."""
    if '"' in text:
        return None
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    width = lines[0].count(delimiter) + 1
    if "\r" in text.replace("\r\n", "") or {line.count(delimiter) for line in lines} != {width - 1} or width == 1:
        return None
    flat = delimiter.join(lines[1:]).split(delimiter) if len(lines) > 1 else []
    return lines[0].split(delimiter), [flat[n::width] for n in range(width)], np.arange(2, len(lines) + 1)


def _quoted_cells(text: str, delimiter: str, name: str) -> _Cells:
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise BadFile(say("{name}: {why}", name=name, why=str(error)[:100]), field=name) from None
    heads = rows[0] if rows else []
    kept = [n for n, row in enumerate(rows) if n and any(cell.strip() for cell in row)]
    wide = {n for n in kept if any(cell.strip() for cell in rows[n][len(heads) :])}
    if 2 * len(wide) > len(kept):
        first = min(wide)
        raise BadFile(
            say(
                "{name}, line {n} has {k} fields, the header {m}; where numbers have decimal commas, write semicolons "
                "between fields",
                name=name,
                n=first + 1,
                k=len(rows[first]),
                m=len(heads),
            ),
            field=name,
        )
    # In a row that is too long no cell has its name: it is no fix.
    body = [([] if n in wide else rows[n] + [""] * len(heads))[: len(heads)] or [""] * len(heads) for n in kept]
    cells: Sequence[Cells] = list(zip(*body, strict=True)) if body else [()] * len(heads)
    return heads, cells, np.array(kept, np.intp) + 1


def _gpx(data: bytes, name: str, icao24: str | None) -> Track:
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
                raise _too_many(name)

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
    fields = {"time": "time", "lon": "lon", "lat": "lat", "height": "ele"}
    columns = {what: [p.get(key, "").strip() for p in points] for what, key in fields.items()}
    return track_of(columns, np.arange(1, len(points) + 1), name=name, icao24=icao24, unit="point")


_B = re.compile(r"^B(\d{2})(\d{2})(\d{2})(\d{2})(\d{5})([NS])(\d{3})(\d{5})([EW])([AV])(-\d{4}|\d{5})(-\d{4}|\d{5})")
_DATE = re.compile(r"^HFDTE(?:DATE:)?(\d{2})(\d{2})(\d{2})")
_HALF_DAY_S = 43_200


def _igc(data: bytes, name: str, icao24: str | None) -> Track:
    """B records of an IGC flight recorder file; its clock runs past midnight into the next day.

    The height of a three-dimensional fix (A) is geometric, that of another (V) the pressure's.
    """
    day: date | None = None
    last = -1
    columns: dict[str, list[float]] = {what: [] for what in ("time", "lon", "lat", "geometric", "barometric")}
    lines: list[int] = []
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
        if len(lines) >= MAX_FIXES:
            raise _too_many(name)
        second = int(fix[1]) * 3600 + int(fix[2]) * 60 + int(fix[3])
        if second >= 86_400:
            raise BadFile(say("{name}, line {n}: no time of day", name=name, n=n), field=name)
        if second < last - _HALF_DAY_S:
            day += timedelta(days=1)
        last = second
        lines.append(n)
        columns["time"].append(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() + second)
        columns["lat"].append((int(fix[4]) + int(fix[5]) / 60_000) * (1 if fix[6] == "N" else -1))
        columns["lon"].append((int(fix[7]) + int(fix[8]) / 60_000) * (1 if fix[9] == "E" else -1))
        columns["geometric"].append(float(fix[12]) if fix[10] == "A" else math.nan)
        columns["barometric"].append(float(fix[11]))
    return track_of(columns, np.array(lines, np.intp), name=name, icao24=icao24, unit="line")
