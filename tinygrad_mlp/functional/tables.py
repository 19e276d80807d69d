"""Tables of derivatives: Jacobians and Hessians, from one backward pass for all outputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_mlp.core import backward
from tinygrad_mlp.core.backward import history
from tinygrad_mlp.core.value import Value, next_number
from tinygrad_mlp.errors import TraceError
from tinygrad_mlp.functional.batching import Batch, Batched
from tinygrad_mlp.functional.gradients import grad
from tinygrad_mlp.functional.recorder import recording
from tinygrad_mlp.functional.running import Function, Run, check_function, named
from tinygrad_mlp.functional.tape import Tape
from tinygrad_mlp.kernels import Array
from tinygrad_mlp.ops.joining import concatenate, stack
from tinygrad_mlp.ops.shapes import reshape

#: Up to here one backward pass for each output takes less time than recording one for all.
_FEW = 4
#: How many numbers each array of a batch of backward passes has at most: 32 MB of them.
_LARGEST = 2**22


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
    rows = _at_once if output.size > _FEW else _one_by_one
    columns = rows(run, output)
    shapes = ((*output.shape, *value.shape) for value in run.values)
    return run.formed(map(reshape, columns, shapes))


def _basis(output: Value, first: int, length: int) -> Array:
    """Return some cotangents: 1 for the element ``first`` or one of those after it, else 0."""
    length = min(length, output.size - first)
    unit = np.eye(length, output.size, first, dtype=output.dtype)
    return unit.reshape((length, *output.shape))


def _one_by_one(run: Run, output: Value) -> list[Any]:
    """Return, for each input, the gradients of all elements: a backward pass for each."""
    if not output.size:
        return [np.zeros((0, *value.shape), value.dtype) for value in run.values]
    rows = []
    for element in range(output.size):
        (seed,) = _basis(output, element, 1)
        rows.append(backward.grad(output, run.values, seed, create_graph=run.recorded))
    return [stack(column) for column in zip(*rows, strict=True)]


def _largest(order: list[Value], cotangent: Value) -> int:
    """Return how many numbers the largest of the values has that are made of a cotangent."""
    made = {cotangent}
    for value in order:
        if any(type(x) is Value and x in made for x in value.args):
            made.add(value)
    return max(value.size for value in made)


def _at_once(run: Run, output: Value) -> list[Any]:
    """Return the same from one backward pass, recorded once and run for a batch of cotangents."""
    cotangent = Value(np.ones(output.shape, output.dtype))
    start = next_number()
    try:
        # As for a program, so that nothing in it depends on the numbers of this one cotangent.
        with run.recording, recording(start, "jacobian"):
            gradients = backward.grad(output, run.values, cotangent, create_graph=True)
    except TraceError:  # a rule looks at its numbers
        return _one_by_one(run, output)
    tape = Tape(gradients, start)
    length = max(1, _LARGEST // _largest(history(*gradients, since=start), cotangent))
    parts = []
    for first in range(0, output.size, length):
        part = _basis(output, first, length)
        given = [
            Batched(part) if x is cotangent else x if run.recorded else x._numbers
            for x in tape.inputs
        ]
        batch = Batch(len(part))
        parts.append([batch.whole(x) for x in tape.run(given, batch.call)])
    return [concatenate(column) for column in zip(*parts, strict=True)]
