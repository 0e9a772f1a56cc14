"""Laws of publishing: the last good report stands until a whole new one takes its place."""

from __future__ import annotations

import copy
import csv
import errno
import hashlib
import importlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from hdhplan import report as reporting
from hdhplan.cli import main
from hdhplan.errors import InputError
from hdhplan.layers import slug
from hdhplan.report import NOTEBOOK, make_report
from hdhplan.report.listing import render_index
from hdhplan.report.notebook import (
    as_bytes,
    check_parameters,
    execute,
    home,
    kernel_environment,
    tidy,
)
from hdhplan.report.publish import ReportError, only_one, publish, workshop, write_in_place
from hdhplan.report.rendering import faults_of
from hdhplan.tests.test_page import HOSTILE, Reader, written

publishing = importlib.import_module("hdhplan.report.publish")

DRAWS = 200
FILES = {"report.html", "report.ipynb", "result.json", "forecast.csv", "manifest.json"}


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """One real report in both languages, and the notebooks as papermill left them."""
    hostile = " ".join(text for text in HOSTILE if len(text) < 60)[:400]
    plan = written(tmp_path_factory.mktemp("plan"), hostile, hostile)
    out = tmp_path_factory.mktemp("out")
    nodes, real = {}, reporting._run

    def run(notebook, made, asked, lang, say):
        node = real(notebook, made, asked, lang, say)
        nodes[lang] = copy.deepcopy(node)
        return node

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reporting, "_run", run)
        folder = make_report(plan, ("fr", "en"), draws=DRAWS, out=out)
    return plan, folder, nodes


def _outputs(cell):
    return cell.get("outputs", ())


@pytest.fixture
def quick(runs, monkeypatch):
    """Makes reports from what was run already: all but papermill, with few of the sections."""
    plan, _, nodes = runs
    short = {lang: copy.deepcopy(node) for lang, node in nodes.items()}
    for node in short.values():
        showing = [
            c for c in node.cells if any("text/html" in o.get("data", ()) for o in _outputs(c))
        ]
        node.cells = [cell for cell in node.cells if cell not in showing[1:]]

    def run(notebook, made, asked, lang, say):
        (made / "run.ipynb").write_bytes(as_bytes(short[lang]))
        return copy.deepcopy(short[lang])

    monkeypatch.setattr(reporting, "_run", run)
    return plan


def test_a_report_is_a_folder_of_whole_files(runs):
    plan, folder, _ = runs
    assert folder.name == "small"
    assert {path.name for path in folder.iterdir()} == FILES | {"report.en.html", "report.en.ipynb"}
    result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert result["meta"]["draws"] == manifest["draws"] == DRAWS
    assert result["answer"]["fr"] != result["answer"]["en"]
    for name, digest in manifest["outputs"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    sha256 = hashlib.sha256(plan.read_bytes()).hexdigest()
    assert manifest["inputs"]["small.yaml"] == sha256
    assert manifest["plan"]["datasets"]["claims"]["route"] == "link"


def test_pages_of_two_languages_lead_to_each_other(runs):
    _, folder, _ = runs
    french = (folder / "report.html").read_text("utf-8")
    english = (folder / "report.en.html").read_text("utf-8")
    assert '<html lang="fr">' in french
    assert 'href="report.en.html"' in french
    assert '<html lang="en">' in english
    assert 'href="report.html"' in english
    assert faults_of(french) == faults_of(english) == []


def test_the_table_of_quantiles_holds_the_numbers_of_the_result(runs):
    _, folder, _ = runs
    data = json.loads((folder / "result.json").read_text("utf-8"))["data"]
    rows = list(csv.DictReader(io.StringIO((folder / "forecast.csv").read_text("utf-8"))))
    assert len(rows) == 4 * len(data["quantiles"]) + len(data["events"])
    row = next(r for r in rows if r["quantity"] == "finish_day" and r["p"] == "0.8")
    assert float(row["value"]) == data["quantiles"]["finish_day"]["p80"]
    assert float(row["standard_error"]) == data["quantiles"]["finish_day"]["se"]["p80"]
    assert row["date"] == data["dates"]["finish_day"]["p80"]


def test_the_list_of_reports_names_it(runs):
    _, folder, _ = runs
    page = (folder.parent / "index.html").read_text("utf-8")
    assert 'href="small/report.html"' in page
    assert 'href="small/report.en.html"' in page
    assert faults_of(page) == []


def test_a_broken_report_does_not_break_the_list(runs, tmp_path):
    for name, text in {"a": "{", "b": "[]", "c": '{"data": 1}'}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "result.json").write_text(text)
    assert faults_of(render_index(tmp_path)) == []


