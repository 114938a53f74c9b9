"""`overflight demo`: one whole observation flight, a labelled exercise."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import webbrowser
from pathlib import Path
from typing import Annotated, Any

import typer

from overflight.cli.common import JsonOption, note
from overflight.terms.words import say

INTERRUPTED = 130  # as a shell says of a program that Ctrl-C ended

app = typer.Typer(rich_markup_mode=None)


@app.command()
def demo(
    headless: Annotated[bool, typer.Option("--headless", help="Play all steps without a browser.")] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Serve the pages, open no browser.")] = False,
    port: Annotated[int, typer.Option("--port", min=0, max=65000, help="First of three ports; 0 picks free ones.")] = 0,
    keep: Annotated[Path | None, typer.Option("--keep", metavar="DIR", help="Keep the three nodes' folders.")] = None,
    fault: Annotated[str | None, typer.Option("--fault", help="Plant one fault: record, node or clock.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Play one observation flight over the Belarus and Russia group: three nodes, invented flight, real rules.

    Exits 0 only if every step held, planned findings included; 130 if it was stopped.

    Examples: overflight demo · overflight demo --headless --keep /tmp/flight
    """
    from overflight.app.story.play import playing

    signal.signal(signal.SIGTERM, _leave)
    with playing(port=port, keep=keep, fault=fault, with_control=not headless) as stage:
        if headless:
            raise typer.Exit(_until_stopped(stage, as_json=as_json))
        url = stage.stage.url("DEU") + "/"
        _show(url, open_browser=not no_browser, as_json=as_json, folder=stage.folder)
        while True:
            time.sleep(3600)


def _until_stopped(stage: Any, *, as_json: bool) -> int:
    try:
        return _headless(stage, as_json=as_json)
    except KeyboardInterrupt:
        all_steps = len(stage.player.steps)
        note(say("stopped at step {n} of {all}", n=min(len(stage.player.played) + 1, all_steps), all=all_steps))
        return INTERRUPTED


def _leave(signum: int, frame: Any) -> None:
    raise KeyboardInterrupt


def _headless(stage: Any, *, as_json: bool) -> int:
    player = stage.player
    while not player.over:
        played = player.play_next()
        if played is not None and not as_json:
            print(played.transcript(), flush=True)
    state = player.state()
    wrong = [
        f"{p.n}. {p.step.title}: {text}"
        for p in player.played
        for text in [*([p.problem] if p.problem else []), *(c.text for c in p.telling.checks if not c.ok)]
    ]
    if as_json:
        print(json.dumps({**state, "ok": player.ok, "wrong": wrong}, ensure_ascii=False, indent=2))
    elif player.ok:
        checks = sum(len(p.telling.checks) for p in player.played)
        print(say("All {steps} steps held; {checks} checks.", steps=len(player.played), checks=checks))
    for line in wrong:
        note(say("Did not hold: {line}", line=line))
    return 0 if player.ok else 1


def _show(url: str, *, open_browser: bool, as_json: bool, folder: Path) -> None:
    if as_json:
        print(json.dumps({"url": url, "folder": str(folder), "pid": os.getpid()}), flush=True)
    else:
        print(say("Germany's node: {url}", url=url), flush=True)
        print(say("Stop with Ctrl-C."), flush=True)
    if open_browser and sys.stdout.isatty():
        webbrowser.open(url)
