"""Deeds of the exercise's staff, for the demo's own process only: a secret that only it and its nodes hold."""

from __future__ import annotations

import hmac
import os
from typing import Annotated, Any

from fastapi import APIRouter, Body, Header

from overflight.api.desk import TheDesk
from overflight.app.story import deeds
from overflight.errors import Refused
from overflight.terms.words import say

router = APIRouter(include_in_schema=False)


@router.post("/exercise/do")
def do(
    desk: TheDesk,
    deed: Annotated[str, Body()],
    fields: Annotated[dict[str, Any], Body()],
    x_overflight_stage: Annotated[str, Header()] = "",
) -> dict[str, Any]:
    """Do one deed on this exercise node."""
    token = os.environ.get("OVERFLIGHT_STAGE_TOKEN", "")
    node = desk.node
    if not token or node.exercise is None or not hmac.compare_digest(token.encode(), x_overflight_stage.encode()):
        raise Refused(say("only the process that plays the exercise may ask this, and only of an exercise node"))
    return deeds.do(node, deed, fields)
