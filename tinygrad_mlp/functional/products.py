"""Products with the Jacobian and the Hessian of a function, without forming these tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_mlp._support.structures import leaves, parts_at
from tinygrad_mlp.core import backward
from tinygrad_mlp.core.numbers import as_numbers
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.functional.gradients import grad
from tinygrad_mlp.functional.running import Function, Run, any_value, check_function
from tinygrad_mlp.ops.reductions import sum as sum_

# ----- Reverse mode -----


def vjp(f: Function, *args: Any, has_aux: bool = False) -> Any:
    r"""Return ``f(*args)`` and the function $u \mapsto u^\mathsf{T} J$ (reverse mode).

    Parameters
    ----------
    f : callable
        Returns an array, or a nested structure of them.
    *args
        Arrays, or nested lists, tuples and dicts of them.
    has_aux : bool
        ``f`` returns a pair: what is differentiated, and anything else.

    Returns
    -------
    output : array or structure of them
    pull_back : callable
        Takes a cotangent of the output's form and shapes, as often as wanted; gives a tuple with
        one cotangent for each argument.
    aux
        What else ``f`` returned; only with ``has_aux``.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> output, pull_back = tg.vjp(lambda x, y: x * y, np.array([2.0]), np.array([3.0]))
    >>> pull_back([10.0])
    (array([30.]), array([20.]))
    >>> output, pull_back = tg.vjp(lambda x: {"square": x**2, "cube": x**3}, 2.0)
    >>> pull_back({"square": 1.0, "cube": 10.0})
    (np.float64(124.0),)
    """
    check_function("vjp", f)
    run = Run("vjp", f, args, {}, tuple(range(len(args))), has_aux)
    outputs = run.outputs()

    def pull_back(cotangent: Any) -> tuple[Any, ...]:
        try:
            parts = parts_at(run.output, cotangent)
        except ValueError as error:
            raise ValueError(f"vjp: the cotangent must have the output's form: {error}") from None
        cotangents: tuple[Any, ...] = run.gradients(outputs, parts)
        return cotangents

    return run.with_aux(run.formed_as_output(map(run.finished, outputs)), pull_back)


# ----- Forward mode -----


def jvp(f: Function, primals: Any, tangents: Any, *, has_aux: bool = False) -> Any:
    r"""Return ``f(*primals)`` and its derivative $J v$ in the direction of ``tangents``.

    There is no second set of rules for this: the pull-back $u \mapsto u^\mathsf{T} J$ is linear in
    u, and pulling back through *it* gives $J v$.  The price is about two backward passes.

    Parameters
    ----------
    f : callable
        Returns an array, or a nested structure of them.
    primals, tangents
        The arguments, and how they change: a tuple or list with one entry for each argument, or
        anything else for a function of one argument.
    has_aux : bool
        ``f`` returns a pair: what is differentiated, and anything else.

    Returns
    -------
    output, tangent : arrays of one shape, or structures of them
    aux
        What else ``f`` returned; only with ``has_aux``.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.jvp(lambda x: x**3, 2.0, 10.0)
    (np.float64(8.0), np.float64(120.0))
    >>> tg.jvp(lambda x, y: (x * y, x), (2.0, 3.0), (1.0, 10.0))
    ((np.float64(6.0), np.float64(2.0)), (np.float64(23.0), np.float64(1.0)))
    """
    check_function("jvp", f)
    args, directions = _arguments("jvp", primals, tangents)
    run = Run("jvp", f, args, {}, tuple(range(len(args))), has_aux)
    outputs = run.outputs()
    recorded = run.recorded or any_value(directions)
    cotangents = [Value(np.ones(output.shape, output.dtype)) for output in outputs]
    with run.recording:
        pulled = backward.grad(outputs, run.values, cotangents, create_graph=True)
        slope = _inner(pulled, directions)
    found = backward.grad(slope, cotangents, create_graph=recorded)
    values = run.formed_as_output(map(run.finished, outputs))
    return run.with_aux(values, run.formed_as_output(found))


def hvp(f: Function, primals: Any, tangents: Any) -> Any:
    r"""Return the Hessian of a scalar function times a vector, $H v$, without forming $H$.

    It is the gradient of $\nabla f \cdot v$ (Pearlmutter, *Fast exact multiplication by the
    Hessian*, 1994), and costs a few gradients, however many parameters there are.

    Parameters
    ----------
    f : callable
        Returns a scalar.
    primals, tangents
        The arguments, and the vector: a tuple or list with one entry for each argument, or
        anything else for a function of one argument.

    Returns
    -------
    structure of arrays, or tuple of them
        Of the form of the argument; for a tuple or list of arguments a tuple.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> tg.hvp(lambda x: (x**3).sum(), np.array([1.0, 2.0]), np.array([1.0, 10.0]))
    array([  6., 120.])
    """
    check_function("hvp", f)
    args, directions = _arguments("hvp", primals, tangents)
    everything = tuple(range(len(args)))
    slopes = grad(f, everything)
    products: tuple[Any, ...] = grad(
        lambda *args: _inner(leaves(slopes(*args)), directions), everything
    )(*args)
    return products if _are_several(primals) else products[0]


def _inner(slopes: Sequence[Any], tangents: Sequence[Any]) -> Value:
    """Return the sum of the products of all elements."""
    products = [sum_(g * v) for g, v in zip(slopes, tangents, strict=True)]
    total: Value = sum(products[1:], products[0]) if products else Value(0.0)
    return total


def _are_several(primals: Any) -> bool:
    """Return whether this is a sequence of arguments; a named tuple is one argument."""
    return type(primals) in (tuple, list)


def _arguments(transform: str, primals: Any, tangents: Any) -> tuple[list[Any], list[Any]]:
    """Return the arguments, and a tangent for each array in them."""
    if _are_several(primals) and not _are_several(tangents):
        raise TypeError(
            f"{transform}: primals is a {type(primals).__name__} with one entry for each argument, "
            f"and so must tangents be, got {type(tangents).__name__} {tangents!r:.80}"
        )
    try:
        parts = parts_at(primals, tangents)
    except ValueError as error:
        raise ValueError(f"{transform}: tangents must have the form of primals: {error}") from None
    name = f"{transform}: a tangent"
    directions = [x if isinstance(x, Value) else as_numbers(x, name) for x in parts]
    for primal, tangent in zip(leaves(primals), directions, strict=True):
        if np.shape(primal) != tangent.shape:
            raise ShapeError(
                f"{transform}: a tangent has shape {tangent.shape}, "
                f"its primal has shape {np.shape(primal)}"
            )
    return list(primals) if _are_several(primals) else [primals], directions
