"""The Images page, its files, and what is done with copies; programs search images at /stac."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from overflight.api.desk import TheDesk
from overflight.api.pages import show
from overflight.app import images as use
from overflight.app.delivery import deliver
from overflight.web import images as view
from overflight.web import render

router = APIRouter(tags=["images"])
SHOWN = {"image/png", "image/jpeg", "image/webp"}
Text = Annotated[str, Form(max_length=500)]
Short = Annotated[str | None, Query(max_length=120)]


@router.get("/api/images/{image}/verify")
def verify(desk: TheDesk, image: str) -> dict[str, Any]:
    """Digests, equal pixels and the signed manifest of one image."""
    return use.verify(desk.node, image)


@router.get("/api/images/requests")
def requests(desk: TheDesk) -> list[dict[str, Any]]:
    """Requests for copies with what the rules say of each and its answer."""
    return use.list_requests(desk.node)


@router.get("/images", response_class=HTMLResponse, include_in_schema=False)
def images_page(request: Request, desk: TheDesk, flight: Short = None) -> HTMLResponse:
    """Footprints, small pictures, requests."""
    return show(request, "images.html", "images", **view.page(desk.node, flight))


@router.get("/images/file/{sha256}", include_in_schema=False)
def file(desk: TheDesk, sha256: str) -> Response:
    """A file of an image that this node holds, by its digest."""
    node = desk.node
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise HTTPException(404)
    with node.view() as found:
        row = found.blob(sha256)
    if row is None:
        raise HTTPException(404)
    headers = {"cache-control": "private, max-age=31536000, immutable"}
    if row.type not in SHOWN:
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", row.name) or sha256
        headers["content-disposition"] = f'attachment; filename="{name[:120]}"'
    return Response(node.blob(sha256), media_type=row.type, headers=headers)


@router.get("/images/answer", response_class=HTMLResponse, include_in_schema=False)
def answer_sheet(desk: TheDesk, request: str, answer: str) -> HTMLResponse:
    """The sheet that shows what answering a request for copies signs, and to whom it goes."""
    return HTMLResponse(render.page("copies_sheet.html", **view.answer_sheet(desk.node, request, answer)))


@router.post("/images/answer", include_in_schema=False)
def give_answer(desk: TheDesk, request: Text, answer: Text, asking: Text, reason: Text = "") -> RedirectResponse:
    """Hand copies over, or refuse them with the paragraphs; then send what waits."""
    if answer == "deliver":
        use.deliver_copies(desk.node, to=asking, request=request)
    else:
        use.refuse_copies(desk.node, request, reason=reason)
    deliver(desk.node)
    return RedirectResponse("/images", 303)


@router.post("/images/receive", include_in_schema=False)
def receive(desk: TheDesk, delivery: Text) -> RedirectResponse:
    """Check delivered copies, take them into the catalogue, confirm custody."""
    use.receive_copies(desk.node, delivery)
    deliver(desk.node)
    return RedirectResponse("/images", 303)


@router.post("/images/request", include_in_schema=False)
def request_copies(
    desk: TheDesk,
    flight: Text,
    observing: Text = "",
    observed: Text = "",
    flown_on: Text = "",
    sensor: Text = "",
    portion: Text = "",
    medium: Text = "",
) -> RedirectResponse:
    """Ask the observing Party for copies, with the six particulars of IX.IV.1."""
    use.request_copies(
        desk.node,
        flight=flight,
        observing=observing or None,
        observed=observed or None,
        flown_on=flown_on or None,
        sensor=sensor or None,
        portion=portion or None,
        medium=medium or None,
    )
    deliver(desk.node)
    return RedirectResponse("/images", 303)


@router.get("/images/{image}/verify", response_class=HTMLResponse, include_in_schema=False)
def verify_part(desk: TheDesk, image: str) -> HTMLResponse:
    """What the verification of one image found, as a part of its page."""
    return HTMLResponse(render.page("image_verified.html", report=use.verify(desk.node, image)))


@router.get("/images/{image}", response_class=HTMLResponse, include_in_schema=False)
def image_page(request: Request, desk: TheDesk, image: str) -> HTMLResponse:
    """One image with its evidence."""
    return show(request, "image.html", "images", **view.detail(desk.node, image))
