"""Independent answers: calls of every row, slopes by differences, functions in 400 digits."""

from __future__ import annotations

import decimal
import math
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from decimal import Decimal
from functools import cache, cached_property
from itertools import pairwise

import numpy as np

import tinygrad_mlp as tg
from tests.matrices import SLOWLY, dominant

# ----- Derivatives -----


def slope(function: Callable):
    """Derivative at 0 of a function of one number: Romberg's extrapolation of differences.

    Each round cancels one more even power of the step; five differences leave an error of order
    step**10, and in longdouble hardly any rounding.  Nothing of the engine takes part.
    """
    steps = [np.longdouble(2) ** -k for k in range(6, 11)]
    column = [(function(step) - function(-step)) / (2 * step) for step in steps]
    for order in range(1, len(steps)):
        column = [fine + (fine - coarse) / (4**order - 1) for coarse, fine in pairwise(column)]
    return column[0]


def relative_error(got, wanted) -> float:
    """Largest difference, in units of the larger of 1 and the size of what is wanted."""
    got, wanted = np.asarray(got), np.asarray(wanted)
    assert got.shape == wanted.shape
    error = np.abs(got - wanted) / np.maximum(np.abs(wanted), 1)
    return float(np.max(np.where(np.isnan(error), np.inf, error), initial=0.0))


# ----- Calls of the rows of the table -----

#: Rows whose gradient is the slope; the others say something else, on purpose.
SLOPED = [name for name in tg.OPS if name != "stop_gradient"]

#: Rows that jump where a quotient is a whole number.
OF_QUOTIENTS = ("floor_divide", "fmod", "remainder")
#: Rows that have a kink where a number is an end.
OF_ENDS = ("clip", "inside")


def inside_or_beyond(name: str, part):
    """Return numbers x and ends, such that some are inside, some beyond, and some ends crossed."""
    if name == "x":
        return np.where(np.abs(part) > 0.85, part, part / 10)[()]
    if name == "a_max":
        return part / 8 + 0.45
    return np.where(part > 1.2, part / 40 + 0.72, part / 8 - 0.45)[()]


def between_jumps(name: str, part):
    """Return dividends x and divisors y of both signs, whose quotients are far from whole ones."""
    if name == "y":
        return np.sign(part) * (1 + np.abs(part) / 50)
    return np.trunc(3 * part) + np.sign(part) * (0.5 + np.abs(part) / 20)


_LETTERS = {"n": (2,), "k": (3,), "m": (4,), "1": (1,)}
_STACKS = ((), (3,), (2, 3), (0,), (1, 0, 3))
_BROADCASTS = (
    ((), (3,), (2, 1)),
    ((2, 1), (1, 3), (3,)),
    ((2, 3), (1, 3), ()),
    ((3,), (4, 2, 3), (2, 3)),
    ((0,), (1,), ()),
)
_AXES = ((2, 3), 0), ((2, 3, 2), -1), ((2, 1, 3), 1), ((1, 0, 3), 0)
_MANY_AXES = ((2, 3), ()), ((2, 3, 2), (0, -1)), ((2, 3), (1, 0)), ((0, 3), (1,))

