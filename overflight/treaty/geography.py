"""Borders: a named, dated dataset with a point of view, and the disputed areas cut out of it.

The packaged dataset is built by ``scripts/build_borders.py`` from Natural Earth;
a node may load its own (`Borders.load(folder)`).  Boundaries imply no position.

*Territory* follows Article II, paragraph 8: land with islands under a Party's
sovereignty.  Which overseas and dependent places count for which State is a table
with marks, ``treaty/data/geo/units.csv``.  Waters are not in the dataset; see
`overflight.planning.territory` for the named approximation.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import shapely
from shapely import STRtree
from shapely.geometry import MultiPolygon, Polygon, mapping

from overflight.errors import BadFile, BadInput
from overflight.terms.words import say

GEO: Final = Path(__file__).resolve().parent / "data" / "geo"
PACKAGED: Final = GEO / "borders"
FORMAT: Final = "overflight-borders-1"
SELF_ADMINISTERED: Final = "self-administered"  # the side of a disputed area that is no listed State

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Dataset:
    """What the borders are and from whose point of view; shown with every verdict that used them."""

    name: str
    date: str
    scale: str
    point_of_view: str
    source: str
    accuracy_m: float  # how far a line may lie from the true one
    accuracy_note: str = ""

    def to_json(self) -> dict[str, Any]:
        """All fields, JSON-able."""
        return dict(vars(self))


@dataclass(frozen=True)
class DisputedArea:
    """An area whose sovereignty States see differently; who says what since when, and no side taken.

    `sides` holds the codes of the States concerned, or `SELF_ADMINISTERED` for an
    administration that is no listed State.  `geometry` is in degrees, cut at 180.
    """

    id: str
    name: str
    sides: tuple[str, ...]
    since: str
    note: str
    geometry: MultiPolygon = field(repr=False, compare=False)
    since_verified: str = "unverified"
    note_verified: str = "unverified"
    outline: str = ""

    def non_party_under(self, non_parties: Collection[str]) -> dict[str, bool]:
        """For each side's view, whether the area then belongs to a State that is not a Party.

        A self-administered side never is a Party.
        """
        return {side: side == SELF_ADMINISTERED or side in non_parties for side in self.sides}

    def to_json(self) -> dict[str, Any]:
        """All but the outline, JSON-able."""
        names = ("id", "name", "since", "since_verified", "note", "note_verified", "outline")
        return {name: getattr(self, name) for name in names} | {"sides": list(self.sides)}


@dataclass(frozen=True)
class Place:
    """Whose territory a point lies in: a State's code, or a disputed area, or neither (sea, or no State named)."""

    code: str | None
    name: str
    disputed: DisputedArea | None = None


@dataclass(frozen=True)
class Unit:
    """One named piece of the dataset: a State, a dependent place, or a disputed area."""

    unit: str
    name: str
    code: str | None
    disputed: str | None = None


