"""A node's own borders: GeoJSON from outside, hostile until checked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NoReturn

import antimeridian
import numpy as np
import shapely
from shapely.errors import GEOSException
from shapely.geometry import MultiPolygon, Polygon, shape

from overflight.errors import BadFile
from overflight.terms.words import say
from overflight.treaty.geography import Borders, Dataset, Polygons, Unit

LARGEST_BYTES: Final = 300_000_000
MOST_FEATURES: Final = 20_000
NO_ACCURACY_M: Final = 1_000.0  # taken when the owner of a file states none


def read_own(place: Path) -> Borders:
    """Borders from a folder with ``borders.geojson``, or from such a file; see `Borders.load`.

    Raises
    ------
    BadFile
        With file, feature and what to do.
    """
    folder = place if place.is_dir() else None
    source = place / "borders.geojson" if folder else place
    units: list[Unit] = []
    areas: list[dict[str, Any]] = []
    polygons: list[Polygon] = []
    owner: list[int] = []
    for number, facts, pieces in features(source):
        code = facts.get("code")
        if not isinstance(code, str) or not (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()):
            _bad(source, number, say("property code {code!r} is no ISO alpha-3 code such as DEU", code=code))
        units.append(Unit(code, str(facts.get("name") or code), code))
        owner += [len(units) - 1] * len(pieces)
        polygons += pieces
    disputed = folder / "disputed.geojson" if folder else None
    if disputed is not None and disputed.exists():
        polygons, owner = _with_disputed(disputed, units, areas, polygons, owner)
    about = _about(folder / "dataset.json" if folder else None, source)
    bounds = np.array([polygon.bounds for polygon in polygons]).reshape(-1, 4)
    return Borders(about, units, areas, Polygons(np.array(owner, np.intp), bounds, raw=polygons), folder)


def features(path: Path) -> Iterator[tuple[int, dict[str, Any], list[Polygon]]]:
    """Number, properties and valid polygons, cut at 180, of each feature of a GeoJSON file.

    Raises
    ------
    BadFile
        If anything in the file cannot be used.
    """
    collection = read_json(path)
    found = collection.get("features") if isinstance(collection, dict) else None
    if not isinstance(found, list) or not found or collection.get("type") != "FeatureCollection":
        _bad(path, None, say("this is no GeoJSON FeatureCollection with features"))
    if len(found) > MOST_FEATURES:
        _bad(path, None, say("{n} features; at most {most} are read", n=len(found), most=MOST_FEATURES))
    for number, feature in enumerate(found, start=1):
        if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
            _bad(path, number, say("no properties"))
        geometry = feature.get("geometry")
        if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
            _bad(path, number, say("the geometry is no Polygon or MultiPolygon"))
        try:
            with np.errstate(invalid="ignore"):  # what is no number is refused below
                whole = shape(geometry)
            coordinates = shapely.get_coordinates(whole)
            if not coordinates.size or not np.isfinite(coordinates).all():
                raise ValueError(say("empty, or a coordinate is not a number"))
            if np.abs(coordinates[:, 1]).max() > 90:
                raise ValueError(say("a latitude is beyond 90; GeoJSON puts longitude first"))
            if np.abs(coordinates[:, 0]).max() > 360:
                raise ValueError(say("a longitude is beyond 360"))
            pieces = _mend(whole)
        except (ValueError, TypeError, IndexError, AttributeError, KeyError, RecursionError, GEOSException) as error:
            _bad(path, number, str(error) or type(error).__name__)
        if not pieces:
            _bad(path, number, say("the polygon encloses nothing"))
        yield number, feature["properties"], pieces


def read_json(path: Path) -> Any:
    """The JSON value of a file of sensible size.

    Raises
    ------
    BadFile
        If it cannot be read, is too large, or is no JSON in UTF-8.
    """
    try:
        if path.stat().st_size > LARGEST_BYTES:
            _bad(path, None, say("larger than {most} bytes", most=LARGEST_BYTES))
        return json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        _bad(path, None, error.strerror or type(error).__name__)
    except (ValueError, RecursionError):
        _bad(path, None, say("this is no JSON in UTF-8"))


def _mend(whole: Any) -> list[Polygon]:
    """Valid polygons, cut at 180 degrees."""
    pieces: list[Polygon] = []
    for polygon in shapely.get_parts(whole):
        rings = [shapely.get_coordinates(ring)[:, 0] for ring in (polygon.exterior, *polygon.interiors)]
        if any(np.any(np.abs(np.diff(ring)) > 180) or np.abs(ring).max() > 180 for ring in rings):
            polygon = antimeridian.fix_multi_polygon(MultiPolygon([polygon]), fix_winding=True, great_circle=False)
        if not polygon.is_valid:
            polygon = shapely.make_valid(polygon, method="structure", keep_collapsed=False)
        pieces += polygons_in(polygon)
    return pieces


def polygons_in(geometry: Any) -> list[Polygon]:
    """Every polygon of a geometry of any kind."""
    if geometry.geom_type == "Polygon":
        return [] if geometry.is_empty else [geometry]
    return [piece for part in getattr(geometry, "geoms", ()) for piece in polygons_in(part)]


def _with_disputed(
    path: Path, units: list[Unit], areas: list[dict[str, Any]], polygons: list[Polygon], owner: list[int]
) -> tuple[list[Polygon], list[int]]:
    """Cut the file's areas out of the States and add them as units of their own."""
    for number, facts, pieces in features(path):
        sides = facts.get("sides")
        if not isinstance(facts.get("id"), str) or not isinstance(sides, list) or not sides:
            _bad(path, number, say("a disputed area needs id, name, sides (a list of codes), since, note"))
        area = shapely.union_all(pieces)
        cut = [
            (piece, place)
            for polygon, place in zip(polygons, owner, strict=True)
            for piece in (polygons_in(polygon.difference(area)) if polygon.intersects(area) else [polygon])
        ]
        polygons, owner = [piece for piece, _ in cut], [place for _, place in cut]
        areas.append({**facts, "name": facts.get("name") or facts["id"]})
        units.append(Unit(facts["id"], str(facts.get("name") or facts["id"]), None, facts["id"]))
        polygons += pieces
        owner += [len(units) - 1] * len(pieces)
    return polygons, owner


def _about(path: Path | None, source: Path) -> Dataset:
    facts = read_json(path) if path is not None and path.exists() else {}
    if not isinstance(facts, dict):
        _bad(path or source, None, say("dataset.json must hold one object"))
    accuracy = facts.get("accuracy_m", NO_ACCURACY_M)
    if isinstance(accuracy, bool) or not isinstance(accuracy, (int, float)) or not 0 <= accuracy < 1e6:
        _bad(path or source, None, say("accuracy_m {accuracy!r} is no number of metres", accuracy=accuracy))
    return Dataset(
        name=str(facts.get("name") or source.name),
        date=str(facts.get("date") or "undated"),
        scale=str(facts.get("scale") or "not stated"),
        point_of_view=str(facts.get("point_of_view") or "the owner of this file; boundaries imply no position"),
        source=str(facts.get("source") or source.name),
        accuracy_m=float(accuracy),
        accuracy_note="" if "accuracy_m" in facts else "assumed; the file states none",
    )


def _bad(path: Path, number: int | None, why: str) -> NoReturn:
    why = " ".join(why.split())[:300]  # a library's reason may have lines
    where = say("{path}, feature {number}", path=path, number=number) if number else str(path)
    raise BadFile(
        say("{where}: {why}; give polygons with the property code, longitude first", where=where, why=why),
        field="borders",
    )
