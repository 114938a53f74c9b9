"""The yearly round: requests held against the quotas, and three proposals where they clash.

The commission decides by consensus (X.2); these are proposals, each with who gains, who loses and why.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overflight.app.quota_requests import Wish, read_wishes
from overflight.errors import BadInput, UnknownOnDate
from overflight.rules import quotas
from overflight.rules.distribution import Bound, Limits, Request, as_asked, blocking, bounds, proportional, shares_of
from overflight.rules.fair_shares import max_min_fair
from overflight.rules.finding import Finding, complies, silent, undetermined
from overflight.terms.words import say
from overflight.treaty.regime import Regime

if TYPE_CHECKING:
    from overflight.treaty.values import Value


def _how(name: str) -> str:
    if name == "as-asked":
        return say(
            "requests over a Party within its passive quota as asked; where they clash all stay open (AnnL.II.2-3)"
        )
    if name == "proportional":
        return say("every clash cut in the same ratio, largest remainders first")
    return say(
        "the side with the smallest part of its request gets as much as any distribution can give, "
        "then the next, exactly"
    )


def propose(
    source: Path | bytes,
    regime: Regime,
    *,
    name: str | None = None,
    quotas_set: Mapping[str, int] | None = None,
    half_quota: bool = True,
) -> dict[str, Any]:
    """Check requests for a year against the quotas of the regime's day and propose three distributions.

    Parameters
    ----------
    source : Path or bytes
        CSV with ``by,over,flights`` and, for shared flights, ``with``.
    regime : Regime
        Any day of the year that is to be distributed.
    quotas_set : mapping, optional
        Passive quotas that the data do not hold, by Party; shown as set for this run.
    half_quota : bool
        Whether III.I.10 limits what a side is given over one other.  The first distribution of Annex A gives
        some more, so the answer may be wished without it.

    Returns
    -------
    dict
        ``day, year, requests, checks, clashes, undetermined, proposals``; every proposal has
        ``name, how, rows, parties, overflown, gains, loses, against, flights, smallest_share``.

    Raises
    ------
    BadFile
        With line and column of the request that cannot be used.
    """
    for code, number in (quotas_set or {}).items():
        if not 0 <= number <= 999:
            raise BadInput(say("--quota {code}={n}: from 0 to 999", code=code, n=number), field="--quota")
        regime = regime.with_value("passive_quota", number, of=regime.quota_holder(code))
    wishes = read_wishes(source, regime, name=name)
    known, gaps = _passive(wishes, regime)
    usable = [w for w in wishes if {*w.observers, w.over} <= known.keys()]
    requests = _requests(usable)
    share = regime.value("first_phase_share")
    passive = {code: int(v.value) for code, v in known.items()}
    limits = Limits(
        passive=passive,
        room={code: math.floor(Fraction(str(share.value)) * n) for code, n in passive.items()},
        half=Fraction(str(regime.value("half_quota_share").value)) if half_quota else None,
    )
    before = _previous(regime)
    return {
        "day": regime.day.isoformat(),
        "year": regime.day.year,
        "requests": [_wish(w) for w in wishes],
        "undetermined": [_gap(w, gaps).to_json() | {"line": w.line} for w in wishes if w not in usable],
        "checks": [f.to_json() for f in _checks(requests, limits, regime)],
        "clashes": _clashes(requests, limits, known, before, regime),
        "previous": {"year": regime.day.year - 1, "rows": [v.to_json() for v in before]},
        "half_quota_cap": half_quota,
        "first_phase_share": share.to_json(),
        "quotas": [v.to_json() for _, v in sorted(known.items())],
        "proposals": _proposals(requests, limits, before),
    }


def _passive(wishes: Sequence[Wish], regime: Regime) -> tuple[dict[str, Value], dict[str, str]]:
    known: dict[str, Value] = {}
    gaps: dict[str, str] = {}
    for code in sorted({c for w in wishes for c in (*w.observers, w.over)}):
        try:
            known[code] = quotas.total_passive(code, regime=regime)
        except UnknownOnDate as error:
            gaps[code] = error.message
    return known, gaps


def _requests(wishes: Sequence[Wish]) -> tuple[Request, ...]:
    """One request a pair, in a fixed order that does not hang on the order of the file."""
    summed: dict[tuple[tuple[str, ...], str], int] = {}
    for w in wishes:
        summed[w.observers, w.over] = summed.get((w.observers, w.over), 0) + w.flights
    return tuple(Request(observers, over, n) for (observers, over), n in sorted(summed.items()))


def _wish(wish: Wish) -> dict[str, Any]:
    return {"by": list(wish.observers), "over": wish.over, "flights": wish.flights, "line": wish.line}


def _gap(wish: Wish, gaps: Mapping[str, str]) -> Finding:
    why = "; ".join(gaps[c] for c in (*wish.observers, wish.over) if c in gaps)
    told = say("{by} over {over}: set aside, for {why}", by=" + ".join(wish.observers), over=wish.over, why=why)
    return replace(undetermined(told, "passive_quota", seen=_wish(wish)), citation="III.I.4")


def _previous(regime: Regime) -> tuple[Value, ...]:
    last = Regime.on(date(regime.day.year - 1, 12, 31), readings=regime.readings, folder=regime.folder)
    return tuple(v for v in last.values("active_quota") if v.variant != "reported")


def _checks(requests: Sequence[Request], limits: Limits, regime: Regime) -> list[Finding]:
    """What was asked, held against III.I.5 and III.I.10 before anything is shared out."""
    out: list[Finding] = []
    totals: dict[str, int] = {}
    pairs: dict[tuple[str, str], int] = {}
    for r in requests:
        for code in r.observers:
            totals[code] = totals.get(code, 0) + r.flights
            pairs[code, r.over] = pairs.get((code, r.over), 0) + r.flights
    for code, asked in sorted(totals.items()):
        out.append(
            quotas.active_stays_within_passive(
                code, regime=regime, own_total_active=asked, own_total_passive=limits.passive[code]
            )
        )
    for (code, over), asked in sorted(pairs.items()):
        cap = quotas.half_quota_cap(
            own_total_active=totals[code], their_total_passive=limits.passive[over], regime=regime
        )
        if asked > cap:
            out.append(
                quotas.stays_within_half_of_the_quotas(
                    observing=code,
                    observed=over,
                    flown=asked - 1,
                    regime=regime,
                    own_total_active=totals[code],
                    their_total_passive=limits.passive[over],
                )
            )
    return out


def _clashes(
    requests: Sequence[Request],
    limits: Limits,
    known: Mapping[str, Value],
    before: Sequence[Value],
    regime: Regime,
) -> list[dict[str, Any]]:
    """Every Party that is asked for, whether its requests fit, and what holds if nobody agrees (III.I.7)."""
    out = []
    for over in sorted({r.over for r in requests}):
        asked = sum(r.flights for r in requests if r.over == over)
        room = limits.room[over]
        row: dict[str, Any] = {
            "over": over,
            "asked": asked,
            "may_be": room,
            "marks": known[over].marks,
            "citation": "AnnL.II.2" if asked <= room else "AnnL.II.3",
        }
        more: dict[str, Any] = {
            "actor": over,
            "seen": {"asked": asked},
            "limit": room,
            "data": (known[over].to_json(),),
        }
        if asked <= room:
            found = complies(
                say("{asked} flights asked over {over}, {room} may be: as asked", **row, room=room), **more
            )
        else:
            told = say(
                "{asked} flights asked over {over}, {room} may be: those interested must agree", **row, room=room
            )
            found = silent(told, **more)
            fallback = [v.to_json() for v in before if v.of == over]
            row["fallback"] = {
                "citation": "III.I.7",
                "rows": fallback,
                "because": say("without agreement in three weeks last year's distribution for this Party stays")
                if fallback
                else say("without agreement last year's distribution stays; no public source of it was found"),
            }
        out.append({**row, "finding": replace(found, citation=str(row["citation"])).to_json()})
    return out


def _proposals(requests: Sequence[Request], limits: Limits, before: Sequence[Value]) -> list[dict[str, Any]]:
    whole, open_ = as_asked(requests, limits)
    given: dict[str, Sequence[int]] = {
        "as-asked": whole,
        "proportional": proportional(requests, limits),
        "max-min-fair": max_min_fair(requests, limits),
    }
    totals = {name: _totals(requests, granted) for name, granted in given.items()}
    last: dict[str, int] = {}
    for v in before:
        last[str(v.by)] = last.get(str(v.by), 0) + int(v.value)
    compared = {**totals, **({"previous": last} if last else {})}
    return [_proposal(name, requests, granted, limits, compared, open_) for name, granted in given.items()]


def _totals(requests: Sequence[Request], granted: Sequence[int]) -> dict[str, int]:
    out: dict[str, int] = {}
    for r, n in zip(requests, granted, strict=True):
        for code in r.observers:
            out[code] = out.get(code, 0) + n
    return out


def _proposal(
    name: str,
    requests: Sequence[Request],
    granted: Sequence[int],
    limits: Limits,
    compared: Mapping[str, Mapping[str, int]],
    open_: Sequence[Bound | None],
) -> dict[str, Any]:
    stop = open_ if name == "as-asked" else blocking(requests, granted, limits)
    rows = [
        {
            "by": list(r.observers),
            "over": r.over,
            "asked": r.flights,
            "granted": n,
            "citation": why.citation if why else None,
            "why": _why(why, open_request=name == "as-asked"),
        }
        for r, n, why in zip(requests, granted, stop, strict=True)
    ]
    shares = shares_of(requests, granted)
    asked = _totals(requests, [r.flights for r in requests])
    mine = compared[name]
    parties = [
        {
            "code": code,
            "asked": asked[code],
            "granted": mine[code],
            "share": round(float(shares[code]), 6),
            "compared": {
                other: mine[code] - totals.get(code, 0) for other, totals in compared.items() if other != name
            },
            "why": list(
                dict.fromkeys(
                    _why(w, open_request=name == "as-asked")
                    for r, w in zip(requests, stop, strict=True)
                    if w and code in r.observers
                )
            ),
        }
        for code in sorted(asked)
    ]
    against = "previous" if "previous" in compared else ("proportional" if name == "as-asked" else "as-asked")
    moved = [(p["code"], p["compared"][against], p["why"]) for p in parties]  # type: ignore[index]
    overflown = [
        {
            "code": over,
            "asked": sum(r.flights for r in requests if r.over == over),
            "granted": sum(n for r, n in zip(requests, granted, strict=True) if r.over == over),
            "may_be": limits.room[over],
        }
        for over in sorted({r.over for r in requests})
    ]
    return {
        "name": name,
        "how": _how(name),
        "flights": sum(granted),
        "smallest_share": round(float(min(shares.values())), 6) if shares else None,
        "shares": [str(s) for s in sorted(shares.values())],
        "complies": all(b.holds(granted) for b in bounds(requests, limits)),
        "rows": rows,
        "parties": parties,
        "overflown": overflown,
        "against": against,
        "gains": [{"code": c, "flights": d, "why": w} for c, d, w in moved if d > 0],
        "loses": [{"code": c, "flights": d, "why": w} for c, d, w in moved if d < 0],
    }


def _why(bound: Bound | None, *, open_request: bool) -> str:
    if bound is None:
        return ""
    if bound.citation == "III.I.4":
        if open_request:
            return say("open: more flights are asked over {over} than the {most} it must accept", over=bound.over,
                       most=bound.most)  # fmt: skip
        return say("{over} has accepted its {most} flights", over=bound.over, most=bound.most)
    if bound.citation == "III.I.5":
        return say("{code} has reached its own passive quota of {most} (III.I.5)", code=bound.of, most=bound.most)
    return say("{code} over {over} is at half of the quotas, rounded up (III.I.10)", code=bound.of, over=bound.over)
