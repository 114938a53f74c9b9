"""Campaigns: a year's flights over one Party planned together, and one flight that several Parties share.

A partner's list of sites is used only with its consent, and what a partner is told holds its own sites only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from overflight.app.plan_hours import timed
from overflight.app.plans import Ground
from overflight.errors import BadInput, UnknownOnDate
from overflight.planning.campaign import CampaignFlight, CampaignResult, Planned, plan_campaign
from overflight.planning.conditions import Conditions, ConditionsCheck, check_conditions
from overflight.planning.coverage import value_of
from overflight.planning.measure import own_codes
from overflight.planning.planfile import plan_feature
from overflight.planning.sites import note_on_waters
from overflight.planning.stop import StopRule
from overflight.rules import quotas
from overflight.rules.finding import Finding, Verdict
from overflight.terms.place import Site
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.app.node import Node
    from overflight.treaty.regime import Regime

MOST_FLIGHTS = 42  # no Party's passive quota was ever higher
MOST_ROUNDS = 50
MOST_PARTNERS = 34
EQUAL = 100.0  # what each partner's list is worth in all before its weight, under scale = "equal"
SCALES = ("equal", "as_given")
MOST_NAMES = 5_000


@dataclass(frozen=True)
class Partner:
    """A Party whose list of sites is part of a shared campaign: the list, its weight, and what it consented by."""

    code: str
    sites: tuple[Site, ...]
    weight: float = 1.0
    consent: str = ""
    sha256: str = ""


@dataclass(frozen=True)
class Campaign:
    """What is planned: flights without their sites, and whose sites they are for.

    `flown` flights of the pair and `accepted` flights of the observed Party count already this year; `quota` is
    this year's active quota of the pair where the regime's data hold none.
    """

    observed: str
    observing: str
    flights: tuple[CampaignFlight, ...]
    partners: tuple[Partner, ...]
    scale: str = "equal"
    flown: int = 0
    accepted: int | None = None
    quota: int | None = None
    notes: tuple[str, ...] = ()  # what a person should know of what the file names


def merged(partners: Sequence[Partner], *, scale: str = "equal") -> tuple[tuple[Site, ...], tuple[str, ...]]:
    """The sites of all partners with their agreed worth, and whose each is.

    Under ``equal`` each list is first brought to the same total, so that nobody gains by writing higher numbers.
    A group is its owner's own.

    Raises
    ------
    BadInput
        If a list is worth nothing under ``equal``.
    """
    if len(partners) == 1:
        return partners[0].sites, (partners[0].code,) * len(partners[0].sites)
    sites: list[Site] = []
    owners: list[str] = []
    for partner in partners:
        factor = partner.weight
        if scale == "equal":
            whole = value_of(partner.sites, _all(partner.sites))
            if whole <= 0:
                raise BadInput(say("the list of {code} is worth nothing", code=partner.code), field="partner")
            factor *= EQUAL / whole
        for site in partner.sites:
            group = f"{partner.code} {site.group}" if site.group else ""
            sites.append(replace(site, value=site.value * factor, group=group))
            owners.append(partner.code)
    return tuple(sites), tuple(owners)


def campaign(
    asked: Campaign,
    over: Ground,
    *,
    stops: Callable[[int], StopRule],
    rounds: int = 2,
    seed: int = 0,
    told_to: str | None = None,
    progress: Callable[[int, int, float], None] | None = None,
) -> dict[str, Any]:
    """Plan a campaign and say what came of it.

    Parameters
    ----------
    told_to : str, optional
        The code of a partner: then the answer holds the flights' paths and that partner's sites, and nothing
        of what others wish or what it is worth to them.

    Returns
    -------
    dict
        ``private, observed, observing, value, total_value, bound, flights, history, quota, required_missing,
        ignored, partners, complies, notes, stopped_by, searches``; for a partner ``private, told_to, flights, own``.

    Raises
    ------
    BadInput, NothingToPlan
        As `overflight.planning.campaign.plan_campaign`, or if `told_to` is no partner.
    """
    if told_to is not None and told_to not in {p.code for p in asked.partners}:
        raise BadInput(
            say(
                "--for: {code} is no partner; choose one of {all}",
                code=told_to,
                all=", ".join(p.code for p in asked.partners),
            ),
            field="--for",
        )
    if not 0 <= rounds <= MOST_ROUNDS:
        raise BadInput(say("--rounds must be from 0 to {most}", most=MOST_ROUNDS), field="--rounds")
    sites, owners = merged(asked.partners, scale=asked.scale)
    flights = [replace(one, request=replace(one.request, sites=sites)) for one in asked.flights]
    found = plan_campaign(
        flights, borders=over.borders, stops=stops, rounds=rounds, seed=seed, elevation=over.elevation,
        progress=progress,
    )  # fmt: skip
    found = replace(found, flights=tuple(_timed(one, over) for one in found.flights))
    # A flight without a plan is not flown and uses no quota.
    rows = quota_rows(asked, planned=[one.result is not None for one in found.flights])
    legal = all(p.result is None or (p.result.check.complies and _held(p).kept) for p in found.flights)
    kept = not any(f["verdict"] == str(Verdict.BREACHES) for row in rows for f in row["findings"])
    complies = legal and kept and not found.required_missing
    if told_to is not None:
        return _for_partner(asked, found, owners, told_to, complies=legal and kept)
    return {
        "private": True,
        "observed": asked.observed,
        "observing": asked.observing,
        "value": round(found.value, 6),
        "total_value": round(value_of(sites, _all(sites)), 6),
        "bound": round(value_of(sites, found.within_reach), 6),
        "bound_is": say("the value of all sites within reach of a flight"),
        "flights": [_row(found, n) for n in range(len(found.flights))],
        "history": [round(value, 6) for value in found.history],
        "quota": rows,
        "required_missing": [site.name for site in found.required_missing][:MOST_NAMES],
        "ignored": [site.name for site, near in zip(sites, found.within_reach, strict=True) if not near][:MOST_NAMES],
        "partners": [_share(asked, found, owners, p) for p in asked.partners] if len(asked.partners) > 1 else [],
        "scale": asked.scale if len(asked.partners) > 1 else None,
        "searches": found.searches,
        "stopped_by": found.stopped_by,
        "complies": complies,
        "notes": [*asked.notes, *_at_sea(asked, sites, over)],
    }


def _at_sea(asked: Campaign, sites: Sequence[Site], over: Ground) -> tuple[str, ...]:
    """What a person should know of sites off the coast that the border data draw."""
    return note_on_waters(sites, own=own_codes(asked.observed, asked.flights[0].regime), borders=over.borders)


def _timed(one: Planned, over: Ground) -> Planned:
    """The flight's plan with the times that its request gives (VI.II.3)."""
    if one.result is None:
        return one
    return replace(one, result=timed(one.result, one.flight.request, one.flight.regime, over))


