"""Functions of functions: the gradient of a Python function of arrays.

The names and arguments are those of JAX and of HIPS autograd.  A function is run once on Values,
and its graph is walked backwards.  Inside another transform, or for arguments that are Values, the
walk is recorded, so all of these compose, to any order.  The run is recorded inside ``no_grad``
too, and what it makes of its inputs is known as being differentiated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, overload

from tinygrad_mlp.core import backward
from tinygrad_mlp.core.context import current
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.functional.running import (
    Function,
    Run,
    check_function,
    name_of,
    named,
)
from tinygrad_mlp.ops.reductions import sum as sum_


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
def grad(f: Function, argnums: int | Sequence[int] = 0, *, has_aux: bool = False) -> Function: ...
def grad(
    f: Any,
    argnums: Any = 0,
    gradient: Any = None,
    *,
    create_graph: bool = False,
    has_aux: bool = False,
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
    has_aux : bool
        ``f`` returns a pair: what is differentiated, and anything else, which comes back as it is.

    Returns
    -------
    callable
        Takes what ``f`` takes; gives the gradient in the form of the argument, or a tuple of
        them for a tuple of ``argnums``; with ``has_aux`` a pair of it and what else ``f`` returned.

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
        if has_aux:
            raise TypeError("grad: has_aux goes with a function, and f is a Value")
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
    both = _both("grad", f, argnums, has_aux)

    def gradient_function(*args: Any, **options: Any) -> Any:
        value, gradients = both(*args, **options)
        return (gradients, value[1]) if has_aux else gradients

    return named(gradient_function, "grad", f)


def value_and_grad(
    f: Function, argnums: int | Sequence[int] = 0, *, has_aux: bool = False
) -> Callable[..., tuple[Any, Any]]:
    """Return a function that gives the value and the gradient of ``f`` from one run.

    Parameters
    ----------
    f, argnums, has_aux
        As for ``grad``.

    Returns
    -------
    callable
        Takes what ``f`` takes; gives the pair of what ``f`` returns and the gradient.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.value_and_grad(lambda x: x**3)(2.0)
    (np.float64(8.0), np.float64(12.0))
    >>> tg.value_and_grad(lambda x: (x**3, "cube"), has_aux=True)(2.0)
    ((np.float64(8.0), 'cube'), np.float64(12.0))
    """
    check_function("value_and_grad", f)
    return named(_both("value_and_grad", f, argnums, has_aux), "value_and_grad", f)


def _both(transform: str, f: Function, argnums: Any, has_aux: bool) -> Function:
    """Return the function that gives value and gradient, for a transform that errors name."""

    def function(*args: Any, **options: Any) -> tuple[Any, Any]:
        run = Run(transform, f, args, options, argnums, has_aux)
        output = run.single_output()
        if output.size != 1:
            raise ShapeError(
                f"{transform}: {name_of(f)} must return a scalar, got shape {output.shape}; "
                "reduce it with .sum(), or use jacobian or elementwise_grad"
            ).about(output)
        return run.with_aux(run.finished(output)), run.gradients(output, None)

    return function


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
