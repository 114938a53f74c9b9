"""Every command and every route is documented."""

import re
import subprocess
import sys
from pathlib import Path

from overflight.api.desk import Desk
from overflight.api.main import build

ROOT = Path(__file__).parent.parent


def test_the_page_of_commands_is_what_the_commands_say() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts/command_reference.py")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_route_stands_in_the_reference_of_the_interface() -> None:
    page = (ROOT / "docs/reference/http-api.md").read_text("utf-8") + (ROOT / "docs/reference/records.md").read_text(
        "utf-8"
    )
    told = {re.sub(r"\{[^}]*\}", "{}", word) for word in re.findall(r"/[A-Za-z0-9_{}:./-]*", page)}
    routes = {re.sub(r"\{[^}]*\}", "{}", path) for path in build(Desk()).app.openapi()["paths"]}
    assert routes
    assert sorted(r for r in routes if r not in told and r.rstrip("/") not in told) == []
