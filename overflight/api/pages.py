"""The pages for people. What a page shows is computed in `overflight.web`; here it gets its address."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from overflight.api.desk import TheDesk, the_desk
from overflight.api.story import story_of
from overflight.app import treaty as use
from overflight.web import render, today, treaty
from overflight.web.frame import frame

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Day = Annotated[str | None, Query(max_length=20)]


def show(request: Request, template: str, place: str, *, as_of: date | None = None, **context: Any) -> HTMLResponse:
    """A whole page in its frame."""
    desk = the_desk(request)
    language = "en"
    framed = frame(
        node=desk.maybe_node,
        place=place,
        now=desk.now(),
        day=as_of or desk.day(),
        language=language,
        theme=request.cookies.get("theme", ""),
    )
    return HTMLResponse(render.page(template, frame=framed, **context), headers={"vary": "cookie"})


def problem_page(request: Request, problem: dict[str, Any]) -> Response:
    """A problem as a person reads it: a part for htmx, which swaps it in, or a whole page."""
    if "hx-request" in request.headers:
        in_sheet = request.headers.get("hx-target", "").endswith("#sheet")  # where only a dialog is seen
        return HTMLResponse(render.page("problem_part.html", problem=problem, in_sheet=in_sheet), 200)
    answer = show(request, "problem.html", "", problem=problem, back=came_from(request))
    answer.status_code = problem["status"]
    return answer


def came_from(request: Request) -> str:
    """The page of this node from which a form was sent; empty if it is not known."""
    sent = urlsplit(request.headers.get("referer", ""))
    return sent.path if sent.netloc == request.headers.get("host") and sent.path.startswith("/") else ""


@router.get("/")
def today_page(request: Request, desk: TheDesk) -> HTMLResponse:
    """Today: duties and clocks, flights; before an exercise starts, what the news of January 2021 said."""
    story = story_of(desk)
    if today.is_prologue(desk.maybe_node, story):
        day = today.NEWS_DAY
        context = {**treaty.day_context(desk.regime(day)), **today.prologue(desk.regime(day), story)}
        return show(request, "prologue.html", "today", as_of=desk.day(), **context)
    return show(request, "today.html", "today", **today.page(desk.maybe_node, desk.regime(), desk.now(), story))


@router.get("/treaty")
def treaty_page(request: Request, desk: TheDesk, on: Day = None) -> HTMLResponse:
    """The treaty on a day."""
    day = desk.day(on)
    return show(request, "treaty.html", "treaty", as_of=day, **treaty.page(desk.regime(day)))


@router.get("/treaty/search")
def treaty_search(desk: TheDesk, q: Annotated[str, Query(max_length=80)] = "") -> HTMLResponse:
    """Paragraphs that a search finds, as a part of the Treaty page."""
    found = treaty.search(desk.regime(), q) if q.strip() else []
    return HTMLResponse(render.page("found.html", found=found) if q.strip() else "")


@router.get("/treaty/{citation:path}")
def paragraph_page(request: Request, desk: TheDesk, citation: str, on: Day = None) -> HTMLResponse:
    """One paragraph: paraphrase, rules, deadlines, readings, sources."""
    regime = desk.regime(desk.day(on))
    return show(request, "paragraph.html", "treaty", paragraph=use.show(regime, citation))
