"""What one side may offer instead of a proposed change: plans, what each is worth to it, and which rule each keeps.

No offer is worth less than what its rule allows anyway: the submitted, the proposed or the repaired path.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from overflight.errors import NothingToPlan, OverflightError
from overflight.planning.conditions import Conditions, check_conditions
from overflight.planning.coverage import observed, value_of
from overflight.planning.detour import around
from overflight.planning.geodesy import path_length_km
from overflight.planning.planfile import plan_feature
from overflight.planning.repair import Repairs, same_points
from overflight.planning.request import limit_for
from overflight.planning.validate import PlanCheck
from overflight.rules.finding import Verdict
from overflight.terms.place import Site
from overflight.terms.plan import MissionPlan
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

MOST_NAMES = 500
SAME_LENGTH_KM = 1e-6
DEAR = 4.0  # times its value counts a lost site that is sought first

Made = tuple[MissionPlan, PlanCheck]


class Cost:
    """What a plan is worth beside the submitted one, by sites of which some may no longer be observed."""

    def __init__(
        self,
        plan: MissionPlan,
        sites: list[Site],
        open_: list[bool],
        width_km: float,
        swaths_km: Mapping[str, float],
        asked: Conditions,
    ):
        self.swaths_km, self.asked = swaths_km, asked
        self.sites, self.open, self.width = sites, open_, width_km
        self.plan, self.length_km = plan, path_length_km(plan.waypoints)
        self.seen = self._observed(plan)

    def _observed(self, plan: MissionPlan) -> Any:
        return observed(plan.waypoints, self.sites, swath_km=self.width, swaths_km=self.swaths_km)

    def stops_cut(self, plan: MissionPlan) -> list[str]:
        """Airfields where the submitted plan stops and this one does not."""
        return stops_cut(self.plan, plan)

    def worth(self, plan: MissionPlan, dear: Collection[str] = ()) -> float:
        """Value that the plan may observe, with sites of the names `dear` counted four times."""
        sites = [replace(s, value=DEAR * s.value) if s.name in dear else s for s in self.sites]
        return value_of(sites, self._observed(plan) & self.open)

    def of(self, plan: MissionPlan) -> dict[str, Any]:
        """The contract's fields for a plan that would replace the submitted one."""
        still = self._observed(plan) & self.open
        before, after = value_of(self.sites, self.seen), value_of(self.sites, still)
        pairs = list(zip(self.sites, self.seen.tolist(), still.tolist(), strict=True))
        added = path_length_km(plan.waypoints) - self.length_km
        return {
            "value_before": round(before, 6),
            "value_after": round(after, 6),
            "value_lost": round(before - after, 6),
            "total_value": round(value_of(self.sites, np.ones(len(self.sites), dtype=bool)), 6),
            "km_added": round(added, 3),
            "sites_lost": [s.name for s, a, b in pairs if a and not b][:MOST_NAMES],
            "sites_gained": [s.name for s, a, b in pairs if b and not a][:MOST_NAMES],
        }


def best_of(
    search: Callable[[], Made],
    others: Sequence[Made],
    work: Repairs,
    cost: Cost,
    *,
    max_km: float | None = None,
    dear: Collection[str] = (),
) -> Made:
    """What `search` found, or one of `others` that is legal, keeps the conditions and the length and is worth more.

    Raises
    ------
    OverflightError
        As `search`, where none of the others may be offered either.
    """
    limit = limit_for(work.request, work.regime)
    most = (limit if max_km is None else min(limit, max_km)) + SAME_LENGTH_KM

    def kept(made: Made) -> bool:
        own = check_conditions(made[1].plan, made[1].facts, cost.asked, work.regime)
        return made[1].complies and own.kept

    def rank(made: Made) -> tuple[bool, int, float, float]:
        km = path_length_km(made[0].waypoints)
        return kept(made), -len(cost.stops_cut(made[0])), round(cost.worth(made[0], dear), 9), -round(km, 6)

    allowed = [one for one in others if path_length_km(one[0].waypoints) <= most and kept(one)]
    try:
        found = [search()]
    except NothingToPlan:
        if not allowed:
            raise
        found = []
    return max([*found, *allowed], key=rank)