def _held(one: Planned) -> ConditionsCheck:
    """A flight's plan held against what its own request asks beyond the treaty; nothing where it has none."""
    if one.result is None:
        return ConditionsCheck((), ())
    asked = Conditions.of(one.flight.request)
    return check_conditions(one.result.plan, one.result.check.facts, asked, one.flight.regime)


def quota_rows(asked: Campaign, *, planned: Sequence[bool]) -> list[dict[str, Any]]:
    """For each year what the pair's quota is, what is used, and the findings with the last of the year's flights.

    `planned` says which flights have a plan; one that has none is `without_plan` and uses no quota.

    Raises
    ------
    BadInput
        If a count is negative.
    """
    if min(asked.flown, asked.accepted or 0, asked.quota or 0) < 0:
        raise BadInput(say("flown, accepted and quota are counts, 0 or more"), field="flown")
    years: dict[int, list[tuple[CampaignFlight, bool]]] = {}
    for one, has_plan in zip(asked.flights, planned, strict=True):
        years.setdefault(one.regime.day.year, []).append((one, has_plan))
    out = []
    for year, flights in sorted(years.items()):
        regime = _with_quota(flights[-1][0].regime, asked)
        many = sum(has_plan for _, has_plan in flights)
        found: list[Finding] = _quota_findings(asked, regime, many - 1) if many else []
        quota = _quota(regime, asked)
        out.append(
            {
                "year": year,
                "holder": regime.quota_holder(asked.observing),
                "over": regime.quota_holder(asked.observed),
                "quota": quota,
                "flown": asked.flown,
                "planned": many,
                "without_plan": len(flights) - many,
                "remaining": quota - asked.flown - many if quota is not None else None,
                "findings": [f.to_json() for f in found],
            }
        )
    return out


def _quota_findings(asked: Campaign, regime: Regime, before: int) -> list[Finding]:
    """What the rules say of a year's last flight, with so many of the campaign's flights before it."""
    used = asked.flown + before
    found = [
        quotas.has_active_quota_left(observing=asked.observing, observed=asked.observed, used=used, regime=regime),
        quotas.stays_within_half_of_the_quotas(
            observing=asked.observing, observed=asked.observed, flown=used, regime=regime
        ),
    ]
    if asked.accepted is not None:
        accepted = asked.accepted + before
        found.append(quotas.has_passive_quota_left(observed=asked.observed, accepted=accepted, regime=regime))
    return found


def consent_from(partner: Partner, node: Node) -> None:
    """Raise `BadInput` unless a partner's consent is a record in `node` that this partner signed."""
    stored = node.record(partner.consent)
    if stored.record.from_ != partner.code:
        raise BadInput(
            say(
                "partner {code}: record {rid} is signed by {other}, so it is no consent of {code}",
                code=partner.code,
                rid=partner.consent[:20],
                other=stored.record.from_,
            ),
            field="consent",
        )


