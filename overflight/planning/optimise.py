"""Find the best legal path: `solve(request, regime, borders=..., stop=..., seed=...)`."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from overflight.errors import NothingToPlan
from overflight.planning.borderlines import BorderLines
from overflight.planning.bound.exact import MOST_CANDIDATES, exact_bound
from overflight.planning.bound.problem import Discrete
from overflight.planning.coverage import observed_by, value_of
from overflight.planning.geodesy import lonlat_of
from overflight.planning.no_path import only_staying, required_missing, turns_bind
from overflight.planning.request import Ignored, PlanRequest, PlanResult, limit_for
from overflight.planning.request_ground import refuse_contradictions
from overflight.planning.rounds import Rounds
from overflight.planning.stop import StopRule, deadline_of, postponed, share_of
from overflight.planning.swath.build import tables_of
from overflight.planning.swath.chain import Chain, Order
from overflight.planning.swath.lane import Lane, Lanes
from overflight.planning.swath.leg_tables import OutOfTime, Pause, go_on
from overflight.planning.swath.prover import Listed, Prover, can_prove, nominal, stated
from overflight.planning.task import SPARE_KM, SPARE_SHARE, Task, prepare
from overflight.planning.validate import PlanCheck, check_plan
from overflight.planning.warm import BOUND, POINTS, SWATH, compile_all
from overflight.rules.finding import Verdict
from overflight.terms.plan import MissionPlan, Waypoint
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.planning.elevation import Elevation
    from overflight.treaty.geography import Borders
    from overflight.treaty.regime import Regime

Progress = Callable[[int, float, float | None, float | None], None]

REPAIRS: Final = 40
TOLD_EVERY: Final = 20  # steps
TABLES_SHARE: Final = 0.5  # of the time that is left: without tours and proof, if their tables need more
FIRST_CYCLE: Final = 40  # steps of the first annealing where nobody knows how long the search may last
PROVE_AFTER_S: Final = 1.0  # where a run may be too short for a proof
AT_ONCE_S: Final = 2.0  # a run that lasts so long begins its proof with itself
LOOK_EVERY_S: Final = 0.3  # a better path is measured on geodesics so often at most
SOON_FOUND: Final = 200  # sites: the search is soon at its end, and a core is worth more to the proof
THREADS: Final = 3
EQUAL: Final = 1e-6  # of values, where no site is worth less than twice that
ROUNDED: Final = 1e-14  # of the sum of all values
LEAST_KM: Final = 0.001  # what is shorter is no path
PATH_PARAGRAPHS: Final = ("VI.II.2", "VI.II.4.A", "VI.II.4.G.1", "VI.II.4.G.2")


def solve(
    request: PlanRequest,
    regime: Regime,
    *,
    borders: Borders,
    stop: StopRule,
    seed: int = 0,
    elevation: Elevation | None = None,
    progress: Progress | None = None,
    clock: Callable[[], float] = monotonic,
    told: Callable[[str], None] | None = None,
) -> PlanResult:
    """The best legal path found until `stop` says so; Ctrl-C stops too and keeps the best.

    Parameters
    ----------
    stop : callable
        Given the step number, the reason to stop or None; see `overflight.planning.stop`.
    seed : int
        Same request, seed and number of steps give the same plan.
    progress : callable, optional
        Called with step, best value, bound and gap now and then; bound and gap are None until one is proven.
    clock : callable
        Measures seconds; it does not decide what is found in a number of steps.
    told : callable, optional
        Told in a sentence that loops are compiled first, which no deadline counts; default a line on standard error.

    Raises
    ------
    BadInput
        If an airfield is not open on the day, the limit is above the treaty's, no site is left, or the request
        contradicts itself.
    NothingToPlan
        If no legal path joins the airfields or observes the required sites; the message names what binds and by how
        much.
    """
    refuse_contradictions(request, regime, limit_for(request, regime))
    proofs = can_prove()
    compiled = compile_all(told or _on_stderr, only=(SWATH, POINTS) if not proofs else (SWATH, POINTS, BOUND))
    stop = postponed(stop, compiled)
    began = clock()
    deadline_s = deadline_of(stop)
    prover = Prover() if proofs and deadline_s is not None and deadline_s >= AT_ONCE_S else None
    try:
        task, ignored = prepare(request, regime, borders, elevation)
        lanes = Lanes(task.problem, task.first, seed)
        lanes.first()
        first = clock() - began
        small = _listed(task, lanes)
    except BaseException:
        if prover is not None:
            prover.end()
        raise
    if small is not None and prover is not None:
        prover.end()
    proof: Prover | Listed | None = small or prover
    step, given = 0, small is not None
    best = Nominal(task)
    if progress is not None:
        _tell(best, lanes, step, proof, progress)
    BorderLines.every(borders)  # the check at the end reads them: they are made while the clock runs, not after it
    rounds, unproven = Rounds(stop, deadline_s, clock), False
    try:
        try:
            lanes.make_ready(rounds.pause_for(step, TABLES_SHARE))
        except OutOfTime:
            unproven = proofs and not given
        reason = rounds.reason
        while reason is None:
            if not given and not unproven and proofs and (prover is not None or clock() - began > PROVE_AFTER_S):
                try:
                    discrete = _discrete(task, lanes, rounds.pause_for(step, TABLES_SHARE))
                except OutOfTime:
                    unproven, reason = True, rounds.reason
                    continue
                proof, given = prover or Prover(), True
                lanes.by_turns = len(task.sites) <= SOON_FOUND and (os.cpu_count() or 1) < THREADS
                proof.give(stated(discrete, [v for v, _ in lanes.discrete.chain.best_order()]))
            share = share_of(stop, step)
            many = rounds.begin(share)
            lanes.advance(_cycle(step) if share is None else share, many)
            rounds.end()
            step += many
            reason = stop(step)
            if given and proof is not None:
                proof.tell(best.look(lanes.discrete, clock()))
            if reason is None and deadline_s is not None:
                reason = _nothing_left(best, lanes, proof)
            if progress is not None and step % TOLD_EVERY < many:
                _tell(best, lanes, step, proof, progress)
    except KeyboardInterrupt:
        reason = "interrupt"
    lanes.close()
    bound = proof.end() if proof is not None else None
    found = Found(
        discrete=best.of([best.order, *lanes.on_candidates()]),
        shifted=lanes.shifted.chain.best_order(),
        steps=step,
        reason=reason,
        unproven=unproven,
    )
    result = finish(task, found, ignored, bound=bound, first_seconds=first, seconds=lambda: clock() - began)
    return replace(result, compile_seconds=compiled)


def _listed(task: Task, lanes: Lanes) -> Listed | None:
    """The proof of a problem that is small enough to be listed."""
    bound = exact_bound(_discrete(task, lanes)) if len(task.sites) <= MOST_CANDIDATES else None
    return None if bound is None else Listed(bound)


def _discrete(task: Task, lanes: Lanes, pause: Pause = go_on) -> Discrete:
    """The search on candidates as a proof reads it, with the limits that were asked for."""
    most = [(planned + SPARE_KM) / (1 - SPARE_SHARE) for _, planned in task.problem.sub_limits]
    ranges = math.inf if task.request.range_km is None else task.request.range_km * (1 + len(task.stops))
    limit = min(task.limit_km, ranges)
    return nominal(task.problem, task.half_km, task.values, lanes.discrete, limit_km=limit, most_km=most, pause=pause)


def _on_stderr(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


class Nominal:
    """The best path over candidates as it is measured on geodesics at the nominal swath, for the proof."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.value = 0.0
        self.order: Order | None = None
        self._searched, self._due = (math.inf, -1.0), -math.inf

    def look(self, lane: Lane, now: float) -> float:
        """The value of the best so far; a better one of the search is measured if the last look is not just over."""
        searched = (float(lane.chain.best[0]), lane.value)
        if searched != self._searched and now >= self._due:
            self._searched, self._due = searched, now + LOOK_EVERY_S
            order = lane.chain.best_order()
            missing, value = self.of_one(order)
            if not missing and (self.order is None or value > self.value):
                self.value, self.order = value, order
        return self.value

    def of_one(self, order: Order) -> tuple[int, float]:
        """How many required sites a path misses, and the value of what it observes."""
        seen = _seen(self.task, _plan(self.task, order))
        return _missing(self.task, seen), value_of(self.task.sites, seen)

    def of(self, orders: Sequence[Order | None]) -> Order:
        """The best of several paths: fewest required sites missed, then most value, then the first."""
        known = [order for order in orders if order is not None]
        ranks = [(missing, -value) for missing, value in (self.of_one(order) for order in known)]
        return known[min(range(len(known)), key=lambda n: ranks[n])]


