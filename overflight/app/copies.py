"""Copies of images to other Parties: delivered, and taken into custody (Article IX, Sections II and IV).

Who may have copies is decided by `overflight.rules.output`; what is done about it is a signed record.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from overflight.app.copy_requests import GIVEN, Request, judge, oldest_open, open_request
from overflight.app.intake import Prepared, flight_parties, heights, prepare, store_images
from overflight.errors import BadFile, BadInput, OverflightError, Refused
from overflight.flight.messages import build_body
from overflight.imagery.camera import camera_from
from overflight.imagery.frames import frame_from
from overflight.imagery.process import decode_picture
from overflight.rules.finding import Finding, Verdict
from overflight.rules.output import data_go_to_parties_only, may_deliver
from overflight.sharing.record import BlobRef, Ref
from overflight.terms.moment import rfc3339
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.app.node import Node, Stored
    from overflight.storage.port_images import ImageRow

MOST_IMAGES = 1000  # of one delivery: three files each, within what one record may list


def deliver_copies(node: Node, images: Sequence[str] = (), *, to: str, request: str | None = None) -> dict[str, Any]:
    """Hand copies of images to a Party: the original bytes, camera and pose, and the Item of each.

    It answers the request that is named, or the oldest open one of that Party for the images' flight. The
    observed Party needs none: it may choose a first-generation duplicate (IX.II.6). Membership is asked now,
    and once more when the record is sent.

    Returns
    -------
    dict
        ``record, kind, to, images, rules, findings``.

    Raises
    ------
    Refused
        If `to` has no right today; `finding` holds the answer, with both readings where the text is silent.
    BadInput
        If there is no such image or no request.
    """
    regime = node.regime()
    asked = open_request(node, request) if request else oldest_open(node, to, images)
    if asked is not None and asked.asking != to:
        raise BadInput(
            say("request {rid} is of {asking}, not of {to}", rid=asked.rid[:12], asking=asked.asking, to=to),
            field="--request",
        )
    rows = _rows(node, images, asked)
    flights = {row.flight for row in rows}
    if len(flights) != 1:
        raise BadInput(say("one delivery holds images of one flight"), field="image")
    flight = flights.pop()
    parties = flight_parties(node, flight)
    findings: list[Finding] = []
    if asked is not None:
        kind, rules = "data.delivery", ["IX.IV.1", "IX.I.4"]
        findings += judge(node, asked)
    elif to == parties.observed:
        kind, rules = "data.duplicate", ["IX.II.6", "IX.I.4"]
    elif not regime.is_party(to):
        kind, rules = "data.delivery", ["IX.I.4"]
    else:
        raise BadInput(
            say(
                "{party} has not asked for copies of {flight}; enter its letter with `overflight image request "
                "--letter-of {party}` if it asked on paper",
                party=to,
                flight=flight,
            ),
            field="--to",
            citation="IX.IV.1",
        )
    goes = data_go_to_parties_only(to=to, on=regime.day, regime=regime)
    findings.append(goes)
    decided = findings[0]
    stopped = decided if asked is not None and not may_deliver(decided) else goes
    if stopped.verdict is not Verdict.COMPLIES and not (stopped is decided and may_deliver(decided)):
        raise Refused(
            say("no copies go to {party}: {why}", party=to, why=stopped.because),
            citation=stopped.citation,
            party=to,
            finding=stopped.to_json(),
        )
    if parties.observing not in (None, node.party):
        raise Refused(
            say(
                "copies of {flight} come from {observing}, the observing Party",
                flight=flight,
                observing=parties.observing,
            ),
            citation="IX.IV.1",
            party=to,
        )
    blobs, listed = _files_of(node, rows)
    extra = {"images": listed}
    if kind == "data.duplicate":
        whole = len(rows) == len(node.images.find(flight=flight))
        extent = "whole" if whole else "part"
        body = build_body(
            kind, {"flight": flight, "for_party": to, "extent": extent, "form": "digital", "handed_over_at": node.now()}
        )
    else:
        body = build_body(kind, {"flight": flight})
    stored = node.issue(
        kind,
        to=[to],
        rules=rules,
        refs=[Ref("answers", asked.rid)] if asked else [],
        body={**body, **extra},
        subject=say("{n} images of {flight} for {party}", n=len(rows), flight=flight, party=to),
        blobs=blobs,
    )
    return {
        "record": stored.rid,
        "kind": kind,
        "flight": flight,
        "to": to,
        "images": [row.id for row in rows],
        "rules": rules,
        "findings": [f.to_json() for f in findings],
    }


def receive_copies(node: Node, delivery: str | None = None) -> dict[str, Any]:
    """Take delivered copies into this node's own catalogue and confirm custody to their sender.

    What came is hostile until checked: every file is held against its digest, decoded anew and described
    anew from camera and pose; nothing of the sender's description is believed.

    Returns
    -------
    dict
        ``deliveries: [{record, custody, images}], new, problems: [{record, from, problem}]``; a delivery that
        cannot be taken is a problem and holds up no other.

    Raises
    ------
    BadInput, BadFile, Refused
        If `delivery` names one that is not here, whose files are missing or malformed, or that comes from
        another than the observing Party; nothing of it is stored.
    """
    held = {ref.rid for s in node.records(kind="data.custody") if s.record.from_ == node.party for ref in s.record.refs}
    waiting = [
        s
        for kind in GIVEN
        for s in node.records(kind=kind)
        if node.party in s.record.to and s.record.from_ != node.party and (s.rid == delivery or delivery is None)
    ]
    if delivery is not None and not waiting:
        raise BadInput(say("this node received no delivery {rid}", rid=delivery[:64]), field="delivery")
    out: list[dict[str, Any]] = []
    problems: list[dict[str, Any]] = []
    new = 0
    for stored in waiting:
        if stored.rid in held:
            continue
        try:
            _check_sender(node, stored)
            ready = [_received(node, stored, entry) for entry in _listed(stored)]
            new += store_images(node, ready)
        except OverflightError as error:
            if delivery is not None:
                raise
            # one delivery that cannot be taken must not hold up the others
            problems.append({"record": stored.rid, "from": stored.record.from_, "problem": error.to_json()})
            continue
        flight = stored.record.flight
        custody = node.issue(
            "data.custody",
            to=[stored.record.from_],
            rules=["IX.I.4"],
            refs=[Ref("receipt-of", stored.rid)],
            body={"flight": flight, "of": stored.rid, "originals": [one.row.original for one in ready]},
            subject=say("Custody of {n} images of {flight}", n=len(ready), flight=flight),
        )
        out.append({"record": stored.rid, "custody": custody.rid, "images": [one.row.id for one in ready]})
    return {"deliveries": out, "new": new, "problems": problems}


def releases(node: Node) -> dict[str, list[dict[str, Any]]]:
    """For each original's digest, the records that gave copies of it away, and who confirmed them when."""
    out: dict[str, list[dict[str, Any]]] = {}
    custody = {(ref.rid, s.record.from_): s.rid for s in node.records(kind="data.custody") for ref in s.record.refs}
    for kind in GIVEN:
        for stored in node.records(kind=kind):
            for blob in stored.record.blobs:
                for party in stored.record.to:
                    got = stored.receipts.get(party)
                    out.setdefault(blob.sha256, []).append(
                        {
                            "to": party,
                            "from": stored.record.from_,
                            "at": rfc3339(stored.record.at),
                            "record": stored.rid,
                            "rules": list(stored.record.rules),
                            "received_at": rfc3339(got) if got else None,
                            "custody": custody.get((stored.rid, party)),
                        }
                    )
    return out


