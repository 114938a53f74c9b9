"""/stac: the node's images as a STAC API, so that pystac-client and QGIS can search them. One collection a flight."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request
from starlette.exceptions import HTTPException

from overflight.api.desk import Desk, TheDesk
from overflight.app import images as use
from overflight.errors import BadInput
from overflight.terms.moment import parse_moment
from overflight.terms.words import say
from overflight.web.images import digest

router = APIRouter(prefix="/stac", tags=["stac"])
CONFORMS = (
    "https://api.stacspec.org/v1.0.0/core",
    "https://api.stacspec.org/v1.0.0/collections",
    "https://api.stacspec.org/v1.0.0/item-search",
    "https://api.stacspec.org/v1.0.0/ogcapi-features",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
)
GEOJSON = "application/geo+json"
MOST = 1000
Text = Annotated[str | None, Query(max_length=2000)]


@router.get("")
def landing(request: Request, desk: TheDesk) -> dict[str, Any]:
    """The catalogue's root."""
    base = _base(request)
    children = [_link("child", f"{base}/collections/{name}", "application/json", name) for name in _flights(desk)]
    return {
        "type": "Catalog",
        "stac_version": "1.1.0",
        "id": f"overflight-{desk.node.party}",
        "title": say("Images on the node of {party}", party=desk.node.party),
        "description": say("Images of observation flights with their evidence."),
        "conformsTo": list(CONFORMS),
        "links": [
            _link("self", base),
            _link("root", base),
            _link("conformance", f"{base}/conformance"),
            _link("data", f"{base}/collections"),
            {**_link("search", f"{base}/search", GEOJSON), "method": "GET"},
            {**_link("search", f"{base}/search", GEOJSON), "method": "POST"},
            _link("service-desc", f"{str(request.base_url).rstrip('/')}/api/openapi.json"),
            *children,
        ],
    }


@router.get("/conformance")
def conformance() -> dict[str, Any]:
    """What of the STAC API is spoken here."""
    return {"conformsTo": list(CONFORMS)}


@router.get("/collections")
def collections(request: Request, desk: TheDesk) -> dict[str, Any]:
    """One collection a flight."""
    base = _base(request)
    found = [_collection(request, desk, name) for name in _flights(desk)]
    return {"collections": found, "links": [_link("self", f"{base}/collections"), _link("root", base)]}


@router.get("/collections/{name}")
def collection(request: Request, desk: TheDesk, name: str) -> dict[str, Any]:
    """The images of one flight."""
    return _collection(request, desk, name)


@router.get("/collections/{name}/items")
def items(
    request: Request,
    desk: TheDesk,
    name: str,
    bbox: Text = None,
    datetime: Text = None,
    limit: int = 100,
    offset: int = 0,
) -> dict[str, Any]:
    """Items of one flight."""
    _collection(request, desk, name)
    return _found(request, desk, {"collections": [name], "bbox": bbox, "datetime": datetime}, limit, offset)


@router.get("/collections/{name}/items/{item}")
def item(request: Request, desk: TheDesk, name: str, item: str) -> dict[str, Any]:
    """One Item."""
    found = use.one(desk.node, item)
    if found["properties"]["oskies:flight"] != name:
        raise HTTPException(404)
    return _linked(request, found)


@router.get("/search")
def search(
    request: Request,
    desk: TheDesk,
    bbox: Text = None,
    datetime: Text = None,
    collections: Text = None,
    ids: Text = None,
    limit: int = 100,
    offset: int = 0,
) -> dict[str, Any]:
    """Items by place, time, flight or id."""
    wanted = {
        "bbox": bbox,
        "datetime": datetime,
        "collections": collections.split(",") if collections else None,
        "ids": ids.split(",") if ids else None,
    }
    return _found(request, desk, wanted, limit, offset)


@router.post("/search")
def search_by_post(request: Request, desk: TheDesk, wanted: Annotated[dict[str, Any], Body()]) -> dict[str, Any]:
    """Items by place, time, flight or id; the same as GET."""
    limit, offset = wanted.get("limit", 100), wanted.get("offset", 0)
    if not all(isinstance(n, int) and not isinstance(n, bool) for n in (limit, offset)):
        raise BadInput(say("limit must be a whole number"), field="limit")
    return _found(request, desk, wanted, limit, offset)


