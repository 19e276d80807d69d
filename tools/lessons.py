"""Run the lessons: draw their pictures and write each as a script; ``--check`` only compares.

``--site FOLDER`` makes web pages of them, in which the steps, the live pages and the sheets are
embedded; this needs ``pip install markdown-it-py``.
"""

import contextlib
import doctest
import html
import io
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

# ----- Pictures -----


def pictures_of(page: Path) -> dict[str, str] | None:
    """Return the pictures that the snippets of a page draw, by name, or None if one fails."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        failed, _ = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
        pictures = {path.name: path.read_text("utf-8") for path in Path(folder).glob("*.svg")}
    return None if failed else pictures


# ----- Scripts -----


def script_of(page: Path) -> str:
    """Return a page as a script of cells: its prose as comments, its snippets as code."""
    text = page.read_text(encoding="utf-8").partition("\n---\n")[0]
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
    for source in sources_of(snippet):
        around = "\n\n" if source.startswith(("def ", "class ", "@")) else ""
        code += around + source + around
    return re.sub(r"\n{4,}", "\n\n\n", code).strip()


def sources_of(snippet: str) -> list[str]:
    """Return the statements of a snippet."""
    return [example.source for example in doctest.DocTestParser().get_examples(snippet)]


def prose_of(text: str) -> str:
    """Return Markdown as comments, without links, pictures and what folds it."""
    lines = [line for line in text.strip().splitlines() if not line.startswith(("!", "<"))]
    plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", "\n".join(lines)).strip()
    return "\n".join(f"# {line}".rstrip() for line in re.sub(r"\n{3,}", "\n\n", plain).splitlines())


# ----- Web pages -----

SHELL = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ max-width: 50rem; margin: 2rem auto; padding: 0 1rem;
       font: 1.05rem/1.55 system-ui, sans-serif; }}
pre {{ padding: .6rem .8rem; overflow-x: auto; font-size: .9rem; line-height: 1.4;
      background: color-mix(in srgb, currentColor 8%, transparent); border-radius: .4rem; }}
pre.printed {{ background: none; border-left: .25rem solid; margin-top: -.6rem; border-radius: 0; }}
table {{ border-collapse: collapse; }}
td, th {{ padding: .3rem .7rem; text-align: left; border-bottom: 1px solid; }}
blockquote {{ margin-left: 1rem; padding-left: 1rem; border-left: .25rem solid; }}
img {{ max-width: 100%; background: white; border-radius: .4rem; }}
iframe {{ width: 100%; height: 38rem; border: 1px solid; border-radius: .4rem; }}
</style>
{body}
</html>
"""


def write_site(folder: Path) -> None:
    """Write every lesson as a web page, with what its snippets write embedded below them."""
    from markdown_it import MarkdownIt

    folder.mkdir(parents=True, exist_ok=True)
    to_html = MarkdownIt("commonmark", {"html": True}).enable("table")
    for page in [LESSONS / "index.md", *sorted(LESSONS.glob("lesson*.md"))]:
        parts, names = FENCES.split(page.read_text(encoding="utf-8")), {"__name__": "__main__"}
        for place in range(1, len(parts), 2):
            parts[place] = run_in(folder, parts[place], names)
        text = re.sub(r"\]\((\w+)\.md\)", r"](\1.html)", "".join(parts))
        text = re.sub(r"\[([^]]*)\]\(\.\.[^)]*\)", r"\1", text).replace("](images/", "](")
        body = to_html.render(text)
        title = html.escape(text.partition("\n")[0].lstrip("# "))
        page_text = SHELL.format(title=title, body=body)
        (folder / f"{page.stem}.html").write_text(page_text, encoding="utf-8")


def run_in(folder: Path, snippet: str, names: dict[str, object]) -> str:
    """Run a snippet in a folder; return it, what it printed, and the pages that it wrote."""
    before, printed = times_of(folder), io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(printed):
        for source in sources_of(snippet):
            exec(compile(source, "<lesson>", "single"), names)
    cells = [f"<pre>{html.escape(code_of(snippet))}</pre>"]
    if printed.getvalue():
        cells.append(f'<pre class="printed">{html.escape(printed.getvalue().rstrip())}</pre>')
    for name in sorted(name for name, _ in times_of(folder) - before):
        cells.append(f'<iframe loading="lazy" title="{name}" src="{name}"></iframe>')
        cells.append(f"[Open it alone]({name})")
    return "\n\n".join(cells) + "\n"


def times_of(folder: Path) -> set[tuple[str, int]]:
    """Return which pages are in a folder, and when each was written."""
    return {(page.name, page.stat().st_mtime_ns) for page in folder.glob("*.html")}


if __name__ == "__main__":
    os.environ.pop(PROGRAM_VARIABLE, None)  # the pictures must not depend on the machine
    if "--site" in sys.argv[1:-1]:
        write_site(Path(sys.argv[-1]).resolve())
        sys.exit(0)
    wanted, stale = {}, []
    for page in sorted(LESSONS.glob("lesson*.md")):
        pictures = pictures_of(page)
        if pictures is None:
            stale.append(page.name)
        wanted.update({LESSONS / "images" / name: text for name, text in (pictures or {}).items()})
        wanted[SCRIPTS / f"{page.stem}.py"] = script_of(page)
    for path, text in wanted.items():
        if "--check" not in sys.argv[1:]:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(path.name)
    sys.exit(f"stale: {', '.join(stale)}" if stale else 0)
