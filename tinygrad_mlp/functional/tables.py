"""Tables of derivatives: Jacobians and Hessians, one backward pass for each output element."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_mlp.core import backward
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.functional.gradients import grad
from tinygrad_mlp.functional.running import Function, Run, check_function, named
from tinygrad_mlp.ops.joining import stack
from tinygrad_mlp.ops.shapes import reshape


def jacobian(f: Function, argnums: int | Sequence[int] = 0, *, has_aux: bool = False) -> Function:
    r"""Return a function that gives all derivatives of all outputs, $\partial f_i / \partial x_j$.

    Parameters
    ----------
    f : callable
        Returns an array, or a nested structure of them.
    argnums : int or tuple of ints
        By which arguments.
    has_aux : bool
        ``f`` returns a pair: what is differentiated, and anything else.

    Returns
    -------
    callable
        Gives an array of shape (*output shape, *input shape); for structures, one for each pair.
        With ``has_aux`` a pair of it and what else ``f`` returned.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> tg.jacobian(lambda x: x**2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    check_function("jacobian", f)

    def function(*args: Any, **options: Any) -> Any:
        run = Run("jacobian", f, args, options, argnums, has_aux)
        return run.with_aux(run.formed_as_output(_table(run, x) for x in run.outputs()))

    return named(function, "jacobian", f)


def hessian(f: Function, argnums: int | Sequence[int] = 0, *, has_aux: bool = False) -> Function:
    r"""Return a function that gives all second derivatives of a scalar function.

    Parameters
    ----------
    f : callable
        Returns a scalar.
    argnums : int or tuple of ints
        By which arguments.
    has_aux : bool
        ``f`` returns a pair: what is differentiated, and anything else.

    Returns
    -------
    callable
        Gives an array of shape (*input shape, *input shape); for structures, one for each pair.
        With ``has_aux`` a pair of it and what else ``f`` returned.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> tg.hessian(lambda x: x[0] ** 2 * x[1])(np.array([3.0, 5.0]))
    array([[10.,  6.],
           [ 6.,  0.]])
    """
    check_function("hessian", f)
    return named(
        jacobian(grad(f, argnums, has_aux=has_aux), argnums, has_aux=has_aux), "hessian", f
    )


def _table(run: Run, output: Value) -> Any:
    """Return the derivatives of every element of the output, in the form of the inputs."""
    rows = []
    for element in range(output.size):
        basis = np.zeros(output.size, dtype=output.dtype)
        basis[element] = 1.0
        seed = basis.reshape(output.shape)
        rows.append(backward.grad(output, run.values, seed, create_graph=run.recorded))
    tables = []
    for position, value in enumerate(run.values):
        shape = (*output.shape, *value.shape)
        column = [row[position] for row in rows]
        if column:
            tables.append(reshape(stack(column), shape))
        else:
            tables.append(np.zeros(shape, dtype=value.dtype))
    return run.formed(tables)
