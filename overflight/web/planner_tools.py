"""Beside the planner: weigh a proposed change, tell owners of sites, draw a plan; and the plans to choose from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from overflight.app import plan_pictures, plan_sites, plan_sites_files
from overflight.app.plan_negotiate import STEPS, negotiate
from overflight.errors import BadInput
from overflight.planning.change import read_change
from overflight.planning.pictures import KINDS
from overflight.planning.planfile import plan_feature, plan_from_feature
from overflight.rules.negotiation import GROUNDS
from overflight.terms.moment import parse_moment
from overflight.terms.words import say
from overflight.treaty.regime import Regime
from overflight.web.planner import ground, sites_from
from overflight.web.planner_request import number_of, optional, regions_of, swaths_of, text_of, texts_of

if TYPE_CHECKING:
    from overflight.app.node import Node

MOST_PLANS = 60
MOST_STEPS = 500  # of a change that is weighed in a page
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "ics": "text/calendar; charset=utf-8",
    "pdf": "application/pdf",
    "svg": "image/svg+xml",
    "png": "image/png",
}


def known_plans(node: Node | None) -> list[dict[str, Any]]:
    """The plans that this node holds, newest flight first: a name, and the plan as a plan file."""
    if node is None:
        return []
    from overflight.app.flight_view import states
    from overflight.flight.plan_body import plan_from_body

    versions = [(flight, one) for flight, what in states(node) for one in reversed(what.versions)]
    return [
        {
            "name": say("{flight}, version {n} by {party}", flight=flight, n=one.number, party=one.by),
            "plan": plan_feature(plan_from_body(one.plan)),
        }
        for flight, one in versions
        if one.plan
    ][:MOST_PLANS]


def grounds() -> list[tuple[str, str]]:
    """The grounds on which a change may be proposed, each with its paragraph, and `other`."""
    words = {
        "weather": say("weather"),
        "airfield": say("state of an airfield"),
        "inconsistent": say("the plan does not keep a rule"),
        "hazardous_airspace": say("hazardous airspace"),
    }
    return [(key, f"{words.get(key, key)} ({citation})") for key, citation in GROUNDS.items()] + [
        ("other", say("another ground"))
    ]


def weigh(wanted: Mapping[str, Any], regime: Regime) -> dict[str, Any]:
    """What a proposed change does; value only where the body brings the sites.

    Raises
    ------
    BadFile, BadInput
        If plan or change is none.
    NothingToPlan
        If no path is left at all.
    """
    change = wanted.get("change")
    if not isinstance(change, Mapping):
        raise BadInput(say("change is missing; it must be an object with its ground"), field="change")
    steps = number_of(wanted, "steps", STEPS)
    if not 1 <= steps <= MOST_STEPS:
        raise BadInput(say("steps must be from 1 to {most}", most=MOST_STEPS), field="steps")
    plan = plan_from_feature(wanted.get("plan"))
    return negotiate(
        plan,
        read_change(json.dumps(change).encode()),
        regime,
        ground(),
        sites=sites_from(wanted["sites"]) if wanted.get("sites") else None,
        swath_km=optional(wanted, "swath_km"),
        swaths_km=swaths_of(wanted, plan, regime),
        regions=regions_of(wanted, plan.observed, regime),
        range_km=optional(wanted, "range_km"),
        max_km=optional(wanted, "max_km"),
        eta=_moment(wanted, "eta"),
        steps=int(steps),
        seed=int(number_of(wanted, "seed", 0)),
    )


def owners(wanted: Mapping[str, Any], regime: Regime, *, now: datetime) -> tuple[dict[str, Any], bytes | None, str]:
    """Which owners' sites come into view: the rows, and a file of them if one of `TYPES` is asked for as ``as``.

    Raises
    ------
    BadInput
        If something that the stage needs is missing.
    """
    stage = text_of(wanted, "stage", "plan")
    kind = text_of(wanted, "as", "json")
    if stage not in plan_sites.STAGES:
        raise BadInput(say("stage: choose one of {all}", all=", ".join(plan_sites.STAGES)), field="stage")
    if kind not in ("json", "csv", "ics", "pdf"):
        raise BadInput(say("as: choose json, csv, ics or pdf"), field="as")
    places = sites_from(wanted.get("sites"))
    if not places:
        raise BadInput(say("sites is missing; send the owners' sites"), field="sites")
    plan = plan_from_feature(wanted["plan"]) if wanted.get("plan") else None
    if stage == "notice":
        observed = text_of(wanted, "observed", plan.observed if plan else None).upper()
        start = text_of(wanted, "from", "") or (plan_sites.start_of(plan, regime) if plan else "")
        if not start:
            raise BadInput(say("no airfield is named; give from, or a plan"), field="from")
        found = plan_sites.sites_within_reach(
            places, regime, ground(), observed=observed, start=start.upper(), eta=_moment(wanted, "eta"),
            swath_km=optional(wanted, "swath_km"),
            flight=text_of(wanted, "flight", plan.flight or "" if plan else "") or None,
        )  # fmt: skip
    elif plan is None:
        raise BadInput(say("at stage {stage} a plan is known: send it", stage=stage), field="plan")
    elif stage == "clear":
        completed = _moment(wanted, "completed")
        if completed is None:
            raise BadInput(say("all clear needs the time when the flight was completed"), field="completed")
        found = plan_sites.all_clear(plan, places, completed=completed)
    else:
        seen, unknown = plan_sites.views(
            plan, regime, swath_km=optional(wanted, "swath_km"), height_m=optional(wanted, "height_m"),
            sensors=texts_of(wanted, "sensors"),
        )  # fmt: skip
        found = plan_sites.sites_in_view(
            plan,
            places,
            regime,
            seen,
            stage=stage,
            speed_tolerance_percent=number_of(wanted, "speed_tolerance_percent", plan_sites.SPEED_TOLERANCE_PERCENT),
            time_tolerance_min=number_of(wanted, "time_tolerance_min", plan_sites.TIME_TOLERANCE_MIN),
        )
        found["views_unknown"] = list(unknown)
    made: bytes | None = None
    if kind == "csv":
        made = plan_sites_files.as_csv(found).encode()
    elif kind == "ics":
        made = plan_sites_files.as_calendar(found, now=now).encode()
    elif kind == "pdf":
        made = plan_sites_files.as_pdf(found)
    return found, made, kind


def picture(wanted: Mapping[str, Any], regime: Regime) -> tuple[bytes, str]:
    """A picture of a plan, or of a search's history, and its kind.

    Raises
    ------
    BadInput, BadFile
        If something is missing or cannot be used.
    """
    kind, what = text_of(wanted, "as", "svg"), text_of(wanted, "what", "map")
    if kind not in KINDS:
        raise BadInput(say("as: choose svg or png"), field="as")
    if what == "value":
        moments = plan_pictures.moments_from(wanted.get("history"))
        return plan_pictures.value_curve(moments, bound_is=text_of(wanted, "bound_is", ""), kind=kind), kind
    plan = plan_from_feature(wanted.get("plan"))
    made = plan_pictures.picture(
        what, plan, regime, ground(), sites=sites_from(wanted["sites"]) if wanted.get("sites") else (),
        swath_km=optional(wanted, "swath_km"), swaths_km=swaths_of(wanted, plan, regime),
        regions=regions_of(wanted, plan.observed, regime), kind=kind,
    )  # fmt: skip
    return made, kind


def _moment(wanted: Mapping[str, Any], key: str) -> datetime | None:
    given = text_of(wanted, key, "")
    return parse_moment(given, field=key) if given else None
