"""What every request and answer must keep: host, origin, size, headers."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from overflight.api.desk import Desk
from overflight.api.guard import BODY_LIMITS, host_name
from overflight.api.main import build
from overflight.errors import BadInput

PLAN = "/api/plans/check"


@pytest.mark.parametrize(
    "path", ["/", "/treaty", "/planner", "/api/treaty/parties", "/static/overflight.css", "/nothing"]
)
def test_every_answer_carries_the_headers_that_keep_other_sites_out(client: TestClient, path: str) -> None:
    found = client.get(path, headers={"accept": "text/html"})

    policy = found.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy
    assert found.headers["x-content-type-options"] == "nosniff"
    assert found.headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost.evil:8080", "10.0.0.1:8080"])
def test_a_name_that_is_not_this_machines_is_not_answered(client: TestClient, host: str) -> None:
    """A page of another site may have rebound its own name to loopback."""
    found = client.get("/api/treaty/parties", headers={"host": host})

    assert (found.status_code, found.json()["code"]) == (421, "wrong-host")


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "LOCALHOST:1", "[::1]:8080"])
def test_the_names_of_loopback_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/api/treaty/parties", headers={"host": host}).status_code == 200


def test_a_configured_name_is_answered() -> None:
    desk = Desk.from_environment({"OVERFLIGHT_HOSTS": "node.example, other.example"})
    with TestClient(build(desk), base_url="https://node.example") as found:
        assert found.get("/api/treaty/parties").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_another_sites_form_or_script_cannot_post(client: TestClient, headers: dict[str, str]) -> None:
    found = client.post(PLAN, json={}, headers=headers)

    assert (found.status_code, found.json()["code"]) == (403, "other-origin")


@pytest.mark.parametrize(
    "headers", [{}, {"origin": "http://127.0.0.1:8080"}, {"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}]
)
def test_own_pages_and_programs_can_post(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post(PLAN, json={}, headers=headers).json()["code"] == "bad-file"


def test_a_body_over_the_limit_is_refused_before_it_is_read(client: TestClient) -> None:
    limit = next(size for prefix, size in BODY_LIMITS if PLAN.startswith(prefix))
    found = client.post(PLAN, content=b"x" * (limit + 1))

    assert (found.status_code, found.json()["code"]) == (413, "too-large")


def test_a_body_without_a_stated_length_is_counted_while_it_comes(client: TestClient) -> None:
    found = client.post(PLAN, content=(b"x" * 65536 for _ in range(140)), headers={"content-type": "application/json"})

    assert found.status_code == 413


def test_a_length_that_is_no_number_is_refused(client: TestClient) -> None:
    assert client.post(PLAN, content=b"{}", headers={"content-length": "-5"}).status_code == 400


@pytest.mark.parametrize(
    "path", ["/static/../main.py", "/static/..%2f..%2fapi%2fmain.py", "/static/.stamp", "/static/app"]
)
def test_static_files_stay_in_their_folder(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_storys_server_must_be_on_this_machine() -> None:
    for url in ("http://evil.example", "https://127.0.0.1:1", "file:///etc/passwd", "http://127.0.0.1.evil.example"):
        with pytest.raises(BadInput):
            Desk.from_environment({"OVERFLIGHT_STORY_URL": url})


@pytest.mark.parametrize(("host", "name"), [("a:1", "a"), ("[::1]:80", "::1"), (" A ", "a"), ("", "")])
def test_the_name_in_a_host_header(host: str, name: str) -> None:
    assert host_name(host) == name


def test_peers_only_serves_no_page_and_no_act() -> None:
    with TestClient(build(Desk(peers_only=True)), base_url="http://127.0.0.1") as found:
        for path in ("/", "/treaty", "/api/treaty/parties", "/api/openapi.json"):
            assert found.get(path).status_code == 404