def test_nothing_tells_of_the_machine_or_of_the_clock(runs):
    plan, folder, _ = runs
    for name, data in files(folder).items():
        text = data.decode("utf-8")
        for leak in (str(plan.parent), str(home()), str(Path.home()) + os.sep, 'papermill": {'):
            assert leak not in text, (name, leak)
    node = nbformat.read(folder / "report.ipynb", as_version=4)
    assert set(node.metadata) == {"kernelspec", "language_info"}
    assert all(set(cell.metadata) <= {"tags"} for cell in node.cells)


def test_hostile_text_does_no_harm_in_a_published_file(runs):
    _, folder, _ = runs
    node = nbformat.read(folder / "report.ipynb", as_version=4)
    pieces = [
        output.data["text/html"]
        for cell in node.cells
        for output in cell.get("outputs", ())
        if "text/html" in output.get("data", {})
    ]
    assert len(pieces) == 13
    pieces += [path.read_text("utf-8") for path in folder.glob("*.html")]
    for html in pieces:
        seen = Reader(html)
        assert not seen.of("script") + seen.of("img") + seen.of("iframe")
        assert not any(name.startswith("on") for _, attrs in seen.tags for name in attrs)
        assert all((attrs.get("href") or "#")[0] in "#r" for _, attrs in seen.tags)
    assert not any(cell.cell_type == "markdown" and "script" in cell.source for cell in node.cells)
    first_cells = (folder / "forecast.csv").read_text("utf-8").splitlines()
    assert not any(line[:1] in "=+-@" for line in first_cells)


@pytest.mark.slow
def test_the_same_inputs_give_the_same_bytes(runs, tmp_path):
    plan, folder, _ = runs
    again = make_report(plan, ("fr", "en"), draws=DRAWS, out=tmp_path)
    assert files(again) == files(folder)


def test_a_kernel_sees_no_credential(monkeypatch):
    monkeypatch.setenv("AZURE_STORAGE_KEY", "not-for-notebooks")
    seen = kernel_environment()
    assert "AZURE_STORAGE_KEY" not in seen
    assert Path(seen["PYTHONPATH"].split(os.pathsep)[0]) == home()


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"scenari": "base"}, "Did you mean scenario"),
        ({"draws": 1.5}, "a int"),
        ({"draws": True}, "a int"),
        ({"draws": "5000"}, "a int"),
        ({"overrides": ("a=1",)}, "a list"),
        ({"overrides": [1]}, "list of int"),
        ({"print": "x"}, "no such parameter"),
        ({"a;import os": 1}, "no such parameter"),
    ],
)
def test_a_wrong_parameter_is_refused_before_anything_runs(given, named):
    with pytest.raises(InputError) as error:
        check_parameters(NOTEBOOK, given)
    assert named in str(error.value)


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        # A parameter of the command: usage, with the option that was meant.
        (["--drawz", "500"], 2, "options: --draws)"),
        (["--draws", "many"], 2, "'--draws'"),
        (["--draws", "1.5"], 2, "'--draws'"),
        (["--draws", "5"], 2, "100"),
        (["--seed", "-1"], 2, "0"),
        (["--lang", "FR"], 2, "fr or en"),
        # A parameter of the plan: input, with its nearest name, its type and its line.
        (["bsae"], 3, "Did you mean base?"),
        (["--set", "routs.azure.rate_gbps=5"], 3, "Did you mean routes?"),
        (["--set", "routes.azure.rate_gpbs=5"], 3, "Did you mean rate_gbps?"),
        (["--set", "routes.azure.rate_gbps=fast"], 3, "'fast'"),
        (["--set", "target.finish=soon"], 3, "'soon'"),
        (["--set", "routes.azure.rate_gbps"], 3, "path.to.field=value"),
    ],
)
def test_a_typo_or_a_wrong_type_stops_the_command_before_the_run(
    argv, code, said, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(reporting, "_run", lambda *_: pytest.fail("it ran"))
    assert main(["report", *argv, "--out", str(tmp_path / "out")]) == code
    shown = capsys.readouterr()
    assert said in " ".join(shown.err.split())
    assert shown.out == ""
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("langs", [(), ("de",), ("fr", "../x"), ("FR",)])
def test_an_unknown_language_is_refused(langs, runs, tmp_path):
    with pytest.raises(InputError):
        make_report(runs[0], langs, draws=DRAWS, out=tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_refused_plan_runs_and_writes_nothing(tmp_path):
    plan = tmp_path / "bad.yaml"
    plan.write_text("schema: hdhplan.plan/1\nname: bad\nstrat: 2026-04-23\n", encoding="utf-8")
    with pytest.raises(InputError):
        make_report(plan, draws=DRAWS, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("base", "base"), ("../../x", "x"), ("/abs", "abs"), ("a/b", "a-b"), ("C:", "c"),
        ("nul", "nul-plan"), ("failed", "failed-plan"), (".", "plan"), ("é" * 300, "e" * 60),
        ("a\0b", "a-b"), ("x ", "x"), ("{x}", "x"), ("s3://b", "s3-b"), ("-rf", "rf"),
    ],
)  # fmt: skip
def test_a_folder_has_a_harmless_name(name, expected):
    assert slug(name) == expected


def test_braces_in_a_path_are_no_format_string(quick, tmp_path):
    out = tmp_path / "{pm[x].__class__} {0}"
    assert (make_report(quick, draws=DRAWS, out=out) / "report.html").exists()
    check_parameters(_copy_of(NOTEBOOK, tmp_path / "{draft}.ipynb"), {"draws": 1})


def _copy_of(notebook: Path, path: Path, cell: str = "", tag: str = "") -> Path:
    """A small notebook with the parameters of the real one, and one cell of our own."""
    real = nbformat.read(notebook, as_version=4)
    parameters = next(c for c in real.cells if "parameters" in c.metadata.get("tags", ()))
    real.cells = [parameters, nbformat.v4.new_code_cell(cell)] if cell else [parameters]
    nbformat.write(real, path)
    return path


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("assert draws == 1, 'too many'", "AssertionError: too many"),
        ("import os; os.kill(os.getpid(), 9)", "the calculation was killed"),
        ("pass", "did not display its result"),
        (
            "from IPython.display import display\n"
            "display({'application/vnd.hdhplan.result+json': {}}, raw=True)",
            "did not display its result: one hdhplan.report/1",
        ),
    ],
)
def test_a_run_that_fails_leaves_the_last_report_alone(cell, said, quick, tmp_path, monkeypatch):
    folder = make_report(quick, draws=DRAWS, out=tmp_path)
    before = files(folder)
    monkeypatch.undo()
    failing = _copy_of(NOTEBOOK, tmp_path / "failing.ipynb", cell)
    with pytest.raises(ReportError) as error:
        make_report(quick, draws=DRAWS, out=tmp_path, notebook=failing)
    message = str(error.value)
    assert said in message
    assert str(folder / "report.html") in message
    assert len(message.splitlines()) <= 10
    assert files(folder) == before
    assert (tmp_path / "failed" / "small.ipynb").exists()
    assert not list(tmp_path.glob(".partial-*"))