class Borders:
    """A loaded border dataset.  Polygons are read when they are first asked for."""

    def __init__(
        self,
        dataset: Dataset,
        units: Sequence[Unit],
        areas: Sequence[dict[str, Any]],
        polygons: Polygons,
        folder: Path | None,
    ):
        self.dataset = dataset
        self.units = tuple(units)
        self.folder = folder
        self._areas = {str(area["id"]): area for area in areas}
        self._polygons = polygons
        self._by_code: dict[str, Ints] = {}
        owners = np.array([unit.code or "" for unit in self.units], dtype=object)[polygons.unit]
        for code in {unit.code for unit in self.units if unit.code}:
            self._by_code[code] = np.flatnonzero(owners == code)
        self._territory: dict[str, MultiPolygon] = {}
        self._disputed: tuple[DisputedArea, ...] | None = None
        self.cache: dict[Any, Any] = {}  # indexes that planning builds over these borders

    @classmethod
    def load(cls, folder: Path | None = None) -> Borders:
        """The packaged borders, or those of a folder or a GeoJSON file; each is loaded once a process.

        Parameters
        ----------
        folder : Path, optional
            A folder that holds ``borders.geojson`` (a FeatureCollection of polygons with the
            property ``code``, ISO alpha-3, and optionally ``name``), optionally ``disputed.geojson``
            (properties ``id, name, sides, since, note``) and ``dataset.json`` (``name, date, scale,
            point_of_view, source, accuracy_m``); or the GeoJSON file itself; or a built folder.

        Raises
        ------
        BadFile
            If the files are missing, malformed or too large; the message names file and feature.
        """
        place = (folder or PACKAGED).resolve()
        return _load(place, _stamp(place))

    def codes(self) -> frozenset[str]:
        """The States of the dataset."""
        return frozenset(self._by_code)

    def name(self, code: str) -> str:
        """The English name of a State; its code if the dataset has none."""
        own = [unit.name for unit in self.units if unit.unit == code]
        return own[0] if own else next((unit.name for unit in self.units if unit.code == code), code)

    def territory(self, code: str) -> MultiPolygon:
        """The land of a State, its dependent places included, disputed areas cut out.

        Returns
        -------
        MultiPolygon
            Longitude and latitude in degrees on WGS84, cut at 180, every polygon valid.

        Raises
        ------
        BadInput
            If the dataset has no such State.
        """
        if code not in self._by_code:
            raise BadInput(
                say("{code}: the borders {name!r} have no such State", code=code, name=self.dataset.name), field="code"
            )
        if code not in self._territory:
            whole = MultiPolygon([self._polygons[int(i)] for i in self._by_code[code]])
            if not whole.is_valid:  # a part of its own, such as leased ground, shares a line with the rest
                union = shapely.union_all(list(whole.geoms))
                whole = MultiPolygon([part for part in shapely.get_parts(union) if part.geom_type == "Polygon"])
            self._territory[code] = whole
        return self._territory[code]

    def disputed(self) -> tuple[DisputedArea, ...]:
        """The disputed areas, in the order of their file."""
        if self._disputed is None:
            found = []
            for place, unit in enumerate(self.units):
                if unit.disputed:
                    pieces = self.polygons_of(place)
                    facts = self._areas[unit.disputed]
                    found.append(
                        DisputedArea(
                            id=str(facts["id"]),
                            name=str(facts["name"]),
                            sides=tuple(str(side) for side in facts["sides"]),
                            since=str(facts.get("since", "")),
                            note=str(facts.get("note", "")),
                            geometry=MultiPolygon(pieces),
                            since_verified=str(facts.get("since_verified", "unverified")),
                            note_verified=str(facts.get("note_verified", "unverified")),
                            outline=str(facts.get("outline", "")),
                        )
                    )
            self._disputed = tuple(found)
        return self._disputed

    def area(self, area_id: str) -> DisputedArea:
        """The disputed area of that id."""
        return next(area for area in self.disputed() if area.id == area_id)

    def state_at(self, lon_deg: float, lat_deg: float) -> Place:
        """Whose territory a point lies in; points on a border count to the first State in the dataset's order.

        Raises
        ------
        BadInput
            If the point is no place on Earth.
        """
        if not (np.isfinite(lon_deg) and np.isfinite(lat_deg)) or abs(lat_deg) > 90:
            raise BadInput(
                say("{lon}, {lat}: no place; longitude first, then latitude, in degrees", lon=lon_deg, lat=lat_deg)
            )
        found = int(self.units_at(np.array([lon_deg]), np.array([lat_deg]))[0])
        if found < 0:
            return Place(None, say("sea"))
        unit = self.units[found]
        return Place(unit.code, unit.name, self.area(unit.disputed) if unit.disputed else None)

    def units_at(self, lons_deg: Floats, lats_deg: Floats) -> Ints:
        """The index into `units` for each of n points, -1 where there is none (sea)."""
        lons = (np.asarray(lons_deg, float) + 180.0) % 360.0 - 180.0
        lats = np.asarray(lats_deg, float)
        # The same meridian has two names, and polygons end at either.
        names = [lons] if not np.any(lons == -180.0) else [lons, np.where(lons == -180.0, 180.0, lons)]
        found = np.full(lons.shape, -1, dtype=np.intp)
        for east in names:
            place, polygon = self._polygons.boxes().query(shapely.points(east, lats))
            order = np.argsort(polygon, kind="stable")
            place, polygon = place[order], polygon[order]
            starts = np.flatnonzero(np.diff(polygon, prepend=-1))
            for low, high in zip(starts, np.append(starts[1:], polygon.size), strict=False):
                i, inside = int(polygon[low]), place[low:high]
                inside = inside[found[inside] < 0]
                hit = shapely.intersects_xy(self._polygons[i], east[inside], lats[inside])
                found[inside[hit]] = self._polygons.unit[i]
        return found

    def units_near(self, west: Floats, south: Floats, east: Floats, north: Floats) -> Ints:
        """Units with a polygon whose bounds meet any of n boxes; boxes may reach beyond 180 degrees."""
        boxes = np.concatenate([shapely.box(west + turn, south, east + turn, north) for turn in (-360.0, 0.0, 360.0)])
        _, polygon = self._polygons.boxes().query(boxes)
        return np.unique(self._polygons.unit[polygon])

    def polygons_of(self, unit: int) -> list[Polygon]:
        """The polygons of one of `units`."""
        return [self._polygons[int(i)] for i in np.flatnonzero(self._polygons.unit == unit)]

    def map_layer(self, level: Literal["coarse", "fine"] = "coarse") -> dict[str, Any]:
        """A GeoJSON FeatureCollection for drawing, one feature a unit; disputed areas carry ``disputed``."""
        drawn = self.map_file(level)
        if drawn is not None:
            layer: dict[str, Any] = json.loads(drawn.read_bytes())
            return layer
        facts = {area.id: area for area in self.disputed()}
        return {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {"code": unit.code, "unit": unit.unit, "name": unit.name}
                    | ({"disputed": unit.disputed} | _drawn_facts(facts[unit.disputed]) if unit.disputed else {}),
                    "geometry": mapping(MultiPolygon(self.polygons_of(place))),
                }
                for place, unit in enumerate(self.units)
            ],
        }

    def map_file(self, level: Literal["coarse", "fine"]) -> Path | None:
        """The ready GeoJSON file of a level, to be sent as it is; None if these borders have none."""
        path = self.folder / f"{level}.geojson" if self.folder else None
        return path if path and path.is_file() and level in ("coarse", "fine") else None


