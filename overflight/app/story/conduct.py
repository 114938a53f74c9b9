"""Steps from the notice to the signed mission report: Articles VI and VIII."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

from overflight.app.story import cast
from overflight.app.story.prologue import Memory, all_sent, found
from overflight.app.story.script import Step, Telling
from overflight.app.story.stage import Stage
from overflight.rules.quotas import has_active_quota_left
from overflight.terms.moment import rfc3339
from overflight.terms.words import say
from overflight.treaty.regime import Regime

PAGE = f"/flights/{cast.FLIGHT}"


def act(stage: Stage, party: str, verb: str, /, **fields: Any) -> dict[str, Any]:
    """An act of the exercise's flight on a Party's node, delivered at once."""
    answer: dict[str, Any] = stage.do(party, "act", verb=verb, flight=cast.FLIGHT, **{"with": fields})
    return answer


def shown(stage: Stage, party: str) -> dict[str, Any]:
    """The flight as a Party's node sees it."""
    answer: dict[str, Any] = stage.do(party, "show", flight=cast.FLIGHT)
    return answer


def told_of_each(t: Telling, answer: dict[str, Any]) -> None:
    """The breaches and rights that an act adds, in its own words."""
    for f in answer["findings"]:
        if f["verdict"] in ("breaches", "right"):
            t.tell(f"{f['verdict']}  {f['citation']}  {f['because']}")


def same_view(stage: Stage, t: Telling) -> None:
    """Observing and observed Party derive the same state from the same records."""
    here, there = shown(stage, cast.OBSERVING), shown(stage, cast.OBSERVED)
    t.check(
        say("both Parties' nodes derive the same state: {state}", state=here["state"]), here["state"] == there["state"]
    )


def notice(stage: Stage, t: Telling, memory: Memory) -> None:
    regime = Regime.on(date(2021, 5, 12)).with_value(
        "active_quota", 3, of="BLR;RUS", by=cast.OBSERVING, source=cast.EXERCISE_MARK
    )
    quota = has_active_quota_left(observing=cast.OBSERVING, observed=cast.OBSERVED, used=0, regime=regime)
    t.tell(f"{quota.because} ({cast.EXERCISE_MARK})")
    t.check(say("Germany has a flight left over the group"), quota.verdict == "complies", citation=quota.citation)
    answer = act(
        stage,
        cast.OBSERVING,
        "notify",
        observed=cast.OBSERVED,
        eta="2021-05-17T08:00Z",
        point_of_entry=cast.POINT_OF_ENTRY,
        starting_airfield=cast.START_AIRFIELD,
        departure_to_airfield="2021-05-17T08:30Z",
        lodging="none",
        inspection_place=cast.POINT_OF_ENTRY,
        inspection_at="2021-05-17T09:00Z",
        transport="own observation aircraft",
        clearance="exercise value",
        aircraft=f"{cast.AIRCRAFT} (exercise value)",
        distance_m=round(memory["length_km"] * 1000),
        people_file=[cast.person(n) for n in range(1, 13)],
        quota_year=2021,
    )
    t.tell(say("Germany notifies Russia, and all others at the same moment; the list of people goes to Russia alone."))
    told_of_each(t, answer)
    t.check(say("notice at least 72 h before arrival"), found(answer, "VI.I.5", "complies"), citation="VI.I.5")
    t.check(say("all others notified at the same moment"), found(answer, "VI.I.8", "complies"), citation="VI.I.8")
    t.check(say("Russia and Canada confirm receipt"), all_sent(answer))
    memory["notice"] = answer["rid"]


def acknowledged(stage: Stage, t: Telling, memory: Memory) -> None:
    answer = act(
        stage,
        cast.OBSERVED,
        "acknowledge",
        supplies_aircraft=False,
        confirms_departure="2021-05-17T08:30Z",
        confirms_inspection_place=cast.POINT_OF_ENTRY,
        confirms_inspection_at="2021-05-17T09:00Z",
    )
    t.tell(say("Russia acknowledges and does not supply the aircraft."))
    t.check(say("acknowledged within 24 h"), found(answer, "VI.I.6", "complies"), citation="VI.I.6")
    t.check(say("Germany confirms receipt"), all_sent(answer))


def arrival(stage: Stage, t: Telling, memory: Memory) -> None:
    act(stage, cast.OBSERVING, "arrive", place=cast.POINT_OF_ENTRY, arrived_at="2021-05-17T08:00Z")
    answer = act(
        stage,
        cast.OBSERVED,
        "covers",
        place=cast.POINT_OF_ENTRY,
        checked_at="2021-05-17T08:00Z",
        stage="arrival",
        in_place=True,
    )
    t.tell(say("The aircraft arrives at Kubinka at its estimated time; the sensor covers are checked."))
    t.check(say("covers checked on arrival and in place"), not found(answer, "VI.I.10", "breaches"), citation="VI.I.10")
    same_view(stage, t)


