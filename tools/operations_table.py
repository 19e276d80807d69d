"""Write docs/operations.md from the table of operations; ``--check`` only compares."""

import sys
from pathlib import Path

from tinygrad_mlp import OPS
from tinygrad_mlp.operators import FUNCTIONS

PAGE = Path(__file__).parents[1] / "docs" / "operations.md"

HEAD = """\
# Operations

Written by `python tools/operations_table.py` from the table in `tinygrad_mlp/ops/`; do not edit.

Every operation takes arrays (and gives an array) or `Value`s (and gives a `Value` that remembers
where it came from).  `(...)` is any shape, and several such arguments broadcast.

| function | computes | shapes | as NumPy |
| --- | --- | --- | --- |
"""

COMPOSITES = """
Made of these: {names}.
"""


def page() -> str:
    """Return the text of the page."""
    rows = []
    for name in sorted(OPS, key=str.lower):
        op = OPS[name]
        formula = op.forward.format(
            **{n.lstrip("*"): n.lstrip("*") for n in (*op.parameters, *op.options)}
        )
        cells = (f"`{op.signature}`", op.doc, f"`{op.shapes}`", f"`{formula}`")
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n")
    composites = ", ".join(
        f"`{name}`" for name in sorted(FUNCTIONS) if FUNCTIONS[name] is not OPS.get(name)
    )
    return HEAD + "".join(rows) + COMPOSITES.format(names=composites)


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        sys.exit(0 if PAGE.read_text(encoding="utf-8") == page() else f"{PAGE} is stale: run me")
    PAGE.write_text(page(), encoding="utf-8")
