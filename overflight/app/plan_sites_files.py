"""The list for owners of sites as CSV, iCalendar and paper."""

from __future__ import annotations

import csv
import io
import textwrap
from datetime import datetime
from typing import Any

from overflight.app.plan_sites import COLUMNS
from overflight.errors import BadInput
from overflight.flight.due_calendar import Event, calendar_text
from overflight.planning.pdf_page import HEIGHT, Page, pdf
from overflight.terms.words import say

Columns = tuple[tuple[str, int], ...]

ROWS = 60  # on a page
# columns and where they begin, points
WITH_ROUTE: Columns = (
    ("site", 40),
    ("sensor", 178),
    ("from", 243),
    ("until", 328),
    ("earliest", 413),
    ("latest", 498),
)
_LONGEST = {"site": 34, "sensor": 15}
WITHOUT_ROUTE: Columns = (("site", 40), ("earliest", 275), ("latest", 362))


def as_pdf(found: dict[str, Any]) -> bytes:
    """The rows on paper."""
    title = say("Sites and observation flight {flight}", flight=found["flight"] or "").strip()
    columns = WITHOUT_ROUTE if found["stage"] in ("notice", "clear") else WITH_ROUTE
    pages: list[Page] = []
    for k in range(0, max(1, len(found["rows"])), ROWS):
        page = Page()
        page.text(40, HEIGHT - 50, title, size=13, bold=True)
        for n, line in enumerate(textwrap.wrap(found["means"], 110)[:3]):
            page.text(40, HEIGHT - 66 - 10 * n, line, size=8)
        for key, x in columns:
            page.text(x, HEIGHT - 104, key, size=8, bold=True)
        for n, row in enumerate(found["rows"][k : k + ROWS]):
            for key, x in columns:
                text = "" if row[key] is None else str(row[key])
                page.text(x, HEIGHT - 118 - 11 * n, text[: _LONGEST.get(key, 20)], size=7.5)
        pages.append(page)
    for n, page in enumerate(pages, start=1):
        page.text(40, 30, say("{title}, page {n} of {all}", title=title, n=n, all=len(pages)), size=7)
    return pdf(pages, title=title)


def as_csv(found: dict[str, Any]) -> str:
    """The rows as CSV; a text that a spreadsheet would run as a formula is made plain by an apostrophe."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in found["rows"]:
        writer.writerow({key: _cell(row[key]) for key in COLUMNS})
    return out.getvalue()


def as_calendar(found: dict[str, Any], *, now: datetime) -> str:
    """The rows as iCalendar, each from its earliest to its latest time.

    An entry is named after the flight, the site and the number of the pass: that of a later stage replaces it.

    Raises
    ------
    BadInput
        If the times are not known.
    """
    events, passes = [], dict[str, int]()
    for row in found["rows"]:
        if row["earliest"] is None or row["latest"] is None:
            raise BadInput(
                say("no times are known: the plan needs a take-off and a speed or landing, a notice --eta"),
                field="--ics",
            )
        key = f"{found['flight']} {row['site']} {row['lon_deg']} {row['lat_deg']}"
        passes[key] = passes.get(key, 0) + 1
        says = _SAYS.get(found["stage"], lambda: say("within view of an observation flight"))()
        what = [says, found["flight"] or "", row["sensor"] or ""]
        events.append(
            Event(
                key=f"{key} {passes[key]}",
                start=datetime.fromisoformat(row["earliest"]),
                end=datetime.fromisoformat(row["latest"]),
                summary=f"{row['site']}: {' '.join(part for part in what if part)}",
                description=found["means"],
            )
        )
    return calendar_text(events, at=now)


_SAYS = {
    "notice": lambda: say("within reach of an observation flight"),
    "clear": lambda: say("all clear after an observation flight"),
}


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