# Shapes and options that no rule for all rows could guess.
_CALLS = {
    "power_slope": [
        (((3,), (3,)), {"by_x": 1}),
        (((2, 1), (1, 3)), {"by_y": 1}),
        (((3,), (4, 2, 3)), {"by_x": 2, "by_y": 1}),
        (((4,), ()), {"by_x": 1, "by_y": 3}),
    ],
    "sum_of_others": [(((2, 3, 2),), {"axis": (0, 2)}), (((3, 4),), {"axis": (1,)})],
    "unit": [(((2, 3, 2),), {"axis": (0, 2)}), (((3, 4),), {"axis": (1,)})],
    "product_of_others": [(((2, 3, 2),), {"axis": (0, 2)}), (((3, 4),), {"axis": (1,)})],
    "softmax": [(((2, 3, 2),), {"axis": (0, 2)}), (((3,),), {"axis": None})],
    "log_softmax": [(((2, 3, 2),), {"axis": (0, 2)}), (((3,),), {"axis": None})],
    "reshape": [(((2, 6),), {"shape": (3, -1)}), (((2, 0),), {"shape": (0, 5)})],
    "transpose": [(((2, 3, 4),), {"axes": (1, 2, 0)}), (((2, 3),), {"axes": (-1, 0)})],
    "broadcast_to": [(((2, 1),), {"shape": (4, 2, 3)}), (((),), {"shape": (3,)})],
    "sum_to": [(((4, 2, 3),), {"shape": (2, 1)}), (((2, 3),), {"shape": (2, 3)})],
    "squeeze": [(((1, 3, 1),), {"axis": 0}), (((1, 3, 1),), {})],
    "expand_dims": [(((3, 2),), {"axis": (0, -1)})],
    "astype": [(((3, 2),), {"dtype": np.longdouble})],
    "getitem": [
        (((3, 4),), {"index": (slice(None, None, -2), None, [0, 0, 3])}),
        (((3, 4),), {"index": np.eye(3, 4, dtype=bool)}),
        (((3, 4),), {"index": (..., -1)}),
        (((5,),), {"index": 2}),
    ],
    "place": [
        (((2, 3),), {"index": (slice(1, 3), [2, 0, 2]), "shape": (4, 3)}),
        (((3,),), {"index": (..., 1), "shape": (3, 2)}),
    ],
    "assemble": [(((), (2,), ()), {"shape": (2, 2)}), (((2, 3), (0,), (2, 1)), {})],
    "stack": [(((2, 3), (2, 3)), {"axis": -1}), (((4,),), {})],
    "concatenate": [(((2, 3), (2, 1), (2, 0)), {"axis": -1}), (((4,),), {})],
    "sliding_window_view": [
        (((5,),), {"window_shape": 3}),
        (((3, 4),), {"window_shape": (2, 2)}),
        (((2, 5, 2),), {"window_shape": [3], "axis": -2}),
        (((4, 2),), {"window_shape": (2, 2), "axis": (0, 0)}),
        (((3, 0),), {"window_shape": 2, "axis": 0}),
        (((),), {"window_shape": ()}),
    ],
    "overlap_add": [
        (((3, 3),), {"window_shape": (3,), "axis": (0,), "shape": (5,)}),
        (((2, 1, 2, 2, 3),), {"window_shape": (2, 3), "axis": (1, 2), "shape": (2, 2, 4)}),
        (((2, 2, 2, 2),), {"window_shape": (2, 2), "axis": (0, 0), "shape": (4, 2)}),
    ],
    "convolve": [
        *((((5,), (3,)), {"mode": mode}) for mode in ("full", "same", "valid")),
        *((((2,), (5,)), {"mode": mode}) for mode in ("full", "same", "valid")),
        (((4,), (4,)), {"mode": "same"}),
        (((3,), ()), {}),
    ],
    "matmul": [
        (((3,), (3,)), {}),
        (((3,), (3, 2)), {}),
        (((2, 3), (3,)), {}),
        (((3,), (4, 3, 2)), {}),
        (((4, 2, 3), (3,)), {}),
        (((4, 2, 3), (3, 2)), {}),
        (((2, 1, 2, 3), (3, 3, 2)), {}),
        (((2, 0), (0, 3)), {}),
    ],
    "cumprod": [(((2, 3, 2),), {"axis": None}), (((),), {}), (((9,),), {})],
    "cumsum": [(((2, 3, 2),), {"axis": None}), (((),), {})],
    "sort": [(((2, 3, 2),), {"axis": None}), (((5,),), {})],
    "sorted_by": [(((2, 3), (2, 3)), {}), (((4, 2), (4, 2)), {"axis": 0})],
    "unsorted_by": [(((2, 3), (2, 3)), {}), (((4, 2), (4, 2)), {"axis": 0})],
    "elements_at": [(((5,), (3,)), {}), (((4,), (2, 3)), {}), (((6,), ()), {})],
    "added_at": [
        (((3,), (3,)), {"length": 5}),
        (((2, 3), (2, 3)), {"length": 4}),
        (((), ()), {"length": 6}),
    ],
    "round": [(((5,),), {"decimals": 0})],
    "einsum": [
        (((2, 3), (3, 4)), {"subscripts": "ij,jk->ik"}),
        (((2,), (1,)), {"subscripts": "i,i"}),
        (((3, 3), (3,)), {"subscripts": "ii,i->i"}),
        (((2, 3),), {"subscripts": "ij->j"}),
        (((3, 3),), {"subscripts": "ii"}),
        (((2, 3, 3, 2),), {"subscripts": "abba->ba"}),
        (((1, 1), (3,)), {"subscripts": "ii,i"}),
        (((2, 3), (3, 2), (2, 4)), {"subscripts": "ij, jk, kl"}),
        (((4, 2, 3), (3, 2)), {"subscripts": "...ij,ji->..."}),
        (((2, 1, 3), (4, 3)), {"subscripts": "...i,...i"}),
        (((), (3,)), {"subscripts": ",i->i"}),
        (((0, 3), (3,)), {"subscripts": "ij,j->i"}),
    ],
    "softmax_cross_entropy": [(((3,), (3,)), {}), (((2, 3, 4), (2, 3, 4)), {})],
    "solve": [
        (((2, 2), (2,)), {}),
        (((3, 2, 2), (2,)), {}),
        (((3, 3), (2, 3, 2)), {}),
        (((2, 1, 2, 2), (3, 2, 1)), {}),
        (((0, 0), (0, 2)), {}),
    ],
    **{
        name: [(((3, 3),), {}), (((1, 1),), {}), (((0, 0),), {})]
        for name in ("inv", "det", "expm", "logabsdet", "cholesky", "eigvalsh", "eigenvectors")
    },
    **{
        name: [(((3, 3),), {}), (((4, 2),), {}), (((2, 4),), {})]
        for name in ("pinv", "svdvals", "left_singular_vectors", "right_singular_vectors")
    },
    "orthonormal_columns": [(((3, 3),), {}), (((4, 1),), {})],
    "affine": [(((2, 3), (3, 4), (4,)), {}), (((0, 3), (3, 4), (1, 4)), {})],
}


