"""Calling a row: take the inputs, evaluate the formula, remember how the result came about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, overload

from numpy import float64, ndarray

from tinygrad_mlp.core.context import current
from tinygrad_mlp.core.explaining import explained, refused
from tinygrad_mlp.core.numbers import as_constants
from tinygrad_mlp.core.op import ROWS, Row
from tinygrad_mlp.core.ownership import keep, owned
from tinygrad_mlp.core.protocols import bare_numbers
from tinygrad_mlp.core.value import Value, filled, leaf_of, new
from tinygrad_mlp.kernels import Array

_EXACT = 2**53  # up to here every int is a float


class Op(Row):
    """A row that can be called: with arrays, and with Values, whose history it remembers.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.OPS["multiply"](3.0, [1.0, 2.0])
    array([3., 6.])
    >>> tg.OPS["multiply"](3.0, tg.Value([1.0, 2.0]))
    Value([3., 6.], shape=(2,), op='multiply')
    """

    # A Value in any of the first places, or a list of them in the first, makes the result a Value;
    # of arrays NumPy knows as little.
    @overload
    def __call__(self, x: Value | Sequence[Value], /, *args: Any, **options: Any) -> Value: ...
    @overload
    def __call__(self, x: Any, y: Value, /, *args: Any, **options: Any) -> Value: ...
    @overload
    def __call__(self, x: Any, y: Any, z: Value, /, *args: Any, **options: Any) -> Value: ...
    @overload
    def __call__(self, *args: Any, **options: Any) -> Any: ...
    def __call__(self, *args: Any, **options: Any) -> Any:
        """Return the value for ``args``: an array for arrays, a recorded Value for Values."""
        if options or len(args) != self.simple_arity:
            if options and not self.also.isdisjoint(options):
                return self.around(args, options)
            args, options = self.bind(args, options)
        args, inputs, recorded, exposed = take(self, args)
        data, slope, prepared = evaluate(self, args, inputs, options, recorded)
        if not recorded:
            return data
        return remember(self, args, inputs, prepared, data, slope, exposed)

    def around(self, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """Return the value where other rows, around this one, do what some options ask for."""
        raise NotImplementedError(f"{self.name}: who takes {sorted(self.also)} says what to do")


OPS: dict[str, Op] = ROWS
"""The table: every row by its name."""


def take(row: Row, args: tuple[Any, ...]) -> tuple[tuple[Any, ...], list[Any], bool, bool]:
    """Return the arguments and their numbers; if one is a Value; if others can reach an array."""
    inputs = []
    recorded = exposed = False
    for argument in args:
        kind = type(argument)
        if kind is Value:
            inputs.append(argument._numbers)
            recorded = True
            if argument.op is None:
                exposed = True
        elif kind is float64 or (kind is ndarray and argument.dtype.kind == "f" and argument.ndim):
            inputs.append(argument)
            exposed = True
        elif kind is float or (kind is int and -_EXACT <= argument <= _EXACT):
            inputs.append(float(argument))
        else:
            args = as_constants(row, args)
            recorded = any(type(x) is Value for x in args)
            return args, [bare_numbers(x) for x in args], recorded, True
    return args, inputs, recorded, exposed


def evaluate(
    row: Row, args: tuple[Any, ...], inputs: list[Any], options: Mapping[str, Any], recorded: bool
) -> tuple[Array, Array | None, Mapping[str, Any]]:
    """Return the value, its slope if the row computes it along, and the options as prepared."""
    if row.prepare is not None:
        try:
            options = row.prepare(*inputs, **options) if options else row.prepare(*inputs)
        except (ValueError, IndexError, TypeError) as error:
            raise refused(row, error, args, inputs) from None
    if not recorded and type(inputs[0]) is float and all(type(x) is float for x in inputs):
        inputs = [float64(x) for x in inputs]  # a Python float divided by zero raises
    slope = None
    try:
        if recorded and row.compute_with_slope is not None and current().recording:
            data, slope = row.compute_with_slope(*inputs)
        elif options:
            data = row.compute_quickly(*inputs, **options)
        else:
            data = row.compute_quickly(*inputs)
    except (ValueError, IndexError, TypeError) as error:
        raise explained(row, error, args, inputs, options) from None
    if type(data) is ndarray and data.ndim == 0:
        data = data[()]
    return data, slope, options


def remember(
    row: Row,
    args: tuple[Any, ...],
    inputs: list[Any],
    options: Mapping[str, Any],
    data: Array,
    slope: Array | None,
    exposed: bool,
) -> Value:
    """Return the value as a node of the graph, or as a leaf where nothing is recorded."""
    context = current()
    if not context.recording and context.recorder is None:
        leaf = leaf_of(data.copy() if any(data is x for x in inputs) else owned(data))
        leaf.options = {"unrecorded": row.name}
        return leaf
    if exposed and (type(data) is not float64 or not row.elementwise):  # else all are scalars
        args = keep(args, inputs, data)
    value = filled(new(Value), data, row, args, tuple(inputs), slope, options)
    return value if context.recording else context.recorder.cut(value)