def refuse_without_consent(partner: Partner, *, lead: str, data: bytes | None = None, agreed: str = "") -> None:
    """Raise `BadInput` if a partner's list comes without its consent, or is not the list that it consented to.

    `agreed` is the SHA-256 of the list that the consent names, if it names one; `data` the list's bytes.
    """
    if partner.code != lead and len(partner.consent.strip()) < 3:
        raise BadInput(
            say(
                "partner {code}: its list is used only with its consent; write consent = the record or letter that "
                "gives it",
                code=partner.code,
            ),
            field="consent",
        )
    if agreed and data is not None and hashlib.sha256(data).hexdigest() != agreed.lower():
        raise BadInput(
            say(
                "partner {code}: the list is not the one that the consent names; its SHA-256 is {found}",
                code=partner.code,
                found=hashlib.sha256(data).hexdigest(),
            ),
            field="sha256",
        )


def _with_quota(regime: Regime, asked: Campaign) -> Regime:
    if asked.quota is None:
        return regime
    pair = {"of": regime.quota_holder(asked.observed), "by": regime.quota_holder(asked.observing)}
    return regime.with_value("active_quota", asked.quota, **pair)


def _quota(regime: Regime, asked: Campaign) -> int | None:
    try:
        return quotas.individual_active(observing=asked.observing, observed=asked.observed, regime=regime)[0]
    except UnknownOnDate:
        return None


def _plan_row(one: Planned) -> dict[str, Any]:
    """What every partner may know of a flight: its path and what the rules say of it."""
    row: dict[str, Any] = {
        "name": one.flight.name,
        "on": one.flight.regime.day.isoformat(),
        "from": one.flight.request.start,
        "to": one.flight.request.end,
        "plan": None,
    }
    if one.result is None:
        return row | {"why_none": one.why_none}
    check = one.result.check
    return row | {
        "length_km": round(check.length_km, 3),
        "counted_km": round(check.counted_km, 3),
        "limit_km": check.limit_km,
        "complies": check.complies,
        "breaches": sorted({f.citation for f in check.findings if f.verdict is Verdict.BREACHES}),
        "plan": plan_feature(one.result.plan),
    }


def _told_row(one: Planned) -> dict[str, Any]:
    """A flight as a partner is told of it: why there is none could speak of the others' sites."""
    row = _plan_row(one)
    return row | {"why_none": say("no plan was found for this flight")} if one.result is None else row


def _row(found: CampaignResult, n: int) -> dict[str, Any]:
    one = found.flights[n]
    return (
        _plan_row(one)
        | _held(one).to_json()
        | {
            "value": round(found.alone(n), 6),
            "adds": round(found.adds(n), 6),
            "sites_observed": int(one.seen.sum()),
            "steps": one.result.steps if one.result else 0,
        }
    )


def _share(asked: Campaign, found: CampaignResult, owners: Sequence[str], partner: Partner) -> dict[str, Any]:
    seen = _own(found, owners, partner.code)
    whole = value_of(partner.sites, _all(partner.sites))
    value = value_of(partner.sites, seen)
    return {
        "code": partner.code,
        "weight": partner.weight,
        "consent": partner.consent or (say("the lead's own list") if partner.code == asked.observing else ""),
        "sha256": partner.sha256,
        "sites": len(partner.sites),
        "sites_observed": int(seen.sum()),
        "share": round(value / whole, 6) if whole else None,
    }


def _for_partner(
    asked: Campaign, found: CampaignResult, owners: Sequence[str], code: str, *, complies: bool
) -> dict[str, Any]:
    """The paths, and of the sites only the partner's own, with the values that it wrote itself."""
    (partner,) = (p for p in asked.partners if p.code == code)
    seen = _own(found, owners, code)
    mine = [n for n, owner in enumerate(owners) if owner == code]
    names = [one.flight.name for one in found.flights]
    sites = [
        {
            "site": site.name,
            "lon_deg": site.lon_deg,
            "lat_deg": site.lat_deg,
            "value": site.value,
            "observed_by": [name for name, one in zip(names, found.flights, strict=True) if one.seen[n]],
        }
        for site, n in zip(partner.sites, mine, strict=True)
    ]
    return {
        "private": True,
        "told_to": code,
        "observed": asked.observed,
        "observing": asked.observing,
        "complies": complies,
        "flights": [_told_row(one) for one in found.flights],
        "own": {
            "weight": partner.weight,
            "consent": partner.consent,
            "sha256": partner.sha256,
            "sites": sites,
            "sites_observed": int(seen.sum()),
            "value": round(value_of(partner.sites, seen), 6),
            "total_value": round(value_of(partner.sites, _all(partner.sites)), 6),
            "required_missing": [s.name for s, yes in zip(partner.sites, seen, strict=True) if s.required and not yes],
        },
    }


def _own(found: CampaignResult, owners: Sequence[str], code: str) -> Any:
    import numpy as np

    return found.seen[np.array([owner == code for owner in owners], dtype=bool)]


def _all(sites: Sequence[Site]) -> Any:
    import numpy as np

    return np.ones(len(sites), dtype=bool)


def written(found: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """File name and plan of each flight that has one."""
    out = []
    for n, row in enumerate(found["flights"], start=1):
        if row["plan"] is not None:
            name = "".join(c if c.isalnum() or c in "-_" else "-" for c in row["name"])[:60]
            out.append((f"plan-{n:02d}-{name}.json", row["plan"]))
    return out
