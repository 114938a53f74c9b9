"""`overflight record`: verify, list, show, export, import and deliver signed records."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from overflight.cli.common import JsonOption, NodeOption, NowOption, answer, moment_of, note, table
from overflight.cli.node import folder_of
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.sharing.report import Report
    from overflight.sharing.roster import Roots

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Signed records.")


@app.command()
def verify(
    path: Annotated[str, typer.Argument(help="A node's folder, a bundle, or the http(s) address of a node.")],
    node: NodeOption = None,
    json: JsonOption = False,
) -> None:
    """Check every signature, salt, proof and byte; nothing is changed. Exits 1 if anything is wrong.

    A bundle or an address is held against the root keys that the node of --node pinned;
    without --node the roster's own root keys are used, and the answer says so.

    Example: overflight record verify autumn/DEU
    """
    from overflight.app.exchange import verify_path

    report = verify_path(path, pinned=_pinned(node) if node and not Path(path).is_dir() else None)
    if report.more.get("pinned") is False:
        note(say("The roster's root keys were not compared with any that are known; name a node with --node."))
    answer(report.to_json(), as_json=json, human=lambda: _tell(report), code=0 if report.ok else 1)


def _pinned(node: Path) -> Roots:
    from overflight.app.wiring import open_node

    with open_node(node, writer=False) as opened:
        return opened.roots


def _tell(report: Report) -> None:
    for problem in report.problems:
        print(problem)
    print(
        say(
            "{state}: {checked} records checked, {entries} entries in the log",
            state=say("verified") if report.ok else say("NOT VERIFIED"),
            checked=report.checked,
            entries=report.entries,
        )
    )


@app.command("list")
def list_records(
    kind: Annotated[str | None, typer.Option("--kind", help="Only this kind, such as flight.notification.")] = None,
    flight: Annotated[str | None, typer.Option("--flight", help="Only this flight, such as OS1001.")] = None,
    node: NodeOption = None,
    json: JsonOption = False,
) -> None:
    """List the records that this node holds, in order of arrival.

    Example: overflight record list --flight OS1001 --node autumn/DEU
    """
    from overflight.app.wiring import open_node
    from overflight.terms.moment import rfc3339

    with open_node(folder_of(node), writer=False) as opened:
        rows: list[dict[str, Any]] = [
            {
                "rid": s.rid,
                "from": s.record.from_,
                "seq": s.index,
                "kind": s.record.kind,
                "at": rfc3339(s.record.at),
                "to": list(s.record.to),
                "info": list(s.record.info),
                "subject": s.record.subject,
                "received_at": rfc3339(s.received_at) if s.received_at else None,
                "receipts": {p: rfc3339(t) for p, t in s.receipts.items()},
            }
            for s in opened.records(kind=kind, flight=flight)
        ]
    heads = [say("record"), say("from"), say("number"), say("kind"), say("at"), say("to"), say("receipts")]
    answer(
        rows,
        as_json=json,
        human=lambda: table(
            [
                [
                    str(r["rid"])[:12],
                    r["from"],
                    r["seq"],
                    r["kind"],
                    r["at"],
                    " ".join(r["to"]),
                    " ".join(r["receipts"]),
                ]
                for r in rows
            ],
            heads,
        ),
    )


@app.command()
def show(
    rid: Annotated[str, typer.Argument(help="The record's rid, or its beginning.")],
    node: NodeOption = None,
    json: JsonOption = False,
) -> None:
    """Show one record as it was signed.

    Example: overflight record show 5f64fc3de523 --node autumn/DEU
    """
    import json as as_text

    from overflight.app.wiring import open_node
    from overflight.errors import BadInput

    with open_node(folder_of(node), writer=False) as opened:
        found = [s.record for s in opened.records() if s.rid.startswith(rid)]
    if len(found) != 1 or len(rid) < 4:
        raise BadInput(
            say("{rid!r} names {count} records of this node; give more of it", rid=rid, count=len(found)), field="rid"
        )
    shown = found[0].to_json()
    answer(
        shown, as_json=json, human=lambda: print(as_text.dumps(shown, ensure_ascii=False, indent=2, sort_keys=False))
    )


@app.command("export")
def export_records(
    to: Annotated[str, typer.Option("--to", metavar="P", help="The Party for which the file is.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The bundle to write.")],
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help="Only records signed then or later.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also what the Party has already confirmed.")] = False,
    node: NodeOption = None,
    now: NowOption = None,
    json: JsonOption = False,
) -> None:
    """Pack for a Party what it has not confirmed, and the receipts for it, into one signed file.

    Example: overflight record export --to RUS -o to-rus.bundle --node autumn/DEU
    """
    from overflight.app.exchange import export_bundle, verify_path
    from overflight.app.files import write_file
    from overflight.app.wiring import open_node

    folder = folder_of(node)
    moment = moment_of(now)
    with open_node(folder, writer=False, now=moment) as opened:
        data = export_bundle(opened, to=to.upper(), since=moment_of(since, "--since"), everything=everything)
        roots = opened.roots
    write_file(output, data)
    report = verify_path(output, pinned=roots)
    answer(
        {**report.to_json(), "file": str(output), "bytes": len(data)},
        as_json=json,
        human=lambda: print(
            say("{count} records for {party} in {file}", count=report.checked, party=to.upper(), file=output)
        ),
        code=0 if report.ok else 1,
    )


@app.command("import")
def import_records(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A bundle for this Party.")],
    reply: Annotated[
        Path | None, typer.Option("--answer", metavar="FILE", help="Write the bundle with the receipts there.")
    ] = None,
    node: NodeOption = None,
    now: NowOption = None,
    json: JsonOption = False,
) -> None:
    """Take up a bundle; the whole of it is verified first. Exits 1 if a record could not be taken up.

    Example: overflight record import to-rus.bundle --answer to-deu.bundle --node autumn/RUS
    """
    from overflight.app.exchange import import_bundle
    from overflight.app.files import write_file
    from overflight.app.wiring import open_node

    with open_node(folder_of(node), now=moment_of(now)) as opened, file.open("rb") as stream:
        report = import_bundle(opened, stream)
    packed = report.more.pop("answer")
    if packed is not None and reply is not None:
        write_file(reply, packed)
    result: dict[str, Any] = {**report.to_json(), "answer": str(reply) if packed and reply else None}
    new = sum(bool(r["new"]) for r in report.more["records"])

    def human() -> None:
        for problem in report.problems:
            print(problem)
        print(
            say(
                "{new} new records of {party}, {known} known", new=new, party=result["from"], known=report.checked - new
            )
        )

    answer(result, as_json=json, human=human, code=0 if report.ok else 1)


@app.command()
def sync(
    to: Annotated[list[str] | None, typer.Option("--to", metavar="P", help="Only this Party; may be repeated.")] = None,
    node: NodeOption = None,
    now: NowOption = None,
    json: JsonOption = False,
) -> None:
    """Deliver to the other Parties' nodes what they have not confirmed. Exits 1 if something stays undelivered.

    Example: overflight record sync --node autumn/DEU
    """
    from overflight.app.delivery import deliver
    from overflight.app.wiring import open_node

    with open_node(folder_of(node), now=moment_of(now)) as opened:
        if opened.undelivered():
            opened.keep_time()  # the other nodes answer by the same clock
        done = deliver(opened, to=[t.upper() for t in to] if to else None)
        with opened.view() as v:
            entries = v.entry_count()
    problems = [say("{rid} to {party}: {why}", rid=d.rid[:12], party=d.party, why=d.detail) for d in done if not d.ok]
    result = {
        "ok": not problems,
        "entries": entries,
        "checked": len(done),
        "problems": problems,
        "delivered": [d.to_json() for d in done],
    }

    def human() -> None:
        for problem in problems:
            print(problem)
        print(say("{count} of {all} delivered", count=len(done) - len(problems), all=len(done)))

    answer(result, as_json=json, human=human, code=0 if not problems else 1)
