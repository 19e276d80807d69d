"""The docstring of an operation, written from its row."""

from __future__ import annotations

from typing import Any


def docstring_of(row: Any, example: str) -> str:
    """Write the docstring of a row from the row."""
    names = {p.lstrip("*"): p.lstrip("*") for p in row.parameters}
    formula = row.latex.format(**names, **row.options)
    lines = [row.doc, "", f"    $ {formula} $", "", "Parameters", "----------"]
    shapes = row.shapes.split("->")[0].replace("),(", ") (").split()
    for parameter, shape in zip(row.parameters, shapes, strict=False):
        lines.append(f"{parameter} : Value or array_like, shape {shape}")
    lines += [f"{name} : optional, default {value!r}" for name, value in row.options.items()]
    lines += [f"{name} : optional, as NumPy's" for name in sorted(row.also)]
    lines += ["", "Returns", "-------"]
    lines += [f"Value or ndarray, shape {row.shapes.split('->')[1]}"]
    lines += ["    A Value if any argument is one."]
    if example:
        lines += ["", "Examples", "--------", ">>> import tinygrad_mlp as tg", example]
    return "\n".join(lines)
