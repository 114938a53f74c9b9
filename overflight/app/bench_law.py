"""`bench law`: how long it takes to load a regime and to decide whole flight histories."""

from __future__ import annotations

import hashlib
import json
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from overflight.app.bench import Row
from overflight.flight.lifecycle import state
from overflight.flight.messages import Message, build_body, read_body
from overflight.terms.moment import parse_moment, rfc3339
from overflight.terms.words import say
from overflight.treaty.regime import Regime

HISTORIES = 1000
# Our own limits, not the treaty's.
COLD_LIMIT_S, CACHED_LIMIT_S, HISTORIES_LIMIT_S, MEMORY_LIMIT_MB = 0.150, 0.001, 5.0, 200.0

_COLD = (
    "import time; from datetime import date; from overflight.treaty.regime import Regime; t = time.process_time(); "
    "r = Regime.on(date(2021, 5, 17)); r.parties(); r.values('passive_quota'); r.airfields(); "
    "r.value('border_clearance'); "
    "print(time.process_time() - t)"
)


def history(number: int) -> list[Message]:
    """Thirty messages of one flight, from notice to copies; each flight a little later than the one before."""
    flight, shift = f"OS1{number % 1000:03d}", timedelta(minutes=number % 50)
    made: list[Message] = []

    def at(text: str) -> datetime:
        return parse_moment(f"2021-05-{text.replace(' ', 'T')}Z") + shift

    def tell(when: str, sender: str, kind: str, **body: Any) -> str:
        to: tuple[str, ...] = body.pop("to", ())
        other = to or (("RUS",) if sender == "DEU" else ("DEU",))
        rid = hashlib.sha256(f"{number}/{len(made)}".encode()).hexdigest()
        whole: Mapping[str, Any] = read_body(kind, build_body(kind, {"flight": flight, **body}))
        made.append(Message(rid, kind, sender, other, at(when), whole, (), dict.fromkeys(other, at(when))))
        return rid

    notice = {
        "observing": "DEU",
        "observed": "RUS",
        "eta": at("17 08:00"),
        "point_of_entry": "UUMB",
        "starting_airfield": "UUMB",
        "departure_to_airfield": at("17 08:30"),
        "lodging": "none",
        "inspection_place": "UUMB",
        "inspection_at": at("17 09:00"),
        "transport": "own aircraft",
        "clearance": "bench",
        "aircraft": "An-30",
        "distance_m": 2_000_000,
        "people_sha256": "0" * 64,
        "people": 12,
    }
    plan = {
        "observed": "RUS",
        "observing": "DEU",
        "flight": flight,
        "start_airfield": "UUMB",
        "end_airfield": "UUMB",
        "take_off": rfc3339(at("19 06:00")),
        "lands": rfc3339(at("19 10:00")),
        "waypoints": [
            {"lon_e7": 366528000, "lat_e7": 556083000},
            {"lon_e7": 400000000, "lat_e7": 540000000},
            {"lon_e7": 366528000, "lat_e7": 556083000},
        ],
    }
    tell("12 08:00", "DEU", "flight.notification", notice="VI.I.5", **notice)
    everybody = tuple(p.code for p in Regime.on(date(2021, 5, 12)).parties() if p.code not in ("DEU", "RUS"))
    tell("12 08:00", "DEU", "flight.notification", to=everybody, notice="VI.I.8", **notice)
    tell("12 20:00", "RUS", "flight.ack", supplies_aircraft=False)
    tell("17 08:00", "DEU", "flight.arrival", place="UUMB", arrived_at=at("17 08:00"))
    covers = {"place": "UUMB", "in_place": True}
    tell("17 08:10", "RUS", "flight.covers", checked_at=at("17 08:10"), stage="arrival", **covers)
    inspected = {"inspecting": "RUS", "as_certified": True, "inspectors": 8}
    tell(
        "17 12:30",
        "RUS",
        "flight.inspection",
        started_at=at("17 09:00"),
        ended_at=at("17 12:30"),
        **inspected,
    )
    first = tell("17 14:00", "DEU", "plan.submit", plan=plan)
    change = {"version": first, "reason": "weather"}
    tell("17 16:00", "RUS", "plan.change", ground="weather", take_off=at("19 06:00"), **change)
    tell("17 17:00", "RUS", "plan.change", ground="other", excludes_observation=True, **change)
    tell("17 18:05", "RUS", "plan.change", ground="weather", **change)
    second = tell("17 22:00", "DEU", "plan.alternative", version=first, plan=plan)
    tell("17 22:10", "RUS", "plan.accept", version=second)
    tell("17 22:20", "RUS", "plan.sign", version=second)
    tell("17 22:30", "DEU", "plan.sign", version=second)
    tell("17 22:31", "DEU", "flight.plan", version=second, filed_at=at("17 22:31"), starts_at=at("19 06:00"))
    tell("19 06:00", "DEU", "flight.takeoff", airfield="UUMB", took_off_at=at("19 06:00"))
    tell(
        "19 08:00",
        "DEU",
        "flight.deviation",
        ground="weather_safety",
        reason="storm",
        began_at=at("19 07:50"),
        ended_at=at("19 08:00"),
        lateral_m=18_000,
    )
    tell("19 10:00", "DEU", "flight.completed", airfield="UUMB", completed_at=at("19 10:00"))
    film = [{"number": "B-1", "medium": "film"}]
    tell("19 10:30", "DEU", "data.sealed", containers=film, sealed_at=at("19 10:30"), both_present=True)
    report = tell("19 12:00", "DEU", "report.mission", part="flight", route="as agreed", weather="fair")
    tell("19 12:10", "DEU", "report.sign", report=report, signed_at=at("19 12:10"))
    tell("19 12:20", "RUS", "report.sign", report=report, signed_at=at("19 12:20"))
    tell("19 13:00", "RUS", "flight.covers", checked_at=at("19 13:00"), stage="departure", **covers)
    left = at("19 14:30")
    tell("19 14:00", "DEU", "flight.departure", place="UUMB", departed_at=at("19 14:00"), left_territory_at=left)
    tell("24 09:00", "DEU", "report.mission", to=everybody, part="flight", route="as agreed", weather="fair")
    tell("25 08:00", "DEU", "data.opened", containers=["B-1"], opened_at=at("25 08:00"), both_present=True)
    tell("25 12:00", "DEU", "data.developed", facility="DEU", developed_at=at("25 12:00"), test_strip=True)
    tell("26 09:00", "DEU", "data.catalogued", items=4)
    tell("26 10:00", "DEU", "data.duplicate", for_party="RUS", extent="whole", form="digital")
    asked = {"observing": "DEU", "observed": "RUS", "flown_on": "2021-05-19", "sensor": "camera", "portion": "all"}
    tell("27 09:00", "CAN", "data.request", to=("DEU", "RUS"), medium="scan", **asked)
    return made