def _nothing_left(best: Nominal, lanes: Lanes, prover: Prover | Listed | None) -> str | None:
    """ "proven" once every site within reach is observed.

    A path over candidates that is proven best ends only the search on candidates: waypoints beside them may win more.
    """
    task = best.task
    weights = task.weight * sum(site.required for site in task.sites)
    if lanes.shifted.value - weights >= _all_of(task) - _equal(task):
        return "proven"
    if (
        prover is not None
        and prover.bound is not None
        and best.order is not None
        and best.value >= prover.bound - _equal(best.task)
    ):
        lanes.settled = True
    return None


@dataclass(frozen=True)
class Found:
    """What a search ends with: the best path over candidates, the best beside them, and why it ended."""

    discrete: Order
    shifted: Order
    steps: int
    reason: str
    unproven: bool = False  # there was no time to begin a proof


def _cycle(step: int) -> float:
    """Share of a cycle of annealing, each twice as long as the one before, for a search of unknown length."""
    length = FIRST_CYCLE
    while step >= length:
        step -= length
        length *= 2
    return step / length


def _tell(best: Nominal, lanes: Lanes, step: int, prover: Prover | Listed | None, progress: Progress) -> None:
    weight = best.task.weight * sum(site.required for site in best.task.sites)
    value = max(0.0, best.value, max(lanes.shifted.value, lanes.discrete.value) - weight)
    bound = prover.bound if prover is not None else None
    lower = max(0.0, best.value, lanes.discrete.value - weight)
    progress(step, value, bound, (bound - lower) / bound if bound else None)


