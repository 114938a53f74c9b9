"""Random lives of a flight: anybody does anything at any time, each act recorded when it happens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from overflight.rules.prohibition import ELECTIVE_CAUSES
from tests.flight.build import Flight, plan, utc

START = utc("12 08:00")
ACTS = (
    *("ack", "arrive", "covers", "inspect", "submit", "change", "accept", "alternative", "sign", "file", "takeoff"),
    *("deviate", "complete", "prohibit", "decline", "cancel", "report", "sign-report", "depart", "seal", "develop"),
    *("transit", "services", "inventory", "demonstrate", "stop", "emergency", "duplicate", "open", "request", "agree"),
)


def flight_of(steps):
    """A flight in which anybody does anything at any time, each act recorded when it happens."""
    flight = Flight()
    flight.notify(others=False, transited=["POL"])
    versions, reports = [], ["0" * 64]
    at = START
    for minutes, act, sender, n in steps:
        at += timedelta(minutes=minutes)
        when = at.strftime("%Y-%m-%dT%H:%M")
        version = versions[n % len(versions)] if versions else "0" * 64
        t = {"to": ("RUS", "CAN") if sender == "DEU" else ("DEU", "CAN")}
        match act:
            case "ack":
                t |= {"supplies_aircraft": n % 2 == 0, "allows_arrival": n % 3 > 0}
                flight.say(when, sender, "flight.ack", aircraft="An-30", **t)
            case "arrive":
                flight.say(when, sender, "flight.arrival", place="UUMB", arrived_at=at, **t)
            case "covers":
                stage = ("arrival", "departure")[n % 2]
                flight.say(
                    when, sender, "flight.covers", place="UUMB", checked_at=at, stage=stage, in_place=n % 3 > 0, **t
                )
            case "inspect":
                began = at - timedelta(hours=n)
                t |= {"started_at": began, "ended_at": at, "as_certified": n % 4 > 0, "all_out": n % 5 > 0}
                t |= {
                    "inspectors": n + 3,
                    "other_signals": n % 6 == 5,
                    "equipment": ["borescope", "drone"][: 1 + n % 2],
                }
                t |= (
                    {"demonstration_by": sender, "demonstration_from": began, "demonstration_until": at}
                    if n > 9
                    else {}
                )
                flight.say(when, sender, "flight.inspection", inspecting=sender, **t)
            case "submit":
                versions.append(flight.say(when, sender, "plan.submit", plan=plan(f"{13 + n % 9} 06:00"), **t))
            case "change":
                t |= {"ground": ("weather", "other", "hazardous_airspace")[n % 3], "reason": "x", "plan": plan()}
                t |= {"hazard_kind": "danger area", "hazard_published": n > 4} if n % 2 else {}
                versions.append(flight.say(when, sender, "plan.change", version=version, **t))
            case "accept":
                flight.say(when, sender, "plan.accept", version=version, **t)
            case "alternative":
                versions.append(flight.say(when, sender, "plan.alternative", version=version, plan=plan(), **t))
            case "sign":
                flight.say(when, sender, "plan.sign", version=version, **t)
            case "file":
                starts = at + timedelta(hours=n)
                flight.say(when, sender, "flight.plan", version=version, filed_at=at, starts_at=starts, **t)
            case "takeoff":
                t |= {"held_back_for_traffic": n % 2 == 0}
                flight.say(when, sender, "flight.takeoff", airfield="UUMB", took_off_at=at, **t)
            case "deviate":
                ground, far = ("other", "weather_sensors", "medical")[n % 3], {"lateral_m": n * 10_000}
                more = {"safe": n > 3, "permitted": n > 1, "told_at": at} if n % 2 else {"below_minimum": "AFA-41-10"}
                flight.say(when, sender, "flight.deviation", ground=ground, began_at=at, **far, **more, **t)
            case "complete":
                done = {"completed_at": at, "cut_short": n % 2 == 0, "trouble": ("sensor fault", "other")[n % 2]}
                if n % 4 == 0:
                    done |= {"cause": ELECTIVE_CAUSES[n % 3], **({"counts": n > 5} if n else {})}
                flight.say(when, sender, "flight.completed", airfield="UUMB", **done, **t)
            case "prohibit":
                ground = ("VIII.I.1", "VIII.I.2", "AnnF.I.9")[n % 3]
                flight.say(when, sender, "flight.prohibition", ground=ground, facts="x", in_plan=n % 2 == 0, **t)
            case "decline":
                flight.say(when, sender, "flight.decline", reason="x", holds_harm=True, in_plan=n % 2 == 0, **t)
            case "cancel":
                flight.say(when, sender, "flight.cancel", reason="x", **t)
            case "report":
                part = ("flight", "prohibition", "decline")[n % 3]
                reports.append(flight.say(when, sender, "report.mission", part=part, **t))
            case "sign-report":
                flight.say(when, sender, "report.sign", report=reports[n % len(reports)], signed_at=at, **t)
            case "depart":
                flight.say(when, sender, "flight.departure", place="UUMB", departed_at=at, **t)
            case "seal":
                boxes = [{"number": str(n), "medium": ("film", "tape")[n % 2], "sensor": "AFA-41-10"}]
                t |= {"original_sets": n} if n > 8 else {}
                flight.say(when, sender, "data.sealed", containers=boxes, sealed_at=at, both_present=n % 2 == 0, **t)
            case "open":
                flight.say(when, sender, "data.opened", containers=[str(n)], opened_at=at, both_present=n > 2, **t)
            case "develop":
                t |= (
                    {"strip_steps": 20 + n % 2, "rolls": 2, "rolls_with_strip": n % 3, "tested_at": at} if n > 2 else {}
                )
                t |= {"cameras_alike": n > 1, "film_alike": True, "processing_alike": n > 4, "test_meets_data": n > 5}
                t |= {"observers_asked": n, "observers_admitted": n // 2}
                flight.say(when, sender, "data.developed", facility=sender, developed_at=at, **t)
            case "duplicate":
                t |= {"for_party": "RUS", "handed_over_at": at, "generation": 1 + n % 2, "original_to": sender}
                t |= {"original_sets": 1 + n % 2, "picked_first": sender, "radar_form_chosen_by": sender}
                t |= {"radar_form_wanted": "image", "radar_form_given": ("image", "phase data")[n % 2]}
                flight.say(when, sender, "data.duplicate", **t)
            case "request":
                flight.say(when, sender, "data.request", observing="DEU", observed="RUS", sensor="AFA-41-10", **t)
            case _:
                _around(flight, act, when, sender, n, t)
    return flight.messages


def _around(flight: Flight, act: str, when: str, sender: str, n: int, t: dict[str, Any]) -> None:
    """The acts around the flight itself."""
    at = utc(when)
    hours = timedelta(hours=1)
    match act:
        case "transit":
            t |= {"over": ("POL", "BLR", "SRB")[n % 3], "refused": n % 4 == 0, "sensors_ran": n % 5 == 0}
            t |= {"starts_in": ("DEU", "SRB")[n % 2], "on_routes": n % 2 == 0, "needed_leg": n > 6}
            if n % 2:
                t |= {"landed_at": at - 3 * hours, "checked_after": at - 2 * hours, "left_at": at}
                t |= {"checked_before": at + (n - 6) * hours, "details_asked_at": at - 80 * hours}
                t |= {"details_given_at": at - n * hours, "coordinated_at": at}
            flight.say(when, sender, "flight.transit", **t)
        case "services":
            t |= {"briefing": ["weather", "navigation", "safety", "NOTAMs"][: n % 6], "asked_for": ["fuel and service"]}
            flight.say(when, sender, "flight.services", given_at=at, refused=["meals and lodging"][: n % 2], **t)
        case "inventory":
            t |= {"begun_at": at - 2 * hours, "ended_at": at - n * hours / 2} if n else {}
            t |= {"unlisted": ["lamp"], "sealed": ["lamp"][: n % 2]} if n > 4 else {}
            flight.say(when, sender, "flight.inventory", inspecting=sender, arrived_at=at - 3 * hours, **t)
        case "demonstrate":
            t |= {"started_at": at - 2 * hours, "ended_at": at + (n - 6) * hours / 6} if n % 3 else {}
            t |= {"satisfied": n > 5, "act": "forbid sensor", "depends_on_height": n % 2 == 0} if n % 2 else {}
            flight.say(when, sender, "flight.demonstration", asked_by=sender, told_oscc=n > 8, **t)
        case "stop":
            t |= {"left_at": at + hours} if n % 2 else {}
            flight.say(when, sender, "flight.stop", airfield="UUMB", purpose="refuelling", landed_at=at, **t)
        case "emergency":
            t |= (
                {"helped_at": at, "damage_caused_by": sender, "compensated": n > 5} if n % 2 else {"return_asked": True}
            )
            nature = ("emergency", "accident")[n % 2]
            flight.say(when, sender, "flight.emergency", nature=nature, began_at=at, **t)
        case "agree":
            paragraphs = ["VI.I.9", "VI.II.4.E", "VI.I.10", "IX.II.3.A", "IX.II.2", "IX.II.6", "VIII.I.2"]
            flight.say(when, sender, "letter", agrees=paragraphs[n % 4 :], text="agreed", **t)


STEP = st.tuples(
    st.sampled_from([1, 30, 120, 241, 480, 600, 1500, 5760]),
    st.sampled_from(ACTS),
    st.sampled_from(["DEU", "RUS", "BLR", "CAN"]),
    st.integers(0, 11),
)
# Lives in their usual order, each act done by its own side or by the other, some left out, moved or repeated, so that
# the later parts are reached too. The simplest life is the whole one.
IN_ORDER = (
    *(("ack", "RUS"), ("transit", "DEU"), ("arrive", "DEU"), ("services", "RUS"), ("covers", "RUS")),
    *(("inventory", "RUS"), ("inspect", "RUS"), ("demonstrate", "RUS"), ("submit", "DEU"), ("change", "RUS")),
    *(("alternative", "DEU"), ("accept", "RUS"), ("sign", "DEU"), ("sign", "RUS"), ("agree", "DEU"), ("agree", "RUS")),
    *(("file", "DEU"), ("takeoff", "DEU"), ("stop", "DEU"), ("deviate", "DEU"), ("emergency", "DEU")),
    *(("complete", "DEU"), ("seal", "DEU"), ("report", "DEU"), ("sign-report", "DEU"), ("sign-report", "RUS")),
    *(("covers", "RUS"), ("depart", "DEU"), ("open", "DEU"), ("develop", "DEU"), ("duplicate", "DEU")),
    ("request", "RUS"),
)
_OTHER = {"DEU": "RUS", "RUS": "DEU"}
_STEPS = st.lists(
    st.tuples(st.integers(0, 9), st.sampled_from([120, 30, 240, 480, 1500]), st.integers(0, 5), st.integers(0, 11)),
    min_size=len(IN_ORDER),
    max_size=len(IN_ORDER),
)
_MOVES = st.lists(st.tuples(st.integers(0, len(IN_ORDER) - 1), st.integers(0, len(IN_ORDER) - 1)), max_size=3)


def usual(
    steps: list[tuple[int, int, int, int]], moves: Sequence[tuple[int, int]] = ()
) -> list[tuple[int, str, str, int]]:
    """Steps of a life in the usual order: left out (9), after so many minutes, by the other side (5), of which sort."""
    out = [
        (minutes, act, _OTHER[side] if other == 5 else side, n)
        for (act, side), (left_out, minutes, other, n) in zip(IN_ORDER, steps, strict=True)
        if left_out < 9
    ]
    for place, to in moves:
        if place < len(out):
            out.insert(to, out.pop(place))
    return out


WILD = st.lists(STEP, min_size=1, max_size=14).map(flight_of)
ORDERED = st.tuples(_STEPS, _MOVES, st.lists(STEP, max_size=4)).map(
    lambda life: flight_of([*usual(life[0], life[1]), *life[2]])
)
LIVES = ORDERED | WILD