def inspection(stage: Stage, t: Telling, memory: Memory) -> None:
    answer = act(
        stage,
        cast.OBSERVED,
        "inspect",
        inspecting=cast.OBSERVED,
        started_at="2021-05-17T09:00Z",
        ended_at="2021-05-17T12:30Z",
        as_certified=True,
        inspectors=8,
        findings="as certified",
    )
    t.tell(say("Russia inspects aircraft and sensors for three and a half hours: as certified."))
    t.check(say("inspection of at most 8 h"), not found(answer, "AnnF.I", "breaches"), citation="AnnF.I.4")


def submission(stage: Stage, t: Telling, memory: Memory) -> None:
    answer = act(stage, cast.OBSERVING, "submit", plan=memory["plan"])
    memory["v1"] = answer["rid"]
    told_of_each(t, answer)
    t.tell(say("Germany hands over the mission plan: waypoints, heights, times; no site, no value."))
    t.check(say("Russia confirms receipt"), all_sent(answer))
    state = shown(stage, cast.OBSERVED)
    checked = state["checks"].get(memory["v1"]) or {}
    clear = found(answer, "VI.II.2", "complies") and found(answer, "VI.II.4.A", "complies")
    t.check(
        say("the plan adds no breach"),
        clear and checked.get("complies") and not [f for f in answer["findings"] if f["verdict"] == "breaches"],
        citation="VI.II.4",
    )
    reply = [d for d in state["duties"] if d["due"] == "2021-05-17T18:00:00Z"]
    t.check(say("Russia's node shows its answer due 17 May 18:00Z"), reply, citation="VI.II.6")


def _cost(stage: Stage, t: Telling, memory: Memory, other: dict[str, Any]) -> None:
    compared = stage.do(cast.OBSERVING, "cost", plan=memory["plan"], other=other)
    first, second = compared["first"], compared["second"]
    t.tell(
        say(
            "Only Germany's node shows: value {before:g} -> {after:g}; both sides see {km:+.0f} km.",
            before=first["value"],
            after=second["value"],
            km=second["length_km"] - first["length_km"],
        )
    )


def _later(plan: dict[str, Any], take_off: str, length_km: float) -> dict[str, Any]:
    changed = copy.deepcopy(plan)
    changed["properties"]["take_off"] = f"{take_off}:00Z"
    changed["properties"]["lands"] = rfc3339(cast.landing(take_off, length_km))
    return changed


def weather(stage: Stage, t: Telling, memory: Memory) -> None:
    proposed = _later(memory["plan"], "2021-05-19T06:00", memory["length_km"])
    answer = act(
        stage,
        cast.OBSERVED,
        "propose",
        version=memory["v1"],
        ground="weather",
        reason="thunderstorms on the path on 18 May",
        take_off="2021-05-19T06:00Z",
        plan=proposed,
    )
    memory["weather"] = answer["rid"]
    memory["plan"] = proposed
    t.tell(say("16:00Z: Russia proposes to start on 19 May 06:00Z for thunderstorms."))
    t.check(say("weather is a permitted ground"), found(answer, "VIII.I.4", "complies"), citation="VIII.I.4.A")
    t.check(say("proposed within 4 h"), found(answer, "VI.II.6", "complies"), citation="VI.II.6")
    _cost(stage, t, memory, proposed)
    t.tell(say("Germany takes it up: its later alternative starts then."))