def _drawn_facts(area: DisputedArea) -> dict[str, Any]:
    return {"sides": list(area.sides), "since": area.since, "note": area.note}


class Polygons:
    """Polygons by number: `unit` (n,) whose, `bounds` (n, 4) in degrees; each is parsed once, when asked for."""

    def __init__(self, unit: Ints, bounds: Floats, *, raw: Sequence[Polygon] | mmap.mmap, offset: Ints | None = None):
        self.unit = unit
        self.bounds = bounds
        self._raw = raw
        self._offset = offset
        self._parsed: dict[int, Polygon] = {}
        self._boxes: STRtree | None = None

    def boxes(self) -> STRtree:
        """An index of the polygons' bounds."""
        if self._boxes is None:
            self._boxes = STRtree(shapely.box(*self.bounds.T))
        return self._boxes

    def __getitem__(self, i: int) -> Polygon:
        found = self._parsed.get(i)
        if found is None:
            found = (
                shapely.from_wkb(bytes(self._raw[self._offset[i] : self._offset[i + 1]]))
                if self._offset is not None
                else self._raw[i]
            )
            shapely.prepare(found)
            self._parsed[i] = found
        return found


def _stamp(place: Path) -> float:
    """Changes when the files do, so that a node sees borders that it just replaced."""
    known = [place, place / "dataset.json", place / "borders.geojson", place / "disputed.geojson"]
    return sum(path.stat().st_mtime for path in known if path.exists())


@lru_cache(maxsize=4)
def _load(place: Path, stamp: float) -> Borders:
    if place == PACKAGED and not (place / "dataset.json").is_file():
        raise BadFile(
            say("the packaged borders are not built; run `make setup`, or `python scripts/build_borders.py`"),
            field="borders",
        )
    if (place / "units.json").is_file():
        return _load_built(place)
    from overflight.treaty.borderfile import read_own

    return read_own(place)


def _load_built(place: Path) -> Borders:
    try:
        about = json.loads((place / "dataset.json").read_text("utf-8"))
        if about.pop("format", None) != FORMAT:
            raise ValueError("format")
        rows = json.loads((place / "units.json").read_text("utf-8"))
        with np.load(place / "index.npz", allow_pickle=False) as index:
            unit, offset, bounds = index["unit"], index["offset"], index["bounds"]
        with (place / "polygons.wkb").open("rb") as file:
            raw = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if offset.size != unit.size + 1 or bounds.shape != (unit.size, 4) or int(offset[-1]) != len(raw):
            raise ValueError("index")
        units = [
            Unit(
                str(row["unit"]),
                str(row["name"]),
                str(row["code"]) if row["code"] else None,
                str(row["disputed"]["id"]) if row["disputed"] else None,
            )
            for row in rows
        ]
        dataset = Dataset(**about)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadFile(
            say("{place}: these built borders are damaged ({error}); build them anew", place=place, error=error),
            field="borders",
        ) from None
    polygons = Polygons(unit.astype(np.intp), bounds, raw=raw, offset=offset)
    return Borders(dataset, units, [row["disputed"] for row in rows if row["disputed"]], polygons, place)
