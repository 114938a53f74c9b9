"""Lists of designated personnel over HTTP and on their page: what is shown is signed, and no name leaves."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

PLANTED = "Planted Surname"
PAGE = {"accept": "text/html"}


def people(n: int) -> bytes:
    rows = [
        {
            "name": f"{PLANTED} {k}",
            "gender": "not given",
            "born": "1980-01-01",
            "birthplace": "Plantville",
            "passport": f"PLANT{k}",
            "function": "flight crew",
        }
        for k in range(1, n + 1)
    ]
    return json.dumps(rows).encode()


def a_list(n: int = 3) -> dict[str, Any]:
    return {"file": ("people.json", people(n), "application/json")}


def test_a_list_is_signed_by_its_digest_and_no_name_is_answered(at_node: TestClient) -> None:
    found = at_node.post("/api/personnel/lists", files=a_list(), data={"occasion": "amendment"})

    assert found.status_code == 200
    assert PLANTED not in found.text
    (one,) = found.json()["lists"]
    assert (one["party"], one["persons"], one["current"]) == ("DEU", 3, True)
    assert at_node.get("/api/personnel").json()["lists"] == [one]
    assert PLANTED not in at_node.get("/api/records").text
    assert PLANTED not in at_node.get("/personnel", headers=PAGE).text


def test_people_of_a_flight_are_counted_and_none_is_named(at_node: TestClient) -> None:
    at_node.post("/api/personnel/lists", files=a_list(3))
    asked = {"of": "deu", "by": "RUS"}

    assert at_node.post("/api/personnel/count", files=a_list(5), data=asked).json() == {
        "people": 5, "listed": 3, "objected_to": 0,
    }  # fmt: skip
    told = at_node.post("/personnel/count", files=a_list(5), data=asked).text
    assert "5 people, 3 on the list" in told


def test_a_sheet_shows_what_is_signed_and_the_signature_is_given_once(at_node: TestClient) -> None:
    """XIII.I.1: the list of 401 people is found in breach on the sheet, and signing stays the Party's choice."""
    sheet = at_node.post("/personnel/list", files=a_list(401), data={"occasion": "amendment"}).text
    token = re.search(r'name="token" value="([^"]+)"', sheet)

    assert token is not None
    assert "not in compliance" in sheet
    assert PLANTED not in sheet
    assert at_node.get("/api/personnel").json()["lists"] == []
    sign = {"data": {"token": token[1]}, "follow_redirects": False}
    assert at_node.post("/personnel/sign", **sign).status_code == 303
    assert [one["persons"] for one in at_node.get("/api/personnel").json()["lists"]] == [401]
    assert at_node.post("/personnel/sign", **sign).status_code == 409
    assert 'href="/records/' in at_node.get("/personnel", headers=PAGE).text


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("lists", {"files": {"file": ("p.json", b"{", "application/json")}}),
        ("lists", {"files": {"file": ("p.json", b'[{"name": "A"}]', "application/json")}}),
        ("lists", {"files": a_list(), "data": {"occasion": "holiday"}}),
        ("lists", {"files": a_list(), "data": {"deposited_at": "yesterday"}}),
        ("lists/00ff/objections", {"json": {"entry": 1}}),
        ("lists/00ff/file", {"files": a_list()}),
        ("count", {"files": a_list(), "data": {"of": "DEU", "by": "RUS"}}),
        ("count", {"files": a_list(), "data": {"of": " , ", "by": "RUS"}}),
    ],
)
def test_what_cannot_be_meant_is_one_sentence_and_signs_nothing(
    at_node: TestClient, address: str, sent: dict[str, Any]
) -> None:
    found = at_node.post(f"/api/personnel/{address}", **sent)

    assert (found.status_code, found.headers["content-type"]) == (400, "application/problem+json")
    assert at_node.get("/api/personnel").json()["lists"] == []


def test_a_party_does_not_object_to_its_own_list(at_node: TestClient) -> None:
    record = at_node.post("/api/personnel/lists", files=a_list()).json()["record"]["rid"]
    found = at_node.post(f"/api/personnel/lists/{record}/objections", json={"entry": 1})

    assert (found.status_code, found.json()["citation"]) == (400, "XIII.I.2.a")


def test_without_a_node_there_are_no_lists(client: TestClient) -> None:
    assert client.get("/api/personnel").json()["code"] == "no-node"


# The year's calendar (Annex H)

PLANS = "by,over,quarter,flights\nDEU,RUS,2,1\nFRA,RUS,2,2\n"


def test_the_calendar_of_a_year_has_the_dates_of_its_round_and_the_flights_of_a_file(client: TestClient) -> None:
    bare = client.get("/api/treaty/calendar?year=2020").json()
    found = client.post("/api/treaty/calendar", json={"year": 2020, "plans": PLANS}).json()

    assert (bare["quarters"], bare["year"]) == ([], 2020)
    assert found["dates"] == bare["dates"]
    assert [q["flights"] for q in found["quarters"] if q["observed"] == "BLR;RUS"] == [0, 3, 0, 0]
    made = client.get("/api/treaty/calendar.ics?year=2020")
    assert made.headers["content-type"].startswith("text/calendar")
    assert made.text.startswith("BEGIN:VCALENDAR")


def test_the_page_shows_the_same_with_and_without_a_file_and_gives_a_calendar(client: TestClient) -> None:
    sent: dict[str, Any] = {"files": {"file": ("plans.csv", PLANS, "text/csv")}, "data": {"year": "2020"}}

    page = client.get("/treaty/calendar?year=2020", headers=PAGE)
    assert (page.status_code, "Calendar of 2020" in page.text) == (200, True)
    shown = client.post("/treaty/calendar", **sent, headers=PAGE).text
    assert "FRA 2" in shown
    assert "plans.csv" in shown
    sent["data"]["as"] = "ics"
    assert client.post("/treaty/calendar", **sent).text.startswith("BEGIN:VCALENDAR")


@pytest.mark.parametrize("sent", [{"year": "2020"}, {"year": True}, {"year": 1}, {"year": 2020, "plans": 3},
                                  {"year": 2020, "plans": "by,over\nDEU\n"}])  # fmt: skip
def test_a_calendar_that_cannot_be_made_is_one_sentence(client: TestClient, sent: dict[str, Any]) -> None:
    found = client.post("/api/treaty/calendar", json=sent)
    assert (found.status_code, found.headers["content-type"]) == (400, "application/problem+json")
