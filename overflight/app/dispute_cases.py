"""What the rules say to each dispute under given facts and readings: one function a dispute.

Each takes the regime of the day, with the readings chosen, and the facts assumed, and gives
findings.  All are answers of the rules, but for questions that the text does not touch (`silent`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from overflight.rules import airfields, commission, coordination, membership, negotiation, output
from overflight.rules.closed_words import OTHER, known
from overflight.rules.finding import Finding, breaches, complies, disputed, right, silent, undetermined
from overflight.rules.prohibition import counts
from overflight.terms.moment import parse_day
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.planning.validate import PlanCheck
    from overflight.treaty.geography import Borders
    from overflight.treaty.regime import Regime

Facts = Mapping[str, Any]
Case = Callable[["Regime", Facts], list[Finding]]
KALININGRAD = (21.0, 54.7)  # a point of the region, lon and lat, by which its part of the territory is found
HAWAII, ALASKA, MAINLAND = (-155.5, 19.6), (-150.0, 64.0), (-98.0, 39.0)


def cited(citation: str, found: Finding) -> Finding:
    """A finding outside the rules, under its paragraph."""
    return replace(found, citation=citation)


@lru_cache(maxsize=1)
def _borders() -> Borders:
    from overflight.treaty.geography import Borders

    return Borders.load()


def _check(regime: Regime, facts: Facts) -> PlanCheck:
    from overflight.planning.validate import check_plan
    from overflight.terms.plan import MissionPlan, Waypoint

    plan = MissionPlan(
        observed="RUS",
        observing="DEU",
        start_airfield=facts["airfield"],
        end_airfield=facts["airfield"],
        waypoints=tuple(Waypoint(lon, lat) for lon, lat in facts["path"]),
    )
    return check_plan(plan, regime, borders=_borders())


def _part(code: str, lon_lat: tuple[float, float]) -> Any:
    import shapely

    return next(g for g in _borders().territory(code).geoms if g.contains(shapely.Point(*lon_lat)))


@lru_cache(maxsize=8)
def _apart_km(code: str, one: tuple[float, float], other: tuple[float, float]) -> float:
    """The shortest geodesic between the outlines' points of two parts of a territory, kilometres."""
    import numpy as np
    import pyproj
    import shapely

    first, second = (shapely.get_coordinates(_part(code, p).simplify(0.02)) for p in (one, other))
    geod = pyproj.Geod(ellps="WGS84")
    least = np.inf
    for lon, lat in first[:: max(1, len(first) // 400)]:
        n = len(second)
        _, _, metres = geod.inv(np.full(n, lon), np.full(n, lat), second[:, 0], second[:, 1])
        least = min(least, float(np.min(metres)))
    return round(least / 1000, 1)


@lru_cache(maxsize=8)
def _farthest_km(code: str, part: tuple[float, float], lon_deg: float, lat_deg: float) -> float:
    """From an airfield to the farthest point of the part's outline, kilometres."""
    import numpy as np
    import pyproj
    import shapely

    there = shapely.get_coordinates(_part(code, part))
    n = len(there)
    _, _, metres = pyproj.Geod(ellps="WGS84").inv(np.full(n, lon_deg), np.full(n, lat_deg), there[:, 0], there[:, 1])
    return round(float(np.max(metres)) / 1000, 1)


def _km_over(part: Any, path: Any) -> float:
    import numpy as np
    import shapely

    from overflight.planning.geodesy import densify

    lons, lats, km, _ = densify([(lon, lat) for lon, lat in path], 1.0)
    middle = shapely.contains_xy(part, (lons[:-1] + lons[1:]) / 2, (lats[:-1] + lats[1:]) / 2)
    return round(float(np.sum(np.diff(km)[middle])), 1)


def _settled(found: Finding, reading: str) -> Finding:
    """A disputed finding as one of its readings answers it."""
    for row in found.under:
        if str(row["reading"]).split("=")[-1] == reading:
            answer = complies if row["verdict"] == "complies" else breaches
            told = answer(f"{found.because}: {row['because']}", seen=found.seen, limit=found.limit, data=found.data,
                          readings=found.readings)  # fmt: skip
            return replace(told, citation=found.citation, rule=found.rule)
    return found


def kaliningrad(regime: Regime, facts: Facts) -> list[Finding]:
    """The whole path's limit, the separate distance, reach and remoteness of the region, and the change proposed."""
    membership_ = membership.has_the_rights_of_a_party("RUS", regime=regime)
    if not regime.is_party("RUS"):
        return [membership_]
    whole = next(f for f in _check(regime, facts).findings if f.rule == "keeps_within_maximum_distance")
    over = _km_over(_part("RUS", KALININGRAD), facts["path"])
    field = regime.airfield(facts["airfield"])
    farthest = _farthest_km("RUS", KALININGRAD, field.lon_deg, field.lat_deg)
    reach = airfields.every_point_is_within_reach(
        airfield=field.icao, farthest_km=farthest, part=say("the Kaliningrad region"), regime=regime
    )
    separate = airfields.separate_distance_stands_in_annex_a(
        airfield=field.icao, territory="Kaliningrad", over_territory_km=over, farthest_km=farthest, regime=regime
    )
    entry = bool(facts.get("entry_of_annex_a"))
    separate = _settled(separate, "notice" if entry else regime.readings["territory_sublimit"])
    remote = airfields.separated_part_has_a_way_of_its_own(
        distance_km=_apart_km("RUS", KALININGRAD, (60.0, 58.0)),
        reached=reach.verdict == "complies",
        in_annex=entry,
        regime=regime,
    )
    broken = [f.citation for f in (whole,) if f.verdict == "breaches"]
    if separate.verdict == "breaches":
        broken.append("VI.II.4.A")  # on the reading that the separate distance is the maximum there
    proposal = negotiation.proposal_rests_on_a_permitted_ground(
        ground="inconsistent",
        inconsistent_with="VI.II.4.A",
        plan_breaches=broken,
        reason=say("more than the separate distance over the region"),
        observed="RUS",
    )
    return [
        whole,
        separate,
        reach,
        remote,
        commission.decision_is_enough(subject="maximum flight distances"),
        proposal,
    ]


def ten_kilometres(regime: Regime, facts: Facts) -> list[Finding]:
    """The border distance along each example path, and whether a change may rest on it."""
    near = [
        f
        for path in (facts["path"], facts["second_path"])
        for f in _check(regime, {**facts, "path": path}).findings
        if f.citation == "VI.II.2"
    ]
    if any(f.verdict == "disputed" for f in near):
        return near
    broken = [f.citation for f in near if f.verdict == "breaches"]
    change = negotiation.proposal_rests_on_a_permitted_ground(
        ground="inconsistent",
        inconsistent_with="VI.II.2",
        plan_breaches=broken,
        reason=say("nearer than the border distance"),
        observed="RUS",
    )
    return [*near, change]


def crimea(regime: Regime, facts: Facts) -> list[Finding]:
    """Whether the place lies in the territory of the Party that names it (II.8, AnnE.4)."""
    place = _borders().state_at(facts["lon_deg"], facts["lat_deg"])
    by = facts["named_by"]
    seen = {"place": place.name, "lon_deg": facts["lon_deg"], "lat_deg": facts["lat_deg"], "named_by": by}
    view = regime.readings["recognition"]

    def own(code: str | None) -> Finding:
        if code == by:
            return complies(say("{place} is territory of {by} on this reading: its own entry", place=place.name, by=by),
                            actor=by, seen=seen)  # fmt: skip
        return breaches(
            say("{place} is territory of {code} on this reading; a Party changes its own entries only",
                place=place.name, code=code, by=by),
            actor=by, seen=seen,
        )  # fmt: skip

    if place.disputed is None:
        found = own(place.code)
    elif view in place.disputed.sides:
        found = own(view)
    else:
        found = disputed(
            say("{place} is a disputed area: the readings of whose territory it is differ", place=place.name),
            actor=by,
            seen=seen,
            under=tuple({"reading": f"recognition={s}", "verdict": str(own(s).verdict)} for s in place.disputed.sides),
        )
    notice = airfields.site_change_is_notified_90_days_before(
        notified=None, effective=datetime(2019, 6, 1, tzinfo=UTC), regime=regime, actor=by
    )
    unknown = undetermined(
        say("when the airfield was notified was not read; a change takes 90 days"), "notified", actor=by,
        data=notice.data, limit=notice.limit,
    )  # fmt: skip
    return [cited("AnnE.4", found), cited("AnnE.4", unknown)]


def closure(regime: Regime, facts: Facts) -> list[Finding]:
    """A part of the territory that flights do not see: the ground given, what is closed, how a hazard is treated."""
    ground = str(facts.get("ground", ""))
    if ground == "not published":
        return [
            cited("VIII.I.4", undetermined(say("the ground given was not published"), "ground", actor="RUS")),
            cited("VI.II.6.b", undetermined(say("whether any point was closed to observation was not published"),
                                            "excludes_observation", actor="RUS")),
        ]  # fmt: skip
    word = known(ground, negotiation.GROUND_WORDS) or OTHER  # a dossier tells a ground in its own words
    out = [negotiation.proposal_rests_on_a_permitted_ground(ground=word, reason=ground, observed="RUS")]
    if facts.get("excludes") is not None:
        excludes = bool(facts["excludes"])
        out.append(negotiation.change_excludes_no_point(excludes_observation=excludes, observed="RUS"))
    if ground == "hazardous_airspace":
        out.append(
            negotiation.hazard_is_named_and_room_made(
                hazard=facts.get("hazard"),
                makes_room=bool(facts.get("makes_room")),
                offers_other_way=bool(facts.get("other_way")),
                regime=regime,
                observed="RUS",
            )
        )
    return out


def alaska_hawaii(regime: Regime, facts: Facts) -> list[Finding]:
    """How far Alaska and Hawaii lie from the mainland, what the annex says of such parts, and who may change it."""
    out = []
    for name, part in ((say("Alaska"), ALASKA), (say("Hawaii"), HAWAII)):
        found = airfields.separated_part_has_a_way_of_its_own(
            distance_km=_apart_km("USA", part, MAINLAND),
            reached=bool(facts.get("reached")),
            special_procedure=bool(facts["special_procedure"]),
            regime=regime,
        )
        out.append(replace(found, because=f"{name}: {found.because}", actor="USA"))
    unread = say(
        "the limit over Hawaii was not read in kilometres, and Annex A names no distance for an airfield there"
    )
    return [
        *out,
        commission.decision_is_enough(subject="maximum flight distances"),
        cited("AnnA.III", undetermined(unread, "limit_km", actor="USA")),
    ]


def year_2018(regime: Regime, facts: Facts) -> list[Finding]:
    """Consensus, the fallback of the yearly review, and what one extraordinary flight counted."""
    opened = datetime.combine(parse_day(facts["review_opened"]), datetime.min.time(), UTC)
    agreed = facts.get("agreed")
    held = coordination.review_ends_in_three_weeks_or_last_years_stays(
        opened=opened,
        agreed=datetime.combine(parse_day(agreed), datetime.min.time(), UTC) if agreed else None,
        used=facts["used"],
        regime=regime,
    )
    extra = counts("completed", quota_free=True)
    told = say("an extraordinary flight counts {n} against the quotas", n=extra.observing)
    return [
        commission.decides_when_nobody_objects(objections=facts["objections"], regime=regime),
        held,
        cited("III.I.1", right(say("a Party may fly its quota; nothing obliges it to"))),
        cited(extra.citation, complies(told, seen={"counts": extra.observing})),
    ]


def assurances(regime: Regime, facts: Facts) -> list[Finding]:
    """Who may get data on the day, whether any paragraph asks for an assurance, and what an announcement changes."""
    day = regime.day
    out = [
        output.data_go_to_parties_only(to=facts["to"], on=day, regime=regime),
        output.a_party_may_have_copies(
            asking=facts["asking"], asked_on=day, decided_on=day, regime_on=lambda _: regime
        ),
        commission.any_party_may_raise_any_issue(by="RUS", regime=regime),
    ]
    if facts["assurance_needed"]:
        told = say("no paragraph that was read asks for it; Decision 9/02 was not read")
        out.append(cited("IX.I.4", undetermined(told, "OSCC.DEC/9/02", actor="RUS")))
    else:
        told = say(
            "no paragraph asks for a written assurance, and a date that one Party sets is no clock of the treaty"
        )
        out.append(cited("IX.I.4", silent(told)))
    made = day
    out.append(membership.announcement_changes_nothing("RUS", kind="announcement", made=made, regime=regime))
    return out


CASES: Mapping[str, Case] = {
    "kaliningrad-500km": kaliningrad,
    "abkhazia-south-ossetia-10km": ten_kilometres,
    "crimea-refuelling-airfield": crimea,
    "chechnya": closure,
    "exercise-september-2019": closure,
    "closed-sites": closure,
    "alaska-hawaii": alaska_hawaii,
    "year-2018": year_2018,
    "assurances-onward-passing": assurances,
}