def finish(
    task: Task,
    found: Found,
    ignored: tuple[Ignored, ...],
    *,
    bound: float | None = None,
    first_seconds: float | None = None,
    seconds: Callable[[], float] = lambda: 0.0,
) -> PlanResult:
    """The result of a search: plans checked by every rule, values measured again on geodesics at the nominal swath.

    Raises
    ------
    NothingToPlan
        If no legal path is left, or none that observes the required sites.
    """
    stay, stays = _stays(found.discrete), _stays(found.shifted)
    if stay and stays:
        raise only_staying(task)
    plan, check = checked(task, found.discrete if stays else found.shifted)
    discrete, plain = plan, check
    if stay:  # no path, but it says what is observed without leaving
        discrete = _plan(task, found.discrete)
    elif not stays and found.shifted is not found.discrete:
        discrete, plain = checked(task, found.discrete)
    discrete_seen, seen = _seen(task, discrete), _seen(task, plan)
    discrete_value, value = value_of(task.sites, discrete_seen), value_of(task.sites, seen)
    if not stay and (_missing(task, seen), -value) > (_missing(task, discrete_seen), -discrete_value):
        plan, check, seen, value = discrete, plain, discrete_seen, discrete_value
    if _missing(task, seen):
        raise required_missing(task, seen)
    notes = []
    if _missing(task, discrete_seen):
        discrete_value = 0.0
        notes.append(say("no path over candidates that observes all required sites was found, so there is no gap"))
    elif discrete_value <= 0:
        notes.append(say("no path over candidates that observes anything was found, so there is no gap"))
    everything, equal = _all_of(task), _equal(task)
    if found.unproven:
        notes.append(
            say(
                "the first plan was ready after {s:.1f} s, which left too little time for the tables of {n} sites that "
                "a proof begins with",
                s=first_seconds or 0.0,
                n=len(task.sites),
            )
        )
    if found.reason == "proven" and 0 < discrete_value < everything - equal:
        notes.append(
            say(
                "the search ended when a path with waypoints beside the candidates observed every site within reach; "
                "the best one over candidates was not looked for any longer, so there is no gap"
            )
        )
    notes.extend(turns_bind(task, value, discrete_value))
    proven = bound is not None
    if bound is not None and bound < discrete_value - equal:
        notes.append(
            say(
                "the proof claimed that no path over candidates is worth more than {bound:g}, and one is worth "
                "{value:g}: one of them is wrong; please report this with the request",
                bound=bound,
                value=discrete_value,
            )
        )
        bound, proven = None, False
    elif bound is None or bound > everything - equal:
        # What lies within reach is no proof yet, unless all of it was found.
        bound, proven = everything, discrete_value >= everything - equal
    return PlanResult(
        plan=plan,
        check=check,
        value=value,
        discrete_value=discrete_value,
        total_value=value_of(task.request.sites, np.ones(len(task.request.sites), dtype=bool)),
        bound=bound,
        seconds=seconds(),
        steps=found.steps,
        stopped_by=found.reason,
        ignored=ignored,
        observed_sites=tuple(site for site, yes in zip(task.sites, seen.tolist(), strict=True) if yes),
        proven=proven,
        first_seconds=first_seconds,
        bound_note="; ".join(notes) or None,
        discrete_plan=discrete,
    )


def _equal(task: Task) -> float:
    """Values no farther apart are the same: less than any site is worth, unless sums are rounded by more."""
    worth = task.values[task.values > 0]
    return max(min(EQUAL, 0.5 * float(worth.min(initial=math.inf))), ROUNDED * float(worth.sum()))


def _stays(order: Order) -> bool:
    """Whether a path never leaves the place where it starts."""
    return all(float(np.linalg.norm(place - order[0][1])) < LEAST_KM for _, place in order)


def _all_of(task: Task) -> float:
    return value_of(task.sites, np.ones(len(task.sites), dtype=bool))


