"""One value of a recorded graph as plain data, and whether it is a parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal
from weakref import WeakSet

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Role = Literal["parameter", "input", "constant", "operation", "group", "error"]

_NO_OPTIONS: Mapping[str, Any] = {}
# Weak: that a value was a parameter once keeps it alive no longer.
_parameters: WeakSet[Any] = WeakSet()


def mark_parameters(values: Iterable[Any]) -> None:
    """Note that these Values are what a layer learns.

    >>> import tinygrad_mlp as tg
    >>> w = tg.Value(2.0)
    >>> is_parameter(w)
    False
    >>> mark_parameters([w])
    >>> is_parameter(w)
    True
    """
    _parameters.update(values)


def is_parameter(value: Any) -> bool:
    """Return whether a layer has computed with this Value as one of its parameters."""
    return value in _parameters


class Node:
    """One value of a graph, and what it was made from.

    Attributes
    ----------
    id : str
        ``"v0"``, ``"v1"``, ... in the order of birth, counted inside this graph.
    role : str
        ``"operation"`` for a result; ``"parameter"`` for a leaf that a layer learns, or that
        ``Graph.of`` was told is one; ``"input"`` for any other leaf; ``"constant"`` for a number
        or an array that is not a Value.  In a folded graph ``"group"`` for many nodes at once; in
        the graph of an error ``"error"`` for what failed.
    value, gradient : ndarray, NumPy scalar or Summary
        The arrays themselves, not copies; a ``Summary`` for those that stayed behind when the
        graph was written as JSON.  ``gradient`` is None where none was computed.
    label : str or None
        The name that the user gave.
    scope : str
        Where it belongs, such as ``"encoder/layer1"``; a constant belongs to its use.
    op, symbol : str or None
        Name of the op that made it, and what a drawing shows for it.
    arguments, argument_names : tuple of str
        Ids of the op's arguments in order, with repeats, and what the op calls them.
    row : Op or None
        The op itself; None for a leaf, and in a graph from JSON.
    options : mapping
        What the op was called with besides, such as ``axis``.
    weak : bool
        A Python number, which takes the type of the array that it meets.
    primal : str or None
        In a recorded backward pass: id of the node whose gradient this is.
    """

    __slots__ = (
        "argument_names",
        "arguments",
        "gradient",
        "id",
        "label",
        "op",
        "options",
        "primal",
        "role",
        "row",
        "scope",
        "symbol",
        "value",
        "weak",
    )

    def __init__(
        self,
        id: str,  # noqa: A002  short, and told apart by being an attribute everywhere else
        role: Role,
        value: Any,
        *,
        gradient: Any = None,
        label: str | None = None,
        scope: str = "",
        op: str | None = None,
        symbol: str | None = None,
        arguments: tuple[str, ...] = (),
        argument_names: tuple[str, ...] = (),
        options: Mapping[str, Any] = _NO_OPTIONS,
        row: Any = None,
        primal: str | None = None,
        weak: bool = False,
    ) -> None:
        self.id = id
        self.role = role
        self.value = value
        self.gradient = gradient
        self.label = label
        self.scope = scope
        self.op = op
        self.symbol = symbol
        self.arguments = arguments
        self.argument_names = argument_names
        self.options = options
        self.row = row
        self.primal = primal
        self.weak = weak

    def __repr__(self) -> str:
        made = f" = {self.op}({', '.join(self.arguments)})" if self.op else ""
        return f"<{self.role} {self.id}{made}>"

    def replaced(self, **changes: Any) -> Node:
        """Return a node with some fields changed, and this one as it is.

        >>> import numpy as np
        >>> Node("v0", "input", np.float64(1.0)).replaced(scope="encoder").scope
        'encoder'
        """
        node = Node.__new__(type(self))
        for kind in type(self).__mro__[:-1]:  # a subclass has more of them
            for name in kind.__slots__:  # type: ignore[attr-defined]
                setattr(node, name, changes.get(name, getattr(self, name)))
        return node

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes of the value; ``()`` for a scalar."""
        shape: tuple[int, ...] = self.value.shape
        return shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the elements of the value."""
        dtype: np.dtype[Any] = self.value.dtype
        return dtype
