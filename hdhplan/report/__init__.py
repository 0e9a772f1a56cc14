"""Reports: a notebook run by papermill, its page and its files, published whole or not at all."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
import traceback
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hdhplan import __version__
from hdhplan.errors import Fault, InputError
from hdhplan.glossary import GLOSSARY
from hdhplan.kept import KEPT_MIME, of_result
from hdhplan.layers import slug
from hdhplan.reading import find_plan, load_plan
from hdhplan.report.listing import render_index
from hdhplan.report.notebook import (
    RunError,
    as_bytes,
    check_parameters,
    displayed,
    execute,
    home,
    question,
    tidy,
)
from hdhplan.report.printing import print_pages
from hdhplan.report.publish import (
    ReportError,
    only_one,
    publish,
    workshop,
    write,
    write_in_place,
)
from hdhplan.report.rendering import LANGS, TEMPLATES, faults_of, render_page
from hdhplan.result import RESULT_MIME, RESULT_SCHEMA, safe

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from hdhplan.plan import Plan

NOTEBOOK = home() / "notebooks" / "scenario_report.ipynb"
COMPARING = home() / "notebooks" / "compare_scenarios.ipynb"
#: What the notebook of a comparison hands over.
COMPARE_SCHEMA = "hdhplan.compare/1"
#: A page that is mailed; a PDF holds its tags and fonts as well.
MOST_BYTES, MOST_PDF_BYTES = 2_000_000, 8_000_000
_LONGEST_NAME = 60


def make_report(
    scenario: str | Path,
    langs: Iterable[str] = ("fr",),
    draws: int = 262_144,
    seed: int = 1,
    overrides: Iterable[str] = (),
    out: Path | None = None,
    say: Callable[[str], None] = lambda text: None,
    notebook: Path = NOTEBOOK,
    pdf: bool = False,
) -> Path:
    """Make the report of a scenario and return its folder.

    Parameters
    ----------
    scenario
        A name in ``data/scenarios``, or the path of a plan file.
    langs
        ``fr``, ``en`` or both; the first is ``report.html``, the other ``report.<lang>.html``.
    out
        Folder of all reports; ``reports`` of the project by default.
    say
        Told what is being done.
    pdf
        Whether to print each page too; `printing.why_no_pdf` says whether that can be done here.

    Raises
    ------
    InputError
        Before anything runs, if the plan or a parameter is refused.
    ReportError
        If the report was not published; the last one is untouched.
    """
    langs, overrides = tuple(dict.fromkeys(langs)), list(overrides)
    check_langs(langs)
    plan = load_plan(scenario, overrides)
    asked = {"scenario": asked_as(scenario), "draws": draws, "seed": seed, "overrides": overrides}
    name = slug(find_plan(str(scenario)).stem)
    return make(name, [plan], asked, langs, out, say, notebook, pdf)


def make_comparison(
    scenarios: Sequence[str | Path],
    plans: Sequence[Plan],
    langs: Iterable[str] = ("fr",),
    draws: int = 20_000,
    seed: int = 1,
    overrides: Iterable[str] = (),
    out: Path | None = None,
    say: Callable[[str], None] = lambda text: None,
    notebook: Path = COMPARING,
    pdf: bool = False,
) -> Path:
    """Make the page of a comparison and return its folder.

    Parameters
    ----------
    scenarios
        Names in ``data/scenarios``, or paths of plan files; the first is the reference.
    plans
        The same, loaded with their settings.
    overrides
        Settings, for one scenario ``NAME:path=value``.
    langs, out, say, pdf
        As for `make_report`, which raises the same.
    """
    langs, given = tuple(dict.fromkeys(langs)), list(map(str, scenarios))
    check_langs(langs)
    asked = {
        "scenarios": [asked_as(scenario) for scenario in given], "draws": draws, "seed": seed,
        "overrides": [text for setting in overrides for text in _by_number(setting, given)],
    }  # fmt: skip
    whole = "-".join(["compare", *(find_plan(scenario).stem for scenario in given)])
    if len(whole) > _LONGEST_NAME:  # two long lists that begin alike are two folders
        whole = f"{whole[: _LONGEST_NAME - 9]}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}"
    return make(slug(whole), list(plans), asked, langs, out, say, notebook, pdf)


def _by_number(setting: str, scenarios: Sequence[str]) -> list[str]:
    """A setting of a scenario by its number: where a plan file lies is not told on."""
    name, colon, rest = setting.partition(":")
    if not colon or "=" in name or not name:
        return [setting]
    numbers = [i for i, known in enumerate(scenarios, 1) if name in (known, str(i))]
    return [f"{i}:{rest}" for i in numbers] or [setting]


def make(
    name: str, plans: Sequence[Plan], asked: dict, langs: tuple[str, ...], out: Path | None,
    say: Callable[[str], None], notebook: Path, pdf: bool = False,
    also: Callable[[Path, dict], None] | None = None, headed: bool = False,
) -> Path:  # fmt: skip
    """Run a notebook in each language and publish what came out, whole or not at all.

    ``also`` writes further files beside the pages, from their result; a page that is ``headed``
    asks the question of its notebook.
    """
    for lang in langs:
        check_parameters(notebook, asked | {"lang": lang})
    root = (Path(out) if out else home() / "reports").resolve()
    try:
        with workshop(root, name, say) as made:
            try:
                nodes = {lang: _run(notebook, made, asked, lang, say) for lang in langs}
                browser = _write_pages(made, plans, asked, nodes, pdf, headed)
                if also:
                    also(made, displayed(nodes[langs[0]], RESULT_MIME)[0])
                manifest = _manifest(made, plans, asked, list(nodes), notebook, browser)
                write(made / "manifest.json", _json(manifest))
                _check(made)
                publish(made, root / name)
            except (RunError, OSError) as error:
                raise ReportError(_failure(error, made, root, name)) from error
            write_index(root, say)
    except OSError as error:
        raise ReportError(f"No report can be written below {root}: {os_reason(error)}") from error
    return root / name


def check_langs(langs: tuple[str, ...]) -> None:
    """Refuse languages that no page speaks, and none at all."""
    faults = [
        Fault("parameters", None, "lang", repr(str(lang)[:20]), " or ".join(LANGS))
        for lang in langs or ("",)
        if lang not in LANGS
    ]
    if faults:
        raise InputError(faults)


def asked_as(scenario: str | Path) -> str:
    """What the notebook is told: a name, or an absolute path; never what the file says."""
    path = find_plan(str(scenario))
    asked = str(path.resolve()) if str(scenario).endswith((".yaml", ".yml")) else str(scenario)
    if not asked.isprintable():
        found = "a path with characters that cannot be printed"
        raise InputError(Fault("parameters", None, "scenario", found, "", "rename it"))
    return asked


def _run(notebook: Path, made: Path, asked: dict, lang: str, say) -> NotebookNode:
    say(f"Running {notebook.name} ({LANGS[lang]}, {asked['draws']:,} draws) …")
    try:
        node = execute(notebook, made / "run.ipynb", asked | {"lang": lang})
    except RunError as error:
        raise RunError(f"{notebook.name} ({lang}), {error}") from error
    results = displayed(node, RESULT_MIME)
    schema = COMPARE_SCHEMA if "scenarios" in asked else RESULT_SCHEMA
    if len(results) != 1 or results[0].get("schema") != schema:
        wanted = f"one {schema} as {RESULT_MIME}"
        raise RunError(f"{notebook.name} ({lang}) did not display its result: {wanted}")
    return node


def _write_pages(
    made: Path, plans: Sequence[Plan], asked: dict, nodes: dict, pdf: bool, headed: bool
) -> str | None:
    """Write pages, notebooks, numbers and PDFs; return the version of the browser that printed."""
    first = next(iter(nodes))
    results = [displayed(node, RESULT_MIME)[0] for node in nodes.values()]
    kept = displayed(nodes[first], KEPT_MIME)
    if any(result != results[0] for result in results):
        raise RunError("the languages do not give the same numbers")
    if results[0]["meta"]["inputs"] != _inputs(plans):
        raise RunError("an input was changed while the report was being made: try again")
    if headed:
        asking = zip(LANGS, question(nodes[first]), strict=True)
        titles = results[0]["title"]
        results[0] |= {"title": {lang: f"{text} · {titles[lang]}" for lang, text in asking}}
    names = {lang: "report" if lang == first else f"report.{lang}" for lang in nodes}
    pages = {lang: f"{name}.html" for lang, name in names.items()}
    for lang, node in nodes.items():
        title = results[0]["title"][lang]
        sections = _sections(node)
        write(
            made / pages[lang],
            render_page(title, lang, sections, pages, 0 if headed else 2).encode(),
        )
        write(made / f"{names[lang]}.ipynb", as_bytes(_without_paths(tidy(node), asked)))
    (made / "run.ipynb").unlink()
    write(made / "result.json", _json(results[0]))
    if kept or "scenarios" not in asked:  # a week keeps more quantiles than its page shows
        own = kept[0].encode() if kept else of_result(results[0]["data"]).csv()
        write(made / "forecast.csv", own)
    if not pdf:
        return None
    sheets = {made / page: (made / page).with_suffix(".pdf") for page in pages.values()}
    return print_pages(sheets, results[0]["as_of"])


def _inputs(plans: Sequence[Plan]) -> dict[str, str]:
    return {name: digest for plan in plans for name, digest in plan.origin.inputs.items()}


def _sections(node: NotebookNode) -> list[str]:
    found = [html for html in displayed(node, "text/html") if html.startswith("<section")]
    if not found:
        raise RunError("the notebook shows no section of a page")
    return found


def _without_paths(node: NotebookNode, asked: dict) -> NotebookNode:
    """Say a plan file or folder by its name alone: where it lies is no business of a reader's."""
    told = [x for value in asked.values() for x in (value if type(value) is list else [value])]
    paths = {x for x in told if isinstance(x, str) and Path(x).is_absolute()}
    # The longest first: one path may begin another.
    for path in sorted(paths, key=lambda p: (len(p), p), reverse=True):
        for cell in node.cells:
            for spelt in (_in_a_cell, str):
                cell.source = cell.source.replace(spelt(path), spelt(Path(path).name))
    return node