def _seen(task: Task, plan: MissionPlan) -> NDArray[np.bool_]:
    return observed_by(
        plan.waypoints, task.sites, task.half_km, radius_km=task.request.turn_radius_km, turn=task.request.turn,
        landings=frozenset(a.icao for a in task.stops),
    )  # fmt: skip


def _missing(task: Task, seen: NDArray[np.bool_]) -> int:
    return sum(1 for site, yes in zip(task.sites, seen.tolist(), strict=True) if site.required and not yes)


def checked(task: Task, order: Order) -> tuple[MissionPlan, PlanCheck]:
    """The plan of a path, after the plan check; waypoints that break a rule on exact geodesics are dropped."""
    for _ in range(REPAIRS):
        if _stays(order):
            raise only_staying(task)
        plan = _plan(task, order)
        check = check_plan(
            plan, task.regime, borders=task.borders, elevation=task.elevation, regions=task.request.regions,
            may_stand=True,
        )  # fmt: skip
        legs = [
            f.where["leg"]
            for f in check.findings
            if f.verdict is Verdict.BREACHES and isinstance(f.where, dict) and f.citation in PATH_PARAGRAPHS
            if "leg" in f.where
        ]
        if not legs and check.length_km <= task.limit_km:
            return _with_sensor_periods(task, plan, check)
        shorter = _without_one(task, order, legs[0] if legs else None)
        if shorter is None:
            break
        order = shorter
    raise NothingToPlan(
        say(
            "no legal path from {start} to {end} was found: {because}",
            start=task.start.icao,
            end=task.end.icao,
            because=next((f.because for f in check.findings if f.verdict is Verdict.BREACHES), "-"),
        ),
        citation=next((f.citation for f in check.findings if f.verdict is Verdict.BREACHES), None),
    )


def _without_one(task: Task, order: Order, leg: int | None) -> Order | None:
    """The path less one waypoint: of the leg at fault (from 1) if one is named, whichever costs least value."""
    fixed = {0, 1, *task.problem.stops}
    inner = [n for n in range(1, len(order) - 1) if order[n][0] not in fixed]
    at_fault = [n for n in ((leg - 1, leg) if leg is not None else inner) if n in inner] or inner
    if not at_fault:
        return None
    tables = tables_of(task.problem, free=True)
    chain = Chain(tables, order, 0)
    ways = [order[:n] + order[n + 1 :] for n in at_fault]
    values = []
    for way in ways:
        chain.lay(way)
        values.append(float(chain.f[1]))
    return ways[int(np.argmax(values))]


def _plan(task: Task, order: Order) -> MissionPlan:
    lons, lats = lonlat_of(np.array([place for _, place in order]))
    names = {0: task.start.icao, 1: task.end.icao} | {2 + n: a.icao for n, a in enumerate(task.stops)}
    waypoints = []
    for n, (v, place) in enumerate(order):
        if v in names:
            waypoints.append(Waypoint(float(task.lons[v]), float(task.lats[v]), names[v]))
            continue
        given = v < len(task.problem.points) and np.array_equal(place, task.problem.points[v])
        lon, lat = (task.lons[v], task.lats[v]) if given else (lons[n], lats[n])
        waypoints.append(Waypoint(round(float(lon), 6), round(float(lat), 6), f"P{n:02d}"))
    request = task.request
    return MissionPlan(
        observed=request.observed,
        waypoints=tuple(waypoints),
        start_airfield=task.start.icao,
        end_airfield=task.end.icao,
        observing=request.observing,
        height_agl_m=(request.height_agl_m,) if request.height_agl_m is not None else (),
        aircraft=request.aircraft,
        sensors=request.sensors,
    )


def _with_sensor_periods(task: Task, plan: MissionPlan, check: PlanCheck) -> tuple[MissionPlan, PlanCheck]:
    """The plan with its sensors off wherever the path is not over the observed Party's territory."""
    if not check.facts.transit:
        return plan, check
    periods, since = [], 0.0
    for stretch in sorted(check.facts.transit, key=lambda s: s.from_km):
        if stretch.from_km - since > 0.1:
            periods.append(_metres_within(since, stretch.from_km))
        since = max(since, stretch.to_km)
    if check.length_km - since > 0.1:
        periods.append(_metres_within(since, check.length_km))
    plan = replace(plan, sensors_on=tuple(periods))
    return plan, check_plan(
        plan, task.regime, borders=task.borders, elevation=task.elevation, regions=task.request.regions
    )


def _metres_within(from_km: float, to_km: float) -> tuple[float, float]:
    """The period in whole metres, never longer than it is: a metre too many would lie over another State."""
    return math.ceil(from_km * 1000) / 1000, math.floor(to_km * 1000) / 1000
