"""The scalar formula of every operation that has one: how its numbers come about one by one.

An operation on each number by itself needs no formula, and one that only moves numbers is its own:
NumPy moves Values as well.  What is left sums, multiplies or compares, and is written here in two
words: ``steps.each`` does an operation in each place, ``steps.fold`` does it over axes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_mlp.graphs.zoom import matrices
from tinygrad_mlp.graphs.zoom.steps import Elements, Steps, box, table_of
from tinygrad_mlp.ops.arithmetic import add, divide, divide_or_zero, multiply, negative, subtract
from tinygrad_mlp.ops.convolutions import sliding_window_view
from tinygrad_mlp.ops.elementwise import abs as absolute
from tinygrad_mlp.ops.elementwise import exp, log, log1p, square
from tinygrad_mlp.ops.selections import maximum, minimum
from tinygrad_mlp.ops.trigonometry import hypot

if TYPE_CHECKING:
    from tinygrad_mlp.core.record import Op

#: ``formula(steps, *tables, **options)`` returns a table.
Formula = Callable[..., Elements]

#: Operations that move numbers and compute nothing.
MOVES = (
    *("assemble", "broadcast_to", "concatenate", "expand_dims", "getitem"),
    *("reshape", "sliding_window_view", "squeeze", "stack", "transpose"),
)


def formula_of(op: Op) -> Formula | None:
    """Return the scalar formula of an operation, or None if it has none."""
    if op.name in FORMULAS:
        return FORMULAS[op.name]
    if op.name in MOVES:
        return lambda steps, *tables, **options: _moved(op.compute(*tables, **options))
    if op.elementwise:  # each number is made of those at the same place
        return lambda steps, *tables, **options: steps.each(op, *tables, **options)
    return None


def _moved(found: Any) -> Elements:
    return found if isinstance(found, np.ndarray) else box(found)  # a single element came bare


# ----- Products -----


def _matmul(steps: Steps, x: Elements, y: Elements) -> Elements:
    left = x[None, :] if x.ndim == 1 else x
    right = y[:, None] if y.ndim == 1 else y
    products = steps.each(multiply, left[..., :, :, None], right[..., None, :, :])
    out = steps.fold(add, products, axis=-2)
    if x.ndim == 1:
        out = out[..., 0, :]
    return out[..., 0] if y.ndim == 1 else out


def _einsum(steps: Steps, *operands: Elements, subscripts: str) -> Elements:
    left, _, right = subscripts.partition("->")
    parts = left.split(",")
    letters = right + "".join(sorted(set(left) - set("," + right)))
    lengths = [
        max(
            length
            for part, operand in zip(parts, operands, strict=True)
            for name, length in zip(part, operand.shape, strict=True)
            if name == letter
        )
        for letter in letters
    ]
    grid = dict(zip(letters, np.indices(lengths, sparse=True), strict=True))
    tables = []
    for part, operand in zip(parts, operands, strict=True):
        pairs = zip(part, operand.shape, strict=True)
        # Its elements in the order of all letters; a length of 1 is stretched.
        places = [grid[letter] if length > 1 else 0 * grid[letter] for letter, length in pairs]
        tables.append(operand[(*places, ...)])
    product = tables[0]
    for table in tables[1:]:
        product = steps.each(multiply, product, table)
    product = np.broadcast_to(product, lengths)
    return steps.fold(add, product, axis=tuple(range(len(right), len(letters))))


def _convolve(steps: Steps, a: Elements, v: Elements, mode: Any) -> Elements:
    rows, columns = np.arange(a.size)[:, None], np.arange(v.size)
    # The sum to which each product belongs, if all are kept, and those that are kept.
    sums = rows + columns
    kept = np.convolve(np.ones(a.size), np.ones(v.size), mode).size
    first = {"full": 0, "valid": min(a.size, v.size) - 1}.get(mode, (min(a.size, v.size) - 1) // 2)
    products = steps.each(multiply, a.reshape(-1, 1), v.reshape(-1))
    totals = [steps.fold(add, products[sums == first + place]) for place in range(kept)]
    return np.stack(totals)


# ----- Sums and the like -----


def _mean(steps: Steps, x: Elements, axis: Any, keepdims: bool) -> Elements:
    total = steps.fold(add, x, axis, keepdims)
    return steps.each(divide, total, x.size / total.size)


def _sum_to(steps: Steps, x: Elements, shape: tuple[int, ...]) -> Elements:
    added = x.ndim - len(shape)
    stretched = (added + axis for axis, length in enumerate(shape) if length == 1)
    return steps.fold(add, x, (*range(added), *stretched), True).reshape(shape)


def _accumulating(op: Op) -> Formula:
    def formula(steps: Steps, x: Elements, axis: int | None) -> Elements:
        rows = np.moveaxis(x.ravel() if axis is None else x, axis or 0, 0)
        found: list[Elements] = []
        for place in range(len(rows)):
            row = rows[place, ...]
            found.append(steps.each(op, found[-1], row) if found else row)
        return np.moveaxis(np.stack(found), 0, axis or 0)

    return formula


def _norm(steps: Steps, x: Elements, axis: Any, keepdims: bool) -> Elements:
    return steps.fold(hypot, steps.each(absolute, x), axis, keepdims)


# ----- Exponentials: the largest is subtracted first, as a constant, against overflow -----


def _largest(steps: Steps, x: Elements, axis: Any) -> Any:
    if not x.size:
        return 0.0
    largest = np.max(steps.numbers(x), axis=axis, keepdims=True)
    return box(np.where(np.isfinite(largest), largest, np.zeros_like(largest)))


def _softmax(steps: Steps, x: Elements, axis: Any) -> Elements:
    powers = steps.each(exp, steps.each(subtract, x, _largest(steps, x, axis)))
    return steps.each(divide, powers, steps.fold(add, powers, axis, True))


def _log_softmax(steps: Steps, x: Elements, axis: Any) -> Elements:
    shifted = steps.each(subtract, x, _largest(steps, x, axis))
    total = steps.fold(add, steps.each(exp, shifted), axis, True)
    return steps.each(subtract, shifted, steps.each(log, total))


def _logsumexp(steps: Steps, x: Elements, axis: Any, keepdims: bool) -> Elements:
    if not x.size:  # of nothing it is minus infinity, and no logarithm of 0
        return steps.each(subtract, steps.fold(add, x, axis, keepdims), np.inf)
    largest = _largest(steps, x, axis)
    total = steps.fold(add, steps.each(exp, steps.each(subtract, x, largest)), axis, keepdims)
    return steps.each(add, steps.each(log, total), largest.reshape(total.shape))


# ----- Losses -----


def _half_squared_error(steps: Steps, y_true: Elements, y_pred: Elements) -> Elements:
    squares = steps.each(square, steps.each(subtract, y_true, y_pred))
    return steps.each(multiply, 0.5, steps.fold(add, squares))


def _mse(steps: Steps, y_true: Elements, y_pred: Elements) -> Elements:
    return steps.each(divide, _half_squared_error(steps, y_true, y_pred), float(y_true.size))


def _binary_cross_entropy(steps: Steps, y_true: Elements, y_pred: Elements) -> Elements:
    y_false = steps.each(subtract, 1.0, y_true)
    # Where 0 log p is a constant zero, p does not matter.
    if_true = np.where(steps.is_constant_zero(y_true), box(1.0), y_pred)
    if_false = np.where(steps.is_constant_zero(y_false), box(0.0), y_pred)
    log_true = steps.each(multiply, y_true, steps.each(log, if_true))
    log_false = steps.each(multiply, y_false, steps.each(log1p, steps.each(negative, if_false)))
    total = steps.fold(add, steps.each(add, log_true, log_false))
    return steps.each(divide, steps.each(negative, total), float(y_true.size))


def _softmax_cross_entropy(steps: Steps, y_true: Elements, logits: Elements) -> Elements:
    # As above: where the target is a constant zero, the logarithm does not matter.
    logs = np.where(steps.is_constant_zero(y_true), box(0.0), _log_softmax(steps, logits, -1))
    total = steps.fold(add, steps.each(multiply, y_true, logs))
    rows = float(math.prod(logits.shape[:-1]))
    return steps.each(divide, steps.each(negative, total), rows)


# ----- Other places -----


def _place(steps: Steps, x: Elements, index: Any, shape: tuple[int, ...]) -> Elements:
    return _added(steps, x, np.arange(math.prod(shape)).reshape(shape)[index], shape)


def _overlap_add(
    steps: Steps, x: Elements, window_shape: Any, axis: Any, shape: tuple[int, ...]
) -> Elements:
    places = np.arange(math.prod(shape)).reshape(shape)
    return _added(steps, x, sliding_window_view.compute(places, window_shape, axis), shape)


def _added(steps: Steps, x: Elements, places: Any, shape: tuple[int, ...]) -> Elements:
    """Return zeros of a shape with elements added at places, counted one after the other."""
    placed: dict[int, Elements] = {}
    for place, part in zip(np.ravel(places).tolist(), np.ravel(x), strict=True):
        placed[place] = steps.each(add, placed[place], part) if place in placed else box(part)
    result = table_of([0.0] * math.prod(shape), (math.prod(shape),))
    for place, part in placed.items():
        result[place] = part.item()
    return result.reshape(shape)


def _elements_at(steps: Steps, x: Elements, places: Elements) -> Elements:
    chosen = x[np.trunc(steps.numbers(places)).astype(int)]
    return chosen if places.ndim else box(chosen)


def _added_at(steps: Steps, x: Elements, places: Elements, length: int) -> Elements:
    return _added(steps, x, np.trunc(steps.numbers(places)).astype(int) % length, (length,))


def _sorted_by(steps: Steps, x: Elements, by: Elements, axis: int) -> Elements:
    order = np.argsort(steps.numbers(by), axis=axis, kind="stable")
    return np.take_along_axis(x, order, axis=axis)


def _unsorted_by(steps: Steps, x: Elements, by: Elements, axis: int) -> Elements:
    order = np.argsort(steps.numbers(by), axis=axis, kind="stable")
    return np.take_along_axis(x, np.argsort(order, axis=axis), axis=axis)


def _sort(steps: Steps, x: Elements, axis: int | None) -> Elements:
    table = x.ravel() if axis is None else x
    return _sorted_by(steps, table, table, axis or 0)


def _folding(op: Op) -> Formula:
    return lambda steps, x, axis, keepdims: steps.fold(op, x, axis, keepdims)


FORMULAS: dict[str, Formula] = {
    "added_at": _added_at,
    "affine": lambda steps, x, W, b: steps.each(add, _matmul(steps, x, W), b),
    "binary_cross_entropy": _binary_cross_entropy,
    "cholesky": matrices.triangle,
    "convolve": _convolve,
    "cumprod": _accumulating(multiply),
    "cumsum": _accumulating(add),
    "det": matrices.determinant,
    "einsum": _einsum,
    "elements_at": _elements_at,
    "inv": matrices.inverse,
    "half_squared_error": _half_squared_error,
    "log_softmax": _log_softmax,
    "logabsdet": matrices.log_of_determinant,
    "logsumexp": _logsumexp,
    "matmul": _matmul,
    "max": _folding(maximum),
    "mean": _mean,
    "min": _folding(minimum),
    "mse": _mse,
    "norm": _norm,
    "overlap_add": _overlap_add,
    "place": _place,
    "prod": _folding(multiply),
    "sign_of_det": matrices.sign_of_determinant,
    "softmax": _softmax,
    "softmax_cross_entropy": _softmax_cross_entropy,
    "solve": matrices.solution,
    "sort": _sort,
    "sorted_by": _sorted_by,
    "sum": _folding(add),
    "sum_to": _sum_to,
    "unit": lambda steps, x, axis: steps.each(divide_or_zero, x, _norm(steps, x, axis, True)),
    "unsorted_by": _unsorted_by,
}
