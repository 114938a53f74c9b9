"""Take the pictures of docs/images from the real program: the demo's pages and a plan's map.  Run: make pictures."""

import json
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "images"
CHROMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
SEARCH_MS = 16_000
COLOURS = 128  # a palette keeps the files small
STEPS_TO_TALKS = 13  # of the story: the plan is handed over and two changes were proposed


def shot(page: Page, name: str) -> None:
    """One picture of what the window shows, with a palette."""
    page.wait_for_timeout(2500)
    file = OUT / f"{name}.png"
    page.screenshot(path=file)
    small(file)


def small(file: Path) -> None:
    """The same picture with a palette."""
    with Image.open(file) as picture:
        picture.convert("RGB").convert("P", palette=Image.Palette.ADAPTIVE, colors=COLOURS).save(file, optimize=True)


def path_over_germany() -> None:
    """A plan found over the airports, and the map of it."""
    asked = ["--observed", "DEU", "--from", "ETNW", "--max-km", "1000", "--on", "2021-05-17", "--steps", "40"]
    given = ["--sites", "airports:DEU", "--swath-km", "10", "--picture", str(OUT / "map.png")]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "overflight", "plan", "optimise", *asked, *given, "-o", f"{folder}/plan.json"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    small(OUT / "map.png")


def main() -> int:
    """Play the story as far as the talks, and look at each page."""
    OUT.mkdir(parents=True, exist_ok=True)
    chrome = next(filter(None, map(shutil.which, CHROMES)), None)
    if chrome is None:
        print("pictures need Chromium: apt-get install chromium", file=sys.stderr)
        return 1
    path_over_germany()
    demo = subprocess.Popen(
        [sys.executable, "-m", "overflight", "demo", "--no-browser", "--json"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert demo.stdout is not None
        url = json.loads(demo.stdout.readline())["url"]
        with sync_playwright() as tools:
            browser = tools.chromium.launch(executable_path=chrome, args=list(FLAGS))
            page = browser.new_page(viewport={"width": 1280, "height": 860}, color_scheme="light")
            page.goto(url)
            shot(page, "first-screen")
            page.get_by_role("button", name="Fly it").click()
            for _ in range(STEPS_TO_TALKS - 1):
                page.wait_for_load_state("load")
                page.get_by_role("button", name="Next step").click()
            page.wait_for_load_state("load")
            shot(page, "today")
            page.goto(url + "flights")
            page.get_by_role("link", name="OS1001").first.click()
            page.wait_for_load_state("load")
            shot(page, "flight")
            page.goto(url + "planner")
            page.get_by_role("button", name="Airports as example").click()
            page.get_by_text("total value").wait_for()
            page.get_by_role("button", name="Find the best legal path").click()
            page.wait_for_timeout(SEARCH_MS)
            shot(page, "planner")
            page.goto(url + "treaty/disputes")
            shot(page, "disputes")
            browser.close()
    finally:
        demo.send_signal(signal.SIGTERM)
        demo.wait(timeout=30)
    return 0


if __name__ == "__main__":
    sys.exit(main())
