"""`overflight image`: take in, search, verify and hand over images."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from overflight.cli.common import JsonOption, NodeOption, NowOption, answer, finding_line, moment_of, table

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Take in, search, verify and hand over images.")

FlightOption = Annotated[str, typer.Option("--flight", metavar="OS", help="Number of the flight, such as OS1901.")]


@app.callback()
def image() -> None:
    """Take in, search, verify and hand over images."""


def _node(folder: Path | None, now: str | None, *, writer: bool = True) -> Any:
    from overflight.app.wiring import open_node
    from overflight.errors import NoNode
    from overflight.terms.words import say

    if folder is None:
        raise NoNode(say("name the node that acts with --node DIR, or OVERFLIGHT_NODE"), field="--node")
    return open_node(folder, writer=writer, now=moment_of(now))


def _findings(findings: list[dict[str, Any]]) -> None:
    for found in findings:
        print(finding_line(found))


@app.command()
def ingest(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder with pictures and frames.csv.")],
    flight: FlightOption,
    camera: Annotated[str, typer.Option("--camera", metavar="C", help="Camera file, or a sensor's id.")],
    h_min_m: Annotated[float | None, typer.Option("--h-min-m", help="Certified minimum height above ground.")] = None,
    certificate: Annotated[str, typer.Option("--certificate", help="Where that height comes from.")] = "",
    no_record: Annotated[
        bool, typer.Option("--no-record", help="Issue no record; also for a flight unknown here.")
    ] = False,
    node: NodeOption = None,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take in GeoTIFF, PNG or JPEG pictures with camera and pose; exits 1 if a frame was taken too low.

    Example: overflight image ingest frames --flight OS1901 --camera AFA-41-10
    """
    from overflight.app.images import ingest as take_in

    with _node(node, now) as open_one:
        found = take_in(
            open_one, folder, flight=flight, camera=camera, h_min_m=h_min_m, certificate=certificate,
            record=not no_record,
        )  # fmt: skip

    def human() -> None:
        print(f"{found['frames']} pictures of {flight}, {found['new']} new")
        _findings(found["findings"])
        for item in found["items"]:
            print(f"  {item['id']}  {item['properties']['datetime']}")

    answer(found, as_json=as_json, human=human, code=0 if found["complies"] else 1)


@app.command()
def search(
    bbox: Annotated[
        str | None, typer.Option("--bbox", metavar="W,S,E,N", help="Degrees; W > E crosses 180 degrees.")
    ] = None,
    start: Annotated[str | None, typer.Option("--from", metavar="TIME", help="Earliest, 2021-05-19T06:00Z.")] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="TIME", help="Latest, included.")] = None,
    flight: Annotated[str | None, typer.Option("--flight", metavar="OS", help="Images of one flight.")] = None,
    node: NodeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Images by place, time and flight; with --json a STAC ItemCollection.

    Example: overflight image search --bbox 36,55,39,57 --from 2021-05-19T00:00Z
    """
    from overflight.app.images import collection, parse_bbox
    from overflight.app.images import search as find

    box = parse_bbox(bbox) if bbox else None
    with _node(node, None, writer=False) as open_one:
        items = find(open_one, box, moment_of(start, "--from"), moment_of(end, "--to"), flight)

    def human() -> None:
        rows = []
        for item in items:
            p = item["properties"]
            rows.append(
                (item["id"], p["datetime"], p.get("oskies:height_agl_m"), p.get("gsd"), p["oskies:release"]["state"])
            )
        table(rows, ("image", "time", "height above ground, m", "sample distance, m", "state"))

    answer(collection(items), as_json=as_json, human=human)


@app.command()
def show(
    image_id: Annotated[str, typer.Argument(metavar="IMAGE", help="An image's id.")],
    node: NodeOption = None,
    as_json: JsonOption = False,
) -> None:
    """One image with its evidence: height, certificate, findings, to whom it was released; with --json a STAC Item.

    Example: overflight image show OS1901-AFA-41-10-frame-0001
    """
    from overflight.app.images import one

    with _node(node, None, writer=False) as open_one:
        item = one(open_one, image_id)

    def human() -> None:
        for name, value in sorted(item["properties"].items()):
            if name not in ("oskies:findings", "oskies:release"):
                print(f"{name.removeprefix('oskies:'):<28} {value}")
        _findings(item["properties"]["oskies:findings"])
        for gone in item["properties"]["oskies:release"]["copies"]:
            print(f"to {gone['to']} {gone['at']} under {', '.join(gone['rules'])}; received {gone['received_at']}")

    answer(item, as_json=as_json, human=human)


@app.command()
def export(
    images: Annotated[list[str], typer.Argument(metavar="IMAGE...", help="Images.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="New folder.")],
    node: NodeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write images as files: originals byte for byte, cloud-optimised copies, and descriptions (STAC).

    Example: overflight image export OS1901-AFA-41-10-frame-0001 -o out
    """
    from overflight.app.images import export_images

    with _node(node, None, writer=False) as open_one:
        found = export_images(open_one, images, out)
    answer(found, as_json=as_json, human=lambda: print(f"{len(found['files'])} files in {found['folder']}"))


