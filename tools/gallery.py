"""Draw docs/images as the snippets of three pages make them; ``--check`` only compares."""

import contextlib
import doctest
import os
import re
import sys
import tempfile
from pathlib import Path

from tinygrad_mlp import save_drawing
from tinygrad_mlp.commands import small_graph
from tinygrad_mlp.drawing.graphviz.programs import PROGRAM_VARIABLE

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
PAGES = [
    ROOT / "README.md",
    *(ROOT / "docs" / f"{n}.md" for n in ("gallery", "tutorial", "examples")),
]


def pictures_of(page: Path) -> dict[str, str] | None:
    """Return the pictures that a page shows and its snippets draw, or None if a snippet fails."""
    shown = set(re.findall(r"images/(\w+\.svg)\)", page.read_text(encoding="utf-8")))
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        save_drawing(small_graph(), "graph.svg")
        failed, _ = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
        drawn = {path.name: path for path in Path(folder).rglob("*.svg")}
        pictures = {name: drawn[name].read_text("utf-8") for name in shown & drawn.keys()}
    return None if failed else pictures


if __name__ == "__main__":
    os.environ.pop(PROGRAM_VARIABLE, None)  # the pictures must not depend on the machine
    stale = []
    for page in PAGES:
        pictures = pictures_of(page)
        if pictures is None:
            stale.append(page.name)
        for name, picture in sorted((pictures or {}).items()):
            path = IMAGES / name
            if "--check" not in sys.argv[1:]:
                path.write_text(picture, encoding="utf-8")
            elif not path.exists() or path.read_text(encoding="utf-8") != picture:
                stale.append(name)
    sys.exit(f"stale: {', '.join(stale)}" if stale else 0)
