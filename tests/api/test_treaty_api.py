"""The treaty over HTTP: dated answers, problems with code and citation, no node needed."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient


@pytest.mark.parametrize(
    ("day", "parties"), [("2002-01-01", 26), ("2020-11-21", 34), ("2021-01-18", 33), ("2021-12-18", 32)]
)
def test_the_list_of_parties_follows_the_day(client: TestClient, day: str, parties: int) -> None:
    found = client.get(f"/api/treaty/parties?on={day}").json()

    assert len(found) == parties
    assert set(found[0]) == {"code", "name", "since", "until", "group", "source", "verified"}


def test_before_entry_into_force_nobody_is_a_party(client: TestClient) -> None:
    assert client.get("/api/treaty/parties?on=2001-12-31").json() == []


def test_values_carry_their_marks(client: TestClient) -> None:
    (row,) = client.get("/api/treaty/value?name=border_clearance&on=2021-05-17").json()

    assert (row["value"], row["unit"], row["citation"]) == (10, "km", "VI.II.2")
    assert {"source", "verified", "in_force"} <= row.keys()


def test_quotas_airfields_timeline_instruments_claims_and_readings_answer(client: TestClient) -> None:
    for path in ("quotas", "airfields", "timeline", "instruments", "claims", "readings", "memberships", "values"):
        found = client.get(f"/api/treaty/{path}")
        assert found.status_code == 200, path
        assert found.json(), path


def test_a_paragraph_comes_with_rules_and_deadlines(client: TestClient) -> None:
    found = client.get("/api/treaty/paragraphs/VI.II.6").json()

    assert found["citation"] == "VI.II.6"
    assert found["rules"]
    assert any(d["unit"].startswith("h") and d["amount"] == 4 for d in found["deadlines"])


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/treaty/parties?on=2021-02-30", 400, "bad-date"),
        ("/api/treaty/parties?on=" + "9" * 21, 400, "bad-input"),
        ("/api/treaty/paragraphs/nonsense", 404, "unknown-citation"),
        ("/api/treaty/value?name=nothing_like_it", 404, "unknown-on-date"),
        ("/api/treaty/value", 400, "bad-input"),
        ("/api/treaty/airfields?party=USA&on=2021-01-18", 404, "unknown-party"),
        ("/api/nothing", 404, "not-found"),
        ("/api/flights", 404, "no-node"),
        ("/api/records", 404, "no-node"),
        ("/stac", 404, "no-node"),
    ],
)
def test_what_goes_wrong_is_a_problem_with_a_stable_code(client: TestClient, path: str, status: int, code: str) -> None:
    found = client.get(path)

    assert (found.status_code, found.json()["code"]) == (status, code)
    assert found.headers["content-type"] == "application/problem+json"
    assert found.json()["status"] == status
    assert found.json()["detail"].strip()


def test_a_problem_names_the_paragraph_that_decides(client: TestClient) -> None:
    found = client.get("/api/treaty/airfields?party=USA&on=2021-01-18").json()

    assert found["citation"] == "XV.2"
    assert found["type"] == "urn:overflight:problem:unknown-party"


def test_border_layer_says_which_areas_are_disputed(client: TestClient) -> None:
    found = client.get("/api/map/borders?level=coarse")

    assert found.headers["etag"]
    sides = [f["properties"].get("sides") for f in found.json()["features"] if f["properties"].get("sides")]
    assert sides
    again = client.get("/api/map/borders?level=coarse", headers={"if-none-match": found.headers["etag"]})
    assert again.status_code == 304
    assert client.get("/api/map/dataset").json()["point_of_view"]


def test_the_interface_describes_itself_without_a_page_that_fetches_from_elsewhere(client: TestClient) -> None:
    described = client.get("/api/openapi.json").json()

    assert "/api/plans/check" in described["paths"]
    assert client.get("/docs").status_code == 404
    assert client.get("/redoc").status_code == 404
