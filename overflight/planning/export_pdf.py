"""A mission plan on paper: a map of the path, what the plan states, and its declared points."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from overflight.planning.display import MOST_PIECES, middle_of
from overflight.planning.geodesy import Floats, LocalFrame, densify, leg_lengths_km, lonlat, path_length_km
from overflight.planning.pdf_page import HEIGHT, Page, pdf
from overflight.terms.plan import MissionPlan
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.geography import Borders

MAP = (50.0, 380.0, 495.0, 380.0)  # left, lower, width, height
ROWS = 62  # of points on a page
STEP_KM = 10.0
MARGIN = 1.15
LEAST_KM = 40.0


def write(plan: MissionPlan, fields: Mapping[str, Any], *, borders: Borders | None) -> bytes:
    """The PDF of a plan."""
    title = say("Mission plan {flight}", flight=plan.flight or "").strip()
    first = Page()
    first.text(50, HEIGHT - 50, title, size=16, bold=True)
    first.text(50, HEIGHT - 66, say("Article VI, Section II, and Annex B. Times are UTC; heights are above ground."))
    _map(first, plan, borders)
    y = MAP[1] - 26
    if borders is not None:
        data = borders.dataset
        for line in textwrap.wrap(say("Borders: {name}. {view}.", name=data.name, view=data.point_of_view), 115):
            first.text(50, y, line, size=7)
            y -= 9
    pages, y = [first], y - 8
    for line in _stated(fields):
        if y < 50:
            pages.append(Page())
            y = HEIGHT - 50
        pages[-1].text(50, y, line)
        y -= 13
    pages += _points(plan)
    for n, page in enumerate(pages, start=1):
        page.text(50, 30, say("{title}, page {n} of {all}", title=title, n=n, all=len(pages)), size=7)
    return pdf(pages, title=title)


def _stated(fields: Mapping[str, Any]) -> Iterator[str]:
    """One line for each field that the plan holds, by the names of the plan file."""
    for key, value in fields.items():
        if key == "points":
            continue
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        yield from textwrap.wrap(f"{key}: {text}", 105, subsequent_indent="    ", max_lines=12) or [key]


def _points(plan: MissionPlan) -> Iterator[Page]:
    lons, lats = lonlat(plan.waypoints)
    km = np.concatenate(([0.0], np.cumsum(leg_lengths_km(lons, lats))))
    for k in range(0, len(plan.waypoints), ROWS):
        page = Page()
        page.text(50, HEIGHT - 50, say("Declared points; legs between them are straight (VI.II.4.F)"), bold=True)
        for n, w in enumerate(plan.waypoints[k : k + ROWS]):
            y = HEIGHT - 68 - 11.5 * n
            page.text(50, y, w.name)
            page.text(110, y, f"{abs(w.lat_deg):.6f} {'N' if w.lat_deg >= 0 else 'S'}")
            page.text(200, y, f"{abs(w.lon_deg):.6f} {'E' if w.lon_deg >= 0 else 'W'}")
            page.text(300, y, f"{km[k + n]:.1f} km")
        yield page


def _map(page: Page, plan: MissionPlan, borders: Borders | None) -> None:
    """The path on a plane around its middle; north is up there."""
    left, lower, wide, high = MAP
    lons, lats, _, _ = densify(plan.waypoints, max(STEP_KM, path_length_km(plan.waypoints) / MOST_PIECES))
    middle = middle_of(lons, lats)
    frame = LocalFrame(*middle)
    x, y = frame.to_xy_km(lons, lats)
    centre = (float(x.min() + x.max()) / 2, float(y.min() + y.max()) / 2)
    spread = max(float(np.ptp(x)) / wide, float(np.ptp(y)) / high, LEAST_KM / wide)
    scale = 1.0 / (spread * MARGIN)  # points for a kilometre

    def placed(x_km: Floats, y_km: Floats) -> list[tuple[float, float]]:
        across = left + wide / 2 + (x_km - centre[0]) * scale
        up = lower + high / 2 + (y_km - centre[1]) * scale
        return list(zip(across.tolist(), up.tolist(), strict=True))

    page.inside(left, lower, wide, high)
    reach = float(np.hypot(*centre)) + np.hypot(wide, high) / scale
    for line_x, line_y in _outlines(borders, frame, reach):
        page.line(placed(line_x, line_y), width=0.4, grey=0.6)
    page.line(placed(x, y), width=1.4)
    stride = max(1, len(plan.waypoints) // 40)
    for n, (px, py) in enumerate(placed(*frame.to_xy_km(*lonlat(plan.waypoints)))):
        page.box(px - 1.8, py - 1.8, 3.6, 3.6, fill=0.0)
        if n % stride == 0:
            page.text(px + 3, py + 3, plan.waypoints[n].name, size=6)
    page.outside()
    page.box(left, lower, wide, high)
    bar = 10.0 ** np.floor(np.log10(wide / scale / 2))
    page.line([(left + 8, lower - 8), (left + 8 + bar * scale, lower - 8)], width=1.2)
    page.text(left + 14 + bar * scale, lower - 11, f"{bar:g} km", size=7)


def _outlines(borders: Borders | None, frame: LocalFrame, reach_km: float) -> Iterator[tuple[Floats, Floats]]:
    """Borders within reach of the middle, as lines on the plane; the cut at 180 degrees is not drawn."""
    if borders is None:
        return
    for feature in borders.map_layer("coarse")["features"]:
        geometry = feature["geometry"]
        polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        for ring in (ring for polygon in polygons for ring in polygon):
            places = np.asarray(ring, float)[:, :2]
            x, y = frame.to_xy_km(places[:, 0], places[:, 1])
            near = np.hypot(x, y) <= reach_km
            seam = (np.abs(places[:-1, 0]) == 180.0) & (np.abs(places[1:, 0]) == 180.0)
            keep = near[:-1] & near[1:] & ~seam
            for run in np.split(np.flatnonzero(keep), np.flatnonzero(np.diff(np.flatnonzero(keep)) > 1) + 1):
                if run.size:
                    yield x[run[0] : run[-1] + 2], y[run[0] : run[-1] + 2]
