"""Draw the packaged region files from the packaged borders.

    python scripts/build_regions.py

Each file is one FeatureCollection: regions that a planner may hold a path against, with the source, the reading
and the point of view from which they are one.  The shape is the part of the observed Party's
territory as the borders draw it, with its waters as `overflight.planning.waters` draws them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from overflight.planning.waters import waters_in
from overflight.treaty.geography import Borders

FOLDER = Path(__file__).resolve().parent.parent / "overflight" / "treaty" / "data" / "regions"
SIMPLER_DEG = 0.002  # about 200 m, a fifth of the borders' own accuracy


def part_with_waters(code: str, lon: float, lat: float, borders: Borders) -> Any:
    """The part of a territory that holds a place, with the waters of the same State around it."""
    land = next(one for one in borders.territory(code).geoms if shapely.contains_xy(one, lon, lat))
    west, south, east, north = np.floor(np.array(land.bounds) + np.array([-1.0, -1.0, 1.0, 1.0])).astype(int)
    waters = [waters_in((x, y), borders).get(code) for x in range(west, east + 1) for y in range(south, north + 1)]
    # spits and lagoon shores are parts of their own
    near = [one for one in borders.territory(code).geoms if shapely.distance(one, land) < 0.3]
    # drawn a little wider and back again, so that no slit is left where land and water meet
    whole = shapely.union_all([*near, *(one for one in waters if one is not None)])
    joined = shapely.buffer(shapely.buffer(whole, 0.003, quad_segs=2), -0.003, quad_segs=2)
    shape = shapely.simplify(joined, SIMPLER_DEG)
    return max(shapely.get_parts(shape), key=shapely.area)


def main() -> None:
    """Write every packaged region file."""
    borders = Borders.load()
    shape = part_with_waters("RUS", 21.0, 54.7, borders)
    about = borders.dataset
    document = {
        "type": "FeatureCollection",
        "title": "500 km of flight at most over the Kaliningrad region, as Russia announced it",
        "reading": "binds only under the reading territory_sublimit=notice (held by Russia); by default it does not",
        "point_of_view": "Russia held that the limit agrees with the treaty; others held that it does not "
        "(see: overflight treaty dispute kaliningrad-500km). Shown for planners who wish to stay within it.",
        "value": {"table": "territory_sublimit", "of": "RUS:Kaliningrad"},
        "borders": f"{about.name}, {about.date}, {about.scale}: {about.point_of_view}",
        "waters": "12 nautical miles from land, nearest land decides (approximation)",
        "features": [
            {
                "type": "Feature",
                "geometry": json.loads(shapely.to_geojson(shapely.set_precision(shape, 0.0001))),
                "properties": {
                    "kind": "sub_limit",
                    "name": "Kaliningrad region",
                    "max_km": 500,
                    "source": "english.pravda.ru 139556; daytondailynews.com 2017-09; "
                    "sputniknews.com/world/201709291057797662-russia-limits-flights-kaliningrad (press reports)",
                    "verified": "press report",
                    "in_force": "contradicted",
                    "from": "2014-01-01",
                    "until": "2021-12-18",
                    "citation": "AnnE.5.B.3",
                    "readings": {"territory_sublimit": "notice"},
                },
            }
        ],
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document, ensure_ascii=False, indent=1)
    (FOLDER / "kaliningrad-500km.geojson").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
