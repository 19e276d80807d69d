"""Run the lessons: draw their pictures and write each as a script; ``--check`` only compares."""

import doctest
import os
import re
import sys
import tempfile
from pathlib import Path

from tinygrad_mlp.drawing.graphviz.programs import PROGRAM_VARIABLE

ROOT = Path(__file__).parents[1]
LESSONS = ROOT / "docs" / "lessons"
SCRIPTS = ROOT / "examples" / "lessons"
FENCES = re.compile(r"^```python\n(.*?)^```\n", re.DOTALL | re.MULTILINE)


def pictures_of(page: Path) -> dict[str, str] | None:
    """Return the pictures that the snippets of a page draw, by name, or None if one fails."""
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        failed, _ = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
        pictures = {path.name: path.read_text("utf-8") for path in Path(folder).glob("*.svg")}
        os.chdir(ROOT)
    return None if failed else pictures


def script_of(page: Path) -> str:
    """Return a page as a script of cells: its prose as comments, its snippets as code."""
    text = page.read_text(encoding="utf-8")
    title = text.partition("\n")[0].lstrip("# ")
    cells = [f'"""Lesson {title.rstrip(".?!")}; written from docs/lessons/{page.name}."""']
    for place, part in enumerate(FENCES.split(text)):
        if place % 2:
            cells.append("# %%\n" + code_of(part))
        elif prose := prose_of(part):
            cells.append("# %% [markdown]\n" + prose)
    return "\n\n".join(cells) + "\n"


def code_of(snippet: str) -> str:
    """Return the lines of a snippet without their prompts and without what they print."""
    code = ""
    for example in doctest.DocTestParser().get_examples(snippet):
        defines = example.source.startswith(("def ", "class ", "@"))
        code += "\n\n" * (defines and bool(code)) + example.source + "\n\n" * defines
    return code.strip()


def prose_of(text: str) -> str:
    """Return Markdown as comments, without links, pictures and what folds it."""
    lines = [line for line in text.strip().splitlines() if not line.startswith(("!", "<"))]
    plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", "\n".join(lines)).strip()
    return "\n".join(f"# {line}".rstrip() for line in re.sub(r"\n{3,}", "\n\n", plain).splitlines())


if __name__ == "__main__":
    os.environ.pop(PROGRAM_VARIABLE, None)  # the pictures must not depend on the machine
    sys.path.insert(0, str(ROOT / "examples"))  # for the lesson that reads one of them
    wanted, stale = {}, []
    for page in sorted(LESSONS.glob("lesson*.md")):
        pictures = pictures_of(page)
        if pictures is None:
            stale.append(page.name)
        wanted.update({LESSONS / "images" / name: text for name, text in (pictures or {}).items()})
        wanted[SCRIPTS / f"{page.stem}.py"] = script_of(page)
    for path, text in wanted.items():
        if "--check" not in sys.argv[1:]:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(path.name)
    sys.exit(f"stale: {', '.join(stale)}" if stale else 0)
