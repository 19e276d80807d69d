"""Draw docs/images/graph.svg with the built-in writer; ``--check`` only compares."""

import sys
from pathlib import Path

from tinygrad_mlp import Graph
from tinygrad_mlp.cli import small_graph
from tinygrad_mlp.drawing import render_svg

PICTURE = Path(__file__).parents[1] / "docs" / "images" / "graph.svg"

if __name__ == "__main__":
    # No layout program: the picture must not depend on the machine.
    picture = render_svg(Graph.of(small_graph()), programs=())
    if "--check" in sys.argv[1:]:
        sys.exit(0 if PICTURE.read_text(encoding="utf-8") == picture else f"{PICTURE} is stale")
    PICTURE.write_text(picture, encoding="utf-8")
