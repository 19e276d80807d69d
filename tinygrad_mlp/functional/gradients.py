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

from tinygrad_mlp._support.structures import leaves, mapped, rebuild
from tinygrad_mlp.core import backward
from tinygrad_mlp.core.context import current, differentiating
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.ops.joining import stack
from tinygrad_mlp.ops.reductions import sum as sum_
from tinygrad_mlp.ops.shapes import copy, reshape, stop_gradient

Function = Callable[..., Any]


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
        # A transform that runs differentiates this gradient as well, as it does that of a function.
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

    return _named(gradient_function, "grad", f)


def value_and_grad(f: Function, argnums: int | Sequence[int] = 0) -> Callable[..., tuple[Any, Any]]:
    """Return a function that gives the value and the gradient of ``f`` from one run.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.value_and_grad(lambda x: x**3)(2.0)
    (np.float64(8.0), np.float64(12.0))
    """
    _check_function("value_and_grad", f)

    def function(*args: Any, **options: Any) -> tuple[Any, Any]:
        run = _Run(f, args, options, argnums)
        output = run.single_output("value_and_grad")
        if output.size != 1:
            raise ShapeError(
                f"grad: {_name(f)} must return a scalar, got shape {output.shape}; "
                "reduce it with .sum(), or use jacobian or elementwise_grad"
            )
        return run.finished(output), run.gradients(output, None)

    return _named(function, "value_and_grad", f)


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
    _check_function("elementwise_grad", f)
    return _named(
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
    _check_function("vjp", f)
    run = _Run(f, args, {}, tuple(range(len(args))))
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
    _check_function("jvp", f)
    _check_tangents("jvp", primals, tangents)
    run = _Run(f, primals, {}, tuple(range(len(primals))))
    output = run.single_output("jvp")
    recorded = run.recorded or _any_value(tangents)
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
    _check_function("hvp", f)
    _check_tangents("hvp", primals, tangents)
    everything = tuple(range(len(primals)))
    slopes = grad(f, everything)
    products: tuple[Any, ...] = grad(
        lambda *args: _inner(leaves(slopes(*args)), tangents), everything
    )(*primals)
    return products


# ----- Tables of derivatives -----


def jacobian(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    r"""Return a function that gives all derivatives of all outputs, $\partial f_i / \partial x_j$.

    Parameters
    ----------
    f : callable
        Returns an array, or a nested structure of them.
    argnums : int or tuple of ints
        By which arguments.

    Returns
    -------
    callable
        Gives an array of shape (*output shape, *input shape); for structures, one for each pair.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> tg.jacobian(lambda x: x**2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    _check_function("jacobian", f)

    def function(*args: Any, **options: Any) -> Any:
        run = _Run(f, args, options, argnums)
        return mapped(lambda output: run.table(_as_output("jacobian", f, output)), run.output)

    return _named(function, "jacobian", f)


def hessian(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    r"""Return a function that gives all second derivatives of a scalar function.

    Parameters
    ----------
    f : callable
        Returns a scalar.
    argnums : int or tuple of ints
        By which arguments.

    Returns
    -------
    callable
        Gives an array of shape (*input shape, *input shape); for structures, one for each pair.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> tg.hessian(lambda x: x[0] ** 2 * x[1])(np.array([3.0, 5.0]))
    array([[10.,  6.],
           [ 6.,  0.]])
    """
    _check_function("hessian", f)
    return _named(jacobian(grad(f, argnums), argnums), "hessian", f)


# ----- One run of a function -----


class _Run:
    """The values that are differentiated by, the output, and the graph between them."""

    def __init__(self, f: Function, args: Sequence[Any], options: Any, argnums: Any) -> None:
        self.f = f
        self.single = not isinstance(argnums, tuple | list)
        self.recorded = _is_inside() or _any_value(args) or current().recorder is not None
        places = [_place(n, len(args)) for n in ((argnums,) if self.single else argnums)]
        if len(set(places)) < len(places):
            raise ValueError(f"argnums must name each argument once, got {tuple(argnums)}")
        self.forms = [args[place] for place in places]
        given = list(args)
        for place in places:
            given[place] = mapped(_input, args[place])
        self.values = leaves([given[place] for place in places])  # f may change its lists and dicts
        self.recording = differentiating(self.values)
        with self.recording:
            self.output = f(*given, **options)

    def single_output(self, transform: str) -> Value:
        """Return the output as one Value."""
        return _as_output(transform, self.f, self.output)

    def finished(self, output: Value) -> Any:
        """Return the output as the caller wants it: a Value only if derivatives may follow."""
        if not self.recorded:
            return np.array(output.data)[()]
        return output if current().recording else stop_gradient(output)

    def gradients(self, output: Value, cotangent: Any) -> Any:
        """Return the gradients in the form of the inputs."""
        recorded = self.recorded or _is_inside() or isinstance(cotangent, Value)
        flat = backward.grad(output, self.values, cotangent, create_graph=recorded)
        return self._formed(flat)

    def table(self, output: Value) -> Any:
        """Return the derivatives of every element of the output, in the form of the inputs."""
        rows = []
        for element in range(output.size):
            basis = np.zeros(output.size, dtype=output.dtype)
            basis[element] = 1.0
            seed = basis.reshape(output.shape)
            rows.append(backward.grad(output, self.values, seed, create_graph=self.recorded))
        tables = []
        for position, value in enumerate(self.values):
            shape = (*output.shape, *value.shape)
            column = [row[position] for row in rows]
            if column:
                tables.append(reshape(stack(column), shape))
            else:
                tables.append(np.zeros(shape, dtype=value.dtype))
        return self._formed(tables)

    def _formed(self, flat: Sequence[Any]) -> Any:
        remaining = iter(flat)
        formed = tuple(rebuild(form, remaining) for form in self.forms)
        return formed[0] if self.single else formed


def _input(x: Any) -> Value:
    """Return what is differentiated by: a leaf, or a twin of the caller's Value.

    A twin, because one Value may be given for two arguments of which only one is meant.
    """
    if isinstance(x, Value):
        twin: Value = copy(x)
        return twin
    return Value(x)


def _as_output(transform: str, f: Function, output: Any) -> Value:
    if isinstance(output, Value):
        return output
    try:
        return Value(output)  # it does not depend on anything: the derivatives are zero
    except TypeError as error:
        raise TypeError(
            f"{transform}: {_name(f)} must return an array or a Value, "
            f"got {type(output).__name__} {output!r:.80}"
        ) from error


def _place(number: Any, count: int) -> int:
    if isinstance(number, bool) or not isinstance(number, int | np.integer):
        raise TypeError(f"argnums must be an int or a tuple of ints, got {number!r}")
    if not -count <= number < count:
        raise ValueError(f"argnums is {number}, but the number of positional arguments is {count}")
    return int(number) % count


def _is_inside() -> bool:
    """Return whether another transform runs, which may differentiate what this one gives."""
    return bool(current().differentiated)


def _any_value(structure: Any) -> bool:
    return any(isinstance(leaf, Value) for leaf in leaves(list(structure)))


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


def _check_function(transform: str, f: Any) -> None:
    if not callable(f):
        raise TypeError(f"{transform}: f must be a function, got {type(f).__name__} {f!r:.80}")


def _name(f: Function) -> str:
    return getattr(f, "__name__", type(f).__name__)


def _named(function: Function, transform: str, f: Function) -> Function:
    function.__name__ = f"{transform}({_name(f)})"
    function.__doc__ = f"{transform} of {_name(f)}; takes the same arguments."
    function.__wrapped__ = f  # type: ignore[attr-defined]  # for inspect.signature
    return function