def with_release(item: dict[str, Any], released: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """The Item with its release state, which follows from the records and is stored nowhere."""
    gone = released.get(item["assets"]["original"]["file:checksum"][4:], [])
    item["properties"]["oskies:release"] = {"state": "released" if gone else "held", "copies": gone}
    return item


def _rows(node: Node, images: Sequence[str], asked: Request | None) -> list[ImageRow]:
    if images:
        rows = []
        for image in dict.fromkeys(images):
            row = node.images.get(image)
            if row is None:
                raise BadInput(say("this node has no image {id!r}", id=image[:80]), field="image")
            rows.append(row)
    else:
        rows = node.images.find(flight=asked.flight) if asked and asked.flight else []
    if not 1 <= len(rows) <= MOST_IMAGES:
        raise BadInput(
            say("{n} images were chosen; one delivery holds 1 to {most}", n=len(rows), most=MOST_IMAGES), field="image"
        )
    return rows


def _files_of(node: Node, rows: Sequence[ImageRow]) -> tuple[list[BlobRef], list[dict[str, str]]]:
    """Each image's files as blobs, each file once, and the list that says which belong together."""
    blobs: dict[str, BlobRef] = {}
    listed = []
    for row in rows:
        item = json.loads(row.item)
        assets = item["assets"]
        original = assets["original"]
        side = assets["sidecar"]["file:checksum"][4:]
        said = json.dumps(item, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        written = node.put_blob(said, type="application/geo+json", name=f"{row.id}.item.json")
        for ref in (
            BlobRef(row.original, original["file:size"], original["type"], original.get("file:local_path") or row.id),
            BlobRef(side, assets["sidecar"]["file:size"], "application/json", f"{row.id}.json"),
            written,
        ):
            blobs.setdefault(ref.sha256, ref)
        listed.append({"id": row.id, "original": row.original, "sidecar": side, "item": written.sha256})
    return list(blobs.values()), listed


# what another Party delivered


def _check_sender(node: Node, stored: Stored) -> None:
    observing = flight_parties(node, stored.record.flight or "").observing
    if observing not in (None, stored.record.from_):
        raise Refused(
            say(
                "delivery {rid} comes from {sender}; images of {flight} come from {observing}, the observing Party",
                rid=stored.rid[:12],
                sender=stored.record.from_,
                flight=stored.record.flight,
                observing=observing,
            ),
            citation="IX.IV.1",
        )


def _listed(stored: Stored) -> list[Mapping[str, str]]:
    entries = stored.record.body.get("images")
    named = {b.sha256 for b in stored.record.blobs}
    if not isinstance(entries, list) or not 1 <= len(entries) <= MOST_IMAGES:
        raise BadFile(say("delivery {rid} lists no images", rid=stored.rid[:12]), field="images")
    for entry in entries:
        files = [entry.get("original"), entry.get("sidecar")] if isinstance(entry, dict) else [None]
        if not all(isinstance(digest, str) and digest in named for digest in files):
            raise BadFile(
                say("delivery {rid} lists an image whose files it does not hold", rid=stored.rid[:12]), field="images"
            )
    return entries


def _received(node: Node, stored: Stored, entry: Mapping[str, str]) -> Prepared:
    names = {b.sha256: b.name for b in stored.record.blobs}
    data = node.blob(entry["original"])
    if hashlib.sha256(data).hexdigest() != entry["original"]:
        raise BadFile(say("the original of {id} has another digest", id=str(entry.get("id"))[:80]), field="original")
    where = names[entry["sidecar"]]
    try:
        said = json.loads(node.blob(entry["sidecar"]))
        row, shot, flight = said["frame"], said["camera"], said["flight"]
        if (
            not isinstance(row, dict)
            or flight != stored.record.flight
            or not all(isinstance(v, str) for v in row.values())
        ):
            raise TypeError
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BadFile(
            say("{file} does not say camera and pose of an image of {flight}", file=where, flight=stored.record.flight),
            field=where,
        ) from None
    frame = frame_from(row, where)
    camera = camera_from(shot, where=where)
    parties = flight_parties(node, str(flight))
    return prepare(
        decode_picture(data, names[entry["original"]]),
        frame,
        camera,
        flight=str(flight),
        observing=parties.observing or stored.record.from_,
        observed=parties.observed,
        height=heights([frame])[0],
        exercise=node.exercise,
    )
