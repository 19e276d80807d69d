"""Steps element by element: which axes their arguments and results share, and sums over others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from math import prod
from typing import NamedTuple

import numpy as np

from tinygrad_mlp.programs.recording.program import Step
from tinygrad_mlp.programs.writing.equations.formulas import template_of

#: An axis of a step: those of one name are one axis.
Axis = int | str
Shape = tuple[int, ...]


class Indexed(NamedTuple):
    r"""A step element by element.

    The template has a place for each argument, and a ``\sum``, or a ``\prod`` and the like, for
    each group of axes that it goes over.  One argument may stand at several places, along other
    axes.
    """

    template: str
    arguments: tuple[str, ...]
    axes: tuple[tuple[Axis, ...], ...]
    result: tuple[Axis, ...]
    sums: tuple[tuple[Axis, ...], ...] = ()


def indexed(step: Step, shapes: Sequence[Shape]) -> Indexed | None:
    """Return a step element by element; None if its elements have no formula of their own."""
    if step.row.name in _RULES:
        return _RULES[step.row.name](step, shapes)
    is_listed = step.row.parameters[0].startswith("*")
    if step.row.name != "question" and (is_listed or not step.row.elementwise):
        return None
    result = np.shape(step.value)
    if len(shapes) == 0 or np.broadcast_shapes(*shapes) != result:
        return None
    last = range(len(result))
    axes = tuple(tuple(last[len(last) - len(shape) :]) for shape in shapes)
    return Indexed(_template(step), step.arguments, axes, tuple(last))


def _template(step: Step) -> str:
    return template_of(step.row, step.options)


# ----- The rows that are not elementwise -----


def _product(step: Step, shapes: Sequence[Shape]) -> Indexed:
    """A product of matrices, or of stacks of them, with a bias or without."""
    result = tuple(range(np.ndim(step.value)))
    left, right = shapes[:2]
    rows, columns = len(left) > 1, len(right) > 1  # a vector has none
    stack = result[: len(result) - rows - columns]
    own_rows = result[len(stack) : len(stack) + rows]
    own_columns = result[len(stack) + rows :]
    of_left = (*_last(stack, len(left) - 2), *own_rows, "k")
    of_right = (*_last(stack, len(right) - 2), "k", *own_columns)
    of_bias = tuple(_last(result, len(shape)) for shape in shapes[2:])
    template = rf"\sum {_template(step)}"
    return Indexed(template, step.arguments, (of_left, of_right, *of_bias), result, (("k",),))


def _last(axes: Sequence[Axis], number: int) -> tuple[Axis, ...]:
    return tuple(axes[len(axes) - number :]) if number > 0 else ()


def _reduction(step: Step, shapes: Sequence[Shape]) -> Indexed:
    """A sum, a mean, a product or an extreme over some axes."""
    axes = tuple(range(len(shapes[0])))
    over = step.options.get("axis")
    over = axes if over is None else tuple(over)
    kept = step.options.get("keepdims", False)
    result = tuple(f"of length 1: {a}" if a in over else a for a in axes if kept or a not in over)
    return _over(step, result, over, shapes)


def _sum_to(step: Step, shapes: Sequence[Shape]) -> Indexed:
    axes = tuple(range(len(shapes[0])))
    lengths = np.shape(step.value)
    kept = dict(zip(_last(axes, len(lengths)), lengths, strict=True))
    over = tuple(a for a in axes if kept.get(a, 1) < shapes[0][a])
    result = tuple(f"of length 1: {a}" if a in over else a for a in kept)
    return _over(step, result, over, shapes)


def _loss(step: Step, shapes: Sequence[Shape]) -> Indexed:
    return _over(step, (), tuple(range(len(shapes[0]))), shapes)


def _over(
    step: Step, result: tuple[Axis, ...], over: tuple[int, ...], shapes: Sequence[Shape]
) -> Indexed:
    """Return a sum over some axes of all arguments, with a mean as the sum that it is."""
    number = prod(shapes[0][a] for a in over)
    mean = rf"\frac{{1}}{{{number}}} \sum " if number > 1 else r"\sum "
    template = _template(step).replace(r"\operatorname{mean} ", mean)
    axes = tuple(tuple(range(len(shape))) for shape in shapes)
    return Indexed(template, step.arguments, axes, result, (over,))


def _softmax(step: Step, shapes: Sequence[Shape]) -> Indexed:
    axes: tuple[Axis, ...] = tuple(range(len(shapes[0])))
    over = step.options["axis"]
    over = axes if over is None else over if isinstance(over, tuple) else (over,)
    over = tuple(a % len(axes) for a in over if isinstance(a, int))
    others = tuple(f"other {a}" if a in over else a for a in axes)
    log = r"\log " if step.row.name == "log_softmax" else ""
    return Indexed(
        log + "\\frac{e^{\x000\x00}}{\\sum e^{\x001\x00}}",
        (*step.arguments, *step.arguments),
        (axes, others),
        axes,
        (tuple(x for x in others if isinstance(x, str)),),
    )


def _softmax_cross_entropy(step: Step, shapes: Sequence[Shape]) -> Indexed:
    rows, _ = shapes[0]
    mean = rf"\frac{{1}}{{{rows}}} " if rows > 1 else ""
    y, z = step.arguments
    return Indexed(
        f"-{mean}\\sum \x000\x00 \\log \\frac{{e^{{\x001\x00}}}}{{\\sum e^{{\x002\x00}}}}",
        (y, z, z),
        ((0, 1), (0, 1), (0, "other")),
        (),
        ((0, 1), ("other",)),
    )


def _transpose(step: Step, shapes: Sequence[Shape]) -> Indexed:
    axes = step.options["axes"]
    return Indexed("\x000\x00", step.arguments, (tuple(range(len(shapes[0]))),), tuple(axes))


def _broadcast(step: Step, shapes: Sequence[Shape]) -> Indexed:
    result = tuple(range(np.ndim(step.value)))
    return Indexed("\x000\x00", step.arguments, (_last(result, len(shapes[0])),), result)


def _long_axes(step: Step, shapes: Sequence[Shape]) -> Indexed | None:
    """A step that adds or removes axes of length 1 and leaves the others alone."""
    long = [n for n in shapes[0] if n > 1]
    if long != [n for n in np.shape(step.value) if n > 1]:
        return None
    names = [_long(shape) for shape in (shapes[0], np.shape(step.value))]
    return Indexed("\x000\x00", step.arguments, (names[0],), names[1])


def _long(shape: Shape) -> tuple[Axis, ...]:
    """Return numbers for the axes that are longer than 1, in order."""
    numbers = count()
    return tuple("of length 1" if length == 1 else next(numbers) for length in shape)


def _einsum(step: Step, _: Sequence[Shape]) -> Indexed:
    left, right = step.options["subscripts"].split("->")
    parts = left.split(",")
    over = tuple(dict.fromkeys(x for x in left if x not in right and x != ","))
    marks = " ".join(f"\x00{place}\x00" for place in range(len(parts)))
    axes = tuple(tuple(part) for part in parts)
    return Indexed(rf"\sum {marks}", step.arguments, axes, tuple(right), (over,))


_RULES: Mapping[str, Callable[[Step, Sequence[Shape]], Indexed | None]] = {
    **dict.fromkeys(("matmul", "affine"), _product),
    **dict.fromkeys(("sum", "mean", "prod", "max", "min", "logsumexp"), _reduction),
    **dict.fromkeys(("half_squared_error", "mse", "binary_cross_entropy"), _loss),
    **dict.fromkeys(("softmax", "log_softmax"), _softmax),
    **dict.fromkeys(("reshape", "squeeze", "expand_dims"), _long_axes),
    "softmax_cross_entropy": _softmax_cross_entropy,
    "sum_to": _sum_to,
    "transpose": _transpose,
    "broadcast_to": _broadcast,
    "einsum": _einsum,
}
