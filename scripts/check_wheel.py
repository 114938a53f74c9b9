"""The built wheel holds the pages, the borders and the data, and nothing that git ignores otherwise."""

import sys
import zipfile
from pathlib import Path

NEEDED = (
    "overflight/web/static/app/",
    "overflight/treaty/data/geo/borders/dataset.json",
    "overflight/treaty/data/",
    "overflight/web/templates/",
)


def main() -> int:
    wheels = sorted(Path("dist").glob("*.whl"), key=lambda f: f.stat().st_mtime)
    if not wheels:
        print("no wheel in dist/")
        return 1
    names = zipfile.ZipFile(wheels[-1]).namelist()
    missing = [need for need in NEEDED if not any(n.startswith(need) for n in names)]
    stray = [n for n in names if "node_modules" in n or n.startswith("tests/")]
    for name in missing:
        print(f"{wheels[-1].name} lacks {name}")
    for name in stray:
        print(f"{wheels[-1].name} holds {name}")
    print(f"{wheels[-1].name}: {len(names)} files, {wheels[-1].stat().st_size / 1e6:.1f} MB")
    return 1 if missing or stray else 0


if __name__ == "__main__":
    sys.exit(main())
