"""Pages on paper: PDF through a Chromium of the system, where there is one."""

from __future__ import annotations

import re
import shutil
from importlib.util import find_spec
from pathlib import Path

from hdhplan.report.notebook import RunError
from hdhplan.report.publish import write

#: Names under which systems know a Chromium.
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge")
#: [ms]
_PATIENCE = 120_000
#: The clock and the browser are the only things in a PDF that do not come from its page.
_CLOCK = re.compile(rb"/(CreationDate|ModDate) \(D:\d{14}([^)]*)\)")
_NUMBERS = (
    '<div style="width:100%;font:7pt sans-serif;color:#525252;text-align:center">'
    '<span class="pageNumber"></span> / <span class="totalPages"></span></div>'
)


def chromium() -> str | None:
    """Find the program of a Chromium; None where there is none."""
    return next(filter(None, map(shutil.which, CHROMIUMS)), None)


def why_no_pdf() -> str:
    """Say what is missing to print a PDF, and what to do; empty if nothing is."""
    missing = []
    if find_spec("playwright") is None:
        missing.append("playwright (pip install 'hdhplan[pdf]')")
    if chromium() is None:
        missing.append("a Chromium (on Debian: apt-get install chromium)")
    if not missing:
        return ""
    return (
        f"No PDF can be made here: install {' and '.join(missing)}; "
        "or leave --pdf out and print report.html from your browser."
    )


def print_pages(pages: dict[Path, Path], as_of: str | None) -> str:
    """Print pages as tagged PDF with an outline and page numbers; return the browser's version.

    Parameters
    ----------
    pages
        The file of each page, and that of its PDF.
    as_of
        Date of the facts: the date of the PDF. The same pages give the same bytes with one version
        of Chromium and the same fonts.

    Raises
    ------
    RunError
        If the browser does not print them.
    """
    from playwright.sync_api import Error, sync_playwright

    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=chromium())
            try:
                for page, pdf in pages.items():
                    write(pdf, _undated(_print(browser, page), as_of))
                return browser.version
            finally:
                browser.close()
    except Error as error:
        reason = str(error).partition("\n")[0]
        raise RunError(f"Chromium did not print the page: {reason}") from error


def _print(browser, page: Path) -> bytes:
    """One page, offline and without scripts; from its text, so that no path gets into the PDF."""
    context = browser.new_context(offline=True, java_script_enabled=False)
    sheet = context.new_page()
    sheet.set_default_timeout(_PATIENCE)
    sheet.set_content(page.read_text(encoding="utf-8"))
    made = sheet.pdf(
        prefer_css_page_size=True, print_background=True, tagged=True, outline=True,
        display_header_footer=True, header_template="<span></span>", footer_template=_NUMBERS,
    )  # fmt: skip
    context.close()
    return made


def _undated(pdf: bytes, as_of: str | None) -> bytes:
    """Put the date of the facts in the place of the clock: as long as it, so that nothing moves."""
    day = (as_of or "2000-01-01").replace("-", "").encode()
    return _CLOCK.sub(rb"/\1 (D:" + day + rb"000000\2)", pdf)
