"""A function with a rule of one's own for its gradient, such as one that solves an equation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np

from tinygrad_mlp._support.structures import leaves, parts_at, rebuild
from tinygrad_mlp.core.context import unfollowed
from tinygrad_mlp.core.numbers import as_numbers
from tinygrad_mlp.core.ownership import handed, locked, to_read
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.errors import DataTypeError, ShapeError
from tinygrad_mlp.functional import joint
from tinygrad_mlp.functional.running import any_value, check_function, name_of, named
from tinygrad_mlp.kernels import Array


def custom_vjp(rule: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    r"""Give the function below a rule for its gradient, $u \mapsto u^\mathsf{T} J$.

    The function runs on plain arrays, which it cannot write to, and its inside is not
    differentiated, so it may call anything: a solver of SciPy, a loop until something has
    converged.  For one array and a formula ``tg.operation`` makes a row of the table, which can be
    printed and drawn as others.

    Parameters
    ----------
    rule : callable
        ``rule(g, out, *args, **options)`` gets the gradient of the result, the result and what the
        function got, and returns a tuple with one entry for each positional argument, in its form
        and shapes; None for zero.  Written in functions of this package, it can be differentiated
        again.

    Returns
    -------
    decorator
        The function below takes and returns arrays, or nested structures of them.  It is
        differentiated by the Values among its positional arguments; options are for anything else.

    Raises
    ------
    TypeError, ShapeError, GraphError
        When it is called or differentiated: if the function or the rule returns something else, or
        writes to what it gets.

    Notes
    -----
    What ``jax.custom_vjp`` calls residuals are here the result and the arguments, which the rule
    gets anyway.

    Examples
    --------
    The root of $x^2 = a$ by Newton's method; by the implicit function theorem $x' = 1 / (2 x)$:

    >>> import tinygrad_mlp as tg
    >>> @tg.custom_vjp(lambda g, x, a: (g / (2.0 * x),))
    ... def root(a):
    ...     x = 1.0
    ...     while abs(x * x - a) > 1e-15 * a:
    ...         x = (x + a / x) / 2.0
    ...     return x
    >>> root(4.0), tg.grad(root)(4.0), tg.grad(tg.grad(root))(4.0)
    (np.float64(2.0), np.float64(0.25), np.float64(-0.03125))
    """
    check_function("custom_vjp", rule)

    def decorate(f: Callable[..., Any]) -> Callable[..., Any]:
        check_function("custom_vjp", f)

        def function(*args: Any, **options: Any) -> Any:
            flat = [_kept(x) for x in leaves(args)]
            numbers = [to_read(x._numbers) if isinstance(x, Value) else x for x in flat]
            with unfollowed():
                result = _called(f, rebuild(args, iter(numbers)), options)
            outputs = [_output(f, x) for x in leaves(result)]
            values = [x for x in flat if isinstance(x, Value)]
            if not outputs:
                raise TypeError(
                    f"custom_vjp: {name_of(f)} must return an array, or several, got "
                    f"{type(result).__name__} {result!r:.80}"
                )
            if values:
                whole = _Custom(f, rule, rebuild(args, iter(flat)), options, result, outputs)
                outputs = joint.called(whole, values, outputs)
            return rebuild(result, iter(outputs))

        return named(function, "custom_vjp", f)

    return decorate


def _kept(x: Any) -> Any:
    """Return an argument that nobody can change until the backward pass."""
    return locked(x.copy("K")) if type(x) is np.ndarray and x.ndim else x


def _called(f: Callable[..., Any], args: Any, options: Mapping[str, Any]) -> Any:
    """Return what a function gives for arrays that it cannot write to."""
    return handed("custom_vjp", f"function {name_of(f)}", f, args, options)


def _output(f: Callable[..., Any], x: Any) -> Array:
    """Return a result as floats of its own."""
    if isinstance(x, Value):
        raise DataTypeError(
            f"custom_vjp: {name_of(f)} must return arrays, got {x.described()}; it is called with "
            "plain arrays, so make every Value that it refers to an argument"
        )
    return as_numbers(x, f"custom_vjp: what {name_of(f)} returns", copy=True)


class _Custom(joint.Function):
    """A call of a function, with what it was called with in the place of its Values."""

    to_be_written = "make it a tg.operation instead of a tg.custom_vjp: of that the text is copied"

    def __init__(
        self,
        f: Callable[..., Any],
        rule: Callable[..., Any],
        args: tuple[Any, ...],
        options: Mapping[str, Any],
        result: Any,
        outputs: Sequence[Array],
    ) -> None:
        super().__init__(name_of(f), outputs)
        self.f = f
        self.own_rule = rule
        self.options = options
        # Numbers in the place of what is in them, so that no Value is kept alive.
        flat = leaves(args)
        self.form_of_args = rebuild(args, iter(range(len(flat))))
        self.form_of_result = rebuild(result, iter(range(len(outputs))))
        self.places = [place for place, x in enumerate(flat) if isinstance(x, Value)]
        self.others = [None if isinstance(x, Value) else x for x in flat]

    def _filled(self, things: Sequence[Any]) -> Any:
        """Return the arguments with something in the place of each Value."""
        flat = list(self.others)
        for place, thing in zip(self.places, things, strict=True):
            flat[place] = thing
        return rebuild(self.form_of_args, iter(flat))

    def compute(self, *arrays: Array) -> list[Array]:
        with unfollowed():
            result = _called(self.f, self._filled([to_read(x) for x in arrays]), self.options)
        return [_output(self.f, x) for x in leaves(result)]

    def rule(self, cotangents: list[Any], outputs: list[Any], args: list[Any]) -> list[Any]:
        g, out = (rebuild(self.form_of_result, map(to_read, x)) for x in (cotangents, outputs))
        recorded = any_value([*cotangents, *args])
        with nullcontext() if recorded else unfollowed():
            given = (g, out, *self._filled([to_read(x) for x in args]))
            shares = handed(
                "custom_vjp", f"rule of {self.name}", self.own_rule, given, self.options
            )
        if not isinstance(shares, tuple) or len(shares) != len(self.form_of_args):
            raise TypeError(
                f"custom_vjp: the rule of {self.name} must return a tuple with "
                f"{len(self.form_of_args)} entries, one for each positional argument, got "
                f"{type(shares).__name__} {shares!r:.80}"
            )
        found: list[Any] = []
        for position, (form, share) in enumerate(zip(self.form_of_args, shares, strict=True)):
            try:
                none = [None] * len(leaves(form))
                found += none if share is None else parts_at(form, share)
            except ValueError as error:
                raise ValueError(
                    f"custom_vjp: entry {position} of what the rule of {self.name} returns must "
                    f"have the form of its argument: {error}"
                ) from None
        chosen = [found[place] for place in self.places]
        return [self._checked(*pair, recorded) for pair in zip(chosen, args, strict=True)]

    def _checked(self, share: Any, argument: Any, recorded: bool) -> Any:
        """Return the gradient by an argument, if it can be one."""
        if share is None:
            return None
        if recorded != isinstance(share, Value):
            wanted, instead = (
                (
                    "a Value, for it is differentiated itself",
                    "write it in functions of this package",
                )
                if recorded
                else ("arrays here", "make every Value that it refers to an argument")
            )
            raise DataTypeError(
                f"custom_vjp: the rule of {self.name} must return {wanted}, got "
                f"{type(share).__name__} {share!r:.80}; {instead}"
            )
        if not recorded:
            share = as_numbers(share, f"custom_vjp: what the rule of {self.name} returns")
        if share.shape != argument.shape:
            raise ShapeError(
                f"custom_vjp: the rule of {self.name} returns a gradient of shape {share.shape} "
                f"for an argument of shape {argument.shape}"
            )
        return share
