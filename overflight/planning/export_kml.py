"""A plan as KML 2.2: its legs as drawn lines, its declared points as placemarks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

from overflight.planning.display import display_lines
from overflight.planning.drawn_line import Places, vertices
from overflight.planning.safe_xml import Element, add, each, fields_from, fields_text, local, number, xml_bytes
from overflight.terms.plan import MissionPlan
from overflight.terms.words import say

SPACE = "http://www.opengis.net/kml/2.2"
_POINTS, _PATH = "points", "path"


def write(plan: MissionPlan, fields: Mapping[str, Any]) -> bytes:
    """The KML of a plan; lines lie on the ground, for a planned height above ground is no height above sea level."""
    root = ET.Element("kml", {"xmlns": SPACE})
    document = add(root, "Document")
    add(document, "name", plan.flight or say("mission plan"))
    path = add(document, "Placemark", id=_PATH)
    add(path, "name", say("flight path"))
    data = add(path, "ExtendedData")
    for key, text in fields_text(fields).items():
        add(add(data, "Data", name=key), "value", text)
    lines = add(path, "MultiGeometry")
    for line in display_lines(plan.waypoints):
        drawn = add(lines, "LineString")
        add(drawn, "tessellate", "1")
        add(drawn, "altitudeMode", "clampToGround")
        add(drawn, "coordinates", " ".join(f"{lon:.9f},{lat:.9f}" for lon, lat in line))
    folder = add(document, "Folder", id=_POINTS)
    add(folder, "name", say("declared points"))
    for w in plan.waypoints:
        mark = add(folder, "Placemark")
        add(mark, "name", w.name)
        add(add(mark, "Point"), "coordinates", f"{w.lon_deg:.9f},{w.lat_deg:.9f}")
    return xml_bytes(root)


def read(root: Element, name: str) -> tuple[list[list[float]], dict[str, Any], Places]:
    """Points, fields and the line drawn over them: the folder of declared points, else the first line of the file."""
    texts = {}
    for data in each(root, "Data"):
        value = next((v.text or "" for v in data if local(v) == "value"), "")
        texts[data.get("name", "")] = value
    ours = next((f for f in each(root, "Folder") if f.get("id") == _POINTS), None)
    if ours is not None:
        places = [c.text or "" for point in each(ours, "Point") for c in point if local(c) == "coordinates"]
        return [_place(text, name) for text in places], fields_from(texts, name=name), _drawn(root, name)
    line = next((c for drawn in each(root, "LineString") for c in drawn if local(c) == "coordinates"), None)
    return [_place(text, name) for text in ((line.text or "") if line is not None else "").split()], {}, []


def _drawn(root: Element, name: str) -> Places:
    """The vertices of the line that was drawn for display; other lines of the file are no part of the plan."""
    path = next((mark for mark in each(root, "Placemark") if mark.get("id") == _PATH), None)
    lines = each(path if path is not None else root, "LineString")
    texts = [c.text or "" for drawn in lines for c in drawn if local(c) == "coordinates"]
    return vertices([_place(text, name) for text in " ".join(texts).split()], name)


def _place(text: str, name: str) -> list[float]:
    lon, _, rest = text.strip().partition(",")
    return [number(lon, name=name), number(rest.partition(",")[0], name=name)]
