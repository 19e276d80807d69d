"""Tests of everything that is written for readers: each example and each snippet runs."""

import doctest
import importlib
import inspect
import pkgutil
import re
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


def test_every_file_that_a_page_names_is_there():
    pattern = r"`((?:tests|tools|benchmarks|examples|docs|tinygrad_mlp)/[\w./]+)`"
    for page in [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md"]:
        for name in re.findall(pattern, page.read_text(encoding="utf-8")):
            assert (ROOT / name).exists(), f"{page.name} names {name}"


def test_every_link_of_a_page_leads_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def sections_of_bridges():
    """Return what runs without a prompt on that page: by the extra, the program of its section."""
    found = {}
    for section in (ROOT / "docs" / "bridges.md").read_text(encoding="utf-8").split("\n## ")[1:]:
        blocks = re.findall(r"^```python\n(.*?)^```", section, re.DOTALL | re.MULTILINE)
        programs = [block for block in blocks if ">>>" not in block]
        if programs:
            found[section.partition("\n")[0]] = "\n".join(programs)
    return found


@pytest.mark.parametrize("name", ["safetensors", "ONNX", "scikit-learn"])
def test_what_a_bridge_shows_prints_what_it_says(name, tmp_path, monkeypatch, capsys):
    pytest.importorskip("sklearn" if name == "scikit-learn" else name.lower())
    assert {"safetensors", "ONNX", "scikit-learn"} == set(sections_of_bridges())
    monkeypatch.chdir(tmp_path)
    program = sections_of_bridges()[name]
    exec(compile(program, name, "exec"), {})
    said = re.findall(r"^print\(.*\)  # (.*)$", program, re.MULTILINE)
    assert len(said) == program.count("print(")
    assert said == capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("name", [n for n in tg.__all__ if callable(getattr(tg, n))])
def test_everything_public_has_a_docstring_with_a_full_sentence(name):
    docstring = inspect.getdoc(getattr(tg, name))
    assert docstring
    assert "." in docstring.split("\n\n")[0] + "."


def test_the_first_page_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 150


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_picture_says_what_is_seen(page):
    for words in re.findall(r"!\[(.*?)\]\(", page.read_text(encoding="utf-8"), re.DOTALL):
        assert len(words.split()) >= 4, words


def test_every_class_of_errors_is_explained_with_an_example():
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    kinds = {kind.__name__ for kind in tg.TinygradError.__subclasses__()}
    assert 8 == len(kinds)
    headings = re.findall(r"^## ((\w+): .*)$", page, re.MULTILINE)
    assert kinds <= {kind for _, kind in headings}
    titles = [title.lower() for title, _ in headings]
    assert sorted(titles, key=lambda title: title.partition(":")[0]) == titles
    for part in page.split("\n## ")[2:]:
        assert "**Cause" in part
        assert "ure" in part.partition("**Cause")[2]


def test_the_glossary_has_the_words_of_the_lessons_in_their_order():
    page = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.*?) \| .*\]\(.*\) \|$", page, re.MULTILINE)
    words = [row.partition(" (")[0].lower() for row in rows]
    assert len(words) >= 40
    assert sorted(words, key=lambda word: word.replace("δ", "delta")) == words
    lessons = (ROOT / "docs" / "lessons" / "index.md").read_text(encoding="utf-8")
    new = re.findall(r"^\| \[\d+\. .* \| (.*?) \|$", lessons, re.MULTILINE)
    wanted = {word for row in new for word in row.split(", ")}
    assert {"leaf" if word == "leaves" else word for word in wanted} <= set(words)


def test_the_citation_names_this_version():
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {tg.__version__}\n" in text
    assert "\n  - name: The tinygrad_mlp authors\n" in text


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_every_example_is_a_notebook_without_output(example):
    jupytext = pytest.importorskip("jupytext", reason="the extra notebooks is missing")
    source = example.read_text(encoding="utf-8")
    notebook = jupytext.reads(source, fmt="py:percent")
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(cells) >= (1 if example.name == "engine_in_one_page.py" else 3)
    assert all(cell.outputs == [] for cell in cells)
    compile("\n".join(cell.source for cell in cells), str(example), "exec")


@pytest.mark.parametrize("name", ["nielsen.py", "fashion_mnist.py"])
def test_an_example_in_a_notebook_reads_no_words_that_are_not_meant_for_it(name, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["ipykernel_launcher.py", "-f", "kernel.json"])
    source = (ROOT / "examples" / name).read_text(encoding="utf-8").partition("# %% The network")[0]
    names = {}
    exec(source, names)
    assert names["folder"] is None
    assert names["epochs"] in {8, 30}
