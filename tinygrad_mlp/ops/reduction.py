"""What reductions have in common: axes, and NumPy's ``initial`` and ``where``."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_mlp._support.arguments import check_bools
from tinygrad_mlp.core.numbers import joined
from tinygrad_mlp.core.op import Rule
from tinygrad_mlp.core.operators import Operators
from tinygrad_mlp.core.record import Op
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.kernels import Array
from tinygrad_mlp.ops.arithmetic import numpys
from tinygrad_mlp.ops.shapes import expand_dims, reduced_axes


class Reduction(Op):
    """The row of a reduction: NumPy's of its name over ``axis``, unless a formula is given.

    It also takes NumPy's ``where``, a mask of the elements that count, and ``initial``, a number
    that counts as one more.  These are no options of the row: other rows around it do what they
    say.

    Parameters
    ----------
    name : str
        The function's name.
    partly : callable
        ``partly(row, x, initial, where, axis, keepdims)`` reduces some elements with this row.
    **declared
        What a row declares.
    """

    also = frozenset(("initial", "where"))

    def __init__(
        self, name: str, *, partly: Callable[..., Any], vjps: tuple[Rule], **declared: Any
    ) -> None:
        options = {"axis": None, "keepdims": False}
        super().__init__(
            name,
            "x",
            options=options,
            prepare=_options,
            shapes="(...)->()",
            vjps=vjps,
            **numpys(name, options) | declared,
        )
        self.partly = partly

    def around(self, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """Return the value for some of the elements, or with one more."""
        initial, where = options.pop("initial", None), options.pop("where", True)
        if initial is None and where is True:
            return self(*args, **options)
        (x,), options = self.bind(args, options)
        x = joined(x)
        is_number = initial is None or isinstance(initial, Operators | int | float | np.number)
        if not is_number or np.ndim(initial):
            raise TypeError(f"{self.name}: initial must be a number, got {initial!r:.80}")
        self._check_mask(where, np.shape(x))
        return self.partly(self, x, initial, where, **options)

    def _check_mask(self, where: Any, shape: tuple[int, ...]) -> None:
        check_bools(f"{self.name}: where", where)
        mask = np.shape(where)
        fitting = zip(mask[::-1], shape[::-1], strict=False)
        if len(mask) > len(shape) or any(length not in (1, wanted) for length, wanted in fitting):
            raise ShapeError(f"{self.name}: where of shape {mask} must fit into x of shape {shape}")


def _options(x: Array, axis: Any, keepdims: bool = False) -> dict[str, Any]:
    """Return axis as None or a tuple of axes counted from the front."""
    if type(keepdims) is not bool and not isinstance(keepdims, np.bool_):  # NumPy's third is dtype
        raise TypeError(f"keepdims must be True or False, got {keepdims!r:.80}")
    return {"axis": reduced_axes(x, axis), "keepdims": bool(keepdims)}


def unreduced(reduced: Any, axis: tuple[int, ...] | None, keepdims: bool) -> Any:
    """Return what a reduction gave, with the reduced axes back as axes of length 1."""
    if keepdims or axis is None or axis == ():
        return reduced
    return expand_dims(reduced, axis)


def count_of(x: Any, axis: tuple[int, ...] | None) -> int:
    """Return how many elements of ``x`` are reduced to one."""
    return x.size if axis is None else math.prod([x.shape[a] for a in axis])


def is_half(x: Any) -> bool:
    """Return whether numbers have half precision, which cannot hold a sum of many."""
    return getattr(x, "dtype", None) == np.float16
