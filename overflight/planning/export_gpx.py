"""A plan as GPX 1.1: one route of its declared points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

from overflight.planning.safe_xml import Element, add, each, fields_from, fields_text, local, number, xml_bytes
from overflight.terms.moment import rfc3339
from overflight.terms.plan import MissionPlan
from overflight.terms.words import say

SPACE = "http://www.topografix.com/GPX/1/1"
OURS = "urn:overflight:plan:1"


def write(plan: MissionPlan, fields: Mapping[str, Any]) -> bytes:
    """The GPX of a plan; a longitude of 180 is written -180, which the format asks for."""
    root = ET.Element("gpx", {"xmlns": SPACE, "xmlns:o": OURS, "version": "1.1", "creator": "Overflight"})
    about = add(root, "metadata")
    add(about, "name", plan.flight or say("mission plan"))
    if plan.submitted_at is not None:
        add(about, "time", rfc3339(plan.submitted_at))
    route = add(root, "rte")
    add(route, "name", plan.flight or say("mission plan"))
    held = add(route, "extensions")
    for key, text in fields_text(fields).items():
        add(held, f"o:{key}", text)
    for w in plan.waypoints:
        lon = -180.0 if w.lon_deg == 180.0 else w.lon_deg
        add(add(route, "rtept", lat=f"{w.lat_deg:.9f}", lon=f"{lon:.9f}"), "name", w.name)
    return xml_bytes(root)


def read(root: Element, name: str) -> tuple[list[list[float]], dict[str, Any]]:
    """Points and fields of the first route, else of the first track."""
    found = next(each(root, "rte"), None)
    points, tag = (found, "rtept") if found is not None else (next(each(root, "trk"), root), "trkpt")
    texts = {local(e): e.text or "" for e in points.iter() if e.tag.startswith(f"{{{OURS}}}")}
    places = [[number(p.get("lon"), name=name), number(p.get("lat"), name=name)] for p in each(points, tag)]
    return places, fields_from(texts, name=name)
