"""The pages in a real browser: no error, nothing from elsewhere, readable by everyone, at desk and on the phone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

AXE = Path(__file__).resolve().parent.parent.parent / "web/node_modules/axe-core/axe.min.js"
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
MAP_MS = 45_000


class Seen:
    """A page with everything that must not happen on it."""

    def __init__(self, page: Any, base: str):
        self.page, self.base, self.wrong = page, base, []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.wrong.append(f"page error: {error}"))
        page.on("request", self._request)
        page.on("response", lambda r: r.status >= 400 and self.wrong.append(f"{r.status} {r.url}"))

    wrong: list[str]

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(f"console {message.type}: {message.text[:200]}")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.wrong.append(f"asked another origin: {request.url}")

    def open(self, path: str) -> None:
        self.page.goto(self.base + path)
        if self.page.query_selector(".map"):
            self.page.wait_for_selector(".map[data-idle]", timeout=MAP_MS)

    def axe(self) -> list[str]:
        """Serious failures of accessibility, as axe-core finds them."""
        if not self.page.evaluate("typeof axe === 'object'"):
            self.page.evaluate(AXE.read_text("utf-8"))
        found = self.page.evaluate(
            "async () => (await axe.run({resultTypes: ['violations']})).violations"
            ".filter(v => v.impact === 'serious' || v.impact === 'critical')"
            ".map(v => v.id + ': ' + v.nodes.map(n => `${n.target} ${n.any[0]?.message ?? ''}`).join(' | '))"
        )
        assert isinstance(found, list)
        return found

    def too_wide(self) -> bool:
        return bool(self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"))


@contextmanager
def looking(browser: Any, base: str, size: dict[str, int] = DESK) -> Iterator[Seen]:
    context = browser.new_context(viewport=size, color_scheme="light")
    try:
        yield Seen(context.new_page(), base)
    finally:
        context.close()


PAGES = [
    "/",
    "/planner",
    "/planner/negotiate",
    "/planner/owners",
    "/flights",
    "/flights/OS1900",
    "/personnel",
    "/images",
    "/records",
    "/treaty?on=2021-01-15",
    "/treaty/calendar?year=2021",
    "/treaty/VI.II.2",
]


@pytest.mark.parametrize("path", ["prologue", *PAGES])
def test_a_page_is_whole_at_both_widths_and_in_both_themes(browser: Any, pages: Any, path: str) -> None:
    base = pages.prologue if path == "prologue" else pages.node
    with looking(browser, base) as seen:
        seen.open("/" if path == "prologue" else path)
        assert seen.page.locator("nav a").count() == 6
        for size in (DESK, PHONE):
            seen.page.set_viewport_size(size)
            for scheme in ("light", "dark"):
                seen.page.emulate_media(color_scheme=scheme)
                assert seen.axe() == [], (size, scheme)
            assert not seen.too_wide(), size
        assert seen.wrong == []


def test_dragging_a_waypoint_shows_the_finding_at_once(browser: Any, pages: Any) -> None:
    """VI.II.2: a path that is drawn legal and then dragged to Kazakhstan's border is found in breach while it moves."""
    from playwright.sync_api import expect

    with looking(browser, pages.node) as seen:
        page = seen.page
        seen.open("/planner?on=2021-05-17&observed=RUS&from=UUMB&to=UUMB")
        page.wait_for_selector(".map[data-ready][data-idle]", timeout=MAP_MS)
        box = page.locator("#chart canvas").bounding_box()
        page.click("#tool-draw")
        page.mouse.click(box["x"] + box["width"] * 0.45, box["y"] + box["height"] * 0.5)
        page.click("#tool-move")
        judged = page.locator("#findings > .verdict")
        expect(judged).to_have_class("verdict complies", timeout=10_000)
        page.locator("#waypoints").evaluate("rows => rows.closest('details').open = true")
        page.fill("#waypoints tr:first-child td:nth-child(2) input", "50.38")
        page.keyboard.press("Tab")
        page.fill("#waypoints tr:first-child td:nth-child(3) input", "47.30")
        page.keyboard.press("Tab")
        expect(judged).to_have_class("verdict breaches", timeout=10_000)
        breach = page.locator('#findings [data-rule="keeps_clear_of_non_party_border"]')
        expect(breach).to_contain_text("Kazakhstan")
        expect(breach.locator("a")).to_have_attribute("href", "/treaty/VI.II.2")

        breach.locator("button").click()  # the place of the finding is now in the middle of the chart
        page.wait_for_selector(".map[data-idle]", timeout=MAP_MS)
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.move(*middle)
        page.mouse.down()
        page.mouse.move(middle[0] - 60, middle[1] - 60)
        page.mouse.move(middle[0] - 160, middle[1] - 160, steps=4)
        expect(judged).to_have_class("verdict complies", timeout=10_000)  # while it is still held
        page.mouse.up()
        page.click("#undo")
        expect(judged).to_have_class("verdict breaches", timeout=10_000)
        assert seen.wrong == []