def decide(histories: int) -> tuple[float, float, int]:
    """CPU seconds to decide so many histories, peak memory in MB, and messages in each."""
    known: dict[date, Regime] = {}

    def regime_on(day: date) -> Regime:
        if day not in known:
            known[day] = Regime.on(day)
        return known[day]

    flights = [history(n) for n in range(histories)]
    now = parse_moment("2021-06-01T00:00Z")
    state(flights[0], now, regime_on)  # tables are read once, before the clock starts
    began = time.process_time()
    for messages in flights:
        state(messages, now, regime_on)
    spent = time.process_time() - began
    return spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, len(flights[0])


def law() -> list[Row]:
    """Cold and cached loading of a regime; a thousand flight histories on one core; memory. No peer is known."""
    cold = sorted(
        float(subprocess.run([sys.executable, "-c", _COLD], check=True, capture_output=True, text=True).stdout)
        for _ in range(5)
    )[2]
    Regime.on(date(2021, 5, 17)).parties()
    began = time.process_time()
    for _ in range(200):
        Regime.on(date(2021, 5, 17)).parties()
    cached = (time.process_time() - began) / 200
    child = "from overflight.app.bench_law import HISTORIES, decide; import json; print(json.dumps(decide(HISTORIES)))"
    done = subprocess.run([sys.executable, "-c", child], check=True, capture_output=True, text=True)
    spent, memory, messages = json.loads(done.stdout)
    rows = (
        (say("law: load a regime cold, CPU s"), cold, COLD_LIMIT_S, 5),
        (say("law: load a regime cached, CPU s"), cached, CACHED_LIMIT_S, 200),
        (say("law: decide flight histories of {n} messages, CPU s", n=messages), spent, HISTORIES_LIMIT_S, HISTORIES),
        (say("law: peak memory, MB"), memory, MEMORY_LIMIT_MB, HISTORIES),
    )
    return [
        {"work": work, "ours": round(ours, 5), "peer": None, "ratio": None, "limit": limit, "n": n}
        for work, ours, limit, n in rows
    ]