def alternatives(
    own: MissionPlan,
    others: Sequence[MissionPlan],
    work: Repairs,
    cost: Cost,
    *,
    steps: int,
    seed: int,
    lost: Collection[str],
) -> list[dict[str, Any]]:
    """Three plans to offer instead: at the proposed time and height, clear of closed ground, the path our own.

    Parameters
    ----------
    own : MissionPlan
        The submitted plan at the proposed time and height.
    others : sequence of MissionPlan
        Plans whose paths may be flown too: as proposed, and as repaired.
    lost : collection of str
        Names of the sites that the proposal loses.
    """
    submitted: Made | OverflightError
    try:
        path = around(own.waypoints, work.closed) if work.closed else own.waypoints
        submitted = work.finished(own, path, None if path != own.waypoints else own.sensors_on)
    except OverflightError as why:
        submitted = why
    ends = (own.start_airfield, own.end_airfield)
    allowed = [] if isinstance(submitted, OverflightError) else [submitted]
    allowed += [
        work.finished(own, one.waypoints, None)
        for one in others
        if (one.start_airfield, one.end_airfield) == ends and one.waypoints != own.waypoints
    ]
    names = set(lost)
    dear = [site for site in work.request.sites if site.name in names]

    def kept() -> Made:
        if isinstance(submitted, OverflightError):
            raise submitted
        return submitted

    def no_longer() -> Made:
        most = cost.length_km
        return best_of(
            lambda: work.best_from(own, steps=steps, seed=seed, max_km=most), allowed, work, cost, max_km=most
        )

    def regain() -> Made:
        return best_of(
            lambda: work.best_from(own, steps=steps, seed=seed + 1, dear=dear), allowed, work, cost, dear=names
        )

    offers = (
        ("as_submitted", say("the submitted path, around closed ground only"), kept),
        ("no_longer", say("the best path found that is no longer than the submitted one"), no_longer),
        ("most_regained", say("the best path found with lost sites sought first"), regain),
    )
    out: list[dict[str, Any]] = []
    for name, words, make in offers:
        try:
            made, check = make()
        except OverflightError as why:
            out.append({"name": name, "says": words, "plan": None, "not": why.message})
            continue
        row = offer(name, words, made, check, cost, work.regime)
        if name != "as_submitted" and row["value_lost"] > 0:
            row["less_because"] = _why_less(submitted, name, cost, work)
        same = next((o["name"] for o in out if o.get("plan") and same_points(_path(o), _path(row))), None)
        out.append(row | ({"same_path_as": same} if same else {}))
    return out


def _why_less(submitted: Made | OverflightError, name: str, cost: Cost, work: Repairs) -> str | None:
    """What keeps the submitted path, with all that it observed, from being this offer."""
    if isinstance(submitted, OverflightError):
        return submitted.message
    plan, check = submitted
    broken = sorted({f.citation for f in check.findings if f.verdict is Verdict.BREACHES})
    if broken:
        return say("the submitted path is not legal under the change: {citations}", citations=", ".join(broken))
    own = check_conditions(check.plan, check.facts, cost.asked, work.regime)
    if not own.kept:
        rules = sorted({f.rule for f in own.findings if f.verdict is Verdict.BREACHES})
        return say("the submitted path does not keep your own conditions: {rules}", rules=", ".join(rules))
    longer = path_length_km(plan.waypoints) - cost.length_km
    if name == "no_longer" and longer > SAME_LENGTH_KM:
        return say("around the closed ground the submitted path is {km:.1f} km longer", km=longer)
    limit = limit_for(work.request, work.regime)
    if cost.length_km + longer > limit + SAME_LENGTH_KM:
        return say("the submitted path is longer than the limit of {km:.0f} km", km=limit)
    if cost.of(plan)["value_lost"] > 0:
        return say("the change keeps sites that the submitted path observed from being observed")
    return None


def offer(name: str, words: str, plan: MissionPlan, check: PlanCheck, cost: Cost, regime: Regime) -> dict[str, Any]:
    """The contract's fields of one offer."""
    own = check_conditions(check.plan, check.facts, cost.asked, regime)
    return {
        "name": name,
        "says": words,
        **cost.of(plan),
        "length_km": round(check.length_km, 3),
        "counted_km": round(check.counted_km, 3),
        "complies": check.complies,
        "conditions_kept": own.kept,
        "conditions_broken": sorted({f.rule for f in own.findings if f.verdict is Verdict.BREACHES}),
        "stops_cut": cost.stops_cut(plan),
        "breaches": sorted({f.citation for f in check.findings if f.verdict is Verdict.BREACHES}),
        "plan": plan_feature(plan),
    }


def stops_cut(plan: MissionPlan, other: MissionPlan) -> list[str]:
    """Airfields of the plan's stops that the other plan no longer makes."""
    left = [s.airfield for s in other.stops]
    cut = []
    for stop in plan.stops:
        if stop.airfield in left:
            left.remove(stop.airfield)
        else:
            cut.append(stop.airfield)
    return cut


def _path(row: Mapping[str, Any]) -> Any:
    return row["plan"]["geometry"]["coordinates"]
