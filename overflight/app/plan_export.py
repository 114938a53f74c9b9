"""Plans as files for others, and plans from such files."""

from __future__ import annotations

from pathlib import Path

from overflight.app.files import write_file
from overflight.errors import BadFile, BadInput
from overflight.planning.exports import KINDS, export, read_export
from overflight.planning.planfile import MAX_BYTES
from overflight.terms.plan import MissionPlan
from overflight.terms.words import say
from overflight.treaty.geography import Borders


def export_plan(plan: MissionPlan, kind: str, out: Path, *, borders: Borders | None = None) -> int:
    """Write the plan as a file of a kind, whole or not at all; answers its number of bytes.

    Raises
    ------
    BadInput
        If there is no such kind, or the file cannot be written.
    """
    name = kind.strip().lower()
    if name not in KINDS:
        raise BadInput(say("--to {kind}: choose one of {kinds}", kind=kind[:20], kinds=", ".join(KINDS)), field="--to")
    data = export(plan, name, borders=borders)
    write_file(out, data)
    return len(data)


def import_plan(file: Path, *, observed: str | None = None) -> MissionPlan:
    """The plan of a file that was exported here, or of KML, GPX or flight plan text from elsewhere.

    Raises
    ------
    BadFile
        If the file cannot be read, or holds no plan.
    """
    try:
        with file.open("rb") as source:
            data = source.read(MAX_BYTES + 1)
    except OSError as why:
        raise BadFile(
            say("{name} cannot be read: {why}", name=str(file), why=why.strerror or str(why)), field=str(file)
        ) from None
    return read_export(data, name=str(file), observed=observed)
