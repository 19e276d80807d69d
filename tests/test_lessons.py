"""Tests of the lessons: what each page promises is on it, in an order that a beginner can read."""

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "lessons"
PAGES = [page.read_text(encoding="utf-8") for page in sorted(FOLDER.glob("lesson*.md"))]
ROWS = re.findall(
    r"^\| \[(\d+)\. .*?\]\((.*?)\) \| (.*?) \| (.*?) \|$",
    (FOLDER / "index.md").read_text(encoding="utf-8"),
    re.MULTILINE,
)
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


def test_there_are_twelve_lessons_in_the_order_of_the_list():
    assert [f"{number}" for number in range(1, 13)] == [row[0] for row in ROWS]
    assert sorted(page.name for page in FOLDER.glob("lesson*.md")) == [row[1] for row in ROWS]


@pytest.mark.parametrize("number", range(1, 13))
def test_a_lesson_has_one_idea_one_picture_exercises_and_answers(number):
    page = PAGES[number - 1]
    assert page.startswith(f"# {number}. ")
    assert 1 == page.count("**The idea: ")
    assert 1 == page.count(f"](images/lesson{number:02}.svg)")
    assert 1 == page.count("\n## Exercises\n")
    assert "<details><summary>Answers" in page.partition("\n## Exercises\n")[2]
    assert ("_steps.html" in page) or ("_live.html" in page) or ("_quiz.html" in page)


@pytest.mark.parametrize("number", range(1, 13))
def test_new_words_stand_out_where_they_are_explained_and_are_not_used_before(number):
    prose = [FENCE.sub("", page).partition("\n---\n")[0] for page in PAGES[:number]]
    for word in ROWS[number - 1][3].split(", "):
        spelled = word.replace(" ", r"\s+")
        assert re.search(rf"\*[^*]*\b{spelled}\b[^*]*\*", prose[-1], re.IGNORECASE), word
        for earlier, text in enumerate(prose[:-1], 1):
            found = re.search(rf".*\b{spelled}\b.*", text, re.IGNORECASE)
            assert not found, f"{word} in lesson {earlier}: {found[0]}"


def test_every_lesson_leads_to_the_one_before_and_the_one_after():
    names = [row[1] for row in ROWS]
    for place, page in enumerate(PAGES):
        ending = page.rpartition("\n---\n")[2]
        before, after = names[max(place - 1, 0) : place], names[place + 1 : place + 2]
        links = re.findall(r"\]\((.*?)\)", ending)
        assert [*before, "index.md", *after] == links


def test_a_site_embeds_what_the_snippets_write(tmp_path, monkeypatch):
    pytest.importorskip("markdown_it", reason="pages are made by markdown-it-py")
    monkeypatch.syspath_prepend(ROOT / "tools")
    import lessons

    monkeypatch.setattr(lessons, "LESSONS", tmp_path / "pages")
    (tmp_path / "pages").mkdir()
    for name in ("index.md", ROWS[2][1]):
        (tmp_path / "pages" / name).write_bytes((FOLDER / name).read_bytes())
    for _ in range(2):  # into an empty folder, and over what is there
        lessons.write_site(tmp_path / "site")
        text = (tmp_path / "site" / "lesson03_used_twice.html").read_text(encoding="utf-8")
        embedded = re.findall(r'<iframe [^>]*src="([^"]*)"', text)
        assert 4 == len(embedded)
        assert all((tmp_path / "site" / name).exists() for name in embedded)
        assert "∂y/∂x = 6, the sum over 2 uses of x" in text
        assert "  + p = 5" in text  # a line with an indent stays as it was printed
        assert ">>>" not in text
    sys.modules.pop("lessons")


def definitions(source):
    """Return the functions, and what is assigned to names, without docstrings."""
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            node.body = [line for line in node.body if not is_text(line)]
            found[node.name] = ast.unparse(node)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = ast.unparse(node)
    return found


def is_text(line):
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)


def test_the_engine_of_lesson_8_is_that_of_the_example():
    script = (ROOT / "examples" / "lessons" / "lesson08_engine.py").read_text(encoding="utf-8")
    wanted = definitions((ROOT / "examples" / "engine_in_one_page.py").read_text(encoding="utf-8"))
    built = definitions(script)
    assert 19 == len(wanted)
    assert wanted == {name: built.get(name) for name in wanted}
