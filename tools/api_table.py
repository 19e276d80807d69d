"""Write docs/api.md, the list of public names by room; ``--check`` only compares."""

import builtins
import inspect
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tinygrad_mlp as tg
from tinygrad_mlp import reference
from tinygrad_mlp.core.functions import FUNCTIONS

PAGE = Path(__file__).parents[1] / "docs" / "api.md"
#: Where a name stands decides its section: the longest of these with which its module begins.
SECTIONS = {
    "core": "Values and gradients",
    "functional": "Functions of functions",
    "_support.structures": "Functions of functions",
    "ops.custom": "Operations of your own",
    "checking": "Checking",
    "drawing": "Drawing",
    "graphs": "Drawing",
    "teaching": "Teaching",
    "programs": "Programs",
    "nn.optimizers": "Optimizers",
    "nn.schedules": "Schedules",
    "nn": "The network",
    "datasets": "Data",
    "reference": "Formulas by hand",
    "errors": "Errors",
    "ops": "Operations",
}
HEAD = """\
# Public names

<!-- Written by `python tools/api_table.py` from the docstrings; do not edit. -->

Everything that a program may use, by what it is for.  `help(tg.grad)` prints the docstring of a
name: what it computes, its parameters, what it returns and raises, and an example that runs.  The
documentation site (`./run.sh docs`) has a page of docstrings for every section.  The estimators of
`tinygrad_mlp.sklearn` are told on [the page of bridges](bridges.md).

What is not listed here is the inside of the package, and may change without a word.

"""
OPERATIONS = """\
## Operations

[The table of operations](operations.md) tells what each computes, and of which shapes.

"""
FOOT = (
    "Next: [the table of operations](operations.md), or [recipes](howto.md) that use these names.\n"
)


def names() -> Iterator[tuple[str, Any]]:
    """Yield every public name as it is written after ``tg.``, and what it means."""
    for name in sorted({*tg.__all__, *(n for n in dir(tg) if hasattr(builtins, n))}):
        thing = getattr(tg, name)
        if name[0] != "_" and not inspect.ismodule(thing):
            yield name, thing
    for module in (tg.optimizers, tg.schedules, tg.datasets, tg.linalg, reference):
        home = module.__name__.rpartition(".")[2]
        for name in getattr(module, "__all__", sorted(vars(module))):
            thing = getattr(module, name)
            inside = getattr(thing, "__module__", "").startswith(module.__name__)
            if name[0] != "_" and (inside or hasattr(module, "__all__")) and name != "schedule_of":
                yield f"{home}.{name}", thing


def section_of(name: str, thing: Any) -> str:
    """Return the title of the section of a name."""
    if name in {"OPS", "Op"}:
        return "Operations of your own"
    if name in FUNCTIONS or isinstance(thing, tg.Op) or name.startswith("linalg."):
        return "Operations"
    home = thing.__module__.removeprefix("tinygrad_mlp.")
    return SECTIONS[max((start for start in SECTIONS if home.startswith(start)), key=len)]


def summary(name: str, thing: Any) -> str:
    """Return the first sentence of a docstring, for a cell of a table."""
    if name == "OPS":
        return "The rows of the table of operations, by name"
    first = (inspect.getdoc(thing) or "").split("\n\n")[0]
    return " ".join(first.split()).rstrip(".").replace("``", "`").replace("|", "\\|")


def page() -> str:
    """Return the text of the page."""
    found: dict[str, list[tuple[str, Any]]] = {title: [] for title in SECTIONS.values()}
    for name, thing in names():
        found[section_of(name, thing)].append((name, thing))
    operations = sorted((name for name, _ in found.pop("Operations")), key=str.lower)
    text = HEAD
    for title, listed in found.items():
        text += f"## {title}\n\n| name | what it is |\n| --- | --- |\n"
        text += "".join(f"| `{name}` | {summary(name, thing)} |\n" for name, thing in listed)
        text += "\n"
    words = ", ".join(f"`{name}`" for name in operations) + "."
    return text + OPERATIONS + "\n".join(textwrap.wrap(words, 100)) + "\n\n" + FOOT


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        sys.exit(0 if PAGE.read_text(encoding="utf-8") == page() else f"{PAGE} is stale: run me")
    PAGE.write_text(page(), encoding="utf-8")
