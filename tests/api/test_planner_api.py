"""What the planner's pages ask: files of sites and regions, conditions, a proposed change, owners' lists, pictures."""

from __future__ import annotations

import inspect
import json
import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from fastapi.testclient import TestClient

DAY = "2021-05-17"
HOME = [9.4272, 52.4573]
RING = [[10.4, 52.4], [10.8, 52.4], [10.8, 52.6], [10.4, 52.6], [10.4, 52.4]]
SITES = [
    {"name": "Alpha", "lon_deg": 9.9, "lat_deg": 52.6, "value": 3},
    {"name": "Bravo", "lon_deg": 10.6, "lat_deg": 52.5, "value": 5},
]


def plan(**more: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": [HOME, [9.9, 52.6], [10.6, 52.5], [10.4, 51.9], HOME]},
        "properties": {"observed": "DEU", "start_airfield": "ETNW", "end_airfield": "ETNW", **more},
    }


def regions(*kinds: dict[str, Any]) -> dict[str, Any]:
    features = [
        {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [RING]}, "properties": kind}
        for kind in kinds
    ]
    return {"type": "FeatureCollection", "features": features}


def test_a_file_of_sites_with_swapped_coordinates_is_refused_as_on_the_command_line(client: TestClient) -> None:
    swapped = b"name,lon,lat\nA,52.5,9.5\nB,51.9,10.2\n"
    sent = {"file": ("sites.csv", swapped, "text/csv")}

    assert client.post(f"/planner/sites?on={DAY}", files=sent).status_code == 200
    found = client.post(f"/planner/sites?observed=DEU&on={DAY}", files=sent)
    assert (found.status_code, found.json()["code"]) == (400, "bad-file")
    assert "swapped" in found.json()["detail"]


def test_required_sites_groups_and_instruments_come_back_to_the_page(client: TestClient) -> None:
    text = b"name,lon,lat,value,required,group,instrument\nA,9.9,52.6,3,yes,,\nB,10.6,52.5,5,,bridges,AFA-41-10\n"
    found = client.post("/planner/sites?observed=DEU", files={"file": ("sites.csv", text, "text/csv")}).json()

    assert found[0]["required"] is True
    assert (found[1]["group"], found[1]["instrument"]) == ("bridges", "AFA-41-10")


def test_a_file_of_regions_is_told_region_by_region_and_a_broken_one_by_its_feature(client: TestClient) -> None:
    good = regions({"kind": "closed", "name": "range"}, {"kind": "sub_limit", "name": "coast", "max_km": 50})
    sent = {"file": ("r.geojson", json.dumps(good).encode(), "application/geo+json")}
    found = client.post(f"/planner/regions?observed=DEU&on={DAY}", files=sent).json()
    assert found["closed"] == ["range"]
    assert found["sub_limits"] == [{"name": "coast", "most_km": 50.0}]
    assert found["regions"] == good

    bad = json.dumps(regions({"kind": "closed"}, {"kind": "open"})).encode()
    problem = client.post("/planner/regions?observed=DEU", files={"file": ("r.json", bad, "application/json")})
    assert problem.status_code == 400
    assert "feature 2" in problem.json()["detail"]


@pytest.mark.parametrize("data", [b"", b"[", b"\xff", b"[" * 5000, b"null", b'{"type": "FeatureCollection"}'])
def test_a_file_that_is_no_regions_is_one_sentence(client: TestClient, data: bytes) -> None:
    found = client.post("/planner/regions?observed=DEU", files={"file": ("r.json", data, "application/json")})
    assert (found.status_code, found.json()["code"]) == (400, "bad-file")


def test_conditions_of_the_planner_are_answered_beside_the_rules(client: TestClient) -> None:
    sent = {"plan": plan(), "on": DAY, "regions": regions({"kind": "closed", "name": "range"}), "min_leg_km": 500}
    found = client.post("/api/plans/check", json=sent).json()

    assert not found["conditions_kept"]
    assert {"planner"} <= {f["citation"] for f in found["conditions"]}
    assert "conditions" not in client.post("/api/plans/check", json={"plan": plan(), "on": DAY}).json()


def test_of_a_group_the_best_observed_site_counts(client: TestClient) -> None:
    sites = [{**one, "group": "g"} for one in SITES]
    sent = {"plan": plan(), "on": DAY, "sites": sites, "swath_km": 4.5}
    assert client.post("/api/plans/check", json=sent).json()["observed"] == {
        "sites": [0, 1], "value": 5.0, "total_value": 5.0,
    }  # fmt: skip


