"""Write tests/ops/derivatives.json: derivatives of every elementwise row, by SymPy in 1,500 digits.

Needs SymPy.  A line of the file is a row, its options, the arguments, and the partial derivatives
by all arguments in the order of ``indices``; null where there is none.  Arguments are exact.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import sympy as sp

PAGE = Path(__file__).parents[1] / "tests" / "ops" / "derivatives.json"

mpmath.mp.dps = 1500
x, y, z = sp.symbols("x y z", real=True)

_SIGMOID = 1 / (1 + sp.exp(-x))
_SMOOTH = {
    "add": x + y,
    "arccos": sp.acos(x),
    "arccosh": sp.acosh(x),
    "arcsin": sp.asin(x),
    "arcsinh": sp.asinh(x),
    "arctan": sp.atan(x),
    "arctan2": sp.atan2(x, y),  # its first argument is the height
    "arctanh": sp.atanh(x),
    "bell": sp.exp(-(x**2)),
    "astype": x,
    "copy": x,
    "cos": sp.cos(x),
    "cosh": sp.cosh(x),
    "direction": x / sp.sqrt(x**2 + y**2),
    "divide": x / y,
    "divide_or_zero": x / y,
    "exp": sp.exp(x),
    "exp2": sp.Integer(2) ** x,
    "expm1": sp.exp(x) - 1,
    "hypot": sp.sqrt(x**2 + y**2),
    "log": sp.log(x),
    "log10": sp.log(x) / sp.log(10),
    "log1p": sp.log(1 + x),
    "log2": sp.log(x) / sp.log(2),
    "log_sigmoid": sp.log(_SIGMOID),
    "logaddexp": sp.log(sp.exp(x) + sp.exp(y)),
    "logit": sp.log(x / (1 - x)),
    "multiply": x * y,
    "negative": -x,
    "one_minus_square": 1 - x**2,
    "reciprocal": 1 / x,
    "sigmoid": _SIGMOID,
    "sigmoid_prime": sp.diff(_SIGMOID, x),
    "sin": sp.sin(x),
    "sinh": sp.sinh(x),
    "softplus": sp.log(1 + sp.exp(x)),
    "sqrt": sp.sqrt(x),
    "square": x**2,
    "subtract": x - y,
    "tan": sp.tan(x),
    "tanh": sp.tanh(x),
    "tanh_prime": sp.sech(x) ** 2,
    "xlogy": x * sp.log(y),
}


def _quotient(a: float, b: float) -> Fraction:
    """Return an exact quotient."""
    return Fraction(a) / Fraction(b)


#: Rows of a number and two ends.
_OF_ENDS = ("clip", "inside")
#: Rows that jump where a quotient is a whole number.
_OF_QUOTIENTS = ("floor_divide", "fmod", "remainder")


def _sinc(a: float) -> Any:
    """Return the sine of pi x by pi x; at 0 its series, as far as it is differentiated."""
    t = sp.pi * x
    return sp.sin(t) / t if a else sum((-(t**2)) ** k / sp.factorial(2 * k + 1) for k in range(6))


#: Rows of several pieces: the one that a point lies in, as long as it is no kink.
_PIECES = {
    "abs": lambda a: x if a > 0 else -x,
    "cbrt": lambda a: sp.cbrt(x) if a > 0 else -sp.cbrt(-x),
    "ceil": lambda a: sp.Integer(math.ceil(a)),
    "clip": lambda a, b, c: z if max(a, b) > c else y if a < b else x,
    "floor": lambda a: sp.Integer(math.floor(a)),
    "floor_divide": lambda a, b: sp.Integer(_quotient(a, b) // 1),
    "fmod": lambda a, b: x - y * sp.Integer(math.trunc(_quotient(a, b))),
    "inside": lambda a, b, c: sp.Integer(b <= a <= c),
    "larger_share": lambda a, b: sp.Integer(a > b),
    "maximum": lambda a, b: x if a > b else y,
    "minimum": lambda a, b: x if a < b else y,
    "relu": lambda a: x if a > 0 else sp.Integer(0),
    "relu_prime": lambda a: sp.Integer(a > 0),
    "remainder": lambda a, b: x - y * sp.Integer(_quotient(a, b) // 1),
    "rint": lambda a: sp.Integer(round(a)),
    "round": lambda a: sp.Integer(round(a)),
    "sign": lambda a: sp.sign(sp.Rational(a)),
    "sinc": _sinc,
    "sinc_slope": lambda a, order: sp.diff(_sinc(a), x, order),
    "trunc": lambda a: sp.Integer(math.trunc(a)),
}
#: Rows that are a derivative of a power: how often by each argument, besides their options.
_OF_POWERS = {
    "power": (0, 0),
    "power_by_base": (1, 0),
    "power_by_exponent": (0, 1),
    "power_slope": (0, 0),
}
_OPTIONS: dict[str, list[dict[str, Any]]] = {
    "sinc_slope": [{"order": 1}, {"order": 2}],
    "power_slope": [
        {"by_x": 1, "by_y": 0},
        {"by_x": 0, "by_y": 1},
        {"by_x": 2, "by_y": 1},
    ],
}

_ORDINARY = [0.0, 1.0, 2.0, -1.0, -2.0, 0.3, 0.75, -0.4, 1.6, -2.7, 5.3]
_EXTREME = [1.1 * 2.0**k for k in (-1000, -300, -100, -60, -30, -17, -9, 3, 6, 9, 10, 30, 100)]
_EXTREME += [1.1 * 2.0**k for k in (300, 1000)]
_ENDS = [1 - 2.0**-7, 1 - 2.0**-24, 1 - 2.0**-53, 1 + 2.0**-7, 1 + 2.0**-23, 1 + 2.0**-52]

_PAIRS = [(1.0, 2.0), (2.0, 1.0), (0.3, 1.7), (-1.0, 2.0), (2.0, -1.5), (-0.6, -2.2), (3.0, 0.5)]
_PAIRS += [(0.0, 1.0), (0.0, -2.0), (1.0, 0.0), (-2.0, 0.0)]
_FAR_PAIRS = [(1e8, 10.0), (10.0, -1e8), (1e-9, 0.7), (0.7, 1e-9), (3e12, 5e12), (3e-13, -5e-13)]
_FAR_PAIRS += [(1e-30, 2.0), (2.0, 1e-30), (1e30, 3.0), (3.0, 1e30), (40.0, 1.0), (-300.0, 40.0)]
_FAR_PAIRS += [(1e100, 1e99), (1e-100, 1e-101), (1e-100, 1e-200), (1e200, 1e-50)]
_POWERS = [(1.0, 0.0), (2.0, 0.0), (1.0, 1.0), (2.0, 1.0), (1.0, 2.0), (2.0, 2.0), (2.0, 3.0)]
_POWERS += [(0.5, -1.5), (3.0, 0.5), (2.0, -1.0), (1.7, 4.0), (-1.0, 2.0), (-2.0, 3.0)]
_POWERS += [(-1.5, 0.0), (-2.0, 1.0), (-3.0, -2.0)]
_FAR_POWERS = [(1e8, 2.0), (1e-8, 3.0), (1e9, 0.5), (1e-6, -1.5), (1e4, -3.0), (1.000001, 1000.0)]
_FAR_POWERS += [(1e100, 2.0), (1e-100, 3.0), (1e100, -0.5), (3.0, 40.0), (0.9, -70.0)]


def indices(count: int, order: int) -> list[tuple[int, ...]]:
    """Return how often by each argument, for all derivatives up to an order."""
    every = itertools.product(range(order + 1), repeat=count)
    return sorted((each for each in every if sum(each) <= order), key=lambda i: (sum(i), i))


def single(number: float) -> float:
    """Return a number that float32 holds too, unless it is beyond its range or next to 1."""
    is_in_range = 1e-36 < abs(number) < 1e36 or number == 0
    is_near_end = abs(abs(number) - 1) < 1e-6
    return float(np.float32(number)) if is_in_range and not is_near_end else number


def points(name: str) -> Iterator[tuple[tuple[float, ...], int]]:
    """Yield arguments and up to which order they are differentiated."""
    if name in _OF_POWERS:
        near, far = _POWERS, _FAR_POWERS
    elif name in _PIECES or y not in _SMOOTH[name].free_symbols:
        if name in ("larger_share", "maximum", "minimum", *_OF_QUOTIENTS):
            near, far = _PAIRS, _FAR_PAIRS
        elif name in _OF_ENDS:
            near = [
                (a, *ends) for a in _ORDINARY for ends in ((-1.0, 1.0), (-0.5, 2.5), (0.6, 0.2))
            ]
            far = [(sign * a, -1.0, 1.0) for a in _EXTREME + _ENDS for sign in (1, -1)]
        else:
            near = [(a,) for a in _ORDINARY]
            far = [(sign * a,) for a in _EXTREME + _ENDS for sign in (1, -1)]
    else:
        near, far = _PAIRS, _FAR_PAIRS
    for each in near:
        yield tuple(map(single, each)), 4
    for each in far:
        yield tuple(map(single, each)), 2


def told(number: Any) -> str | None:
    """Return 20 digits of a number, or None where there is none."""
    if isinstance(number, mpmath.mpc):
        if number.imag != 0:
            return None
        number = number.real
    if not mpmath.isfinite(number):
        return None
    return "0" if abs(number) < mpmath.mpf("1e-400") else mpmath.nstr(number, 20)


def is_in_piece(name: str, at: Sequence[float]) -> bool:
    """Return whether a point is no kink and no jump of a row of several pieces."""
    a, b = at[0], at[-1]
    is_step = name in ("ceil", "floor", "rint", "round", "trunc")
    if is_step and (a == round(a) or abs(a) > 1e15 or abs(a % 1 - 0.5) < 1e-9):
        return False
    if name in ("sinc", "sinc_slope"):
        return True
    if name in _OF_QUOTIENTS:
        return b != 0 and _quotient(a, b).denominator != 1
    if name in _OF_ENDS:
        return len(set(at)) == 3
    return a != 0 if len(at) == 1 else a != b


def is_in_domain(name: str, at: Sequence[float]) -> bool:
    """Return whether a row is smooth at a point, and of a size that can be computed."""
    a, b = at[0], at[-1]
    if name in _PIECES:
        return is_in_piece(name, at)
    match name:
        case "arcsin" | "arccos" | "arctanh":
            return abs(a) < 1
        case "arccosh":
            return a > 1
        case "log" | "log2" | "log10" | "sqrt":
            return a > 0
        case "log1p":
            return a > -1
        case "reciprocal":
            return a != 0
        case "divide" | "divide_or_zero":
            return b != 0
        case "logit":
            return 0 < a < 1
        case "xlogy":
            return b > 0
        case "exp" | "exp2" | "expm1" | "cosh" | "sinh":
            return abs(a) < 700
    return True


def by_exponent(name: str, options: dict[str, Any], index: Sequence[int]) -> int:
    """Return how often a power is differentiated by its exponent; 0 for other rows."""
    if name not in _OF_POWERS:
        return 0
    return index[1] + _OF_POWERS[name][1] + options.get("by_y", 0)


def lines() -> Iterator[str]:
    """Yield the lines of the file."""
    for name in sorted({*_SMOOTH, *_PIECES, *_OF_POWERS}):
        for options in _OPTIONS.get(name, [{}]):
            formulas: dict[Any, Any] = {}
            for at, order in points(name):
                if not is_in_domain(name, at):
                    continue
                symbols = (x, y, z)[: len(at)]
                if name in _OF_POWERS:
                    by_x, by_y = _OF_POWERS[name]
                    by_x, by_y = by_x + options.get("by_x", 0), by_y + options.get("by_y", 0)
                    start = sp.diff(x**y, (x, by_x), (y, by_y))
                else:
                    start = _SMOOTH[name] if name in _SMOOTH else _PIECES[name](*at, **options)
                found = []
                for index in indices(len(at), order):
                    if (start, index) not in formulas:
                        by = [(s, n) for s, n in zip(symbols, index, strict=True) if n]
                        formula = sp.diff(start, *by) if by else start
                        formulas[start, index] = sp.lambdify(symbols, formula, "mpmath")
                    if by_exponent(name, options, index) and at[0] < 0:
                        found.append(None)  # the logarithm of a negative number
                        continue
                    try:
                        found.append(told(formulas[start, index](*map(mpmath.mpf, at))))
                    except ZeroDivisionError:
                        found.append(None)
                yield json.dumps([name, options, at, found])


if __name__ == "__main__":
    PAGE.write_text("[\n" + ",\n".join(lines()) + "\n]\n", encoding="utf-8")
