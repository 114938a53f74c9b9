"""Every sentence for people stands in the English catalogue."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_english_catalogue_is_whole() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts/catalogues.py")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
