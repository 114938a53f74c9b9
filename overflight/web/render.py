"""Templates: one environment, the reader's language, and the few filters that every page uses."""

from __future__ import annotations

import json
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from overflight.errors import BadDate
from overflight.terms.moment import parse_moment, readable, rfc3339
from overflight.terms.words import say

HERE = Path(__file__).resolve().parent
STATIC = HERE / "static"
BUILT = STATIC / "app"
ENTRY = "src/main.ts"


def page(template: str, /, **context: Any) -> str:
    """The page or part `template`, filled in."""
    return environment().get_template(template).render(**context)


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The template environment; texts are escaped, and a name that is missing is an error."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(_=say, asset=asset, built=built)
    made.filters.update(moment=moment, km=km, degrees=degrees, for_page=for_page, segment=segment, verdict_word=verdict)
    return made


def built() -> dict[str, Any]:
    """Names of the built script and styles, from Vite's manifest; empty before `make setup`."""
    manifest = BUILT / "manifest.json"
    if not manifest.is_file():
        return {}
    return _entry(manifest, manifest.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _entry(manifest: Path, _changed: int) -> dict[str, Any]:
    entry = json.loads(manifest.read_text("utf-8"))[ENTRY]
    styles = [f"/static/app/{name}" for name in entry.get("css", ())]
    return {"script": f"/static/app/{entry['file']}", "styles": styles}


def asset(name: str) -> str:
    """The address of a file of ours under /static, with its digest, so that it may be cached for ever."""
    file = STATIC / name
    return f"/static/{name}?v={_digest(file, file.stat().st_mtime_ns)}"


@lru_cache(maxsize=64)
def _digest(file: Path, _changed: int) -> str:
    return sha256(file.read_bytes()).hexdigest()[:12]


def moment(value: datetime | date | str | None) -> Markup:
    """A time as people read it, ``17 May 2021 08:00Z``, in a <time> that scripts can read."""
    if value is None or value == "":
        return Markup("–")
    if isinstance(value, str):
        if len(value) < 10:  # a source that knows the year or the month alone
            return escape(value)
        try:
            value = date.fromisoformat(value) if len(value) == 10 else parse_moment(value)
        except (ValueError, BadDate):
            return escape(value)
    if isinstance(value, datetime):
        return Markup('<time datetime="{}">{}</time>').format(rfc3339(value), readable(value))
    return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), f"{value.day} {value:%b %Y}")


def km(value: float | None, digits: int = 0) -> str:
    """Kilometres with their unit; a dash where there is no number."""
    return "–" if value is None else f"{value:,.{digits}f} km".replace(",", "\u2009")


def degrees(lat_deg: float, lon_deg: float) -> str:
    """A place as ``55.608° N 36.653° E``."""
    return (
        f"{abs(lat_deg):.3f}°\u00a0{'N' if lat_deg >= 0 else 'S'} "
        f"{abs(lon_deg):.3f}°\u00a0{'E' if lon_deg >= 0 else 'W'}"
    )


def for_page(value: Any) -> Markup:
    """JSON that may stand inside a <script type="application/json">."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=str)
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))  # noqa: S704


def segment(value: str) -> Markup:
    """One segment of a path."""
    return escape(quote(value, safe=""))


def verdict(value: str) -> str:
    """A verdict in the reader's words."""
    return {
        "complies": say("complies"),
        "breaches": say("breaches"),
        "right": say("right"),
        "silent": say("silent"),
        "disputed": say("disputed"),
        "undetermined": say("undetermined"),
        "holds": say("holds"),
        "simplified": say("simplified"),
        "differs": say("differs"),
        "statement": say("statement"),
        "not borne out": say("not borne out"),
    }.get(value, value)
