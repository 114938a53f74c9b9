"""Images of a node: search and verify; taking in is in `overflight.app.intake`, copies in `overflight.app.copies`."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overflight.app.copies import deliver_copies, receive_copies, releases, with_release
from overflight.app.copy_requests import enter_letter, list_requests, refuse_copies, request_copies
from overflight.app.intake import flight_parties, ingest
from overflight.errors import BadFile, BadInput, OverflightError
from overflight.imagery import catalogue
from overflight.imagery.process import decode_picture, same_pixels
from overflight.sharing.record import Record
from overflight.storage.port_images import ImageRow
from overflight.terms.moment import rfc3339
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.app.node import Node

__all__ = [
    "collection",
    "deliver_copies",
    "enter_letter",
    "export_images",
    "flight_parties",
    "ingest",
    "list_requests",
    "one",
    "parse_bbox",
    "receive_copies",
    "refuse_copies",
    "request_copies",
    "search",
    "verify",
]


def parse_bbox(text: str) -> tuple[float, ...]:
    """``west,south,east,north`` in degrees, as text.

    Raises
    ------
    BadInput
        If it is no four finite numbers in that order.
    """
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    catalogue.boxes_of(numbers)
    return numbers


collection = catalogue.item_collection


def search(
    node: Node,
    bbox: Sequence[float] | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    flight: str | None = None,
) -> list[dict[str, Any]]:
    """STAC Items of this node whose footprint touches `bbox` (west, south, east, north; west > east crosses 180°)
    and whose exposure lies from `start` to `end`, both included; each says to whom it was released.

    Raises
    ------
    BadInput
        If the box is none, or the times are the wrong way round.
    """
    rows = catalogue.search(node.images, bbox=bbox, start=start, end=end, flight=flight)
    released = releases(node)
    return [with_release(json.loads(row.item), released) for row in rows]


def one(node: Node, image_id: str) -> dict[str, Any]:
    """One STAC Item.

    Raises
    ------
    BadInput
        If this node has no such image.
    """
    row = node.images.get(image_id)
    if row is None:
        raise BadInput(
            say("this node has no image {id!r}; see `overflight image search`", id=image_id[:80]), field="image"
        )
    return with_release(json.loads(row.item), releases(node))


def export_images(node: Node, images: Sequence[str], folder: Path) -> dict[str, Any]:
    """Write images into a new folder: original, cloud-optimised copy, camera and pose, and a STAC Item that
    points to them.

    Returns
    -------
    dict
        ``folder, files``.

    Raises
    ------
    BadInput
        If there is no such image, or the folder is not empty; nothing is written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(say("{folder} is not empty; name a new folder", folder=folder), field="--out")
    items = [one(node, image) for image in dict.fromkeys(images)]
    home = folder.absolute()
    home.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(dir=home.parent, prefix=f".{home.name}-"))
    try:
        for item in items:
            for role, asset in item["assets"].items():
                ending = {"cog": ".cog.tif", "thumbnail": ".small.jpg", "sidecar": ".sidecar.json"}.get(role)
                named = str(asset.get("file:local_path") or "x.bin").rsplit(".", 1)[-1]
                name = item["id"] + (ending or f".original.{named if named.isalnum() else 'bin'}")
                (making / name).write_bytes(node.blob(asset["file:checksum"][4:]))
                asset["href"] = f"./{name}"
            text = json.dumps(item, ensure_ascii=False, indent=2) + "\n"
            (making / f"{item['id']}.json").write_text(text, "utf-8")
        if folder.exists():
            folder.rmdir()
        os.replace(making, home)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    return {"folder": str(folder), "files": sorted(p.name for p in home.iterdir())}


