"""`overflight serve`: this node's pages and programming interface, on this machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from overflight.cli.common import JsonOption, NodeOption, NowOption, answer, moment_of, note
from overflight.errors import BadInput
from overflight.terms.words import say

app = typer.Typer(no_args_is_help=False, rich_markup_mode=None)
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@app.callback(invoke_without_command=True)
def serve(
    node: NodeOption = None,
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port on this machine.")] = 8080,
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; other than loopback only with --peers-only.")
    ] = "127.0.0.1",
    name: Annotated[
        list[str] | None,
        typer.Option("--name", help="Host name by which others call this node; may be repeated."),
    ] = None,
    peers_only: Annotated[
        bool, typer.Option("--peers-only", help="Serve only what other Parties' nodes use: no pages, no signing.")
    ] = False,
    now: NowOption = None,
    json: JsonOption = False,
) -> None:
    """Serve the pages of a node, or without --node the Treaty and Planner pages alone.

    Example: overflight serve --node DEU --port 8080
    """
    if host not in LOOPBACK and not peers_only:
        raise BadInput(
            say(
                "--host {host}: pages that sign for a Party have no log-in yet, so they listen on this machine only; "
                "add --peers-only to let other Parties' nodes in",
                host=host,
            ),
            field="--host",
        )
    moment = moment_of(now)
    _must_be_free(host, port)
    if node is not None:
        _examine(node)
    if moment is not None:
        from overflight.app.wiring import open_node

        if node is None:
            raise BadInput(say("--now sets an exercise node's clock; name the node with --node"), field="--now")
        with open_node(node, now=moment) as opened:
            opened.keep_time()
    os.environ["OVERFLIGHT_PEERS_ONLY"] = "1" if peers_only else ""
    if name:
        os.environ["OVERFLIGHT_HOSTS"] = ",".join(name)
    if node is not None:
        os.environ["OVERFLIGHT_NODE"] = str(node)
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{port}/"
    if json:
        told = {"address": address, "node": str(node) if node else None, "peers_only": peers_only}
        answer(told, as_json=True, human=_nothing)
    note(say("Serving on {address}; stop with Ctrl+C", address=address))
    _run(host, port)


def _run(host: str, port: int) -> None:
    import uvicorn

    uvicorn.run(
        "overflight.api.main:make",
        factory=True,
        host=host,
        port=port,
        log_level="warning",
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=3,
    )


def _must_be_free(host: str, port: int) -> None:
    """Say at once that a port is taken, before anything is opened."""
    import socket

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as why:
        raise BadInput(
            say("cannot listen on {host}:{port}: {why}; choose another --port", host=host, port=port, why=why.strerror),
            field="--port",
        ) from None


def _examine(node: Path) -> None:
    """Say at once, in one sentence, that a folder is no node or is in use, before a server starts."""
    from overflight.app.wiring import open_node

    with open_node(node):
        pass


def _nothing() -> None:
    pass
