"""Operations of one's own, from a plain NumPy function and its hand-written rules."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np

from tinygrad_mlp.core.op import REALS, Rule
from tinygrad_mlp.core.ownership import handed, to_read
from tinygrad_mlp.core.record import Op
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.errors import DataTypeError, ShapeError


def operation(
    *vjps: Rule | None,
    latex: str | None = None,
    symbol: str | None = None,
    shapes: str | None = None,
    domain: tuple[float, float] = REALS,
) -> Callable[[Callable[..., Any]], Op]:
    r"""Make a row of the table of the function below, with the rules that are given.

    The function's positional parameters are what it is differentiated by; keyword-only parameters
    are options.  It gets arrays that it cannot write to.  What it and the rules return is checked
    at every call.  For more say, write the row itself: ``tg.Op(...)``.

    Parameters
    ----------
    *vjps : callables or None
        One rule for each parameter, ``rule(g, out, *arguments, **options)``.  Written in operators
        and functions of this package, it can be differentiated again.
    latex : str, optional
        The formula over ``{parameter}``.
    symbol : str, optional
        What a drawing shows; the function's name by default.
    shapes : str, optional
        Shapes as in ``"(n,k),(k,m)->(n,m)"``; elementwise by default.
    domain : pair of floats
        The interval in which the function may be tested.

    Returns
    -------
    decorator
        That turns the function into an ``Op``: arrays in, array out; Values in, Value out.

    Raises
    ------
    TypeError
        If there are not as many rules as parameters.
    ValueError
        If a row of this package has that name.  One of your own is replaced.
    DataTypeError, ShapeError, GraphError
        When it is called: if the function or a rule returns no floats, if a gradient does not have
        the shape of its argument, or if the function writes to its arguments.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> @tg.operation(lambda g, out, x: g * 3.0 * x**2, latex="{x}^3")
    ... def cube(x):
    ...     "Third power."
    ...     return x**3
    >>> cube(2.0), tg.grad(cube)(2.0), tg.grad(tg.grad(cube))(2.0)
    (np.float64(8.0), np.float64(12.0), np.float64(12.0))
    """

    def decorate(function: Callable[..., Any]) -> Op:
        from inspect import Parameter, getdoc, signature  # here, because it is slow to import

        if not callable(function):
            raise TypeError(
                "operation: stands above a function, after its rules, one for each parameter: "
                f"@tg.operation(lambda g, out, x: ...); got {function!r}"
            )
        name = function.__name__
        parameters = list(signature(function).parameters.values())
        positional = [p.name for p in parameters if p.kind is not Parameter.KEYWORD_ONLY]
        options = {p.name: p.default for p in parameters if p.kind is Parameter.KEYWORD_ONLY}
        if any(p.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD) for p in parameters):
            raise TypeError(f"operation: {name} must name its parameters, not take * or **")
        if len(vjps) != len(positional):
            raise TypeError(
                f"operation: {name} has {len(positional)} parameters, "
                f"{', '.join(positional)}, but {len(vjps)} rules were given; None is a rule too"
            )
        for rule in vjps:
            if not (rule is None or callable(rule)):
                raise TypeError(
                    f"operation: a rule of {name} must be a function or None, got {rule!r}"
                )
        call = [*(f"{{{p}}}" for p in positional), *(f"{p}={{{p}}}" for p in options)]
        return Op(
            name,
            " ".join(positional),
            forward=f"{name}({', '.join(call)})",
            functions={name: CheckedFunction(name, function)},
            vjps=tuple(
                rule and CheckedRule(name, positional, place, rule)
                for place, rule in enumerate(vjps)
            ),
            options=options,
            latex=latex or rf"\operatorname{{{{{name}}}}}({', '.join(call[: len(positional)])})",
            symbol=symbol,
            shapes=shapes or ",".join(["(...)"] * len(positional)) + "->(...)",
            domain=domain,
            doc=getdoc(function) or f"The function {name}.",
        )

    return decorate


class CheckedFunction:
    """A function that cannot write to its arguments, and must return floats.

    ``__wrapped__`` is the function as its author wrote it, which a printed source copies.
    """

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        self.name = name
        self.__wrapped__ = function

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Return what the function returns."""
        result = handed(self.name, "function", self.__wrapped__, map(to_read, arguments), options)
        # gradcheck calls it with complex numbers
        if not _is_floats(result, "fc" if any(map(np.iscomplexobj, arguments)) else "f"):
            raise DataTypeError(
                f"{self.name}: the function must return an array or a NumPy number of floats, got "
                f"{_described(result)}; return np.asarray(..., float) of it"
            )
        return result


class CheckedRule:
    """A rule that must return the gradient by an argument, of its shape or still to be summed."""

    def __init__(self, name: str, parameters: list[str], place: int, rule: Rule) -> None:
        self.name = name
        self.place = place
        self.parameter = parameters[place]
        self.__wrapped__ = rule

    def __call__(self, g: Any, out: Any, *arguments: Any, **options: Any) -> Any:
        """Return what the rule returns."""
        share = handed(
            self.name, "rule", self.__wrapped__, map(to_read, (g, out, *arguments)), options
        )
        wanted = np.shape(arguments[self.place])
        if isinstance(g, Value):
            if not isinstance(share, Value):
                raise self._refused(
                    DataTypeError,
                    "a Value, for it is differentiated itself",
                    f"{_described(share)}; write it in operators and functions of tinygrad_mlp",
                )
        elif not _is_floats(share, "f"):
            raise self._refused(
                DataTypeError,
                f"an array of floats of shape {wanted}",
                f"{_described(share)}; a derivative of zero is 0.0 * g, or None in place of a rule",
            )
        if share.shape != wanted and not _sums_to(share.shape, wanted, out, arguments):
            raise self._refused(ShapeError, f"shape {wanted}", f"shape {share.shape}")
        return share

    def _refused(self, kind: type[Exception], wanted: str, got: str) -> Exception:
        return kind(
            f"{self.name}: the rule for {self.parameter} must return {wanted}, the gradient by "
            f"{self.parameter}, got {got}"
        )


def _is_floats(x: Any, kinds: str) -> bool:
    """Return whether something is a plain array, or a NumPy number, of some kinds of numbers."""
    return (type(x) is np.ndarray or isinstance(x, np.generic)) and x.dtype.kind in kinds


def _described(x: Any) -> str:
    kind = f" of {x.dtype}" if isinstance(x, np.ndarray) else ""
    return f"{type(x).__name__}{kind} {x!r:.80}"


def _sums_to(
    shape: tuple[int, ...], wanted: tuple[int, ...], out: Any, arguments: tuple[Any, ...]
) -> bool:
    """Return whether a gradient is one whose broadcasting is still to be undone.

    It may be as long as the result, or as all arguments together, where its argument was stretched.
    """
    wholes = [np.shape(out)]
    with suppress(ValueError):  # matrices that are multiplied have no shape together
        wholes.append(np.broadcast_shapes(*map(np.shape, arguments)))
    stretched = (1,) * (len(shape) - len(wanted)) + wanted
    return any(
        len(shape) == len(stretched) == len(whole)
        and all(
            n == one or (one == 1 and n == length)
            for n, one, length in zip(shape, stretched, whole, strict=True)
        )
        for whole in wholes
    )
