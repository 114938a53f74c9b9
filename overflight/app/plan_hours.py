"""A search for a path whose closed areas are open for a part of the flight.

The search itself does not know when it is where: it keeps out of an area, or does not know it.  So a path is first
sought as if the areas that are open for a while were open all the time.  What comes out is held against their hours,
flown one way and the other, with the part inside an area flown earlier or later, and, where no take-off is named, at
the take-off that fits.  Only what keeps the hours is returned; where nothing does, what was sought with the areas
closed all the time is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

from overflight.app import plans
from overflight.errors import BadInput, NothingToPlan
from overflight.planning.campaign import observed_by
from overflight.planning.conditions import Conditions, check_conditions
from overflight.planning.coverage import value_of
from overflight.planning.passage import Timetable, lengths_of, sections, stop_places, timetable, with_times
from overflight.planning.region_lengths import stretches_inside
from overflight.planning.regions import ClosedArea, Regions
from overflight.planning.reorder import orders_with_a_part_moved
from overflight.planning.request import PlanRequest, PlanResult, limit_for
from overflight.planning.request_ground import open_for_a_while
from overflight.planning.stop import StopRule, after_steps, first_of, part_of
from overflight.rules.finding import Verdict
from overflight.terms.moment import readable
from overflight.terms.place import Site
from overflight.terms.plan import MissionPlan, Waypoint
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

Progress = Callable[..., None]

PROBE: Final = 0.25  # share of a run that looks with the areas open; the rest goes on from what it finds
CLOSED: Final = 0.45  # share with all of them closed, where some may be opened after that
EQUAL: Final = 1e-6
STARTS: Final = timedelta(minutes=1)  # a take-off is chosen to the minute
LEAST_KM: Final = 0.001
MOST_ORDERS: Final = 400  # orders of the points that are held against the hours
MOST_CHECKED: Final = 5  # of those that keep them, held against every rule


@dataclass(frozen=True)
class Searched:
    """What a search found, the request with the take-off that was chosen for it, and what a person should know."""

    result: PlanResult
    request: PlanRequest
    notes: tuple[str, ...] = ()
    sound: bool = True  # it complies, and keeps what else is asked; of daylight others take care


def search(
    request: PlanRequest,
    regime: Regime,
    over: plans.Ground,
    *,
    within_km: float | None = None,
    stop: Callable[[], StopRule],
    seed: int = 0,
    progress: Progress | None = None,
    point_of_exit: str | None = None,
) -> Searched:
    """The best legal path with its times, areas that are open for a while used as far as their hours allow.

    Parameters
    ----------
    within_km : float, optional
        A limit of the path's length below that of the request.

    Raises
    ------
    BadInput, NothingToPlan
        As `overflight.planning.optimise.solve`.
    """
    asked = request if within_km is None else replace(request, max_km=within_km)
    hours = open_for_a_while(asked, regime, limit_for(asked, regime)) if request.speed_kmh else ()
    if not hours:
        found = plans.optimise(asked, regime, over, stop=stop(), seed=seed, progress=progress)
        return Searched(timed(found, request, regime, over, point_of_exit=point_of_exit), request)
    return _ByTheHour(asked, request, regime, over, hours, point_of_exit, stop, seed, progress).search()


def timed(
    result: PlanResult, request: PlanRequest, regime: Regime, over: plans.Ground, *, point_of_exit: str | None = None
) -> PlanResult:
    """`result` with the times, stops and point of exit that VI.II.3 asks a plan to state, checked again."""
    made = with_times(
        result.plan,
        request.stops,
        take_off=request.take_off,
        speed_kmh=request.speed_kmh,
        stop_hours=request.stop_hours,
        regime=regime,
    )
    made = replace(made, point_of_exit=point_of_exit or made.point_of_exit)
    return replace(result, plan=made, check=plans.check(made, regime, over, regions=request.regions))


def turned_round(
    result: PlanResult, request: PlanRequest, regime: Regime, over: plans.Ground, *, point_of_exit: str | None = None
) -> PlanResult | None:
    """The same path flown the other way; None where the airfields do not allow that.

    What is observed is measured again if there are turns, which an overflight turn leaves on one side.
    """
    if request.start != request.end or request.stops != request.stops[::-1]:
        return None
    back = timed(
        replace(result, plan=_reversed(result.plan, result.check.length_km)), request, regime, over,
        point_of_exit=point_of_exit,
    )  # fmt: skip
    if not request.turn_radius_km:
        return back
    value, named = _observed(back, request)
    if {id(site) for site in request.sites if site.required} - set(map(id, named)):
        return None
    return replace(back, value=value, observed_sites=named)


def _observed(result: PlanResult, request: PlanRequest) -> tuple[float, tuple[Site, ...]]:
    """Value and sites that a plan observes, of those that the search did not leave out."""
    left_out = {id(one.site) for one in result.ignored}
    sites = tuple(site for site in request.sites if id(site) not in left_out)
    seen = observed_by(result.plan, sites, request)
    return value_of(sites, seen), tuple(site for site, yes in zip(sites, seen.tolist(), strict=True) if yes)


def _reversed(plan: MissionPlan, length_km: float) -> MissionPlan:
    periods = plan.sensors_on
    if periods is not None:
        # Whole metres, and never more of them: a metre too many would lie over another State.
        periods = tuple(
            (math.ceil(1000 * (length_km - until)) / 1000, math.floor(1000 * (length_km - since)) / 1000)
            for since, until in periods[::-1]
        )
    return replace(
        plan,
        waypoints=_numbered(plan.waypoints[::-1], plan),
        sensors_on=periods,
        height_agl_m=plan.height_agl_m[::-1],
        take_off=None,
        lands=None,
        stops=(),
    )


def _numbered(points: Sequence[Waypoint], plan: MissionPlan) -> tuple[Waypoint, ...]:
    """The points with the search's own names, P01 and so on, in the order in which they are flown now."""
    fields = {plan.start_airfield, plan.end_airfield, *(s.airfield for s in plan.stops)}
    return tuple(
        replace(point, name=f"P{n:02d}") if point.name.startswith("P") and point.name not in fields else point
        for n, point in enumerate(points)
    )