def test_the_profile_has_the_planned_level_and_certified_heights(client: TestClient) -> None:
    uses = [{"sensor": "AFA-41-10", "certified_h_min_m": 1500}]
    sent = {"plan": plan(height_agl_m=2500, sensors=uses), "on": DAY, "profile": True}
    profile = client.post("/api/plans/check", json=sent).json()["profile"]

    assert len(profile["level_m"]) == len(profile["errors_m"]) == len(profile["km"])
    assert profile["certified"] == [{"sensor": "AFA-41-10", "m": 1500.0}]
    assert min(level - ground for level, ground in zip(profile["level_m"], profile["ground_m"], strict=True)) > 1500


def test_a_search_tells_when_its_value_became_better(client: TestClient) -> None:
    wanted = {
        "observed": "DEU",
        "from": "ETNW",
        "sites": SITES,
        "swath_km": 10,
        "seconds": 0.3,
        "on": DAY,
        "max_km": 300,
    }
    told = client.post("/api/plans/optimise", json=wanted).text.strip().split("\n\n")
    result = json.loads(told[-1].split("\n")[1].removeprefix("data: "))

    assert result["history"][-1]["value"] == result["value"] == 8
    assert "conditions" in result


@pytest.mark.parametrize(
    "field",
    [{"via": "UUDL"}, {"take_off": "noon"}, {"turn": "round"}, {"sensors": ["nothing"]}, {"region_names": ["../x"]},
     {"regions": 7}, {"range_km": "far"}, {"daylight": True}, {"aircraft": ["no such"]}],
)  # fmt: skip
def test_a_search_with_a_condition_that_cannot_be_meant_says_so(client: TestClient, field: dict[str, Any]) -> None:
    wanted = {"observed": "DEU", "from": "ETNW", "sites": SITES, "swath_km": 10, "seconds": 0.2, "on": DAY, **field}
    told = client.post("/api/plans/optimise", json=wanted).text.strip().split("\n\n")

    assert told[-1].startswith("event: problem")
    assert "fault" not in told[-1]


CHANGE = {"ground": "weather", "height_agl_m": 1800}


def test_value_lost_is_told_only_to_whoever_brings_the_sites(client: TestClient) -> None:
    sent = {"plan": plan(height_agl_m=2500), "change": CHANGE, "on": DAY}
    theirs = client.post("/api/plans/negotiate", json=sent)
    ours = client.post("/api/plans/negotiate", json={**sent, "sites": SITES, "swath_km": 10, "steps": 1}).json()

    assert theirs.json()["permitted"]
    assert not {"private", "value_lost", "repaired", "alternatives"} & theirs.json().keys()
    assert "Alpha" not in theirs.text
    assert ours["value_lost"] == 0
    assert len(ours["alternatives"]) == 3


@pytest.mark.parametrize(
    "sent",
    [{}, {"plan": 1}, {"change": []}, {"change": {"ground": "mood", "cut": [2]}}, {"change": {"ground": "weather"}},
     {"change": {"ground": "weather", "cut": [99]}}, {"steps": 10**9}, {"sites": [{}]}],
)  # fmt: skip
def test_a_change_that_is_none_is_one_sentence(client: TestClient, sent: dict[str, Any]) -> None:
    body = {"plan": plan(), "change": CHANGE, "on": DAY, **sent} if sent else {}
    found = client.post("/api/plans/negotiate", json=body)
    assert (found.status_code, found.headers["content-type"]) == (400, "application/problem+json")


def test_owners_learn_the_times_as_table_csv_and_calendar_and_nothing_of_values(client: TestClient) -> None:
    flown = plan(take_off="2021-05-18T14:00Z", ground_speed_kmh=400)
    sent = {"plan": flown, "sites": [{**SITES[1], "value": 731946528}], "stage": "agreed", "swath_km": 10, "on": DAY}
    rows = client.post("/api/plans/sites", json=sent).json()["rows"]
    csv = client.post("/api/plans/sites", json={**sent, "as": "csv"})
    calendar = client.post("/api/plans/sites", json={**sent, "as": "ics"})

    assert rows[0]["site"] == "Bravo"
    assert rows[0]["from"] < rows[0]["until"]
    assert csv.headers["content-type"].startswith("text/csv")
    assert csv.text.count("Bravo") == len(rows)
    assert calendar.text.startswith("BEGIN:VCALENDAR")
    assert client.post("/api/plans/sites", json={**sent, "as": "pdf"}).content.startswith(b"%PDF")
    assert "731946528" not in csv.text + calendar.text


