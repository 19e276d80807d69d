"""Tests of the structure: imports go down, modules are short and say what they are."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "tinygrad_mlp"

#: From the bottom up; modules of one line never import each other.
LEVELS = [
    {"errors", "arguments", "context", "structures", "docstrings", "formatting", "node", "roles"},
    {"subclasses"},
    {"display", "files", "kernels", "protocols", "reference", "datasets"},
    {"operators", "graph_json"},
    {"data", "watching"},
    {"engine"},
    {"ops", "graph", "copying", "custom"},
    {"recording"},
    {"writing"},
    {"compiling", "drawing"},
    {"nn", "transform", "zoom"},
    {"training", "doctor", "checking", "draw_command"},
    {"cli"},
    {"__main__", "__init__"},
]

MODULES = sorted(PACKAGE.rglob("*.py"))


def unit_of(path):
    """The module or folder of the package that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(path):
    """The units of this package that a file imports when it runs, functions included."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    only_for_types = {
        id(statement)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for statement in node.body
    }
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and id(node) not in only_for_types:
            parts = (node.module or "").split(".")
            if parts[0] == "tinygrad_mlp":
                found |= {parts[1]} if len(parts) > 1 else {name.name for name in node.names}
            assert node.level == 0, f"{path}: relative import"
        elif isinstance(node, ast.Import):
            found |= {
                n.name.split(".")[1] for n in node.names if n.name.startswith("tinygrad_mlp.")
            }
    return found - {unit_of(path)} - {"__version__"}


def test_every_module_has_its_level():
    assert set().union(*LEVELS) == {unit_of(path) for path in MODULES}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_only_go_down(path):
    level = next(i for i, units in enumerate(LEVELS) if unit_of(path) in units)
    below = set().union(*LEVELS[:level])
    assert imports_of(path) <= below


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_every_module_says_in_one_sentence_what_it_is(path):
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    first = docstring.split("\n\n")[0]
    assert first.endswith(".")
    assert len(first) <= 100


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_nobody_asserts_what_a_user_could_get_wrong(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Assert)]
