"""The house keeps its order: one direction of imports, small rooms, a light front door."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import hdhplan

PACKAGE = Path(hdhplan.__file__).parent
ROOMS = re.findall(r"^``(\w+)``", hdhplan.__doc__, flags=re.MULTILINE)
FRONT = ("__init__.py", "__main__.py")
FILES = sorted(
    p.relative_to(PACKAGE).as_posix()
    for p in PACKAGE.rglob("*.py")
    if "tests" not in p.parts and p.relative_to(PACKAGE).as_posix() not in FRONT
)


def room_of(file):
    """A room is a module or a package of the house: the first step of its path."""
    return file.partition("/")[0].removesuffix(".py")


HEAVY = ("pandas", "matplotlib", "scipy", "papermill", "babel", "jinja2", "nh3", "IPython")


def imports(path):
    """Rooms of the house that a module imports, wherever in the file it does so."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("hdhplan."):
            yield node.module.split(".")[1]
        if isinstance(node, ast.ImportFrom) and node.module == "hdhplan":
            assert {a.name for a in node.names} <= {"__version__"}, (path, node.lineno)


def test_every_room_is_on_the_plan_of_the_house():
    assert sorted(ROOMS) == sorted({room_of(file) for file in FILES})


@pytest.mark.parametrize("file", FILES)
def test_a_room_imports_only_from_rooms_above_it(file):
    above = set(ROOMS[: ROOMS.index(room_of(file)) + 1])
    assert set(imports(PACKAGE / file)) <= above


@pytest.mark.parametrize("file", FILES)
def test_functions_fit_on_a_screen(file):
    tree = ast.parse((PACKAGE / file).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            doc = ast.get_docstring(node, clean=False) or ""
            body = node.end_lineno - node.lineno - doc.count("\n")
            assert body <= 45, f"{file}: {node.name} has {body} lines"


@pytest.mark.parametrize("file", FILES)
def test_public_functions_and_classes_say_what_they_do(file):
    tree = ast.parse((PACKAGE / file).read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{file}: {node.name}"


def test_the_engine_runs_without_heavy_imports():
    code = (
        "import sys, hdhplan\n"
        "plan = hdhplan.load_plan('evidence')\n"
        "hdhplan.simulate(plan, 200)\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_importing_the_package_imports_nothing_else():
    code = "import sys; before = set(sys.modules); import hdhplan; print(len(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) <= 3


def test_an_unknown_public_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="hdhplan has no explode"):
        _ = hdhplan.explode