@dataclass
class _ByTheHour:
    """One search over areas that are open for a while: `asked` may have a lower limit than the `request`."""

    asked: PlanRequest
    request: PlanRequest
    regime: Regime
    over: plans.Ground
    hours: tuple[ClosedArea, ...]
    point_of_exit: str | None
    stop: Callable[[], StopRule]
    seed: int
    progress: Progress | None

    def __post_init__(self) -> None:
        self.runs: list[PlanResult] = []  # all searches
        self.opened: list[PlanResult] = []  # those with every such area open: their bounds hold for all paths
        self.best: Searched | None = None
        self.discrete = 0.0  # the most that a path over candidates observes while it keeps the hours

    def search(self) -> Searched:
        """The best path that keeps the hours.

        Raises
        ------
        BadInput, NothingToPlan
            If there is none: as the search with the areas closed all the time says.
        """
        why: BadInput | NothingToPlan | None = None
        met = self._try(self.hours, PROBE)
        if self._may_go_on() and self.best is not None:
            self._try(self.hours, 1.0 - PROBE)
        elif self._may_go_on():
            some = tuple(area for area in self.hours if area.name not in met)
            try:
                self._run((), CLOSED if some and met else 1.0 - PROBE)
            except (BadInput, NothingToPlan) as error:
                why = error
            if some and met and self._may_go_on():
                self._try(some, 1.0 - PROBE - CLOSED)
        if self.best is None:
            if why is None:
                self._run((), PROBE, after_steps(1))  # somebody stopped before anything legal was found
            if self.best is None:
                raise why or NothingToPlan(
                    say("no path that keeps the hours of {areas} was found", areas=self._named()), field="--regions"
                )
        return self._told(self.best)

    def _may_go_on(self) -> bool:
        """False once somebody, and no clock or number of steps, stopped a search, or nothing is left to win."""
        return not self._nothing_left() and self._nobody_stopped()

    def _nothing_left(self) -> bool:
        """Whether the best observes every site that is within reach with the areas open."""
        if self.best is None or not self.best.sound or not self.opened:
            return False
        left_out = {id(one.site) for one in self.opened[0].ignored}
        sites = [site for site in self.asked.sites if id(site) not in left_out]
        return self.best.result.value >= value_of(sites, np.ones(len(sites), dtype=bool)) - EQUAL

    def _nobody_stopped(self) -> bool:
        return not self.runs or self.runs[-1].stopped_by in ("time", "steps", "proven")

    def _try(self, opened: Sequence[ClosedArea], share: float) -> set[str]:
        """Seek with some areas open; the names of those that the path would meet while they are closed."""
        try:
            return self._run(opened, share)
        except (BadInput, NothingToPlan):
            return {area.name for area in opened}

    def _run(self, opened: Sequence[ClosedArea], share: float, *rules: StopRule) -> set[str]:
        left = tuple(area for area in self.asked.regions.closed if area not in opened)
        regions = Regions(self.asked.regions.sub_limits, left)
        result = plans.optimise(
            replace(self.asked, regions=regions), self.regime, self.over, seed=self.seed,
            stop=first_of(part_of(self.stop(), share), *rules), progress=self._heard(closed=not opened),
        )  # fmt: skip
        self.runs.append(result)
        if len(opened) == len(self.hours):
            self.opened.append(result)
        found, met = self._keeping_hours(result)
        if found is None:
            found = self._in_another_order(result)
        self._keep(found)
        plain = self._on_candidates(result)
        if plain is not None and plain.value > self.discrete:
            other = found
            if plain is not result:
                other = self._keeping_hours(plain)[0] or self._in_another_order(plain)
            if other is not None:
                self.discrete = max(self.discrete, other.result.value)
                self._keep(other)
        return met

    def _in_another_order(self, result: PlanResult) -> Searched | None:
        """The same points with those inside an area flown earlier or later, as short as the hours allow."""
        begins, speed = self.request.take_off, self.request.speed_kmh
        if begins is None or not speed or self.request.stops or result.plan.sensors_on is not None:
            return None
        limit, tried = limit_for(self.asked, self.regime), 0
        shapes = [area.shape for area in self.hours]
        for path in orders_with_a_part_moved(result.plan.waypoints, shapes, limit)[:MOST_ORDERS]:
            if any(
                area.may_be_met(begins + timedelta(hours=comes / speed), begins + timedelta(hours=goes / speed))
                for area in self.hours
                for comes, goes in _inside(path, area)
            ):
                continue
            found = self._held(self._with_path(result, path))[0]
            if found is not None and found.sound and not self._misses(found.result):
                return found
            tried += 1
            if tried >= MOST_CHECKED:
                break
        return None

    def _with_path(self, result: PlanResult, path: tuple[Waypoint, ...]) -> PlanResult:
        plan = timed(
            replace(result, plan=replace(result.plan, waypoints=_numbered(path, result.plan))), self.request,
            self.regime, self.over, point_of_exit=self.point_of_exit,
        )  # fmt: skip
        value, named = _observed(plan, self.request)
        return replace(plan, value=value, observed_sites=named)

    def _misses(self, result: PlanResult) -> bool:
        seen = set(map(id, result.observed_sites))
        return any(site.required and id(site) not in seen for site in self.request.sites)

    def _keep(self, found: Searched | None) -> None:
        if found is None:
            return
        best = self.best
        if best is None or (found.sound, found.result.value) > (best.sound, best.result.value + EQUAL):
            self.best = found

    def _on_candidates(self, result: PlanResult) -> PlanResult | None:
        """The best path over candidates of a search as a result of its own; None if it has none."""
        plan = result.discrete_plan
        if plan is None or result.discrete_value <= 0 or len({(w.lon_deg, w.lat_deg) for w in plan.waypoints}) < 2:
            return None
        if plan.waypoints == result.plan.waypoints:
            return result
        plain = replace(
            result, plan=plan, check=plans.check(plan, self.regime, self.over, regions=self.request.regions)
        )
        value, named = _observed(plain, self.request)
        return replace(plain, value=value, observed_sites=named)

    def _heard(self, *, closed: bool) -> Progress | None:
        """Tells the value of what keeps the hours: of a search that does not know them, what was found before."""
        told, before = self.progress, sum(run.steps for run in self.runs)
        if told is None:
            return None
        least = self.best.result.value if self.best else 0.0

        def heard(step: int, value: float, *_: float | None) -> None:
            told(before + step, max(least, value) if closed else least, None, None)

        return heard

    def _named(self) -> str:
        return ", ".join(area.name for area in self.hours)[:200]

    def _keeping_hours(self, result: PlanResult) -> tuple[Searched | None, set[str]]:
        """The path one way or the other if it keeps the hours; else None, and the fewest areas met while closed."""
        ways = (timed, turned_round)
        met: set[str] = set()
        second: Searched | None = None
        for way in ways:
            one = way(result, self.request, self.regime, self.over, point_of_exit=self.point_of_exit)
            found, shut = self._held(one) if one is not None else (None, set[str]())
            if found is not None and found.sound:
                return found, set()
            second = second or found
            met = shut if shut and (not met or len(shut) < len(met)) else met
        return second, met if second is None else set()

    def _held(self, result: PlanResult) -> tuple[Searched | None, set[str]]:
        """The plan if it meets every area while open, at a take-off that is chosen if none was named."""
        request, notes = self.request, tuple[str, ...]()
        entered = [area for area in request.regions.closed if _inside(result.plan.waypoints, area)]
        if request.take_off is None and entered:
            at = self._take_off(result.plan, entered)
            if at is None:
                return None, {area.name for area in entered}
            request = replace(request, take_off=at)
            result = timed(result, request, self.regime, self.over, point_of_exit=self.point_of_exit)
            notes = (
                say(
                    "take-off {at} was chosen so that the path meets {areas} while open; another needs another check",
                    at=readable(at),
                    areas=", ".join(area.name for area in entered)[:200],
                ),
            )
        own = check_conditions(result.plan, result.check.facts, Conditions.of(request), self.regime)
        bad = [f for f in own.findings if f.rule == "outside_closed_areas" and f.verdict is not Verdict.COMPLIES]
        others = [f for f in own.findings if f.rule != "in_daylight" and f.verdict is Verdict.BREACHES]
        if bad:
            return None, {str(f.seen["area"]) for f in bad}
        return Searched(result, request, notes, sound=not others and result.check.complies), set()

    def _take_off(self, plan: MissionPlan, entered: Sequence[ClosedArea]) -> datetime | None:
        """A take-off at which every area is met while open: the first after the first of their hours, else the last."""
        firsts = [area.since or area.until for area in entered]
        begins = min((one for one in firsts if one is not None), default=None)
        times = self._timetable(plan, begins) if begins is not None else None
        if begins is None or times is None:
            return None
        visits = [
            (area, times.at(comes) - begins, times.at(goes) - begins)
            for area in entered
            for comes, goes in _inside(plan.waypoints, area)
        ]
        free = [_minute(area.until - comes, up=True) for area, comes, _ in visits if area.until is not None]
        free += [_minute(area.since - goes, up=False) - STARTS for area, _, goes in visits if area.since is not None]
        good = [at for at in sorted(free) if not any(a.may_be_met(at + c, at + g) for a, c, g in visits)]
        later = [at for at in good if at >= begins]
        return later[0] if later else good[-1] if good else None

    def _timetable(self, plan: MissionPlan, take_off: datetime) -> Timetable | None:
        r = self.request
        made = with_times(
            plan, r.stops, take_off=take_off, speed_kmh=r.speed_kmh, stop_hours=r.stop_hours, regime=self.regime
        )
        lengths = lengths_of(made)
        cuts = sections(lengths, stop_places(made, r.stops, self.regime))
        return timetable(made, float(lengths.sum()), cuts, speed_kmh=r.speed_kmh)

    def _told(self, best: Searched) -> Searched:
        """The best with what all searches took, and the bound that holds for every path that keeps the hours."""
        result = best.result
        proven = [run for run in self.opened if run.proven and run.bound is not None]
        known = proven or [run for run in self.opened if run.bound is not None]
        widest = min(known, key=lambda run: run.bound or 0.0, default=None)
        bound = widest.bound if widest else None
        notes = [run.bound_note for run in self.runs if run.bound_note][:1]
        others = [run.stopped_by for run in self.runs if run.stopped_by != "proven"]
        ended = "proven" if not others or (self._nothing_left() and self._nobody_stopped()) else others[-1]
        if ended == "proven" and bound and self.discrete < bound - EQUAL:
            notes = [say("the search ended when a path observed every site within reach, so there is no gap")]
        elif self.discrete <= 0:
            notes = [say("no path over candidates that keeps the hours of {areas} was found, so there is no gap",
                         areas=self._named())]  # fmt: skip
        if bound is None or bound < self.discrete - EQUAL:
            bound, widest = None, None
            notes.append(say("no bound: none was found with the areas open for which a path may cross them"))
        else:
            notes.append(
                say(
                    "the bound holds with {areas} open all the time, and so for every path that keeps their hours",
                    areas=self._named(),
                )
            )
        return replace(
            best,
            result=replace(
                result,
                bound=bound,
                proven=bool(widest and widest.proven),
                discrete_value=self.discrete,
                bound_note="; ".join(notes),
                seconds=sum(run.seconds for run in self.runs),
                compile_seconds=sum(run.compile_seconds for run in self.runs),
                first_seconds=self.runs[0].first_seconds,
                steps=sum(run.steps for run in self.runs),
                stopped_by=ended,
            ),
        )


def _inside(points: Sequence[Waypoint], area: ClosedArea) -> list[tuple[float, float]]:
    return [(a, b) for a, b in stretches_inside(points, area.shape) if b - a > LEAST_KM]


def _minute(at: datetime, *, up: bool) -> datetime:
    whole = at.replace(second=0, microsecond=0)
    return whole + STARTS if up and whole < at else whole
