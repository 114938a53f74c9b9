"""A mission plan as a file for others: GeoJSON, KML, GPX, ICAO flight plan text, PDF; and back again.

An export holds only what Article VI, Section II and Annex B ask.  It is made from a `MissionPlan`,
which cannot hold sites or values; the swath and the planner's own names of points are left out
too, as in the plan that a record carries: points are named ``P01``, ``P02`` and so on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from overflight.errors import BadFile, BadInput
from overflight.planning import export_fpl, export_gpx, export_kml, export_pdf
from overflight.planning.display import display_lines
from overflight.planning.drawn_line import Places, refuse_other_line, vertices
from overflight.planning.planfile import MAX_BYTES, plan_feature, plan_from_feature, read_plan
from overflight.planning.safe_xml import read_xml
from overflight.terms.plan import MissionPlan
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.geography import Borders

KINDS = ("geojson", "kml", "gpx", "fpl", "pdf")
EXPORT = "overflight-plan"  # marks the line of a GeoJSON made for display
UTF_16 = (b"\xff\xfe<", b"\xfe\xff\0<")  # how XML begins that some programs write
ZIP = b"PK\x03\x04"


def export(plan: MissionPlan, kind: str, *, borders: Borders | None = None) -> bytes:
    """The plan as a file of a kind.

    Parameters
    ----------
    kind : str
        ``geojson`` and ``kml`` (legs drawn as geodesics, split at 180 degrees), ``gpx`` (a route of the declared
        points), ``fpl`` (ICAO flight plan text, points rounded to whole minutes) or ``pdf``.
    borders : Borders, optional
        What the map of a PDF shows; without it the path alone.

    Raises
    ------
    BadInput
        If there is no such kind.
    """
    plan = for_others(plan)
    fields = plan_feature(plan)["properties"]
    writers: Mapping[str, Callable[[], bytes]] = {
        "geojson": partial(_geojson, plan, fields),
        "kml": partial(export_kml.write, plan, fields),
        "gpx": partial(export_gpx.write, plan, fields),
        "fpl": partial(export_fpl.write, plan),
        "pdf": partial(export_pdf.write, plan, fields, borders=borders),
    }
    if kind not in writers:
        raise BadInput(say("--to {kind}: choose one of {kinds}", kind=kind[:20], kinds=", ".join(KINDS)), field="--to")
    return writers[kind]()


def for_others(plan: MissionPlan) -> MissionPlan:
    """The plan with neutral names of its points and without the swath."""
    points = tuple(replace(w, name=f"P{n:02d}") for n, w in enumerate(plan.waypoints, start=1))
    return replace(plan, waypoints=points, swath_km=None)


def read_export(data: bytes, *, name: str = "plan", observed: str | None = None) -> MissionPlan:
    """The plan of a file that `export` made (all but PDF), or of a plan file; the kind is known by its content.

    Files of other programs are read too, if `observed` names the Party: the first route, track or line of KML and
    GPX, the one line of GeoJSON, and flight plan text whose route names every point by coordinates.

    Raises
    ------
    BadFile
        If it is none of these, or no plan, or its drawn line is another path than its declared points; the message
        names the field.
    """
    if len(data) > MAX_BYTES:
        raise BadFile(say("{name} is larger than {limit} MB", name=name, limit=MAX_BYTES // 1_000_000), field=name)
    head = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    drawn: Places = []
    if head.startswith(b"{"):
        found = _from_geojson(data, name, line_alone=observed is not None)
        if found is None:
            return read_plan(data)
        points, fields, drawn = found
    elif head.startswith((b"<", *UTF_16)):
        root = read_xml(data, name=name)
        kind = root.tag.rpartition("}")[2]
        if kind == "kml":
            points, fields, drawn = export_kml.read(root, name)
        elif kind == "gpx":
            points, fields = export_gpx.read(root, name)
        else:
            raise BadFile(say("{name} is neither KML nor GPX", name=name), field=name)
    elif b"(FPL" in data:
        points, fields = export_fpl.read(data, name)
    elif head.startswith(ZIP):
        raise BadFile(say("{name} is a packed file; unpack it, a KMZ holds doc.kml", name=name), field=name)
    else:
        raise BadFile(say("{name} is no plan: give GeoJSON, KML, GPX or flight plan text", name=name), field=name)
    if observed and "observed" not in fields:
        fields = {**fields, "observed": observed}
    geometry = {"type": "LineString", "coordinates": [list(point) for point in points]}
    plan = plan_from_feature({"type": "Feature", "geometry": geometry, "properties": fields}, name=name)
    refuse_other_line(plan.waypoints, drawn, name)
    return plan


def _geojson(plan: MissionPlan, fields: Mapping[str, Any]) -> bytes:
    lines = [[[lon, lat] for lon, lat in line] for line in display_lines(plan.waypoints)]
    path = {
        "type": "Feature",
        "id": EXPORT,
        "geometry": {"type": "MultiLineString", "coordinates": lines},
        "properties": {key: value for key, value in fields.items() if key != "points"},
    }
    points = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [w.lon_deg, w.lat_deg]},
            "properties": {"number": n, "name": w.name},
        }
        for n, w in enumerate(plan.waypoints, start=1)
    ]
    whole = {"type": "FeatureCollection", "features": [path, *points]}
    return (json.dumps(whole, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def _from_geojson(
    data: bytes, name: str, *, line_alone: bool
) -> tuple[Sequence[Sequence[Any]], Mapping[str, Any], Places] | None:
    """Points, fields and drawn line of a display GeoJSON; None if it is no such thing, and may be a plan file.

    `line_alone`: the one line of another program's file will do.
    """
    try:
        whole = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(whole, dict):
        return None
    if whole.get("type") != "FeatureCollection":
        return _line_alone([whole]) if line_alone else None
    features = whole.get("features")
    rows = [f for f in features if isinstance(f, dict)] if isinstance(features, list) else []
    path = next((f for f in rows if f.get("id") == EXPORT and isinstance(f.get("properties"), dict)), None)
    if path is None:
        other = _line_alone(rows) if line_alone else None
        if other is None:
            raise BadFile(say("{name} holds no plan that was exported here", name=name), field="features")
        return other
    numbered = []
    for row in rows:
        geometry, said = row.get("geometry"), row.get("properties")
        if isinstance(geometry, dict) and geometry.get("type") == "Point" and isinstance(said, dict):
            if isinstance(said.get("number"), int):
                numbered.append((said["number"], geometry.get("coordinates")))
    numbered.sort(key=lambda one: one[0])
    if [n for n, _ in numbered] != list(range(1, len(numbered) + 1)):
        raise BadFile(say("{name}: the points are not numbered from 1 on", name=name), field="features")
    places = [at for _, at in numbered]
    if not all(isinstance(at, list) for at in places):
        raise BadFile(say("{name}: a point has no coordinates", name=name), field="features")
    return [at for at in places if isinstance(at, list)], path["properties"], _drawn(path.get("geometry"), name)


def _drawn(geometry: Any, name: str) -> Places:
    """The vertices of the line that was drawn for display, its parts put together; none if it was taken out."""
    if geometry is None:
        return []
    parts = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if isinstance(parts, list) and isinstance(geometry, dict) and geometry.get("type") == "LineString":
        parts = [parts]
    if not isinstance(parts, list) or not all(isinstance(part, list) for part in parts):
        raise BadFile(say("{name}: the line of the path has no coordinates", name=name), field="coordinates")
    return vertices([at for part in parts for at in part], name)


def _line_alone(
    features: Sequence[Mapping[str, Any]],
) -> tuple[Sequence[Sequence[Any]], Mapping[str, Any], Places] | None:
    """Points and properties of the only LineString among some Features; None if there is none, or more than one."""
    found = []
    for feature in features:
        geometry, said = feature.get("geometry"), feature.get("properties")
        if isinstance(geometry, dict) and geometry.get("type") == "LineString":
            found.append((geometry.get("coordinates"), said if isinstance(said, dict) else {}))
    if len(found) != 1:
        return None
    points, fields = found[0]
    if not isinstance(points, list) or not all(isinstance(at, list) for at in points):
        return None
    return points, fields, []
