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
    half_quota: bool = False,
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
        Whether III.I.10 also limits what the two worked-out proposals give a side over one other.  The paragraph is on
        flights conducted, and Annex A gives some more, so what goes beyond it is told and not cut unless wished.

    Returns
    -------
    dict
        ``day, year, requests, annex, checks, clashes, undetermined, proposals``; every proposal has
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
    annex = _annex(requests, regime)
    limits = Limits(
        passive=passive,
        room={code: max(math.floor(Fraction(str(share.value)) * n), annex.get(code, 0)) for code, n in passive.items()},
        half=Fraction(str(regime.value("half_quota_share").value)) if half_quota else None,
    )
    before = _previous(regime)
    return {
        "day": regime.day.isoformat(),
        "year": regime.day.year,
        "requests": [_wish(w) for w in wishes],
        "annex": annex,
        "undetermined": [_gap(w, gaps).to_json() | {"line": w.line} for w in wishes if w not in usable],
        "checks": [f.to_json() for f in _checks(requests, limits, regime, usable)],
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
    if not last.is_complete("active_quota"):  # single rows of a year are no distribution to compare with
        return ()
    return tuple(v for v in last.values("active_quota") if v.variant != "reported")


def _annex(requests: Sequence[Request], regime: Regime) -> dict[str, int]:
    """What the first distribution gives over each side: Annex A itself, also where it is above 75 % (Poland)."""
    if not regime.is_complete("active_quota"):
        return {}
    out: dict[str, int] = {}
    seen: set[tuple[str, ...]] = set()
    for v in regime.values("active_quota"):
        partner = v.variant.removeprefix(quotas.SHARED) if v.variant.startswith(quotas.SHARED) else ""
        key = (str(v.of), *sorted((str(v.by), partner))) if partner else ()
        if key and key in seen:  # the same flight, told of the other Party that shares it
            continue
        seen.add(key)
        out[str(v.of)] = out.get(str(v.of), 0) + int(v.value)
    return {over: n for over, n in out.items() if over in {r.over for r in requests}}


def _checks(requests: Sequence[Request], limits: Limits, regime: Regime, wishes: Sequence[Wish]) -> list[Finding]:
    """What was asked, held against III.I.5, III.I.6 and III.I.10 before anything is shared out."""
    out: list[Finding] = []
    totals: dict[str, int] = {}
    pairs: dict[tuple[str, str], int] = {}
    for r in requests:
        for code in r.observers:
            totals[code] = totals.get(code, 0) + r.flights
            pairs[code, r.over] = pairs.get((code, r.over), 0) + r.flights
    for code, asked in sorted(totals.items()):
        found = quotas.active_stays_within_passive(
            code, regime=regime, own_total_active=asked, own_total_passive=limits.passive[code]
        )
        lines = [w.line for w in wishes if code in w.observers]
        told = say("{code} ({lines}): {because}", code=code, lines=_lines(lines), because=found.because)
        out.append(replace(found, because=told, where={"lines": lines}))
    for (code, over), asked in sorted(pairs.items()):
        lines = [w.line for w in wishes if code in w.observers and w.over == over]
        where = {"lines": lines}
        if regime.is_complete("active_quota"):
            out.append(replace(_by_annex(code, over, asked, lines, regime), where=where))
        cap = quotas.half_quota_cap(
            own_total_active=totals[code], their_total_passive=limits.passive[over], regime=regime
        )
        if asked > cap:
            told = say(
                "{code} over {over} ({lines}): {asked} asked; half of {own} own and of {theirs} passive flights, "
                "rounded up, lets it conduct {cap}. The paragraph limits flights conducted, not requests",
                code=code, over=over, lines=_lines(lines), asked=asked, own=totals[code],
                theirs=limits.passive[over], cap=cap,
            )  # fmt: skip
            note = silent(told, actor=code, seen={"asked": asked, "over": over}, limit=cap)
            rule = quotas.stays_within_half_of_the_quotas.__name__
            out.append(replace(note, citation="III.I.10", rule=rule, where=where))
    return out


def _by_annex(code: str, over: str, asked: int, lines: Sequence[int], regime: Regime) -> Finding:
    """III.I.6: the first distribution is Annex A, whatever is asked."""
    try:
        given, rows = quotas.individual_active(observing=code, observed=over, regime=regime)
    except UnknownOnDate as error:
        found = undetermined(error.message, "active_quota", actor=code)
        return replace(found, citation="III.I.6", rule="first_distribution_is_annex_a")
    facts = {"code": code, "over": over, "lines": _lines(lines), "asked": asked, "given": given}
    told = say("{code} over {over} ({lines}): {asked} asked, Annex A gives {given}", **facts)
    answer = complies if asked <= given else silent
    found = answer(told, actor=code, seen={"asked": asked}, limit=given, data=tuple(v.to_json() for v in rows))
    return replace(found, citation="III.I.6", rule="first_distribution_is_annex_a")


def _lines(lines: Sequence[int]) -> str:
    shown = ", ".join(str(n) for n in lines)
    return say("line {n}", n=shown) if len(lines) == 1 else say("lines {n}", n=shown)


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
    uncut = replace(limits, half=None)  # what is within the passive quotas is established as asked (AnnL.II.2)
    whole, open_ = as_asked(requests, uncut)
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
    return [
        _proposal(name, requests, granted, uncut if name == "as-asked" else limits, compared, open_)
        for name, granted in given.items()
    ]


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
