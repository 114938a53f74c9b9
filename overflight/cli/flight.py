"""`overflight flight`: acts of this node's Party in one observation flight, and its state.

The commands of the acts are made from one table (`overflight.app.acts`), the same that
makes the pages' forms, so that no field is forgotten in one of them.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from overflight.app.acts import VERBS, Verb
from overflight.cli.common import (
    JsonOption,
    NodeOption,
    NowOption,
    answer,
    finding_line,
    moment_of,
    note,
    table,
)
from overflight.cli.flight_track import register as register_track
from overflight.errors import BadFile, BadInput, NoNode
from overflight.flight.fields import Field
from overflight.terms.words import say

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Acts of this node's Party in one observation flight, its state."
)

FlightArgument = Annotated[str, typer.Argument(metavar="FLIGHT", help="The flight's OS number, such as OS1017.")]
DraftOption = Annotated[bool, typer.Option("--draft", help="Show what would be sent, and send nothing.")]
DeliverOption = Annotated[bool, typer.Option("--deliver", help="Send it to the addressees' nodes at once.")]

LONGEST_FILE = 5_000_000
_EXAMPLE = {
    "notify": "flight notify OS1017 --observed RUS --eta 2021-05-17T08:00Z --people-file people.csv",
    "acknowledge": "flight acknowledge OS1017 --supplies-aircraft no",
    "submit": "flight submit OS1017 --plan plan.json",
    "propose": "flight propose OS1017 --ground weather --reason icing --take-off 2021-05-19T07:00Z",
    "enter": "flight enter OS1017 --from-state RUS --says-kind flight.ack --says '{\"supplies_aircraft\": false}'",
    "channel": "flight channel OS1017 --of RECORD --channel 'diplomatic note' --number 77/2021",
}


def _node(folder: Path | None, now: str | None, *, writer: bool) -> Any:
    from overflight.app.wiring import open_node

    if folder is None:
        raise NoNode(say("name the node that acts with --node DIR, or OVERFLIGHT_NODE"), field="--node")
    return open_node(folder, writer=writer, now=moment_of(now))


def _value(field: Field, text: str) -> Any:
    """What an option's text stands for: JSON or a file for the kinds that need it, else the text itself."""
    if field.kind == "plan":
        return _bytes(field, text)
    if field.kind in ("object", "ring", "place", "json"):
        raw = _bytes(field, text) if not text.lstrip().startswith(("[", "{")) else text.encode()
        try:
            return json.loads(raw)
        except (ValueError, RecursionError):
            raise BadInput(say("--{name}: no JSON", name=_option(field)), field=f"--{_option(field)}") from None
    return text


def _bytes(field: Field, text: str) -> bytes:
    path = Path(text)
    if not path.is_file():
        raise BadFile(
            say("--{name}: there is no file {path}", name=_option(field), path=text[:200]), field=f"--{_option(field)}"
        )
    with path.open("rb") as file:
        data = file.read(LONGEST_FILE + 1)
    if len(data) > LONGEST_FILE:
        raise BadFile(say("--{name}: more than {n} bytes", name=_option(field), n=LONGEST_FILE), field=text)
    return data


def _option(field: Field) -> str:
    return field.name.replace("_", "-")


def _help_of(field: Field) -> str:
    parts = [field.help] if field.help else []
    if field.choices:
        parts.append(say("One of: {choices}.", choices=", ".join(field.choices)))
    elif field.kind == "time":
        parts.append(say("UTC time."))
    elif field.kind == "boolean":
        parts.append(say("yes or no."))
    elif field.many and field.kind not in ("object", "ring"):
        parts.append(say("Separated by commas."))
    elif field.kind in ("object", "ring", "place", "json"):
        parts.append(say("JSON, or a file that holds it."))
    if field.citation:
        parts.append(f"({field.citation})")
    return " ".join(parts)


