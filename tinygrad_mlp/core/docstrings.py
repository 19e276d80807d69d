"""The docstring of an operation, written from its row."""

from __future__ import annotations

from typing import Any


def docstring_of(op: Any, example: str) -> str:
    """Write the docstring of a row from the row."""
    formula = op.latex.format(**{p.lstrip("*"): p.lstrip("*") for p in op.parameters}, **op.options)
    lines = [op.doc, "", f"    $ {formula} $", "", "Parameters", "----------"]
    shapes = op.shapes.split("->")[0].replace("),(", ") (").split()
    for parameter, shape in zip(op.parameters, shapes, strict=False):
        lines.append(f"{parameter} : Value or array_like, shape {shape}")
    lines += [f"{name} : optional, default {value!r}" for name, value in op.options.items()]
    lines += ["", "Returns", "-------"]
    lines += [f"Value or ndarray, shape {op.shapes.split('->')[1]}"]
    lines += ["    A Value if any argument is one."]
    if example:
        lines += ["", "Examples", "--------", ">>> import tinygrad_mlp as tg", example]
    return "\n".join(lines)