def _guesses(op: tg.Op) -> Iterator[tuple[tuple, dict]]:
    """Yield shapes and options that follow from the row itself; some may not be for it."""
    patterns = re.findall(r"\(.*?\)", op.shapes.split("->")[0])
    if op.parameters[0].startswith("*"):
        patterns *= 3
    for stack in _STACKS:
        lengths = {**_LETTERS, "...": stack}
        names = (pattern.strip("()").split(",") for pattern in patterns)
        yield tuple(sum((lengths[name] for name in row), ()) for row in names), {}
    if op.elementwise and len(patterns) > 1:
        for shapes in _BROADCASTS:
            yield shapes[: len(patterns)], {}
    if "axis" in op.options:
        for shape, axis in _AXES + ("keepdims" in op.options) * _MANY_AXES:
            yield (shape,), {"axis": axis}
            if "keepdims" in op.options:
                yield (shape,), {"axis": axis, "keepdims": True}


class Call:
    """A row of the table with arguments, a cotangent, and directions to differentiate in."""

    def __init__(self, op: tg.Op, shapes: tuple, options: dict, seed: int = 0) -> None:
        self.op = op
        self.options = options
        rng = np.random.default_rng(seed)
        names = [name.lstrip("*") for name in op.parameters]
        names += names[-1:] * (len(shapes) - len(names))
        numbers = _numbers(rng, sum(math.prod(shape) for shape in shapes), op.domain)
        self.arguments = []
        for name, shape in zip(names, shapes, strict=True):
            part, numbers = np.split(numbers, [math.prod(shape)])
            part = part.reshape(shape)[()]
            if name == "condition":
                part = part > 0
            elif name == "a" and op.name in SLOWLY:
                part = dominant(part)
            elif name == "places":  # between whole numbers, where they are cut to other ones
                part = (np.trunc(part) + 0.4 * np.sign(part))[()]
            elif op.name in OF_ENDS:
                part = inside_or_beyond(name, part)
            elif op.name in OF_QUOTIENTS:
                part = between_jumps(name, part)
            self.arguments.append(part)
        self.places = [i for i, x in enumerate(self.arguments) if x.dtype != bool]
        self.out = op(*self.arguments, **options)
        self.cotangent = np.asarray(rng.uniform(-1, 1, self.out.shape))[()]
        self.directions, self.others = (
            [np.asarray(rng.uniform(-1, 1, np.shape(x)))[()] for x in self.arguments]
            for _ in range(2)
        )

    def __repr__(self) -> str:
        options = "".join(f", {name}={value}" for name, value in self.options.items())
        return f"{self.op.name}({', '.join(str(x.shape) for x in self.arguments)}{options})"

    def moved(self, step, place: int | None = None, other_step=0):
        """Value of the row, with one argument or all moved a step along the directions."""
        arguments = list(self.arguments)
        for i in self.places if place is None else [place]:
            way = step * self.directions[i] + other_step * self.others[i]
            arguments[i] = arguments[i] + np.asarray(way, np.longdouble)
        return SLOWLY.get(self.op.name, self.op)(*arguments, **self.options)

    def along(self, number_or_table):
        """Inner product with the cotangent."""
        return np.sum(self.cotangent * number_or_table)

    @cached_property
    def slopes(self) -> list:
        """By differences: the slope along the direction of each argument."""
        return [slope(lambda t, i=i: self.along(self.moved(t, i))) for i in self.places]

    @cached_property
    def curvature(self):
        """By differences: the second derivative along the directions and the others."""
        return slope(lambda s: slope(lambda t: self.along(self.moved(t, None, s))))

    def values(self, dtype=np.float64) -> tuple[list, list, tg.Value]:
        """Arguments, those of them that are Values, and the recorded result."""
        arguments = [
            tg.Value(x.astype(dtype)) if i in self.places else x
            for i, x in enumerate(self.arguments)
        ]
        return arguments, [arguments[i] for i in self.places], self.op(*arguments, **self.options)

    def gradients(self, dtype=np.float64, *, create_graph: bool = False) -> list:
        """Cotangents of the arguments, by the rules of the row."""
        _, values, out = self.values(dtype)
        return tg.grad(out, values, self.cotangent, create_graph=create_graph)

    def error(self, *, create_graph: bool = False) -> float:
        """Disagreement of the rules with the slopes."""
        gradients = self.gradients(create_graph=create_graph)
        got = [
            np.sum(getattr(gradient, "data", gradient) * self.directions[i])
            for i, gradient in zip(self.places, gradients, strict=True)
        ]
        return max(relative_error(a, b) for a, b in zip(got, self.slopes, strict=True))


