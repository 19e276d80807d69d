"""Numbers, arrays and options as expressions that give them back to the last bit."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Array = Any

#: Elements of the largest array that is written out.
LARGEST = 24


def name(text: str) -> ast.expr:
    """Return the expression of a dotted name.

    >>> ast.unparse(name("np.float32"))
    'np.float32'
    """
    first, *rest = text.split(".")
    node: ast.expr = ast.Name(first)
    for part in rest:
        node = ast.Attribute(node, part)
    return node


def call(function: str, *arguments: ast.expr, **named: ast.expr) -> ast.Call:
    """Return the expression of a call.

    >>> ast.unparse(call("np.sum", name("x"), axis=ast.Constant(0)))
    'np.sum(x, axis=0)'
    """
    return ast.Call(name(function), [*arguments], [ast.keyword(k, v) for k, v in named.items()])


def number(x: Any) -> ast.expr:
    """Return a float, or a whole number or a truth value, as a Python literal.

    >>> [ast.unparse(number(x)) for x in (0.5, -2.0, np.inf, 1 / 3, True)]
    ['0.5', '-2.0', 'np.inf', '1 / 3', 'True']
    """
    if isinstance(x, bool | np.bool_):
        return ast.Constant(bool(x))
    if isinstance(x, int | np.integer):
        return _signed(ast.Constant(abs(int(x))), x < 0)
    short = float(str(x))  # the fewest digits that a narrow type rounds to the same
    x = short if isinstance(x, np.floating) and type(x)(short) == x else float(x)
    if np.isnan(x):
        return name("np.nan")
    negative = bool(np.signbit(x))
    if np.isinf(x):
        return _signed(name("np.inf"), negative)
    size = abs(x)
    count = one_over(size)
    if count and len(repr(size)) > 8:  # a mean divides by a count
        return ast.BinOp(_signed(ast.Constant(1), negative), ast.Div(), ast.Constant(count))
    return _signed(ast.Constant(size), negative)


def one_over(x: float) -> int:
    """Return the count that a number is one over, 0 if there is none."""
    count = round(1 / x) if 1e-6 < x < 1 else 0
    return count if count and 1 / count == x else 0


def _signed(node: ast.expr, negative: Any) -> ast.expr:
    return ast.UnaryOp(ast.USub(), node) if negative else node


def scalar(x: Any) -> ast.expr:
    """Return a NumPy scalar with its type.

    >>> [ast.unparse(scalar(x)) for x in (np.float32(0.1), np.float64(0.1), np.bool_(True))]
    ['np.float32(0.1)', 'np.float64(0.1)', 'np.True_']
    """
    if isinstance(x, np.bool_):
        return name("np.True_" if x else "np.False_")
    if x.dtype.type is np.longdouble and np.isfinite(x):
        return _signed(call("np.longdouble", ast.Constant(str(abs(x)))), np.signbit(x))
    return call(f"np.{x.dtype.name}", number(x))


def array(x: Array) -> ast.expr | None:
    """Return an expression for an array, None if it would be too long.

    >>> [ast.unparse(array(x)) for x in (np.zeros((9, 9)), np.arange(3), np.eye(2))]
    ['np.zeros((9, 9))', 'np.arange(3)', 'np.array([[1.0, 0.0], [0.0, 1.0]])']
    >>> ast.unparse(array(np.array([[1.0, 2.0]])[:, ::-1]))
    'np.array([[1.0, 2.0]])[:, ::-1]'
    """
    if any(step < 0 for step in x.strides):  # as a table it would be multiplied in another order
        steps = tuple(slice(None, None, -1 if step < 0 else None) for step in x.strides)
        forwards = array(x[steps])
        return None if forwards is None else ast.Subscript(forwards, index(steps, array))
    kind = {} if x.dtype in (float, bool, int) else {"dtype": dtype(x.dtype)}
    first = only_number(x)
    if 0 in x.strides and first is not None:
        # As a table of its own it would decide how a product with it is laid out.
        value = number(first) if x.dtype == np.float64 else scalar(first)
        return call("np.broadcast_to", value, option(x.shape, array))
    order = {}
    if x.flags.f_contiguous and not x.flags.c_contiguous:
        order = {"order": ast.Constant("F")}
    uniform = _uniform(x)
    if uniform is not None:
        function, *rest = uniform
        if x.dtype == bool or (x.dtype.kind in "iu" and not kind):
            kind = {"dtype": ast.Name("bool" if x.dtype.kind == "b" else "int")}
        shape = number(x.size) if x.ndim == 1 else option(x.shape, array)
        return call(function, shape, *rest, **kind, **order)
    if x.dtype == np.intp and x.ndim == 1 and np.array_equal(x, np.arange(x.size)):
        return call("np.arange", number(x.size))
    if x.size > LARGEST or x.dtype == np.longdouble != np.float64:
        return None
    axes = sorted(range(x.ndim), key=lambda axis: -abs(x.strides[axis]))
    in_order = x.transpose(axes)
    if in_order.flags.c_contiguous and not (x.flags.c_contiguous or order):
        # The order in memory decides about the last bit of a product.
        table = call("np.array", _nested(in_order), **kind)
        back = [ast.Constant(axes.index(axis)) for axis in range(x.ndim)]
        return ast.Call(ast.Attribute(table, "transpose"), list[ast.expr](back), [])
    return call("np.array", _nested(x), **kind, **order)


def in_place(x: Array) -> ast.expr | None:
    """Return an array that is quickly said, such as zeros; None for one that deserves a name.

    >>> ast.unparse(in_place(np.ones(2))), in_place(np.array([1.0, 2.0]))
    ('np.ones(2)', None)
    """
    node = array(x)
    written_out = node is not None and any(isinstance(part, ast.List) for part in ast.walk(node))
    return None if written_out else node


def only_number(x: Array) -> Any:
    """Return the number that all elements of an array are, None if they differ, if only in sign.

    >>> only_number(np.ones(3)), only_number(np.array([0.0, -0.0]))
    (np.float64(1.0), None)
    """
    if x.size == 0 or not (x == x.flat[0]).all():
        return None
    signs = np.signbit(x) if x.dtype.kind == "f" else np.zeros(1, bool)
    return x.flat[0] if signs.all() or not signs.any() else None


def _uniform(x: Array) -> tuple[Any, ...] | None:
    if x.size == 0 or not (np.any(x) or (x.dtype.kind == "f" and np.signbit(x).any())):
        return ("np.zeros",)
    if (x == 1).all() and x.size > 1:
        return ("np.ones",)
    if x.dtype == float and x.size > 4 and only_number(x):
        return "np.full", number(x.flat[0])
    return None


def _nested(x: Array) -> ast.expr:
    if x.ndim == 0:
        return number(x[()])
    return ast.List([_nested(row) for row in x])


def dtype(x: np.dtype[Any]) -> ast.expr:
    """Return the name of a type.

    >>> ast.unparse(dtype(np.dtype("float32")))
    'np.float32'
    """
    if x == np.longdouble and np.longdouble(0).itemsize > 8:
        return name("np.longdouble")
    return name("bool" if x.kind == "b" else f"np.{x.name}")


def option(x: Any, of_array: Callable[[Array], ast.expr | None]) -> ast.expr:
    """Return what an operation was called with, such as an axis, a shape or an index.

    ``of_array`` says how to write the arrays in it.

    >>> ast.unparse(option((0, None, np.dtype("float32")), array))
    '(0, None, np.float32)'
    >>> ast.unparse(option((slice(1, None), ..., 0), array))
    'np.s_[1:, ..., 0]'
    """
    if isinstance(x, slice) or (
        isinstance(x, tuple) and any(isinstance(part, slice) for part in x)
    ):
        return ast.Subscript(name("np.s_"), index(x, of_array))
    if isinstance(x, tuple | list):
        parts = [option(part, of_array) for part in x]
        return ast.Tuple(parts) if isinstance(x, tuple) else ast.List(parts)
    if isinstance(x, Mapping):
        return ast.Dict(
            [option(key, of_array) for key in x], [option(item, of_array) for item in x.values()]
        )
    if isinstance(x, np.dtype):
        return dtype(x)
    if isinstance(x, type) and issubclass(x, np.generic):
        return dtype(np.dtype(x))
    if isinstance(x, np.ndarray):
        written = of_array(x)
        if written is not None:
            return written
    elif isinstance(x, bool | int | np.integer | np.bool_ | float):
        return number(x)
    elif isinstance(x, np.floating):  # of another type than float64, which is a float
        return scalar(x)
    elif x is None or x is ... or isinstance(x, str):
        return ast.Constant(x)
    raise TypeError(f"source: no way to write {type(x).__name__} {x!r:.80} in a program")


def index(x: Any, of_array: Callable[[Array], ast.expr | None]) -> ast.expr:
    """Return what stands between the brackets of ``array[...]``.

    >>> ast.unparse(ast.Subscript(name("x"), index((slice(None, None, -1), None), array)))
    'x[::-1, np.newaxis]'
    """
    if isinstance(x, tuple):
        return ast.Tuple([index(part, of_array) for part in x])
    if isinstance(x, slice):
        ends = (x.start, x.stop, x.step)
        return ast.Slice(*(None if end is None else number(end) for end in ends))
    return name("np.newaxis") if x is None else option(x, of_array)