@app.command()
def verify(
    target: Annotated[str, typer.Argument(metavar="FILE", help="A file, or an image's id.")],
    node: NodeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check digests, equal pixels and the signed manifest; exits 1 if anything differs.

    Example: overflight image verify frame-0001.png
    """
    from overflight.app.images import verify as check

    with _node(node, None, writer=False) as open_one:
        found = check(open_one, target)

    def human() -> None:
        print("ok" if found["ok"] else "not ok")
        for one in found["checks"]:
            mark = {True: "ok", False: "WRONG", None: "-"}[one["ok"]]
            print(f"{mark:<6} {one['check']}: {one['seen']}")

    answer(found, as_json=as_json, human=human, code=0 if found["ok"] else 1)


@app.command()
def request(
    flight: FlightOption,
    observing: Annotated[str | None, typer.Option("--observing", help="A: the observing Party.")] = None,
    observed: Annotated[str | None, typer.Option("--observed", help="B: the observed Party.")] = None,
    flown_on: Annotated[str | None, typer.Option("--flown-on", metavar="DATE", help="C: date of the flight.")] = None,
    sensor: Annotated[str | None, typer.Option("--sensor", help="D: the sensor.")] = None,
    portion: Annotated[str | None, typer.Option("--portion", help="E: part of the observation period.")] = None,
    medium: Annotated[str | None, typer.Option("--medium", help="F: kind and format of the medium.")] = None,
    letter_of: Annotated[
        str | None, typer.Option("--letter-of", metavar="STATE", help="Enter this State's letter by hand.")
    ] = None,
    sent_on: Annotated[str | None, typer.Option("--sent-on", metavar="DATE", help="Date of that letter.")] = None,
    number: Annotated[str, typer.Option("--number", help="Number of that letter.")] = "",
    text: Annotated[str, typer.Option("--text", help="What that letter says.")] = "",
    node: NodeOption = None,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask the observing Party for copies (IX.IV.1), or enter the letter of a State that asks for them.

    Example: overflight image request --flight OS1901 --flown-on 2021-05-19 --sensor AFA-41-10
    --portion all --medium TIFF
    """
    from overflight.app.images import enter_letter, request_copies

    particulars: dict[str, Any] = {"observing": observing, "observed": observed, "flown_on": flown_on, "sensor": sensor,
                   "portion": portion, "medium": medium}  # fmt: skip
    with _node(node, now) as open_one:
        if letter_of:
            found = enter_letter(
                open_one, state=letter_of, flight=flight, sent_on=sent_on, number=number, text=text,
                particulars=particulars,
            )  # fmt: skip
        else:
            found = request_copies(open_one, flight=flight, **particulars)

    def human() -> None:
        print(f"record {found['record']}")
        _findings(found.get("findings", []))

    answer(found, as_json=as_json, human=human, code=0 if found.get("complies", True) else 1)


@app.command("list-requests")
def list_requests(node: NodeOption = None, as_json: JsonOption = False) -> None:
    """Requests for copies that this node knows, each with what the rules say and its answer.

    Example: overflight image list-requests --json
    """
    from overflight.app.images import list_requests as listed

    with _node(node, None, writer=False) as open_one:
        found = listed(open_one)

    def human() -> None:
        rows = [
            (r["record"][:12], r["asking"], r["asked_on"], r["flight"], r["state"], r["findings"][0]["verdict"])
            for r in found
        ]
        table(rows, ("request", "asking", "on", "flight", "state", "today"))

    answer({"requests": found}, as_json=as_json, human=human)


@app.command()
def refuse(
    request_id: Annotated[str, typer.Argument(metavar="REQUEST", help="The request's record, or its first digits.")],
    reason: Annotated[str, typer.Option("--reason", help="Words of your own.")] = "",
    node: NodeOption = None,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Refuse copies to a State that has no right to them, with the paragraphs.

    Example: overflight image refuse 3f2a9c51b0de
    """
    from overflight.app.images import refuse_copies

    with _node(node, now) as open_one:
        found = refuse_copies(open_one, request_id, reason=reason)

    def human() -> None:
        print(f"refused {found['asking']} under {', '.join(found['rules'])}: {found['reason']}")
        print(f"record {found['record']}")

    answer(found, as_json=as_json, human=human)


@app.command()
def copy(
    to: Annotated[str, typer.Option("--to", metavar="P", help="The Party that gets the copies.")],
    images: Annotated[list[str] | None, typer.Argument(metavar="IMAGE...", help="Images; default all of it.")] = None,
    request_id: Annotated[str | None, typer.Option("--request", help="The request that this answers.")] = None,
    node: NodeOption = None,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hand copies to a Party: original bytes, camera and pose, and description; exits 1 if it has no right today.

    Example: overflight image copy --to CAN
    """
    from overflight.app.images import deliver_copies

    with _node(node, now) as open_one:
        found = deliver_copies(open_one, images or (), to=to, request=request_id)

    def human() -> None:
        print(f"{len(found['images'])} images for {found['to']} under {', '.join(found['rules'])}")
        print(f"record {found['record']}")

    answer(found, as_json=as_json, human=human)


@app.command()
def receive(
    delivery: Annotated[
        str | None, typer.Argument(metavar="DELIVERY", help="The delivery's record; default every open one.")
    ] = None,
    node: NodeOption = None,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check delivered copies, take them into this node's catalogue and confirm custody.

    Example: overflight image receive
    """
    from overflight.app.images import receive_copies

    with _node(node, now) as open_one:
        found = receive_copies(open_one, delivery)

    def human() -> None:
        for one in found["deliveries"]:
            print(f"{len(one['images'])} images of delivery {one['record'][:12]}, custody {one['custody'][:12]}")
        for bad in found["problems"]:
            print(f"delivery {bad['record'][:12]} of {bad['from']} was not taken: {bad['problem']['detail']}")
        print(f"{found['new']} new images")

    answer(found, as_json=as_json, human=human, code=1 if found["problems"] else 0)


@app.command()
def render(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="New folder for the pictures.")],
    flight: FlightOption,
    plan: Annotated[Path, typer.Option("--plan", metavar="plan.json", help="Mission plan file.")],
    camera: Annotated[str, typer.Option("--camera", metavar="C", help="A sensor's id.")] = "AFA-41-10",
    count: Annotated[int, typer.Option("--count", help="How many pictures.")] = 6,
    height_agl_m: Annotated[float | None, typer.Option("--height-agl-m", help="Height above ground, metres.")] = None,
    h_min_m: Annotated[float | None, typer.Option("--h-min-m", help="Certified minimum height above ground.")] = None,
    certificate: Annotated[str, typer.Option("--certificate", help="Where that height comes from.")] = "",
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same pictures.")] = 0,
    node: NodeOption = None,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Render exercise pictures of an invented ground along a plan, with camera and pose.

    Example: overflight image render frames --flight OS1901 --plan plan.json --h-min-m 1500
    """
    from overflight.app.exercise_frames import render_frames
    from overflight.planning.planfile import read_plan

    with _node(node, now, writer=False) as open_one:
        found = render_frames(
            open_one, folder, flight=flight, plan=read_plan(plan), camera=camera, count=count, seed=seed,
            height_agl_m=height_agl_m, h_min_m=h_min_m, certificate=certificate,
        )  # fmt: skip
    answer(found, as_json=as_json, human=lambda: print(f"{found['frames']} pictures of {flight} in {found['folder']}"))