def _in_a_cell(text: str) -> str:
    """A text as papermill writes it into a cell: nothing but ASCII, backslashes doubled."""
    return text.encode("unicode_escape").decode().replace('"', r"\"")


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def _manifest(
    made: Path, plans: Sequence[Plan], asked: dict, langs: list[str], notebook: Path,
    browser: str | None,
) -> dict:  # fmt: skip
    """What made a report. The one place that names the commit, so that pages stay comparable."""
    many = "scenarios" in asked
    names, resolved = [plan.name for plan in plans], [plan.origin.resolved for plan in plans]
    shipped = {"notebook": notebook, "template": TEMPLATES / "report.html.j2"}
    shipped |= {"style": TEMPLATES / "style.css", "glossary": GLOSSARY}
    return safe({
        "schema": "hdhplan.manifest/1",
        **({"scenarios": names} if many else {"scenario": names[0]}),
        "seed": asked["seed"],
        "draws": asked["draws"],
        "langs": langs,
        "overrides": asked["overrides"],
        "inputs": _inputs(plans) | {key: _sha256(path) for key, path in shipped.items()},
        "outputs": {path.name: _sha256(path) for path in sorted(made.iterdir())},
        "versions": {
            "hdhplan": __version__,
            "python": platform.python_version(),
            **{name: version(name) for name in ("numpy", "pydantic", "matplotlib", "papermill")},
            **({"chromium": browser} if browser else {}),
        },
        "git_commit": _commit(),
        **({"plans": resolved} if many else {"plan": resolved[0]}),
    })  # fmt: skip


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _commit() -> str | None:
    """The commit, with a + if files differ from it; None where there is no git."""
    git = ["git", "-C", str(home())]
    try:
        head = subprocess.run(
            [*git, "rev-parse", "HEAD"], capture_output=True, text=True, timeout=20
        )
        changed = subprocess.run(
            [*git, "status", "--porcelain", "--", "hdhplan", "data", "notebooks"],
            capture_output=True, text=True, timeout=20,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return (
        head.stdout.strip() + "+" * bool(changed.stdout.strip()) if head.returncode == 0 else None
    )


def _check(made: Path) -> None:
    """Look at what is to be published as a suspicious reader would."""
    for path in sorted(made.iterdir()):
        size = path.stat().st_size
        most = MOST_PDF_BYTES if path.suffix == ".pdf" else MOST_BYTES
        if not 0 < size < most:
            raise RunError(f"{path.name} has {size:,} bytes; more than 0, less than {most:,}")
    for path in sorted(made.glob("*.html")):
        if faults := faults_of(path.read_text(encoding="utf-8")):
            raise RunError(f"{path.name} is not safe to publish: {', '.join(faults[:3])}")


def _failure(error: Exception, made: Path, root: Path, name: str) -> str:
    """Keep what there is of the notebook, and say what failed, where, and what still stands."""
    reason = str(error) if isinstance(error, RunError) else os_reason(error)
    lines = [f"The report {name} was not published: {reason}"]
    kept = root / "failed" / f"{name}.ipynb"
    if isinstance(error, RunError) and (made / "run.ipynb").exists():
        try:
            kept.parent.mkdir(exist_ok=True)
            write_in_place(kept, (made / "run.ipynb").read_bytes())
            lines.append(f"The notebook as far as it went: {kept}")
        except OSError:
            lines.append("The notebook that failed could not be kept.")
    last = root / name / "report.html"
    lines.append(
        f"The last good report stands: {last}" if last.exists() else "There is no earlier one."
    )
    return "\n".join("\n".join(lines).splitlines()[:10])


def os_reason(error: BaseException) -> str:
    """What the system refused, and where."""
    what = getattr(error, "strerror", None) or traceback.format_exception_only(error)[-1].strip()
    where = getattr(error, "filename", None)
    return f"{what}: {where}" if where else what


def write_index(root: Path, say: Callable[[str], None]) -> None:
    """List all reports, where the list says something else; a report does not fail with its list."""
    try:
        with only_one(root / ".index-lock", say, "index"):
            for left in root.glob(".index.html-*"):  # by a run that was killed: we hold the lock
                left.unlink()
            page, place = render_index(root).encode(), root / "index.html"
            if not place.exists() or place.read_bytes() != page:
                write_in_place(place, page)
    except OSError as error:
        say(f"The list of reports is not up to date: {os_reason(error)}")
