"""Errors become statuses in one place: RFC 9457 problems for programs, a plain page for people."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from overflight import errors
from overflight.errors import OverflightError
from overflight.terms.words import say

# The nearest class of an error's line of descent decides.
HTTP_STATUS: dict[type[OverflightError], int] = {
    errors.BadInput: 400,
    errors.UnknownParty: 404,
    errors.UnknownAirfield: 404,
    errors.UnknownOnDate: 404,
    errors.UnknownCitation: 404,
    errors.NoNode: 404,
    errors.Refused: 403,
    errors.Conflict: 409,
    errors.ClockBackwards: 409,
    errors.NothingToPlan: 422,
    errors.CannotAnswer: 422,
    errors.NotVerified: 422,
    errors.BadData: 500,
    errors.PeerUnreachable: 502,
    errors.NodeBusy: 503,
    OverflightError: 400,
}
# Programs speak to these; everything else is read by people.
FOR_PROGRAMS = ("/api/", "/stac", "/inbox", "/log", "/static/")


def status_of(error: OverflightError) -> int:
    """The HTTP status that answers `error`."""
    return next(HTTP_STATUS[kind] for kind in type(error).__mro__ if kind in HTTP_STATUS)


def problem(status: int, code: str, detail: str, **more: Any) -> dict[str, Any]:
    """An RFC 9457 problem with the stable code of `overflight.errors` and, where one decides, the paragraph."""
    return {
        "type": f"urn:overflight:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        **more,
        "code": code,
        "detail": detail,
    }


def problem_of(error: OverflightError) -> dict[str, Any]:
    """`error` as an RFC 9457 problem."""
    facts = error.to_json()
    return problem(status_of(error), facts.pop("code"), facts.pop("detail"), **facts)


def answer_problem(request: Request, body: dict[str, Any]) -> Response:
    """The problem in the form that the asker reads: a part for htmx, a page for a browser, JSON otherwise."""
    wants_page = "text/html" in request.headers.get("accept", "")
    if request.url.path.startswith(FOR_PROGRAMS) or not (wants_page or "hx-request" in request.headers):
        return JSONResponse(body, body["status"], media_type="application/problem+json")
    from overflight.api.pages import problem_page

    return problem_page(request, body)


def install(api: FastAPI) -> None:
    """Give `api` the handlers for every kind of failure."""

    @api.exception_handler(OverflightError)
    def of_ours(request: Request, error: OverflightError) -> Response:
        return answer_problem(request, problem_of(error))

    @api.exception_handler(RequestValidationError)
    def of_form(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
        detail = say("{field}: {why}", field=field, why=first["msg"])
        return answer_problem(request, problem(400, "bad-input", detail, field=field))

    @api.exception_handler(HTTPException)
    def of_http(request: Request, error: HTTPException) -> Response:
        code = {404: "not-found", 405: "wrong-method", 413: "too-large"}.get(error.status_code, "bad-request")
        detail = str(error.detail)
        if code == "not-found":
            detail = say("Nothing has the address {path}.", path=request.url.path)
        if code == "wrong-method":
            detail = say("{path} does not take {method}.", path=request.url.path, method=request.method)
        return answer_problem(request, problem(error.status_code, code, detail))

    @api.exception_handler(Exception)
    def of_nobody(request: Request, error: Exception) -> Response:
        detail = say(
            "A fault of Overflight's own ({kind}). Nothing more was done; please report it with the time.",
            kind=type(error).__name__,
        )
        return answer_problem(request, problem(500, "internal", detail))
