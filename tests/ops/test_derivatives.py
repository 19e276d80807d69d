"""Derivatives of every elementwise row against SymPy's, to order 4, and to order 2 in ulps.

The numbers in derivatives.json were written by tools/derivatives_table.py.
"""

import decimal
import json
from decimal import Decimal
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.oracles import SLOPED

#: Row: for each of its options, those and pairs of arguments and derivatives by all of them.
TABLE: dict[str, list] = {}
for _name, _options, _at, _found in json.loads(
    Path(__file__).with_name("derivatives.json").read_text(encoding="utf-8")
):
    _several = TABLE.setdefault(_name, [])
    if not _several or _several[-1][0] != _options:
        _several.append((_options, []))
    _several[-1][1].append((_at, _found))

every_row = pytest.mark.parametrize("name", TABLE)

#: In units of the last place.
FEW = 12.0


@cache
def indices(count, order):
    """How often by each argument, in the order of the file."""
    every = (each for each in product(range(order + 1), repeat=count) if sum(each) <= order)
    return sorted(every, key=lambda i: (sum(i), i))


def derivatives(name, options, points, order, dtype=np.float64):
    """Yield the arguments that a row is differentiated by, in order, and the numbers."""
    values = [tg.Value(np.array(column, dtype)) for column in zip(*points, strict=True)]
    level = {(): tg.OPS[name](*values, **options)}
    for _ in range(order + 1):
        for by, out in level.items():
            yield by, out.data
        level = {
            (*by, place): tg.grad(tg.sum(out), values[place], create_graph=True)
            for by, out in level.items()
            for place in range(len(values))
        }


def ulps(got, wanted) -> float:
    """Distance from a number of many digits in units of the last place."""
    dtype = type(got)
    with decimal.localcontext() as context:
        context.prec = 60
        if abs(wanted) > Decimal(float(np.finfo(dtype).max)):
            return 0.0 if np.isinf(got) and (got > 0) == (wanted > 0) else np.inf
        if not np.isfinite(got):
            return np.inf
        unit = np.spacing(np.nextafter(np.abs(dtype(float(wanted))), dtype(0)))
        unit = max(float(unit), float(np.finfo(dtype).smallest_subnormal))
        return float(abs(Decimal(float(got)) - wanted) / Decimal(unit))


def test_every_elementwise_row_is_in_the_table():
    elementwise = {name for name, op in tg.OPS.items() if op.elementwise and name in SLOPED}
    assert elementwise - {"where"} == TABLE.keys()


@every_row
def test_derivatives_to_order_four_are_right_in_every_order_of_the_arguments(name):
    wrong = {}
    for options, lines in TABLE[name]:
        count = len(lines[0][0])
        near = [line for line in lines if len(line[1]) == len(indices(count, 4))]
        with np.errstate(all="ignore"):
            for by, got in derivatives(name, options, [at for at, _ in near], 4):
                index = tuple(by.count(place) for place in range(count))
                place = indices(count, 4).index(index)
                for (at, found), number in zip(near, got, strict=True):
                    if found[place] is None:
                        continue
                    wanted = float(found[place])
                    if not abs(number - wanted) <= 1e-12 * max(1.0, abs(wanted)):
                        wrong[str(options), *at, by] = number, wanted
    assert wrong == {}


@every_row
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_second_derivatives_are_exact_to_a_few_ulp_everywhere(name, dtype):
    wrong = {}
    for options, lines in TABLE[name]:
        if sum(options.values()) == 3 and name == "power_slope":
            continue  # there it is the fifth derivative of a power, which has zeros of its own
        count = len(lines[0][0])
        with np.errstate(all="ignore"):
            exact = [line for line in lines if all(float(dtype(a)) == a for a in line[0])]
            for by, got in derivatives(name, options, [at for at, _ in exact], 2, dtype):
                index = tuple(by.count(place) for place in range(count))
                place = indices(count, 2).index(index)
                for (at, found), number in zip(exact, got, strict=True):
                    if found[place] is not None and ulps(number, Decimal(found[place])) > FEW:
                        wrong[str(options), *at, by] = number, found[place]
    assert wrong == {}


# ----- Powers where base and exponent are variables -----


def nth(function, order, x):
    """Derivative of a function of one number."""
    for _ in range(order):
        function = tg.grad(function)
    return function(x)


LOG2, LOG3 = np.log(2.0), np.log(3.0)