@pytest.mark.parametrize(
    ("stage", "more"),
    [("notice", {"observed": "DEU", "from": "ETNW", "plan": None}), ("clear", {"completed": "2021-05-18T20:00Z"})],
)
def test_stages_without_a_route(client: TestClient, stage: str, more: dict[str, Any]) -> None:
    sent = {"plan": plan(), "sites": SITES, "stage": stage, "on": DAY, **more}
    assert len(client.post("/api/plans/sites", json=sent).json()["rows"]) == 2


@pytest.mark.parametrize(
    "sent", [{"stage": "later"}, {"as": "doc"}, {"sites": []}, {"plan": None}, {"stage": "clear"}, {"swath_km": -1}]
)
def test_a_list_that_cannot_be_made_says_what_is_missing(client: TestClient, sent: dict[str, Any]) -> None:
    found = client.post("/api/plans/sites", json={"plan": plan(), "sites": SITES, "swath_km": 10, "on": DAY, **sent})
    assert found.status_code == 400


def test_a_picture_is_an_svg_that_may_do_nothing(client: TestClient) -> None:
    found = client.post("/api/plans/picture", json={"plan": plan(), "on": DAY, "swath_km": 10, "sites": SITES})

    assert found.headers["content-type"] == "image/svg+xml"
    assert "script-src" not in found.headers["content-security-policy"]
    assert "sandbox" in found.headers["content-security-policy"]
    text = " ".join(ET.fromstring(found.content).itertext())
    assert "PRIVATE" in text
    assert "Alpha" not in text


@pytest.mark.parametrize(
    "sent",
    [{"what": "film"}, {"as": "gif"}, {"swath_km": 1e9}, {"what": "value"}, {"plan": None},
     {"what": "profile", "plan": []}],
)  # fmt: skip
def test_a_picture_that_cannot_be_drawn_is_one_sentence(client: TestClient, sent: dict[str, Any]) -> None:
    assert client.post("/api/plans/picture", json={"plan": plan(), "on": DAY, **sent}).status_code == 400


def test_the_pages_know_the_plans_of_this_node(at_node: TestClient) -> None:
    for path in ("/planner/negotiate", "/planner/owners", "/planner"):
        page = at_node.get(path, headers={"accept": "text/html"})
        assert page.status_code == 200
        assert '"/planner/negotiate"' in page.text


def test_a_site_is_seen_with_the_width_of_its_instrument_when_a_change_is_weighed(client: TestClient) -> None:
    """Bravo lies on the path and some 6 km beside the changed one."""
    sites = [{**one, "instrument": "AFA-41-10"} for one in SITES]
    moved = {"move": [{"point": 3, "to": [10.6, 52.44]}], "ground": "weather"}
    sent = {"plan": plan(), "change": moved, "on": DAY, "sites": sites, "swath_km": 30, "steps": 1}

    wide = client.post("/api/plans/negotiate", json={**sent, "swaths": ["AFA-41-10=30"]}).json()
    assert (wide["value_lost"], wide["sites_lost"]) == (0, [])
    narrow = client.post("/api/plans/negotiate", json={**sent, "swaths": ["AFA-41-10=4"]}).json()
    assert (narrow["value_lost"], narrow["sites_lost"]) == (5, ["Bravo"])


def test_a_change_is_held_against_areas_and_range_of_the_planner(client: TestClient) -> None:
    later = {"take_off": "2021-05-18T15:00Z", "ground": "weather"}
    asked = {"regions": regions({"kind": "closed", "name": "range"}), "range_km": 50}
    found = client.post("/api/plans/negotiate", json={"plan": plan(), "change": later, "on": DAY, **asked}).json()

    broken = {f["rule"] for f in found["conditions"] if f["verdict"] == "breaches"}
    assert not found["conditions_kept"]
    assert broken == {"outside_closed_areas", "within_range"}
    free = client.post("/api/plans/negotiate", json={"plan": plan(), "change": later, "on": DAY}).json()
    assert free["conditions_kept"]


def test_a_picture_draws_a_site_with_the_width_of_its_instrument(client: TestClient) -> None:
    beside = [{"name": "C", "lon_deg": 10.6, "lat_deg": 52.56, "value": 1, "instrument": "AFA-41-10"}]
    sent = {"plan": plan(), "on": DAY, "swath_km": 30, "sites": beside}
    drawn = [client.post("/api/plans/picture", json={**sent, "swaths": [f"AFA-41-10={km}"]}) for km in (29, 30, 4)]

    assert [answer.headers["content-type"] for answer in drawn] == ["image/svg+xml"] * 3
    assert drawn[0].content == drawn[1].content != drawn[2].content