def _fields(verb: Verb, options: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an act from its options; those that are left out are not there."""
    return {f.name: _value(f, options[f.name]) for f in verb.fields if options.get(f.name) is not None}


def _run(verb: Verb, flight: str, options: Mapping[str, Any]) -> None:
    from overflight.app import flights
    from overflight.app.delivery import deliver

    fields = _fields(verb, options)
    draft_only, as_json = options["draft"], options["as_json"]
    with _node(options["node"], options["now"], writer=not draft_only) as node:
        if verb.name == "request-copies":
            if draft_only:
                raise BadInput(say("request-copies has no --draft"), field="--draft")
            stored = flights.act(node, verb.name, flight, fields)
            sent = deliver(node) if options["deliver"] else []
            out: dict[str, Any] = {"record": stored.rid, "flight": flight.upper(), "sent": [d.to_json() for d in sent]}
            answer(out, as_json=as_json, human=lambda: print(say("Signed: record {rid}", rid=stored.rid)))
            return
        what = flights.draft(node, verb.name, flight, fields)
        if not draft_only:
            stored = flights.commit(node, what)
            sent = deliver(node) if options["deliver"] else []
            shown = flights.show(node, what.flight)
            out = {**_brief(shown), "record": stored.rid, "sent": [d.to_json() for d in sent], "act": what.to_json()}
            if named := next((v for v in shown["versions"] if v["version"] == what.body.get("version")), None):
                out["version"] = named
        else:
            out = {**what.to_json(), "draft": True}
    answer(
        out,
        as_json=as_json,
        human=lambda: _tell_draft(out) if draft_only else _tell_act(out),
        code=0 if what.complies else 1,  # a breach is told, and the act stands
    )


def _brief(shown: Mapping[str, Any]) -> dict[str, Any]:
    """The contract's fields, without the bodies of all messages."""
    names = (
        "flight",
        "state",
        "title",
        "now",
        "observing",
        "observed",
        "eta",
        "complies",
        "duties",
        "rights",
        "findings",
    )
    return {name: shown[name] for name in names}


def _tell_draft(out: Mapping[str, Any]) -> None:
    print(say("Draft, nothing was sent: {subject}", subject=out["subject"]))
    print(say("To: {to}", to=", ".join(out["to"]) or "-"))
    if out["also_to"]:
        print(say("At the same moment to: {to}", to=", ".join(out["also_to"])))
    for name, value in out["body"].items():
        shown = value if not isinstance(value, dict | list) else json.dumps(value, ensure_ascii=False)
        print(f"  {name}: {shown if len(str(shown)) <= 100 else str(shown)[:97] + '...'}")
    _tell_findings(out["findings"])


def _tell_act(out: Mapping[str, Any]) -> None:
    print(say("Signed: record {rid}", rid=out["record"]))
    if "version" in out:
        print(say("Of the plan: {version}", version=_version_line(out["version"])))
    for sent in out["sent"]:
        print(f"  {sent['party']}: {sent['detail']}")
    _tell_findings(out["act"]["findings"])
    _tell_state(out)


def _tell_findings(findings: list[dict[str, Any]]) -> None:
    for found in findings:
        print(finding_line(found, place=_at_place(found.get("where"))))


def _at_place(where: Any) -> str:
    """Where on the path of which version a finding lies, if it does."""
    place = where.get("place") if isinstance(where, Mapping) else None
    if not isinstance(place, Mapping) or "coordinates" not in place:
        return ""
    lon, lat = place["coordinates"][:2]
    north, east = ("N" if lat >= 0 else "S"), ("E" if lon >= 0 else "W")
    point = f"{abs(lat):.4f} {north} {abs(lon):.4f} {east}"
    if place.get("km") is not None:
        return " " + say("(version {n}, leg {leg}, {km} km from the start, {point})", n=where.get("version", "-"),
                         leg=place.get("leg", "-"), km=place["km"], point=point)  # fmt: skip
    return " " + say("(version {n}, leg {leg}, {point})", n=where.get("version", "-"), leg=place.get("leg", "-"),
                     point=point)  # fmt: skip


def _version_line(version: Mapping[str, Any]) -> str:
    return say("version {n}, {rid}, of {by}, {at}", n=version["number"], rid=version["version"][:12],
               by=version["by"], at=version["at"])  # fmt: skip


def _version_state(version: Mapping[str, Any], shown: Mapping[str, Any]) -> str:
    sides = {"observing": shown["observing"], "observed": shown["observed"]}
    if len(version["signed"]) == len(sides):
        return say("signed by both")
    if version["signed"]:
        return say("signed by {who}", who=", ".join(str(sides[s]) for s in version["signed"]))
    if version["agreed_at"]:
        return say("accepted, not signed")
    return {
        "plan": say("handed over"),
        "change": say("proposed"),
        "alternative": say("offered"),
    }[version["origin"]]


def _tell_state(shown: Mapping[str, Any]) -> None:
    print(say("{flight}: {state}, as of {now}", flight=shown["flight"], state=shown["title"], now=shown["now"]))
    rows = [
        (d["who"], d["what"], d["due"] or "-", d["citation"], _standing(d)) for d in shown["duties"] if not d["done_at"]
    ]
    if rows:
        table(rows, (say("who"), say("has to"), say("by"), say("under"), ""))


def _standing(duty: Mapping[str, Any]) -> str:
    if duty.get("presumed"):
        return say("at the earliest; when its clock started is not known")
    return say("late") if duty["late"] else ""


def _command(verb: Verb) -> Callable[..., None]:
    """A command whose options are the act's fields."""

    def run(**options: Any) -> None:
        _run(verb, options.pop("flight"), options)

    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [inspect.Parameter("flight", keyword, annotation=FlightArgument)]
    for field in verb.fields:
        option = typer.Option(f"--{_option(field)}", metavar=_metavar(field), help=_help_of(field))
        note_ = Annotated[str, option] if field.required else Annotated[str | None, option]
        default: Any = inspect.Parameter.empty if field.required else None
        parameters.append(inspect.Parameter(field.name, keyword, default=default, annotation=note_))
    common: tuple[tuple[str, Any, Any], ...] = (
        ("draft", DraftOption, False),
        ("deliver", DeliverOption, False),
        ("node", NodeOption, None),
        ("now", NowOption, None),
        ("as_json", JsonOption, False),
    )
    parameters += [inspect.Parameter(name, keyword, default=value, annotation=kind) for name, kind, value in common]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    example = _EXAMPLE.get(verb.name, f"flight {verb.name} OS1017")
    run.__doc__ = f"{verb.help} ({', '.join(verb.rules)})\n\nExample: overflight {example}"
    return run


def _metavar(field: Field) -> str:
    return {
        "time": "TIME",
        "day": "DATE",
        "integer": "N",
        "boolean": "YES|NO",
        "airfield": "ICAO",
        "party": "PARTY",
        "plan": "PLAN",
        "file": "FILE",
        "digest": "RECORD",
        "choice": "CHOICE",
    }.get(field.kind, "TEXT" if field.kind in ("text", "citation") else "JSON")


for _spec in VERBS.values():
    app.command(_spec.name)(_command(_spec))


@app.command()
def show(
    flight: FlightArgument,
    node: NodeOption = None,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """State, duties with due times, rights and findings of one flight; exits 1 if anything is not in compliance.

    Example: overflight flight show OS1017 --node exercise/DEU
    """
    from overflight.app import flights

    with _node(node, now, writer=False) as open_one:
        shown = flights.show(open_one, flight.strip().upper())
    answer(shown, as_json=as_json, human=lambda: _tell_all(shown), code=0 if shown["complies"] else 1)


def _tell_all(shown: Mapping[str, Any]) -> None:
    ledger = shown["ledger"] or {}
    observing = " + ".join([shown["observing"] or "-", *ledger.get("shared_with", ())])
    who = say("{observing} over {observed}", observing=observing, observed=shown["observed"] or "-")
    print(f"{shown['flight']}  {who}  {say('estimated arrival {eta}', eta=shown['eta'] or '-')}")
    _tell_state(shown)
    for duty in shown["duties"]:
        if not duty["done_at"]:
            print(say("why {citation}: {because}", citation=duty["citation"], because=duty["because"]))
    for version in shown["versions"]:
        print(say("Plan: {version}: {state}", version=_version_line(version), state=_version_state(version, shown)))
    for right in shown["rights"]:
        times = _since_until(right)
        print(say("{who} may: {what} ({citation}){times}", who=right["who"], what=right["what"],
                  citation=right["citation"], times=times))  # fmt: skip
    for bound in shown["bounds"]:
        print(f"{bound['what']}: {bound['at']} ({bound['citation']}); {bound['because']}")
    for debit in ledger.get("debits", ()):
        words = {"active": say("active quota"), "passive": say("passive quota")}[debit["quota"]]
        print(say("{quota} of {holder}: {n} flight counted ({citation})", quota=words, holder=debit["holder"],
                  n=debit["flights"], citation=debit["citation"]))  # fmt: skip
    _tell_findings(shown["findings"])
    for bad in shown["unreadable"]:
        note(
            say("record {rid} of {party} cannot be read: {why}", rid=bad["rid"][:12], party=bad["from"], why=bad["why"])
        )


def _since_until(right: Mapping[str, Any]) -> str:
    out = say(", since {at}", at=right["since"]) if right["since"] else ""
    return out + (say(", until {at}", at=right["until"]) if right["until"] else "")


@app.command("list")
def list_flights(node: NodeOption = None, now: NowOption = None, as_json: JsonOption = False) -> None:
    """Every flight that this node knows.

    Example: overflight flight list --node exercise/DEU
    """
    from overflight.app import flights

    with _node(node, now, writer=False) as open_one:
        rows = flights.flights(open_one)
    heads = ("flight", "state", "observing", "observed", "eta", "complies", "open_duties")
    answer(rows, as_json=as_json, human=lambda: table([[r[h] for h in heads] for r in rows], heads))


@app.command("text")
def text_(
    record: Annotated[str, typer.Argument(metavar="RECORD", help="The record's name.")],
    precedence: Annotated[str, typer.Option("--precedence", help="For the line PRECEDENCE.")] = "",
    format_number: Annotated[str, typer.Option("--format-number", help="Number of the OS format, if known.")] = "",
    node: NodeOption = None,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print a message as text for the official channel (Article XI).

    Example: overflight flight text 3f1c... --node exercise/DEU
    """
    from overflight.app import flights

    with _node(node, now, writer=False) as open_one:
        text = flights.notice_text(open_one, record, precedence=precedence, format_number=format_number)
    answer({"record": record, "text": text}, as_json=as_json, human=lambda: print(text, end=""))


@app.command()
def calendar(
    flight: FlightArgument,
    node: NodeOption = None,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Open duties and bounds as iCalendar, for any calendar program.

    Example: overflight flight calendar OS1017 --node exercise/DEU > os1017.ics
    """
    from overflight.app import flights
    from overflight.flight.due_calendar import due_calendar
    from overflight.sharing.record import EXERCISE_WORDS

    number = flight.strip().upper()
    with _node(node, now, writer=False) as open_one:
        flights.show(open_one, number)
        text = due_calendar(flights.view(open_one, number), marking=EXERCISE_WORDS if open_one.exercise else "")
    answer({"flight": number, "calendar": text}, as_json=as_json, human=lambda: print(text, end=""))


@app.command()
def cost(
    flight: FlightArgument,
    change: Annotated[
        str | None, typer.Argument(metavar="VERSION|PLAN", help="A proposal's record, or a plan file.")
    ] = None,
    sites: Annotated[Path | None, typer.Option("--sites", metavar="F", help="CSV or GeoJSON of sites.")] = None,
    swath_km: Annotated[float | None, typer.Option("--swath-km", metavar="W", help="Full width observed.")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep these sites for the flight, on this node alone.")] = False,
    node: NodeOption = None,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Who bears the costs of the flight, as far as the text says; of a proposed change, what it costs in sites.

    The cost in sites is reckoned by this node's own, private, and sent nowhere.

    Example: overflight flight cost OS1017

    Example: overflight flight cost OS1017 3f1c... --sites sites.csv --swath-km 4.5
    """
    from overflight.app import cost_shares, flight_cost
    from overflight.planning.sites import read_sites

    if (sites is None) != (swath_km is None):
        raise BadInput(say("--sites and --swath-km go together"), field="--sites")
    own = read_sites(sites) if sites is not None else None
    number = flight.strip().upper()
    if change is None:
        if own is not None or keep:
            raise BadInput(say("--sites and --keep go with a proposed change"), field="--sites")
        with _node(node, now, writer=False) as open_one:
            shares = cost_shares.shares_of(open_one, number)
        answer(shares, as_json=as_json, human=lambda: _tell_shares(shares))
        return
    with _node(node, now, writer=keep) as open_one:
        if keep and own is not None and swath_km is not None:
            flight_cost.keep_sites(open_one, number, own, swath_km=swath_km)
        what: Any = Path(change) if Path(change).is_file() else change
        found = flight_cost.cost_of(open_one, number, what, sites=own, swath_km=swath_km)
    answer(found, as_json=as_json, human=lambda: _tell_cost(found))


def _tell_shares(found: Mapping[str, Any]) -> None:
    print(say("{flight}: {observing} over {observed}; aircraft of {supplier}", flight=found["flight"],
              observing=" + ".join(found["observing"]), observed=found["observed"],
              supplier=found["aircraft_of"]))  # fmt: skip
    heads = (say("item"), say("provides"), say("bears the cost"), say("under"), say("marks"))
    table([(r["item"], r["provides"] or "-", r["pays"], r["citation"], r["in_force"]) for r in found["costs"]], heads)
    print(found["note"])


def _tell_cost(found: Mapping[str, Any]) -> None:
    print(say("Private to this node."))
    print(say("Value {before} becomes {after} of {total}; {km} km added.", before=found["value_before"],
              after=found["value_after"], total=found["total_value"], km=found["km_added"]))  # fmt: skip
    for name in found["sites_lost"]:
        print(say("lost: {name}", name=name))
    for name in found["sites_gained"]:
        print(say("gained: {name}", name=name))


register_track(app)
