"""Tests of the structure: rooms, imports that go down, modules that fit a sitting."""

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "tinygrad_mlp"

#: From the bottom up.
ROOMS = [
    "errors",
    "kernels",
    "reference",
    "_support",
    "core",
    "datasets",
    "ops",
    "checking",
    "functional",
    "graphs",
    "programs",
    "drawing",
    "teaching",
    "nn",
    "sklearn",
    "__init__",
    "commands",
    "__main__",
]

#: One row after the other, so they may be long.
TABLES = [
    "__init__",
    "checking.doctor.mistakes",
    "core.functions",
    "core.methods",
    "core.operators",
    "kernels",
    "ops.elementwise",
    "ops.indexing",
    "ops.joining",
    "ops.reductions",
    "ops.shapes",
]

LONGEST = 300


def name_of(path):
    """The dotted name of a module inside the package; a folder has that of its ``__init__``."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def room_of(module):
    return module.split(".")[0]


def imports_of(module):
    """The modules of this package that one imports, inside functions and for types too."""
    found = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            if node.module.split(".")[0] == "tinygrad_mlp":
                inside = node.module.split(".")[1:]
                for alias in node.names:
                    longer = ".".join([*inside, alias.name])
                    found.add(longer if longer in MODULES else ".".join(inside) or "__init__")
        elif isinstance(node, ast.Import):
            names = (alias.name.split(".") for alias in node.names)
            found |= {".".join(rest) for first, *rest in names if first == "tinygrad_mlp"}
    return found - {module}


IMPORTS = {module: imports_of(module) for module in MODULES}


def lines_of_code(module):
    """How many lines are neither blank, nor comment, nor docstring."""
    text = MODULES[module].read_text(encoding="utf-8")
    docstrings = set()
    for node in ast.walk(ast.parse(text)):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            value = body[0].value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                docstrings |= set(range(body[0].lineno, body[0].end_lineno + 1))
    blank = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
    code = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in (*blank, tokenize.ENDMARKER):
            code |= set(range(token.start[0], token.end[0] + 1))
    return len(code - docstrings)


def function_of(module, name):
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    return next(n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == name)


def length_of_body(function):
    """How many lines a function has below its docstring."""
    first = function.body[1] if ast.get_docstring(function) else function.body[0]
    return function.end_lineno - first.lineno + 1


def test_every_module_stands_in_a_room():
    assert set(ROOMS) == {room_of(module) for module in MODULES}
    assert len([room for room in ROOMS if room in MODULES and MODULES[room].parent == PACKAGE]) <= 8


@pytest.mark.parametrize("module", MODULES)
def test_imports_only_go_down(module):
    below = set(ROOMS[: ROOMS.index(room_of(module)) + 1])
    assert {room_of(other) for other in IMPORTS[module]} <= below


def test_no_modules_import_each_other_in_a_circle_not_even_for_types():
    waiting = {module: set(others) & MODULES.keys() for module, others in IMPORTS.items()}
    while free := [module for module, others in waiting.items() if not others]:
        for module in free:
            del waiting[module]
        for others in waiting.values():
            others.difference_update(free)
    assert not waiting


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_in_one_sentence_what_it_is(module):
    docstring = ast.get_docstring(ast.parse(MODULES[module].read_text(encoding="utf-8")))
    first = docstring.split("\n\n")[0]
    assert first.endswith(".")
    assert len(first) <= 100


@pytest.mark.parametrize("module", [module for module in MODULES if module not in TABLES])
def test_every_module_can_be_read_in_one_sitting(module):
    assert len(MODULES[module].read_text(encoding="utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("module", MODULES)
def test_nobody_asserts_what_a_user_could_get_wrong(module):
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    assert not [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Assert)]


ROOT = PACKAGE.parent


def test_the_rooms_that_the_docs_draw_are_these_in_this_order():
    page = (ROOT / "docs" / "how_it_works.md").read_text(encoding="utf-8")
    table = page.partition("| room |")[2].partition("\n\n")[0]
    rooms = [room for room in ROOMS if not room.startswith("__")]
    assert rooms[::-1] == re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("page", "head", "name"),
    [
        ("how_it_works", "| module |", r"`(\w+)`(?=.* \|.*\|)"),
        ("engine", "| on the page |", r"core/(\w+)\.py"),
    ],
)
def test_the_tables_of_the_core_leave_no_module_out(page, head, name):
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    table = text.partition(head)[2].partition("\n\n")[0]
    modules = {path.stem for path in (PACKAGE / "core").glob("*.py")} - {"__init__"}
    assert sorted(modules - set(re.findall(name, table))) == []


def test_the_files_that_newcomers_are_sent_to_are_there():
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = page.partition("## Where to open")[2].partition("## ")[0]
    paths = re.findall(r"`([a-z_/]+(?:/|\.py))`", table)
    assert len(paths) >= 12
    assert [] == [x for x in paths if not ((PACKAGE / x).exists() or (ROOT / x).exists())]


# ----- The engine -----


def test_the_loop_of_the_backward_pass_fits_a_slide():
    loop = function_of("core.backward", "pull_back")
    loops = [node for node in ast.walk(loop) if isinstance(node, ast.For)]
    outer = max(loops, key=lambda node: node.end_lineno - node.lineno)
    assert outer.end_lineno - outer.lineno + 1 <= 25
    names = ("history", "pull_back", "grad", "backward")
    assert sum(length_of_body(function_of("core.backward", name)) for name in names) <= 150


def test_the_engine_is_read_in_one_sitting():
    engine = ("core.op", "core.value", "core.record", "core.backward")
    assert sum(map(lines_of_code, engine)) <= 500


def test_no_function_of_the_engine_is_excused_from_being_simple():
    for module, path in MODULES.items():
        if room_of(module) == "core":
            assert not any(code in path.read_text(encoding="utf-8") for code in ("C901", "PLR09"))
