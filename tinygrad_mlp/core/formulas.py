"""Python functions made of the texts of a row: its formulas, and its signature."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

import numpy as np

from tinygrad_mlp import kernels

# What a formula names.
_NAMES = {**vars(kernels), "np": np}


def function_of(row: Any, text: str, named: Mapping[str, Any] | None) -> FunctionType:
    """Return the function that a formula of a row stands for, of its arguments and options."""
    signature = ", ".join((*row.parameters, *row.options))
    names = [parameter.lstrip("*") for parameter in (*row.parameters, *row.options)]
    expression = text.format(**{name: name for name in names})
    code = compile(f"lambda {signature}: {expression}", f"<op {row.name}>", "eval")
    namespace = {**_NAMES, **named} if named else _NAMES
    function: FunctionType = eval(code, namespace)  # noqa: S307  the table's own text
    if row.options and row.parameters[0].startswith("*"):
        function.__kwdefaults__ = row.options
    elif row.options:
        function.__defaults__ = tuple(row.options.values())
    return function


def sorter_of(row: Any) -> Callable[..., tuple[Any, Any]]:
    """Return the function that gives what a row is called with as its arguments and options.

    Python itself does the sorting, and does it fast.

    >>> import tinygrad_mlp as tg
    >>> sorter_of(tg.sum)(1.0, keepdims=True)
    ((1.0,), {'axis': None, 'keepdims': True})
    """
    defaults = [f"{name}={name}" for name in row.options]
    options = ", ".join(f"{name!r}: {name}" for name in row.options)
    pair = f"({', '.join(row.parameters)},), {{{options}}}"
    text = f"lambda {', '.join((*row.parameters, *defaults))}: ({pair})"
    names = {"__name__": __name__, **row.options}  # it is of this package, say its names
    return eval(text, names)  # type: ignore[no-any-return]  # noqa: S307  as above
