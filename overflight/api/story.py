"""The exercise's control server, when the demo runs: its state on the pages, and one button that steps it."""

from __future__ import annotations

from typing import Any

import httpx
from fastapi import APIRouter
from fastapi.responses import RedirectResponse

from overflight.api.desk import Desk, TheDesk
from overflight.errors import CannotAnswer, PeerUnreachable
from overflight.terms.words import say

router = APIRouter(include_in_schema=False)
STEP_SECONDS = 120.0  # a step may render and develop a film
STATE_SECONDS = 3.0
LONGEST_BYTES = 1_000_000


def story_of(desk: Desk) -> dict[str, Any] | None:
    """Title, steps with their checks, and the next step; None when no story is told or its server is silent."""
    if desk.story_url is None:
        return None
    try:
        answer = httpx.get(f"{desk.story_url}/state", timeout=STATE_SECONDS, trust_env=False)
        found = answer.raise_for_status().json() if len(answer.content) <= LONGEST_BYTES else None
    except (httpx.HTTPError, ValueError):
        return None
    return told(found)


def told(found: Any) -> dict[str, Any] | None:
    """The story with every field that the pages read in place; None if it is none."""
    if not isinstance(found, dict) or not isinstance(found.get("steps"), list):
        return None
    steps = [
        {
            "n": step.get("n", number),
            "title": str(step.get("title", "")),
            "when": str(step.get("when", "")),
            "text": str(step.get("text", "")),
            "done": bool(step.get("done")),
            "problem": str(step.get("problem") or ""),
            "page": page_of(step.get("page")),
            "checks": [
                {
                    "text": str(c.get("text", "")),
                    "ok": bool(c.get("ok")),
                    "citation": str(c.get("citation") or ""),
                    "finding": bool(c.get("finding")),  # a breach or refusal that the story plans to be found
                }
                for c in step.get("checks") or ()
                if isinstance(c, dict)
            ],
        }
        for number, step in enumerate(found["steps"], 1)
        if isinstance(step, dict)
    ]
    return {
        "title": str(found.get("title", "")),
        "steps": steps,
        "done": sum(step["done"] for step in steps),
        "next": next((step for step in steps if not step["done"]), None) if found.get("next") is not None else None,
    }


def page_of(path: Any) -> str:
    """The page of this node that shows a step; Today where the story names no address of ours."""
    return path if isinstance(path, str) and path.startswith("/") and not path.startswith("//") else "/"


@router.post("/exercise/step")
def step(desk: TheDesk) -> RedirectResponse:
    """Play the next step of the exercise, then show Today."""
    if desk.story_url is None:
        raise CannotAnswer(say("No exercise is being told here; start one with `overflight demo`."))
    try:
        httpx.post(f"{desk.story_url}/step", timeout=STEP_SECONDS, trust_env=False).raise_for_status()
    except httpx.HTTPStatusError as why:
        raise PeerUnreachable(
            say("The exercise could not take its next step: {why}", why=why.response.text[:300] or str(why))
        ) from None
    except httpx.HTTPError:
        raise PeerUnreachable(say("The exercise's control server does not answer; start the demo again.")) from None
    return RedirectResponse("/", 303)