def exercise_area(stage: Stage, t: Telling, memory: Memory) -> None:
    points = memory["plan"]["geometry"]["coordinates"]
    lon, lat = points[len(points) // 2]
    square = [(lon - 0.6, lat - 0.4), (lon + 0.6, lat - 0.4), (lon + 0.6, lat + 0.4), (lon - 0.6, lat + 0.4)]
    without = _around(memory["plan"], square)
    answer = act(
        stage,
        cast.OBSERVED,
        "propose",
        version=memory["v1"],
        ground="other",
        reason="a military exercise takes place there",
        excludes_observation=True,
        areas=[[_e7(p) for p in [*square, square[0]]]],
        plan=without,
    )
    t.tell(say("17:00Z: Russia proposes to leave out an area in which an exercise takes place."))
    told_of_each(t, answer)
    t.check(
        say("an exercise is no permitted ground"),
        found(answer, "VIII.I.4", "breaches"),
        citation="VIII.I.4",
        finding=True,
    )
    t.check(
        say("a change may not exclude the observation of any point"),
        found(answer, "VI.II.6.b", "breaches"),
        citation="VI.II.6.b",
        finding=True,
    )
    _cost(stage, t, memory, without)


def _e7(point: tuple[float, float]) -> dict[str, int]:
    return {"lon_e7": round(point[0] * 1e7), "lat_e7": round(point[1] * 1e7)}


def _around(plan: dict[str, Any], square: list[tuple[float, float]]) -> dict[str, Any]:
    """The plan without its waypoints inside the square."""
    (west, south), (east, north) = square[0], square[2]
    points = plan["geometry"]["coordinates"]
    kept = (
        [points[0]] + [p for p in points[1:-1] if not (west <= p[0] <= east and south <= p[1] <= north)] + [points[-1]]
    )
    changed = copy.deepcopy(plan)
    changed["geometry"]["coordinates"] = kept
    changed["properties"].pop("points", None)
    heights = changed["properties"].get("height_agl_m")
    if isinstance(heights, list):
        changed["properties"]["height_agl_m"] = heights[0]
    return changed


def late(stage: Stage, t: Telling, memory: Memory) -> None:
    answer = act(
        stage,
        cast.OBSERVED,
        "propose",
        version=memory["v1"],
        ground="weather",
        reason="low cloud expected",
        take_off="2021-05-19T09:00Z",
    )
    t.tell(say("18:05Z: a third proposal, five minutes after the limit."))
    told_of_each(t, answer)
    t.check(say("five minutes late"), found(answer, "VI.II.6", "breaches"), citation="VI.II.6", finding=True)
    state = shown(stage, cast.OBSERVING)
    t.check(say("nothing is deemed accepted"), state["state"] == "in_negotiation", citation="VI.II.6")


def eight_hours(stage: Stage, t: Telling, memory: Memory) -> None:
    state = shown(stage, cast.OBSERVING)
    may_decline = [r for r in state.get("rights", ()) if str(r.get("citation", "")).startswith(("VIII.I.5", "VI.II.6"))]
    t.tell(say("22:00Z: still no agreement. If Germany holds that the changes harm its rights it may decline."))
    t.check(say("Germany's right to decline is shown"), may_decline, citation="VIII.I.5")
    answer = act(
        stage,
        cast.OBSERVING,
        "offer",
        version=memory["weather"],
        plan=memory["plan"],
        reason="start as Russia proposed",
    )
    memory["v2"] = answer["rid"]
    t.tell(say("Germany offers an alternative instead: the whole path, with the later start."))
    t.check(say("Russia confirms receipt"), all_sent(answer))


def signed(stage: Stage, t: Telling, memory: Memory) -> None:
    act(stage, cast.OBSERVED, "sign", version=memory["v2"])
    answer = act(stage, cast.OBSERVING, "sign", version=memory["v2"])
    filed = act(
        stage,
        cast.OBSERVING,
        "file",
        version=memory["v2"],
        filed_at="2021-05-17T22:30Z",
        starts_at="2021-05-19T06:00Z",
        text="exercise flight plan",
    )
    t.check(
        say("both Parties signed the same version"),
        shown(stage, cast.OBSERVING)["state"] == "agreed",
        citation="VI.II.6",
    )
    t.check(
        say("the inspection ended at least 4 h before the start"),
        not found(filed, "VI.I.11", "breaches"),
        citation="VI.I.11",
    )
    t.check(say("the signature adds no breach"), not [f for f in answer["findings"] if f["verdict"] == "breaches"])
    same_view(stage, t)


def take_off(stage: Stage, t: Telling, memory: Memory) -> None:
    answer = act(stage, cast.OBSERVING, "takeoff", airfield=cast.START_AIRFIELD, took_off_at="2021-05-19T06:00Z")
    t.tell(say("Take-off. On the same day the Duma votes; a vote is no notice."))
    t.check(
        say("at least 24 h after the plan was handed over"),
        found(answer, "VI.II.4.E", "complies"),
        citation="VI.II.4.E",
    )
    t.check(
        say("Russia is a Party on 19 May and on 20 May"),
        all(Regime.on(date(2021, 5, d)).is_party("RUS") for d in (19, 20)),
    )


def track(stage: Stage, t: Telling, memory: Memory) -> None:
    flown = stage.do(
        cast.OBSERVING, "track", flight=cast.FLIGHT, plan=memory["plan"], took_off_at="2021-05-19T06:00:00Z"
    )
    answer = act(
        stage,
        cast.OBSERVING,
        "deviate",
        ground="weather_safety",
        reason="thunderstorm cell",
        began_at=flown["began_at"],
        ended_at=flown["ended_at"],
        told_at=flown["began_at"],
        lateral_m=round(flown["max_deviation_km"] * 1000),
    )
    t.tell(
        say(
            "As flown: {n} positions, {gaps} gaps; one deviation for weather of {dev:.1f} km.",
            n=flown["positions"],
            gaps=flown["gaps"],
            dev=flown["max_deviation_km"],
        )
    )
    t.check(
        say("weather that affects safety is a ground for deviation"),
        found(answer, "VIII.II.1", "complies"),
        citation="VIII.II.1",
    )
    t.check(say("the deviation stays within 50 km"), 1 < flown["max_deviation_km"] <= 50, citation="VIII.II.3.B")
    for f in flown["findings"]:
        t.tell(f"{f['verdict']}  {f['citation']}  {f['because']}")
    t.check(
        say("no finding of the track is a breach"), not [f for f in flown["findings"] if f["verdict"] == "breaches"]
    )
    t.check(say("the track has gaps and the check says so"), flown["gaps"] > 0)


def completed(stage: Stage, t: Telling, memory: Memory) -> None:
    answer = act(
        stage,
        cast.OBSERVING,
        "complete",
        airfield=cast.START_AIRFIELD,
        completed_at=rfc3339(stage.now or cast.utc("2021-05-19T11:30")),
    )
    t.check(
        say("completed by 21 May 08:00Z, 96 h after the estimated arrival"),
        found(answer, "VI.I.9", "complies"),
        citation="VI.I.9",
    )
    sealed = act(
        stage,
        cast.OBSERVING,
        "seal",
        containers=[{"number": "EX-001", "sensor": cast.CAMERA, "medium": "film"}],
        both_present=True,
        facility=cast.OBSERVING,
    )
    t.tell(say("The film is sealed before both Parties."))
    t.check(say("sealed before both"), found(sealed, "IX.I.3", "complies"), citation="IX.I.3")


def report(stage: Stage, t: Telling, memory: Memory) -> None:
    written = act(
        stage,
        cast.OBSERVING,
        "report",
        part="flight",
        route="as agreed, one deviation for weather",
        weather="thunderstorms in the south-east",
        data_amount="one roll of film",
        observation_periods=[
            {"sensor": cast.CAMERA, "began": "2021-05-19T06:10Z", "ended": "2021-05-19T11:00Z", "place": "whole path"}
        ],
    )
    act(stage, cast.OBSERVING, "sign-report", report=written["rid"], place=cast.POINT_OF_ENTRY)
    both = act(stage, cast.OBSERVED, "sign-report", report=written["rid"], place=cast.POINT_OF_ENTRY)
    act(
        stage,
        cast.OBSERVED,
        "covers",
        place=cast.POINT_OF_ENTRY,
        stage="departure",
        in_place=True,
    )
    t.check(
        say("report signed by both at the point of exit"), not found(both, "VI.I.21", "breaches"), citation="VI.I.21.b"
    )
    away = act(
        stage,
        cast.OBSERVING,
        "depart",
        place=cast.POINT_OF_ENTRY,
        arrived_at_exit="2021-05-19T11:40Z",
        left_territory_at="2021-05-20T10:30Z",
    )
    t.check(say("left within 24 h of completion"), found(away, "VI.I.20", "complies"), citation="VI.I.20")


def report_to_all(stage: Stage, t: Telling, memory: Memory) -> None:
    answer = act(stage, cast.OBSERVING, "send-report")
    t.check(
        say("the report goes to all within 7 days of departure"),
        found(answer, "VI.I.21.c", "complies"),
        citation="VI.I.21.c",
    )
    t.check(say("Canada confirms receipt"), all_sent(answer))
    same_view(stage, t)
    third = shown(stage, cast.PARTIES[2])
    t.check(
        say("Canada's node, which is sent notice and report alone, calls nobody late"),
        not any(duty["late"] for duty in third["duties"]),
    )


def steps() -> tuple[Step, ...]:
    """The steps, titles in the reader's language."""
    rows = (
        (say("Notice, 72 h before arrival"), "2021-05-12T08:00", notice),
        (say("Acknowledgement"), "2021-05-12T20:00", acknowledged),
        (say("Arrival and sensor covers"), "2021-05-17T08:00", arrival),
        (say("Pre-flight inspection"), "2021-05-17T12:30", inspection),
        (say("Mission plan handed over"), "2021-05-17T14:00", submission),
        (say("First proposal: weather"), "2021-05-17T16:00", weather),
        (say("Second proposal: an exercise area"), "2021-05-17T17:00", exercise_area),
        (say("Third proposal, five minutes late"), "2021-05-17T18:05", late),
        (say("Eight hours without agreement"), "2021-05-17T22:00", eight_hours),
        (say("Both sign; the flight plan is filed"), "2021-05-17T22:30", signed),
        (say("Take-off, the day the Duma votes"), "2021-05-19T06:00", take_off),
        (say("As flown against the plan"), "2021-05-19T11:20", track),
        (say("Flight completed, film sealed"), "2021-05-19T11:30", completed),
        (say("Mission report signed, departure"), "2021-05-20T10:00", report),
        (say("Report to all Parties"), "2021-05-24T09:00", report_to_all),
    )
    return tuple(Step(title, cast.utc(when), play, page=PAGE) for title, when, play in rows)
