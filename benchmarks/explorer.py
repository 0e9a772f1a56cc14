"""The explorer in a real browser: from a key on a lever to the headline, and to all visible views."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
import urllib.request

import numpy as np

from benchmarks.measure import ROOT, Check, Row

MOVES, VISITORS, FEW = 50, 5, 10
PORT = 8977
#: Written into the page: when a key went down, when the headline and the last view were painted.
WATCH = """() => {
  window.hx = {down: 0, head: [], views: []};
  addEventListener('keydown', () => { hx.down = performance.now(); hx.h = hx.v = false }, true);
  const painted = then => requestAnimationFrame(() => setTimeout(() => then(performance.now()), 0));
  const watch = (where, what) => new MutationObserver(() => painted(at => {
    if (hx.down && !hx[what[0]]) { hx[what[0]] = true; hx[what].push(at - hx.down) }
  })).observe(document.querySelector(where), {childList: true, subtree: true});
  watch('.hx-headline', 'head'); watch('.hx-view', 'views');
}"""


def run(count: int, say) -> tuple[list[Row], list[Check]]:
    """Measure in Chromium with the network blocked but for this machine; nothing without one."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        say("explorer: left out, no Chromium")
        return [], []
    server = subprocess.Popen(
        [sys.executable, "-m", "hdhplan", "explore", "--port", str(PORT)],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        token = re.search(r"token: (\S+)", server.stderr.readline())[1]
        _wait(f"http://127.0.0.1:{PORT}/")
        return _measured(browser, token, say)
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait(address: str) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(f"no server at {address}")


def _measured(path: str, token: str, say) -> tuple[list[Row], list[Check]]:
    from playwright.sync_api import sync_playwright

    outside: list[str] = []
    with sync_playwright() as play:
        nowhere = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox", nowhere])
        cold, page = _opened(browser, token, outside)
        warm, other = _opened(browser, token, outside)
        other.close()
        head, views = _moves(page, MOVES)
        page.close()
        crowd = [_opened(browser, token, outside)[1] for _ in range(VISITORS)]
        many = _together(crowd, FEW)
        browser.close()
    quick, whole = _engine()
    say(
        f"explorer: {len(head)} headlines, {len(views)} views, {len(many)} views of {VISITORS} visitors"
    )
    rows = [
        _row("lever to headline, p95", _p95(head), 100),
        _row("the same, median", float(np.median(head))), _row("the engine's own share of it", quick),
        _row("lever to all visible views, p95", _p95(views), 200),
        _row("the same, median", float(np.median(views))),
        _row("the engine's own share of it", quick + whole),
        _row(f"lever to all visible views, {VISITORS} visitors at once, p95", _p95(many), 1000),
        _row("first paint after the token, cold", 1000 * cold), _row("the same, warm", 1000 * warm),
    ]  # fmt: skip
    checks = [
        Check("answers from elsewhere", len(outside), 0, 0),
        Check("moves that were answered", len(views), MOVES, 0),
    ]
    return rows, checks


def _row(what: str, value: float, most: float | None = None) -> Row:
    return Row("explorer", what, (value,), "ms", at_most=most)


def _p95(values: list[float]) -> float:
    return float(np.quantile(values, 0.95)) if values else float("nan")


def _opened(browser, token: str, outside: list[str]):
    """Seconds to the first headline, and the page once it rests."""
    page, own = browser.new_context().new_page(), f"http://127.0.0.1:{PORT}"
    strange = lambda r: not r.url.startswith((own, "data:", "blob:"))  # noqa: E731
    page.on("response", lambda r: outside.append(r.url) if strange(r) else None)
    page.goto(own)
    page.fill("input[type=password]", token)
    start = time.perf_counter()
    page.keyboard.press("Enter")
    page.wait_for_selector(".hx-headline strong", timeout=180_000)
    took = time.perf_counter() - start
    page.wait_for_selector(".hx-why p", timeout=180_000)
    page.wait_for_timeout(2_000)
    page.evaluate(WATCH)
    page.locator(".hx-row", has_text="Volume à quitter Azure").locator(".noUi-handle").focus()
    return took, page


def _moves(page, count: int) -> tuple[list[float], list[float]]:
    """Move a lever by key, each time once the last views are there."""
    for i in range(count):
        page.keyboard.press("ArrowRight")
        page.wait_for_function("n => hx.views.length >= n", arg=i + 1, timeout=60_000)
    return page.evaluate("hx.head"), page.evaluate("hx.views")


def _together(pages: list, count: int) -> list[float]:
    """Move a lever on several pages at once; the slowest sets the pace."""
    for i in range(count):
        for page in pages:
            page.keyboard.press("ArrowRight")
        for page in pages:
            page.wait_for_function("n => hx.views.length >= n", arg=i + 1, timeout=120_000)
    return [ms for page in pages for ms in page.evaluate("hx.views")]


def _engine() -> tuple[float, float]:
    """Median milliseconds of the draws behind a headline, and of those behind the views."""
    from hdhplan.explorer_draws import DRAGGING, drawn, forecast_of
    from hdhplan.explorer_state import State

    quick, whole = [], []
    for i in range(MOVES):
        state = State().having("volume", 10 + (i + 1) / 10)
        start = time.perf_counter()
        drawn(state, DRAGGING)
        middle = time.perf_counter()
        forecast_of(state, DRAGGING, "dates")
        quick.append(middle - start)
        whole.append(time.perf_counter() - middle)
    return 1000 * float(np.median(quick)), 1000 * float(np.median(whole))
