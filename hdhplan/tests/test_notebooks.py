"""Laws of the notebooks: short cells that call the package, and run from first to last."""

from __future__ import annotations

import ast
import re

import nbformat
import pytest

from hdhplan.errors import InputError
from hdhplan.report.notebook import as_bytes, check_parameters, displayed, home, tidy
from hdhplan.report.publish import ReportError
from hdhplan.report.refresh import refresh_notebooks
from hdhplan.result import RESULT_MIME

#: The explorer shows controls and no numbers of its own: test_explorer holds its laws.
NOTEBOOKS = sorted(p for p in (home() / "notebooks").glob("*.ipynb") if p.stem != "explorer")
LINES = 12
_NOT_HERE = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.Try,
    ast.With, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp,
)  # fmt: skip


def read(path):
    return nbformat.read(path, as_version=4)


def code_of(node):
    return [cell for cell in node.cells if cell.cell_type == "code"]


def untidy(node):
    """What is wrong with a notebook: not run in order, long cells, logic of its own."""
    counts = [cell.execution_count for cell in code_of(node)]
    if counts != list(range(1, len(counts) + 1)):
        yield "not run from the first cell to the last"
    for cell in code_of(node):
        if len(cell.source.splitlines()) > LINES:
            yield f"a cell of more than {LINES} lines"
        for found in ast.walk(ast.parse(cell.source)):
            if isinstance(found, _NOT_HERE):
                yield type(found).__name__


def test_every_question_has_its_notebook():
    asked = {"1_volumes", "2_transfer", "3_costs", "4_timeline", "5_risk"}
    asked |= {"scenario_report", "compare_scenarios", "forecast_score", "weekly_report"}
    assert asked == {path.stem for path in NOTEBOOKS}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_reads_as_a_memo(path):
    node = read(path)
    assert list(untidy(node)) == []
    title, *_ = node.cells[0].source.splitlines()
    assert title.startswith("# ")
    assert title.count("?") == 2  # one question, in French and in English
    headings = [c.source for c in node.cells[1:] if c.cell_type == "markdown"]
    assert all(text.startswith("## ") and " · " in text for text in headings)


@pytest.mark.parametrize(
    ("source", "count", "fault"),
    [
        ("1", None, "not run from the first cell to the last"),
        ("1", 2, "not run from the first cell to the last"),
        ("\n".join(["1"] * (LINES + 1)), 1, f"a cell of more than {LINES} lines"),
        ("def f(): pass", 1, "FunctionDef"),
        ("class A: pass", 1, "ClassDef"),
        ("for x in (): pass", 1, "For"),
        ("[x for x in ()]", 1, "ListComp"),
    ],
)
def test_an_untidy_notebook_is_refused(source, count, fault):
    cell = nbformat.v4.new_code_cell(source, execution_count=count)
    assert list(untidy(nbformat.v4.new_notebook(cells=[cell]))) == [fault]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_has_one_cell_of_typed_parameters(path):
    tagged = [c for c in code_of(read(path)) if "parameters" in c.metadata.get("tags", ())]
    assert len(tagged) == 1
    for line, statement in zip(
        tagged[0].source.splitlines(), ast.parse(tagged[0].source).body, strict=True
    ):
        assert isinstance(statement, ast.AnnAssign)
        value = ast.literal_eval(statement.value)
        assert type(value).__name__ == ast.unparse(statement.annotation)
        assert line.count("=") == 1  # papermill's inspector overlooks a line with two
        check_parameters(path, {statement.target.id: value})
        with pytest.raises(InputError, match=f"(?i)did you mean {statement.target.id}"):
            check_parameters(path, {statement.target.id[:-1]: value})
        with pytest.raises(InputError, match="a NoneType"):
            check_parameters(path, {statement.target.id: None})
    with pytest.raises(InputError, match=r"(?i)did you mean overrides"):
        check_parameters(path, {"overides": []})
    with pytest.raises(InputError, match="a str; a int"):
        check_parameters(path, {"draws": "5000"})


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_committed_as_it_ran(path):
    node = read(path)
    assert as_bytes(tidy(read(path))) == path.read_bytes()
    assert len(displayed(node, RESULT_MIME)) == 1
    assert path.stat().st_size < 1_000_000
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"/(home|root|tmp|work|Users)/", text)
    assert not [o for c in code_of(node) for o in c.outputs if o.output_type == "error"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_gives_something_to_compare(path):
    """The comparing plugin passes whatever it finds where no cell is marked."""
    marked = [c for c in code_of(read(path)) if c.source.startswith("# NBVAL_CHECK_OUTPUT")]
    assert any(len(output.text) > 500 for cell in marked for output in cell.outputs)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_ends_with_what_must_hold(path):
    last = code_of(read(path))[-1]
    assert "assert" in last.source
    assert "✓" in last.outputs[0].data["text/plain"]


def _notebook(path, *cells):
    sources = ["x: int = 1", *cells]
    node = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    node.cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(node, path)
    return path


def test_refreshing_twice_changes_nothing(tmp_path):
    path = _notebook(tmp_path / "a.ipynb", "print(x + 1)", "x")
    assert refresh_notebooks(tmp_path) == [path]
    assert code_of(read(path))[1].outputs[0].text == "2\n"
    once = path.read_bytes()
    assert refresh_notebooks(tmp_path, ["a.ipynb"]) == []
    assert path.read_bytes() == once


def test_a_notebook_that_fails_is_left_as_it_was(tmp_path):
    path = _notebook(tmp_path / "a.ipynb", "1 / 0")
    before = path.read_bytes()
    with pytest.raises(ReportError, match="ZeroDivisionError"):
        refresh_notebooks(tmp_path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_an_unknown_notebook_is_refused(tmp_path):
    _notebook(tmp_path / "scenario.ipynb")
    with pytest.raises(InputError, match="scenario"):
        refresh_notebooks(tmp_path, ["scenari"])
