"""Sentences that the pages' scripts show; they come from the same catalogues as all others."""

from __future__ import annotations

from overflight.terms.words import say


def for_scripts() -> dict[str, str]:
    """Key to sentence, in the reader's language; ``{names}`` are filled in by the script."""
    return {
        "no-webgl": say("This browser draws no maps (WebGL is missing or off); the tables beside hold the same facts."),
        "no-answer": say("The node gave no answer; it may have been stopped. Nothing was changed."),
        "complies": say("complies"),
        "breaches": say("breaches"),
        "right": say("right"),
        "silent": say("silent"),
        "disputed": say("disputed"),
        "undetermined": say("undetermined"),
        "all-comply": say("Every rule that could be decided is kept."),
        "n-breaches": say("Not in compliance: {n} findings"),
        "one-breach": say("Not in compliance: 1 finding"),
        "quiet": say("Rules that are kept: {n}"),
        "lacking": say("Rules that lack a fact which the plan does not give yet: {n}"),
        "show-on-map": say("Show on map"),
        "length": say("Length {km} km"),
        "of-limit": say("{counted} km counted of {limit} km"),
        "no-limit": say("{counted} km counted; no limit is known for this start"),
        "longitude-of": say("Longitude of waypoint {n}"),
        "latitude-of": say("Latitude of waypoint {n}"),
        "remove-waypoint": say("Remove waypoint {n}"),
        "remove": say("Remove"),
        "draw-hint": say("Click to add a waypoint. Press Esc or Move to finish at the end airfield."),
        "sites-hint": say("Click to add a site; click a site to remove it. Sites stay on this node."),
        "drag-hint": say("Drag a waypoint to move it, a small dot to insert one; double-click removes it."),
        "no-sites": say("Add sites first: upload a file, draw them, or take the airports as an example."),
        "sites-count": say("{n} sites, total value {value}"),
        "sites-observed": say("{n} of {all} sites observed, value {value} of {total}"),
        "searching": say("Searching: best value so far {value}, after {seconds} s"),
        "ignored": say("{n} sites lie outside the territory or out of reach."),
        "found": say("Best legal path found: value {value} of {total}, {km} km, in {seconds} s"),
        "drawing": say("Drawing the map …"),
        "no-json": say("{name}: this file holds no plan; a plan file is GeoJSON."),
        "of-file": say("{name}: {why}"),
        "flown-height": say("Flight height, {m} m above ground"),
        "ground": say("Ground height, m above sea level, along the path"),
        "ground-error": say("± {error} m"),
        "plan-file": say("plan.json"),
        "n-parties": say("{n} Parties"),
        "kept-on-node": say("Kept on this node"),
        "kept-in-tab": say("Kept in this tab only (no node)"),
    }
