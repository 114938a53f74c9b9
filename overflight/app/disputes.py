"""A dispute run under each of its readings: the findings side by side, and which facts would change them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from overflight.app.dispute_cases import CASES
from overflight.errors import CannotAnswer
from overflight.rules.finding import WORST_FIRST, Finding
from overflight.terms.words import say
from overflight.treaty import disputes
from overflight.treaty.regime import Regime


def names(regime: Regime) -> list[dict[str, Any]]:
    """Every dispute: name, title, question, paragraphs, day."""
    return [
        {"name": d.name, "title": d.title, "question": d.question, "paragraphs": list(d.paragraphs),
         "day": d.day.isoformat()}
        for d in disputes.disputes(folder=regime.folder)
    ]  # fmt: skip


def run(regime: Regime, name: str, *, on: date | None = None) -> dict[str, Any]:
    """One dispute with its facts, quotes and sources, and the findings under each reading.

    Parameters
    ----------
    regime : Regime
        Whose folder and chosen readings are used; a reading of the dispute goes before them.
    on : date, optional
        Another day than the dossier's own.

    Returns
    -------
    dict
        ``name, title, question, day, facts, quotes, sources, readings, differ, changes, way_out``;
        each of ``readings`` has ``name, title, held_by, readings, assumed, verdicts, findings``.

    Raises
    ------
    BadInput
        If there is no such dispute.
    CannotAnswer
        If the data name a dispute that no rules work out.
    """
    found = disputes.dispute(name, folder=regime.folder)
    if found.name not in CASES:
        raise CannotAnswer(say("{name}: no rules work this dispute out", name=found.name), field="NAME")
    day = on or found.day
    readings: list[dict[str, Any]] = []
    for view in found.views:
        findings = _findings(found, view, regime, day, {})
        readings.append(
            {
                "name": view.name,
                "title": view.title,
                "held_by": view.held_by,
                "readings": dict(view.readings),
                "assumed": {**found.assume, **view.facts},
                "verdicts": _verdicts(findings),
                "findings": [f.to_json() for f in findings],
            }
        )
    verdicts = [r["verdicts"] for r in readings]
    return {
        **found.head(),
        "day": day.isoformat(),
        "note": say("findings under a reading say what follows from it; none says which reading is right"),
        "readings": readings,
        "differ": any(v != verdicts[0] for v in verdicts),
        "changes": [_change(found, change, regime, day, readings) for change in found.changes],
    }


def _findings(
    found: disputes.Dispute, view: disputes.View, regime: Regime, day: date, assume: Mapping[str, Any]
) -> list[Finding]:
    there = Regime.on(day, readings={**regime.readings, **view.readings}, folder=regime.folder)
    findings = CASES[found.name](there, {**found.assume, **view.facts, **assume})
    return sorted(findings, key=lambda f: WORST_FIRST.index(f.verdict))


def _verdicts(findings: Sequence[Finding]) -> list[str]:
    """Each paragraph with its verdict, in the order of paragraphs: what readings are compared by."""
    return sorted({f"{f.citation} {f.verdict}" for f in findings})


def _change(
    found: disputes.Dispute,
    change: disputes.Change,
    regime: Regime,
    day: date,
    readings: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """What would be found if some facts were otherwise, and under which readings that differs."""
    rows = []
    for view, before in zip(found.views, readings, strict=True):
        after = _verdicts(_findings(found, view, regime, change.day or day, change.assume))
        rows.append(
            {
                "reading": view.name,
                "before": [v for v in before["verdicts"] if v not in after],
                "after": [v for v in after if v not in before["verdicts"]],
                "changes": after != before["verdicts"],
            }
        )
    return {
        "if": change.title,
        "assume": dict(change.assume),
        "day": change.day.isoformat() if change.day else None,
        "readings": rows,
        "changes": any(r["changes"] for r in rows),
    }
