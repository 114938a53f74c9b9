"""An application without a node, and one with a node of an exercise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from overflight.api.desk import Desk
from overflight.api.main import build
from overflight.app.wiring import init_node

BASE = "http://127.0.0.1:8080"
NOTICE = datetime(2021, 5, 12, 8, tzinfo=UTC)


@pytest.fixture(scope="session")
def client() -> Iterator[TestClient]:
    """The interface of a server without a node."""
    with TestClient(build(Desk()), base_url=BASE, raise_server_exceptions=False) as found:
        yield found


@pytest.fixture
def node_folder(tmp_path: Path) -> Path:
    """Germany's node in an exercise, four days before the flight of the story arrives."""
    with init_node(party="DEU", exercise=tmp_path / "exercise", now=NOTICE) as node:
        return node.folder


@pytest.fixture
def at_node(node_folder: Path) -> Iterator[TestClient]:
    """The interface of Germany's node."""
    with TestClient(build(Desk(folder=node_folder)), base_url=BASE, raise_server_exceptions=False) as found:
        yield found
