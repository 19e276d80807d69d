"""Functions of functions: gradients, Jacobians and Hessians of Python functions of arrays.

The names and arguments are those of JAX and of HIPS autograd.  A function is run once on Values,
and its graph is walked backwards.  Inside another transform, or for arguments that are Values, the
walk is recorded, so all of these compose, to any order.  The run is recorded inside ``no_grad``
too, and what it makes of its inputs is known as being differentiated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, overload

import numpy as np

from tinygrad_mlp._support.structures import leaves, mapped
from tinygrad_mlp.core import backward
from tinygrad_mlp.core.context import current
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.functional.running import (
    Function,
    Run,
    any_value,
    check_function,
    name_of,
    named,
)
from tinygrad_mlp.ops.reductions import sum as sum_

# ----- Reverse mode -----


@overload
def grad(
    f: Value, argnums: Value, gradient: Any = None, *, create_graph: Literal[True]
) -> Value: ...
@overload
def grad(
    f: Value, argnums: Sequence[Value], gradient: Any = None, *, create_graph: Literal[True]
) -> list[Value]: ...
@overload
def grad(f: Value, argnums: Value, gradient: Any = None, *, create_graph: bool = False) -> Any: ...
@overload
def grad(
    f: Value, argnums: Sequence[Value], gradient: Any = None, *, create_graph: bool = False
) -> list[Any]: ...
@overload
def grad(f: Function, argnums: int | Sequence[int] = 0) -> Function: ...
def grad(
    f: Any,
    argnums: Any = 0,
    gradient: Any = None,
    *,
    create_graph: bool = False,
) -> Any:
    """Return the gradient function of ``f``; or the gradient of a Value by other Values.

    Parameters
    ----------
    f : callable or Value
        A function that returns a scalar.  With a Value, this is ``grad`` of ``core.backward``: its
        gradient by the Values ``argnums``, from ``gradient``, recorded if ``create_graph``, or if a
        transform differentiates it.
    argnums : int or tuple of ints
        By which positional arguments.  They may be nested lists, tuples and dicts of arrays.

    Returns
    -------
    callable
        Takes what ``f`` takes; gives the gradient in the form of the argument, or a tuple of
        them for a tuple of ``argnums``.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.grad(lambda x: x**3)(2.0)
    np.float64(12.0)
    >>> tg.grad(tg.grad(lambda x: x**3))(2.0)
    np.float64(12.0)
    >>> x = tg.Value(2.0)
    >>> tg.grad(x**3, x)
    np.float64(12.0)
    """
    if isinstance(f, Value):
        if current().differentiated:  # by a transform that runs, and perhaps this gradient with it
            used = [x for x in (f, gradient) if isinstance(x, Value)]
            create_graph = create_graph or any(x.is_differentiated() for x in used)
        return backward.grad(f, argnums, gradient, create_graph=create_graph)
    if not callable(f):
        raise TypeError(f"grad: f must be a function or a Value, got {type(f).__name__} {f!r:.80}")
    if gradient is not None or create_graph:
        raise TypeError(
            "grad: gradient and create_graph go with a Value; "
            "the gradient function of a function is differentiated by calling grad on it again"
        )
    both = value_and_grad(f, argnums)

    def gradient_function(*args: Any, **options: Any) -> Any:
        return both(*args, **options)[1]

    return named(gradient_function, "grad", f)


def value_and_grad(f: Function, argnums: int | Sequence[int] = 0) -> Callable[..., tuple[Any, Any]]:
    """Return a function that gives the value and the gradient of ``f`` from one run.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.value_and_grad(lambda x: x**3)(2.0)
    (np.float64(8.0), np.float64(12.0))
    """
    check_function("value_and_grad", f)

    def function(*args: Any, **options: Any) -> tuple[Any, Any]:
        run = Run(f, args, options, argnums)
        output = run.single_output("value_and_grad")
        if output.size != 1:
            raise ShapeError(
                f"grad: {name_of(f)} must return a scalar, got shape {output.shape}; "
                "reduce it with .sum(), or use jacobian or elementwise_grad"
            ).about(output)
        return run.finished(output), run.gradients(output, None)

    return named(function, "value_and_grad", f)


def elementwise_grad(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """Return the derivative of a function that works on each element by itself.

    It is the gradient of the sum of the outputs, so the elements must not mix.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> tg.elementwise_grad(tg.sin)(np.array([0.0, np.pi]))
    array([ 1., -1.])
    """
    check_function("elementwise_grad", f)
    return named(
        grad(lambda *args, **options: sum_(f(*args, **options)), argnums),
        "elementwise_grad",
        f,
    )


def vjp(f: Function, *args: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    r"""Return ``f(*args)`` and the function $u \mapsto u^\mathsf{T} J$ (reverse mode).

    Parameters
    ----------
    f : callable
        Returns one array.
    *args
        Arrays, or nested lists, tuples and dicts of them.

    Returns
    -------
    output : array
    pull_back : callable
        Takes a cotangent of the output's shape, as often as wanted; gives a tuple with one
        cotangent for each argument.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> output, pull_back = tg.vjp(lambda x, y: x * y, np.array([2.0]), np.array([3.0]))
    >>> pull_back([10.0])
    (array([30.]), array([20.]))
    """
    check_function("vjp", f)
    run = Run(f, args, {}, tuple(range(len(args))))
    output = run.single_output("vjp")

    def pull_back(cotangent: Any) -> tuple[Any, ...]:
        cotangents: tuple[Any, ...] = run.gradients(output, cotangent)
        return cotangents

    return run.finished(output), pull_back


# ----- Forward mode -----


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    r"""Return ``f(*primals)`` and its derivative $J v$ in the direction of ``tangents``.

    There is no second set of rules for this: the pull-back $u \mapsto u^\mathsf{T} J$ is linear in
    u, and pulling back through *it* gives $J v$.  The price is about two backward passes.

    Parameters
    ----------
    f : callable
        Returns one array.
    primals, tangents : sequences of the same form
        The arguments, and how they change.

    Returns
    -------
    output, tangent : arrays of one shape

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.jvp(lambda x: x**3, (2.0,), (10.0,))
    (np.float64(8.0), np.float64(120.0))
    """
    check_function("jvp", f)
    _check_tangents("jvp", primals, tangents)
    run = Run(f, primals, {}, tuple(range(len(primals))))
    output = run.single_output("jvp")
    recorded = run.recorded or any_value(tangents)
    cotangent = Value(np.ones(output.shape, output.dtype))
    with run.recording:
        pulled = backward.grad(output, run.values, cotangent, create_graph=True)
        slope = _inner(pulled, tangents)
    tangent = backward.grad(slope, cotangent, create_graph=recorded)
    return run.finished(output), tangent


def hvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
    r"""Return the Hessian of a scalar function times a vector, $H v$, without forming $H$.

    It is the gradient of $\nabla f \cdot v$ (Pearlmutter, *Fast exact multiplication by the
    Hessian*, 1994), and costs a few gradients, however many parameters there are.

    Parameters
    ----------
    f : callable
        Returns a scalar.
    primals, tangents : sequences of the same form
        The arguments, and the vector.

    Returns
    -------
    tuple
        One structure for each argument, of its form.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> tg.hvp(lambda x: (x**3).sum(), (np.array([1.0, 2.0]),), (np.array([1.0, 10.0]),))
    (array([  6., 120.]),)
    """
    check_function("hvp", f)
    _check_tangents("hvp", primals, tangents)
    everything = tuple(range(len(primals)))
    slopes = grad(f, everything)
    products: tuple[Any, ...] = grad(
        lambda *args: _inner(leaves(slopes(*args)), tangents), everything
    )(*primals)
    return products


def _inner(slopes: Sequence[Any], tangents: Any) -> Value:
    """Return the sum of the products of all elements."""
    products = [sum_(g * v) for g, v in zip(slopes, leaves(list(tangents)), strict=True)]
    total: Value = sum(products[1:], products[0])
    return total


def _check_tangents(transform: str, primals: Any, tangents: Any) -> None:
    if not isinstance(primals, tuple | list) or not isinstance(tangents, tuple | list):
        raise TypeError(f"{transform}: primals and tangents must be tuples, one entry per argument")

    def check(primal: Any, tangent: Any) -> None:
        if np.shape(primal) != np.shape(tangent):
            raise ShapeError(
                f"{transform}: a tangent has shape {np.shape(tangent)}, "
                f"its primal has shape {np.shape(primal)}"
            )

    mapped(check, list(primals), list(tangents))