def _numbers(rng: np.random.Generator, count: int, domain: tuple[float, float]) -> np.ndarray:
    """Different numbers, far from each other, from 0, and from the ends of the domain."""
    low, high = max(domain[0] + 0.2, -1.3), min(domain[1] - 0.2, 1.3)
    even = count + count % 2  # an odd number of them would have one in the middle, at 0
    numbers = low + (high - low) * (rng.permutation(even)[:count] + 0.5) / max(even, 1)
    return numbers + 0.2 * np.sign(numbers) if domain == (-np.inf, np.inf) else numbers


@cache
def calls(name: str) -> list[Call]:
    """Return calls of one row, each with arguments of its own."""
    op = tg.OPS[name]
    result = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for seed, (shapes, options) in enumerate(_guesses(op)):
            # A guess may be not for this row, or make it warn, as the mean of nothing does, or
            # have no slope to compare with, as minus infinity, the logarithm of no exponentials.
            with suppress(TypeError, ValueError, RuntimeWarning):
                call = Call(op, shapes, options, seed)
                if np.all(np.isfinite(call.out)):
                    result.append(call)
    result += [Call(op, *call, seed) for seed, call in enumerate(_CALLS.get(name, []), 100)]
    return result


def pulled_back(call, dtype):
    """The value and the gradients of a call, as a function of its arguments and a cotangent."""

    def f(u, *args):
        def of(*some):
            every = list(call.arguments)
            for place, x in zip(call.places, some):
                every[place] = x
            return call.op(*every, **call.options)

        value, pull_back = tg.vjp(of, *args)
        return value, pull_back(u)

    arguments = [call.arguments[i].astype(dtype) for i in call.places]
    return f, [
        call.cotangent.astype(call.op(*arguments_of(call, dtype), **call.options).dtype),
        *arguments,
    ]


def arguments_of(call, dtype):
    return [x.astype(dtype) if i in call.places else x for i, x in enumerate(call.arguments)]


# ----- Functions in 400 digits -----


def _digits(x: Decimal) -> int:
    """As many as leave 17 of them right after 1 - exp(-x) or log(1 + exp(-x))."""
    return 60 if Decimal("1e-20") < abs(x) < 80 else 400


@cache
def _decay(x: Decimal) -> Decimal:
    """exp(-|x|), where it matters: the smallest float is about exp(-745)."""
    return (-min(abs(x), Decimal(1600))).exp()


def _sigmoid(z: Decimal) -> Decimal:
    return (1 if z >= 0 else _decay(z)) / (1 + _decay(z))


def _sigmoid_prime(z: Decimal) -> Decimal:
    return _decay(z) / (1 + _decay(z)) ** 2


def _tanh(x: Decimal) -> Decimal:
    return ((1 - _decay(2 * x)) / (1 + _decay(2 * x))).copy_sign(x)


def _softplus(x: Decimal) -> Decimal:
    return max(x, Decimal(0)) + (1 + _decay(x)).ln()


#: Function and derivative of each, of a Decimal.
EXACT = {
    "sigmoid": (_sigmoid, _sigmoid_prime),
    "sigmoid_prime": (_sigmoid_prime, lambda z: -_tanh(z / 2) * _sigmoid_prime(z)),
    "tanh": (_tanh, lambda x: 4 * _sigmoid_prime(2 * x)),
    "tanh_prime": (
        lambda x: 4 * _sigmoid_prime(2 * x),
        lambda x: -8 * _tanh(x) * _sigmoid_prime(2 * x),
    ),
    "softplus": (_softplus, _sigmoid),
    "log_sigmoid": (lambda z: -_softplus(-z), lambda z: _sigmoid(-z)),
}


def ulps(got: np.floating, function: Callable[[Decimal], Decimal], x: np.floating) -> float:
    """Distance of ``got`` from ``function(x)`` in units of the last place."""
    number = Decimal(float(x))
    with decimal.localcontext() as context:
        context.prec = _digits(number)
        wanted = function(number)
        # Below the number, where the spacing of the largest float would overflow.
        unit = np.spacing(np.nextafter(np.abs(type(x)(float(wanted))), type(x)(0)))
        return float(abs(Decimal(float(got)) - wanted) / Decimal(float(unit)))
