"""Write docs/operations.md from the table of operations; ``--check`` only compares."""

import inspect
import sys
from pathlib import Path

import tinygrad_mlp
from tinygrad_mlp import OPS, Op, special
from tinygrad_mlp.core.functions import FUNCTIONS, LINALG
from tinygrad_mlp.programs.writing.javascript.rows import ROWS

PAGE = Path(__file__).parents[1] / "docs" / "operations.md"

HEAD = """\
# Operations

<!-- Written by `python tools/operations_table.py`; do not edit. -->

Every operation takes arrays (and gives an array) or Values (and gives a Value that remembers where
it came from).  `(...)` is any shape, and several such arguments broadcast.  "As NumPy" is the
formula that runs; a function without `np.` is one of `tinygrad_mlp/kernels.py`, or SciPy's.
The last column tells what `tg.source(..., target="javascript")` and live pages can say.

| function | computes | shapes | as NumPy | in JavaScript |
| --- | --- | --- | --- | --- |
"""

COMPOSITES = """
Made of these: {names}.
"""

HELPERS = """
## Helpers

What the rules of some rows are made of, so it shows in derivatives and in printed programs.  These
are no names of the package: `tg.OPS["sum_to"]` is such a row.

| function | computes | shapes | as NumPy | in JavaScript |
| --- | --- | --- | --- | --- |
"""

FOOT = "\nNext: [NumPy's own functions](numpy.md); [operations of your own](functions.md).\n"


def page() -> str:
    """Return the text of the page."""
    names = sorted(FUNCTIONS, key=str.lower)
    helpers = [FUNCTIONS[name] for name in names if not getattr(FUNCTIONS[name], "public", True)]
    ops = {name: OPS.get(name, f) for name, f in FUNCTIONS.items()}
    public = [ops[name] for name in names if isinstance(ops[name], Op) and ops[name].public]
    shown = {op.name for op in (*public, *helpers)}
    composites = [name for name in names if name not in shown]
    made = ", ".join(f"`{home_of(name)}{name}`" for name in composites)
    rows = "".join(map(row, public))
    return HEAD + rows + COMPOSITES.format(names=made) + HELPERS + "".join(map(row, helpers)) + FOOT


def home_of(name: str) -> str:
    """Return where a function stands inside the package, if not at the top."""
    if hasattr(tinygrad_mlp, name):
        return ""
    if name in special.__all__:
        return "special."
    return "linalg." if LINALG.get(name) is FUNCTIONS[name] else ""


def called(op: Op) -> str:
    """Return how the function of an operation is called, which may be as NumPy calls it."""
    function = FUNCTIONS.get(op.name, op)
    if isinstance(function, Op):
        return op.signature
    parameters = inspect.signature(function).parameters.values()
    plain = [one.replace(annotation=one.empty) for one in parameters]
    return f"{op.name}{inspect.Signature(plain)}"


def row(op: Op) -> str:
    """Return the line of an operation."""
    formula = op.forward.format(
        **{n.lstrip("*"): n.lstrip("*") for n in (*op.parameters, *op.options)}
    )
    said = "yes" if op.name in ROWS else "no"
    doc = op.doc.replace("**", r"\*\*")
    cells = (f"`{home_of(op.name)}{called(op)}`", doc, f"`{op.shapes}`", f"`{formula}`", said)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        sys.exit(0 if PAGE.read_text(encoding="utf-8") == page() else f"{PAGE} is stale: run me")
    PAGE.write_text(page(), encoding="utf-8")
