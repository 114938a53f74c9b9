"""What the Images page shows: footprints, small pictures, evidence, requests for copies with their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from overflight.app import images as use
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.app.node import Node

MOST_SHOWN = 300


def page(node: Node, flight: str | None = None) -> dict[str, Any]:
    """Items of all flights or one, as footprints and small pictures, and the requests for copies."""
    items = use.search(node, flight=flight or None)
    return {
        "items": [tile(item) for item in items[:MOST_SHOWN]],
        "all": len(items),
        "flight": flight or "",
        "flights": sorted({item["properties"]["oskies:flight"] for item in use.search(node)}),
        "footprints": footprints(items[:MOST_SHOWN]),
        "requests": use.list_requests(node),
        "deliveries": waiting(node),
    }


def tile(item: dict[str, Any]) -> dict[str, Any]:
    """What the list shows of one Item."""
    facts = item["properties"]
    verdicts = [found["verdict"] for found in facts.get("oskies:findings", ())]
    worst = next((v for v in ("breaches", "disputed", "undetermined", "complies") if v in verdicts), "undetermined")
    return {
        "id": item["id"],
        "at": facts["datetime"],
        "flight": facts["oskies:flight"],
        "thumbnail": f"/images/file/{digest(item, 'thumbnail')}",
        "height_agl_m": facts.get("oskies:height_agl_m"),
        "verdict": worst,
        "released": [copy["to"] for copy in facts["oskies:release"]["copies"]],
    }


def footprints(items: list[dict[str, Any]]) -> dict[str, Any]:
    """The Items' footprints for the map."""
    return {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "geometry": item["geometry"], "properties": tile(item)} for item in items],
    }


def detail(node: Node, image: str) -> dict[str, Any]:
    """One image with its evidence: digests, heights, certificate, findings, releases."""
    item = use.one(node, image)
    facts = item["properties"]
    evidence = [
        (say("Original, SHA-256"), digest(item, "original")),
        (say("Taken"), facts["datetime"]),
        (say("Sensor"), facts["oskies:sensor"]),
        (say("Height above ground"), _metres(facts.get("oskies:height_agl_m"), facts.get("oskies:height_error_m"))),
        (say("Height from"), facts.get("oskies:height_source") or "–"),
        (say("Certified minimum height"), _metres(facts.get("oskies:certified_h_min_m"))),
        (say("Certificate"), facts.get("oskies:certificate") or "–"),
        (say("Ground sample distance"), _metres(facts.get("gsd"))),
        (say("What was done to it"), facts.get("processing:lineage") or "–"),
        (say("Annotation, Annex B"), facts.get("oskies:annotation") or "–"),
    ]
    return {
        "item": item,
        "facts": facts,
        "evidence": evidence,
        "thumbnail": f"/images/file/{digest(item, 'thumbnail')}",
        "footprints": footprints([item]),
        "findings": facts.get("oskies:findings", []),
        "copies": facts["oskies:release"]["copies"],
        "files": [
            {"name": name, "title": asset["title"], "size": asset["file:size"], "sha256": digest(item, name)}
            for name, asset in item["assets"].items()
        ],
    }


def digest(item: dict[str, Any], asset: str) -> str:
    """The SHA-256 of an asset, out of its multihash."""
    return str(item["assets"][asset]["file:checksum"][4:])


def waiting(node: Node) -> list[dict[str, Any]]:
    """Deliveries of copies that came and are not yet in this node's catalogue."""
    taken = {ref.rid for stored in node.records(kind="data.custody") for ref in stored.record.refs}
    return [
        {"record": stored.rid, "from": stored.record.from_, "flight": stored.record.flight, "kind": stored.record.kind}
        for kind in ("data.delivery", "data.duplicate")
        for stored in node.records(kind=kind)
        if stored.record.from_ != node.party and stored.rid not in taken and stored.record.body.get("images")
    ]


def answer_sheet(node: Node, request: str, answer: str) -> dict[str, Any]:
    """What the sheet shows before copies are handed over or refused: to whom, which, under which paragraphs."""
    found = next((r for r in use.list_requests(node) if r["record"] == request), None)
    if found is None:
        from overflight.errors import BadInput

        raise BadInput(say("this node knows no request {rid}", rid=request[:64]), field="request")
    items = [tile(item) for item in use.search(node, flight=found["flight"] or None)]
    return {"asked": found, "answer": answer, "items": items}


def _metres(value: float | None, error: float | None = None) -> str:
    if value is None:
        return "–"
    return say("{m} m ± {error} m", m=f"{value:g}", error=f"{error:g}") if error else say("{m} m", m=f"{value:g}")
