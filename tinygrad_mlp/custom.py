"""Operations of one's own, from a plain NumPy function and its hand-written rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tinygrad_mlp.engine import REALS, Op, Rule


def operation(
    *vjps: Rule | None,
    latex: str | None = None,
    symbol: str | None = None,
    shapes: str | None = None,
    domain: tuple[float, float] = REALS,
) -> Callable[[Callable[..., Any]], Op]:
    r"""Make a row of the table of the function below, with the rules that are given.

    The function's positional parameters are what it is differentiated by; keyword-only parameters
    are options.  For more say, write the row itself: ``tg.Op(...)``.

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
        call = [*(f"{{{p}}}" for p in positional), *(f"{p}={{{p}}}" for p in options)]
        return Op(
            name,
            " ".join(positional),
            forward=f"{name}({', '.join(call)})",
            functions={name: function},
            vjps=_callable_or_none(name, vjps),
            options=options,
            latex=latex or rf"\operatorname{{{{{name}}}}}({', '.join(call[: len(positional)])})",
            symbol=symbol,
            shapes=shapes or ",".join(["(...)"] * len(positional)) + "->(...)",
            domain=domain,
            doc=getdoc(function) or f"The function {name}.",
        )

    return decorate


def _callable_or_none(name: str, vjps: Iterable[Rule | None]) -> tuple[Rule | None, ...]:
    rules = tuple(vjps)
    for rule in rules:
        if rule is not None and not callable(rule):
            raise TypeError(f"operation: a rule of {name} must be a function or None, got {rule!r}")
    return rules
