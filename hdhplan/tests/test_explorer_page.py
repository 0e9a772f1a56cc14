"""The explorer in a real browser: keys and mouse, what is refused, names for all, tabs that close."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from hdhplan.cli import main
from hdhplan.explorer_draws import RESTING, forecast_of
from hdhplan.explorer_page import Explorer
from hdhplan.explorer_state import State
from hdhplan.levers import LEVERS
from hdhplan.tests.served import (
    PATIENCE,
    children,
    chromium,
    explained,
    needs_browser,
    no_kernel_left,
    opened,
    refusal,
    server,
)
from hdhplan.wording.formats import twenty

__all__ = ["server"]
#: Put another text of the same length into what the page sends to its kernel.
FORGE = """(() => { const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    if (window.forged && data instanceof ArrayBuffer) {
      const bytes = new Uint8Array(data.slice(0)), text = new TextDecoder('latin1').decode(bytes);
      const at = text.indexOf(window.forged[0]);
      if (at >= 0) {
        bytes.set(new TextEncoder().encode(window.forged[1]), at);
        data = bytes.buffer; window.forged = null;
      }
    }
    return send.call(this, data);
  };
})()"""
#: Names of controls that a screen reader would not say.
NAMELESS = """() => Array.from(document.querySelectorAll(
    '.hx input:not([type=file]), .hx select, .hx textarea, .hx button, .hx [role=slider]'))
  .filter(e => !(e.getAttribute('aria-label') || (e.labels && e.labels.length && e.labels[0].textContent)
    || e.textContent.trim())).map(e => e.outerHTML.slice(0, 120))"""


def test_a_slider_past_its_end_is_refused_aloud():
    page = Explorer("fr")
    page.show()
    slider, typed = page.controls.fields["volume"]
    slider.set_state({"value": 10.1})
    good = page.session.state, page.parts["headline"].value
    slider.set_state({"max": 1e12, "value": 1e9})
    assert "Refusé, rien n'a changé" in page.parts["message"].value.replace("\u2019", "'")
    assert (page.session.state, page.parts["headline"].value) == good
    assert (slider.value, slider.max, typed.value) == (10.1, 25, "10,1")


def test_every_lever_has_a_control_in_both_languages():
    page = Explorer("en")
    page.show()
    assert set(page.controls.fields) == {lever.key for lever in LEVERS}
    page._speak("fr")
    assert set(page.controls.fields) == {lever.key for lever in LEVERS}
    assert "chances sur" in page.parts["headline"].value.replace("\u00a0", " ")
    assert page.check() == "✓"


@pytest.mark.slow
@pytest.mark.browser
@needs_browser
def test_keys_move_a_lever_and_the_saved_file_gives_the_same_numbers(server, tmp_path, capsys):
    address, token, _ = server
    faults = []
    with chromium() as browser:
        page = opened(browser, address, token, faults)
        row = page.locator(".hx-r-link")
        row.locator(".noUi-handle").focus()
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        explained(page, "13\u00a0Gbit/s")
        assert row.locator("input").input_value() == "13"
        shown = page.locator(".hx-joint tbody tr").last.locator("td").all_text_contents()
        page.get_by_role("button", name="Enregistrer", exact=True).click()
        with page.expect_download(timeout=PATIENCE * 1000) as got:
            page.get_by_role("link", name="Télécharger").click()
        path = tmp_path / "mine.yaml"
        got.value.save_as(path)
        page.get_by_text("en", exact=True).first.click()
        page.wait_for_selector("text=Levers: what we decide", timeout=PATIENCE * 1000)
    assert faults == []
    assert main(["run", str(path), "--draws", str(RESTING), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)["data"]
    odds = [twenty(said["odds"][key]) for key in ("date", "budget", "both", "continuity", "all")]
    assert shown[3:] == odds
    year, month, day = said["dates"]["finish_day"]["p80"].split("-")
    assert shown[1] == f"{day}/{month}/{year}"
    cost = f"{said['quantiles']['cost_eur']['p80'] / 1e6:.1f}".replace(".", ",")
    assert shown[2].split("\u00a0")[0] == cost
    known = forecast_of(State().having("link", 13.0), RESTING).odds
    assert {k: v for k, v in said["odds"].items() if k != "se"} == known
    assert Path(path).read_text(encoding="utf-8").startswith("# Made by the explorer")


@pytest.mark.slow
@pytest.mark.browser
@needs_browser
def test_what_is_refused_is_said_and_the_last_good_state_stays(server, tmp_path):
    address, token, _ = server
    faults = []
    with chromium() as browser:
        page = opened(browser, address, token, faults, script=FORGE)
        volume, link = page.locator(".hx-r-volume"), page.locator(".hx-r-link")
        volume.locator(".noUi-handle").scroll_into_view_if_needed()
        handle = volume.locator(".noUi-handle").bounding_box()  # by mouse, along the slider
        page.mouse.move(handle["x"] + 8, handle["y"] + 8)
        page.mouse.down()
        page.mouse.move(handle["x"] + 40, handle["y"] + 8, steps=4)
        page.mouse.up()
        explained(page, "Po")
        moved = volume.locator("input").input_value()
        assert float(moved.replace(",", ".")) > 10
        good = page.locator(".hx-headline").inner_text()
        for text, says in (("99", "1 à 40 Gbit/s"), ("", "rien"), ("dix", "'dix'")):
            link.locator("input").fill(text)
            page.keyboard.press("Enter")
            page.wait_for_function("says => document.querySelector('.hx-message').innerText.includes(says)",
                                   arg=says, timeout=PATIENCE * 1000)  # fmt: skip
            page.wait_for_function("() => document.querySelector('.hx-r-link input').value === '10'",
                                   timeout=PATIENCE * 1000)  # fmt: skip
        for text, says in (
            ("hdhplan.explorer/2 link=5", "commence par"), ("hdhplan.explorer/1 speed=5", "levier inconnu"),
            ("extends: base\nname: m\nresources: {lead: -3}", "ligne 3"),
        ):  # fmt: skip
            page.locator(".hx-paste textarea").fill(text)
            page.get_by_role("button", name="Charger", exact=True).click()
            page.wait_for_function("says => document.querySelector('.hx-message').innerText.includes(says)",
                                   arg=says, timeout=PATIENCE * 1000)  # fmt: skip
        page.evaluate("window.forged = ['\"value\":11', '\"value\":99']")
        link.locator(".noUi-handle").focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("() => window.forged === null", timeout=PATIENCE * 1000)
        assert page.locator(".hx-headline").inner_text() == good
        assert volume.locator("input").input_value() == moved
        assert refusal(page)
        path = tmp_path / "bad.yaml"
        path.write_bytes(b"\xff\xfe\x00")
        with page.expect_file_chooser() as chooser:
            page.locator(".widget-upload").click()
        chooser.value.set_files(path)
        page.wait_for_function("() => document.querySelector('.hx-message').innerText.includes('pas un texte')",
                               timeout=PATIENCE * 1000)  # fmt: skip
        assert page.locator(".hx-headline").inner_text() == good
    assert faults == []


@pytest.mark.slow
@pytest.mark.browser
@needs_browser
def test_everything_has_a_name_and_what_belongs_together_lights_up(server):
    address, token, _ = server
    faults = []
    with chromium() as browser:
        page = opened(browser, address, token, faults)
        page.locator(".hx-r-link input").fill("20")
        page.keyboard.press("Enter")
        explained(page, "20\u00a0Gbit/s")
        assert page.evaluate(NAMELESS) == []
        handle = page.locator(".hx-r-link .noUi-handle")
        assert handle.get_attribute("aria-label") == "Débit souscrit, Gbit/s"
        assert "référence 10" in handle.get_attribute("aria-valuetext")
        assert "chances" in page.locator(".hx-live [role=status]").inner_text()
        page.locator(".hx-why li").first.focus()
        lit = page.evaluate("Array.from(document.querySelectorAll('.hx-lit'), e => e.tagName)")
        assert {"LI", "DIV"} <= set(lit)
        with page.expect_download(timeout=PATIENCE * 1000) as got:
            page.locator(".hx-joint .hx-down[data-as=csv]").click()
        text = Path(got.value.path()).read_text(encoding="utf-8-sig")
        rows = list(csv.reader(io.StringIO(text), delimiter=";"))
        shown = page.locator(".hx-joint tbody tr").last.locator("td").all_text_contents()
        assert rows[-1] == shown
        with page.expect_download(timeout=PATIENCE * 1000) as got:
            page.locator(".hx-joint .hx-down[data-as=svg]").click()
        assert Path(got.value.path()).read_text(encoding="utf-8").startswith("<svg")
    assert faults == []


@pytest.mark.slow
@pytest.mark.browser
@needs_browser
@pytest.mark.parametrize("width", [320, 640, 768])  # 640 is a screen of 1280 at 200 %
def test_nothing_is_cut_off_on_a_narrow_page(server, width):
    address, token, _ = server
    faults = []
    with chromium() as browser:
        page = opened(browser, address, token, faults, width=width)
        page.wait_for_selector(".hx-warnings h2", timeout=PATIENCE * 1000)
        wide = page.evaluate(
            "() => Array.from(document.querySelectorAll('.hx *:not(.hx-live *):not(.hx-skip):not(.wide *)'), "
            "e => e.getBoundingClientRect()).filter(r => r.width && r.right > innerWidth + 1).length"
        )
        assert wide == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert faults == []


@pytest.mark.slow
@pytest.mark.browser
@needs_browser
def test_kernels_end_when_pages_are_left_or_closed(server):
    address, token, pid = server
    with chromium() as browser:
        pages = [opened(browser, address, token, []) for _ in range(2)]
        assert len(children(children(pid)[0])) >= 2
        pages[0].goto("about:blank")  # what leaves the page ends its kernel
        pages[1].close()  # what is killed says nothing; the server misses it
        assert no_kernel_left(pages[0], pid)
