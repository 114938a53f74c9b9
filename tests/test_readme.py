"""The README's examples run as they stand: every command, its exit code and what it prints.

A fenced block marked ``console`` holds commands after ``$ `` (continued by ``> ``), then what they print.
``# exit N`` at the end of a command says which exit code to expect (0 when absent); a printed line that is
``...`` stands for any lines, and ``...`` inside a line for any text.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@dataclass
class Example:
    command: str
    code: int = 0
    prints: list[str] = field(default_factory=list)


def examples(text: str) -> list[Example]:
    found: list[Example] = []
    for block in re.findall(r"^```console\n(.*?)^```$", text, flags=re.M | re.S):
        for line in block.splitlines():
            if line.startswith("$ "):
                command, _, code = line[2:].partition("  # exit ")
                found.append(Example(command, int(code or 0)))
            elif line.startswith("> ") and found and not found[-1].prints:
                found[-1].command += "\n" + line[2:]
            elif line.strip():
                found[-1].prints.append(line)
    return found


def run(asked: list[Example], folder: Path) -> list[tuple[int, str]]:
    """Run the commands in one shell, in order, as a reader would type them."""
    script = "set +e\n" + "".join(
        f"exec 1>{folder}/out-{n} 2>&1\n{example.command}\necho $? >{folder}/rc-{n}\n"
        for n, example in enumerate(asked)
    )
    work = folder / "work"
    work.mkdir()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "PROJ_NETWORK": "OFF", "HOME": str(work)}
    env.pop("OVERFLIGHT_NODE", None)
    subprocess.run(["bash", "-c", script], cwd=work, env=env, check=False, stdin=subprocess.DEVNULL)
    return [
        (int((folder / f"rc-{n}").read_text() or -1), (folder / f"out-{n}").read_text("utf-8"))
        for n in range(len(asked))
    ]


def printed(expected: list[str], output: str) -> bool:
    parts = [".*?".join(re.escape(p) for p in line.rstrip().split("...")) for line in expected]
    pattern = r"\s*\n".join(parts).replace(r"\s*\n.*?\s*\n", r"\s*\n(?:.*\n)*?")
    return re.search(pattern, output) is not None


@pytest.mark.parametrize("page", ["README.md"])
@pytest.mark.xdist_group("readme")
def test_every_example_runs_as_it_stands(page: str, tmp_path: Path) -> None:
    asked = examples((ROOT / page).read_text("utf-8"))
    assert asked, f"{page} has no example"
    for example, (code, output) in zip(asked, run(asked, tmp_path), strict=True):
        assert code == example.code, f"$ {example.command}\nexit {code}\n{output[-3000:]}"
        if example.prints:
            assert printed(example.prints, output), f"$ {example.command}\n{output[-3000:]}"


def test_the_check_sees_a_wrong_exit_code_and_a_wrong_line(tmp_path: Path) -> None:
    asked = examples("```console\n$ false  # exit 1\n$ printf 'a\\nb\\nc\\n'\na\n...\nc\n```\n")
    (code, _), (_, output) = run(asked, tmp_path)
    assert code == asked[0].code == 1
    assert printed(asked[1].prints, output)
    assert not printed(["a", "c"], output)
    assert not printed(["d"], output)
