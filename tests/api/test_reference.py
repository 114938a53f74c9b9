"""The reference page tells of every route and every status, and the serve command refuses what is unsafe."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from overflight.api.problems import HTTP_STATUS, status_of
from overflight.cli.main import main
from overflight.errors import OverflightError

PAGE = (Path(__file__).resolve().parent.parent.parent / "docs/reference/http-api.md").read_text("utf-8")


def kinds(kind: type[OverflightError]) -> list[type[OverflightError]]:
    return [kind, *(k for sub in kind.__subclasses__() if sub.__module__ == "overflight.errors" for k in kinds(sub))]


def test_every_route_is_in_the_reference(client: TestClient) -> None:
    paths = client.get("/api/openapi.json").json()["paths"]

    assert [path for path in paths if path not in PAGE] == []


@pytest.mark.parametrize("kind", kinds(OverflightError)[1:], ids=lambda k: k.code)
def test_every_error_has_its_status_and_stands_in_the_reference(kind: type[OverflightError]) -> None:
    status = status_of(kind("x"))
    (line,) = [row for row in PAGE.splitlines() if row.startswith("|") and f"`{kind.code}`" in row]

    assert str(status) in line
    assert any(issubclass(kind, known) for known in HTTP_STATUS)


def test_serve_says_that_its_port_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main(["serve", "--port", str(taken.getsockname()[1])]) == 2

    assert "choose another --port" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--host", "0.0.0.0"], "log-in"),
        (["--node", "/nowhere/at/all"], "/nowhere/at/all"),
        (["--now", "2021-05-12T08:00Z"], "--node"),
        (["--port", "99999"], "65535"),
    ],
)
def test_serve_refuses_in_one_sentence(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", *arguments, "--json"]) == 2

    out = capsys.readouterr()
    assert said in out.err
    assert json.loads(out.out)["error"]["detail"]
