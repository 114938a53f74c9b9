"""What the pages say of versions, acts, records and the exercise: nothing greener than what was found."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient

from overflight.api.story import told
from overflight.treaty.regime import Regime
from overflight.web import flights, planner, records

LATE = {
    "citation": "VI.II.6",
    "rule": "proposes_within_4_hours",
    "verdict": "breaches",
    "because": "proposed change: 5 min after the limit",
    "where": {"message": "v2"},
}


def version(rid: str, by: str, origin: str, **more: Any) -> dict[str, Any]:
    return {"version": rid, "by": by, "origin": origin, "plan": None, "signed": {}, "accepted": {}, **more}


def shown(**more: Any) -> dict[str, Any]:
    good = {"complies": True, "breaches": [], "length_km": 2181.2, "limit_km": 5000.0}
    return {
        "flight": "OS1900",
        "party": "DEU",
        "observing": "DEU",
        "observed": "RUS",
        "state": "in_negotiation",
        "verbs": list(flights.VERBS),
        "versions": [version("v1", "DEU", "plan"), version("v2", "RUS", "change")],
        "current": "v1",
        "checks": {"v1": good, "v2": good},
        "findings": [LATE, {**LATE, "verdict": "complies", "where": {"message": "v1"}}],
        "timeline": [],
        **more,
    }


def test_a_version_shows_the_worst_that_was_found_of_its_path_or_of_its_proposal() -> None:
    what = shown()
    kept, late = (flights._version(v, what) for v in what["versions"])

    assert (kept["verdict"], kept["findings"]) == ("complies", [])
    assert (late["verdict"], [f["citation"] for f in late["findings"]]) == ("breaches", ["VI.II.6"])


def test_a_breach_of_the_path_stands_once_though_check_and_flight_both_find_it() -> None:
    near = {**LATE, "citation": "VI.II.2", "rule": "keeps_clear_of_non_party_border"}
    what = shown(findings=[near, near])
    what["checks"]["v2"] = {**what["checks"]["v2"], "complies": False, "breaches": ["VI.II.2"]}

    late = flights._version(what["versions"][1], what)
    assert len(late["findings"]) == 1
    assert late["cited"] == []
    assert len(flights._once(what["findings"])) == 1


def test_the_acts_of_open_duties_come_first() -> None:
    what = shown(state="completed")
    owed = [{"citation": "VI.I.20"}]
    assert flights.offered(what, owed)[0] == "depart"
    assert flights.offered(what, [])[0] == "report"


@pytest.mark.parametrize("sent", [False, True])
def test_an_act_whose_message_was_sent_is_not_offered_again(sent: bool) -> None:
    lines = [{"kind": "data.developed", "from": "DEU"}] if sent else []
    assert ("develop" in flights.offered(shown(state="reported", timeline=lines), [])) is not sent


def test_the_observing_party_is_not_offered_to_ask_itself_for_copies() -> None:
    assert "request-copies" not in flights.offered(shown(state="reported"), [])
    assert "request-copies" in flights.offered(shown(state="reported", party="CAN"), [])


def test_who_has_signed_the_version_is_not_offered_to_sign_it_again() -> None:
    assert "sign" in flights.offered(shown(state="agreed"), [])
    signed = [version("v1", "DEU", "plan", signed={"observing": "2021-05-17T22:30:00Z"})]
    assert "sign" not in flights.offered(shown(state="agreed", versions=signed), [])


def test_planned_findings_of_the_story_reach_the_page() -> None:
    check = {"text": "five minutes late", "ok": True, "citation": "VI.II.6", "finding": True}
    story = told({"steps": [{"n": 1, "title": "x", "done": True, "checks": [check, {"text": "y", "ok": True}]}]})
    assert story is not None
    assert [c["finding"] for c in story["steps"][0]["checks"]] == [True, False]


@pytest.mark.parametrize(
    ("day", "last", "first"),
    [
        (date(2021, 5, 17), None, "RUS"),
        (date(2021, 5, 17), "UKR", "UKR"),
        (date(2021, 5, 17), "USA", "RUS"),  # no Party since 22 November 2020
        (date(2021, 12, 17), None, "RUS"),
        (date(2021, 12, 18), "RUS", "CAN"),  # Russia is out: the longest maximum flight distance that is left
    ],
)
def test_the_planner_begins_with_a_party_that_can_be_observed_on_the_day(
    day: date, last: str | None, first: str
) -> None:
    assert planner.choices(Regime.on(day), own="DEU", observed=last)["first"] == first


def test_long_lists_of_records_come_page_by_page(at_node: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "PAGE", 1)
    notice = {"observed": "RUS", "eta": "2021-05-17T08:00Z", "point_of_entry": "UUMB", "starting_airfield": "UUMB"}
    assert at_node.post("/api/flights/OS1900/notify", json=notice).status_code == 200

    first = at_node.get("/records").text
    assert "/records?skip=1" in first
    assert "Deliveries to Parties without an address here" in first
    last = at_node.get("/records?skip=999").text
    assert "/records?skip=0" in last
    assert at_node.get("/records?skip=-1").status_code == 400


def test_a_file_of_sites_is_named_as_it_was_sent(at_node: TestClient) -> None:
    found = at_node.post("/planner/sites", files={"file": ("../my sites.csv", b"name,lon,lat\nA,nan,55\n", "text/csv")})
    assert found.status_code in (400, 422)
    assert found.json()["detail"].startswith("my sites.csv: ")
