"""The two news reports of January 2021, claim by claim: what they say, what holds, what the engine works out itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from overflight.app.claim_checks import CHECKS, Book
from overflight.treaty import events, instruments

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime


def check(regime: Regime) -> list[dict[str, Any]]:
    """Every claim with what the engine says about it.

    Returns
    -------
    list of dict
        ``id, reports, claim, kind, verdict, citation, paragraphs, computed, agrees, note``;
        ``computed`` has ``verdict, how, because, seen``, or is None where no check exists.
        ``agrees`` is False where the verdict worked out is another than the one on record, and None
        where nothing could be worked out: what was said is then only recorded, or for people.
    """
    book = Book(regime.folder, regime.readings)
    out = []
    for claim in events.claims(folder=regime.folder):
        made = CHECKS.get(claim.id)
        found = made(book) if made else None
        computed = None
        if found:
            computed = {
                "verdict": found.verdict,
                "how": found.how,
                "because": found.because,
                "seen": dict(found.seen),
            }
        out.append(
            {
                "id": claim.id,
                "reports": list(claim.reports),
                "claim": claim.claim,
                "kind": claim.kind,
                "verdict": claim.verdict,
                "citation": claim.paragraphs[0] if claim.paragraphs else None,
                "paragraphs": list(claim.paragraphs),
                "computed": computed,
                "agrees": found.verdict == claim.verdict if found and found.how == "computed" else None,
                "note": claim.note,
            }
        )
    return out


# Where the reports differ from each other and from the record: which claims meet on one point.
POINTS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("number of members", ("members-nearly",), ("members-more",)),
    ("who did not take up Russia's proposals", ("proposals-refused-us",), ("proposals-refused-allies",)),
    ("who was asked for assurances", ("assurances-members",), ("assurances-nato",)),
    ("72 hours and 24 hours", ("72-hours", "24-hours-path"), ()),
    ("word for the flights", ("purpose-flights",), ()),
    ("accords that Washington left", ("three-treaties",), ()),
    ("New START", ("new-start",), ()),
    ("Alaska", (), ("alaska",)),
    ("appeal of Europe", (), ("eu-appeal",)),
)
# What stands in no claim's text, with the better source; our words.
_TOLD: dict[str, tuple[str | None, str | None, str]] = {
    "word for the flights": (
        "unarmed surveillance flights",
        "reconnaissance flights",
        "observation flights (Articles I and II)",
    ),
    "appeal of Europe": (None, None, "an official of the Union, and a joint text of eleven States (22 May 2020)"),
    "Alaska": (None, None, "the text of the United States that was read names Hawaii, airfields and waivers"),
    "date of Russia's step": (
        "Friday, 15 January 2021",
        "dated 18 January 2021, the day of publication",
        "15 January 2021",
    ),
}


def differences(regime: Regime) -> list[dict[str, Any]]:
    """Where report A, report B and the record differ, for a page: one row a point.

    Returns
    -------
    list of dict
        ``point, report_a, report_b, record, verdicts, sources, citation``; a report that does not
        speak of the point has None.  `record` is what the engine works out where it can.
    """
    rows = {r["id"]: r for r in check(regime)}
    sources = {e.event: list(e.sources) for e in events.timeline(folder=regime.folder)}
    out = []
    for point, in_a, in_b in (*POINTS, ("date of Russia's step", ("russia-announces",), ("russia-announces",))):
        found = [rows[i] for i in dict.fromkeys((*in_a, *in_b)) if i in rows]
        told = _TOLD.get(point, (None, None, ""))
        record = [told[2]] if told[2] else [r["computed"]["because"] for r in found if r["computed"]]
        seen = [e for r in found if r["computed"] for e in r["computed"]["seen"].get("events", ())]
        out.append(
            {
                "point": point,
                "report_a": told[0] or "; ".join(rows[i]["claim"] for i in in_a) or None,
                "report_b": told[1] or "; ".join(rows[i]["claim"] for i in in_b) or None,
                "record": "; ".join(dict.fromkeys(record)),
                "verdicts": {r["id"]: r["verdict"] for r in found},
                "citation": next((r["citation"] for r in found if r["citation"]), None),
                "sources": list(dict.fromkeys(s for e in seen for s in sources.get(e["event"], ()))),
            }
        )
    return out


def alliances(regime: Regime, name: str | None = None) -> list[dict[str, Any]]:
    """Members of NATO, the European Union and the CSTO on the day, one row a member; all days from memory.

    Raises
    ------
    BadInput
        If `name` is no alliance of the data.
    """
    wanted = [name] if name else list(instruments.alliances(folder=regime.folder))
    return [
        {
            "alliance": m.of,
            "code": m.code,
            "since": m.since.isoformat(),
            "until": m.until.isoformat() if m.until else None,
            "party": regime.is_party(m.code),
            "source": m.source,
            "verified": m.verified,
            "note": m.note,
        }
        for one in wanted
        for m in instruments.members(one, regime.day, folder=regime.folder)
    ]
