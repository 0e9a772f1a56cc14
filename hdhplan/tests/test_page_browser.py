"""Pages as a browser shows them: no request, no fault, nothing cut, at any width and on paper."""

from __future__ import annotations

import pytest

from hdhplan.report.listing import render_index
from hdhplan.report.printing import chromium, why_no_pdf
from hdhplan.tests.pages import SHIPPED, shipped

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(bool(why_no_pdf()), reason="needs a Chromium and playwright"),
]
PAGES = [(name, lang) for name in SHIPPED for lang in ("fr", "en")]
#: Widths of a small telephone, a telephone, a screen of 1,280 at 200 %, and that screen. [px]
WIDTHS = (320, 400, 640, 1280)
#: Width of the print of an A4 sheet: 210 mm less two margins of 14. [px]
A4 = 688
TOO_WIDE = """width => [...document.querySelectorAll('body *')]
  .filter(e => !e.parentElement.closest('.scroll') && !e.matches('.skip, .skip *'))
  .filter(e => e.getBoundingClientRect().right > width + 1 && e.getClientRects().length)
  .map(e => `${e.tagName} ${e.className} ${e.textContent.slice(0, 40)}`)"""
CUT = """width => [...document.querySelectorAll('table, svg, summary, p, li, dd')]
  .filter(e => e.getClientRects().length && e.getBoundingClientRect().right > width + 1)
  .map(e => `${e.tagName} ${e.textContent.slice(0, 40)}`)"""
PALE = """() => {
  const parts = c => c.match(/[\\d.]+/g).map(Number);
  const light = c => { const f = x => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = c.map(x => f(x / 255)); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = e => { for (; e; e = e.parentElement) {
    const c = parts(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c.slice(0, 3); } return [255, 255, 255]; };
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let seen = 0;
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const e = node.parentElement;
    if (!node.data.trim() || e.closest('title, desc')) continue;
    const style = getComputedStyle(e);
    const ink = parts(e.closest('svg') ? style.fill : style.color).slice(0, 3);
    const [low, high] = [light(ink), light(ground(e))].sort((a, b) => a - b);
    seen += 1;
    if ((high + 0.05) / (low + 0.05) < 4.5) found.push(`${ink} ${node.data.slice(0, 40)}`);
  }
  return [seen, found]; }"""
ORDER = """() => [...document.querySelectorAll('*')].indexOf(document.activeElement)"""
OUTLINE = """() => { const s = getComputedStyle(document.activeElement);
  return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2; }"""
#: What is hidden is only known anew once a frame was drawn.
DRAWN = "() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))"
FOLDED = """() => [...document.querySelectorAll('details > :not(summary)')]
  .filter(e => !e.checkVisibility({contentVisibilityAuto: true}))
  .map(e => e.textContent.slice(0, 40))"""


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        program = play.chromium.launch(executable_path=chromium())
        yield program
        program.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("pages")
    for name, lang in PAGES:
        (root / f"{name}.{lang}.html").write_text(shipped(name, lang), encoding="utf-8")
    (root / "index.html").write_text(render_index(root), encoding="utf-8")
    return root


@pytest.fixture
def sheet(browser):
    context = browser.new_context(offline=True)
    page = context.new_page()
    yield page
    context.close()


FILES = [f"{name}.{lang}.html" for name, lang in PAGES] + ["index.html"]
#: The fullest page in the longer language, the shortest in the other, and the list of them.
SOME = ["base.fr.html", "other_platform.en.html", "index.html"]


@pytest.mark.parametrize("file", FILES)
def test_a_page_asks_for_nothing_and_breaks_no_rule_of_its_policy(file, folder, sheet):
    asked, said = [], []
    sheet.on("request", lambda request: asked.append(request.url))
    sheet.on("console", lambda message: said.append(message.text))
    sheet.on("pageerror", lambda error: said.append(str(error)))
    sheet.goto((folder / file).as_uri(), wait_until="networkidle")
    assert asked == [(folder / file).as_uri()]
    assert said == []


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ("<p style='color:red'>x</p>", "style"),
        ("<script>document.title = 'x'</script>", "script"),
        ("<img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>", "img"),
        ("<style>p { color: red }</style>", "style"),
    ],
)
def test_the_policy_stops_what_is_not_the_page_s_own(more, wanted, folder, sheet):
    said = []
    sheet.on("console", lambda message: said.append(message.text))
    html = shipped("other_platform", "fr").replace("</main>", f"{more}</main>")
    sheet.set_content(html)
    assert sheet.title() != "x"
    assert any("Content Security Policy" in text and wanted in text for text in said)


@pytest.mark.parametrize("file", SOME)
def test_nothing_but_a_table_s_own_box_scrolls_sideways(file, folder, sheet):
    for width in WIDTHS:
        sheet.set_viewport_size({"width": width, "height": 900})
        sheet.goto((folder / file).as_uri())
        sheet.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert sheet.evaluate("document.documentElement.scrollWidth") <= width
        assert sheet.evaluate(TOO_WIDE, width) == [], width


@pytest.mark.parametrize("file", SOME)
def test_paper_shows_what_is_folded_and_cuts_nothing(file, folder, sheet):
    sheet.set_viewport_size({"width": A4, "height": 1000})
    sheet.goto((folder / file).as_uri())
    if file != "index.html":
        assert sheet.evaluate(FOLDED)
    sheet.emulate_media(media="print")
    sheet.evaluate(DRAWN)
    assert sheet.evaluate(FOLDED) == []
    assert sheet.evaluate(CUT, A4) == []


@pytest.mark.parametrize("file", SOME)
def test_every_text_can_be_read_on_its_ground(file, folder, sheet):
    sheet.goto((folder / file).as_uri())
    for media in ("screen", "print"):
        sheet.emulate_media(media=media)
        sheet.evaluate(DRAWN)
        seen, pale = sheet.evaluate(PALE)
        assert seen > (2 if file == "index.html" else 500)
        assert pale == []


@pytest.mark.parametrize("file", SOME)
def test_keys_lead_through_the_page_in_its_own_order_and_are_seen(file, folder, sheet):
    sheet.goto((folder / file).as_uri())
    places = []
    for _ in range(12):
        sheet.keyboard.press("Tab")
        place = sheet.evaluate(ORDER)
        if places and place <= places[-1]:
            break  # round again
        places.append(place)
        assert sheet.evaluate(OUTLINE)
    assert places
    sheet.goto((folder / file).as_uri())
    sheet.keyboard.press("Tab")
    sheet.keyboard.press("Enter")
    assert sheet.evaluate("document.activeElement.id") == "main"
