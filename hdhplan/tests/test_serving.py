"""Laws of the served explorer, in a real browser: it answers to keys, and to this machine alone."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from hdhplan.cli import main
from hdhplan.explorer_draws import RESTING, forecast_of
from hdhplan.explorer_odds import Ask, challenge
from hdhplan.explorer_state import State
from hdhplan.report.notebook import home
from hdhplan.serving import CONFIGURATION, NOTEBOOK, command, environment
from hdhplan.wording.formats import twenty

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
#: Seconds that a page may take on a machine that does other things too. [s]
PATIENCE = 120


class Redirects(urllib.request.HTTPRedirectHandler):
    """Follow none, so that a page to log in is not mistaken for an answer."""

    def redirect_request(self, *_):
        return None


def ask(address, headers=None):
    """Status and body of a request."""
    opener = urllib.request.build_opener(Redirects)
    try:
        with opener.open(urllib.request.Request(address, headers=headers or {}), timeout=60) as got:
            return got.status, got.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode("utf-8", "replace")


@pytest.fixture(scope="module")
def server():
    """Address and token of a server of its own."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    child = subprocess.Popen(
        [sys.executable, "-m", "hdhplan", "explore", "--port", str(port)], cwd=home(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        found = re.search(r"(http://127\.0\.0\.1:\d+/)  token: (\S+)", child.stderr.readline())
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                ask(found[1])
                break
            except OSError:
                time.sleep(0.3)
        yield found[1], found[2], child.pid
    finally:
        child.terminate()
        child.wait(timeout=30)


def test_the_token_is_on_no_command_line(tmp_path):
    assert "secret" not in " ".join(command(tmp_path, 8866, "/"))
    assert environment(tmp_path, "secret")["JUPYTER_TOKEN"] == "secret"
    assert not [name for name in environment(tmp_path, "x") if "AWS" in name or "PASSWORD" in name]


def test_the_configuration_is_closed():
    known = json.loads((CONFIGURATION / "voila.json").read_text(encoding="utf-8"))
    assert known["Voila"]["ip"] == "127.0.0.1"
    assert known["VoilaConfiguration"]["file_allowlist"] == []
    assert known["VoilaConfiguration"]["strip_sources"] is True
    assert known["MappingKernelManager"]["cull_idle_timeout"] > 0
    assert "http:" not in json.dumps(known)


@pytest.mark.parametrize("base_url", ["plan", "/plan", "/../", "//", "/a b/"])
def test_a_wrong_base_url_is_a_usage_error(base_url):
    assert main(["explore", "--base-url", base_url]) == 2


@pytest.mark.slow
def test_nothing_but_the_page_is_served(server):
    address, token, _ = server
    known = {"Authorization": f"token {token}"}
    assert ask(address)[0] == 302
    paths = (
        "voila/files/explorer.ipynb", "voila/files/../explorer.ipynb", "voila/files/%2e%2e/run.py",
        "explorer.ipynb", "voila/render/explorer.ipynb", "voila/tree", "api/contents", "api/kernels",
        "files/explorer.ipynb", "voila/static/../../app.py",
    )  # fmt: skip
    for path in paths:
        for headers in ({}, known):
            status, body = ask(address + path, headers)
            assert status in (302, 400, 403, 404, 405), path
            assert "explorer_page" not in body
    assert ask(address + f"voila/files/{NOTEBOOK}", known)[0] == 403
    assert ask(address, known | {"Host": "evil.example"})[0] == 403


def children(pid):
    """Processes that a process has started."""
    text = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True
    ).stdout
    return [int(line) for line in text.split()]


def opened(browser, address, token, faults):
    """A page of the explorer, logged in and drawn."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    outside = lambda r: not r.url.startswith((address, "data:", "blob:"))  # noqa: E731
    page.on("response", lambda r: faults.append(r.url) if outside(r) else None)
    page.on("pageerror", lambda e: faults.append(str(e)))
    page.goto(address)
    page.fill("input[type=password]", token)
    page.keyboard.press("Enter")
    page.wait_for_selector(".hx-headline strong", timeout=PATIENCE * 1000)
    return page


def settled(page, session_state, lang="fr"):
    """Wait until the page has drawn all that it will draw of a state."""
    text = challenge(session_state, RESTING, Ask(lang))
    known = re.search(r"(\d+|plus de 19|moins de 1)\s+chances?", text)[0]
    page.wait_for_function(
        "known => document.querySelector('.hx-challenge').innerText.includes(known)", arg=known,
        timeout=PATIENCE * 1000,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.skipif(BROWSER is None, reason="no Chromium: apt-get install chromium")
def test_keys_move_a_lever_and_the_saved_file_gives_the_same_numbers(server, tmp_path, capsys):
    from playwright.sync_api import sync_playwright

    address, token, pid = server
    faults = []
    with sync_playwright() as play:
        nowhere = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        browser = play.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", nowhere])
        page = opened(browser, address, token, faults)
        row = page.locator(".hx-row", has_text="Débit souscrit")
        row.locator(".noUi-handle").focus()
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        page.wait_for_function("() => document.querySelector('.hx-why').innerText.includes('13\u00a0Gbit/s')",
                               timeout=PATIENCE * 1000)  # fmt: skip
        assert row.locator("input").input_value() == "13"
        good = page.locator(".hx-headline").inner_text()
        row.locator("input").fill("99")
        page.keyboard.press("Enter")
        page.wait_for_selector(".hx-message [role=alert]", timeout=PATIENCE * 1000)
        assert "1 to 40" in page.locator(".hx-message").inner_text()
        assert row.locator("input").input_value() == "13"
        assert page.locator(".hx-headline").inner_text() == good
        state = State().having("link", 13.0)
        settled(page, state)
        shown = page.locator(".hx-joint tbody tr").last.locator("td").all_text_contents()
        page.get_by_role("button", name="Enregistrer").click()
        with page.expect_download(timeout=PATIENCE * 1000) as got:
            page.get_by_role("link", name="Télécharger").click()
        path = tmp_path / "mine.yaml"
        got.value.save_as(path)
        page.get_by_text("en", exact=True).first.click()
        page.wait_for_selector("text=Levers: what we decide", timeout=PATIENCE * 1000)
        kernels = children(children(pid)[0])
        assert kernels
        page.goto("about:blank")  # what leaves the page ends its kernel
        end = time.monotonic() + 30
        while children(children(pid)[0]) and time.monotonic() < end:
            page.wait_for_timeout(500)  # Playwright hears of nothing while Python sleeps
        assert not children(children(pid)[0])
        browser.close()
    assert faults == []
    assert main(["run", str(path), "--draws", str(RESTING), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)["data"]
    odds = [twenty(said["odds"][key]) for key in ("date", "budget", "both", "continuity", "all")]
    assert shown[3:] == odds
    year, month, day = said["dates"]["finish_day"]["p80"].split("-")
    assert shown[1] == f"{day}/{month}/{year}"
    assert shown[2].split("\u00a0")[
        0
    ] == f"{said['quantiles']['cost_eur']['p80'] / 1e6:.1f}".replace(".", ",")
    known = forecast_of(state, RESTING).odds
    assert {k: v for k, v in said["odds"].items() if k != "se"} == known
    assert Path(path).read_text(encoding="utf-8").startswith("# Made by the explorer")
