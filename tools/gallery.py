"""Draw docs/images: the gallery's pictures, as its page makes them; ``--check`` only compares."""

import doctest
import os
import sys
import tempfile
from pathlib import Path

from tinygrad_mlp import save_drawing
from tinygrad_mlp.commands import small_graph
from tinygrad_mlp.drawing.graphviz.programs import PROGRAM_VARIABLE

DOCS = Path(__file__).parents[1] / "docs"

if __name__ == "__main__":
    # The pictures must not depend on the machine.
    os.environ.pop(PROGRAM_VARIABLE, None)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        save_drawing(small_graph(), "graph.svg")
        page = str(DOCS / "gallery.md")
        failed, _ = doctest.testfile(page, module_relative=False, encoding="utf-8")
        pictures = {path.name: path.read_text("utf-8") for path in Path(folder).glob("*.svg")}
        os.chdir(DOCS)
    stale = [] if failed == 0 else ["the page itself"]
    for name, picture in sorted(pictures.items()):
        path = DOCS / "images" / name
        if "--check" not in sys.argv[1:]:
            path.write_text(picture, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != picture:
            stale.append(name)
    sys.exit(f"stale: {', '.join(stale)}" if stale else 0)
