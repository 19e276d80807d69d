"""The ways to a derivative that need a program of the function, and what all ways share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tinygrad_mlp.core.context import no_grad
from tinygrad_mlp.core.protocols import bare_numbers
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.errors import TraceError
from tinygrad_mlp.programs.recording.tracing import trace
from tinygrad_mlp.programs.writing.source import source
from tinygrad_mlp.teaching.complex_step import STEP, complex_slope, not_analytic
from tinygrad_mlp.teaching.symbolic import DIGITS, NoForm, symbolic_slope

if TYPE_CHECKING:
    from collections.abc import Callable

    from tinygrad_mlp.kernels import Array
    from tinygrad_mlp.programs.recording.program import Program

    Found = tuple[float | None, str]  # a slope, and how it was found, or why not


class Way(NamedTuple):
    """One way to the derivative.

    Attributes
    ----------
    name : str
        What it is called.
    value : float or None
        What it gives; None if it cannot be gone, and ``remark`` says why.
    ulps : float or None
        How far that is from the most exact way, in units of the last place of the result's type.
    remark : str
        How it was gone, or why not.
    """

    name: str
    value: float | None
    ulps: float | None
    remark: str


def direction_of(x: Array) -> Array:
    """Return 1 for a single number, else numbers of both signs and few digits, none near 0."""
    if x.size == 1:
        return np.ones_like(x)[()]
    rng = np.random.default_rng(0)
    sizes = np.floor(128 + 129 * rng.random(x.shape)) / 256
    return np.where(rng.random(x.shape) < 0.5, -sizes, sizes).astype(x.dtype)


def along(f: Callable[[Any], Any], x: Array, direction: Array) -> Callable[[float], float]:
    """Return the function as one of a single number; nan where it cannot be called."""

    def along(t: float) -> float:
        try:
            with no_grad():
                return float(bare_numbers(f(Value(x + x.dtype.type(t) * direction))))
        except (ValueError, ArithmeticError):
            return float("nan")

    return along


def by_program(
    f: Callable[[Any], Any], x: Array, direction: Array, has_kink: bool
) -> tuple[Found, Found, str]:
    """Return the slope by a complex step, that by SymPy, and its formula.

    Examples
    --------
    >>> by_program(lambda x: abs(x), np.float64(2.0), np.float64(1.0), False)[0]
    (None, 'abs is not analytic here, as it is computed')
    """
    try:
        program = trace(f, [x], {}).program
    except TraceError as error:
        reason = "no program: " + str(error).removeprefix("compile: ").partition(", which")[0]
        return (None, reason), (None, reason), ""
    if not program.outputs:
        reason = "the result is a plain number, which was not made of Values"
        return (None, reason), (None, reason), ""
    slope, how, formula = _by_sympy(program, x, direction)
    if has_kink and slope is not None:
        how += ", by a convention of its own"
    return _by_complex_step(program, f, x, direction, has_kink), (slope, how), formula


def _by_complex_step(
    program: Program, f: Callable[[Any], Any], x: Array, direction: Array, has_kink: bool
) -> Found:
    row = not_analytic(program)
    if row is not None:
        return None, f"{row} is not analytic here, as it is computed"
    if has_kink:
        return None, "the function is not analytic here"
    captured = [value.numpy() for value in program.captured.values()]
    slope = complex_slope(source(f, np.asarray(x)), np.asarray(x), direction, captured)
    return slope, f"on the printed program, h = {STEP:.2g}"


def _by_sympy(program: Program, x: Array, direction: Array) -> tuple[float | None, str, str]:
    try:
        slope, formula = symbolic_slope(program, x, direction)
    except ImportError:
        return None, "SymPy is missing; pip install 'tinygrad-mlp[symbolic]'", ""
    except NoForm as error:
        return None, str(error), ""
    return slope, f"SymPy, in {DIGITS} digits", formula