def searched(client: TestClient, **more: Any) -> dict[str, Any]:
    wanted = {"observed": "DEU", "from": "ETNW", "sites": SITES, "swath_km": 10, "on": DAY, "max_km": 300, **more}
    told = client.post("/api/plans/optimise", json=wanted).text.strip().split("\n\n")
    found: dict[str, Any] = json.loads(told[-1].split("\n")[1].removeprefix("data: "))
    return found


def test_a_search_of_steps_is_repeatable_and_stops_by_itself(client: TestClient) -> None:
    one, two = (searched(client, steps=3, seed=5, seconds=60) for _ in range(2))

    assert one["plan"] == two["plan"]
    assert one["steps"] <= 3
    assert searched(client, steps=0)["code"] == "bad-input"


def test_a_search_takes_ways_in_and_out_the_taxi_option_and_hours_of_stops(client: TestClient) -> None:
    found = searched(client, steps=2, entry="EDDK", exit="EDDK", taxi=True, notified_km=250, range_km=400)

    assert [(leg["from"], leg["to"]) for leg in found["transit_legs"]] == [("EDDK", "ETNW"), ("ETNW", "EDDK")]
    assert (found["taxi"]["notified_km"], found["taxi"]["owed_range_km"]) == (250, 125)
    assert found["plan"]["properties"]["point_of_exit"] == "EDDK"


def test_the_height_of_the_sun_asks_for_daylight_as_on_the_command_line(client: TestClient) -> None:
    found = client.post("/api/plans/check", json={"plan": plan(), "on": DAY, "min_sun_deg": 10}).json()
    assert "in_daylight" in {f["rule"] for f in found["conditions"]}


# An option of `plan optimise` and the control of the page that asks for it.
CONTROLS = {
    "observed": "observed", "start": "from", "end": "to", "sites": "file", "swath_km": "swath_km", "via": "via",
    "entry": "entry", "point_of_exit": "exit", "max_km": "max_km", "aircraft": "aircraft", "range_km": "range_km",
    "speed_kmh": "speed_kmh", "take_off": "take_off", "stop_hours": "stop_hours", "taxi": "taxi",
    "notified_km": "notified_km", "regions": "regions-file", "min_leg_km": "min_leg_km",
    "turn_radius_km": "turn_radius_km", "turn": "turn", "daylight": "daylight", "min_sun_deg": "min_sun_deg",
    "observing": "observing", "height_m": "height_agl_m", "sensor": "sensors", "swath": "swaths", "time": "seconds",
    "steps": "steps", "seed": "seed", "out": "download", "picture": "picture-map", "curve": "picture-value",
    "on": "on", "reading": "readings",
}  # fmt: skip
# The node's own data, and forms of the answer, are no matter of the page.
NOT_ON_THE_PAGE = {"history", "regime", "borders", "elevation", "json"}


def test_whatever_the_command_can_be_asked_can_be_asked_on_the_page(client: TestClient) -> None:
    from overflight.cli.plan_optimise import optimise

    page = client.get(f"/planner?on={DAY}", headers={"accept": "text/html"}).text
    options = set(inspect.signature(optimise).parameters)

    assert options == set(CONTROLS) | NOT_ON_THE_PAGE
    assert [control for control in CONTROLS.values() if f'id="{control}"' not in page] == []
    assert 'name="region_names" value="kaliningrad-500km"' in page
    for control in re.findall(r'<(?:input|select|textarea)[^>]* id="([\w.-]+)"', page):
        assert f'for="{control}"' in page, f"{control} has no label"


def test_a_later_start_is_held_against_the_notified_arrival(client: TestClient) -> None:
    """VI.I.9: a flight that would end more than 96 hours after the notified arrival is told."""
    later = {"take_off": "2021-05-22T08:00Z", "ground": "weather"}
    sent = {"plan": plan(ground_speed_kmh=400), "change": later, "on": DAY}

    def window(**more: Any) -> str:
        found = client.post("/api/plans/negotiate", json={**sent, **more}).json()["findings"]
        return next(f["verdict"] for f in found if f["rule"] == "ends_and_stops_within_the_window")

    assert window() == "undetermined"
    assert window(eta="2021-05-20T08:00Z") != "breaches"
    assert window(eta="2021-05-17T08:00Z") == "breaches"
    assert client.post("/api/plans/negotiate", json={**sent, "eta": "soon"}).json()["field"] == "eta"