def test_the_search_tells_its_progress_and_draws_its_path(browser: Any, pages: Any) -> None:
    from playwright.sync_api import expect

    with looking(browser, pages.node, PHONE) as seen:
        page = seen.page
        seen.open("/planner?on=2021-05-17&observed=RUS&from=UUMB&to=UUMB&max_km=900&seconds=1&swaths=AFA-41-10%3D4.5")
        page.wait_for_selector(".map[data-ready]", timeout=MAP_MS)
        page.click("#example")
        expect(page.locator("#sites-said")).to_contain_text("sites, total value", timeout=10_000)
        page.click("#optimise")
        expect(page.locator("#said")).to_contain_text("Best legal path found", timeout=30_000)
        expect(page.locator("#findings > .verdict")).to_have_class("verdict complies", timeout=10_000)
        expect(page.locator("#observed-said")).to_contain_text("sites observed")
        expect(page.locator("#kept")).to_contain_text("Kept on this node", timeout=10_000)
        # what was found can be weighed as it is, with the planner's own widths
        seen.open("/planner/negotiate?on=2021-05-17")
        page.wait_for_selector(".map[data-ready]", timeout=MAP_MS)
        expect(page.locator("#swaths")).to_have_value("AFA-41-10=4.5")
        page.locator("#clear-sites").click()
        page.select_option("#plan", "draft")
        page.fill("#height_agl_m", "3000")
        page.click("#weigh")
        expect(page.locator("#verdict")).to_contain_text("The ground is permitted", timeout=30_000)
        assert seen.wrong == []


def test_a_search_shows_value_over_time_and_gives_pictures(browser: Any, pages: Any) -> None:
    from playwright.sync_api import expect

    with looking(browser, pages.node) as seen:
        page = seen.page
        seen.open(
            "/planner?on=2021-05-17&observed=RUS&from=UUMB&to=UUMB&max_km=900&seconds=60&sensors=AFA-41-10%3D1500"
        )
        page.wait_for_selector(".map[data-ready]", timeout=MAP_MS)
        page.click("#example")
        expect(page.locator("#sites-said")).to_contain_text("sites, total value", timeout=10_000)
        page.click("#optimise")
        expect(page.locator("#said")).to_contain_text("best value so far", timeout=30_000)
        page.click("#stop")  # the best so far is kept
        expect(page.locator("#said")).to_contain_text("Best legal path found", timeout=30_000)
        expect(page.locator("#curve .flown")).to_have_count(1)
        expect(page.locator("#profile .certified")).to_have_count(1, timeout=10_000)
        page.locator("#pictures-head").click()
        for name in ("map", "profile", "value"):
            with page.expect_download(timeout=20_000) as made:
                page.click(f"#picture-{name}")
            assert made.value.suggested_filename == f"{name}.svg"
        assert b"PRIVATE" in Path(made.value.path()).read_bytes()
        page.locator("#more > summary").click()
        assert seen.axe() == []
        assert seen.wrong == []