def test_papermill_runs_this_python_whatever_kernel_is_installed(tmp_path, monkeypatch):
    other = tmp_path / "kernels" / "python3"
    other.mkdir(parents=True)
    broken = {"argv": ["no-such-python"], "display_name": "other", "language": "python"}
    (other / "kernel.json").write_text(json.dumps(broken))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    cell = "import sys, hdhplan\nprint(sys.executable)\nprint(hdhplan.__file__)"
    node = execute(_copy_of(NOTEBOOK, tmp_path / "x.ipynb", cell), tmp_path / "out.ipynb")
    assert node.cells[-1].outputs[0].text.split("\n")[:2] == [
        sys.executable, str(home() / "hdhplan" / "__init__.py"),
    ]  # fmt: skip


def nth_fails(monkeypatch, n: int, code: int = errno.ENOSPC) -> list[str]:
    """Make the n-th write, flush to disk or rename fail, whichever it is; return the calls."""
    calls: list[str] = []

    def guard(owner, name):
        real = getattr(owner, name)

        def called(*args, **options):
            mode = str(args[1] if len(args) > 1 else options.get("mode", "r"))
            if name == "open" and not set(mode) & set("wax+"):
                return real(*args, **options)
            calls.append(name)
            if len(calls) == n:
                raise OSError(code, os.strerror(code), str(args[0]))
            return real(*args, **options)

        monkeypatch.setattr(owner, name, called)

    for owner, name in ((os, "replace"), (os, "fsync"), (os, "mkdir"), (Path, "open")):
        guard(owner, name)
    guard(publishing, "exchange")
    return calls


@pytest.mark.parametrize("exchanges", [True, False])
def test_whatever_write_fails_the_reader_sees_the_old_or_the_new(
    exchanges, quick, tmp_path, monkeypatch
):
    make_report(quick, draws=DRAWS, out=tmp_path)
    place = tmp_path / "small"
    old = files(place)
    new = {name for name in (*old, "report.en.html", "report.en.ipynb")}
    published = False
    for n in range(1, 200):
        with monkeypatch.context() as patch:
            if not exchanges:
                patch.setattr(publishing, "exchange", lambda made, place: False)
            calls = nth_fails(patch, n)
            failed = None
            try:
                make_report(quick, ("fr", "en"), draws=DRAWS, out=tmp_path)
            except ReportError as error:
                failed = str(error)
        seen = files(place)
        if failed:
            assert seen == old, (n, calls[-1])
            assert "No space left" in failed
            assert len(failed.splitlines()) <= 10
        else:
            assert set(seen) == new, (n, calls[-1])
            published = True
        if len(calls) < n:
            break
        # Put the old one back for the next round.
        if not failed:
            shutil.rmtree(place)
            place.mkdir()
            for name, data in old.items():
                (place / name).write_bytes(data)
    assert published
    assert n > 10
    assert not [path.name for path in tmp_path.glob(".[po]*")]


