"""The arrays that a printed program carries with it, each under a name."""

from __future__ import annotations

import ast
from typing import Any

from tinygrad_mlp.programs.writing import literals
from tinygrad_mlp.programs.writing.naming import Names


class Constants:
    """Arrays that are the same in every run.

    Attributes
    ----------
    small : dict of str to expression
        What is written out.
    large : dict of str to array
        What is handed over.
    """

    def __init__(self, names: Names) -> None:
        self.small: dict[str, ast.expr] = {}
        self.large: dict[str, Any] = {}
        self._names = names
        self._known: dict[Any, str] = {}

    def expression(self, x: Any, label: str | None = None) -> ast.expr:
        """Return how an array is written where it is used."""
        node = literals.in_place(x)
        if node is not None:
            return node
        node = literals.array(x)
        key = x.shape, x.dtype.str, x.strides, x.tobytes()
        if key not in self._known:
            word = label or {"b": "mask", "f": "constant"}.get(x.dtype.kind, "index")
            name = self._names.take(label) if label else self._names.take_numbered(word)
            self._known[key] = name
            if node is None:
                self.large[name] = x
            else:
                self.small[name] = node
        return ast.Name(self._known[key])