def test_a_proposed_change_is_weighed_by_keyboard(browser: Any, pages: Any) -> None:
    """VIII.I.4: weather is a permitted ground; what is lost is shown only once the sites are there."""
    from playwright.sync_api import expect

    with looking(browser, pages.node, PHONE) as seen:
        page = seen.page
        seen.open("/planner/negotiate?on=2021-05-17")
        page.wait_for_selector(".map[data-ready]", timeout=MAP_MS)
        expect(page.locator("#plan")).to_have_value("0")
        page.locator("#clear-sites").evaluate("button => button.hidden || button.click()")
        page.locator("#weigh").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#said")).to_contain_text("Nothing is changed yet")
        page.locator("#height_agl_m").focus()
        page.keyboard.type("1800")
        page.keyboard.press("Enter")
        expect(page.locator("#verdict")).to_contain_text("The ground is permitted", timeout=30_000)
        expect(page.locator("#private")).to_be_hidden()
        sites = b"name,lon,lat,value\nA,45.1,52.9,3\nB,40.7,54.5,2\n"
        page.set_input_files("#file", files=[{"name": "s.csv", "mimeType": "text/csv", "buffer": sites}])
        expect(page.locator("#sites-said")).to_contain_text("2 sites")
        page.locator("#weigh").click()
        expect(page.locator("#offers > li")).to_have_count(4, timeout=60_000)
        assert seen.axe() == []
        assert not seen.too_wide()
        assert seen.wrong == []


def test_swapped_sites_are_refused_on_the_page_of_owners_and_good_ones_listed(browser: Any, pages: Any) -> None:
    from playwright.sync_api import expect

    with looking(browser, pages.node) as seen:
        page = seen.page
        page.goto(pages.node + "/planner/owners?on=2021-05-17")
        page.wait_for_selector("body[data-ready]")

        def send(text: bytes) -> None:
            page.set_input_files("#file", files=[{"name": "s.csv", "mimeType": "text/csv", "buffer": text}])

        send(b"name,lon,lat\nDam,47.3,50.4\n")
        expect(page.locator("#sites-said")).to_contain_text("1 sites")
        page.fill("#swath_km", "20")
        page.get_by_role("button", name="List what comes into view").click()
        expect(page.locator("#rows tr").first).to_contain_text("Dam", timeout=10_000)
        with page.expect_download() as made:
            page.get_by_role("button", name="Download CSV").click()
        assert made.value.suggested_filename == "sites.csv"
        assert seen.axe() == []
        assert seen.wrong == []
        send(b"name,lon,lat\nDam,55.6,40.3\nMill,53.0,45.0\n")
        expect(page.locator("#said")).to_contain_text("swapped")


def test_an_act_is_signed_from_its_sheet_by_keyboard_alone(browser: Any, pages: Any) -> None:
    from playwright.sync_api import expect

    with looking(browser, pages.node) as seen:
        page = seen.page
        page.goto(pages.node + "/flights/OS1900")
        page.locator("summary", has_text="Other acts").focus()  # no duty asks for it now, so it lies folded
        page.keyboard.press("Enter")
        button = page.get_by_role("button", name="Record a check of covers")
        button.focus()
        page.keyboard.press("Enter")
        expect(page.locator("dialog[open]")).to_be_visible(timeout=10_000)
        assert seen.axe() == []
        page.select_option("#f-stage", index=1)
        page.get_by_role("button", name="Show what will be signed").focus()
        page.keyboard.press("Enter")
        expect(page.locator(".signing")).to_contain_text("RUS", timeout=10_000)
        assert seen.axe() == []
        sign = page.locator(".signing button.main")
        sign.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/flights/OS1900")
        expect(page.locator("ul.timeline")).to_contain_text("ensor covers")
        assert seen.wrong == []


def test_the_day_slider_shows_who_is_a_party(browser: Any, pages: Any) -> None:
    from playwright.sync_api import expect

    with looking(browser, pages.prologue) as seen:
        seen.open("/")
        expect(seen.page.locator("#count")).to_have_text("33 Parties")
        slide = seen.page.locator("#slide")
        slide.focus()
        for _ in range(60):
            seen.page.keyboard.press("ArrowLeft")
        expect(seen.page.locator("#count")).to_have_text("34 Parties")  # before 22 November 2020
        assert seen.page.get_by_role("button", name="Fly it").is_enabled()
        assert seen.wrong == []


def test_records_verify_at_the_press_of_a_button(browser: Any, pages: Any) -> None:
    from playwright.sync_api import expect

    with looking(browser, pages.node) as seen:
        seen.open("/records")
        seen.page.get_by_role("button", name="Verify all records").click()
        expect(seen.page.locator("#answer")).to_contain_text("Everything verifies", timeout=10_000)
        assert seen.wrong == []
