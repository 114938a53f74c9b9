"""Several flights planned together: a year over one Party, in which a site counts once.

The flights are planned one after another, each for what the others leave; then, in rounds, one is planned anew
while the others are held, and the new plan stays only if all flights together observe more.  So the value of all
never falls, and it is no less than that of any one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from overflight.errors import BadInput, NothingToPlan
from overflight.planning import coverage
from overflight.planning.coverage import value_of
from overflight.planning.optimise import solve
from overflight.planning.request import PlanRequest, PlanResult, ends_of, limit_for
from overflight.planning.request_ground import in_reach, stops_of
from overflight.planning.stop import StopRule
from overflight.terms.place import Site
from overflight.terms.plan import MissionPlan
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.planning.elevation import Elevation
    from overflight.treaty.geography import Borders
    from overflight.treaty.regime import Regime

Bools = NDArray[np.bool_]
Numbers = NDArray[np.int64]
BETTER = 1e-9
Stops = Callable[[int], StopRule]  # a stopping rule for the n-th search
Told = Callable[[int, int, float], None]


@dataclass(frozen=True)
class CampaignFlight:
    """One flight to plan: its name, what is asked of it, and the regime of its day."""

    name: str
    request: PlanRequest
    regime: Regime


@dataclass(frozen=True)
class Planned:
    """What became of one flight: its plan, which sites it observes, or why it has none."""

    flight: CampaignFlight
    result: PlanResult | None
    seen: Bools
    why_none: str = ""


@dataclass(frozen=True)
class CampaignResult:
    """All flights, and what they observe together; `history` has the value after each round, the first pass first."""

    sites: tuple[Site, ...]
    flights: tuple[Planned, ...]
    value: float
    history: tuple[float, ...]
    searches: int
    stopped_by: str
    within_reach: Bools = field(repr=False)

    @property
    def seen(self) -> Bools:
        """Which sites one flight or more observes."""
        return _union([one.seen for one in self.flights], len(self.sites))

    @property
    def required_missing(self) -> tuple[Site, ...]:
        """Required sites that no flight observes."""
        return tuple(s for s, yes in zip(self.sites, self.seen.tolist(), strict=True) if s.required and not yes)

    def alone(self, n: int) -> float:
        """What the n-th flight observes by itself."""
        return value_of(self.sites, self.flights[n].seen)

    def adds(self, n: int) -> float:
        """What would be lost without the n-th flight."""
        others = [one.seen for k, one in enumerate(self.flights) if k != n]
        return self.value - value_of(self.sites, _union(others, len(self.sites)))


def observed_by(plan: MissionPlan, sites: Sequence[Site], request: PlanRequest) -> Bools:
    """Which of `sites` a plan observes, each within the swath of its own instrument, less what turns leave out."""
    return coverage.observed_by(
        plan.waypoints, sites, np.array([request.half_km(site) for site in sites]), radius_km=request.turn_radius_km,
        turn=request.turn, landings=frozenset(request.stops),
    )  # fmt: skip


def left_over(sites: Sequence[Site], taken: Bools) -> tuple[Site, ...]:
    """The sites with what each would still add where `taken` are observed already; those that add nothing left out.

    A required site that is not taken stays, whatever it is worth.
    """
    best = dict[str, float]()
    for site, yes in zip(sites, taken.tolist(), strict=True):
        if yes and site.group:
            best[site.group] = max(best.get(site.group, 0.0), site.value)
    out = []
    for site, yes in zip(sites, taken.tolist(), strict=True):
        if yes:
            continue
        value = max(0.0, site.value - best.get(site.group, 0.0)) if site.group else site.value
        if value > 0 or site.required:
            out.append(replace(site, value=value))
    return tuple(out)


def plan_campaign(
    flights: Sequence[CampaignFlight],
    *,
    borders: Borders,
    stops: Stops,
    rounds: int = 2,
    seed: int = 0,
    elevation: Elevation | None = None,
    progress: Told | None = None,
) -> CampaignResult:
    """Plan several flights over the same sites together.

    Parameters
    ----------
    flights : sequence of CampaignFlight
        All over the same Party and with the same sites.
    stops : callable
        The stopping rule of the n-th search; rules that count steps make the result repeatable.
    rounds : int
        How often each flight is planned anew at most; a round that gains nothing is the last.
    progress : callable, optional
        Called after each search with round (0 first), the flight's number and the value of all.

    Raises
    ------
    BadInput, UnknownAirfield, UnknownParty
        If one flight's request cannot be meant.
    NothingToPlan
        If no flight has a legal path.
    """
    sites = _same_sites(flights)
    limits = [limit_for(one.request, one.regime) for one in flights]
    reach = np.stack([_within_reach(one, sites, km) for one, km in zip(flights, limits, strict=True)])
    wanted = _who_takes_required(sites, reach)
    nothing = np.zeros(len(sites), dtype=bool)
    planned = [Planned(one, None, nothing) for one in flights]
    value, searches, stopped = 0.0, 0, "rounds"
    history: list[float] = []
    try:
        for turn in range(rounds + 1):
            before = value
            if turn:
                wanted = _passed_on(wanted, sites, reach, _union([p.seen for p in planned], len(sites)))
            for n, one in enumerate(flights):
                others = _union([p.seen for k, p in enumerate(planned) if k != n], len(sites))
                made = _plan_one(one, sites, others, wanted == n, borders, stops(searches), seed + searches, elevation)
                searches += 1
                together = value_of(sites, others | made.seen)
                if turn == 0 or _is_better(made, planned[n], others, sites, together - value):
                    planned[n], value = made, together
                if progress is not None:
                    progress(turn, n, value)
            history.append(value)
            if turn and value <= before + BETTER:
                stopped = "no improvement"
                break
    except KeyboardInterrupt:
        if not any(p.result for p in planned):
            raise
        stopped = "interrupt"
        history.append(value)
    if not any(p.result for p in planned):
        raise NothingToPlan(
            say("no flight of this campaign has a legal path: {why}", why=planned[0].why_none.rstrip(".")),
            citation="VI.II.4.A",
        )
    return CampaignResult(sites, tuple(planned), value, tuple(history), searches, stopped, np.any(reach, axis=0))


def _same_sites(flights: Sequence[CampaignFlight]) -> tuple[Site, ...]:
    if not flights:
        raise BadInput(say("a campaign needs at least one flight"), field="flight")
    first = flights[0].request
    for one in flights:
        if one.request.observed != first.observed or one.request.sites != first.sites:
            raise BadInput(
                say("all flights of a campaign are over one Party and share one list of sites"), field="flight"
            )
        ends_of(one.request, one.regime)
    if not first.sites:
        raise BadInput(say("the file of sites holds no site"), field="--sites")
    return first.sites


def _plan_one(
    one: CampaignFlight,
    sites: tuple[Site, ...],
    taken: Bools,
    mine: Bools,
    borders: Borders,
    stop: StopRule,
    seed: int,
    elevation: Elevation | None,
) -> Planned:
    """The flight's best plan for what is left; its required sites are dropped if they leave no legal path."""
    asked = tuple(replace(site, required=site.required and bool(m)) for site, m in zip(sites, mine, strict=True))
    left = left_over(asked, taken)
    nothing = np.zeros(len(sites), dtype=bool)
    if not left:
        return Planned(one, None, nothing, say("the other flights observe everything that this one could"))
    free = tuple(replace(site, required=False) for site in left if site.value > 0)
    why = ""
    for wishes in (left, free) if any(site.required for site in left) else (left,):
        if not wishes:
            continue
        try:
            result = solve(
                replace(one.request, sites=wishes), one.regime, borders=borders, stop=stop, seed=seed,
                elevation=elevation,
            )  # fmt: skip
        except NothingToPlan as error:
            why = error.message
        except BadInput as error:
            if error.field != "--sites":
                raise
            why = error.message  # none of what is left lies within its reach
        else:
            seen = observed_by(result.plan, sites, one.request)
            if seen.any():
                return Planned(one, result, seen)
            why = say("no path that observes any of what the other flights leave was found")
    return Planned(one, None, nothing, why)


