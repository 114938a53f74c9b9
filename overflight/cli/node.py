"""`overflight node`: make, connect, back up, restore and examine a Party's own node."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from overflight.cli.common import JsonOption, NodeOption, NowOption, answer, moment_of, note, table
from overflight.errors import NoNode
from overflight.terms.words import say

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="A Party's own node.")
peer = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Addresses of other Parties' nodes.")
app.add_typer(peer, name="peer")


def folder_of(node: Path | None) -> Path:
    """The folder that ``--node`` or OVERFLIGHT_NODE names.

    Raises
    ------
    NoNode
        If neither does.
    """
    if node is None:
        raise NoNode(say("name the node that acts with --node DIR, or set OVERFLIGHT_NODE"), field="--node")
    return node


@app.command()
def init(
    party: Annotated[str, typer.Option("--party", metavar="P", help="Code of the Party, such as DEU.")],
    folder: Annotated[Path | None, typer.Argument(help="Where; in an exercise DIR/PARTY by default.")] = None,
    exercise: Annotated[
        Path | None, typer.Option("--exercise", metavar="DIR", help="Exercise folder; the first call makes it.")
    ] = None,
    host: Annotated[
        str | None, typer.Option("--host", help="Host in the name of an operational node's log, for ever.")
    ] = None,
    now: NowOption = None,
    json: JsonOption = False,
) -> None:
    """Make a Party's node with new keys.

    Example: overflight node init --party DEU --exercise autumn --now 2021-05-12T08:00Z
    """
    from overflight.app.wiring import init_node

    with init_node(folder, party=party.upper(), exercise=exercise, now=moment_of(now), host=host) as made:
        result = {
            "party": made.party,
            "folder": str(made.folder),
            "exercise": made.exercise,
            "origin": made.identity.origin,
            "key": made.identity.key_id,
            "roster": made.newest_roster().digest,
            "log_key": str(made.newest_roster().enrolled(made.party).log),
        }
    if made.exercise is None:
        note(
            say(
                "This node's roster holds its own keys only, signed by itself: other Parties' nodes will not accept "
                "its records before a common roster is signed by the regime's root keys."
            )
        )
    answer(
        result,
        as_json=json,
        human=lambda: print(say("Node of {party} made in {folder}", party=result["party"], folder=result["folder"])),
    )


@peer.command("add")
def peer_add(
    party: Annotated[str, typer.Argument(help="Code of the other Party.")],
    url: Annotated[str, typer.Argument(help="Base address of its node, such as https://node.example:8443.")],
    node: NodeOption = None,
    json: JsonOption = False,
) -> None:
    """Set the address of another Party's node. Records go to addresses of this list only.

    Example: overflight node peer add RUS http://127.0.0.1:8791 --node autumn/DEU
    """
    from overflight.app.wiring import open_node

    with open_node(folder_of(node)) as opened:
        opened.add_peer(party.upper(), url)
        peers = dict(opened.peers())
    answer(
        {"peers": peers},
        as_json=json,
        human=lambda: print(say("{party} is at {url}", party=party.upper(), url=peers[party.upper()])),
    )


@peer.command("list")
def peer_list(node: NodeOption = None, json: JsonOption = False) -> None:
    """List the addresses of other Parties' nodes.

    Example: overflight node peer list --node autumn/DEU
    """
    from overflight.app.wiring import open_node

    with open_node(folder_of(node), writer=False) as opened:
        peers = dict(opened.peers())
    answer({"peers": peers}, as_json=json, human=lambda: table(list(peers.items()), [say("Party"), say("address")]))


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="New file; it will hold the private keys.")],
    node: NodeOption = None,
    json: JsonOption = False,
) -> None:
    """Write the whole node into one file that only its owner can read; the node may run meanwhile.

    Example: overflight node backup deu.backup --node autumn/DEU
    """
    from overflight.app.upkeep import backup as make_backup

    done = make_backup(folder_of(node), file)
    note(say("{file} holds this Party's private keys: keep it as safe as the node itself.", file=file))
    answer(
        done,
        as_json=json,
        human=lambda: print(say("{entries} entries, {records} records and {files} files backed up", **_numbers(done))),
    )


def _numbers(done: dict[str, object]) -> dict[str, object]:
    return {k: done.get(k, 0) for k in ("entries", "records", "files")}


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `node backup` wrote.")],
    folder: Annotated[Path, typer.Argument(help="New folder for the node.")],
    exercise: Annotated[
        Path | None, typer.Option("--exercise", metavar="DIR", help="Where the node's exercise folder is now.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Put a node back from a backup. It signs nothing before `node resume`, so that its log cannot fork.

    Example: overflight node restore deu.backup autumn/DEU
    """
    from overflight.app.upkeep import restore as put_back

    done = put_back(file, folder, exercise=exercise)
    answer(
        done,
        as_json=json,
        human=lambda: print(
            say("{entries} entries and {records} records restored; next: node resume", **_numbers(done))
        ),
    )


@app.command()
def resume(
    node: NodeOption = None,
    without: Annotated[
        list[str] | None,
        typer.Option("--without", metavar="P", help="Do not ask this Party (risk: a forked log); may be repeated."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Let a restored node sign again, once the other Parties' nodes show that its log lacks nothing.

    Example: overflight node resume --node autumn/DEU
    """
    from overflight.app.upkeep import resume as go_on
    from overflight.app.wiring import open_node

    with open_node(folder_of(node)) as opened:
        done = go_on(opened, without=[w.upper() for w in without or ()])
    answer(
        done,
        as_json=json,
        human=lambda: print(say("This node signs.") if done["resumed"] else say("This node was not restored.")),
    )


@app.command()
def doctor(
    node: NodeOption = None,
    peers: Annotated[bool, typer.Option("--peers", help="Also ask whether other Parties' nodes answer.")] = False,
    json: JsonOption = False,
) -> None:
    """Examine a node without changing it. Exits 1 if anything is wrong.

    Example: overflight node doctor --node autumn/DEU
    """
    from overflight.app.upkeep import doctor as examine

    checks = examine(folder_of(node), ask_peers=peers)
    ok = all(c.ok for c in checks)
    answer(
        {"ok": ok, "checks": [c.to_json() for c in checks]},
        as_json=json,
        human=lambda: table(
            [[say("ok") if c.ok else say("wrong"), c.name, c.detail] for c in checks],
            [say("state"), say("what"), say("detail")],
        ),
        code=0 if ok else 1,
    )
