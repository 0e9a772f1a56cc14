"""A server of the explorer, a browser that reaches nothing else, and pages of visitors."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing, contextmanager

import pytest

from hdhplan.report.notebook import home

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
#: Seconds that a page may take on a machine that does other things too. [s]
PATIENCE = 120
needs_browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium: apt-get install chromium")


class Redirects(urllib.request.HTTPRedirectHandler):
    """Follow none, so that a page to log in is not mistaken for an answer."""

    def redirect_request(self, *_):
        return None


def leads_to(address):
    """Where a request is sent on to."""
    opener = urllib.request.build_opener(Redirects)
    try:
        opener.open(address, timeout=60).close()
    except urllib.error.HTTPError as error:
        return error.headers["Location"]
    return ""


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
    with serving() as found:
        yield found


@contextmanager
def serving(*options):
    """Address, token and process of a server that runs meanwhile."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    child = subprocess.Popen(
        [sys.executable, "-m", "hdhplan", "explore", "--port", str(port), *options], cwd=home(),
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


def children(pid):
    """Processes that a process has started."""
    text = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True
    ).stdout
    return [int(line) for line in text.split()]


def opened(browser, address, token, faults, width=1280, script=""):
    """A page of the explorer, logged in and drawn."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.add_init_script(script) if script else None
    outside = lambda r: not r.url.startswith((address, "data:", "blob:"))  # noqa: E731
    page.on("response", lambda r: faults.append(r.url) if outside(r) else None)
    page.on("pageerror", lambda e: faults.append(str(e)))
    page.goto(address)
    page.fill("input[type=password]", token)
    page.keyboard.press("Enter")
    page.wait_for_selector(".hx-headline strong", timeout=PATIENCE * 1000)
    return page


def explained(page, text):
    """Wait until the page has drawn all that it will draw: the reasons come last, and say this."""
    page.wait_for_function(
        "text => document.querySelector('.hx-why').innerText.includes(text)", arg=text,
        timeout=PATIENCE * 1000,
    )  # fmt: skip


def refusal(page):
    """What the page says that it refused, once it says so."""
    page.wait_for_selector(".hx-message [role=alert]", timeout=PATIENCE * 1000)
    return page.locator(".hx-message").inner_text()


@contextmanager
def chromium():
    """A browser for which there is nothing but this machine."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        nowhere = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        browser = play.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", nowhere])
        yield browser
        browser.close()


def no_kernel_left(page_or_none, pid, patience=60):
    """Wait until the server has no kernel any more, or patience ends; tell whether it has none."""
    end = time.monotonic() + patience
    while children(children(pid)[0]) and time.monotonic() < end:
        # Playwright hears of nothing while Python sleeps.
        time.sleep(0.5) if page_or_none is None else page_or_none.wait_for_timeout(500)
    return not children(children(pid)[0])
