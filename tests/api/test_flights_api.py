"""Acts over HTTP and on the pages: what the sheet shows gets signed; nothing private leaves."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from overflight.api.acts import SHEETS

FLIGHT = "OS1900"
NOTICE = {
    "observed": "RUS",
    "eta": "2021-05-17T08:00Z",
    "point_of_entry": "UUMB",
    "starting_airfield": "UUMB",
    "lodging": "none",
    "aircraft": "AN-30",
    "distance_m": "2200000",
    "clearance": "EX-1",
}
PLAN = {
    "type": "Feature",
    "geometry": {"type": "LineString", "coordinates": [[36.6528, 55.6083], [45.0, 53.0], [36.6528, 55.6083]]},
    "properties": {"observed": "RUS", "start_airfield": "UUMB", "end_airfield": "UUMB"},
}
PAGES = ("/", "/planner", "/flights", "/images", "/records", "/treaty")


def notify(at_node: TestClient) -> dict[str, Any]:
    found = at_node.post(f"/api/flights/{FLIGHT}/notify", json=NOTICE)
    assert found.status_code == 200, found.text
    answer: dict[str, Any] = found.json()
    return answer


def test_a_notice_is_signed_listed_and_shown_with_its_duties(at_node: TestClient) -> None:
    made = notify(at_node)

    assert made["record"]["kind"] == "flight.notification"
    assert made["record"]["to"] == ["RUS"]
    assert made["flight"]["state"] == "notified"
    (listed,) = at_node.get("/api/flights").json()
    assert (listed["flight"], listed["observing"], listed["observed"]) == (FLIGHT, "DEU", "RUS")
    assert any(d["citation"].startswith("VI.I.6") for d in at_node.get(f"/api/flights/{FLIGHT}").json()["duties"])


def test_a_draft_says_what_would_be_sent_and_stores_nothing(at_node: TestClient) -> None:
    late = {**NOTICE, "eta": "2021-05-15T07:59Z"}
    found = at_node.post(f"/api/flights/{FLIGHT}/notify/draft", json=late).json()

    assert found["to"] == ["RUS"]
    assert "CAN" in found["also_to"]
    assert not found["complies"]
    assert any(f["citation"].startswith("VI.I.5") and f["verdict"] == "breaches" for f in found["findings"])
    assert at_node.get("/api/records").json() == []


@pytest.mark.parametrize(
    ("verb", "fields", "code"),
    [
        ("dance", {}, "bad-input"),
        ("acknowledge", {"supplies_aircraft": "no"}, "bad-input"),
        ("notify", {**NOTICE, "eta": "soon"}, "bad-input"),
        ("notify", {**NOTICE, "observed": "DE"}, "bad-input"),
        ("submit", {"plan": "/etc/passwd"}, "bad-input"),
        ("submit", {"plan": {"type": "Feature"}}, "bad-file"),
        ("notify", {**NOTICE, "people_file": "/etc/passwd"}, "bad-input"),
    ],
)
def test_a_wrong_act_is_a_problem_and_signs_nothing(
    at_node: TestClient, verb: str, fields: dict[str, Any], code: str
) -> None:
    if verb != "notify":
        notify(at_node)
    before = len(at_node.get("/api/records").json())
    found = at_node.post(f"/api/flights/{FLIGHT}/{verb}", json=fields)

    assert (found.status_code, found.json()["code"]) == (400, code)
    assert "root:" not in found.text
    assert len(at_node.get("/api/records").json()) == before


def sheet_of(at_node: TestClient, verb: str, **form: str) -> str:
    found = at_node.post(f"/flights/{FLIGHT}/{verb}", data=form, headers={"hx-request": "true"})
    assert found.status_code == 200, found.text
    return found.text


def token_of(sheet: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', sheet)
    assert found, sheet
    return found.group(1)


def test_the_sheet_shows_the_body_that_is_then_signed(at_node: TestClient) -> None:
    form = {**NOTICE, "eta": "2021-05-17T08:00"}
    sheet = sheet_of(at_node, "notify", **form)
    shown = json.loads(re.search(r"<pre[^>]*>(.*?)</pre>", sheet, re.S).group(1).replace("&#34;", '"'))  # type: ignore[union-attr]

    assert at_node.get("/api/records").json() == []
    signed = at_node.post("/flights/sign", data={"token": token_of(sheet)}, follow_redirects=False)
    assert (signed.status_code, signed.headers["location"]) == (303, f"/flights/{FLIGHT}")
    record = at_node.get("/api/records?kind=flight.notification").json()[-1]
    body = at_node.get(f"/api/records/{record['rid']}").json()["record"]["body"]
    assert {k: body[k] for k in shown} == shown


def test_a_sheet_is_signed_once(at_node: TestClient) -> None:
    token = token_of(sheet_of(at_node, "notify", **{**NOTICE, "eta": "2021-05-17T08:00"}))
    at_node.post("/flights/sign", data={"token": token})
    again = at_node.post("/flights/sign", data={"token": token})

    assert (again.status_code, again.json()["code"]) == (409, "conflict")


def test_a_sheet_does_not_outlive_what_came_in_since(at_node: TestClient) -> None:
    token = token_of(sheet_of(at_node, "notify", **{**NOTICE, "eta": "2021-05-17T08:00"}))
    notify(at_node)
    before = len(at_node.get("/api/records").json())
    found = at_node.post("/flights/sign", data={"token": token})

    assert found.status_code == 409
    assert len(at_node.get("/api/records").json()) == before


def test_old_sheets_give_way() -> None:
    act: Any = object()
    tokens = [SHEETS.put(act, 0) for _ in range(70)]

    assert SHEETS.take(tokens[-1], 0) is act


def test_every_act_has_a_form(at_node: TestClient) -> None:
    notify(at_node)
    verbs = at_node.get(f"/api/flights/{FLIGHT}").json()["verbs"]
    for verb in verbs:
        found = at_node.get(f"/flights/{FLIGHT}/{verb}", headers={"hx-request": "true"})
        assert found.status_code == 200, verb
        assert "<dialog" in found.text


def test_the_planners_path_can_be_handed_over_without_its_sites(at_node: TestClient) -> None:
    secret = {"name": "Zauberwald 417", "lon_deg": 45.01, "lat_deg": 53.01, "value": 987654321.0}
    draft = {
        "form": {"observed": "RUS", "from": "UUMB", "to": "UUMB", "swath_km": "4.5"},
        "sites": [secret],
        "points": PLAN["geometry"]["coordinates"],
    }
    assert at_node.post("/planner/draft", json=draft).json() == {"kept": True}
    notify(at_node)
    sheet = sheet_of(at_node, "submit", plan="draft")
    at_node.post("/flights/sign", data={"token": token_of(sheet)})
    everything = b"".join(
        json.dumps(at_node.get(f"/api/records/{r['rid']}").json()).encode() for r in at_node.get("/api/records").json()
    )

    assert "lon_e7" in sheet
    assert b"Zauberwald" not in everything
    assert b"987654321" not in everything
    page = at_node.get(f"/flights/{FLIGHT}", headers={"accept": "text/html"}).text
    assert "Zauberwald" not in page


def test_every_page_has_the_places_with_root_relative_links(at_node: TestClient) -> None:
    for path in PAGES:
        _has_the_places(at_node, path)


def _has_the_places(at_node: TestClient, path: str) -> None:
    page = at_node.get(path, headers={"accept": "text/html"})
    nav = re.search(r"<nav.*?</nav>", page.text, re.S)

    assert page.status_code == 200
    assert nav
    links = re.findall(r'<a href="([^"]+)"', nav.group(0))
    assert links == ["/", "/planner", "/flights", "/images", "/records", "/treaty"]
    assert page.text.count("EXERCISE EXERCISE EXERCISE") == 1
    assert 'rel="icon"' in page.text
    assert not re.search(r'(?:src|href)="https?://', page.text)
    assert not re.search(r"<script(?![^>]*(?:src=|application/json))", page.text)
    assert " style=" not in page.text


@pytest.mark.parametrize("path", ["/", "/planner", "/treaty", "/treaty/VI.II.2", "/nothing", "/flights"])
def test_pages_without_a_node_say_so_and_keep_the_places(client: TestClient, path: str) -> None:
    page = client.get(path, headers={"accept": "text/html"})

    assert "<nav" in page.text
    assert "EXERCISE" not in page.text
    assert page.status_code == (404 if path in ("/nothing", "/flights") else 200)


def test_records_verify_over_http(at_node: TestClient) -> None:
    notify(at_node)
    found = at_node.get("/api/records/verify").json()

    assert found["ok"]
    assert found["entries"] == found["checked"] == 2


def test_a_changed_record_does_not_verify(at_node: TestClient, node_folder: Path) -> None:
    notify(at_node)
    tile = next(f for f in (node_folder / "log").rglob("*") if f.is_file() and "entries" in str(f))
    data = bytearray(tile.read_bytes())
    data[-1] ^= 1
    tile.write_bytes(bytes(data))

    assert not at_node.get("/api/records/verify").json()["ok"]
    assert "does not verify" in at_node.post("/records/verify", headers={"hx-request": "true"}).text


def test_a_story_that_is_not_told_cannot_be_stepped(at_node: TestClient) -> None:
    assert at_node.post("/exercise/step").json()["code"] == "cannot-answer"


def test_script_in_what_others_send_is_only_text(at_node: TestClient) -> None:
    evil = "<script>alert(1)</script>"
    at_node.post(f"/api/flights/{FLIGHT}/notify", json={**NOTICE, "lodging": evil})
    page = at_node.get(f"/flights/{FLIGHT}", headers={"accept": "text/html"}).text

    assert evil not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("page", ["/", "/flights", "/planner", "/planner/negotiate"])
def test_a_page_derives_each_flight_once(at_node: TestClient, monkeypatch: pytest.MonkeyPatch, page: str) -> None:
    from overflight.app import flight_view

    notify(at_node)
    derived = []
    once = flight_view.state

    def counted(*given: Any, **more: Any) -> Any:
        derived.append(page)
        return once(*given, **more)

    monkeypatch.setattr(flight_view, "state", counted)
    assert at_node.get(page, headers={"accept": "text/html"}).status_code == 200
    assert len(derived) == 1


def test_the_drawn_path_is_handed_over_with_its_start_and_speed(at_node: TestClient) -> None:
    """VI.II.3 asks for the start; half-typed numbers of the planner's form are left out."""
    from overflight.web import flights as view

    node = at_node.app.app.state.desk.node
    form = {
        "observed": "RUS",
        "from": "UUMB",
        "to": "UUMB",
        "height_agl_m": "2500",
        "speed_kmh": "4e",
        "swath_km": "4.5",
    }
    form |= {"take_off": "2021-05-18T14:00Z"}
    draft = {"form": form, "points": PLAN["geometry"]["coordinates"]}
    assert at_node.post("/planner/draft", json=draft).status_code == 200

    stated = view.draft_plan(node)["properties"]
    assert (stated["take_off"], stated["height_agl_m"]) == ("2021-05-18T14:00Z", 2500.0)
    assert not {"ground_speed_kmh", "swath_km"} & stated.keys()
    assert at_node.post("/planner/draft", json={"form": ["RUS"]}).status_code == 400