def _is_better(made: Planned, old: Planned, others: Bools, sites: Sequence[Site], more: float) -> bool:
    """Whether a flight's new plan may stand: no required site is lost, and one is won or the value of all grows."""
    if made.result is None:
        return False
    pairs = zip(sites, (others | old.seen).tolist(), (others | made.seen).tolist(), strict=True)
    changed = [(before, after) for site, before, after in pairs if site.required and before != after]
    if any(before for before, _ in changed):
        return False
    return bool(changed) or more > BETTER


def _within_reach(one: CampaignFlight, sites: Sequence[Site], limit_km: float) -> Bools:
    """Which sites a path within the limit could observe, borders aside."""
    start, end = ends_of(one.request, one.regime)
    places = (start, *stops_of(one.request, one.regime), end)
    near: Bools = in_reach(one.request, sites, places, limit_km)
    return near


def _who_takes_required(sites: Sequence[Site], reach: Bools) -> Numbers:
    """For each required site the flight that must observe it, by turns among those within reach; -1 for the others."""
    out = np.full(len(sites), -1, dtype=np.int64)
    load = [0] * len(reach)
    for n, site in enumerate(sites):
        able = np.flatnonzero(reach[:, n]).tolist()
        if site.required and able:
            out[n] = min(able, key=lambda k: load[k])
            load[out[n]] += 1
    return out


def _passed_on(wanted: Numbers, sites: Sequence[Site], reach: Bools, seen: Bools) -> Numbers:
    """A required site that its flight could not observe is the next one's."""
    out = wanted.copy()
    for n, site in enumerate(sites):
        if site.required and not seen[n] and wanted[n] >= 0:
            able = np.flatnonzero(reach[:, n]).tolist()
            out[n] = able[(able.index(int(wanted[n])) + 1) % len(able)]
    return out


def _union(seen: Sequence[Bools], count: int) -> Bools:
    out = np.zeros(count, dtype=bool)
    for one in seen:
        out |= one
    return out
