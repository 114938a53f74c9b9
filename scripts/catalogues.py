"""Collect every sentence for people into the English catalogue, and check that none is missing.

`--write` renews overflight/locale/en/LC_MESSAGES/overflight.po; without it, exit 1 when it is out of date.
"""

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
ENGLISH = ROOT / "overflight/locale/en/LC_MESSAGES/overflight.po"
HEADER = "# English catalogue of Overflight: the text in the code is the key.\n# Apache-2.0, as the project."
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]


def collect() -> Catalog:
    catalogue = Catalog(
        locale="en",
        project="Overflight",
        version="0.1.0",
        fuzzy=False,
        header_comment=HEADER,
        copyright_holder="The Overflight developers",
        msgid_bugs_address="the project's issue tracker",
        last_translator="The Overflight developers",
        language_team="English",
    )
    keywords = {"say": None, "_": None, "gettext": None, "ngettext": (1, 2)}
    house = ROOT / "overflight"
    for file, _line, message, comments, context in extract_from_dir(str(house), METHODS, {}, keywords):
        if message:
            catalogue.add(
                message,
                string=message,
                locations=[(f"overflight/{file}", None)],
                auto_comments=comments,
                context=context,
            )
    return catalogue


def ids(catalogue: Catalog) -> set[str]:
    return {str(m.id) for m in catalogue if m.id}


def main(write: bool) -> int:
    now = collect()
    if write:
        ENGLISH.parent.mkdir(parents=True, exist_ok=True)
        out = BytesIO()
        write_po(out, now, width=100, sort_output=True, no_location=False, omit_header=False)
        lines = out.getvalue().decode("utf-8").splitlines()
        kept = [line for line in lines if not line.startswith(('"POT-Creation-Date', '"PO-Revision-Date'))]
        ENGLISH.write_text("\n".join(kept) + "\n", "utf-8")
        print(f"{len(ids(now))} sentences in {ENGLISH.relative_to(ROOT)}")
        return 0
    held = ids(read_po(ENGLISH.open("rb"))) if ENGLISH.exists() else set()
    missing, dead = ids(now) - held, held - ids(now)
    for text in sorted(missing)[:10]:
        print(f"not in the catalogue: {text!r}")
    for text in sorted(dead)[:10]:
        print(f"no longer said: {text!r}")
    if missing or dead:
        print("run: make catalogues")
    return 1 if missing or dead else 0


if __name__ == "__main__":
    sys.exit(main("--write" in sys.argv[1:]))
