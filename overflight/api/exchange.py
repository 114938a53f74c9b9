"""What other Parties' nodes speak to: an inbox, and the log as plain files.

Nothing here hands out a record, a salt or an attached file: those go to their addressees
in parcels only.  The log holds commitments, which say nothing to others.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from overflight.api.desk import Desk, TheDesk
from overflight.app.delivery import PARCEL_TYPE
from overflight.app.logbook import CHECKPOINT
from overflight.errors import BadInput
from overflight.sharing.parcel import held_in
from overflight.sharing.tiles import Tile
from overflight.terms.words import say

router = APIRouter()
TEXT = "text/plain; charset=utf-8"


@router.post("/inbox", response_class=Response)
async def inbox(request: Request, desk: TheDesk) -> Response:
    """Take up one parcel; the answer is this Party's receipt, as a parcel."""
    node = desk.node
    limit = node.settings.parcel_max_bytes
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > limit:
            raise BadInput(say("a parcel has at most {limit} bytes", limit=limit), field="body")
    answer = await run_in_threadpool(_take, desk, bytes(data))
    return Response(answer, media_type=PARCEL_TYPE)


def _take(desk: Desk, data: bytes) -> bytes:
    node = desk.node
    receipt = node.receive(data, via="https")
    if receipt.record.from_ != node.party:  # a receipt that came in is not confirmed in turn
        return b"{}"
    (sender,) = receipt.record.to
    return node.parcels(receipt.rid, sender, held=held_in(data))[0]


@router.get("/log/checkpoint", response_class=Response)
@router.get("/head", response_class=Response)
def checkpoint(desk: TheDesk) -> Response:
    """The newest signed state of this Party's log."""
    found = desk.node.log_files.get(CHECKPOINT)
    if found is None:
        return Response(say("the log is empty\n"), 404, media_type=TEXT)
    return Response(found, media_type=TEXT, headers={"Cache-Control": "no-store"})


@router.get("/log/tile/{path:path}", response_class=Response)
def tile(path: str, desk: TheDesk) -> Response:
    """A tile of hashes or a bundle of entries (C2SP tlog-tiles)."""
    named = Tile.parse(f"tile/{path}")
    found = desk.node.log_files.get(named.path) if named else None
    if found is None:
        return Response(say("no such tile\n"), 404, media_type=TEXT)
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(found, media_type="application/octet-stream", headers=headers)


@router.get("/roster", response_class=Response)
def roster(desk: TheDesk) -> Response:
    """The newest roster that this node saw, signed."""
    found = desk.node.newest_roster().envelope
    return Response(found, media_type="application/json", headers={"Cache-Control": "no-store"})


@router.get("/heads")
def heads(desk: TheDesk) -> dict[str, list[str]]:
    """The newest signed states of other Parties' logs that this node received; a restored node asks for its own."""
    with desk.node.view() as v:
        return {"heads": [row.note for row in v.heads()]}
