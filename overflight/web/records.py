"""What the Records page shows: the log, its records with their receipts, other Parties' nodes."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from overflight.flight.kinds import KINDS
from overflight.terms.moment import rfc3339
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.app.node import Node, Stored

PAGE = 30  # records on one page of the list


def row(stored: Stored) -> dict[str, Any]:
    """One line of the list."""
    record = stored.record
    return {
        "rid": record.rid,
        "kind": record.kind,
        "title": title(record.kind),
        "from": record.from_,
        "to": list(record.to),
        "info": list(record.info),
        "flight": record.flight,
        "at": rfc3339(record.at),
        "seq": record.seq,
        "index": stored.index,
        "subject": record.subject,
        "received_at": rfc3339(stored.received_at) if stored.received_at else None,
        "receipts": {party: rfc3339(at) for party, at in sorted(stored.receipts.items())},
        "waits_for": sorted(set(record.audience) - set(stored.receipts)) if stored.received_at is None else [],
    }


def title(kind: str) -> str:
    """What a kind of record is, in words; its own name where the words are not known."""
    found = KINDS.get(kind)
    return say(found.title) if found else {"receipt": say("Receipt")}.get(kind, kind)


def rows(node: Node, *, kind: str | None = None, flight: str | None = None) -> list[dict[str, Any]]:
    """The node's records, newest first."""
    return [row(stored) for stored in reversed(node.records(kind=kind, flight=flight))]


def one(node: Node, rid: str) -> dict[str, Any]:
    """One record with its payload as it was signed.

    Raises
    ------
    BadInput
        If the node does not hold it.
    """
    stored = node.record(rid)
    return {**row(stored), "record": stored.record.to_json(), "salt": stored.salt.hex()}


def page(node: Node, *, skip: int = 0) -> dict[str, Any]:
    """Log head, one page of records after the newest `skip`, peers, and what still waits for a receipt.

    What waits for a Party whose node has an address here stands apart from what must leave as a bundle.
    """
    with node.view() as view:
        head = view.last_checkpoint()
        heads = view.heads()
    found = [r for r in rows(node) if r["kind"] != "receipt"]
    peers = node.peers()
    waits = Counter(party for r in found for party in r["waits_for"])
    skip = max(0, min(skip, (len(found) - 1) // PAGE * PAGE))
    return {
        "head": {"origin": node.identity.origin, "size": head.size, "note": head.note} if head else None,
        "heads": [{"origin": h.origin, "size": h.size} for h in heads],
        "records": found[skip : skip + PAGE],
        "newer": max(0, skip - PAGE) if skip else None,
        "older": skip + PAGE if skip + PAGE < len(found) else None,
        "all": len(found),
        "peers": [(party, url, waits[party]) for party, url in sorted(peers.items())],
        "unreached": sum(n for party, n in waits.items() if party not in peers),
    }


def detail(node: Node, rid: str) -> dict[str, Any]:
    """What the page of one record shows."""
    found = one(node, rid)
    body = {key: value for key, value in found["record"].items() if key not in ("heads",)}
    return {"found": found, "payload": json.dumps(body, ensure_ascii=False, indent=2)}