@pytest.mark.parametrize(
    ("function", "x", "wanted"),
    [
        # 60-digit numbers by mpmath, which differentiates exp(x * log(x)) and the others.
        (lambda x: x**x, 1.0, [1, 1, 2, 3, 8]),
        (
            lambda x: x**x,
            2.0,
            [
                4,
                6.7725887222397812377,
                13.466989500152368174,
                28.574184025053150584,
                64.50134182736848791,
            ],
        ),
        (
            lambda x: (2.0 + x) ** x,
            0.0,
            [1, LOG2, LOG2**2 + 1, 1.662466193668765408, 5.0341116404124560716],
        ),
        (lambda x: tg.exp(x) ** tg.sin(x), 0.0, [1, 0, 2, 0, 8]),
        (lambda x: (1.0 + x) ** (x * x), 0.0, [1, 0, 0, 6, -12]),
        (lambda x: x**2.0, 0.0, [0, 0, 2, 0, 0]),
    ],
)
def test_a_power_of_variables_is_right_to_order_four(function, x, wanted):
    for order, number in enumerate(wanted):
        assert nth(function, order, x) == pytest.approx(number, rel=1e-14, abs=1e-14), order


@pytest.mark.parametrize(
    ("at", "wanted"),
    [
        ([2.0, 0.0], [[0, 0.5], [0.5, LOG2**2]]),
        ([3.0, 1.0], [[0, 1 + LOG3], [1 + LOG3, 3 * LOG3**2]]),
        ([1.0, 0.0], [[0, 1], [1, 0]]),
        ([1.0, 1.0], [[0, 1], [1, 0]]),
        ([0.0, 2.0], [[2, 0], [0, 0]]),
        ([-0.0, 2.0], [[2, 0], [0, 0]]),
        ([0.0, 3.0], [[0, 0], [0, 0]]),
        ([0.0, 2.5], [[0, 0], [0, 0]]),
        ([np.inf, -1.0], [[0, 0], [0, 0]]),
    ],
)
def test_the_hessian_of_a_power_is_right_where_a_factor_is_zero(at, wanted):
    def power(z):
        return z[0] ** z[1]

    with np.errstate(all="raise"):
        found = tg.hessian(power)(np.array(at))
        compiled = tg.compile(tg.hessian(power))(np.array(at))
    np.testing.assert_allclose(found, wanted, rtol=1e-15)
    np.testing.assert_array_equal(compiled, found)


@pytest.mark.parametrize(
    ("at", "by_base", "mixed", "by_exponent"),
    [
        # The limits from above: x log x is infinitely steep at 0.  By y alone, 0**y is constant.
        ((0.0, 1.0), 0, -np.inf, 0),
        ((0.0, 0.0), 0, np.inf, 0),
        ((0.0, 0.5), -np.inf, -np.inf, 0),
        ((0.0, -1.0), np.inf, np.inf, np.inf),
        ((np.inf, 0.0), 0, 0, np.inf),
        # A negative number has powers to whole numbers only.
        ((-1.0, 2.0), 2, np.nan, np.nan),
    ],
)
def test_second_derivatives_of_a_power_where_some_are_infinite(at, by_base, mixed, by_exponent):
    with np.errstate(all="ignore"):
        found = [
            tg.grad(tg.grad(tg.power, first), second)(*at) for first in (0, 1) for second in (0, 1)
        ]
    np.testing.assert_array_equal(found, [by_base, mixed, mixed, by_exponent])


# ----- Lengths: every second derivative, however small beside the others -----


def exact_hessian_of_a_length(z, dtype):
    with decimal.localcontext() as context:
        context.prec = 60
        z = [Decimal(float(each)) for each in z]
        length = sum(each * each for each in z).sqrt()
        return [
            [
                sum(z[k] ** 2 for k in range(len(z)) if k != i) / length**3
                if i == j
                else -z[i] * z[j] / length**3
                for j in range(len(z))
            ]
            for i in range(len(z))
        ]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    "z", [[1e8, 10.0], [3.0, -4.0], [1.0, 1e-9, -1e4], [5.0], [1e-15, 2e-15], [1e12, 1.0, 1.0, 2.0]]
)
def test_the_hessian_of_a_length_is_exact_to_a_few_ulp(z, dtype):
    z = np.array(z, dtype)
    wanted = exact_hessian_of_a_length(z, dtype)
    lengths = {"norm": tg.norm, "along an axis": lambda z: tg.norm(z[None], axis=1)[0]}
    if len(z) == 2:
        lengths["hypot"] = lambda z: tg.hypot(z[0], z[1])
    for name, length in lengths.items():
        found = tg.hessian(length)(z)
        for i, j in product(range(len(z)), repeat=2):
            assert ulps(found[i, j], wanted[i][j]) <= FEW, (name, i, j)


def test_the_third_derivative_of_a_length_is_right():
    z, a, b, c = np.random.default_rng(0).normal(size=(4, 5))
    u, r = z / np.sqrt(z @ z), np.sqrt(z @ z)
    pairs = ((a, b, c), (b, c, a), (c, a, b))
    wanted = (3 * (u @ a) * (u @ b) * (u @ c) - sum((p @ q) * (u @ s) for p, q, s in pairs)) / r**2

    def along(function, way):
        return lambda z: tg.sum(tg.grad(function)(z) * way)

    assert along(along(along(tg.norm, a), b), c)(z) == pytest.approx(wanted, rel=1e-13)
