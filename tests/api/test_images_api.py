"""Images over HTTP: a STAC API that asks and answers in its own words; files only by digest."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient


def test_an_empty_catalogue_is_a_valid_one(at_node: TestClient) -> None:
    root = at_node.get("/stac").json()

    assert (root["type"], root["stac_version"]) == ("Catalog", "1.1.0")
    assert {"self", "root", "data", "search"} <= {link["rel"] for link in root["links"]}
    assert at_node.get("/stac/collections").json()["collections"] == []
    assert at_node.get("/stac/search").json()["features"] == []
    assert at_node.post("/stac/search", json={"limit": 5}).json()["numberMatched"] == 0


@pytest.mark.parametrize(
    "query",
    [
        "bbox=1,2,3",
        "bbox=a,b,c,d",
        "bbox=10,80,20,95",
        "bbox=nan,0,1,1",
        "datetime=yesterday",
        "limit=0",
        "limit=100000",
        "offset=-1",
        "datetime=2021-05-20T00:00:00Z/2021-05-19T00:00:00Z",
    ],
)
def test_a_search_that_makes_no_sense_is_refused(at_node: TestClient, query: str) -> None:
    found = at_node.get(f"/stac/search?{query}")

    assert found.status_code == 400
    assert found.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/stac/collections/OS1", "/stac/collections/OS1/items", "/images/file/" + "0" * 64])
def test_what_is_not_there_is_not_found(at_node: TestClient, path: str) -> None:
    assert at_node.get(path).status_code == 404


@pytest.mark.parametrize("name", ["..%2f..%2fnode.sqlite3", "node.sqlite3", "A" * 64])
def test_files_are_asked_for_by_digest_only(at_node: TestClient, name: str) -> None:
    assert at_node.get(f"/images/file/{name}").status_code == 404


def test_a_request_for_copies_is_signed_and_listed(at_node: TestClient) -> None:
    form = {"flight": "OS1017", "observing": "FRA", "observed": "RUS", "flown_on": "2021-05-19"}
    answer = at_node.post("/images/request", data=form, follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, "/images")
    (asked,) = at_node.get("/api/images/requests").json()
    assert (asked["asking"], asked["flight"], asked["state"]) == ("DEU", "OS1017", "open")
