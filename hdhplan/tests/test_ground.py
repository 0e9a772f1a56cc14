"""The ground: the lock, the conda route, and what run.py promises before anything is installed."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import signal
import subprocess
import sys
import tomllib
from importlib.metadata import metadata

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version
from rattler import MatchSpec

from hdhplan.ground import REFERENCE_PYTHON, ROOT, conda_spec, environment

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RUNTIME = [Requirement(line) for line in PROJECT["dependencies"]]
TOOLS = [Requirement(line) for line in PROJECT["optional-dependencies"]["dev"]]
ACCEPTED = SpecifierSet(PROJECT["requires-python"])
PYTHON = sys.executable


@pytest.fixture
def run():
    """Load run.py as a module: it lies beside the package."""
    spec = importlib.util.spec_from_file_location("run", ROOT / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tree(tmp_path, run, monkeypatch):
    """A tree of which the environment holds Python alone: made in a blink, without a network."""
    (tmp_path / "requirements.lock").write_text("one==1\ntwo==2 ; x\ntwo==3 ; y\n")
    (tmp_path / "pyproject.toml").write_text("")
    make = [PYTHON, "-m", "venv", "--without-pip", str(tmp_path / ".venv")]
    monkeypatch.setattr(run, "installer", lambda root: [make])
    return tmp_path


def conda_lines():
    lines = (ROOT / "environment.yml").read_text(encoding="utf-8").splitlines()
    start, end = lines.index("dependencies:") + 1, lines.index("  - pip:")
    return [line.removeprefix("  - ") for line in lines[start:end] if line.startswith("  - ")]


def test_environment_yml_is_what_pyproject_says():
    written = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert written == environment(), "run: python -m hdhplan.ground"


@pytest.mark.parametrize("line", conda_lines())
def test_every_line_of_environment_yml_is_a_strict_conda_spec(line):
    assert MatchSpec(line, strict=True).name.normalized in line


def test_conda_python_is_one_that_the_project_accepts():
    assert REFERENCE_PYTHON in ACCEPTED


def test_a_requirement_without_a_conda_spelling_is_refused():
    with pytest.raises(ValueError, match="only a name and bounds"):
        conda_spec("numpy>=2 ; sys_platform == 'win32'")


def test_lock_names_no_host():
    assert "://" not in LOCK
    assert not re.search(r"^\s*(-i|-f|--(extra-)?index|--find|--trusted)", LOCK, re.MULTILINE)


@pytest.mark.parametrize("need", RUNTIME + TOOLS, ids=lambda need: need.name)
def test_lock_pins_every_direct_dependency_within_its_range(need):
    pins = re.findall(r"^([\w.-]+)==([^\s\\;]+)", LOCK, re.MULTILINE)
    mine = [v for name, v in pins if canonicalize_name(name) == canonicalize_name(need.name)]
    assert mine
    assert all(Version(version) in need.specifier for version in mine)


def test_every_pin_has_a_hash():
    pins = re.split(r"^(?=\S)", LOCK, flags=re.MULTILINE)[1:]
    assert len(pins) > len(RUNTIME)
    assert all("--hash=sha256:" in pin for pin in pins)


@pytest.mark.parametrize("need", RUNTIME, ids=lambda need: need.name)
def test_no_direct_dependency_is_under_the_gpl(need):
    about = metadata(need.name)
    classes = [c for c in about.get_all("Classifier") or [] if c.startswith("License")]
    stated = about.get("License-Expression") or " ".join(classes) or about.get("License") or ""
    assert stated
    assert not re.search(r"GPL|GNU|NonCommercial|-NC\b", stated)


def test_run_py_parses_on_python_3_8():
    ast.parse((ROOT / "run.py").read_text(encoding="utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize("version", [(3, 8, 18), (3, 10, 13), (3, 14, 0)])
def test_another_python_gets_a_sentence_and_exit_2(run, capsys, version):
    assert run.main(["report"], version) == 2
    out, err = capsys.readouterr()
    assert not out
    assert "needs Python 3.11, 3.12 or 3.13" in err
    assert ".".join(map(str, version)) in err


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 9), (3, 13, 4)])
def test_the_pythons_of_pyproject_will_do(run, version):
    assert run.wrong_python(version) == ""
    assert ".".join(map(str, version)) in ACCEPTED


def test_nothing_asked_is_a_usage_error(run, capsys):
    assert run.main([]) == 2
    assert "python run.py report" in capsys.readouterr().err


@pytest.mark.parametrize("code", [0, 1, 2, 3, 4, 5, 6, 130])
def test_exit_codes_pass_through(run, code):
    command = [PYTHON, "-c", f"raise SystemExit({code})"]
    assert run.follow(command) == code
    becoming = f"import sys, run; sys.exit(run.become({command!r}))"
    assert subprocess.run([PYTHON, "-c", becoming], cwd=ROOT, check=False).returncode == code


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_killed_step_gives_the_shells_code(run):
    assert run.follow([PYTHON, "-c", "import os; os.kill(os.getpid(), 9)"]) == 128 + 9


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_waits_for_the_step_and_gives_130(run):
    child = (
        "import time\ntry:\n    print('on', flush=True)\n    time.sleep(60)\n"
        "except KeyboardInterrupt:\n    print('tidy')"
    )
    script = f"import sys, run; sys.exit(run.follow([{PYTHON!r}, '-c', {child!r}]))"
    parent = subprocess.Popen(
        [PYTHON, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert parent.stdout.readline() == "on\n"
    os.killpg(parent.pid, signal.SIGINT)
    assert parent.communicate(timeout=30)[0].strip() == "tidy"
    assert parent.returncode == 130


@pytest.mark.parametrize(
    ("asked", "became"),
    [
        (["report"], ["report", "base", "--lang", "fr", "--lang", "en"]),
        (["report", "evidence"], ["report", "evidence"]),
        (["check", "base", "--json"], ["check", "base", "--json"]),
    ],
)
def test_the_command_asked_is_the_command_run(run, monkeypatch, asked, became):
    monkeypatch.setattr(run, "prepare", lambda root: None)
    monkeypatch.setattr(run, "become", lambda command: command[1:])
    assert run.main(asked) == became


def test_arguments_of_test_go_to_pytest_alone(run, tmp_path):
    assert list(run.checks(tmp_path, ["-k", "foo"])) == ["tests"]
    assert run.checks(tmp_path, ["-k", "foo"])["tests"][-2:] == ["-k", "foo"]
    assert list(run.checks(tmp_path, [])) == ["tests", "ruff check", "ruff format"]
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "a.ipynb").write_text("{}")
    assert list(run.checks(tmp_path, []))[1] == "notebooks"


def test_every_step_runs_and_one_failure_fails_all(run, tmp_path, capsys):
    steps = {
        name: [PYTHON, "-c", f"open('{name}', 'w'); raise SystemExit({code})"]
        for name, code in {"a": 0, "b": 5, "c": 1}.items()
    }
    assert run.run_all(steps, tmp_path) == 5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "c"]
    assert re.search(r"a +passed .*\n +b +failed \(5\)", capsys.readouterr().err)


def test_an_environment_is_made_once_and_a_half_made_one_again(run, tree, capsys):
    run.prepare(tree)
    out, err = capsys.readouterr()
    assert not out
    assert re.fullmatch(r"Installing 2 packages, this once: \d+ s\n", err)
    run.prepare(tree)
    assert capsys.readouterr().err == ""
    (tree / ".venv" / "hdhplan.stamp").unlink()
    (tree / ".venv" / "left over").touch()
    run.prepare(tree)
    assert run.ready(tree)
    assert not (tree / ".venv" / "left over").exists()


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_a_changed_file_makes_the_environment_stale(run, tree, name):
    run.prepare(tree)
    (tree / name).write_text("three==3\n")
    assert not run.ready(tree)


def test_a_failing_installer_leaves_its_last_lines_and_no_stamp(run, tree, monkeypatch):
    failing = [PYTHON, "-c", "for i in range(40): print('line', i)\nraise SystemExit(7)"]
    monkeypatch.setattr(run, "installer", lambda root: [failing])
    with pytest.raises(run.NotInstalledError, match="line 39") as fault:
        run.prepare(tree)
    assert "line 5\n" not in str(fault.value)
    assert not run.ready(tree)


def test_the_lock_has_one_holder_and_does_not_outlive_it(run, tmp_path):
    path = tmp_path / "lock"
    hold = (
        "with run.only_one(pathlib.Path(sys.argv[1])): print('mine', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [PYTHON, "-c", f"import pathlib, run, sys\n{hold}", str(path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout.readline() == "mine\n"
    with path.open("a+") as handle:
        assert not run._locked(handle)
    holder.kill()
    holder.communicate()
    with path.open("a+") as handle:
        assert run._locked(handle)


def test_run_py_leaves_stdout_to_its_command():
    nodes = ast.walk(ast.parse((ROOT / "run.py").read_text(encoding="utf-8")))
    prints = [n for n in nodes if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "print"]
    assert prints
    assert all(any(word.arg == "file" for word in call.keywords) for call in prints)
