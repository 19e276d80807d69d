"""Questions about numbers, and choices: the larger, the smaller, the one or the other."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import repeat
from typing import Any

import numpy as np

from tinygrad_mlp.core.composites import composite
from tinygrad_mlp.core.context import current
from tinygrad_mlp.core.functions import PLAIN
from tinygrad_mlp.core.numbers import as_operand
from tinygrad_mlp.core.op import Rule
from tinygrad_mlp.core.operators import Operators
from tinygrad_mlp.core.protocols import bare_numbers
from tinygrad_mlp.core.record import Op
from tinygrad_mlp.errors import TraceError
from tinygrad_mlp.kernels import Array
from tinygrad_mlp.ops.arithmetic import binary


def _check_question(*arrays: Array, function: Any, others: Any, named: Any) -> dict[str, Any]:
    if function not in PLAIN:
        raise ValueError(f"question: function must be one of {sorted(PLAIN)}, got {function!r:.80}")
    for x in (*others, *dict(named).values()):
        if isinstance(x, Operators):
            raise TraceError(
                f"compile: np.{function} can take {x.described()} only as its first arguments"
            )
    return {"function": function, "others": others, "named": named}


question: Op = Op(
    "question",
    "*arrays",
    options={"function": "greater", "others": (), "named": ()},
    prepare=_check_question,
    forward="ask({function}, {arrays}, {others}, {named})",
    vjps=repeat(None),
    listed=False,
    public=False,
    latex=r"\operatorname{{question}}",
    shapes="(...),(...)->(...)",
    doc="Answer of a NumPy function such as greater or isfinite: steps, whose derivative is 0.",
    example=">>> from tinygrad_mlp.ops.selections import question\n"
    '>>> question([1.0, 2.0], 1.5, function="greater")\narray([False,  True])',
)


def silenced(row: Op, rule: Rule, known: tuple[Any, ...], options: Mapping[str, Any]) -> Any:
    """Apply a rule below a selection: where no gradient arrives, none may leave.

    The branch that ``where`` did not take may have an infinite or undefined derivative, and zero
    times that would be nan.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        share = rule(*known, **options)
    upstream, numbers = known[0], share
    if share is upstream:
        return share  # as that of a sum: where it is 0 it is defined
    is_compiling = current().recorder is not None
    if not is_compiling:
        upstream, numbers = bare_numbers(upstream), bare_numbers(numbers)
    silent = np.equal(upstream, 0)
    if "keepdims" in options:
        if options["axis"] and not options["keepdims"]:
            silent = np.expand_dims(silent, options["axis"])
    elif not row.elementwise:
        silent = silent.all()  # here every element of the share is made of the whole gradient
    undefined = silent & ~np.isfinite(numbers)
    return where(undefined, 0.0, share) if is_compiling or undefined.any() else share


larger_share: Op = binary(
    "larger_share",
    forward="larger_share({x}, {y})",
    vjps=(None, None),
    public=False,
    latex=r"\left([{x} > {y}] + \tfrac{{1}}{{2}} [{x} = {y}]\right)",
    doc="Share of x in maximum(x, y): 1, 0, or 1/2 at a tie; nan for nan.",
    example='>>> tg.OPS["larger_share"](2.0, 2.0)\nnp.float64(0.5)',
)
maximum: Op = binary(
    "maximum",
    forward="np.maximum({x}, {y})",
    vjps=(
        lambda g, out, x, y: g * larger_share(x, y),
        lambda g, out, x, y: g * larger_share(y, x),
    ),
    latex=r"\max({x}, {y})",
    doc="Larger of two values, element by element; a tie shares the gradient evenly.",
    example=">>> tg.maximum([1.0, 5.0], 3.0)\narray([3., 5.])",
)
minimum: Op = binary(
    "minimum",
    forward="np.minimum({x}, {y})",
    vjps=(
        lambda g, out, x, y: g * larger_share(y, x),
        lambda g, out, x, y: g * larger_share(x, y),
    ),
    latex=r"\min({x}, {y})",
    doc="Smaller of two values, element by element; a tie shares the gradient evenly.",
    example=">>> tg.minimum([1.0, 5.0], 3.0)\narray([1., 3.])",
)
where: Op = Op(
    "where",
    "condition x y",
    forward="np.where({condition}, {x}, {y})",
    vjps=(
        None,
        lambda g, out, condition, x, y: where(condition, g, 0.0),
        lambda g, out, condition, x, y: where(condition, 0.0, g),
    ),
    latex=r"\begin{{cases}}{x} & {condition}\\{y}\end{{cases}}",
    shapes="(...),(...),(...)->(...)",
    selects=silenced,
    doc="x where the condition holds and y elsewhere; the branch not taken has no influence, "
    "even if it is infinite or nan.",
    example=">>> tg.where([True, False], [1.0, 2.0], 0.0)\narray([1., 0.])",
)


