"""A node's pages on a loopback port, and a browser to look at them with."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

CHROMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# Headless drawing in software, and no traffic of the browser's own.
FLAGS = (
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
)
FLIGHT = "OS1900"
PLAN = {
    "type": "Feature",
    "geometry": {
        "type": "LineString",
        "coordinates": [[36.6528, 55.6083], [47.3, 50.38], [45.0, 53.0], [36.6528, 55.6083]],
    },
    "properties": {"observed": "RUS", "start_airfield": "UUMB", "end_airfield": "UUMB", "height_agl_m": 2500},
}
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


class Pages:
    """Addresses of two servers: a node amid a flight, and one whose exercise has not begun."""

    def __init__(self, node: str, prologue: str):
        self.node, self.prologue = node, prologue


def _serve(app: Any) -> tuple[Any, str]:
    import uvicorn

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    threading.Thread(target=server.run, daemon=True).start()
    until = time.monotonic() + 30
    while not server.started and time.monotonic() < until:
        time.sleep(0.05)
    assert server.started
    return server, f"http://127.0.0.1:{port}"


class _Story(BaseHTTPRequestHandler):
    """A story of one step that has not been played."""

    def do_GET(self) -> None:
        body = b'{"title": "One flight", "steps": [{"n": 1, "title": "Notice", "when": "", "done": false}], "next": 1}'
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """Both servers, for the whole session."""
    from overflight.api.desk import Desk
    from overflight.api.main import build
    from overflight.app import flights
    from overflight.app.clock import set_clock
    from overflight.app.exercise import Exercise
    from overflight.app.wiring import init_node, open_node
    from overflight.web.render import built

    if not built():
        pytest.fail("the pages' scripts are not built; run: make setup")
    folder: Path = tmp_path_factory.mktemp("pages")
    amid, before = folder / "amid", folder / "before"
    with init_node(party="DEU", exercise=before, now=datetime(2021, 1, 15, 9, tzinfo=UTC)):
        pass
    with init_node(party="DEU", exercise=amid, now=datetime(2021, 5, 12, 8, tzinfo=UTC)) as node:
        clock = Exercise.open(amid).clock
        flights.act(node, "notify", FLIGHT, NOTICE)
        set_clock(clock, datetime(2021, 5, 17, 8, tzinfo=UTC))
        flights.act(node, "arrive", FLIGHT, {})
        set_clock(clock, datetime(2021, 5, 17, 14, tzinfo=UTC))
        flights.act(node, "submit", FLIGHT, {"plan": PLAN})
    with open_node(amid / "DEU"):
        pass
    story = ThreadingHTTPServer(("127.0.0.1", 0), _Story)
    threading.Thread(target=story.serve_forever, daemon=True).start()
    told = f"http://127.0.0.1:{story.server_address[1]}"
    first, address = _serve(build(Desk(folder=amid / "DEU")))
    second, other = _serve(build(Desk(folder=before / "DEU", story_url=told)))
    yield Pages(address, other)
    for server in (first, second):
        server.should_exit = True
    story.shutdown()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium."""
    executable = next((found for name in CHROMES if (found := shutil.which(name))), None)
    if executable is None:
        pytest.skip("no Chromium on PATH; to run the tests of the pages: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        made = play.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield made
        made.close()
