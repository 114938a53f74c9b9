"""Build docs/ into site/, with the README as first page; any broken link fails the build."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "mkdocs",
            "build",
            "--strict",
            "--clean",
            "--quiet",
            "--config-file",
            str(ROOT / "mkdocs.yml"),
        ],
        check=False,
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