def test_a_run_killed_between_two_renames_is_mended_by_the_next(tmp_path):
    aside = tmp_path / ".old-small-99"
    aside.mkdir()
    (aside / "report.html").write_text("last good")
    left = tmp_path / ".partial-small-98"
    left.mkdir()
    other = tmp_path / ".partial-small-but-another-97"
    other.mkdir()
    with workshop(tmp_path, "small", print) as made:
        assert list(made.iterdir()) == []
        assert (tmp_path / "small" / "report.html").read_text() == "last good"
        assert not left.exists()
    assert not made.exists()
    assert other.exists()


def test_an_exchange_leaves_no_moment_without_a_report(tmp_path):
    """A reader who looks all the time finds the one or the other."""
    place = tmp_path / "small"
    place.mkdir()
    (place / "report.html").write_text("0")
    look = (
        "import sys, pathlib\n"
        "p, bad = pathlib.Path(sys.argv[1]), 0\n"
        "stop = p.parent.parent / 'stop'\n"
        "while not stop.exists():\n"
        "    try: p.read_text()\n"
        "    except FileNotFoundError: bad += 1\n"
        "print(bad)\n"
    )
    reader = subprocess.Popen(
        [sys.executable, "-c", look, str(place / "report.html")], stdout=subprocess.PIPE, text=True
    )
    for i in range(300):
        made = tmp_path / "made"
        made.mkdir()
        (made / "report.html").write_text(str(i))
        publish(made, place)
        for path in made.glob("*") if made.exists() else ():
            path.unlink()
        if made.exists():
            made.rmdir()
    (tmp_path / "stop").touch()
    missing = int(reader.communicate(timeout=20)[0])
    if sys.platform == "linux":
        assert missing == 0


def test_a_second_run_waits_then_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(publishing, "PATIENCE", 0.3)
    said = []
    with (
        only_one(tmp_path / ".lock-x", said.append, "x"),
        pytest.raises(ReportError, match="Another run"),
        workshop(tmp_path, "x", said.append),
    ):
        pass
    assert len(said) == 1
    with workshop(tmp_path, "x", said.append) as made:
        assert made.exists()


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    write_in_place(path, b"old")

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_in_place(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_ctrl_c_publishes_nothing_and_leaves_nothing(quick, tmp_path, monkeypatch):
    folder = make_report(quick, draws=DRAWS, out=tmp_path)
    before = files(folder)

    def interrupted(made, place):
        raise KeyboardInterrupt

    monkeypatch.setattr(reporting, "publish", interrupted)
    with pytest.raises(KeyboardInterrupt):
        make_report(quick, draws=DRAWS, out=tmp_path)
    assert files(folder) == before
    assert not list(tmp_path.glob(".partial-*"))


def _start(plan: Path, out: Path) -> subprocess.Popen:
    code = (
        "import sys; from pathlib import Path; from hdhplan.report import make_report\n"
        f"make_report(sys.argv[1], draws={DRAWS}, out=Path(sys.argv[2]), say=print)"
    )
    command = [sys.executable, "-c", code, str(plan), str(out)]
    return subprocess.Popen(
        command, cwd=home(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_a_killed_run_leaves_the_last_report_whole_and_the_next_one_cleans_up(quick, tmp_path):
    folder = make_report(quick, draws=DRAWS, out=tmp_path)
    before = files(folder)
    run = _start(quick, tmp_path)
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(".partial-*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1.5)
    run.send_signal(signal.SIGKILL)
    run.communicate(timeout=20)
    assert list(tmp_path.glob(".partial-*"))
    assert files(folder) == before
    assert files(make_report(quick, draws=DRAWS, out=tmp_path)) == before
    assert not list(tmp_path.glob(".partial-*"))


@pytest.mark.slow
def test_two_at_once_do_not_harm_each_other(runs, tmp_path):
    plan, folder, _ = runs
    both = [_start(plan, tmp_path) for _ in range(2)]
    said = [run.communicate(timeout=120)[0] for run in both]
    assert [run.returncode for run in both] == [0, 0], said
    made = files(tmp_path / "small")
    assert set(made) == FILES
    assert made["result.json"] == files(folder)["result.json"]
    assert sum("waiting" in text for text in said) <= 1


def test_tidying_twice_changes_nothing(runs):
    once = as_bytes(tidy(copy.deepcopy(runs[2]["fr"])))
    assert as_bytes(tidy(nbformat.reads(once.decode(), as_version=4))) == once
