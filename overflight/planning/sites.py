"""Sites that a planner wishes to observe, from CSV or GeoJSON.

They are the planner's own: nothing here writes them anywhere.  What comes in is checked
row by row, and the first row that cannot be used is named.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NoReturn

import numpy as np
from numpy.typing import NDArray

from overflight.errors import BadFile
from overflight.planning.territory import WATERS_KM, in_waters
from overflight.terms.place import Site
from overflight.terms.words import say
from overflight.treaty.geography import Borders

MOST_SITES: Final = 1_000_000
LARGEST_BYTES: Final = 300_000_000
DELIMITERS: Final = ",;\t|"
NAMES: Final[Mapping[str, frozenset[str]]] = {
    "name": frozenset({"name", "site", "title", "label", "id"}),
    "lon": frozenset({"lon", "longitude", "lng", "long", "lon_deg", "longitude_deg", "x"}),
    "lat": frozenset({"lat", "latitude", "lat_deg", "latitude_deg", "y"}),
    "value": frozenset({"value", "weight", "priority", "score"}),
    "required": frozenset({"required"}),
    "group": frozenset({"group"}),
    "instrument": frozenset({"instrument"}),
}
YES: Final = frozenset({"1", "yes", "y", "true", "x"})
WISHES: Final = ("required", "group", "instrument")
NO: Final = frozenset({"", "0", "no", "n", "false"})
NAMED_AT_SEA: Final = 5
MOST_WORDS: Final = 100  # letters of a group or an instrument


def read_sites(
    path: Path,
    *,
    observed: str | Sequence[str] | None = None,
    borders: Borders | None = None,
    data: bytes | None = None,
) -> tuple[Site, ...]:
    """The sites of a file, in its order.

    CSV needs a header with ``name``, ``lon``, ``lat`` and may have ``value`` (0 or more, 1 if absent); ``longitude``
    and ``latitude`` will do, in any letter case, with comma, semicolon, tab or bar between them.  GeoJSON needs a
    FeatureCollection of points with the properties ``name`` and ``value``.  Both may have ``required`` (yes or no),
    ``group`` (of a group one site is enough) and ``instrument`` (a sensor's id).  Further columns are kept in
    `Site.extra`.

    Parameters
    ----------
    path : Path
        UTF-8, with or without a byte-order mark, at most a million sites.
    observed, borders : optional
        With both, a file whose sites all lie outside the observed Party, but inside once longitude and
        latitude change places, is refused as swapped.  Sites outside are no error otherwise.
    data : bytes, optional
        What `bytes_of` read of the file before: it is not read again, and may no longer hold the same.

    Raises
    ------
    BadFile
        With the row, the field and what to do.
    """
    text = _text(path, bytes_of(path) if data is None else data)
    geojson = text.lstrip()[:1] in ("{", "[")
    sites = tuple(_from_geojson(path, text) if geojson else _from_csv(path, text))
    if not sites:
        _bad(path, say("it holds no site"))
    if observed is not None and borders is not None:
        refuse_swapped(path, sites, observed=observed, borders=borders)
    return sites


def refuse_swapped(path: Path, sites: Sequence[Site], *, observed: str | Sequence[str], borders: Borders) -> None:
    """Raise `BadFile` if no site lies in the observed Party but most do once their coordinates change places."""
    codes = {part for code in ([observed] if isinstance(observed, str) else observed) for part in code.split(";")}
    lons, lats = np.array([site.lon_deg for site in sites]), np.array([site.lat_deg for site in sites])

    def many(lons: Any, lats: Any) -> int:
        return int(inside(lons, lats, own=sorted(codes), borders=borders).sum())

    if np.abs(lons).max() <= 90 and not many(lons, lats) and many(lats, lons) > len(sites) / 2:
        _bad(
            path,
            say(
                "longitude and latitude look swapped: no site lies in {observed} as written, and most do the other "
                "way round; exchange the two columns",
                observed=";".join(sorted(codes)),
            ),
            field="lon",
        )


def inside(lons: Any, lats: Any, *, own: Sequence[str], borders: Borders) -> NDArray[np.bool_]:
    """Which of n places lie on the land or in the waters of one of the States of `own`, shape (n,).

    Disputed areas are no State's.
    """
    codes = np.array([unit.code or "" for unit in borders.units] + [""], dtype=object)  # the last: no State's
    there: NDArray[np.bool_] = np.isin(codes, sorted(own))[borders.units_at(lons, lats)]
    return there | in_waters(lons, lats, own=own, borders=borders)


def note_on_waters(sites: Sequence[Site], *, own: Sequence[str], borders: Borders) -> tuple[str, ...]:
    """Says which sites are kept though the border data have no land there, in a sentence; none if there are none."""
    lons, lats = np.array([site.lon_deg for site in sites]), np.array([site.lat_deg for site in sites])
    at_sea = np.flatnonzero(in_waters(lons, lats, own=own, borders=borders))
    if not at_sea.size:
        return ()
    names = ", ".join(sites[n].name[:40] for n in at_sea[:NAMED_AT_SEA].tolist())
    more = " ..." if at_sea.size > NAMED_AT_SEA else ""
    return (
        say(
            "sites off the coast that the border data draw: {n}; kept as in the waters of {party}, within {km:.1f} km "
            "of its land and nearer to no other State's (II.8): {names}{more}",
            n=int(at_sea.size),
            party=";".join(sorted(own)),
            km=WATERS_KM,
            names=names,
            more=more,
        ),
    )


def bytes_of(path: Path) -> bytes:
    """What a file of sites holds.

    Raises
    ------
    BadFile
        If there is none, or it is too large.
    """
    try:
        if not path.is_file():
            _bad(path, say("no such file"))
        with path.open("rb") as file:
            raw = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        _bad(path, error.strerror or type(error).__name__)
    if len(raw) > LARGEST_BYTES:
        _bad(path, say("larger than {most} bytes", most=LARGEST_BYTES))
    return raw


def _text(path: Path, raw: bytes) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        _bad(path, say("not UTF-8 at line {line}; save the file as UTF-8", line=line))
    if "\0" in text:
        _bad(path, say("it holds zero bytes; save the file as UTF-8 text"))
    return text


def _from_csv(path: Path, text: str) -> Iterator[Site]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: dict[str, int] = {}
    header: list[str] = []
    count = 0
    try:
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if not header:
                header = [cell.strip() for cell in row]
                columns = _columns(path, header)
                continue
            count += 1
            if count > MOST_SITES:
                _bad(path, say("more than {most} rows", most=MOST_SITES))
            where = say("row {row} (line {line})", row=count, line=rows.line_num)
            if len(row) != len(header):
                _bad(
                    path,
                    say("{where} has {n} fields, the header {m}", where=where, n=len(row), m=len(header)),
                    row=count,
                )
            cells = {field: row[place] for field, place in columns.items()}
            extra = {
                name: cell
                for place, (name, cell) in enumerate(zip(header, row, strict=True))
                if place not in columns.values()
            }
            decimal_comma = delimiter != ","
            numbers = {
                field: _number(path, cells[field], field, where, count, decimal_comma=decimal_comma)
                for field in ("lon", "lat")
            }
            value = (
                _number(path, cells["value"], "value", where, count, decimal_comma=decimal_comma)
                if cells.get("value", "").strip()
                else 1.0
            )
            site = _site(path, where, count, cells.get("name", ""), numbers["lon"], numbers["lat"], value, extra)
            yield _wished(path, where, count, site, cells) if columns.keys() & WISHES else site
    except csv.Error as error:
        _bad(path, say("line {line} is no CSV ({error})", line=rows.line_num, error=error))


def _columns(path: Path, header: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, title in enumerate(header):
        for field, names in NAMES.items():
            if title.lower() in names and field not in found:
                found[field] = place
    missing = [field for field in ("lon", "lat") if field not in found]
    if missing:
        _bad(
            path,
            say(
                "the header {header} has no {missing}; its first line must name columns such as name,lon,lat,value",
                header=", ".join(header)[:100],
                missing=" and no ".join(missing),
            ),
            field=missing[0],
        )
    return found


def _from_geojson(path: Path, text: str) -> Iterator[Site]:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        _bad(path, say("this is no JSON"))
    features = whole.get("features") if isinstance(whole, dict) and whole.get("type") == "FeatureCollection" else None
    if not isinstance(features, list):
        _bad(path, say("this is no GeoJSON FeatureCollection"))
    if len(features) > MOST_SITES:
        _bad(path, say("more than {most} features", most=MOST_SITES))
    for count, feature in enumerate(features, start=1):
        where = say("feature {n}", n=count)
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        if not isinstance(geometry, dict) or geometry.get("type") != "Point":
            _bad(path, say("{where} is no Point", where=where), row=count, field="geometry")
        at = geometry.get("coordinates")
        if not isinstance(at, list) or len(at) < 2 or any(isinstance(one, str) for one in at[:2]):
            _bad(
                path,
                say("{where} has no two coordinates that are numbers", where=where),
                row=count,
                field="coordinates",
            )
        properties = feature.get("properties") or {}
        if not isinstance(properties, dict):
            _bad(path, say("{where}: properties must be an object", where=where), row=count, field="properties")
        named = {str(key).lower(): value for key, value in properties.items()}
        value = next((named[key] for key in sorted(NAMES["value"]) if named.get(key) is not None), 1.0)
        name = next((named[key] for key in ("name", "site", "title", "label", "id") if named.get(key) is not None), "")
        known = frozenset().union(*(names for field, names in NAMES.items() if field not in ("lon", "lat")))
        extra = {str(key): str(inner) for key, inner in properties.items() if str(key).lower() not in known}
        lon, lat = (
            _number(path, at[place], field, where, count, decimal_comma=False)
            for place, field in enumerate(("lon", "lat"))
        )
        worth = _number(path, value, "value", where, count, decimal_comma=False)
        site = _site(path, where, count, str(name), lon, lat, worth, extra)
        wishes = {
            field: next((named[key] for key in sorted(NAMES[field]) if named.get(key) is not None), "")
            for field in WISHES
        }
        yield _wished(path, where, count, site, wishes) if any(wish != "" for wish in wishes.values()) else site


def _number(path: Path, given: Any, field: str, where: str, row: int, *, decimal_comma: bool) -> float:
    found = math.nan
    try:
        if isinstance(given, str):
            given = given.strip()
            # "1_000" is a number to Python and to nobody else.
            found = math.nan if "_" in given else float(given.replace(",", ".") if decimal_comma else given)
        elif isinstance(given, (int, float)) and not isinstance(given, bool):
            found = float(given)
    except (ValueError, OverflowError):
        pass
    if not math.isfinite(found):
        _bad(
            path,
            say("{where}: {field} is {given!r}, which is no number", where=where, field=field, given=str(given)[:40]),
            row=row,
            field=field,
        )
    return found


def _site(
    path: Path, where: str, row: int, name: str, lon: float, lat: float, value: float, extra: dict[str, str]
) -> Site:
    if abs(lat) > 90:
        hint = say("; longitude and latitude look swapped") if abs(lon) <= 90 and abs(lat) <= 180 else ""
        _bad(
            path,
            say("{where}: lat {lat} is beyond 90 degrees{hint}", where=where, lat=lat, hint=hint),
            row=row,
            field="lat",
        )
    if not -180 <= lon <= 360:
        _bad(path, say("{where}: lon {lon} is beyond 180 degrees", where=where, lon=lon), row=row, field="lon")
    if value < 0:
        _bad(
            path,
            say("{where}: value {value} is negative; give 0 or more", where=where, value=value),
            row=row,
            field="value",
        )
    east = lon - 360 if lon > 180 else lon
    return Site(name.strip() or f"site {row}", east, lat, value, extra)


def _wished(path: Path, where: str, row: int, site: Site, given: Mapping[str, Any]) -> Site:
    """`site` with what its row says under required, group and instrument."""
    word = given.get("required", "")
    if isinstance(word, bool):
        word = "yes" if word else "no"
    required = str(word).strip().lower()
    if required not in YES | NO:
        _bad(
            path,
            say("{where}: required is {given!r}; write yes or no", where=where, given=str(word)[:40]),
            row=row,
            field="required",
        )
    words: dict[str, str] = {}
    for field in ("group", "instrument"):
        text = given.get(field, "")
        whole_number = isinstance(text, int) and not isinstance(text, bool)
        if not (isinstance(text, str) or whole_number) or len(str(text)) > MOST_WORDS:
            _bad(path, say("{where}: {field} must be a short text", where=where, field=field), row=row, field=field)
        words[field] = str(text).strip()
    return replace(site, required=required in YES, group=words["group"], instrument=words["instrument"])


def _bad(path: Path, why: str, *, row: int | None = None, field: str = "sites") -> NoReturn:
    facts: dict[str, Any] = {} if row is None else {"row": row}
    raise BadFile(say("{name}: {why}", name=path.name, why=why), field=field, **facts)