def verify(node: Node, target: str) -> dict[str, Any]:
    """Check a file, or an image by its id: digests of what is stored, equal pixels, and the signed manifest.

    Returns
    -------
    dict
        ``ok, image, checks: [{check, ok, seen}]``; `ok` is false where a check failed or the file is unknown; the
        `ok` of a check is None where there is nothing to check against.

    Raises
    ------
    BadFile
        If the target is a file that cannot be read.
    """
    checks: list[dict[str, Any]] = []
    path = Path(target)
    rows: list[ImageRow]
    if path.is_file():
        digest = _digest_of(path)
        rows = node.images.by_digest(digest)
        role = _role(rows[0], digest) if rows else None
        seen = (
            say("{file} is byte for byte the {role} of {id}", file=path.name, role=role, id=rows[0].id)
            if rows
            else say("no image of this node has a file with digest {digest}", digest=digest)
        )
        checks.append({"check": "file", "ok": bool(rows), "seen": seen})
    else:
        row = node.images.get(target)
        rows = [row] if row else []
        if not rows:
            raise BadFile(
                say("{target!r} is neither a file nor an image of this node", target=target[:80]), field="FILE"
            )
    if rows:
        checks += _stored_checks(node, rows[0])
        checks.append(_manifest_check(node, rows[0]))
    return {
        "ok": all(c["ok"] is not False for c in checks),
        "image": rows[0].id if rows else None,
        "checks": checks,
    }


def _digest_of(path: Path) -> str:
    total = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while part := file.read(1 << 20):
                total.update(part)
    except OSError as error:
        raise BadFile(say("{file}: {why}", file=path.name, why=error.strerror or str(error)), field=str(path)) from None
    return total.hexdigest()


def _role(row: ImageRow, digest: str) -> str:
    names = {
        row.original: say("original"),
        row.cog: say("cloud-optimised copy"),
        row.thumbnail: say("small picture"),
    }
    return names[digest]


def _stored_checks(node: Node, row: ImageRow) -> list[dict[str, Any]]:
    found: dict[str, bytes] = {}
    out = []
    for role, digest in (("original", row.original), ("cog", row.cog), ("thumbnail", row.thumbnail)):
        try:
            data, good, seen = node.blob(digest), True, digest  # the node compares bytes and digest
        except OverflightError as error:
            data, good, seen = b"", False, error.message
        if good:
            found[role] = data
        out.append({"check": f"{role} digest", "ok": good, "seen": seen})
    if {"original", "cog"} <= found.keys():
        try:
            equal = same_pixels(found["cog"], decode_picture(found["original"], row.id))
            seen = say("every pixel equal") if equal else say("pixels differ")
        except BadFile as error:
            equal, seen = False, error.message
        out.append({"check": "pixels of the cloud-optimised copy", "ok": equal, "seen": seen})
    return out


def _manifest_check(node: Node, row: ImageRow) -> dict[str, Any]:
    """Whether a signed record lists the original; signatures were checked when the record came."""
    named = [
        stored.record
        for kind in ("data.catalogued", "data.delivery", "data.duplicate")
        for stored in node.records(kind=kind, flight=row.flight)
        if _lists(node, stored.record, row)
    ]
    if not named:
        # nobody signed anything about it yet: that is said, and is no fault of the image
        return {"check": "signed manifest", "ok": None, "seen": say("no signed record of this node lists it")}
    return {
        "check": "signed manifest",
        "ok": True,
        "seen": say(
            "listed in record {rid} of {party}, {at}", rid=named[0].rid, party=named[0].from_, at=rfc3339(named[0].at)
        ),
        "record": named[0].rid,
    }


def _lists(node: Node, record: Record, row: ImageRow) -> bool:
    """Whether a record names the image's original: in the manifest attached to it, or among the files it delivers."""
    if record.kind != "data.catalogued":
        return any(blob.sha256 == row.original for blob in record.blobs)
    for blob in record.blobs:
        try:
            listed = json.loads(node.blob(blob.sha256))
            if any(i.get("id") == row.id and i.get("original") == row.original for i in listed["images"]):
                return True
        except (OverflightError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue  # another Party's file may hold anything; it then lists nothing
    return False
