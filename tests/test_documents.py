"""Tests of everything that is written for readers: each example and each snippet runs."""

import doctest
import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import tinygrad_mlp as tg

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
WITHOUT_LESSONS = [page for page in PAGES if page.parent.name != "lessons"]
MODULES = [name for _, name, _ in pkgutil.walk_packages(tg.__path__, "tinygrad_mlp.")]
EXAMPLES = sorted((ROOT / "examples").rglob("*.py"))


# Those of the lessons are run by tools/lessons.py --check, and as scripts.
@pytest.mark.parametrize("page", WITHOUT_LESSONS, ids=lambda page: page.name)
def test_every_snippet_of_a_page_prints_what_it_says(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # for those that write a file
    monkeypatch.syspath_prepend(ROOT / "examples")  # for the one that explains an example
    # A traceback is documented with its full name, as Python prints it.
    result = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert 0 == result.failed


def test_the_pages_for_learners_have_snippets():
    for name in (
        "README.md",
        "tutorial.md",
        "engine.md",
        "semantics.md",
        "notebook.md",
        "how_it_works.md",
        "source.md",
    ):
        text = next(page for page in PAGES if page.name == name).read_text(encoding="utf-8")
        assert ">>> " in text


#: Modules whose examples need a package that few have.
EXTRAS = {
    "tinygrad_mlp.nn.bridges.estimator": "sklearn",
    "tinygrad_mlp.sklearn": "sklearn",
    "tinygrad_mlp.teaching.symbolic": "sympy",
}


@pytest.mark.parametrize("name", MODULES)
def test_every_example_of_a_docstring_prints_what_it_says(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if name.endswith("__main__"):
        pytest.skip("runs the command")
    if name in EXTRAS:
        pytest.importorskip(EXTRAS[name], reason=f"the package {EXTRAS[name]} is missing")
    assert 0 == doctest.testmod(importlib.import_module(name)).failed


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_every_example_runs(example, tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", str(example)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (0, "") == (done.returncode, done.stderr)
    assert done.stdout


@pytest.mark.parametrize("tool", sorted((ROOT / "tools").glob("*.py")), ids=lambda t: t.name)
def test_what_a_tool_wrote_into_the_documentation_is_up_to_date(tool):
    if tool.name == "derivatives_table.py":  # it computes with many digits
        pytest.importorskip("mpmath")
        pytest.importorskip("sympy")
    done = subprocess.run([sys.executable, str(tool), "--check"], check=False)
    assert 0 == done.returncode


def test_every_link_of_a_page_leads_somewhere():
    import re

    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("name", [n for n in tg.__all__ if callable(getattr(tg, n))])
def test_everything_public_has_a_docstring_with_a_full_sentence(name):
    docstring = inspect.getdoc(getattr(tg, name))
    assert docstring
    assert "." in docstring.split("\n\n")[0] + "."