def _found(request: Request, desk: Desk, wanted: dict[str, Any], limit: int, offset: int) -> dict[str, Any]:
    if not 1 <= limit <= MOST or offset < 0:
        raise BadInput(say("limit must be from 1 to {most}, offset 0 or more", most=MOST), field="limit")
    start, end = _times(wanted.get("datetime"))
    flights, ids = wanted.get("collections"), wanted.get("ids")
    found = [
        one
        for one in use.search(desk.node, bbox=_box(wanted.get("bbox")), start=start, end=end)
        if (not flights or one["properties"]["oskies:flight"] in flights) and (not ids or one["id"] in ids)
    ]
    base = _base(request)
    links = [_link("root", base), _link("self", str(request.url), GEOJSON)]
    if offset + limit < len(found):
        if request.method == "GET":
            following = request.url.include_query_params(limit=limit, offset=offset + limit)
            links.append(_link("next", str(following), GEOJSON))
        else:
            more = {**wanted, "limit": limit, "offset": offset + limit}
            links.append({**_link("next", f"{base}/search", GEOJSON), "method": "POST", "body": more})
    shown = found[offset : offset + limit]
    return {
        "type": "FeatureCollection",
        "features": [_linked(request, one) for one in shown],
        "links": links,
        "numberMatched": len(found),
        "numberReturned": len(shown),
    }


def _linked(request: Request, found: dict[str, Any]) -> dict[str, Any]:
    base, flight = _base(request), found["properties"]["oskies:flight"]
    files = f"{str(request.base_url).rstrip('/')}/images/file"
    assets = {name: {**asset, "href": f"{files}/{digest(found, name)}"} for name, asset in found["assets"].items()}
    links = [
        _link("self", f"{base}/collections/{flight}/items/{found['id']}", GEOJSON),
        _link("root", base),
        _link("parent", f"{base}/collections/{flight}"),
        _link("collection", f"{base}/collections/{flight}"),
    ]
    return {**found, "collection": flight, "links": links, "assets": assets}


def _collection(request: Request, desk: Desk, name: str) -> dict[str, Any]:
    found = use.search(desk.node, flight=name) if name in _flights(desk) else []
    if not found:
        raise HTTPException(404)
    base = _base(request)
    boxes = [one["bbox"] for one in found]
    times = sorted(one["properties"]["datetime"] for one in found)
    crosses = any(box[0] > box[2] for box in boxes)
    whole = [
        -180.0 if crosses else min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        180.0 if crosses else max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    ]
    return {
        "type": "Collection",
        "stac_version": "1.1.0",
        "id": name,
        "title": say("Observation flight {number}", number=name),
        "description": say("Images of observation flight {number}.", number=name),
        "license": "other",
        "extent": {"spatial": {"bbox": [whole]}, "temporal": {"interval": [[times[0], times[-1]]]}},
        "links": [
            _link("self", f"{base}/collections/{name}"),
            _link("root", base),
            _link("parent", base),
            _link("items", f"{base}/collections/{name}/items", GEOJSON),
        ],
    }


def _flights(desk: Desk) -> list[str]:
    return sorted({one["properties"]["oskies:flight"] for one in use.search(desk.node)})


def _base(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}/stac"


def _link(rel: str, href: str, kind: str = "application/json", title: str = "") -> dict[str, Any]:
    return {"rel": rel, "href": href, "type": kind, **({"title": title} if title else {})}


def _box(given: Any) -> list[float] | None:
    if given is None or given == "":
        return None
    parts = given.split(",") if isinstance(given, str) else given
    try:
        numbers = [float(part) for part in parts]
    except (TypeError, ValueError):
        numbers = []
    if len(numbers) == 6:  # with heights, which are not asked about
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != 4:
        raise BadInput(say("bbox takes four numbers: west,south,east,north in degrees"), field="bbox")
    return numbers


def _times(given: Any) -> tuple[datetime | None, datetime | None]:
    if given is None or given == "":
        return None, None
    if not isinstance(given, str):
        raise BadInput(say("datetime must be a text such as 2021-05-19T00:00:00Z/.."), field="datetime")
    first, slash, last = given.partition("/")
    last = last if slash else first

    def one(text: str) -> datetime | None:
        return None if text in ("", "..") else parse_moment(text, field="datetime")

    return one(first), one(last)