inside: Op = Op(
    "inside",
    "x a_min a_max",
    forward="inside({x}, {a_min}, {a_max})",
    vjps=(None, None, None),
    public=False,
    latex=r"[{a_min} \le {x} \le {a_max}]",
    shapes="(...),(...),(...)->(...)",
    doc="Slope of clip: 1 from a_min to a_max, 0 outside; nan for nan.",
    example='>>> tg.OPS["inside"]([-1.0, 0.0, 2.0], 0.0, 1.0)\narray([0., 1., 0.])',
)
_clip: Op = Op(
    "clip",
    "x a_min a_max",
    forward="np.clip({x}, {a_min}, {a_max})",
    vjps=(
        lambda g, out, x, a_min, a_max: g * inside(x, a_min, a_max),
        lambda g, out, x, a_min, a_max: (
            g * (1.0 - inside(x, a_min, np.inf)) * inside(a_min, -np.inf, a_max)
        ),
        lambda g, out, x, a_min, a_max: g * (1.0 - inside(maximum(x, a_min), -np.inf, a_max)),
    ),
    latex=r"\min(\max({x}, {a_min}), {a_max})",
    shapes="(...),(...),(...)->(...)",
    doc="x limited to the interval from a_min to a_max; the slope is 1 inside and at its ends.",
)


@composite
def clip(
    x: Any,
    a_min: Any = None,
    a_max: Any = None,
    *,
    min: Any = None,  # noqa: A002  NumPy's name
    max: Any = None,  # noqa: A002  the same
) -> Any:
    r"""Return x limited to an interval, $\min(\max(x, a), b)$.

    The slope by x is 1 inside and at the ends, and by an end it is 1 where x lies beyond it.  Where
    ``a_min`` is larger than ``a_max``, the result is ``a_max``, as in NumPy.

    Parameters
    ----------
    x : Value or array_like
        Numbers.
    a_min, a_max : None, Value or array_like
        The ends, of shapes that broadcast with x; None is no end.
    min, max
        Other names of the two.

    Returns
    -------
    Value or ndarray
        A Value if any of them is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.clip([-1.0, 0.5, 2.0], 0.0, 1.0)
    array([0. , 0.5, 1. ])
    >>> tg.clip([-1.0, 0.5, 2.0], max=[0.0, 1.0, 1.5])
    array([-1. ,  0.5,  1.5])
    """
    lowest = _bound("min", a_min, min, -np.inf)
    return _clip(x, lowest, _bound("max", a_max, max, np.inf))


def _bound(name: str, long: Any, short: Any, without: float) -> Any:
    """Return the one end that was given under either of its names, or that of no end."""
    if long is not None and short is not None:
        raise TypeError(f"clip: {name} and a_{name} are two names of one end; give one of them")
    given = short if long is None else long
    return without if given is None else given


@composite
def fmax(x: Any, y: Any) -> Any:
    """Return the larger of two values, element by element, and of a nan and a number the number.

    >>> import tinygrad_mlp as tg
    >>> tg.fmax([1.0, np.nan], 0.5)
    array([1. , 0.5])
    """
    return maximum(*_numbers_of_both("fmax", x, y))


@composite
def fmin(x: Any, y: Any) -> Any:
    """Return the smaller of two values, element by element, and of a nan and a number the number.

    >>> import tinygrad_mlp as tg
    >>> tg.fmin([1.0, np.nan], 0.5)
    array([0.5, 0.5])
    """
    return minimum(*_numbers_of_both("fmin", x, y))


def _numbers_of_both(name: str, x: Any, y: Any) -> tuple[Any, Any]:
    """Return two values, each with those of the other in the place of nan."""
    x, y = as_operand(x, f"{name}: x", weak=True), as_operand(y, f"{name}: y", weak=True)
    return where(np.isnan(x), y, x), where(np.isnan(y), x, y)
