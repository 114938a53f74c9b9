"""The HTTP interface of one node: `make()` builds it from the environment for `overflight serve`."""

from __future__ import annotations

import importlib
import importlib.util
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from overflight import __version__
from overflight.api import problems
from overflight.api.desk import Desk
from overflight.api.guard import App, Guard

# One route module a noun; `exchange` is what other Parties' nodes speak to.
FOR_PEOPLE = ("stage", "dossiers", "pages", "acts", "planner", "story", "static")
FOR_PROGRAMS = ("treaty", "year", "maps", "plans", "flights", "personnel", "records", "images", "stac")
FOR_PEERS = ("exchange",)

log = logging.getLogger("overflight.api")


def make() -> App:
    """The application that OVERFLIGHT_NODE and its neighbours in the environment ask for."""
    return build(Desk.from_environment())


def build(desk: Desk) -> App:
    """The application for `desk`, inside its guard; `application(app)` finds the FastAPI within."""

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(desk.open)
        try:
            yield
        finally:
            await run_in_threadpool(desk.close)

    api = FastAPI(
        title="Overflight",
        version=__version__,
        summary="One Party's node: treaty, plans, flights, records and images.",
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        openapi_url=None if desk.peers_only else "/api/openapi.json",
        docs_url=None,  # the usual documentation pages fetch from other origins
        redoc_url=None,
        lifespan=life,
    )
    api.state.desk = desk
    problems.install(api)
    rooms = FOR_PEERS if desk.peers_only else (*FOR_PEERS, *FOR_PROGRAMS, *FOR_PEOPLE)
    for room in rooms:
        if importlib.util.find_spec(f"overflight.api.{room}") is None:
            continue
        module = importlib.import_module(f"overflight.api.{room}")
        api.include_router(module.router)
    return Guard(api, hosts=desk.hosts)
